/* proxy_target.h - where else a user's mail is: the values of imap_proxy_maps,
 * pop3_proxy_maps and sieve_proxy_maps, as login(8) has them
 */

#ifndef WIRE_PROXY_TARGET_H
#define WIRE_PROXY_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

enum proxy_tls {
	PROXY_TLS_DEFAULT, /* login_proxy_tls_security_level */
	PROXY_TLS_NONE,
	PROXY_TLS_MAY,
	PROXY_TLS_ENCRYPT,
	PROXY_TLS_VERIFY
};

/* ManageSieve has no port with TLS from the first octet: on this one it is
 * always by STARTTLS (RFC 5804). */
enum { PROXY_SIEVE_PORT = 4190 };

/* At most PROXY_NAME_MAX octets in each name, SECRET_MAX in the password. */
enum { PROXY_HOST_MAX = 255, PROXY_NAME_MAX = 512 };

struct proxy_target {
	bool local; /* here after all; nothing else is set */
	struct span host; /* a name, or an address without brackets */
	uint16_t port; /* 0: that of the protocol */
	enum proxy_tls tls;
	bool wrapper; /* TLS from the first octet */
	struct span name; /* which the certificate must show; empty: host */
	/* Empty: what the client gave. master logs in for user. */
	struct span user, master, password;
	char separator; /* user and master in one name; 0: only PLAIN does */
	bool facts; /* say who the client is: ID, XCLIENT */
	unsigned header; /* version of the PROXY protocol; 0: none */
};

/* false: *error says in a few words what is wrong. Spans point into text, where
 * quoted values are unquoted in place. */
bool proxy_target_parse(
    struct buf *text, struct proxy_target *out, const char **error);
/* none, may, encrypt, verify. */
bool proxy_tls_parse(struct span word, enum proxy_tls *out);

#endif
