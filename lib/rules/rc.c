/*
 * rc.c - an rc file as a list of statements
 *
 * A cursor over the bytes. Blocks are not nested here: a recipe whose action
 * is RC_BLOCK and its RC_END stand in one list, so nothing recurses, and the
 * run passes over what it does not execute statement by statement, saying the
 * notes there as procmail does.
 */

#include "rules/rc.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "rules/condition.h"
#include "rules/expand.h"

struct rc {
	struct arena *a;
	struct rc_statement *statements;
	size_t count, room;
};

struct parser {
	struct rc *rc;
	struct span text;
	size_t at;
	int line;
	size_t line_from; /* line counts newlines up to here */
	size_t depth; /* open blocks */
	struct rc_condition *conditions; /* of the recipe being read */
	size_t condition_count, condition_room;
};

static int
peek(const struct parser *p)
{
	return span_at(p->text, p->at);
}

static struct span
rest_of(const struct parser *p)
{
	return span_skip(p->text, p->at);
}

static int
line_here(struct parser *p)
{
	for (; p->line_from < p->at; p->line_from++)
		p->line += p->text.p[p->line_from] == '\n';
	return p->line;
}

static struct rc_statement *
statement(struct parser *p, enum rc_kind kind)
{
	struct rc *r = p->rc;
	struct rc_statement *s;

	if (r->count == r->room) {
		r->room = r->room == 0 ? 32 : r->room * 2;
		r->statements = mem_resize(r->statements, r->room, sizeof(*s));
	}
	s = &r->statements[r->count++];
	*s = (struct rc_statement){ .kind = kind, .line = line_here(p) };
	return s;
}

static void
note(struct parser *p, const char *text)
{
	statement(p, RC_NOTE)->text = span_str(text);
}

static void
note_skipped(struct parser *p, struct span what)
{
	struct buf b = BUF_EMPTY;

	buf_add_str(&b, "Skipped \"");
	buf_add_span(&b, what);
	buf_add_byte(&b, '"');
	statement(p, RC_NOTE)->text = arena_span(p->rc->a, buf_span(&b));
	buf_free(&b);
}

static void
skip_blanks(struct parser *p)
{
	while (ascii_blank(peek(p)))
		p->at++;
}

static struct span
take_line(struct parser *p)
{
	struct span rest = rest_of(p);
	struct span line = span_head(rest, span_find(rest, '\n'));

	p->at += line.n;
	return line;
}

static struct span
take_name(struct parser *p)
{
	size_t begin = p->at;

	if (!ascii_digit(peek(p)))
		while (ascii_alnum(peek(p)) || peek(p) == '_')
			p->at++;
	return span_of(p->text.p + begin, p->at - begin);
}

/* Text up to where its quotes let it end. */
static struct span
take_text(struct parser *p, enum expand_mode mode)
{
	struct span rest = rest_of(p);
	bool open;
	struct span text = span_head(rest, expand_scan(rest, mode, &open));

	p->at += text.n;
	return text;
}

/* A line with what its backslashes join to it, as it stands: for programs. */
static struct span
take_raw_line(struct parser *p)
{
	struct span rest = rest_of(p);
	size_t n = 0;

	while (n < rest.n &&
	    (rest.p[n] != '\n' || (n > 0 && rest.p[n - 1] == '\\')))
		n++;
	p->at += n;
	return span_head(rest, n);
}

/* ---- conditions */

static struct span
without_blanks(struct span line, size_t least)
{
	while (line.n > least && ascii_blank((unsigned char)line.p[line.n - 1]))
		line.n--;
	return line;
}

/* A line without backslash-newline and the blanks that follow it; two
 * backslashes join as well as one. Blanks in front of the last joint stay. */
static struct span
take_joined_line(struct parser *p)
{
	struct span rest = rest_of(p);
	struct span line = span_head(rest, span_find(rest, '\n'));
	struct buf b = BUF_EMPTY;
	size_t joined = 0, begin = p->at;
	int c;

	if (!span_ends(line, "\\"))
		return without_blanks(take_line(p), 0);

	for (; (c = peek(p)) != -1 && c != '\n'; p->at++) {
		if (c == '\\' && span_at(p->text, p->at + 1) == '\n') {
			/* nothing to join: procmail takes the newline */
			if (p->at == begin)
				buf_add_byte(&b, '\n');
			p->at += 2;
			skip_blanks(p);
			p->at--;
			joined = b.n;
			continue;
		}
		buf_add_byte(&b, (char)c);
	}
	line = arena_span(p->rc->a, without_blanks(buf_span(&b), joined));
	buf_free(&b);
	return line;
}

/* Does a program stand here, behind what may be in front of it? */
static bool
asks_program(const struct parser *p)
{
	struct span rest = rest_of(p);
	struct condition c = { .text = span_head(rest, span_find(rest, '\n')) };

	for (;;) {
		switch (condition_step(&c)) {
		case CONDITION_ON:
			break;
		case CONDITION_EXPAND:
			return false;
		case CONDITION_READY:
			return condition_kind(&c) == '?';
		}
	}
}

static void
condition(struct parser *p)
{
	struct rc_condition *c;

	if (p->condition_count == p->condition_room) {
		p->condition_room =
		    p->condition_room == 0 ? 8 : p->condition_room * 2;
		p->conditions = mem_resize(
		    p->conditions, p->condition_room, sizeof(*p->conditions));
	}
	c = &p->conditions[p->condition_count++];
	skip_blanks(p);
	c->line = line_here(p);
	/* A command keeps its lines: the shell, or expand(), joins them. */
	c->text =
	    asks_program(p) ? span_trim(take_raw_line(p)) : take_joined_line(p);
}

enum conditions_end { ACTION_FOLLOWS, ACTION_MISSING, FILE_ENDS };

/* plain is the number of conditions that need no star. */
static enum conditions_end
conditions(struct parser *p, int plain)
{
	bool empty_line = false;
	int c;

	for (;; plain--) {
		skip_blanks(p);
		c = peek(p);
		if (c == -1)
			return FILE_ENDS;
		if (c == '*') {
			p->at++;
			condition(p);
		} else if (plain > 0) {
			condition(p);
		} else if (c == '#') {
			(void)take_line(p);
		} else if (c != '\n') {
			break;
		} else {
			empty_line = true;
		}
		p->at += peek(p) == '\n';
	}
	return empty_line && c == ':' ? ACTION_MISSING : ACTION_FOLLOWS;
}

/* ---- recipes */

/* The head without expansion: good unless it is dynamic, and then good for the
 * number of conditions. */
static void
head(struct parser *p, struct rc_recipe *r)
{
	struct words words = { .count = 0 };
	const struct expand_env none = { .limit = RC_BYTES_MAX };
	struct buf skipped = BUF_EMPTY;

	r->head_text = take_text(p, EXPAND_WORDS);
	r->dynamic = span_find_any(r->head_text, "$`") < r->head_text.n;
	if (r->dynamic) {
		rc_head_parse(
		    span_head(r->head_text, span_find_any(r->head_text, "$`")),
		    &r->head, &skipped);
		if (r->head.number == -1)
			r->head.number = 0;
	} else {
		(void)expand(r->head_text, EXPAND_WORDS, &none, &words);
		rc_head_parse(arena_span(p->rc->a, buf_span(&words.bytes)),
		    &r->head, &skipped);
		if (skipped.n > 0)
			note_skipped(p, buf_span(&skipped));
	}
	buf_free(&skipped);
	words_free(&words);
}

static int
plain_conditions(const struct rc_head *h)
{
	if (h->number != -1)
		return h->number;
	return (h->flags & (RC_ALSO | RC_AND | RC_ELSE | RC_ERROR)) != 0 ? 0
									 : 1;
}

/* NAME=| : true when it stands here, and is taken. */
static bool
capture(struct parser *p, struct rc_recipe *r)
{
	size_t begin = p->at;
	struct span name = take_name(p);

	skip_blanks(p);
	if (name.n > 0 && peek(p) == '=') {
		p->at++;
		skip_blanks(p);
		if (peek(p) == '|') {
			p->at++;
			r->name = name;
			return true;
		}
	}
	p->at = begin;
	return false;
}

static bool
block(struct parser *p)
{
	int next = span_at(p->text, p->at + 1);

	return peek(p) == '{' &&
	    (next == -1 || next == '\n' || ascii_blank(next));
}

static void
action(struct parser *p, struct rc_recipe *r)
{
	if (block(p)) {
		r->action = RC_BLOCK;
		p->at++;
		p->depth++;
	} else if (peek(p) == '|') {
		r->action = RC_PIPE;
		p->at++;
		r->text = take_raw_line(p);
	} else if (capture(p, r)) {
		r->action = RC_CAPTURE;
		r->text = take_raw_line(p);
	} else if (peek(p) == '!') {
		r->action = RC_FORWARD;
		p->at++;
		r->text = take_text(p, EXPAND_WORDS);
	} else {
		r->action = RC_FILE;
		r->text = take_text(p, EXPAND_WORDS);
	}
}

static void
recipe(struct parser *p)
{
	struct rc_recipe *r = arena_alloc(p->rc->a, sizeof(*r));
	int line = line_here(p);
	enum conditions_end end;
	struct rc_condition *copy;

	p->at++; /* the colon */
	head(p, r);
	p->at += peek(p) == '\n';
	p->condition_count = 0;
	end = conditions(p, plain_conditions(&r->head));
	if (end != ACTION_FOLLOWS) {
		note(p,
		    end == FILE_ENDS ? "Incomplete recipe" : "Missing action");
		return;
	}
	copy = arena_array(p->rc->a, p->condition_count + 1, sizeof(*copy));
	if (p->condition_count > 0)
		memcpy(copy, p->conditions, p->condition_count * sizeof(*copy));
	r->conditions = copy;
	r->condition_count = p->condition_count;
	action(p, r);
	*statement(p, RC_RECIPE) = (struct rc_statement){
		.kind = RC_RECIPE, .line = line, .recipe = r
	};
}

/* ---- other statements */

static void
assignment(struct parser *p)
{
	struct span name = take_name(p);
	int c = peek(p), line = line_here(p);
	struct rc_statement *s;
	size_t behind = p->at;

	if (c != -1 && c != '\n' && c != '=' && !ascii_blank(c)) {
		note_skipped(p, name);
		return;
	}
	skip_blanks(p);
	s = statement(p, RC_ASSIGN);
	s->name = name;
	s->line = line;
	s->unset = peek(p) != '=';
	if (s->unset) {
		p->at = behind;
		return;
	}
	p->at++;
	skip_blanks(p);
	s->text = take_text(p, EXPAND_VALUE);
}

static void
closing_brace(struct parser *p)
{
	p->at++;
	if (p->depth == 0) {
		note(p, "Closing brace unexpected");
		return;
	}
	p->depth--;
	(void)statement(p, RC_END);
}

static void
parse_one(struct parser *p)
{
	int c = peek(p);

	if (c == '\n' || ascii_blank(c))
		p->at++;
	else if (c == '#')
		(void)take_line(p);
	else if (c == ':')
		recipe(p);
	else if (c == '}')
		closing_brace(p);
	else if (ascii_alpha(c) || c == '_')
		assignment(p);
	else
		note_skipped(p, take_line(p));
}

/* A file written with CR LF throughout is read as if it had LF; in any other a
 * CR is a byte like all. */
static struct span
without_returns(struct arena *a, struct span bytes)
{
	char *out;
	size_t n = 0;

	for (size_t i = 0; i < bytes.n; i++) {
		if (bytes.p[i] != '\n')
			continue;
		if (i == 0 || bytes.p[i - 1] != '\r')
			return arena_span(a, bytes);
		n++;
	}
	if (n == 0)
		return arena_span(a, bytes);
	out = arena_alloc(a, bytes.n + 1);
	n = 0;
	for (size_t i = 0; i < bytes.n; i++)
		if (bytes.p[i] != '\r' || span_at(bytes, i + 1) != '\n')
			out[n++] = bytes.p[i];
	return span_of(out, n);
}

struct rc *
rc_parse(struct span bytes)
{
	struct rc *r = mem_new(sizeof(*r));
	struct parser p = { .rc = r, .line = 1 };

	r->a = arena_new();
	p.text = without_returns(r->a, bytes);
	while (p.at < p.text.n)
		parse_one(&p);
	if (p.depth > 0)
		note(&p, "Missing closing brace");
	free(p.conditions);
	return r;
}

void
rc_free(struct rc **r)
{
	if (*r == NULL)
		return;
	arena_free(&(*r)->a);
	free((*r)->statements);
	mem_free(r);
}

size_t
rc_count(const struct rc *r)
{
	return r->count;
}

const struct rc_statement *
rc_at(const struct rc *r, size_t i)
{
	return &r->statements[i];
}
