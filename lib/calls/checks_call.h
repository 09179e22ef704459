/* checks_call.h - asking lookup about many lines of a message at once
 *
 *   lookup_lines -> lookup_hits   header_checks, body_checks and their kin
 *
 * lookup answers each role only for the parameters listed for it.
 */

#ifndef CALLS_CHECKS_CALL_H
#define CALLS_CHECKS_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct packet_in;
struct packet_out;
struct why;

/* Octets of all lines together, and of a value. */
enum { CHECKS_LINES_MAX = 30000, CHECKS_VALUE_MAX = 4096 };

/* lines: each ends with NUL, so none can hold one. */
void checks_lines_put(
    struct packet_out *o, struct span parameter, struct span lines);
bool checks_lines_get(
    struct packet_in *in, struct span *parameter, struct span *lines);

/* An answer is begun, hits are added as long as there is room, and ended. done:
 * lines looked at; fewer than were asked for when there are many hits. why not
 * DONE: a table failed at the line behind those. */
void checks_hits_begin(struct packet_out *o, uint32_t id);
bool checks_hit_add(struct packet_out *o, uint32_t line, struct span value);
void
checks_hits_end(struct packet_out *o, uint32_t done, const struct why *why);
/* fn is called for each, in order; lines count from 0. False: not such an
 * answer (some may have been told). why_init() it before. */
typedef void checks_hit_fn(void *arg, uint32_t line, struct span value);
bool checks_hits_get(struct packet_in *in, checks_hit_fn *fn, void *arg,
    uint32_t *done, struct why *why);

#endif
