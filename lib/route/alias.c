/*
 * alias.c - alias_maps: what stands for a local name (aliases(5))
 *
 * Aliases within aliases are followed here, each knowing from which it came,
 * so that a name that leads back to itself ends as the user of that name, as
 * in Postfix. One with an owner-alias of its own is left to be asked for, as
 * its members get another sender. Members at our own domains are final when no
 * alias has them: virtual_alias_maps are not asked for what aliases give.
 */

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "maps/source.h"
#include "message/address.h"
#include "os/users.h"
#include "route/internal.h"

enum { NO_PARENT = -1, NODES_MAX = 1000 };

struct node {
	struct found found;
	struct route_address address;
	int parent;
};

struct tree {
	struct node *nodes;
	size_t n;
	struct table *known; /* targets that are there already */
	struct lookup_target *targets;
	size_t target_count, target_room;
};

static enum job_result
trouble(struct job *j, const struct tree *t, const char *what)
{
	struct span name = t->nodes[0].found.key;

	why_set(j->why, "4.3.0", "alias %.*s: %s", (int)name.n, name.p, what);
	return JOB_TROUBLE;
}

/* user+ext, then user. */
static enum job_result
find_alias(
    struct job *j, const struct route_address *address, struct found *out)
{
	struct map_list *list = &j->route->alias;
	struct buf local = BUF_EMPTY;
	struct span user, ext;
	enum job_result got;

	address_unquote(&local, address->local);
	got = find_key(j, list, buf_span(&local), false, out);
	if (got == JOB_NO &&
	    split_extension(j, buf_span(&local), &user, &ext)) {
		got = find_key(j, list, user, true, out);
		if (j->route->propagate_alias)
			out->extension = arena_span(j->arena, ext);
	}
	buf_free(&local);
	return got;
}

/* The sender for the members of an alias: owner-NAME, where there is one. */
static enum job_result
find_owner(struct job *j, struct span name, struct span *owner)
{
	struct route_address address;
	struct found f;
	enum job_result got;
	struct span key =
	    span_str(arena_printf(j->arena, "owner-%.*s", (int)name.n, name.p));

	*owner = SPAN("");
	if (!j->route->conf->owner_request_special)
		return JOB_NO;
	if (span_istarts(name, "owner-") || span_iends(name, "-request"))
		return JOB_NO;
	got = find_key(j, &j->route->alias, key, true, &f);
	if (got != JOB_YES)
		return got;
	f.extension = SPAN("");
	route_rewrite(j->route->conf, j->arena, key, &address);
	if (j->route->conf->expand_owner_alias)
		found_address(j, f.value, &f, &address, &address);
	*owner = address.whole;
	return JOB_YES;
}

/* Commands and files of a table run as its owner, but never as root. */
static enum job_result
account_of(struct job *j, const struct tree *t, uid_t owner, struct span *name)
{
	struct account who;

	if (owner == 0) {
		*name = span_str(j->route->conf->default_privs);
		return JOB_YES;
	}
	switch (users_find_uid(j->arena, owner, &who)) {
	case USERS_FOUND:
		*name = span_str(who.name);
		return JOB_YES;
	case USERS_UNKNOWN:
		return trouble(j, t, "the table's owner has no account");
	case USERS_TROUBLE:
		break;
	}
	return trouble(j, t, "the user database did not answer");
}

static enum job_result
add_target(struct job *j, struct tree *t, const struct lookup_target *target)
{
	struct span key =
	    span_str(arena_printf(j->arena, "%.*s %.*s", (int)target->user.n,
		target->user.p, (int)target->address.n, target->address.p));

	if (t->target_count == LOOKUP_EXPAND_MAX)
		return trouble(j, t, "more members than one answer holds");
	if (table_put(t->known, key, t) != NULL)
		return JOB_YES;
	if (t->target_count == t->target_room) {
		t->target_room = t->target_room == 0 ? 8 : t->target_room * 2;
		t->targets =
		    mem_resize(t->targets, t->target_room, sizeof(*t->targets));
	}
	t->targets[t->target_count++] = *target;
	return JOB_YES;
}

/* "|command", "/file", ":include:/file". */
static enum job_result
add_special(struct job *j, struct tree *t, const struct node *from,
    enum alias_kind kind, struct span text)
{
	struct lookup_target target = { .kind = ROUTE_FILE };
	const char *mark = "";
	enum job_result got = account_of(j, t, from->found.owner, &target.user);

	if (got != JOB_YES)
		return got;
	if (kind == ALIAS_COMMAND) {
		target.kind = ROUTE_COMMAND;
		mark = "|";
	} else if (kind == ALIAS_INCLUDE) {
		target.kind = ROUTE_INCLUDE;
		mark = ":include:";
	}
	target.address = span_str(
	    arena_printf(j->arena, "%s%.*s", mark, (int)text.n, text.p));
	return add_target(j, t, &target);
}

static enum job_result
add_final(struct job *j, struct tree *t, const struct route_address *address)
{
	struct lookup_target target = final_target(j, address);

	return add_target(j, t, &target);
}

/* Is the alias one that we came through? */
static bool
leads_back(const struct tree *t, int from, struct span key)
{
	for (; from != NO_PARENT; from = t->nodes[from].parent)
		if (span_ieq(t->nodes[from].found.key, key))
			return true;
	return false;
}

static bool
seen(const struct tree *t, struct span key)
{
	for (size_t i = 0; i < t->n; i++)
		if (span_ieq(t->nodes[i].found.key, key))
			return true;
	return false;
}

/* A member that is an alias itself. */
static enum job_result
add_alias(struct job *j, struct tree *t, int from,
    const struct route_address *address, const struct found *found)
{
	struct span owner;
	enum job_result got;

	if (leads_back(t, from, found->key))
		return add_final(j, t, address);
	if (seen(t, found->key))
		return JOB_YES;
	got = find_owner(j, found->key, &owner);
	if (got == JOB_TROUBLE)
		return got;
	if (got == JOB_YES) {
		struct lookup_target again = { .kind = ROUTE_DELIVER,
			.address = address->whole };

		return add_target(j, t, &again);
	}
	if (t->n == NODES_MAX)
		return trouble(j, t, "too many aliases within it");
	t->nodes[t->n++] = (struct node){
		.found = *found, .address = *address, .parent = from
	};
	return JOB_YES;
}

static enum job_result
add_local(struct job *j, struct tree *t, int from,
    const struct route_address *address)
{
	struct found found;
	enum job_result got = find_alias(j, address, &found);

	if (got == JOB_YES)
		return add_alias(j, t, from, address, &found);
	return got == JOB_NO ? add_final(j, t, address) : got;
}

static enum job_result
add_address(struct job *j, struct tree *t, int from, struct span text)
{
	const struct node *node = &t->nodes[from];
	struct lookup_target target = { .kind = ROUTE_DELIVER };
	struct route_address address;
	enum lookup_class class;
	enum job_result got;
	bool plain = span_at(text, 0) == '\\'; /* sendmail: the user itself */

	if (plain)
		text = span_skip(text, 1);
	found_address(j, text, &node->found, &node->address, &address);
	target.address = address.whole;
	got = classify(j, &address, &class);
	if (got == JOB_TROUBLE)
		return got;
	if (class != CLASS_LOCAL)
		return add_target(j, t, &target);
	return plain ? add_final(j, t, &address)
		     : add_local(j, t, from, &address);
}

static enum job_result
add_members(struct job *j, struct tree *t, int from)
{
	struct span rest = t->nodes[from].found.value;
	struct buf text = BUF_EMPTY;
	enum job_result got = JOB_YES;
	enum alias_kind kind;

	while (got == JOB_YES && source_member(&rest, &kind, &text)) {
		if (kind == ALIAS_ADDRESS)
			got = add_address(j, t, from, buf_span(&text));
		else if (text.n > 0)
			got = add_special(
			    j, t, &t->nodes[from], kind, buf_span(&text));
	}
	buf_free(&text);
	return got;
}

static enum job_result
expand(struct job *j, struct tree *t, struct lookup_route *out)
{
	enum job_result got = find_owner(j, t->nodes[0].found.key, &out->owner);

	if (got == JOB_TROUBLE)
		return got;
	for (size_t i = 0; i < t->n; i++) {
		got = add_members(j, t, (int)i);
		if (got != JOB_YES)
			return got;
	}
	if (t->target_count == 0)
		return trouble(j, t, "nothing stands for it");
	out->expanded = out->local = true;
	out->targets = targets_kept(j, t->targets, t->target_count);
	out->count = t->target_count;
	return JOB_YES;
}

enum job_result
expand_alias(struct job *j, const struct route_address *address,
    struct lookup_route *out)
{
	struct tree t = { .n = 0 };
	struct found found;
	enum job_result got;

	if (j->route->alias.count == 0)
		return JOB_NO;
	got = find_alias(j, address, &found);
	if (got != JOB_YES)
		return got;
	t.known = table_new();
	t.nodes = mem_array(NODES_MAX, sizeof(*t.nodes));
	t.nodes[t.n++] = (struct node){
		.found = found, .address = *address, .parent = NO_PARENT
	};
	got = expand(j, &t, out);
	table_free(&t.known, NULL);
	free(t.nodes);
	free(t.targets);
	return got;
}
