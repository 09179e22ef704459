/*
 * match.c - comparing values with keys (RFC 5228, 2.7; RFC 5231)
 *
 * The wildcards of :matches are undone without going back further than to the
 * last star; every comparing step is counted, so that no script and no message
 * together can take for ever.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "sieve/regex.h"
#include "sieve/running.h"

struct glob {
	struct sieve_look *l;
	struct span value, pattern;
	size_t v, p;
	/* the last star */
	bool starred;
	size_t star_p, star_v, star_hole;
	/* what each wildcard stands for */
	size_t from[SIEVE_MATCHES], to[SIEVE_MATCHES];
	size_t hole;
};

static int
folded(const struct sieve_look *l, int c)
{
	return l->by == BY_OCTET ? c : ascii_lower(c);
}

static bool
worked(struct sieve_look *l, uint64_t n)
{
	l->run->work += n;
	if (l->run->work <= l->run->script->limits.work)
		return true;
	(void)sieve_fail(
	    l->run, l->node->line, "comparing takes too many steps");
	return false;
}

/* ---- order */

/* i;ascii-numeric (RFC 4790, 9.1): without digits at the front it is more than
 * all numbers. Leading zeros gone. */
static struct span
digits_of(struct span s)
{
	size_t n = 0;

	while (ascii_digit(span_at(s, n)))
		n++;
	s = span_head(s, n);
	while (s.n > 1 && *s.p == '0')
		s = span_skip(s, 1);
	return s;
}

static int
compare_numbers(struct span a, struct span b)
{
	a = digits_of(a);
	b = digits_of(b);
	if (a.n == 0 || b.n == 0)
		return (a.n == 0) - (b.n == 0);
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return span_cmp(a, b);
}

static int
compare(const struct sieve_look *l, struct span a, struct span b)
{
	if (l->by == BY_NUMBER)
		return compare_numbers(a, b);
	return l->by == BY_OCTET ? span_cmp(a, b) : span_icmp(a, b);
}

static bool
relates(const struct sieve_look *l, int order)
{
	struct span r = l->relation;

	if (span_is(r, "gt"))
		return order > 0;
	if (span_is(r, "ge"))
		return order >= 0;
	if (span_is(r, "lt"))
		return order < 0;
	if (span_is(r, "le"))
		return order <= 0;
	return span_is(r, "eq") ? order == 0 : order != 0;
}

/* ---- contains */

static bool
same_front(struct sieve_look *l, struct span s, struct span key)
{
	size_t i = 0;

	while (
	    i < key.n && folded(l, span_at(s, i)) == folded(l, span_at(key, i)))
		i++;
	return worked(l, i + 1) && i == key.n;
}

static bool
contains(struct sieve_look *l, struct span value, struct span key)
{
	if (key.n == 0)
		return true;
	for (size_t at = 0; at + key.n <= value.n; at++) {
		if (same_front(l, span_skip(value, at), key))
			return true;
		if (sieve_failed(l->run))
			return false;
	}
	return false;
}

/* ---- wildcards */

static size_t
character(const struct sieve_look *l, struct span s)
{
	uint32_t c;
	size_t n = l->by == BY_OCTET ? 1 : utf8_next(s, &c);

	return n == 0 ? 1 : n;
}

static void
hole_put(struct glob *g, size_t hole, size_t from, size_t to)
{
	if (hole < SIEVE_MATCHES) {
		g->from[hole] = from;
		g->to[hole] = to;
	}
}

/* One step; false: it does not match. */
static bool
glob_step(struct glob *g)
{
	int p = span_at(g->pattern, g->p);
	int v = span_at(g->value, g->v);
	size_t escaped = p == '\\' && g->p + 1 < g->pattern.n;

	if (p == '*') {
		g->starred = true;
		g->star_p = ++g->p;
		g->star_v = g->v;
		g->star_hole = g->hole++;
		hole_put(g, g->star_hole, g->v, g->v);
		return true;
	}
	if (p == '?' && v != -1) {
		size_t n = character(g->l, span_skip(g->value, g->v));

		hole_put(g, g->hole++, g->v, g->v + n);
		g->v += n;
		g->p++;
		return true;
	}
	if (escaped)
		p = span_at(g->pattern, g->p + 1);
	if (p != -1 && (p != '?' || escaped) && v != -1 &&
	    folded(g->l, p) == folded(g->l, v)) {
		g->p += 1 + escaped;
		g->v++;
		return true;
	}
	if (!g->starred || g->star_v >= g->value.n)
		return false;
	/* the star takes one more */
	g->star_v += character(g->l, span_skip(g->value, g->star_v));
	g->v = g->star_v;
	g->p = g->star_p;
	g->hole = g->star_hole + 1;
	hole_put(
	    g, g->star_hole, g->from[g->star_hole % SIEVE_MATCHES], g->star_v);
	return true;
}

static void
keep_matches(const struct glob *g)
{
	struct sieve_run *r = g->l->run;
	size_t n = g->hole < SIEVE_MATCHES ? g->hole : SIEVE_MATCHES - 1;

	r->matches[0] = arena_span(r->arena, g->value);
	for (size_t i = 1; i <= n && i < SIEVE_MATCHES; i++)
		r->matches[i] = arena_span(r->arena,
		    span_head(span_skip(g->value, g->from[i - 1]),
			g->to[i - 1] - g->from[i - 1]));
	r->match_count = n + 1;
}

static bool
matches(struct sieve_look *l, struct span value, struct span key)
{
	struct glob g = { .l = l, .value = value, .pattern = key };

	while (g.v < value.n || g.p < key.n)
		if (!worked(l, 1) || !glob_step(&g))
			return false;
	keep_matches(&g);
	return true;
}

/* ---- regular expressions */

enum { REGEX_STEP = 8 /* as much work as so many comparing steps */ };

static void
keep_groups(struct sieve_run *r, const struct sieve_regex_hit *hit)
{
	for (size_t i = 0; i < hit->count; i++)
		r->matches[i] = arena_span(r->arena,
		    hit->groups[i].p == NULL ? SPAN("") : hit->groups[i]);
	r->match_count = hit->count;
}

static bool
matches_regex(
    struct sieve_look *l, struct span value, struct span key, size_t i)
{
	struct sieve_run *r = l->run;
	const struct sieve_regex *re =
	    l->keys->regexes == NULL ? NULL : l->keys->regexes[i];
	struct sieve_regex_work work = { 0, 0 };
	struct sieve_regex_hit hit;
	const char *error;
	bool found;

	if (!worked(l, 1)) /* there would be less than none left */
		return false;
	if (re == NULL)
		re =
		    sieve_regex_new(r->arena, key, l->by == BY_CASEMAP, &error);
	if (re == NULL)
		return sieve_fail(r, l->node->line,
		    arena_printf(
			r->arena, "a wrong regular expression: %s", error));
	work.most = (r->script->limits.work - r->work) / REGEX_STEP;
	found = sieve_regex_find(re, value, &work, &hit);
	if (!worked(l, work.done * REGEX_STEP))
		return false;
	if (found)
		keep_groups(r, &hit);
	return found;
}

/* ---- all together */

static bool
is_match(struct sieve_look *l, struct span value, struct span key, size_t i)
{
	switch (l->type) {
	case LOOK_IS:
		return worked(l, value.n + 1) && compare(l, value, key) == 0;
	case LOOK_CONTAINS:
		return contains(l, value, key);
	case LOOK_MATCHES:
		return matches(l, value, key);
	case LOOK_REGEX:
		return matches_regex(l, value, key, i);
	case LOOK_VALUE:
	case LOOK_COUNT:
		return worked(l, value.n + 1) &&
		    relates(l, compare(l, value, key));
	}
	return false;
}

void
sieve_look_begin(struct sieve_look *l, struct sieve_run *r,
    const struct sieve_node *n, const struct sieve_arg *keys)
{
	const struct sieve_arg *a;

	*l = (struct sieve_look){ .run = r, .node = n, .keys = keys };
	if (sieve_tag(n, "contains") != NULL)
		l->type = LOOK_CONTAINS;
	else if (sieve_tag(n, "matches") != NULL)
		l->type = LOOK_MATCHES;
	else if (sieve_tag(n, "regex") != NULL)
		l->type = LOOK_REGEX;
	if ((a = sieve_tag(n, "count")) != NULL)
		l->type = LOOK_COUNT;
	else if ((a = sieve_tag(n, "value")) != NULL)
		l->type = LOOK_VALUE;
	if (a != NULL)
		l->relation = a->strings[0];
	if ((a = sieve_tag(n, "comparator")) == NULL)
		return;
	if (span_is(a->strings[0], "i;octet"))
		l->by = BY_OCTET;
	else if (span_is(a->strings[0], "i;ascii-numeric"))
		l->by = BY_NUMBER;
}

static void
look_keys(struct sieve_look *l, struct span value)
{
	for (size_t i = 0; i < l->keys->count && !l->found; i++) {
		struct span key = sieve_expand(l->run, l->keys->strings[i]);

		if (sieve_failed(l->run))
			return;
		l->found = is_match(l, value, key, i);
	}
}

void
sieve_look(struct sieve_look *l, struct span value)
{
	l->count++;
	if (!l->found && l->type != LOOK_COUNT && !sieve_failed(l->run))
		look_keys(l, value);
}

bool
sieve_look_end(struct sieve_look *l)
{
	struct buf n = BUF_EMPTY;

	if (l->type == LOOK_COUNT) {
		buf_add_number(&n, l->count);
		l->by = BY_NUMBER; /* RFC 5231, 4.2 */
		look_keys(l, buf_span(&n));
		buf_free(&n);
	}
	return l->found;
}
