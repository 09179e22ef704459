/* conf.c - what resolver reads from main.cf */

#include "resolver/conf.h"

#include <stddef.h>

#include "base/span.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct resolver_conf, field)

const struct param resolver_params[] = {
	{ P(STR, resolver_nameservers), .fallback = "",
	    .help = "name servers, ADDRESS or ADDRESS@PORT; empty: those of "
		    "/etc/resolv.conf" },
	{ P(STR, resolver_trust_anchor), .fallback = "/usr/share/dns/root.key",
	    .help = "file with the key of the root, where DNSSEC is wanted" },
	{ P(STR, smtp_dns_support_level) },
	{ P(STR, smtp_tls_security_level) },
	{ .name = NULL },
};

bool
resolver_wants_dnssec(const struct resolver_conf *c)
{
	return span_iis(span_str(c->smtp_dns_support_level), "dnssec") ||
	    span_istarts(span_str(c->smtp_tls_security_level), "dane");
}
