/*
 * class.c - what kind of domain an address has
 *
 * Local (mydestination, our addresses), virtual alias, virtual mailbox, relay,
 * or other, in this order. What stands in the local part of an address at a
 * domain of ours may be an address itself (user%other@ours): it is followed,
 * or we would relay for strangers without seeing it.
 */

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/why.h"
#include "maps/cidr.h"
#include "maps/items.h"
#include "message/address.h"
#include "message/idn.h"
#include "route/internal.h"

/* A list may have either form of a domain in another script. */
static enum job_result
matches(struct job *j, const struct match_list *list, struct span domain)
{
	struct buf other = BUF_EMPTY;
	enum match_result got;

	(void)idn_other_form(&other, domain);
	got = match_list_test_either(list, domain, buf_span(&other), j->why);
	buf_free(&other);
	switch (got) {
	case MATCH_YES:
		return JOB_YES;
	case MATCH_NO:
		return JOB_NO;
	case MATCH_ERROR:
		break;
	}
	return JOB_TROUBLE;
}

static bool
is_own_address(const struct route *r, const struct cidr_address *a)
{
	for (size_t i = 0; i < r->own_count; i++) {
		size_t n = r->own[i].family == AF_INET ? 4 : 16;

		if (a->length == n &&
		    memcmp(a->bytes, r->own[i].address, n) == 0)
			return true;
	}
	return false;
}

static bool
is_proxy_address(const struct route *r, const struct cidr_address *a)
{
	struct span rest = span_str(r->conf->proxy_interfaces), item;

	while (items_next(&rest, &item)) {
		struct cidr_address proxy;

		if (cidr_address_parse(item, &proxy) &&
		    proxy.length == a->length &&
		    memcmp(proxy.bytes, a->bytes, a->length) == 0)
			return true;
	}
	return false;
}

/* [192.0.2.1], [IPv6:2001:db8::1] */
static bool
is_own_literal(const struct route *r, struct span domain)
{
	struct cidr_address a;

	if (domain.n < 3 || domain.p[0] != '[' || domain.p[domain.n - 1] != ']')
		return false;
	domain = span_head(span_skip(domain, 1), domain.n - 2);
	if (span_istarts(domain, "ipv6:"))
		domain = span_skip(domain, 5);
	return cidr_address_parse(domain, &a) &&
	    (is_own_address(r, &a) || is_proxy_address(r, &a));
}

enum job_result
is_local_domain(struct job *j, struct span domain)
{
	enum job_result got;

	if (domain.n == 0)
		return JOB_YES;
	got = matches(j, j->route->mydestination, domain);
	if (got != JOB_NO)
		return got;
	return is_own_literal(j->route, domain) ? JOB_YES : JOB_NO;
}

/* The address that stands in a local part, or false. */
static bool
inner_address(struct job *j, const struct route_address *address,
    struct route_address *inner)
{
	const struct route_conf *conf = j->route->conf;
	struct buf local = BUF_EMPTY;
	struct span plain;
	bool operators;

	address_unquote(&local, address->local);
	plain = arena_span(j->arena, buf_span(&local));
	buf_free(&local);
	operators = span_find(plain, '@') < plain.n ||
	    (conf->swap_bangpath && span_find(plain, '!') < plain.n) ||
	    (conf->allow_percent_hack && span_find(plain, '%') < plain.n);
	if (!operators)
		return false;
	route_rewrite(conf, j->arena, plain, inner);
	/* an operator at the rim splits nothing */
	return !span_eq(inner->whole, address->whole) &&
	    !span_eq(inner->local, address->local);
}

/* Follow local parts as long as domains are ours: each step takes an operator
 * or quotes away. */
static enum job_result
follow(struct job *j, struct route_address *address)
{
	enum job_result got = JOB_YES;
	size_t steps = address->whole.n;

	while (got == JOB_YES) {
		struct route_address inner;

		got = is_local_domain(j, address->domain);
		if (got != JOB_YES || steps-- == 0 ||
		    !inner_address(j, address, &inner))
			return got;
		*address = inner;
	}
	return got;
}

static enum job_result
foreign_class(struct job *j, struct span domain, enum lookup_class *class)
{
	const struct {
		const struct match_list *list;
		enum lookup_class class;
		const char *parameter;
	} rows[] = {
		{ j->route->virtual_alias_domains, CLASS_VIRTUAL_ALIAS,
		    "virtual_alias_domains" },
		{ j->route->virtual_mailbox_domains, CLASS_VIRTUAL_MAILBOX,
		    "virtual_mailbox_domains" },
		{ j->route->relay_domains, CLASS_RELAY, "relay_domains" },
	};

	*class = CLASS_OTHER;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum job_result got = matches(j, rows[i].list, domain);

		if (got == JOB_TROUBLE)
			return got;
		if (got == JOB_YES) {
			*class = rows[i].class;
			seen_class(j, rows[i].parameter, domain);
			break;
		}
	}
	return JOB_YES;
}

enum job_result
classify(struct job *j, struct route_address *address, enum lookup_class *class)
{
	enum job_result got = follow(j, address);

	if (got == JOB_TROUBLE)
		return got;
	if (got == JOB_YES) {
		*class = CLASS_LOCAL;
		seen_class(j,
		    span_at(address->domain, 0) == '[' ? "inet_interfaces"
						       : "mydestination",
		    address->domain);
		return got;
	}
	return foreign_class(j, address->domain, class);
}
