/*
 * route.c - where an address goes: the order of the questions
 *
 * See route.h. Each step is a file of its own; this one opens the tables and
 * asks them in Postfix's order.
 */

#include "route/route.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "maps/items.h"
#include "message/address.h"
#include "os/clock.h"
#include "os/users_recent.h"
#include "route/internal.h"
#include "route/srs.h"

static bool
listed(const char *list, const char *word)
{
	struct span rest = span_str(list), item;

	while (items_next(&rest, &item))
		if (span_iis(item, word))
			return true;
	return false;
}

static struct match_list *
domains(struct route *r, struct map_pool *pool, const char *name,
    const char *text, enum match_kind kind)
{
	return match_list_new(pool, name, span_str(text), kind,
	    listed(r->conf->parent_domain_matches_subdomains, name));
}

static void
open_domains(struct route *r, struct map_pool *pool)
{
	const struct route_conf *c = r->conf;

	r->mydestination =
	    domains(r, pool, "mydestination", c->mydestination, MATCH_DOMAINS);
	r->relay_domains =
	    domains(r, pool, "relay_domains", c->relay_domains, MATCH_DOMAINS);
	r->virtual_alias_domains = domains(r, pool, "virtual_alias_domains",
	    c->virtual_alias_domains, MATCH_STRINGS);
	r->virtual_mailbox_domains = domains(r, pool, "virtual_mailbox_domains",
	    c->virtual_mailbox_domains, MATCH_STRINGS);
	r->mail.transport_parents =
	    listed(c->parent_domain_matches_subdomains, "transport_maps");
	r->probes.transport_parents =
	    listed(c->parent_domain_matches_subdomains,
		"address_verify_transport_maps") ||
	    r->mail.transport_parents;
}

static void
open_lists(struct route *r, struct map_pool *pool)
{
	const struct route_conf *c = r->conf;
	const struct {
		struct map_list *list;
		const char *text;
	} rows[] = {
		{ &r->virtual_alias, c->virtual_alias_maps },
		{ &r->canonical, c->canonical_maps },
		{ &r->sender_canonical, c->sender_canonical_maps },
		{ &r->recipient_canonical, c->recipient_canonical_maps },
		{ &r->sender_bcc, c->sender_bcc_maps },
		{ &r->recipient_bcc, c->recipient_bcc_maps },
		{ &r->relocated, c->relocated_maps },
		{ &r->local_recipient, c->local_recipient_maps },
		{ &r->relay_recipient, c->relay_recipient_maps },
		{ &r->virtual_mailbox, c->virtual_mailbox_maps },
		{ &r->mail.transport, c->transport_maps },
		{ &r->mail.sender_relayhost,
		    c->sender_dependent_relayhost_maps },
		{ &r->mail.sender_transport,
		    c->sender_dependent_default_transport_maps },
		{ &r->probes.transport, c->address_verify_transport_maps },
		{ &r->probes.sender_relayhost,
		    c->address_verify_sender_dependent_relayhost_maps },
		{ &r->probes.sender_transport,
		    c->address_verify_sender_dependent_default_transport_maps },
		{ &r->mailbox_transport, c->mailbox_transport_maps },
		{ &r->fallback_transport, c->fallback_transport_maps },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		map_list_init(
		    rows[i].list, pool, span_str(rows[i].text), MAP_FOLD);
	/* a stranger's address must not choose a command or a file */
	map_list_init(&r->alias, pool, span_str(c->alias_maps),
	    MAP_FOLD | MAP_NO_SUBSTITUTION);
}

static void
ways_make(struct route *r)
{
	const struct route_conf *c = r->conf;

	r->mail.local_transport = c->local_transport;
	r->mail.virtual_transport = c->virtual_transport;
	r->mail.relay_transport = c->relay_transport;
	r->mail.default_transport = c->default_transport;
	r->mail.relayhost = c->relayhost;
	r->probes.probes = true;
	r->probes.local_transport = c->address_verify_local_transport;
	r->probes.virtual_transport = c->address_verify_virtual_transport;
	r->probes.relay_transport = c->address_verify_relay_transport;
	r->probes.default_transport = c->address_verify_default_transport;
	r->probes.relayhost = c->address_verify_relayhost;
}

/* Names of classes as bits. */
static unsigned
classes(const char *list)
{
	return (listed(list, "envelope_sender") ? FOR_ENVELOPE_SENDER : 0U) |
	    (listed(list, "envelope_recipient") ? FOR_ENVELOPE_RCPT : 0U) |
	    (listed(list, "header_sender") ? FOR_HEADER_SENDER : 0U) |
	    (listed(list, "header_recipient") ? FOR_HEADER_RCPT : 0U);
}

struct route *
route_new(const struct main_cf *m, const struct route_conf *conf,
    struct map_pool *pool)
{
	struct route *r = mem_new(sizeof(*r));
	const char *keep = conf->propagate_unmatched_extensions;

	r->main_cf = m;
	r->conf = conf;
	r->users = users_recent_new();
	open_domains(r, pool);
	open_lists(r, pool);
	ways_make(r);
	r->canonical_for = classes(conf->canonical_classes);
	r->sender_canonical_for = classes(conf->sender_canonical_classes);
	r->recipient_canonical_for = classes(conf->recipient_canonical_classes);
	r->masquerade_for = classes(conf->masquerade_classes);
	r->propagate_canonical = listed(keep, "canonical");
	r->propagate_virtual = listed(keep, "virtual");
	r->propagate_alias = listed(keep, "alias");
	r->propagate_generic = listed(keep, "generic");
	r->own_count = networks_select(r->own,
	    networks_of_machine(r->own, OWN_MAX),
	    span_str(conf->inet_interfaces), span_str(conf->inet_protocols));
	return r;
}

void
route_free(struct route **r)
{
	struct map_list *lists[] = { &(*r)->alias, &(*r)->virtual_alias,
		&(*r)->canonical, &(*r)->sender_canonical,
		&(*r)->recipient_canonical, &(*r)->sender_bcc,
		&(*r)->recipient_bcc, &(*r)->relocated, &(*r)->local_recipient,
		&(*r)->relay_recipient, &(*r)->virtual_mailbox,
		&(*r)->mail.transport, &(*r)->mail.sender_relayhost,
		&(*r)->mail.sender_transport, &(*r)->probes.transport,
		&(*r)->probes.sender_relayhost, &(*r)->probes.sender_transport,
		&(*r)->mailbox_transport, &(*r)->fallback_transport };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		map_list_done(lists[i]);
	match_list_free(&(*r)->mydestination);
	match_list_free(&(*r)->relay_domains);
	match_list_free(&(*r)->virtual_alias_domains);
	match_list_free(&(*r)->virtual_mailbox_domains);
	users_recent_free(&(*r)->users);
	mem_free(r);
}

struct lookup_target *
targets_kept(struct job *j, const struct lookup_target *targets, size_t count)
{
	struct lookup_target *list =
	    arena_array(j->arena, count, sizeof(*list));

	memcpy(list, targets, count * sizeof(*list));
	return list;
}

void
answer_one(
    struct job *j, struct lookup_route *out, const struct lookup_target *t)
{
	out->targets = targets_kept(j, t, 1);
	out->count = 1;
}

struct lookup_target
final_target(struct job *j, const struct route_address *address)
{
	struct buf plain = BUF_EMPTY;
	struct lookup_target t = { .kind = ROUTE_DELIVER,
		.address = address->whole,
		.transport = SPAN("local") };

	address_unquote(&plain, address->local);
	t.user = arena_span(j->arena, buf_span(&plain));
	buf_free(&plain);
	return t;
}

/* Does any table replace it? */
static enum job_result
replaced(struct job *j, const struct route_address *address)
{
	struct route *r = j->route;
	const struct {
		struct map_list *list;
		bool asked;
	} rows[] = {
		{ &r->recipient_canonical,
		    (r->recipient_canonical_for & FOR_ENVELOPE_RCPT) != 0 },
		{ &r->canonical, (r->canonical_for & FOR_ENVELOPE_RCPT) != 0 },
		{ &r->virtual_alias, true },
	};
	enum job_result got = JOB_NO;
	struct found f;

	for (size_t i = 0; got == JOB_NO && i < 3; i++)
		if (rows[i].asked)
			got = find_address(j, rows[i].list, address, &f);
	return got;
}

/* The class says who may relay: an operator in a local part that another host
 * would follow makes the address a foreign one. */
static enum lookup_class
class_for_relaying(struct span local, enum lookup_class class)
{
	return class != CLASS_LOCAL && route_has_operator(local) ? CLASS_OTHER
								 : class;
}

static enum job_result
verify(struct job *j, struct route_address *address, struct lookup_route *out)
{
	struct lookup_target t = { .kind = ROUTE_DELIVER };
	enum job_result got = classify(j, address, &out->class);

	if (got != JOB_YES)
		return got;
	t.address = address->whole;
	got = replaced(j, address);
	if (got == JOB_NO) {
		got = recipient_exists(j, address, out->class);
		if (got == JOB_YES)
			got = choose_transport(j, address, out->class, &t);
	}
	if (got == JOB_YES)
		answer_one(j, out, &t);
	out->class = class_for_relaying(address->local, out->class);
	return got;
}

static enum job_result
deliver(struct job *j, struct route_address *address, struct lookup_route *out)
{
	struct lookup_target t;
	enum job_result got = classify(j, address, &out->class);

	if (got == JOB_YES)
		got = choose_transport(j, address, out->class, &t);
	if (got != JOB_YES)
		return got;
	if (!span_is(t.transport, "local")) {
		answer_one(j, out, &t);
		return JOB_YES;
	}
	got = j->final ? JOB_NO : expand_alias(j, address, out);
	return got == JOB_NO ? deliver_local(j, address, out) : got;
}

/* All goes to a content filter first: only the address is wanted. */
static enum job_result
to_filter(
    struct job *j, struct route_address *address, struct lookup_route *out)
{
	struct lookup_target t = { .kind = ROUTE_DELIVER };
	enum job_result got = classify(j, address, &out->class);

	if (got != JOB_YES)
		return got;
	t.address = address->whole;
	answer_one(j, out, &t);
	return JOB_YES;
}

static enum job_result
expand_or_deliver(
    struct job *j, struct route_address *address, struct lookup_route *out)
{
	enum job_result got = JOB_NO;

	if (!j->final && !j->no_mappings) {
		got = canonical(j, address);
		if (got == JOB_YES)
			got = expand_virtual(j, address, out);
	}
	if (got != JOB_NO) {
		struct route_address copy = *address;

		/* the class of what was asked for, for the log */
		if (got == JOB_YES)
			got = classify(j, &copy, &out->class);
		return got;
	}
	return j->filtered ? to_filter(j, address, out)
			   : deliver(j, address, out);
}

/* A sender that we made: only a report of a failure comes back to it. */
static enum job_result
from_srs(struct job *j, const struct route_address *address,
    struct lookup_route *out)
{
	struct lookup_target t = { .kind = ROUTE_DELIVER };
	struct buf plain = BUF_EMPTY, origin = BUF_EMPTY;
	struct route_address to;
	bool good;

	out->class = CLASS_LOCAL;
	address_unquote(&plain, address->local);
	good = srs_decode(
	    j->route->conf->srs, buf_span(&plain), clock_wall(), &origin);
	if (good) {
		route_rewrite(j->route->conf, j->arena, buf_span(&origin), &to);
		t.address = to.whole;
		answer_one(j, out, &t);
		out->expanded = true;
	} else {
		why_set(j->why, "5.1.1",
		    "User unknown: no valid return address of ours");
	}
	buf_free(&plain);
	buf_free(&origin);
	return good ? JOB_YES : JOB_REFUSED;
}

static bool
is_srs(const struct route *r, const struct route_address *address)
{
	return r->conf->srs != NULL &&
	    srs_is_ours(r->conf->srs, address->local, address->domain);
}

enum map_result
route_find(struct route *r, struct map_list *list, struct span address,
    struct buf *value, struct why *why)
{
	struct job j = {
		.route = r, .arena = arena_new(), .ways = &r->mail, .why = why
	};
	struct route_address whole;
	struct found found;
	enum job_result got;

	route_rewrite(r->conf, j.arena, address, &whole);
	got = find_address(&j, list, &whole, &found);
	if (got == JOB_YES)
		buf_add_span(value, found.value);
	arena_free(&j.arena);
	return got == JOB_YES ? MAP_FOUND
	    : got == JOB_NO   ? MAP_NONE
			      : MAP_ERROR;
}

/* "user@": a mailbox of this host, if the administrator says so. */
static bool
null_domain_good(struct job *j, struct route_address *address)
{
	const struct route_conf *conf = j->route->conf;

	if (!address->null_domain)
		return true;
	if (conf->resolve_null_domain) {
		route_address_make(j->arena, address->local,
		    span_str(conf->myhostname), address);
		return true;
	}
	why_set(j->why, "5.1.3", "bad address syntax: null domain");
	return false;
}

/* A program that is given the address as a word would take it for an option. */
static bool
is_option(const struct route *r, const struct route_address *address)
{
	struct span local = address->local;

	if (r->conf->allow_min_user)
		return false;
	return span_starts(local, "-") || span_starts(local, "\"-");
}

bool
route_rcpt(struct route *r, struct arena *a,
    const struct lookup_rcpt_request *ask, struct lookup_route *out)
{
	struct job j = { .route = r,
		.arena = a,
		.sender = ask->sender,
		.final = ask->final,
		.no_mappings = ask->no_mappings,
		.filtered = ask->filtered,
		.ways = ask->probe ? &r->probes : &r->mail,
		.why = &out->why };
	struct route_address address;
	enum job_result got;

	out->class = CLASS_OTHER;
	out->expanded = false;
	out->owner = SPAN("");
	out->count = 0;
	out->targets = NULL;
	route_rewrite(r->conf, a, ask->address, &address);
	if (is_option(r, &address)) {
		why_set(j.why, "5.1.3", "bad address syntax");
		got = JOB_REFUSED;
	} else if (!null_domain_good(&j, &address)) {
		got = JOB_REFUSED;
	} else if (is_srs(r, &address))
		got = from_srs(&j, &address, out);
	else
		got = ask->verify_only ? verify(&j, &address, out)
				       : expand_or_deliver(&j, &address, out);
	if (got != JOB_YES) {
		out->count = 0;
		out->expanded = false;
	}
	return got != JOB_TROUBLE;
}
