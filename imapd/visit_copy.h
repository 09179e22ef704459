/* visit_copy.h - COPY and MOVE between the folders of two users */

#ifndef IMAPD_VISIT_COPY_H
#define IMAPD_VISIT_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "wire/imap_parse.h"

struct arena;
struct numbers;
struct session;

enum { VISIT_COPY_MOST = 100 }; /* messages of one command */

/* Out of our folder that is selected, into another's. All or none. */
void visit_copy_out(
    struct session *s, struct numbers *n, struct span name, bool move);
/* Out of another's that is selected; set as the client wrote it. All or none.
 */
void
visit_copy_in(struct session *s, struct span set, struct span name, bool move);
/* The same into one of a third user's. */
void visit_copy_over(
    struct session *s, struct span set, struct span name, bool move);

/* Pure: a line of an answer that ends in the literal of BODY[]. */
struct visit_fetched {
	uint32_t uid;
	struct imap_flags flags;
	bool passed; /* $Forwarded is among them; set by who takes it */
	int64_t date;
	uint64_t size; /* of the literal */
};
bool
visit_fetched(struct arena *a, struct span line, struct visit_fetched *out);
/* Pure: "TAG OK [APPENDUID validity set]..." of a line; the numbers of set, as
 * many as count. */
bool visit_appended(struct arena *a, struct span line, size_t count,
    uint32_t *validity, struct span *set);

#endif
