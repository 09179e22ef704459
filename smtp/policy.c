/*
 * policy.c - how much TLS a next hop wants (smtp_tls_policy_maps)
 *
 * The whole next hop is looked up as it is written, then, unless it stands in
 * brackets, its parent domains as ".example.com". What an entry asks for and
 * we do not know stops the delivery: it must not be weaker than it says.
 */

#include "smtp/policy.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "os/loop.h"
#include "smtp/anchors.h"
#include "smtp/env.h"
#include "smtp/tables.h"
#include "tls/tls_client.h"

struct policy_query {
	const struct smtp_env *env;
	struct arena *arena;
	struct tables_query *tables;
	struct loop_timer *now; /* reports main.cf's level */
	policy_fn *fn;
	void *arg;
};

void
policy_cancel(struct policy_query **q)
{
	if (*q == NULL)
		return;
	tables_cancel(&(*q)->tables);
	loop_timer_free(&(*q)->now);
	mem_free(q);
}

static void
report(
    struct policy_query *q, const struct policy *policy, const struct why *why)
{
	policy_fn *fn = q->fn;
	void *arg = q->arg;

	policy_cancel(&q);
	fn(arg, policy, why);
}

static void
report_default(void *arg)
{
	struct policy_query *q = arg;
	struct policy p = { .level = q->env->conf->tls_level };

	report(q, &p, NULL);
}

static bool
boolean_parse(struct span value, bool *out)
{
	*out = span_iis(value, "yes");
	return *out || span_iis(value, "no");
}

/* What is given twice is both, of names; else the last one. */
static bool
attribute_parse(struct policy_query *q, struct span word, struct policy *out)
{
	size_t sign = span_find(word, '=');
	struct span name = span_head(word, sign);
	struct span value = arena_span(q->arena, span_skip(word, sign + 1));

	if (sign == word.n || value.n == 0)
		return false;
	if (span_iis(name, "match"))
		out->match = out->match.n == 0
		    ? value
		    : span_str(
			  arena_printf(q->arena, "%.*s:%.*s", (int)out->match.n,
			      out->match.p, (int)value.n, value.p));
	else if (span_iis(name, "tafile"))
		out->anchors = value;
	else if (span_iis(name, "protocols") && tls_protocols_known(value))
		out->protocols = value;
	else if (span_iis(name, "ciphers"))
		out->ciphers = value;
	else if (span_iis(name, "exclude"))
		out->exclude = value;
	else if (span_iis(name, "servername"))
		out->servername = value;
	else
		return span_iis(name, "connection_reuse") &&
		    boolean_parse(value, &out->reuse);
	return true;
}

/* "secure match=.example.com:example.net protocols=>=TLSv1.2" */
static bool
entry_parse(struct policy_query *q, struct span value, struct policy *out,
    struct why *why)
{
	struct span word;

	if (!span_word(&value, " \t,", &word) ||
	    !smtp_tls_level(word, &out->level)) {
		why_set(why, "4.7.5",
		    "TLS policy: level \"%.*s\" is not known to this build",
		    (int)word.n, word.p);
		return false;
	}
	if (smtp_is_dane(out->level) && !q->env->conf->dnssec)
		log_warning("TLS policy dane without smtp_dns_support_level = "
			    "dnssec: no record is validated");
	while (span_word(&value, " \t,", &word)) {
		if (!attribute_parse(q, word, out)) {
			why_set(why, "4.7.5",
			    "TLS policy: \"%.*s\" is not known to this build",
			    (int)word.n, word.p);
			return false;
		}
	}
	if (out->anchors.n == 0 ||
	    anchors_find(q->env->conf->anchors, out->anchors) != NULL)
		return true;
	why_set(why, "4.7.5",
	    "TLS policy: trust anchors %.*s were not known when smtp started",
	    (int)out->anchors.n, out->anchors.p);
	return false;
}

static void
came(void *arg, enum tables_result result, struct span value)
{
	struct policy_query *q = arg;
	struct policy p = { .level = q->env->conf->tls_level };
	struct why why;
	bool good = result != TABLES_TROUBLE;

	q->tables = NULL;
	why_init(&why);
	if (!good)
		why_set(&why, "4.7.5", "smtp_tls_policy_maps cannot be read");
	else if (result == TABLES_FOUND)
		good = p.listed = entry_parse(q, value, &p, &why);
	report(q, good ? &p : NULL, good ? NULL : &why);
	why_free(&why);
}

struct policy_query *
policy_find(const struct smtp_env *env, struct span nexthop, struct arena *a,
    policy_fn *fn, void *arg)
{
	struct policy_query *q = mem_new(sizeof(*q));
	struct span keys[TABLES_KEYS_MAX + 1] = { nexthop };
	struct span rest = nexthop;

	q->env = env;
	q->arena = a;
	q->fn = fn;
	q->arg = arg;
	if (env->lookup == NULL || env->conf->smtp_tls_policy_maps[0] == '\0') {
		q->now = loop_timer_new(env->loop, report_default, q);
		loop_timer_set(q->now, 0);
		return q;
	}
	for (size_t i = 1; i < TABLES_KEYS_MAX && !span_starts(rest, "[");
	     i++) {
		rest = span_skip(rest, 1);
		rest = span_skip(rest, span_find(rest, '.'));
		if (rest.n < 2)
			break;
		keys[i] = rest;
	}
	q->tables = tables_find(env, "smtp_tls_policy_maps", keys, came, q);
	return q;
}
