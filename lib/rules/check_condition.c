/*
 * check_condition.c - conditions that cannot hold, or mean something else
 */

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/table.h"
#include "rules/check_private.h"
#include "rules/condition.h"
#include "rules/regex.h"

static const char reword[] = "leave the recipe out, or change its conditions";

/* What the conditions of one recipe say together. */
struct together {
	bool scored, can_be_positive;
	double over, under; /* sizes: more than, less than */
	bool sized;
	struct table *seen; /* plain regexes, with what they search */
};

/* A comma where a weight wants a point. */
static bool
decimal_comma(struct span s)
{
	size_t i = span_at(s, 0) == '-' || span_at(s, 0) == '+', n = i;

	while (ascii_digit(span_at(s, i)))
		i++;
	if (i == n || span_at(s, i) != ',')
		return false;
	for (i++; ascii_digit(span_at(s, i));)
		i++;
	return span_at(s, i) == '^';
}

static void
check_regex(
    struct check *c, const struct condition *k, unsigned flags, int line)
{
	bool fold = !(flags & RC_CASE), header = k->head && !k->body;
	struct buf pattern = BUF_EMPTY;
	enum regex_error error;
	struct regex *re;

	if (k->plain)
		buf_add_span(&pattern, k->text);
	else
		regex_macros(&pattern, k->text, &fold);
	re = regex_new(buf_span(&pattern), fold, &error);
	regex_free(&re);
	if (error == REGEX_UNBALANCED)
		check_error(c, line,
		    "close the parenthesis, or write \\( for the byte",
		    "invalid regexp \"%s\"", check_quote(c, k->text));
	else if (error == REGEX_TOO_LARGE)
		check_error(c, line, "split the recipe into several",
		    "the regexp is too large");
	else if (!k->inverted && !k->weighed &&
	    !regex_can_match(
		buf_span(&pattern), fold, header && !k->of_variable))
		check_error(c, line,
		    "leave out ^^ inside the expression; folded header lines "
		    "are one line",
		    "it can never match: no text has \"%s\"",
		    check_quote(c, k->text));
	buf_free(&pattern);
}

/* The same regex wanted and not wanted. */
static void
check_contradiction(struct check *c, struct together *t,
    const struct condition *k, unsigned flags, int line)
{
	struct buf key = BUF_EMPTY;
	uintptr_t mark = k->inverted ? 2 : 1, old;

	if (k->weighed)
		return;
	buf_printf(&key, "%d%d%d ", (flags & RC_CASE) != 0, k->head, k->body);
	if (k->of_variable)
		buf_add_span(&key, k->variable);
	buf_add_byte(&key, ' ');
	buf_add_span(&key, k->text);
	old = (uintptr_t)table_put(
	    t->seen, buf_span(&key), (void *)(uintptr_t)mark);
	if (old != 0 && old != mark)
		check_error(c, line, reword,
		    "it can never match: \"%s\" is to be found, and is not",
		    check_quote(c, k->text));
	buf_free(&key);
}

/* The number of a size, if only a number stands there. */
static void
add_size(
    struct check *c, struct together *t, const struct condition *k, int line)
{
	struct span text = span_trim(span_skip(k->text, 1));
	bool less = (condition_kind(k) == '<') != k->inverted;
	uint64_t n;
	double limit;

	if (!number_parse(text, 0, UINT64_MAX / 2, &n)) {
		check_warn(c, line,
		    "write bytes as digits; only $ before the sign expands "
		    "variables",
		    "the size \"%s\" is no number", check_quote(c, text));
		return;
	}
	if (k->weighed || k->of_variable || k->of_part)
		return;
	limit = (double)n;
	if (k->inverted) /* not more than n is less than n + 1 */
		limit += less ? 1 : -1;
	if (less && limit < t->under)
		t->under = limit;
	if (!less && limit > t->over)
		t->over = limit;
	t->sized = true;
}

static void
add_weight(struct together *t, const struct condition *k)
{
	int kind = condition_kind(k);
	const struct weight *w = &k->weight;

	t->scored = true;
	if (w->w > 0 || w->x < 0 || kind == '<' || kind == '>')
		t->can_be_positive = true;
	if (kind == '?' && w->x > 0)
		t->can_be_positive = true;
}

static void
look_at(struct check *c, struct together *t, struct condition *k,
    unsigned flags, int line)
{
	int kind = condition_kind(k);

	if (k->weighed)
		add_weight(t, k);
	if (kind == '<' || kind == '>') {
		add_size(c, t, k, line);
	} else if (kind == 0) {
		if (decimal_comma(k->text))
			check_warn(c, line, "write the weight with a point",
			    "a weight with a comma is a regexp");
		check_regex(c, k, flags, line);
		check_contradiction(c, t, k, flags, line);
	}
}

static void
one_condition(struct check *c, struct together *t,
    const struct rc_condition *text, unsigned flags)
{
	struct condition k = { .text = text->text,
		.head = (flags & RC_HEAD) || !(flags & RC_BODY),
		.body = (flags & RC_BODY) != 0 };
	struct words words = { .count = 0 };
	enum condition_step step;

	if (span_starts(text->text, "\\<") || span_starts(text->text, "\\>"))
		check_warn(c, text->line, "put () before the backslash",
		    "a backslash that a condition begins with is dropped: "
		    "\"%s\" looks for \"%s\"",
		    check_quote(c, text->text),
		    check_quote(c, span_skip(text->text, 1)));
	do
		step = condition_step(&k);
	while (step == CONDITION_ON);
	if (step == CONDITION_READY) {
		look_at(c, t, &k, flags, text->line);
		return;
	}
	/* What is expanded later may be anything; it may also score. */
	check_expand(c, text->line, k.text, EXPAND_QUOTED, &words);
	words_free(&words);
	t->can_be_positive = true;
}

/* Without a number the line behind the head is a condition, star or not. */
static void
check_starless(struct check *c, const struct rc_recipe *r, int line)
{
	if (r->dynamic || r->head.number != -1 || r->condition_count == 0 ||
	    (r->head.flags & (RC_ALSO | RC_AND | RC_ELSE | RC_ERROR)))
		return;
	check_warn(c, line, "write :0",
	    "without a number the next line is a condition: \"%s\"",
	    check_quote(c, r->conditions[0].text));
}

void
check_conditions(
    struct check *c, const struct rc_recipe *r, unsigned flags, int line)
{
	struct together t = {
		.over = -1, .under = (double)UINT64_MAX, .seen = table_new()
	};

	check_starless(c, r, line);
	for (size_t i = 0; i < r->condition_count; i++)
		one_condition(c, &t, &r->conditions[i], flags);
	if (t.sized && t.under - t.over <= 1)
		check_error(c, line, reword,
		    "it can never match: no message has such a size");
	if (t.scored && !t.can_be_positive)
		check_error(c, line, "give a condition a weight above 0",
		    "it can never match: nothing adds to the score");
	table_free(&t.seen, NULL);
}
