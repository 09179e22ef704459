/*
 * mime_field.c - what the Content-* fields of a part say (RFC 2045, RFC 2183,
 * RFC 3282, RFC 2557, RFC 1864)
 *
 * The first field of each name counts. What cannot be read is as if absent.
 */

#include "message/mime_field.h"

#include "base/arena.h"
#include "base/buf.h"
#include "message/header.h"
#include "message/mime.h"

/* Pass over blanks and comments. */
static struct span
skip_blanks(struct span s)
{
	for (;;) {
		size_t depth = 0, i = 0;

		s = span_trim_left(s);
		if (span_at(s, 0) != '(')
			return s;
		for (; i < s.n; i++) {
			if (s.p[i] == '\\')
				i++;
			else if (s.p[i] == '(')
				depth++;
			else if (s.p[i] == ')' && --depth == 0)
				break;
		}
		s = span_skip(s, i + 1);
	}
}

/* A token of RFC 2045, 5.1, at the front of *s. */
static struct span
take_token(struct span *s)
{
	struct span word = skip_blanks(*s);
	size_t n = 0;

	while (span_at(word, n) > ' ' && span_at(word, n) < 127 &&
	    span_find(SPAN("()<>@,;:\\\"/[]?="), word.p[n]) == 15)
		n++;
	*s = span_skip(word, n);
	return span_head(word, n);
}

static struct span
lower(struct arena *a, struct span s)
{
	char *p = arena_span_str(a, s);

	for (size_t i = 0; i < s.n; i++)
		p[i] = (char)ascii_lower(span_at(s, i));
	return span_of(p, s.n);
}

static void
take_type(struct arena *a, struct mime_part *part, struct span value)
{
	struct span type = take_token(&value), subtype;

	if (part->type.n > 0 || type.n == 0)
		return;
	value = skip_blanks(value);
	if (span_at(value, 0) != '/')
		return;
	value = span_skip(value, 1);
	subtype = take_token(&value);
	if (subtype.n == 0)
		return;
	part->type = lower(a, type);
	part->subtype = lower(a, subtype);
	part->has_type = true;
	encode_params_parse(
	    a, span_skip(value, span_find(value, ';')), &part->params);
}

static void
take_encoding(struct arena *a, struct mime_part *part, struct span value)
{
	if (part->encoding_name.n > 0)
		return;
	part->encoding_name = lower(a, take_token(&value));
	part->encoding = encode_kind_of(part->encoding_name);
}

static void
take_disposition(struct arena *a, struct mime_part *part, struct span value)
{
	struct span word = take_token(&value);

	if (part->disposition.n > 0 || word.n == 0)
		return;
	part->disposition = lower(a, word);
	encode_params_parse(a, span_skip(value, span_find(value, ';')),
	    &part->disposition_params);
}

/* A text that is kept as it is. */
static void
take_text(struct arena *a, struct span *to, struct span value)
{
	if (to->n == 0)
		*to = header_unfold_arena(a, value);
}

void
mime_field_take(struct arena *a, struct mime_part *part, struct span field)
{
	size_t colon = span_find(field, ':');
	struct span name = span_trim_right(span_head(field, colon));
	struct span value = span_skip(field, colon + 1);

	if (!span_istarts(name, "Content-"))
		return;
	name = span_skip(name, 8);
	if (span_iis(name, "Type"))
		take_type(a, part, value);
	else if (span_iis(name, "Transfer-Encoding"))
		take_encoding(a, part, value);
	else if (span_iis(name, "Disposition"))
		take_disposition(a, part, value);
	else if (span_iis(name, "ID"))
		take_text(a, &part->id, value);
	else if (span_iis(name, "Description"))
		take_text(a, &part->description, value);
	else if (span_iis(name, "Language"))
		take_text(a, &part->language, value);
	else if (span_iis(name, "Location"))
		take_text(a, &part->location, value);
	else if (span_iis(name, "MD5"))
		take_text(a, &part->md5, value);
}

void
mime_field_finish(struct arena *a, struct mime_part *part, bool in_digest)
{
	struct buf boundary = BUF_EMPTY;

	if (part->type.n == 0) {
		part->type = in_digest ? SPAN("message") : SPAN("text");
		part->subtype = in_digest ? SPAN("rfc822") : SPAN("plain");
	}
	if (!span_is(part->type, "multipart"))
		return;
	if (encode_param_get(&part->params, "boundary", &boundary) &&
	    boundary.n <= MIME_BOUNDARY_MAX)
		part->boundary =
		    arena_span(a, span_trim_right(buf_span(&boundary)));
	buf_free(&boundary);
}
