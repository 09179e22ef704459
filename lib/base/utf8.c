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
