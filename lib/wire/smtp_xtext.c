/*
 * smtp_xtext.c - xtext (RFC 3461, 4) and unitext (RFC 6533, 3)
 *
 * Both carry arbitrary text in a parameter's value. Lower-case hex digits are
 * taken too, since other programs write them.
 */

#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"
#include "wire/smtp_command.h"

static bool
xtext_decode(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = span_at(s, i), high, low;

		if (c < '!' || c == '=' || c == 127)
			return false;
		if (c != '+') {
			buf_add_byte(out, (char)c);
			continue;
		}
		high = number_hex_digit(span_at(s, i + 1));
		low = number_hex_digit(span_at(s, i + 2));
		if (high == -1 || low == -1 || (high == 0 && low == 0))
			return false;
		buf_add_byte(out, (char)(high << 4 | low));
		i += 2;
	}
	return true;
}

bool
smtp_xtext_decode(struct buf *out, struct span s)
{
	size_t before = out->n;

	if (xtext_decode(out, s))
		return true;
	buf_cut(out, before);
	return false;
}

void
smtp_xtext_encode(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = span_at(s, i);

		if (c >= '!' && c <= '~' && c != '+' && c != '=')
			buf_add_byte(out, (char)c);
		else
			buf_printf(out, "+%02X", (unsigned)c);
	}
}

/* "\x{HEX}" at the front of s, 2 to 6 digits: its length, or 0. */
static size_t
embedded(struct span s, uint32_t *c)
{
	size_t close = span_find(span_head(s, 10), '}');
	uint64_t value;

	if (!span_starts(s, "\\x{") || close < 5 || close == s.n || close > 9)
		return 0;
	if (!number_parse_hex(span_of(s.p + 3, close - 3), 0x10ffff, &value))
		return 0;
	if (value == 0 || (value >= 0xd800 && value <= 0xdfff))
		return 0;
	*c = (uint32_t)value;
	return close + 1;
}

static bool
unitext_decode(struct buf *out, struct span s)
{
	while (s.n > 0) {
		uint32_t c;
		size_t n = utf8_next(s, &c);

		if (n == 0 || c <= ' ' || c == '+' || c == '=' || c == 127)
			return false;
		if (c == '\\')
			n = embedded(s, &c);
		if (n == 0)
			return false;
		utf8_add(out, c);
		s = span_skip(s, n);
	}
	return true;
}

bool
smtp_unitext_decode(struct buf *out, struct span s)
{
	size_t before = out->n;

	if (unitext_decode(out, s))
		return true;
	buf_cut(out, before);
	return false;
}

void
smtp_unitext_encode(struct buf *out, struct span s, bool wide)
{
	while (s.n > 0) {
		uint32_t c = (unsigned char)s.p[0];
		size_t n = utf8_next(s, &c);

		if (c <= ' ' || c == 127 || c == '\\' || c == '+' || c == '=' ||
		    (c > 127 && (!wide || n == 0)))
			buf_printf(out, "\\x{%02X}", (unsigned)c);
		else
			buf_add(out, s.p, n);
		s = span_skip(s, n == 0 ? 1 : n);
	}
}
