/*
 * managesieve.c - what clients of ManageSieve send (RFC 5804, 4)
 *
 * A command is read again from its front when more of it has come: all but its
 * literals is short, and those are passed over by their length.
 */

#include "wire/managesieve.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"

struct reader {
	struct arena *a;
	struct span in;
	size_t at;
	uint64_t literal_max, literals;
	struct managesieve_command *out;
	uint64_t skip;
};

static int
peek(const struct reader *r)
{
	return span_at(r->in, r->at);
}

static enum managesieve_result
take_quoted(struct reader *r, struct span *out)
{
	struct buf b = BUF_EMPTY;
	enum managesieve_result got = MANAGESIEVE_MORE;
	int c;

	r->at++;
	while ((c = peek(r)) != -1 && got == MANAGESIEVE_MORE) {
		if (c == '"') {
			got = MANAGESIEVE_WHOLE;
		} else if (c == '\r' || c == '\n' || c == '\0' ||
		    b.n == MANAGESIEVE_QUOTED_MAX) {
			got = MANAGESIEVE_BAD;
			break;
		} else if (c == '\\') {
			r->at++;
			c = peek(r);
			if (c == -1)
				break;
			if (c != '"' && c != '\\') {
				got = MANAGESIEVE_BAD;
				break;
			}
			buf_add_byte(&b, (char)c);
		} else {
			buf_add_byte(&b, (char)c);
		}
		r->at++;
	}
	*out = arena_span(r->a, buf_span(&b));
	buf_wipe(&b);
	return got;
}

/* "{12+}", CRLF, 12 bytes. Without the + it means the same: nobody is asked to
 * go on in this protocol. */
static enum managesieve_result
take_literal(struct reader *r, struct span *out)
{
	struct span rest = span_skip(r->in, r->at + 1);
	size_t end = span_find(rest, '}'), line = span_find(rest, '\n');
	struct span digits = span_head(rest, end), behind;
	uint64_t n;

	if (line == rest.n)
		return MANAGESIEVE_MORE;
	behind = span_skip(span_head(rest, line), end + 1);
	if (end > line || (behind.n > 0 && !span_is(behind, "\r")))
		return MANAGESIEVE_BAD;
	if (span_ends(digits, "+"))
		digits.n--;
	if (!number_parse(digits, 0, UINT32_MAX, &n))
		return MANAGESIEVE_BAD;
	r->at += 1 + line + 1;
	if (n > r->literal_max - r->literals) {
		r->skip = n;
		return MANAGESIEVE_TOO_LARGE;
	}
	r->literals += n;
	if (r->in.n - r->at < n)
		return MANAGESIEVE_MORE;
	*out = arena_span(r->a, span_of(r->in.p + r->at, (size_t)n));
	r->at += (size_t)n;
	return MANAGESIEVE_WHOLE;
}

static enum managesieve_result
take_number(struct reader *r, struct managesieve_arg *arg)
{
	size_t from = r->at;

	while (ascii_digit(peek(r)))
		r->at++;
	arg->is_number = true;
	return number_parse(span_of(r->in.p + from, r->at - from), 0,
		   UINT32_MAX, &arg->number)
	    ? MANAGESIEVE_WHOLE
	    : MANAGESIEVE_BAD;
}

static enum managesieve_result
take_arg(struct reader *r)
{
	struct managesieve_arg *arg;

	if (peek(r) == -1)
		return MANAGESIEVE_MORE;
	if (r->out->count == MANAGESIEVE_ARGS)
		return MANAGESIEVE_BAD;
	arg = &r->out->args[r->out->count++];
	if (peek(r) == '"')
		return take_quoted(r, &arg->text);
	if (peek(r) == '{')
		return take_literal(r, &arg->text);
	return ascii_digit(peek(r)) ? take_number(r, arg) : MANAGESIEVE_BAD;
}

/* The end of the line; false: something else is there. */
static bool
take_end(struct reader *r, enum managesieve_result *got)
{
	size_t at = r->at + (peek(r) == '\r');
	int c = span_at(r->in, at);

	if (c != '\n' && (c != -1 || at >= r->in.n + 1))
		return false;
	*got = c == '\n' ? MANAGESIEVE_WHOLE : MANAGESIEVE_MORE;
	r->at = c == '\n' ? at + 1 : r->at;
	return true;
}

static enum managesieve_result
take_command(struct reader *r)
{
	enum managesieve_result got = MANAGESIEVE_WHOLE;
	size_t from = r->at;

	while (ascii_alpha(peek(r)))
		r->at++;
	r->out->verb = span_of(r->in.p + from, r->at - from);
	if (r->at == from) {
		got = take_arg(r);
		if (got != MANAGESIEVE_WHOLE)
			return got;
	}
	while (!take_end(r, &got)) {
		if (peek(r) != ' ')
			return MANAGESIEVE_BAD;
		while (peek(r) == ' ')
			r->at++;
		if (take_end(r, &got)) /* a blank too many is let pass */
			break;
		got = take_arg(r);
		if (got != MANAGESIEVE_WHOLE)
			break;
	}
	return got;
}

enum managesieve_result
managesieve_read(struct arena *a, struct span in, uint64_t literal_max,
    struct managesieve_command *out)
{
	struct reader r = {
		.a = a, .in = in, .literal_max = literal_max, .out = out
	};
	enum managesieve_result got;

	*out = (struct managesieve_command){ .count = 0 };
	got = take_command(&r);
	out->skip = r.skip;
	out->used = r.at;
	if (got == MANAGESIEVE_BAD) {
		out->used += span_find(span_skip(in, r.at), '\n') + 1;
		if (out->used > in.n)
			got = MANAGESIEVE_MORE;
	}
	if (got != MANAGESIEVE_MORE)
		return got;
	out->used = 0;
	return in.n > MANAGESIEVE_LINE_MAX + r.literals ? MANAGESIEVE_ENDLESS
							: MANAGESIEVE_MORE;
}

void
managesieve_wipe(struct managesieve_command *c)
{
	for (size_t i = 0; i < c->count; i++) /* they are the arena's */
		if (c->args[i].text.n > 0)
			explicit_bzero((void *)(uintptr_t)c->args[i].text.p,
			    c->args[i].text.n);
}

void
managesieve_string(struct buf *out, struct span text)
{
	bool literal = text.n > MANAGESIEVE_QUOTED_MAX || span_has_break(text);

	if (literal) {
		buf_printf(out, "{%zu}\r\n", text.n);
		buf_add_span(out, text);
		return;
	}
	buf_add_byte(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, text.p[i]);
	}
	buf_add_byte(out, '"');
}
