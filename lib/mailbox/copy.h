/* copy.h - messages from one folder into another: COPY and MOVE */

#ifndef MAILBOX_COPY_H
#define MAILBOX_COPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct maildir;
struct tree;
struct view;
struct why;

struct copy_result {
	uint32_t validity; /* of the target */
	uint32_t *uids; /* one for each message; the caller's to free */
	uint64_t bytes;
};

struct copy_job {
	struct view *from;
	const uint32_t *at; /* which messages */
	size_t count;
	struct maildir *to; /* may be the same folder */
	struct tree *tree; /* of the target */
	bool move;
	/* What the target is not to have of the flags, FLAG_, and keywords. */
	unsigned drop_flags;
	bool drop_keywords;
};

/* Put messages into a folder, durably, all or none, with flags, keywords and
 * dates. A copy shares the file by a second name where that can be. With move
 * the files themselves go, and are gone from the view afterwards, to be told by
 * view_purge(). -1 and why: errno is ENOENT when a message is not there any
 * more. */
int copy_messages(const struct copy_job *job, struct copy_result *out,
    struct why *why) __attribute__((warn_unused_result));

#endif
