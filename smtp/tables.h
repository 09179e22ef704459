/* tables.h - keys looked up one after the other in the tables of a parameter */

#ifndef SMTP_TABLES_H
#define SMTP_TABLES_H

#include <stddef.h>

#include "base/span.h"

struct smtp_env;
struct tables_query;

enum { TABLES_KEYS_MAX = 8 };

enum tables_result { TABLES_FOUND, TABLES_NOT_FOUND, TABLES_TROUBLE };

/* value lives until fn returns, and may be a secret. Called once, from the
 * loop. */
typedef void tables_fn(void *arg, enum tables_result result, struct span value);

/* The first of the keys that is found; an empty one ends them, at most
 * TABLES_KEYS_MAX before it; they are copied. parameter is a constant, of
 * which the form for LMTP is taken where env is of LMTP. */
struct tables_query *tables_find(const struct smtp_env *env,
    const char *parameter, const struct span *keys, tables_fn *fn, void *arg);
/* fn will not be called; *q is cleared. */
void tables_cancel(struct tables_query **q);

#endif
