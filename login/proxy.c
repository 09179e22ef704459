/*
 * proxy.c - a client whose mail is on another host
 *
 * While we log in there nothing is read from the client: what it sent behind
 * its login goes over with it. A password is kept for that time alone, and only
 * where a table of other hosts is set.
 */

#include "login/proxy.h"

#include <netinet/in.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/secret.h"
#include "calls/proxy_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "login/conf.h"
#include "login/login.h"
#include "login/relay.h"
#include "os/file.h"
#include "os/loop.h"
#include "sasl/sasl_client.h"
#include "sasl/sasl_server.h"
#include "service/service.h"
#include "tls/conn.h"
#include "wire/proxy_header.h"

enum { SAID_MAX = 200, INPUT_ROOM = 16384 };

void
proxy_free(struct proxy **pp)
{
	struct proxy *p = *pp;

	if (p == NULL)
		return;
	p->session->login->proxy_count--;
	p->session->proxy = NULL;
	conn_free(&p->conn);
	loop_timer_free(&p->timer);
	sasl_client_free(&p->sasl);
	secret_free(&p->password);
	file_close(&p->held);
	buf_free(&p->relay);
	buf_free(&p->offers);
	arena_free(&p->arena);
	*pp = NULL;
	if (p->busy)
		p->over = true;
	else
		free(p);
}

bool
proxy_full(const struct login *l)
{
	return l->proxy_count >= (unsigned)l->conf->login_proxy_limit;
}

/* --- the end --- */

/* Ends p; the session goes on as one that was refused. */
static void
end_with(struct proxy *p, enum auth_verdict verdict, struct buf *text)
{
	struct session *s = p->session;
	const struct auth_user u = { .verdict = verdict,
		.text = buf_span(text) };

	proxy_free(&p);
	session_deadline(s);
	if (session_refused(s, &u))
		session_resume(s);
	buf_free(text);
}

void
proxy_fail(struct proxy *p, const char *text, struct span said)
{
	struct buf all = BUF_EMPTY;

	buf_printf(&all, "host %s: %s", buf_str(&p->relay), text);
	if (said.n > 0) {
		buf_add_str(&all, ": ");
		log_quote(&all, said, SAID_MAX);
	}
	end_with(p, AUTH_TROUBLE, &all);
}

/* auth has counted it, and answers as late as a no of its own. */
static void
counted(void *arg, struct packet_in *in)
{
	struct session *s = arg;
	struct auth_user u;
	bool good = in != NULL && auth_user_get(in, &u);

	session_answered(s);
	session_deadline(s);
	if (session_refused(s, good ? &u : NULL))
		session_resume(s);
}

static void
proxied_put(const struct proxy *p, bool good, struct packet_out *o)
{
	struct session *s = p->session;

	auth_proxied_put(o,
	    &(struct auth_proxied){ .service = span_str(s->protocol->name),
		.user = buf_span(&s->kept.user),
		.client_addr = buf_span(&s->peer_text),
		.good = good });
}

void
proxy_refused(struct proxy *p, enum auth_verdict verdict, struct span said)
{
	struct session *s = p->session;
	struct packet_out o = { .fd_count = 0 };
	struct buf text = BUF_EMPTY;
	bool no = verdict == AUTH_DENIED || verdict == AUTH_FORBIDDEN;

	if (verdict == AUTH_TROUBLE) {
		proxy_fail(p, "the login failed", said);
	} else if (no && p->shown) {
		/* it may have been changed: the user is to show the new one */
		log_quote(&text, said, SAID_MAX);
		log_warning("user=%s: host %s refuses the password that the "
			    "webmail has kept: %s",
		    buf_str(&s->user), buf_str(&p->relay), buf_str(&text));
		end_with(p, AUTH_DENIED, &text);
	} else if (no && p->checked) {
		proxy_fail(p, "refuses whom we have let in", said);
	} else if (no) {
		proxied_put(p, false, &o);
		proxy_free(&p);
		session_ask(s, &o, counted);
		packet_done(&o);
	} else {
		log_quote(&text, said, SAID_MAX);
		end_with(p, verdict, &text);
	}
}

static void
nobody_waits(void *arg, struct packet_in *in)
{
	(void)arg;
	(void)in;
}

void
proxy_done(struct proxy *p, struct span welcome)
{
	struct session *s = p->session;
	struct login *l = s->login;
	struct packet_out o = { .fd_count = 0 };
	struct relay_proxied facts = { .held = p->held,
		.port = address_port(&s->peer),
		.protocol = s->protocol };

	if (!p->checked) {
		proxied_put(p, true, &o);
		(void)channel_ask(l->auth, &o, nobody_waits, NULL);
		packet_done(&o);
	}
	p->held = -1;
	log_quote(&facts.user, p->account, 100);
	buf_add_span(&facts.client_addr, buf_span(&s->peer_text));
	buf_add_span(&facts.relay, buf_span(&p->relay));
	metric_count(METRIC_LOGINS_OK);
	conn_write(s->conn, welcome);
	if (s->protocol->let_in != NULL)
		s->protocol->let_in(s);
	relay_proxy(l, &s->conn, &p->conn, &facts);
	session_free(&s); /* and p */
}

/* --- TLS --- */

bool
proxy_is_safe(const struct proxy *p)
{
	return p->secured || p->tls == PROXY_TLS_NONE;
}

static struct span
name_of(const struct proxy *p)
{
	return p->target.name.n > 0 ? p->target.name : p->target.host;
}

void
proxy_tls(struct proxy *p)
{
	struct span name = name_of(p);
	struct address address;
	bool numeric = address_parse(name, 0, &address);
	struct tls_want want = { .server_name = numeric ? SPAN("") : name,
		.names = &name,
		.name_count = p->tls == PROXY_TLS_VERIFY };

	if (conn_waiting(p->conn) > 0)
		proxy_fail(p, "does not read", SPAN(""));
	else if (!conn_tls_connect(
		     p->conn, p->session->login->proxy_tls, &want))
		proxy_fail(p, conn_error(p->conn), SPAN(""));
}

static void
secured(void *arg)
{
	struct proxy *p = arg;
	const struct tls_stream *stream = conn_stream(p->conn);

	if (p->tls == PROXY_TLS_VERIFY &&
	    tls_stream_trust(stream) != TLS_VERIFIED) {
		proxy_fail(p, "its certificate is not trusted",
		    span_str(tls_stream_doubt(stream)));
		return;
	}
	p->secured = true;
	p->has_offers = false;
	if (!p->target.wrapper)
		p->speaker->secured(p);
}

static void
input(void *arg)
{
	struct proxy *p = arg;

	p->busy = true;
	while (!p->over && p->speaker->take(p))
		continue;
	p->busy = false;
	if (p->over)
		free(p);
}

static void
ended(void *arg, enum conn_end how)
{
	struct proxy *p = arg;

	proxy_fail(p,
	    how == CONN_NO_TLS    ? "the TLS handshake failed"
		: how == CONN_EOF ? "has closed the connection"
				  : "the connection is lost",
	    how == CONN_EOF ? SPAN("") : span_str(conn_error(p->conn)));
}

static void
timed_out(void *arg)
{
	proxy_fail(arg, "does not answer in time", SPAN(""));
}

/* --- the login --- */

void
proxy_xclient(struct proxy *p)
{
	const struct session *s = p->session;

	conn_printf(p->conn, "XCLIENT TTL=%u", s->hops - 1);
	if (p->target.facts)
		conn_printf(p->conn, " ADDR=%.*s PORT=%u", (int)s->peer_text.n,
		    s->peer_text.p, (unsigned)address_port(&s->peer));
	conn_printf(p->conn, "\r\n");
}

static bool
may_use(void *arg, const char *name, bool named)
{
	const struct proxy *p = arg;

	(void)name;
	return p->token == named;
}

/* SCRAM is not spoken: its hashes would hold up every other client. */
struct sasl_client *
proxy_sasl(const struct proxy *p, const struct span *offered, size_t count)
{
	struct sasl_client_setup setup = { .offered = offered,
		.count = count,
		.barred = SASL_SCRAM | SASL_EXTERNAL,
		.secured = p->secured,
		.allowed = may_use,
		.arg = (void *)(uintptr_t)p,
		.user = p->user,
		.password = secret_span(p->password),
		.authzid = p->authzid };

	return sasl_client_new(&setup);
}

/* Who logs in there: the master of the table's, the user of the table's, or
 * who the client says it is, with its own password. False: there is none. */
static bool
credentials_take(struct proxy *p, const struct auth_proxy *a)
{
	struct session *s = p->session;
	const struct proxy_target *t = &p->target;
	struct span typed = arena_span(p->arena, buf_span(&s->kept.user));
	struct span authzid = buf_span(&s->kept.authzid);

	p->user = t->user.n > 0 ? t->user : typed;
	if (a->target.password.n == 0) {
		p->password = s->kept.word;
		s->kept.word = NULL;
		p->token = s->kept.token;
		if (authzid.n > 0 && !span_eq(authzid, typed))
			p->authzid = arena_span(p->arena, authzid);
		return p->password != NULL;
	}
	p->password = secret_new(a->target.password);
	if (t->master.n == 0)
		return true;
	if (t->separator != '\0') {
		p->user = span_str(arena_printf(p->arena, "%.*s%c%.*s",
		    (int)p->user.n, p->user.p, t->separator, (int)t->master.n,
		    t->master.p));
		return true;
	}
	p->authzid = p->user;
	p->user = t->master;
	return true;
}

static void
target_take(struct proxy *p, const struct auth_proxy *a)
{
	struct proxy_target *t = &p->target;

	*t = a->target;
	t->host = arena_span(p->arena, t->host);
	t->name = arena_span(p->arena, t->name);
	t->user = arena_span(p->arena, t->user);
	t->master = arena_span(p->arena, t->master);
	t->password = SPAN("");
	p->tls = t->tls == PROXY_TLS_DEFAULT
	    ? p->session->login->conf->proxy_tls_level
	    : t->tls;
	if (t->wrapper && p->tls < PROXY_TLS_ENCRYPT)
		p->tls = PROXY_TLS_ENCRYPT;
	if (p->session->protocol == &protocol_sieve &&
	    t->port == PROXY_SIEVE_PORT)
		t->wrapper = false;
	p->account = arena_span(p->arena, a->user);
}

/* --- the beginning --- */

static bool
is_any(const struct address *a)
{
	struct span bytes = address_bytes(a);
	size_t i = 0;

	while (i < bytes.n && bytes.p[i] == '\0')
		i++;
	return i == bytes.n;
}

/* Is the other end a socket of this very service? */
static bool
is_ourselves(const struct address *from, const struct address *to)
{
	if (!span_eq(address_bytes(from), address_bytes(to)))
		return false;
	for (size_t i = 0; i < service_listeners(); i++) {
		struct address own;

		if (service_listener(i)->inet &&
		    sock_local(service_listener(i)->fd, &own) &&
		    address_port(&own) == address_port(to) &&
		    (is_any(&own) ||
			span_eq(address_bytes(&own), address_bytes(to))))
			return true;
	}
	return false;
}

static void
header_say(struct proxy *p)
{
	const struct session *s = p->session;
	struct buf out = BUF_EMPTY;

	if (p->target.header == 0)
		return;
	proxy_header_put(&out, p->target.header, &s->peer, &s->local);
	conn_write(p->conn, buf_span(&out));
	conn_flush(p->conn);
	buf_free(&out);
}

static struct proxy *
proxy_new(struct session *s, const struct auth_proxy *a)
{
	static const struct conn_calls calls = { input, secured, NULL, ended };
	struct proxy *p = mem_new(sizeof(*p));
	const struct login *l = s->login;

	loop_timer_stop(s->timer);
	p->session = s;
	s->proxy = p;
	s->login->proxy_count++;
	p->arena = arena_new();
	p->checked = a->checked;
	p->shown = a->shown;
	p->held = a->held;
	p->conn = conn_new(l->loop, a->fd, &calls, p);
	conn_input_max_set(p->conn, INPUT_ROOM);
	p->speaker = s->protocol->speaker;
	p->timer = loop_timer_new(l->loop, timed_out, p);
	loop_timer_set(p->timer, l->conf->login_proxy_timeout * 1000);
	return p;
}

void
proxy_start(struct session *s, const struct auth_proxy *a)
{
	struct address from = { .n = 0 }, to = { .n = 0 };
	struct proxy *p;
	bool known = sock_local(a->fd, &from) && sock_remote(a->fd, &to);

	p = proxy_new(s, a);
	target_take(p, a);
	buf_add_span(&p->relay, p->target.host);
	buf_add_byte(&p->relay, '[');
	address_print(&p->relay, &to);
	buf_printf(&p->relay, "]:%u", (unsigned)p->target.port);
	if (!known) {
		proxy_fail(p, "the connection is lost", SPAN(""));
	} else if (s->login->proxy_tls == NULL) {
		proxy_fail(p,
		    "auth knows a table of other hosts that this row of "
		    "master.cf does not have",
		    SPAN(""));
	} else if (is_ourselves(&from, &to) || s->hops == 0) {
		proxy_fail(p, "the session would go round in a loop", SPAN(""));
	} else if (!credentials_take(p, a)) {
		proxy_fail(p,
		    "the client has shown no password that could be passed "
		    "on, and the table has none",
		    SPAN(""));
	} else {
		header_say(p);
		if (p->target.wrapper)
			proxy_tls(p);
	}
}
