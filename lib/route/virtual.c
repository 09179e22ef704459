/*
 * virtual.c - virtual_alias_maps: addresses in place of one, to the end
 *
 * Expanded here as far as it goes, as Postfix's cleanup does, since only the
 * whole way shows a loop: an address that leads back to itself, directly or
 * not, is kept, and is final. A list of nodes, each knowing its parent; no
 * recursion.
 */

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "route/internal.h"

enum { NO_PARENT = -1 };

#define TOO_MANY "more addresses than one answer holds"

struct node {
	struct route_address address;
	int parent;
	int depth;
	bool leaf; /* stands in the result */
	bool final; /* because it leads back to itself */
};

struct tree {
	struct node *nodes;
	size_t n, cap;
	struct table *leaves; /* addresses that are leaves: each once */
	size_t leaf_count;
};

static void
node_add(struct tree *t, const struct route_address *address, int parent)
{
	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 16 : t->cap * 2;
		t->nodes = mem_resize(t->nodes, t->cap, sizeof(*t->nodes));
	}
	t->nodes[t->n++] = (struct node){ .address = *address,
		.parent = parent,
		.depth = parent == NO_PARENT ? 0 : t->nodes[parent].depth + 1 };
}

static bool
leads_back(const struct tree *t, size_t at)
{
	for (int up = t->nodes[at].parent; up != NO_PARENT;
	     up = t->nodes[up].parent)
		if (span_ieq(
			t->nodes[up].address.whole, t->nodes[at].address.whole))
			return true;
	return false;
}

static void
make_leaf(struct tree *t, size_t at, bool final)
{
	struct node *node = &t->nodes[at];

	if (table_put(t->leaves, node->address.whole, t) != NULL)
		return;
	node->leaf = true;
	node->final = final;
	t->leaf_count++;
}

static enum job_result
too_much(struct job *j, const struct tree *t, const char *what)
{
	struct span first = t->nodes[0].address.whole;

	why_set(j->why, "4.6.0", "virtual_alias_maps: %.*s: %s", (int)first.n,
	    first.p, what);
	return JOB_TROUBLE;
}

/* Add what the table has for node at; JOB_NO: it has nothing. */
static enum job_result
grow(struct job *j, struct tree *t, size_t at)
{
	const struct route_conf *conf = j->route->conf;
	struct route_address address = t->nodes[at].address, *list;
	enum job_result got;
	struct found f;
	size_t count;

	got = find_address(j, &j->route->virtual_alias, &address, &f);
	if (got != JOB_YES)
		return got;
	if (t->nodes[at].depth >= conf->virtual_alias_recursion_limit)
		return too_much(
		    j, t, "too deep (virtual_alias_recursion_limit)");
	if (!j->route->propagate_virtual)
		f.extension = SPAN("");
	list = found_addresses(j, &f, &address, &count);
	for (size_t i = 0; i < count; i++) {
		if (list[i].whole.n >
		    (size_t)conf->virtual_alias_address_length_limit)
			return too_much(j, t,
			    "too long (virtual_alias_address_length_limit)");
		node_add(t, &list[i], (int)at);
	}
	if (t->n > (size_t)conf->virtual_alias_expansion_limit + 1)
		return too_much(
		    j, t, "too many (virtual_alias_expansion_limit)");
	return JOB_YES;
}

static enum job_result
grow_all(struct job *j, struct tree *t)
{
	for (size_t at = 0; at < t->n; at++) {
		enum job_result got;

		if (leads_back(t, at)) {
			make_leaf(t, at, true);
			continue;
		}
		got = grow(j, t, at);
		if (got == JOB_TROUBLE)
			return got;
		if (got == JOB_NO)
			make_leaf(t, at, false);
	}
	return JOB_YES;
}

/* The result as it grows; false: more than one answer holds. */
struct result {
	struct lookup_target *targets;
	size_t count, room;
};

static bool
result_add(struct result *r, const struct lookup_target *t, size_t count)
{
	if (r->count + count > LOOKUP_EXPAND_MAX)
		return false;
	if (r->count + count > r->room) {
		r->room = r->room * 2 + count;
		r->targets =
		    mem_resize(r->targets, r->room, sizeof(*r->targets));
	}
	if (count > 0)
		memcpy(r->targets + r->count, t, count * sizeof(*t));
	r->count += count;
	return true;
}

/* A leaf that leads back: who asks again for it would expand it again, so it
 * is looked at here. A local name that is an alias becomes what that holds. */
static enum job_result
collect_final(struct job *j, const struct tree *t,
    const struct route_address *leaf, struct result *result)
{
	struct route_address address = *leaf;
	struct lookup_route inner = { .count = 0 };
	enum lookup_class class;
	enum job_result got = classify(j, &address, &class);
	struct lookup_target target;
	bool fits;

	if (got == JOB_YES)
		got = class == CLASS_LOCAL && !j->filtered
		    ? expand_alias(j, &address, &inner)
		    : JOB_NO;
	if (got == JOB_TROUBLE)
		return got;
	target = final_target(j, &address);
	fits = got == JOB_NO ? result_add(result, &target, 1)
			     : result_add(result, inner.targets, inner.count);
	return fits ? JOB_YES : too_much(j, t, TOO_MANY);
}

static enum job_result
collect_all(struct job *j, const struct tree *t, struct result *result)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct node *node = &t->nodes[i];
		struct lookup_target target = { .kind = ROUTE_DELIVER,
			.address = node->address.whole };
		enum job_result got;

		if (!node->leaf)
			continue;
		if (node->final)
			got = collect_final(j, t, &node->address, result);
		else
			got = result_add(result, &target, 1)
			    ? JOB_YES
			    : too_much(j, t, TOO_MANY);
		if (got != JOB_YES)
			return got;
	}
	return result->count > 0 ? JOB_YES
				 : too_much(j, t, "no address at all");
}

static enum job_result
collect(struct job *j, const struct tree *t, struct lookup_route *out)
{
	struct result result = { .count = 0 };
	enum job_result got = collect_all(j, t, &result);

	out->expanded = true;
	if (got == JOB_YES) {
		out->targets = targets_kept(j, result.targets, result.count);
		out->count = result.count;
	}
	free(result.targets);
	return got;
}

/* Nothing but the address itself, by the table's word or for want of one. */
static bool
unchanged(const struct tree *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->nodes[i].leaf)
			return t->leaf_count == 1 &&
			    span_ieq(t->nodes[i].address.whole,
				t->nodes[0].address.whole);
	return false;
}

enum job_result
expand_virtual(struct job *j, const struct route_address *address,
    struct lookup_route *out)
{
	struct tree t = { .leaves = table_new() };
	enum job_result got = JOB_NO;

	node_add(&t, address, NO_PARENT);
	if (j->route->virtual_alias.count > 0)
		got = grow_all(j, &t);
	if (got == JOB_YES)
		got = unchanged(&t) ? JOB_NO : collect(j, &t, out);
	table_free(&t.leaves, NULL);
	free(t.nodes);
	return got;
}
