/*
 * cidr_map.c - cidr: tables, networks and what is said of them
 *
 * Rules are tried in order. A rule that cannot be understood is passed over
 * with a warning, as in Postfix; an "if" reaches to its "endif" or the end.
 */

#include "maps/map_type.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "maps/cidr.h"
#include "maps/rules.h"
#include "maps/source.h"

enum { NESTING_MAX = 100 };

struct entry {
	enum rule_kind kind;
	bool negate;
	struct cidr_block block;
	char *value; /* RULE_MATCH */
	size_t after; /* RULE_IF: where to go on when it does not hold */
};

struct cidr_table {
	struct entry *entries;
	size_t n, cap;
	size_t open[NESTING_MAX]; /* the ifs under way while reading */
	size_t open_lines[NESTING_MAX];
	size_t depth;
};

static struct entry *
entry_add(struct cidr_table *t)
{
	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->entries =
		    mem_resize(t->entries, t->cap, sizeof(*t->entries));
	}
	t->entries[t->n] = (struct entry){ .after = SIZE_MAX };
	return &t->entries[t->n++];
}

static const char *
add_endif(struct cidr_table *t)
{
	if (t->depth == 0)
		return "ENDIF without IF";
	t->entries[t->open[--t->depth]].after = t->n;
	return NULL;
}

/* NULL, or what is wrong with the rule. */
static const char *
add_rule(struct cidr_table *t, size_t line, const struct rule *r)
{
	struct cidr_block block;
	enum cidr_result got;
	struct entry *e;

	if (r->kind == RULE_ENDIF)
		return add_endif(t);
	got = cidr_block_parse(r->first.text, &block);
	if (got != CIDR_OK)
		return cidr_result_text(got);
	if (r->kind == RULE_IF && t->depth == NESTING_MAX)
		return "IF nested too deep";
	e = entry_add(t);
	e->kind = r->kind;
	e->negate = r->first.negate;
	e->block = block;
	if (r->kind == RULE_MATCH)
		e->value = mem_span(r->result);
	if (r->kind == RULE_IF) {
		t->open_lines[t->depth] = line;
		t->open[t->depth++] = t->n - 1;
	}
	return NULL;
}

static bool
cidr_open(struct map *m, struct why *why)
{
	struct cidr_table *t = mem_new(sizeof(*t));
	struct buf text = BUF_EMPTY;
	struct span line;
	struct source s;

	m->state = t;
	if (!map_text(m, &text, why)) {
		buf_free(&text);
		return false;
	}
	source_init(&s, buf_span(&text));
	while (source_next(&s, &line)) {
		struct rule r;
		const char *wrong = rule_parse_address(line, &r);

		if (wrong == NULL)
			wrong = add_rule(t, s.first, &r);
		if (wrong != NULL)
			map_warn_line(m, s.first,
			    "%s: skipping this rule: %.*s", wrong, (int)line.n,
			    line.p);
	}
	while (t->depth > 0)
		map_warn_line(
		    m, t->open_lines[--t->depth], "IF has no matching ENDIF");
	source_done(&s);
	buf_free(&text);
	return true;
}

/* Only what an address may hold; names pass no cidr: table. */
static enum map_result
cidr_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	const struct cidr_table *t = m->state;
	struct cidr_address address;

	(void)why;
	if (!cidr_address_parse(key, &address))
		return MAP_NONE;
	for (size_t i = 0; i < t->n; i++) {
		const struct entry *e = &t->entries[i];
		/* "!" turns round what is said of one kind of address */
		bool holds = e->block.net.length == address.length &&
		    cidr_contains(&e->block, &address) != e->negate;

		if (e->kind == RULE_MATCH && holds) {
			buf_add_str(out, e->value);
			return MAP_FOUND;
		}
		if (e->kind == RULE_IF && !holds) {
			if (e->after == SIZE_MAX)
				break;
			i = e->after - 1;
		}
	}
	return MAP_NONE;
}

static void
cidr_close(struct map *m)
{
	struct cidr_table *t = m->state;

	if (t == NULL)
		return;
	for (size_t i = 0; i < t->n; i++)
		free(t->entries[i].value);
	free(t->entries);
	mem_free(&m->state);
}

const struct map_type map_type_cidr = {
	.name = "cidr",
	.pattern = true,
	.open = cidr_open,
	.get = cidr_get,
	.close = cidr_close,
};
