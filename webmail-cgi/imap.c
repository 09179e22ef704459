/*
 * imap.c - an IMAP client that blocks: one page's worth of commands
 *
 * A CGI program asks a few things and ends, so nothing is pipelined and
 * nothing is remembered. Every read has a deadline: a server that hangs gives
 * the browser an error page.
 */

#include "webmail-cgi/imap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "message/encode.h"
#include "os/file.h"

enum { LIMIT_S = 60, CHUNK = 65536 };

struct imap {
	int fd;
	struct buf in; /* read and not used */
	size_t used; /* of in: the response given out last */
	struct buf out;
	struct arena *arena; /* of one response */
	unsigned tag;
	struct buf text;
};

static bool
read_more(struct imap *c)
{
	ssize_t n;

	if (c->in.n > IMAP_RESPONSE_MAX)
		return false;
	do
		n = read(c->fd, buf_room(&c->in, CHUNK), CHUNK);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return false;
	c->in.n += (size_t)n;
	return true;
}

/* The next whole response; good until the next call. */
static bool
next(struct imap *c, struct span *line)
{
	size_t n;

	buf_drop(&c->in, c->used);
	c->used = 0;
	while ((n = imap_response_length(buf_span(&c->in))) == 0)
		if (!read_more(c))
			return false;
	*line = span_head(buf_span(&c->in), n);
	c->used = n;
	return true;
}

static bool
greeted(struct imap *c)
{
	struct span line;

	return next(c, &line) &&
	    (span_istarts(line, "* PREAUTH") || span_istarts(line, "* OK"));
}

struct imap *
imap_open(int fd)
{
	struct timeval limit = { .tv_sec = LIMIT_S };
	struct imap *c = mem_new(sizeof(*c));

	c->fd = fd;
	c->arena = arena_new();
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (!greeted(c))
		imap_close(&c);
	return c;
}

void
imap_close(struct imap **cp)
{
	struct imap *c = *cp;

	if (c == NULL)
		return;
	if (c->tag > 0)
		(void)imap_command(c, NULL, NULL, "LOGOUT");
	close(c->fd);
	buf_free(&c->in);
	buf_free(&c->out);
	buf_free(&c->text);
	arena_free(&c->arena);
	free(c);
	*cp = NULL;
}

/* "OK text": the status, and the text is kept. */
static enum imap_status
tagged(struct imap *c, struct span rest)
{
	struct span word = span_head(rest, span_find(rest, ' '));

	buf_clear(&c->text);
	buf_add_span(&c->text, span_trim(span_skip(rest, word.n)));
	if (span_iis(word, "OK"))
		return IMAP_OK;
	return span_iis(word, "NO") ? IMAP_NO : IMAP_BAD;
}

static void
untagged(struct imap *c, struct span line, imap_fn *fn, void *arg)
{
	struct imap_tokens tokens;

	arena_clear(c->arena);
	if (fn != NULL &&
	    imap_tokens_parse(c->arena, span_skip(line, 2), &tokens))
		fn(arg, &tokens);
}

/* Until the answer with our tag, or a "+". */
static enum imap_status
answer(struct imap *c, imap_fn *fn, void *arg, bool *goes_on)
{
	char tag[16];
	struct span line;
	int n = snprintf(tag, sizeof(tag), "w%u ", c->tag);

	*goes_on = false;
	while (next(c, &line)) {
		if (span_starts(line, "* "))
			untagged(c, line, fn, arg);
		else if (span_starts(line, tag))
			return tagged(c, span_skip(line, (size_t)n));
		else if (span_starts(line, "+")) {
			*goes_on = true;
			return IMAP_OK;
		}
	}
	return IMAP_LOST;
}

static bool
send_out(struct imap *c)
{
	bool good = file_write(c->fd, buf_span(&c->out)) == 0;

	buf_clear(&c->out);
	return good;
}

enum imap_status
imap_command(struct imap *c, imap_fn *fn, void *arg, const char *format, ...)
{
	va_list args;
	bool goes_on;

	buf_printf(&c->out, "w%u ", ++c->tag);
	va_start(args, format);
	buf_vprintf(&c->out, format, args);
	va_end(args);
	buf_add_str(&c->out, "\r\n");
	return send_out(c) ? answer(c, fn, arg, &goes_on) : IMAP_LOST;
}

enum imap_status
imap_append(
    struct imap *c, struct span folder, const char *flags, struct span bytes)
{
	struct buf crlf = BUF_EMPTY;
	enum imap_status got;
	bool goes_on;

	encode_crlf(&crlf, bytes);
	buf_printf(&c->out, "w%u APPEND ", ++c->tag);
	if (!imap_quote(&c->out, folder)) {
		buf_clear(&c->out);
		buf_free(&crlf);
		return IMAP_BAD;
	}
	buf_printf(&c->out, " (%s) {%zu}\r\n", flags, crlf.n);
	got = send_out(c) ? answer(c, NULL, NULL, &goes_on) : IMAP_LOST;
	if (got == IMAP_OK && goes_on) {
		buf_add_span(&c->out, buf_span(&crlf));
		buf_add_str(&c->out, "\r\n");
		got = send_out(c) ? answer(c, NULL, NULL, &goes_on) : IMAP_LOST;
	}
	buf_free(&crlf);
	return got;
}

struct span
imap_text(const struct imap *c)
{
	return buf_span(&c->text);
}

bool
imap_quote(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\0' || s.p[i] == '\r' || s.p[i] == '\n' ||
		    (unsigned char)s.p[i] > 127)
			return false;
	buf_add_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, s.p[i]);
	}
	buf_add_byte(out, '"');
	return true;
}
