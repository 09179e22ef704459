/* regex.h - the two makers of regular expressions; for lib/maps only */

#ifndef MAPS_REGEX_H
#define MAPS_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct regex;

enum regex_result { REGEX_YES, REGEX_NO, REGEX_TROUBLE };

struct regex_maker {
	/* NULL: wrong says what the pattern or its flags lack. */
	struct regex *(*compile)(
	    struct span text, struct span flags, struct buf *wrong);
	unsigned (*groups)(const struct regex *r); /* how many it has */
	/* Up to count groups (0 is the whole); unset ones get a NULL p.
	 * subject is NUL-ended. REGEX_TROUBLE: wrong says why. */
	enum regex_result (*match)(const struct regex *r, struct span subject,
	    struct span *groups, size_t count, struct buf *wrong);
	void (*free)(struct regex **r);
};

extern const struct regex_maker regex_posix, regex_pcre;

#endif
