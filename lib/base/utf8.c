/* utf8.c - UTF-8 as RFC 3629 has it */

#include "base/utf8.h"

#include "base/buf.h"
#include "base/must.h"

size_t
utf8_next(struct span s, uint32_t *c)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	int first = span_at(s, 0);
	size_t n;
	uint32_t got;

	if (first < 0x80) {
		*c = (uint32_t)(first < 0 ? 0 : first);
		return first < 0 ? 0 : 1;
	}
	if (first < 0xc2 || first > 0xf4)
		return 0;
	n = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	got = (uint32_t)first & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		int byte = span_at(s, i);

		if (byte < 0x80 || byte > 0xbf)
			return 0;
		got = got << 6 | ((uint32_t)byte & 0x3f);
	}
	if (got < least[n] || got > 0x10ffff || (got >= 0xd800 && got < 0xe000))
		return 0;
	*c = got;
	return n;
}

bool
utf8_valid(struct span s)
{
	while (s.n > 0) {
		uint32_t c;
		size_t n = utf8_next(s, &c);

		if (n == 0)
			return false;
		s = span_skip(s, n);
	}
	return true;
}

void
utf8_add(struct buf *out, uint32_t c)
{
	must(c <= 0x10ffff && (c < 0xd800 || c >= 0xe000));
	if (c < 0x80) {
		buf_add_byte(out, (char)c);
		return;
	}
	if (c >= 0x10000) {
		buf_add_byte(out, (char)(0xf0 | c >> 18));
		buf_add_byte(out, (char)(0x80 | (c >> 12 & 0x3f)));
	} else if (c >= 0x800) {
		buf_add_byte(out, (char)(0xe0 | c >> 12));
	}
	if (c >= 0x800)
		buf_add_byte(out, (char)(0x80 | (c >> 6 & 0x3f)));
	else
		buf_add_byte(out, (char)(0xc0 | c >> 6));
	buf_add_byte(out, (char)(0x80 | (c & 0x3f)));
}

bool
utf8_wide(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (span_at(s, i) >= 0x80)
			return true;
	return false;
}

/* Stretches of upper-case letters: their lower ones are a distance away, or
 * (by 1) are every second character. */
static const struct {
	uint32_t first, last;
	uint32_t by;
} cases[] = {
	{ 0xc0, 0xd6, 32 },
	{ 0xd8, 0xde, 32 },
	{ 0x100, 0x12f, 1 },
	{ 0x132, 0x137, 1 },
	{ 0x139, 0x148, 1 },
	{ 0x14a, 0x177, 1 },
	{ 0x179, 0x17e, 1 },
	{ 0x1cd, 0x1dc, 1 },
	{ 0x1de, 0x1ef, 1 },
	{ 0x1f8, 0x21f, 1 },
	{ 0x222, 0x233, 1 },
	{ 0x386, 0x386, 38 },
	{ 0x388, 0x38a, 37 },
	{ 0x38c, 0x38c, 64 },
	{ 0x38e, 0x38f, 63 },
	{ 0x391, 0x3a1, 32 },
	{ 0x3a3, 0x3ab, 32 },
	{ 0x3d8, 0x3ef, 1 },
	{ 0x400, 0x40f, 80 },
	{ 0x410, 0x42f, 32 },
	{ 0x460, 0x481, 1 },
	{ 0x48a, 0x4bf, 1 },
	{ 0x4c0, 0x4c0, 15 },
	{ 0x4c1, 0x4ce, 1 },
	{ 0x4d0, 0x52f, 1 },
	{ 0x531, 0x556, 48 },
	{ 0x1e00, 0x1e95, 1 },
	{ 0x1ea0, 0x1eff, 1 },
	{ 0xff21, 0xff3a, 32 },
};

uint32_t
utf8_fold(uint32_t c)
{
	if (c < 0x80)
		return (uint32_t)ascii_lower((int)c);
	if (c == 0x178)
		return 0xff;
	if (c == 0x3c2) /* the sigma that ends a word */
		return 0x3c3;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (c < cases[i].first)
			break;
		if (c > cases[i].last)
			continue;
		if (cases[i].by > 1)
			return c + cases[i].by;
		return (c - cases[i].first) % 2 == 0 ? c + 1 : c;
	}
	return c;
}

void
utf8_add_folded(struct buf *out, struct span s)
{
	buf_room(out, s.n);
	while (s.n > 0) {
		uint32_t c;
		size_t n = utf8_next(s, &c);

		if (n == 1)
			buf_add_byte(out, (char)ascii_lower((int)c));
		else if (n == 0)
			buf_add_byte(out, s.p[0]);
		else
			utf8_add(out, utf8_fold(c));
		s = span_skip(s, n == 0 ? 1 : n);
	}
}
