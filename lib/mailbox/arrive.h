/* arrive.h - UIDs for messages that we put into a folder ourselves
 *
 * The light way, without opening a view: the folder is not read, however large
 * it is. Sessions that have it open learn of the messages from the side files.
 */

#ifndef MAILBOX_ARRIVE_H
#define MAILBOX_ARRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "mailbox/keywords.h"

struct arrive;
struct maildir;
struct store_file;
struct store_how;
struct tree;
struct why;

struct arrive_message {
	struct span name; /* of the file, in new/ or cur/ */
	unsigned flags; /* as name tells them */
	const struct span *keywords;
	size_t keyword_count;
	uint32_t uid; /* the answer */
	struct kwset kw; /* and of the keywords, those that have room */
};

/* A folder that has no UIDs yet is opened once, so that Courier's or Dovecot's
 * are taken over (with tree NULL: refused, errno ENOENT). m and tree stay the
 * caller's and outlive it. NULL: why. */
struct arrive *
arrive_begin(struct maildir *m, struct tree *tree, struct why *why);
/* Give back the lock, if it is held still; what was numbered and not done with
 * is looked for by the next session. */
void arrive_end(struct arrive **a);
/* Before the files get the names that are told here: give UIDs and keywords,
 * durably, in this order, and hold the folder's lock until arrive_done(). So
 * no message is ever seen without them. -1 and why: nothing is promised, no
 * lock is held. */
int arrive_number(struct arrive *a, struct arrive_message *list, size_t n,
    struct why *why) __attribute__((warn_unused_result));
/* After the folder was flushed with all of them in it; or none of them is
 * there and their UIDs are used up. */
void arrive_done(
    struct arrive *a, const struct arrive_message *list, size_t n, bool shown);
/* Both around the storing of files of store_begin() that are all written: they
 * are numbered, flushed, and shown. The lines are written before the files are
 * flushed, so that one commit of the file system's journal has both. Of the
 * list the caller fills the keywords only. -1 with errno and why: none of them
 * is there. */
struct arrive_files {
	struct store_file *const *files;
	const struct store_how *how;
	size_t n;
	/* What cannot be numbered is shown all the same, with a warning: its
	 * uid is 0, and the next session that looks gives it one. */
	bool anyway;
};
int arrive_store(struct arrive *a, const struct arrive_files *f,
    struct arrive_message *list, struct why *why)
    __attribute__((warn_unused_result));
/* Something of the folder that is no message has changed: its modification
 * sequence grows (RFC 7162, 3.2). */
int arrive_touch(struct maildir *m, struct tree *tree, struct why *why)
    __attribute__((warn_unused_result));
uint32_t arrive_validity(const struct arrive *a);

#endif
