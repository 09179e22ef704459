/*
 * match.c - finding text as SEARCH does (RFC 5255, 4.6)
 *
 * Both sides are made what the comparator i;unicode-casemap compares, and then
 * compared as bytes. Bytes that are no UTF-8 stand for themselves.
 */

#include "imapd/match.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "message/casemap.h"

/* The dotted I of Turkish is found as an i, too. */
static void
add_wide(struct buf *out, uint32_t c)
{
	if (c == 0x130)
		buf_add_byte(out, 'I');
	else
		casemap_add(out, c);
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
				buf_add_byte(out, (char)ascii_upper((int)c));
			else
				add_wide(out, c);
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

uint32_t
match_version(void)
{
	/* the tables' version, and ours of what is done besides */
	return casemap_version() << 8 | 1;
}
