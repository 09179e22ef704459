/*
 * rules.c - the restriction lists of main.cf become tables
 *
 * A name that is no restriction stops the program at its start: a list with a
 * hole in it would let in what the administrator meant to keep out. So does a
 * list that would make an open relay.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "base/number.h"
#include "base/why.h"
#include "config/param.h"
#include "smtpd/conf.h"
#include "smtpd/dnsbl.h"
#include "smtpd/policy.h"
#include "smtpd/policy_reply.h"
#include "smtpd/rule.h"

static const char obsolete[] = "Postfix has given it up too";

static const struct rule_kind kinds[] = {
	{ "permit", rule_permit, ARG_NONE, NULL },
	{ "reject", rule_reject, ARG_NONE, NULL },
	{ "defer", rule_defer, ARG_NONE, NULL },
	{ "warn_if_reject", NULL, ARG_NONE, NULL },
	{ "defer_if_permit", rule_defer_if_permit, ARG_NONE, NULL },
	{ "defer_if_reject", rule_defer_if_reject, ARG_NONE, NULL },
	{ "reject_plaintext_session", rule_plaintext, ARG_NONE, NULL },
	{ "reject_multi_recipient_bounce", rule_bounce_rcpts, ARG_NONE, NULL },
	{ "reject_unauth_pipelining", rule_pipelining, ARG_NONE, NULL },

	{ "permit_mynetworks", rule_mynetworks, ARG_NONE, NULL },
	{ "permit_inet_interfaces", rule_own, ARG_NONE, NULL },
	{ "permit_sasl_authenticated", rule_sasl, ARG_NONE, NULL },
	{ "permit_pop_before_smtp", rule_pbs, ARG_NONE, NULL },
	{ "reject_unknown_client_hostname", rule_client_unknown, ARG_NONE,
	    NULL },
	{ "reject_unknown_client", rule_client_unknown, ARG_NONE, NULL },
	{ "reject_unknown_reverse_client_hostname", rule_reverse_unknown,
	    ARG_NONE, NULL },
	{ "check_client_access", rule_check_client, ARG_TABLE, NULL },

	{ "check_helo_access", rule_check_helo, ARG_TABLE, NULL },
	{ "reject_invalid_helo_hostname", rule_helo_invalid, ARG_NONE, NULL },
	{ "reject_invalid_hostname", rule_helo_invalid, ARG_NONE, NULL },
	{ "reject_non_fqdn_helo_hostname", rule_helo_fqdn, ARG_NONE, NULL },
	{ "reject_non_fqdn_hostname", rule_helo_fqdn, ARG_NONE, NULL },
	{ "reject_unknown_helo_hostname", rule_helo_unknown, ARG_NONE, NULL },
	{ "reject_unknown_hostname", rule_helo_unknown, ARG_NONE, NULL },

	{ "check_sender_access", rule_check_sender, ARG_TABLE, NULL },
	{ "reject_non_fqdn_sender", rule_sender_fqdn, ARG_NONE, NULL },
	{ "reject_unknown_sender_domain", rule_sender_domain, ARG_NONE, NULL },
	{ "reject_unlisted_sender", rule_unlisted_sender, ARG_NONE, NULL },
	{ "reject_sender_login_mismatch", rule_login_mismatch, ARG_NONE, NULL },
	{ "reject_known_sender_login_mismatch", rule_login_known, ARG_NONE,
	    NULL },
	{ "reject_authenticated_sender_login_mismatch",
	    rule_login_authenticated, ARG_NONE, NULL },
	{ "reject_unauthenticated_sender_login_mismatch",
	    rule_login_unauthenticated, ARG_NONE, NULL },
	{ "check_sasl_access", rule_check_sasl, ARG_TABLE, NULL },

	{ "check_recipient_access", rule_check_rcpt, ARG_TABLE, NULL },
	{ "reject_unauth_destination", rule_unauth_reject, ARG_NONE, NULL },
	{ "defer_unauth_destination", rule_unauth_defer, ARG_NONE, NULL },
	{ "permit_auth_destination", rule_auth_destination, ARG_NONE, NULL },
	{ "reject_non_fqdn_recipient", rule_rcpt_fqdn, ARG_NONE, NULL },
	{ "reject_unknown_recipient_domain", rule_rcpt_domain, ARG_NONE, NULL },
	{ "reject_unlisted_recipient", rule_unlisted_rcpt, ARG_NONE, NULL },
	{ "check_recipient_maps", rule_unlisted_rcpt, ARG_NONE, NULL },
	{ "reject_unverified_sender", rule_unverified_sender, ARG_NONE, NULL },
	{ "reject_unverified_recipient", rule_unverified_rcpt, ARG_NONE, NULL },

	{ "permit_tls_clientcerts", rule_certs_listed, ARG_NONE, NULL },
	{ "permit_tls_all_clientcerts", rule_certs_all, ARG_NONE, NULL },
	{ "check_ccert_access", rule_check_cert, ARG_TABLE, NULL },
	{ "check_policy_service", rule_policy_service, ARG_SERVER, NULL },
	{ "check_greylist", rule_greylist, ARG_NONE, NULL },

	{ "reject_rbl_client", rule_dnsbl_reject, ARG_DNSBL, NULL },
	{ "reject_rbl", rule_dnsbl_reject, ARG_DNSBL, NULL },
	{ "permit_dnswl_client", rule_dnsbl_permit, ARG_DNSBL, NULL },
	{ "reject_rhsbl_client", rule_dnsbl_reject, ARG_DNSBL, NULL },
	{ "permit_rhswl_client", rule_dnsbl_permit, ARG_DNSBL, NULL },
	{ "reject_rhsbl_reverse_client", rule_dnsbl_reject, ARG_DNSBL, NULL },
	{ "reject_rhsbl_helo", rule_dnsbl_reject, ARG_DNSBL, NULL },
	{ "reject_rhsbl_sender", rule_dnsbl_reject, ARG_DNSBL, NULL },
	{ "reject_rhsbl_recipient", rule_dnsbl_reject, ARG_DNSBL, NULL },

	{ "sleep", rule_sleep, ARG_SECONDS, NULL },
	{ "permit_mx_backup", rule_mx_backup, ARG_NONE, NULL },
	{ "check_reverse_client_hostname_access", rule_check_reverse, ARG_TABLE,
	    NULL },
	{ "check_etrn_access", rule_check_etrn, ARG_TABLE, NULL },
	{ "check_client_a_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_client_mx_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_client_ns_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_reverse_client_hostname_a_access", rule_check_server,
	    ARG_TABLE, NULL },
	{ "check_reverse_client_hostname_mx_access", rule_check_server,
	    ARG_TABLE, NULL },
	{ "check_reverse_client_hostname_ns_access", rule_check_server,
	    ARG_TABLE, NULL },
	{ "check_helo_a_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_helo_mx_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_helo_ns_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_sender_a_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_sender_mx_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_sender_ns_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_recipient_a_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_recipient_mx_access", rule_check_server, ARG_TABLE, NULL },
	{ "check_recipient_ns_access", rule_check_server, ARG_TABLE, NULL },

	/* known, and not here */
	{ "check_relay_domains", NULL, ARG_NONE, obsolete },
	{ "permit_naked_ip_address", NULL, ARG_NONE, obsolete },
	{ "reject_maps_rbl", NULL, ARG_NONE, obsolete },
};

enum { SLEEP_MAX = 3600 };

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const struct rule_kind *
rule_kind_find(struct span name)
{
	for (size_t i = 0; i < KINDS; i++)
		if (span_iis(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

static const struct rule_list *
class_find(const struct rules *rules, struct span name)
{
	for (size_t i = 0; i < rules->class_count; i++)
		if (span_is(name, rules->classes[i].name))
			return &rules->classes[i].list;
	return NULL;
}

static bool
is_table(struct span word)
{
	size_t colon = span_find(word, ':');

	return colon > 0 && colon < word.n &&
	    span_find_any(span_head(word, colon), "/{}") == colon;
}

static bool
refused(struct why *why, struct span word, const char *what)
{
	why_set(why, "4.3.5", "\"%.*s\" %s", (int)word.n, word.p, what);
	return false;
}

/* Is that what may stand behind it? */
static bool
arg_check(
    struct rules *rules, enum rule_arg kind, struct span arg, struct why *why)
{
	struct policy_spec spec;
	struct dnsbl list;
	uint64_t seconds;

	switch (kind) {
	case ARG_TABLE:
		return is_table(arg) ||
		    refused(why, arg, "is no table (type:name)");
	case ARG_SERVER:
		return policy_spec_parse(
		    arg, rules->conf, rules->arena, &spec, why);
	case ARG_DNSBL:
		return dnsbl_parse(arg, false, &list, why);
	case ARG_SECONDS:
		return number_parse(arg, 0, SLEEP_MAX, &seconds) ||
		    refused(why, arg, "is no time for sleep, in seconds");
	case ARG_WORD:
	case ARG_NONE:
		break;
	}
	return true;
}

/* One restriction with what belongs to it. */
static bool
rule_parse(struct rules *rules, struct span *rest, struct span word,
    struct rule *r, struct why *why)
{
	struct span arg;

	r->class = class_find(rules, word);
	if (r->class != NULL)
		return true;
	r->kind = rule_kind_find(word);
	if (r->kind == NULL)
		return refused(why, word, "is no restriction");
	if (r->kind->missing != NULL) {
		why_set(why, "4.3.5", "%s is not available: %s", r->kind->name,
		    r->kind->missing);
		return false;
	}
	if (r->kind->arg == ARG_NONE)
		return true;
	if (!param_list_next(rest, &arg))
		return refused(why, word,
		    r->kind->arg == ARG_TABLE ? "wants a table behind it"
					      : "wants a word behind it");
	if (!arg_check(rules, r->kind->arg, arg, why))
		return false;
	r->arg = arena_span_str(rules->arena, arg);
	return true;
}

bool
rule_list_parse(struct rules *rules, struct span text,
    const struct rule_kind *default_check, struct rule_list *out,
    struct why *why)
{
	struct span rest = text, word;
	size_t n = 0;

	while (param_list_next(&rest, &word))
		n++;
	out->rules = arena_array(rules->arena, n, sizeof(*out->rules));
	out->count = 0;
	rest = text;
	while (param_list_next(&rest, &word)) {
		struct rule *r = &out->rules[out->count++];

		if (default_check != NULL && is_table(word)) {
			r->kind = default_check;
			r->arg = arena_span_str(rules->arena, word);
		} else if (!rule_parse(rules, &rest, word, r, why)) {
			return false;
		}
	}
	return true;
}

/* Where a list stands. */
struct list_source {
	const char *parameter;
	const char *text;
	const char *check; /* what a bare table stands for */
};

/* Say where the list stands that why is about. */
static void
place_add(struct why *why, const struct main_cf *m, const char *parameter)
{
	const char *where = m == NULL ? NULL : main_cf_where(m, parameter);
	struct why whole;

	why_init(&whole);
	if (where != NULL)
		why_set(&whole, "4.3.5", "%s: %s: %s", where, parameter,
		    why_text(why));
	else
		why_set(&whole, "4.3.5", "%s: %s", parameter, why_text(why));
	why_copy(why, &whole);
	why_free(&whole);
}

static bool
source_parse(struct rules *rules, const struct main_cf *m,
    const struct list_source *from, struct rule_list *out, struct why *why)
{
	const struct rule_kind *check =
	    from->check == NULL ? NULL : rule_kind_find(span_str(from->check));

	if (rule_list_parse(rules, span_str(from->text), check, out, why))
		return true;
	place_add(why, m, from->parameter);
	return false;
}

/* The text of a class is a parameter of that name, which only the
 * administrator knows. */
static const char *
class_text(struct rules *rules, const struct main_cf *m, const char *name,
    struct why *why)
{
	struct buf value = BUF_EMPTY;
	const char *text = NULL;

	if (m == NULL || !main_cf_is_set(m, name))
		why_set(why, "4.3.5", "the class \"%s\" is not defined", name);
	else if (main_cf_value(m, name, &value, why))
		text = arena_str(rules->arena, buf_str(&value));
	buf_free(&value);
	return text;
}

static bool
classes_parse(struct rules *rules, const struct smtpd_conf *conf,
    const struct main_cf *m, struct why *why)
{
	struct span rest = span_str(conf->smtpd_restriction_classes), word;
	size_t n = 0;

	while (param_list_next(&rest, &word))
		n++;
	rules->classes = arena_array(rules->arena, n, sizeof(*rules->classes));
	rest = span_str(conf->smtpd_restriction_classes);
	while (param_list_next(&rest, &word))
		rules->classes[rules->class_count++].name =
		    arena_span_str(rules->arena, word);
	for (size_t i = 0; i < n; i++) {
		const char *name = rules->classes[i].name;
		struct list_source from = { name, NULL, NULL };

		from.text = class_text(rules, m, name, why);
		if (from.text == NULL ||
		    !source_parse(
			rules, m, &from, &rules->classes[i].list, why))
			return false;
	}
	return true;
}

static bool
guards(const struct rule_list *l, unsigned depth)
{
	static rule_fn *const guarding[] = { rule_reject, rule_defer,
		rule_defer_if_permit, rule_unauth_reject, rule_unauth_defer };

	for (size_t i = 0; i < l->count; i++) {
		const struct rule *r = &l->rules[i];

		if (r->class != NULL && depth > 0 &&
		    guards(r->class, depth - 1))
			return true;
		for (size_t j = 0; r->kind != NULL &&
		     j < sizeof(guarding) / sizeof(*guarding);
		     j++)
			if (r->kind->run == guarding[j])
				return true;
	}
	return false;
}

static bool
open_relay(const struct rules *rules, struct why *why)
{
	if (guards(&rules->stages[POLICY_RELAY], 3) ||
	    guards(&rules->stages[POLICY_RCPT], 3))
		return false;
	why_set(why, "4.3.5",
	    "in parameter smtpd_relay_restrictions or "
	    "smtpd_recipient_restrictions, specify at least one working "
	    "instance of: reject_unauth_destination, "
	    "defer_unauth_destination, reject, defer, defer_if_permit");
	return true;
}

static const char *const stage_names[POLICY_STAGES] = {
	[POLICY_CONNECT] = "smtpd_client_restrictions",
	[POLICY_HELO] = "smtpd_helo_restrictions",
	[POLICY_MAIL] = "smtpd_sender_restrictions",
	[POLICY_RELAY] = "smtpd_relay_restrictions",
	[POLICY_RCPT] = "smtpd_recipient_restrictions",
	[POLICY_GREYLIST] = "smtpd_greylist",
	[POLICY_DATA] = "smtpd_data_restrictions",
	[POLICY_ETRN] = "smtpd_etrn_restrictions",
	[POLICY_END_OF_DATA] = "smtpd_end_of_data_restrictions",
};

const char *
policy_stage_parameter(enum policy_stage stage)
{
	return stage_names[stage];
}

static bool
stages_parse(struct rules *rules, const struct smtpd_conf *c,
    const struct main_cf *m, struct why *why)
{
	const struct list_source sources[POLICY_STAGES] = {
		[POLICY_CONNECT] = { stage_names[POLICY_CONNECT],
		    c->smtpd_client_restrictions, "check_client_access" },
		[POLICY_HELO] = { stage_names[POLICY_HELO],
		    c->smtpd_helo_restrictions, "check_helo_access" },
		[POLICY_MAIL] = { stage_names[POLICY_MAIL],
		    c->smtpd_sender_restrictions, "check_sender_access" },
		[POLICY_RELAY] = { stage_names[POLICY_RELAY],
		    c->smtpd_relay_restrictions, "check_recipient_access" },
		[POLICY_RCPT] = { stage_names[POLICY_RCPT],
		    c->smtpd_recipient_restrictions, "check_recipient_access" },
		[POLICY_GREYLIST] = { stage_names[POLICY_GREYLIST],
		    "check_greylist", NULL },
		[POLICY_DATA] = { stage_names[POLICY_DATA],
		    c->smtpd_data_restrictions, NULL },
		[POLICY_ETRN] = { stage_names[POLICY_ETRN],
		    c->smtpd_etrn_restrictions, "check_etrn_access" },
		[POLICY_END_OF_DATA] = { stage_names[POLICY_END_OF_DATA],
		    c->smtpd_end_of_data_restrictions, NULL },
	};

	for (size_t i = 0; i < POLICY_STAGES; i++)
		if (!source_parse(
			rules, m, &sources[i], &rules->stages[i], why))
			return false;
	return true;
}

/* The question stands behind the exceptions, under no name of its own. */
static bool
greylist_parse(struct rules *rules, const struct smtpd_conf *c,
    const struct main_cf *m, struct why *why)
{
	static const struct rule_kind ask = { .name = "check_greylist",
		.run = rule_greylist_ask };
	struct list_source from = { "smtpd_greylist_exceptions",
		c->smtpd_greylist_exceptions, "check_client_access" };
	struct rule_list *l = &rules->greylist, whole;

	if (!source_parse(rules, m, &from, l, why))
		return false;
	whole.count = l->count + 1;
	whole.rules =
	    arena_array(rules->arena, whole.count, sizeof(*whole.rules));
	for (size_t i = 0; i < l->count; i++)
		whole.rules[i] = l->rules[i];
	whole.rules[l->count].kind = &ask;
	*l = whole;
	return true;
}

struct rules *
rules_new(struct arena *a, const struct smtpd_conf *conf,
    const struct main_cf *m, struct why *why)
{
	struct rules *rules = arena_alloc(a, sizeof(*rules));

	rules->arena = a;
	rules->conf = conf;
	if (!classes_parse(rules, conf, m, why) ||
	    !stages_parse(rules, conf, m, why) ||
	    !greylist_parse(rules, conf, m, why) || open_relay(rules, why))
		return NULL;
	return rules;
}
