/* packets.h - DNS responses made by hand, for the tests of lib/dns and of
 * resolver
 */

#ifndef TESTS_DNS_PACKETS_H
#define TESTS_DNS_PACKETS_H

#include "base/buf.h"
#include "base/span.h"

static inline void
dns_put16(struct buf *p, unsigned n)
{
	buf_add_byte(p, (char)(n >> 8 & 255));
	buf_add_byte(p, (char)(n & 255));
}

/* "mail.example" as length octets and labels, ended by the root. */
static inline void
dns_put_name(struct buf *p, const char *name)
{
	struct span rest = span_str(name), label;

	while (rest.n > 0 && span_cut(&rest, '.', &label)) {
		buf_add_byte(p, (char)label.n);
		buf_add_span(p, label);
	}
	buf_add_byte(p, '\0');
}

/* Header and question; answers are added with dns_put_record(). */
static inline void
dns_put_head(struct buf *p, unsigned id, unsigned rcode, const char *name,
    unsigned type, unsigned answers)
{
	dns_put16(p, id);
	dns_put16(p, 0x8180 | rcode);
	dns_put16(p, 1);
	dns_put16(p, answers);
	dns_put16(p, 0);
	dns_put16(p, 0);
	dns_put_name(p, name);
	dns_put16(p, type);
	dns_put16(p, 1);
}

static inline void
dns_put_record(struct buf *p, const char *owner, unsigned type, unsigned ttl,
    struct span data)
{
	dns_put_name(p, owner);
	dns_put16(p, type);
	dns_put16(p, 1);
	dns_put16(p, ttl >> 16);
	dns_put16(p, ttl & 0xffff);
	dns_put16(p, (unsigned)data.n);
	buf_add_span(p, data);
}

/* A record whose data is a name, behind a preference where it is an MX. */
static inline void
dns_put_named(struct buf *p, const char *owner, unsigned type, unsigned ttl,
    unsigned preference, const char *name)
{
	struct buf data = BUF_EMPTY;

	if (type == 15)
		dns_put16(&data, preference);
	dns_put_name(&data, name);
	dns_put_record(p, owner, type, ttl, buf_span(&data));
	buf_free(&data);
}

#endif
