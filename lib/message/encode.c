/*
 * encode.c - MIME's encodings of bodies (RFC 2045, 6)
 *
 * Decoding never fails: what people send is often broken at one place, and the
 * rest should still be read. Encoders produce what survives any transport.
 */

#include "message/encode.h"

#include <string.h>

#include "base/buf.h"
#include "base/number.h"

enum { LINE_MAX_BYTES = 76, BASE64_PIECE = 57 };

enum encode_kind
encode_kind_of(struct span name)
{
	static const char *const names[] = { "7bit", "8bit", "binary",
		"quoted-printable", "base64" };

	name = span_trim(name);
	if (name.n == 0)
		return ENCODE_7BIT;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (span_iis(name, names[i]))
			return (enum encode_kind)i;
	return ENCODE_UNKNOWN;
}

void
decode_init(struct decode *d, enum encode_kind kind)
{
	*d = (struct decode){ .kind = kind };
}

static int
base64_value(int c)
{
	if (ascii_alpha(c))
		return c >= 'a' ? c - 'a' + 26 : c - 'A';
	if (ascii_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Padding ends a run of base64; what follows begins another, as when several
 * were pasted together. */
static void
base64_feed(struct decode *d, struct span s, struct buf *out)
{
	char *to;

	if (s.n == 0)
		return;
	to = buf_room(out, s.n);
	for (size_t i = 0; i < s.n; i++) {
		int c = span_at(s, i), v = base64_value(c);

		if (v >= 0) {
			d->damaged |= d->ended;
			d->bits = (d->bits << 6 | (uint32_t)v) & 0xffffff;
			d->have += 6;
			if (d->have >= 8) {
				d->have -= 8;
				*to++ = (char)(d->bits >> d->have & 0xff);
			}
		} else if (c == '=') {
			d->damaged |= d->have == 6;
			d->have = 0;
			d->ended = true;
		} else if (!ascii_space(c)) {
			d->damaged = true;
		}
	}
	out->n = (size_t)(to - out->p);
}

static void
blanks_flush(struct decode *d, struct buf *out)
{
	buf_add(out, d->blank, d->blanks);
	d->blanks = 0;
}

/* A byte that is not held and not part of "=XX". */
static void
qp_plain(struct decode *d, char c, struct buf *out)
{
	if (c == '\n' || c == '\r') {
		d->blanks = 0; /* transport padding */
		buf_add_byte(out, c);
	} else if (ascii_blank(c)) {
		if (d->blanks == sizeof(d->blank))
			blanks_flush(d, out);
		d->blank[d->blanks++] = c;
	} else {
		blanks_flush(d, out);
		if (c == '=')
			d->held[d->held_n++] = c;
		else
			buf_add_byte(out, c);
	}
}

/* What was held is no code: it stands for itself. */
static void
qp_unhold(struct decode *d, struct buf *out)
{
	buf_add(out, d->held, d->held_n);
	d->held_n = 0;
	d->damaged = true;
}

/* A byte behind a held '=', or behind '=' and one byte more. */
static void
qp_held(struct decode *d, char c, struct buf *out)
{
	int value = number_hex_digit((unsigned char)c);
	int first = d->held_n == 2 ? d->held[1] : -1;
	int high = number_hex_digit(first);

	if (c == '\n' && high == -1) {
		d->held_n = 0; /* soft line break */
	} else if (d->held_n == 1 && value != -1) {
		d->held[d->held_n++] = c;
	} else if (high != -1 && value != -1) {
		buf_add_byte(out, (char)(high << 4 | value));
		d->held_n = 0;
	} else if ((c == '\r' || ascii_blank(c)) && high == -1 &&
	    first != '\r') {
		/* blanks between the '=' and its line end */
		d->held[1] = c;
		d->held_n = 2;
	} else {
		qp_unhold(d, out);
		qp_plain(d, c, out);
	}
}

static size_t
qp_run(struct span s)
{
	size_t i = 0;

	while (i < s.n && s.p[i] != '=' && span_at(s, i) > ' ')
		i++;
	return i;
}

static void
qp_feed(struct decode *d, struct span s, struct buf *out)
{
	for (size_t i = 0; i < s.n; i++) {
		size_t run = 0;

		if (d->held_n == 0)
			run = qp_run(span_skip(s, i));
		if (run > 0)
			blanks_flush(d, out);
		buf_add(out, s.p + i, run);
		i += run;
		if (i == s.n)
			return;
		if (d->held_n > 0)
			qp_held(d, s.p[i], out);
		else
			qp_plain(d, s.p[i], out);
	}
}

void
decode_feed(struct decode *d, struct span s, struct buf *out)
{
	switch (d->kind) {
	case ENCODE_BASE64:
		base64_feed(d, s, out);
		break;
	case ENCODE_QP:
		qp_feed(d, s, out);
		break;
	case ENCODE_7BIT:
	case ENCODE_8BIT:
	case ENCODE_BINARY:
	case ENCODE_UNKNOWN:
		buf_add_span(out, s);
		break;
	}
}

void
decode_finish(struct decode *d, struct buf *out)
{
	if (d->kind == ENCODE_BASE64 && d->have == 6)
		d->damaged = true;
	/* "=" as the very last byte is a soft line break whose line end was
	 * taken for the boundary's */
	if (d->held_n == 2 && number_hex_digit(d->held[1]) != -1)
		qp_unhold(d, out);
	d->held_n = 0;
	d->blanks = 0;
	d->have = 0;
}

bool
decode_body(struct buf *out, struct span s, enum encode_kind kind)
{
	struct decode d;

	decode_init(&d, kind);
	decode_feed(&d, s, out);
	decode_finish(&d, out);
	return !d.damaged;
}

/* One line without its end; as base64_encode(), but for attachments, where a
 * call for each byte is felt. Returns where the line ends. */
static char *
base64_line(char *to, struct span s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (; s.n >= 3; s = span_skip(s, 3)) {
		uint32_t bits = (uint32_t)span_at(s, 0) << 16 |
		    (uint32_t)span_at(s, 1) << 8 | (uint32_t)span_at(s, 2);

		*to++ = digits[bits >> 18];
		*to++ = digits[bits >> 12 & 63];
		*to++ = digits[bits >> 6 & 63];
		*to++ = digits[bits & 63];
	}
	if (s.n > 0) {
		uint32_t bits = (uint32_t)span_at(s, 0) << 16;

		if (s.n == 2)
			bits |= (uint32_t)span_at(s, 1) << 8;
		*to++ = digits[bits >> 18];
		*to++ = digits[bits >> 12 & 63];
		*to++ = s.n == 2 ? digits[bits >> 6 & 63] : '=';
		*to++ = '=';
	}
	return to;
}

void
encode_base64_body(struct buf *out, struct span s)
{
	while (s.n > 0) {
		char *to = buf_room(out, LINE_MAX_BYTES + 1);

		to = base64_line(to, span_head(s, BASE64_PIECE));
		*to++ = '\n';
		out->n = (size_t)(to - out->p);
		s = span_skip(s, BASE64_PIECE);
	}
}

/* Must c be encoded? rest begins with it; column 0 is the front of a line. */
static bool
qp_needs(struct span rest, size_t column)
{
	int c = span_at(rest, 0);
	bool ends = rest.n == 1;

	if (c == '=' || c > '~' || (c < ' ' && c != '\t'))
		return true;
	if (ascii_blank(c))
		return ends;
	return column == 0 && (c == '.' || span_starts(rest, "From "));
}

/* One line without its end. */
static void
qp_line(struct buf *out, struct span line)
{
	size_t column = 0;

	for (; line.n > 0; line = span_skip(line, 1)) {
		bool code = qp_needs(line, column);

		/* one byte is left for the '=' of a soft line break */
		if (column + (code ? 3 : 1) > LINE_MAX_BYTES - 1) {
			buf_add(out, "=\n", 2);
			column = 0;
			code = qp_needs(line, column);
		}
		if (code)
			buf_printf(out, "=%02X", (unsigned)span_at(line, 0));
		else
			buf_add_byte(out, line.p[0]);
		column += code ? 3 : 1;
	}
}

void
encode_qp(struct buf *out, struct span text)
{
	while (text.n > 0) {
		size_t at = span_find(text, '\n');
		struct span line = span_head(text, at);

		if (at < text.n && at > 0 && line.p[at - 1] == '\r')
			line.n--;
		qp_line(out, line);
		buf_add_str(out, at < text.n ? "\n" : "=\n");
		text = span_skip(text, at + 1);
	}
}

void
encode_crlf(struct buf *out, struct span s)
{
	while (s.n > 0) {
		size_t at = span_find(s, '\n');

		buf_add(out, s.p, at);
		if (at < s.n)
			buf_add_str(
			    out, at > 0 && s.p[at - 1] == '\r' ? "\n" : "\r\n");
		s = span_skip(s, at + 1);
	}
}
