/* index.h - facteur.index: what we know of a folder, ready to use
 *
 * A snapshot, written whole and renamed, read whole. It can be missing or
 * damaged at any time: all of it is found again from the files, facteur.uids
 * and facteur.log.
 */

#ifndef MAILBOX_INDEX_H
#define MAILBOX_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/buf.h"
#include "mailbox/changelog.h"
#include "mailbox/keywords.h"
#include "mailbox/uidlist.h"

enum {
	MSG_IN_NEW = 1 << 0, /* the file lies in new/ */
	MSG_SIZED = 1 << 1, /* size is right */
	MSG_WIRE_SIZED = 1 << 2, /* wire_size is right */
	MSG_DATED = 1 << 3, /* date is right */
	MSG_KEPT = (1 << 4) - 1, /* the bits above are kept on disk */
	MSG_GONE = 1 << 4, /* expunged, not told to the client yet */
	MSG_RECENT = 1 << 5, /* for this session */
	MSG_NEWS = 1 << 6, /* flags changed, not told yet */
	MSG_MARK = 1 << 7 /* of whoever walks the list */
};

/* One message. name is its file's, in the index's names. */
struct msg {
	uint32_t uid;
	uint32_t name_at;
	uint16_t name_n, base_n;
	uint8_t flags; /* FLAG_ */
	uint8_t bits; /* MSG_ */
	uint32_t saved; /* when it came into this folder; 0: not known */
	int64_t date; /* INTERNALDATE */
	uint64_t size, wire_size; /* on disk; with CRLF */
	uint64_t modseq;
	uint64_t cache_at; /* its entry in facteur.cache; 0: none */
	struct kwset kw;
};

/* new/ or cur/ as last read. */
struct dir_stamp {
	struct timespec mtime, ctime;
	bool settled; /* a later change would have another stamp */
};

struct index {
	struct uidlist_head head;
	struct uidlist_place uids;
	struct changelog_place log;
	uint64_t highest;
	uint32_t recent; /* as of UID_RECENT (uidlist.h); 0: not known */
	uint64_t cache_id; /* of the facteur.cache that cache_at points into */
	struct dir_stamp stamps[2]; /* MAILDIR_NEW, MAILDIR_CUR */
	struct msg *list; /* by rising uid */
	size_t count, room;
	struct buf names;
	struct keywords *keywords;
};

/* For STATUS. */
struct index_totals {
	uint64_t messages, recent, unseen, deleted, bytes;
	bool has_bytes; /* every message's wire_size is known */
	uint64_t unseen_first; /* its place in the list; messages: none */
};

void index_init(struct index *x);
void index_done(struct index *x);
/* A new last message of that file name; the pointer is good until the next. */
struct msg *index_add(struct index *x, uint32_t uid, struct span name);
/* The same in two steps: the name is kept first, at *at; false when there is no
 * room for more. Names that no message gets are let go by index_pack(). */
bool index_keep_name(struct index *x, struct span name, uint32_t *at);
struct msg *
index_add_kept(struct index *x, uint32_t uid, uint32_t at, size_t n);
/* So many messages more will come. */
void index_expect(struct index *x, size_t more);
struct span index_name(const struct index *x, const struct msg *m);
struct span index_base(const struct index *x, const struct msg *m);
/* Give m another file name: false when it is too long for the format. */
bool index_rename(struct index *x, struct msg *m, struct span name);
/* Let go of the names that were given up, when they are many. */
void index_pack(struct index *x);
/* The place of uid in the list, or of the first greater one. */
size_t index_find(const struct index *x, uint32_t uid);
/* No session was told of it yet: it lies in new/, or came with flags. */
bool index_is_recent(const struct index *x, const struct msg *m);
void index_totals(const struct index *x, struct index_totals *out);

/* Read a snapshot into an empty index. False when there is none that is whole
 * and of our version; x is empty then. */
bool index_load(struct index *x, int dir, const char *name);
/* Its head, totals and keywords only; list and names stay empty. Returns the
 * open file for index_load_body(), or -1. */
int index_load_head(
    struct index *x, struct index_totals *out, int dir, const char *name);
/* The rest of a file of which the head was read. It cannot have changed since:
 * snapshots are replaced, not written to. */
bool index_load_body(struct index *x, int fd);
/* Write it. Messages that are gone are left out. -1: errno; no harm done. */
int index_save(const struct index *x, int dir, const char *name, mode_t mode)
    __attribute__((warn_unused_result));

#endif
