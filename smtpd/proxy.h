/* proxy.h - clients behind a load balancer */

#ifndef SMTPD_PROXY_H
#define SMTPD_PROXY_H

#include <stdbool.h>

struct address;
struct balancer;
struct smtpd;

/* Connections that have not yet said whom they are for; with the header a
 * session begins. */
struct balancer *proxy_new(struct smtpd *smtpd);
/* Must this connection begin with a PROXY header? */
bool proxy_expected(const struct smtpd *smtpd, const struct address *from);

#endif
