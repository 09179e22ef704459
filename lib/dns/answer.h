/* answer.h - what the DNS says about a name, as typed records
 *
 * libunbound (in resolver alone) talks to name servers and validates; this
 * reads the packet it hands back. Whatever is out of bounds or not fit for
 * logs, headers and commands is left out here, so that no caller meets it.
 */

#ifndef DNS_ANSWER_H
#define DNS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct buf;

enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_TLSA = 52
};

enum dns_result {
	DNS_FOUND,
	DNS_NODATA, /* the name exists, without such records */
	DNS_NXDOMAIN,
	DNS_TROUBLE /* ask again later */
};

enum {
	DNS_RECORDS_MAX = 100, /* kept of one answer */
	DNS_CHAIN_MAX = 10, /* CNAMEs followed */
	DNS_TXT_MAX = 8192, /* octets of one record's joined strings */
	DNS_TLSA_MAX = 4096,
	DNS_TTL_MAX = 7 * 86400
};

struct dns_record {
	unsigned preference; /* MX */
	/* A: 4 octets; AAAA: 16. MX, NS, PTR, CNAME: a host name, or empty for
	 * "." (MX: RFC 7505, accepts no mail). TXT: the strings joined, any
	 * octets. TLSA: usage, selector, matching type, then the data (RFC
	 * 6698, 2.1). */
	struct span data;
};

struct dns_answer {
	enum dns_result result;
	bool secure; /* validated, the absence of records too */
	uint32_t ttl; /* seconds; 0 when nothing was found */
	struct span name; /* behind the CNAMEs; empty when nothing was found */
	unsigned dropped; /* records that were unfit, or too many */
	size_t count;
	const struct dns_record *records;
};

/* MX records by preference, the best first. */
void dns_records_sort(struct dns_record *records, size_t n);
/* "MX"; "unknown" for what is not in the enum. */
const char *dns_type_name(enum dns_type type);
bool dns_type_known(unsigned type);
/* May this stand in an answer of that type? */
bool dns_record_fit(enum dns_type type, const struct dns_record *r);
/* Append "mail.example.com. 300 IN MX 10 mx.example.com.", as people write it;
 * TXT without quotes, what is not printable in it as '?'. */
void dns_record_print(struct buf *out, struct span owner, uint32_t ttl,
    enum dns_type type, const struct dns_record *r);
/* Read a response packet to a question of that type. All of *out lives in a or
 * is constant; secure is the caller's to set. An ill-formed packet is
 * DNS_TROUBLE; so is one in which every record was unfit. */
void dns_answer_parse(struct span packet, enum dns_type type, struct arena *a,
    struct dns_answer *out);

#endif
