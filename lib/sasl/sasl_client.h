/* sasl_client.h - the mechanisms of SASL as a client speaks them (RFC 4422) */

#ifndef SASL_SASL_CLIENT_H
#define SASL_SASL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct sasl_client;

/* May this mechanism be used? named: only if it was asked for by its name. */
typedef bool sasl_allowed_fn(void *arg, const char *name, bool named);

struct sasl_client_setup {
	const struct span *offered;
	size_t count;
	/* set of enum sasl_flag (sasl/sasl_server.h): mechanisms with any of
	 * them are passed over */
	unsigned barred;
	unsigned tried; /* of sasl_client_bit(): as well */
	bool secured; /* TLS is up */
	bool certificate; /* and the server may have seen one of ours */
	struct span binding; /* octets of tls-exporter; empty: not known */
	sasl_allowed_fn *allowed; /* NULL: all that need not be named */
	void *arg;
	struct span user, password;
	/* for whom, when that is another: only PLAIN is used then */
	struct span authzid;
};

/* Choose the best of the offered mechanisms; NULL when none can be used. Copies
 * what it needs (the password wiped in the end); NULL too when a name or
 * password cannot be sent at all. OAUTHBEARER and XOAUTH2, for which the
 * password is a token, have to be named; so has EXTERNAL, unless the password
 * is empty. */
struct sasl_client *sasl_client_new(const struct sasl_client_setup *setup);
void sasl_client_free(struct sasl_client **c);
const char *sasl_client_name(const struct sasl_client *c);
/* One bit of its own for the mechanism. */
unsigned sasl_client_bit(const struct sasl_client *c);
/* True when the mechanism has the client speak first: out is the initial
 * response in base64 ("=" when it is empty). */
bool sasl_client_first(struct sasl_client *c, struct buf *out);
/* Answer a challenge (base64) in base64. False: nothing to say to that; cancel
 * with "*". out holds a secret: wipe it. */
bool sasl_client_answer(
    struct sasl_client *c, struct span challenge, struct buf *out);
/* The server says that we are in: has it shown all that the mechanism wants of
 * it? */
bool sasl_client_done(const struct sasl_client *c);

#endif
