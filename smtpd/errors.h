/* errors.h - what went wrong in a session, as notify_classes sorts it */

#ifndef SMTPD_ERRORS_H
#define SMTPD_ERRORS_H

#include <stdbool.h>

#include "base/span.h"
#include "smtpd/reply.h"

struct session;

/* Of a reply of the table; of one that was made elsewhere. 0: no error. */
unsigned errors_class(enum reply which);
unsigned errors_class_of(int code, const char *status);
/* The client said this line; it is told these lines. */
void errors_said(struct session *s, struct span line, bool secret);
void errors_told(struct session *s, struct span lines);
/* The session ends: the postmaster hears of it where he wants to. */
void errors_end(struct session *s);

#endif
