/* thread.h - mail in threads (RFC 5256): numbers in, text out */

#ifndef IMAPD_THREAD_H
#define IMAPD_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

struct thread_message {
	uint32_t number; /* to be told */
	int64_t date; /* sent */
	struct span subject; /* base, folded */
	bool reply;
	/* for REFERENCES: normalised, without <> */
	struct span id; /* or empty */
	const struct span *refs;
	size_t ref_count;
};

enum { THREAD_CHAIN_MOST = 500 }; /* a longer ancestry is cut */

/* Append "(2)(3 6 (4 23)(44 7 96))". The list is in the folder's order. Neither
 * recurses; time is n log n but for the chain above. */
void
thread_by_subject(const struct thread_message *list, size_t n, struct buf *out);
void thread_by_references(
    const struct thread_message *list, size_t n, struct buf *out);

/* The next message id, "<...>", of a References or In-Reply-To value, without
 * brackets and quotes, appended to out. */
bool thread_next_id(struct span *rest, struct buf *out);

struct session;
/* What THREAD has kept of its last answer. */
void thread_forget(struct session *s);

#endif
