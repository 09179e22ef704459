/* tags.h - tag=value lists (RFC 6376, 3.2): signatures, keys, policies */

#ifndef MAUTH_TAGS_H
#define MAUTH_TAGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;

enum { TAGS_MAX = 40 };

struct tag {
	struct span name, value; /* without blanks around; folded inside */
};

struct tags {
	struct tag list[TAGS_MAX];
	size_t count;
};

/* The spans point into text. False: ill-formed, a name given twice, or more
 * than TAGS_MAX. */
bool tags_parse(struct span text, struct tags *out);
/* Names are case-sensitive. False: not there. */
bool tags_get(const struct tags *t, const char *name, struct span *value);
/* Is word among the ':'-separated words of list (blanks around them do not
 * count)? Letters compare without regard to case. */
bool tags_listed(struct span list, const char *word);
/* Append what the base64 text stands for, blanks inside it passed over. */
bool tags_base64(struct span text, struct buf *out);

#endif
