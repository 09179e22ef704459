/*
 * strict.c - what a message may not have where main.cf is strict about MIME
 *
 * Lines are read for their structure as far as LINE_MAX; whether there are
 * bytes above 127 is looked for in all of a line. A field goes to the reader of
 * MIME whole, its further lines behind the first.
 */

#include "intake/strict.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "message/mime_lines.h"

enum { LINE_MAX = 2 * MIME_LINES_BOUNDARY_MAX, FIELD_MAX = 16384 };

struct strict {
	unsigned wanted;
	enum strict_fault fault;
	struct mime_lines *mime;
	struct buf line, field; /* of the line, and of the field, under way */
	bool begun; /* a line is under way */
	bool wide; /* it has bytes above 127 */
};

struct strict *
strict_new(unsigned wanted, unsigned depth_max)
{
	struct strict *s = mem_new(sizeof(*s));

	s->wanted = wanted;
	s->mime = mime_lines_new(depth_max);
	return s;
}

void
strict_free(struct strict **s)
{
	if (*s == NULL)
		return;
	mime_lines_free(&(*s)->mime);
	buf_free(&(*s)->line);
	buf_free(&(*s)->field);
	free(*s);
	*s = NULL;
}

static void
wrong(struct strict *s, enum strict_fault fault)
{
	if (s->fault == STRICT_FINE && (s->wanted & fault) != 0)
		s->fault = fault;
}

static bool
is_wide(struct span bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		if ((bytes.p[i] & 0x80) != 0)
			return true;
	return false;
}

void
strict_field(struct strict *s, struct span field)
{
	if (is_wide(field))
		wrong(s, STRICT_8BIT_HEADER);
	mime_lines_field(s->mime, field);
}

static void
part_begins(struct strict *s)
{
	if (mime_lines_bad_domain(s->mime))
		wrong(s, STRICT_DOMAIN);
}

void
strict_header_end(struct strict *s)
{
	mime_lines_header_end(s->mime);
	part_begins(s);
}

static void
field_over(struct strict *s)
{
	if (s->field.n > 0)
		strict_field(s, buf_span(&s->field));
	buf_clear(&s->field);
}

static void
line_kind(struct strict *s, struct span line)
{
	unsigned part = mime_lines_part(s->mime);

	switch (mime_lines_feed(s->mime, line)) {
	case MIME_LINE_FIELD:
		if (s->wide)
			wrong(s, STRICT_8BIT_HEADER);
		buf_add_span(&s->field, line);
		break;
	case MIME_LINE_BODY:
		if (s->wide && !mime_lines_wide(s->mime))
			wrong(s, STRICT_8BIT_BODY);
		break;
	case MIME_LINE_END:
		break;
	}
	if (part != mime_lines_part(s->mime))
		part_begins(s);
}

static void
line_over(struct strict *s)
{
	struct span line = buf_span(&s->line);

	if (s->field.n > 0 && line.n > 0 && ascii_blank(span_at(line, 0))) {
		if (s->wide)
			wrong(s, STRICT_8BIT_HEADER);
		if (s->field.n + line.n < FIELD_MAX) {
			buf_add_byte(&s->field, '\n');
			buf_add_span(&s->field, line);
		}
	} else {
		field_over(s);
		line_kind(s, line);
	}
	buf_clear(&s->line);
	s->begun = s->wide = false;
}

void
strict_feed(struct strict *s, struct span bytes)
{
	while (s != NULL && s->fault == STRICT_FINE && bytes.n > 0) {
		size_t n = span_find(bytes, '\n');
		struct span piece = span_head(bytes, n);

		s->begun = true;
		s->wide = s->wide || is_wide(piece);
		if (s->line.n < LINE_MAX)
			buf_add_span(
			    &s->line, span_head(piece, LINE_MAX - s->line.n));
		if (n < bytes.n)
			line_over(s);
		bytes = span_skip(bytes, n + 1);
	}
}

void
strict_end(struct strict *s)
{
	if (s != NULL && s->fault == STRICT_FINE && s->begun)
		line_over(s);
	if (s != NULL)
		field_over(s);
}

enum strict_fault
strict_fault(const struct strict *s)
{
	return s == NULL ? STRICT_FINE : s->fault;
}

const char *
strict_text(enum strict_fault fault)
{
	switch (fault) {
	case STRICT_8BIT_HEADER:
		return "improper use of 8-bit data in message header";
	case STRICT_8BIT_BODY:
		return "improper use of 8-bit data in message body";
	case STRICT_DOMAIN:
		return "invalid message/* or multipart/* encoding domain";
	case STRICT_FINE:
		break;
	}
	return "";
}
