/*
 * qresync.c - clients that were here before (RFC 7162)
 *
 * What was expunged since is asked of the change log; where that does not reach
 * back so far, every UID that is not there counts as expunged.
 */

#include "imapd/qresync.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "imapd/session.h"
#include "imapd/sync.h"
#include "mailbox/view.h"

/* Numbers that rise, none of them '*' (RFC 7162, 7); how many. */
static bool
rises(const struct imap_set *set, uint64_t *count)
{
	uint32_t last = 0;

	*count = 0;
	for (size_t i = 0; i < set->count; i++) {
		struct imap_range r = set->list[i];

		if (r.last == IMAP_STAR || r.first <= last || r.last < r.first)
			return false;
		*count += (uint64_t)r.last - r.first + 1;
		last = r.last;
	}
	return true;
}

static bool
has_star(const struct imap_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->list[i].first == IMAP_STAR ||
		    set->list[i].last == IMAP_STAR)
			return true;
	return false;
}

/* SP "(" sequence-set SP uid-set ")", of as many each */
static bool
match_data(struct session *s, struct span *args, struct select_params *out)
{
	uint64_t numbers, uids;

	out->has_match = true;
	return imap_char(args, '(') &&
	    imap_sequence_set(s->a, args, &out->match_numbers) &&
	    imap_space(args) &&
	    imap_sequence_set(s->a, args, &out->match_uids) &&
	    imap_char(args, ')') && rises(&out->match_numbers, &numbers) &&
	    rises(&out->match_uids, &uids) && numbers == uids;
}

/* "(" uidvalidity SP modseq [SP known-uids] [SP match-data] ")" */
static bool
qresync_param(struct session *s, struct span *args, struct select_params *out)
{
	if (out->qresync)
		return false;
	out->qresync = true;
	if (!imap_space(args) || !imap_char(args, '(') ||
	    !imap_number(args, &out->validity) || out->validity == 0 ||
	    !imap_space(args) || !imap_number64(args, &out->modseq) ||
	    out->modseq == 0)
		return false;
	while (imap_space(args)) {
		if (span_at(*args, 0) == '(') {
			if (out->has_match || !match_data(s, args, out))
				return false;
		} else {
			if (out->has_known || out->has_match ||
			    !imap_sequence_set(s->a, args, &out->known) ||
			    has_star(&out->known))
				return false;
			out->has_known = true;
		}
	}
	return imap_char(args, ')');
}

bool
qresync_params(struct session *s, struct span *args, struct select_params *out)
{
	*out = (struct select_params){ .condstore = false };
	if (!imap_space(args))
		return true;
	if (!imap_char(args, '('))
		return false;
	do {
		if (imap_is_word(args, "CONDSTORE"))
			out->condstore = true;
		else if (!imap_is_word(args, "QRESYNC") ||
		    (s->enabled & ENABLED_QRESYNC) == 0 ||
		    !qresync_param(s, args, out))
			return false;
	} while (imap_space(args));
	return imap_char(args, ')');
}

/* --- what has vanished --- */

struct vanished {
	uint32_t *list;
	size_t count, room;
};

static void
note(void *arg, uint32_t uid)
{
	struct vanished *v = arg;

	if (v->count == v->room) {
		v->room = v->room == 0 ? 256 : v->room * 2;
		v->list = mem_resize(v->list, v->room, sizeof(*v->list));
	}
	v->list[v->count++] = uid;
}

static int
uid_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The client counts it still: it has its VANISHED when that may be told. */
static bool
is_counted(const struct view *v, uint32_t uid)
{
	size_t i = view_find(v, uid);

	return i < view_count(v) && view_at(v, i)->uid == uid;
}

/* Those of the log that lie in set. */
static void
put_logged(struct vanished *v, const struct view *view,
    const struct imap_set *set, struct buf *out)
{
	struct imap_set_writer w = { .any = false };
	size_t range = 0;

	if (v->count > 1)
		qsort(v->list, v->count, sizeof(*v->list), uid_cmp);
	for (size_t i = 0; i < v->count; i++) {
		uint32_t uid = v->list[i];

		if (i > 0 && uid == v->list[i - 1])
			continue;
		while (range < set->count && set->list[range].last < uid)
			range++;
		if (range < set->count && set->list[range].first <= uid &&
		    !is_counted(view, uid))
			imap_put_set(out, &w, uid);
	}
	imap_put_set_end(out, &w);
}

/* All of set that are not in the folder. */
static void
put_missing(const struct view *v, const struct imap_set *set, struct buf *out)
{
	struct imap_set_writer w = { .any = false };
	size_t count = view_count(v);

	for (size_t r = 0; r < set->count; r++) {
		uint32_t at = set->list[r].first, last = set->list[r].last;
		size_t i = view_find(v, at);

		for (; i < count && view_at(v, i)->uid <= last; i++) {
			uint32_t uid = view_at(v, i)->uid;

			if (uid > at)
				imap_put_range(out, &w, at, uid - 1);
			at = uid + 1;
		}
		if (at <= last)
			imap_put_range(out, &w, at, last);
	}
	imap_put_set_end(out, &w);
}

void
qresync_vanished(struct session *s, const struct imap_set *set, uint64_t modseq)
{
	struct vanished found = { .list = NULL };
	struct view_vanished q = {
		.modseq = modseq, .fn = note, .arg = &found
	};
	struct buf out = BUF_EMPTY;
	struct why why;

	why_init(&why);
	if (view_vanished_since(s->view, &q, &why) == -1)
		log_warning("%s", why_text(&why));
	if (q.known)
		put_logged(&found, s->view, set, &out);
	else
		put_missing(s->view, set, &out);
	if (out.n > 0)
		stream_printf(
		    s->io, "* VANISHED (EARLIER) %s\r\n", buf_str(&out));
	free(found.list);
	buf_free(&out);
	why_free(&why);
}

/* --- after SELECT --- */

/* Numbers of a set one after the other, as written. */
struct cursor {
	const struct imap_set *set;
	size_t range;
	uint32_t at; /* within the range */
};

static bool
cursor_next(struct cursor *c, uint32_t *n)
{
	const struct imap_range *r;

	while (c->range < c->set->count) {
		r = &c->set->list[c->range];
		if (r->first <= r->last && c->at <= r->last - r->first) {
			*n = r->first + c->at++;
			return true;
		}
		c->range++;
		c->at = 0;
	}
	return false;
}

/* The UID up to which the client knows of all expunges. */
static uint32_t
matched_uid(const struct view *v, const struct select_params *p)
{
	struct cursor numbers = { .set = &p->match_numbers };
	struct cursor uids = { .set = &p->match_uids };
	uint32_t matched = 0, n, uid;

	while (p->has_match && cursor_next(&numbers, &n) &&
	    cursor_next(&uids, &uid)) {
		if (n == 0 || n > view_count(v) ||
		    view_at(v, n - 1)->uid != uid)
			break;
		matched = uid;
	}
	return matched;
}

/* What lies at or below uid is cut off the set, which is resolved. */
static void
cut_below(struct imap_set *set, uint32_t uid)
{
	size_t kept = 0;

	for (size_t r = 0; r < set->count; r++) {
		struct imap_range range = set->list[r];

		if (range.last <= uid)
			continue;
		if (range.first <= uid)
			range.first = uid + 1;
		set->list[kept++] = range;
	}
	set->count = kept;
}

void
qresync_cut(struct imap_set *set, uint32_t last)
{
	while (set->count > 0 && set->list[set->count - 1].first > last)
		set->count--;
	if (set->count > 0 && set->list[set->count - 1].last > last)
		set->list[set->count - 1].last = last;
}

/* Flags of the messages in set that changed after modseq. */
static void
put_changed(struct session *s, const struct imap_set *set, uint64_t modseq)
{
	size_t range = 0;

	sync_put_keywords(s);
	for (size_t i = 0; i < view_count(s->view); i++) {
		const struct msg *m = view_at(s->view, i);

		while (range < set->count && set->list[range].last < m->uid)
			range++;
		if (range < set->count && set->list[range].first <= m->uid &&
		    m->modseq > modseq && (m->bits & MSG_GONE) == 0)
			sync_put_flags(s, i);
	}
}

void
qresync_tell(struct session *s, struct select_params *p)
{
	uint32_t last = view_next_uid(s->view) - 1;
	struct imap_range all = { 1, last };
	struct imap_set vanished = { .saved = false };

	if (!p->qresync || p->validity != view_validity(s->view) || last == 0)
		return;
	if (!p->has_known)
		p->known = (struct imap_set){ .list = &all, .count = 1 };
	imap_set_resolve(&p->known, last);
	qresync_cut(&p->known, last);
	vanished.list =
	    arena_array(s->a, p->known.count + 1, sizeof(*vanished.list));
	vanished.count = p->known.count;
	for (size_t i = 0; i < p->known.count; i++)
		vanished.list[i] = p->known.list[i];
	cut_below(&vanished, matched_uid(s->view, p));
	qresync_vanished(s, &vanished, p->modseq);
	put_changed(s, &p->known, p->modseq);
}
