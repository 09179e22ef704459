/*
 * next.c - facteur trace: the servers behind a next hop, and how much TLS
 *
 * What smtp does before it connects, step by step (RFC 5321, 5.1; RFC 7505; RFC
 * 7672, 2.2), with the questions put to the running resolver. Nobody is
 * connected to.
 */

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/dns_call.h"
#include "calls/lookup_call.h"
#include "calls/sts_call.h"
#include "config/master_cf.h"
#include "config/param.h"
#include "dns/name.h"
#include "maps/map_pool.h"
#include "os/sock.h"
#include "service/tool.h"
#include "tools/facteur/trace.h"
#include "wire/nexthop.h"

enum { HOSTS_MAX = 20 };

struct next {
	struct trace *t;
	struct main_cf *cf; /* with the row's options; NULL: the tool's */
	bool lmtp, dane;
	struct span host, port;
	bool mx_secure;
};

static const char *
value(const struct next *n, const char *parameter)
{
	struct tool with = *n->t->tool;

	with.cf = n->cf;
	return tool_value(&with, parameter);
}

/* ---- TLS */

static enum map_result
policy_get(struct next *n, struct map_list *list, struct span nexthop,
    struct buf *out, struct span *key)
{
	enum map_result got;
	struct why why;

	why_init(&why);
	*key = nexthop;
	do {
		got = map_list_get(list, *key, false, out, &why);
		if (span_starts(nexthop, "["))
			break;
		if (got == MAP_NONE) {
			*key = span_skip(*key, 1);
			*key = span_skip(*key, span_find(*key, '.'));
		}
	} while (got == MAP_NONE && key->n > 1);
	why_free(&why);
	(void)n;
	return got;
}

static const char *
level_of_main(const struct next *n)
{
	const char *level = value(n, "smtp_tls_security_level");

	if (level[0] != '\0')
		return level;
	if (strcmp(value(n, "smtp_enforce_tls"), "yes") == 0)
		return "encrypt";
	return strcmp(value(n, "smtp_use_tls"), "yes") == 0 ? "may" : "none";
}

/* The level; n->dane is set with it. */
static void
tls_show(struct next *n, struct span nexthop)
{
	struct map_list list;
	struct buf found = BUF_EMPTY;
	struct span key, word = SPAN(""), rest;
	const char *from = "smtp_tls_security_level and its older kin";
	enum map_result got;

	map_list_init(&list, n->t->pool,
	    span_str(value(n, "smtp_tls_policy_maps")), MAP_FOLD);
	got = policy_get(n, &list, nexthop, &found, &key);
	if (got == MAP_FOUND) {
		from = arena_printf(n->t->arena,
		    "smtp_tls_policy_maps, %s, key \"%.*s\"",
		    map_spec(list.hit), (int)key.n, key.p);
	} else if (got == MAP_ERROR) {
		from = "smtp_tls_policy_maps cannot be read: mail waits, or "
		       "you may not read it";
	} else {
		buf_add_str(&found, level_of_main(n));
	}
	rest = buf_span(&found);
	(void)span_word(&rest, " \t,", &word);
	n->dane = span_iis(word, "dane") || span_iis(word, "dane-only");
	say_step(&n->t->say, "tls",
	    SAY_FIELDS({ "level", word }, { "policy", buf_span(&found) },
		{ "decided", span_str(from) }),
	    "%.*s, by %s", (int)found.n, found.n == 0 ? "" : found.p, from);
	map_list_done(&list);
	buf_free(&found);
}

/* ---- the DNS */

static bool
dns(struct next *n, struct span name, enum dns_type type,
    struct dns_answer *out)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	bool good;

	dns_ask_put(&o, name, type);
	good = trace_ask(n->t, "smtp", "resolver", &o, &in) &&
	    dns_answer_get(&in, n->t->arena, type, out);
	if (good && out->count > 0) {
		/* the packet goes, what it said stays */
		struct dns_record *kept =
		    arena_array(n->t->arena, out->count, sizeof(*kept));

		for (size_t i = 0; i < out->count; i++) {
			kept[i] = out->records[i];
			kept[i].data = arena_span(n->t->arena, kept[i].data);
		}
		out->records = kept;
		out->name = arena_span(n->t->arena, out->name);
	}
	packet_in_done(&in);
	packet_done(&o);
	return good;
}

static const char *
absence(const struct dns_answer *a)
{
	switch (a->result) {
	case DNS_NODATA:
		return "no such record";
	case DNS_NXDOMAIN:
		return "no such name";
	case DNS_TROUBLE:
		return "the DNS does not answer: mail waits";
	case DNS_FOUND:
		break;
	}
	return "found";
}

static void
absent_show(struct next *n, enum dns_type type, struct span name,
    const struct dns_answer *a)
{
	say_step(&n->t->say, "dns",
	    SAY_FIELDS({ "type", span_str(dns_type_name(type)) },
		{ "name", name }, { "result", span_str(absence(a)) }),
	    "%s of %.*s: %s", dns_type_name(type), (int)name.n, name.p,
	    absence(a));
}

static void
tlsa_show(struct next *n, struct span host)
{
	struct dns_answer a = { .count = 0 };
	struct span name = span_str(arena_printf(n->t->arena, "_%.*s._tcp.%.*s",
	    (int)n->port.n, n->port.p, (int)host.n, host.p));

	if (!dns(n, name, DNS_TLSA, &a))
		return;
	if (a.result != DNS_FOUND || !a.secure) {
		absent_show(n, DNS_TLSA, name, &a);
		return;
	}
	for (size_t i = 0; i < a.count; i++) {
		const char *d = a.records[i].data.p;

		say_step(&n->t->say, "tlsa", SAY_FIELDS({ "name", name }),
		    "%.*s: usage %d, selector %d, matching %d%s", (int)name.n,
		    name.p, d[0], d[1], d[2],
		    d[0] == 2 || d[0] == 3 ? "" : ": of no use for SMTP");
	}
}

static void
addresses_show(struct next *n, struct span host, unsigned preference,
    enum dns_type type, bool *secure)
{
	struct dns_answer a = { .count = 0 };

	if (!dns(n, host, type, &a))
		return;
	if (a.result != DNS_FOUND && a.result != DNS_NODATA)
		absent_show(n, type, host, &a);
	*secure = *secure && (a.result != DNS_FOUND || a.secure);
	for (size_t i = 0; i < a.count; i++) {
		struct buf text = BUF_EMPTY, rank = BUF_EMPTY;
		struct address address;

		buf_printf(&rank, "%u", preference);
		if (address_from_bytes(&address, a.records[i].data))
			address_print(&text, &address);
		say_step(&n->t->say, "server",
		    SAY_FIELDS({ "preference", buf_span(&rank) },
			{ "host", host }, { "address", buf_span(&text) },
			{ "port", n->port },
			{ "dnssec", a.secure ? SPAN("yes") : SPAN("no") }),
		    "%s %.*s[%s]:%.*s%s", buf_str(&rank), (int)host.n, host.p,
		    buf_str(&text), (int)n->port.n, n->port.p,
		    a.secure ? ", validated" : "");
		buf_free(&rank);
		buf_free(&text);
	}
}

static void
host_show(struct next *n, struct span host, unsigned preference)
{
	const char *protocols = value(n, "inet_protocols");
	bool all = strstr(protocols, "all") != NULL, secure = true;

	if (all || strstr(protocols, "ipv4") != NULL)
		addresses_show(n, host, preference, DNS_A, &secure);
	if (all || strstr(protocols, "ipv6") != NULL)
		addresses_show(n, host, preference, DNS_AAAA, &secure);
	if (n->dane && secure && n->mx_secure)
		tlsa_show(n, host);
}

static void
exchangers_show(struct next *n)
{
	struct dns_answer a = { .count = 0 };
	struct dns_record sorted[DNS_RECORDS_MAX];

	if (!dns(n, n->host, DNS_MX, &a)) {
		say_step(&n->t->say, "dns", SAY_FIELDS({ "name", n->host }),
		    "resolver was not asked: %s",
		    !n->t->running   ? "the mail system does not run"
			: n->t->root ? "it does not answer"
				     : "that is for root");
		return;
	}
	n->mx_secure = a.secure;
	if (a.result == DNS_NODATA) {
		say_step(&n->t->say, "mx", SAY_FIELDS({ "name", n->host }),
		    "%.*s has no MX record and is its own server",
		    (int)n->host.n, n->host.p);
		host_show(n, n->host, 0);
	} else if (a.result != DNS_FOUND) {
		absent_show(n, DNS_MX, n->host, &a);
	} else if (a.count == 1 && a.records[0].data.n == 0) {
		say_step(&n->t->say, "mx", SAY_FIELDS({ "name", n->host }),
		    "%.*s takes no mail (null MX)", (int)n->host.n, n->host.p);
	} else {
		memcpy(sorted, a.records, a.count * sizeof(*sorted));
		dns_records_sort(sorted, a.count);
		for (size_t i = 0; i < a.count && i < HOSTS_MAX; i++)
			host_show(n, sorted[i].data, sorted[i].preference);
	}
}

/* ---- MTA-STS */

static void
policy_show(struct next *n, const struct sts_policy *policy)
{
	struct buf hosts = BUF_EMPTY;

	for (size_t i = 0; i < policy->mx_count; i++) {
		buf_add_str(&hosts, i == 0 ? "" : " ");
		buf_add_span(&hosts, policy->mx[i]);
	}
	say_step(&n->t->say, "mta-sts",
	    SAY_FIELDS({ "mode", span_str(sts_mode_name(policy->mode)) },
		{ "mx", buf_span(&hosts) }),
	    "policy of %.*s: %s, servers %s", (int)n->host.n, n->host.p,
	    sts_mode_name(policy->mode), buf_str(&hosts));
	buf_free(&hosts);
}

/* Fetched from the domain's web server when it is not known. */
static void
sts_show(struct next *n)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct sts_answer a = { .found = false };

	if (strcmp(value(n, "smtp_mta_sts_enable"), "yes") != 0)
		return;
	sts_ask_put(&o, n->host);
	if (!trace_ask(n->t, "smtp", "sts", &o, &in) ||
	    !sts_answer_get(&in, n->t->arena, &a) || a.trouble)
		say_step(&n->t->say, "mta-sts",
		    SAY_FIELDS({ "mode", SPAN("") }), "sts has no answer");
	else if (!a.found)
		say_step(&n->t->say, "mta-sts",
		    SAY_FIELDS({ "mode", SPAN("none") }), "%.*s has no policy",
		    (int)n->host.n, n->host.p);
	else
		policy_show(n, &a.policy);
	packet_in_done(&in);
	packet_done(&o);
}

/* ---- one next hop */

static void
hop_show(struct next *n, struct span nexthop)
{
	struct address literal;
	bool bracketed;

	if (span_istarts(nexthop, "unix:") ||
	    !nexthop_split(nexthop, &n->host, &n->port, &bracketed))
		return;
	if (n->port.n == 0)
		n->port = span_str(
		    value(n, n->lmtp ? "lmtp_tcp_port" : "smtp_tcp_port"));
	if (span_iis(n->port, "smtp"))
		n->port = SPAN("25");
	n->mx_secure = true;
	tls_show(n, nexthop);
	if (address_parse(n->host, 0, &literal)) {
		say_step(&n->t->say, "server",
		    SAY_FIELDS({ "address", n->host }, { "port", n->port }),
		    "[%.*s]:%.*s", (int)n->host.n, n->host.p, (int)n->port.n,
		    n->port.p);
	} else if (!dns_name_is_host(n->host)) {
		say_step(&n->t->say, "dns", SAY_FIELDS({ "name", n->host }),
		    "%.*s is no host name that can be looked up",
		    (int)n->host.n, n->host.p);
	} else if (bracketed || n->lmtp ||
	    strcmp(value(n, "disable_dns_lookups"), "yes") == 0) {
		host_show(n, n->host, 0);
	} else {
		sts_show(n);
		exchangers_show(n);
	}
}

/* main.cf as the row's program reads it. */
static struct main_cf *
cf_of_row(const struct trace *t, const struct master_row *row)
{
	struct why why;
	struct main_cf *m;

	why_init(&why);
	m = master_row_main_cf(row, t->tool->folder, false, &why);
	if (m == NULL)
		tool_fatal(t->tool, EX_CONFIG, "%s", why_text(&why));
	why_free(&why);
	return m;
}

static const struct master_row *
row_find(const struct trace *t, struct span transport)
{
	char *name = mem_span(transport);
	const struct master_row *row = t->services == NULL
	    ? NULL
	    : master_cf_find(t->services, name, MASTER_UNIX);

	free(name);
	return row;
}

void
next_show(struct trace *t, const struct lookup_target *target)
{
	const struct master_row *row = row_find(t, target->transport);
	struct next n = { .t = t };

	if (row == NULL)
		return;
	say_step(&t->say, "service",
	    SAY_FIELDS({ "service", target->transport },
		{ "program", span_str(row->column[MASTER_COMMAND]) }),
	    "master.cf, line %u: %s", row->line, row->column[MASTER_COMMAND]);
	if (strcmp(master_row_program(row), "smtp") != 0)
		return;
	n.cf = cf_of_row(t, row);
	n.lmtp = strcmp(row->column[MASTER_SERVICE], "lmtp") == 0 ||
	    strcmp(row->column[MASTER_COMMAND], "lmtp") == 0 ||
	    strcasecmp(value(&n, "smtp_protocol"), "lmtp") == 0;
	hop_show(&n, target->nexthop);
	main_cf_free(&n.cf);
}
