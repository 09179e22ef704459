/* shares.h - which owners share folders with whom
 *
 * An index of what owners have said, kept by hints: the lists in their folders
 * are the truth (docs/ARCHITECTURE.md). It outlives the process; what was said
 * in the second before a crash is lost, and said again by the owner's imapd
 * within a day of his logging in.
 */

#ifndef AUTH_SHARES_H
#define AUTH_SHARES_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
struct loop;
struct shares;

enum {
	SHARES_OWNERS_MAX = 65536,
	SHARES_LISTED_MAX = 500, /* owners for one identifier, and one LIST */
	SHARES_IDS_MAX = 500 /* identifiers of one owner */
};

struct shares *shares_open(struct loop *loop, const char *data_directory);
void shares_free(struct shares **s);
void shares_flush(struct shares *s);

/* owner names these identifiers, lines such as "user=bob", "group=staff",
 * "anyone", and no others. False: they are ill-formed or too many, and nothing
 * is changed. */
bool shares_tell(struct shares *s, struct span owner, struct span ids);
/* Who asks: a user, and the names of his groups with blanks between. */
struct shares_who {
	struct span user, groups;
};
/* Are groups named at all? Else nobody need look them up. */
bool shares_know_groups(struct shares *s);
/* Append the owners who name them, as lines. */
void
shares_list(struct shares *s, const struct shares_who *who, struct buf *out);
bool
shares_may(struct shares *s, const struct shares_who *who, struct span owner);

#endif
