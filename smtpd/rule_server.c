/*
 * rule_server.c - restrictions that look behind a name: its mail servers, its
 * name servers, its addresses
 *
 * One function serves check_WHO_WHAT_access; which of them it is stands in its
 * name. Facts are asked for one after the other, and found again when the rule
 * is run anew.
 */

#include "message/address.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "dns/name.h"
#include "os/sock.h"
#include "smtpd/access.h"
#include "smtpd/cidr_list.h"
#include "smtpd/conf.h"
#include "smtpd/facts.h"
#include "smtpd/rule.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { HOSTS_MAX = 30, ADDRESSES_MAX = 10 };

static bool
name_has(const struct rule *r, const char *part)
{
	struct span name = span_str(r->kind->name);

	return span_search(name, span_str(part)) < name.n;
}

static struct span
domain_of(struct span address)
{
	struct span local, domain;

	return address_split(address, &local, &domain) ? domain : SPAN("");
}

/* The name that is looked behind; empty: there is none. */
static struct span
subject(
    const struct policy *p, const struct rule *r, struct policy_about *about)
{
	const struct session *s = policy_session(p);
	const struct mail *m = s->mail;
	const char *name;

	if (name_has(r, "_helo_")) {
		*about = (struct policy_about){ span_str(s->helo),
			policy_class_helo };
		return about->name;
	}
	if (name_has(r, "_sender_")) {
		*about =
		    (struct policy_about){ m == NULL ? SPAN("") : m->sender,
			    policy_class_sender };
		return domain_of(about->name);
	}
	if (name_has(r, "_recipient_")) {
		*about = (struct policy_about){ m == NULL ? SPAN("") : m->rcpt,
			policy_class_rcpt };
		return domain_of(about->name);
	}
	name = s->client.name;
	*about = (struct policy_about){ span_str(s->client.label),
		policy_class_client };
	if (name_has(r, "_reverse_")) {
		name = s->client.reverse;
		*about = (struct policy_about){ span_str(name),
			policy_class_reverse };
	}
	if (name == NULL || strcmp(name, "unknown") == 0)
		return SPAN("");
	return span_str(name);
}

static void
not_found(const char *what, struct span name)
{
	struct buf text = BUF_EMPTY;

	log_quote(&text, name, DNS_NAME_MAX);
	log_warning("Unable to look up %s host for %s", what, buf_str(&text));
	buf_free(&text);
}

struct hosts {
	struct span names[HOSTS_MAX];
	size_t count;
};

static void
hosts_take(struct hosts *h, const struct dns_answer *answer)
{
	for (size_t i = 0; i < answer->count && h->count < HOSTS_MAX; i++)
		if (answer->records[i].data.n > 0)
			h->names[h->count++] = answer->records[i].data;
}

/* A name without MX is its own. */
static enum verdict
hosts_mx(struct session *s, struct span name, struct hosts *h)
{
	const struct fact_dns *f = fact_dns(s, DNS_MX, name);

	if (f == NULL)
		return WAIT;
	if (f->result == DNS_FOUND)
		hosts_take(h, f->answer);
	else if (f->result == DNS_NODATA)
		h->names[h->count++] = name;
	else
		not_found("MX", name);
	return NEXT;
}

/* Name servers belong to the zone, which may begin further up. */
static enum verdict
hosts_ns(struct session *s, struct span name, struct hosts *h)
{
	struct span at = name;

	while (span_find(at, '.') < at.n) {
		const struct fact_dns *f = fact_dns(s, DNS_NS, at);

		if (f == NULL)
			return WAIT;
		if (f->result == DNS_FOUND) {
			hosts_take(h, f->answer);
			return NEXT;
		}
		if (f->result == DNS_TROUBLE)
			break;
		at = span_skip(at, span_find(at, '.') + 1);
	}
	not_found("NS", name);
	return NEXT;
}

static enum verdict
check_address(struct policy *p, const struct rule *r, struct span bytes,
    struct policy_about about)
{
	struct access_style style = rule_access_style(p, r);
	struct access_keys keys = { .count = 0 };
	struct buf text = BUF_EMPTY;
	struct address a;
	enum verdict v = NEXT;

	if (address_from_bytes(&a, bytes)) {
		address_print(&text, &a);
		access_keys_host(&keys, policy_arena(p),
		    arena_span(policy_arena(p), buf_span(&text)), &style);
		v = rule_access_look(p, r, &keys, about);
	}
	buf_free(&text);
	return v;
}

/* The addresses of a host. */
static enum verdict
check_host(struct policy *p, const struct rule *r, struct span host,
    struct policy_about about)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA };

	for (size_t i = 0; i < 2; i++) {
		const struct fact_dns *f =
		    fact_dns(policy_session(p), types[i], host);

		if (f == NULL)
			return WAIT;
		for (size_t j = 0; f->result == DNS_FOUND &&
		     j < f->answer->count && j < ADDRESSES_MAX;
		     j++) {
			enum verdict v = check_address(
			    p, r, f->answer->records[j].data, about);

			if (v != NEXT)
				return v;
		}
	}
	return NEXT;
}

static enum verdict
check_hosts(struct policy *p, const struct rule *r, const struct hosts *h,
    struct policy_about about)
{
	struct access_style style = rule_access_style(p, r);
	bool names = !name_has(r, "_a_access");
	enum verdict v = NEXT;

	for (size_t i = 0; v == NEXT && i < h->count; i++) {
		struct access_keys keys = { .count = 0 };

		if (names) {
			access_keys_name(
			    &keys, policy_arena(p), h->names[i], &style);
			v = rule_access_look(p, r, &keys, about);
		}
		if (v == NEXT)
			v = check_host(p, r, h->names[i], about);
	}
	return v;
}

/* "[192.0.2.1]" stands for itself. */
static enum verdict
check_literal(struct policy *p, const struct rule *r, struct span name,
    struct policy_about about)
{
	struct address a;

	if (!address_parse(name, 0, &a))
		return NEXT;
	return check_address(p, r, address_bytes(&a), about);
}

enum verdict
rule_check_server(struct policy *p, const struct rule *r)
{
	struct session *s = policy_session(p);
	struct hosts h = { .count = 0 };
	struct policy_about about;
	struct span name = subject(p, r, &about);
	enum verdict v = NEXT;

	if (span_starts(name, "["))
		return check_literal(p, r, name, about);
	name = arena_span(policy_arena(p), policy_ascii(p, name));
	if (!dns_name_is_host(name))
		return NEXT;
	if (name_has(r, "_mx_"))
		v = hosts_mx(s, name, &h);
	else if (name_has(r, "_ns_"))
		v = hosts_ns(s, name, &h);
	else
		h.names[h.count++] = name;
	return v == NEXT ? check_hosts(p, r, &h, about) : v;
}

/* Where an MX of a domain leads. */
struct mx {
	bool own; /* here */
	bool first_listed; /* all of the best are in the networks */
};

static bool
is_own(const struct smtpd *smtpd, struct span host, struct span address)
{
	return cidr_list_has(smtpd->own, address) ||
	    span_iis(host, smtpd->conf->myhostname);
}

static enum verdict
mx_look(struct session *s, const struct dns_record *record, bool first,
    struct mx *mx)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA };
	const struct smtpd *smtpd = s->smtpd;

	for (size_t i = 0; i < 2; i++) {
		const struct fact_dns *f = fact_dns(s, types[i], record->data);

		if (f == NULL)
			return WAIT;
		for (size_t j = 0;
		     f->result == DNS_FOUND && j < f->answer->count; j++) {
			struct span a = f->answer->records[j].data;

			mx->own = mx->own || is_own(smtpd, record->data, a);
			if (first && !cidr_list_has(smtpd->mx_backup, a))
				mx->first_listed = false;
		}
	}
	return NEXT;
}

static enum verdict
mx_backup(struct session *s, struct span domain)
{
	const struct fact_dns *f = fact_dns(s, DNS_MX, domain);
	struct mx mx = { .own = false, .first_listed = true };
	unsigned best = UINT32_MAX;

	if (f == NULL)
		return WAIT;
	for (size_t i = 0; f->result == DNS_FOUND && i < f->answer->count; i++)
		if (f->answer->records[i].preference < best)
			best = f->answer->records[i].preference;
	for (size_t i = 0;
	     f->result == DNS_FOUND && i < f->answer->count && i < HOSTS_MAX;
	     i++) {
		const struct dns_record *record = &f->answer->records[i];

		if (record->data.n > 0 &&
		    mx_look(s, record, record->preference == best, &mx) == WAIT)
			return WAIT;
	}
	return mx.own &&
		(s->smtpd->conf->permit_mx_backup_networks[0] == '\0' ||
		    mx.first_listed)
	    ? PERMIT
	    : NEXT;
}

/* This host is one of the domain's MX hosts; and what is ours anyway. */
enum verdict
rule_mx_backup(struct policy *p, const struct rule *r)
{
	const struct mail *m = policy_session(p)->mail;
	struct span local, domain;
	enum verdict v = rule_auth_destination(p, r);

	if (v != NEXT || m == NULL || m->rcpt.p == NULL)
		return v;
	/* a route in the local part leads on from the domain */
	if (!address_split(m->rcpt, &local, &domain) ||
	    span_find_any(local, "@%!") < local.n)
		return NEXT;
	domain = policy_ascii(p, domain);
	return dns_name_is_host(domain) ? mx_backup(policy_session(p), domain)
					: NEXT;
}
