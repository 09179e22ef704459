/* view.h - a folder as IMAP and POP3 see it: messages by number and UID
 *
 * The list that a client knows changes only when it is told: what others add is
 * not shown before view_show(), what they expunge stays until view_purge().
 * Numbers here count from 0.
 */

#ifndef MAILBOX_VIEW_H
#define MAILBOX_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "mailbox/index.h"

struct buf;
struct maildir;
struct stat;
struct tree;
struct view;
struct why;

struct view_conf {
	struct tree *tree; /* the folder's; outlives the view */
	bool read_only; /* nothing moves from new/ to cur/ */
	bool keep_new; /* new mail stays in new/ until its flags change */
	bool watch; /* for a session: be told of changes by the kernel */
	int *spare_watch; /* of watch.h; outlives the view; may be NULL */
};

/* Take *m (also on failure, *m is NULL then) and learn all of the folder; on
 * the first open Courier's or Dovecot's UIDs are taken over. NULL: why. */
struct view *
view_open(struct maildir **m, const struct view_conf *conf, struct why *why);
/* The index is written when something has changed. */
void view_close(struct view **v);

/* Look for what others did. -1 and why on trouble: the view is as it was, or
 * newer, and can be used; when view_is_lost() it cannot: the folder went away
 * or its UIDs were made anew, and the session must say so. */
int
view_sync(struct view *v, struct why *why) __attribute__((warn_unused_result));
bool view_is_lost(const struct view *v);
/* Readable when view_sync() would find something; -1: ask now and then. */
int view_watch_fd(const struct view *v);
/* Another process goes on watching by that descriptor: it is closed here with
 * the view, and not used again. */
void view_watch_given(struct view *v);

uint32_t view_validity(const struct view *v);
uint32_t view_next_uid(const struct view *v);
uint64_t view_highest(const struct view *v);
const char *view_guid(const struct view *v);
bool view_read_only(const struct view *v);
const struct keywords *view_keywords(const struct view *v);
struct maildir *view_maildir(const struct view *v);

/* Messages that the client was told of. */
size_t view_count(const struct view *v);
/* The pointer is good until the next call that may change the view. */
const struct msg *view_at(const struct view *v, size_t i);
/* The first message of that UID or a greater one; view_count() if none. */
size_t view_find(const struct view *v, uint32_t uid);
bool view_recent(const struct view *v, size_t i);
size_t view_recent_count(const struct view *v);
size_t view_unseen_first(const struct view *v); /* view_count(): none */
struct span view_name(const struct view *v, size_t i);

/* True when there is more than was told, and tell it: view_count() grows. */
bool view_has_more(const struct view *v);
void view_show(struct view *v);
/* Let go what is gone: fn is told each number as EXPUNGE wants it (those before
 * are gone already) and its UID. */
typedef void view_purge_fn(void *arg, size_t i, uint32_t uid);
bool view_has_gone(const struct view *v);
void view_purge(struct view *v, view_purge_fn *fn, void *arg);
/* Tell the UIDs of messages that were expunged after modseq. *known is false
 * when that is longer ago than is remembered; then none is told. */
typedef void view_vanished_fn(void *arg, uint32_t uid);
struct view_vanished {
	uint64_t modseq;
	bool known;
	view_vanished_fn *fn;
	void *arg;
};
int view_vanished_since(struct view *v, struct view_vanished *q,
    struct why *why) __attribute__((warn_unused_result));
/* What a client knows of the folder when nothing is left to tell, but for which
 * messages are recent (view_recent()). */
struct view_known {
	uint32_t validity, last; /* the greatest UID; 0: none */
	size_t count;
	uint64_t highest;
};
/* False: something is left to tell, or there is no index, so that it could not
 * be found out later what was told. */
bool view_known(const struct view *v, struct view_known *out);
/* Right after view_open(): as if the client had been there all the time. What
 * happened meanwhile is to be told. -1 and why: that cannot be found out; the
 * session must say so. */
int view_restore(struct view *v, const struct view_known *k, struct why *why)
    __attribute__((warn_unused_result));
/* Of those that the client knows. */
void view_mark_recent(struct view *v, uint32_t first, uint32_t last);

/* The next message whose flags changed since they were told, from *i on; its
 * mark is taken away. */
bool view_next_news(struct view *v, size_t *i);

/* Open a message's file: the descriptor, or -1: errno is ENOENT when it is
 * gone for good. */
int view_file(struct view *v, size_t i, struct why *why);
/* The same, with what the file is. */
int view_file_stat(struct view *v, size_t i, struct stat *st, struct why *why);
/* The same without taking the folder's lock: while another folder's is held.
 * ENOENT means that it is not there now. */
int view_file_unlocked(struct view *v, size_t i, struct why *why);
/* Give its file a name in another folder, as a second one or (move) instead of
 * this one. -1 with errno: EXDEV, EMLINK or EPERM mean that only a copy of the
 * bytes will do, ENOENT that it is gone for good. A moved message must be let
 * go by view_expunge(). Takes no lock. */
int view_link(struct view *v, size_t i, int to_dir, const char *to_name,
    bool move) __attribute__((warn_unused_result));
/* Its size with CRLF line ends; -1 when it cannot be read. Found by reading the
 * file once when no name tells it. */
int view_wire_size(struct view *v, size_t i, uint64_t *out, struct why *why);
/* What reading the message has shown, against what its name says. */
void view_set_sizes(struct view *v, size_t i, uint64_t size, uint64_t wire);
void view_set_date(struct view *v, size_t i, int64_t date);
int view_date(struct view *v, size_t i, int64_t *out, struct why *why);

/* What was found out about the message before, by the caller's numbers 0 to 7;
 * false when it was not. Good until the next call. */
bool view_recall(struct view *v, size_t i, unsigned item, struct span *out);
/* Keep it for the next time, also of other sessions. */
void view_remember(struct view *v, size_t i, unsigned item, struct span s);

/* The signature (signature.h) of the message's text, as it was kept by who made
 * texts in the same way; false when there is none. Good until the next call. */
bool view_words(struct view *v, size_t i, uint32_t way, struct span *out);
void
view_keep_words(struct view *v, size_t i, uint32_t way, struct span signature);
/* What was kept is there for whoever searches next, unless another holds the
 * lock now: then it waits for the next time. */
void view_words_flush(struct view *v);

/* The client is silent: what is only there to be quick is given back. */
void view_rest(struct view *v);

/* The POP3 names that were taken over: fn for each message that has one. */
typedef void view_uidl_fn(void *arg, uint32_t uid, struct span uidl);
int view_uidls(struct view *v, view_uidl_fn *fn, void *arg, struct why *why);

enum view_op { VIEW_SET, VIEW_ADD, VIEW_REMOVE };
struct view_change {
	enum view_op op;
	unsigned flags; /* FLAG_ */
	const struct span *keywords;
	size_t keyword_count;
	uint64_t unchanged_since; /* leave those that are newer; UINT64_MAX */
	uint64_t *had; /* NULL, or n: each one's sequence before the change */
	/* Of VIEW_SET: what is not to be touched. */
	unsigned keep_flags;
	bool keep_keywords;
};
/* Change flags of the n messages at; durable on return. Messages that changed
 * are news. Those left because they are newer get the bit MSG_MARK, all others
 * lose it. -1 and why: some may be changed, and are news then. */
int view_store(struct view *v, const uint32_t *at, size_t n,
    const struct view_change *c, struct why *why)
    __attribute__((warn_unused_result));
enum view_which {
	VIEW_DELETED, /* those that are \\Deleted */
	VIEW_ANY,
	VIEW_MOVED /* their files may have been moved away already */
};
/* Remove messages; durable. They are gone afterwards, to be told by
 * view_purge(). */
int view_expunge(struct view *v, const uint32_t *at, size_t n,
    enum view_which which, struct why *why) __attribute__((warn_unused_result));
/* Append where the file of a message lies, for people: "./cur/NAME". */
void view_path(struct view *v, size_t i, struct buf *out);
/* fn is told that of each message that view_expunge() removes, but not of those
 * that were moved. */
typedef void view_removed_fn(void *arg, struct span path);
void view_tell_removals(struct view *v, view_removed_fn *fn, void *arg);

/* STATUS: totals without opening more than must be. */
struct view_status {
	bool want_bytes; /* set by the caller: totals.bytes is to be right */
	bool want_deleted; /* likewise: deleted_bytes is wanted */
	uint64_t deleted_bytes; /* of what is \\Deleted, with CRLF */
	struct uidlist_head head;
	uint64_t highest;
	struct index_totals totals;
};
int view_status(struct maildir **m, struct tree *tree, struct view_status *out,
    struct why *why) __attribute__((warn_unused_result));

#endif
