/* queue_call.h - putting a message into the queue: smtpd, pickup and bounce ask
 * qmgr
 *
 *   queue_new      -> queue_file with a descriptor: stream the content there,
 *                     LF line ends, from offset 0
 *   queue_rcpts    no answer; zero or more, before the commit, for long lists
 *   queue_commit   -> queue_done: DONE only when the message is on disk
 *   queue_abort    no answer; closing the connection aborts too
 */

#ifndef CALLS_QUEUE_CALL_H
#define CALLS_QUEUE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct packet_in;
struct packet_out;
struct why;

enum {
	QUEUE_ID_MAX = 20,
	QUEUE_EDITS_MAX = 32768,
	QUEUE_RCPTS_PACKET = 100,
	QUEUE_HOLD_PARAM_MAX = 60,
	QUEUE_VERP_MAX = 2
};
/* The end of the year 9999. */
#define QUEUE_RELEASE_MAX INT64_C(253402300799)

/* NOTIFY of RFC 3461; 0 is "as usual" (FAILURE and perhaps DELAY). */
enum queue_notify {
	NOTIFY_NEVER = 1,
	NOTIFY_SUCCESS = 2,
	NOTIFY_FAILURE = 4,
	NOTIFY_DELAY = 8
};
enum queue_ret { RET_NONE, RET_FULL, RET_HDRS };

struct queue_rcpt {
	struct span address; /* as the client gave it, without <> */
	struct span orcpt; /* "rfc822;..." decoded, or empty */
	unsigned notify;
};

enum queue_flag {
	QUEUE_8BIT = 1, /* BODY=8BITMIME */
	QUEUE_SMTPUTF8 = 2,
	QUEUE_REQUIRETLS = 4,
	QUEUE_HOLD = 8, /* goes to hold/ */
	QUEUE_BOUNCE = 16, /* made by bounce */
	QUEUE_NO_MAPPINGS = 32, /* recipients stay: no canonical, no virtual */
	/* "TLS-Required: No", and no REQUIRETLS (RFC 8689, 4.1) */
	QUEUE_TLS_OPTIONAL = 64,
	QUEUE_PROBE = 128, /* nothing is delivered: would it be? */
	QUEUE_TRACE = 256, /* the sender is told how the first try went */
	QUEUE_FLAGS = 511, /* all of them */
	/* Of a delivery alone: the content lay on the disk, and is to be
	 * compared with its checksum first. */
	QUEUE_CHECK = 512
};

struct queue_envelope {
	struct span qid;
	struct span sender; /* without <>; empty: null sender */
	uint64_t size; /* octets of content written */
	uint32_t crc; /* base/crc.h over the content */
	struct span message_id; /* with <>, for the log; or empty */
	/* Header edits, as queue/edits.h has them. */
	struct span edits;
	/* For the log and for delivery: "NAME", "IP", port, HELO, "ESMTP" */
	struct span client_name, client_addr, helo, proto;
	struct span sasl_method, sasl_username;
	struct span envid;
	/* "transport:nexthop" for all recipients, or empty. */
	struct span filter;
	/* Two delimiters: each recipient has a sender of its own
	 * (message/verp.h); or empty. */
	struct span verp;
	unsigned ret; /* enum queue_ret */
	unsigned flags; /* enum queue_flag */
	/* FUTURERELEASE (RFC 4865): wall clock, seconds, before which nothing
	 * is delivered, and what was asked for, "for;3600"; 0 and empty: now */
	int64_t release;
	struct span hold;
	size_t rcpt_count; /* of this packet; at most QUEUE_RCPTS_PACKET */
	const struct queue_rcpt *rcpts;
};

struct queue_file_reply {
	struct span qid; /* empty: refused, why says it */
	int fd; /* the caller's when qid is set, else -1 */
};

void queue_new_put(struct packet_out *o);
bool queue_new_get(struct packet_in *in);
/* qid empty: why tells the reason (452 or 451). */
void queue_file_put(struct packet_out *o, uint32_t id, struct span qid, int fd,
    const struct why *why);
bool queue_file_get(
    struct packet_in *in, struct queue_file_reply *out, struct why *why);

void queue_rcpts_put(struct packet_out *o, struct span qid,
    const struct queue_rcpt *rcpts, size_t count);
/* The recipients live in a and point into the packet. False: ill-formed, but
 * *qid is set when that much could be read, else empty. */
bool queue_rcpts_get(struct packet_in *in, struct arena *a, struct span *qid,
    const struct queue_rcpt **rcpts, size_t *count);

void queue_commit_put(struct packet_out *o, const struct queue_envelope *e);
/* False as for queue_rcpts_get(): out->qid is set where it can be. */
bool queue_commit_get(
    struct packet_in *in, struct arena *a, struct queue_envelope *out);
/* The outcome: why->outcome DONE, or DEFER/BOUNCE with status and text. */
void queue_done_put(struct packet_out *o, uint32_t id, const struct why *why);
bool queue_done_get(struct packet_in *in, struct why *why);

void queue_abort_put(struct packet_out *o, struct span qid);
bool queue_abort_get(struct packet_in *in, struct span *qid);

#endif
