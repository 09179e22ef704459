/*
 * leave.c - clients that are to log in anew (UNAUTHENTICATE, RFC 8437)
 *
 * Their imapd cannot serve another user, so it gives them back and ends. It is
 * its user's, and may say anything: what it brings is taken for a stranger that
 * connects, whose address the kernel tells, or the load balancer has told of
 * just this connection.
 */

#include <unistd.h>

#include "calls/park_call.h"
#include "login/login.h"
#include "login/relay.h"
#include "os/file.h"
#include "tls/conn.h"

/* Octets that are on their way to the imapd would be lost: it reads them and
 * offers again, and meanwhile no more follow. */
static bool
is_whole(const struct relay *r, const struct park_leave *l)
{
	if (r->outer == NULL)
		return l->client != -1 && park_client_good(l->client);
	conn_pause(r->outer, true);
	return l->client == -1 && r->passed == l->received;
}

void
leave_offered(struct relay *r, const struct park_leave *l)
{
	int client = l->client;
	bool good = r->state == RELAY_ON && is_whole(r, l);

	if (!park_answer(r, good) || !good) {
		file_close(&client);
		return;
	}
	park_close(r);
	buf_add_span(&r->left, l->input);
	if (r->outer != NULL) {
		relay_outlive(r, RELAY_LEAVING);
		return;
	}
	relay_take(r, client);
	leave_begin(r);
}

void
leave_begin(struct relay *r)
{
	struct conn *outer = r->outer;
	struct balanced *via = r->via;

	r->outer = NULL;
	r->via = NULL;
	session_return(r->login, &outer, buf_span(&r->left), via);
	relay_free(r);
}
