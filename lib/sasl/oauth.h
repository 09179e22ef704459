/* oauth.h - what clients of OAuth 2 show: OAUTHBEARER (RFC 7628) and XOAUTH2
 *
 * Pure. XOAUTH2 is what large providers had before the standard, and what many
 * clients still speak: "user=" NAME ^A "auth=Bearer " TOKEN ^A ^A.
 */

#ifndef SASL_OAUTH_H
#define SASL_OAUTH_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

enum { OAUTH_TOKEN_MAX = 8192 };

struct oauth_first {
	struct buf user; /* whom the client says it is; may be empty */
	/* Empty when the client only asks what is wanted (RFC 7628, 4.3). */
	struct span token; /* points into the message */
};

/* The client's first message. False when it is ill-formed; end out with
 * oauth_first_done() in any case. */
bool oauth_bearer_parse(struct span message, struct oauth_first *out);
bool oauth_xoauth2_parse(struct span message, struct oauth_first *out);
void oauth_first_done(struct oauth_first *f);

/* The server's word of a token that is not good, as JSON, appended (RFC 7628,
 * 3.2.2). scope, configuration (an address) may be empty. XOAUTH2 has a status
 * of HTTP in the place of the error's name. */
struct oauth_error {
	const char *status; /* "invalid_token", "insufficient_scope" */
	struct span scope, configuration;
};
void
oauth_error_put(struct buf *out, const struct oauth_error *e, bool xoauth2);

#endif
