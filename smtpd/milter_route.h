/* milter_route.h - {mail_mailer}, {mail_host}, {rcpt_mailer} and {rcpt_host} */

#ifndef SMTPD_MILTER_ROUTE_H
#define SMTPD_MILTER_ROUTE_H

#include <stdbool.h>

struct session;

/* Before milters are told of MAIL, or (rcpt) of RCPT: find out where its
 * address goes, if a macro is to say so. True: then() is called when that is
 * known. */
bool
milter_route_ask(struct session *s, bool rcpt, void (*then)(struct session *s));

#endif
