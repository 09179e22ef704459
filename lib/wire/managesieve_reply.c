/*
 * managesieve_reply.c - what a ManageSieve server says until its client is
 * logged in
 *
 * A line is read again from its front when more of it has come: it is short.
 */

#include "wire/managesieve_reply.h"

#include "base/number.h"

struct cursor {
	struct span in;
	size_t at;
};

static int
peek(const struct cursor *c)
{
	return span_at(c->in, c->at);
}

static enum managesieve_reply_result
take_quoted(struct cursor *c, struct span *out)
{
	size_t from = ++c->at;

	for (; peek(c) != '"'; c->at++) {
		if (peek(c) == '\\')
			c->at++;
		if (peek(c) == -1)
			return MANAGESIEVE_REPLY_MORE;
		if (peek(c) == '\0' || peek(c) == '\r' || peek(c) == '\n')
			return MANAGESIEVE_REPLY_BAD;
	}
	*out = span_of(c->in.p + from, c->at - from);
	c->at++;
	return MANAGESIEVE_REPLY_DONE;
}

/* "{12}", CRLF, 12 octets; some say "{12+}" here too. */
static enum managesieve_reply_result
take_literal(struct cursor *c, struct span *out)
{
	struct span rest = span_skip(c->in, c->at + 1);
	size_t line = span_find(rest, '\n');
	struct span digits = span_head(rest, line);
	uint64_t n;

	if (line == rest.n)
		return MANAGESIEVE_REPLY_MORE;
	if (span_ends(digits, "\r"))
		digits.n--;
	if (!span_ends(digits, "}"))
		return MANAGESIEVE_REPLY_BAD;
	digits.n--;
	if (span_ends(digits, "+"))
		digits.n--;
	if (!number_parse(digits, 0, MANAGESIEVE_REPLY_MAX, &n))
		return MANAGESIEVE_REPLY_BAD;
	rest = span_skip(rest, line + 1);
	if (rest.n < n)
		return MANAGESIEVE_REPLY_MORE;
	*out = span_head(rest, (size_t)n);
	if (span_find(*out, '\0') < out->n)
		return MANAGESIEVE_REPLY_BAD;
	c->at += 1 + line + 1 + (size_t)n;
	return MANAGESIEVE_REPLY_DONE;
}

static enum managesieve_reply_result
take_string(struct cursor *c, struct span *out)
{
	switch (peek(c)) {
	case '"':
		return take_quoted(c, out);
	case '{':
		return take_literal(c, out);
	case -1:
		return MANAGESIEVE_REPLY_MORE;
	default:
		return MANAGESIEVE_REPLY_BAD;
	}
}

/* "(...)", with strings and other parentheses in it. */
static enum managesieve_reply_result
take_code(struct cursor *c, struct span *out)
{
	enum managesieve_reply_result got;
	size_t from = c->at + 1, depth = 0;
	struct span string;

	do {
		int byte = peek(c);

		if (byte == '"' || byte == '{') {
			got = take_string(c, &string);
			if (got != MANAGESIEVE_REPLY_DONE)
				return got;
			continue;
		}
		if (byte == -1)
			return MANAGESIEVE_REPLY_MORE;
		if (byte < ' ' || byte == 127)
			return MANAGESIEVE_REPLY_BAD;
		depth += byte == '(';
		depth -= byte == ')';
		c->at++;
	} while (depth > 0);
	*out = span_of(c->in.p + from, c->at - 1 - from);
	return MANAGESIEVE_REPLY_DONE;
}

/* The end of the line; blanks before it are let pass. False: there is more. */
static bool
take_end(struct cursor *c, enum managesieve_reply_result *got)
{
	while (peek(c) == ' ')
		c->at++;
	if (peek(c) == '\r')
		c->at++;
	*got = peek(c) == -1 ? MANAGESIEVE_REPLY_MORE : MANAGESIEVE_REPLY_DONE;
	if (peek(c) == '\n')
		c->at++;
	else if (peek(c) != -1)
		return false;
	return true;
}

static enum managesieve_reply_result
take_data(struct cursor *c, struct managesieve_reply *out)
{
	enum managesieve_reply_result got = take_string(c, &out->name);
	struct span string;

	out->status = MANAGESIEVE_REPLY_DATA;
	while (got == MANAGESIEVE_REPLY_DONE && !take_end(c, &got)) {
		got = take_string(c, &string);
		if (out->value.p == NULL)
			out->value = string;
	}
	return got;
}

static enum managesieve_reply_result
take_status(struct cursor *c, struct managesieve_reply *out)
{
	static const char *const words[] = { [MANAGESIEVE_REPLY_OK] = "OK",
		[MANAGESIEVE_REPLY_NO] = "NO",
		[MANAGESIEVE_REPLY_BYE] = "BYE" };
	enum managesieve_reply_result got;
	size_t from = c->at, i = MANAGESIEVE_REPLY_OK;
	struct span word;

	while (ascii_alpha(peek(c)) && c->at - from <= 3)
		c->at++;
	word = span_of(c->in.p + from, c->at - from);
	if (peek(c) == -1 && word.n <= 3)
		return MANAGESIEVE_REPLY_MORE;
	while (i <= MANAGESIEVE_REPLY_BYE && !span_iis(word, words[i]))
		i++;
	if (i > MANAGESIEVE_REPLY_BYE ||
	    (peek(c) != ' ' && peek(c) != '\r' && peek(c) != '\n'))
		return MANAGESIEVE_REPLY_BAD;
	out->status = (enum managesieve_reply_status)i;
	if (take_end(c, &got))
		return got;
	if (peek(c) == '(') {
		got = take_code(c, &out->code);
		if (got != MANAGESIEVE_REPLY_DONE || take_end(c, &got))
			return got;
	}
	got = take_string(c, &out->text);
	if (got == MANAGESIEVE_REPLY_DONE && !take_end(c, &got))
		return MANAGESIEVE_REPLY_BAD;
	return got;
}

enum managesieve_reply_result
managesieve_reply_parse(struct span in, struct managesieve_reply *out)
{
	struct cursor c = { .in = span_head(in, MANAGESIEVE_REPLY_MAX) };
	enum managesieve_reply_result got;

	*out = (struct managesieve_reply){ .used = 0 };
	got = peek(&c) == '"' || peek(&c) == '{' ? take_data(&c, out)
						 : take_status(&c, out);
	out->used = c.at;
	if (got == MANAGESIEVE_REPLY_MORE && in.n >= MANAGESIEVE_REPLY_MAX)
		got = MANAGESIEVE_REPLY_BAD;
	return got;
}

size_t
managesieve_mechanisms(
    struct span words, struct span out[MANAGESIEVE_MECHANISMS_MAX])
{
	size_t n = 0;

	while (
	    n < MANAGESIEVE_MECHANISMS_MAX && span_word(&words, " \t", &out[n]))
		n++;
	return n;
}
