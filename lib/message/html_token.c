/*
 * html_token.c - tags, attributes and text of HTML, as browsers cut them
 *
 * After the HTML Living Standard, 13.2.5, with the states that make no
 * difference here left out. Every byte is looked at a fixed number of times.
 */

#include "message/html_token.h"

/* Elements whose inside is no markup; it is passed over. */
static const char *const raw_names[] = { "script", "style", "title", "textarea",
	"xmp", "iframe", "noembed", "noframes" };

static bool
is_raw(struct span name)
{
	for (size_t i = 0; i < sizeof(raw_names) / sizeof(raw_names[0]); i++)
		if (span_iis(name, raw_names[i]))
			return true;
	return false;
}

static void
skip(struct html_reader *r, size_t n)
{
	if (n > r->rest.n)
		n = r->rest.n;
	r->work += n;
	r->rest = span_skip(r->rest, n);
}

/* Does the end tag of name begin s? */
static bool
is_end_tag(struct span s, struct span name)
{
	int behind = span_at(s, name.n + 2);

	return span_starts(s, "</") &&
	    span_ieq(span_head(span_skip(s, 2), name.n), name) &&
	    (ascii_space(behind) || behind == '/' || behind == '>');
}

/* The inside of a raw element, up to its end tag. */
static size_t
raw_length(struct span s, struct span name)
{
	size_t i = 0;

	for (;;) {
		i += span_find(span_skip(s, i), '<');
		if (i == s.n || is_end_tag(span_skip(s, i), name))
			return i;
		i++;
	}
}

/* Behind "<!--". */
static size_t
comment_length(struct span s)
{
	size_t i = 0;

	if (span_starts(s, ">"))
		return 1;
	if (span_starts(s, "->"))
		return 2;
	for (;;) {
		i += span_find(span_skip(s, i), '-');
		if (i == s.n)
			return i;
		if (span_starts(span_skip(s, i), "-->"))
			return i + 3;
		if (span_starts(span_skip(s, i), "--!>"))
			return i + 4;
		i++;
	}
}

/* "<!" and "<?" that are no comment, "</" before no letter. */
static size_t
bogus_length(struct span s)
{
	size_t at = span_find(s, '>');

	return at < s.n ? at + 1 : at;
}

static size_t
name_length(struct span s)
{
	size_t i = 0;

	while (i < s.n && !ascii_space(span_at(s, i)) && s.p[i] != '/' &&
	    s.p[i] != '>')
		i++;
	return i;
}

/* The value at the front of the rest, which stands behind '='. */
static struct span
take_value(struct html_reader *r)
{
	int quote = span_at(r->rest, 0);
	struct span value;
	size_t n = 0;

	if (quote == '"' || quote == '\'') {
		skip(r, 1);
		value = span_head(r->rest, span_find(r->rest, (char)quote));
		skip(r, value.n + 1);
		return value;
	}
	while (n < r->rest.n && !ascii_space(span_at(r->rest, n)) &&
	    r->rest.p[n] != '>')
		n++;
	value = span_head(r->rest, n);
	skip(r, n);
	return value;
}

static void
skip_blanks(struct html_reader *r)
{
	while (ascii_space(span_at(r->rest, 0)))
		skip(r, 1);
}

static void
add_attribute(struct html_token *t, struct span name, struct span value)
{
	for (size_t i = 0; i < t->count; i++)
		if (span_ieq(t->attributes[i].name, name))
			return;
	if (t->count == HTML_ATTRIBUTES_MAX) {
		t->cut = true;
		return;
	}
	t->attributes[t->count].name = name;
	t->attributes[t->count].value = value;
	t->count++;
}

/* Attributes up to and with '>'; false when the input ends before it. */
static bool
take_attributes(struct html_reader *r, struct html_token *t)
{
	while (r->rest.n > 0) {
		struct span name, value = SPAN("");
		size_t n = 1;

		skip_blanks(r);
		if (span_at(r->rest, 0) == '>') {
			skip(r, 1);
			return true;
		}
		if (span_at(r->rest, 0) == '/') {
			skip(r, 1);
			continue;
		}
		/* a '=' in front is part of the name */
		while (n < r->rest.n && r->rest.p[n] != '=' &&
		    name_length(span_of(r->rest.p + n, 1)) == 1)
			n++;
		name = span_head(r->rest, n);
		skip(r, n);
		skip_blanks(r);
		if (span_at(r->rest, 0) == '=') {
			skip(r, 1);
			skip_blanks(r);
			value = take_value(r);
		}
		if (name.n > 0)
			add_attribute(t, name, value);
	}
	return false;
}

/* At '<' and a letter, or "</" and a letter. */
static void
take_tag(struct html_reader *r, struct html_token *t, bool close)
{
	skip(r, close ? 2 : 1);
	t->kind = close ? HTML_CLOSE : HTML_OPEN;
	t->name = span_head(r->rest, name_length(r->rest));
	skip(r, t->name.n);
	if (!take_attributes(r, t))
		t->kind = HTML_NOTHING;
	else if (!close && is_raw(t->name))
		/* the end tag stays, and closes nothing */
		skip(r, raw_length(r->rest, t->name));
}

static bool
begins_markup(struct span s)
{
	int c = span_at(s, 1);

	if (span_at(s, 0) != '<')
		return false;
	return ascii_alpha(c) || c == '!' || c == '?' || c == '/';
}

static void
take_text(struct html_reader *r, struct html_token *t)
{
	size_t n = 0;

	do {
		n++;
		n += span_find(span_skip(r->rest, n), '<');
	} while (n < r->rest.n && !begins_markup(span_skip(r->rest, n)));
	t->kind = HTML_TEXT;
	t->text = span_head(r->rest, n);
	skip(r, n);
}

void
html_next(struct html_reader *r, struct html_token *out)
{
	struct span s = r->rest;

	out->kind = HTML_NOTHING;
	out->count = 0;
	out->cut = false;
	r->work++;
	if (s.n == 0)
		out->kind = HTML_OVER;
	else if (!begins_markup(s))
		take_text(r, out);
	else if (span_starts(s, "<!--"))
		skip(r, 4 + comment_length(span_skip(s, 4)));
	else if (ascii_alpha(span_at(s, 1)))
		take_tag(r, out, false);
	else if (s.p[1] == '/' && ascii_alpha(span_at(s, 2)))
		take_tag(r, out, true);
	else
		skip(r, bogus_length(s));
}
