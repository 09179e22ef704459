/*
 * vars.c - variables (RFC 5229)
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/table.h"
#include "base/utf8.h"
#include "sieve/regex.h"
#include "sieve/running.h"
#include "sieve/words.h"

enum { NAME_MAX_BYTES = 128 };

static struct span
lower(struct sieve_run *r, struct span name)
{
	struct buf out = BUF_EMPTY;
	struct span got;

	name = span_head(name, NAME_MAX_BYTES);
	for (size_t i = 0; i < name.n; i++)
		buf_add_byte(&out, (char)ascii_lower(span_at(name, i)));
	got = arena_span(r->arena, buf_span(&out));
	buf_free(&out);
	return got;
}

/* Where a variable of that name lives; the name in lower case, and without its
 * namespace. */
static struct table *
table_of(struct sieve_run *r, struct span *name)
{
	*name = lower(r, *name);
	if (span_starts(*name, "global.")) {
		*name = span_skip(*name, sizeof("global.") - 1);
		return r->globals;
	}
	return table_get(r->scope->shared, *name) == NULL ? r->scope->variables
							  : r->globals;
}

struct span
sieve_variable(struct sieve_run *r, struct span name)
{
	const struct table *t = table_of(r, &name);
	const struct span *value = table_get(t, name);

	return value == NULL ? SPAN("") : *value;
}

bool
sieve_cmd_global(struct sieve_run *r, const struct sieve_node *n)
{
	for (size_t i = 0; i < n->at[0]->count; i++) {
		struct span name = lower(r, n->at[0]->strings[i]);

		if (table_get(r->scope->variables, name) != NULL)
			return sieve_fail(r, n->line,
			    "a variable becomes global after it was set");
		(void)table_put(r->scope->shared, name, r->scope);
	}
	return true;
}

/* What "${name}" at the front of s stands for; its length, 0: it is none. */
static size_t
reference(struct sieve_run *r, struct span s, struct span *value)
{
	struct span name;
	size_t n = 2;
	int index;

	while (ascii_alnum(span_at(s, n)) || span_at(s, n) == '_' ||
	    (n > 2 && span_at(s, n) == '.'))
		n++;
	name = span_skip(span_head(s, n), 2);
	if (!span_starts(s, "${") || span_at(s, n) != '}' || name.n == 0)
		return 0;
	*value = SPAN("");
	if (number_parse_int(name, 0, SIEVE_MATCHES - 1, &index)) {
		if ((size_t)index < r->match_count)
			*value = r->matches[index];
	} else if (ascii_digit(span_at(name, 0))) {
		return 0;
	} else {
		*value = sieve_variable(r, name);
	}
	return n + 1;
}

struct span
sieve_expand(struct sieve_run *r, struct span text)
{
	struct buf out = BUF_EMPTY;
	struct span got, value;

	if ((r->script->required >> EXT_VARIABLES & 1) == 0 ||
	    span_search(text, SPAN("${")) == text.n)
		return text;
	while (text.n > 0 && out.n < SIEVE_VALUE_MAX) {
		size_t at = span_search(text, SPAN("${")), n;

		buf_add_span(&out, span_head(text, at));
		text = span_skip(text, at);
		if (text.n == 0)
			break;
		n = reference(r, text, &value);
		buf_add_span(&out, n == 0 ? span_head(text, 2) : value);
		text = span_skip(text, n == 0 ? 2 : n);
	}
	got = buf_span(&out);
	got = span_head(got, SIEVE_VALUE_MAX);
	while (got.n > 0 && got.n < out.n &&
	    (span_at(buf_span(&out), got.n) & 0xc0) == 0x80)
		got.n--;
	got = arena_span(r->arena, got);
	buf_free(&out);
	if (arena_used(r->arena) > r->arena_max)
		(void)sieve_fail(r, 0, "the script needs too much memory");
	return got;
}

struct span *
sieve_expand_all(struct sieve_run *r, const struct sieve_arg *a)
{
	struct span *all = arena_array(r->arena, a->count + 1, sizeof(*all));

	for (size_t i = 0; i < a->count; i++)
		all[i] = sieve_expand(r, a->strings[i]);
	return all;
}

bool
sieve_variable_set(
    struct sieve_run *r, const struct sieve_node *n, struct span value)
{
	struct span name = n->at[0]->strings[0];
	struct table *t = table_of(r, &name);
	struct span *kept = arena_alloc(r->arena, sizeof(*kept));

	*kept = arena_span(r->arena, value);
	r->variable_bytes += name.n + value.n;
	if (r->variable_bytes > r->script->limits.variable_bytes)
		return sieve_fail(
		    r, n->line, "the variables take too much room");
	(void)table_put(t, name, kept);
	return true;
}

/* ---- modifiers */

static void
change_case(struct buf *b, bool upper, size_t n)
{
	for (size_t i = 0; i < b->n && i < n; i++) {
		int c = (unsigned char)b->p[i];

		b->p[i] = (char)(upper ? ascii_upper(c) : ascii_lower(c));
	}
}

static void
quote(struct buf *b)
{
	struct buf out = BUF_EMPTY;

	for (size_t i = 0; i < b->n; i++) {
		if (b->p[i] == '*' || b->p[i] == '?' || b->p[i] == '\\')
			buf_add_byte(&out, '\\');
		buf_add_byte(&out, b->p[i]);
	}
	buf_free(b);
	*b = out;
}

static void
length(struct buf *b)
{
	struct span rest = buf_span(b);
	uint64_t n = 0;
	uint32_t c;

	for (; rest.n > 0; n++) {
		size_t one = utf8_next(rest, &c);

		rest = span_skip(rest, one == 0 ? 1 : one);
	}
	buf_clear(b);
	buf_add_number(b, n);
}

bool
sieve_cmd_set(struct sieve_run *r, const struct sieve_node *n)
{
	struct buf b = BUF_EMPTY;
	bool good;

	buf_add_span(&b, sieve_expand(r, n->at[1]->strings[0]));
	if (sieve_tag(n, "lower") != NULL || sieve_tag(n, "upper") != NULL)
		change_case(&b, sieve_tag(n, "upper") != NULL, b.n);
	if (sieve_tag(n, "lowerfirst") != NULL)
		change_case(&b, false, 1);
	if (sieve_tag(n, "upperfirst") != NULL)
		change_case(&b, true, 1);
	if (sieve_tag(n, "quotewildcard") != NULL)
		quote(&b);
	if (sieve_tag(n, "quoteregex") != NULL) {
		struct buf plain = b;

		b = (struct buf)BUF_EMPTY;
		sieve_regex_quote(&b, buf_span(&plain));
		buf_free(&plain);
	}
	if (sieve_tag(n, "length") != NULL)
		length(&b);
	good = sieve_variable_set(r, n, buf_span(&b));
	buf_free(&b);
	return good;
}
