/*
 * share.c - an imapd asks about folders that users share
 *
 * We pass questions on to auth and answers back. For a visit we make the socket
 * pair between the two imapd; the other end of what the owner's imapd has for
 * us is listened to like that of any session that was given away whole.
 */

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "calls/share_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "login/login.h"
#include "login/relay.h"
#include "os/file.h"
#include "os/sock.h"

/* One question of one imapd; it waits for the answer. */
struct share {
	struct channel_call *asking;
	int visit, park; /* our ends, of a visit; else -1 */
};

void
share_done(struct relay *r)
{
	struct share *sh = r->share;

	if (sh == NULL)
		return;
	channel_cancel(&sh->asking);
	file_close(&sh->visit);
	file_close(&sh->park);
	free(sh);
	r->share = NULL;
}

/* False: the imapd cannot be answered, its socket is of no more use. */
static bool
answer(struct relay *r, const struct share_answer *a)
{
	struct packet_out o = { .fd_count = 0 };
	bool sent;

	share_answer_put(&o, 0, a);
	sent = packet_send(r->park_fd, &o) == 0;
	packet_done(&o);
	return sent;
}

static void
answered(void *arg, struct packet_in *in)
{
	struct relay *r = arg;
	struct share *sh = r->share;
	struct login *l = r->login;
	struct share_answer a;
	int none = -1;
	struct conn *no_client = NULL;

	sh->asking = NULL;
	if (in == NULL || !share_answer_get(in, &a))
		a = (struct share_answer){ .verdict = AUTH_TROUBLE,
			.text = SPAN("auth is not available"),
			.fd = -1 };
	file_close(&a.fd); /* auth has none for us */
	if (a.verdict == AUTH_OK)
		a.fd = sh->visit;
	/* what is not taken finds the socket's end, and ends */
	if (answer(r, &a) && a.verdict == AUTH_OK && sh->park != -1) {
		none = sh->park;
		sh->park = -1;
	}
	share_done(r);
	if (none != -1)
		relay_start(l, &no_client, -1, none, NULL);
}

/* The pairs of a visit; the far ends are in ask. */
static bool
pairs(struct share *sh, struct share_ask *ask)
{
	int visit[2], park[2];

	if (sock_pair(SOCK_STREAM, true, visit) == -1)
		return false;
	sh->visit = visit[0];
	ask->fd = visit[1];
	if (sock_pair(SOCK_SEQPACKET, true, park) == -1)
		return false;
	sh->park = park[0];
	ask->park = park[1];
	return true;
}

bool
share_heard(struct relay *r, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	const struct share_answer trouble = { .verdict = AUTH_TROUBLE,
		.text = SPAN("no descriptors are left"),
		.fd = -1 };
	struct share_ask ask;
	bool good = true;

	if (!share_ask_get(in, &ask))
		return false;
	/* an imapd asks one thing at a time, and has no descriptors for us */
	if (r->share != NULL || ask.fd != -1) {
		file_close(&ask.fd);
		file_close(&ask.park);
		return false;
	}
	r->share = mem_new(sizeof(*r->share));
	r->share->visit = r->share->park = -1;
	if (ask.kind == SHARE_VISIT && !pairs(r->share, &ask)) {
		share_done(r);
		good = answer(r, &trouble);
	} else {
		share_ask_put(&o, &ask);
		r->share->asking = channel_ask(r->login->auth, &o, answered, r);
		packet_done(&o);
	}
	file_close(&ask.fd);
	file_close(&ask.park);
	return good;
}
