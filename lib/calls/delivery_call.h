/* delivery_call.h - qmgr has a message delivered, by deliver or by smtp
 *
 *   delivery -> delivery_done: a result for each recipient, in order
 *
 * The descriptor is a read-only open of the queue file of its own. The message
 * is content [0, content_size) under the header edits (queue/edits.h). For
 * deliver one recipient per call; for smtp as many as share site and message.
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

enum { DELIVERY_RCPTS_MAX = 50, DELIVERY_NEW_MAX = 200 };

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
	struct span sender;
	struct span envid;
	unsigned ret, flags; /* as in calls/queue_call.h */
	int64_t arrival_us, ready_us; /* wall clock: accepted; begun now */
	struct span transport; /* "local", "smtp", "lmtp", "virtual" */
	struct span nexthop; /* "example.com", "[10.0.0.1]:25", or empty */
	struct span client_addr, helo, proto; /* of the message's origin */
	size_t rcpt_count;
	const struct delivery_rcpt *rcpts;
};

struct delivery_result {
	struct why why; /* outcome, status and text of this recipient */
	/* With DONE: addresses to deliver to in its stead (~/.forward,
	 * :include:). */
	size_t fresh_count;
	const struct span *fresh;
};

void delivery_put(struct packet_out *o, const struct delivery_request *r);
/* All lives in a or points into the packet; fd is the caller's. */
bool delivery_get(
    struct packet_in *in, struct arena *a, struct delivery_request *out);
void delivery_done_put(struct packet_out *o, uint32_t id,
    const struct delivery_result *results, size_t count);
/* The answer to a request that was not understood: no result at all, which is
 * DEFER for its recipients, and for nobody else's. */
void delivery_refuse_put(struct packet_out *o, const struct packet_in *in);
/* The caller ends each result's why with why_free(). */
bool delivery_done_get(struct packet_in *in, struct arena *a,
    struct delivery_result **results, size_t *count);

#endif
