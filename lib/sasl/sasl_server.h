/* sasl_server.h - the mechanisms of SASL as a server speaks them (RFC 4422)
 *
 * Bytes in, an outcome out. What the client proves itself with comes out as
 * credentials that somebody else checks: a server keeps neither passwords nor
 * verifiers.
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
	SASL_ASK, /* ask for a SCRAM challenge: sasl_server_question() */
	SASL_CHECK, /* sasl_server_credentials() are complete */
	SASL_DONE, /* after SASL_CHECK: the client is in */
	SASL_CANCELLED, /* the client sent "*" */
	SASL_MALFORMED, /* bad base64, or not what the mechanism says */
	SASL_DENIED, /* sasl_server_rejected(), and no more is to be said */
	SASL_REFUSED, /* a channel binding that is not ours */
	SASL_TOO_LONG /* more than SASL_RESPONSE_MAX */
};

/* What to offer and whom to ask is told by these. */
enum sasl_flag {
	SASL_PLAINTEXT = 1, /* the password itself crosses the line */
	SASL_CLIENT_FIRST = 2, /* the client speaks first (initial response) */
	SASL_SCRAM = 4, /* wants users with verifiers */
	SASL_BINDS = 8, /* wants TLS, to which it is bound */
	SASL_EXTERNAL = 16, /* wants a client's certificate */
	SASL_TOKEN = 512, /* wants who knows tokens (OAuth 2) */
	/* What it does not stand: */
	SASL_ACTIVE = 32, /* somebody who speaks as the server */
	SASL_DICTIONARY = 64, /* guessing by who listened */
	SASL_NO_SECRECY = 128, /* a secret that comes out later */
	SASL_ONE_WAY = 256 /* the server proves nothing */
};

struct sasl_mechanism {
	const char *name; /* upper case */
	unsigned flags;
};

/* The spans live as long as the exchange. */
struct sasl_credentials {
	struct span user; /* authentication identity; EXTERNAL: empty */
	struct span authzid; /* whom to act for; empty: the same */
	/* secret: for the one call that checks it; or a token, may be empty */
	struct span password;
	/* of SCRAM, RFC 5802: the parts of AuthMessage, the proof; and what
	 * came with the challenge, opaque */
	struct span client_first, server_first, client_final, proof, seal;
};

/* Is data what this connection gives for a type of channel binding ("tls-
 * exporter")? */
typedef bool sasl_binding_fn(void *arg, struct span type, struct span data);

/* All there are, best first: *at begins at 0. NULL at the end. */
const struct sasl_mechanism *sasl_mechanism_next(size_t *at);
const struct sasl_mechanism *sasl_mechanism_find(struct span name);

/* Words of smtpd_sasl_security_options, as Postfix and Cyrus SASL have them:
 * *barred is a set of enum sasl_flag; mechanisms with any of them must not be
 * offered. False: *bad is no such word. */
bool sasl_security_parse(struct span text, unsigned *barred, struct span *bad);

struct sasl_server *sasl_server_new(const struct sasl_mechanism *mechanism);
/* Wipes what it held. */
void sasl_server_free(struct sasl_server **s);
const struct sasl_mechanism *sasl_server_mechanism(const struct sasl_server *s);
/* For SCRAM under TLS, when mechanisms that bind were offered: a client that
 * says that we have none was told so by a stranger between us. Without this
 * call nothing can be bound. */
void sasl_server_binding(struct sasl_server *s, sasl_binding_fn *fn, void *arg);

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

/* After SASL_ASK: whose challenge, and the client's nonce. */
struct sasl_question {
	struct span user, nonce;
};
struct sasl_question sasl_server_question(const struct sasl_server *s);
/* The answer: server-first-message and an opaque seal, both copied. challenge
 * is set, in base64. False: the answer cannot be for this question. */
bool sasl_server_told(struct sasl_server *s, struct span server_first,
    struct span seal, struct buf *challenge);

/* After SASL_CHECK. */
struct sasl_credentials sasl_server_credentials(const struct sasl_server *s);
/* The credentials are good. SASL_DONE, or SASL_CONTINUE with a last challenge
 * in base64 that shows the client who we are; signature: of SCRAM. */
enum sasl_outcome sasl_server_accepted(
    struct sasl_server *s, struct span signature, struct buf *challenge);
/* The credentials are not good. SASL_DENIED, or SASL_CONTINUE where the client
 * is told why by error (JSON; may be empty) and has to answer before the end
 * (RFC 7628, 3.2.3). */
enum sasl_outcome sasl_server_rejected(
    struct sasl_server *s, struct span error, struct buf *challenge);
/* Why it was SASL_REFUSED: text for the log. */
const char *sasl_server_reason(const struct sasl_server *s);

#endif
