/* bounce_call.h - qmgr has a report written to a sender
 *
 *   bounce_make -> bounce_done: DONE when the report is in the queue
 *
 * The descriptor is a read-only open of the queue file; bounce puts the report
 * into the queue by calls/queue_call.h like everybody else.
 */

#ifndef CALLS_BOUNCE_CALL_H
#define CALLS_BOUNCE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct packet_in;
struct packet_out;
struct why;

enum { BOUNCE_RCPTS_MAX = 50 };

enum bounce_kind {
	BOUNCE_FAILED,
	BOUNCE_DELAYED,
	BOUNCE_SUCCESS,
	BOUNCE_VERIFY, /* asked for by who sent it: sendmail -bv and -v */
	BOUNCE_KINDS
};
/* What became of a recipient (RFC 3464, 2.3.3). */
enum bounce_action {
	BOUNCE_GIVEN_UP,
	BOUNCE_WAITS,
	BOUNCE_DELIVERED,
	BOUNCE_RELAYED, /* to a system without DSN */
	BOUNCE_EXPANDED, /* into several addresses */
	BOUNCE_DELIVERABLE, /* of a message that was only to be tried */
	BOUNCE_UNDELIVERABLE,
	BOUNCE_ACTIONS
};

struct bounce_rcpt {
	struct span address, orig, orcpt;
	struct span status; /* "5.1.1" */
	struct span reason; /* text for people, as logged */
	enum bounce_action action;
	int64_t tried; /* wall clock, seconds: last attempt; 0: unknown */
};

struct bounce_request {
	int fd; /* the receiver's once decoded */
	enum bounce_kind kind;
	struct span qid;
	struct span sender; /* who is told; empty: it is a report itself, and
			     * only the postmaster may want to know */
	uint64_t content_size;
	struct span edits;
	struct span envid;
	struct span hold; /* as in calls/queue_call.h */
	unsigned ret, flags; /* the same */
	int64_t arrival_us, expires; /* wall clock; seconds for expires */
	size_t rcpt_count;
	const struct bounce_rcpt *rcpts;
};

void bounce_make_put(struct packet_out *o, const struct bounce_request *r);
bool bounce_make_get(
    struct packet_in *in, struct arena *a, struct bounce_request *out);
/* qid: of the report, when why is DONE; empty: nobody is to be told. */
void bounce_done_put(
    struct packet_out *o, uint32_t id, const struct why *why, struct span qid);
bool bounce_done_get(struct packet_in *in, struct why *why, struct span *qid);

#endif
