/*
 * session.c - one client's connection: its life, its turns, its end
 *
 * Everything that can happen (bytes, an answer of another service, a timer)
 * ends in session_run(), which takes what can be taken from the input and frees
 * the session when it is over. While a command waits for an answer, input is
 * left lying: commands run one after the other, as they came.
 */

#include "smtpd/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/must.h"
#include "intake/checks.h"
#include "intake/content.h"
#include "ipc/channel.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sock.h"
#include "sasl/sasl_server.h"
#include "smtpd/cidr_list.h"
#include "smtpd/clean.h"
#include "smtpd/command.h"
#include "smtpd/conf.h"
#include "smtpd/debug_peer.h"
#include "smtpd/errors.h"
#include "smtpd/facts.h"
#include "smtpd/filter.h"
#include "smtpd/footer.h"
#include "smtpd/limits.h"
#include "smtpd/log.h"
#include "smtpd/mauth.h"
#include "smtpd/milters.h"
#include "smtpd/policy.h"
#include "smtpd/policy_server.h"
#include "smtpd/queue.h"
#include "smtpd/screen.h"
#include "smtpd/smtpd.h"
#include "tls/conn.h"
#include "tls/tls_peer.h"

bool
session_is_tls(const struct session *s)
{
	return s->conn != NULL && conn_is_tls(s->conn);
}

const char *
session_protocol(const struct session *s)
{
	bool tls = session_is_tls(s);

	if (s->smtpd->lmtp && s->sasl_username != NULL)
		return tls ? "LMTPSA" : "LMTPA"; /* RFC 3848 */
	if (s->smtpd->lmtp)
		return tls ? "LMTPS" : "LMTP";
	if (!s->esmtp)
		return "SMTP";
	if (s->sasl_username != NULL)
		return tls ? "ESMTPSA" : "ESMTPA";
	return tls ? "ESMTPS" : "ESMTP";
}

struct mail *
session_mail_begin(struct session *s)
{
	must(s->mail == NULL);
	s->mail = mem_new(sizeof(*s->mail));
	s->mail->arena = arena_new();
	s->mail->fd = -1;
	s->mail->instance = ++s->smtpd->instances;
	return s->mail;
}

void
session_mail_end(struct session *s)
{
	struct mail *m = s->mail;

	s->state = s->helo == NULL ? AT_START : AT_HELLO;
	facts_free(&s->facts);
	if (m == NULL)
		return;
	xforward_reset(s);
	filter_free(&m->filter);
	if (!m->qid_done)
		queue_abort(s, m);
	file_close(&m->fd);
	clean_end(m);
	mauth_end(m);
	judge_abort(s);
	checks_free(&m->milter_checks);
	buf_free(&m->milter_edits);
	buf_free(&m->edits);
	content_free(&m->content);
	buf_free(&m->prepend);
	free(m->rcpts);
	arena_free(&m->arena);
	free(m);
	s->mail = NULL;
}

void
session_reset(struct session *s)
{
	session_mail_end(s);
	xforward_reset(s);
	s->state = AT_START;
	s->esmtp = false;
	mem_free(&s->helo);
	mem_free(&s->sasl_method);
	mem_free(&s->sasl_username);
	mem_free(&s->sasl_proved);
	sasl_server_free(&s->sasl);
}

void
session_free(struct session **sp)
{
	struct session *s = *sp;
	struct smtpd *smtpd;

	*sp = NULL;
	if (s == NULL)
		return;
	smtpd = s->smtpd;
	errors_end(s);
	channel_cancel(&s->call);
	opening_orphan(&s->opening);
	tls_peer_free(&s->peer);
	screen_free(&s->screen);
	buf_free(&s->screened.text);
	policy_query_free(&s->query);
	policy_free(&s->policy);
	session_reset(s);
	judge_end(s);
	loop_timer_free(&s->timer);
	conn_free(&s->conn);
	limits_leave(&s->counted, clock_ms());
	client_done(&s->client);
	arena_free(&s->etrn_arena);
	xforward_reset(s);
	footer_free(&s->footer);
	buf_free(&s->filtering);
	buf_free(&s->held);
	list_remove(&s->in);
	free(s);
	smtpd->session_count--;
	metric_count(METRIC_DISCONNECTIONS);
	smtpd_drained(smtpd);
}

void
session_close(struct session *s)
{
	s->closing = true;
}

/* The last words are written. */
static void
end(struct session *s)
{
	event_disconnect(s);
	conn_finish(&s->conn);
	session_free(&s);
}

void
session_dismiss(struct session *s, enum reply why)
{
	reply_say(s, why, span_str(s->smtpd->conf->myhostname));
	end(s);
}

/* The client's turn begins: it has so long for its next command, however its
 * bytes drip; without smtpd_per_request_deadline so long for the next of them.
 */
static void
turn_begin(struct session *s)
{
	const struct smtpd_conf *conf = s->smtpd->conf;

	if (s->deadline_ms != 0) {
		if (!conf->smtpd_per_request_deadline)
			s->deadline_ms =
			    clock_ms() + conf->smtpd_timeout * 1000;
		return;
	}
	s->turn_bytes = 0;
	s->turn_begun = clock_ms();
	s->deadline_ms = s->turn_begun + conf->smtpd_timeout * 1000;
	loop_timer_set(s->timer, conf->smtpd_timeout * 1000);
}

static void
turn_end(struct session *s)
{
	s->deadline_ms = 0;
}

/* Content earns more time, as long as it flows. */
static void
turn_extend(struct session *s, size_t bytes)
{
	const struct smtpd_conf *conf = s->smtpd->conf;
	int64_t idle = clock_ms() + conf->smtpd_timeout * 1000, whole = idle;

	s->turn_bytes += bytes;
	if (conf->smtpd_per_request_deadline && conf->smtpd_min_data_rate > 0)
		whole = s->turn_begun + conf->smtpd_timeout * 1000 +
		    (int64_t)(s->turn_bytes * 1000 /
			(uint64_t)conf->smtpd_min_data_rate);
	s->deadline_ms = whole < idle ? whole : idle;
}

static void
timed(void *arg)
{
	struct session *s = arg;
	int64_t left = s->deadline_ms - clock_ms();

	if (s->sleeping) {
		s->sleeping = false;
		debug_told(s, buf_span(&s->held));
		errors_told(s, buf_span(&s->held));
		conn_write(s->conn, buf_span(&s->held));
		buf_free(&s->held);
		s->busy = false;
		session_run(s);
		return;
	}
	if (s->deadline_ms == 0)
		return;
	if (left > 0) {
		loop_timer_set(s->timer, left);
		return;
	}
	event_after(s, "timeout");
	s->reason = "timeout";
	if (s->shaking) {
		conn_free(&s->conn);
		event_disconnect(s);
		session_free(&s);
	} else {
		session_dismiss(s, REPLY_TIMEOUT);
	}
}

/* A command line that never ends: pass over it, remembering only that. */
static bool
line_overlong(struct session *s, struct span in)
{
	size_t at = span_find(in, '\n');

	conn_take(s->conn, at < in.n ? at + 1 : at);
	if (at == in.n)
		return true;
	s->reading = READ_COMMAND;
	s->busy = true;
	turn_end(s);
	if (s->sasl != NULL) {
		auth_line(s, span_of(NULL, 0));
		return true;
	}
	s->command = COUNT_UNKNOWN;
	s->total[COUNT_UNKNOWN]++;
	s->where = "UNKNOWN";
	reply(s, REPLY_LINE_TOO_LONG);
	return true;
}

/* S1: whoever sends a lone LF (or CR) may be smuggling. */
static void
bare_newline(struct session *s)
{
	const struct smtpd_conf *conf = s->smtpd->conf;

	event_after(s, "bare newline");
	session_close(s);
	reply_coded(s, REPLY_BARE_NEWLINE,
	    conf->smtpd_forbid_bare_newline_reject_code,
	    span_str(conf->myhostname));
}

/* True when something was taken. */
static bool
line_input(struct session *s, struct span in)
{
	/* RFC 4954, 4: an initial response may be as long as others */
	size_t most = s->reading == READ_AUTH || span_istarts(in, "AUTH ")
	    ? (size_t)s->smtpd->conf->smtpd_sasl_response_limit
	    : (size_t)s->smtpd->conf->check.line_length_limit;
	size_t at = span_find(span_head(in, most + 2), '\n');
	bool last, bare, auth = s->reading == READ_AUTH;
	struct span line;
	char *copy;

	if (at > most + 1) {
		s->reading = READ_OVERLONG;
		return true;
	}
	if (at == in.n)
		return false;
	bare = at == 0 || in.p[at - 1] != '\r';
	line = span_head(in, bare ? at : at - 1);
	arena_clear(s->smtpd->scratch);
	copy = arena_span_str(s->smtpd->scratch, line);
	line = span_of(copy, line.n);
	last = in.n == at + 1;
	conn_take(s->conn, at + 1);
	turn_end(s);
	s->busy = true;
	debug_said(s, line, auth);
	errors_said(s, line, auth);
	if (bare && screen_watches(s, SCREEN_BARE_NEWLINE) &&
	    !screen_caught(s, SCREEN_BARE_NEWLINE, auth ? SPAN("") : line))
		; /* it has been dropped */
	else if (bare && !s->client.bare_newline)
		bare_newline(s);
	else if (auth)
		auth_line(s, line);
	else
		command_take(s, line, last);
	explicit_bzero(copy, line.n); /* it may have held a password */
	return true;
}

static bool
content_input(struct session *s, struct span in)
{
	size_t used;

	if (in.n == 0)
		return false;
	turn_extend(s, in.n);
	used = data_input(s, in);
	conn_take(s->conn, used);
	return true;
}

/* Between two commands: is there a reason to end? */
static bool
last_words(struct session *s)
{
	struct span myhostname = span_str(s->smtpd->conf->myhostname);

	if (s->errors >= (unsigned)s->smtpd->conf->smtpd_hard_error_limit) {
		event_after(s, "too many errors");
		reply_say(s, REPLY_TOO_MANY_ERRORS, myhostname);
		session_close(s);
	} else if (s->smtpd->stopping && s->mail == NULL) {
		reply_say(s, REPLY_SHUTDOWN, myhostname);
		session_close(s);
	}
	return s->closing;
}

/* Take one thing from the input; false when nothing can be taken. */
static bool
input_one(struct session *s)
{
	struct span in = conn_input(s->conn);

	switch (s->reading) {
	case READ_COMMAND:
		return !last_words(s) && line_input(s, in);
	case READ_SCREEN:
		if (in.n > 0)
			screen_talked(s);
		return in.n > 0;
	case READ_AUTH:
		return line_input(s, in);
	case READ_CONTENT:
	case READ_CHUNK:
		return content_input(s, in);
	case READ_OVERLONG:
		return in.n > 0 && line_overlong(s, in);
	}
	return false;
}

void
session_run(struct session *s)
{
	while (
	    !s->busy && !s->closing && conn_has_room(s->conn) && input_one(s))
		;
	if ((s->busy && !s->closing) || s->footer != NULL) {
		conn_flush(s->conn);
		return;
	}
	if (!s->closing && s->eof && !conn_full(s->conn)) {
		event_after(s, "lost connection");
		s->reason = "lost connection";
		session_close(s);
	}
	if (s->closing && !s->sleeping) {
		end(s);
		return;
	}
	turn_begin(s);
	conn_flush(s->conn);
}

static void
answer_came(void *arg, struct packet_in *in)
{
	struct session *s = arg;
	session_fn *fn = s->answered;

	s->call = NULL;
	s->answered = NULL;
	fn(s, in);
	session_run(s);
}

void
session_ask(struct session *s, struct channel *channel, struct packet_out *o,
    session_fn *fn)
{
	must(s->call == NULL);
	s->answered = fn;
	s->call = channel_ask(channel, o, answer_came, s);
}

static void
input(void *arg)
{
	struct session *s = arg;

	if (!s->busy)
		session_run(s);
}

static void
drained(void *arg)
{
	input(arg);
}

/* Only where TLS itself is demanded, as in Postfix. */
static bool
certificate_missing(const struct session *s)
{
	if (!s->smtpd->conf->smtpd_tls_req_ccert ||
	    s->smtpd->tls_level != TLS_MUST ||
	    (s->peer != NULL && s->peer->trusted))
		return false;
	log_info("NOQUEUE: abort: TLS from %s: %s", s->client.label,
	    s->peer == NULL ? "No client certificate presented"
			    : "Client certificate not trusted");
	return true;
}

static void
secured(void *arg)
{
	struct session *s = arg;

	s->shaking = false;
	turn_end(s);
	s->peer = tls_peer_new(
	    conn_stream(s->conn), s->smtpd->conf->smtpd_tls_fingerprint_digest);
	event_tls(s);
	if (certificate_missing(s)) {
		session_dismiss(s, REPLY_NEED_CERTIFICATE);
		return;
	}
	if (s->greeted)
		s->busy = false;
	else
		hello_greet(s);
	session_run(s);
}

static void
ended(void *arg, enum conn_end how)
{
	struct session *s = arg;

	if (how == CONN_EOF) {
		s->eof = true;
		if (!s->busy)
			session_run(s);
		return;
	}
	if (how == CONN_NO_TLS)
		log_info("SSL_accept error from %s: %s", s->client.label,
		    conn_error(s->conn));
	event_after(s, "lost connection");
	event_disconnect(s);
	session_free(&s);
}

/* The handshake has a time of its own. */
void
session_secure(struct session *s)
{
	int64_t ms = s->smtpd->conf->smtpd_starttls_timeout * 1000;

	s->shaking = true;
	s->busy = true;
	s->deadline_ms = clock_ms() + ms;
	loop_timer_set(s->timer, ms);
	conn_tls_accept(s->conn, s->smtpd->tls);
	conn_pause(s->conn, false);
}

struct session *
session_idlest(const struct smtpd *smtpd)
{
	LIST_EACH(at, &smtpd->sessions)
	{
		struct session *s = LIST_OF(at, struct session, in);

		if (s->mail == NULL && !s->busy)
			return s;
	}
	return NULL;
}

static struct session *
session_new(struct smtpd *smtpd, int fd, const struct address *from,
    const struct address *to)
{
	static const struct conn_calls calls = {
		.input = input,
		.secured = secured,
		.drained = drained,
		.ended = ended,
	};
	struct session *s = mem_new(sizeof(*s));
	struct span own;

	s->smtpd = smtpd;
	client_init(&s->client, smtpd, from);
	client_server(&s->client, to);
	own = span_of(s->client.bytes, s->client.bytes_n);
	s->may_xclient = cidr_list_has(smtpd->xclient, own);
	s->may_xforward = cidr_list_has(smtpd->xforward, own);
	s->instance = ++smtpd->instances;
	s->conn = conn_new(smtpd->loop, fd, &calls, s);
	conn_input_max_set(s->conn,
	    (size_t)smtpd->conf->smtpd_sasl_response_limit + CONN_INPUT_MAX);
	/* a handshake that comes at once must not be taken for plain text while
	 * the client's name is sought */
	conn_pause(s->conn, smtpd->conf->smtpd_tls_wrappermode);
	s->counted = limits_enter(smtpd->limits, own, clock_ms());
	s->timer = loop_timer_new(smtpd->loop, timed, s);
	s->features = smtpd->features;
	s->state = AT_START;
	s->where = "CONNECT";
	list_add_tail(&smtpd->sessions, &s->in);
	smtpd->session_count++;
	metric_count(METRIC_CONNECTIONS);
	return s;
}

void
session_start_for(struct smtpd *smtpd, int fd, const struct address *from,
    const struct address *to)
{
	struct address local;
	struct session *s;

	if (to == NULL && sock_local(fd, &local))
		to = &local;
	s = session_new(smtpd, fd, from, to);
	s->busy = true;
	hello_begin(s);
	session_run(s);
}

void
session_start(struct smtpd *smtpd, int fd, const struct address *from)
{
	session_start_for(smtpd, fd, from, NULL);
}
