/*
 * view.c - a folder as IMAP and POP3 see it: opening and looking
 *
 * What a view knows comes from four places: the snapshot facteur.index, then
 * what facteur.uids and facteur.log got since, then the folders themselves if
 * their stamps say that somebody was there. view_sync.c does that, under the
 * lock; here is what needs none.
 */

#include "mailbox/view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "mailbox/cache.h"
#include "mailbox/flags.h"
#include "mailbox/view_parts.h"
#include "os/file.h"

int
view_trouble(struct view *v, const char *what, struct why *why)
{
	int error = errno;

	why_set(why, error == ENOSPC || error == EDQUOT ? "4.3.1" : "4.3.0",
	    "cannot %s in the folder %s: %s", what, maildir_path(v->m),
	    strerror(error));
	errno = error;
	return -1;
}

void
view_mark_gone(struct view *v, struct msg *m)
{
	if ((m->bits & MSG_GONE) != 0)
		return;
	m->bits |= MSG_GONE;
	v->gone++;
	v->changed = true;
	if ((m->bits & MSG_NEWS) != 0) {
		m->bits &= (uint8_t)~MSG_NEWS;
		v->news--;
	}
}

void
view_mark_news(struct view *v, struct msg *m)
{
	v->changed = true;
	if (!v->loaded || (m->bits & (MSG_NEWS | MSG_GONE)) != 0)
		return;
	m->bits |= MSG_NEWS;
	v->news++;
}

/* Names are asked for twice for each file of a folder, so this is to be quick;
 * whoever makes names collide slows down his own mailbox. */
static size_t
hash_of(struct span s)
{
	const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t hash = s.n * factor, word;

	for (; s.n > 0; s = span_skip(s, s.n < 8 ? s.n : 8)) {
		word = 0;
		memcpy(&word, s.p, s.n < 8 ? s.n : 8);
		hash = (hash ^ word) * factor;
		hash ^= hash >> 29;
	}
	return (size_t)hash;
}

static void
hash_put(struct view *v, size_t i)
{
	struct span base = index_base(&v->x, &v->x.list[i]);
	size_t at = hash_of(base) & (v->hash_size - 1);

	while (v->hash[at] != 0)
		at = (at + 1) & (v->hash_size - 1);
	v->hash[at] = (uint32_t)i + 1;
}

static void
hash_make(struct view *v)
{
	v->hash_size = 256;
	while (v->hash_size < v->x.count * 3)
		v->hash_size *= 2;
	v->hash = mem_array(v->hash_size, sizeof(uint32_t));
	for (size_t i = 0; i < v->x.count; i++)
		hash_put(v, i);
}

void
view_hash_drop(struct view *v)
{
	mem_free(&v->hash);
}

void
view_hash_add(struct view *v, size_t i)
{
	if (v->hash == NULL)
		return;
	if (v->x.count * 2 > v->hash_size)
		view_hash_drop(v);
	else
		hash_put(v, i);
}

/* A message that is gone is not found: its name means another one now. */
struct msg *
view_by_base(struct view *v, struct span base)
{
	size_t at;

	if (v->hash == NULL)
		hash_make(v);
	at = hash_of(base) & (v->hash_size - 1);
	for (; v->hash[at] != 0; at = (at + 1) & (v->hash_size - 1)) {
		struct msg *m = &v->x.list[v->hash[at] - 1];

		if ((m->bits & MSG_GONE) == 0 &&
		    span_eq(index_base(&v->x, m), base))
			return m;
	}
	return NULL;
}

void
view_forget_gone(struct view *v)
{
	size_t kept = 0;

	if (v->gone == 0)
		return;
	for (size_t i = 0; i < v->x.count; i++)
		if ((v->x.list[i].bits & MSG_GONE) == 0)
			v->x.list[kept++] = v->x.list[i];
	v->x.count = kept;
	v->gone = 0;
	view_hash_drop(v);
}

static int
first_sync(struct view *v, struct why *why)
{
	int got = view_lock(v, why);

	if (got == -1)
		return -1;
	if (view_doze(v)) {
		uidlist_unlock(v->uids);
		return 0;
	}
	/* Where the index is missing it is made again, even when nothing else
	 * has changed: it is the other place that knows the folder's identity
	 */
	if (v->sleeping == -1)
		v->changed = true;
	if (v->sleeping != -1 && !index_load_body(&v->x, v->sleeping)) {
		log_warning("%s/" INDEX_FILE ": damaged", maildir_path(v->m));
		uidlist_rewind(v->uids);
		changelog_rewind(v->log);
		v->changed = true;
	}
	file_close(&v->sleeping);
	got = view_catch_up(v, why);
	if (got == 0) {
		view_look(v);
		v->restless = v->dirty[0] || v->dirty[1];
		got = view_scan(v, why);
	}
	uidlist_unlock(v->uids);
	return got;
}

static void
import_free(struct view *v)
{
	if (v->imported != NULL)
		import_done(v->imported);
	mem_free(&v->imported);
	if (v->import_arena != NULL)
		arena_free(&v->import_arena);
}

struct view *
view_open(struct maildir **m, const struct view_conf *conf, struct why *why)
{
	struct view *v = mem_new(sizeof(*v));
	int got;

	v->self = v;
	v->sleeping = -1;
	v->m = *m;
	*m = NULL;
	v->tree = conf->tree;
	v->read_only = conf->read_only;
	v->keep_new = conf->keep_new;
	v->spare_watch = conf->spare_watch;
	v->uids = uidlist_new(maildir_dir(v->m), maildir_file_mode(v->m));
	v->index = maildir_index(v->m);
	v->log = changelog_new(
	    maildir_dir(v->m), v->index, INDEX_LOG, maildir_file_mode(v->m));
	v->cache = cache_new(v->index, INDEX_CACHE, maildir_file_mode(v->m));
	index_init(&v->x);
	if (conf->watch)
		v->watch = watch_new(v->m, conf->spare_watch);
	got = first_sync(v, why);
	import_free(v);
	if (got == -1 && (v->lost || v->x.head.validity == 0)) {
		v->changed = false;
		view_close(&v);
		return NULL;
	}
	v->loaded = true;
	if (v->asleep) {
		v->shown = (size_t)v->totals.messages;
	} else {
		view_forget_gone(v);
		v->shown = v->x.count;
	}
	return v;
}

/* Under the lock, with all that others did in the list. */
static void
save_all(struct view *v, struct why *why)
{
	if (uidlist_lines(v->uids) > 2 * v->x.count + 1000 &&
	    view_rewrite_uids(v, why) == -1)
		log_warning("%s", why_text(why));
	view_cache_flush(v);
	changelog_trim(v->log);
	view_look(v);
	v->x.stamps[0].settled &= !v->dirty[0];
	v->x.stamps[1].settled &= !v->dirty[1];
	v->x.uids = uidlist_place(v->uids);
	v->x.log = changelog_place(v->log);
	v->x.highest = changelog_highest(v->log);
	v->x.head.next = uidlist_next(v->uids);
	/* elsewhere it is right only together with the log */
	v->changed =
	    (v->index == maildir_dir(v->m) || changelog_is_kept(v->log)) &&
	    index_save(&v->x, v->index, INDEX_FILE, maildir_file_mode(v->m)) ==
		-1;
	if (v->changed)
		log_warning("%s%s/" INDEX_FILE ": %s",
		    v->index == maildir_dir(v->m) ? "" : "index_directory: ",
		    maildir_path(v->m), strerror(errno));
	v->restless =
	    v->changed || !v->x.stamps[0].settled || !v->x.stamps[1].settled;
}

static void
save_locked(struct view *v, struct why *why)
{
	if (view_catch_up(v, why) == 0)
		save_all(v, why);
	uidlist_unlock(v->uids);
}

void
view_save(struct view *v)
{
	struct why why;

	why_init(&why);
	if (view_lock(v, &why) == 0)
		save_locked(v, &why);
	why_free(&why);
}

void
view_save_now(struct view *v)
{
	struct why why;

	why_init(&why);
	if (view_lock_now(v))
		save_locked(v, &why);
	why_free(&why);
}

/* The folders had to be read when we came; who comes next need not. */
static bool
came_to_rest(struct view *v)
{
	if (!v->restless || v->asleep)
		return false;
	view_look(v);
	return !v->dirty[0] && !v->dirty[1] && v->x.stamps[0].settled &&
	    v->x.stamps[1].settled;
}

bool
view_wants_saving(struct view *v)
{
	return !v->lost &&
	    (v->changed || view_cache_waits(v) || came_to_rest(v));
}

void
view_close(struct view **at)
{
	struct view *v = *at;

	if (v == NULL)
		return;
	if (view_wants_saving(v))
		view_save(v);
	view_words_flush(v);
	view_words_free(v);
	view_cache_free(v);
	file_close(&v->sleeping);
	import_free(v);
	watch_free(&v->watch, v->spare_watch);
	watch_events_free(&v->events);
	free(v->hash);
	free(v->before);
	index_done(&v->x);
	changelog_free(&v->log);
	uidlist_free(&v->uids);
	maildir_close(&v->m);
	mem_free(at);
}

/* What a scan itself has moved is told by the kernel as well. It is looked at
 * now, or whoever waits for that would be woken for nothing. */
static int
look_and_scan(struct view *v, struct why *why)
{
	int got;

	view_look(v);
	got = view_scan(v, why);
	if (got == 0 && v->took_in && v->watch != NULL) {
		view_look(v);
		if (v->dirty[0] || v->dirty[1])
			got = view_scan(v, why);
	}
	return got;
}

int
view_sync(struct view *v, struct why *why)
{
	int got;

	if (!v->lost && !view_peek(v))
		return 0;
	if (view_lock(v, why) == -1)
		return -1;
	got = view_catch_up(v, why);
	if (got == 0)
		got = look_and_scan(v, why);
	uidlist_unlock(v->uids);
	return got;
}

bool
view_is_lost(const struct view *v)
{
	return v->lost;
}

int
view_watch_fd(const struct view *v)
{
	return v->watch == NULL ? -1 : watch_fd(v->watch);
}

void
view_watch_given(struct view *v)
{
	v->spare_watch = NULL;
}

uint32_t
view_validity(const struct view *v)
{
	return v->x.head.validity;
}

uint32_t
view_next_uid(const struct view *v)
{
	return uidlist_next(v->uids);
}

uint64_t
view_highest(const struct view *v)
{
	return changelog_highest(v->log);
}

const char *
view_guid(const struct view *v)
{
	return v->x.head.guid;
}

bool
view_read_only(const struct view *v)
{
	return v->read_only;
}

const struct keywords *
view_keywords(const struct view *v)
{
	return v->x.keywords;
}

struct maildir *
view_maildir(const struct view *v)
{
	return v->m;
}

size_t
view_count(const struct view *v)
{
	return v->shown;
}

const struct msg *
view_at(const struct view *v, size_t i)
{
	must(i < v->shown);
	view_wake(v->self);
	return &v->x.list[i];
}

size_t
view_find(const struct view *v, uint32_t uid)
{
	size_t i;

	view_wake(v->self);
	i = index_find(&v->x, uid);
	return i < v->shown ? i : v->shown;
}

bool
view_recent(const struct view *v, size_t i)
{
	const struct msg *m = view_at(v, i);

	return (m->bits & MSG_RECENT) != 0 || index_is_recent(&v->x, m);
}

size_t
view_recent_count(const struct view *v)
{
	size_t n = 0;

	if (v->asleep)
		return (size_t)v->totals.recent;
	for (size_t i = 0; i < v->shown; i++)
		n += view_recent(v, i);
	return n;
}

size_t
view_unseen_first(const struct view *v)
{
	size_t i = 0;

	if (v->asleep)
		return (size_t)v->totals.unseen_first;
	while (i < v->shown && (v->x.list[i].flags & FLAG_SEEN) != 0)
		i++;
	return i;
}

struct span
view_name(const struct view *v, size_t i)
{
	return index_name(&v->x, view_at(v, i));
}

/* Messages that went before anyone was told of them are no news. */
bool
view_has_more(const struct view *v)
{
	for (size_t i = v->shown; i < v->x.count; i++)
		if ((v->x.list[i].bits & MSG_GONE) == 0)
			return true;
	return false;
}

void
view_show(struct view *v)
{
	size_t kept = v->shown;

	if (v->asleep) /* there is no more than was told */
		return;
	for (size_t i = v->shown; i < v->x.count; i++) {
		if ((v->x.list[i].bits & MSG_GONE) == 0)
			v->x.list[kept++] = v->x.list[i];
		else
			v->gone--;
	}
	if (kept != v->x.count)
		view_hash_drop(v);
	v->x.count = kept;
	v->shown = kept;
}

bool
view_has_gone(const struct view *v)
{
	return v->gone > 0;
}

void
view_purge(struct view *v, view_purge_fn *fn, void *arg)
{
	size_t kept = 0, kept_shown = 0;

	if (v->gone == 0)
		return;
	for (size_t i = 0; i < v->x.count; i++) {
		bool known = i < v->shown;

		if ((v->x.list[i].bits & MSG_GONE) != 0) {
			if (known && fn != NULL)
				fn(arg, kept, v->x.list[i].uid);
			continue;
		}
		v->x.list[kept++] = v->x.list[i];
		kept_shown += known;
	}
	v->x.count = kept;
	v->shown = kept_shown;
	v->gone = 0;
	view_hash_drop(v);
}

static void
vanished_one(void *arg, const struct change *c)
{
	struct view_vanished *q = arg;

	q->fn(q->arg, c->uid);
}

int
view_vanished_since(struct view *v, struct view_vanished *q, struct why *why)
{
	int got = view_lock(v, why);

	if (got == -1)
		return -1;
	got = view_catch_up(v, why);
	q->known = got == 0 &&
	    changelog_gone_since(v->log, q->modseq, vanished_one, q);
	uidlist_unlock(v->uids);
	return got;
}

bool
view_next_news(struct view *v, size_t *i)
{
	for (; v->news > 0 && *i < v->shown; ++*i) {
		struct msg *m = &v->x.list[*i];

		if ((m->bits & MSG_NEWS) == 0)
			continue;
		m->bits &= (uint8_t)~MSG_NEWS;
		v->news--;
		return true;
	}
	return false;
}

struct uidls {
	view_uidl_fn *fn;
	void *arg;
};

static void
uidl_one(void *arg, const struct uid_event *e)
{
	struct uidls *u = arg;

	if (e->kind == UID_ADD && e->uidl.n > 0)
		u->fn(u->arg, e->uid, e->uidl);
}

int
view_uidls(struct view *v, view_uidl_fn *fn, void *arg, struct why *why)
{
	struct uidls u = { fn, arg };
	int got;

	if (view_lock(v, why) == -1)
		return -1;
	got = view_catch_up(v, why);
	if (got == 0)
		got = uidlist_read_again(v->uids, uidl_one, &u, why);
	uidlist_unlock(v->uids);
	return got;
}
