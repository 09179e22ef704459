/*
 * condition.c - the prefixes of a condition
 *
 * A condition is read by its first bytes, again after each prefix: ! inverts,
 * $ expands, NAME ?? says what is searched, w^x makes it count.
 */

#include "rules/condition.h"

#include "base/buf.h"
#include "rules/vars.h"

static void
skip_blanks(struct span *s)
{
	while (ascii_blank(span_at(*s, 0)))
		*s = span_skip(*s, 1);
}

static size_t
name_size(struct span s)
{
	size_t n = 0;

	while (ascii_alnum(span_at(s, n)) || span_at(s, n) == '_')
		n++;
	return n;
}

static bool
is_part(struct span name)
{
	return span_is(name, "H") || span_is(name, "B") ||
	    span_is(name, "HB") || span_is(name, "BH");
}

/* "NAME ??" */
static bool
take_subject(struct condition *c)
{
	struct span name = span_head(c->text, name_size(c->text));
	struct span rest = span_skip(c->text, name.n);

	skip_blanks(&rest);
	if (!vars_is_name(name) || !span_starts(rest, "??"))
		return false;
	c->text = span_skip(rest, 2);
	c->of_part = is_part(name);
	c->of_variable = !c->of_part;
	c->variable = name;
	if (c->of_part) {
		c->head = span_find(name, 'H') < name.n;
		c->body = span_find(name, 'B') < name.n;
	}
	return true;
}

enum condition_step
condition_step(struct condition *c)
{
	skip_blanks(&c->text);
	if (span_at(c->text, 0) == '!') {
		c->inverted = !c->inverted;
		c->text = span_skip(c->text, 1);
		return CONDITION_ON;
	}
	if (span_at(c->text, 0) == '$') {
		c->text = span_skip(c->text, 1);
		return CONDITION_EXPAND;
	}
	if (weight_take(&c->text, &c->weight)) {
		c->weighed = true;
		return CONDITION_ON;
	}
	if (take_subject(c))
		return CONDITION_ON;
	if (span_at(c->text, 0) == '\\') {
		c->text = span_skip(c->text, 1);
		c->plain = true;
	}
	return CONDITION_READY;
}

int
condition_kind(const struct condition *c)
{
	int first = span_at(c->text, 0);

	if (c->plain || (first != '?' && first != '<' && first != '>'))
		return 0;
	return first;
}

void
condition_join(struct span line, struct buf *out)
{
	bool begins = false;
	size_t first = out->n;

	for (size_t i = 0; i < line.n; i++) {
		int c = (unsigned char)line.p[i];

		if (c == '\n' && out->n > first && line.p[i - 1] == '\\')
			out->n--;
		else if (!begins || !ascii_blank(c))
			buf_add_byte(out, (char)c);
		begins = c == '\n' || (begins && ascii_blank(c));
	}
}
