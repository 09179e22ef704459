/* imap_value.c - an IMAP server's answers as values */

#include "webmail-cgi/imap_value.h"

#include <stdint.h>

#include "base/arena.h"
#include "base/number.h"

/* The literal that a line's end announces; false: none. */
static bool
announced(struct span line, uint64_t *n)
{
	size_t open;

	if (line.n < 3 || line.p[line.n - 1] != '}')
		return false;
	open = span_rfind(line, '{');
	return open < line.n &&
	    number_parse(
		span_of(line.p + open + 1, line.n - open - 2), 0, INT32_MAX, n);
}

size_t
imap_response_length(struct span input)
{
	size_t at = 0;

	for (;;) {
		struct span rest = span_skip(input, at), line;
		size_t end = span_find(rest, '\n');
		uint64_t literal;

		if (end == rest.n)
			return 0;
		line = span_head(rest, end);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		at += end + 1;
		if (!announced(line, &literal))
			return at;
		if (input.n - at < literal)
			return 0;
		at += (size_t)literal;
	}
}

/* Where a reader of tokens stands. */
struct reader {
	struct arena *arena;
	struct span rest;
	struct imap_token *list;
	size_t count, room;
};

static bool
put(struct reader *r, enum imap_token_kind kind, struct span text)
{
	if (r->count == IMAP_TOKENS_MAX)
		return false;
	if (r->count + 1 >= r->room) {
		size_t room = r->room == 0 ? 64 : r->room * 2;
		struct imap_token *more =
		    arena_array(r->arena, room, sizeof(*more));

		if (r->count > 0)
			memcpy(more, r->list, r->count * sizeof(*more));
		r->list = more;
		r->room = room;
	}
	r->list[r->count++] = (struct imap_token){ kind, text };
	return true;
}

static bool
take_quoted(struct reader *r)
{
	char *p = arena_alloc(r->arena, r->rest.n);
	size_t n = 0;

	for (size_t i = 1; i < r->rest.n; i++) {
		char c = r->rest.p[i];

		if (c == '"') {
			r->rest = span_skip(r->rest, i + 1);
			return put(r, TOKEN_STRING, span_of(p, n));
		}
		if (c == '\\' && ++i < r->rest.n)
			c = r->rest.p[i];
		if (c == '\r' || c == '\n')
			return false;
		p[n++] = c;
	}
	return false;
}

static bool
take_literal(struct reader *r)
{
	size_t end = span_find(r->rest, '\n');
	struct span line = span_trim_right(span_head(r->rest, end));
	uint64_t n;

	if (end == r->rest.n || span_rfind(line, '{') != 0 ||
	    !announced(line, &n))
		return false;
	r->rest = span_skip(r->rest, end + 1);
	if (n > r->rest.n)
		return false;
	if (!put(r, TOKEN_STRING, span_head(r->rest, (size_t)n)))
		return false;
	r->rest = span_skip(r->rest, (size_t)n);
	return true;
}

/* BODY[HEADER.FIELDS (A B)]<0> is one atom: brackets hold blanks and lists. */
static bool
take_atom(struct reader *r)
{
	size_t n = 0;
	bool inside = false;

	for (; n < r->rest.n; n++) {
		char c = r->rest.p[n];

		if (c == '\r' || c == '\n')
			break;
		if (c == '[')
			inside = true;
		else if (c == ']')
			inside = false;
		if (!inside && memchr(" ()\"", c, 4) != NULL)
			break;
	}
	if (n == 0)
		return false;
	if (span_iis(span_head(r->rest, n), "NIL"))
		(void)put(r, TOKEN_NIL, SPAN(""));
	else if (!put(r, TOKEN_ATOM, span_head(r->rest, n)))
		return false;
	r->rest = span_skip(r->rest, n);
	return true;
}

static bool
take(struct reader *r, int *depth)
{
	switch (r->rest.p[0]) {
	case '(':
		r->rest = span_skip(r->rest, 1);
		++*depth;
		return put(r, TOKEN_OPEN, SPAN(""));
	case ')':
		r->rest = span_skip(r->rest, 1);
		return --*depth >= 0 && put(r, TOKEN_CLOSE, SPAN(""));
	case '"':
		return take_quoted(r);
	case '{':
		return take_literal(r);
	default:
		return take_atom(r);
	}
}

bool
imap_tokens_parse(struct arena *a, struct span line, struct imap_tokens *out)
{
	struct reader r = { .arena = a, .rest = line };
	int depth = 0;

	/* one line end only: a literal before it may end in blanks */
	if (span_ends(r.rest, "\n"))
		r.rest.n--;
	if (span_ends(r.rest, "\r"))
		r.rest.n--;
	while (r.rest.n > 0) {
		if (r.rest.p[0] == ' ')
			r.rest = span_skip(r.rest, 1);
		else if (!take(&r, &depth))
			return false;
	}
	if (depth != 0 || !put(&r, TOKEN_END, SPAN("")))
		return false;
	out->list = r.list;
	out->count = r.count - 1;
	return true;
}

const struct imap_token *
imap_token_next(const struct imap_token *t)
{
	int depth = 0;

	do {
		if (t->kind == TOKEN_END)
			return t;
		if (t->kind == TOKEN_OPEN)
			depth++;
		else if (t->kind == TOKEN_CLOSE)
			depth--;
		t++;
	} while (depth > 0);
	return t;
}

struct span
imap_token_text(const struct imap_token *t)
{
	return t->kind == TOKEN_ATOM || t->kind == TOKEN_STRING ? t->text
								: SPAN("");
}

const struct imap_token *
imap_token_find(const struct imap_token *t, const char *name)
{
	if (t->kind != TOKEN_OPEN)
		return NULL;
	for (t++; t->kind != TOKEN_CLOSE && t->kind != TOKEN_END;) {
		const struct imap_token *value = imap_token_next(t);

		if (t->kind == TOKEN_ATOM && span_iis(t->text, name))
			return value->kind == TOKEN_CLOSE ? NULL : value;
		t = imap_token_next(value);
	}
	return NULL;
}
