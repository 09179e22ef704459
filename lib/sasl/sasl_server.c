/*
 * sasl_server.c - the mechanisms of SASL as a server speaks them
 *
 * A mechanism is a row: its name, what it is like, and a function that takes
 * one response. PLAIN is RFC 4616, EXTERNAL RFC 4422, appendix A; LOGIN was
 * never more than a draft and is spoken by many clients. Of SCRAM (RFC 5802)
 * only the messages are read here: challenges and verdicts come from whoever
 * has the verifiers; tokens (RFC 7628) are judged elsewhere too.
 */

#include "sasl/sasl_server.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/secret.h"
#include "base/utf8.h"
#include "sasl/oauth.h"
#include "sasl/scram.h"

typedef enum sasl_outcome
step_fn(struct sasl_server *s, struct span response, struct buf *challenge);

struct row {
	struct sasl_mechanism mechanism;
	const char *first; /* challenge to begin with */
	step_fn *step;
};

/* Who speaks next. */
enum turn {
	TURN_CLIENT,
	TURN_ASK,
	TURN_CHECK,
	TURN_LAST,
	TURN_DENIED,
	TURN_NOBODY
};

struct sasl_server {
	const struct row *row;
	enum turn turn;
	unsigned step;
	struct buf user, authzid;
	struct secret *password;
	sasl_binding_fn *binding; /* NULL: nothing is bound */
	void *binding_arg;
	const char *reason;
	/* of SCRAM */
	struct buf header, type, nonce;
	struct buf client_first, server_first, client_final, proof, seal;
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
	if (password.n == 0 || password.n > SECRET_MAX ||
	    span_find(password, '\0') < password.n)
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

/* The response is the identity to act for, or nothing. */
static enum sasl_outcome
external_step(
    struct sasl_server *s, struct span response, struct buf *challenge)
{
	(void)challenge;
	if (!name_good(response))
		return SASL_MALFORMED;
	buf_add_span(&s->authzid, response);
	return SASL_CHECK;
}

/* One message; a token that is not good is told in a second round. */
static enum sasl_outcome
token_step(struct sasl_server *s, struct span response, struct buf *challenge)
{
	bool bearer = span_is(span_str(s->row->mechanism.name), "OAUTHBEARER");
	enum sasl_outcome got = SASL_MALFORMED;
	struct oauth_first f;

	(void)challenge;
	if ((bearer ? oauth_bearer_parse(response, &f)
		    : oauth_xoauth2_parse(response, &f)) &&
	    name_good(buf_span(&f.user))) {
		buf_add_span(&s->user, buf_span(&f.user));
		s->password = secret_new_long(f.token);
		got = SASL_CHECK;
	}
	oauth_first_done(&f);
	return got;
}

static enum sasl_outcome
refused(struct sasl_server *s, const char *reason)
{
	s->reason = reason;
	return SASL_REFUSED;
}

/* What the client says of channel binding must fit what was offered (RFC 5802,
 * 6). */
static enum sasl_outcome
binding_judge(struct sasl_server *s, const struct scram_first *f)
{
	bool binds = (s->row->mechanism.flags & SASL_BINDS) != 0;

	switch (f->binding) {
	case SCRAM_BOUND:
		return !binds ? SASL_MALFORMED
		    : s->binding == NULL
		    ? refused(s, "there is no channel to bind to")
		    : SASL_ASK;
	case SCRAM_WOULD_BIND:
		if (binds)
			return SASL_MALFORMED;
		if (s->binding != NULL)
			return refused(s,
			    "the client was told that channel binding is not "
			    "offered");
		return SASL_ASK;
	case SCRAM_NOT_BOUND:
		break;
	}
	return binds ? SASL_MALFORMED : SASL_ASK;
}

static enum sasl_outcome
scram_first_step(struct sasl_server *s, struct span response)
{
	struct scram_first f;
	enum sasl_outcome got = SASL_MALFORMED;

	if (scram_first_parse(response, &f) && name_good(buf_span(&f.user)) &&
	    name_good(buf_span(&f.authzid))) {
		buf_add_span(&s->user, buf_span(&f.user));
		buf_add_span(&s->authzid, buf_span(&f.authzid));
		buf_add_span(&s->header, f.header);
		buf_add_span(&s->type, f.type);
		buf_add_span(&s->nonce, f.nonce);
		buf_add_span(&s->client_first, f.bare);
		got = binding_judge(s, &f);
	}
	scram_first_done(&f);
	return got;
}

/* c= is the first message's header, and the channel's data behind it when it
 * is bound. */
static enum sasl_outcome
binding_check(struct sasl_server *s, struct span encoded)
{
	struct buf bytes = BUF_EMPTY;
	struct span data;
	enum sasl_outcome got = SASL_MALFORMED;

	if (base64_decode(&bytes, encoded) &&
	    span_eq(span_head(buf_span(&bytes), s->header.n),
		buf_span(&s->header))) {
		data = span_skip(buf_span(&bytes), s->header.n);
		if (s->type.n == 0)
			got = data.n == 0 ? SASL_CHECK : SASL_MALFORMED;
		else if (s->binding(s->binding_arg, buf_span(&s->type), data))
			got = SASL_CHECK;
		else
			got = refused(s, "the channel binding is another's");
	}
	buf_free(&bytes);
	return got;
}

static enum sasl_outcome
scram_final_step(struct sasl_server *s, struct span response)
{
	struct scram_final f;
	enum sasl_outcome got = SASL_MALFORMED;

	if (scram_final_parse(response, &f) &&
	    span_eq(f.nonce, buf_span(&s->nonce)))
		got = binding_check(s, f.binding);
	if (got != SASL_CHECK)
		return got;
	buf_add_span(&s->client_final, f.without_proof);
	buf_add(&s->proof, f.proof, sizeof(f.proof));
	explicit_bzero(f.proof, sizeof(f.proof));
	return got;
}

static enum sasl_outcome
scram_step(struct sasl_server *s, struct span response, struct buf *challenge)
{
	(void)challenge;
	return s->step++ == 0 ? scram_first_step(s, response)
			      : scram_final_step(s, response);
}

enum {
	BARE = SASL_PLAINTEXT | SASL_ACTIVE | SASL_DICTIONARY |
	    SASL_NO_SECRECY | SASL_ONE_WAY,
	TOKEN = SASL_PLAINTEXT | SASL_CLIENT_FIRST | SASL_TOKEN | SASL_ACTIVE |
	    SASL_NO_SECRECY | SASL_ONE_WAY,
	PROOF =
	    SASL_CLIENT_FIRST | SASL_SCRAM | SASL_DICTIONARY | SASL_NO_SECRECY
};

static const struct row rows[] = {
	{ { "SCRAM-SHA-256-PLUS", PROOF | SASL_BINDS }, "", scram_step },
	{ { "SCRAM-SHA-256", PROOF }, "", scram_step },
	{ { "PLAIN", BARE | SASL_CLIENT_FIRST }, "", plain_step },
	{ { "LOGIN", BARE }, "Username:", login_step },
	{ { "EXTERNAL",
	      SASL_CLIENT_FIRST | SASL_EXTERNAL | SASL_ACTIVE |
		  SASL_NO_SECRECY | SASL_ONE_WAY },
	    "", external_step },
	{ { "OAUTHBEARER", TOKEN }, "", token_step },
	{ { "XOAUTH2", TOKEN }, "", token_step },
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

bool
sasl_security_parse(struct span text, unsigned *barred, struct span *bad)
{
	static const struct {
		const char *word;
		unsigned flags;
	} words[] = {
		{ "noplaintext", SASL_PLAINTEXT },
		{ "noactive", SASL_ACTIVE },
		{ "nodictionary", SASL_DICTIONARY },
		{ "noanonymous", 0 }, /* there is no such mechanism */
		{ "forward_secrecy", SASL_NO_SECRECY },
		{ "mutual_auth", SASL_ONE_WAY },
	};
	struct span word;

	*barred = 0;
	while (span_word(&text, " \t\r\n,", &word)) {
		size_t i = 0, n = sizeof(words) / sizeof(words[0]);

		while (i < n && !span_iis(word, words[i].word))
			i++;
		if (i == n) {
			*bad = word;
			return false;
		}
		*barred |= words[i].flags;
	}
	return true;
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
	buf_free(&(*s)->header);
	buf_free(&(*s)->type);
	buf_free(&(*s)->nonce);
	buf_wipe(&(*s)->client_first);
	buf_wipe(&(*s)->server_first);
	buf_wipe(&(*s)->client_final);
	buf_wipe(&(*s)->proof);
	buf_wipe(&(*s)->seal);
	free(*s);
	*s = NULL;
}

const struct sasl_mechanism *
sasl_server_mechanism(const struct sasl_server *s)
{
	return &s->row->mechanism;
}

void
sasl_server_binding(struct sasl_server *s, sasl_binding_fn *fn, void *arg)
{
	s->binding = fn;
	s->binding_arg = arg;
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
	static const enum turn next[] = {
		[SASL_CONTINUE] = TURN_CLIENT,
		[SASL_ASK] = TURN_ASK,
		[SASL_CHECK] = TURN_CHECK,
		[SASL_DONE] = TURN_NOBODY,
		[SASL_DENIED] = TURN_NOBODY,
		[SASL_CANCELLED] = TURN_NOBODY,
		[SASL_MALFORMED] = TURN_NOBODY,
		[SASL_REFUSED] = TURN_NOBODY,
		[SASL_TOO_LONG] = TURN_NOBODY,
	};
	enum sasl_outcome got;

	must(s->turn == TURN_CLIENT || s->turn == TURN_LAST ||
	    s->turn == TURN_DENIED);
	buf_clear(challenge);
	if (s->turn == TURN_DENIED) /* whatever the client says */
		got = SASL_DENIED;
	else if (response.n > SASL_RESPONSE_MAX)
		got = SASL_TOO_LONG;
	else if (s->turn == TURN_LAST)
		/* the client has nothing more to say than that it heard */
		got = response.n == 0 ? SASL_DONE : SASL_MALFORMED;
	else
		got = s->row->step(s, response, challenge);
	s->turn = next[got];
	return got;
}

static void
encode(struct buf *challenge)
{
	struct buf encoded = BUF_EMPTY;

	base64_encode(&encoded, buf_span(challenge));
	buf_free(challenge);
	*challenge = encoded;
}

enum sasl_outcome
sasl_server_line(struct sasl_server *s, struct span line, struct buf *challenge)
{
	struct buf response = BUF_EMPTY;
	enum sasl_outcome got;

	buf_clear(challenge);
	if (s->turn == TURN_DENIED)
		return sasl_server_feed(s, line, challenge);
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
	if (got == SASL_CONTINUE)
		encode(challenge);
	return got;
}

struct sasl_question
sasl_server_question(const struct sasl_server *s)
{
	must(s->turn == TURN_ASK);
	return (
	    struct sasl_question){ buf_span(&s->user), buf_span(&s->nonce) };
}

bool
sasl_server_told(struct sasl_server *s, struct span server_first,
    struct span seal, struct buf *challenge)
{
	struct span nonce = server_first, mine = buf_span(&s->nonce);

	must(s->turn == TURN_ASK);
	nonce = span_skip(nonce, 2);
	nonce = span_head(nonce, span_find(nonce, ','));
	if (!span_starts(server_first, "r=") || nonce.n <= mine.n ||
	    !span_eq(span_head(nonce, mine.n), mine))
		return false;
	buf_clear(&s->nonce);
	buf_add_span(&s->nonce, nonce);
	buf_add_span(&s->server_first, server_first);
	buf_add_span(&s->seal, seal);
	s->turn = TURN_CLIENT;
	buf_clear(challenge);
	buf_add_span(challenge, server_first);
	encode(challenge);
	return true;
}

struct sasl_credentials
sasl_server_credentials(const struct sasl_server *s)
{
	must(s->turn == TURN_CHECK || s->turn == TURN_LAST ||
	    s->turn == TURN_DENIED || s->turn == TURN_NOBODY);
	return (struct sasl_credentials){
		.user = buf_span(&s->user),
		.authzid = buf_span(&s->authzid),
		.password = s->password == NULL ? span_of(NULL, 0)
						: secret_span(s->password),
		.client_first = buf_span(&s->client_first),
		.server_first = buf_span(&s->server_first),
		.client_final = buf_span(&s->client_final),
		.proof = buf_span(&s->proof),
		.seal = buf_span(&s->seal),
	};
}

enum sasl_outcome
sasl_server_accepted(
    struct sasl_server *s, struct span signature, struct buf *challenge)
{
	must(s->turn == TURN_CHECK);
	buf_clear(challenge);
	if ((s->row->mechanism.flags & SASL_SCRAM) == 0) {
		s->turn = TURN_NOBODY;
		return SASL_DONE;
	}
	/* "v=" and the server's signature */
	buf_add_str(challenge, "v=");
	base64_encode(challenge, signature);
	encode(challenge);
	s->turn = TURN_LAST;
	return SASL_CONTINUE;
}

enum sasl_outcome
sasl_server_rejected(
    struct sasl_server *s, struct span error, struct buf *challenge)
{
	must(s->turn == TURN_CHECK);
	buf_clear(challenge);
	s->turn = TURN_NOBODY;
	if ((s->row->mechanism.flags & SASL_TOKEN) == 0 || error.n == 0)
		return SASL_DENIED;
	buf_add_span(challenge, error);
	encode(challenge);
	s->turn = TURN_DENIED;
	return SASL_CONTINUE;
}

const char *
sasl_server_reason(const struct sasl_server *s)
{
	return s->reason == NULL ? "" : s->reason;
}
