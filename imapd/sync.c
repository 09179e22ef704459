/*
 * sync.c - telling the client what changed in the selected folder
 *
 * Numbers shift with each EXPUNGE, so those come first, and never while an
 * answer may still be under way that the client counts by numbers.
 */

#include "imapd/sync.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "base/why.h"
#include "imapd/context.h"
#include "imapd/notify.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "mailbox/view.h"
#include "wire/imap_notify.h"
#include "wire/imap_parse.h"

struct telling {
	struct session *s;
	struct buf vanished;
	struct imap_set_writer writer;
};

static void
tell_expunge(void *arg, size_t i, uint32_t uid)
{
	struct telling *t = arg;

	if ((t->s->enabled & (ENABLED_QRESYNC | ENABLED_UIDONLY)) != 0)
		imap_put_set(&t->vanished, &t->writer, uid);
	else
		stream_printf(t->s->io, "* %zu EXPUNGE\r\n", i + 1);
}

static void
tell_expunges(struct session *s)
{
	struct telling t = { .s = s };
	size_t had = view_count(s->view);

	view_purge(s->view, tell_expunge, &t);
	imap_put_set_end(&t.vanished, &t.writer);
	if (t.vanished.n > 0)
		stream_printf(s->io, "* VANISHED %s\r\n", buf_str(&t.vanished));
	buf_free(&t.vanished);
	s->told_exists -= had - view_count(s->view);
}

void
sync_put_counts(struct session *s)
{
	stream_printf(s->io, "* %zu EXISTS\r\n", view_count(s->view));
	if ((s->enabled & ENABLED_REV2) == 0)
		stream_printf(
		    s->io, "* %zu RECENT\r\n", view_recent_count(s->view));
}

static void
tell_counts(struct session *s)
{
	view_show(s->view);
	if (view_count(s->view) == s->told_exists)
		return;
	s->told_exists = view_count(s->view);
	sync_put_counts(s);
}

void
sync_put_keywords(struct session *s)
{
	struct buf all = BUF_EMPTY;

	if (keywords_count(view_keywords(s->view)) == s->told_keywords)
		return;
	s->told_keywords = keywords_count(view_keywords(s->view));
	reply_put_known_flags(s, &all);
	stream_printf(s->io, "* FLAGS (%s)\r\n", buf_str(&all));
	buf_free(&all);
	if (!view_read_only(s->view))
		reply_permanent_flags(s);
}

void
sync_put_fetch(const struct session *s, struct buf *out, size_t i)
{
	bool by_uid = (s->enabled & ENABLED_UIDONLY) != 0;

	buf_add_str(out, "* ");
	buf_add_number(out, by_uid ? view_at(s->view, i)->uid : i + 1);
	buf_add_str(out, by_uid ? " UIDFETCH (" : " FETCH (");
}

void
sync_put_flags(struct session *s, size_t i)
{
	const struct msg *m = view_at(s->view, i);
	struct buf line = BUF_EMPTY;

	sync_put_fetch(s, &line, i);
	/* RFC 7162, 3.2.4: also without QRESYNC */
	if ((s->uid || s->notify != NULL ||
		(s->enabled & (ENABLED_CONDSTORE | ENABLED_REV2)) != 0) &&
	    (s->enabled & ENABLED_UIDONLY) == 0)
		buf_printf(&line, "UID %" PRIu32 " ", m->uid);
	if ((s->enabled & ENABLED_CONDSTORE) != 0)
		buf_printf(&line, "MODSEQ (%" PRIu64 ") ", m->modseq);
	buf_add_str(&line, "FLAGS ");
	reply_put_flags(s, &line, m, view_recent(s->view, i));
	buf_add_str(&line, ")\r\n");
	stream_put(s->io, buf_span(&line));
	buf_free(&line);
}

void
sync_tell_known(struct session *s, bool expunges)
{
	unsigned wants = notify_wants(s);
	size_t i = 0, before;

	if (s->view == NULL)
		return;
	if (expunges && view_has_gone(s->view) &&
	    (wants & EVENT_MESSAGE_EXPUNGE) != 0) {
		context_tell_gone(s);
		tell_expunges(s);
	}
	before = view_count(s->view);
	if (view_has_more(s->view) && (wants & EVENT_MESSAGE_NEW) != 0)
		tell_counts(s);
	sync_put_keywords(s);
	while ((wants & EVENT_FLAG_CHANGE) != 0 && view_next_news(s->view, &i))
		sync_put_flags(s, i);
	context_tell_changes(s);
	if (view_count(s->view) > before)
		notify_new(s, before);
}

void
sync_tell(struct session *s, bool expunges)
{
	struct why why;

	if (s->view == NULL)
		return;
	why_init(&why);
	if (view_sync(s->view, &why) == -1) {
		log_warning("%s", why_text(&why));
		if (view_is_lost(s->view))
			reply_bye(s, "The selected mailbox is gone");
	}
	why_free(&why);
	if (s->state == STATE_SELECTED)
		sync_tell_known(s, expunges);
}

/* The highest of which nothing is kept back: an expunge that cannot be told yet
 * must be asked for again by a client that is cut off (RFC 7162, 5). */
static uint64_t
highest_told(const struct view *v)
{
	uint64_t highest = view_highest(v);

	for (size_t i = 0; view_has_gone(v) && i < view_count(v); i++) {
		const struct msg *m = view_at(v, i);

		if ((m->bits & MSG_GONE) != 0 && m->modseq <= highest)
			highest = m->modseq - 1;
	}
	return highest;
}

void
sync_condstore(struct session *s)
{
	if ((s->enabled & ENABLED_CONDSTORE) != 0)
		return;
	s->enabled |= ENABLED_CONDSTORE;
	if (s->view == NULL)
		return;
	sync_tell_known(s, false);
	stream_printf(s->io, "* OK [HIGHESTMODSEQ %" PRIu64 "] Highest\r\n",
	    highest_told(s->view));
}

const char *
sync_highest_code(const struct session *s, char *room)
{
	if ((s->enabled & ENABLED_CONDSTORE) == 0 || s->view == NULL)
		return NULL;
	snprintf(room, SYNC_CODE_ROOM, "HIGHESTMODSEQ %" PRIu64,
	    highest_told(s->view));
	return room;
}

void
sync_reset(struct session *s)
{
	s->told_exists = view_count(s->view);
	s->told_keywords = keywords_count(view_keywords(s->view));
}
