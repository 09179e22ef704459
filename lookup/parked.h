/* parked.h - questions of callers that wait for other servers
 *
 * A question is answered by code that asks table after table and knows nothing
 * of waiting. When a database or another server has to be asked, that run
 * fails, with the answer thrown away; when the server has answered the whole is
 * run again, and now finds what it lacked. So nobody waits but those who must.
 */

#ifndef LOOKUP_PARKED_H
#define LOOKUP_PARKED_H

#include <stdbool.h>

#include "base/span.h"
#include "maps/map.h"

struct packet_in;
struct parked;
struct parking;
struct parked_to;
struct server_peer;
struct why;

/* So many at once; others get no answer from a server. */
enum { PARKED_MAX = 2000 };

/* Answer a question of peer's; the same each time it is run. */
typedef void
parked_run_fn(void *arg, struct server_peer *peer, struct packet_in *in);

/* An answer, once, from the loop and never from inside parked_ask_fn. value and
 * why live until it returns. */
typedef void parked_fn(
    void *arg, enum map_result got, struct span value, const struct why *why);
struct parked_to {
	parked_fn *fn;
	void *arg;
};

/* Ask a server. False: not now, why says why, and to.fn will not be called. */
typedef bool parked_ask_fn(void *arg, struct parked_to to, struct why *why);

/* What is asked, in this run or an earlier one of the same question. */
struct parked_wish {
	struct span name; /* no other has it */
	parked_ask_fn *ask; /* called at once or not at all */
	void *arg;
};

struct parking *parking_new(parked_run_fn *run, void *arg);
/* Run it for the first time. in is good until then only. */
void parking_begin(
    struct parking *p, struct server_peer *peer, struct packet_in *in);
/* Is what is run now to be run again? Then nothing is to be sent or logged. */
bool parking_again(const struct parking *p);
/* How many wait. */
unsigned parking_count(const struct parking *p);
/* Inside a run: the answer that came, or MAP_ERROR while there is none. */
enum map_result parking_ask(struct parking *p, const struct parked_wish *w,
    struct buf *out, struct why *why);

#endif
