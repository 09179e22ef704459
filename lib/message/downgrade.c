/*
 * downgrade.c - 8-bit parts of a message as quoted-printable, on the fly
 *
 * A state for header and body, and a stack of boundaries. A header is held back
 * until it is whole, since the field with the encoding may stand before the one
 * with the type. A line is held back until it is certain that it is no
 * boundary; only then may the next part begin.
 */

#include "message/downgrade.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "message/header.h"
#include "message/mime.h"
#include "message/mime_field.h"

enum {
	HEADER_MAX = 65536,
	LINE_MAX_HELD = 200, /* more than any boundary */
	DEPTH_MAX = 32,
	BOUNDARY_MAX = 70, /* RFC 2046, 5.1.1 */
	QP_LINE = 76
};

enum state { IN_HEADER, IN_BODY, IN_ENCODED };

struct downgrade {
	enum downgrade_what what;
	enum state state;
	struct buf header; /* of the part, as far as it came */
	struct buf line; /* its front */
	bool line_goes_on; /* the front is out already */
	size_t depth;
	char boundary[DEPTH_MAX][BOUNDARY_MAX + 1];
	bool too_deep; /* nothing is looked at any more */
	bool wide; /* a header was not ASCII */
	/* of an encoded part */
	size_t column;
	int blank; /* held back: it may end the line; 0: none */
};

struct downgrade *
downgrade_new(enum downgrade_what what)
{
	struct downgrade *d = mem_new(sizeof(*d));

	d->what = what;
	return d;
}

void
downgrade_free(struct downgrade **d)
{
	if (*d == NULL)
		return;
	buf_free(&(*d)->header);
	buf_free(&(*d)->line);
	mem_free(d);
}

/* ---- quoted-printable */

static void
qp_put(struct downgrade *d, const char *text, size_t n, struct buf *out)
{
	if (d->column + n >= QP_LINE) {
		buf_add_str(out, "=\n");
		d->column = 0;
	}
	buf_add_span(out, span_of(text, n));
	d->column += n;
}

static void
qp_byte(struct downgrade *d, unsigned char c, struct buf *out)
{
	static const char digits[] = "0123456789ABCDEF";
	char coded[3] = { '=', digits[c >> 4], digits[c & 15] };
	char plain = (char)c;

	if ((c > ' ' && c < 127 && c != '=') || c == ' ' || c == '\t')
		qp_put(d, &plain, 1, out);
	else
		qp_put(d, coded, 3, out);
}

static void
qp_line_end(struct downgrade *d, struct buf *out)
{
	if (d->blank != 0)
		qp_put(d, d->blank == ' ' ? "=20" : "=09", 3, out);
	d->blank = 0;
	buf_add_byte(out, '\n');
	d->column = 0;
}

/* A piece of a line, with its LF or without. */
static void
qp_encode(struct downgrade *d, struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '\n') {
			qp_line_end(d, out);
			continue;
		}
		if (d->blank != 0)
			qp_byte(d, (unsigned char)d->blank, out);
		d->blank = 0;
		if (c == ' ' || c == '\t')
			d->blank = c;
		else
			qp_byte(d, c, out);
	}
}

/* ---- headers */

static bool
is_8bit(struct span encoding)
{
	return span_iis(encoding, "8bit") || span_iis(encoding, "binary");
}

/* The value without comments and blanks, as far as anybody writes them. */
static struct span
token(struct span value)
{
	struct span word = SPAN("");

	(void)span_word(&value, " \t\r\n;(", &word);
	return word;
}

/* The header again, its encoding replaced. */
static void
header_put(struct downgrade *d, const char *encoding, struct buf *out)
{
	struct span rest = buf_span(&d->header);
	struct header_field f;

	while (header_next(&rest, &f)) {
		if (encoding != NULL &&
		    span_iis(f.name, "Content-Transfer-Encoding"))
			buf_printf(out, "%.*s: %s\n", (int)f.name.n, f.name.p,
			    encoding);
		else
			buf_add_span(out, f.all);
	}
}

static bool
push(struct downgrade *d, struct span boundary)
{
	char *to;

	if (boundary.n == 0 || boundary.n > BOUNDARY_MAX)
		return false;
	if (d->depth == DEPTH_MAX) {
		d->too_deep = true;
		return false;
	}
	to = d->boundary[d->depth++];
	memcpy(to, boundary.p, boundary.n);
	to[boundary.n] = '\0';
	return true;
}

struct entity {
	struct mime_part part;
	struct span encoding;
};

static void
entity_read(struct downgrade *d, struct arena *a, struct entity *e)
{
	struct span rest = buf_span(&d->header);
	struct header_field f;

	*e = (struct entity){ .encoding = SPAN("") };
	while (header_next(&rest, &f)) {
		mime_field_take(a, &e->part, f.all);
		if (span_iis(f.name, "Content-Transfer-Encoding"))
			e->encoding = token(f.value);
	}
	mime_field_finish(a, &e->part, false);
}

/* The header is whole: what becomes of it, and of what follows. */
static void
header_end_at(struct downgrade *d, struct buf *out)
{
	struct arena *a = arena_new();
	struct entity e;
	bool eight, global;

	entity_read(d, a, &e);
	global = span_iis(e.part.type, "message") &&
	    span_istarts(e.part.subtype, "global");
	eight = is_8bit(e.encoding) && (global || d->what == DOWNGRADE_ALL);
	d->state = IN_BODY;
	if (span_iis(e.part.type, "multipart")) {
		(void)push(d, e.part.boundary);
		header_put(d, eight ? "7bit" : NULL, out);
	} else if (span_iis(e.part.type, "message") && !global) {
		if (span_iis(e.part.subtype, "rfc822"))
			d->state = IN_HEADER;
		header_put(d, eight ? "7bit" : NULL, out);
	} else if (eight) {
		d->state = IN_ENCODED;
		header_put(d, "quoted-printable", out);
	} else {
		header_put(d, NULL, out);
	}
	d->column = 0;
	d->blank = 0;
	buf_clear(&d->header);
	arena_free(&a);
}

/* ---- lines */

/* Is it a boundary? The innermost that fits; *last for the one that ends. */
static bool
is_boundary(
    const struct downgrade *d, struct span line, size_t *level, bool *last)
{
	if (!span_starts(line, "--"))
		return false;
	line = span_trim_right(span_skip(line, 2));
	for (size_t i = d->depth; i > 0; i--) {
		struct span b = span_str(d->boundary[i - 1]);

		*level = i;
		*last = false;
		if (span_eq(line, b))
			return true;
		*last = true;
		if (line.n == b.n + 2 && span_eq(span_head(line, b.n), b) &&
		    span_ends(line, "--"))
			return true;
	}
	return false;
}

static void
body_put(struct downgrade *d, struct span s, struct buf *out)
{
	if (d->state == IN_ENCODED)
		qp_encode(d, s, out);
	else
		buf_add_span(out, s);
}

/* A header that is larger than it may be: nothing is known of its part. */
static void
header_give_up(struct downgrade *d, struct buf *out)
{
	buf_add_span(out, buf_span(&d->header));
	buf_clear(&d->header);
	d->state = IN_BODY;
}

/* A whole line, or its front, or a part behind the front. */
static void
line_take(struct downgrade *d, struct span line, bool front, struct buf *out)
{
	bool last = false;
	size_t level = 0;

	if (front && !d->too_deep && is_boundary(d, line, &level, &last)) {
		if (d->state == IN_HEADER)
			header_give_up(d, out);
		buf_add_span(out, line);
		d->depth = last ? level - 1 : level;
		d->state = last ? IN_BODY : IN_HEADER;
		return;
	}
	if (d->state != IN_HEADER || d->too_deep) {
		body_put(d, line, out);
		return;
	}
	if (front && span_is(line, "\n")) {
		header_end_at(d, out);
		buf_add_byte(out, '\n');
		return;
	}
	d->wide = d->wide || utf8_wide(line);
	buf_add_span(&d->header, line);
	if (d->header.n > HEADER_MAX)
		header_give_up(d, out);
}

void
downgrade_feed(struct downgrade *d, struct span bytes, struct buf *out)
{
	while (bytes.n > 0) {
		size_t end = span_find(bytes, '\n');
		bool whole = end < bytes.n;
		struct span part = span_head(bytes, whole ? end + 1 : end);
		size_t room = LINE_MAX_HELD - d->line.n;

		bytes = span_skip(bytes, part.n);
		if (!whole && !d->line_goes_on && part.n < room) {
			buf_add_span(&d->line, part);
			break;
		}
		if (d->line.n > 0) {
			buf_add_span(&d->line, part);
			part = buf_span(&d->line);
		}
		line_take(d, part, !d->line_goes_on, out);
		d->line_goes_on = !whole;
		buf_clear(&d->line);
	}
}

void
downgrade_finish(struct downgrade *d, struct buf *out)
{
	if (d->line.n > 0)
		line_take(d, buf_span(&d->line), !d->line_goes_on, out);
	buf_clear(&d->line);
	if (d->state == IN_HEADER && d->header.n > 0)
		header_end_at(d, out);
	if (d->state == IN_ENCODED && d->blank != 0) {
		qp_put(d, d->blank == ' ' ? "=20" : "=09", 3, out);
		d->blank = 0;
	}
}

bool
downgrade_met_wide(const struct downgrade *d)
{
	return d->wide;
}

bool
downgrade_is_past_headers(const struct downgrade *d)
{
	return d->state != IN_HEADER && d->depth == 0;
}
