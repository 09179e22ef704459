/* sasl_client.h - the mechanisms of SASL as a client speaks them (RFC 4422) */

#ifndef SASL_SASL_CLIENT_H
#define SASL_SASL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct sasl_client;

/* Choose the best of the offered mechanisms; NULL when none is ours, or only
 * plaintext ones are and plaintext is false. Copies both (the password wiped in
 * the end); NULL too when one of them cannot be sent. */
struct sasl_client *sasl_client_new(const struct span *offered, size_t count,
    bool plaintext, struct span user, struct span password);
void sasl_client_free(struct sasl_client **c);
const char *sasl_client_name(const struct sasl_client *c);
/* True when the mechanism has the client speak first: out is the initial
 * response in base64 ("=" when it is empty). */
bool sasl_client_first(struct sasl_client *c, struct buf *out);
/* Answer a challenge (base64) in base64. False: nothing to say to that; cancel
 * with "*". out holds a secret: wipe it. */
bool sasl_client_answer(
    struct sasl_client *c, struct span challenge, struct buf *out);

#endif
