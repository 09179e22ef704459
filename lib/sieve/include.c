/*
 * include.c - scripts that a script includes (RFC 6609)
 */

#include "base/arena.h"
#include "base/table.h"
#include "sieve/running.h"
#include "sieve/words.h"

void
sieve_scope_enter(struct sieve_run *r, struct sieve_scope *s,
    const struct sieve_script *script, struct span name)
{
	*s = (struct sieve_scope){ .script = script,
		.name = name,
		.variables = table_new(),
		.shared = table_new(),
		.match_count = r->match_count,
		.up = r->scope,
		.depth = r->scope == NULL ? 0 : r->scope->depth + 1 };
	for (size_t i = 0; i < SIEVE_MATCHES; i++)
		s->matches[i] = r->matches[i];
	r->match_count = 0;
	r->scope = s;
	r->script = script;
}

void
sieve_scope_leave(struct sieve_run *r)
{
	struct sieve_scope *s = r->scope;

	table_free(&s->variables, NULL);
	table_free(&s->shared, NULL);
	for (size_t i = 0; i < SIEVE_MATCHES; i++)
		r->matches[i] = s->matches[i];
	r->match_count = s->match_count;
	r->scope = s->up;
	if (s->up != NULL)
		r->script = s->up->script;
}

static bool
runs_now(const struct sieve_run *r, const struct sieve_script *s)
{
	const struct sieve_scope *o = r->scope;

	while (o != NULL && o->script != s)
		o = o->up;
	return o != NULL;
}

static bool
was_included(const struct sieve_run *r, const struct sieve_script *s)
{
	size_t i = 0;

	while (i < r->included_count && r->included[i] != s)
		i++;
	return i < r->included_count;
}

bool
sieve_include(struct sieve_run *r, const struct sieve_node *n,
    const struct sieve_script **out)
{
	const struct sieve_script *s = NULL;
	enum sieve_included got = r->ops->include == NULL
	    ? SIEVE_MISSING
	    : r->ops->include(r->ops->ctx, n->at[0]->strings[0],
		  sieve_tag(n, "global") != NULL, &s);

	*out = NULL;
	r->out->trouble = got == SIEVE_TROUBLE;
	if (got == SIEVE_MISSING && sieve_tag(n, "optional") != NULL)
		return true;
	if (got != SIEVE_INCLUDED)
		return sieve_fail(r, n->line,
		    got == SIEVE_MISSING ? "an included script is not there"
			: got == SIEVE_BROKEN ? "an included script has errors"
					      : "an included script cannot be "
						"read");
	if (sieve_tag(n, "once") != NULL &&
	    (runs_now(r, s) || was_included(r, s)))
		return true;
	if (runs_now(r, s))
		return sieve_fail(r, n->line, "a script includes itself");
	if (r->scope->depth >= r->script->limits.includes)
		return sieve_fail(
		    r, n->line, "scripts include each other too deeply");
	if (r->included_count == SIEVE_INCLUDES_MAX)
		return sieve_fail(r, n->line, "too many scripts are included");
	r->included[r->included_count++] = s;
	*out = s;
	return true;
}
