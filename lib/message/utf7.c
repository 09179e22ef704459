/*
 * utf7.c - modified UTF-7 of IMAP's mailbox names (RFC 3501, 5.1.3)
 *
 * Each name has one proper form only, and only that is taken: else two
 * spellings would name one folder, or one check could be passed by another
 * spelling of '/' or '.'.
 */

#include "message/utf7.h"

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/utf8.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static int
digit_value(int c)
{
	if (ascii_alpha(c))
		return c >= 'a' ? c - 'a' + 26 : c - 'A';
	if (ascii_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == ',' ? 63 : -1;
}

static bool
printable(uint32_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

/* Controls: C0, DEL and C1. */
static bool
control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* One unit of UTF-16; *high is the first half of a pair or 0. */
static bool
take_unit(struct buf *out, uint32_t unit, uint32_t *high)
{
	if (*high != 0) {
		if (unit < 0xdc00 || unit > 0xdfff)
			return false;
		utf8_add(
		    out, 0x10000 + ((*high - 0xd800) << 10) + (unit - 0xdc00));
		*high = 0;
		return true;
	}
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return false;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		*high = unit;
		return true;
	}
	if (printable(unit) || control(unit))
		return false;
	utf8_add(out, unit);
	return true;
}

/* The base64 between '&' and '-'. */
static bool
decode_run(struct buf *out, struct span run)
{
	uint32_t bits = 0, high = 0;
	unsigned have = 0;

	for (size_t i = 0; i < run.n; i++) {
		int v = digit_value(span_at(run, i));

		if (v == -1)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 16) {
			have -= 16;
			if (!take_unit(out, bits >> have & 0xffff, &high))
				return false;
			bits &= (1U << have) - 1;
		}
	}
	return high == 0 && have < 6 && bits == 0;
}

static bool
decode(struct buf *out, struct span s)
{
	bool after_run = false;

	while (s.n > 0) {
		int c = span_at(s, 0);
		size_t end;

		if (!printable((uint32_t)c))
			return false;
		if (c != '&') {
			buf_add_byte(out, (char)c);
			s = span_skip(s, 1);
			after_run = false;
			continue;
		}
		s = span_skip(s, 1);
		end = span_find(s, '-');
		if (end == s.n)
			return false;
		if (end == 0)
			buf_add_byte(out, '&');
		else if (after_run || !decode_run(out, span_head(s, end)))
			return false;
		after_run = end > 0;
		s = span_skip(s, end + 1);
	}
	return true;
}

bool
utf7_to_utf8(struct buf *out, struct span name)
{
	size_t before = out->n;

	if (decode(out, name))
		return true;
	buf_cut(out, before);
	return false;
}

/* The encoder's run of base64: bits not yet written. */
struct run {
	bool open;
	uint32_t bits;
	unsigned have;
};

static void
run_close(struct run *r, struct buf *out)
{
	if (!r->open)
		return;
	if (r->have > 0)
		buf_add_byte(out, digits[r->bits << (6 - r->have) & 63]);
	buf_add_byte(out, '-');
	*r = (struct run){ 0 };
}

static void
run_unit(struct run *r, uint32_t unit, struct buf *out)
{
	if (!r->open)
		buf_add_byte(out, '&');
	r->open = true;
	r->bits = r->bits << 16 | unit;
	r->have += 16;
	while (r->have >= 6) {
		r->have -= 6;
		buf_add_byte(out, digits[r->bits >> r->have & 63]);
	}
	r->bits &= (1U << r->have) - 1;
}

static void
run_add(struct run *r, uint32_t c, struct buf *out)
{
	if (c >= 0x10000) {
		run_unit(r, 0xd800 + ((c - 0x10000) >> 10), out);
		run_unit(r, 0xdc00 + ((c - 0x10000) & 0x3ff), out);
	} else {
		run_unit(r, c, out);
	}
}

bool
utf7_from_utf8(struct buf *out, struct span name)
{
	struct run run = { 0 };
	size_t before = out->n;

	while (name.n > 0) {
		uint32_t c;
		size_t n = utf8_next(name, &c);

		if (n == 0 || control(c)) {
			buf_cut(out, before);
			return false;
		}
		name = span_skip(name, n);
		if (!printable(c)) {
			run_add(&run, c, out);
			continue;
		}
		run_close(&run, out);
		buf_add_byte(out, (char)c);
		if (c == '&')
			buf_add_byte(out, '-');
	}
	run_close(&run, out);
	return true;
}
