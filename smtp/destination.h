/* destination.h - from a next hop to the addresses to try, in order
 *
 * RFC 5321, 5.1; RFC 7505; "[host]" and ":port" as in transport(5).
 */

#ifndef SMTP_DESTINATION_H
#define SMTP_DESTINATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "os/sock.h"

struct arena;
struct destination;
struct smtp_env;
struct why;

/* One address of one host. */
struct target {
	const char *host; /* name, or the address itself */
	const char *canonical; /* the same behind its aliases */
	const char *text; /* "mx.example[192.0.2.1]:25", for logs */
	const char *path; /* "unix:/run/x" of an LMTP server; else NULL */
	struct address address; /* with its port */
	unsigned preference;
	bool best; /* of the lowest preference */
	bool aliased; /* the name has a CNAME */
	bool secure; /* DNSSEC vouches for the address */
	bool mx_secure; /* and for the MX record, or there is none */
	bool detect_loops; /* a mail server's port: may it be ourselves? */
};

/* Called once, from the loop. why is NULL when there are targets. */
typedef void
destination_fn(void *arg, struct destination *d, const struct why *why);

/* nexthop: "example.com", "[host]", either with ":port", for LMTP "unix:/path";
 * copied. env must
 * outlive this. lmtp: no MX records, another port. */
struct destination *destination_find(const struct smtp_env *env,
    struct span nexthop, bool lmtp, destination_fn *fn, void *arg);
/* A next hop with A-labels for a host that is not ASCII, as the DNS, MTA-STS
 * and certificates have it; what has none is as it was. Lives in a. */
struct span destination_ascii(struct arena *a, struct span nexthop);
/* Is this next hop a domain, whose mail servers the DNS names? Then *domain is
 * it, without port and final dot. */
bool destination_is_domain(
    const struct smtp_env *env, struct span nexthop, struct span *domain);
void destination_free(struct destination **d);
size_t destination_count(const struct destination *d);
/* How many of them, from the first on, are tried as a rule
 * (smtp_mx_address_limit). */
size_t destination_limit(const struct destination *d);
/* Good until destination_free(). */
const struct target *destination_target(const struct destination *d, size_t i);
/* "mx.example:25", or the path: for the queue manager. Lives in a. */
struct span destination_host_name(struct arena *a, const struct target *t);
/* All hosts that are tried as a rule, so: those with the same ones are dead
 * together. Empty: there are more than are worth a name, or d is NULL. */
struct span destination_names(struct arena *a, const struct destination *d);
/* The next hop's host without brackets and port. */
struct span destination_domain(const struct destination *d);

#endif
