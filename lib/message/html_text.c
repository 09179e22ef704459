/*
 * html_text.c - text made HTML, and HTML made text
 *
 * Escaping is the one door through which bytes of strangers reach a page.
 */

#include "base/buf.h"
#include "base/utf8.h"
#include "message/html_token.h"

/* Controls, and what changes the direction of what follows (as in names that
 * want to look like others). */
static bool
unfit(uint32_t c)
{
	return (c < ' ' && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0) ||
	    (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static const char *
escape_of(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
html_escape(struct buf *out, struct span text)
{
	while (text.n > 0) {
		uint32_t c;
		size_t n = utf8_next(text, &c);
		const char *escape = n == 0 ? NULL : escape_of(c);

		if (span_starts(text, "\r\n"))
			n = 1; /* the LF alone */
		else if (n == 0 || unfit(c))
			utf8_add(out, 0xfffd);
		else if (escape != NULL)
			buf_add_str(out, escape);
		else
			buf_add(out, text.p, n);
		text = span_skip(text, n == 0 ? 1 : n);
	}
}

/* Elements that stand on lines of their own. */
static const char *const blocks[] = { "address", "article", "blockquote", "br",
	"center", "dd", "div", "dl", "dt", "footer", "h1", "h2", "h3", "h4",
	"h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section", "table",
	"tr", "ul" };

static bool
is_block(struct span name)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (span_iis(name, blocks[i]))
			return true;
	return false;
}

/* One text of out, blanks joined. */
static void
add_words(struct buf *out, struct span s, size_t from)
{
	for (size_t i = 0; i < s.n; i++) {
		bool blank = ascii_space(span_at(s, i));
		bool first = out->n == from || out->p[out->n - 1] == '\n';

		if (!blank)
			buf_add_byte(out, s.p[i]);
		else if (!first && out->p[out->n - 1] != ' ')
			buf_add_byte(out, ' ');
	}
}

static void
end_line(struct buf *out, size_t from, bool always)
{
	if (out->n > from && out->p[out->n - 1] == ' ')
		out->n--;
	if (out->n > from && (always || out->p[out->n - 1] != '\n'))
		buf_add_byte(out, '\n');
}

/* A tag: its place in the text. */
static void
add_tag(struct buf *out, const struct html_token *t, size_t from)
{
	if (is_block(t->name))
		end_line(out, from, span_iis(t->name, "br"));
	else if (span_iis(t->name, "td") || span_iis(t->name, "th"))
		add_words(out, SPAN(" "), from);
}

void
html_to_text(struct buf *out, struct span html, size_t max)
{
	struct html_reader r = { .rest = html };
	struct html_token t;
	size_t from = out->n, limit = from + max;
	struct buf b = BUF_EMPTY;

	do {
		html_next(&r, &t);
		if (t.kind == HTML_TEXT) {
			buf_clear(&b);
			/* no entity is shorter than what it stands for */
			html_decode(&b, span_head(t.text, 10 * max), false);
			add_words(out, buf_span(&b), from);
		} else if (t.kind == HTML_OPEN || t.kind == HTML_CLOSE) {
			add_tag(out, &t, from);
		}
	} while (t.kind != HTML_OVER && out->n < limit);
	if (out->n > limit) {
		while (limit > from &&
		    ((unsigned char)out->p[limit] & 0xc0) == 0x80)
			limit--;
		buf_cut(out, limit);
	}
	end_line(out, from, false);
	buf_free(&b);
}
