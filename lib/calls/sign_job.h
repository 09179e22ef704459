/* sign_job.h - a finished message is signed: DKIM, or a set of ARC
 *
 * The message is read as its receiver will see it, edits applied, in pieces
 * between which the loop turns; private keys are asked of `keys`.
 */

#ifndef CALLS_SIGN_JOB_H
#define CALLS_SIGN_JOB_H

#include <stdint.h>

#include "base/span.h"

struct arc;
struct channel;
struct key_row;
struct key_table;
struct loop;
struct sign_job;

struct sign_request {
	const char *qid; /* for the log */
	int fd; /* the content; borrowed */
	uint64_t size;
	struct span edits; /* copied */
	const struct key_table
	    *keys; /* sign for the author's domain; or NULL */
	/* Seal with this key; or NULL. found: what the chain was found to be;
	 * results: ARC-Authentication-Results without its instance, as
	 * authres.h writes it behind "i=N;". Both stay until the end. */
	const struct key_row *seal;
	const struct arc *found;
	struct span results;
};

/* Header fields to go above all others, LF line ends; empty when nothing is to
 * be signed, or could be, which is logged: a message is never held up for want
 * of a signature. Called once, from the loop; the job is over then. */
typedef void sign_fn(void *arg, struct span fields);

struct sign_job *sign_start(struct loop *loop, struct channel *keys,
    const struct sign_request *r, sign_fn *fn, void *arg);
/* fn will not be called; *job is cleared. */
void sign_cancel(struct sign_job **job);

#endif
