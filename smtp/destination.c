/*
 * destination.c - from a next hop to the addresses to try, in order
 *
 * One or two rounds of questions to resolver: the MX records, then the
 * addresses of all hosts at once. When the last answer is in, addresses are
 * sorted by preference and at random within one, and cut off where this host
 * itself stands in the list (RFC 5321, 5.1).
 */

#include "smtp/destination.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/utf8.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "calls/dns_call.h"
#include "dns/name.h"
#include "message/idn.h"
#include "os/loop.h"
#include "smtp/conf.h"
#include "smtp/dns.h"
#include "smtp/env.h"
#include "wire/nexthop.h"

enum { HOSTS_MAX = 20, TARGETS_MAX = 100, NAMES_MAX = 10 };

/* A question under way. */
struct question {
	struct list in;
	struct destination *d;
	struct dns_query *query;
	enum dns_type type;
	struct span name;
	unsigned preference;
};

struct candidate {
	struct target target;
	unsigned order; /* family that goes first, then chance */
};

struct destination {
	const struct smtp_conf *conf;
	const struct smtp_env *env;
	struct arena *arena;
	struct span domain;
	uint16_t port;
	bool detect_loops, mx_secure, has_mx;
	struct list questions;
	struct candidate *list;
	size_t count, limit; /* so many of them are tried as a rule */
	struct why why; /* the gravest trouble so far */
	destination_fn *fn;
	void *arg;
	struct loop_timer *now; /* reports what needed no question */
};

size_t
destination_count(const struct destination *d)
{
	return d->count;
}

const struct target *
destination_target(const struct destination *d, size_t i)
{
	return i < d->count ? &d->list[i].target : NULL;
}

size_t
destination_limit(const struct destination *d)
{
	return d->limit;
}

struct span
destination_domain(const struct destination *d)
{
	return d->domain;
}

struct span
destination_host_name(struct arena *a, const struct target *t)
{
	return span_str(t->path != NULL
		? arena_printf(a, "%s", t->path)
		: arena_printf(a, "%s:%u", t->host,
		      (unsigned)address_port(&t->address)));
}

static int
compare(const void *a, const void *b)
{
	return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

struct span
destination_names(struct arena *a, const struct destination *d)
{
	struct span names[NAMES_MAX] = { { .n = 0 } }, all = SPAN("");
	size_t n = 0, count = d == NULL ? 0 : d->limit;

	for (size_t i = 0; i < count; i++) {
		struct span name = destination_host_name(a, &d->list[i].target);
		size_t k = 0;

		while (k < n && !span_eq(names[k], name))
			k++;
		if (k < n)
			continue;
		if (n == NAMES_MAX)
			return SPAN("");
		names[n++] = name;
	}
	qsort(names, n, sizeof(*names), compare);
	for (size_t i = 0; i < n; i++)
		all = span_str(arena_printf(a, "%.*s%s%.*s", (int)all.n, all.p,
		    i == 0 ? "" : ",", (int)names[i].n, names[i].p));
	return all.n > DELIVERY_HOST_MAX ? SPAN("") : all;
}

static unsigned
chance(void)
{
	uint16_t n = 0;

	if (getrandom(&n, sizeof(n), 0) != sizeof(n))
		return 0;
	return n;
}

static void
target_add(struct destination *d, struct span host, const struct address *a,
    unsigned preference, const struct dns_answer *from)
{
	bool aliased =
	    from != NULL && from->name.n > 0 && !span_ieq(from->name, host);
	struct candidate *c = &d->list[d->count];
	struct span prefer = span_str(d->conf->smtp_address_preference);
	bool six = address_family(a) == AF_INET6;
	struct buf text = BUF_EMPTY;

	if (d->count == TARGETS_MAX || (six ? !d->conf->ipv6 : !d->conf->ipv4))
		return;
	if (from != NULL && d->conf->smtp_cname_overrides_servername &&
	    from->name.n > 0)
		host = from->name;
	buf_add_span(&text, host);
	buf_add_byte(&text, '[');
	address_print(&text, a);
	buf_printf(&text, "]:%u", address_port(a));
	c->target = (struct target){ .host = arena_span_str(d->arena, host),
		.canonical = arena_span_str(
		    d->arena, from != NULL && from->secure ? from->name : host),
		.text = arena_str(d->arena, buf_str(&text)),
		.address = *a,
		.preference = preference,
		.aliased = aliased,
		.secure = from != NULL && from->secure,
		.mx_secure = d->mx_secure,
		.detect_loops = d->detect_loops };
	c->order = d->conf->smtp_randomize_addresses ? chance() : 0;
	if (span_iis(prefer, six ? "ipv4" : "ipv6"))
		c->order += UINT16_MAX + 1;
	d->count++;
	buf_free(&text);
}

static int
by_order(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->target.preference != y->target.preference)
		return x->target.preference < y->target.preference ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static bool
is_own(const struct smtp_conf *conf, const struct address *a)
{
	for (unsigned i = 0; i < conf->own_count; i++)
		if (span_eq(address_bytes(a), address_bytes(&conf->own[i])))
			return true;
	return false;
}

/* Mail never goes to ourselves, nor to a host that is no better than we. */
static void
cut_at_self(struct destination *d)
{
	size_t i;

	if (!d->detect_loops)
		return;
	for (i = 0; i < d->count; i++)
		if (is_own(d->conf, &d->list[i].target.address))
			break;
	if (i == d->count)
		return;
	while (i > 0 &&
	    d->list[i - 1].target.preference == d->list[i].target.preference)
		i--;
	d->count = i;
	if (i == 0)
		why_set(&d->why, "5.4.6", "mail for %.*s loops back to myself",
		    (int)d->domain.n, d->domain.p);
}

static bool
is_six(const struct candidate *c)
{
	return address_family(&c->target.address) == AF_INET6;
}

/* Put most of them first, of each family its share, so that a host that cannot
 * be reached by one does not take the other's places. The order stays. */
static void
order_balanced(struct destination *d, size_t most)
{
	struct candidate *late = arena_array(d->arena, d->count, sizeof(*late));
	size_t six = 0, four, room[2], n = 0, late_count = 0;

	for (size_t i = 0; i < d->count; i++)
		six += is_six(&d->list[i]);
	four = d->count - six;
	room[0] = most - (six < most / 2 ? six : most / 2);
	room[0] = four < room[0] ? four : room[0];
	room[1] = most - room[0];
	for (size_t i = 0; i < d->count; i++) {
		size_t *left = &room[is_six(&d->list[i])];

		if (*left == 0) {
			late[late_count++] = d->list[i];
			continue;
		}
		--*left;
		d->list[n++] = d->list[i];
	}
	memcpy(d->list + n, late, late_count * sizeof(*late));
}

/* What is behind the limit is for letters that want what the first hosts do
 * not have. */
static void
limit_set(struct destination *d)
{
	size_t most = (size_t)d->conf->smtp_mx_address_limit;

	d->limit = d->count;
	if (most == 0 || d->count <= most)
		return;
	if (most > 1 && d->conf->smtp_balance_inet_protocols &&
	    span_iis(span_str(d->conf->smtp_address_preference), "any"))
		order_balanced(d, most);
	d->limit = most;
}

static void
report(struct destination *d)
{
	qsort(d->list, d->count, sizeof(*d->list), by_order);
	if (d->count > 0)
		cut_at_self(d);
	for (size_t i = 0; i < d->count; i++)
		d->list[i].target.best = d->list[i].target.preference ==
		    d->list[0].target.preference;
	limit_set(d);
	d->fn(d->arg, d, d->count > 0 ? NULL : &d->why);
}

/* Trouble that passes outweighs what is final: another try may tell. */
static void
note(struct destination *d, const struct question *q, enum dns_result result,
    bool emptied)
{
	const char *text = emptied  ? "DNS reply filter drops all results"
	    : result == DNS_TROUBLE ? "Host not found, try again"
	    : result == DNS_NXDOMAIN
	    ? "Host not found"
	    : "Host found but no data record of requested type";

	if (d->why.text.n > 0 && d->why.outcome == DEFER)
		return;
	why_set(&d->why,
	    emptied                     ? "4.7.0"
		: result == DNS_TROUBLE ? "4.4.3"
		: d->has_mx && d->conf->smtp_defer_if_no_mx_address_found
		? "4.4.4"
		: "5.4.4",
	    "Host or domain name not found. Name service error for name=%.*s "
	    "type=%s: %s",
	    (int)q->name.n, q->name.p, dns_type_name(q->type), text);
}

static void answered(void *arg, const struct dns_answer *answer, bool emptied);

static void
ask_one(struct destination *d, struct span name, enum dns_type type,
    unsigned preference)
{
	struct question *q = mem_new(sizeof(*q));
	struct dns_query_setup setup = { name, type, d->conf->hosts };

	q->d = d;
	q->type = type;
	q->name = arena_span(d->arena, name);
	q->preference = preference;
	list_init(&q->in);
	list_add_tail(&d->questions, &q->in);
	q->query = dns_find(d->env, &setup, d->arena, answered, q);
}

static void
ask_addresses(struct destination *d, struct span host, unsigned preference)
{
	if (d->conf->ipv4)
		ask_one(d, host, DNS_A, preference);
	if (d->conf->ipv6)
		ask_one(d, host, DNS_AAAA, preference);
}

/* Records by preference, so that a long list is cut at its end. */
static void
exchangers_take(struct destination *d, const struct dns_answer *answer)
{
	struct dns_record sorted[DNS_RECORDS_MAX];
	size_t n = answer->count;

	if (n == 1 && answer->records[0].data.n == 0) {
		why_set(&d->why, "5.1.10",
		    "Domain %.*s does not accept mail (nullMX)",
		    (int)d->domain.n, d->domain.p);
		return;
	}
	d->has_mx = true;
	memcpy(sorted, answer->records, n * sizeof(*sorted));
	dns_records_sort(sorted, n);
	for (size_t i = 0; i < n && i < HOSTS_MAX; i++)
		if (sorted[i].data.n > 0)
			ask_addresses(d, sorted[i].data, sorted[i].preference);
	if (list_empty(&d->questions))
		why_set(&d->why, "5.4.4", "no usable MX host for %.*s",
		    (int)d->domain.n, d->domain.p);
}

static void
addresses_take(struct destination *d, const struct question *q,
    const struct dns_answer *answer)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(d->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(d->port) };
	struct address a;

	for (size_t i = 0; i < answer->count; i++) {
		if (q->type == DNS_A) {
			memcpy(&in.sin_addr, answer->records[i].data.p, 4);
			address_from(&a, (struct sockaddr *)&in, sizeof(in));
		} else {
			memcpy(&in6.sin6_addr, answer->records[i].data.p, 16);
			address_from(&a, (struct sockaddr *)&in6, sizeof(in6));
		}
		target_add(d, q->name, &a, q->preference, answer);
	}
}

static void
answer_take(struct destination *d, const struct question *q,
    const struct dns_answer *answer, bool emptied)
{
	if (q->type == DNS_MX)
		d->mx_secure = answer->secure;
	if (answer->result == DNS_FOUND && q->type == DNS_MX)
		exchangers_take(d, answer);
	else if (answer->result == DNS_FOUND)
		addresses_take(d, q, answer);
	else if (q->type == DNS_MX &&
	    (answer->result == DNS_NODATA ||
		(answer->result == DNS_TROUBLE &&
		    d->conf->ignore_mx_lookup_error)))
		/* the domain is its own exchanger (RFC 5321, 5.1) */
		ask_addresses(d, d->domain, 0);
	else
		note(d, q, answer->result, emptied);
}

static void
answered(void *arg, const struct dns_answer *answer, bool emptied)
{
	struct question *q = arg;
	struct destination *d = q->d;

	list_remove(&q->in);
	answer_take(d, q, answer, emptied);
	free(q);
	if (list_empty(&d->questions))
		report(d);
}

/* Is name one of "a=1, b=c=2"? */
static bool
port_listed(struct span list, struct span name, uint16_t *port)
{
	struct span entry, word;
	uint64_t number;

	while (span_cut(&list, ',', &entry)) {
		size_t at = span_rfind(entry, '=');
		struct span names = span_head(entry, at);
		bool found = false;

		while (at < entry.n && span_cut(&names, '=', &word))
			found |= span_ieq(span_trim(word), name);
		if (found &&
		    number_parse(span_trim(span_skip(entry, at + 1)), 1,
			UINT16_MAX, &number)) {
			*port = (uint16_t)number;
			return true;
		}
	}
	return false;
}

/* A port by number or name; what is in /etc/services cannot be seen from the
 * jail. */
static bool
port_find(const struct smtp_conf *c, struct span text, uint16_t *port)
{
	static const struct {
		const char *name;
		uint16_t port;
	} known[] = { { "smtp", 25 }, { "lmtp", 24 }, { "submission", 587 },
		{ "submissions", 465 }, { "smtps", 465 } };
	uint64_t number;

	if (port_listed(span_str(c->known_tcp_ports), text, port))
		return true;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (span_iis(text, known[i].name)) {
			*port = known[i].port;
			return true;
		}
	if (!number_parse(text, 1, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

struct span
destination_ascii(struct arena *a, struct span nexthop)
{
	struct buf ascii = BUF_EMPTY;
	struct span host, port;
	bool bracketed;

	if (!utf8_wide(nexthop) ||
	    !nexthop_split(nexthop, &host, &port, &bracketed))
		return nexthop;
	buf_add(&ascii, nexthop.p, (size_t)(host.p - nexthop.p));
	if (idn_to_ascii(&ascii, host)) {
		buf_add_span(&ascii,
		    span_between(host.p + host.n, nexthop.p + nexthop.n));
		nexthop = arena_span(a, buf_span(&ascii));
	}
	buf_free(&ascii);
	return nexthop;
}

bool
destination_is_domain(
    const struct smtp_env *env, struct span nexthop, struct span *domain)
{
	struct span port;
	struct address a;
	bool bracketed;

	if (!env->conf->mx_lookups ||
	    !nexthop_split(nexthop, domain, &port, &bracketed) || bracketed)
		return false;
	if (span_ends(*domain, "."))
		domain->n--;
	return dns_name_is_host(*domain) && !address_parse(*domain, 0, &a);
}

static void
report_now(void *arg)
{
	report(arg);
}

/* Needs no question, or cannot be asked for: reported by a timer, as an answer
 * would be. */
static void
report_soon(struct destination *d)
{
	d->now = loop_timer_new(d->env->loop, report_now, d);
	loop_timer_set(d->now, 0);
}

static void
host_begin(struct destination *d, bool bracketed, bool lmtp)
{
	struct address a;

	if (address_parse(d->domain, d->port, &a)) {
		target_add(d, d->domain, &a, 0, NULL);
		if (d->count == 0)
			why_set(&d->why, "4.4.4",
			    "inet_protocols excludes the address %.*s",
			    (int)d->domain.n, d->domain.p);
		report_soon(d);
	} else if (!dns_name_is_host(d->domain)) {
		why_set(&d->why, "5.4.4",
		    "%.*s is no host name that can be "
		    "looked up",
		    (int)d->domain.n, d->domain.p);
		report_soon(d);
	} else if (bracketed || lmtp || !d->conf->mx_lookups) {
		ask_addresses(d, d->domain, 0);
	} else {
		ask_one(d, d->domain, DNS_MX, 0);
	}
}

/* A server of this machine: its only address is a path. */
static void
unix_begin(struct destination *d, struct span nexthop)
{
	const char *name = d->conf->myhostname;

	d->domain = span_str(name);
	d->list[d->count++].target =
	    (struct target){ .host = arena_str(d->arena, name),
		    .canonical = arena_str(d->arena, name),
		    .path = arena_span_str(d->arena, nexthop),
		    .text = arena_printf(d->arena, "%s[%.*s]", name,
			(int)nexthop.n - 5, nexthop.p + 5) };
	report_soon(d);
}

static void
begin(struct destination *d, struct span nexthop, bool lmtp)
{
	const struct smtp_conf *conf = d->conf;
	struct span host, port;
	uint16_t usual = 0;
	bool bracketed;

	if (lmtp && span_istarts(nexthop, "unix:")) {
		unix_begin(d, nexthop);
		return;
	}
	if (!nexthop_split(nexthop, &host, &port, &bracketed) ||
	    span_istarts(nexthop, "unix:")) {
		why_set(&d->why, "4.3.5", "not a next hop for this service");
		report_soon(d);
		return;
	}
	if (span_ends(host, "."))
		host.n--;
	if (port.n == 0)
		port = span_str(conf->smtp_tcp_port);
	if (!port_find(conf, port, &d->port)) {
		why_set(&d->why, "4.3.5", "not a port number in a next hop");
		report_soon(d);
		return;
	}
	(void)port_find(conf, span_str(conf->smtp_tcp_port), &usual);
	d->detect_loops = !lmtp && d->port == usual;
	d->domain = arena_span(d->arena, host);
	host_begin(d, bracketed, lmtp);
}

struct destination *
destination_find(const struct smtp_env *env, struct span nexthop, bool lmtp,
    destination_fn *fn, void *arg)
{
	struct destination *d = mem_new(sizeof(*d));

	d->conf = env->conf;
	d->env = env;
	d->mx_secure = true; /* as long as there is none */
	d->arena = arena_new();
	d->list = arena_array(d->arena, TARGETS_MAX, sizeof(*d->list));
	list_init(&d->questions);
	why_init(&d->why);
	d->fn = fn;
	d->arg = arg;
	begin(d, nexthop, lmtp);
	return d;
}

void
destination_free(struct destination **dp)
{
	struct destination *d = *dp;

	if (d == NULL)
		return;
	for (struct list *l; (l = list_pop(&d->questions)) != NULL;) {
		struct question *q = LIST_OF(l, struct question, in);

		dns_query_cancel(&q->query);
		free(q);
	}
	loop_timer_free(&d->now);
	why_free(&d->why);
	arena_free(&d->arena);
	free(d);
	*dp = NULL;
}
