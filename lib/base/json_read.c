/*
 * json_read.c - reading JSON (RFC 8259)
 *
 * A machine with one bit of memory for each object or array that is open.
 */

#include "base/json_read.h"

#include "base/buf.h"
#include "base/number.h"
#include "base/utf8.h"

enum state {
	WANT_VALUE, /* the zero one: of the beginning */
	WANT_FIRST_NAME, /* or the object's end */
	WANT_FIRST_ITEM, /* or the array's end */
	WANT_COMMA, /* or an end */
	DONE_WELL,
	DONE_BADLY
};

static enum json_piece
bad(struct json_reader *r)
{
	r->state = DONE_BADLY;
	return JSON_BAD;
}

static void
blanks(struct json_reader *r)
{
	while (r->rest.n > 0 &&
	    span_find_any(span_head(r->rest, 1), " \t\r\n") == 0)
		r->rest = span_skip(r->rest, 1);
}

static bool
take(struct json_reader *r, const char *word)
{
	if (!span_starts(r->rest, word))
		return false;
	r->rest = span_skip(r->rest, strlen(word));
	return true;
}

static bool
unit_take(struct json_reader *r, uint32_t *unit)
{
	uint64_t value;

	if (r->rest.n < 4 ||
	    !number_parse_hex(span_head(r->rest, 4), 0xffff, &value))
		return false;
	*unit = (uint32_t)value;
	r->rest = span_skip(r->rest, 4);
	return true;
}

/* Behind "\u": one unit of UTF-16, or two. */
static bool
unicode_take(struct json_reader *r, struct buf *text)
{
	uint32_t c, low;

	if (!unit_take(r, &c) || (c >= 0xdc00 && c < 0xe000))
		return false;
	if (c >= 0xd800 && c < 0xdc00) {
		if (!take(r, "\\u") || !unit_take(r, &low) || low < 0xdc00 ||
		    low >= 0xe000)
			return false;
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	utf8_add(text, c);
	return true;
}

/* Behind a backslash. */
static bool
escape_take(struct json_reader *r, struct buf *text)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	int c = span_at(r->rest, 0);
	size_t at = span_find(SPAN("\"\\/bfnrt"), (char)c);

	if (c == -1)
		return false;
	r->rest = span_skip(r->rest, 1);
	if (c == 'u')
		return unicode_take(r, text);
	if (at == sizeof(from) - 1)
		return false;
	buf_add_byte(text, to[at]);
	return true;
}

/* Behind the first quote. */
static bool
string_take(struct json_reader *r, struct buf *text)
{
	while (r->rest.n > 0) {
		uint32_t c;
		size_t n = utf8_next(r->rest, &c);
		struct span whole = r->rest;

		if (n == 0 || c < 32)
			return false;
		r->rest = span_skip(r->rest, n);
		if (c == '"')
			return true;
		if (c != '\\')
			buf_add_span(text, span_head(whole, n));
		else if (!escape_take(r, text))
			return false;
	}
	return false;
}

static size_t
digits(struct span s)
{
	size_t n = 0;

	while (ascii_digit(span_at(s, n)))
		n++;
	return n;
}

/* -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool
number_take(struct json_reader *r, struct buf *text)
{
	struct span s = r->rest;
	size_t n, sign;

	if (span_at(s, 0) == '-')
		s = span_skip(s, 1);
	n = digits(s);
	if (n == 0 || (n > 1 && s.p[0] == '0'))
		return false;
	s = span_skip(s, n);
	if (span_at(s, 0) == '.') {
		n = digits(span_skip(s, 1));
		if (n == 0)
			return false;
		s = span_skip(s, n + 1);
	}
	if (ascii_lower(span_at(s, 0)) == 'e') {
		sign = span_at(s, 1) == '+' || span_at(s, 1) == '-' ? 2 : 1;
		n = digits(span_skip(s, sign));
		if (n == 0)
			return false;
		s = span_skip(s, n + sign);
	}
	buf_add_span(text, span_head(r->rest, r->rest.n - s.n));
	r->rest = s;
	return true;
}

static enum json_piece
opened(struct json_reader *r, bool object)
{
	uint64_t bit;

	if (r->depth >= JSON_DEPTH_MAX)
		return bad(r);
	bit = (uint64_t)1 << r->depth++;
	r->objects = object ? r->objects | bit : r->objects & ~bit;
	r->state = object ? WANT_FIRST_NAME : WANT_FIRST_ITEM;
	return object ? JSON_OBJECT : JSON_ARRAY;
}

static bool
in_object(const struct json_reader *r)
{
	return r->depth > 0 && (r->objects >> (r->depth - 1) & 1) != 0;
}

static enum json_piece
closed(struct json_reader *r)
{
	bool object = in_object(r);

	if (!take(r, object ? "}" : "]"))
		return bad(r);
	r->depth--;
	r->state = WANT_COMMA;
	return object ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static enum json_piece
value_take(struct json_reader *r, struct buf *text)
{
	if (take(r, "{"))
		return opened(r, true);
	if (take(r, "["))
		return opened(r, false);
	r->state = WANT_COMMA;
	if (take(r, "true"))
		return JSON_TRUE;
	if (take(r, "false"))
		return JSON_FALSE;
	if (take(r, "null"))
		return JSON_NULL;
	if (take(r, "\""))
		return string_take(r, text) ? JSON_STRING : bad(r);
	return number_take(r, text) ? JSON_NUMBER : bad(r);
}

static enum json_piece
name_take(struct json_reader *r, struct buf *text)
{
	if (!take(r, "\"") || !string_take(r, text))
		return bad(r);
	blanks(r);
	if (!take(r, ":"))
		return bad(r);
	r->state = WANT_VALUE;
	return JSON_NAME;
}

/* Behind a value. */
static enum json_piece
go_on(struct json_reader *r, struct buf *text)
{
	if (r->depth == 0) {
		if (r->rest.n > 0)
			return bad(r);
		r->state = DONE_WELL;
		return JSON_END;
	}
	if (!take(r, ","))
		return closed(r);
	blanks(r);
	return in_object(r) ? name_take(r, text) : value_take(r, text);
}

enum json_piece
json_next(struct json_reader *r, struct buf *text)
{
	enum state state = (enum state)r->state;

	buf_clear(text);
	blanks(r);
	switch (state) {
	case WANT_VALUE:
		return value_take(r, text);
	case WANT_FIRST_NAME:
		return span_at(r->rest, 0) == '}' ? closed(r)
						  : name_take(r, text);
	case WANT_FIRST_ITEM:
		return span_at(r->rest, 0) == ']' ? closed(r)
						  : value_take(r, text);
	case WANT_COMMA:
		return go_on(r, text);
	case DONE_WELL:
		return JSON_END;
	case DONE_BADLY:
		break;
	}
	return JSON_BAD;
}

bool
json_skip(struct json_reader *r, struct buf *text)
{
	unsigned depth = r->depth;
	enum json_piece got;

	if (r->state == WANT_FIRST_NAME || r->state == WANT_FIRST_ITEM)
		depth--;
	do
		got = json_next(r, text);
	while (got != JSON_BAD && got != JSON_END && r->depth > depth);
	return got != JSON_BAD && got != JSON_END;
}
