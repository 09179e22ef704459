/*
 * write.c - the bytes of a message that go out
 *
 * A line of the body that a mail reader would take for the beginning of a
 * message gets a prefix, but for those bytes that Content-Length covers. The
 * end is always an empty line, so that messages can be put one behind another.
 */

#include "rules/abstract.h"
#include "tools/formail/formail.h"

/* ---- the header */

static struct span
trim_blanks(struct span s)
{
	while (s.n > 0 && ascii_blank(*s.p))
		s = span_skip(s, 1);
	while (s.n > 0 && ascii_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* With -z without the blanks at its ends. */
static void
add_value(const struct formail *f, struct buf *out, const struct field *field)
{
	struct span value = span_skip(field->text, field->name);

	if (f->zap)
		value = trim_blanks(span_head(value, value.n - 1));
	buf_add_span(out, value);
	if (f->zap)
		buf_add_byte(out, '\n');
}

static void
add_extracted(const struct formail *f, struct buf *out, const struct field *at)
{
	bool value = false, all = false;

	for (size_t i = 0; i < f->edit_count; i++) {
		const struct edit *e = &f->edits[i];

		if (!field_is(at, e->name))
			continue;
		value |= e->kind == EDIT_EXTRACT;
		all |= e->kind == EDIT_EXTRACT_ALL;
	}
	if (value)
		add_value(f, out, at);
	else if (all)
		buf_add_span(out, at->text);
}

/* ---- the body */

struct body {
	const struct formail *f;
	struct buf *out;
	const char *prefix;
	struct span all;
};

/* Would it be taken for the beginning of a message? Where a mailbox was split
 * it was seen that a line that looks like one is none. */
static bool
is_bogus(const struct body *b, struct span line)
{
	if (!span_starts(line, "From "))
		return false;
	return !(b->f->split && bounds_envelope(line) &&
	    (b->f->every || bounds_open(b->all, line)));
}

static void
add_line(const struct body *b, struct span line)
{
	bool quotes = b->f->reply && !b->f->no_escape;

	if (!b->f->no_escape && is_bogus(b, line))
		buf_add_str(b->out, b->prefix);
	if (quotes && !span_is(line, "\n"))
		buf_add_str(b->out, b->prefix);
	buf_add_span(b->out, line);
}

static bool
extracts_fields(const struct formail *f)
{
	for (size_t i = 0; i < f->edit_count; i++)
		if (f->edits[i].kind == EDIT_EXTRACT_ALL)
			return true;
	return false;
}

/* Bytes at the front of the body that Content-Length covers, if that field is
 * still there. */
static size_t
shielded(const struct formail *f, const struct mail *m)
{
	const struct field *length = mail_find(m, "Content-Length:");

	if (!f->lengths || f->digest || f->reply || length == NULL ||
	    length->added || extracts_fields(f))
		return 0;
	return m->length > m->body.n ? m->body.n : (size_t)m->length;
}

static void
add_body(const struct formail *f, struct mail *m)
{
	struct body b = { .f = f,
		.out = &m->out,
		.prefix = f->prefix == NULL ? ">" : f->prefix,
		.all = m->whole };
	struct span rest = m->body;
	size_t n = shielded(f, m);

	if (n > 0 && m->body.p[n - 1] != '\n')
		n += mail_line(span_skip(rest, n));
	buf_add_span(b.out, span_head(rest, n));
	for (rest = span_skip(rest, n); rest.n > 0; rest = span_skip(rest, n)) {
		n = mail_line(rest);
		add_line(&b, span_head(rest, n));
	}
	if (m->body.n == 0)
		return;
	if (!span_ends(buf_span(b.out), "\n"))
		buf_add_byte(b.out, '\n');
	if (!span_ends(buf_span(b.out), "\n\n"))
		buf_add_byte(b.out, '\n');
}

/* ---- all */

void
write_mail(const struct formail *f, struct mail *m)
{
	bool extract = options_extract(f);

	for (size_t i = 0; i < m->count; i++) {
		const struct field *at = &m->fields[i];

		if (at->gone)
			continue;
		if (extract)
			add_extracted(f, &m->out, at);
		else
			buf_add_span(&m->out, at->text);
	}
	if (extract && !f->keep)
		return;
	buf_add_byte(&m->out, '\n');
	if (f->keep || !f->reply)
		add_body(f, m);
}

/* A line without what would be more than a line. */
static void
add_shown(struct buf *out, struct span line)
{
	for (size_t i = 0; i < line.n; i++)
		buf_add_byte(out,
		    ascii_control((unsigned char)line.p[i]) ? '?' : line.p[i]);
	buf_add_byte(out, '\n');
}

/* One that the message, or the answer to it, brought. */
static const struct field *
own_subject(const struct formail *f, const struct mail *m)
{
	for (size_t i = 0; i < m->count; i++)
		if ((f->reply || !m->fields[i].added) &&
		    field_is(&m->fields[i], SPAN("Subject:")))
			return &m->fields[i];
	return NULL;
}

void
write_abstract(const struct formail *f, struct mail *m)
{
	const struct field *subject = own_subject(f, m);
	const struct field *from = mail_find(m, "From ");
	struct span line = span_of(NULL, 0), rest;
	size_t bytes = m->out.n;

	buf_clear(&m->out);
	if (from != NULL) {
		rest = from->text;
		while (span_line(&rest, &line) && rest.n > 0)
			add_shown(&m->out, line);
	}
	abstract_add(&m->out, line,
	    subject == NULL ? span_of(NULL, 0)
			    : span_head(subject->text, subject->text.n - 1),
	    span_str(f->folder), bytes);
}
