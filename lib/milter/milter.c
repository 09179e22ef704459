/*
 * milter.c - the milters of a session, asked one after the other
 */

#include "milter/milter.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/must.h"
#include "milter/header.h"
#include "milter/inside.h"
#include "os/clock.h"
#include "tls/conn.h"

struct milters *
milters_new(const struct milter_conf *c, const struct milter_env *env)
{
	struct milters *m = mem_new(sizeof(*m));

	m->conf = c;
	m->env = *env;
	m->count = c->count;
	m->servers = mem_array(c->count, sizeof(*m->servers));
	for (size_t i = 0; i < c->count; i++) {
		m->servers[i].of = m;
		m->servers[i].row = &c->rows[i];
	}
	return m;
}

void
milters_free(struct milters **mp)
{
	struct milters *m = *mp;

	if (m == NULL)
		return;
	for (size_t i = 0; i < m->count; i++) {
		milter_server_close(&m->servers[i], true);
		buf_free(&m->servers[i].greeting);
		buf_free(&m->servers[i].kept_text);
	}
	for (size_t i = 0; i < MILTER_ON_END; i++)
		arena_free(&m->saying[i].arena);
	buf_free(&m->out);
	free(m->servers);
	free(m);
	*mp = NULL;
}

/* The message is over for that milter. */
static void
message_over(struct milter_server *s)
{
	s->in_message = s->accepted = s->new_body = false;
	s->phase = PHASE_NONE;
}

/* Who has given a verdict about the message needs no ABORT. */
static void
message_end(struct milters *m)
{
	m->mail = NULL;
	m->header = NULL;
	for (size_t i = 0; i < m->count; i++)
		if (m->servers[i].phase == PHASE_CHANGES)
			message_over(&m->servers[i]);
		else
			m->servers[i].phase = PHASE_NONE;
}

void
milter_finish(struct milters *m, const struct milter_verdict *v)
{
	milter_done_fn *done = m->done;
	struct milter_env env = m->env;
	bool from_loop = m->from_loop;
	struct milter_verdict copy = *v;
	struct buf text = BUF_EMPTY;

	m->done = NULL;
	if (m->mail != NULL) {
		m->mail->header = m->header;
		message_end(m);
	}
	buf_add_span(&text, v->text);
	copy.text = buf_span(&text);
	if (copy.fate == MILTER_REFUSE && copy.status[0] == '\0')
		memcpy(copy.status, copy.code < 500 ? "4.7.1" : "5.7.1", 6);
	done(env.arg, &copy);
	buf_free(&text);
	if (from_loop && env.after != NULL)
		env.after(env.arg);
}

void
milter_refuse(struct milters *m, int code, const char *status, const char *text)
{
	struct milter_verdict v = {
		.fate = MILTER_REFUSE, .code = code, .text = span_str(text)
	};

	memcpy(v.status, status, strlen(status) + 1);
	milter_finish(m, &v);
}

bool
milter_is_asked(const struct milter_server *s)
{
	const struct milters *m = s->of;

	return m->done != NULL && m->at < m->count && &m->servers[m->at] == s;
}

static const struct {
	enum milter_command command;
	uint32_t unwanted, mute;
} events[] = {
	[MILTER_ON_CONNECT] = { MILTER_CONNECT, NO_CONNECT, MUTE_CONNECT },
	[MILTER_ON_HELO] = { MILTER_HELO, NO_HELO, MUTE_HELO },
	[MILTER_ON_MAIL] = { MILTER_MAIL, NO_MAIL, MUTE_MAIL },
	[MILTER_ON_RCPT] = { MILTER_RCPT, NO_RCPT, MUTE_RCPT },
	[MILTER_ON_DATA] = { MILTER_DATA, NO_DATA, MUTE_DATA },
	[MILTER_ON_UNKNOWN] = { MILTER_UNKNOWN, NO_UNKNOWN, MUTE_UNKNOWN },
};

static void
event_put(struct milters *m, const struct milter_told *t)
{
	size_t place;

	if (t->event == MILTER_ON_CONNECT) {
		milter_put_connect(
		    &m->out, t->words[0], t->family, t->port, t->words[1]);
		return;
	}
	place = milter_begin(&m->out, events[t->event].command);
	for (size_t i = 0; i < t->count; i++)
		milter_put_string(&m->out, t->words[i]);
	milter_end(&m->out, place);
}

/* Older milters do not know these. */
static bool
is_known(const struct milter_server *s, enum milter_event e)
{
	if (e == MILTER_ON_DATA)
		return s->options.version >= 4;
	return e != MILTER_ON_UNKNOWN || s->options.version >= 3;
}

/* True: its answer is waited for. Macros go to who does not want the event
 * too. */
static bool
event_tell(struct milter_server *s, enum milter_event e)
{
	struct milters *m = s->of;
	bool unwanted = (s->options.protocol & events[e].unwanted) != 0;
	bool mute = (s->options.protocol & events[e].mute) != 0 || unwanted;

	s->event = e;
	if (e <= MILTER_ON_HELO)
		s->told[e] = true;
	if (e == MILTER_ON_MAIL)
		s->in_message = true;
	if (!is_known(s, e))
		return false;
	buf_clear(&m->out);
	milter_put_macros(s, events[e].command);
	if (!unwanted)
		event_put(m, &m->saying[e].told);
	milter_server_send(s, !mute, s->row->command_ms);
	if (!unwanted && mute)
		conn_flush(s->conn);
	return !mute;
}

/* What it is to be told before e. */
static bool
is_behind(
    const struct milter_server *s, enum milter_event e, enum milter_event *what)
{
	for (int i = MILTER_ON_CONNECT; i <= MILTER_ON_HELO; i++)
		if (e > (enum milter_event)i && !s->told[i] &&
		    s->of->saying[i].said) {
			*what = (enum milter_event)i;
			return true;
		}
	return false;
}

/* The default action for a milter that cannot be asked: true when that is the
 * verdict. Who has not begun a message is let pass. */
static bool
default_act(struct milters *m, const struct milter_server *s)
{
	bool message = m->mail != NULL ||
	    (m->event >= MILTER_ON_MAIL && m->event <= MILTER_ON_DATA);

	if (!message)
		return false;
	if (s->new_body) {
		/* half of another body lies over the old one */
		milter_refuse(
		    m, 451, "4.7.1", "Service unavailable - try again later");
		return true;
	}
	switch (s->row->on_trouble) {
	case DEFAULT_ACCEPT:
		return false;
	case DEFAULT_QUARANTINE:
		if (m->mail != NULL) {
			m->mail->hold = true;
			m->mail->hold_reason = SPAN("milter is not available");
		}
		return false;
	case DEFAULT_TEMPFAIL:
		milter_refuse(
		    m, 451, "4.7.1", "Service unavailable - try again later");
		return true;
	case DEFAULT_REJECT:
		milter_refuse(m, 550, "5.5.0", "Service unavailable");
		return true;
	case DEFAULT_SHUTDOWN:
		milter_refuse(m, 421, "4.7.0",
		    "Service unavailable - closing connection");
		return true;
	}
	return false;
}

/* True: its answer is waited for, or the verdict is given. */
static bool
ask_ready(struct milters *m, struct milter_server *s)
{
	enum milter_event before;

	while (is_behind(s, m->event, &before))
		if (event_tell(s, before)) {
			s->again = true;
			return true;
		}
	if (m->event > MILTER_ON_MAIL && m->event != MILTER_ON_UNKNOWN &&
	    !s->in_message)
		return default_act(m, s);
	if (conn_full(s->conn)) {
		milter_server_broken(s, "it does not read");
		return default_act(m, s);
	}
	if (m->mail == NULL)
		return event_tell(s, m->event);
	if (s->phase != PHASE_NONE)
		return false;
	s->event = MILTER_ON_END;
	s->phase = PHASE_HEADERS;
	s->field_at = 0;
	s->body_sent = 0;
	s->changes = 0;
	s->end_by = clock_ms() + s->row->content_ms * MILTER_WHOLE_TIMES;
	s->new_body = false;
	milter_message_push(s);
	return true;
}

/* The same. */
static bool
ask_one(struct milters *m, struct milter_server *s)
{
	s->again = false;
	if (s->accepted)
		return false;
	switch (s->state) {
	case MILTER_IDLE:
		milter_server_begin(s);
		return true;
	case MILTER_DIALLING:
	case MILTER_GREETING:
		return true;
	case MILTER_REFUSING:
		milter_finish(m, &s->kept);
		return true;
	case MILTER_BROKEN:
		return default_act(m, s);
	case MILTER_DONE_WITH:
		return false;
	case MILTER_READY:
		break;
	}
	return ask_ready(m, s);
}

static void
ask(struct milters *m)
{
	static const struct milter_verdict good = { .fate = MILTER_GO_ON };

	for (; m->at < m->count; m->at++)
		if (ask_one(m, &m->servers[m->at]))
			return;
	milter_finish(m, &good);
}

void
milter_go_on(struct milters *m)
{
	struct milter_server *s = &m->servers[m->at];

	if (s->state != MILTER_BROKEN && !s->again)
		m->at++;
	ask(m);
}

/* All are dialled at once, not each when its turn comes; those that were lost
 * are tried again, once a message. */
static void
dial_all(struct milters *m)
{
	for (size_t i = 0; i < m->count; i++) {
		struct milter_server *s = &m->servers[i];

		if (s->state == MILTER_BROKEN && clock_ms() >= s->rest_until)
			s->state = MILTER_IDLE;
		if (s->state == MILTER_IDLE)
			milter_server_begin(s);
		else
			s->idle = s->state == MILTER_READY;
	}
}

void
milters_tell(
    struct milters *m, const struct milter_told *told, milter_done_fn *done)
{
	struct milter_saying *say = &m->saying[told->event];
	struct span *words;

	must(m->done == NULL && told->event < MILTER_ON_END);
	if (say->arena == NULL)
		say->arena = arena_new();
	arena_clear(say->arena);
	words = arena_array(say->arena, told->count + 1, sizeof(*words));
	for (size_t i = 0; i < told->count; i++)
		words[i] = arena_span(say->arena, told->words[i]);
	say->told = *told;
	say->told.words = words;
	say->said = true;
	m->event = told->event;
	m->done = done;
	m->from_loop = false;
	m->at = 0;
	if (told->event == MILTER_ON_CONNECT || told->event == MILTER_ON_MAIL)
		dial_all(m);
	ask(m);
}

void
milters_message(
    struct milters *m, struct milter_mail *mail, milter_done_fn *done)
{
	must(m->done == NULL);
	m->mail = mail;
	m->event = MILTER_ON_END;
	m->done = done;
	m->from_loop = false;
	m->at = 0;
	switch (milter_message_start(m)) {
	case MILTER_STARTED:
		ask(m);
		break;
	case MILTER_TOO_LONG:
		milter_refuse(
		    m, 552, "5.3.4", "Error: message header is too large");
		break;
	case MILTER_UNREADABLE:
		milter_refuse(m, 451, "4.3.0", "Error: queue file write error");
		break;
	}
}

void
milter_mail_edits(struct milter_mail *mail)
{
	milter_header_edits(mail->header, mail->edits);
}

static void
abort_one(struct milters *m, struct milter_server *s, bool asked)
{
	if (s->state == MILTER_READY && s->waiting && asked) {
		/* its answer would be taken for another one */
		milter_server_close(s, true);
	} else if (s->state == MILTER_READY && s->in_message) {
		buf_clear(&m->out);
		milter_end(&m->out, milter_begin(&m->out, MILTER_ABORT));
		milter_server_send(s, false, 0);
		conn_flush(s->conn);
	}
	message_over(s);
}

void
milters_abort(struct milters *m)
{
	bool asked = m->done != NULL;

	m->done = NULL;
	m->mail = NULL;
	m->header = NULL;
	for (size_t i = 0; i < m->count; i++)
		abort_one(m, &m->servers[i], asked && i == m->at);
}
