/*
 * search.c - which messages match search keys (RFC 3501, 6.4.4; RFC 5032; RFC
 * 7162, 3.1.5; RFC 8514; RFC 9738)
 *
 * Flags, numbers and dates are asked of the index; only header and text keys
 * open the message, and only when what stood before them left it open.
 */

#include "imapd/search.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/mem.h"
#include "imapd/body.h"
#include "imapd/limit.h"
#include "imapd/match.h"
#include "imapd/objectid.h"
#include "imapd/recall.h"
#include "imapd/reply.h"
#include "imapd/saved.h"
#include "imapd/session.h"
#include "mailbox/flags.h"
#include "mailbox/signature.h"
#include "mailbox/view.h"
#include "message/address.h"
#include "message/date.h"
#include "message/encode.h"
#include "message/header.h"
#include "os/clock.h"
#include "wire/imap_parse.h"

enum {
	TEXT_MOST = 8 << 20 /* decoded text of a message that is looked at */
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

/* The addresses without comments and quotes, as ENVELOPE has them (RFC 3501,
 * 6.4.4: FROM is a text in the envelope's field). */
static bool
envelope_match(struct span value, struct span needle)
{
	struct buf plain = BUF_EMPTY, decoded = BUF_EMPTY;
	struct address_list l;
	struct arena *a;
	bool found;

	if (span_find(value, '(') == value.n &&
	    span_find(value, '"') == value.n &&
	    span_find(value, '\\') == value.n)
		return false; /* nothing that field_match() has not seen */
	a = arena_new();
	address_list_parse(a, header_unfold_arena(a, value), &l);
	for (size_t i = 0; i < l.count; i++) {
		buf_clear(&decoded);
		encode_words_decode(&decoded, l.list[i].name);
		buf_add_span(&plain, buf_span(&decoded));
		if (l.list[i].kind != ADDRESS_MAILBOX)
			continue;
		buf_add_str(&plain, " <");
		buf_add_span(&plain, l.list[i].local);
		buf_add_str(&plain, "@");
		buf_add_span(&plain, l.list[i].domain);
		buf_add_str(&plain, ">, ");
	}
	found = match_find(buf_span(&plain), needle);
	buf_free(&plain);
	buf_free(&decoded);
	arena_free(&a);
	return found;
}

static bool
address_match(struct search *q, struct span field, struct span needle)
{
	struct header_field f;
	struct span header;

	if (!header_of(q, field, &header))
		return false;
	while (header_next(&header, &f))
		if (span_ieq(span_trim(f.name), field) &&
		    (field_match(f.value, needle) ||
			envelope_match(f.value, needle)))
			return true;
	return false;
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

static void
keep_words(struct search *q)
{
	struct buf signature = BUF_EMPTY;
	struct span known;

	if (view_words(q->s->view, q->i, match_version(), &known))
		return;
	signature_make(&signature, buf_span(&q->text));
	view_keep_words(
	    q->s->view, q->i, match_version(), buf_span(&signature));
	buf_free(&signature);
}

static bool
read_text(struct search *q)
{
	struct body *b = body_open(q->s, q->i, &q->why);
	bool ok;

	buf_clear(&q->decoded);
	ok = b != NULL && body_text(b, TEXT_MOST, &q->decoded, &q->why) == 0;
	if (ok) {
		buf_clear(&q->text);
		match_fold(&q->text, buf_span(&q->decoded));
		q->has_text = true;
		keep_words(q);
	}
	return ok;
}

/* What was found out about a text before spares reading it where it cannot hold
 * the needle. */
static bool
text_match(struct search *q, struct span needle)
{
	struct span signature;

	if (!q->has_text &&
	    ((view_words(q->s->view, q->i, match_version(), &signature) &&
		 !signature_may_hold(signature, needle)) ||
		!read_text(q)))
		return false;
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
	case SEARCH_UIDAFTER:
		return m->uid > step->number;
	case SEARCH_UIDBEFORE:
		return m->uid < step->number;
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
	case SEARCH_ADDRESS:
		return address_match(q, step->field, step->text);
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

bool
search_has_numbers(const struct search *q)
{
	if ((q->s->enabled & ENABLED_UIDONLY) == 0)
		return false;
	for (size_t i = 0; i < q->asked.count; i++)
		if (q->asked.steps[i].kind == SEARCH_SEQ &&
		    !q->asked.steps[i].set.saved)
			return true;
	return false;
}

static void
keep_raw(struct search *q)
{
	struct imap_search *raw = arena_alloc(q->s->a, sizeof(*raw));

	imap_search_copy(q->s->a, &q->asked, raw);
	q->raw = raw;
}

void
search_prepare(struct search *q)
{
	size_t count = view_count(q->s->view);
	uint32_t last = count == 0 ? 0 : view_at(q->s->view, count - 1)->uid;

	if (q->keeps_raw)
		keep_raw(q);
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
		else if (step->kind == SEARCH_ADDRESS ||
		    step->kind == SEARCH_HEADER || step->kind == SEARCH_BODY ||
		    step->kind == SEARCH_TEXT) {
			match_fold(&folded, step->text);
			step->text = arena_span(q->s->a, buf_span(&folded));
		}
		buf_free(&folded);
	}
}

/* A client that sees nothing for long gives up (RFC 9585). A tag that would end
 * the code cannot stand in it (section 4). */
static void
tell_progress(const struct search *q, int64_t *at)
{
	struct span tag = q->s->tag;
	struct buf text = BUF_EMPTY;

	if (q->s->conf->progress_ms == 0 || clock_ms() < *at)
		return;
	*at = clock_ms() + q->s->conf->progress_ms;
	if (span_find(tag, ']') < tag.n)
		buf_add_str(&text, "NIL");
	else
		imap_put_string(&text, tag);
	stream_printf(q->s->io,
	    "* OK [INPROGRESS (%s %zu %zu)] Still searching\r\n",
	    buf_str(&text), q->i, view_count(q->s->view));
	stream_flush(q->s->io);
	buf_free(&text);
}

/* The sets at the front let this message through: it is looked at for the other
 * keys, and counts for the limit. */
static bool
is_looked_at(struct search *q, size_t front, size_t i)
{
	q->i = i;
	for (size_t k = 0; k < front; k += 2) {
		const struct imap_search_step *step = &q->asked.steps[k];

		if ((step->kind == SEARCH_SEQ || step->kind == SEARCH_UID ||
			step->kind == SEARCH_UIDAFTER ||
			step->kind == SEARCH_UIDBEFORE) &&
		    !leaf(q, step))
			return false;
	}
	return true;
}

/* Where to begin, so that no more are looked at than the limit lets: those with
 * the highest UIDs are (RFC 9738, 3). */
static size_t
begin_at(struct search *q)
{
	size_t count = view_count(q->s->view), looked = 0, at = count;
	size_t front = imap_search_front(&q->asked);

	q->lowest = 0;
	if (!limit_passed(q->s, count))
		return 0;
	while (at > 0 && !limit_passed(q->s, looked + 1)) {
		if (is_looked_at(q, front, --at)) {
			looked++;
			q->lowest = view_at(q->s->view, at)->uid;
		}
	}
	for (size_t i = at; i > 0; i--)
		if (is_looked_at(q, front, i - 1))
			return at;
	q->lowest = 0;
	return at;
}

bool
search_one(struct search *q, size_t i)
{
	q->i = i;
	q->has_text = false;
	return (view_at(q->s->view, i)->bits & MSG_GONE) == 0 &&
	    imap_search_run(&q->asked, leaf, q);
}

void
search_run(struct search *q, struct numbers *out)
{
	size_t count = view_count(q->s->view);
	int64_t tell_at = clock_ms() + q->s->conf->progress_ms;

	*out = (struct numbers){ .list =
				     mem_array(count + 1, sizeof(*out->list)) };
	for (size_t i = begin_at(q); i < count; i++) {
		q->i = i;
		tell_progress(q, &tell_at);
		if (search_one(q, i))
			out->list[out->count++] = (uint32_t)i;
		if (stream_failed(q->s->io))
			break;
	}
	view_words_flush(q->s->view);
}

uint32_t
search_number(const struct session *s, size_t at)
{
	return s->uid ? view_at(s->view, at)->uid : (uint32_t)at + 1;
}

void
search_begin(struct search *q, struct session *s)
{
	*q = (struct search){ .s = s };
	why_init(&q->why);
}

void
search_end(struct search *q)
{
	buf_free(&q->decoded);
	buf_free(&q->text);
	why_free(&q->why);
}
