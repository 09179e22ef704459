/*
 * match.c - finding text as SEARCH does (RFC 5255, 4.6)
 *
 * Both sides are made what the comparator i;unicode-casemap compares, and then
 * compared as bytes. Bytes that are no UTF-8 stand for themselves.
 */

#include "imapd/match.h"

#include <endian.h>
#include <string.h>

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

/* How many of these eight bytes are letters, digits and the like with single
 * blanks between them, from the first on and not up to a blank; all of them are
 * written, so many in upper case. */
static size_t
fold_eight(const char *from, char *to)
{
	const uint64_t each = UINT64_C(0x0101010101010101), high = each * 0x80;
	uint64_t x, blanks, lower, other, end;

	memcpy(&x, from, sizeof(x));
	x = le64toh(x); /* the first byte is the lowest */
	end = x & high;
	/* no byte's sum reaches into the next one's, all being below 128; a
	 * difference may, but only above one that ends it anyway */
	end |= (x - each * ' ') & ~x & high;
	other = x & ~high;
	blanks = ~((other ^ each * ' ') + each * 0x7f) & high;
	end |= (blanks & blanks << 8) | (blanks & high << 56);
	end |= blanks & end >> 8;
	lower = (other + each * (0x80 - 'a')) & ~(other + each * (0x7f - 'z')) &
	    high;
	x = htole64(x - (lower >> 2));
	memcpy(to, &x, sizeof(x));
	return end == 0 ? 8 : (size_t)__builtin_ctzll(end) / 8;
}

/* ASCII at the front of text, which most of it is; returns how much that was. A
 * run of blanks is one, told by *blank until something follows it. */
static size_t
fold_ascii(struct buf *out, struct span text, bool *blank)
{
	char *to = buf_room(out, text.n + 1);
	bool was = *blank;
	size_t i;

	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (text.n - i > 8 && c != ' ') {
			size_t n = fold_eight(text.p + i, to + was);

			if (n > 0) {
				*to = was ? ' ' : *to;
				to += n + was;
				was = false;
				i += n - 1;
				continue;
			}
		}
		if (c >= 0x80)
			break;
		if (ascii_space(c)) {
			was = true;
			continue;
		}
		*to = ' ';
		to += was;
		was = false;
		*to++ = (char)(c - (c >= 'a' && c <= 'z' ? 'a' - 'A' : 0));
	}
	out->n = (size_t)(to - out->p);
	*blank = was;
	return i;
}

void
match_fold(struct buf *out, struct span text)
{
	bool blank = false;

	for (;;) {
		uint32_t c;
		size_t n;

		text = span_skip(text, fold_ascii(out, text, &blank));
		if (text.n == 0)
			break;
		if (blank)
			buf_add_byte(out, ' ');
		blank = false;
		n = utf8_next(text, &c);
		if (n == 0)
			buf_add_byte(out, text.p[0]);
		else
			add_wide(out, c);
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
	/* the tables' version, and ours of what is done besides, signatures
	 * included */
	return casemap_version() << 8 | 2;
}
