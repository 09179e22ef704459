/* drop_file.h - the envelope lines of a file in maildrop/ */

#ifndef PICKUP_DROP_FILE_H
#define PICKUP_DROP_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct queue_rcpt;

enum { DROP_ENVELOPE_MAX = 4 * 1024 * 1024 };

struct drop_envelope {
	struct span sender, full_name, envid, verp;
	unsigned ret, flags; /* as in calls/queue_call.h */
	struct queue_rcpt *rcpts; /* in the arena; addresses point into text */
	size_t rcpt_count;
	size_t content_at; /* offset behind the empty line */
};

/* Pure. front: the file's first bytes, at most DROP_ENVELOPE_MAX. False when
 * they are no envelope. */
bool drop_envelope_parse(
    struct span front, struct arena *a, struct drop_envelope *out);

#endif
