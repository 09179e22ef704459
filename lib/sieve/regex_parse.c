/*
 * regex_parse.c - reading a regular expression of Sieve
 *
 * Goes down once for each open parenthesis, and the tree gets one level more
 * for each repeating mark; REGEX_DEPTH bounds both.
 */

#include <string.h>

#include "base/arena.h"
#include "base/number.h"
#include "base/utf8.h"
#include "sieve/regex_nodes.h"

enum { RANGES_MAX = 1000, NO_CHARACTER = 0x110000 };

struct parse {
	struct arena *a;
	struct span rest;
	unsigned groups;
	const char *error;
};

static struct sieve_regex_node *
fail(struct parse *p, const char *why)
{
	if (p->error == NULL)
		p->error = why;
	return NULL;
}

static struct sieve_regex_node *
node_new(struct parse *p, int kind)
{
	struct sieve_regex_node *n = arena_alloc(p->a, sizeof(*n));

	n->kind = (unsigned)kind;
	return n;
}

size_t
sieve_regex_char(struct span s, uint32_t *c)
{
	size_t n = utf8_next(s, c);

	if (n > 0 || s.n == 0)
		return n;
	*c = NO_CHARACTER + (uint32_t)span_at(s, 0);
	return 1;
}

bool
sieve_regex_is_word(uint32_t c)
{
	return c == '_' || (c < 128 && ascii_alnum((int)c));
}

bool
sieve_regex_in_set(const struct sieve_regex_set *s, uint32_t c)
{
	for (size_t i = 0; i < s->count; i++)
		if (c >= s->ranges[i].from && c <= s->ranges[i].to)
			return !s->others;
	return s->others;
}

/* ---- sets */

static bool
add_range(
    struct parse *p, struct sieve_regex_set *s, uint32_t from, uint32_t to)
{
	if (from > to)
		return fail(p, "a range goes backwards") != NULL;
	if (s->count == RANGES_MAX)
		return fail(p, "a list in brackets is too long") != NULL;
	if ((s->count & (s->count - 1)) == 0) { /* the room is a power of two */
		struct sieve_regex_range *more = arena_array(
		    p->a, s->count == 0 ? 1 : 2 * s->count, sizeof(*more));

		if (s->count > 0)
			memcpy(more, s->ranges, s->count * sizeof(*more));
		s->ranges = more;
	}
	s->ranges[s->count++] = (struct sieve_regex_range){ from, to };
	return true;
}

static bool
add_class(struct parse *p, struct sieve_regex_set *s, struct span name)
{
	static const struct {
		const char *name;
		struct sieve_regex_range ranges[4];
	} classes[] = {
		{ "alpha", { { 'A', 'Z' }, { 'a', 'z' } } },
		{ "digit", { { '0', '9' } } },
		{ "alnum", { { '0', '9' }, { 'A', 'Z' }, { 'a', 'z' } } },
		{ "upper", { { 'A', 'Z' } } },
		{ "lower", { { 'a', 'z' } } },
		{ "space", { { ' ', ' ' }, { '\t', '\r' } } },
		{ "blank", { { ' ', ' ' }, { '\t', '\t' } } },
		{ "punct",
		    { { '!', '/' }, { ':', '@' }, { '[', '`' },
			{ '{', '~' } } },
		{ "print", { { ' ', '~' } } },
		{ "graph", { { '!', '~' } } },
		{ "cntrl", { { 1, 31 }, { 127, 127 } } },
		{ "xdigit", { { '0', '9' }, { 'A', 'F' }, { 'a', 'f' } } },
	};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		if (!span_is(name, classes[i].name))
			continue;
		for (int k = 0; k < 4 && classes[i].ranges[k].to != 0; k++)
			if (!add_range(p, s, classes[i].ranges[k].from,
				classes[i].ranges[k].to))
				return false;
		return true;
	}
	return fail(p, "unknown class in brackets") != NULL;
}

/* "[.", "[=" or "[:" up to its end; *c: the one character of the former two. */
static bool
take_named(
    struct parse *p, struct sieve_regex_set *s, bool *is_class, uint32_t *c)
{
	char mark = p->rest.p[1];
	const char end[] = { mark, ']', '\0' };
	struct span inside = span_skip(p->rest, 2);
	size_t n = span_search(inside, span_str(end));

	if (n == inside.n)
		return fail(p, "a name in brackets has no end") != NULL;
	p->rest = span_skip(inside, n + 2);
	inside = span_head(inside, n);
	*is_class = mark == ':';
	if (*is_class)
		return add_class(p, s, inside);
	if (inside.n == 0 || sieve_regex_char(inside, c) != inside.n)
		return fail(p, "no collating element of that name") != NULL;
	return true;
}

/* One end of a range, or a class. */
static bool
take_end(
    struct parse *p, struct sieve_regex_set *s, bool *is_class, uint32_t *c)
{
	*is_class = false;
	if (span_starts(p->rest, "[.") || span_starts(p->rest, "[=") ||
	    span_starts(p->rest, "[:"))
		return take_named(p, s, is_class, c);
	p->rest = span_skip(p->rest, sieve_regex_char(p->rest, c));
	return true;
}

static bool
take_member(struct parse *p, struct sieve_regex_set *s)
{
	uint32_t from = 0, to;
	bool is_class;

	if (!take_end(p, s, &is_class, &from) || is_class)
		return p->error == NULL;
	to = from;
	if (span_at(p->rest, 0) == '-' && p->rest.n > 1 &&
	    span_at(p->rest, 1) != ']') {
		p->rest = span_skip(p->rest, 1);
		if (!take_end(p, s, &is_class, &to))
			return false;
		if (is_class)
			return fail(p, "a range ends in a class") != NULL;
	}
	return add_range(p, s, from, to);
}

static struct sieve_regex_node *
take_set(struct parse *p)
{
	struct sieve_regex_node *n = node_new(p, NODE_SET);
	bool first = true;

	p->rest = span_skip(p->rest, 1);
	n->set.others = span_at(p->rest, 0) == '^';
	p->rest = span_skip(p->rest, n->set.others);
	for (; p->rest.n > 0; first = false) {
		if (*p->rest.p == ']' && !first) {
			p->rest = span_skip(p->rest, 1);
			return n;
		}
		if (!take_member(p, &n->set))
			return NULL;
	}
	return fail(p, "a bracket is not closed");
}

/* ---- single ones */

static struct sieve_regex_node *
class_node(struct parse *p, const char *name, bool others, bool underscore)
{
	struct sieve_regex_node *n = node_new(p, NODE_SET);

	n->set.others = others;
	(void)add_class(p, &n->set, span_str(name));
	if (underscore)
		(void)add_range(p, &n->set, '_', '_');
	return n;
}

static struct sieve_regex_node *
char_node(struct parse *p)
{
	struct sieve_regex_node *n = node_new(p, NODE_CHAR);

	p->rest = span_skip(p->rest, sieve_regex_char(p->rest, &n->c));
	return n;
}

static struct sieve_regex_node *
take_escaped(struct parse *p)
{
	int c = span_at(p->rest, 1);
	bool upper = c >= 'A' && c <= 'Z';

	p->rest = span_skip(p->rest, 1);
	if (c == -1)
		return fail(p, "a \\ stands at the end");
	if (c >= '1' && c <= '9')
		return fail(p, "back references are not there");
	/* other letters are themselves, as to the C library, whose rules
	 * scripts come with */
	if (c == '\0' || strchr("wWsSbB<>", c) == NULL)
		return char_node(p);
	p->rest = span_skip(p->rest, 1);
	switch (c) {
	case 'w':
	case 'W':
		return class_node(p, "alnum", upper, true);
	case 's':
	case 'S':
		return class_node(p, "space", upper, false);
	case 'b':
		return node_new(p, NODE_EDGE);
	case 'B':
		return node_new(p, NODE_NO_EDGE);
	case '<':
		return node_new(p, NODE_WORD_START);
	default: /* '>' */
		return node_new(p, NODE_WORD_END);
	}
}

/* ---- repeating */

/* "{2}", "{2,}", "{2,5}", "{,5}"; false: it is none, or wrong. */
static bool
take_counts(struct parse *p, unsigned *least, unsigned *most)
{
	size_t end = span_find(p->rest, '}');
	struct span low = span_skip(span_head(p->rest, end), 1), high;
	size_t comma = span_find(low, ',');
	bool open = comma < low.n;
	int a = 0, b;

	high = open ? span_skip(low, comma + 1) : low;
	low = span_head(low, comma);
	if (end == p->rest.n ||
	    !ascii_digit(span_at(low.n > 0 ? low : high, 0)))
		return false;
	if (low.n > 0 && !number_parse_int(low, 0, REGEX_REPEAT_MAX, &a))
		return fail(p, "a count in braces is wrong") != NULL;
	b = REGEX_NO_END;
	if (high.n > 0 && !number_parse_int(high, a, REGEX_REPEAT_MAX, &b))
		return fail(p, "a count in braces is wrong") != NULL;
	*least = (unsigned)a;
	*most = (unsigned)b;
	p->rest = span_skip(p->rest, end + 1);
	return true;
}

static bool
take_mark(struct parse *p, unsigned *least, unsigned *most)
{
	*least = span_at(p->rest, 0) == '+';
	*most = span_at(p->rest, 0) == '?' ? 1 : REGEX_NO_END;
	switch (span_at(p->rest, 0)) {
	case '*':
	case '+':
	case '?':
		p->rest = span_skip(p->rest, 1);
		return true;
	case '{':
		return take_counts(p, least, most);
	default:
		return false;
	}
}

static struct sieve_regex_node *
repeated(struct parse *p, struct sieve_regex_node *n, unsigned depth)
{
	unsigned least, most;

	if (n == NULL)
		return NULL;
	while (take_mark(p, &least, &most)) {
		struct sieve_regex_node *r = node_new(p, NODE_REPEAT);

		if (++depth > REGEX_DEPTH)
			return fail(p, "it is nested too deeply");
		r->below = n;
		r->least = least;
		r->most = most;
		n = r;
	}
	return p->error == NULL ? n : NULL;
}

/* ---- the whole */

static struct sieve_regex_node *take_choice(struct parse *p, unsigned depth);

static struct sieve_regex_node *
take_group(struct parse *p, unsigned depth)
{
	struct sieve_regex_node *n = node_new(p, NODE_GROUP);

	if (depth >= REGEX_DEPTH)
		return fail(p, "it is nested too deeply");
	p->rest = span_skip(p->rest, 1);
	n->group = p->groups++;
	n->below = take_choice(p, depth);
	if (n->below == NULL)
		return NULL;
	n->last_group = p->groups - 1;
	if (span_at(p->rest, 0) != ')')
		return fail(p, "a parenthesis is not closed");
	p->rest = span_skip(p->rest, 1);
	return n;
}

static struct sieve_regex_node *
take_one(struct parse *p, unsigned depth)
{
	int kind = NODE_ANY;

	switch (*p->rest.p) {
	case '(':
		return take_group(p, depth + 2);
	case '[':
		return take_set(p);
	case '\\':
		return take_escaped(p);
	case '*':
	case '+':
	case '?':
		return fail(p, "nothing stands before a repeating mark");
	case '^':
		kind = NODE_START;
		break;
	case '$':
		kind = NODE_END;
		break;
	case '.':
		break;
	default:
		return char_node(p);
	}
	p->rest = span_skip(p->rest, 1);
	return node_new(p, kind);
}

static struct sieve_regex_node *
take_row(struct parse *p, unsigned depth)
{
	struct sieve_regex_node *row = node_new(p, NODE_ROW);
	struct sieve_regex_node **end = &row->below;

	while (p->rest.n > 0 && *p->rest.p != '|' &&
	    (*p->rest.p != ')' || depth == 0)) {
		*end = repeated(p, take_one(p, depth), depth);
		if (*end == NULL)
			return NULL;
		end = &(*end)->next;
	}
	return row;
}

static struct sieve_regex_node *
take_choice(struct parse *p, unsigned depth)
{
	struct sieve_regex_node *all = node_new(p, NODE_ONE_OF);
	struct sieve_regex_node **end = &all->below;

	for (;;) {
		*end = take_row(p, depth);
		if (*end == NULL)
			return NULL;
		end = &(*end)->next;
		if (span_at(p->rest, 0) != '|')
			return all;
		p->rest = span_skip(p->rest, 1);
	}
}

struct sieve_regex_node *
sieve_regex_parse(
    struct arena *a, struct span pattern, unsigned *groups, const char **error)
{
	struct parse p = { .a = a, .rest = pattern, .groups = 1 };
	struct sieve_regex_node *n = take_choice(&p, 0);

	*groups = p.groups;
	*error = p.error;
	return p.error == NULL ? n : NULL;
}
