/* generic.h - addresses as the world is to see them (smtp_generic_maps) */

#ifndef SMTP_GENERIC_H
#define SMTP_GENERIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct edited;
struct generic_query;
struct letter;
struct smtp_env;
struct why;

/* why is NULL when all is well: then the letter has its other addresses and
 * its header. Called once, from the loop. */
typedef void generic_fn(void *arg, const struct why *why);

/* Look all addresses of the letter up, those in its header too. What is set in
 * the letter lives in a. */
struct generic_query *generic_start(const struct smtp_env *env,
    struct letter *letter, struct arena *a, generic_fn *fn, void *arg);
/* Does it go to somebody whom the sender did not write to? */
bool generic_is_forwarded(const struct letter *l);
/* fn will not be called; *q is cleared. */
void generic_cancel(struct generic_query **q);

#endif
