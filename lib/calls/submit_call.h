/* submit_call.h - the sendmail command gives pickup a message
 *
 *   submit_begin   no answer: sender and options
 *   submit_rcpts   no answer; one or more
 *   submit_data    no answer; content, LF line ends
 *   submit_end     -> submit_done
 *
 * One message after another on a connection. The kernel says who submits.
 */

#ifndef CALLS_SUBMIT_CALL_H
#define CALLS_SUBMIT_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct packet_in;
struct packet_out;
struct queue_rcpt;
struct why;

enum { SUBMIT_DATA_MAX = 45000 };

struct submit_begin {
	struct span sender; /* without <>; empty is the null sender */
	struct span full_name; /* for a missing From, or empty */
	struct span envid;
	struct span verp; /* these are as in calls/queue_call.h */
	unsigned ret, flags;
};

void submit_begin_put(struct packet_out *o, const struct submit_begin *b);
bool submit_begin_get(struct packet_in *in, struct submit_begin *out);
void submit_rcpts_put(
    struct packet_out *o, const struct queue_rcpt *rcpts, size_t count);
bool submit_rcpts_get(struct packet_in *in, struct arena *a,
    const struct queue_rcpt **rcpts, size_t *count);
void submit_data_put(struct packet_out *o, struct span bytes);
bool submit_data_get(struct packet_in *in, struct span *bytes);
void submit_end_put(struct packet_out *o);
bool submit_end_get(struct packet_in *in);
void submit_done_put(
    struct packet_out *o, uint32_t id, const struct why *why, struct span qid);
bool submit_done_get(struct packet_in *in, struct why *why, struct span *qid);

#endif
