/* screen.h - before the greeting: does the client speak too early, do lists in
 * the DNS know it (Postfix's postscreen, inside the session)
 */

#ifndef SMTPD_SCREEN_H
#define SMTPD_SCREEN_H

#include <stdbool.h>

#include "base/span.h"

struct screen;
struct screening;
struct session;
struct smtpd;
struct why;

/* What main.cf wants; NULL: why says what is wrong in it. */
struct screening *screening_new(const struct smtpd *smtpd, struct why *why);
void screening_free(struct screening **s);

/* Look at the client, then go on with then: at once when nothing is to be
 * looked at. A client that is dropped gets its last words, and then is not
 * called. */
void screen_run(struct session *s, void (*then)(struct session *s));
/* It spoke while READ_SCREEN. */
void screen_talked(struct session *s);
void screen_free(struct screen **s);

/* The deep tests, of a session that has been greeted. */
enum screen_deep {
	SCREEN_PIPELINING,
	SCREEN_NON_SMTP,
	SCREEN_BARE_NEWLINE,
	SCREEN_DEEP_TESTS
};
/* Is the client watched for that still? */
bool screen_watches(const struct session *s, enum screen_deep which);
/* It has done it; what: the bytes, for the log. False: it has got its last
 * words, and the command is answered. */
bool screen_caught(struct session *s, enum screen_deep which, struct span what);
/* It has been caught at something, so that no recipient of it is taken. */
bool screen_refuses(const struct session *s);
/* It has come as far as a recipient: what it was not caught at it has passed,
 * and is remembered for. */
void screen_done(struct session *s);

#endif
