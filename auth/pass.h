/* pass.h - who a parked session is of, sealed
 *
 * login keeps sessions that wait and has them joined again. It is no witness
 * for whose they are, so auth gives each session a pass on its way and believes
 * what it finds in it.
 */

#ifndef AUTH_PASS_H
#define AUTH_PASS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;
struct passes;
struct session_start;

enum { PASS_LIFE = 86400 }; /* seconds, from when it was made */

/* The key is in data_directory, so that a reload does not cost the sessions
 * that are parked. */
struct passes *passes_new(const char *data_directory);
void passes_free(struct passes **p);

/* Append the pass of a session that begins or goes on at this time. */
void pass_make(const struct passes *p, const struct session_start *s,
    int64_t now, struct buf *out);
/* Its session, but for descriptors, tag, input and state; spans live in the
 * arena. False: it is not ours, or too old. */
bool pass_read(const struct passes *p, struct span pass, int64_t now,
    struct arena *a, struct session_start *out);

#endif
