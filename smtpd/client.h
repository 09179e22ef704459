/* client.h - who is at the other end */

#ifndef SMTPD_CLIENT_H
#define SMTPD_CLIENT_H

#include <stdbool.h>

#include "base/span.h"
#include "smtpd/limits.h"

struct address;
struct session;
struct smtpd;

struct client {
	char *name; /* "unknown" until, or when, none is proved */
	char *reverse; /* what the PTR record says, unproved; or NULL */
	char *addr; /* text of the address */
	char *label; /* "NAME[ADDR]", or "NAME[ADDR]:PORT" */
	char *server_addr; /* where it connected to; "" for a Unix socket */
	unsigned server_port;
	unsigned port; /* 0 for a Unix socket */
	char bytes[16]; /* of the address */
	unsigned bytes_n; /* 4 or 16 */
	bool loopback;
	bool trusted; /* in mynetworks */
	bool own; /* an address of this machine */
	bool unlimited; /* in smtpd_client_event_limit_exceptions */
	bool auth_hidden; /* in smtpd_sasl_exceptions_networks */
	bool bare_newline; /* may send bare CR and LF */
	bool port_logged; /* smtpd_client_port_logging */
};

/* A client on a Unix socket is 127.0.0.1. The holder ends it with
 * client_done(). */
void client_init(
    struct client *c, const struct smtpd *smtpd, const struct address *from);
/* Its name has changed. */
void client_label(struct client *c);
/* What it connected to. */
void client_server(struct client *c, const struct address *local);
void client_done(struct client *c);
/* One more of that kind. False: that is more than the rate allows, and it is
 * logged. */
bool client_may(struct session *s, enum limits_kind kind);
/* Find the client's name in the DNS: it must lead back to the address. named
 * is called when that is over, at once or later. */
void client_name(struct session *s, void (*named)(struct session *s));

#endif
