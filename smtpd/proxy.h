/* proxy.h - clients behind a load balancer: its first words say who they are */

#ifndef SMTPD_PROXY_H
#define SMTPD_PROXY_H

#include <stdbool.h>

struct address;
struct proxies;
struct smtpd;

/* Connections that have not yet said whom they are for. */
struct proxies *proxies_new(struct smtpd *smtpd);
/* Closes them. */
void proxies_free(struct proxies **p);
/* Must this connection begin with a PROXY header? */
bool proxy_expected(const struct smtpd *smtpd, const struct address *from);
/* Takes fd: a session begins when the header is there; without it, or with a
 * bad one, the connection ends without a word. */
void proxy_start(struct proxies *p, int fd, const struct address *from);

#endif
