/* token.c - tokens of OAuth 2 that were found good */

#include "auth/token.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "auth/conf.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/must.h"
#include "maps/store.h"
#include "os/clock.h"
#include "sasl/oauth.h"

enum { ERROR_MAX = 2048 };

struct tokens {
	const struct auth_conf *conf;
	struct store *known;
	char key[SHA256_BYTES];
};

struct tokens *
tokens_new(const struct auth_conf *conf, struct loop *loop)
{
	struct tokens *t = mem_new(sizeof(*t));

	t->conf = conf;
	t->known =
	    store_open(loop, "", (size_t)conf->auth_oauth_cache_limit, 1000);
	must(getrandom(t->key, sizeof(t->key), 0) == (ssize_t)sizeof(t->key));
	return t;
}

void
tokens_free(struct tokens **t)
{
	if (*t == NULL)
		return;
	store_free(&(*t)->known);
	explicit_bzero((*t)->key, sizeof((*t)->key));
	mem_free(t);
}

void
tokens_key(const struct tokens *t, struct span token, struct buf *key)
{
	unsigned char mac[SHA256_BYTES];

	digest_hmac_sha256(span_of(t->key, sizeof(t->key)), token, mac);
	buf_add(key, mac, sizeof(mac));
}

bool
tokens_find(struct tokens *t, struct span key, struct buf *user)
{
	struct span text;
	int64_t until;

	if (!store_get(t->known, key, &until, &text))
		return false;
	buf_add_span(user, text);
	return true;
}

void
tokens_remember(
    struct tokens *t, struct span key, struct span user, int64_t until)
{
	int64_t most = clock_wall() + t->conf->auth_oauth_cache_time;

	if (t->conf->auth_oauth_cache_time > 0)
		store_put(t->known, key,
		    until > 0 && until < most ? until : most, user);
}

void
tokens_error(const struct auth_conf *conf, enum claims_verdict verdict,
    bool xoauth2, struct buf *out)
{
	struct oauth_error e = {
		.status = verdict == CLAIMS_SCOPE ? "insufficient_scope"
						  : "invalid_token",
		.scope = span_str(conf->auth_oauth_scope),
		.configuration = span_str(conf->auth_oauth_openid_configuration)
	};

	oauth_error_put(out, &e, xoauth2);
	if (out->n <= ERROR_MAX)
		return;
	/* the rest is help for a client; without it the status still is */
	buf_clear(out);
	e.scope = e.configuration = SPAN("");
	oauth_error_put(out, &e, xoauth2);
}
