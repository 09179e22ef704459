/*
 * run_condition.c - the conditions of a recipe
 *
 * condition.c reads their prefixes; what is left is a program (?), a size (< or
 * >) or a regex.
 */

#include <limits.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "rules/condition.h"
#include "rules/letter.h"
#include "rules/program.h"
#include "rules/regex.h"
#include "rules/run.h"
#include "rules/vars.h"

enum { EXPANSIONS_MAX = 16, OVERSHOOT = 8 };

/* What has been found out about the recipe so far. */
struct tally {
	bool scored;
	double sum;
};

/* ---- prefixes */

/* Lines joined by backslashes as one. */
static void
join(struct condition *c)
{
	struct words fresh = { .count = 0 };
	struct buf line = BUF_EMPTY;

	if (span_find(c->text, '\n') == c->text.n)
		return;
	condition_join(c->text, &line);
	words_add(&fresh, buf_span(&line));
	buf_free(&line);
	words_free(c->expanded);
	*c->expanded = fresh;
	c->text = word_at(c->expanded, 0);
}

/* The rest as between double quotes. */
static bool
take_dollar(struct agent *a, struct condition *c)
{
	struct words fresh = { .count = 0 };
	bool done;

	join(c);
	done = run_expand(a, c->text, EXPAND_QUOTED, &fresh);

	words_free(c->expanded);
	*c->expanded = fresh;
	c->text = word_at(c->expanded, 0);
	return done;
}

/* The variable's name may lie in text that an expansion replaces. */
static void
keep_name(struct condition *c, char **name)
{
	if (c->of_variable && c->variable.p != *name) {
		free(*name);
		*name = mem_span(c->variable);
		c->variable.p = *name;
	}
}

/* False: it cannot hold (too long a line). */
static bool
take_prefixes(struct agent *a, struct condition *c, char **name)
{
	int expansions = 0;

	for (;;) {
		switch (condition_step(c)) {
		case CONDITION_ON:
			keep_name(c, name);
			break;
		case CONDITION_EXPAND:
			if (++expansions > EXPANSIONS_MAX || !take_dollar(a, c))
				return false;
			break;
		case CONDITION_READY:
			return true;
		}
	}
}

/* ---- what is searched */

static struct span
searched(struct agent *a, const struct condition *c)
{
	const char *value;

	if (!c->of_variable)
		return letter_searched(a->letter, c->head, c->body);
	value = vars_get(a->vars, c->variable);
	return value == NULL ? SPAN("") : span_str(value);
}

/* Sizes are those of the whole message unless another text is named. */
static double
measured(struct agent *a, const struct condition *c)
{
	if (c->of_variable || c->of_part)
		return (double)searched(a, c).n;
	return (double)letter_text(a->letter).n;
}

/* ---- what is told */

/* The text as procmail shows it: macros replaced, and with the backslash that
 * made it plain. */
static void
say_condition(struct agent *a, const char *what, const struct condition *c)
{
	struct buf text = BUF_EMPTY;
	bool fold;

	if (c->plain)
		buf_add_byte(&text, '\\');
	if (c->plain || condition_kind(c) != 0)
		buf_add_span(&text, c->text);
	else
		regex_macros(&text, c->text, &fold);
	run_say_name(a, what, text.n > 0 ? buf_span(&text) : SPAN(""));
	buf_free(&text);
}

static void
say_match(struct agent *a, const struct condition *c, bool holds)
{
	struct buf line = BUF_EMPTY;

	if (!run_is_verbose(a))
		return;
	buf_printf(&line, "%s on%s", holds ? "Match" : "No match",
	    c->inverted ? " !" : "");
	say_condition(a, buf_str(&line), c);
	buf_free(&line);
}

static void
say_score(struct agent *a, const struct condition *c, double before, double sum)
{
	struct buf line = BUF_EMPTY;

	if (!run_is_verbose(a))
		return;
	buf_printf(&line, "Score: %7ld ", (long)(sum - before));
	if (sum > 0 && sum < 1)
		buf_printf(&line, "%7s", "+0");
	else
		buf_printf(&line, "%7ld", (long)sum);
	if (c->inverted)
		buf_add_str(&line, " !");
	say_condition(a, buf_str(&line), c);
	buf_free(&line);
}

/* ---- regexes */

static void
set_match(struct agent *a, const struct regex_hit *hit)
{
	if (!hit->split)
		return;
	run_set_quietly(a, "MATCH", hit->match);
	if (run_is_verbose(a)) {
		run_say_name(a, "Assigning", SPAN("MATCH="));
		run_say_name(a, "Matched", hit->match);
	}
}

/* One match after the other. MATCH reads on behind each, which is paid for only
 * as far as a few times the text. */
static double
regex_score(struct agent *a, const struct condition *c, struct regex *re,
    struct span text)
{
	size_t from = 0, spare = OVERSHOOT * text.n + 4096;
	struct regex_hit hit;
	struct series s;

	series_begin(&s, &c->weight);
	while (!s.done && regex_find(re, text, from, spare > 0, &hit)) {
		size_t over = hit.looked > hit.end ? hit.looked - hit.end : 0;

		spare = spare > over ? spare - over : 0;
		set_match(a, &hit);
		series_add(&s, hit.empty);
		from = hit.next;
	}
	return s.sum;
}

/* All conditions that search the header and nothing else share what one pass
 * over it tells. */
static bool
is_hopeless(struct agent *a, const struct condition *c, const struct regex *re)
{
	const struct grams *g = NULL;

	if (!c->of_variable && c->head && !c->body)
		g = letter_head_grams(a->letter);
	return g != NULL && !regex_may_find(re, g);
}

static bool
regex_holds(
    struct agent *a, struct condition *c, unsigned flags, struct tally *t)
{
	struct regex *re;
	struct span text = searched(a, c);
	struct regex_hit hit;
	double added = 0, before;
	bool hopeless, found;

	join(c);
	re = cache_regex(a, c->text, !(flags & RC_CASE), c->plain);
	if (re == NULL)
		return false;
	/* what does not count is not searched */
	hopeless = (c->weighed && c->weight.w == 0) || is_hopeless(a, c, re);
	if (c->weighed && !c->inverted) {
		if (!hopeless)
			added = regex_score(a, c, re, text);
	} else {
		found = !hopeless && regex_find(re, text, 0, true, &hit);
		if (found)
			set_match(a, &hit);
		if (!c->weighed) {
			say_match(a, c, found != c->inverted);
			return found != c->inverted;
		}
		added = found ? 0 : c->weight.w;
	}
	before = t->sum;
	t->sum = score_add(before, added);
	say_score(a, c, before, t->sum);
	return true;
}

/* ---- programs */

/* Its name in messages is put in place of the text. */
static int
run_question(struct agent *a, struct condition *c)
{
	struct buf shown = BUF_EMPTY;
	struct pieces input = { .count = 0 };
	struct program p = {
		.input = &input, .output_fd = -1, .wait = true, .asks = true
	};
	struct span text = searched(a, c);
	struct run_command command;

	pieces_add(&input, text);
	if (!span_ends(text, "\n\n"))
		pieces_add(&input, SPAN("\n"));
	p.status = PROGRAM_NOT_RUN;
	run_command_make(a, span_skip(c->text, 1), &command);
	a->bytes = input.bytes;
	run_command(a, &command, &p);
	if (p.status != 0 && run_is_verbose(a))
		agent_say(a, "Non-zero exitcode (%d) from \"%.*s\"", p.status,
		    (int)run_command_name(&command).n,
		    run_command_name(&command).p);
	run_command_folder(&command, &shown);
	words_clear(c->expanded);
	words_add(c->expanded, buf_span(&shown));
	c->text = word_at(c->expanded, 0);
	buf_free(&shown);
	run_command_free(&command);
	pieces_free(&input);
	return p.status;
}

static bool
program_holds(struct agent *a, struct condition *c, struct tally *t)
{
	int status = run_question(a, c);
	bool holds = (status == 0) != c->inverted;
	double added, before;

	if (!c->weighed || status < 0) { /* a signal's number is no count */
		say_match(a, c, holds);
		return holds;
	}
	added = score_program(&c->weight, c->inverted, status);
	before = t->sum;
	t->sum = score_add(before, added);
	say_score(a, c, before, t->sum);
	return true;
}

/* ---- sizes */

static bool
size_number(struct agent *a, struct condition *c, double *out)
{
	struct words number = { .count = 0 };
	bool done = run_expand(a, c->text, EXPAND_LINE, &number);
	char *copy, *end;
	struct span rest;

	words_free(c->expanded);
	*c->expanded = number;
	c->text = word_at(c->expanded, 0);
	copy = mem_span(span_skip(c->text, 1));
	*out = (double)strtol(copy, &end, 10);
	rest = span_str(end);
	while (ascii_space(span_at(rest, 0)))
		rest = span_skip(rest, 1);
	if (done && rest.n > 0)
		run_say_name(a, "Skipped", rest);
	free(copy);
	return done;
}

static bool
size_holds(struct agent *a, struct condition *c, struct tally *t)
{
	bool below = span_at(c->text, 0) == '<', holds;
	double size = measured(a, c), n, added, before;

	if (!size_number(a, c, &n))
		return false;
	if (!c->weighed) {
		holds = (below ? size < n : size > n) != c->inverted;
		say_match(a, c, holds);
		return holds;
	}
	added = score_size(&c->weight, below != c->inverted, size, n);
	before = t->sum;
	t->sum = score_add(before, added);
	say_score(a, c, before, t->sum);
	return true;
}

/* ---- all of them */

static bool
holds(struct agent *a, struct condition *c, unsigned flags, struct tally *t)
{
	int kind = condition_kind(c);

	/* Once at infinity nothing more counts. */
	if (c->weighed && t->sum >= SCORE_MAX)
		return true;
	t->scored = t->scored || c->weighed;
	if (kind == '?')
		return program_holds(a, c, t);
	if (kind != 0)
		return size_holds(a, c, t);
	return regex_holds(a, c, flags, t);
}

static bool
one_condition(struct agent *a, const struct rc_condition *text, unsigned flags,
    struct tally *t)
{
	struct words expanded = { .count = 0 };
	struct condition c = { .text = text->raw,
		.expanded = &expanded,
		.head = (flags & RC_HEAD) || !(flags & RC_BODY),
		.body = (flags & RC_BODY) != 0 };
	char *name = NULL;
	bool got = take_prefixes(a, &c, &name) && holds(a, &c, flags, t);

	run_event(a,
	    (struct agent_event){ .what = AGENT_CONDITION,
		.line = text->line,
		.text = text->text,
		.holds = got,
		.weighed = c.weighed,
		.sum = t->sum });
	words_free(&expanded);
	free(name);
	return got && t->sum > -SCORE_MAX;
}

bool
run_conditions(
    struct agent *a, const struct rc_recipe *r, unsigned flags, bool met)
{
	struct tally t = { .sum = 0 };

	for (size_t i = 0; i < r->condition_count; i++) {
		const struct rc_condition *c = &r->conditions[i];

		met = run_line_fits(a, c->size) && met;
		met = met && one_condition(a, c, flags, &t);
	}
	if (r->action != RC_MISSING)
		a->score = t.sum;
	return met && (!t.scored || t.sum > 0);
}
