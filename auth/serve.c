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
#include <unistd.h>

#include "auth/conf.h"
#include "auth/handover.h"
#include "auth/penalty.h"
#include "auth/store.h"
#include "auth/tickets.h"
#include "auth/worker.h"
#include "base/log.h"
#include "base/mem.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "os/clock.h"
#include "os/loop.h"
#include "service/service.h"

struct auth {
	const struct auth_conf *conf;
	struct workers *workers;
	struct penalty *penalty;
	struct store *pbs;
	struct tickets *tickets;
	unsigned questions;
};

enum kind { ASK_CHECK, ASK_LOGIN, ASK_TICKET };

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
	int fd;
	/* the answer */
	struct attempt_result result;
	struct buf text, ticket;
};

static void
question_free(struct question *q)
{
	struct auth *auth = q->auth;

	if (q->fd != -1)
		close(q->fd);
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
	free(q);
	auth->questions--;
	if (service_draining())
		serve_drain(auth);
}

static void
answer(void *arg)
{
	struct question *q = arg;
	struct packet_out o = { .fd_count = 0 };
	struct auth_user u = { .verdict = q->result.verdict,
		.user = span_str(q->user),
		.text = buf_span(&q->text) };

	if (q->kind == ASK_TICKET)
		auth_ticket_answer_put(&o, q->id, &u, buf_span(&q->ticket));
	else
		auth_user_put(&o, q->id, &u);
	server_reply(q->peer, &o);
	packet_done(&o);
	question_free(q);
}

/* A no takes its time, counted from the question. */
static void
answer_no(struct question *q)
{
	int64_t delay = 0;

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

static void
pass_on(struct question *q, const struct attempt_result *r)
{
	bool pop = strncmp(q->service, "pop3", 4) == 0;
	struct session_start s = { .user = r->user,
		.uid = r->uid,
		.gid = r->gid,
		.home = r->home,
		.mail = r->mail,
		.client_addr = span_str(q->client_addr),
		.local_addr = span_str(q->local_addr),
		.via = span_str(q->via),
		.client_port = q->client_port,
		.tls = q->tls,
		.tag = span_str(q->tag),
		.input = buf_span(&q->input),
		.fd = q->fd };

	q->fd = -1;
	handover(pop ? "pop3d" : "imapd", &s, handed_over, q);
}

/* POP or IMAP before SMTP: this address may relay for a while. */
static void
open_smtp(const struct question *q)
{
	if (q->auth->conf->pop_before_smtp_time > 0 &&
	    q->client_addr[0] != '\0')
		store_put(q->auth->pbs, span_str(q->client_addr),
		    clock_wall() + q->auth->conf->pop_before_smtp_time,
		    span_of("", 0));
}

static void
decided(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;

	q->result.verdict = r->verdict;
	buf_add_span(&q->text, span_head(r->text, 500));
	if (r->verdict != AUTH_OK) {
		answer_no(q);
		return;
	}
	free(q->user);
	q->user = mem_span(r->user);
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
	q->fd = -1;
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

/* Start the attempt that c asks for. */
static void
attempt_start(struct question *q, const struct auth_check *c)
{
	struct attempt a = { .service = span_str(q->service),
		.user = c->user,
		.password = c->secret,
		.client_addr = c->client_addr };
	struct buf user = BUF_EMPTY;

	if (c->proof == PROOF_TICKET) {
		a.password = span_of(NULL, 0);
		if (!tickets_check(q->auth->tickets, c->secret, &user)) {
			refuse(q, AUTH_DENIED, "the ticket is not good");
			return;
		}
		a.user = buf_span(&user);
	} else if (c->proof == PROOF_EXTERNAL) {
		refuse(q, AUTH_TROUBLE, "EXTERNAL is not set up here");
		return;
	} else if (a.password.p == NULL) {
		a.password = SPAN("");
	}
	if (c->authzid.n > 0 && !span_eq(c->authzid, a.user))
		refuse(
		    q, AUTH_DENIED, "acting for another user is not allowed");
	else if (a.user.n == 0 || span_has_break(a.user) ||
	    span_has_break(a.password))
		refuse(q, AUTH_DENIED, "user or password is ill-formed");
	else if (!workers_ask(q->auth->workers, &a, decided, q))
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
	q->tag = mem_span(h.tag);
	q->local_addr = mem_span(h.local_addr);
	q->via = mem_span(h.via);
	buf_add_span(&q->input, h.input);
	attempt_start(q, &c);
	return true;
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

static void
request(void *arg, struct server_peer *p, struct packet_in *in)
{
	static const struct {
		const char *call;
		bool (*run)(
		    struct auth *, struct server_peer *, struct packet_in *);
	} calls[] = { { "auth_check", call_check },
		{ "auth_login", call_login }, { "auth_ticket", call_ticket },
		{ "auth_pbs", call_pbs } };

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
	char *path = mem_printf("%s/popbeforesmtp", conf->data_directory);

	auth->conf = conf;
	auth->workers = workers_new(conf);
	auth->penalty = penalty_new(conf->auth_failure_delay);
	auth->pbs = store_open(path, (size_t)conf->pop_before_smtp_limit);
	auth->tickets = tickets_open(conf->data_directory,
	    conf->webmail_ticket_idle, conf->webmail_ticket_life);
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
	service_exit();
}
