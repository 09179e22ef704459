/*
 * view_known.c - a view that was closed is opened again for the same client
 *
 * What the client knows is all that was there when nothing was left to tell: so
 * the last UID and the highest sequence say it, together with what the change
 * log remembers of expunges since. The number of messages is the test of it.
 */

#include <stdlib.h>

#include "base/mem.h"
#include "base/why.h"
#include "mailbox/view_parts.h"

bool
view_known(const struct view *v, struct view_known *out)
{
	if (v->lost || v->gone > 0 || v->news > 0 || view_has_more(v) ||
	    !changelog_is_kept(v->log)) /* what comes would not be known */
		return false;
	*out = (struct view_known){ .validity = v->x.head.validity,
		.count = v->shown,
		.highest = view_highest(v) };
	if (v->asleep)
		out->last = v->x.head.next - 1;
	else if (v->shown > 0)
		out->last = v->x.list[v->shown - 1].uid;
	return true;
}

struct lost_uids {
	uint32_t *list, last;
	size_t count, room;
};

static void
note(void *arg, uint32_t uid)
{
	struct lost_uids *l = arg;

	if (uid > l->last)
		return;
	if (l->count == l->room) {
		l->room = l->room == 0 ? 64 : l->room * 2;
		l->list = mem_resize(l->list, l->room, sizeof(*l->list));
	}
	l->list[l->count++] = uid;
}

static int
by_uid(const void *a, const void *b)
{
	uint32_t x = ((const struct msg *)a)->uid;
	uint32_t y = ((const struct msg *)b)->uid;

	return x < y ? -1 : x > y;
}

static int
uid_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Messages that the client knows and that are not there: it is to be told. The
 * log may name one twice, and one that came back. */
static bool
ghosts_add(struct view *v, struct lost_uids *l, uint64_t highest)
{
	size_t had = v->x.count, at = 0;

	if (l->count > 1)
		qsort(l->list, l->count, sizeof(*l->list), uid_cmp);
	for (size_t i = 0; i < l->count; i++) {
		struct msg *m;

		while (at < had && v->x.list[at].uid < l->list[i])
			at++;
		if ((at < had && v->x.list[at].uid == l->list[i]) ||
		    (i > 0 && l->list[i] == l->list[i - 1]))
			continue;
		m = index_add(&v->x, l->list[i], SPAN("gone"));
		if (m == NULL)
			return false;
		m->modseq = highest + 1;
		view_mark_gone(v, m);
	}
	if (v->x.count > had)
		qsort(v->x.list, v->x.count, sizeof(*v->x.list), by_uid);
	view_hash_drop(v);
	return true;
}

static void
news_mark(struct view *v, const struct view_known *k)
{
	for (size_t i = 0; i < v->shown; i++)
		if (v->x.list[i].modseq > k->highest)
			view_mark_news(v, &v->x.list[i]);
}

static bool
restore(struct view *v, const struct view_known *k, struct why *why)
{
	struct lost_uids lost = { .last = k->last };
	struct view_vanished q = {
		.modseq = k->highest, .fn = note, .arg = &lost
	};
	bool good = view_vanished_since(v, &q, why) == 0 && q.known;

	if (good) {
		good = ghosts_add(v, &lost, k->highest);
		v->shown = index_find(&v->x, k->last + 1);
		news_mark(v, k);
	}
	free(lost.list);
	return good && v->shown == k->count;
}

int
view_restore(struct view *v, const struct view_known *k, struct why *why)
{
	bool same = v->x.head.validity == k->validity;

	if (same && v->asleep && view_highest(v) == k->highest &&
	    v->shown == k->count)
		return 0;
	view_wake(v);
	if (same && !v->lost && restore(v, k, why))
		return 0;
	if (why->outcome == DONE)
		why_set(why, "4.3.0",
		    "what a waiting client knows of the folder %s cannot be "
		    "found again",
		    maildir_path(v->m));
	return -1;
}

void
view_mark_recent(struct view *v, uint32_t first, uint32_t last)
{
	for (size_t i = view_find(v, first);
	     i < v->shown && v->x.list[i].uid <= last; i++)
		v->x.list[i].bits |= MSG_RECENT;
}
