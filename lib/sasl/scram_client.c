/*
 * scram_client.c - SCRAM as a client speaks it, as bytes
 *
 * RFC 5802, sections 3, 5 and 7. A server that asks for an extension which
 * must be understood is not answered. Names and passwords are sent as they
 * stand in the configuration, which is where they are to be prepared.
 */

#include "sasl/scram_client.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/secret.h"

struct scram_client {
	enum digest_kind digest;
	struct buf header, data; /* gs2-header; what it is bound to */
	struct buf bare, nonce;
	bool computed;
	unsigned char signature[DIGEST_BYTES_MAX]; /* the server's */
};

void
scram_name_escape(struct buf *out, struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == ',')
			buf_add_str(out, "=2C");
		else if (name.p[i] == '=')
			buf_add_str(out, "=3D");
		else
			buf_add_byte(out, name.p[i]);
}

struct scram_client *
scram_client_new(const struct scram_client_setup *setup)
{
	struct scram_client *c = mem_new(sizeof(*c));

	c->digest = setup->digest;
	switch (setup->binding) {
	case SCRAM_NOT_BOUND:
		buf_add_str(&c->header, "n,,");
		break;
	case SCRAM_WOULD_BIND:
		buf_add_str(&c->header, "y,,");
		break;
	case SCRAM_BOUND:
		buf_printf(
		    &c->header, "p=%.*s,,", (int)setup->type.n, setup->type.p);
		buf_add_span(&c->data, setup->data);
		break;
	}
	buf_add_span(&c->nonce, setup->nonce);
	buf_add_str(&c->bare, "n=");
	scram_name_escape(&c->bare, setup->user);
	buf_add_str(&c->bare, ",r=");
	buf_add_span(&c->bare, setup->nonce);
	return c;
}

void
scram_client_free(struct scram_client **c)
{
	if (*c == NULL)
		return;
	buf_free(&(*c)->header);
	buf_wipe(&(*c)->data);
	buf_free(&(*c)->bare);
	buf_free(&(*c)->nonce);
	explicit_bzero((*c)->signature, sizeof((*c)->signature));
	mem_free(c);
}

void
scram_client_first(const struct scram_client *c, struct buf *out)
{
	buf_add_span(out, buf_span(&c->header));
	buf_add_span(out, buf_span(&c->bare));
}

struct server_first {
	struct span nonce;
	struct buf salt;
	unsigned iterations;
};

static bool
field_take(struct span *rest, const char *name, struct span *value)
{
	if (!span_cut(rest, ',', value) || !span_starts(*value, name))
		return false;
	*value = span_skip(*value, 2);
	return true;
}

static bool
is_printable(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (span_at(s, i) < 0x21 || span_at(s, i) > 0x7e)
			return false;
	return true;
}

/* "r=NONCE,s=SALT,i=COUNT"; what follows are extensions that may be passed
 * over. The nonce has to be longer than ours. */
static bool
server_first_parse(
    const struct scram_client *c, struct span text, struct server_first *out)
{
	struct span rest = text, salt, count, own = buf_span(&c->nonce);
	uint64_t n;

	if (text.n > SCRAM_MESSAGE_MAX || span_find(text, '\0') < text.n ||
	    !field_take(&rest, "r=", &out->nonce) ||
	    !field_take(&rest, "s=", &salt) || !field_take(&rest, "i=", &count))
		return false;
	if (out->nonce.n <= own.n || !is_printable(out->nonce) ||
	    !span_eq(span_head(out->nonce, own.n), own))
		return false;
	if (!base64_decode(&out->salt, salt) || out->salt.n == 0 ||
	    out->salt.n > SCRAM_CLIENT_SALT_MAX ||
	    !number_parse(count, 1, SCRAM_CLIENT_ITERATIONS_MAX, &n))
		return false;
	out->iterations = (unsigned)n;
	return true;
}

/* The proof, and what the server has to show (RFC 5802, 3). */
static void
proof_make(struct scram_client *c, const struct server_first *f,
    struct span password, struct span all,
    unsigned char proof[DIGEST_BYTES_MAX])
{
	size_t n = digest_bytes(c->digest);
	unsigned char salted[DIGEST_BYTES_MAX], stored[DIGEST_BYTES_MAX];
	unsigned char sign[DIGEST_BYTES_MAX], key[DIGEST_BYTES_MAX];

	digest_pbkdf2(
	    c->digest, password, buf_span(&f->salt), f->iterations, salted);
	digest_hmac(
	    c->digest, span_of((char *)salted, n), SPAN("Client Key"), proof);
	digest_sum(c->digest, span_of((char *)proof, n), stored);
	digest_hmac(c->digest, span_of((char *)stored, n), all, sign);
	for (size_t i = 0; i < n; i++)
		proof[i] ^= sign[i];
	digest_hmac(
	    c->digest, span_of((char *)salted, n), SPAN("Server Key"), key);
	digest_hmac(c->digest, span_of((char *)key, n), all, c->signature);
	c->computed = true;
	explicit_bzero(salted, sizeof(salted));
	explicit_bzero(stored, sizeof(stored));
	explicit_bzero(sign, sizeof(sign));
	explicit_bzero(key, sizeof(key));
}

static void
final_put(struct scram_client *c, const struct server_first *f,
    struct span server_first, struct span password, struct buf *out)
{
	struct buf bound = BUF_EMPTY, bare = BUF_EMPTY, all = BUF_EMPTY;
	unsigned char proof[DIGEST_BYTES_MAX];

	buf_add_span(&bound, buf_span(&c->header));
	buf_add_span(&bound, buf_span(&c->data));
	buf_add_str(&bare, "c=");
	base64_encode(&bare, buf_span(&bound));
	buf_add_str(&bare, ",r=");
	buf_add_span(&bare, f->nonce);
	buf_add_span(&all, buf_span(&c->bare));
	buf_add_byte(&all, ',');
	buf_add_span(&all, server_first);
	buf_add_byte(&all, ',');
	buf_add_span(&all, buf_span(&bare));
	proof_make(c, f, password, buf_span(&all), proof);
	buf_add_span(out, buf_span(&bare));
	buf_add_str(out, ",p=");
	base64_encode(out, span_of((char *)proof, digest_bytes(c->digest)));
	explicit_bzero(proof, sizeof(proof));
	buf_wipe(&bound);
	buf_wipe(&bare);
	buf_wipe(&all);
}

bool
scram_client_final(struct scram_client *c, struct span server_first,
    struct span password, struct buf *out)
{
	struct server_first f = { .salt = BUF_EMPTY };
	bool good = !c->computed && server_first_parse(c, server_first, &f);

	if (good)
		final_put(c, &f, server_first, password, out);
	buf_free(&f.salt);
	return good;
}

bool
scram_client_verify(const struct scram_client *c, struct span final)
{
	struct span rest = final, value;
	struct buf bytes = BUF_EMPTY;
	bool good = c->computed && final.n <= SCRAM_MESSAGE_MAX &&
	    field_take(&rest, "v=", &value) && base64_decode(&bytes, value) &&
	    secret_equal(buf_span(&bytes),
		span_of((const char *)c->signature, digest_bytes(c->digest)));

	buf_free(&bytes);
	return good;
}
