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
	int lines;
};

struct parser {
	struct rc *rc;
	struct span text;
	size_t at;
	int line;
	size_t line_from; /* line counts newlines up to here */
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
take_text(struct parser *p, enum expand_mode mode, bool *odd)
{
	struct span rest = rest_of(p);
	struct span text = span_head(rest, expand_scan(rest, mode, odd));

	p->at += text.n;
	return text;
}

/* A line with what its backslashes join to it, as it stands: for programs. A
 * line that is a backslash and nothing else leaves an empty one. */
static struct span
take_raw_line(struct parser *p)
{
	struct span line = take_line(p);
	struct buf all = BUF_EMPTY;
	bool more = span_ends(line, "\\");

	if (!more)
		return line;
	while (more) {
		buf_add_span(
		    &all, span_head(line, line.n - (line.n == 1 ? 1 : 0)));
		buf_add_byte(&all, '\n');
		p->at += peek(p) == '\n';
		line = take_line(p);
		more = span_ends(line, "\\");
	}
	buf_add_span(&all, line);
	line = arena_span(p->rc->a, buf_span(&all));
	buf_free(&all);
	return line;
}

/* ---- conditions */

static struct span
without_blanks(struct span line)
{
	while (line.n > 0 && ascii_blank((unsigned char)line.p[line.n - 1]))
		line.n--;
	return line;
}

static void
condition(struct parser *p)
{
	struct rc_condition *c;
	struct buf joined = BUF_EMPTY;

	if (p->condition_count == p->condition_room) {
		p->condition_room =
		    p->condition_room == 0 ? 8 : p->condition_room * 2;
		p->conditions = mem_resize(
		    p->conditions, p->condition_room, sizeof(*p->conditions));
	}
	c = &p->conditions[p->condition_count++];
	skip_blanks(p);
	c->line = line_here(p);
	c->raw = take_raw_line(p);
	c->size = c->raw.n;
	c->text = c->raw = without_blanks(c->raw);
	if (span_find(c->raw, '\n') == c->raw.n)
		return;
	condition_join(c->raw, &joined);
	c->text = arena_span(p->rc->a, buf_span(&joined));
	buf_free(&joined);
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
		if (c == '*') {
			p->at++;
			condition(p);
		} else if (plain > 0) {
			condition(p);
		} else if (c == -1) {
			return FILE_ENDS;
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

static void
say_nothing(void *ctx, struct span name)
{
	(void)ctx;
	(void)name;
}

/* The head with nothing for its variables: good unless it is dynamic, and then
 * good for the number of conditions. */
static void
head(struct parser *p, struct rc_recipe *r)
{
	const struct expand_env none = {
		.bad = say_nothing, .limit = RC_BYTES_MAX, .passing = true
	};
	struct words words = { .count = 0 };
	struct buf skipped = BUF_EMPTY;
	bool odd;

	r->head_text = take_text(p, EXPAND_WORDS, &odd);
	r->dynamic = odd || span_find_any(r->head_text, "$`") < r->head_text.n;
	(void)expand(r->head_text, EXPAND_WORDS, &none, &words);
	rc_head_parse(
	    arena_span(p->rc->a, buf_span(&words.bytes)), &r->head, &skipped);
	if (skipped.n > 0 && !r->dynamic)
		note_skipped(p, buf_span(&skipped));
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

/* NAME=| and what follows is a program whose output is wanted, any other
 * NAME=text a file's name, like NAME alone. */
static void
named(struct parser *p, struct rc_recipe *r)
{
	size_t begin = p->at;
	bool blank;

	r->name = take_name(p);
	blank = r->name.n > 0 && ascii_blank(peek(p));
	if (r->name.n > 0)
		skip_blanks(p);
	r->assigns = r->name.n > 0 && peek(p) == '=';
	r->cut = blank;
	if (r->assigns) {
		p->at++;
		r->cut = ascii_blank(peek(p));
		skip_blanks(p);
	}
	if (r->assigns && peek(p) == '|') {
		p->at++;
		r->action = RC_CAPTURE;
		r->text = take_raw_line(p);
		return;
	}
	if (r->assigns && blank) { /* its '=' is a word like others */
		p->at = begin;
		r->name.n = 0;
		r->assigns = r->cut = false;
	}
	r->action = RC_FILE;
	r->rest = take_text(p, EXPAND_WORDS, &r->odd);
	r->text = span_of(p->text.p + begin, p->at - begin);
}

static bool
block(struct parser *p)
{
	int next = span_at(p->text, p->at + 1);

	return peek(p) == '{' && (next == '\n' || ascii_blank(next));
}

static void
action(struct parser *p, struct rc_recipe *r)
{
	if (block(p)) {
		r->action = RC_BLOCK;
		p->at++;
	} else if (peek(p) == '|') {
		r->action = RC_PIPE;
		p->at++;
		r->text = take_raw_line(p);
	} else if (peek(p) == '!') {
		r->action = RC_FORWARD;
		p->at++;
		r->text = take_text(p, EXPAND_WORDS, &r->odd);
	} else {
		named(p, r);
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
	copy = arena_array(p->rc->a, p->condition_count + 1, sizeof(*copy));
	if (p->condition_count > 0)
		memcpy(copy, p->conditions, p->condition_count * sizeof(*copy));
	r->conditions = copy;
	r->condition_count = p->condition_count;
	r->action_line = line_here(p);
	if (end == ACTION_FOLLOWS)
		action(p, r);
	else
		r->action = end == FILE_ENDS ? RC_INCOMPLETE : RC_MISSING;
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

	if (c != '\n' && c != '=' && !ascii_blank(c)) {
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
	s->text = take_text(p, EXPAND_VALUE, &s->odd);
}

static void
end_of_block(struct parser *p)
{
	(void)statement(p, RC_END);
	p->at++;
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
		end_of_block(p);
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
	r->lines = line_here(&p);
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

int
rc_lines(const struct rc *r)
{
	return r->lines;
}

const struct rc_statement *
rc_at(const struct rc *r, size_t i)
{
	return &r->statements[i];
}
