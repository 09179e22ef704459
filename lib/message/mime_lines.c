/*
 * mime_lines.c - what each line of a message is, as it streams by
 *
 * A stack of boundaries, and the state "header" or "body". A boundary of an
 * outer multipart ends all inside it, as RFC 2046, 5.1.2 wants. A line that
 * begins with a boundary is one, whatever stands behind: readers of mail differ
 * in that, and the stricter reading hides nothing from a filter.
 */

#include "message/mime_lines.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "message/header.h"
#include "message/mime.h"
#include "message/mime_field.h"

struct level {
	char *boundary; /* NULL: of a message inside, not of a multipart */
	size_t n;
	bool digest;
	bool wide; /* its encoding is 8bit or binary */
};

struct mime_lines {
	struct level *levels;
	unsigned depth, depth_max, part;
	bool in_header, nested;
	bool wide, bad_domain; /* of the body under way */
	struct arena *arena; /* of the header under way */
	struct mime_part fields;
};

struct mime_lines *
mime_lines_new(unsigned depth_max)
{
	struct mime_lines *m = mem_new(sizeof(*m));

	m->levels = mem_array(depth_max, sizeof(*m->levels));
	m->depth_max = depth_max;
	m->arena = arena_new();
	m->in_header = true;
	return m;
}

static void
cut(struct mime_lines *m, unsigned depth)
{
	while (m->depth > depth)
		free(m->levels[--m->depth].boundary);
}

void
mime_lines_free(struct mime_lines **m)
{
	if (*m == NULL)
		return;
	cut(*m, 0);
	free((*m)->levels);
	arena_free(&(*m)->arena);
	free(*m);
	*m = NULL;
}

void
mime_lines_field(struct mime_lines *m, struct span field)
{
	if (span_istarts(field, "Content-") &&
	    arena_used(m->arena) < MIME_FIELDS_MAX)
		mime_field_take(m->arena, &m->fields, field);
}

static void
header_begin(struct mime_lines *m, bool nested)
{
	arena_clear(m->arena);
	m->fields = (struct mime_part){ .parent = NULL };
	m->in_header = true;
	m->nested = nested;
}

static bool
level_add(struct mime_lines *m, struct span boundary, bool multipart)
{
	struct level *l = &m->levels[m->depth];

	if (m->depth == m->depth_max || boundary.n > MIME_LINES_BOUNDARY_MAX)
		return false;
	*l = (struct level){ .n = boundary.n };
	if (multipart)
		l->boundary = mem_span(boundary);
	l->wide = m->wide;
	l->digest = multipart && span_is(m->fields.subtype, "digest");
	m->depth++;
	return true;
}

static void
encoding_note(struct mime_lines *m, const struct mime_part *f)
{
	m->wide = span_is(f->encoding_name, "8bit") ||
	    span_is(f->encoding_name, "binary");
	m->bad_domain =
	    (span_is(f->type, "multipart") || span_is(f->type, "message")) &&
	    !m->wide && f->encoding_name.n > 0 &&
	    !span_is(f->encoding_name, "7bit");
}

void
mime_lines_header_end(struct mime_lines *m)
{
	bool digest = m->depth > 0 && m->levels[m->depth - 1].digest;
	const struct mime_part *f = &m->fields;

	mime_field_finish(m->arena, &m->fields, digest);
	m->in_header = false;
	m->part++;
	encoding_note(m, f);
	if (span_is(f->type, "multipart") && f->boundary.n > 0)
		(void)level_add(m, f->boundary, true);
	else if (span_is(f->type, "message") &&
	    (span_is(f->subtype, "rfc822") || span_is(f->subtype, "global")) &&
	    level_add(m, span_of("", 0), false))
		header_begin(m, true);
}

/* Does the line begin with "--" and a boundary that is open? */
static bool
boundary_take(struct mime_lines *m, struct span line)
{
	struct span rest = span_skip(line, 2);

	for (unsigned i = m->depth; i-- > 0;) {
		const struct level *l = &m->levels[i];

		if (l->boundary == NULL ||
		    !span_eq(span_head(rest, l->n), span_of(l->boundary, l->n)))
			continue;
		if (span_starts(span_skip(rest, l->n), "--")) {
			m->wide = l->wide;
			cut(m, i);
			m->in_header = false;
			m->part++;
		} else {
			cut(m, i + 1);
			header_begin(m, false);
		}
		return true;
	}
	return false;
}

/* "Name: value", with blanks before the colon as old mail has them. */
static bool
is_field(struct span line)
{
	size_t colon = span_find(line, ':');

	return colon < line.n &&
	    header_name_valid(span_trim_right(span_head(line, colon)));
}

enum mime_line
mime_lines_feed(struct mime_lines *m, struct span line)
{
	if (span_starts(line, "--") && boundary_take(m, line))
		return MIME_LINE_BODY;
	if (!m->in_header)
		return MIME_LINE_BODY;
	if (line.n == 0) {
		mime_lines_header_end(m);
		return MIME_LINE_END;
	}
	if (is_field(line))
		return MIME_LINE_FIELD;
	/* no header any more: what begins here is body */
	mime_lines_header_end(m);
	if (m->in_header)
		m->in_header = false;
	return MIME_LINE_BODY;
}

bool
mime_lines_nested(const struct mime_lines *m)
{
	return m->nested;
}

bool
mime_lines_in_header(const struct mime_lines *m)
{
	return m->in_header;
}

unsigned
mime_lines_part(const struct mime_lines *m)
{
	return m->part;
}

bool
mime_lines_wide(const struct mime_lines *m)
{
	return m->wide;
}

bool
mime_lines_bad_domain(const struct mime_lines *m)
{
	return m->bad_domain;
}
