/*
 * html_style.c - style attributes and single values, filtered by whitelists
 *
 * A declaration is kept whole or dropped whole. A value may hold only
 * characters of plain values, and '(' only behind the name of a colour
 * function, so that neither url() nor expression() nor an escape that spells
 * them can come through. Nothing that positions or overlays is in the list.
 */

#include "message/html_style.h"

#include "base/buf.h"

enum { VALUE_MAX = 200, NUMBER_MAX = 8 };

/* Between blanks; "margin*" stands for all that begin so. */
static const char properties[] =
    " background-color background border* border-collapse border-spacing "
    "caption-side clear color direction display empty-cells float font* "
    "height letter-spacing line-height list-style list-style-type "
    "list-style-position margin* max-height max-width min-height min-width "
    "overflow-wrap padding* table-layout text-align text-decoration* "
    "text-indent text-transform unicode-bidi vertical-align white-space width "
    "word-break word-spacing word-wrap ";

static const char functions[] = " rgb rgba hsl hsla ";

/* Is word between blanks in list? A '*' there ends what must be alike. */
static bool
listed(const char *list, struct span word)
{
	struct span rest = span_str(list), one;

	while (span_word(&rest, " ", &one)) {
		struct span front = span_head(one, one.n - 1);

		if (span_ieq(one, word) ||
		    (span_ends(one, "*") &&
			span_ieq(span_head(word, front.n), front)))
			return true;
	}
	return false;
}

static bool
name_valid(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alpha(span_at(s, i)) && s.p[i] != '-')
			return false;
	return s.n > 0 && s.n < 40;
}

/* The identifier that ends before offset at. */
static struct span
word_before(struct span s, size_t at)
{
	size_t from = at;

	while (from > 0 &&
	    (ascii_alnum(span_at(s, from - 1)) || s.p[from - 1] == '-'))
		from--;
	return span_of(s.p + from, at - from);
}

static bool
value_valid(struct span s)
{
	int quote = -1;
	bool open = false;

	for (size_t i = 0; i < s.n; i++) {
		int c = span_at(s, i);

		if (quote != -1 ? c == quote : c == '"' || c == '\'') {
			quote = quote == -1 ? c : -1;
		} else if (c == '(') {
			if (quote != -1 || open ||
			    !listed(functions, word_before(s, i)))
				return false;
			open = true;
		} else if (c == ')') {
			if (!open)
				return false;
			open = false;
		} else if (!ascii_alnum(c) &&
		    span_find(SPAN(" #%.,+-/_"), (char)c) == 9) {
			return false;
		}
	}
	return s.n > 0 && s.n <= VALUE_MAX && quote == -1 && !open;
}

/* Where the declaration at the front ends; a ';' in quotes or parentheses is
 * part of it. */
static size_t
declaration_length(struct span s)
{
	int quote = -1;
	bool open = false;
	size_t i = 0;

	for (; i < s.n; i++) {
		int c = span_at(s, i);

		if (quote != -1)
			quote = c == quote ? -1 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '(' || c == ')')
			open = c == '(';
		else if (c == ';' && !open)
			break;
	}
	return i;
}

static void
add_lower(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_add_byte(out, (char)ascii_lower(span_at(s, i)));
}

static bool
add_declaration(struct buf *out, struct span s)
{
	size_t colon = span_find(s, ':');
	struct span name = span_trim(span_head(s, colon));
	struct span value = span_trim(span_skip(s, colon + 1));

	if (span_iends(value, "!important"))
		value = span_trim_right(span_head(value, value.n - 10));
	if (!name_valid(name) || !listed(properties, name) ||
	    !value_valid(value))
		return false;
	/* what is floated or shown in another way stays in its place */
	if (span_iis(name, "display") &&
	    !listed(" block inline inline-block "
		    "none list-item table table-cell table-row ",
		value))
		return false;
	add_lower(out, name);
	buf_add_byte(out, ':');
	buf_add_span(out, value);
	buf_add_byte(out, ';');
	return true;
}

unsigned
html_style_filter(struct buf *out, struct span style)
{
	unsigned dropped = 0;

	while (style.n > 0) {
		size_t n = declaration_length(style);
		struct span one = span_trim(span_head(style, n));

		if (one.n > 0 && !add_declaration(out, one))
			dropped++;
		style = span_skip(style, n + 1);
	}
	return dropped;
}

bool
html_is_number(struct span s)
{
	size_t n = 0;

	s = span_trim(s);
	while (ascii_digit(span_at(s, n)))
		n++;
	if (n == 0 || n > NUMBER_MAX)
		return false;
	s = span_skip(s, n);
	return s.n == 0 || span_iis(s, "px") || span_is(s, "%");
}

bool
html_is_color(struct span s)
{
	s = span_trim(s);
	if (span_starts(s, "#"))
		s = span_skip(s, 1);
	if (s.n > 30 || span_find_any(s, "\"'#/%") < s.n)
		return false;
	return value_valid(s);
}

bool
html_is_words(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = span_at(s, i);

		if (!ascii_alnum(c) && span_find(SPAN(" ,._-"), (char)c) == 5)
			return false;
	}
	return s.n <= VALUE_MAX;
}
