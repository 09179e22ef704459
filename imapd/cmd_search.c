/*
 * cmd_search.c - SEARCH (RFC 3501, 6.4.4; RFC 4731; RFC 5182; RFC 9394)
 */

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/context.h"
#include "imapd/limit.h"
#include "imapd/reply.h"
#include "imapd/saved.h"
#include "imapd/search.h"
#include "imapd/session.h"
#include "imapd/sync.h"
#include "mailbox/view.h"
#include "message/date.h"
#include "wire/imap_parse.h"

bool
search_places(struct search *q, struct span args, struct numbers *out)
{
	struct session *s = q->s;
	struct span charset;

	if (!imap_space(&args) || !imap_astring(s->a, &args, &charset) ||
	    !imap_space(&args)) {
		reply_bad(s, "A charset and keys are wanted");
		return false;
	}
	if (!span_iis(charset, "UTF-8") && !span_iis(charset, "US-ASCII")) {
		reply_no(s, "BADCHARSET (US-ASCII UTF-8)",
		    "The charset is not known here");
		return false;
	}
	if (imap_search_parse(s->a, &args, date_parse_day, &q->asked) !=
		IMAP_SEARCH_OK ||
	    q->asked.has_return || q->asked.has_charset) {
		reply_bad(s, "Keys that make no sense");
		return false;
	}
	if (search_has_numbers(q)) {
		reply_uid_required(s);
		return false;
	}
	if (q->asked.modseq)
		sync_condstore(s);
	search_prepare(q);
	search_run(q, out);
	if (q->lowest == 0)
		return true;
	numbers_free(out);
	limit_refuse(s);
	return false;
}

/* The messages that are told: all, or those at the ends and of the page that
 * was asked for. COUNT speaks of all (RFC 4731, 3.2; RFC 5182, 2.4; RFC 9394,
 * 3.2). */
static bool
is_told(const struct imap_search *a, const struct numbers *n, size_t i)
{
	size_t begin = 0, end = 0;

	if (a->all || a->count_wanted || !(a->min || a->max || a->has_partial))
		return true;
	if (a->has_partial)
		imap_partial_of(&a->partial, n->count, &begin, &end);
	return (a->min && i == 0) || (a->max && i == n->count - 1) ||
	    (i >= begin && i < end);
}

void
search_save(struct search *q, const struct numbers *n)
{
	uint32_t *at = mem_array(n->count + 1, sizeof(*at));
	size_t count = 0;

	for (size_t i = 0; i < n->count; i++)
		if (is_told(&q->asked, n, i))
			at[count++] = n->list[i];
	saved_keep(q->s, at, count);
	free(at);
}

uint64_t
search_told_modseq(const struct session *s, const struct imap_search *a,
    const struct numbers *n)
{
	uint64_t modseq = 0;

	for (size_t i = 0; i < n->count; i++) {
		const struct msg *m = view_at(s->view, n->list[i]);

		if (m->modseq > modseq && is_told(a, n, i))
			modseq = m->modseq;
	}
	return modseq;
}

/* Places become what is told. */
static void
tell_as(struct search *q, struct numbers *n, struct found *out)
{
	if (q->asked.save)
		search_save(q, n);
	if (q->asked.modseq)
		out->modseq = search_told_modseq(q->s, &q->asked, n);
	out->list = n->list;
	out->count = n->count;
	out->uids = q->s->uid;
	for (size_t i = 0; i < n->count; i++)
		out->list[i] = search_number(q->s, n->list[i]);
}

void
search_put_plain(const char *word, const struct imap_search *a,
    const struct found *found, struct buf *out)
{
	buf_printf(out, "* %s", word);
	for (size_t i = 0; i < found->count; i++) {
		buf_add_byte(out, ' ');
		buf_add_number(out, found->list[i]);
	}
	if (a->modseq && found->count > 0)
		buf_printf(out, " (MODSEQ %" PRIu64 ")", found->modseq);
}

/* PARTIAL (range numbers), of no numbers NIL. 4:2 is told as 2:4, which is the
 * same (RFC 5267, 6). */
static void
put_page(
    const struct imap_search *a, const struct found *found, struct buf *out)
{
	const struct imap_partial *page = &a->partial;
	const char *sign = page->from_end ? "-" : "";
	struct imap_set_writer w = { .any = false };
	size_t begin, end;

	imap_partial_of(page, found->count, &begin, &end);
	buf_printf(out, " PARTIAL (%s%" PRIu32 ":%s%" PRIu32 " ", sign,
	    page->first, sign, page->last);
	if (begin == end)
		buf_add_str(out, "NIL");
	for (size_t i = begin; i < end; i++)
		imap_put_set(out, &w, found->list[i]);
	imap_put_set_end(out, &w);
	buf_add_byte(out, ')');
}

void
search_put(const struct session *s, const struct imap_search *a,
    const struct found *found, struct buf *out)
{
	struct imap_set_writer w = { .any = false };

	buf_add_str(out, "* ESEARCH (TAG ");
	imap_put_string(out, s->tag);
	if (found->mailbox.n > 0) {
		buf_add_str(out, " MAILBOX ");
		reply_put_mailbox(s, out, found->mailbox);
		buf_printf(out, " UIDVALIDITY %" PRIu32, found->validity);
	}
	buf_add_byte(out, ')');
	if (found->uids)
		buf_add_str(out, " UID");
	if (a->min && found->count > 0)
		buf_printf(out, " MIN %" PRIu32, found->list[0]);
	if (a->max && found->count > 0)
		buf_printf(out, " MAX %" PRIu32, found->list[found->count - 1]);
	if (a->all && found->count > 0) {
		buf_add_str(out, " ALL ");
		for (size_t i = 0; i < found->count; i++)
			imap_put_set(out, &w, found->list[i]);
		imap_put_set_end(out, &w);
	}
	if (a->has_partial)
		put_page(a, found, out);
	if (a->count_wanted)
		buf_printf(out, " COUNT %zu", found->count);
	if (a->modseq && found->count > 0)
		buf_printf(out, " MODSEQ %" PRIu64, found->modseq);
}

bool
search_saves_only(const struct imap_search *a)
{
	return a->save &&
	    !(a->min || a->max || a->all || a->count_wanted || a->has_partial);
}

static void
tell_found(struct search *q, struct found *found)
{
	struct buf out = BUF_EMPTY;

	if (q->asked.has_return)
		search_put(q->s, &q->asked, found, &out);
	else
		search_put_plain("SEARCH", &q->asked, found, &out);
	buf_add_str(&out, "\r\n");
	if (!search_saves_only(&q->asked))
		stream_put(q->s->io, buf_span(&out));
	buf_free(&out);
}

static void
search(struct search *q)
{
	struct session *s = q->s;
	struct context_new update = { .fetch = q->asked.fetch };
	struct found found = { .list = NULL };
	struct numbers n;

	/* one form of answer only (RFC 9051, 6.4.4) */
	if ((s->enabled & ENABLED_REV2) != 0 && !q->asked.has_return)
		q->asked.has_return = q->asked.all = true;
	if (q->asked.modseq)
		sync_condstore(s);
	search_run(q, &n);
	update.keys = q->raw;
	update.found = &n;
	if (q->asked.update)
		context_add(s, &update);
	tell_as(q, &n, &found);
	tell_found(q, &found);
	numbers_free(&n);
	if (q->asked.update)
		context_answer(s, &update);
	sync_tell(s, s->uid);
	limit_reply_ok(s, q->lowest, NULL, "Search completed");
}

/* Keys that can be understood but not be asked. */
static bool
may_be_asked(struct search *q)
{
	struct session *s = q->s;

	if (search_has_numbers(q))
		reply_uid_required(s);
	/* all is UTF-8 (RFC 6855, 3) */
	else if (q->asked.has_charset && (s->enabled & ENABLED_UTF8) != 0)
		reply_bad(s, "No charset is wanted here");
	else if (q->asked.update && context_known(s))
		reply_bad(s, "Tag reuse");
	else
		return true;
	return false;
}

void
cmd_search(struct session *s, struct span args)
{
	struct search q;

	if (!imap_space(&args)) {
		reply_bad(s, "SEARCH wants keys");
		return;
	}
	search_begin(&q, s);
	switch (imap_search_parse(s->a, &args, date_parse_day, &q.asked)) {
	case IMAP_SEARCH_BAD:
		reply_bad(s, "Keys of SEARCH that make no sense");
		break;
	case IMAP_SEARCH_CHARSET:
		if (q.asked.save)
			saved_forget(s);
		reply_no(s, "BADCHARSET (US-ASCII UTF-8)",
		    "The charset is not known here");
		break;
	case IMAP_SEARCH_OK:
		if (!may_be_asked(&q))
			break;
		q.keeps_raw = q.asked.update;
		search_prepare(&q);
		search(&q);
		break;
	}
	search_end(&q);
}
