/* arena.h - memory of one lifetime, freed whole */

#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/span.h"

/* One for each process, connection, message or command. What it hands out is
 * aligned for anything, set to zero, and lives until arena_clear() or
 * arena_free(). */
struct arena;

struct arena *arena_new(void);
void arena_free(struct arena **a);
/* Give all back but the first block. */
void arena_clear(struct arena *a);

void *arena_alloc(struct arena *a, size_t size);
void *arena_array(struct arena *a, size_t n, size_t size);
char *arena_str(struct arena *a, const char *s);
/* A copy that is also NUL-ended behind its n bytes. */
struct span arena_span(struct arena *a, struct span s);
char *arena_span_str(struct arena *a, struct span s);
char *arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Bytes handed out since the start or the last clear: for limits. */
size_t arena_used(const struct arena *a);

#endif
