/* vacation_store.h - who was answered lately: once per sender and period
 *
 * A file of records of one length: when, until when it matters, and a digest
 * of who. A record is written in its place, so that a process killed at any
 * point leaves the others whole; two deliveries at once wait for each other.
 */

#ifndef RULES_VACATION_STORE_H
#define RULES_VACATION_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum {
	VACATION_RECORDS_MAX = 5000, /* then the oldest gives its place */
	VACATION_NAME_MAX = 255
};

#define VACATION_STORE ".vacation.seen"

enum vacation_seen {
	VACATION_FRESH, /* noted: answer now */
	VACATION_SEEN, /* answered already */
	VACATION_TROUBLE /* errno; EINVAL: the file is not ours */
};

struct vacation_note {
	int dir; /* where the file lies, or AT_FDCWD */
	const char *name;
	struct span key; /* whom, and in which matter */
	int64_t now, period; /* seconds */
};

/* Was key answered within the period before now? If not, that it is answered
 * now is on disk when this returns. The file is made when it is missing; a link
 * in its place is refused. Waits five seconds for another process at most. */
enum vacation_seen vacation_note(const struct vacation_note *n);
/* The answer could not be sent after all. */
void vacation_forget(const struct vacation_note *n);
/* Is key remembered, by a vacation_mark() of the past? Nothing is written, and
 * no file made. */
bool vacation_known(const struct vacation_note *n);
/* Remember key for the period from now on, whatever was known of it; on disk
 * when this returns. -1 with errno, as vacation_note(). */
int vacation_mark(const struct vacation_note *n)
    __attribute__((warn_unused_result));
/* Forget all: an empty file of ours, whatever was there. -1 with errno. */
int vacation_store_init(int dir, const char *name)
    __attribute__((warn_unused_result));

#endif
