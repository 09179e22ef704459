/* sasl_server.h - the mechanisms of SASL as a server speaks them (RFC 4422)
 *
 * Bytes in, an outcome out. What the client proves itself with comes out as
 * credentials that somebody else checks.
 */

#ifndef SASL_SASL_SERVER_H
#define SASL_SASL_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct sasl_server;

enum { SASL_NAME_MAX = 255, SASL_RESPONSE_MAX = 12288 };

enum sasl_outcome {
	SASL_CONTINUE, /* send the challenge, feed the answer */
	SASL_CHECK, /* sasl_server_credentials() are complete */
	SASL_CANCELLED, /* the client sent "*" */
	SASL_MALFORMED, /* bad base64, or not what the mechanism says */
	SASL_TOO_LONG /* more than SASL_RESPONSE_MAX */
};

/* What to offer and whom to ask is told by these. */
enum sasl_flag {
	SASL_PLAINTEXT = 1, /* the password itself crosses the line */
	SASL_CLIENT_FIRST = 2 /* the client speaks first (initial response) */
};

struct sasl_mechanism {
	const char *name; /* upper case */
	unsigned flags;
};

/* The spans live as long as the exchange. */
struct sasl_credentials {
	struct span user; /* authentication identity */
	struct span authzid; /* whom to act for; empty: the same */
	struct span password; /* secret: for the one call that checks it */
};

/* All there are, best first: *at begins at 0. NULL at the end. */
const struct sasl_mechanism *sasl_mechanism_next(size_t *at);
const struct sasl_mechanism *sasl_mechanism_find(struct span name);

struct sasl_server *sasl_server_new(const struct sasl_mechanism *mechanism);
/* Wipes what it held. */
void sasl_server_free(struct sasl_server **s);
const struct sasl_mechanism *sasl_server_mechanism(const struct sasl_server *s);

/* Begin without an initial response: challenge is set (it may be empty). */
void sasl_server_begin(struct sasl_server *s, struct buf *challenge);
/* One response, decoded. challenge is set with SASL_CONTINUE. The caller wipes
 * its own copy. */
enum sasl_outcome sasl_server_feed(
    struct sasl_server *s, struct span response, struct buf *challenge);
/* The same with both in base64, as SMTP, IMAP and POP3 have it; "*" cancels,
 * "=" is an empty initial response. */
enum sasl_outcome sasl_server_line(
    struct sasl_server *s, struct span line, struct buf *challenge);
/* After SASL_CHECK. */
struct sasl_credentials sasl_server_credentials(const struct sasl_server *s);

#endif
