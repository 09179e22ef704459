/* flags.h - what the name of a message file says: flags, sizes, time of arrival
 */

#ifndef MAILBOX_FLAGS_H
#define MAILBOX_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

/* The six letters of a Maildir file name, in their ASCII order. */
enum {
	FLAG_DRAFT = 1 << 0, /* D */
	FLAG_FLAGGED = 1 << 1, /* F */
	FLAG_PASSED = 1 << 2, /* P: resent or forwarded */
	FLAG_ANSWERED = 1 << 3, /* R */
	FLAG_SEEN = 1 << 4, /* S */
	FLAG_DELETED = 1 << 5, /* T */
	FLAG_ALL = (1 << 6) - 1
};

/* The part of a name before the first ':', which names the message for good. */
struct span flags_base(struct span name);
/* The FLAG_ bits of a name; 0 when it has no ":2,". */
unsigned flags_of(struct span name);
/* Append name with its six flags replaced by these. Other letters stay as
 * found, all are sorted and stand once. What follows the base but is no ":2,"
 * is dropped. */
void flags_rename(struct buf *out, struct span name, unsigned flags);
/* Append name as it is called in cur/: ":2," added when it has no info. */
void flags_in_cur(struct buf *out, struct span name);
/* True when letter (a to z: a keyword of Dovecot) stands in the info. */
bool flags_has_letter(struct span name, char letter);
/* The extension field ",S=n" or ",W=n" of a name. */
bool flags_size(struct span name, char field, uint64_t *out);

/* When a message came, by its name: seconds, microseconds where an M field can
 * be read, then the base as bytes. Names that do not begin with digits come
 * first. */
struct flags_arrival {
	uint64_t sec;
	int64_t usec; /* -1: not told */
	struct span base; /* of name */
};
struct flags_arrival flags_arrival(struct span name);
int
flags_arrival_cmp(const struct flags_arrival *x, const struct flags_arrival *y);
/* Of two names that one has the smaller number which comes first; where the
 * numbers are equal flags_arrival_cmp() must say it. */
uint64_t flags_arrival_key(struct span name);
/* The seconds in that number, 0 where they are more than fit. */
uint32_t flags_arrival_sec(uint64_t key);

#endif
