/* clean_job.h - all questions of one message for the form of its addresses */

#ifndef CALLS_CLEAN_JOB_H
#define CALLS_CLEAN_JOB_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct channel;
struct clean_answer;
struct clean_field;
struct clean_fields;
struct clean_job;
struct clean_request;

/* What was found, the copies of all recipients together; good until fn returns.
 * Called once, from the loop; the job is over then. */
typedef void clean_fn(void *arg, const struct clean_answer *answer);

/* What r points to must stay until fn is called. */
struct clean_job *clean_start(struct channel *lookup,
    const struct clean_request *r, clean_fn *fn, void *arg);
/* fn will not be called; *job is cleared. */
void clean_cancel(struct clean_job **job);

/* The fields of a header that hold addresses, collected as it is read. What is
 * more than one question holds is left out: it stays as it is. */
struct clean_fields *clean_fields_new(void);
void clean_fields_free(struct clean_fields **f);
void clean_fields_add(struct clean_fields *f, uint32_t number, struct span name,
    struct span value);
/* Somebody else has changed that field. */
void clean_fields_forget(struct clean_fields *f, uint32_t number);
const struct clean_field *
clean_fields_list(const struct clean_fields *f, size_t *count);

#endif
