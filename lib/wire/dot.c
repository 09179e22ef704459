/*
 * dot.c - the dot transparency of SMTP and POP3 (RFC 5321, 4.5.2)
 *
 * One state for each place inside CRLF "." CRLF. Bytes are copied to the
 * caller only once it is known that they are content. The states after a bare
 * LF are their own, since such a line's dot must not end the content when
 * lines are normalised: that is how mail is smuggled.
 */

#include "wire/dot.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

enum state {
	LINE_START, /* behind CRLF, or at the very front */
	BARE_START, /* behind a bare LF */
	TEXT,
	CR,
	DOT, /* a dot at LINE_START, held back */
	DOT_CR,
	BARE_DOT, /* a dot at BARE_START, held back */
	BARE_DOT_CR,
	OVER,
	BROKEN
};

enum { WINDOW = 512 };

struct dot_reader {
	enum dot_mode mode;
	enum state state;
	bool bare;
};

struct dot_reader *
dot_new(enum dot_mode mode)
{
	struct dot_reader *r = mem_new(sizeof(*r));

	r->mode = mode;
	return r;
}

void
dot_free(struct dot_reader **r)
{
	mem_free(r);
}

void
dot_reset(struct dot_reader *r)
{
	r->state = LINE_START;
	r->bare = false;
}

bool
dot_seen_bare(const struct dot_reader *r)
{
	return r->bare;
}

/* A line ended by a bare LF. */
static enum state
bare_lf(struct dot_reader *r, struct buf *out)
{
	r->bare = true;
	if (r->mode == DOT_STRICT)
		return BROKEN;
	buf_add_byte(out, '\n');
	return r->mode == DOT_ANY ? LINE_START : BARE_START;
}

/* A byte where neither CR nor a dot is held back. */
static enum state
plain(struct dot_reader *r, char c, struct buf *out)
{
	if (c == '\r')
		return CR;
	if (c == '\n')
		return bare_lf(r, out);
	buf_add_byte(out, c);
	return TEXT;
}

/* The CR before c turns out to be bare. */
static enum state
bare_cr(struct dot_reader *r, char c, struct buf *out)
{
	r->bare = true;
	if (r->mode == DOT_STRICT)
		return BROKEN;
	buf_add_byte(out, ' ');
	return plain(r, c, out);
}

/* A line of a dot alone that does not end the content. */
static enum state
lone_dot(struct dot_reader *r, bool crlf, struct buf *out)
{
	buf_add_byte(out, '.');
	if (!crlf)
		return bare_lf(r, out);
	buf_add_byte(out, '\n');
	return LINE_START;
}

static enum state
bare_dot_line(struct dot_reader *r, struct buf *out)
{
	r->bare = true;
	if (r->mode == DOT_STRICT)
		return BROKEN;
	return r->mode == DOT_ANY ? OVER : lone_dot(r, false, out);
}

static enum state
step(struct dot_reader *r, char c, struct buf *out)
{
	switch (r->state) {
	case LINE_START:
		return c == '.' ? DOT : plain(r, c, out);
	case BARE_START:
		return c == '.' ? BARE_DOT : plain(r, c, out);
	case TEXT:
		return plain(r, c, out);
	case CR:
		if (c != '\n')
			return bare_cr(r, c, out);
		buf_add_byte(out, '\n');
		return LINE_START;
	case DOT:
		if (c == '\r')
			return DOT_CR;
		return c == '\n' ? bare_dot_line(r, out) : plain(r, c, out);
	case DOT_CR:
		return c == '\n' ? OVER : bare_cr(r, c, out);
	case BARE_DOT:
		if (c == '\r')
			return BARE_DOT_CR;
		return c == '\n' ? lone_dot(r, false, out) : plain(r, c, out);
	case BARE_DOT_CR:
		if (c == '\n')
			return lone_dot(r, true, out);
		return bare_cr(r, c, out);
	case OVER:
	case BROKEN:
		break;
	}
	return r->state;
}

/* What is looked at in search of a line's end: more at a time would have a line
 * of many CRs, or many bare LFs, looked through again and again. */
static size_t
window(size_t n)
{
	return n < WINDOW ? n : WINDOW;
}

/* Length of a run at the front that holds neither CR nor LF. */
static size_t
run_length(const char *p, size_t n)
{
	struct span s = span_of(p, window(n));
	size_t lf = span_find(s, '\n');

	return span_find(span_head(s, lf), '\r');
}

/* Take whole lines that end in CRLF, hold no other CR and do not begin with a
 * dot: nearly all of a message. Octets read. */
static size_t
whole_lines(const char *p, size_t n, struct buf *out)
{
	char *to = buf_room(out, n);
	size_t i = 0;

	while (i < n && p[i] != '.') {
		size_t most = window(n - i), line;
		const char *lf = memchr(p + i, '\n', most);

		if (lf == NULL || lf == p + i || lf[-1] != '\r')
			break;
		line = (size_t)(lf - (p + i)) - 1;
		if (memchr(p + i, '\r', line) != NULL)
			break;
		memcpy(to, p + i, line);
		to[line] = '\n';
		to += line + 1;
		i += line + 2;
	}
	out->n = (size_t)(to - out->p);
	return i;
}

enum dot_result
dot_feed(struct dot_reader *r, const char *p, size_t n, size_t *used,
    struct buf *out)
{
	size_t i = 0;

	while (i < n && r->state != OVER && r->state != BROKEN) {
		size_t run = 0;

		if (r->state == LINE_START)
			i += whole_lines(p + i, n - i, out);
		else if (r->state == TEXT)
			run = run_length(p + i, n - i);
		buf_add(out, p + i, run);
		i += run;
		if (i < n)
			r->state = step(r, p[i++], out);
	}
	*used = i;
	if (r->state == OVER)
		return DOT_END;
	return r->state == BROKEN ? DOT_BAD : DOT_MORE;
}

void
dot_writer_init(struct dot_writer *w, bool stuff)
{
	w->stuff = stuff;
	w->line_start = true;
	w->cr = false;
}

static void
write_byte(struct dot_writer *w, char c, struct buf *out)
{
	if (w->cr && c != '\n') {
		buf_add_byte(out, ' ');
		w->line_start = false;
	}
	w->cr = c == '\r';
	if (w->cr)
		return;
	if (c == '\n') {
		buf_add(out, "\r\n", 2);
	} else {
		if (w->stuff && w->line_start && c == '.')
			buf_add_byte(out, '.');
		buf_add_byte(out, c);
	}
	w->line_start = c == '\n';
}

void
dot_write(struct dot_writer *w, struct span content, struct buf *out)
{
	size_t i = 0;

	while (i < content.n) {
		size_t run = 0;

		if (!w->line_start && !w->cr)
			run = run_length(content.p + i, content.n - i);
		buf_add(out, content.p + i, run);
		i += run;
		if (i < content.n)
			write_byte(w, content.p[i++], out);
	}
}

void
dot_write_finish(struct dot_writer *w, struct buf *out)
{
	if (w->cr || !w->line_start)
		buf_add(out, "\r\n", 2);
	w->cr = false;
	w->line_start = true;
	if (w->stuff)
		buf_add(out, ".\r\n", 3);
}
