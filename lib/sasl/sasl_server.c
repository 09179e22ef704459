/*
 * sasl_server.c - the mechanisms of SASL as a server speaks them
 *
 * A mechanism is a row: its name, what it is like, and a function that takes
 * one response. PLAIN is RFC 4616; LOGIN was never more than a draft and is
 * spoken by many clients.
 */

#include "sasl/sasl_server.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/secret.h"
#include "base/utf8.h"

typedef enum sasl_outcome
step_fn(struct sasl_server *s, struct span response, struct buf *challenge);

struct row {
	struct sasl_mechanism mechanism;
	const char *first; /* challenge to begin with */
	step_fn *step;
};

struct sasl_server {
	const struct row *row;
	unsigned step;
	struct buf user, authzid;
	struct secret *password;
	bool over;
};

/* A name somebody may log in by: no control bytes, so that it can stand in
 * logs and packets. */
static bool
name_good(struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		if (ascii_control(span_at(name, i)))
			return false;
	return name.n <= SASL_NAME_MAX && utf8_valid(name);
}

static bool
password_take(struct sasl_server *s, struct span password)
{
	if (password.n == 0 || span_find(password, '\0') < password.n)
		return false;
	s->password = secret_new(password);
	return s->password != NULL;
}

/* message = [authzid] NUL authcid NUL passwd */
static enum sasl_outcome
plain_step(struct sasl_server *s, struct span response, struct buf *challenge)
{
	size_t first = span_find(response, '\0');
	struct span authzid = span_head(response, first);
	struct span rest = span_skip(response, first + 1);
	size_t second = span_find(rest, '\0');
	struct span user = span_head(rest, second);

	(void)challenge;
	if (first == response.n || second == rest.n || user.n == 0 ||
	    !name_good(user) || !name_good(authzid) ||
	    !password_take(s, span_skip(rest, second + 1)))
		return SASL_MALFORMED;
	buf_add_span(&s->user, user);
	buf_add_span(&s->authzid, authzid);
	return SASL_CHECK;
}

static enum sasl_outcome
login_step(struct sasl_server *s, struct span response, struct buf *challenge)
{
	if (s->step++ == 0) {
		if (response.n == 0 || !name_good(response))
			return SASL_MALFORMED;
		buf_add_span(&s->user, response);
		buf_add_str(challenge, "Password:");
		return SASL_CONTINUE;
	}
	return password_take(s, response) ? SASL_CHECK : SASL_MALFORMED;
}

static const struct row rows[] = {
	{ { "PLAIN", SASL_PLAINTEXT | SASL_CLIENT_FIRST }, "", plain_step },
	{ { "LOGIN", SASL_PLAINTEXT }, "Username:", login_step },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

const struct sasl_mechanism *
sasl_mechanism_next(size_t *at)
{
	return *at < ROWS ? &rows[(*at)++].mechanism : NULL;
}

const struct sasl_mechanism *
sasl_mechanism_find(struct span name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (span_iis(name, rows[i].mechanism.name))
			return &rows[i].mechanism;
	return NULL;
}

struct sasl_server *
sasl_server_new(const struct sasl_mechanism *mechanism)
{
	struct sasl_server *s = mem_new(sizeof(*s));

	for (size_t i = 0; i < ROWS; i++)
		if (&rows[i].mechanism == mechanism)
			s->row = &rows[i];
	must(s->row != NULL);
	return s;
}

void
sasl_server_free(struct sasl_server **s)
{
	if (*s == NULL)
		return;
	secret_free(&(*s)->password);
	buf_wipe(&(*s)->user);
	buf_wipe(&(*s)->authzid);
	free(*s);
	*s = NULL;
}

const struct sasl_mechanism *
sasl_server_mechanism(const struct sasl_server *s)
{
	return &s->row->mechanism;
}

void
sasl_server_begin(struct sasl_server *s, struct buf *challenge)
{
	buf_clear(challenge);
	buf_add_str(challenge, s->row->first);
}

enum sasl_outcome
sasl_server_feed(
    struct sasl_server *s, struct span response, struct buf *challenge)
{
	enum sasl_outcome got;

	must(!s->over);
	buf_clear(challenge);
	if (response.n > SASL_RESPONSE_MAX)
		got = SASL_TOO_LONG;
	else
		got = s->row->step(s, response, challenge);
	s->over = got != SASL_CONTINUE;
	return got;
}

enum sasl_outcome
sasl_server_line(struct sasl_server *s, struct span line, struct buf *challenge)
{
	struct buf response = BUF_EMPTY;
	enum sasl_outcome got;

	buf_clear(challenge);
	if (line.n > SASL_RESPONSE_MAX)
		return SASL_TOO_LONG;
	if (span_is(line, "*"))
		return SASL_CANCELLED;
	if (span_is(line, "="))
		line = span_of("", 0);
	/* one piece of room: no copies are left behind while it grows */
	buf_room(&response, line.n + 4);
	if (!base64_decode(&response, line)) {
		buf_wipe(&response);
		return SASL_MALFORMED;
	}
	got = sasl_server_feed(s, buf_span(&response), challenge);
	buf_wipe(&response);
	if (got == SASL_CONTINUE) {
		struct buf encoded = BUF_EMPTY;

		base64_encode(&encoded, buf_span(challenge));
		buf_free(challenge);
		*challenge = encoded;
	}
	return got;
}

struct sasl_credentials
sasl_server_credentials(const struct sasl_server *s)
{
	must(s->over && s->password != NULL);
	return (struct sasl_credentials){ buf_span(&s->user),
		buf_span(&s->authzid), secret_span(s->password) };
}
