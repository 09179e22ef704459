/*
 * mail.c - a message as fields and a body
 *
 * The header ends at an empty line or at the first line that is no field. The
 * lines ">From " behind the envelope line belong to it.
 */

#include "base/arena.h"
#include "base/number.h"
#include "tools/formail/formail.h"

#define FROM SPAN("From ")

/* ---- names and fields */

bool
mail_name_byte(char c)
{
	return c != ' ' && c != ':' && !ascii_control((unsigned char)c);
}

size_t
mail_name(struct span text, size_t *gap)
{
	size_t n = 0, colon;

	*gap = 0;
	while (n < text.n && mail_name_byte(text.p[n]))
		n++;
	for (colon = n; ascii_blank(span_at(text, colon));)
		colon++;
	if (n == 0 || span_at(text, colon) != ':')
		return span_starts(text, "From ") ? FROM.n : 0;
	*gap = colon - n;
	return colon + 1;
}

static bool
is_envelope(struct span s)
{
	size_t gap, n = mail_name(s, &gap);

	return n > 0 && s.p[n - 1] == ' ';
}

bool
field_is(const struct field *f, struct span name)
{
	return !f->gone && f->name >= name.n &&
	    span_ieq(span_head(f->text, name.n), name);
}

struct span
field_value(const struct field *f)
{
	return span_trim(span_skip(f->text, f->name));
}

const struct field *
mail_find(const struct mail *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++)
		if (field_is(&m->fields[i], span_str(name)))
			return &m->fields[i];
	return NULL;
}

size_t
mail_line(struct span s)
{
	size_t n = span_find(s, '\n');

	return n < s.n ? n + 1 : n;
}

size_t
mail_field(struct span s)
{
	size_t gap, n = mail_name(span_head(s, mail_line(s)), &gap);
	bool envelope = is_envelope(s);

	if (n == 0)
		return 0;
	for (n = mail_line(s); n < s.n; n += mail_line(span_skip(s, n))) {
		struct span rest = span_skip(s, n);

		if (envelope ? !span_starts(rest, ">From ")
			     : !ascii_blank(span_at(rest, 0)))
			break;
	}
	return n;
}

/* ---- a message */

static void
append(struct mail *m, struct field add)
{
	if (m->count == m->room) {
		size_t room = m->room == 0 ? 32 : m->room * 2;
		struct field *more =
		    arena_array(m->memory, room, sizeof(*more));

		if (m->count > 0)
			memcpy(more, m->fields, m->count * sizeof(*more));
		m->fields = more;
		m->room = room;
	}
	m->fields[m->count++] = add;
}

struct span
mail_join(struct arena *a, struct span x, struct span y, struct span z)
{
	struct buf all = BUF_EMPTY;
	struct span got;

	buf_add_span(&all, x);
	buf_add_span(&all, y);
	buf_add_span(&all, z);
	got = arena_span(a, buf_span(&all));
	buf_free(&all);
	return got;
}

void
mail_add(struct mail *m, struct span text)
{
	size_t gap, name = mail_name(text, &gap);

	while (span_ends(text, "\n"))
		text = span_head(text, text.n - 1);
	text = mail_join(m->memory, text, SPAN("\n"), SPAN(""));
	append(m, (struct field){ text, name, false, true });
}

void
mail_take(struct mail *m, const struct field *from)
{
	append(m, *from);
}

/* The blanks before the colon go; the newline at the end comes. */
static void
add_parsed(struct mail *m, struct span text)
{
	size_t gap, name = mail_name(text, &gap);
	struct buf whole = BUF_EMPTY;

	if (gap > 0 || !span_ends(text, "\n")) {
		buf_add_span(&whole, span_head(text, name - 1 - gap));
		buf_add_span(&whole, span_skip(text, name - 1));
		if (!span_ends(text, "\n"))
			buf_add_byte(&whole, '\n');
		text = arena_span(m->memory, buf_span(&whole));
		buf_free(&whole);
	}
	append(m, (struct field){ text, name - gap, false, false });
}

static uint64_t
stated_length(struct span value)
{
	uint64_t n;

	return number_parse(span_trim(value), 0, UINT64_MAX, &n) ? n : 0;
}

void
mail_parse(struct mail *m, struct span message)
{
	struct span rest = message;
	const struct field *length;
	size_t n;

	m->whole = message;
	while (span_at(rest, 0) == '\n')
		rest = span_skip(rest, 1);
	while ((n = mail_field(rest)) > 0) {
		if (m->count > 0 && is_envelope(rest))
			break;
		add_parsed(m, span_head(rest, n));
		rest = span_skip(rest, n);
	}
	m->body = span_at(rest, 0) == '\n' ? span_skip(rest, 1) : rest;
	length = mail_find(m, "Content-Length:");
	m->length = length == NULL ? 0 : stated_length(field_value(length));
}
