/*
 * sasl_client.c - the mechanisms of SASL as a client speaks them
 *
 * PLAIN is RFC 4616. LOGIN answers whatever it is asked: the name first, the
 * password second, since the words of the challenges were never fixed.
 */

#include "sasl/sasl_client.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/secret.h"

typedef bool answer_fn(struct sasl_client *c, struct buf *out);

struct row {
	const char *name;
	bool plaintext, first;
	answer_fn *answer; /* appends the response, before base64 */
};

struct sasl_client {
	const struct row *row;
	unsigned step;
	struct buf user;
	struct secret *password;
};

static bool
plain_answer(struct sasl_client *c, struct buf *out)
{
	if (c->step++ > 0)
		return false;
	buf_add_byte(out, '\0');
	buf_add_span(out, buf_span(&c->user));
	buf_add_byte(out, '\0');
	buf_add_span(out, secret_span(c->password));
	return true;
}

static bool
login_answer(struct sasl_client *c, struct buf *out)
{
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

static const struct row rows[] = {
	{ "PLAIN", true, true, plain_answer },
	{ "LOGIN", true, false, login_answer },
};

static const struct row *
choose(const struct span *offered, size_t count, bool plaintext)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t j = 0; j < count; j++)
			if (span_iis(offered[j], rows[i].name) &&
			    (plaintext || !rows[i].plaintext))
				return &rows[i];
	return NULL;
}

struct sasl_client *
sasl_client_new(const struct span *offered, size_t count, bool plaintext,
    struct span user, struct span password)
{
	const struct row *row = choose(offered, count, plaintext);
	struct sasl_client *c;

	if (row == NULL || user.n == 0 || span_find(user, '\0') < user.n ||
	    span_find(password, '\0') < password.n || password.n > SECRET_MAX)
		return NULL;
	c = mem_new(sizeof(*c));
	c->row = row;
	buf_add_span(&c->user, user);
	c->password = secret_new(password);
	return c;
}

void
sasl_client_free(struct sasl_client **c)
{
	if (*c == NULL)
		return;
	secret_free(&(*c)->password);
	buf_wipe(&(*c)->user);
	free(*c);
	*c = NULL;
}

const char *
sasl_client_name(const struct sasl_client *c)
{
	return c->row->name;
}

static bool
say(struct sasl_client *c, struct buf *out)
{
	struct buf plain = BUF_EMPTY;
	bool good;

	buf_clear(out);
	/* one piece of room: no copies are left behind while it grows */
	buf_room(&plain, c->user.n + SECRET_MAX + 2);
	good = c->row->answer(c, &plain);
	if (good && plain.n > 0)
		base64_encode(out, buf_span(&plain));
	buf_wipe(&plain);
	return good;
}

bool
sasl_client_first(struct sasl_client *c, struct buf *out)
{
	if (!c->row->first || !say(c, out))
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
	bool good = base64_decode(&words, challenge);

	buf_free(&words);
	return good && say(c, out);
}
