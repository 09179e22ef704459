/*
 * cmd_store.c - STORE (RFC 3501, 6.4.6; RFC 7162, 3.1.3)
 *
 * $Forwarded is the letter P of file names. \Recent cannot be stored and is
 * passed over.
 */

#include <inttypes.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/why.h"
#include "imapd/limit.h"
#include "imapd/numbers.h"
#include "imapd/reply.h"
#include "imapd/rights.h"
#include "imapd/session.h"
#include "imapd/sync.h"
#include "mailbox/flags.h"
#include "mailbox/view.h"
#include "wire/imap_parse.h"

struct store {
	struct view_change change;
	struct imap_flags flags;
	bool silent;
	uint64_t *told; /* each one's sequence as the client knows it */
	uint32_t lowest; /* UID, when the limit has cut it short */
};

/* [SP "(UNCHANGEDSINCE n)"] SP ["+" / "-"] "FLAGS" [".SILENT"] SP flags */
static bool
parse(struct session *s, struct span *args, struct store *out)
{
	if (!imap_space(args))
		return false;
	out->change.unchanged_since = UINT64_MAX;
	if (imap_char(args, '(')) {
		if (!imap_is_word(args, "UNCHANGEDSINCE") ||
		    !imap_space(args) ||
		    !imap_number64(args, &out->change.unchanged_since) ||
		    !imap_char(args, ')') || !imap_space(args))
			return false;
		sync_condstore(s);
	}
	out->change.op = VIEW_SET;
	if (imap_char(args, '+'))
		out->change.op = VIEW_ADD;
	else if (imap_char(args, '-'))
		out->change.op = VIEW_REMOVE;
	out->silent = imap_is_word(args, "FLAGS.SILENT");
	if (!out->silent && !imap_is_word(args, "FLAGS"))
		return false;
	return imap_space(args) &&
	    session_flag_list(s, args, true, &out->flags) && imap_end(*args);
}

static void
take_flags(struct store *st)
{
	struct view_change *c = &st->change;
	size_t kept = 0;

	c->flags = reply_file_flags(st->flags.system);
	for (size_t i = 0; i < st->flags.count; i++) {
		if (span_iis(st->flags.keywords[i], "$Forwarded")) {
			c->flags |= FLAG_PASSED;
			if (c->op != VIEW_REMOVE)
				continue; /* one of both will do */
		}
		st->flags.keywords[kept++] = st->flags.keywords[i];
	}
	c->keywords = st->flags.keywords;
	c->keyword_count = kept;
}

/* What may not be changed is left as it is; a client is told NO when nothing of
 * what it names may be (RFC 4314, 4). */
static bool
narrow(const struct session *s, struct view_change *c)
{
	unsigned may = rights_flags(s->rights);
	bool keywords = (s->rights & ACL_WRITE) != 0;
	bool named = c->flags != 0 || c->keyword_count > 0;

	c->flags &= may;
	c->keep_flags = ~may;
	c->keep_keywords = !keywords;
	if (!keywords)
		c->keyword_count = 0;
	return (s->rights & RIGHTS_FLAGS) != 0 &&
	    (!named || c->flags != 0 || c->keyword_count > 0);
}

static void
put_modseq(struct session *s, size_t i)
{
	const struct msg *m = view_at(s->view, i);
	struct buf line = BUF_EMPTY;

	sync_put_fetch(s, &line, i);
	if ((s->enabled & ENABLED_UIDONLY) == 0)
		buf_printf(&line, "UID %" PRIu32 " ", m->uid);
	buf_printf(&line, "MODSEQ (%" PRIu64 "))\r\n", m->modseq);
	stream_put(s->io, buf_span(&line));
	buf_free(&line);
}

/* Answers for each message named, not only for those that changed: the client
 * asked for them; with .SILENT only the new MODSEQ is told, unless others have
 * changed the message too (RFC 3501, 6.4.6). True: all are there. */
static bool
tell(struct session *s, const struct numbers *n, const struct store *st)
{
	bool all = true;
	size_t at;

	for (size_t i = 0; i < n->count; i++) {
		const struct msg *m = view_at(s->view, n->list[i]);

		at = n->list[i];
		all = all && (m->bits & MSG_GONE) == 0;
		if ((m->bits & (MSG_GONE | MSG_MARK)) != 0)
			continue;
		if ((m->bits & MSG_NEWS) != 0)
			(void)view_next_news(s->view, &at);
		if (!st->silent || st->told[i] != st->change.had[i])
			sync_put_flags(s, n->list[i]);
		else if ((s->enabled & ENABLED_CONDSTORE) != 0)
			put_modseq(s, n->list[i]);
	}
	return all;
}

/* MODIFIED names those that were left because they are newer. */
static void
put_modified(struct session *s, const struct numbers *n, struct buf *code)
{
	struct imap_set_writer w = { .any = false };

	for (size_t i = 0; i < n->count; i++) {
		const struct msg *m = view_at(s->view, n->list[i]);

		if ((m->bits & MSG_MARK) != 0)
			imap_put_set(
			    code, &w, s->uid ? m->uid : n->list[i] + 1);
	}
	imap_put_set_end(code, &w);
}

static void
answer(struct session *s, const struct numbers *n, const struct store *st)
{
	struct buf code = BUF_EMPTY, modified = BUF_EMPTY;

	bool all;

	put_modified(s, n, &modified);
	if (modified.n > 0)
		buf_printf(&code, "MODIFIED %s", buf_str(&modified));
	sync_put_keywords(s);
	all = tell(s, n, st);
	sync_tell(s, s->uid);
	/* RFC 2180, 4.2.2 and 4.2.3; RFC 7162, example 11 */
	if (!all && !st->silent && !s->uid)
		reply_no(s, modified.n > 0 ? buf_str(&code) : "EXPUNGEISSUED",
		    REPLY_EXPUNGED);
	else if (modified.n > 0)
		limit_reply_ok(s, st->lowest, buf_str(&code),
		    "Conditional store failed for some");
	else
		limit_reply_ok(s, st->lowest, NULL, "Store completed");
	buf_free(&code);
	buf_free(&modified);
}

static void
remember(struct session *s, const struct numbers *n, struct store *st)
{
	st->told = arena_array(s->a, n->count, sizeof(*st->told));
	st->change.had = arena_array(s->a, n->count, sizeof(*st->told));
	for (size_t i = 0; i < n->count; i++)
		st->told[i] = st->change.had[i] =
		    view_at(s->view, n->list[i])->modseq;
}

static void
store(struct session *s, struct numbers *n, struct store *st)
{
	struct why why;

	take_flags(st);
	if (!narrow(s, &st->change)) {
		reply_no(s, "NOPERM", "You may not change those flags");
		return;
	}
	st->lowest = limit_cut(s, n);
	if (st->silent)
		remember(s, n, st);
	why_init(&why);
	if (n->count > 0 &&
	    view_store(s->view, n->list, n->count, &st->change, &why) == -1) {
		log_warning("%s", why_text(&why));
		sync_tell_known(s, false);
		if (view_is_lost(s->view))
			reply_bye(s, "The selected mailbox is gone");
		reply_trouble(s, &why);
	} else {
		answer(s, n, st);
	}
	why_free(&why);
}

void
cmd_store(struct session *s, struct span args)
{
	struct numbers n;
	struct store st = { .told = NULL };

	if (!numbers_take(s, &args, &n))
		return;
	if (!parse(s, &args, &st))
		reply_bad(s, "STORE wants an item and flags");
	else if (view_read_only(s->view))
		reply_no(s, NULL, "The mailbox is selected read-only");
	else
		store(s, &n, &st);
	numbers_free(&n);
}
