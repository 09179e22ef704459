/* check_run.h - header_checks and body_checks: asked, and acted upon */

#ifndef SMTPD_CHECK_RUN_H
#define SMTPD_CHECK_RUN_H

#include <stdbool.h>

struct arena;
struct checks_conf;
struct session;
struct smtpd_conf;

/* For milter_header_checks, fields that milters made. NULL: no such table is
 * set. Lives in a. */
const struct checks_conf *
check_conf_milters(struct arena *a, const struct smtpd_conf *conf);
/* Have all looked up that waits in the mail's content, then go on with then;
 * at once when nothing does. What they say of the mail as a whole is in
 * s->mail. */
void check_run(struct session *s, void (*then)(struct session *s));

#endif
