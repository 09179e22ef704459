/* sort.h - messages in an order (RFC 5256, 5957) */

#ifndef IMAPD_SORT_H
#define IMAPD_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct numbers;
struct session;

enum sort_key {
	SORT_ARRIVAL,
	SORT_CC,
	SORT_DATE,
	SORT_FROM,
	SORT_SIZE,
	SORT_SUBJECT,
	SORT_TO,
	SORT_DISPLAYFROM, /* RFC 5957 */
	SORT_DISPLAYTO,
	SORT_KEYS
};

enum { SORT_STEPS_MOST = 20 };

struct sort_program {
	struct {
		enum sort_key key;
		bool reverse;
	} steps[SORT_STEPS_MOST];
	size_t count;
	bool wants[SORT_KEYS];
	bool wants_header;
};

/* Take "(REVERSE DATE SUBJECT)". */
bool sort_read(struct span *rest, struct sort_program *out);
/* Bring the places, which rise, into the order. What was found out about a
 * whole folder is kept for the next time, until the folder is left. */
void
sort_places(struct session *s, const struct sort_program *p, struct numbers *n);
void sort_forget(struct session *s);

/* What THREAD asks of a message, too: the header, as far as it is kept, and
 * INTERNALDATE; a message that cannot be read has an empty header and no date.
 */
struct span sort_header(struct session *s, size_t i, int64_t *arrival);
/* Date:, or arrival where there is none. */
int64_t sort_sent_date(struct span header, int64_t arrival);
/* The base subject, in the command's memory; *reply: it had more to it. */
struct span sort_subject(struct session *s, struct span header, bool *reply);

#endif
