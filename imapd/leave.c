/*
 * leave.c - UNAUTHENTICATE (RFC 8437)
 *
 * This process has become its user and cannot become another's: the client goes
 * back to login by the socket for parking, with what it sent behind the
 * command, and we end. OK is said before that, so what goes wrong then is told
 * by BYE, as section 3 has it. TLS is login's and stays as it is; a layer of
 * COMPRESS ends behind our OK and the client's command.
 */

#include "imapd/leave.h"

#include "base/buf.h"
#include "calls/park_call.h"
#include "imapd/park.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "ipc/packet.h"
#include "os/clock.h"
#include "wire/imap_parse.h"

enum { UNDER_WAY_MS = 10000 };

bool
leave_can(const struct session *s)
{
	return s->start->park != -1 && !s->no_park;
}

static bool
offer(struct session *s)
{
	struct packet_out o = { .fd_count = 0 };
	struct park_leave l = { .received = stream_received(s->io),
		.input = stream_input(s->io),
		.client = s->start->direct ? s->start->in : -1 };
	bool sent;

	park_leave_put(&o, &l);
	sent = packet_send(s->start->park, &o) == 0;
	packet_done(&o);
	return sent && park_answered(s);
}

/* login passes nothing on any more from the first offer on, and takes the
 * client once we have all that it had passed. */
static bool
leave(struct session *s)
{
	int64_t until = clock_ms() + UNDER_WAY_MS;

	while (stream_input(s->io).n <= PARK_INPUT_MAX) {
		if (offer(s))
			return true;
		if (s->start->direct || s->no_park ||
		    stream_wait(s->io, -1, until) != STREAM_DATA)
			break;
	}
	return false;
}

void
cmd_unauthenticate(struct session *s, struct span args)
{
	if (!session_args_end(s, args))
		return;
	if (!leave_can(s)) {
		reply_bad(s, "Unknown command here");
		return;
	}
	reply_ok(s, NULL, "Unauthenticated");
	if (stream_uncompress(s->io) && leave(s))
		s->state = STATE_LOGOUT;
	else
		reply_bye(s, "Please connect again");
}
