/* token.h - tokens of OAuth 2 that were found good, and what is said of others
 */

#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/claims.h"
#include "base/span.h"

struct auth_conf;
struct buf;
struct loop;
struct tokens;

/* In memory alone, by an HMAC of the token under a key of this process. */
struct tokens *tokens_new(const struct auth_conf *conf, struct loop *loop);
void tokens_free(struct tokens **t);

/* The name that it is remembered by, appended. */
void tokens_key(const struct tokens *t, struct span token, struct buf *key);
/* Whose is it? False: not known, or not any more. user is appended. */
bool tokens_find(struct tokens *t, struct span key, struct buf *user);
/* until: the wall-clock second at which the token ends; 0: not told. Kept for
 * auth_oauth_cache_time at most; at auth_oauth_cache_limit the one that ends
 * first goes. */
void tokens_remember(
    struct tokens *t, struct span key, struct span user, int64_t until);

/* What the client is told of a token that is not good, as JSON; out is
 * empty before. */
void tokens_error(const struct auth_conf *conf, enum claims_verdict verdict,
    bool xoauth2, struct buf *out);

#endif
