/* delivery_call.h - qmgr has a message delivered, by deliver or by smtp
 *
 *   delivery -> delivery_part...: a result for each recipient, in order, in as
 *               many packets as that takes; the last one says so
 *
 * The descriptor is a read-only open of the queue file of its own. The message
 * is content [0, content_size) under the header edits (queue/edits.h).
 */

#ifndef CALLS_DELIVERY_CALL_H
#define CALLS_DELIVERY_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/why.h"

struct arena;
struct packet_in;
struct packet_out;

/* Of one delivery; and of addresses that lists give in their stead. */
enum {
	DELIVERY_RCPTS_MAX = 1000,
	DELIVERY_NEW_MAX = 50000,
	DELIVERY_HOST_MAX = 1000
};

enum delivery_kind {
	TO_USER, /* a local account: user; extension in address */
	TO_COMMAND, /* address is "|command", run as account user */
	TO_FILE, /* address is "/path", opened as account user */
	TO_INCLUDE, /* address is ":include:/path", read as account user */
	TO_REMOTE
};

struct delivery_rcpt {
	enum delivery_kind kind;
	struct span address; /* final address, for the log's to=<> */
	struct span orig; /* as received, when it differs; else empty */
	struct span orcpt;
	unsigned notify;
	struct span user; /* account name; empty for TO_REMOTE */
};

struct delivery_request {
	int fd; /* the receiver's once decoded */
	struct span qid;
	uint64_t content_size;
	uint32_t crc; /* of the content */
	struct span edits;
	/* Through whose hands all of them came, or empty: queue/via.h. Who
	 * delivers tells of it in the header. */
	struct span via;
	struct span sender;
	struct span envid;
	unsigned ret, flags; /* as in calls/queue_call.h */
	int64_t arrival_us, ready_us; /* wall clock: accepted; begun now */
	struct span transport; /* "local", "smtp", "lmtp", "virtual" */
	struct span nexthop; /* "example.com", "[10.0.0.1]:25", or empty */
	struct span client_name, client_addr, helo, proto; /* of the origin */
	size_t rcpt_count;
	const struct delivery_rcpt *rcpts;
};

/* With DONE: who tells the sender that it was delivered, if he asked for that
 * (RFC 3461, 5.2.2). */
enum delivery_told {
	TOLD_BY_US, /* it is in the mailbox */
	TOLD_RELAYED, /* we: it went to a system that will not tell */
	TOLD_BY_NEXT /* the next system: it was asked to */
};

struct delivery_result {
	struct why why; /* outcome, status and text of this recipient */
	enum delivery_told told;
	/* With DEFER: the site could not be reached, or would not listen. */
	bool unreachable;
	/* With DONE: addresses to deliver to in its stead (~/.forward,
	 * :include:). */
	size_t fresh_count;
	const struct span *fresh;
};

void delivery_put(struct packet_out *o, const struct delivery_request *r);
/* All lives in a or points into the packet; fd is the caller's. */
bool delivery_get(
    struct packet_in *in, struct arena *a, struct delivery_request *out);
/* The whole answer, each packet handed to send. */
typedef void delivery_send_fn(void *arg, const struct packet_out *o);
struct delivery_answer {
	uint32_t id; /* of the question */
	size_t count;
	const struct delivery_result *results;
	/* Of a TO_REMOTE delivery: the host that was reached, "name:port"; or
	 * where none was, all that there are, in a fixed order. Empty: not
	 * known. */
	struct span host;
};
void delivery_answer_send(
    const struct delivery_answer *a, delivery_send_fn *send, void *arg);
/* The answer to a request that was not understood: no result at all, which is
 * DEFER for its recipients, and for nobody else's. */
void delivery_refuse_put(struct packet_out *o, const struct packet_in *in);

/* An answer being read, packet by packet; what it holds is its own. */
enum delivery_came { DELIVERY_MORE, DELIVERY_END, DELIVERY_BAD };
struct delivery_results {
	struct arena *arena;
	struct delivery_result *results;
	size_t count, most;
	struct span *fresh; /* of the last result */
	size_t fresh_room, fresh_count; /* fresh_count: of all */
	struct span host; /* as in delivery_answer */
};
/* most: recipients that were asked for. More is DELIVERY_BAD, as is anything
 * else that is not as it must be; the results so far are gone then. */
void delivery_results_init(struct delivery_results *r, size_t most);
enum delivery_came
delivery_results_take(struct delivery_results *r, struct packet_in *in);
void delivery_results_done(struct delivery_results *r);

#endif
