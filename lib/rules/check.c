/*
 * check.c - what is wrong with an rc file: statements, and their order
 *
 * Walks the list of statements once, with a stack for blocks. The conditions
 * are check_condition.c's, folders, programs and locks check_action.c's.
 */

#include "rules/check.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/table.h"
#include "rules/check_private.h"
#include "rules/vars.h"

enum { SHOWN_MAX = 60, LINE_LIMIT = 1 << 20 };

/* ---- findings */

static void
add(struct check *c, struct check_finding f, struct buf *text)
{
	if (c->count == c->room) {
		c->room = c->room == 0 ? 16 : c->room * 2;
		c->all = mem_resize(c->all, c->room, sizeof(*c->all));
	}
	f.what = arena_span_str(c->a, buf_span(text));
	c->all[c->count++] = f;
	buf_free(text);
}

void
check_error(
    struct check *c, int line, const char *remedy, const char *format, ...)
{
	struct buf text = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	add(c, (struct check_finding){ line, CHECK_ERROR, NULL, remedy },
	    &text);
}

void
check_warn(
    struct check *c, int line, const char *remedy, const char *format, ...)
{
	struct buf text = BUF_EMPTY;
	va_list args;

	va_start(args, format);
	buf_vprintf(&text, format, args);
	va_end(args);
	add(c, (struct check_finding){ line, CHECK_WARNING, NULL, remedy },
	    &text);
}

const char *
check_quote(struct check *c, struct span s)
{
	struct buf out = BUF_EMPTY;
	const char *got;

	log_quote(&out, span_trim(s), SHOWN_MAX);
	got = arena_span_str(c->a, buf_span(&out));
	buf_free(&out);
	return got;
}

static int
by_line(const void *x, const void *y)
{
	const struct check_finding *a = x, *b = y;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->level < b->level ? -1 : a->level > b->level;
}

/* ---- expansion with what is known */

static bool
value(void *ctx, struct span name, struct span *out)
{
	const struct check *c = ctx;
	const char *known = vars_get(c->vars, name);

	*out = known == NULL ? SPAN("\x01") : span_str(known);
	return true;
}

static void
command(void *ctx, struct span text, size_t room, struct buf *out)
{
	(void)ctx;
	(void)text;
	(void)room;
	buf_add_byte(out, CHECK_UNKNOWN);
}

static void
bad(void *ctx, struct span name)
{
	struct check *c = ctx;

	check_error(c, c->line,
	    "write ${NAME}, ${NAME-text}, ${NAME:-text}, ${NAME+text} or "
	    "${NAME:+text}",
	    "bad substitution of \"%s\"", check_quote(c, name));
}

void
check_expand(struct check *c, int line, struct span text, enum expand_mode mode,
    struct words *out)
{
	const struct expand_env env = { .ctx = c,
		.value = value,
		.command = command,
		.bad = bad,
		.limit = LINE_LIMIT };

	c->line = line;
	if (expand(text, mode, &env, out) & EXPAND_OPEN)
		check_error(c, line, "close the quotes",
		    "quotes are open to the end of the file: \"%s\"",
		    check_quote(c, text));
}

bool
check_unknown(struct span text)
{
	return span_find(text, CHECK_UNKNOWN) < text.n;
}

/* ---- blocks */

static struct check_level_state *
level(struct check *c)
{
	return &c->levels[c->depth - 1];
}

static void
enter(struct check *c)
{
	if (c->depth == c->level_room) {
		c->level_room = c->level_room == 0 ? 8 : c->level_room * 2;
		c->levels =
		    mem_resize(c->levels, c->level_room, sizeof(*c->levels));
	}
	c->levels[c->depth++] = (struct check_level_state){ .before = NULL };
}

/* ---- statements */

static void
check_note(struct check *c, const struct rc_statement *s)
{
	static const struct {
		const char *what, *remedy;
	} remedies[] = {
		{ "Skipped", "make it an assignment, a recipe or a comment" },
	};
	const char *remedy = "";

	for (size_t i = 0; i < sizeof(remedies) / sizeof(*remedies); i++)
		if (span_starts(s->text, remedies[i].what))
			remedy = remedies[i].remedy;
	check_error(c, s->line, remedy, "%s", check_quote(c, s->text));
}

static void
check_default(struct check *c, int line, struct span value_text)
{
	const char *maildir = vars_get_str(c->vars, "MAILDIR");

	if (maildir != NULL && span_is(value_text, maildir))
		check_warn(c, line,
		    "write DEFAULT=$MAILDIR/ if it is a Maildir",
		    "DEFAULT is the folder MAILDIR itself, without a slash");
}

static void
check_assignment(struct check *c, const struct rc_statement *s)
{
	struct words words = { .count = 0 };
	char *name = mem_span(s->name);
	struct span text;

	if (s->unset) {
		vars_unset(c->vars, name);
	} else {
		check_expand(c, s->line, s->text, EXPAND_VALUE, &words);
		text = word_at(&words, 0);
		if (span_is(s->name, "DEFAULT"))
			check_default(c, s->line, text);
		/* In a block it may be assigned or not. */
		vars_set(c->vars, s->name, c->depth > 1 ? SPAN("\x01") : text);
		if (span_is(s->name, "HOST") && !check_unknown(text))
			check_warn(c, s->line,
			    "to throw mail away, deliver to /dev/null",
			    "where the machine is not \"%s\" the file ends "
			    "here "
			    "and all mail is dropped",
			    check_quote(c, text));
	}
	free(name);
	words_free(&words);
}

/* ---- recipes in their order */

static void
say_word(void *ctx, const char *what)
{
	struct check *c = ctx;

	check_warn(c, c->line, "leave the flag out", "%s", what);
}

/* Is there nothing that it depends on? */
static bool
always(const struct rc_recipe *r, unsigned flags)
{
	return r->condition_count == 0 &&
	    !(flags & (RC_ALSO | RC_AND | RC_ELSE | RC_ERROR));
}

/* A program that is waited for may say no by its exit code. */
static bool
takes_all(const struct rc_recipe *r, unsigned flags)
{
	unsigned asks = RC_COPY | RC_FILTER;

	if (r->action != RC_FILE)
		asks |= RC_WAIT | RC_WAIT_QUIET | RC_LOCK;
	return always(r, flags) && r->action != RC_BLOCK &&
	    r->action != RC_CAPTURE && !(flags & asks);
}

static void
check_flags(struct check *c, const struct rc_head *h, int line)
{
	const struct check_level_state *l = level(c);
	const unsigned looks_back = RC_ALSO | RC_AND | RC_ELSE | RC_ERROR;

	if ((h->flags & looks_back) && l->before == NULL)
		check_warn(c, line,
		    "leave the flag out, or put a recipe before this one",
		    "flags A, a, E and e look at a recipe before this one, and "
		    "there is none");
	if ((h->flags & RC_ELSE) && l->before_always)
		check_error(c, line,
		    "give the recipe before a condition, or use e for \"if it "
		    "failed\"",
		    "it can never match: the recipe before always does");
	if ((h->flags & (RC_AND | RC_ERROR)) && l->before != NULL &&
	    l->before->action == RC_PIPE && !l->before->dynamic &&
	    !(l->before->head.flags & (RC_WAIT | RC_WAIT_QUIET | RC_LOCK)))
		check_warn(c, line, "give the recipe before the flag w",
		    "the exit code of the recipe before is not waited for, so "
		    "that it counts as success");
}

/* Is it behind a recipe that has taken all mail already? */
static void
check_reached(struct check *c, const struct rc_head *h, int line)
{
	struct check_level_state *l = level(c);

	if (l->taken_by == 0 || l->told || (h->flags & (RC_ERROR | RC_ELSE)))
		return;
	l->told = true;
	if (l->for_good)
		check_error(c, line,
		    "move it up, or give the other recipe a condition",
		    "it can never match: the recipe in line %d takes all mail",
		    l->taken_by);
	else
		check_warn(c, line, "move it up, unless it is for that case",
		    "it sees mail only where the recipe in line %d fails",
		    l->taken_by);
}

static bool
has_action(struct check *c, const struct rc_recipe *r)
{
	int line = r->action_line;

	if (r->action == RC_MISSING)
		check_error(c, line,
		    "put the action behind the conditions, no empty line "
		    "between",
		    "Missing action");
	else if (r->action == RC_INCOMPLETE)
		check_error(c, line, "add an action", "Incomplete recipe");
	return r->action != RC_MISSING && r->action != RC_INCOMPLETE;
}

static bool
is_nowhere(const struct rc_recipe *r)
{
	return r->action == RC_FILE && span_is(span_trim(r->text), "/dev/null");
}

static void
check_recipe(struct check *c, const struct rc_recipe *r, int line)
{
	struct check_level_state *l;
	struct rc_head h = r->head;

	c->line = line;
	rc_head_conflicts(&h, say_word, c);
	check_reached(c, &h, line);
	check_flags(c, &h, line);
	check_conditions(c, r, h.flags, line);
	if (!has_action(c, r))
		return;
	check_action(c, r, &h, line);
	c->line = line;
	rc_head_no_copy(&h, r->action, say_word, c);
	rc_head_extraneous(&h, r->action, say_word, c);
	l = level(c);
	if (l->taken_by == 0 && !r->dynamic && takes_all(r, h.flags)) {
		l->taken_by = line;
		l->for_good = is_nowhere(r);
	}
	l->before_always = !r->dynamic && always(r, h.flags);
	l->before = r;
	if (r->action == RC_BLOCK)
		enter(c);
}

static void
check_statement(struct check *c, const struct rc_statement *s)
{
	switch (s->kind) {
	case RC_NOTE:
		check_note(c, s);
		break;
	case RC_ASSIGN:
		check_assignment(c, s);
		break;
	case RC_RECIPE:
		check_recipe(c, s->recipe, s->line);
		break;
	case RC_END:
		if (c->depth > 1)
			c->depth--;
		else
			check_error(c, s->line,
			    "remove it, or add the { it closes",
			    "Closing brace unexpected");
		break;
	}
}

/* Some lines with CR, and not all: then they are bytes like others. */
static void
check_returns(struct check *c, struct span bytes)
{
	struct span rest = bytes;
	int line = 0, first = 0, with = 0, n;

	for (; rest.n > 0; rest = span_skip(rest, (size_t)n)) {
		n = (int)(span_find(rest, '\n') + 1);
		line++;
		if (n > 1 && span_at(rest, (size_t)n - 2) == '\r') {
			with++;
			first = first == 0 ? line : first;
		}
	}
	if (with > 0 && with < line)
		check_error(c, first, "remove the carriage returns",
		    "%d of %d lines end with a carriage return, which belongs "
		    "to names and expressions there",
		    with, line);
}

struct check *
check_rc(struct span bytes)
{
	struct check *c = mem_new(sizeof(*c));
	struct rc *rc = rc_parse(bytes);

	c->a = arena_new();
	c->vars = vars_new();
	c->locks = table_new();
	vars_set_str(c->vars, "LOCKEXT", ".lock");
	enter(c);
	check_returns(c, bytes);
	for (size_t i = 0; i < rc_count(rc); i++)
		check_statement(c, rc_at(rc, i));
	if (c->depth > 1)
		check_error(c, rc_lines(rc), "add a line with }",
		    "Missing closing brace");
	if (c->count > 0)
		qsort(c->all, c->count, sizeof(*c->all), by_line);
	rc_free(&rc);
	return c;
}

void
check_free(struct check **check)
{
	struct check *c = *check;

	if (c == NULL)
		return;
	vars_free(&c->vars);
	table_free(&c->locks, NULL);
	arena_free(&c->a);
	free(c->all);
	free(c->levels);
	mem_free(check);
}

size_t
check_count(const struct check *c)
{
	return c->count;
}

const struct check_finding *
check_at(const struct check *c, size_t i)
{
	return &c->all[i];
}
