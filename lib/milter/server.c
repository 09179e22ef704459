/*
 * server.c - one milter of one client: dialled, greeted, told, heard
 */

#include <string.h>

#include "base/log.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "milter/inside.h"
#include "milter/params.h"
#include "os/clock.h"
#include "os/loop.h"
#include "tls/conn.h"

enum {
	ACTIONS = MAY_ADD_HEADER | MAY_REPLACE_BODY | MAY_ADD_RCPT |
	    MAY_DEL_RCPT | MAY_CHANGE_HEADER | MAY_QUARANTINE |
	    MAY_CHANGE_FROM | MAY_ADD_RCPT_PAR | MAY_SET_MACROS,
	ACTIONS_OLD = MAY_ADD_HEADER | MAY_REPLACE_BODY | MAY_ADD_RCPT |
	    MAY_DEL_RCPT | MAY_CHANGE_HEADER | MAY_QUARANTINE,
	PROTOCOL = NO_CONNECT | NO_HELO | NO_MAIL | NO_RCPT | NO_BODY |
	    NO_HEADERS | NO_HEADER_END | MUTE_HEADER | NO_UNKNOWN | NO_DATA |
	    WITH_SKIP | MUTE_CONNECT | MUTE_HELO | MUTE_MAIL | MUTE_RCPT |
	    MUTE_DATA | MUTE_UNKNOWN | MUTE_HEADER_END | MUTE_BODY |
	    WITH_LEADING_SPACE,
	PROTOCOL_OLD = NO_CONNECT | NO_HELO | NO_MAIL | NO_RCPT | NO_BODY |
	    NO_HEADERS | NO_HEADER_END,
	SIZES = 3 << 28, /* larger packets: allowed to ask, not granted */
	MACRO_VALUE_MAX = 4096,
	MACROS_MAX = 64, /* of a stage */
	GREETING_MAX = 16384,
	REST_MS = 10000
};

void
milter_server_close(struct milter_server *s, bool politely)
{
	bool up = s->state == MILTER_READY || s->state == MILTER_REFUSING;

	channel_cancel(&s->dialling);
	if (s->conn != NULL && politely && up) {
		buf_clear(&s->of->out);
		milter_end(&s->of->out, milter_begin(&s->of->out, MILTER_QUIT));
		conn_write(s->conn, buf_span(&s->of->out));
		conn_finish(&s->conn);
	}
	conn_free(&s->conn);
	loop_timer_free(&s->timer);
	loop_timer_free(&s->more);
	memset(s->told, 0, sizeof(s->told));
	s->waiting = s->again = s->eof = s->idle = s->in_message = false;
	s->state = MILTER_IDLE;
}

/* One that worked may work again at once; for one that cannot even be reached
 * not every message waits. */
void
milter_server_broken(struct milter_server *s, const char *reason)
{
	bool reached = s->state == MILTER_READY || s->state == MILTER_REFUSING;
	const char *qid = s->of->mail == NULL ? NULL : s->of->mail->qid;

	if (s->state == MILTER_DIALLING)
		log_warning(
		    "connect to Milter service %s: %s", s->row->target, reason);
	else
		log_warning("%s%smilter %s: %s", qid == NULL ? "" : qid,
		    qid == NULL ? "" : ": ", s->row->target, reason);
	milter_server_close(s, false);
	s->rest_until = reached ? 0 : clock_ms() + REST_MS;
	s->state = MILTER_BROKEN;
}

/* It broke while it was asked, or between two questions. */
static void
broke(struct milter_server *s, const char *reason)
{
	struct milters *m = s->of;
	bool asked = milter_is_asked(s);

	m->from_loop = true;
	milter_server_broken(s, reason);
	if (asked)
		milter_go_on(m);
}

static void
timed(void *arg)
{
	broke(arg, "no answer in time");
}

void
milter_server_limit(struct milter_server *s, int64_t ms)
{
	int64_t left = s->end_by - clock_ms();

	loop_timer_set(s->timer, left < ms ? (left > 0 ? left : 0) : ms);
}

void
milter_server_send(struct milter_server *s, bool answered, int64_t limit_ms)
{
	conn_write(s->conn, buf_span(&s->of->out));
	buf_clear(&s->of->out);
	s->waiting = answered;
	if (s->phase == PHASE_NONE)
		s->end_by = clock_ms() + limit_ms * MILTER_WHOLE_TIMES;
	if (answered) {
		milter_server_limit(s, limit_ms);
		conn_flush(s->conn);
	}
}

static enum milter_stage
stage_of(enum milter_command command)
{
	switch (command) {
	case MILTER_CONNECT:
		return STAGE_CONNECT;
	case MILTER_HELO:
		return STAGE_HELO;
	case MILTER_MAIL:
		return STAGE_MAIL;
	case MILTER_RCPT:
		return STAGE_RCPT;
	case MILTER_DATA:
		return STAGE_DATA;
	case MILTER_HEADER_END:
		return STAGE_HEADER_END;
	case MILTER_BODY_END:
		return STAGE_END;
	case MILTER_ABORT:
	case MILTER_BODY:
	case MILTER_MACRO:
	case MILTER_HEADER:
	case MILTER_OPTIONS:
	case MILTER_QUIT:
	case MILTER_UNKNOWN:
		break;
	}
	return MILTER_STAGES;
}

static bool
macro_value(struct milters *m, struct span name, struct buf *value)
{
	const struct milter_params *p = m->conf->params;
	const char *own = milter_same_name(name, SPAN("v")) ? p->milter_macro_v
	    : milter_same_name(name, SPAN("daemon_name"))
	    ? p->milter_macro_daemon_name
	    : "";

	buf_add_str(value, own);
	return value->n > 0 || m->env.macro(m->env.arg, name, value) ||
	    milter_conf_default(m->conf, name, value);
}

static void
macro_put(struct milters *m, struct span name, struct buf *out)
{
	struct buf value = BUF_EMPTY;

	if (macro_value(m, name, &value)) {
		milter_put_string(out, name);
		milter_put_string(
		    out, span_head(buf_span(&value), MACRO_VALUE_MAX));
	}
	buf_free(&value);
}

static struct span
macro_list(const struct milter_server *s, enum milter_stage stage)
{
	const struct milter_params *p = s->of->conf->params;
	const char *const lists[] = {
		[STAGE_CONNECT] = p->milter_connect_macros,
		[STAGE_HELO] = p->milter_helo_macros,
		[STAGE_MAIL] = p->milter_mail_macros,
		[STAGE_RCPT] = p->milter_rcpt_macros,
		[STAGE_DATA] = p->milter_data_macros,
		[STAGE_END] = p->milter_end_of_data_macros,
		[STAGE_HEADER_END] = p->milter_end_of_header_macros,
		[MILTER_STAGES] = p->milter_unknown_command_macros,
	};

	return stage < MILTER_STAGES && s->options.has_macros[stage]
	    ? s->options.macros[stage]
	    : span_str(lists[stage]);
}

void
milter_put_macros(struct milter_server *s, enum milter_command command)
{
	struct buf *out = &s->of->out;
	struct span list = macro_list(s, stage_of(command)), name;
	size_t begun = out->n, place = milter_begin(out, MILTER_MACRO), head;

	buf_add_byte(out, (char)command);
	head = out->n;
	for (int i = 0; i < MACROS_MAX && span_word(&list, " \t\r\n,", &name);
	     i++)
		macro_put(s->of, name, out);
	if (out->n == head)
		buf_cut(out, begun);
	else
		milter_end(out, place);
}

/* What it answers is less than, or what, we offered. Actions beyond that it may
 * announce, but not take. */
static bool
agree(struct milter_server *s, const struct milter_options *o)
{
	bool old = s->row->version < 6;
	uint32_t protocol = old ? PROTOCOL_OLD : PROTOCOL;

	if (o->version < 2 || o->version > s->row->version ||
	    (o->protocol & ~protocol & ~SIZES) != 0)
		return false;
	s->options = *o;
	s->options.actions &= old ? ACTIONS_OLD : ACTIONS;
	return true;
}

static void
greet(struct milter_server *s)
{
	struct buf *out = &s->of->out;
	bool old = s->row->version < 6;
	size_t place;

	buf_clear(out);
	place = milter_begin(out, MILTER_OPTIONS);
	milter_put_number(out, s->row->version);
	milter_put_number(out, old ? ACTIONS_OLD : ACTIONS);
	milter_put_number(out, old ? PROTOCOL_OLD : PROTOCOL);
	milter_end(out, place);
	s->state = MILTER_GREETING;
	milter_server_send(s, true, s->row->command_ms);
}

static void
greeted(struct milter_server *s, struct span packet)
{
	struct milter_message msg;

	buf_clear(&s->greeting);
	buf_add_span(&s->greeting, span_head(packet, GREETING_MAX));
	if (packet.n > GREETING_MAX ||
	    !milter_read(buf_span(&s->greeting), &msg) ||
	    msg.answer != MILTER_NEGOTIATE || !agree(s, &msg.options)) {
		broke(s, "it wants what we cannot offer");
		return;
	}
	s->state = MILTER_READY;
	s->again = true;
	if (milter_is_asked(s))
		milter_go_on(s->of);
}

static bool
is_of_client(const struct milter_server *s)
{
	return s->of->mail == NULL && s->event <= MILTER_ON_HELO;
}

/* The client, or the message, is refused. */
static void
refused(struct milter_server *s, int code, const char *status, const char *text)
{
	if (is_of_client(s)) {
		s->state = MILTER_REFUSING;
		s->kept = (struct milter_verdict){ .fate = MILTER_REFUSE,
			.code = code };
		memcpy(s->kept.status, status, strlen(status) + 1);
		buf_clear(&s->kept_text);
		buf_add_str(&s->kept_text, text);
		s->kept.text = buf_span(&s->kept_text);
	}
	milter_refuse(s->of, code, status, text);
}

static void
reply_code(struct milter_server *s, struct span text)
{
	struct milter_code c;
	struct buf words = BUF_EMPTY;

	if (milter_read_code(text, &c, &words))
		refused(s, c.code, c.status, buf_str(&words));
	else
		broke(s, "a reply code that SMTP does not know");
	buf_free(&words);
}

static void
accept_rest(struct milter_server *s)
{
	if (is_of_client(s)) {
		milter_server_close(s, true);
		s->state = MILTER_DONE_WITH;
	}
	s->accepted = true;
	milter_go_on(s->of);
}

static void
drop(struct milter_server *s)
{
	struct milter_verdict v = { .fate = MILTER_DROP };

	if (is_of_client(s))
		broke(s, "it discards a client");
	else
		milter_finish(s->of, &v);
}

bool
milter_answer(struct milter_server *s, const struct milter_message *msg)
{
	switch (msg->answer) {
	case MILTER_CONTINUE:
		milter_go_on(s->of);
		return true;
	case MILTER_ACCEPT:
		accept_rest(s);
		return true;
	case MILTER_REJECT:
		refused(s, 550, "5.7.1", "Command rejected");
		return true;
	case MILTER_TEMPFAIL:
		refused(
		    s, 451, "4.7.1", "Service unavailable - try again later");
		return true;
	case MILTER_DISCARD:
		drop(s);
		return true;
	case MILTER_SHUTDOWN:
		refused(s, 421, "4.7.0", "Server closing connection");
		return true;
	case MILTER_REPLY_CODE:
		reply_code(s, msg->value);
		return true;
	case MILTER_FAIL:
		broke(s, "it lost its connection");
		return true;
	case MILTER_ADD_RCPT:
	case MILTER_DEL_RCPT:
	case MILTER_ADD_RCPT_PAR:
	case MILTER_REPLACE_BODY:
	case MILTER_CHANGE_FROM:
	case MILTER_ADD_HEADER:
	case MILTER_INSERT_HEADER:
	case MILTER_CHANGE_HEADER:
	case MILTER_NEGOTIATE:
	case MILTER_PROGRESS:
	case MILTER_QUARANTINE:
	case MILTER_SKIP:
		break;
	}
	return false;
}

/* A packet. s may be gone after it. */
static void
heard(struct milter_server *s, struct span packet)
{
	struct milters *m = s->of;
	struct milter_message msg;

	m->from_loop = true;
	if (!milter_read(packet, &msg) || !s->waiting) {
		broke(s, "it does not speak our protocol");
		return;
	}
	if (msg.answer == MILTER_PROGRESS) {
		milter_server_limit(s,
		    s->phase == PHASE_NONE ? s->row->command_ms
					   : s->row->content_ms);
		return;
	}
	if (s->phase == PHASE_CHANGES) {
		milter_message_answer(s, &msg);
		return;
	}
	s->waiting = false;
	loop_timer_stop(s->timer);
	if (s->state == MILTER_GREETING)
		greeted(s, packet);
	else if (s->phase != PHASE_NONE)
		milter_message_answer(s, &msg);
	else if (!milter_answer(s, &msg))
		broke(s, "an answer out of place");
}

/* It closed; what it said before counts. Between two messages it may: then it
 * is dialled, once, for the one that is at hand. */
static void
input_end(struct milter_server *s)
{
	struct milters *m = s->of;

	if (!s->eof)
		return;
	if (milter_is_asked(s) && m->event == MILTER_ON_MAIL && s->idle) {
		milter_server_close(s, false);
		s->again = m->from_loop = true;
		milter_go_on(m);
	} else if (milter_is_asked(s) || (s->in_message && !s->accepted))
		broke(s, "it closed the connection");
	else
		milter_server_close(s, false); /* it is dialled when needed */
}

static void
input(void *arg)
{
	struct milter_server *s = arg;
	struct span in = conn_input(s->conn), packet;
	struct buf copy = BUF_EMPTY;

	switch (milter_next(in, &packet)) {
	case MILTER_MORE:
		input_end(s);
		return;
	case MILTER_BAD:
		broke(s, "it does not speak our protocol");
		return;
	case MILTER_PACKET:
		break;
	}
	buf_add_span(&copy, packet);
	conn_take(s->conn, packet.n + 4);
	/* the loop comes back for what else is there, should s live on */
	if (conn_input(s->conn).n > 0 || s->eof)
		loop_timer_set(s->more, 0);
	heard(s, buf_span(&copy));
	buf_free(&copy);
}

static void
drained(void *arg)
{
	struct milter_server *s = arg;

	if (s->phase != PHASE_NONE && !s->waiting && milter_is_asked(s)) {
		s->of->from_loop = true;
		loop_timer_stop(s->timer);
		milter_message_push(s);
	}
}

static void
ended(void *arg, enum conn_end how)
{
	struct milter_server *s = arg;

	(void)how;
	s->eof = true;
	loop_timer_set(s->more, 0);
}

static void
more(void *arg)
{
	struct milter_server *s = arg;

	if (s->conn != NULL)
		input(s);
}

static void
connected(struct milter_server *s, int fd)
{
	static const struct conn_calls calls = {
		.input = input, .drained = drained, .ended = ended
	};

	s->conn = conn_new(s->of->env.loop, fd, &calls, s);
	conn_input_max_set(s->conn, MILTER_PACKET_MAX + 65536);
	greet(s);
}

static void dialled(void *arg, struct packet_in *in);

static void
dial(struct milter_server *s)
{
	struct packet_out o = { .fd_count = 0 };

	dial_put(&o, span_str(s->row->target));
	s->dialling = channel_ask(s->of->env.connector, &o, dialled, s);
	packet_done(&o);
}

static void
dialled(void *arg, struct packet_in *in)
{
	struct milter_server *s = arg;
	struct buf told = BUF_EMPTY;
	struct why why;
	struct span text;
	int fd = -1;

	s->dialling = NULL;
	/* connector was lost with the question: the next one is there */
	if (in == NULL && !s->asked_twice) {
		s->asked_twice = true;
		dial(s);
		return;
	}
	why_init(&why);
	if (in == NULL || !dial_answer_get(in, &fd, &why))
		why_set(&why, "4.3.0", "connector does not answer");
	if (fd != -1) {
		connected(s, fd);
	} else {
		/* "connect to TARGET: " is said by the line */
		buf_printf(&told, "connect to %s: ", s->row->target);
		text = span_str(why_text(&why));
		if (span_starts(text, buf_str(&told)))
			text = span_skip(text, told.n);
		buf_clear(&told);
		buf_add_span(&told, text);
		broke(s, buf_str(&told));
	}
	buf_free(&told);
	why_free(&why);
}

void
milter_server_begin(struct milter_server *s)
{
	struct loop *loop = s->of->env.loop;

	s->state = MILTER_DIALLING;
	s->asked_twice = false;
	s->timer = loop_timer_new(loop, timed, s);
	s->more = loop_timer_new(loop, more, s);
	loop_timer_set(s->timer, s->row->connect_ms);
	dial(s);
}
