/* deletions.c - messages that go, in the log: Courier's IMAP_LOG_DELETIONS */

#include "imapd/deletions.h"

#include "base/buf.h"
#include "base/log.h"
#include "imapd/guest.h"
#include "imapd/session.h"
#include "mailbox/maildir.h"
#include "mailbox/view.h"

enum { USER_MOST = 100, NAME_MOST = 600 };

static void
log_one(struct session *s, struct span name, const char *to)
{
	const struct imap_start *b = s->start;
	struct buf line = BUF_EMPTY;

	buf_add_str(&line, "EXPUNGED, user=");
	log_quote(&line, b->user, USER_MOST);
	if (guest_is(s)) {
		buf_add_str(&line, ", visitor=");
		log_quote(&line, b->visitor, USER_MOST);
	}
	buf_printf(&line,
	    ", ip=[%.*s], port=[%u], old_name=", (int)b->client_addr.n,
	    b->client_addr.p, b->client_port);
	log_quote(&line, name, NAME_MOST);
	if (to != NULL) {
		buf_add_str(&line, ", new_name=");
		log_quote(&line, span_str(to), NAME_MOST);
	}
	log_info("%s", buf_str(&line));
	buf_free(&line);
}

static void
removed(void *arg, struct span name)
{
	log_one(arg, name, NULL);
}

void
deletions_tell(struct session *s, struct view *v)
{
	if (s->conf->log_deletions && v != NULL)
		view_tell_removals(v, removed, s);
}

void
deletions_moved(struct session *s, struct view *v, const uint32_t *at, size_t n,
    const char *folder)
{
	struct buf name = BUF_EMPTY;

	for (size_t i = 0; s->conf->log_deletions && i < n; i++) {
		buf_clear(&name);
		view_path(v, at[i], &name);
		log_one(s, buf_span(&name), folder);
	}
	buf_free(&name);
}
