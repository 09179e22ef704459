/* scram.h - SCRAM-SHA-256 as bytes (RFC 5802, RFC 7677) and its verifiers
 *
 * Pure. A verifier is what a server keeps instead of a password, as text:
 *
 *   SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY
 *
 * with salt and keys in base64. Who has one can guess at the password and
 * speak as the server, but not log in.
 */

#ifndef SASL_SCRAM_H
#define SASL_SCRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

enum {
	SCRAM_KEY_BYTES = 32,
	SCRAM_SALT_BYTES = 16, /* of verifiers that we make */
	SCRAM_SALT_MAX = 64,
	SCRAM_ITERATIONS_MIN = 4096, /* RFC 7677, 4 */
	SCRAM_ITERATIONS_MAX = 1000000,
	SCRAM_NAME_MAX = 255,
	SCRAM_NONCE_MAX = 256, /* the client's part */
	SCRAM_MESSAGE_MAX = 2048
};

/* What the client says of channel binding in its first message. */
enum scram_binding {
	SCRAM_NOT_BOUND, /* "n": it cannot */
	SCRAM_WOULD_BIND, /* "y": it can, and thinks that we cannot */
	SCRAM_BOUND /* "p=TYPE" */
};

struct scram_first {
	enum scram_binding binding;
	struct span type; /* of SCRAM_BOUND: "tls-exporter" */
	struct span header; /* gs2-header, with its commas */
	struct span bare; /* client-first-message-bare */
	struct span nonce;
	struct buf user, authzid; /* decoded */
};

/* client-first-message. False when it is ill-formed, has an extension that is
 * mandatory, or is longer than the limits; the spans point into message. End
 * out with scram_first_done() in any case. */
bool scram_first_parse(struct span message, struct scram_first *out);
void scram_first_done(struct scram_first *f);

struct scram_final {
	struct span binding; /* c=, in base64 */
	struct span nonce; /* the client's and the server's */
	struct span without_proof;
	unsigned char proof[SCRAM_KEY_BYTES];
};

/* client-final-message; as above. */
bool scram_final_parse(struct span message, struct scram_final *out);

struct scram_verifier {
	unsigned iterations;
	struct span salt; /* in base64 */
	unsigned char stored_key[SCRAM_KEY_BYTES];
	unsigned char server_key[SCRAM_KEY_BYTES];
};

/* False when text is not a verifier; salt points into it. */
bool scram_verifier_parse(struct span text, struct scram_verifier *out);
/* The verifier of a password, appended to out. salt: raw bytes, 1 to
 * SCRAM_SALT_MAX. */
void scram_verifier_make(struct buf *out, struct span password,
    struct span salt, unsigned iterations);
/* Is this the password that the verifier was made of? Takes its time. */
bool scram_verifier_fits(const struct scram_verifier *v, struct span password);
/* Are these bytes what SASLprep (RFC 4013) makes of themselves? True for
 * printable ASCII, the letters of Latin-1 and Latin Extended-A that need no
 * preparation, and the euro sign; false for what would need a table to tell. */
bool scram_password_prepared(struct span password);

/* server-first-message, appended. */
void scram_server_first(struct buf *out, struct span client_nonce,
    struct span server_nonce, const struct scram_verifier *v);
/* Does the proof fit the verifier and these three messages? If so, signature
 * is what the server shows in its final message. */
struct scram_messages {
	struct span client_first; /* bare */
	struct span server_first;
	struct span client_final; /* without proof */
};
bool scram_proof_check(const struct scram_verifier *v,
    const struct scram_messages *m, struct span proof,
    unsigned char signature[SCRAM_KEY_BYTES]);

#endif
