/*
 * session.c - one authenticated POP3 client (RFC 1939, 5 to 7; RFC 2449;
 * RFC 6856)
 *
 * Commands are lines, answers are gathered, so that pipelined commands cost one
 * packet. Numbers count from 1 on the wire and from 0 inside.
 */

#include "pop3d/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/number.h"
#include "base/why.h"
#include "os/clock.h"
#include "os/file.h"
#include "pop3d/admit.h"
#include "pop3d/maildrop.h"
#include "wire/dot.h"
#include "wire/pop3_lang.h"
#include "wire/pop3_policy.h"

enum {
	LINE_MOST = 512,
	COMMAND_MS = 60000, /* from its first byte to its last */
	BAD_MOST = 20,
	PIECE = 65536
};

struct session {
	const struct pop3_start *start;
	struct stream *io;
	struct maildrop *drop;
	int admitted; /* of admit.c */
	bool over, quit;
	unsigned bad; /* commands in a row that are none */
	int64_t began;
	uint64_t top, retr; /* octets sent, for the log */
};

static void
ok(struct session *s, const char *text)
{
	stream_printf(s->io, "+OK %s\r\n", text);
}

static void
err(struct session *s, const char *text)
{
	stream_printf(s->io, "-ERR %s\r\n", text);
}

static void
trouble(struct session *s, struct why *why)
{
	log_warning("%s", why_text(why));
	stream_printf(s->io, "-ERR [SYS/TEMP] %s\r\n", why_text(why));
}

/* The number of a message that is there; false: -ERR was answered. */
static bool
take_message(struct session *s, struct span word, size_t *i)
{
	uint64_t n;

	if (!number_parse(word, 1, maildrop_count(s->drop), &n)) {
		err(s, "No such message");
		return false;
	}
	*i = (size_t)n - 1;
	if (maildrop_deleted(s->drop, *i)) {
		err(s, "The message is deleted");
		return false;
	}
	return true;
}

static void
totals(struct session *s, uint64_t *count, uint64_t *octets)
{
	*count = *octets = 0;
	for (size_t i = 0; i < maildrop_count(s->drop); i++) {
		if (maildrop_deleted(s->drop, i))
			continue;
		++*count;
		*octets += maildrop_size(s->drop, i);
	}
}

static void
cmd_stat(struct session *s, struct span arg)
{
	uint64_t count, octets;

	(void)arg;
	totals(s, &count, &octets);
	stream_printf(s->io, "+OK %" PRIu64 " %" PRIu64 "\r\n", count, octets);
}

static void
list_one(struct session *s, const char *before, size_t i)
{
	stream_printf(s->io, "%s%zu %" PRIu64 "\r\n", before, i + 1,
	    maildrop_size(s->drop, i));
}

static void
cmd_list(struct session *s, struct span arg)
{
	size_t i;

	if (arg.n > 0) {
		if (take_message(s, arg, &i))
			list_one(s, "+OK ", i);
		return;
	}
	ok(s, "Sizes follow");
	for (i = 0; i < maildrop_count(s->drop); i++)
		if (!maildrop_deleted(s->drop, i))
			list_one(s, "", i);
	stream_put(s->io, SPAN(".\r\n"));
}

static void
uidl_one(struct session *s, const char *before, size_t i)
{
	stream_printf(s->io, "%s%zu ", before, i + 1);
	stream_put(s->io, maildrop_uidl(s->drop, i));
	stream_put(s->io, SPAN("\r\n"));
}

static void
cmd_uidl(struct session *s, struct span arg)
{
	size_t i;

	if (arg.n > 0) {
		if (take_message(s, arg, &i))
			uidl_one(s, "+OK ", i);
		return;
	}
	ok(s, "Unique-ids follow");
	for (i = 0; i < maildrop_count(s->drop); i++)
		if (!maildrop_deleted(s->drop, i))
			uidl_one(s, "", i);
	stream_put(s->io, SPAN(".\r\n"));
}

/* How much of a message TOP lets through. */
struct top {
	bool whole; /* RETR */
	bool in_body, line_empty; /* of the header: the line so far is empty */
	uint64_t lines; /* of the body, left */
};

/* The front of piece that is wanted. */
static struct span
top_cut(struct top *t, struct span piece)
{
	size_t n = 0;

	if (t->whole)
		return piece;
	while (n < piece.n && !(t->in_body && t->lines == 0)) {
		char c = piece.p[n++];

		if (t->in_body)
			t->lines -= c == '\n';
		else if (c == '\n' && t->line_empty)
			t->in_body = true;
		else if (c != '\r')
			t->line_empty = c == '\n';
	}
	return span_head(piece, n);
}

/* Send the file of a message; what was promised by +OK cannot be taken back,
 * so trouble in the middle ends the session. */
static uint64_t
send_file(struct session *s, int fd, struct top *t)
{
	char *room = mem_new(PIECE);
	struct buf out = BUF_EMPTY;
	struct dot_writer w;
	uint64_t sent = 0;
	ssize_t n;

	dot_writer_init(&w, true);
	do {
		struct span piece;

		n = read(fd, room, PIECE);
		if (n <= 0)
			break;
		piece = top_cut(t, span_of(room, (size_t)n));
		buf_clear(&out);
		dot_write(&w, piece, &out);
		stream_put(s->io, buf_span(&out));
		sent += out.n;
		if (piece.n < (size_t)n)
			break;
	} while (!stream_failed(s->io));
	buf_clear(&out);
	dot_write_finish(&w, &out);
	if (n == -1) {
		log_error("a message cannot be read: %s", strerror(errno));
		s->over = true;
	} else {
		stream_put(s->io, buf_span(&out));
	}
	buf_free(&out);
	free(room);
	return sent;
}

static bool
send_message(struct session *s, size_t i, struct top *t, uint64_t *octets)
{
	struct why why;
	int fd;

	why_init(&why);
	fd = maildrop_file(s->drop, i, &why);
	if (fd == -1) {
		trouble(s, &why);
	} else {
		ok(s, "Message follows");
		*octets += send_file(s, fd, t);
	}
	why_free(&why);
	if (fd == -1)
		return false;
	file_close(&fd);
	return !s->over;
}

static void
cmd_retr(struct session *s, struct span arg)
{
	struct top t = { .whole = true };
	size_t i;

	if (take_message(s, arg, &i) && send_message(s, i, &t, &s->retr))
		maildrop_fetched(s->drop, i);
}

static void
cmd_top(struct session *s, struct span arg)
{
	struct top t = { .line_empty = true };
	struct span number, lines = arg;
	size_t i;

	if (!span_cut(&lines, ' ', &number) ||
	    !number_parse(span_trim(lines), 0, UINT64_MAX, &t.lines)) {
		err(s, "TOP wants a message and a number of lines");
		return;
	}
	if (take_message(s, number, &i))
		(void)send_message(s, i, &t, &s->top);
}

static void
cmd_dele(struct session *s, struct span arg)
{
	size_t i;

	if (!take_message(s, arg, &i))
		return;
	maildrop_delete(s->drop, i);
	ok(s, "Message deleted");
}

static void
cmd_noop(struct session *s, struct span arg)
{
	(void)arg;
	ok(s, "Still here");
}

static void
cmd_rset(struct session *s, struct span arg)
{
	(void)arg;
	maildrop_undelete_all(s->drop);
	ok(s, "Nothing is deleted");
}

/* As login has it, but STLS: USER and SASL are for both states (RFC 2449, 6).
 */
static void
cmd_capa(struct session *s, struct span arg)
{
	const struct pop3_conf *conf = s->start->conf;
	struct buf out = BUF_EMPTY;

	(void)arg;
	ok(s, "Capability list follows");
	pop3_capa(&out, conf->expire_days, conf->pop3_login_delay);
	buf_add_str(&out,
	    "USER\r\nSASL PLAIN LOGIN\r\nIMPLEMENTATION Facteur\r\n.\r\n");
	stream_put(s->io, buf_span(&out));
	buf_free(&out);
}

static void
cmd_lang(struct session *s, struct span arg)
{
	struct buf out = BUF_EMPTY;

	pop3_lang(arg, &out);
	stream_put(s->io, buf_span(&out));
	buf_free(&out);
}

/* RFC 6856, 2: of the state before. */
static void
cmd_utf8(struct session *s, struct span arg)
{
	(void)arg;
	err(s, "UTF8 comes before the login");
}

static void
cmd_quit(struct session *s, struct span arg)
{
	(void)arg;
	s->over = s->quit = true;
}

typedef void command_fn(struct session *s, struct span arg);

static const struct command {
	const char *verb;
	command_fn *run;
	bool wants, may; /* an argument */
} commands[] = {
	{ "STAT", cmd_stat, false, false },
	{ "LIST", cmd_list, false, true },
	{ "RETR", cmd_retr, true, true },
	{ "DELE", cmd_dele, true, true },
	{ "NOOP", cmd_noop, false, false },
	{ "RSET", cmd_rset, false, false },
	{ "QUIT", cmd_quit, false, false },
	{ "TOP", cmd_top, true, true },
	{ "UIDL", cmd_uidl, false, true },
	{ "CAPA", cmd_capa, false, false },
	{ "LANG", cmd_lang, false, true },
	{ "UTF8", cmd_utf8, false, false },
};

static void
run(struct session *s, struct span line)
{
	struct span arg = line, verb;

	(void)span_cut(&arg, ' ', &verb);
	arg = arg.p == NULL ? SPAN("") : span_trim(arg);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command *c = &commands[i];

		if (!span_iis(verb, c->verb))
			continue;
		s->bad = 0;
		if ((c->wants && arg.n == 0) || (!c->may && arg.n > 0))
			err(s,
			    c->wants ? "An argument is wanted"
				     : "No argument is wanted");
		else
			c->run(s, arg);
		return;
	}
	err(s, "Unknown command");
	if (++s->bad >= BAD_MOST)
		s->over = true;
}

/* False when the session is over. */
static bool
wait_for_line(struct session *s, int64_t until)
{
	switch (stream_wait(s->io, -1, until)) {
	case STREAM_DATA:
		return true;
	case STREAM_STOP:
		err(s, "[SYS/TEMP] Server is shutting down");
		break;
	case STREAM_TIMEOUT:
		err(s, "[SYS/TEMP] You have been silent for too long");
		break;
	case STREAM_WOKEN:
	case STREAM_END:
		break;
	}
	s->over = true;
	return false;
}

static void
serve(struct session *s)
{
	int64_t idle_ms = s->start->conf->pop3_idle_timeout * 1000;
	int64_t until = clock_ms() + idle_ms;

	while (!s->over) {
		struct span have = stream_input(s->io);
		size_t lf = span_find(have, '\n');

		if (lf < have.n && lf <= LINE_MOST) {
			run(s, span_trim_right(span_head(have, lf)));
			stream_take(s->io, lf + 1);
			until = clock_ms() +
			    (stream_input(s->io).n > 0 ? COMMAND_MS : idle_ms);
		} else if (have.n > LINE_MOST) {
			err(s, "Line too long");
			s->over = true;
		} else if (have.n == 0) {
			if (wait_for_line(s, until))
				until = clock_ms() + COMMAND_MS;
		} else {
			(void)wait_for_line(s, until);
		}
	}
}

static void
log_session(const struct session *s, bool begins)
{
	const struct pop3_start *b = s->start;
	struct buf user = BUF_EMPTY;

	log_quote(&user, b->user, 100);
	metric_count(begins ? METRIC_LOGINS_OK : METRIC_DISCONNECTIONS);
	if (begins)
		log_info("LOGIN, user=%s, ip=[%.*s], port=[%u], protocol=POP3",
		    buf_str(&user), (int)b->client_addr.n, b->client_addr.p,
		    b->client_port);
	else
		log_info("LOGOUT, user=%s, ip=[%.*s], port=[%u], top=%" PRIu64
			 ", retr=%" PRIu64 ", rcvd=%" PRIu64 ", sent=%" PRIu64
			 ", time=%" PRId64,
		    buf_str(&user), (int)b->client_addr.n, b->client_addr.p,
		    b->client_port, s->top, s->retr, stream_received(s->io),
		    stream_sent(s->io), clock_wall() - s->began);
	buf_free(&user);
}

static void
log_deleted(void *arg, struct span path)
{
	const struct session *s = arg;
	const struct pop3_start *b = s->start;
	struct buf user = BUF_EMPTY, name = BUF_EMPTY;

	log_quote(&user, b->user, 100);
	log_quote(&name, path, 600);
	log_info("DELETED, user=%s, ip=[%.*s], port=[%u], filename=%s",
	    buf_str(&user), (int)b->client_addr.n, b->client_addr.p,
	    b->client_port, buf_str(&name));
	buf_free(&user);
	buf_free(&name);
}

/* The UPDATE state (RFC 1939, 6). */
static void
update(struct session *s)
{
	struct why why;

	why_init(&why);
	if (s->quit && s->start->conf->expire_days != POP3_NEVER)
		maildrop_expire(s->drop, s->start->conf->expire_days);
	if (s->start->conf->log_deletions)
		maildrop_tell_removals(s->drop, log_deleted, s);
	if (maildrop_close(&s->drop, s->quit, &why) == -1) {
		log_warning("%s", why_text(&why));
		if (s->quit)
			err(s, "[SYS/TEMP] Some messages were not removed");
	} else if (s->quit) {
		ok(s, "Bye");
	}
	why_free(&why);
}

/* After the password, as the client must not learn of a user's sessions before.
 * False: -ERR was answered. */
static bool
admitted(struct session *s)
{
	const struct pop3_conf *conf = s->start->conf;

	switch (admit(maildrop_dir(s->drop), conf->pop3_lock_session,
	    conf->pop3_login_delay, &s->admitted)) {
	case ADMIT_IN_USE:
		err(s, "[IN-USE] Another session has this mailbox");
		return false;
	case ADMIT_EARLY:
		err(s, "[LOGIN-DELAY] Your last login was a moment ago");
		return false;
	case ADMIT_YES:
		break;
	}
	ok(s, "Logged in");
	return true;
}

static int
open_drop(struct session *s)
{
	struct why why;

	why_init(&why);
	s->drop = maildrop_open(
	    s->start->mail, s->start->conf->index_directory, &why);
	if (s->drop == NULL) {
		log_error("%s", why_text(&why));
		err(s, "[SYS/TEMP] Your mail cannot be opened now");
	}
	why_free(&why);
	return s->drop == NULL ? -1 : 0;
}

int
pop3d_session(const struct pop3_start *start)
{
	struct session s = {
		.start = start, .admitted = -1, .began = clock_wall()
	};
	int failed;

	s.io = stream_new(start->in, start->out, &start->control);
	stream_preload(s.io, start->input);
	log_session(&s, true);
	failed = open_drop(&s);
	if (failed == 0) {
		if (admitted(&s))
			serve(&s);
		update(&s);
	}
	file_close(&s.admitted);
	stream_flush(s.io);
	log_session(&s, false);
	stream_free(&s.io);
	return failed == 0 ? 0 : 1;
}
