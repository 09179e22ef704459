/*
 * limit.c - how many messages one command works on (RFC 9738)
 *
 * A command that would take more works on those with the highest UIDs and says
 * how far it came, but where half of the work would be worse than none.
 */

#include "imapd/limit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imapd/numbers.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "mailbox/view.h"

enum { CODE_ROOM = 80 };

bool
limit_passed(const struct session *s, size_t n)
{
	return s->conf->message_most > 0 && n > s->conf->message_most;
}

uint32_t
limit_cut(const struct session *s, struct numbers *n)
{
	size_t over;

	if (!limit_passed(s, n->count))
		return 0;
	over = n->count - (size_t)s->conf->message_most;
	n->count -= over;
	memmove(n->list, n->list + over, n->count * sizeof(*n->list));
	return view_at(s->view, n->list[0])->uid;
}

void
limit_reply_ok(
    struct session *s, uint32_t lowest, const char *code, const char *text)
{
	char limit[CODE_ROOM];

	if (lowest == 0) {
		reply_ok(s, code, text);
		return;
	}
	snprintf(limit, sizeof(limit), "MESSAGELIMIT %" PRIu64 " %" PRIu32,
	    s->conf->message_most, lowest);
	if (code == NULL) {
		reply_ok(s, limit, "Done for a part of the messages");
		return;
	}
	stream_printf(
	    s->io, "* NO [%s] Done for a part of the messages\r\n", limit);
	reply_ok(s, code, text);
}

void
limit_refuse(struct session *s)
{
	char limit[CODE_ROOM];

	snprintf(limit, sizeof(limit), "MESSAGELIMIT %" PRIu64,
	    s->conf->message_most);
	reply_no(s, limit, "Too many messages for one command");
}
