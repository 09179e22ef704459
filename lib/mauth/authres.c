/*
 * authres.c - Authentication-Results (RFC 8601, 2.2)
 */

#include "mauth/authres.h"

#include <string.h>

#include "base/buf.h"

enum { LINE = 78, VALUE_MAX = 300 };

/* RFC 2045, 5.1. */
static bool
is_token(int c)
{
	return c > ' ' && c < 127 && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

static bool
all_token(struct span s, const char *also)
{
	for (size_t i = 0; i < s.n; i++) {
		int c = span_at(s, i);

		if (!is_token(c) &&
		    (c <= ' ' || c >= 127 || strchr(also, c) == NULL))
			return false;
	}
	return s.n > 0;
}

static void
quoted_put(struct buf *out, struct span s)
{
	s = span_head(s, VALUE_MAX);
	buf_add_byte(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		int c = span_at(s, i);

		if (c == '"' || c == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, (char)(c < ' ' || c > '~' ? '?' : c));
	}
	buf_add_byte(out, '"');
}

/* A value as a property has it: an address, a token, or quoted. '/', '+' and
 * '=' end up in shortened signatures. */
static void
value_put(struct buf *out, struct span value)
{
	size_t at = span_find(value, '@');

	if (value.n <= VALUE_MAX &&
	    (all_token(value, "") ||
		(at < value.n && all_token(span_skip(value, at + 1), "") &&
		    (at == 0 || all_token(span_head(value, at), "")))))
		buf_add_span(out, value);
	else
		quoted_put(out, value);
}

/* A blank, or a new line when n octets would not fit. */
static void
blank_put(struct buf *out, size_t n)
{
	size_t last = span_rfind(buf_span(out), '\n');
	size_t column = last == out->n ? out->n : out->n - last - 1 + 7;

	buf_add_str(out, column + n + 1 > LINE ? "\n\t " : " ");
}

void
authres_begin(struct buf *out, struct span id)
{
	buf_add_str(out, "Authentication-Results: ");
	value_put(out, id);
}

void
authres_begin_arc(struct buf *out, unsigned instance, struct span id)
{
	buf_printf(out, "ARC-Authentication-Results: i=%u; ", instance);
	value_put(out, id);
}

void
authres_method(
    struct buf *out, const char *method, const char *result, const char *reason)
{
	buf_printf(out, ";\n\t%s=%s", method, result);
	if (reason == NULL)
		return;
	blank_put(out, strlen(reason) + 9);
	buf_add_str(out, "reason=");
	quoted_put(out, span_str(reason));
}

void
authres_property(struct buf *out, const char *name, struct span value)
{
	blank_put(out, strlen(name) + value.n + 1);
	buf_printf(out, "%s=", name);
	value_put(out, value);
}

void
authres_comment(struct buf *out, const char *text)
{
	blank_put(out, strlen(text) + 2);
	buf_printf(out, "(%s)", text);
}

void
authres_end(struct buf *out, bool any)
{
	buf_add_str(out, any ? "\n" : "; none\n");
}

/* Blanks and comments at the front of s; comments may lie in each other. */
static struct span
skip_cfws(struct span s)
{
	size_t i = 0, depth = 0;

	for (; i < s.n; i++) {
		int c = span_at(s, i);

		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == '\\' && depth > 0)
			i++;
		else if (depth == 0 && !ascii_space(c))
			break;
	}
	return span_skip(s, i);
}

static bool
quoted_read(struct span s, struct buf *out)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return true;
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		buf_add_byte(out, s.p[i]);
	}
	return false;
}

bool
authres_id(struct span value, struct buf *id)
{
	size_t n = 0, from = id->n;

	value = skip_cfws(value);
	if (span_at(value, 0) == '"')
		return quoted_read(value, id) && id->n > from;
	/* RFC 8616, 5: not only ASCII */
	while (is_token(span_at(value, n)) || span_at(value, n) > 127)
		n++;
	buf_add_span(id, span_head(value, n));
	return n > 0;
}
