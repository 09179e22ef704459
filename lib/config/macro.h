/* macro.h - $name and its kin in the values of main.cf and master.cf */

#ifndef CONFIG_MACRO_H
#define CONFIG_MACRO_H

#include <stdbool.h>

#include "base/span.h"

struct buf;
struct why;

/* A value and the place it was written at. */
struct macro_value {
	const char *text; /* NULL: no such name */
	const char *where; /* "FILE, line N", for messages */
};

/* Where values come from. lookup returns false, with why, when the value
 * cannot be had at all. What it gives must last until macro_expand() returns.
 */
struct macro_source {
	bool (*lookup)(const void *from, struct span name,
	    struct macro_value *value, struct why *why);
	const void *from;
};

/* Nesting of names and conditions, size of the result, bytes looked at. */
enum {
	MACRO_DEPTH_MAX = 50,
	MACRO_SIZE_MAX = 1 << 20,
	MACRO_WORK_MAX = 8 << 20
};

/* Append text with these replaced (postconf(5)):
 *   $name ${name} $(name)   the value, itself expanded; unknown: nothing
 *   ${name?x} ${name?{x}}   x when the value is not empty
 *   ${name:x} ${name:{x}}   x when it is
 *   ${name?{x}:{y}}         the one or the other
 *   ${{a} == {b} ? {x} : {y}}   != < <= >= > too; numbers by value. Without
 *                           the ? part: true, or nothing
 *   ${{a} <level {b} ...}   the same by the parts of a compatibility level
 *   $$                      one $
 * Blanks may stand between the parts. false: why says where and what; out may
 * have grown. */
bool macro_expand(const struct macro_source *source, const char *where,
    struct span text, struct buf *out, struct why *why);

/* The next name that text refers to, however deep it stands: for those who ask
 * which parameters are used. *at begins at 0; false at the end. Ill-formed
 * text gives what can be told. */
bool macro_name_next(struct span text, size_t *at, struct span *name);

#endif
