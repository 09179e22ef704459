/*
 * view_sleep.c - a view that knows numbers only
 *
 * Clients open a folder to see whether there is something new, and mostly there
 * is not. So when facteur.index is newer than everything else its head answers
 * SELECT, and the list of messages, which may be long, waits in the open file.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "mailbox/view_parts.h"
#include "os/file.h"

/* Messages of a folder of which the index is written while the client waits
 * only; of others it is at the end. */
enum { SAVE_MOST = 10000 };

/* The ends of facteur.uids and facteur.log are where the index says. */
static bool
is_newest(struct view *v)
{
	struct uidlist_head head;

	if (!uidlist_head(v->uids, &head) ||
	    head.validity != v->x.head.validity ||
	    !uidlist_seek(v->uids, v->x.uids) || uidlist_changed(v->uids))
		return false;
	changelog_saw(v->log, v->x.highest);
	(void)changelog_open(v->log, head.validity);
	if (!changelog_seek(v->log, v->x.log) || changelog_changed(v->log))
		return false;
	v->x.head = head;
	v->list_ino = v->x.uids.ino;
	return true;
}

bool
view_doze(struct view *v)
{
	v->sleeping = index_load_head(&v->x, &v->totals, v->index, INDEX_FILE);
	if (v->sleeping == -1)
		return false;
	v->asleep = is_newest(v) &&
	    (v->read_only || v->keep_new || v->totals.recent == 0);
	if (v->asleep) {
		view_look(v);
		v->asleep = !v->dirty[0] && !v->dirty[1];
	}
	return v->asleep;
}

/* What we told the client of is not to be had any more. */
static void
lose(struct view *v)
{
	index_done(&v->x);
	index_init(&v->x);
	v->lost = true;
	for (uint32_t i = 0; i < v->shown; i++) {
		struct msg *m = index_add(&v->x, i + 1, SPAN("gone"));

		if (m != NULL)
			m->bits = MSG_GONE;
	}
	v->shown = v->gone = v->x.count;
}

/* The same messages from facteur.uids, which was read up to this place. */
static void
make_again(struct view *v)
{
	struct uidlist_place place = uidlist_place(v->uids);
	struct uidlist_head head = v->x.head;
	struct why why;
	int got = -1;

	log_warning("%s/" INDEX_FILE ": damaged", maildir_path(v->m));
	(void)file_unlink(v->index, INDEX_FILE);
	index_done(&v->x);
	index_init(&v->x);
	v->x.head = head;
	v->loaded = false;
	v->changed = true;
	why_init(&why);
	if (uidlist_lock(v->uids, &why) == 0) {
		if (uidlist_place(v->uids).ino == place.ino)
			got = view_reload(v, place.at, &why);
		uidlist_unlock(v->uids);
	}
	v->loaded = true;
	if (got == -1)
		lose(v);
	why_free(&why);
}

void
view_wake(struct view *v)
{
	struct dir_stamp stamps[2];
	struct uidlist_head head;
	bool good;

	if (!v->asleep)
		return;
	v->asleep = false;
	memcpy(stamps, v->x.stamps, sizeof(stamps));
	head = v->x.head;
	good = index_load_body(&v->x, v->sleeping);
	v->x.head = head;
	if (good && v->x.count == v->shown)
		memcpy(v->x.stamps, stamps, sizeof(stamps));
	else
		make_again(v);
	file_close(&v->sleeping);
}

/* Nothing is in memory alone. */
static bool
is_all_kept(const struct view *v)
{
	unsigned mine = MSG_RECENT | MSG_GONE | MSG_NEWS;

	if (v->lost || v->changed || v->gone > 0 || v->news > 0 ||
	    v->shown != v->x.count || v->dirty[0] || v->dirty[1] ||
	    v->events.count > 0 || v->events.lost || view_cache_waits(v) ||
	    v->unwritten.n > 0)
		return false;
	if (!v->read_only && !v->keep_new)
		mine |= MSG_IN_NEW;
	for (size_t i = 0; i < v->x.count; i++)
		if ((v->x.list[i].bits & mine) != 0)
			return false;
	return true;
}

static bool
is_same(const struct view *v, const struct index *on_disk, uint64_t messages)
{
	struct uidlist_place uids = uidlist_place(v->uids);
	struct changelog_place log = changelog_place(v->log);

	return on_disk->head.validity == v->x.head.validity &&
	    on_disk->uids.ino == uids.ino && on_disk->uids.at == uids.at &&
	    on_disk->log.ino == log.ino && on_disk->log.at == log.at &&
	    on_disk->cache_id == v->x.cache_id && messages == v->shown &&
	    view_index_is_current(on_disk, v->m);
}

/* The list is let go: it is in facteur.index as it is here. */
static void
sleep_again(struct view *v)
{
	struct index_totals totals;
	struct index on_disk;
	int fd;

	index_init(&on_disk);
	fd = index_load_head(&on_disk, &totals, v->index, INDEX_FILE);
	if (fd != -1 && is_same(v, &on_disk, totals.messages)) {
		mem_free(&v->x.list);
		v->x.count = v->x.room = 0;
		buf_free(&v->x.names);
		v->totals = totals;
		v->sleeping = fd;
		v->asleep = true;
	} else {
		file_close(&fd);
	}
	index_done(&on_disk);
}

void
view_rest(struct view *v)
{
	view_words_rest(v);
	view_cache_rest(v);
	view_hash_drop(v);
	/* what others did is learnt when it is to be told */
	if (v->asleep || v->lost || view_peek(v))
		return;
	if (v->x.count <= SAVE_MOST && view_wants_saving(v))
		view_save_now(v);
	if (is_all_kept(v))
		sleep_again(v);
}
