/* view_parts.h - what the files view*.c share; for them alone */

#ifndef MAILBOX_VIEW_PARTS_H
#define MAILBOX_VIEW_PARTS_H

#include "base/buf.h"
#include "mailbox/changelog.h"
#include "mailbox/import.h"
#include "mailbox/index.h"
#include "mailbox/index_note.h"
#include "mailbox/maildir.h"
#include "mailbox/uidlist.h"
#include "mailbox/view.h"
#include "mailbox/watch.h"

struct arena;
struct why;

struct learned;

struct view {
	struct maildir *m;
	struct tree *tree;
	bool read_only, keep_new;
	int index; /* what the index lies in, the maildir's; -1: nowhere */
	struct uidlist *uids;
	struct changelog *log;
	struct index x;
	size_t shown; /* messages at the front that the client knows */
	/* Only the head of facteur.index was read, since nothing has happened
	 * since it was written: list and names come when they are asked for,
	 * out of sleeping. */
	bool asleep;
	int sleeping; /* the file, or -1 */
	struct index_totals totals;
	struct view *self; /* for waking where the caller's view is const */
	size_t gone, news; /* how many have MSG_GONE, MSG_NEWS */

	/* Places plus one of messages by the hash of their base; NULL when it
	 * must be made. */
	uint32_t *hash;
	size_t hash_size;

	struct cache *cache;
	struct buf learned; /* entries for it that are not written yet */
	struct learned *places;
	size_t place_count, place_room;

	struct wordfile *words; /* NULL: not asked for yet */
	struct buf unwritten; /* entries for it */
	uint32_t unwritten_way;

	view_removed_fn *removed; /* or NULL */
	void *removed_arg;

	struct watch *watch;
	int *spare_watch;
	struct watch_events events; /* drained and not judged yet */
	bool dirty[2]; /* new/, cur/ must be read */
	enum clock_of { CLOCK_UNKNOWN, CLOCK_OURS, CLOCK_OTHERS } clock;
	/* Of CLOCK_OTHERS: since when a part has this stamp, by clock_ms(). */
	struct dir_stamp seen[2];
	int64_t seen_since[2];
	bool took_in; /* what the kernel will tell of is our own doing */

	struct buf unexplained; /* UIDs: facteur.uids told what the log must */

	bool loaded; /* the first read is over: what comes is news */
	bool restarted; /* facteur.uids is read from its front */
	uint64_t list_ino; /* of the facteur.uids that the list is from */
	struct kwset *before; /* keywords as they were then, or NULL */
	size_t before_count;
	bool lost;
	bool changed; /* facteur.index is older than we are */
	bool restless; /* its stamps were not settled or not right */
	struct import *imported; /* during the first sync of a folder */
	struct arena *import_arena; /* what imported points into */
};

/* view_sync.c. The lock is given back by uidlist_unlock(). */
int
view_lock(struct view *v, struct why *why) __attribute__((warn_unused_result));
/* The same without waiting, and without trouble of note: for what can be done
 * another time. */
bool view_lock_now(struct view *v);
/* Under the lock: */
/* Read what others wrote; make facteur.uids when there is none. */
int view_catch_up(struct view *v, struct why *why)
    __attribute__((warn_unused_result));
/* Into an empty list, v->shown being known: all as it was when facteur.uids
 * ended at that place, then what came since. */
int view_reload(struct view *v, uint64_t at, struct why *why)
    __attribute__((warn_unused_result));
/* Read the folders that are dirty and give UIDs to what is new. */
int
view_scan(struct view *v, struct why *why) __attribute__((warn_unused_result));
/* A new list of UIDs, from the index, another program, or nothing. */
int view_rebuild(struct view *v, struct why *why)
    __attribute__((warn_unused_result));
/* Write facteur.uids anew from what we know. */
int view_rewrite_uids(struct view *v, struct why *why)
    __attribute__((warn_unused_result));

/* view_cache.c: under the lock, write what was learned. */
void view_cache_flush(struct view *v);
/* Anything is waiting to be written. */
bool view_cache_waits(const struct view *v);
void view_cache_free(struct view *v);
void view_cache_rest(struct view *v);

/* view_words.c */
void view_words_free(struct view *v);
void view_words_rest(struct view *v);

/* view_stamps.c */
/* Stamps of the folders after changes of our own, when nobody else's came
 * between: call around them. */
void view_own_begin(struct view *v);
void view_own_end(struct view *v);
/* Without the lock: true when somebody may have changed something. */
bool view_peek(struct view *v);
/* Look at stamps and events, which are judged by what is known after
 * view_catch_up(); sets dirty. */
void view_look(struct view *v);
/* Note the stamp of a part that is read from now on. */
void view_stamp_take(struct view *v, int part);

/* view_status.c: true when the index's head tells the folder as it is now; no
 * lock is needed. */
bool view_index_is_current(const struct index *x, struct maildir *m);

/* view_sleep.c */
/* Under the lock, before anything was read: true when the head will do. */
bool view_doze(struct view *v);
/* Read the rest, if that was not done. Where it is damaged it is made again
 * from the other files; if that does not give what was told, the view is lost
 * and all its messages are gone. */
void view_wake(struct view *v);

/* view.c */
/* Write facteur.index, and what waits for facteur.cache. The second does not
 * wait for the lock: when it is not to be had, nothing is written. */
void view_save(struct view *v);
void view_save_now(struct view *v);
/* There is something to write, or the index's stamps were not worth much. */
bool view_wants_saving(struct view *v);
struct msg *view_by_base(struct view *v, struct span base);
void view_hash_add(struct view *v, size_t i);
void view_hash_drop(struct view *v);
/* While nothing was shown. */
void view_forget_gone(struct view *v);
void view_mark_gone(struct view *v, struct msg *m);
void view_mark_news(struct view *v, struct msg *m);
int view_trouble(struct view *v, const char *what, struct why *why);

/* view_file.c: each file of new/ or cur/; -1 with errno. */
typedef void view_file_fn(void *arg, enum maildir_part part, const char *name);
int view_each_file(struct view *v, enum maildir_part part, view_file_fn *fn,
    void *arg) __attribute__((warn_unused_result));
/* Its file has this name and is there, as far as we know. */
bool view_lies_here(const struct view *v, const struct msg *m,
    enum maildir_part part, struct span name);

/* view_recent.c: under the lock. Messages that no session has told of are this
 * one's; the list is to be committed. */
void view_settle_recent(struct view *v);
/* The same when nothing else is to be written. */
void view_write_recent(struct view *v);
/* All that lies in new/ goes to cur/. */
void view_take_in(struct view *v);

/* view_sizes.c: sizes out of the name. */
void view_sizes_of_name(struct view *v, struct msg *m);
/* When it came into this folder, out of the name that it got then. */
void view_saved_of_name(struct view *v, struct msg *m);

#endif
