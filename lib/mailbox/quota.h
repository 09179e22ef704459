/* quota.h - maildirsize: how much a user's mail takes, and may take */

#ifndef MAILBOX_QUOTA_H
#define MAILBOX_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct why;

#define QUOTA_FILE "maildirsize"

/* What is allowed; 0: no limit of that kind. */
struct quota_limit {
	uint64_t bytes, count;
	bool trash_free; /* the folder Trash and deleted mail do not count */
};

struct quota_usage {
	uint64_t bytes, count;
};

/* "10000000S,1000C": false when it is not that. */
bool quota_parse(struct span text, struct quota_limit *out);

/* The limit that maildirsize itself names, as maildirmake -q wrote it; no limit
 * when there is none. trash_free stays as it is. Is there a maildirsize? */
bool quota_found(int dir, struct quota_limit *out);

/* The usage of the tree whose top directory dir is, from maildirsize when that
 * is there, whole, of this limit and not in doubt; else counted anew and
 * written. -1 and why when it cannot be counted. */
int
quota_read(int dir, const struct quota_limit *limit, struct quota_usage *out,
    struct why *why) __attribute__((warn_unused_result));
/* True when bytes and count more would fit. Counts anew before it says no on
 * old numbers. Trouble lets the mail in: a quota is no reason to lose time over
 * a full disk, which the store itself will tell. */
bool quota_allows(
    int dir, const struct quota_limit *limit, uint64_t bytes, uint64_t count);
/* Note that mail came or went, with one append. Nothing happens when there is
 * no maildirsize or it cannot be written: the next count sets it right. */
void quota_add(int dir, int64_t bytes, int64_t count);
/* There is a maildirsize that quota_add() would write to. */
bool quota_is_counted(int dir);

#endif
