/*
 * view_cache.c - what was found out about messages, kept for the next time
 *
 * New entries gather in memory and are written together; until then their
 * messages are asked anew, which happens to nobody who goes through a folder
 * once.
 */

#include <stdlib.h>

#include "base/mem.h"
#include "base/must.h"
#include "mailbox/cache.h"
#include "mailbox/view_parts.h"

enum {
	GATHER = 1 << 20,
	GATHER_MOST = 1 << 22, /* while the lock is not to be had */
	REST_KEEPS = 1 << 15, /* not worth a lock when nothing happens */
	FILE_BASE =
	    64 << 20, /* a cache longer than this, and per message this: */
	FILE_EACH = 8192 /* is begun anew */
};

/* An entry in v->learned. */
struct learned {
	uint32_t uid;
	size_t at;
};

/* The places in the index are of this very file; else they mean nothing. */
static bool
usable(struct view *v)
{
	uint64_t id = cache_id(v->cache, v->x.head.validity);

	if (id != 0 && id == v->x.cache_id)
		return true;
	for (size_t i = 0; i < v->x.count; i++)
		v->x.list[i].cache_at = 0;
	v->x.cache_id = id;
	return false;
}

static bool
recall(struct view *v, const struct msg *m, struct cache_entry *e)
{
	return m->cache_at != 0 && usable(v) &&
	    cache_get(v->cache, m->cache_at, m->uid, e);
}

bool
view_recall(struct view *v, size_t i, unsigned item, struct span *out)
{
	struct cache_entry e;

	must(item < CACHE_ITEMS);
	if (!recall(v, view_at(v, i), &e) || e.items[item].p == NULL)
		return false;
	*out = e.items[item];
	return true;
}

bool
view_cache_waits(const struct view *v)
{
	return v->place_count > 0;
}

static void
learned_free(struct view *v)
{
	buf_free(&v->learned);
	mem_free(&v->places);
	v->place_count = v->place_room = 0;
}

void
view_cache_free(struct view *v)
{
	cache_free(&v->cache);
	learned_free(v);
}

void
view_cache_flush(struct view *v)
{
	uint64_t at = 0;
	bool ok;

	if (v->place_count == 0)
		return;
	(void)usable(v);
	ok = cache_append(v->cache, v->x.head.validity, buf_span(&v->learned),
	    FILE_BASE + (uint64_t)v->x.count * FILE_EACH, &at);
	if (ok && cache_id(v->cache, v->x.head.validity) != v->x.cache_id)
		(void)usable(v); /* it was begun anew */
	for (size_t k = 0; ok && k < v->place_count; k++) {
		size_t i = index_find(&v->x, v->places[k].uid);

		if (i < v->x.count && v->x.list[i].uid == v->places[k].uid)
			v->x.list[i].cache_at = at + v->places[k].at;
	}
	v->changed = true;
	v->place_count = 0;
	buf_clear(&v->learned);
}

/* Enough has gathered: the lock for a moment, if it can be had; nobody waits
 * for it only to be quicker another time. */
static void
flush_now(struct view *v)
{
	if (view_lock_now(v)) {
		view_cache_flush(v);
		uidlist_unlock(v->uids);
	} else if (v->lost || v->learned.n >= GATHER_MOST) {
		v->place_count = 0;
		buf_clear(&v->learned);
	}
}

void
view_cache_rest(struct view *v)
{
	if (v->learned.n >= REST_KEEPS)
		flush_now(v);
	cache_rest(v->cache);
	if (v->place_count == 0)
		learned_free(v);
}

static void
place_add(struct view *v, uint32_t uid)
{
	if (v->place_count == v->place_room) {
		v->place_room = v->place_room == 0 ? 64 : v->place_room * 2;
		v->places =
		    mem_resize(v->places, v->place_room, sizeof(*v->places));
	}
	v->places[v->place_count++] =
	    (struct learned){ .uid = uid, .at = v->learned.n };
}

/* The last entry that waits, taken off the end: one message asked for several
 * things gets one entry. */
static void
take_last(struct view *v, struct buf *out)
{
	size_t at = v->places[--v->place_count].at;

	buf_add_span(out, span_skip(buf_span(&v->learned), at));
	buf_cut(&v->learned, at);
}

void
view_remember(struct view *v, size_t i, unsigned item, struct span s)
{
	const struct msg *m = view_at(v, i);
	struct buf last = BUF_EMPTY;
	struct cache_entry e;
	bool known;

	must(item < CACHE_ITEMS);
	if (v->index == -1)
		return;
	if (v->place_count > 0 && v->places[v->place_count - 1].uid == m->uid) {
		take_last(v, &last);
		known = cache_read(buf_span(&last), m->uid, &e);
	} else {
		known = recall(v, m, &e);
	}
	if (!known)
		e = (struct cache_entry){ .items = { { NULL, 0 } } };
	e.items[item] = s.p == NULL ? SPAN("") : s;
	place_add(v, m->uid);
	if (!cache_put(&v->learned, m->uid, &e))
		v->place_count--;
	buf_free(&last);
	if (v->learned.n >= GATHER)
		flush_now(v);
}
