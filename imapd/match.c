/*
 * match.c - finding text as SEARCH does
 *
 * Both sides are folded and compared as bytes. The scripts that have case and
 * are written in mail are done by rule; others are compared exactly.
 */

#include "imapd/match.h"

#include "base/buf.h"
#include "base/utf8.h"

static uint32_t
fold_latin_extended(uint32_t c)
{
	/* pairs: the upper one is even, but odd in two stretches */
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c + (c & 1);
	if (c == 0x130)
		return 'i';
	if (c == 0x178)
		return 0xff;
	if (c == 0x131 || c == 0x138 || c == 0x149 || c == 0x17f)
		return c;
	return c | 1;
}

static uint32_t
fold(uint32_t c)
{
	if (c < 0x80)
		return (uint32_t)ascii_lower((int)c);
	if (c >= 0xc0 && c <= 0xde && c != 0xd7)
		return c + 32;
	if (c >= 0x100 && c <= 0x17f)
		return fold_latin_extended(c);
	if ((c >= 0x391 && c <= 0x3a1) || (c >= 0x3a3 && c <= 0x3ab))
		return c + 32;
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	if (c >= 0x410 && c <= 0x42f)
		return c + 32;
	if (c >= 0x460 && c <= 0x4ff && c != 0x482 &&
	    !(c >= 0x4c0 && c <= 0x4cf))
		return c | 1;
	if (c >= 0x1e00 && c <= 0x1eff)
		return c | 1;
	return c;
}

void
match_fold(struct buf *out, struct span text)
{
	bool blank = false;

	while (text.n > 0) {
		uint32_t c = (unsigned char)text.p[0];
		size_t n = c < 0x80 ? 1 : utf8_next(text, &c);

		if (c < 0x80 && ascii_space((int)c)) {
			blank = true;
		} else {
			if (blank)
				buf_add_byte(out, ' ');
			blank = false;
			if (n == 0)
				buf_add_byte(out, text.p[0]);
			else if (c < 0x80)
				buf_add_byte(out, (char)ascii_lower((int)c));
			else
				utf8_add(out, fold(c));
		}
		text = span_skip(text, n == 0 ? 1 : n);
	}
	if (blank)
		buf_add_byte(out, ' ');
}

bool
match_find(struct span text, struct span folded_needle)
{
	struct buf folded = BUF_EMPTY;
	bool found;

	if (folded_needle.n == 0)
		return true;
	match_fold(&folded, text);
	found = span_search(buf_span(&folded), folded_needle) < folded.n;
	buf_free(&folded);
	return found;
}
