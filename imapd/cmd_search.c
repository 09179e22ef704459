/*
 * cmd_search.c - SEARCH (RFC 3501, 6.4.4; RFC 4731; RFC 5032; RFC 7162, 3.1.5)
 *
 * Flags, numbers and dates are asked of the index; only header and text keys
 * open the message, and only when what stood before them left it open.
 */

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/body.h"
#include "imapd/match.h"
#include "imapd/objectid.h"
#include "imapd/recall.h"
#include "imapd/reply.h"
#include "imapd/saved.h"
#include "imapd/search.h"
#include "imapd/session.h"
#include "imapd/sync.h"
#include "mailbox/flags.h"
#include "mailbox/view.h"
#include "message/date.h"
#include "message/encode.h"
#include "message/header.h"
#include "os/clock.h"
#include "wire/imap_parse.h"
#include "wire/imap_search.h"

enum {
	TEXT_MOST = 8 << 20 /* decoded text of a message that is looked at */
};

struct search {
	struct session *s;
	struct imap_search asked;
	size_t i; /* the message asked about */
	struct buf text; /* of it, for several keys */
	bool has_text;
	struct why why;
};

static bool
in_set(const struct imap_set *set, uint32_t n)
{
	size_t low = 0, high = set->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (set->list[mid].last < n)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->count && set->list[low].first <= n;
}

static bool
keyword_set(const struct search *q, const struct msg *m, struct span name)
{
	int at = keywords_find(view_keywords(q->s->view), name);

	if (span_iis(name, "$Forwarded") && (m->flags & FLAG_PASSED) != 0)
		return true;
	return at != -1 && kwset_has(&m->kw, (size_t)at);
}

static bool
flags_match(const struct search *q, const struct msg *m,
    const struct imap_search_step *step)
{
	bool recent = view_recent(q->s->view, q->i);
	unsigned want = reply_file_flags(step->flags);
	unsigned without = reply_file_flags(step->without);

	if ((step->flags & IMAP_RECENT) != 0 && !recent)
		return false;
	if ((step->without & IMAP_RECENT) != 0 && recent)
		return false;
	return (m->flags & want) == want && (m->flags & without) == 0;
}

/* The day in the zone of this machine: the client has no say in it. */
static int64_t
local_day(int64_t time)
{
	struct date d = { .time = time, .zone = date_local_zone(time) };

	return date_day(&d);
}

static bool
date_match(struct search *q, const struct imap_search_step *step)
{
	int64_t time, day;

	if (view_date(q->s->view, q->i, &time, &q->why) == -1)
		return false;
	day = local_day(time);
	if (step->kind == SEARCH_BEFORE)
		return day < step->day;
	return step->kind == SEARCH_ON ? day == step->day : day >= step->day;
}

/* What has no such date has its INTERNALDATE instead (RFC 8514, 4.2). */
static bool
saved_match(struct search *q, const struct imap_search_step *step)
{
	int64_t time = view_at(q->s->view, q->i)->saved, day;

	if (time == 0 && view_date(q->s->view, q->i, &time, &q->why) == -1)
		return false;
	day = local_day(time);
	if (step->kind == SEARCH_SAVEDBEFORE)
		return day < step->day;
	return step->kind == SEARCH_SAVEDON ? day == step->day
					    : day >= step->day;
}

static bool
age_match(struct search *q, const struct imap_search_step *step)
{
	int64_t date, age;

	if (view_date(q->s->view, q->i, &date, &q->why) == -1)
		return false;
	age = clock_wall() - date;
	if (age < 0)
		age = 0;
	return step->kind == SEARCH_OLDER ? (uint64_t)age >= step->number
					  : (uint64_t)age <= step->number;
}

static bool
size_match(struct search *q, const struct imap_search_step *step)
{
	uint64_t size;

	if (view_wire_size(q->s->view, q->i, &size, &q->why) == -1)
		return false;
	return step->kind == SEARCH_LARGER ? size > step->number
					   : size < step->number;
}

/* The header, or the part of it that is kept when that has the field. */
static bool
header_of(struct search *q, struct span field, struct span *out)
{
	struct body *b;

	if (recall_keeps_field(field))
		return recall_fields(q->s, q->i, out, &q->why) == 0;
	b = body_open(q->s, q->i, &q->why);
	return b != NULL && body_header(b, out, &q->why) == 0;
}

static bool
sent_match(struct search *q, const struct imap_search_step *step)
{
	struct header_field f;
	struct span header;
	struct date d;
	int64_t day;

	if (!header_of(q, SPAN("Date"), &header) ||
	    !header_find(header, "Date", &f) || !date_parse(f.value, &d))
		return false;
	day = date_day(&d);
	if (step->kind == SEARCH_SENTBEFORE)
		return day < step->day;
	return step->kind == SEARCH_SENTON ? day == step->day
					   : day >= step->day;
}

static bool
field_match(struct span value, struct span needle)
{
	struct buf decoded = BUF_EMPTY;
	bool found;

	if (needle.n == 0)
		return true;
	encode_words_decode(&decoded, value);
	found = match_find(buf_span(&decoded), needle);
	buf_free(&decoded);
	return found;
}

/* field empty: any. */
static bool
header_match(struct search *q, struct span field, struct span needle)
{
	struct header_field f;
	struct span header;

	if (!header_of(q, field, &header))
		return false;
	while (header_next(&header, &f))
		if ((field.n == 0 || span_ieq(span_trim(f.name), field)) &&
		    field_match(field.n == 0 ? f.all : f.value, needle))
			return true;
	return false;
}

static bool
text_match(struct search *q, struct span needle)
{
	struct buf raw = BUF_EMPTY;
	struct body *b;

	if (!q->has_text) {
		b = body_open(q->s, q->i, &q->why);
		if (b == NULL || body_text(b, TEXT_MOST, &raw, &q->why) == -1) {
			buf_free(&raw);
			return false;
		}
		buf_clear(&q->text);
		match_fold(&q->text, buf_span(&raw));
		q->has_text = true;
		buf_free(&raw);
	}
	return needle.n == 0 ||
	    span_search(buf_span(&q->text), needle) < q->text.n;
}

static bool
leaf(void *arg, const struct imap_search_step *step)
{
	struct search *q = arg;
	const struct msg *m = view_at(q->s->view, q->i);

	switch (step->kind) {
	case SEARCH_FLAG:
		return flags_match(q, m, step);
	case SEARCH_KEYWORD:
		return keyword_set(q, m, step->text);
	case SEARCH_SEQ:
		return in_set(&step->set, (uint32_t)q->i + 1);
	case SEARCH_UID:
		return in_set(&step->set, m->uid);
	case SEARCH_BEFORE:
	case SEARCH_ON:
	case SEARCH_SINCE:
		return date_match(q, step);
	case SEARCH_SAVEDBEFORE:
	case SEARCH_SAVEDON:
	case SEARCH_SAVEDSINCE:
		return saved_match(q, step);
	case SEARCH_SENTBEFORE:
	case SEARCH_SENTON:
	case SEARCH_SENTSINCE:
		return sent_match(q, step);
	case SEARCH_LARGER:
	case SEARCH_SMALLER:
		return size_match(q, step);
	case SEARCH_OLDER:
	case SEARCH_YOUNGER:
		return age_match(q, step);
	case SEARCH_MODSEQ:
		return m->modseq >= step->number;
	case SEARCH_EMAILID:
	case SEARCH_THREADID:
		return objectid_matches(
		    q->s, q->i, step->kind == SEARCH_THREADID, step->text);
	case SEARCH_HEADER:
		return header_match(q, step->field, step->text);
	case SEARCH_BODY:
		return text_match(q, step->text);
	case SEARCH_TEXT:
		return header_match(q, span_of(NULL, 0), step->text) ||
		    text_match(q, step->text);
	case SEARCH_IF_FALSE:
	case SEARCH_IF_TRUE:
	case SEARCH_NOT:
	case SEARCH_ALL:
		break;
	}
	return true;
}

/* Some key names messages by number, which the client has forsworn. */
static bool
has_numbers(const struct search *q)
{
	if ((q->s->enabled & ENABLED_UIDONLY) == 0)
		return false;
	for (size_t i = 0; i < q->asked.count; i++)
		if (q->asked.steps[i].kind == SEARCH_SEQ &&
		    !q->asked.steps[i].set.saved)
			return true;
	return false;
}

/* Sets as numbers, texts folded, once. */
static void
prepare(struct search *q)
{
	size_t count = view_count(q->s->view);
	uint32_t last = count == 0 ? 0 : view_at(q->s->view, count - 1)->uid;

	for (size_t i = 0; i < q->asked.count; i++) {
		struct imap_search_step *step = &q->asked.steps[i];
		struct buf folded = BUF_EMPTY;

		if (step->set.saved) {
			saved_set(q->s, &step->set);
			step->kind = SEARCH_UID;
		} else if (step->kind == SEARCH_UID)
			imap_set_resolve(&step->set, last);
		else if (step->kind == SEARCH_SEQ)
			imap_set_resolve(&step->set, (uint32_t)count);
		else if (step->kind == SEARCH_HEADER ||
		    step->kind == SEARCH_BODY || step->kind == SEARCH_TEXT) {
			match_fold(&folded, step->text);
			step->text = arena_span(q->s->a, buf_span(&folded));
		}
		buf_free(&folded);
	}
}

/* A client that sees nothing for long gives up (RFC 9585). */
static void
tell_progress(const struct search *q, int64_t *at)
{
	struct buf tag = BUF_EMPTY;

	if (q->s->conf->progress_ms == 0 || clock_ms() < *at)
		return;
	*at = clock_ms() + q->s->conf->progress_ms;
	imap_put_string(&tag, q->s->tag);
	stream_printf(q->s->io,
	    "* OK [INPROGRESS (%s %zu %zu)] Still searching\r\n", buf_str(&tag),
	    q->i, view_count(q->s->view));
	stream_flush(q->s->io);
	buf_free(&tag);
}

static void
run(struct search *q, struct numbers *out)
{
	size_t count = view_count(q->s->view);
	int64_t tell_at = clock_ms() + q->s->conf->progress_ms;

	*out = (struct numbers){ .list =
				     mem_array(count + 1, sizeof(*out->list)) };
	for (q->i = 0; q->i < count; q->i++) {
		q->has_text = false;
		tell_progress(q, &tell_at);
		if ((view_at(q->s->view, q->i)->bits & MSG_GONE) == 0 &&
		    imap_search_run(&q->asked, leaf, q))
			out->list[out->count++] = (uint32_t)q->i;
		if (stream_failed(q->s->io))
			break;
	}
}

bool
search_places(struct session *s, struct span args, struct numbers *out)
{
	struct search q = { .s = s };
	struct span charset;
	bool ok = false;

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
	why_init(&q.why);
	if (imap_search_parse(s->a, &args, date_parse_day, &q.asked) !=
		IMAP_SEARCH_OK ||
	    q.asked.has_return) {
		reply_bad(s, "Keys that make no sense");
	} else if (has_numbers(&q)) {
		reply_uid_required(s);
	} else {
		prepare(&q);
		run(&q, out);
		ok = true;
	}
	buf_free(&q.text);
	why_free(&q.why);
	return ok;
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

static void
save(struct search *q, const struct numbers *n)
{
	uint32_t *at = mem_array(n->count + 1, sizeof(*at));
	size_t count = 0;

	for (size_t i = 0; i < n->count; i++)
		if (is_told(&q->asked, n, i))
			at[count++] = n->list[i];
	saved_keep(q->s, at, count);
	free(at);
}

/* The greatest sequence of what is told (RFC 4731, 3.2). */
static uint64_t
told_modseq(const struct search *q, const struct numbers *n)
{
	uint64_t modseq = 0;

	for (size_t i = 0; i < n->count; i++) {
		const struct msg *m = view_at(q->s->view, n->list[i]);

		if (m->modseq > modseq && is_told(&q->asked, n, i))
			modseq = m->modseq;
	}
	return modseq;
}

static void
find(struct search *q, struct found *out)
{
	struct numbers n;

	run(q, &n);
	if (q->asked.save)
		save(q, &n);
	if (q->asked.modseq)
		out->modseq = told_modseq(q, &n);
	out->list = n.list;
	out->count = n.count;
	for (size_t i = 0; i < n.count; i++)
		out->list[i] = q->s->uid ? view_at(q->s->view, n.list[i])->uid
					 : n.list[i] + 1;
}

static void
put_plain(struct search *q, const struct found *found, struct buf *out)
{
	buf_add_str(out, "* SEARCH");
	for (size_t i = 0; i < found->count; i++) {
		buf_add_byte(out, ' ');
		buf_add_number(out, found->list[i]);
	}
	if (q->asked.modseq && found->count > 0)
		buf_printf(out, " (MODSEQ %" PRIu64 ")", found->modseq);
}

/* PARTIAL (range numbers), of no numbers NIL. */
static void
put_page(
    const struct imap_search *a, const struct found *found, struct buf *out)
{
	struct imap_set_writer w = { .any = false };
	size_t begin, end;

	imap_partial_of(&a->partial, found->count, &begin, &end);
	buf_add_str(out, " PARTIAL (");
	buf_add_span(out, a->partial.text);
	buf_add_byte(out, ' ');
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
	buf_add_byte(out, ')');
	if (s->uid)
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

/* With SAVE alone nothing is told (RFC 5182, 2.1). */
static bool
saves_only(const struct imap_search *a)
{
	return a->save &&
	    !(a->min || a->max || a->all || a->count_wanted || a->has_partial);
}

static void
search(struct search *q)
{
	struct found found = { .list = NULL };
	struct buf out = BUF_EMPTY;

	/* one form of answer only (RFC 9051, 6.4.4) */
	if ((q->s->enabled & ENABLED_REV2) != 0 && !q->asked.has_return)
		q->asked.has_return = q->asked.all = true;
	if (q->asked.modseq)
		sync_condstore(q->s);
	find(q, &found);
	if (q->asked.has_return)
		search_put(q->s, &q->asked, &found, &out);
	else
		put_plain(q, &found, &out);
	buf_add_str(&out, "\r\n");
	if (!saves_only(&q->asked))
		stream_put(q->s->io, buf_span(&out));
	buf_free(&out);
	free(found.list);
	sync_tell(q->s, q->s->uid);
	reply_ok(q->s, NULL, "Search completed");
}

void
cmd_search(struct session *s, struct span args)
{
	struct search q = { .s = s };

	if (!imap_space(&args)) {
		reply_bad(s, "SEARCH wants keys");
		return;
	}
	why_init(&q.why);
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
		if (has_numbers(&q)) {
			reply_uid_required(s);
			break;
		}
		/* all is UTF-8 (RFC 6855, 3) */
		if (q.asked.has_charset && (s->enabled & ENABLED_UTF8) != 0) {
			reply_bad(s, "No charset is wanted here");
			break;
		}
		prepare(&q);
		search(&q);
		break;
	}
	buf_free(&q.text);
	why_free(&q.why);
}
