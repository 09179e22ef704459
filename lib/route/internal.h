/* internal.h - what the files of lib/route share, and nobody else uses */

#ifndef ROUTE_INTERNAL_H
#define ROUTE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "calls/lookup_call.h"
#include "config/networks.h"
#include "maps/map_pool.h"
#include "maps/match_list.h"
#include "route/conf.h"
#include "route/rewrite.h"
#include "route/route.h"

struct arena;
struct main_cf;

enum { OWN_MAX = 256 };

/* Which addresses a table of other addresses is for. */
enum route_class {
	FOR_ENVELOPE_SENDER = 1,
	FOR_ENVELOPE_RCPT = 2,
	FOR_HEADER_SENDER = 4,
	FOR_HEADER_RCPT = 8
};

/* Transports and next hops: of mail, and of probes of addresses. */
struct route_ways {
	bool probes;
	const char *local_transport, *virtual_transport, *relay_transport,
	    *default_transport, *relayhost;
	struct map_list transport, sender_relayhost, sender_transport;
	bool transport_parents;
};

struct route {
	const struct main_cf *main_cf;
	const struct route_conf *conf;
	struct match_list *mydestination, *relay_domains,
	    *virtual_alias_domains, *virtual_mailbox_domains;
	struct map_list alias, virtual_alias, canonical, sender_canonical,
	    recipient_canonical, sender_bcc, recipient_bcc, relocated,
	    local_recipient, relay_recipient, virtual_mailbox,
	    mailbox_transport, fallback_transport;
	struct route_ways mail, probes;
	struct network own[OWN_MAX]; /* addresses of this machine */
	size_t own_count;
	struct users_recent *users;
	/* of enum route_class */
	unsigned canonical_for, sender_canonical_for, recipient_canonical_for,
	    masquerade_for;
	bool propagate_canonical, propagate_virtual, propagate_alias,
	    propagate_generic;
	route_seen_fn *seen; /* NULL: nobody looks on */
	void *seen_arg;
};

/* One question under way. Nothing outlives it but what is in the arena. */
struct job {
	struct route *route;
	struct arena *arena;
	struct span sender;
	bool final;
	bool no_mappings; /* canonical and virtual are not asked */
	bool filtered; /* nor are aliases and accounts */
	struct route_ways *ways;
	struct why *why; /* set when a step says JOB_TROUBLE or JOB_REFUSED */
};

enum job_result {
	JOB_YES,
	JOB_NO,
	JOB_TROUBLE, /* a table failed: why is DEFER */
	JOB_REFUSED /* why is BOUNCE or DEFER */
};

struct found {
	struct span value; /* in the arena */
	struct span extension; /* with its delimiter, when it was left out */
	struct span key; /* the key that was there */
	uid_t owner; /* of the table */
};

/* watch.c: tell who looks on; nothing where nobody does. */

void seen_key(const struct job *j, const struct map_list *list, struct span key,
    struct span value);
void seen_class(const struct job *j, const char *parameter, struct span domain);
void
seen_setting(const struct job *j, const char *parameter, struct span value);
void seen_account(const struct job *j, const char *name, const char *home);

/* find.c - the keys that an address has in a table */

/* JOB_YES, JOB_NO or JOB_TROUBLE, as all below. */
enum job_result find_address(struct job *j, struct map_list *list,
    const struct route_address *address, struct found *out);
/* One key. partial: it is a part of an address. */
enum job_result find_key(struct job *j, struct map_list *list, struct span key,
    bool partial, struct found *out);
/* One member of a value as a complete address. */
void found_address(struct job *j, struct span text, const struct found *f,
    const struct route_address *old, struct route_address *out);
/* The addresses of a value, each complete; "@domain" gets the old local part,
 * and all others the extension, when there is one. */
struct route_address *found_addresses(struct job *j, const struct found *f,
    const struct route_address *old, size_t *count);
/* Split a local part as recipient_delimiter says. Both without quotes. */
bool split_extension(
    struct job *j, struct span local, struct span *user, struct span *ext);

/* class.c */

/* Is this domain one of mydestination, or an address of this machine? */
enum job_result is_local_domain(struct job *j, struct span domain);
/* Follow operators in local parts of our own domains: *address is rewritten.
 * JOB_YES: *class is set. */
enum job_result classify(
    struct job *j, struct route_address *address, enum lookup_class *class);

/* transport.c */

/* Transport and next hop into out; JOB_YES, or refused by "error:", "retry:"
 * or relocated_maps. */
enum job_result
choose_transport(struct job *j, const struct route_address *address,
    enum lookup_class class, struct lookup_target *out);
/* A parameter's name for who looks on: of mail's ways, or of probes'. */
const char *ways_name(const struct route_ways *w, const char *name);
/* "transport:nexthop": either part may be missing. */
void transport_parse(
    struct span text, struct span domain, struct lookup_target *out);

/* clean.c: recipient_canonical_maps, canonical_maps and masquerade_domains, as
 * far as they are for envelopes: JOB_YES. */
enum job_result canonical(struct job *j, struct route_address *address);

/* virtual.c: JOB_YES: out->targets are set, in place of the address. */
enum job_result expand_virtual(struct job *j,
    const struct route_address *address, struct lookup_route *out);

/* alias.c: the same for local names. */
enum job_result expand_alias(struct job *j, const struct route_address *address,
    struct lookup_route *out);

/* local.c: a name that no alias has. JOB_YES: out is set. */
enum job_result deliver_local(struct job *j,
    const struct route_address *address, struct lookup_route *out);

/* exists.c: smtpd's question. JOB_YES or JOB_REFUSED. */
enum job_result recipient_exists(struct job *j,
    const struct route_address *address, enum lookup_class class);

/* route.c */

/* A copy that lives as long as the answer. */
struct lookup_target *
targets_kept(struct job *j, const struct lookup_target *targets, size_t count);
/* One target as the whole answer. */
void answer_one(
    struct job *j, struct lookup_route *out, const struct lookup_target *t);
/* A member of an expansion that is not to be expanded again: transport and
 * user are set to say so. */
struct lookup_target
final_target(struct job *j, const struct route_address *address);

#endif
