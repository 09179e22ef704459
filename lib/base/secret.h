/* secret.h - bytes that are wiped and never logged */

#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* A password, ticket or key: at most 1,000 bytes, in memory kept out of swap
 * and core dumps where the system allows. No log call takes one. */
struct secret;

enum { SECRET_MAX = 1000, SECRET_LONG_MAX = 8192 };

/* NULL when s is longer than SECRET_MAX. The caller wipes its own copy. */
struct secret *secret_new(struct span s);
/* For what may be longer than a password (a bearer token): NULL above
 * SECRET_LONG_MAX. */
struct secret *secret_new_long(struct span s);
void secret_free(struct secret **s);
/* For the one call that uses it; NUL-ended behind its bytes. */
struct span secret_span(const struct secret *s);
/* Compare in constant time (but for the length). */
bool secret_equal(struct span a, struct span b);

#endif
