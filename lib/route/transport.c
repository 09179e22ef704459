/*
 * transport.c - by which transport, to which next hop
 *
 * The class gives a default of each; relayhost takes the domain's place for
 * foreign mail; sender_dependent_* by sender; transport_maps last, which may
 * set either part. "error:" and "retry:" say no here and now.
 */

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "maps/cidr.h"
#include "message/address.h"
#include "route/internal.h"

void
transport_parse(struct span text, struct span domain, struct lookup_target *out)
{
	size_t colon = span_find(text, ':');
	struct span transport = span_trim(span_head(text, colon));
	struct span nexthop = span_trim(span_skip(text, colon + 1));

	if (transport.n > 0) {
		out->transport = transport;
		out->nexthop = domain;
	}
	if (nexthop.n > 0)
		out->nexthop = nexthop;
}

const char *
ways_name(const struct route_ways *w, const char *name)
{
	static const char *const probes[] = {
		"address_verify_default_transport",
		"address_verify_local_transport", "address_verify_relayhost",
		"address_verify_relay_transport",
		"address_verify_virtual_transport"
	};
	const size_t before = sizeof("address_verify_") - 1;

	for (size_t i = 0; w->probes && i < sizeof(probes) / sizeof(probes[0]);
	     i++)
		if (strcmp(name, probes[i] + before) == 0)
			return probes[i];
	return name;
}

/* empty: the key for mail without a sender. */
static enum job_result
find_sender(
    struct job *j, struct map_list *list, const char *empty, struct found *out)
{
	struct route_address sender;

	if (j->sender.n == 0 && *empty == '\0')
		return JOB_NO;
	if (j->sender.n == 0)
		return find_key(j, list, span_str(empty), false, out);
	route_rewrite(j->route->conf, j->arena, j->sender, &sender);
	return find_address(j, list, &sender, out);
}

/* What a sender's own table says; "DUNNO" is as if it said nothing. */
static enum job_result
by_sender(
    struct job *j, struct map_list *list, const char *empty, struct span *value)
{
	struct found f;
	enum job_result got;

	if (list->count == 0)
		return JOB_NO;
	got = find_sender(j, list, empty, &f);
	if (got == JOB_YES && span_iis(f.value, "dunno"))
		return JOB_NO;
	if (got == JOB_YES)
		*value = f.value;
	return got;
}

/* "joe@192.0.2.1": an address of a host stands in brackets (RFC 5321, 4.1.3).
 * JOB_YES: it may be sent there, with *domain as it should be. */
static enum job_result
numeric_domain(struct job *j, struct span *domain)
{
	struct cidr_address a;

	if (!cidr_address_parse(*domain, &a))
		return JOB_YES;
	if (!j->route->conf->resolve_numeric_domain) {
		why_set(j->why, "5.1.3", "bad address syntax: numeric domain");
		return JOB_REFUSED;
	}
	*domain = span_str(
	    arena_printf(j->arena, "[%.*s]", (int)domain->n, domain->p));
	return JOB_YES;
}

/* Transport of a foreign class; relayhost for its next hop. */
static enum job_result
foreign(struct job *j, struct span domain, enum lookup_class class,
    struct lookup_target *out)
{
	const struct route_conf *c = j->route->conf;
	struct route_ways *w = j->ways;
	struct span transport = span_str(
	    class == CLASS_RELAY ? w->relay_transport : w->default_transport);
	struct span hop = span_str(w->relayhost);
	enum job_result got;

	seen_setting(j,
	    ways_name(w,
		class == CLASS_RELAY ? "relay_transport" : "default_transport"),
	    transport);
	if (hop.n > 0)
		seen_setting(j, ways_name(w, "relayhost"), hop);
	got = numeric_domain(j, &domain);
	if (got != JOB_YES)
		return got;
	got = by_sender(j, &w->sender_relayhost,
	    c->empty_address_relayhost_maps_lookup_key, &hop);
	if (got == JOB_TROUBLE)
		return got;
	if (class == CLASS_OTHER)
		got = by_sender(j, &w->sender_transport,
		    c->empty_address_default_transport_maps_lookup_key,
		    &transport);
	if (got == JOB_TROUBLE)
		return got;
	transport_parse(transport, hop.n > 0 ? hop : domain, out);
	return JOB_YES;
}

static enum job_result
by_class(struct job *j, struct span domain, enum lookup_class class,
    struct lookup_target *out)
{
	const struct route_ways *w = j->ways;

	switch (class) {
	case CLASS_LOCAL:
		seen_setting(j, ways_name(w, "local_transport"),
		    span_str(w->local_transport));
		transport_parse(span_str(w->local_transport), domain, out);
		break;
	case CLASS_VIRTUAL_ALIAS:
		out->transport = SPAN("error");
		out->nexthop = j->route->conf->show_user_unknown_table_name
		    ? SPAN("5.1.1 User unknown in virtual alias table")
		    : SPAN("5.1.1 User unknown");
		break;
	case CLASS_VIRTUAL_MAILBOX:
		seen_setting(j, ways_name(w, "virtual_transport"),
		    span_str(w->virtual_transport));
		transport_parse(span_str(w->virtual_transport), domain, out);
		break;
	case CLASS_RELAY:
	case CLASS_OTHER:
		return foreign(j, domain, class, out);
	}
	return JOB_YES;
}

/* The domain, then its parents: ".example.com", or without the dot where
 * transport_maps stands in parent_domain_matches_subdomains. */
static enum job_result
transport_of_domain(struct job *j, struct span domain, struct found *f)
{
	struct map_list *list = &j->ways->transport;
	enum job_result got = JOB_NO;

	while (domain.n > 0 && got == JOB_NO) {
		size_t dot = 1 + span_find(span_skip(domain, 1), '.');

		got = find_key(j, list, domain, true, f);
		if (j->ways->transport_parents)
			dot++;
		domain = span_skip(domain, dot);
	}
	if (got != JOB_NO)
		return got;
	return find_key(j, list, SPAN("*"), true, f);
}

/* user+ext@domain, user@domain, domains, "*". */
static enum job_result
transport_entry(
    struct job *j, const struct route_address *address, struct found *f)
{
	struct map_list *list = &j->ways->transport;
	struct buf plain = BUF_EMPTY, bare = BUF_EMPTY;
	struct span user, ext;
	enum job_result got = find_key(j, list, address->whole, false, f);

	address_unquote(&plain, address->local);
	if (got == JOB_NO &&
	    split_extension(j, buf_span(&plain), &user, &ext)) {
		address_quote(&bare, user);
		buf_printf(
		    &bare, "@%.*s", (int)address->domain.n, address->domain.p);
		got = find_key(j, list, buf_span(&bare), true, f);
	}
	buf_free(&plain);
	buf_free(&bare);
	if (got != JOB_NO)
		return got;
	return transport_of_domain(j, address->domain, f);
}

/* "4.3.0 text" or "text" of error: and retry: as the answer. */
static enum job_result
refuse(struct job *j, const struct lookup_target *t)
{
	bool retry = span_is(t->transport, "retry");
	struct span rest = t->nexthop, word;
	char status[12] = "5.0.0";

	if (retry)
		status[0] = '4';
	if (span_word(&rest, " \t", &word) && word.n >= 5 &&
	    word.n < sizeof(status) && (word.p[0] == '4' || word.p[0] == '5') &&
	    word.p[1] == '.') {
		memcpy(status, word.p, word.n);
		status[word.n] = '\0';
		rest = span_trim(rest);
	} else {
		rest = t->nexthop;
	}
	if (rest.n == 0)
		rest = SPAN("mail is not accepted");
	why_set(j->why, status, "%.*s", (int)rest.n, rest.p);
	return JOB_REFUSED;
}

static enum job_result
by_table(struct job *j, const struct route_address *address,
    struct lookup_target *out)
{
	struct found f;
	enum job_result got;

	if (j->ways->transport.count == 0)
		return JOB_YES;
	got = transport_entry(j, address, &f);
	if (got == JOB_TROUBLE)
		return got;
	if (got == JOB_YES)
		transport_parse(f.value,
		    span_istarts(f.value, "error:") ||
			    span_istarts(f.value, "retry:")
			? SPAN("Address is undeliverable")
			: address->domain,
		    out);
	return JOB_YES;
}

static enum job_result
relocated(struct job *j, const struct route_address *address)
{
	struct found f;
	enum job_result got =
	    find_address(j, &j->route->relocated, address, &f);

	if (got == JOB_NO)
		return JOB_YES;
	if (got == JOB_YES) {
		why_set(j->why, "5.1.6", "User has moved to %.*s",
		    (int)f.value.n, f.value.p);
		return JOB_REFUSED;
	}
	return got;
}

enum job_result
choose_transport(struct job *j, const struct route_address *address,
    enum lookup_class class, struct lookup_target *out)
{
	enum job_result got;

	*out = (struct lookup_target){ .kind = ROUTE_DELIVER,
		.address = address->whole };
	got = by_class(j, address->domain, class, out);
	if (got == JOB_YES)
		got = by_table(j, address, out);
	if (got == JOB_YES)
		got = relocated(j, address);
	if (got == JOB_YES &&
	    (span_is(out->transport, "error") ||
		span_is(out->transport, "retry")))
		got = refuse(j, out);
	return got;
}
