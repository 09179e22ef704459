/*
 * serve.c - the questions that smtpd and login ask
 *
 * Each call makes a struct question, or is answered here.
 */

#include "auth/serve.h"

#include <stdlib.h>
#include <string.h>

#include "auth/conf.h"
#include "auth/exchange.h"
#include "auth/greylist.h"
#include "auth/pam.h"
#include "auth/pass.h"
#include "auth/penalty.h"
#include "auth/question.h"
#include "auth/remember.h"
#include "auth/sessions.h"
#include "auth/shares.h"
#include "auth/tickets.h"
#include "auth/token.h"
#include "auth/worker.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/proxy_call.h"
#include "calls/share_call.h"
#include "calls/start_call.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "maps/map.h"
#include "maps/store.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/users.h"
#include "service/service.h"

/* What this caller serves. The word chooses a stack of PAM's, and some of those
 * (su, runuser) take root's word for anybody: we are root. */
static bool
is_served(const struct server_peer *p, struct span service)
{
	const char *label = server_peer_label(p);

	if (strcmp(label, "smtpd") == 0)
		return span_is(service, "smtp");
	return strcmp(label, "login") == 0 &&
	    (span_is(service, "imap") || span_is(service, "pop3") ||
		span_is(service, "sieve") || span_is(service, "webmail"));
}

static void
names_take(struct question *q, const struct auth_check *c)
{
	struct buf quoted = BUF_EMPTY;

	q->service = mem_span(c->service);
	q->client_addr = mem_span(c->client_addr);
	log_quote(&quoted, c->user, 255);
	q->user = buf_take(&quoted);
	q->tried = c->user.n > 0 ? mem_str(q->user) : NULL;
	q->client_port = c->client_port;
	q->tls = c->tls;
}

static bool
call_check(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct auth_check c;
	struct question *q;

	if (!auth_check_get(in, &c) || !is_served(p, c.service))
		return false;
	q = question_new(auth, ASK_CHECK, p, in->id);
	names_take(q, &c);
	question_attempt(q, &c);
	return true;
}

static bool
call_login(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct auth_handover h;
	struct auth_check c;
	struct question *q;

	if (strcmp(server_peer_label(p), "login") != 0 ||
	    !auth_login_get(in, &c, &h))
		return false;
	if (!is_served(p, c.service)) {
		file_close(&h.fd);
		file_close(&h.park);
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
	question_attempt(q, &c);
	return true;
}

/* A session that was parked goes on: the pass alone says whose it is. */
static bool
call_rejoin(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct auth_rejoin r;
	struct question *q;

	if (strcmp(server_peer_label(p), "login") != 0 ||
	    !auth_rejoin_get(in, &r))
		return false;
	q = question_new(auth, ASK_LOGIN, p, in->id);
	q->fd = r.fd;
	q->park = r.park;
	q->watch = r.watch;
	question_rejoin(q, r.pass, r.state);
	return true;
}

static bool
call_share(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct share_ask ask;
	struct question *q;

	if (strcmp(server_peer_label(p), "login") != 0 ||
	    !share_ask_get(in, &ask))
		return false;
	if ((ask.kind == SHARE_VISIT) != (ask.fd != -1)) {
		file_close(&ask.fd);
		file_close(&ask.park);
		return false;
	}
	q = question_new(auth,
	    ask.kind == SHARE_LIST ? ASK_SHARE_LIST : ASK_SHARE, p, in->id);
	q->fd = ask.fd;
	q->park = ask.park;
	question_share(q, &ask);
	return true;
}

/* For a session that is there already: nobody's account is looked at. What is
 * wrong is asked about again by auth_login, and answered late there. */
static void
ticket_look(struct question *q, struct span ticket)
{
	struct buf user = BUF_EMPTY;

	q->result.verdict = tickets_check(q->auth->tickets, ticket, &user, NULL)
	    ? AUTH_OK
	    : AUTH_DENIED;
	q->user = mem_span(buf_span(&user));
	buf_free(&user);
	question_answer(q);
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
		question_answer(q);
	} else if (t.check) {
		ticket_look(q, t.secret);
	} else {
		struct auth_check c = { .service = SPAN("webmail"),
			.proof = PROOF_PASSWORD,
			.user = t.user,
			.secret = t.secret,
			.client_addr = t.client_addr };

		names_take(q, &c);
		if (auth->conf->imap_proxy_maps[0] != '\0')
			q->word = secret_new(t.secret);
		question_attempt(q, &c);
	}
	return true;
}

static bool
call_scram(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct auth_scram_ask ask;
	struct attempt a = { .kind = ATTEMPT_CHALLENGE };
	struct question *q;

	if (!auth_scram_get(in, &ask) || !is_served(p, ask.service))
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
	a.rank = penalty_rank(
	    auth->penalty, &(struct penalty_of){ ask.client_addr, ask.user });
	if (span_has_break(ask.user) || span_has_break(ask.nonce) ||
	    !workers_ask(auth->workers, &a, question_decided, q))
		question_refuse(q, AUTH_TROUBLE, "too many passwords wait");
	return true;
}

static void
offers_found(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;

	q->auth->offers_scram = r->verdict == AUTH_OK;
	q->auth->offers_known = r->verdict != AUTH_TROUBLE;
	q->result.verdict = r->verdict;
	question_answer(q);
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
call_offers(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	const struct attempt a = { .kind = ATTEMPT_OFFERS };
	struct question *q;
	bool known = true, scram = false;

	if (!auth_offers_get(in))
		return false;
	q = question_new(auth, ASK_OFFERS, p, in->id);
	q->user = mem_str("");
	/* a database cannot be looked through */
	if (auth->conf->scram == SCRAM_YES) {
		scram = auth_conf_asks(auth->conf, MODULE_USERDB) ||
		    auth_conf_asks(auth->conf, MODULE_MAPS);
	} else if (auth_conf_asks(auth->conf, MODULE_USERDB) &&
	    auth->conf->scram == SCRAM_AUTO) {
		scram = auth->offers_scram;
		known = !users_changed(auth) && auth->offers_known;
	}
	if (!known && workers_ask(auth->workers, &a, offers_found, q))
		return true;
	q->result.verdict = scram ? AUTH_OK : AUTH_DENIED;
	question_answer(q);
	return true;
}

/* What another host said of a password that was passed on to it: counted as if
 * it had been looked at here, and a no is as late. */
static bool
call_proxied(struct auth *auth, struct server_peer *p, struct packet_in *in)
{
	struct auth_proxied a;
	struct penalty_of who;
	struct question *q;

	if (!auth_proxied_get(in, &a) || !auth->conf->proxy_unchecked ||
	    strcmp(server_peer_label(p), "login") != 0 ||
	    !is_served(p, a.service))
		return false;
	q = question_new(auth, ASK_CHECK, p, in->id);
	names_take(q,
	    &(struct auth_check){ .service = a.service,
		.user = a.user,
		.client_addr = a.client_addr });
	if (!a.good) {
		question_refuse(q, AUTH_DENIED, "the other host says no");
		return true;
	}
	who = question_who(q);
	penalty_good(auth->penalty, &who);
	question_answer(q);
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
		{ "auth_proxied", call_proxied }, { "auth_scram", call_scram },
		{ "auth_offers", call_offers },
		{ "auth_greylist", call_greylist },
		{ "share_visit", call_share }, { "share_list", call_share },
		{ "share_tell", call_share } };

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

/* What every worker needs is loaded once. */
static void
warm(const struct auth_conf *conf)
{
	static const char *const services[] = { "imap", "pop3", "smtp",
		"sieve" };

	users_warm();
	for (size_t i = 0; auth_conf_asks(conf, MODULE_PAM) &&
	     i < sizeof(services) / sizeof(services[0]);
	     i++)
		pam_warm(services[i]);
}

struct auth *
serve_start(const struct auth_conf *conf)
{
	static const struct server_calls calls = { request, NULL };
	struct auth *auth = mem_new(sizeof(*auth));
	char *path = mem_printf("hash:%s/popbeforesmtp", conf->data_directory);

	auth->conf = conf;
	warm(conf);
	auth->looks = table_new();
	auth->exchanges = exchanges_new(conf->data_directory);
	auth->passes = passes_new(conf->data_directory);
	auth->tokens = tokens_new(conf, service_loop());
	if (conf->auth_cache_time > 0)
		auth->remembered = remembered_new(conf, service_loop());
	auth->workers = workers_new(conf, auth->exchanges);
	auth->penalty = penalty_new(
	    conf->auth_failure_delay, service_loop(), conf->data_directory);
	auth->pbs = store_open(service_loop(), path,
	    (size_t)conf->pop_before_smtp_limit, STORE_AFTER_MS);
	store_write_aside(auth->pbs, FD_LOG);
	auth->sessions = sessions_new(conf, service_loop());
	auth->tickets = tickets_open(service_loop(), conf->data_directory,
	    conf->webmail_ticket_idle, conf->webmail_ticket_life);
	auth->greylist = greylist_open(service_loop(), conf->data_directory,
	    (size_t)conf->smtpd_greylist_limit);
	auth->shares = shares_open(service_loop(), conf->data_directory);
	free(path);
	auth->servers = mem_array(service_listeners(), sizeof(struct server *));
	for (size_t i = 0; i < service_listeners(); i++) {
		const struct service_listener *l = service_listener(i);

		auth->servers[auth->server_count++] =
		    server_new(service_loop(), l->fd, l->label, &calls, auth);
	}
	return auth;
}

void
serve_stop(struct auth *auth)
{
	for (size_t i = 0; i < auth->server_count; i++)
		server_stop(auth->servers[i]);
}

bool
serve_idle(struct auth *auth)
{
	if (auth->questions > 0 && !service_stopping())
		return false;
	store_flush(auth->pbs);
	penalty_flush(auth->penalty);
	tickets_flush(auth->tickets);
	greylist_flush(auth->greylist);
	shares_flush(auth->shares);
	return true;
}
