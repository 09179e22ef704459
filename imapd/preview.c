/*
 * preview.c - the first words of a message (RFC 8970)
 *
 * Of the first part that has words: plain text, or HTML without its tags.
 * Attachments are passed over, and what is encrypted shows nothing.
 */

#include "imapd/preview.h"

#include <stdint.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "base/why.h"
#include "imapd/body.h"
#include "message/html_clean.h"
#include "message/mime.h"
#include "wire/imap_parse.h"

enum {
	TEXT_MOST =
	    1 << 18, /* of a part, decoded: HTML begins with its style */
	PARTS_MOST = 20 /* looked at until one has words */
};

/* Controls, what turns the direction of writing, and marks without width that
 * fill the previews of bulk mail. */
static bool
unfit(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x34f ||
	    (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2060 && c <= 0x2069) || c == 0xfeff;
}

static bool
blank(uint32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xa0 ||
	    c == 0x3000 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
	    c == 0x2029;
}

/* Words of one line behind what is there; *left: characters. */
static void
add_words(struct buf *out, size_t begun, struct span line, unsigned *left)
{
	bool gap = out->n > begun;

	while (line.n > 0 && *left > 0) {
		uint32_t c = 0;
		size_t n = utf8_next(line, &c);

		line = span_skip(line, n == 0 ? 1 : n);
		if (n == 0 || (unfit(c) && !blank(c)))
			continue;
		if (blank(c)) {
			gap = out->n > begun;
			continue;
		}
		if (gap) {
			if (--*left == 0)
				return;
			buf_add_byte(out, ' ');
		}
		gap = false;
		utf8_add(out, c);
		--*left;
	}
}

static void
words(struct buf *out, struct span text, bool all)
{
	unsigned left = PREVIEW_MOST;
	size_t begun = out->n;
	struct span line;

	while (text.n > 0 && left > 0) {
		size_t n = span_find(text, '\n');

		line = span_head(text, n);
		text = span_skip(text, n == text.n ? n : n + 1);
		if (!all && (span_is(line, "-- ") || span_is(line, "-- \r")))
			break;
		if (all || !span_starts(line, ">"))
			add_words(out, begun, line, &left);
	}
}

void
preview_words(struct buf *out, struct span text)
{
	size_t begun = out->n;

	words(out, text, false);
	if (out->n == begun)
		words(out, text, true);
}

static void
words_of_part(
    const struct mime_part *p, const struct buf *text, struct buf *out)
{
	struct span all = span_trim(buf_span(text));
	struct buf plain = BUF_EMPTY;

	if (span_is(p->subtype, "html")) {
		html_to_text(&plain, all, TEXT_MOST);
		words(out, buf_span(&plain), true);
	} else if (!span_starts(all, "-----BEGIN PGP MESSAGE-----")) {
		preview_words(out, all);
	}
	buf_free(&plain);
}

int
preview_of_body(struct body *b, struct buf *out, struct why *why)
{
	struct buf text = BUF_EMPTY, found = BUF_EMPTY;
	const struct mime_part *p = NULL;
	int got = 0;

	for (int i = 0; i < PARTS_MOST && got == 0 && found.n == 0; i++) {
		buf_clear(&text);
		got = body_next_text(b, &p, TEXT_MOST, &text, why);
		if (got == -1 || p == NULL)
			break;
		words_of_part(p, &text, &found);
	}
	if (got == 0)
		imap_put_string(out, buf_span(&found));
	buf_free(&text);
	buf_free(&found);
	return got;
}
