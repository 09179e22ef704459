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

struct arrive;
struct maildir;
struct tree;
struct why;

struct arrive_message {
	struct span name; /* of the file, in new/ or cur/ */
	unsigned flags; /* as name tells them */
	const struct span *keywords;
	size_t keyword_count;
	uint32_t uid; /* the answer */
};

/* Before the files get their names: remember how far UIDs have gone. A folder
 * that has none yet is opened once, so that Courier's or Dovecot's are taken
 * over (with tree NULL: refused, errno ENOENT). m and tree stay the caller's
 * and outlive it. NULL: why. */
struct arrive *
arrive_begin(struct maildir *m, struct tree *tree, struct why *why);
void arrive_end(struct arrive **a);
/* When the files are where they are to be: give UIDs, durably, in this order;
 * another session may have given some already. -1 and why: none is promised. */
int arrive_number(struct arrive *a, struct arrive_message *list, size_t n,
    struct why *why) __attribute__((warn_unused_result));
uint32_t arrive_validity(const struct arrive *a);

#endif
