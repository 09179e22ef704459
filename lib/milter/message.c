/*
 * message.c - a message is told to a milter, and changed as it says
 *
 * The body is read from the queue file in pieces, and the next is sent when the
 * milter has answered, or as long as the connection takes more: no message lies
 * in memory. Another body is written over the old one, which every milter
 * before has seen and the next one will not.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/crc.h"
#include "base/log.h"
#include "calls/queue_call.h"
#include "milter/header.h"
#include "milter/inside.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "tls/conn.h"

enum {
	PIECE = MILTER_CHUNK / 2, /* octets read: each may become two */
	HEADER_MAX = 1 << 20,
	CHANGES_MAX = 5000, /* of a message */
	REASON_MAX = 200, /* of a quarantine */
	GROWTH_MAX = 64 << 20 /* octets of a new body, where nothing limits */
};

enum milter_start
milter_message_start(struct milters *m)
{
	struct milter_mail *mail = m->mail;
	size_t n = (size_t)mail->body_at;
	struct span edits;
	char *header;

	if (mail->body_at > HEADER_MAX || mail->body_at > mail->size)
		return MILTER_TOO_LONG;
	header = arena_alloc(mail->arena, n + 1);
	if (n > 0 && file_read_at(mail->fd, header, n, 0) == -1) {
		log_error("%s: milters: read queue file: %s", mail->qid,
		    strerror(errno));
		return MILTER_UNREADABLE;
	}
	edits = arena_span(mail->arena, buf_span(mail->edits));
	buf_clear(mail->edits);
	m->header = milter_header_new(mail->arena, span_of(header, n), edits);
	return m->header == NULL ? MILTER_TOO_LONG : MILTER_STARTED;
}

static bool
has(const struct milter_server *s, uint32_t protocol)
{
	return (s->options.protocol & protocol) != 0;
}

/* Our own trouble: the message is not lost, and not taken. What the milter
 * still says about it must not be taken for an answer about another. */
static void
disk_trouble(struct milter_server *s)
{
	log_error("%s: milter %s: queue file: %s", s->of->mail->qid,
	    s->row->target, strerror(errno));
	milter_server_close(s, true);
	milter_refuse(s->of, 451, "4.3.0", "Error: queue file write error");
}

/* The next field. False: there is none. */
static bool
header_tell(struct milter_server *s)
{
	struct milters *m = s->of;
	struct milter_field f;
	size_t place;

	if (!milter_header_next(m->header, &s->field_at, &f))
		return false;
	buf_clear(&m->out);
	if (!has(s, WITH_LEADING_SPACE) && span_at(f.value, 0) == ' ')
		f.value = span_skip(f.value, 1);
	place = milter_begin(&m->out, MILTER_HEADER);
	milter_put_string(&m->out, f.name);
	milter_put_string(&m->out, f.value);
	milter_end(&m->out, place);
	milter_server_send(s, !has(s, MUTE_HEADER), s->row->content_ms);
	return true;
}

static void
header_end_tell(struct milter_server *s)
{
	struct milters *m = s->of;

	buf_clear(&m->out);
	milter_put_macros(s, MILTER_HEADER_END);
	if (!has(s, NO_HEADER_END))
		milter_end(&m->out, milter_begin(&m->out, MILTER_HEADER_END));
	milter_server_send(s,
	    !has(s, NO_HEADER_END) && !has(s, MUTE_HEADER_END),
	    s->row->content_ms);
}

static void
lines_put(struct buf *out, struct span text)
{
	size_t end;

	while ((end = span_find(text, '\n')) < text.n) {
		buf_add_span(out, span_head(text, end));
		buf_add(out, "\r\n", 2);
		text = span_skip(text, end + 1);
	}
	buf_add_span(out, text);
}

/* The next piece of the body, with CRLF. 1: sent; 0: none is left; -1. */
static int
body_tell(struct milter_server *s)
{
	struct milters *m = s->of;
	const struct milter_mail *mail = m->mail;
	uint64_t left = mail->size - mail->body_at - s->body_sent;
	size_t n = left < PIECE ? (size_t)left : PIECE, place;
	struct buf piece = BUF_EMPTY;
	int got;

	if (n == 0)
		return 0;
	got = file_read_at(
	    mail->fd, buf_room(&piece, n), n, mail->body_at + s->body_sent);
	if (got == 0) {
		buf_clear(&m->out);
		place = milter_begin(&m->out, MILTER_BODY);
		lines_put(&m->out, span_of(piece.p, n));
		milter_end(&m->out, place);
		s->body_sent += n;
		milter_server_send(s, !has(s, MUTE_BODY), s->row->content_ms);
	}
	buf_free(&piece);
	return got == 0 ? 1 : -1;
}

static void
end_tell(struct milter_server *s)
{
	struct milters *m = s->of;

	s->phase = PHASE_CHANGES;
	s->end_by = clock_ms() + s->row->content_ms * MILTER_WHOLE_TIMES;
	buf_clear(&m->out);
	milter_put_macros(s, MILTER_BODY_END);
	milter_end(&m->out, milter_begin(&m->out, MILTER_BODY_END));
	milter_server_send(s, true, s->row->content_ms);
}

/* One thing more. False: the milter's answer, or the end, is there first. */
static bool
push_one(struct milter_server *s)
{
	int got;

	switch (s->phase) {
	case PHASE_HEADERS:
		if (has(s, NO_HEADERS) || !header_tell(s))
			s->phase = PHASE_HEADER_END;
		return true;
	case PHASE_HEADER_END:
		s->phase = PHASE_BODY;
		header_end_tell(s);
		return true;
	case PHASE_BODY:
		got = has(s, NO_BODY) ? 0 : body_tell(s);
		if (got == -1) {
			disk_trouble(s);
			return false;
		}
		if (got == 0)
			s->phase = PHASE_END;
		return true;
	case PHASE_END:
		end_tell(s);
		return false;
	case PHASE_NONE:
	case PHASE_CHANGES:
		break;
	}
	return false;
}

void
milter_message_push(struct milter_server *s)
{
	while (!s->waiting) {
		if (!conn_has_room(s->conn)) {
			/* drained() comes, or the end of its time */
			milter_server_limit(s, s->row->content_ms);
			return;
		}
		if (!push_one(s))
			return;
	}
}

/* What the new content's checksum begins with: all before the body. */
static bool
body_begin(struct milter_server *s)
{
	struct milter_mail *mail = s->of->mail;
	size_t n = (size_t)mail->body_at;
	struct buf header = BUF_EMPTY;
	bool good;

	good =
	    n == 0 || file_read_at(mail->fd, buf_room(&header, n), n, 0) == 0;
	if (good) {
		header.n = n;
		s->crc = crc_add(0, buf_span(&header));
		s->new_body = true;
		s->body_new = 0;
		s->cr = false;
	}
	buf_free(&header);
	return good;
}

/* A footer may make a message larger than one that is taken; not without
 * end. */
static uint64_t
size_limit(const struct milter_mail *mail)
{
	return 2 * (mail->size_max > 0 ? mail->size_max : mail->size) +
	    (mail->size_max > 0 ? 0 : GROWTH_MAX);
}

static bool
body_write(struct milter_server *s, struct span text)
{
	struct milter_mail *mail = s->of->mail;

	if (mail->body_at + s->body_new + text.n > size_limit(mail)) {
		errno = EFBIG;
		return false;
	}
	s->crc = crc_add(s->crc, text);
	if (file_write_at(mail->fd, text, mail->body_at + s->body_new) == -1)
		return false;
	s->body_new += text.n;
	return true;
}

/* Another body, or more of it: CRLF becomes LF, also where a piece ends
 * between the two. */
static bool
body_replace(struct milter_server *s, struct span bytes)
{
	struct buf text = BUF_EMPTY;
	bool good = s->new_body || body_begin(s);

	for (size_t i = 0; i < bytes.n; i++) {
		if (s->cr && bytes.p[i] != '\n')
			buf_add_byte(&text, '\r');
		s->cr = bytes.p[i] == '\r';
		if (!s->cr)
			buf_add_byte(&text, bytes.p[i]);
	}
	good = good && body_write(s, buf_span(&text));
	buf_free(&text);
	return good;
}

/* The last of it; what was there before and is longer goes. */
static bool
body_end(struct milter_server *s)
{
	struct milter_mail *mail = s->of->mail;
	char last = '\n';

	if (!s->new_body)
		return true;
	if (s->body_new > 0 &&
	    file_read_at(mail->fd, &last, 1, mail->body_at + s->body_new - 1) ==
		-1)
		return false;
	if ((s->cr || last != '\n') && !body_write(s, SPAN("\n")))
		return false;
	mail->size = mail->body_at + s->body_new;
	mail->crc = s->crc;
	mail->body_replaced = true;
	return ftruncate(mail->fd, (off_t)mail->size) == 0;
}

static uint32_t
action_of(enum milter_answer answer)
{
	switch (answer) {
	case MILTER_ADD_HEADER:
	case MILTER_INSERT_HEADER:
		return MAY_ADD_HEADER;
	case MILTER_CHANGE_HEADER:
		return MAY_CHANGE_HEADER;
	case MILTER_REPLACE_BODY:
		return MAY_REPLACE_BODY;
	case MILTER_ADD_RCPT:
		return MAY_ADD_RCPT;
	case MILTER_ADD_RCPT_PAR:
		return MAY_ADD_RCPT_PAR;
	case MILTER_DEL_RCPT:
		return MAY_DEL_RCPT;
	case MILTER_CHANGE_FROM:
		return MAY_CHANGE_FROM;
	case MILTER_QUARANTINE:
		return MAY_QUARANTINE;
	case MILTER_SHUTDOWN:
	case MILTER_ACCEPT:
	case MILTER_CONTINUE:
	case MILTER_DISCARD:
	case MILTER_FAIL:
	case MILTER_NEGOTIATE:
	case MILTER_PROGRESS:
	case MILTER_REJECT:
	case MILTER_SKIP:
	case MILTER_TEMPFAIL:
	case MILTER_REPLY_CODE:
		break;
	}
	return 0;
}

static bool
rcpt_add(struct milter_mail *mail, const struct milter_message *msg)
{
	struct queue_rcpt r;

	if (!milter_rcpt_read(mail, msg->name, msg->value, &r))
		return false;
	mail->rcpt_add(mail->arg, &r);
	return true;
}

static bool
header_change(
    struct milter_header *h, const struct milter_message *msg, bool space)
{
	if (msg->answer == MILTER_ADD_HEADER)
		return milter_header_add(h, msg->name, msg->value, space);
	if (msg->answer == MILTER_INSERT_HEADER)
		return milter_header_insert(
		    h, msg->index, msg->name, msg->value, space);
	return milter_header_change(
	    h, msg->index, msg->name, msg->value, space);
}

/* False: the file could not be written. */
static bool
change(struct milter_server *s, const struct milter_message *msg)
{
	struct milter_mail *mail = s->of->mail;
	const char *what = "header field";
	bool good = true;

	switch (action_of(msg->answer)) {
	case MAY_REPLACE_BODY:
		return body_replace(s, msg->value);
	case MAY_ADD_RCPT:
	case MAY_ADD_RCPT_PAR:
		what = "recipient";
		good = rcpt_add(mail, msg);
		break;
	case MAY_DEL_RCPT:
		mail->rcpt_remove(mail->arg, milter_path_bare(msg->name));
		break;
	case MAY_CHANGE_FROM:
		what = "sender";
		good = milter_sender_read(mail, msg->name, msg->value);
		break;
	case MAY_QUARANTINE:
		mail->hold = true;
		mail->hold_reason =
		    arena_span(mail->arena, span_head(msg->value, REASON_MAX));
		break;
	default: /* of the header */
		good = header_change(
		    s->of->header, msg, !has(s, WITH_LEADING_SPACE));
		break;
	}
	if (!good)
		log_warning("%s: milter %s: a %s that cannot be", mail->qid,
		    s->row->target, what);
	return true;
}

/* It cannot be trusted with this message, nor with what follows. */
static void
broke(struct milter_server *s, const char *reason)
{
	milter_server_broken(s, reason);
	milter_go_on(s->of);
}

/* It has said its last about the message. */
static void
verdict(struct milter_server *s, const struct milter_message *msg)
{
	s->waiting = false;
	loop_timer_stop(s->timer);
	if (!body_end(s)) {
		disk_trouble(s);
		return;
	}
	if (!milter_answer(s, msg))
		broke(s, "an answer out of place");
}

static void
change_answer(struct milter_server *s, const struct milter_message *msg)
{
	uint32_t action = action_of(msg->answer);

	if (action == 0)
		verdict(s, msg);
	else if ((s->options.actions & action) == 0)
		broke(s, "it does what was not agreed");
	else if (action != MAY_REPLACE_BODY && ++s->changes > CHANGES_MAX)
		broke(s, "it wants too many changes");
	else if (!change(s, msg))
		disk_trouble(s);
	else if (milter_header_full(s->of->header))
		broke(s, "it makes the header too large");
	else
		milter_server_limit(s, s->row->content_ms);
}

void
milter_message_answer(struct milter_server *s, const struct milter_message *msg)
{
	if (s->phase == PHASE_CHANGES) {
		change_answer(s, msg);
		return;
	}
	if (msg->answer == MILTER_SKIP && has(s, WITH_SKIP) &&
	    s->phase == PHASE_BODY) {
		s->phase = PHASE_END;
		milter_message_push(s);
	} else if (msg->answer == MILTER_CONTINUE) {
		milter_message_push(s);
	} else if (!milter_answer(s, msg)) {
		broke(s, "an answer out of place");
	}
}
