/* parked.h - questions of callers that wait for databases
 *
 * A question is answered by code that asks table after table and knows nothing
 * of waiting. When a database has to be asked, that run fails, with the
 * answer thrown away; when the database has answered the whole is run again,
 * and now finds what it lacked. So nobody waits but those who must.
 */

#ifndef LOOKUP_PARKED_H
#define LOOKUP_PARKED_H

#include <stdbool.h>

#include "base/span.h"
#include "maps/map.h"

struct dbpool;
struct packet_in;
struct parked;
struct parking;
struct plugin_table;
struct server_peer;
struct why;

/* So many at once; others get no answer from a database. */
enum { PARKED_MAX = 2000 };

/* Answer a question of peer's; the same each time it is run. */
typedef void
parked_run_fn(void *arg, struct server_peer *peer, struct packet_in *in);

struct parking *parking_new(struct dbpool *pool, parked_run_fn *run, void *arg);
/* Run it for the first time. in is good until then only. */
void parking_begin(
    struct parking *p, struct server_peer *peer, struct packet_in *in);
/* Is what is run now to be run again? Then nothing is to be sent or logged. */
bool parking_again(const struct parking *p);
/* How many wait. */
unsigned parking_count(const struct parking *p);
/* For map_plugin_set(), inside a run; arg is the struct parking. */
enum map_result parking_ask(void *arg, const struct plugin_table *t,
    struct span key, struct buf *out, struct why *why);

#endif
