/* errors.h - replies of which the postmaster is told (notify_classes) */

#ifndef SMTP_ERRORS_H
#define SMTP_ERRORS_H

#include "base/span.h"

struct session;
struct smtp_reply;

/* Of session_note(): what we said ('>') or the server ('<'). */
void errors_note(struct session *s, char side, struct span text);
/* The server said this to what we are doing. */
void errors_reply(struct session *s, const struct smtp_reply *r);
/* The session ends. */
void errors_end(struct session *s);

#endif
