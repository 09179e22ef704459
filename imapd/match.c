/*
 * match.c - finding text as SEARCH does
 *
 * Both sides are folded and compared as bytes. The scripts that have case and
 * are written in mail are done by rule; others are compared exactly.
 */

#include "imapd/match.h"

#include "base/buf.h"
#include "base/utf8.h"

/* The dotted I of Turkish is found as an i, too. */
static uint32_t
fold(uint32_t c)
{
	return c == 0x130 ? 'i' : utf8_fold(c);
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
