/*
 * webmail.c - the socket for webmail.cgi
 *
 * The kernel says which account speaks; only those of webmail_users are heard.
 * A password comes once and gives a ticket; each page shows the ticket and
 * gets one end of a socket pair whose other end an imapd of that user serves.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "calls/proxy_call.h"
#include "calls/webmail_call.h"
#include "config/param.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "login/conf.h"
#include "login/linger.h"
#include "login/login.h"
#include "login/proxy.h"
#include "os/file.h"
#include "os/sock.h"
#include "os/users.h"

enum { USERS_MAX = 32 };

struct webmail {
	struct login *login;
	struct server *server;
	struct lingerers *lingerers; /* NULL: webmail_linger is 0 */
	uid_t allowed[USERS_MAX];
	size_t allowed_count;
};

struct question {
	struct webmail *webmail;
	struct server_peer *peer;
	uint32_t id;
	int fd; /* for the caller, when an imapd has the other end */
	int theirs; /* that end, until an imapd has it */
	int park_fd; /* our end of the socket for its next page */
	struct buf user, client_addr, ticket;
	const char *domain; /* for the log */
};

static struct question *
question_new(struct webmail *w, struct server_peer *p, uint32_t id,
    struct span client_addr)
{
	struct question *q = mem_new(sizeof(*q));

	q->webmail = w;
	q->peer = server_peer_hold(p);
	q->id = id;
	q->fd = q->theirs = q->park_fd = -1;
	log_quote(&q->client_addr, client_addr, 64);
	return q;
}

static void
question_free(struct question *q)
{
	server_peer_drop(&q->peer);
	file_close(&q->fd);
	file_close(&q->theirs);
	file_close(&q->park_fd);
	buf_wipe(&q->ticket);
	buf_free(&q->user);
	buf_free(&q->client_addr);
	free(q);
}

/* In SquirrelMail's shape, its own date included, which log readers know. */
static void
log_failure(struct question *q)
{
	time_t now = time(NULL);
	char date[32] = "";
	struct tm tm;

	metric_count(METRIC_LOGINS_FAILED);
	if (q->user.n == 0)
		return;
	if (localtime_r(&now, &tm) != NULL)
		strftime(date, sizeof(date), "%m/%d/%Y %H:%M:%S", &tm);
	log_info("%s [LOGIN_ERROR] %s (%s) from %s: Unknown user or password "
		 "incorrect.",
	    date, buf_str(&q->user), q->domain, buf_str(&q->client_addr));
}

static void
ticket_came(void *arg, struct packet_in *in)
{
	struct question *q = arg;
	struct packet_out o = { .fd_count = 0 };
	struct auth_user u = { .verdict = AUTH_TROUBLE };
	struct span ticket = SPAN("");

	if (in == NULL || !auth_ticket_answer_get(in, &u, &ticket)) {
		u = (struct auth_user){ .verdict = AUTH_TROUBLE };
		ticket = SPAN("");
	}
	/* one answer for all that is wrong */
	if (u.verdict == AUTH_FORBIDDEN)
		u.verdict = AUTH_DENIED;
	if (u.verdict == AUTH_DENIED || u.verdict == AUTH_EXPIRED)
		log_failure(q);
	webmail_ticket_put(&o, q->id, u.verdict, u.user, ticket);
	server_reply(q->peer, &o);
	packet_done(&o);
	question_free(q);
}

/* Takes q. */
static void
session_answer(struct question *q, enum auth_verdict verdict, struct span user)
{
	struct packet_out o = { .fd_count = 0 };

	webmail_session_put(&o, q->id, verdict, user, q->fd);
	server_reply(q->peer, &o);
	packet_done(&o);
	question_free(q);
}

/* --- a user whose mail is on another host --- */

/* Of a session that goes on, or ends. */
static void
far_answer(struct session *s, enum auth_verdict verdict)
{
	struct question *q = s->page;

	s->page = NULL;
	if (q != NULL)
		session_answer(q, verdict, buf_span(&q->user));
}

static void
far_let_in(struct session *s)
{
	far_answer(s, AUTH_OK);
}

static void
far_bye(struct session *s, const char *text)
{
	(void)text;
	far_answer(s, AUTH_TROUBLE);
}

/* The page has its answer: there is nothing more to be done. */
static void
far_input(struct session *s)
{
	if (s->page == NULL)
		session_free(&s);
}

static const struct protocol protocol_far = { .name = "webmail",
	.label = "IMAP",
	.speaker = &proxy_imap,
	.autologout = "",
	.input = far_input,
	.refused = far_answer,
	.let_in = far_let_in,
	.bye = far_bye };

/* The page's end and ours, in place of those that auth has dropped. */
static bool
far_pair(struct question *q, int *ours)
{
	int pair[2];

	file_close(&q->fd);
	if (sock_pair(SOCK_STREAM, false, pair) == -1)
		return false;
	q->fd = pair[0];
	*ours = pair[1];
	if (sock_nonblock(*ours, true) == 0)
		return true;
	file_close(ours);
	return false;
}

static void
elsewhere(struct question *q, struct packet_in *in)
{
	struct login *l = q->webmail->login;
	struct auth_proxy p;
	int ours;
	bool good = auth_proxy_get(in, &p);

	if (good && !proxy_full(l) && far_pair(q, &ours)) {
		struct session *s = session_of_page(
		    l, ours, &protocol_far, buf_span(&q->client_addr), q);

		buf_add_span(&q->user, p.user);
		session_user_set(s, p.user);
		proxy_start(s, &p);
	} else {
		if (good) {
			file_close(&p.fd);
			file_close(&p.held);
		}
		session_answer(q, AUTH_TROUBLE, SPAN(""));
	}
	session_wipe(in);
}

static void
joined(void *arg, struct packet_in *in)
{
	struct question *q = arg;
	struct auth_user u = { .verdict = AUTH_TROUBLE };

	if (in != NULL && span_is(in->call, "auth_proxy")) {
		elsewhere(q, in);
		return;
	}
	if (in == NULL || !auth_user_get(in, &u))
		u.verdict = AUTH_TROUBLE;
	if (u.verdict == AUTH_OK && q->park_fd != -1) {
		linger_add(q->webmail->lingerers, buf_span(&q->ticket), u.user,
		    q->park_fd);
		q->park_fd = -1;
	}
	session_answer(q, u.verdict, u.user);
}

/* An imapd of its own for the page. */
static void
join_new(struct question *q)
{
	struct packet_out o = { .fd_count = 0 };
	struct auth_check c = { .service = SPAN("webmail"),
		.proof = PROOF_TICKET,
		.mechanism = SPAN("X-TICKET"),
		.secret = buf_span(&q->ticket),
		.client_addr = buf_span(&q->client_addr) };
	struct auth_handover h = {
		.via = SPAN("webmail"), .fd = q->theirs, .park = -1
	};
	int park[2];

	if (q->webmail->lingerers != NULL &&
	    sock_pair(SOCK_SEQPACKET, true, park) == 0) {
		q->park_fd = park[0];
		h.park = park[1];
	}
	auth_login_put(&o, &c, &h);
	(void)channel_ask(q->webmail->login->auth, &o, joined, q);
	packet_done(&o);
	file_close(&h.park);
	file_close(&q->theirs);
}

static void
ticket_looked_at(void *arg, struct packet_in *in)
{
	struct question *q = arg;
	struct auth_user u = { .verdict = AUTH_TROUBLE };
	struct span ticket;

	if (in != NULL && auth_ticket_answer_get(in, &u, &ticket) &&
	    u.verdict == AUTH_OK &&
	    linger_join(q->webmail->lingerers, buf_span(&q->ticket), u.user,
		buf_span(&q->client_addr), q->theirs))
		session_answer(q, AUTH_OK, u.user);
	else
		join_new(q);
}

/* The imapd of the page before is there: auth says whether the ticket is good,
 * and goes on counting its time. */
static void
join_again(struct question *q)
{
	struct packet_out o = { .fd_count = 0 };
	struct auth_ticket t = { .check = true,
		.secret = buf_span(&q->ticket) };

	auth_ticket_put(&o, &t);
	(void)channel_ask(q->webmail->login->auth, &o, ticket_looked_at, q);
	packet_done(&o);
}

static bool
call_sign_in(struct webmail *w, struct server_peer *p, struct packet_in *in)
{
	struct webmail_sign_in s;
	struct auth_ticket t;
	struct packet_out o = { .fd_count = 0 };
	struct question *q;

	if (!webmail_sign_in_get(in, &s))
		return false;
	t = (struct auth_ticket){ .user = s.user,
		.secret = s.password,
		.client_addr = s.client_addr };
	q = question_new(w, p, in->id, s.client_addr);
	log_quote(&q->user, s.user, 255);
	q->domain = w->login->conf->mydomain;
	auth_ticket_put(&o, &t);
	(void)channel_ask(w->login->auth, &o, ticket_came, q);
	packet_done(&o);
	return true;
}

static bool
call_sign_out(struct webmail *w, struct server_peer *p, struct packet_in *in)
{
	struct auth_ticket t = { .end = true };
	struct packet_out o = { .fd_count = 0 };

	if (!webmail_sign_out_get(in, &t.secret))
		return false;
	if (w->lingerers != NULL)
		linger_end(w->lingerers, t.secret);
	auth_ticket_put(&o, &t);
	(void)channel_ask(w->login->auth, &o, ticket_came,
	    question_new(w, p, in->id, span_of("", 0)));
	packet_done(&o);
	return true;
}

static bool
call_join(struct webmail *w, struct server_peer *p, struct packet_in *in)
{
	struct span ticket, client_addr;
	struct question *q;
	int pair[2];

	if (!webmail_join_get(in, &ticket, &client_addr))
		return false;
	q = question_new(w, p, in->id, client_addr);
	if (sock_pair(SOCK_STREAM, false, pair) == -1) {
		joined(q, NULL);
		return true;
	}
	q->fd = pair[0];
	q->theirs = pair[1];
	buf_add_span(&q->ticket, ticket);
	if (w->lingerers != NULL && linger_has(w->lingerers, ticket))
		join_again(q);
	else
		join_new(q);
	return true;
}

static bool
allowed(const struct webmail *w, uid_t uid)
{
	for (size_t i = 0; i < w->allowed_count; i++)
		if (w->allowed[i] == uid)
			return true;
	return uid == 0;
}

static void
request(void *arg, struct server_peer *p, struct packet_in *in)
{
	static const struct {
		const char *call;
		bool (*run)(
		    struct webmail *, struct server_peer *, struct packet_in *);
	} calls[] = { { "webmail_sign_in", call_sign_in },
		{ "webmail_sign_out", call_sign_out },
		{ "webmail_join", call_join } };
	struct webmail *w = arg;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (span_is(in->call, calls[i].call) &&
		    allowed(w, server_peer_uid(p)) && calls[i].run(w, p, in)) {
			session_wipe(in); /* a password, or a ticket */
			return;
		}
	if (!allowed(w, server_peer_uid(p)))
		log_warning("webmail: uid %u is none of webmail_users",
		    (unsigned)server_peer_uid(p));
	server_refuse(p, in);
}

/* Before the jail: the account database cannot be read from inside. */
static void
allowed_find(struct webmail *w)
{
	struct span rest = span_str(w->login->conf->webmail_users), name;
	struct arena *a = arena_new();
	struct account account;

	while (param_list_next(&rest, &name)) {
		if (w->allowed_count == USERS_MAX)
			log_fatal("webmail_users: more than %d", USERS_MAX);
		if (users_find(a, name, &account) == USERS_FOUND)
			w->allowed[w->allowed_count++] = account.uid;
		else
			log_warning("webmail_users: no account %.*s",
			    (int)name.n, name.p);
	}
	arena_free(&a);
}

void
webmail_start(struct login *l, int listener, const char *label)
{
	static const struct server_calls calls = { request, NULL };
	struct webmail *w = mem_new(sizeof(*w));

	w->login = l;
	allowed_find(w);
	if (l->conf->webmail_linger > 0)
		w->lingerers =
		    linger_new(l->loop, l->conf->webmail_linger * 1000);
	l->webmail = w;
	w->server = server_new(l->loop, listener, label, &calls, w);
}

void
webmail_drain(struct login *l)
{
	if (l->webmail != NULL && l->webmail->lingerers != NULL)
		linger_end_all(l->webmail->lingerers);
}
