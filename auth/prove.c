/*
 * prove.c - what is to be found out for each kind of proof
 *
 * The password goes to a worker and is wiped by who took the packet; a token's
 * owner may be known already.
 */

#include "auth/question.h"

#include "auth/conf.h"
#include "auth/exchange.h"
#include "auth/penalty.h"
#include "auth/proxy.h"
#include "auth/remember.h"
#include "auth/tickets.h"
#include "auth/token.h"
#include "auth/worker.h"
#include "base/log.h"
#include "base/secret.h"

/* Is it our challenge that was answered, and lately? False: refused. */
static bool
seal_good(struct question *q, const struct auth_check *c)
{
	struct exchange_facts f;

	buf_add_span(&q->named, c->user);
	f = question_facts(q, c->scram.server_first);
	switch (exchange_seal_check(q->auth->exchanges, &f, c->scram.seal)) {
	case SEAL_GOOD:
		buf_add_span(&q->seal, c->scram.seal);
		return true;
	case SEAL_STALE:
		question_refuse(q, AUTH_TROUBLE, "the exchange is too old");
		return false;
	case SEAL_USED:
		break;
	}
	question_refuse(q, AUTH_DENIED, "the proof was shown before");
	return false;
}

/* Ask a worker; the question is answered in any case. */
static void
worker_ask(struct question *q, struct attempt *a, attempt_fn *fn)
{
	struct penalty_of who = question_who(q);

	a->rank = penalty_rank(q->auth->penalty, &who);
	if (!workers_ask(q->auth->workers, a, fn, q))
		question_refuse(q, AUTH_TROUBLE, "too many passwords wait");
}

/* The name is proved: may it log in? No hash is computed for that. */
static void
account_ask(struct question *q, struct span user)
{
	struct attempt a = { .kind = ATTEMPT_ACCOUNT,
		.service = span_str(q->service),
		.user = user,
		.client_addr = span_str(q->client_addr) };

	worker_ask(q, &a, question_decided);
}

/* The token is this user's: may he log in? */
static void
account_start(struct question *q, struct span user)
{
	if (q->named.n > 0 &&
	    !attempt_same_name(q->auth->conf, buf_span(&q->named), user))
		question_refuse(q, AUTH_DENIED, "the token is another user's");
	else
		account_ask(q, user);
}

/* The certificate is this user's: may he log in? */
static void
certificate_told(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;

	if (r->verdict == AUTH_OK)
		account_ask(q, r->user);
	else
		question_decided(q, r);
}

static void
token_told(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;

	q->claims = r->claims;
	if (r->verdict != AUTH_OK) {
		question_decided(q, r);
		return;
	}
	tokens_remember(
	    q->auth->tokens, buf_span(&q->token), r->user, r->until);
	account_start(q, r->user);
}

/* False: it was refused, or its owner is known and asked about. */
static bool
token_begin(struct question *q, const struct auth_check *c)
{
	struct buf user = BUF_EMPTY;
	bool known;

	if (!q->auth->conf->has_oauth) {
		question_refuse(q, AUTH_DENIED, "auth_oauth_server is not set");
		return false;
	}
	q->of_token = true;
	q->xoauth2 = span_is(c->mechanism, "XOAUTH2");
	q->claims = CLAIMS_INACTIVE;
	if (c->secret.n == 0 || span_has_break(c->user)) {
		question_refuse(q, AUTH_DENIED, "no token was shown");
		return false;
	}
	buf_add_span(&q->named, c->user);
	tokens_key(q->auth->tokens, c->secret, &q->token);
	known = tokens_find(q->auth->tokens, buf_span(&q->token), &user);
	if (known)
		account_start(q, buf_span(&user));
	buf_free(&user);
	return !known;
}

/* What to find out for a proof; false: it was refused. */
static bool
attempt_of(struct question *q, const struct auth_check *c, struct attempt *a,
    struct buf *user)
{
	switch (c->proof) {
	case PROOF_PASSWORD:
		a->kind = ATTEMPT_PASSWORD;
		if (a->password.p == NULL)
			a->password = SPAN("");
		return true;
	case PROOF_TICKET:
		a->kind = ATTEMPT_ACCOUNT;
		a->password = span_of(NULL, 0);
		if (!tickets_check(q->auth->tickets, c->secret, user,
			q->kind == ASK_LOGIN ? &q->word : NULL)) {
			question_refuse(
			    q, AUTH_DENIED, "the ticket is not good");
			return false;
		}
		a->user = buf_span(user);
		return true;
	case PROOF_SCRAM:
		a->kind = ATTEMPT_PROOF;
		return seal_good(q, c);
	case PROOF_EXTERNAL:
		a->kind = ATTEMPT_CERTIFICATE;
		a->user = a->password = span_of(NULL, 0);
		if (q->auth->conf->login_clientcerts[0] != '\0')
			return true;
		question_refuse(q, AUTH_DENIED, "login_clientcerts is not set");
		break;
	case PROOF_TOKEN:
		a->kind = ATTEMPT_TOKEN;
		return token_begin(q, c);
	}
	return false;
}

void
question_ask_again(struct question *q)
{
	struct attempt a = { .kind = ATTEMPT_PASSWORD,
		.service = span_str(q->service),
		.user = buf_span(&q->named),
		.password = secret_span(q->password),
		.client_addr = span_str(q->client_addr) };

	q->from_memory = false;
	q->memory_state = remembered_state(q->auth->remembered);
	worker_ask(q, &a, question_decided);
}

/* With auth_cache_time: a password that was right a while ago from the same
 * address is; the account is looked at all the same. */
static bool
was_right(struct question *q, const struct attempt *a)
{
	const struct remember_facts f = { a->service, span_str(q->tried),
		a->client_addr, a->password };

	if (q->auth->remembered == NULL || a->password.n == 0)
		return false;
	q->password = secret_new(a->password);
	if (q->password == NULL)
		return false;
	buf_add_span(&q->named, a->user);
	q->from_memory = remembered_find(q->auth->remembered, &f, &q->uid);
	q->memory_state = remembered_state(q->auth->remembered);
	if (q->from_memory)
		account_ask(q, a->user);
	return q->from_memory;
}

/* The master's password is right: may the user log in? */
static void
master_told(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;
	struct buf quoted = BUF_EMPTY;

	if (r->verdict != AUTH_OK) {
		question_decided(q, r);
		return;
	}
	log_quote(&quoted, r->user, 255);
	q->master = buf_take(&quoted);
	buf_add_span(&q->challenge, r->challenge); /* of SCRAM */
	account_ask(q, buf_span(&q->named));
}

/* "user*master", or a master's name with another to act for. */
static bool
is_master(const struct auth_conf *conf, const struct auth_check *c,
    struct span *master, struct span *user)
{
	size_t at = c->user.n;

	if ((c->proof != PROOF_PASSWORD && c->proof != PROOF_SCRAM) ||
	    conf->auth_master_user_database[0] == '\0')
		return false;
	*master = c->user;
	*user = c->authzid;
	if (c->authzid.n > 0)
		return !span_eq(c->authzid, c->user);
	if (conf->auth_master_user_separator[0] != '\0')
		at = span_rfind(c->user, conf->auth_master_user_separator[0]);
	*user = span_head(c->user, at);
	*master = span_skip(c->user, at + 1);
	return at < c->user.n;
}

/* The proof of a master; it was made with the name that the client gave. */
static void
master_prove(struct question *q, const struct auth_check *c, struct span user)
{
	struct attempt a = { .kind = ATTEMPT_MASTER_PROOF,
		.service = span_str(q->service),
		.user = c->user,
		.password = c->secret,
		.scram = c->scram,
		.client_addr = c->client_addr };

	if (!seal_good(q, c))
		return;
	buf_clear(&q->named);
	buf_add_span(&q->named, user);
	worker_ask(q, &a, master_told);
}

/* True: it was begun, or refused. */
static bool
master_begin(struct question *q, const struct auth_check *c)
{
	struct attempt a = { .kind = ATTEMPT_MASTER,
		.service = span_str(q->service),
		.password = c->secret.p == NULL ? SPAN("") : c->secret,
		.client_addr = c->client_addr };
	struct span user;

	if (!is_master(q->auth->conf, c, &a.user, &user))
		return false;
	if (a.user.n == 0 || user.n == 0 || span_has_break(a.user) ||
	    span_has_break(user) ||
	    (c->proof == PROOF_PASSWORD && span_has_break(a.password))) {
		question_refuse(
		    q, AUTH_DENIED, "user or password is ill-formed");
		return true;
	}
	if (c->proof == PROOF_SCRAM) {
		master_prove(q, c, user);
		return true;
	}
	buf_add_span(&q->named, user);
	worker_ask(q, &a, master_told);
	return true;
}

/* Start the attempt that c asks for. */
void
question_attempt_here(struct question *q, const struct auth_check *c)
{
	struct attempt a = { .service = span_str(q->service),
		.user = c->user,
		.authzid = c->authzid,
		.password = c->secret,
		.scram = c->scram,
		.certificate = c->certificate,
		.client_addr = c->client_addr };
	struct buf user = BUF_EMPTY;
	bool named, text;

	if (master_begin(q, c) || !attempt_of(q, c, &a, &user))
		return;
	named = a.kind != ATTEMPT_CERTIFICATE && a.kind != ATTEMPT_TOKEN;
	text = a.kind != ATTEMPT_PROOF;
	if (named && c->authzid.n > 0 && !span_eq(c->authzid, a.user))
		question_refuse(
		    q, AUTH_DENIED, "acting for another user is not allowed");
	else if ((named && a.user.n == 0) || span_has_break(a.user) ||
	    (text && span_has_break(a.password)))
		question_refuse(
		    q, AUTH_DENIED, "user or password is ill-formed");
	else if (a.kind != ATTEMPT_PASSWORD || !was_right(q, &a))
		worker_ask(q, &a,
		    a.kind == ATTEMPT_TOKEN             ? token_told
			: a.kind == ATTEMPT_CERTIFICATE ? certificate_told
							: question_decided);
	buf_free(&user);
}

void
question_attempt(struct question *q, const struct auth_check *c)
{
	if (!proxy_begin_unchecked(q, c))
		question_attempt_here(q, c);
}
