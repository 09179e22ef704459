/* conf.h - what resolver reads from main.cf */

#ifndef RESOLVER_CONF_H
#define RESOLVER_CONF_H

#include <stdbool.h>

#include "config/param.h"

struct resolver_conf {
	const char *resolver_nameservers;
	const char *resolver_trust_anchor;
	const char *smtp_dns_support_level;
	const char *smtp_tls_security_level;
};

extern const struct param resolver_params[];

/* Are answers to be validated? Where nobody asks for DNSSEC a name server that
 * cannot do it must not stop the mail. */
bool resolver_wants_dnssec(const struct resolver_conf *c);

#endif
