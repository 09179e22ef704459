/*
 * scram.c - SCRAM-SHA-256 as bytes, and its verifiers
 *
 * The grammar is that of RFC 5802, section 7, read strictly: attributes in
 * their order, no mandatory extension, other extensions passed over. Names and
 * passwords come prepared by the client (RFC 5802, 5.1): the server cannot
 * prepare what it never sees.
 */

#include "sasl/scram.h"

#include "base/base64.h"
#include "base/digest.h"
#include "base/number.h"
#include "base/secret.h"
#include "base/utf8.h"

/* "X=value" at the front of *rest, up to a comma or the end, taken off. */
static bool
attribute(struct span *rest, char name, struct span *value)
{
	struct span field;

	if (span_at(*rest, 0) != name || span_at(*rest, 1) != '=' ||
	    !span_cut(rest, ',', &field))
		return false;
	*value = span_skip(field, 2);
	return true;
}

/* printable = %x21-2B / %x2D-7E */
static bool
printable(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (span_at(s, i) < 0x21 || span_at(s, i) > 0x7e)
			return false;
	return true;
}

/* saslname: "=2C" is a comma, "=3D" an equals sign, no other "=" may be. */
static bool
name_decode(struct span from, struct buf *out)
{
	for (size_t i = 0; i < from.n; i++) {
		struct span rest = span_skip(from, i);

		if (ascii_control(span_at(from, i)))
			return false;
		if (span_at(from, i) != '=') {
			buf_add_byte(out, from.p[i]);
			continue;
		}
		if (!span_starts(rest, "=2C") && !span_starts(rest, "=3D"))
			return false;
		buf_add_byte(out, from.p[i + 1] == '2' ? ',' : '=');
		i += 2;
	}
	return out->n > 0 && out->n <= SCRAM_NAME_MAX &&
	    utf8_valid(buf_span(out));
}

/* "n,", "y," or "p=TYPE,", then "[a=NAME]," */
static bool
header_parse(struct span message, struct scram_first *out, struct span *bare)
{
	struct span rest = message, flag, name;

	if (!span_cut(&rest, ',', &flag) || rest.p == NULL)
		return false;
	if (span_is(flag, "n")) {
		out->binding = SCRAM_NOT_BOUND;
	} else if (span_is(flag, "y")) {
		out->binding = SCRAM_WOULD_BIND;
	} else if (span_starts(flag, "p=") && flag.n > 2) {
		out->binding = SCRAM_BOUND;
		out->type = span_skip(flag, 2);
		if (!printable(out->type))
			return false;
	} else {
		return false;
	}
	if (!span_cut(&rest, ',', &name) || rest.p == NULL)
		return false;
	if (name.n > 0 &&
	    (!span_starts(name, "a=") ||
		!name_decode(span_skip(name, 2), &out->authzid)))
		return false;
	out->header = span_between(message.p, rest.p);
	*bare = rest;
	return true;
}

bool
scram_first_parse(struct span message, struct scram_first *out)
{
	struct span rest, user;

	*out = (struct scram_first){ .binding = SCRAM_NOT_BOUND };
	if (message.n > SCRAM_MESSAGE_MAX ||
	    span_find(message, '\0') < message.n ||
	    !header_parse(message, out, &rest))
		return false;
	out->bare = rest;
	/* "m=" in front is an extension that must be understood */
	return attribute(&rest, 'n', &user) && rest.p != NULL &&
	    name_decode(user, &out->user) &&
	    attribute(&rest, 'r', &out->nonce) && out->nonce.n > 0 &&
	    out->nonce.n <= SCRAM_NONCE_MAX && printable(out->nonce);
}

void
scram_first_done(struct scram_first *f)
{
	buf_wipe(&f->user);
	buf_wipe(&f->authzid);
}

/* Base64 of just n bytes. */
static bool
bytes_parse(struct span text, unsigned char *to, size_t n)
{
	struct buf bytes = BUF_EMPTY;
	bool good = base64_decode(&bytes, text) && bytes.n == n;

	if (good)
		memcpy(to, bytes.p, n);
	buf_wipe(&bytes);
	return good;
}

bool
scram_final_parse(struct span message, struct scram_final *out)
{
	struct span rest = message, proof;
	size_t last = span_rfind(message, ',');

	if (message.n > SCRAM_MESSAGE_MAX || last == message.n ||
	    span_find(message, '\0') < message.n)
		return false;
	out->without_proof = span_head(message, last);
	proof = span_skip(message, last + 1);
	return attribute(&rest, 'c', &out->binding) && out->binding.n > 0 &&
	    rest.p != NULL && attribute(&rest, 'r', &out->nonce) &&
	    out->nonce.n > 0 && printable(out->nonce) &&
	    attribute(&proof, 'p', &proof) &&
	    bytes_parse(proof, out->proof, SCRAM_KEY_BYTES);
}

bool
scram_verifier_parse(struct span text, struct scram_verifier *out)
{
	struct span scheme, iterations, salt, stored, server;
	struct buf raw = BUF_EMPTY;
	uint64_t n;
	bool good = span_cut(&text, '$', &scheme) &&
	    span_is(scheme, "SCRAM-SHA-256") &&
	    span_cut(&text, ':', &iterations) && span_cut(&text, '$', &salt) &&
	    span_cut(&text, ':', &stored) && text.p != NULL &&
	    number_parse(
		iterations, SCRAM_ITERATIONS_MIN, SCRAM_ITERATIONS_MAX, &n) &&
	    base64_decode(&raw, salt) && raw.n > 0 && raw.n <= SCRAM_SALT_MAX;

	server = text;
	good = good && bytes_parse(stored, out->stored_key, SCRAM_KEY_BYTES) &&
	    bytes_parse(server, out->server_key, SCRAM_KEY_BYTES);
	if (good) {
		out->iterations = (unsigned)n;
		out->salt = salt;
	}
	buf_free(&raw);
	return good;
}

static void
bytes_put(struct buf *out, const unsigned char *p, size_t n)
{
	base64_encode(out, span_of((const char *)p, n));
}

static struct span
key_span(const unsigned char *key)
{
	return span_of((const char *)key, SCRAM_KEY_BYTES);
}

/* StoredKey and ServerKey of a password (RFC 5802, 3). */
static void
keys_make(struct scram_verifier *v, struct span password, struct span salt,
    unsigned iterations)
{
	unsigned char salted[SCRAM_KEY_BYTES], client[SCRAM_KEY_BYTES];

	digest_pbkdf2_sha256(password, salt, iterations, salted);
	digest_hmac_sha256(key_span(salted), SPAN("Client Key"), client);
	digest_sha256(key_span(client), v->stored_key);
	digest_hmac_sha256(key_span(salted), SPAN("Server Key"), v->server_key);
	explicit_bzero(salted, sizeof(salted));
	explicit_bzero(client, sizeof(client));
}

void
scram_verifier_make(struct buf *out, struct span password, struct span salt,
    unsigned iterations)
{
	struct scram_verifier v;

	keys_make(&v, password, salt, iterations);
	buf_printf(out, "SCRAM-SHA-256$%u:", iterations);
	base64_encode(out, salt);
	buf_add_byte(out, '$');
	bytes_put(out, v.stored_key, SCRAM_KEY_BYTES);
	buf_add_byte(out, ':');
	bytes_put(out, v.server_key, SCRAM_KEY_BYTES);
	explicit_bzero(&v, sizeof(v));
}

bool
scram_verifier_fits(const struct scram_verifier *v, struct span password)
{
	struct scram_verifier made;
	struct buf salt = BUF_EMPTY;
	bool fits;

	if (!base64_decode(&salt, v->salt))
		return false;
	keys_make(&made, password, buf_span(&salt), v->iterations);
	fits = secret_equal(key_span(made.stored_key), key_span(v->stored_key));
	explicit_bzero(&made, sizeof(made));
	buf_free(&salt);
	return fits;
}

/* From U+00C0 to U+017F but those with a compatibility decomposition; the euro
 * sign; printable ASCII. */
static bool
is_prepared(uint32_t c)
{
	static const uint32_t odd[] = { 0x132, 0x133, 0x13f, 0x140, 0x149,
		0x17f };

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if (c == odd[i])
			return false;
	return (c >= 0x20 && c < 0x7f) || (c >= 0xc0 && c <= 0x17f) ||
	    c == 0x20ac;
}

bool
scram_password_prepared(struct span s)
{
	uint32_t c;

	while (s.n > 0) {
		size_t n = utf8_next(s, &c);

		if (n == 0 || !is_prepared(c))
			return false;
		s = span_skip(s, n);
	}
	return true;
}

void
scram_server_first(struct buf *out, struct span client_nonce,
    struct span server_nonce, const struct scram_verifier *v)
{
	buf_add_str(out, "r=");
	buf_add_span(out, client_nonce);
	buf_add_span(out, server_nonce);
	buf_add_str(out, ",s=");
	buf_add_span(out, v->salt);
	buf_printf(out, ",i=%u", v->iterations);
}

bool
scram_proof_check(const struct scram_verifier *v,
    const struct scram_messages *m, struct span proof,
    unsigned char signature[SCRAM_KEY_BYTES])
{
	unsigned char key[SCRAM_KEY_BYTES], stored[SCRAM_KEY_BYTES];
	struct buf whole = BUF_EMPTY;
	bool good;

	if (proof.n != SCRAM_KEY_BYTES)
		return false;
	buf_add_span(&whole, m->client_first);
	buf_add_byte(&whole, ',');
	buf_add_span(&whole, m->server_first);
	buf_add_byte(&whole, ',');
	buf_add_span(&whole, m->client_final);
	/* ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage) */
	digest_hmac_sha256(key_span(v->stored_key), buf_span(&whole), key);
	for (size_t i = 0; i < sizeof(key); i++)
		key[i] ^= (unsigned char)proof.p[i];
	digest_sha256(key_span(key), stored);
	good = secret_equal(key_span(stored), key_span(v->stored_key));
	digest_hmac_sha256(
	    key_span(v->server_key), buf_span(&whole), signature);
	explicit_bzero(key, sizeof(key));
	buf_free(&whole);
	return good;
}
