/*
 * text_html.c - plain text shown as HTML
 *
 * Line by line: the level of quoting, then the text, escaped, with its blanks
 * kept and its addresses made links. With format=flowed (RFC 3676) lines that
 * end in a blank go on in the next.
 */

#include "message/text_html.h"

#include "base/buf.h"
#include "message/html_clean.h"

enum { LEVEL_MAX = 9, TAB = 8 };

struct writer {
	struct buf *out;
	unsigned level;
	size_t column;
	bool joined; /* the last line was flowed: this one goes on */
};

static void
level_set(struct writer *w, unsigned level)
{
	for (; w->level < level; w->level++)
		buf_printf(w->out, "<blockquote class=\"q%u\">", w->level + 1);
	for (; w->level > level; w->level--)
		buf_add_str(w->out, "</blockquote>");
}

/* Blanks at the front of s; more than one, and those at the front of a line,
 * must not be joined by the browser. Returns how many bytes were taken. */
static size_t
add_blanks(struct writer *w, struct span s)
{
	size_t n = 0, wide = 0;

	for (; n < s.n && ascii_blank(span_at(s, n)); n++)
		wide += s.p[n] == ' ' ? 1 : TAB - (w->column + wide) % TAB;
	if (wide == 1 && w->column > 0) {
		buf_add_byte(w->out, ' ');
	} else {
		for (size_t i = 1; i < wide; i++)
			buf_add_str(w->out, "&nbsp;");
		buf_add_str(w->out, w->column == 0 ? "&nbsp;" : " ");
	}
	w->column += wide;
	return n;
}

static bool
link_byte(int c)
{
	return c > ' ' && c != 127 && c != '<' && c != '>' && c != '"';
}

/* Length of the address at the front of s: without the punctuation behind it,
 * nor a ')' that was opened before it. */
static size_t
link_length(struct span s)
{
	size_t n = 0, open = 0;

	for (; n < s.n && link_byte(span_at(s, n)); n++) {
		open += s.p[n] == '(';
		if (s.p[n] == ')' && open-- == 0)
			break;
	}
	while (n > 0 && span_find(SPAN(".,;:!?'*_"), s.p[n - 1]) < 9)
		n--;
	return n;
}

/* Length of a link at the front of s, or 0. */
static size_t
link_at(struct span s)
{
	static const char *const schemes[] = { "http://", "https://",
		"mailto:" };
	int first = ascii_lower(span_at(s, 0));

	if (first != 'h' && first != 'm')
		return 0;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = span_str(schemes[i]).n;

		if (span_istarts(s, schemes[i]) && link_length(s) > n)
			return link_length(s);
	}
	return 0;
}

static void
add_link(struct writer *w, struct span s)
{
	buf_add_str(w->out, "<a href=\"");
	html_escape(w->out, s);
	buf_add_str(w->out,
	    "\" target=\"_blank\" rel=\"noopener noreferrer "
	    "nofollow\">");
	html_escape(w->out, s);
	buf_add_str(w->out, "</a>");
}

/* Length of what is neither blank nor a link. */
static size_t
plain_length(struct span s)
{
	size_t n = 0;
	int before = ' ';

	while (n < s.n && !ascii_blank(span_at(s, n))) {
		if (!ascii_alnum(before) && link_at(span_skip(s, n)) > 0)
			break;
		before = span_at(s, n++);
	}
	return n;
}

static void
add_text(struct writer *w, struct span s)
{
	while (s.n > 0) {
		size_t n;

		if (ascii_blank(span_at(s, 0))) {
			n = add_blanks(w, s);
		} else if ((n = plain_length(s)) > 0) {
			html_escape(w->out, span_head(s, n));
			w->column += n;
		} else {
			n = link_at(s);
			add_link(w, span_head(s, n));
			w->column += n;
		}
		s = span_skip(s, n);
	}
}

/* Take the marks of quoting off *line. Flowed text has no blanks between
 * them, other text may. */
static unsigned
take_level(struct span *line, bool flowed)
{
	unsigned level = 0;

	for (;;) {
		size_t at = 0;

		if (!flowed && level > 0 && span_at(*line, 0) == ' ')
			at = 1;
		if (span_at(*line, at) != '>')
			return level < LEVEL_MAX ? level : LEVEL_MAX;
		*line = span_skip(*line, at + 1);
		level++;
	}
}

static void
add_line(struct writer *w, struct span line, bool flowed, bool delsp)
{
	unsigned level = take_level(&line, flowed);
	bool soft;

	/* stuffed blanks of flowed text, or the one behind the marks */
	if ((flowed || level > 0) && span_at(line, 0) == ' ')
		line = span_skip(line, 1);
	soft = flowed && span_ends(line, " ") && !span_is(line, "-- ");
	if (soft && delsp)
		line.n--;
	if (!w->joined || level != w->level) {
		level_set(w, level);
		w->column = 0;
	}
	add_text(w, line);
	w->joined = soft;
	if (!soft)
		buf_add_str(w->out, "<br>\n");
}

void
text_html(struct buf *out, struct span text, bool flowed, bool delsp)
{
	struct writer w = { .out = out };
	struct span line;

	while (span_line(&text, &line))
		add_line(&w, line, flowed, delsp);
	level_set(&w, 0);
}
