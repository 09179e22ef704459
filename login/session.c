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
#include "base/table.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "login/conf.h"
#include "login/login.h"
#include "os/loop.h"
#include "sasl/sasl_server.h"
#include "service/service.h"
#include "tls/conn.h"

enum { ACCEPT_BATCH = 32, BAD_MAX = 10, FAILURES_MAX = 3 };
enum { INPUT_ROOM = 16384 };

/* How many sessions this address has; changed by delta. */
static unsigned
address_count(struct login *l, const struct session *s, int delta)
{
	struct span key = buf_span(&s->peer_text);
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
	loop_timer_free(&s->timer);
	sasl_server_free(&s->sasl);
	if (s->relay_fd != -1)
		close(s->relay_fd);
	conn_free(&s->conn);
	list_remove(&s->in);
	l->session_count--;
	buf_free(&s->peer_text);
	buf_free(&s->tag);
	buf_free(&s->user);
	free(s);
	*sp = NULL;
	if (service_draining() && l->session_count == 0 &&
	    list_empty(&l->relays))
		service_exit();
}

void
session_end(struct session *s, const char *why)
{
	s->login->protocol->bye(s, why);
	conn_finish(&s->conn);
	session_free(&s);
}

static void
got_input(void *arg)
{
	struct session *s = arg;

	if (s->asking == NULL)
		s->login->protocol->input(s);
}

static void
secured(void *arg)
{
	struct session *s = arg;

	s->tls = s->trusted = true;
	s->starting_tls = false;
	session_deadline(s);
	if (s->login->conf->tls_wrappermode)
		s->login->protocol->greet(s);
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

static const struct conn_calls session_calls = { got_input, secured, NULL,
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
	    (most > 0 && mine > most && !address_is_loopback(&s->peer));
}

static void
session_new(struct login *l, int fd, const struct address *peer)
{
	struct session *s = mem_new(sizeof(*s));

	s->login = l;
	s->peer = *peer;
	s->relay_fd = -1;
	(void)sock_local(fd, &s->local);
	address_print(&s->peer_text, peer);
	list_add_tail(&l->sessions, &s->in);
	l->session_count++;
	s->conn = conn_new(l->loop, fd, &session_calls, s);
	conn_input_max_set(s->conn, INPUT_ROOM);
	s->timer = loop_timer_new(l->loop, timed_out, s);
	s->trusted = plaintext_trusted(s);
	session_deadline(s);
	if (over_limit(s)) {
		log_warning(
		    "too many connections, ip=[%s]", buf_str(&s->peer_text));
		session_end(s, "Too many connections, try again later");
	} else if (!l->conf->tls_wrappermode) {
		l->protocol->greet(s);
		conn_flush(s->conn);
	} else {
		s->starting_tls = true;
		conn_tls_accept(s->conn, l->tls);
	}
}

void
session_accept(struct login *l, int listener)
{
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		struct address peer = { .n = 0 };
		int fd = sock_accept(listener, &peer);

		if (fd != -1) {
			session_new(l, fd, &peer);
			continue;
		}
		if (errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			log_warning("accept: %s", strerror(errno));
		return;
	}
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

	if (s->relay_fd != -1) {
		int inner = s->relay_fd;

		s->relay_fd = -1;
		relay_start(l, &s->conn, inner);
	} else {
		close(conn_detach(&s->conn));
	}
	session_free(&s);
}

static void
answered(void *arg, struct packet_in *in)
{
	struct session *s = arg;
	struct auth_user u = { .verdict = AUTH_TROUBLE };

	s->asking = NULL;
	if (in == NULL || !auth_user_get(in, &u)) {
		u.verdict = AUTH_TROUBLE;
		u.text = SPAN("auth is not available");
	}
	if (u.verdict == AUTH_TROUBLE && u.text.n == 0)
		u.text = SPAN("auth could not check the password");
	if (u.verdict == AUTH_OK) {
		passed_on(s);
		return;
	}
	if (s->relay_fd != -1) {
		close(s->relay_fd);
		s->relay_fd = -1;
	}
	if (u.verdict == AUTH_TROUBLE)
		log_error("login, user=%s: %.*s", buf_str(&s->user),
		    (int)u.text.n, u.text.p);
	else
		log_info("LOGIN FAILED, user=%s, ip=[%s%s]", buf_str(&s->user),
		    address_family(&s->peer) == AF_INET ? "::ffff:" : "",
		    buf_str(&s->peer_text));
	session_deadline(s);
	s->login->protocol->refused(s, u.verdict);
	if (u.verdict != AUTH_TROUBLE && ++s->failures >= FAILURES_MAX) {
		session_end(s, "Too many failed logins");
		return;
	}
	buf_clear(&s->user);
	conn_flush(s->conn);
	conn_pause(s->conn, false);
	s->login->protocol->input(s); /* what was pipelined behind it */
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

void
session_login(struct session *s, struct span user, struct span authzid,
    struct span password, const char *mechanism)
{
	struct login *l = s->login;
	struct packet_out o = { .fd_count = 0 };
	struct buf local = BUF_EMPTY;
	int own = -1;
	struct auth_check c = { .service = span_str(l->protocol->name),
		.proof = PROOF_PASSWORD,
		.mechanism = span_str(mechanism),
		.user = user,
		.authzid = authzid,
		.secret = password,
		.client_addr = buf_span(&s->peer_text),
		.client_port = address_port(&s->peer),
		.tls = s->tls };
	struct auth_handover h = { .tag = buf_span(&s->tag),
		.via = span_str(log_ident()), /* "imapd-ssl", ... */
		.fd = outward(s, &own) };

	buf_clear(&s->user);
	log_quote(&s->user, user, 255);
	address_print(&local, &s->local);
	h.local_addr = buf_span(&local);
	if (!s->tls)
		h.input = conn_input(s->conn);
	loop_timer_stop(s->timer);
	conn_pause(s->conn, true);
	auth_login_put(&o, &c, &h);
	s->asking = channel_ask(l->auth, &o, answered, s);
	packet_done(&o);
	if (own != -1)
		close(own);
	buf_free(&local);
}
