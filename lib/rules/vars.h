/* vars.h - the variables of a run, all of them the environment of its programs
 */

#ifndef RULES_VARS_H
#define RULES_VARS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct vars;

struct vars *vars_new(void);
void vars_free(struct vars **v);

/* A value ends at its first NUL. */
void vars_set(struct vars *v, struct span name, struct span value);
void vars_set_str(struct vars *v, const char *name, const char *value);
void vars_unset(struct vars *v, const char *name);
/* The value, NUL-ended, until it is set anew; NULL when unset. */
const char *vars_get(const struct vars *v, struct span name);
const char *vars_get_str(const struct vars *v, const char *name);
/* As get, "" when unset. */
const char *vars_text(const struct vars *v, const char *name);
/* Bytes of all values and names. */
size_t vars_bytes(const struct vars *v);
/* The environment for execve(), in a; without what is longer than the kernel
 * takes. */
char **vars_environment(const struct vars *v, struct arena *a);

/* A number as procmail reads it: digits at the front; else a word beginning
 * with o(n), y, t or e is 1, o(ff), n, f or d is 0, a is 2; else before. */
long vars_number(const char *text, long before);
/* Is it a name that can be assigned to? */
bool vars_is_name(struct span s);

#endif
