/* compile.h - text into a table's file: the work of postmap and postalias */

#ifndef MAPS_COMPILE_H
#define MAPS_COMPILE_H

#include <stdbool.h>

#include "base/span.h"

struct why;

enum compile_flag {
	COMPILE_ALIASES = 1, /* "name: value" lines, and the entries of NIS */
	COMPILE_FOLD = 2, /* keys in lower case */
	COMPILE_KEEP = 4, /* add to what is there; text is standard input */
	COMPILE_REPLACE = 8, /* a key that is there gets the new value */
	COMPILE_QUIET = 16, /* and no warning otherwise */
	COMPILE_NO_NUL = 32,
	COMPILE_AS_ROOT = 64, /* not as the owner of the text */
	COMPILE_MODE_644 = 128, /* not the mode of the text */
	COMPILE_FILES = 256, /* values are file names: store what is in them */
	COMPILE_ANY_BYTES = 512 /* no check for UTF-8 */
};

struct compile {
	unsigned flags;
	const char *default_type;
	const char *host; /* COMPILE_ALIASES: name of this machine */
};

/* Make the table of spec from the file of its name. Lines that make no sense
 * are named in the log and passed over. False: why; the old table stays. As
 * root it works with the rights of the text's owner. */
bool compile_table(const struct compile *c, struct span spec, struct why *why)
    __attribute__((warn_unused_result));
/* Remove keys from the file; *found: how many were there. With "-" as the only
 * key they are read from standard input, one on a line. */
bool compile_delete(const struct compile *c, struct span spec, struct span key,
    unsigned *found, struct why *why) __attribute__((warn_unused_result));

#endif
