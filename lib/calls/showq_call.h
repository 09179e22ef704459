/* showq_call.h - looking at the queue and working on it: tools ask qmgr
 *
 *   showq_next -> showq_page    public/showq: a listing, page by page; or
 *              -> showq_done    the caller may not (authorized_mailq_users)
 *   showq_do   -> showq_done    public/showq, root and mail_owner only
 *   flush      -> showq_done    public/flush (authorized_flush_users)
 */

#ifndef CALLS_SHOWQ_CALL_H
#define CALLS_SHOWQ_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct packet_in;
struct packet_out;
struct why;

/* One line of a page: a message, or a recipient of the message before. */
struct showq_line {
	bool rcpt;
	/* message */
	struct span queue_name, qid, sender;
	int64_t arrival; /* wall clock, seconds */
	int64_t next_try; /* 0: now */
	int64_t release; /* not before (FUTURERELEASE); 0: no such wish */
	uint64_t size;
	unsigned flags; /* as in calls/queue_call.h */
	unsigned attempts;
	bool expire; /* given up as soon as it may be */
	/* recipient still to be delivered */
	struct span address, orig, status, reason;
};

enum showq_op {
	SHOWQ_DELETE,
	SHOWQ_HOLD,
	SHOWQ_RELEASE,
	SHOWQ_REQUEUE,
	SHOWQ_EXPIRE,
	SHOWQ_EXPIRE_RELEASE, /* out of hold/ as well */
	SHOWQ_OPS
};

/* The first on a connection begins a listing, each gives its next lines. */
void showq_next_put(struct packet_out *o);
bool showq_next_get(struct packet_in *in);
/* A page is written line by line: begin, line..., end. showq_line_put() is
 * false, and nothing was added, when there is no room left. */
void showq_page_begin(struct packet_out *o, uint32_t id);
bool showq_line_put(struct packet_out *o, const struct showq_line *l);
void showq_page_end(struct packet_out *o);
/* And read so: showq_page_get(), then showq_line_get() until it is false; no
 * line at all is the end of the listing. *bad tells a malformed page. */
bool showq_page_get(struct packet_in *in);
bool showq_line_get(struct packet_in *in, struct showq_line *out, bool *bad);

/* qid empty: all; with queue_name only those of that folder. */
void showq_do_put(struct packet_out *o, enum showq_op op, struct span qid,
    struct span queue_name);
bool showq_do_get(struct packet_in *in, enum showq_op *op, struct span *qid,
    struct span *queue_name);
/* qid: that message; site: those for that next hop or domain, "@domain" with
 * those below it; both empty: all that is deferred. */
void showq_flush_put(struct packet_out *o, struct span qid, struct span site);
bool showq_flush_get(struct packet_in *in, struct span *qid, struct span *site);
void showq_done_put(
    struct packet_out *o, uint32_t id, uint64_t count, const struct why *why);
bool showq_done_get(struct packet_in *in, uint64_t *count, struct why *why);

#endif
