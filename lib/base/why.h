/* why.h - the reason of a failure, set once where the facts are */

#ifndef BASE_WHY_H
#define BASE_WHY_H

#include "base/buf.h"

/* How the delivery of a message to a recipient ends. Unforeseen trouble of our
 * own is DEFER: mail is never bounced for our fault. */
enum outcome { DONE, DEFER, BOUNCE };

/* The holder begins with why_init() and ends with why_free(). Callers pass it
 * on and do not reword it. */
struct why {
	enum outcome outcome;
	char status[12]; /* enhanced status code (RFC 3463), "4.3.0" */
	struct buf text; /* for the remote and the log: no control bytes */
};

void why_init(struct why *w);
void why_free(struct why *w);
/* Set outcome by the first digit of status ('2' DONE, '4' DEFER, '5' BOUNCE)
 * and the text. Replaces what was there. */
void why_set(struct why *w, const char *status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
const char *why_text(struct why *w);
/* soft_bounce: what has failed for good is to be tried again. */
void why_soften(struct why *w);
void why_copy(struct why *to, const struct why *from);

#endif
