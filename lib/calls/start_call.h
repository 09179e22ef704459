/* start_call.h - between master and its children, on the control socket
 *
 *   start      master to a fresh child: all it needs to know
 *   drain      master: accept no more, end when the last session is done
 *   stop       master: the same, the whole system stops
 *   wake       master: the time of the row's wakeup column has come
 *   ready      child to master: it serves now
 */

#ifndef CALLS_START_CALL_H
#define CALLS_START_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/span.h"

struct arena;
struct packet_in;
struct packet_out;

/* Descriptors of a child; listeners follow from FD_LISTEN on. */
enum { FD_CONTROL = 3, FD_LOG = 4, FD_LISTEN = 5 };
enum { START_LISTENERS_MAX = 64, START_OVERRIDES_MAX = 200 };

struct start_listener {
	struct span label;
	bool inet, stream;
};

struct start_call {
	struct span name, transport; /* master.cf columns 1 and 2 */
	struct span config_dir, queue_dir;
	struct span jail; /* folder to chroot to, or empty */
	/* Where this program's sockets lie once it is in its jail. */
	struct span sockets;
	uid_t uid;
	gid_t gid;
	bool log_is_file;
	int metrics; /* file of the row's page, or -1; a reader closes it */
	unsigned verbose;
	unsigned
	    process_limit; /* of its own children that serve a client each */
	size_t listener_count, override_count;
	const struct start_listener *listeners;
	const struct span *overrides; /* "name=value" */
};

void start_put(struct packet_out *o, const struct start_call *s);
bool start_get(struct packet_in *in, struct arena *a, struct start_call *out);
void start_ready_put(struct packet_out *o);
bool start_ready_get(struct packet_in *in);
void start_end_put(struct packet_out *o, bool stop);
bool start_end_get(struct packet_in *in, bool *stop);
void start_wake_put(struct packet_out *o);
bool start_wake_get(struct packet_in *in);

#endif
