/* dnsbl.h - lists in the DNS (RFC 5782): how one is written down, what is asked
 * of it, and which answers count
 */

#ifndef SMTPD_DNSBL_H
#define SMTPD_DNSBL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct why;

/* "zen.example", "zen.example=127.0.0.[2..11;20]", and with a weight
 * "zen.example*3". */
struct dnsbl {
	struct span domain; /* points into the text */
	struct span name; /* with the filter, without the weight */
	bool filtered; /* else every address counts */
	unsigned char wanted[4][32]; /* a bit for each value of each octet */
	int weight; /* 1 unless told; never 0 */
};

/* A weight is taken where weighted. False: why. */
bool dnsbl_parse(
    struct span text, bool weighted, struct dnsbl *out, struct why *why);
/* Does an A record with these 4 octets count? */
bool dnsbl_counts(const struct dnsbl *l, struct span address);
/* Append what is asked for an address of 4 or 16 octets, or for a name. False:
 * that cannot be asked. */
bool
dnsbl_address_put(struct buf *out, const struct dnsbl *l, struct span address);
bool dnsbl_name_put(struct buf *out, const struct dnsbl *l, struct span name);

#endif
