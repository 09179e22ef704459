/*
 * parse.c - the grammar of Sieve (RFC 5228, 8)
 *
 * Reading goes down once for each level of blocks and tests, never deeper than
 * the limit. Strings are unescaped here; a multi-line string keeps LF line ends
 * whatever the file has.
 */

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "sieve/script.h"

#include <stdlib.h>

enum { ARGS_MAX = 100 };

enum token {
	END,
	WORD, /* identifier */
	TAG,
	NUMBER,
	STRING,
	MARK, /* one of ; , ( ) [ ] { } */
	BAD /* said why */
};

struct reader {
	struct sieve_script *s;
	struct span text;
	size_t at;
	int line;
	size_t line_at; /* where the line begins */
	/* the token that is looked at */
	enum token token;
	int token_line, token_column;
	char mark;
	struct span word; /* WORD and TAG */
	uint64_t number;
	struct buf string;
};

static bool
fail(struct reader *r, const char *remedy, const char *what)
{
	sieve_error_add(r->s,
	    (struct sieve_place){ r->token_line, r->token_column }, remedy,
	    "%s", what);
	r->token = BAD;
	return false;
}

static int
peek(const struct reader *r, size_t ahead)
{
	return span_at(r->text, r->at + ahead);
}

static void
step(struct reader *r)
{
	if (r->text.p[r->at] == '\n') {
		r->line++;
		r->line_at = r->at + 1;
	}
	r->at++;
}

/* ---- tokens */

static bool
skip_comment(struct reader *r)
{
	size_t end = span_search(span_skip(r->text, r->at + 2), SPAN("*/"));

	if (r->at + 2 + end >= r->text.n)
		return fail(r, "close it with */", "a comment has no end");
	end += r->at + 4;
	while (r->at < end)
		step(r);
	return true;
}

/* Blanks and comments; false: BAD. */
static bool
skip_white(struct reader *r)
{
	while (r->at < r->text.n) {
		r->token_line = r->line;
		r->token_column = (int)(r->at - r->line_at) + 1;
		if (ascii_space(peek(r, 0))) {
			step(r);
		} else if (peek(r, 0) == '#') {
			while (r->at < r->text.n && peek(r, 0) != '\n')
				step(r);
		} else if (peek(r, 0) == '/' && peek(r, 1) == '*') {
			if (!skip_comment(r))
				return false;
		} else {
			return true;
		}
	}
	r->token_line = r->line;
	r->token_column = (int)(r->at - r->line_at) + 1;
	return true;
}

static bool
is_word_byte(int c)
{
	return ascii_alnum(c) || c == '_';
}

static void
take_word(struct reader *r)
{
	size_t from = r->at;

	while (is_word_byte(peek(r, 0)))
		step(r);
	r->word = span_of(r->text.p + from, r->at - from);
}

static void
take_number(struct reader *r)
{
	static const char units[] = "kmg";
	uint64_t n = 0;
	const char *unit;
	int c;

	while (ascii_digit(peek(r, 0))) {
		if (n > (UINT64_MAX >> 32) / 10) {
			(void)fail(
			    r, "write a smaller one", "a number is too large");
			return;
		}
		n = n * 10 + (uint64_t)(peek(r, 0) - '0');
		step(r);
	}
	c = ascii_lower(peek(r, 0));
	unit = c > 0 ? strchr(units, c) : NULL;
	if (unit != NULL) {
		n <<= 10 * (unit - units + 1);
		step(r);
	}
	r->token = NUMBER;
	r->number = n;
	if (is_word_byte(peek(r, 0)))
		(void)fail(r, "a number ends in K, M, G or nothing",
		    "letters stand behind a number");
}

static void
take_quoted(struct reader *r)
{
	step(r);
	while (r->at < r->text.n && peek(r, 0) != '"') {
		if (peek(r, 0) == '\\')
			step(r);
		if (r->at == r->text.n)
			break;
		if (peek(r, 0) != '\r' || peek(r, 1) != '\n')
			buf_add_byte(&r->string, r->text.p[r->at]);
		step(r);
	}
	if (r->at == r->text.n) {
		(void)fail(r, "close it with \"", "a string has no end");
		return;
	}
	step(r);
	r->token = STRING;
}

/* "text:" was read. */
static void
take_lines(struct reader *r)
{
	struct span rest, line;

	while (ascii_blank(peek(r, 0)))
		step(r);
	if (peek(r, 0) == '#')
		while (r->at < r->text.n && peek(r, 0) != '\n')
			step(r);
	if (peek(r, 0) == '\r')
		step(r);
	if (peek(r, 0) != '\n') {
		(void)fail(r, "begin the text on the next line",
		    "something stands behind text:");
		return;
	}
	step(r);
	rest = span_skip(r->text, r->at);
	while (span_line(&rest, &line)) {
		r->at = (size_t)(rest.p - r->text.p);
		r->line++;
		r->line_at = r->at;
		if (span_is(line, ".")) {
			r->token = STRING;
			return;
		}
		buf_add_span(
		    &r->string, span_skip(line, span_starts(line, "..")));
		buf_add_byte(&r->string, '\n');
	}
	(void)fail(
	    r, "end it with a line that has a dot alone", "a text: has no end");
}

static void
next(struct reader *r)
{
	int c;

	if (r->token == BAD || !skip_white(r))
		return;
	buf_clear(&r->string);
	c = peek(r, 0);
	if (c == -1) {
		r->token = END;
	} else if (strchr(";,()[]{}", c) != NULL && c != 0) {
		r->token = MARK;
		r->mark = (char)c;
		step(r);
	} else if (c == '"') {
		take_quoted(r);
	} else if (ascii_digit(c)) {
		take_number(r);
	} else if (c == ':' && is_word_byte(peek(r, 1))) {
		step(r);
		take_word(r);
		r->token = TAG;
	} else if (is_word_byte(c)) {
		take_word(r);
		r->token = WORD;
		if (span_iis(r->word, "text") && peek(r, 0) == ':') {
			step(r);
			take_lines(r);
		}
	} else {
		(void)fail(r, "strings stand in quotes, comments behind #",
		    "a byte that begins nothing");
	}
}

static bool
is_mark(const struct reader *r, char c)
{
	return r->token == MARK && r->mark == c;
}

/* ---- arguments */

/* Strings up to the bracket, in arg. */
static bool
string_list(struct reader *r, struct sieve_arg *arg)
{
	struct span *all = NULL;
	size_t room = 0;

	do {
		next(r);
		if (r->token != STRING) {
			free(all);
			return fail(r, "write [\"one\", \"two\"]",
			    "a list has something else than strings");
		}
		if (arg->count == room) {
			room = room == 0 ? 8 : room * 2;
			all = mem_resize(all, room, sizeof(*all));
		}
		all[arg->count++] =
		    arena_span(r->s->arena, buf_span(&r->string));
		next(r);
	} while (is_mark(r, ','));
	arg->strings =
	    arena_array(r->s->arena, arg->count, sizeof(*arg->strings));
	if (all != NULL)
		memcpy(arg->strings, all, arg->count * sizeof(*all));
	free(all);
	if (!is_mark(r, ']'))
		return r->token != BAD &&
		    fail(r, "close it with ]", "a list has no end");
	next(r);
	return true;
}

static bool
argument(struct reader *r, struct sieve_arg *arg)
{
	*arg = (struct sieve_arg){ .line = r->token_line,
		.column = r->token_column };
	if (r->token == NUMBER) {
		arg->kind = SIEVE_NUMBER;
		arg->number = r->number;
	} else if (r->token == TAG) {
		arg->kind = SIEVE_TAG;
		arg->tag = arena_span(r->s->arena, r->word);
	} else if (r->token == STRING) {
		arg->kind = SIEVE_STRINGS;
		arg->count = 1;
		arg->strings = arena_alloc(r->s->arena, sizeof(struct span));
		*arg->strings = arena_span(r->s->arena, buf_span(&r->string));
	} else {
		arg->kind = SIEVE_STRINGS;
		arg->is_list = true;
		return string_list(r, arg);
	}
	next(r);
	return true;
}

static bool
arguments(struct reader *r, struct sieve_node *n)
{
	struct sieve_arg list[ARGS_MAX];

	memset(list, 0, sizeof(list));
	while (r->token == NUMBER || r->token == TAG || r->token == STRING ||
	    is_mark(r, '[')) {
		if (n->arg_count == ARGS_MAX)
			return fail(r, "leave some out", "too many arguments");
		if (!argument(r, &list[n->arg_count++]))
			return false;
	}
	n->args = arena_array(r->s->arena, n->arg_count, sizeof(*list));
	memcpy(n->args, list, n->arg_count * sizeof(*list));
	return r->token != BAD;
}

/* ---- tests and commands */

static bool
deeper(struct reader *r, size_t *depth)
{
	if (*depth == 0)
		return fail(r, "write it in a flatter way",
		    "blocks or tests stand too deep in each other");
	--*depth;
	return true;
}

static struct sieve_node *
node_new(struct reader *r)
{
	struct sieve_node *n = arena_alloc(r->s->arena, sizeof(*n));

	n->name = arena_span(r->s->arena, r->word);
	n->line = r->token_line;
	n->column = r->token_column;
	next(r);
	return n;
}

static bool tests(struct reader *r, struct sieve_node *n, size_t depth);

static bool
test(struct reader *r, struct sieve_node **out, size_t depth)
{
	if (r->token != WORD)
		return r->token != BAD &&
		    fail(r, "write a test, as true", "a test is missing");
	*out = node_new(r);
	return arguments(r, *out) && tests(r, *out, depth);
}

/* None, one, or several in parentheses. */
static bool
tests(struct reader *r, struct sieve_node *n, size_t depth)
{
	struct sieve_node **end = &n->tests;

	if (r->token != WORD && !is_mark(r, '('))
		return r->token != BAD;
	if (!deeper(r, &depth))
		return false;
	if (r->token == WORD)
		return test(r, end, depth);
	n->has_test_list = true;
	do {
		next(r);
		if (!test(r, end, depth))
			return false;
		end = &(*end)->next;
	} while (is_mark(r, ','));
	if (!is_mark(r, ')'))
		return r->token != BAD &&
		    fail(r, "close it with )", "a list of tests has no end");
	next(r);
	return r->token != BAD;
}

static bool
commands(struct reader *r, struct sieve_node **end, size_t depth)
{
	while (r->token == WORD) {
		struct sieve_node *n = *end = node_new(r);

		if (!arguments(r, n) || !tests(r, n, depth))
			return false;
		if (is_mark(r, '{')) {
			size_t inside = depth;

			n->has_block = true;
			next(r);
			if (!deeper(r, &inside) ||
			    !commands(r, &n->block, inside))
				return false;
			if (!is_mark(r, '}'))
				return fail(
				    r, "close it with }", "a block has no end");
		} else if (!is_mark(r, ';')) {
			return r->token != BAD &&
			    fail(r, "put ; behind the command before",
				"; or { is missing");
		}
		next(r);
		end = &n->next;
	}
	return r->token != BAD;
}

bool
sieve_parse(struct sieve_script *s, struct span text)
{
	struct reader r = { .s = s, .text = text, .line = 1, .token = END };
	bool good;

	r.token_line = r.token_column = 1;
	if (span_starts(text, "\xef\xbb\xbf"))
		r.at = 3;
	if (!utf8_valid(text)) {
		sieve_error_add(s, (struct sieve_place){ 1, 1 },
		    "save it as UTF-8", "the script is not in UTF-8");
		return false;
	}
	next(&r);
	good = commands(&r, &s->commands, s->limits.nesting);
	if (good && r.token != END)
		good = fail(&r, "begin with the name of a command",
		    "something that is no command");
	buf_free(&r.string);
	return good;
}
