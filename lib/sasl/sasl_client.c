/*
 * sasl_client.c - the mechanisms of SASL as a client speaks them
 *
 * PLAIN is RFC 4616, CRAM-MD5 RFC 2195, EXTERNAL RFC 4422, OAUTHBEARER RFC
 * 7628, SCRAM scram_client.c. LOGIN answers whatever it is asked: the name
 * first, the password second, since the words of the challenges were never
 * fixed. XOAUTH2 is what came before OAUTHBEARER, as large providers have it.
 */

#include "sasl/sasl_client.h"

#include <stdlib.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/secret.h"
#include "sasl/sasl_server.h"
#include "sasl/scram_client.h"

enum { USER_MAX = 1000, NONCE_BYTES = 18 };

/* What a mechanism is, besides enum sasl_flag. */
enum kind {
	SHA256 = 1 << 16,
	FIRST = 1 << 17, /* the client speaks first */
	WANTS_TLS = 1 << 18,
	NAMED = 1 << 19,
	BOUND = 1 << 20
};

typedef bool
answer_fn(struct sasl_client *c, struct span challenge, struct buf *out);

struct row {
	const char *name;
	unsigned kind;
	answer_fn *answer; /* appends the response, before base64 */
};

struct sasl_client {
	const struct row *row;
	unsigned step;
	struct buf user, authzid;
	struct secret *password;
	struct scram_client *scram;
	bool verified;
};

static bool
plain_answer(struct sasl_client *c, struct span challenge, struct buf *out)
{
	(void)challenge;
	if (c->step++ > 0)
		return false;
	buf_add_span(out, buf_span(&c->authzid));
	buf_add_byte(out, '\0');
	buf_add_span(out, buf_span(&c->user));
	buf_add_byte(out, '\0');
	buf_add_span(out, secret_span(c->password));
	return true;
}

static bool
login_answer(struct sasl_client *c, struct span challenge, struct buf *out)
{
	(void)challenge;
	switch (c->step++) {
	case 0:
		buf_add_span(out, buf_span(&c->user));
		return true;
	case 1:
		buf_add_span(out, secret_span(c->password));
		return true;
	default:
		return false;
	}
}

static bool
cram_answer(struct sasl_client *c, struct span challenge, struct buf *out)
{
	unsigned char sum[DIGEST_BYTES_MAX];

	if (c->step++ > 0 || challenge.n == 0)
		return false;
	digest_hmac(DIGEST_MD5, secret_span(c->password), challenge, sum);
	buf_add_span(out, buf_span(&c->user));
	buf_add_byte(out, ' ');
	hex_encode(out, span_of((const char *)sum, digest_bytes(DIGEST_MD5)));
	return true;
}

static bool
external_answer(struct sasl_client *c, struct span challenge, struct buf *out)
{
	(void)challenge;
	if (c->step++ > 0)
		return false;
	buf_add_span(out, buf_span(&c->user));
	return true;
}

static bool
scram_answer(struct sasl_client *c, struct span challenge, struct buf *out)
{
	switch (c->step++) {
	case 0:
		scram_client_first(c->scram, out);
		return true;
	case 1:
		return scram_client_final(
		    c->scram, challenge, secret_span(c->password), out);
	case 2:
		c->verified = scram_client_verify(c->scram, challenge);
		return c->verified;
	default:
		return false;
	}
}

/* The second challenge says what is wrong, in JSON; it wants an answer before
 * the server refuses. */
static bool
xoauth2_answer(struct sasl_client *c, struct span challenge, struct buf *out)
{
	(void)challenge;
	if (c->step++ > 0)
		return c->step == 2;
	buf_add_str(out, "user=");
	buf_add_span(out, buf_span(&c->user));
	buf_add_str(out, "\001auth=Bearer ");
	buf_add_span(out, secret_span(c->password));
	buf_add_str(out, "\001\001");
	return true;
}

static bool
bearer_answer(struct sasl_client *c, struct span challenge, struct buf *out)
{
	(void)challenge;
	if (c->step++ > 0) {
		buf_add_byte(out, '\001');
		return c->step == 2;
	}
	buf_add_str(out, "n,");
	if (c->user.n > 0) {
		buf_add_str(out, "a=");
		scram_name_escape(out, buf_span(&c->user));
	}
	buf_add_str(out, ",\001auth=Bearer ");
	buf_add_span(out, secret_span(c->password));
	buf_add_str(out, "\001\001");
	return true;
}

#define WEAK  (SASL_ACTIVE | SASL_DICTIONARY | SASL_NO_SECRECY | SASL_ONE_WAY)
#define SHOWN (SASL_PLAINTEXT | WEAK)
#define SCRAM (SASL_SCRAM | SASL_DICTIONARY | SASL_NO_SECRECY | FIRST)

/* The best first. */
static const struct row rows[] = {
	{ "EXTERNAL",
	    SASL_EXTERNAL | SASL_ACTIVE | SASL_NO_SECRECY | SASL_ONE_WAY |
		FIRST | WANTS_TLS,
	    external_answer },
	{ "SCRAM-SHA-256-PLUS", SCRAM | SHA256 | BOUND | WANTS_TLS,
	    scram_answer },
	{ "SCRAM-SHA-1-PLUS", SCRAM | BOUND | WANTS_TLS, scram_answer },
	{ "SCRAM-SHA-256", SCRAM | SHA256, scram_answer },
	{ "SCRAM-SHA-1", SCRAM, scram_answer },
	{ "OAUTHBEARER", SHOWN | FIRST | WANTS_TLS | NAMED, bearer_answer },
	{ "XOAUTH2", SHOWN | FIRST | WANTS_TLS | NAMED, xoauth2_answer },
	{ "CRAM-MD5", WEAK, cram_answer },
	{ "PLAIN", SHOWN | FIRST, plain_answer },
	{ "LOGIN", SHOWN, login_answer },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static bool
is_offered(const struct sasl_client_setup *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++)
		if (span_iis(s->offered[i], name))
			return true;
	return false;
}

static bool
is_allowed(const struct sasl_client_setup *s, const struct row *r)
{
	bool external = (r->kind & SASL_EXTERNAL) != 0;
	bool named = (r->kind & NAMED) != 0 || (external && s->password.n > 0);

	if ((r->kind & s->barred) != 0 || (s->tried & 1U << (r - rows)) != 0 ||
	    ((r->kind & WANTS_TLS) != 0 && !s->secured))
		return false;
	if (external && !s->certificate)
		return false;
	if (s->authzid.n > 0 && r->answer != plain_answer)
		return false;
	/* who is nobody can only show a certificate */
	if (!external && (s->user.n == 0 || s->password.n == 0))
		return false;
	if ((r->kind & BOUND) != 0 && s->binding.n == 0)
		return false;
	return s->allowed == NULL ? !named : s->allowed(s->arg, r->name, named);
}

static const struct row *
choose(const struct sasl_client_setup *s)
{
	for (size_t i = 0; i < ROWS; i++)
		if (is_offered(s, rows[i].name) && is_allowed(s, &rows[i]))
			return &rows[i];
	return NULL;
}

static struct scram_client *
scram_new(const struct sasl_client_setup *s, const struct row *r)
{
	struct buf nonce = BUF_EMPTY;
	unsigned char bytes[NONCE_BYTES];
	bool bound = (r->kind & BOUND) != 0;
	/* it has mechanisms that bind, and main.cf does not want them */
	bool passed_over = is_offered(s, "SCRAM-SHA-256-PLUS") ||
	    is_offered(s, "SCRAM-SHA-1-PLUS");
	struct scram_client_setup setup = {
		.digest = (r->kind & SHA256) != 0 ? DIGEST_SHA256 : DIGEST_SHA1,
		.user = s->user,
		.binding = bound                       ? SCRAM_BOUND
		    : s->binding.n > 0 && !passed_over ? SCRAM_WOULD_BIND
						       : SCRAM_NOT_BOUND,
		.type = SPAN("tls-exporter"),
		.data = s->binding,
	};
	struct scram_client *c;

	must(getrandom(bytes, sizeof(bytes), 0) == (ssize_t)sizeof(bytes));
	base64_encode(&nonce, span_of((const char *)bytes, sizeof(bytes)));
	setup.nonce = buf_span(&nonce);
	c = scram_client_new(&setup);
	buf_free(&nonce);
	return c;
}

/* No NUL, nor what ends a field of one of them. */
static bool
is_sendable(struct span s, size_t most)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || s.p[i] == '\001')
			return false;
	return s.n <= most;
}

struct sasl_client *
sasl_client_new(const struct sasl_client_setup *setup)
{
	const struct row *row = choose(setup);
	struct sasl_client *c;

	if (row == NULL || !is_sendable(setup->user, USER_MAX) ||
	    !is_sendable(setup->authzid, USER_MAX) ||
	    !is_sendable(setup->password, SECRET_LONG_MAX))
		return NULL;
	c = mem_new(sizeof(*c));
	c->row = row;
	buf_add_span(&c->user, setup->user);
	buf_add_span(&c->authzid, setup->authzid);
	c->password = secret_new_long(setup->password);
	if ((row->kind & SASL_SCRAM) != 0)
		c->scram = scram_new(setup, row);
	return c;
}

void
sasl_client_free(struct sasl_client **c)
{
	if (*c == NULL)
		return;
	secret_free(&(*c)->password);
	buf_wipe(&(*c)->user);
	buf_free(&(*c)->authzid);
	scram_client_free(&(*c)->scram);
	free(*c);
	*c = NULL;
}

const char *
sasl_client_name(const struct sasl_client *c)
{
	return c->row->name;
}

unsigned
sasl_client_bit(const struct sasl_client *c)
{
	return 1U << (c->row - rows);
}

static bool
say(struct sasl_client *c, struct span challenge, struct buf *out)
{
	struct buf plain = BUF_EMPTY;
	bool good;

	buf_clear(out);
	/* one piece of room: no copies are left behind while it grows */
	buf_room(&plain,
	    3 * c->user.n + c->authzid.n + secret_span(c->password).n +
		SCRAM_MESSAGE_MAX + 64);
	good = c->row->answer(c, challenge, &plain);
	if (good && plain.n > 0) {
		buf_room(out, plain.n * 2);
		base64_encode(out, buf_span(&plain));
	}
	buf_wipe(&plain);
	return good;
}

bool
sasl_client_first(struct sasl_client *c, struct buf *out)
{
	if ((c->row->kind & FIRST) == 0 || !say(c, SPAN(""), out))
		return false;
	if (out->n == 0)
		buf_add_byte(out, '=');
	return true;
}

bool
sasl_client_answer(
    struct sasl_client *c, struct span challenge, struct buf *out)
{
	struct buf words = BUF_EMPTY;
	/* LOGIN is older than its own encoding, in some servers */
	bool good =
	    base64_decode(&words, challenge) || c->row->answer == login_answer;

	good = good && say(c, buf_span(&words), out);
	buf_free(&words);
	return good;
}

bool
sasl_client_done(const struct sasl_client *c)
{
	return c->scram == NULL ? c->step > 0 : c->verified;
}
