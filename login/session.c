/*
 * session.c - a client before authentication
 *
 * While auth is asked, nothing is read: what the client pipelined behind its
 * login goes over with it, to the process that serves it then. A client
 * without TLS is handed over whole; one with TLS stays here as a relay.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/secret.h"
#include "base/table.h"
#include "calls/proxy_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "login/balanced.h"
#include "login/conf.h"
#include "login/login.h"
#include "login/proxy.h"
#include "login/relay.h"
#include "login/upstream.h"
#include "os/file.h"
#include "os/loop.h"
#include "sasl/sasl_server.h"
#include "service/service.h"
#include "tls/conn.h"
#include "tls/tls_peer.h"

enum { ACCEPT_BATCH = 32, BAD_MAX = 10, FAILURES_MAX = 3 };
enum { INPUT_ROOM = 16384 };

/* How many sessions this address has; changed by delta. */
static unsigned
address_count(struct login *l, const struct session *s, int delta)
{
	struct span key = buf_span(&s->caller_text);
	unsigned *count = table_get(l->per_address, key);

	if (count == NULL) {
		if (delta <= 0)
			return 0;
		count = mem_new(sizeof(*count));
		table_put(l->per_address, key, count);
	}
	*count += (unsigned)delta;
	if (*count > 0)
		return *count;
	free(table_remove(l->per_address, key));
	return 0;
}

static void
timed_out(void *arg)
{
	session_end(arg, "Too slow, disconnecting");
}

void
session_deadline(struct session *s)
{
	const struct login *l = s->login;
	int64_t ms = l->conf->login_timeout * 1000;

	/* when the table fills up, slow ones go sooner */
	if (l->session_count > (unsigned)l->conf->login_session_limit / 2)
		ms /= 6;
	loop_timer_set(s->timer, ms);
}

static void
kept_forget(struct session *s)
{
	buf_clear(&s->kept.user);
	buf_clear(&s->kept.authzid);
	secret_free(&s->kept.word);
}

/* A ticket or a proof is good here alone. */
static void
kept_set(struct session *s, const struct auth_check *c)
{
	kept_forget(s);
	if (s->login->proxy_tls == NULL)
		return;
	buf_add_span(&s->kept.user, c->user);
	buf_add_span(&s->kept.authzid, c->authzid);
	s->kept.token = c->proof == PROOF_TOKEN;
	if (s->kept.token || c->proof == PROOF_PASSWORD)
		s->kept.word = secret_new_long(c->secret);
}

void
login_drained(const struct login *l)
{
	if (service_draining() && l->session_count == 0 &&
	    list_empty(&l->relays) && !balanced_waiting(l))
		service_exit();
}

void
session_free(struct session **sp)
{
	struct session *s = *sp;
	struct login *l;

	if (s == NULL)
		return;
	l = s->login;
	(void)address_count(l, s, -1);
	channel_cancel(&s->asking);
	proxy_free(&s->proxy);
	kept_forget(s);
	buf_free(&s->kept.user);
	buf_free(&s->kept.authzid);
	loop_timer_free(&s->timer);
	sasl_server_free(&s->sasl);
	tls_peer_free(&s->certificate);
	file_close(&s->relay_fd);
	file_close(&s->park_fd);
	conn_free(&s->conn);
	list_remove(&s->in);
	l->session_count--;
	metric_count(METRIC_DISCONNECTIONS);
	buf_free(&s->peer_text);
	buf_free(&s->caller_text);
	buf_free(&s->tag);
	buf_free(&s->user);
	free(s->via);
	free(s);
	*sp = NULL;
	login_drained(l);
}

void
session_end(struct session *s, const char *why)
{
	s->protocol->bye(s, why);
	conn_finish(&s->conn);
	session_free(&s);
}

static void
got_input(void *arg)
{
	struct session *s = arg;

	if (s->asking == NULL && s->proxy == NULL)
		s->protocol->input(s);
}

static void
secured(void *arg)
{
	struct session *s = arg;

	s->tls = s->trusted = true;
	s->starting_tls = false;
	if (s->login->conf->ask_client != ASK_NOBODY)
		s->certificate = tls_peer_new(conn_stream(s->conn),
		    s->login->conf->smtpd_tls_fingerprint_digest);
	if (s->login->conf->ask_client == ASK_AND_REQUIRE &&
	    (s->certificate == NULL || !s->certificate->trusted)) {
		log_info("no trusted client certificate, ip=[%s]",
		    buf_str(&s->peer_text));
		session_end(s, "A client certificate is wanted");
		return;
	}
	session_deadline(s);
	if (s->login->conf->tls_wrappermode || s->protocol->greets_again)
		s->protocol->greet(s);
}

static void
ended(void *arg, enum conn_end how)
{
	struct session *s = arg;

	if (how == CONN_NO_TLS)
		log_info("TLS handshake failed, ip=[%s]: %s",
		    buf_str(&s->peer_text), conn_error(s->conn));
	session_free(&s);
}

static const struct conn_calls session_calls = { got_input, secured, got_input,
	ended };

static bool
plaintext_trusted(const struct session *s)
{
	switch (s->login->conf->plaintext) {
	case PLAINTEXT_ALWAYS:
		return true;
	case PLAINTEXT_LOOPBACK:
		return address_is_loopback(&s->peer);
	case PLAINTEXT_NEVER:
		break;
	}
	return false;
}

/* Over a limit: one line, and away. */
static bool
over_limit(struct session *s)
{
	struct login *l = s->login;
	unsigned mine = address_count(l, s, 1);
	unsigned most = (unsigned)l->conf->login_client_limit;

	return l->session_count > (unsigned)l->conf->login_session_limit ||
	    (most > 0 && mine > most && !address_is_loopback(&s->peer) &&
		!upstream_trusted(s));
}

static struct session *
session_make(
    struct login *l, int fd, const struct address *peer, struct balanced *via)
{
	struct session *s = mem_new(sizeof(*s));

	s->login = l;
	s->protocol = l->protocol;
	s->peer = *peer;
	s->relay_fd = s->park_fd = -1;
	s->hops = PROXY_HOPS;
	s->via = via;
	if (via != NULL)
		s->local = via->to;
	else
		(void)sock_local(fd, &s->local);
	address_print(&s->peer_text, peer);
	buf_add_span(&s->caller_text, buf_span(&s->peer_text));
	list_add_tail(&l->sessions, &s->in);
	l->session_count++;
	metric_count(METRIC_CONNECTIONS);
	s->timer = loop_timer_new(l->loop, timed_out, s);
	s->trusted = plaintext_trusted(s);
	session_deadline(s);
	return s;
}

/* True: it is gone. */
static bool
end_over_limit(struct session *s)
{
	if (!over_limit(s))
		return false;
	log_warning("too many connections, ip=[%s]", buf_str(&s->peer_text));
	session_end(s, "Too many connections, try again later");
	return true;
}

void
session_return(struct login *l, struct conn **outer, struct span input,
    struct balanced *via)
{
	int fd = tls_stream_fd(conn_stream(*outer));
	struct address peer;
	struct session *s;

	if (!sock_remote(fd, &peer) || address_family(&peer) == AF_UNIX ||
	    !balanced_is(via, &peer)) {
		conn_free(outer);
		free(via);
		return;
	}
	s = session_make(l, fd, via != NULL ? &via->from : &peer, via);
	s->conn = *outer;
	*outer = NULL;
	conn_calls_set(s->conn, &session_calls, s);
	conn_input_max_set(s->conn, INPUT_ROOM);
	s->tls = conn_is_tls(s->conn);
	s->trusted = s->tls || s->trusted;
	if (s->tls && l->conf->ask_client != ASK_NOBODY)
		s->certificate = tls_peer_new(conn_stream(s->conn),
		    l->conf->smtpd_tls_fingerprint_digest);
	if (end_over_limit(s))
		return;
	conn_put_back(s->conn, input);
	session_resume(s);
}

void
session_start(
    struct login *l, int fd, const struct address *peer, struct balanced *via)
{
	struct session *s = session_make(l, fd, peer, via);

	s->conn = conn_new(l->loop, fd, &session_calls, s);
	conn_input_max_set(s->conn, INPUT_ROOM);
	if (end_over_limit(s))
		return;
	if (!l->conf->tls_wrappermode) {
		s->protocol->greet(s);
		conn_flush(s->conn);
	} else {
		s->starting_tls = true;
		conn_tls_accept(s->conn, l->tls);
	}
}

struct session *
session_of_page(struct login *l, int fd, const struct protocol *protocol,
    struct span address, void *page)
{
	struct address peer;
	struct session *s;

	if (!address_parse(address, 0, &peer))
		peer = (struct address){ .n = 0 };
	s = session_make(l, fd, &peer, NULL);
	/* the web server's account is what is limited */
	buf_clear(&s->caller_text);
	s->protocol = protocol;
	s->page = page;
	s->conn = conn_new(l->loop, fd, &session_calls, s);
	conn_input_max_set(s->conn, INPUT_ROOM);
	return s;
}

bool
session_accept(struct login *l, int listener)
{
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct address peer = { .n = 0 };
		int fd = sock_accept(listener, &peer);

		if (fd != -1 && balanced_expected(l, &peer)) {
			balanced_start(l, fd, &peer);
			continue;
		}
		if (fd != -1) {
			session_start(l, fd, &peer, NULL);
			continue;
		}
		if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)
			return true;
		log_warning("accept: %s", strerror(errno));
		return false;
	}
	return true;
}

bool
session_bad(struct session *s)
{
	if (++s->bad_commands < BAD_MAX)
		return false;
	session_end(s, "Too many errors");
	return true;
}

bool
session_may_login(const struct session *s)
{
	return s->trusted;
}

bool
session_offers_tls(const struct session *s)
{
	return s->login->tls != NULL && s->login->conf->starttls && !s->tls;
}

void
session_starttls(struct session *s)
{
	s->starting_tls = true;
	s->bad_commands = 0;
	buf_clear(&s->user);
	conn_tls_accept(s->conn, s->login->tls);
}

/* Hand the rest over and forget it. */
static void
passed_on(struct session *s)
{
	struct login *l = s->login;
	int inner = s->relay_fd, park_fd = s->park_fd;

	s->relay_fd = s->park_fd = -1;
	if (inner == -1)
		close(conn_detach(&s->conn));
	if (inner != -1 || park_fd != -1) {
		relay_start(l, &s->conn, inner, park_fd, s->via);
		s->via = NULL;
	}
	session_free(&s);
}

void
session_user_set(struct session *s, struct span user)
{
	buf_clear(&s->user);
	log_quote(&s->user, user, 255);
}

/* It may have been a guess. */
static bool
is_failure(enum auth_verdict verdict)
{
	return verdict != AUTH_TROUBLE && verdict != AUTH_LIMIT;
}

bool
session_refuse(struct session *s, enum auth_verdict verdict)
{
	s->protocol->refused(s, verdict);
	if (is_failure(verdict) && ++s->failures >= FAILURES_MAX) {
		session_end(s, "Too many failed logins");
		return false;
	}
	buf_clear(&s->user);
	return true;
}

/* The verdict, logged. */
static enum auth_verdict
failure_log(struct session *s, const struct auth_user *u)
{
	struct span text = u == NULL ? SPAN("auth is not available") : u->text;
	enum auth_verdict verdict = u == NULL ? AUTH_TROUBLE : u->verdict;

	if (text.n == 0)
		text = SPAN("auth could not check the password");
	if (verdict == AUTH_LIMIT)
		log_warning("login, user=%s, ip=[%s]: %.*s", buf_str(&s->user),
		    buf_str(&s->peer_text), (int)text.n, text.p);
	else if (verdict == AUTH_TROUBLE)
		log_error("login, user=%s: %.*s", buf_str(&s->user),
		    (int)text.n, text.p);
	else
		log_info("LOGIN FAILED, user=%s, ip=[%s%s]", buf_str(&s->user),
		    address_family(&s->peer) == AF_INET ? "::ffff:" : "",
		    buf_str(&s->peer_text));
	if (is_failure(verdict))
		metric_count(METRIC_LOGINS_FAILED);
	return verdict;
}

bool
session_refused(struct session *s, const struct auth_user *u)
{
	return session_refuse(s, failure_log(s, u));
}

void
session_ask(struct session *s, struct packet_out *o, channel_fn *fn)
{
	conn_pause(s->conn, true);
	s->asking = channel_ask(s->login->auth, o, fn, s);
}

void
session_answered(struct session *s)
{
	s->asking = NULL;
}

void
session_resume(struct session *s)
{
	conn_flush(s->conn);
	if (s->asking != NULL)
		return;
	conn_pause(s->conn, false);
	s->protocol->input(s); /* what was pipelined behind it */
}

void
session_wipe(struct packet_in *in)
{
	explicit_bzero(in->bytes.p, in->bytes.n);
	if (in->decoded.n > 0)
		explicit_bzero(in->decoded.p, in->decoded.n);
}

/* The mail is on another host. */
static void
elsewhere(struct session *s, struct packet_in *in)
{
	struct auth_user u = { .verdict = AUTH_TROUBLE,
		.text = SPAN("login_proxy_limit is reached") };
	struct auth_proxy p;
	bool good = auth_proxy_get(in, &p);

	sasl_server_free(&s->sasl);
	file_close(&s->relay_fd);
	file_close(&s->park_fd);
	if (good && !proxy_full(s->login)) {
		proxy_start(s, &p);
	} else {
		if (good) {
			file_close(&p.fd);
			file_close(&p.held);
		}
		if (session_refused(s, good ? &u : NULL))
			session_resume(s);
	}
	session_wipe(in);
}

static void
answered(void *arg, struct packet_in *in)
{
	struct session *s = arg;
	struct auth_user u;
	bool good;

	session_answered(s);
	session_deadline(s);
	if (in != NULL && span_is(in->call, "auth_proxy")) {
		elsewhere(s, in);
		return;
	}
	kept_forget(s);
	good = in != NULL && auth_user_get(in, &u);
	if (good && u.verdict == AUTH_OK) {
		passed_on(s);
		return;
	}
	file_close(&s->relay_fd);
	file_close(&s->park_fd);
	if (good && sasl_rejected(s, &u)) {
		(void)failure_log(s, &u);
		session_resume(s);
		return;
	}
	sasl_server_free(&s->sasl);
	if (session_refused(s, good ? &u : NULL))
		session_resume(s);
}

/* The descriptor for the new process: the client's own, or one end of a pair
 * whose other end a relay will serve. -1 with errno. */
static int
outward(struct session *s, int *own)
{
	int pair[2];

	*own = -1;
	if (!s->tls)
		return tls_stream_fd(conn_stream(s->conn));
	if (sock_pair(SOCK_STREAM, true, pair) == -1)
		return -1;
	s->relay_fd = pair[0];
	*own = pair[1];
	return pair[1];
}

/* The socket by which its imapd may leave the client to us, and ask for
 * folders of others; -1: none. */
static int
park_socket(struct session *s)
{
	const struct login *l = s->login;
	int pair[2];

	bool parks =
	    l->conf->imap_park_after > 0 && l->conf->imap_park_limit > 0;

	if (s->protocol != &protocol_imap || !(parks || l->conf->imap_acl) ||
	    sock_pair(SOCK_SEQPACKET, true, pair) == -1)
		return -1;
	s->park_fd = pair[0];
	return pair[1];
}

static struct auth_check
check_of(const struct session *s, struct span user, struct span password,
    const char *mechanism)
{
	return (struct auth_check){
		.service = span_str(s->protocol->name),
		.proof = PROOF_PASSWORD,
		.mechanism = span_str(mechanism),
		.user = user,
		.secret = password.n == 0 ? SPAN("") : password,
		.client_addr = buf_span(&s->peer_text),
		.client_port = address_port(&s->peer),
		.tls = s->tls,
	};
}

static void
certificate_take(const struct session *s, struct auth_check *c)
{
	const struct tls_peer *p = s->certificate;

	c->proof = PROOF_EXTERNAL;
	if (p == NULL)
		return;
	c->certificate.fingerprint = buf_span(&p->fingerprint);
	c->certificate.key_fingerprint = buf_span(&p->key_fingerprint);
	if (p->trusted)
		c->certificate.subject = buf_span(&p->subject);
}

struct auth_check
session_check(struct session *s, const struct sasl_credentials *c,
    const struct sasl_mechanism *m)
{
	struct auth_check check = check_of(s, c->user, c->password, m->name);

	check.authzid = c->authzid;
	if ((m->flags & SASL_TOKEN) != 0) {
		check.proof = PROOF_TOKEN;
	} else if ((m->flags & SASL_SCRAM) != 0) {
		check.proof = PROOF_SCRAM;
		check.secret = c->proof;
		check.scram = (struct auth_scram){ c->client_first,
			c->server_first, c->client_final, c->seal };
	} else if ((m->flags & SASL_EXTERNAL) != 0) {
		certificate_take(s, &check);
	}
	session_user_set(s,
	    c->user.n > 0          ? c->user
		: c->authzid.n > 0 ? c->authzid
				   : check.certificate.fingerprint);
	return check;
}

static void
login(struct session *s, const struct auth_check *c)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf local = BUF_EMPTY;
	int own = -1;
	struct auth_handover h = { .tag = buf_span(&s->tag),
		.via = span_str(log_ident()), /* "imapd-ssl", ... */
		.fd = outward(s, &own),
		.park = park_socket(s) };

	address_print(&local, &s->local);
	h.local_addr = buf_span(&local);
	if (!s->tls)
		h.input = conn_input(s->conn);
	/* the client has done his part: time runs on with his next try */
	loop_timer_stop(s->timer);
	kept_set(s, c);
	auth_login_put(&o, c, &h);
	session_ask(s, &o, answered);
	packet_done(&o);
	file_close(&own);
	file_close(&h.park);
	buf_free(&local);
}

void
session_login(struct session *s, struct span user, struct span password,
    const char *mechanism)
{
	struct auth_check c = check_of(s, user, password, mechanism);

	session_user_set(s, user);
	login(s, &c);
}

void
session_login_sasl(struct session *s, const struct sasl_credentials *c,
    const struct sasl_mechanism *m)
{
	struct auth_check check = session_check(s, c, m);

	login(s, &check);
}
