/*
 * question.c - the answer to a question
 *
 * It comes at once when it is yes, and late when it is no, so that guessing is
 * slow and tells nothing by its time.
 */

#include "auth/question.h"

#include <stdlib.h>
#include <string.h>

#include "auth/conf.h"
#include "auth/exchange.h"
#include "auth/handover.h"
#include "auth/pass.h"
#include "auth/penalty.h"
#include "auth/proxy.h"
#include "auth/remember.h"
#include "auth/sessions.h"
#include "auth/tickets.h"
#include "auth/token.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/secret.h"
#include "base/why.h"
#include "calls/lookup_call.h"
#include "calls/park_call.h"
#include "calls/share_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "maps/store.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "service/service.h"

enum { DELAYED_MAX = 20000 };

static void
question_free(struct question *q)
{
	struct auth *auth = q->auth;

	file_close(&q->fd);
	file_close(&q->park);
	file_close(&q->watch);
	server_peer_drop(&q->peer);
	loop_timer_free(&q->timer);
	free(q->service);
	free(q->client_addr);
	free(q->user);
	free(q->tried);
	free(q->master);
	secret_free(&q->password);
	secret_free(&q->word);
	free(q->tag);
	free(q->local_addr);
	free(q->via);
	buf_wipe(&q->input);
	buf_wipe(&q->pass);
	buf_wipe(&q->state);
	buf_free(&q->text);
	buf_wipe(&q->ticket);
	buf_wipe(&q->challenge);
	buf_wipe(&q->named);
	buf_wipe(&q->seal);
	buf_wipe(&q->token);
	proxied_free(&q->proxied);
	buf_free(&q->groups);
	buf_free(&q->shared);
	free(q);
	auth->questions--;
}

struct penalty_of
question_who(const struct question *q)
{
	return (struct penalty_of){ span_str(q->client_addr),
		span_str(q->tried == NULL ? "" : q->tried) };
}

struct exchange_facts
question_facts(const struct question *q, struct span server_first)
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
	struct exchange_facts f = question_facts(q, c.server_first);

	if (c.verdict == AUTH_OK)
		exchange_seal(q->auth->exchanges, &f, &q->seal);
	c.seal = buf_span(&q->seal);
	auth_challenge_put(o, q->id, &c);
}

void
question_answer(void *arg)
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
		if (q->proxied != NULL && u.verdict == AUTH_OK)
			proxied_put(q, &o);
		else
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
	case ASK_SHARE:
	case ASK_SHARE_LIST:
		share_answer_put(&o, q->id,
		    &(struct share_answer){
			u.verdict, u.text, buf_span(&q->shared), -1 });
		break;
	}
	server_reply(q->peer, &o);
	if (q->proxied != NULL) /* it may hold a password */
		explicit_bzero(o.bytes.p, o.bytes.n);
	packet_done(&o);
	question_free(q);
}

/* A no takes its time, counted from the question. */
static void
answer_no(struct question *q)
{
	struct penalty_of who = question_who(q);
	int64_t delay = 0;

	if (q->of_token && q->result.verdict == AUTH_DENIED)
		tokens_error(
		    q->auth->conf, q->claims, q->xoauth2, &q->challenge);
	if (q->result.verdict == AUTH_DENIED ||
	    q->result.verdict == AUTH_FORBIDDEN)
		delay = penalty_failed(q->auth->penalty, &who) -
		    (clock_ms() - q->begun_ms);
	/* whoever floods us with them does not fill our memory by waiting */
	if (q->auth->questions > DELAYED_MAX)
		delay = 0;
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
	question_answer(q);
}

static struct span
session_protocol(const char *service)
{
	return strcmp(service, "pop3d") == 0      ? SPAN("pop3")
	    : strcmp(service, "managesieve") == 0 ? SPAN("sieve")
						  : SPAN("imap");
}

/* Those linger between pages, for one browser. */
static bool
webmail_session(struct span via)
{
	return span_is(via, "webmail");
}

void
question_session(
    struct question *q, const char *service, struct session_start *s)
{
	struct buf pass = BUF_EMPTY;

	struct session_of who = { session_protocol(service), s->user,
		s->client_addr };

	if (s->visitor.n > 0) {
		who.protocol = SPAN("visit");
		who.user = s->visitor;
	}
	s->fd = q->fd;
	s->park = q->park;
	s->watch = q->watch;
	s->held = webmail_session(s->via)
	    ? -1
	    : sessions_begin(q->auth->sessions, &who);
	q->fd = q->park = q->watch = -1;
	if (s->park != -1)
		pass_make(q->auth->passes, s, clock_wall(), &pass);
	if (pass.n <= PARK_PASS_MAX)
		s->pass = buf_span(&pass);
	handover(service, s, handed_over, q);
	buf_free(&pass);
}

void
question_here(struct question *q, const struct attempt_result *r)
{
	const char *service = "imapd";
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
	struct session_of who = { .user = s.user,
		.client_addr = s.client_addr };
	const char *text;

	if (strcmp(q->service, "sieve") == 0)
		service = "managesieve";
	else if (strncmp(q->service, "pop3", 4) == 0)
		service = "pop3d";
	who.protocol = session_protocol(service);
	if (!webmail_session(s.via) &&
	    sessions_full(q->auth->sessions, &who, &text)) {
		q->result.verdict = AUTH_LIMIT;
		buf_add_str(&q->text, text);
		question_answer(q);
		return;
	}
	question_session(q, service, &s);
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

/* Both names, whatever the programs that serve the session log. */
static void
master_log(const struct question *q)
{
	struct buf user = BUF_EMPTY;

	log_quote(&user, span_str(q->user), 255);
	log_info("master user %s acts as user=%s, service=%s, ip=[%s]",
	    q->master, buf_str(&user), q->service, q->client_addr);
	buf_free(&user);
}

static void
remember(struct question *q, uid_t uid)
{
	const struct remember_facts f = { span_str(q->service),
		span_str(q->tried), span_str(q->client_addr),
		secret_span(q->password) };

	remembered_put(q->auth->remembered, &f, uid, q->memory_state);
}

void
question_decided(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;
	struct penalty_of who = question_who(q);

	if (q->from_memory && r->verdict != AUTH_TROUBLE &&
	    (r->verdict != AUTH_OK || r->uid != q->uid)) {
		question_ask_again(q);
		return;
	}
	if (r->verdict == AUTH_OK && q->password != NULL && !q->from_memory)
		remember(q, r->uid);
	q->result.verdict = r->verdict;
	if (q->master != NULL && r->verdict == AUTH_DENIED)
		q->result.verdict = AUTH_FORBIDDEN;
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
	if (q->master != NULL)
		master_log(q);
	/* a challenge is given to anybody: it proves nothing */
	if (q->kind != ASK_CHALLENGE)
		penalty_good(q->auth->penalty, &who);
	if (q->kind == ASK_LOGIN) {
		if (strcmp(q->via, "webmail") != 0 && q->master == NULL)
			open_smtp(q);
		if (!proxy_begin(q, r))
			question_here(q, r);
		return;
	}
	if (q->kind != ASK_TICKET)
		question_answer(q);
	else if (!proxy_begin(q, r))
		question_ticket(q, r->user, false);
}

void
question_ticket(struct question *q, struct span user, bool with_word)
{
	tickets_make(
	    q->auth->tickets, user, with_word ? q->word : NULL, &q->ticket);
	question_answer(q);
}

struct question *
question_new(
    struct auth *auth, enum kind kind, struct server_peer *p, uint32_t id)
{
	struct question *q = mem_new(sizeof(*q));

	q->auth = auth;
	q->kind = kind;
	q->peer = server_peer_hold(p);
	q->id = id;
	q->fd = q->park = q->watch = -1;
	q->begun_ms = clock_ms();
	q->timer = loop_timer_new(service_loop(), question_answer, q);
	auth->questions++;
	return q;
}

void
question_refuse(struct question *q, enum auth_verdict verdict, const char *text)
{
	q->result.verdict = verdict;
	buf_add_str(&q->text, text);
	answer_no(q);
}
