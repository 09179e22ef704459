/* rule.h - inside the policy: one restriction, and what it may look at */

#ifndef SMTPD_RULE_H
#define SMTPD_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "smtpd/policy.h"

struct access_keys;
struct access_style;
struct policy;
struct rule;

enum verdict {
	NEXT, /* no opinion */
	PERMIT, /* this list ends well */
	REFUSE, /* policy_refuse() was called */
	WAIT /* a question is under way; the rule runs again after it */
};

/* A restriction is a function of the session and of what others said (facts.h).
 * What it does not know yet it asks, says WAIT, and is simply run again. */
typedef enum verdict rule_fn(struct policy *p, const struct rule *r);

enum rule_arg {
	ARG_NONE,
	ARG_TABLE, /* "type:name" follows */
	ARG_SERVER, /* as policy_spec_parse() has it */
	ARG_DNSBL, /* as dnsbl_parse() has it */
	ARG_SECONDS, /* a number */
	ARG_WORD /* a word follows */
};

struct rule_kind {
	const char *name;
	rule_fn *run; /* NULL: not available, missing says why */
	enum rule_arg arg;
	const char *missing;
};

struct rule {
	const struct rule_kind *kind;
	const char *arg; /* or NULL */
	const struct rule_list *class; /* of smtpd_restriction_classes */
};

struct rule_list {
	struct rule *rules;
	size_t count;
};

/* The kind of that name, or NULL. */
const struct rule_kind *rule_kind_find(struct span name);
/* Parse a list; default_check is what a bare table stands for. False: why. */
bool rule_list_parse(struct rules *rules, struct span text,
    const struct rule_kind *default_check, struct rule_list *out,
    struct why *why);
struct rules {
	struct arena *arena;
	const struct smtpd_conf *conf;
	struct rule_list stages[POLICY_STAGES];
	struct rule_list greylist; /* its exceptions, then the question */
	struct rule_class *classes;
	size_t class_count;
};
struct rule_class {
	const char *name;
	struct rule_list list;
};

/* What a rule is told about the evaluation it runs in. */
struct session *policy_session(const struct policy *p);
enum policy_stage policy_stage(const struct policy *p);
/* Memory until the transaction, or the evaluation, ends. */
struct arena *policy_arena(struct policy *p);
/* The name as the DNS has it: with A-labels; what has none is as it was. */
struct span policy_ascii(struct policy *p, struct span name);

/* Refuse: "<NAME>: CLASS rejected: TEXT", where name and class are those of
 * the stage that is looked at: "<a@b>: Sender address rejected: ...". */
enum verdict
policy_refuse(struct policy *p, int code, const char *status, const char *text);
/* The same for an address of one's own choice. */
struct policy_about {
	struct span name;
	const char *class; /* "Sender address" */
};
/* What the stage that is looked at is about. */
struct policy_about policy_about_stage(const struct policy *p);
extern const char policy_class_client[], policy_class_reverse[],
    policy_class_helo[], policy_class_sender[], policy_class_rcpt[],
    policy_class_etrn[];
enum verdict policy_refuse_about(struct policy *p, struct policy_about about,
    int code, const char *status, const char *text);
/* With the text whole. */
enum verdict policy_refuse_whole(
    struct policy *p, int code, const char *status, struct span text);
/* A look-up failed: temporary refusal unless something refuses for good. */
enum verdict policy_trouble(struct policy *p, struct policy_about about);
/* Later: refuse with 450 and that status (4.x.y) if all others permit (or
 * instead of a refusal). */
void policy_defer_if(struct policy *p, bool permit, struct policy_about about,
    const char *status, const char *text);
/* A rest for the session, once: false while it lasts. */
bool policy_nap(struct policy *p, int64_t ms);
/* Go through another list first, then on; false when lists are too deep. */
bool policy_push(struct policy *p, const struct rule_list *list);
/* The same, but who is permitted there goes on behind the rule that pushed it;
 * a warn_if_reject before that rule holds for all of the list. */
bool policy_push_apart(struct policy *p, const struct rule_list *list);
/* What stands behind r in the list that is being gone through, past any
 * warn_if_reject; NULL: nothing. */
const struct rule *
policy_rule_behind(const struct policy *p, const struct rule *r);
/* Log what a rule did: "warn", "info", "hold". */
void policy_note(struct policy *p, const char *action, const char *text,
    struct policy_about about);

/* The rules, by file */
rule_fn rule_permit, rule_reject, rule_defer, rule_defer_if_permit,
    rule_defer_if_reject, rule_plaintext, rule_bounce_rcpts, rule_pipelining,
    rule_sleep; /* rule_basic.c */
rule_fn rule_mynetworks, rule_own, rule_sasl, rule_pbs, rule_client_unknown,
    rule_reverse_unknown; /* rule_client.c */
rule_fn rule_helo_invalid, rule_helo_fqdn, rule_helo_unknown, rule_sender_fqdn,
    rule_rcpt_fqdn, rule_sender_domain, rule_rcpt_domain; /* rule_name.c */
rule_fn rule_auth_destination, rule_unauth_reject, rule_unauth_defer,
    rule_unlisted_rcpt, rule_unlisted_sender; /* rule_route.c */
rule_fn rule_unverified_sender, rule_unverified_rcpt; /* rule_verify.c */
rule_fn rule_login_mismatch, rule_login_known, rule_login_authenticated,
    rule_login_unauthenticated; /* rule_login.c */
rule_fn rule_check_client, rule_check_helo, rule_check_sender, rule_check_rcpt,
    rule_check_sasl, rule_check_reverse, rule_check_etrn; /* rule_access.c */
rule_fn rule_check_server, rule_mx_backup; /* rule_server.c */
rule_fn rule_certs_listed, rule_certs_all, rule_check_cert; /* rule_cert.c */
rule_fn rule_policy_service; /* rule_service.c */
rule_fn rule_greylist, rule_greylist_ask; /* rule_greylist.c */
rule_fn rule_dnsbl_reject, rule_dnsbl_permit; /* rule_dnsbl.c */

/* Do what the table says of the first key that it has. */
enum verdict rule_access_check(struct policy *p, const struct rule *r,
    const struct access_keys *keys, struct policy_about about);
/* How the rule's table wants its keys. */
struct access_style
rule_access_style(const struct policy *p, const struct rule *r);
/* Do what the table says of the first key that it has; but it may not let
 * anybody in, since the keys are of a stranger's choice. */
enum verdict rule_access_look(struct policy *p, const struct rule *r,
    const struct access_keys *keys, struct policy_about about);
/* Do what a table or a policy server says. */
enum verdict
rule_act(struct policy *p, struct policy_about about, struct span value);

#endif
