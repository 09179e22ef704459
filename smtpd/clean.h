/* clean.h - a message's addresses get their final form before it is queued */

#ifndef SMTPD_CLEAN_H
#define SMTPD_CLEAN_H

#include <stdbool.h>

struct buf;
struct mail;
struct refusal;
struct session;

/* Is this header of one of ours, so that it may be completed? */
bool clean_is_local(const struct session *s);
/* Will its addresses be wanted? To be known before the content comes. */
bool clean_wants_fields(const struct session *s);

typedef void clean_done_fn(struct session *s, const struct refusal *r);
/* Ask lookup where that is needed; then the mail's sender, edits and copies are
 * set. True: fn is called later (r NULL: all is well). False: nothing was to be
 * asked. */
bool clean_run(struct session *s, clean_done_fn *fn);
/* Edits that came of it. */
void clean_edits(const struct mail *m, struct buf *edits);
/* What is under way for this mail is forgotten. */
void clean_end(struct mail *m);

#endif
