/* dbmap_call.h - asking databases: from lookup to the processes of dbmap
 *
 *   dbmap_start  the first packet to dbmap's own socket, with one end of a
 *                pair of packet sockets; on the other one lookup asks:
 *   dbmap_ask -> dbmap_value, in several packets where it is long
 */

#ifndef CALLS_DBMAP_CALL_H
#define CALLS_DBMAP_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/why.h"

struct packet_in;
struct packet_out;

enum { DBMAP_PART_MAX = 32768, DBMAP_KEY_MAX = 16384 };

/* A table, and a key in it. The spans point into the packet. */
struct dbmap_ask {
	struct span type, name; /* "pgsql", "pgsql:/etc/facteur/x.cf" */
	struct span conf; /* the text of that file */
	struct span key;
};

/* A part of an answer. */
struct dbmap_value {
	bool found; /* false with why DONE: there is no such key */
	bool more; /* another part follows */
	struct span value;
	struct why why; /* DEFER: the database did not answer */
};

void dbmap_start_put(struct packet_out *o, int fd);
/* *fd is the caller's. */
bool dbmap_start_get(struct packet_in *in, int *fd);
/* o->bad when it is too large for a packet. */
void
dbmap_ask_put(struct packet_out *o, uint32_t id, const struct dbmap_ask *a);
bool dbmap_ask_get(struct packet_in *in, struct dbmap_ask *a);
void
dbmap_value_put(struct packet_out *o, uint32_t id, const struct dbmap_value *v);
/* why_init() v->why before. */
bool dbmap_value_get(struct packet_in *in, struct dbmap_value *v);

#endif
