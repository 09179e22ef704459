/*
 * session.c - one conversation with one server, SMTP or LMTP
 *
 * Dialling, deadlines, and which part reads the next reply. A deadline is set
 * for each reply and for each stretch of content; a byte now and then does not
 * move it. A session that ends inside one of its callbacks is freed when the
 * last of them has returned.
 */

#include "smtp/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "ipc/channel.h"
#include "maps/match_list.h"
#include "os/clock.h"
#include "os/dial.h"
#include "os/loop.h"
#include "smtp/content.h"
#include "smtp/destination.h"
#include "smtp/errors.h"
#include "smtp/inside.h"
#include "smtp/quirks.h"
#include "smtp/tables.h"
#include "tls/conn.h"

enum { TEXT_MAX = 1000 };

bool
session_greeted(const struct session *s)
{
	return s->greeted;
}

bool
session_tls_broke(const struct session *s)
{
	return s->tls_broke;
}

bool
session_chunk_broke(const struct session *s)
{
	return s->chunk_broke;
}

bool
session_tls_unfit(const struct session *s)
{
	return s->tls_unfit;
}

const struct session_setup *
session_setup_of(const struct session *s)
{
	return &s->setup;
}

bool
session_reusable(const struct session *s)
{
	const struct smtp_conf *c = s->env->conf;

	return s->state == READY && !s->closed &&
	    (!s->secured || c->smtp_tls_connection_reuse || s->setup.reuse) &&
	    (c->smtp_connection_reuse_count_limit == 0 ||
		s->uses < (unsigned)c->smtp_connection_reuse_count_limit) &&
	    clock_ms() - s->opened_ms <
	    c->smtp_connection_reuse_time_limit * 1000;
}

bool
session_was_stale(const struct session *s)
{
	return s->stale;
}

void
session_rebind(struct session *s, const struct session_calls *calls, void *arg)
{
	must(s->state == READY);
	s->calls = calls;
	s->arg = arg;
}

void
session_expect(
    struct session *s, enum state state, const char *doing, int64_t seconds)
{
	s->state = state;
	s->doing = doing;
	loop_timer_set(s->deadline, seconds * 1000);
}

void
reply_text(const struct smtp_reply *r, struct buf *out)
{
	struct buf line = BUF_EMPTY;
	struct span rest = buf_span(&r->raw), part;

	buf_printf(&line, "%d", r->code);
	while (span_line(&rest, &part)) {
		buf_add_byte(&line, ' ');
		buf_add_span(&line, part);
	}
	log_quote(out, buf_span(&line), TEXT_MAX);
	buf_free(&line);
}

/* The server's enhanced code, or what its code says of itself. This is only
 * asked where something went wrong: success in the wrong place is none. */
static void
status_of(const struct smtp_reply *r, char *status, size_t size)
{
	int class = r->code / 100 == 5 ? 5 : 4;

	if (r->status[0] == '0' + class)
		snprintf(status, size, "%s", r->status);
	else
		snprintf(status, size, "%d.0.0", class);
}

void
reply_why(const struct session *s, const struct smtp_reply *r,
    const char *command, struct why *why)
{
	struct buf text = BUF_EMPTY;
	char status[sizeof(why->status)];

	reply_text(r, &text);
	status_of(r, status, sizeof(status));
	if (command == NULL)
		why_set(why, status, "host %s refused to talk to me: %s",
		    s->name, buf_str(&text));
	else
		why_set(why, status, "host %s said: %s (in reply to %s)",
		    s->name, buf_str(&text), command);
	buf_free(&text);
}

void
session_note(struct session *s, char side, struct span text)
{
	struct span line;

	errors_note(s, side, text);
	while (s->debug && span_line(&text, &line)) {
		struct buf clean = BUF_EMPTY;

		log_quote(&clean, line, TEXT_MAX);
		log_info("%c %s: %s", side, s->name, buf_str(&clean));
		buf_free(&clean);
	}
}

void
session_say(struct session *s, struct span line)
{
	session_note(s, '>', line);
	conn_write(s->conn, line);
}

static void
debug_find(struct session *s)
{
	const struct smtp_conf *c = s->env->conf;
	const struct target *t = s->setup.target;
	struct buf address = BUF_EMPTY;
	struct why why;

	if (c->debug_peers == NULL)
		return;
	why_init(&why);
	if (t->path == NULL)
		address_print(&address, &t->address);
	s->debug = match_list_host(c->debug_peers, span_str(t->host),
		       buf_span(&address), &why) == MATCH_YES;
	why_free(&why);
	buf_free(&address);
}

static void
session_free(struct session *s)
{
	errors_end(s);
	dial_cancel(&s->dial);
	channel_cancel(&s->asking);
	conn_free(&s->conn);
	loop_timer_free(&s->deadline);
	loop_timer_free(&s->pump);
	smtp_reply_free(&s->reader);
	tables_cancel(&s->tables);
	tables_cancel(&s->filtering);
	auth_free(&s->auth);
	content_free(&s->content);
	arena_free(&s->arena);
	arena_free(&s->heard);
	free(s->name);
	free(s);
}

/* The reply to QUIT came, or never will. */
static void
quit_over(void *arg, const struct why *why)
{
	struct session *s = arg;

	(void)why;
	s->closed = true; /* freed by who called this */
}

void
session_close(struct session **sp)
{
	static const struct session_calls quitting = { .failed = quit_over };
	struct session *s = *sp;

	*sp = NULL;
	if (s == NULL)
		return;
	if (s->conn != NULL && s->state == READY) {
		session_say(s, SPAN("QUIT\r\n"));
		if (!s->env->conf->smtp_skip_quit_response) {
			conn_flush(s->conn);
			s->calls = &quitting;
			s->arg = s;
			session_expect(s, QUITTING, "sending QUIT",
			    s->env->conf->smtp_quit_timeout);
			return;
		}
		conn_finish(&s->conn);
	}
	s->closed = true;
	s->state = ENDED;
	if (s->busy == 0)
		session_free(s);
}

void
session_enter(struct session *s)
{
	s->busy++;
}

void
session_leave(struct session *s)
{
	must(s->busy > 0);
	if (--s->busy == 0 && s->closed)
		session_free(s);
}

void
session_fail(struct session *s, const struct why *why)
{
	struct why copy;

	if (s->state == ENDED)
		return;
	why_init(&copy);
	why_copy(&copy, why);
	s->stale = s->uses > 1 && s->letter != NULL &&
	    (s->state == RESETTING || s->state == FORWARDING ||
		(s->state == ENVELOPE && s->answered == 0));
	transact_broken(s, &copy);
	s->state = ENDED;
	loop_timer_stop(s->deadline);
	loop_timer_stop(s->pump);
	tables_cancel(&s->filtering);
	conn_free(&s->conn);
	s->calls->failed(s->arg, &copy);
	why_free(&copy);
}

/* Part as one should: say QUIT where the server would hear it (RFC 5321,
 * 4.1.1.10). */
static void
say_quit(struct session *s, const struct smtp_reply *r)
{
	bool hears = s->state == GREETING || s->state == HELLO ||
	    s->state == HELLO_OLD || s->state == STARTTLS ||
	    s->state == LOOKING_UP || s->state == AUTH ||
	    s->state == RESETTING || s->state == FORWARDING;

	if (s->conn == NULL || !hears || (r != NULL && r->code == 421))
		return;
	session_say(s, SPAN("QUIT\r\n"));
	conn_finish(&s->conn);
}

void
session_leave_politely(struct session *s, const struct why *why)
{
	say_quit(s, NULL);
	session_fail(s, why);
}

void
session_refused(
    struct session *s, const struct smtp_reply *r, const char *command)
{
	struct why why;

	why_init(&why);
	reply_why(s, r, command, &why);
	say_quit(s, r);
	session_fail(s, &why);
	why_free(&why);
}

void
session_is_ready(struct session *s, bool first)
{
	s->state = READY;
	s->doing = "waiting for the next message";
	loop_timer_stop(s->deadline);
	if (first)
		s->calls->ready(s->arg);
	else
		s->calls->sent(s->arg);
}

static void
timed(void *arg)
{
	struct session *s = arg;
	struct why why;

	session_enter(s);
	why_init(&why);
	why_set(&why, "4.4.2", "conversation with %s timed out while %s",
	    s->name, s->doing);
	session_fail(s, &why);
	why_free(&why);
	session_leave(s);
}

void
session_take_reply(struct session *s, const struct smtp_reply *r)
{
	errors_reply(s, r);
	switch (s->state) {
	case GREETING:
		hello_greeting(s, r);
		break;
	case HELLO:
	case HELLO_OLD:
		hello_reply(s, r);
		break;
	case STARTTLS:
		secure_reply(s, r);
		break;
	case AUTH:
		auth_reply(s, r);
		break;
	case RESETTING:
	case FORWARDING:
	case ENVELOPE:
	case CONTENT:
	case FINAL_DOT:
	case EMPTY_DOT:
		transact_reply(s, r);
		break;
	case QUITTING:
	case READY:
	case LOOKING_UP:
		/* "421 idle for too long" and the like */
		session_refused(s, r, "nothing");
		break;
	case DIALLING:
	case SHAKING:
	case ENDED:
		break;
	}
}

static void
input(void *arg)
{
	struct session *s = arg;

	session_enter(s);
	replies_input(s);
	session_leave(s);
}

static void
secured(void *arg)
{
	struct session *s = arg;

	session_enter(s);
	secure_done(s);
	session_leave(s);
}

static void
drained(void *arg)
{
	struct session *s = arg;

	session_enter(s);
	if (s->state == CONTENT || (s->state == FINAL_DOT && s->chunk))
		transfer_more(s);
	session_leave(s);
}

void
session_lost(struct session *s)
{
	struct why why;

	why_init(&why);
	why_set(&why, "4.4.2", "lost connection with %s while %s", s->name,
	    s->doing);
	session_fail(s, &why);
	why_free(&why);
}

static void
ended(void *arg, enum conn_end how)
{
	struct session *s = arg;

	session_enter(s);
	if (how == CONN_NO_TLS)
		secure_failed(s, conn_error(s->conn));
	else if (s->filtering != NULL)
		s->gone = true; /* its last words come first */
	else
		session_lost(s);
	session_leave(s);
}

static void
begin(struct session *s)
{
	const struct smtp_conf *c = s->env->conf;

	if (c->smtp_tls_wrappermode && s->setup.tls != LEVEL_NONE)
		secure_begin(s);
	else
		session_expect(s, GREETING,
		    "receiving the initial server greeting",
		    c->smtp_helo_timeout);
}

static void
connected(struct session *s, int fd)
{
	static const struct conn_calls calls = { .input = input,
		.secured = secured,
		.drained = drained,
		.ended = ended };

	s->conn = conn_new(s->env->loop, fd, &calls, s);
	begin(s);
}

static void
not_connected(struct session *s, const char *text)
{
	struct why why;

	why_init(&why);
	why_set(
	    &why, "4.4.1", "connect to %s: %s", s->setup.target->text, text);
	session_fail(s, &why);
	why_free(&why);
}

static const struct address *
bind_to(const struct smtp_conf *c, const struct address *to)
{
	if (address_family(to) == AF_INET6)
		return c->bind6 ? &c->bind6_address : NULL;
	return c->bind4 ? &c->bind4_address : NULL;
}

/* smtp_bind_address is no address of this machine, and need not be used. */
static bool
may_unbind(struct session *s)
{
	const struct smtp_conf *c = s->env->conf;
	const struct target *t = s->setup.target;

	if (s->unbound || c->smtp_bind_address_enforce ||
	    bind_to(c, &t->address) == NULL)
		return false;
	log_warning("%s: smtp_bind_address%s cannot be used: %s", t->text,
	    address_family(&t->address) == AF_INET6 ? "6" : "",
	    strerror(EADDRNOTAVAIL));
	s->unbound = true;
	return true;
}

static void
dialled(void *arg, int fd, int error)
{
	struct session *s = arg;

	s->dial = NULL;
	session_enter(s);
	if (fd == -1 && error == EADDRNOTAVAIL && may_unbind(s))
		session_dial(s);
	else if (fd == -1)
		not_connected(s, strerror(error));
	else
		connected(s, fd);
	session_leave(s);
}

/* connector's answer for a Unix socket. */
static void
dial_answered(void *arg, struct packet_in *in)
{
	struct session *s = arg;
	struct why why;
	int fd = -1;

	s->asking = NULL;
	session_enter(s);
	why_init(&why);
	if (in == NULL || !dial_answer_get(in, &fd, &why))
		why_set(&why, "4.4.1", "connector does not answer");
	if (fd == -1)
		not_connected(s, why_text(&why));
	else
		connected(s, fd);
	why_free(&why);
	session_leave(s);
}

void
session_dial(struct session *s)
{
	const struct target *t = s->setup.target;
	const struct smtp_env *env = s->env;
	struct packet_out o = { .fd_count = 0 };

	if (t->path == NULL) {
		s->dial = dial_start(env->loop, &t->address,
		    s->unbound ? NULL : bind_to(env->conf, &t->address),
		    dialled, s);
		if (env->conf->smtp_connect_timeout > 0)
			dial_limit(
			    s->dial, env->conf->smtp_connect_timeout * 1000);
		return;
	}
	dial_put(&o, span_str(t->path));
	s->asking = channel_ask(env->connector, &o, dial_answered, s);
	packet_done(&o);
}

static const struct tls_tlsa *
tlsa_copy(struct arena *a, const struct tls_tlsa *from, size_t count)
{
	struct tls_tlsa *list = arena_array(a, count, sizeof(*list));

	for (size_t i = 0; i < count; i++) {
		list[i] = from[i];
		list[i].data = arena_span(a, from[i].data);
	}
	return list;
}

static void
setup_copy(struct session *s, const struct session_setup *from)
{
	struct target *t;

	s->arena = arena_new();
	t = arena_alloc(s->arena, sizeof(*t));
	*t = *from->target;
	t->host = arena_str(s->arena, t->host);
	t->text = arena_str(s->arena, t->text);
	if (t->path != NULL)
		t->path = arena_str(s->arena, t->path);
	s->setup = *from;
	s->setup.target = t;
	s->setup.domain = arena_span(s->arena, from->domain);
	s->setup.nexthop = arena_span(s->arena, from->nexthop);
	s->setup.sender = arena_span(s->arena, from->sender);
	s->setup.match = arena_span(s->arena, from->match);
	s->setup.anchors = arena_span(s->arena, from->anchors);
	s->setup.qid = arena_span(s->arena, from->qid);
	s->setup.protocols = arena_span(s->arena, from->protocols);
	s->setup.ciphers = arena_span(s->arena, from->ciphers);
	s->setup.exclude = arena_span(s->arena, from->exclude);
	s->setup.servername = arena_span(s->arena, from->servername);
	s->setup.tlsa_base = arena_span(s->arena, from->tlsa_base);
	s->setup.tlsa = tlsa_copy(s->arena, from->tlsa, from->tlsa_count);
}

struct session *
session_open(const struct smtp_env *env, const struct session_setup *setup,
    const struct session_calls *calls, void *arg)
{
	struct session *s = mem_new(sizeof(*s));
	const struct target *t = setup->target;

	s->env = env;
	setup_copy(s, setup);
	s->opened_ms = clock_ms();
	s->calls = calls;
	s->arg = arg;
	/* without the port, as in the texts that people know */
	s->name = mem_span(span_head(span_str(t->text),
	    t->path != NULL ? strlen(t->text)
			    : span_rfind(span_str(t->text), ':')));
	s->reader = smtp_reply_new();
	s->deadline = loop_timer_new(env->loop, timed, s);
	s->pump = loop_timer_new(env->loop, drained, s);
	debug_find(s);
	s->state = DIALLING;
	s->doing = "connecting";
	quirks_begin(s);
	return s;
}
