/*
 * serve.c - the questions that smtpd and login ask
 *
 * One struct question from the packet to the answer: the password goes to a
 * worker and is wiped here; the answer comes back at once when it is yes, and
 * late when it is no, so that guessing is slow and tells nothing by its time.
 */

#include "auth/serve.h"

#include <stdlib.h>
#include <string.h>

#include "auth/conf.h"
#include "auth/exchange.h"
#include "auth/greylist.h"
#include "auth/handover.h"
#include "auth/pass.h"
#include "auth/penalty.h"
#include "auth/tickets.h"
#include "auth/token.h"
#include "auth/worker.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "calls/park_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "maps/map.h"
#include "maps/store.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "service/service.h"

struct auth {
	const struct auth_conf *conf;
	struct workers *workers;
	struct penalty *penalty;
	struct store *pbs;
	struct tickets *tickets;
	struct exchanges *exchanges;
	struct tokens *tokens;
	struct passes *passes;
	struct map *users; /* only looked at for changes; NULL: none */
	bool offers_known, offers_scram;
	struct greylist *greylist;
	unsigned questions;
};

enum kind { ASK_CHECK, ASK_LOGIN, ASK_TICKET, ASK_CHALLENGE, ASK_OFFERS };

struct question {
	struct auth *auth;
	enum kind kind;
	struct server_peer *peer;
	uint32_t id;
	char *service, *client_addr, *user;
	struct loop_timer *timer;
	int64_t begun_ms;
	/* of ASK_LOGIN */
	char *tag, *local_addr, *via;
	struct buf input;
	unsigned client_port;
	bool tls;
	int fd, park;
	/* the answer */
	struct attempt_result result;
	struct buf text, ticket;
	struct buf challenge; /* or the server's signature */
	/* of SCRAM: what the seal is about */
	struct buf named, seal;
	/* of a token: its name in the cache, and what is said of it */
	struct buf token;
	bool of_token, xoauth2;
	enum claims_verdict claims;
};

static void
question_free(struct question *q)
{
	struct auth *auth = q->auth;

	file_close(&q->fd);
	file_close(&q->park);
	server_peer_drop(&q->peer);
	loop_timer_free(&q->timer);
	free(q->service);
	free(q->client_addr);
	free(q->user);
	free(q->tag);
	free(q->local_addr);
	free(q->via);
	buf_wipe(&q->input);
	buf_free(&q->text);
	buf_wipe(&q->ticket);
	buf_wipe(&q->challenge);
	buf_wipe(&q->named);
	buf_wipe(&q->seal);
	buf_wipe(&q->token);
	free(q);
	auth->questions--;
	if (service_draining())
		serve_drain(auth);
}

static struct exchange_facts
facts_of(const struct question *q, struct span server_first)
{
	return (struct exchange_facts){ span_str(q->service),
		buf_span(&q->named), server_first };
}

static void
challenge_put(struct question *q, struct packet_out *o)
{
	struct auth_challenge c = { .verdict = q->result.verdict,
		.server_first = buf_span(&q->challenge),
		.text = buf_span(&q->text) };
	struct exchange_facts f = facts_of(q, c.server_first);

	if (c.verdict == AUTH_OK)
		exchange_seal(q->auth->exchanges, &f, &q->seal);
	c.seal = buf_span(&q->seal);
	auth_challenge_put(o, q->id, &c);
}

static void
answer(void *arg)
{
	struct question *q = arg;
	struct packet_out o = { .fd_count = 0 };
	struct auth_user u = { .verdict = q->result.verdict,
		.user = span_str(q->user),
		.text = buf_span(&q->text),
		.signature = buf_span(&q->challenge) };

	switch (q->kind) {
	case ASK_CHECK:
	case ASK_LOGIN:
		auth_user_put(&o, q->id, &u);
		break;
	case ASK_TICKET:
		auth_ticket_answer_put(&o, q->id, &u, buf_span(&q->ticket));
		break;
	case ASK_CHALLENGE:
		challenge_put(q, &o);
		break;
	case ASK_OFFERS:
		auth_offers_answer_put(&o, q->id, q->result.verdict == AUTH_OK);
		break;
	}
	server_reply(q->peer, &o);
	packet_done(&o);
	question_free(q);
}

/* A no takes its time, counted from the question. */
static void
answer_no(struct question *q)
{
	int64_t delay = 0;

	if (q->of_token && q->result.verdict == AUTH_DENIED)
		tokens_error(
		    q->auth->conf, q->claims, q->xoauth2, &q->challenge);
	if (q->result.verdict == AUTH_DENIED)
		delay =
		    penalty_failed(q->auth->penalty, span_str(q->client_addr)) -
		    (clock_ms() - q->begun_ms);
	loop_timer_set(q->timer, delay);
}

static void
handed_over(void *arg, bool taken)
{
	struct question *q = arg;

	if (!taken) {
		q->result.verdict = AUTH_TROUBLE;
		buf_add_str(&q->text, "no process took the session");
	}
	answer(q);
}

/* Takes the descriptors of both; a session that can be parked gets a pass. */
static void
session_begin(struct question *q, const char *service, struct session_start *s)
{
	struct buf pass = BUF_EMPTY;

	s->fd = q->fd;
	s->park = q->park;
	q->fd = q->park = -1;
	if (s->park != -1)
		pass_make(q->auth->passes, s, clock_wall(), &pass);
	if (pass.n <= PARK_PASS_MAX)
		s->pass = buf_span(&pass);
	handover(service, s, handed_over, q);
	buf_free(&pass);
}

static void
pass_on(struct question *q, const struct attempt_result *r)
{
	bool pop = strncmp(q->service, "pop3", 4) == 0;
	struct session_start s = { .user = r->user,
		.uid = r->uid,
		.gid = r->gid,
		.home = r->home,
		.mail = r->mail,
		.quota = r->quota,
		.client_addr = span_str(q->client_addr),
		.local_addr = span_str(q->local_addr),
		.via = span_str(q->via),
		.client_port = q->client_port,
		.tls = q->tls,
		.tag = span_str(q->tag),
		.input = buf_span(&q->input) };

	session_begin(q, pop ? "pop3d" : "imapd", &s);
}

static void
told(void *arg, struct packet_in *in)
{
	struct span value;
	struct why why;
	bool found;

	(void)arg;
	why_init(&why);
	if (in == NULL || !lookup_value_get(in, &found, &value, &why) ||
	    (!found && why.outcome != DONE))
		log_warning("pop_before_smtp_maps: a login could not be told");
	why_free(&why);
}

/* The server that other hosts ask too hears of it; nobody waits for that. */
static void
tell_others(const char *client_addr)
{
	struct packet_out o = { .fd_count = 0 };
	char *key = mem_printf("login %s", client_addr);

	lookup_map_put(&o, SPAN("pop_before_smtp_maps"), span_str(key));
	(void)channel_ask(service_channel("lookup"), &o, told, NULL);
	packet_done(&o);
	free(key);
}

/* POP or IMAP before SMTP: this address may relay for a while. */
static void
open_smtp(const struct question *q)
{
	const struct auth_conf *conf = q->auth->conf;

	if (conf->pop_before_smtp_time <= 0 || q->client_addr[0] == '\0')
		return;
	store_put(q->auth->pbs, span_str(q->client_addr),
	    clock_wall() + conf->pop_before_smtp_time, span_of("", 0));
	if (conf->pop_before_smtp_maps[0] != '\0')
		tell_others(q->client_addr);
}

/* A seal that led in is good no more: a front that is in a stranger's hands
 * cannot come back with what it saw. login asks twice, the second time to have
 * the session. */
static void
seal_use(struct question *q)
{
	bool last = q->kind == ASK_LOGIN || strcmp(q->service, "smtp") == 0;

	if (q->seal.n == 0 || !last ||
	    exchange_seal_use(q->auth->exchanges, buf_span(&q->seal)))
		return;
	q->result.verdict = AUTH_TROUBLE;
	buf_add_str(&q->text, "too many logins are remembered");
}

static void
decided(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;

	q->result.verdict = r->verdict;
	buf_add_span(&q->text, span_head(r->text, 500));
	if (r->verdict == AUTH_OK)
		seal_use(q);
	if (q->result.verdict != AUTH_OK) {
		answer_no(q);
		return;
	}
	buf_add_span(&q->challenge, r->challenge);
	free(q->user);
	q->user = mem_span(r->user);
	/* a challenge is given to anybody: it proves nothing */
	if (q->kind != ASK_CHALLENGE)
		penalty_good(q->auth->penalty, span_str(q->client_addr));
	if (q->kind == ASK_LOGIN) {
		if (strcmp(q->via, "webmail") != 0)
			open_smtp(q);
		pass_on(q, r);
		return;
	}
	if (q->kind == ASK_TICKET)
		tickets_make(q->auth->tickets, r->user, &q->ticket);
	answer(q);
}

static struct question *
question_new(
    struct auth *auth, enum kind kind, struct server_peer *p, uint32_t id)
{
	struct question *q = mem_new(sizeof(*q));

	q->auth = auth;
	q->kind = kind;
	q->peer = server_peer_hold(p);
	q->id = id;
	q->fd = q->park = -1;
	q->begun_ms = clock_ms();
	q->timer = loop_timer_new(service_loop(), answer, q);
	auth->questions++;
	return q;
}

static void
refuse(struct question *q, enum auth_verdict verdict, const char *text)
{
	q->result.verdict = verdict;
	buf_add_str(&q->text, text);
	answer_no(q);
}

/* Is it our challenge that was answered, and lately? False: refused. */
static bool
seal_good(struct question *q, const struct auth_check *c)
{
	struct exchange_facts f;

	buf_add_span(&q->named, c->user);
	f = facts_of(q, c->scram.server_first);
	switch (exchange_seal_check(q->auth->exchanges, &f, c->scram.seal)) {
	case SEAL_GOOD:
		buf_add_span(&q->seal, c->scram.seal);
		return true;
	case SEAL_STALE:
		refuse(q, AUTH_TROUBLE, "the exchange is too old");
		return false;
	case SEAL_USED:
		break;
	}
	refuse(q, AUTH_DENIED, "the proof was shown before");
	return false;
}

/* The token is this user's: may he log in? */
static void
account_start(struct question *q, struct span user)
{
	const struct attempt a = { .kind = ATTEMPT_ACCOUNT,
		.service = span_str(q->service),
		.user = user,
		.client_addr = span_str(q->client_addr) };

	if (q->named.n > 0 &&
	    !attempt_same_name(q->auth->conf, buf_span(&q->named), user))
		refuse(q, AUTH_DENIED, "the token is another user's");
	else if (!workers_ask(q->auth->workers, &a, decided, q))
		refuse(q, AUTH_TROUBLE, "too many passwords wait");
}

static void
token_told(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;

	q->claims = r->claims;
	if (r->verdict != AUTH_OK) {
		decided(q, r);
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
		refuse(q, AUTH_DENIED, "auth_oauth_server is not set");
		return false;
	}
	q->of_token = true;
	q->xoauth2 = span_is(c->mechanism, "XOAUTH2");
	q->claims = CLAIMS_INACTIVE;
	if (c->secret.n == 0 || span_has_break(c->user)) {
		refuse(q, AUTH_DENIED, "no token was shown");
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
		if (!tickets_check(q->auth->tickets, c->secret, user)) {
			refuse(q, AUTH_DENIED, "the ticket is not good");
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
		refuse(q, AUTH_DENIED, "login_clientcerts is not set");
		break;
	case PROOF_TOKEN:
		a->kind = ATTEMPT_TOKEN;
		return token_begin(q, c);
	}
	return false;
}

/* Start the attempt that c asks for. */
static void
attempt_start(struct question *q, const struct auth_check *c)
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

	if (!attempt_of(q, c, &a, &user))
		return;
	named = a.kind != ATTEMPT_CERTIFICATE && a.kind != ATTEMPT_TOKEN;
	text = a.kind != ATTEMPT_PROOF;
	if (named && c->authzid.n > 0 && !span_eq(c->authzid, a.user))
		refuse(
		    q, AUTH_DENIED, "acting for another user is not allowed");
	else if ((named && a.user.n == 0) || span_has_break(a.user) ||
	    (text && span_has_break(a.password)))
		refuse(q, AUTH_DENIED, "user or password is ill-formed");
	else if (!workers_ask(q->auth->workers, &a,
		     a.kind == ATTEMPT_TOKEN ? token_told : decided, q))
		refuse(q, AUTH_TROUBLE, "too many passwords wait");
	buf_free(&user);
}

static void
names_take(struct question *q, const struct auth_check *c)
{
	struct buf quoted = BUF_EMPTY;

	q->service = mem_span(c->service);
	q->client_addr = mem_span(c->client_addr);
	log_quote(&quoted, c->user, 255);
	q->user = buf_take(&quoted);
	q->client_port = c->client_port;
	q->tls = c->tls;
}

static bool
call_check(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct auth_check c;
	struct question *q;

	if (!auth_check_get(in, &c)) {
		return false;
	}
	q = question_new(auth, ASK_CHECK, p, in->id);
	names_take(q, &c);
	attempt_start(q, &c);
	return true;
}

static bool
call_login(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct auth_handover h;
	struct auth_check c;
	struct question *q;

	if (strcmp(server_peer_label(p), "login") != 0 ||
	    !auth_login_get(in, &c, &h)) {
		return false;
	}
	q = question_new(auth, ASK_LOGIN, p, in->id);
	names_take(q, &c);
	q->fd = h.fd;
	q->park = h.park;
	q->tag = mem_span(h.tag);
	q->local_addr = mem_span(h.local_addr);
	q->via = mem_span(h.via);
	buf_add_span(&q->input, h.input);
	attempt_start(q, &c);
	return true;
}

/* A session that was parked goes on: the pass alone says whose it is. */
static bool
call_rejoin(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct arena *a = arena_new();
	struct session_start s;
	struct auth_rejoin r;
	struct question *q;
	bool asked = strcmp(server_peer_label(p), "login") == 0 &&
	    auth_rejoin_get(in, &r);

	if (asked) {
		q = question_new(auth, ASK_LOGIN, p, in->id);
		q->fd = r.fd;
		q->park = r.park;
		if (pass_read(auth->passes, r.pass, clock_wall(), a, &s)) {
			q->user = mem_span(s.user);
			s.state = r.state;
			session_begin(q, "imapd", &s);
		} else {
			q->user = mem_str("");
			q->result.verdict = AUTH_DENIED;
			buf_add_str(&q->text, "the pass is not good");
			answer(q);
		}
	}
	arena_free(&a);
	return asked;
}

static bool
call_ticket(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct auth_ticket t;
	struct question *q;

	if (strcmp(server_peer_label(p), "login") != 0 ||
	    !auth_ticket_get(in, &t)) {
		return false;
	}
	q = question_new(auth, ASK_TICKET, p, in->id);
	if (t.end) {
		tickets_end(auth->tickets, t.secret);
		q->user = mem_str("");
		q->result.verdict = AUTH_OK;
		answer(q);
	} else {
		struct auth_check c = { .service = SPAN("webmail"),
			.proof = PROOF_PASSWORD,
			.user = t.user,
			.secret = t.secret,
			.client_addr = t.client_addr };

		names_take(q, &c);
		attempt_start(q, &c);
	}
	return true;
}

static bool
call_scram(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct auth_scram_ask ask;
	struct attempt a = { .kind = ATTEMPT_CHALLENGE };
	struct question *q;

	if (!auth_scram_get(in, &ask))
		return false;
	q = question_new(auth, ASK_CHALLENGE, p, in->id);
	q->service = mem_span(ask.service);
	q->client_addr = mem_span(ask.client_addr);
	q->user = mem_str("");
	buf_add_span(&q->named, ask.user);
	a.service = ask.service;
	a.user = ask.user;
	a.password = ask.nonce;
	a.client_addr = ask.client_addr;
	if (span_has_break(ask.user) || span_has_break(ask.nonce) ||
	    !workers_ask(auth->workers, &a, decided, q))
		refuse(q, AUTH_TROUBLE, "too many passwords wait");
	return true;
}

static void
offers_found(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;

	q->auth->offers_scram = r->verdict == AUTH_OK;
	q->auth->offers_known = r->verdict != AUTH_TROUBLE;
	q->result.verdict = r->verdict;
	answer(q);
}

/* The table is another one than when it was looked through. */
static bool
users_changed(struct auth *auth)
{
	const char *table = auth->conf->auth_user_database;
	struct why why;

	if (auth->users != NULL && !map_changed(auth->users))
		return false;
	why_init(&why);
	map_close(&auth->users);
	auth->offers_known = false;
	/* before it is read: a change while it is read is seen next time */
	auth->users = map_open_or_broken(span_str(table), "hash", 0, &why);
	why_free(&why);
	return true;
}

static bool
asks_userdb(const struct auth_conf *conf)
{
	for (unsigned i = 0; i < conf->module_count; i++)
		if (conf->modules[i] == MODULE_USERDB)
			return true;
	return false;
}

static bool
call_offers(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	const struct attempt a = { .kind = ATTEMPT_OFFERS };
	struct question *q;
	bool known = true, scram = false;

	if (!auth_offers_get(in))
		return false;
	q = question_new(auth, ASK_OFFERS, p, in->id);
	q->user = mem_str("");
	if (asks_userdb(auth->conf) && auth->conf->scram != SCRAM_NO) {
		scram = auth->conf->scram == SCRAM_YES || auth->offers_scram;
		known = auth->conf->scram == SCRAM_YES ||
		    (!users_changed(auth) && auth->offers_known);
	}
	if (!known && workers_ask(auth->workers, &a, offers_found, q))
		return true;
	q->result.verdict = scram ? AUTH_OK : AUTH_DENIED;
	answer(q);
	return true;
}

static bool
call_pbs(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct span client_addr;
	int64_t until;

	if (!auth_pbs_get(in, &client_addr)) {
		return false;
	}
	auth_pbs_answer_put(
	    &o, in->id, store_get(auth->pbs, client_addr, &until, NULL));
	server_reply(p, &o);
	packet_done(&o);
	return true;
}

/* smtpd alone asks: it is strangers' mail. */
static bool
call_greylist(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct auth_greylist_answer answer;
	struct auth_greylist ask;

	if (strcmp(server_peer_label(p), "smtpd") != 0 ||
	    !auth_greylist_get(in, &ask))
		return false;
	answer = greylist_ask(auth->greylist, &ask, clock_wall());
	auth_greylist_answer_put(&o, in->id, &answer);
	server_reply(p, &o);
	packet_done(&o);
	return true;
}

static void
request(void *arg, struct server_peer *p, struct packet_in *in)
{
	static const struct {
		const char *call;
		bool (*run)(
		    struct auth *, struct server_peer *, struct packet_in *);
	} calls[] = { { "auth_check", call_check },
		{ "auth_login", call_login }, { "auth_rejoin", call_rejoin },
		{ "auth_ticket", call_ticket }, { "auth_pbs", call_pbs },
		{ "auth_scram", call_scram }, { "auth_offers", call_offers },
		{ "auth_greylist", call_greylist } };

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (!span_is(in->call, calls[i].call))
			continue;
		if (!calls[i].run(arg, p, in))
			break;
		/* a password came in this packet's memory */
		explicit_bzero(in->bytes.p, in->bytes.n);
		if (in->decoded.n > 0)
			explicit_bzero(in->decoded.p, in->decoded.n);
		return;
	}
	server_refuse(p, in);
}

struct auth *
serve_start(const struct auth_conf *conf)
{
	static const struct server_calls calls = { request, NULL };
	struct auth *auth = mem_new(sizeof(*auth));
	char *path = mem_printf("hash:%s/popbeforesmtp", conf->data_directory);

	auth->conf = conf;
	auth->exchanges = exchanges_new(conf->data_directory);
	auth->tokens = tokens_new(conf, service_loop());
	auth->passes = passes_new(conf->data_directory);
	auth->workers = workers_new(conf, auth->exchanges);
	auth->penalty = penalty_new(conf->auth_failure_delay);
	auth->pbs = store_open(service_loop(), path,
	    (size_t)conf->pop_before_smtp_limit, STORE_AFTER_MS);
	auth->tickets = tickets_open(conf->data_directory,
	    conf->webmail_ticket_idle, conf->webmail_ticket_life);
	auth->greylist = greylist_open(service_loop(), conf->data_directory,
	    (size_t)conf->smtpd_greylist_limit);
	free(path);
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		(void)server_new(service_loop(), l->fd, l->label, &calls, auth);
	}
	return auth;
}

void
serve_drain(struct auth *auth)
{
	if (auth->questions > 0 && !service_stopping())
		return;
	store_flush(auth->pbs);
	tickets_flush(auth->tickets);
	greylist_flush(auth->greylist);
	service_exit();
}
