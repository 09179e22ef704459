/* scram_client.h - SCRAM as a client speaks it (RFC 5802, RFC 7677), as bytes
 *
 * client-first, server-first, client-final, server-final: only when the last
 * one fits has the server shown that it knows the password's verifier.
 */

#ifndef SASL_SCRAM_CLIENT_H
#define SASL_SCRAM_CLIENT_H

#include <stdbool.h>

#include "base/digest.h"
#include "base/span.h"
#include "sasl/scram.h"

struct buf;
struct scram_client;

enum {
	SCRAM_CLIENT_SALT_MAX = 1024,
	/* what a server may have us compute */
	SCRAM_CLIENT_ITERATIONS_MAX = SCRAM_ITERATIONS_MAX
};

struct scram_client_setup {
	enum digest_kind digest;
	struct span user; /* as it is, not escaped */
	struct span nonce; /* printable ASCII without commas */
	enum scram_binding binding;
	struct span type, data; /* of SCRAM_BOUND: "tls-exporter", octets */
};

/* Append a name with "," and "=" as "=2C" and "=3D" (saslname). */
void scram_name_escape(struct buf *out, struct span name);

/* Copies all. */
struct scram_client *scram_client_new(const struct scram_client_setup *setup);
/* Wipes what it held. */
void scram_client_free(struct scram_client **c);
/* client-first-message, appended. */
void scram_client_first(const struct scram_client *c, struct buf *out);
/* Read server-first-message, append client-final-message. False: the message
 * is ill-formed, its nonce is not made of ours, or it asks for more than the
 * limits. Takes as long as the iterations say. */
bool scram_client_final(struct scram_client *c, struct span server_first,
    struct span password, struct buf *out);
/* Does server-final-message prove that the server knows the password? */
bool scram_client_verify(const struct scram_client *c, struct span final);

#endif
