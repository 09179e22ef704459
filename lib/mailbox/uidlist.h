/* uidlist.h - facteur.uids: which UID a message has, for ever
 *
 * One text file in each folder: a head line, then lines that were only ever
 * appended, each with a checksum. The head holds the UIDVALIDITY and the next
 * UID; it is rewritten in place whenever UIDs are given, so that no damage to
 * the lines and no crash lets a UID be given twice. The lock of whoever changes
 * the folder's side files is a kernel lock on it.
 */

#ifndef MAILBOX_UIDLIST_H
#define MAILBOX_UIDLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"
#include "mailbox/keywords.h"

struct uidlist;
struct why;

enum { UIDLIST_GUID = 32, UIDLIST_LOCK_MS = 30000 };

struct uidlist_head {
	uint32_t validity, next;
	char guid[UIDLIST_GUID + 1]; /* 32 hex digits */
};

enum uid_event_kind {
	UID_START, /* the file is read from its front: forget what it said */
	UID_ADD, /* uid is the message text; uidl its POP3 name, or empty */
	UID_GONE, /* uid was expunged */
	UID_KEYWORDS, /* uid has the keywords kw */
	UID_KEYWORD, /* keyword number uid is called text */
	UID_RECENT /* from uid on no session was told of messages */
};

struct uid_event {
	enum uid_event_kind kind;
	uint32_t uid;
	struct span text, uidl; /* good during the call only */
	struct kwset kw;
};

typedef void uid_event_fn(void *arg, const struct uid_event *e);

/* dir stays the caller's. Nothing is opened yet. */
struct uidlist *uidlist_new(int dir, mode_t mode);
void uidlist_free(struct uidlist **u);

/* Take the lock, making an empty file when there is none; waits at most
 * UIDLIST_LOCK_MS. -1 and why. Everything below but uidlist_changed() wants it
 * held. */
int uidlist_lock(struct uidlist *u, struct why *why)
    __attribute__((warn_unused_result));
/* The same without waiting: 1 when another holds it. */
int uidlist_try_lock(struct uidlist *u, struct why *why)
    __attribute__((warn_unused_result));
void uidlist_unlock(struct uidlist *u);
/* Without the lock: false when surely nothing was written since the last read
 * or commit. */
bool uidlist_changed(const struct uidlist *u);

/* The head as it is on disk; false when the file is new or its head is damaged:
 * then uidlist_replace() must make one. */
bool uidlist_head(struct uidlist *u, struct uidlist_head *out);
/* Tell each line since the last read to fn. A line whose checksum is wrong is
 * passed over and counted. -1 and why on trouble. */
int uidlist_read(struct uidlist *u, uid_event_fn *fn, void *arg,
    struct why *why) __attribute__((warn_unused_result));
/* The same up to a place that was one before; then reading stands there. */
int uidlist_read_to(struct uidlist *u, uint64_t at, uid_event_fn *fn, void *arg,
    struct why *why) __attribute__((warn_unused_result));
/* Tell all lines, UID_START first, without moving where reading stands. */
int uidlist_read_again(struct uidlist *u, uid_event_fn *fn, void *arg,
    struct why *why) __attribute__((warn_unused_result));
/* Damaged lines passed over since UID_START. */
size_t uidlist_damaged(const struct uidlist *u);
/* Lines read or written since UID_START: for deciding when to replace. */
size_t uidlist_lines(const struct uidlist *u);

/* Where reading stands, and to stand there: false when the file is another. */
struct uidlist_place {
	uint64_t ino, at;
};
struct uidlist_place uidlist_place(const struct uidlist *u);
bool uidlist_seek(struct uidlist *u, struct uidlist_place to);

/* Stand at the front: the next read tells UID_START and all lines. */
void uidlist_rewind(struct uidlist *u);
/* Stand at the end of what is there, unread. */
int uidlist_seek_end(struct uidlist *u, struct why *why)
    __attribute__((warn_unused_result));

/* The next UID to be given; 0 when all are used up. */
uint32_t uidlist_next(const struct uidlist *u);
/* Queue lines for uidlist_commit(). Adding a message gives it uidlist_next(),
 * which is returned (0 when used up). */
uint32_t uidlist_add(struct uidlist *u, struct span base, struct span uidl);
void uidlist_gone(struct uidlist *u, uint32_t uid);
void uidlist_keywords(struct uidlist *u, uint32_t uid, const struct kwset *kw);
void uidlist_keyword(struct uidlist *u, size_t number, struct span name);
void uidlist_recent(struct uidlist *u, uint32_t first);
/* Append what is queued; with durable it is on disk on return. -1 and why: the
 * file says what it said, nothing is queued any more; UIDs that were given in
 * vain stay unused. */
int uidlist_commit(struct uidlist *u, bool durable, struct why *why)
    __attribute__((warn_unused_result));

/* What was committed and is not durable yet: let the disk begin, and wait for
 * it. */
void uidlist_flush_begin(struct uidlist *u);
int uidlist_flush(struct uidlist *u, struct why *why)
    __attribute__((warn_unused_result));

struct uid_entry {
	uint32_t uid;
	struct span base, uidl;
	struct kwset kw;
};
struct uidlist_content {
	struct uidlist_head head;
	const struct keywords *names;
	const struct uid_entry *list; /* by rising uid, all below head.next */
	size_t count;
	uint32_t recent; /* as of UID_RECENT; 0: not known */
};
/* Write the file anew, durably, and hold the lock of the new one; reading
 * stands at its end. -1 and why: the old file is as it was. */
int uidlist_replace(struct uidlist *u, const struct uidlist_content *c,
    struct why *why) __attribute__((warn_unused_result));

#endif
