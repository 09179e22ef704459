/*
 * pattern_map.c - regexp: and pcre: tables
 *
 * Rules are tried in order, "if" and "endif" nest. A rule that cannot be
 * compiled is passed over with a warning, as in Postfix. A match that goes
 * wrong (a limit, no memory) is a failure of the look-up, not a "no".
 */

#include "maps/map_type.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "maps/regex.h"
#include "maps/rules.h"
#include "maps/source.h"

enum { NESTING_MAX = 100 };

struct test {
	struct regex *regex; /* NULL: there is none */
	bool negate;
};

struct entry {
	enum rule_kind kind;
	size_t line;
	struct test first, second;
	char *result; /* RULE_MATCH */
	unsigned groups; /* the largest $n in it */
	size_t after; /* RULE_IF: where to go on when it does not hold */
};

struct pattern_table {
	const struct regex_maker *maker;
	struct entry *entries;
	size_t n, cap;
	size_t open[NESTING_MAX]; /* the ifs under way while reading */
	size_t depth;
};

static void
entry_done(struct pattern_table *t, struct entry *e)
{
	t->maker->free(&e->first.regex);
	t->maker->free(&e->second.regex);
	free(e->result);
}

static void
entry_add(struct pattern_table *t, const struct entry *e)
{
	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->entries =
		    mem_resize(t->entries, t->cap, sizeof(*t->entries));
	}
	t->entries[t->n++] = *e;
}

static bool
compile(struct pattern_table *t, const struct rule_pattern *p, struct test *out,
    struct buf *wrong)
{
	out->negate = p->negate;
	if (p->text.p == NULL)
		return true;
	out->regex = t->maker->compile(p->text, p->flags, wrong);
	return out->regex != NULL;
}

/* May the result be expanded as it asks? */
static bool
check_result(
    struct map *m, const struct rule *r, struct entry *e, struct buf *wrong)
{
	struct pattern_table *t = m->state;
	struct span bad;

	if (!rule_result_check(r->result, &e->groups, &bad))
		buf_printf(
		    wrong, "bad replacement index \"%.*s\"", (int)bad.n, bad.p);
	else if (e->groups > 0 && e->first.negate)
		buf_add_str(
		    wrong, "$number found in negative match replacement text");
	else if (e->groups > 0 && (m->flags & MAP_NO_SUBSTITUTION))
		buf_add_str(
		    wrong, "regular expression substitution is not allowed");
	else if (e->groups > t->maker->groups(e->first.regex))
		buf_printf(
		    wrong, "out of range replacement index \"%u\"", e->groups);
	return wrong->n == 0;
}

/* False: wrong says why the rule is left out. */
static bool
compile_rule(
    struct map *m, const struct rule *r, struct entry *e, struct buf *wrong)
{
	struct pattern_table *t = m->state;

	if (!compile(t, &r->first, &e->first, wrong) ||
	    !compile(t, &r->second, &e->second, wrong))
		return false;
	if (r->kind != RULE_MATCH)
		return true;
	if (!check_result(m, r, e, wrong))
		return false;
	if (r->result.n == 0)
		map_warn_line(
		    m, e->line, "no replacement text: using empty string");
	e->result = mem_span(r->result);
	return true;
}

static void
add_endif(struct map *m, size_t line, const struct rule *r)
{
	struct pattern_table *t = m->state;

	if (t->depth == 0) {
		map_warn_line(m, line, "ignoring ENDIF without matching IF");
		return;
	}
	if (r->result.n > 0)
		map_warn_line(m, line, "ignoring extra text after ENDIF");
	t->entries[t->open[--t->depth]].after = t->n;
}

static void
add_rule(struct map *m, size_t line, const struct rule *r)
{
	struct entry e = { .kind = r->kind, .line = line, .after = SIZE_MAX };
	struct pattern_table *t = m->state;
	struct buf wrong = BUF_EMPTY;

	if (r->kind == RULE_IF && t->depth == NESTING_MAX)
		buf_add_str(&wrong, "IF nested too deep");
	if (wrong.n > 0 || !compile_rule(m, r, &e, &wrong)) {
		map_warn_line(
		    m, line, "%s: skipping this rule", buf_str(&wrong));
		entry_done(t, &e);
	} else {
		if (r->kind == RULE_IF && r->result.n > 0)
			map_warn_line(m, line,
			    "ignoring extra text after IF statement: \"%.*s\"",
			    (int)r->result.n, r->result.p);
		if (r->kind == RULE_IF)
			t->open[t->depth++] = t->n;
		entry_add(t, &e);
	}
	buf_free(&wrong);
}

static void
add_line(struct map *m, size_t at, struct span line)
{
	struct rule r;
	const char *wrong = memchr(line.p, '\0', line.n) != NULL
	    ? "a NUL byte"
	    : rule_parse(line, &r);

	if (wrong != NULL)
		map_warn_line(m, at, "%s: skipping this rule", wrong);
	else if (r.kind == RULE_ENDIF)
		add_endif(m, at, &r);
	else
		add_rule(m, at, &r);
}

static bool
pattern_open(struct map *m, const struct regex_maker *maker, struct why *why)
{
	struct pattern_table *t = mem_new(sizeof(*t));
	struct buf text = BUF_EMPTY;
	struct span line;
	struct source s;

	t->maker = maker;
	m->state = t;
	if (!map_text(m, &text, why)) {
		buf_free(&text);
		return false;
	}
	source_init(&s, buf_span(&text));
	while (source_next(&s, &line))
		add_line(m, s.first, line);
	while (t->depth > 0)
		map_warn_line(m, t->entries[t->open[--t->depth]].line,
		    "IF has no matching ENDIF");
	source_done(&s);
	buf_free(&text);
	return true;
}

static bool
regexp_open(struct map *m, struct why *why)
{
	return pattern_open(m, &regex_posix, why);
}

static bool
pcre_open(struct map *m, struct why *why)
{
	return pattern_open(m, &regex_pcre, why);
}

/* One look-up under way. */
struct look {
	struct span subject;
	struct span groups[RULE_GROUPS_MAX];
	struct buf wrong;
};

static enum regex_result
holds(const struct pattern_table *t, const struct test *test, unsigned groups,
    struct look *l)
{
	enum regex_result got = t->maker->match(test->regex, l->subject,
	    l->groups, groups > 0 ? groups + 1 : 0, &l->wrong);

	if (got == REGEX_TROUBLE || !test->negate)
		return got;
	return got == REGEX_YES ? REGEX_NO : REGEX_YES;
}

static enum regex_result
entry_holds(
    const struct pattern_table *t, const struct entry *e, struct look *l)
{
	enum regex_result got = holds(t, &e->first, e->groups, l);

	if (got == REGEX_YES && e->second.regex != NULL)
		return holds(t, &e->second, 0, l);
	return got;
}

static enum map_result
search(struct map *m, struct look *l, struct buf *out, struct why *why)
{
	const struct pattern_table *t = m->state;

	for (size_t i = 0; i < t->n; i++) {
		const struct entry *e = &t->entries[i];
		enum regex_result got = entry_holds(t, e, l);

		if (got == REGEX_TROUBLE)
			return map_trouble(m, why, "line %zu: %s", e->line,
			    buf_str(&l->wrong));
		if (e->kind == RULE_MATCH && got == REGEX_YES) {
			rule_result_expand(
			    span_str(e->result), l->groups, e->groups + 1, out);
			return MAP_FOUND;
		}
		if (e->kind == RULE_IF && got == REGEX_NO) {
			if (e->after == SIZE_MAX)
				break;
			i = e->after - 1;
		}
	}
	return MAP_NONE;
}

static enum map_result
pattern_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	struct look l = { .wrong = BUF_EMPTY };
	char *copy = mem_span(key);
	enum map_result got;

	l.subject = span_of(copy, key.n);
	got = search(m, &l, out, why);
	buf_free(&l.wrong);
	free(copy);
	return got;
}

static void
pattern_close(struct map *m)
{
	struct pattern_table *t = m->state;

	if (t == NULL)
		return;
	for (size_t i = 0; i < t->n; i++)
		entry_done(t, &t->entries[i]);
	free(t->entries);
	mem_free(&m->state);
}

const struct map_type map_type_regexp = {
	.name = "regexp",
	.pattern = true,
	.open = regexp_open,
	.get = pattern_get,
	.close = pattern_close,
};

const struct map_type map_type_pcre = {
	.name = "pcre",
	.pattern = true,
	.open = pcre_open,
	.get = pattern_get,
	.close = pattern_close,
};
