/* screen.h - before the greeting: does the client speak too early, do lists in
 * the DNS know it (Postfix's postscreen, inside the session)
 */

#ifndef SMTPD_SCREEN_H
#define SMTPD_SCREEN_H

#include <stdbool.h>

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

#endif
