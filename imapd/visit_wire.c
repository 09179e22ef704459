/*
 * visit_wire.c - words to the imapd's of others, and their answers
 *
 * Answers are not taken apart further than to where they end: a line begins
 * with the command's tag, and stands in no literal. They are passed on as they
 * come, so that a message of any size costs no memory.
 */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/share.h"
#include "imapd/shared.h"
#include "imapd/visit.h"
#include "imapd/visit_inside.h"
#include "os/clock.h"
#include "os/file.h"
#include "wire/imap_parse.h"

enum { TAIL = 64, SILENCE_MS = 300000, BYTES_PER_MS = 1 };

void
visit_close(struct visit *v)
{
	stream_free(&v->io);
	file_close(&v->fd);
	buf_free(&v->owner);
}

void
visit_end(struct session *s, struct visit *v)
{
	if (s->visits->selected == v) {
		s->visits->selected = NULL;
		reply_bye(s, "The selected mailbox is gone");
	}
	visit_close(v);
}

void
visits_end(struct session *s)
{
	if (s->visits == NULL)
		return;
	s->visits->selected = NULL;
	for (size_t i = 0; i < SHARE_VISITS_MOST; i++)
		if (s->visits->list[i].io != NULL)
			visit_end(s, &s->visits->list[i]);
	mem_free(&s->visits);
}

void
visit_say(struct visit *v, const char *tag, struct span command)
{
	stream_printf(v->io, "%s ", tag);
	stream_put(v->io, command);
	stream_put(v->io, SPAN("\r\n"));
}

/* --- answers --- */

struct answer {
	struct session *s;
	struct visit *v;
	struct span tag;
	enum said_to to;
	struct buf *last;
	bool inside; /* of a response: its next line goes on with it */
	bool dropped; /* it goes to nobody */
	bool tagged; /* it is the last */
	bool idling; /* "+" is an answer */
	bool status; /* the response is one line, whatever it ends in */
	enum said said;
};

static bool
is_listed(struct span line)
{
	return span_istarts(line, "* LIST ") ||
	    span_istarts(line, "* STATUS ") ||
	    span_istarts(line, "* MYRIGHTS ") ||
	    span_istarts(line, "* METADATA ");
}

/* Of messages: who has the folder selected counts along. */
static bool
is_of_view(struct span line)
{
	return (span_starts(line, "* ") && ascii_digit(span_at(line, 2))) ||
	    span_istarts(line, "* VANISHED ") || span_istarts(line, "* FLAGS ");
}

/* An answer of the kind that is asked for. One with a tag of another command
 * would be taken for that one's. */
static bool
is_fit(const struct answer *a, struct span line)
{
	bool selected = a->s->visits != NULL && a->v == a->s->visits->selected;

	if (a->tagged)
		return a->to == TO_CLIENT;
	if (span_starts(line, "+"))
		return a->idling;
	if (!span_starts(line, "* ") || span_istarts(line, "* BYE"))
		return false; /* that it ends is told by who needs it */
	if (selected && is_of_view(line))
		return true;
	return a->to == TO_CLIENT || a->to == TO_CLIENT_DATA ||
	    (a->to == TO_LIST && is_listed(line)) ||
	    (a->to == TO_SEARCH && span_istarts(line, "* ESEARCH (TAG "));
}

static bool
is_status(struct span line)
{
	return span_istarts(line, "* OK") || span_istarts(line, "* NO") ||
	    span_istarts(line, "* BAD") || span_istarts(line, "* BYE") ||
	    span_istarts(line, "* PREAUTH");
}

/* A response begins. */
static void
look(struct answer *a, struct span line)
{
	struct span word = span_skip(line, a->tag.n);

	a->tagged = a->tag.n > 0 &&
	    span_eq(span_head(line, a->tag.n), a->tag) &&
	    span_at(word, 0) == ' ';
	if (a->tagged)
		a->said = span_istarts(word, " OK ") ? SAID_OK
		    : span_istarts(word, " NO ")     ? SAID_NO
						     : SAID_BAD;
	a->status = a->tagged || is_status(line);
	a->dropped = !is_fit(a, line);
}

static void
give(struct answer *a, size_t n)
{
	struct span piece = span_head(stream_input(a->v->io), n);

	if (!a->dropped)
		stream_put(a->s->io, piece);
	if (a->tagged && a->last != NULL && a->last->n < VISIT_LINE_MOST)
		buf_add_span(a->last, piece);
	stream_take(a->v->io, n);
}

bool
visit_more(struct session *s, struct visit *v)
{
	int64_t ends = v->ends != 0 ? v->ends : clock_ms() + VISIT_ANSWER_MS;

	stream_flush(s->io);
	return stream_wait(v->io, -1, ends) == STREAM_DATA;
}

static bool
more(struct answer *a)
{
	return visit_more(a->s, a->v);
}

static bool
give_literal(struct answer *a, uint64_t n)
{
	while (n > 0) {
		size_t have = stream_input(a->v->io).n;

		if (have > n)
			have = (size_t)n;
		give(a, have);
		n -= have;
		if (n > 0 && !more(a))
			return false;
	}
	return true;
}

/* One line that is there, and the literal at its end. False: it is over. */
static bool
give_line(struct answer *a, const struct imap_scan_out *scan,
    enum imap_scan_result what)
{
	if (!a->inside)
		look(a, span_head(stream_input(a->v->io), scan->used));
	/* some clients would wait for a literal, others would not */
	if (a->status && what == IMAP_SCAN_LITERAL)
		return false;
	give(a, scan->used);
	a->inside = what == IMAP_SCAN_LITERAL;
	return !a->inside || give_literal(a, scan->literal);
}

/* A line that is too long to be kept goes on in pieces; what may be a literal's
 * size stays. */
static void
give_front(struct answer *a)
{
	size_t n = stream_input(a->v->io).n;

	if (n <= VISIT_LINE_MOST)
		return;
	if (!a->inside)
		look(a, stream_input(a->v->io));
	give(a, n - TAIL);
	a->inside = true;
}

enum said
visit_answer(struct session *s, struct visit *v, struct span tag,
    enum said_to to, struct buf *last)
{
	struct answer a = { .s = s,
		.v = v,
		.tag = tag,
		.to = to,
		.last = last,
		.said = SAID_GONE };
	struct imap_scan_out scan;
	enum imap_scan_result what;
	bool good = true;

	while (good && !(a.tagged && !a.inside)) {
		what = imap_scan_line(stream_input(v->io), &scan);
		if (what == IMAP_SCAN_MORE) {
			give_front(&a);
			good = more(&a);
		} else {
			good = give_line(&a, &scan, what);
		}
	}
	/* half of an answer cannot be made whole again */
	if (!good && a.inside && !a.dropped)
		reply_bye(s, "Another user's mailbox has gone away");
	return good ? a.said : SAID_GONE;
}

bool
visit_one(struct session *s, struct visit *v)
{
	struct answer a = { .s = s, .v = v, .to = TO_CLIENT };
	struct imap_scan_out scan;
	enum imap_scan_result what;

	do {
		what = imap_scan_line(stream_input(v->io), &scan);
		if (what == IMAP_SCAN_MORE) {
			give_front(&a);
			if (!more(&a))
				return false;
		} else if (!give_line(&a, &scan, what)) {
			return false;
		}
	} while (what == IMAP_SCAN_MORE || a.inside);
	return true;
}

/* What is there of unasked answers and the end of IDLE. True: it has ended. */
static bool
idle_told(struct answer *a, bool *gone)
{
	struct imap_scan_out scan;
	enum imap_scan_result what;

	for (;;) {
		what = imap_scan_line(stream_input(a->v->io), &scan);
		if (what == IMAP_SCAN_MORE) {
			enum stream_result got =
			    stream_wait(a->v->io, -1, clock_ms());

			*gone = got == STREAM_END;
			if (got != STREAM_DATA)
				return *gone;
			give_front(a);
			continue;
		}
		*gone = !give_line(a, &scan, what);
		if (*gone || a->tagged)
			return true;
	}
}

static bool
is_done(struct span line)
{
	return imap_is_word(&line, "DONE") && imap_end(line);
}

/* A line of the client's, which should be DONE. */
static bool
idle_said(struct session *s, struct visit *v)
{
	struct imap_scan_out scan;

	if (imap_scan_line(stream_input(s->io), &scan) == IMAP_SCAN_MORE &&
	    stream_input(s->io).n <= VISIT_LINE_MOST)
		return false;
	if (stream_input(s->io).n > VISIT_LINE_MOST)
		scan.used = stream_input(s->io).n;
	/* no literal goes over this way, whatever it says */
	stream_put(v->io,
	    is_done(span_head(stream_input(s->io), scan.used))
		? SPAN("DONE\r\n")
		: SPAN("no\r\n"));
	stream_flush(v->io);
	stream_take(s->io, scan.used);
	return true;
}

enum said
visit_idle(struct session *s, struct visit *v)
{
	struct answer a = { .s = s,
		.v = v,
		.tag = s->tag,
		.to = TO_CLIENT,
		.idling = true,
		.said = SAID_GONE };
	int64_t ends = session_deadline(s);
	bool gone = false, done = false;

	stream_flush(v->io);
	while (!idle_told(&a, &gone)) {
		enum stream_result got;

		done = done || idle_said(s, v);
		if (done) {
			if (!more(&a))
				return SAID_GONE;
			continue;
		}
		got = stream_wait(s->io, v->fd, ends);
		if (got == STREAM_STOP)
			reply_bye(s, "Server is shutting down");
		else if (got == STREAM_TIMEOUT)
			reply_bye(s, "Autologout; idle for too long");
		if (got != STREAM_DATA && got != STREAM_WOKEN) {
			s->state = STATE_LOGOUT;
			return SAID_OK;
		}
	}
	return gone ? SAID_GONE : a.said;
}

/* --- beginning --- */

static struct visit *
place_for(struct session *s)
{
	struct visit *best = NULL;

	if (s->visits == NULL)
		s->visits = mem_new(sizeof(*s->visits));
	for (size_t i = 0; i < SHARE_VISITS_MOST; i++) {
		struct visit *v = &s->visits->list[i];

		if (v->io == NULL)
			return v;
		if (v != s->visits->selected &&
		    (best == NULL || v->used < best->used))
			best = v;
	}
	visit_end(s, best);
	return best;
}

/* The greeting, which has no tag. */
static bool
greeted(struct visit *v)
{
	int64_t ends = clock_ms() + VISIT_HURRY_MS;
	struct imap_scan_out scan;

	while (imap_scan_line(stream_input(v->io), &scan) == IMAP_SCAN_MORE)
		if (stream_input(v->io).n > VISIT_LINE_MOST ||
		    stream_wait(v->io, -1, ends) != STREAM_DATA)
			return false;
	if (!span_starts(stream_input(v->io), "* PREAUTH "))
		return false;
	stream_take(v->io, scan.used);
	return true;
}

static bool
attach(struct session *s, struct visit *v, struct span owner, int fd)
{
	*v = (struct visit){ .fd = fd,
		.io = stream_new(fd, fd, &s->start->control) };
	buf_add_span(&v->owner, owner);
	if (greeted(v))
		return true;
	visit_close(v);
	return false;
}

static struct visit *
begin(struct session *s, struct span owner, bool *denied)
{
	int fd = share_visit(s, owner, denied);
	struct visit *v;

	if (fd == -1)
		return NULL;
	v = place_for(s);
	return attach(s, v, owner, fd) ? v : NULL;
}

bool
visit_open(struct session *s, struct visit *v, struct span owner, bool *denied)
{
	int fd = share_visit(s, owner, denied);

	if (fd == -1 || !attach(s, v, owner, fd))
		return false;
	if (visit_enable(s, v))
		return true;
	visit_close(v);
	return false;
}

bool
visit_enable(struct session *s, struct visit *v)
{
	unsigned fresh = s->enabled & ~v->enabled;
	struct buf line = BUF_EMPTY;
	bool good = true;

	if (fresh == 0)
		return true;
	buf_add_str(&line, "ENABLE");
	if ((fresh & ENABLED_CONDSTORE) != 0)
		buf_add_str(&line, " CONDSTORE");
	if ((fresh & ENABLED_QRESYNC) != 0)
		buf_add_str(&line, " QRESYNC");
	if ((fresh & ENABLED_UTF8) != 0)
		buf_add_str(&line, " UTF8=ACCEPT");
	if ((fresh & ENABLED_REV2) != 0)
		buf_add_str(&line, " IMAP4rev2");
	if ((fresh & ENABLED_UIDONLY) != 0)
		buf_add_str(&line, " UIDONLY");
	visit_say(v, "~", buf_span(&line));
	buf_free(&line);
	good = visit_answer(s, v, SPAN("~"), TO_NOBODY, NULL) == SAID_OK;
	v->enabled = s->enabled;
	return good;
}

/* The owner has one already, which has not ended meanwhile. */
static struct visit *
find(struct session *s, struct span owner)
{
	for (size_t i = 0; s->visits != NULL && i < SHARE_VISITS_MOST; i++) {
		struct visit *v = &s->visits->list[i];

		if (v->io == NULL || !span_eq(buf_span(&v->owner), owner))
			continue;
		if (v == s->visits->selected ||
		    stream_wait(v->io, -1, clock_ms()) == STREAM_TIMEOUT)
			return v;
		visit_end(s, v); /* it has ended, or speaks unasked */
		return NULL;
	}
	return NULL;
}

struct visit *
visit_owner(struct session *s, struct span owner, int64_t ends, bool *denied)
{
	struct visit *v = find(s, owner);

	*denied = false;
	if (v == NULL)
		v = begin(s, owner, denied);
	if (v != NULL)
		v->ends = ends;
	if (v != NULL && !visit_enable(s, v)) {
		visit_end(s, v);
		v = NULL;
	}
	if (v != NULL)
		v->used = ++s->visits->clock;
	return v;
}

struct visit *
visit_to(struct session *s, struct span name, const char *missing)
{
	struct buf owner = BUF_EMPTY;
	bool denied = true;
	struct visit *v = NULL;

	if (shared_owner(s->conf, name, &owner))
		v = visit_owner(s, buf_span(&owner), 0, &denied);
	if (v == NULL && denied)
		reply_no(s, missing, "there is no such folder");
	else if (v == NULL)
		reply_no(s, "UNAVAILABLE",
		    "Other users' mailboxes cannot be opened now");
	buf_free(&owner);
	return v;
}

void
visit_lost(struct session *s, struct visit *v)
{
	visit_end(s, v);
	if (!s->told_bye)
		reply_no(s, "UNAVAILABLE", "Another user's mailbox is gone");
}

/* --- literals that are not kept --- */

static bool
stream_literal(struct session *s, struct visit *v, uint64_t n)
{
	int64_t until = clock_ms() + SILENCE_MS + (int64_t)(n / BYTES_PER_MS);

	while (n > 0) {
		struct span have = stream_input(s->io);
		int64_t silence = clock_ms() + SILENCE_MS;

		if (have.n > n)
			have.n = (size_t)n;
		if (v != NULL)
			stream_put(v->io, have);
		stream_take(s->io, have.n);
		n -= have.n;
		if (n > 0 &&
		    session_more(s, silence < until ? silence : until) !=
			STREAM_DATA)
			return false;
	}
	return true;
}

bool
visit_stream(struct session *s, struct visit *v, struct span line)
{
	struct imap_scan_out scan;
	enum imap_scan_result what = imap_scan_line(line, &scan);

	/* who has not been told to send one sends none */
	while (what == IMAP_SCAN_LITERAL && (v != NULL || scan.no_wait)) {
		if (!scan.no_wait)
			stream_printf(s->io, "+ OK\r\n");
		if (!stream_literal(s, v, scan.literal))
			return false;
		while ((what = imap_scan_line(stream_input(s->io), &scan)) ==
		    IMAP_SCAN_MORE) {
			if (stream_input(s->io).n > VISIT_LINE_MOST) {
				reply_bye(s, "Command line too long");
				return false;
			}
			if (session_more(s, clock_ms() + SILENCE_MS) !=
			    STREAM_DATA)
				return false;
		}
		if (v != NULL)
			stream_put(
			    v->io, span_head(stream_input(s->io), scan.used));
		stream_take(s->io, scan.used);
	}
	return true;
}
