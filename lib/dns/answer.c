/*
 * answer.c - what the DNS says about a name, as typed records
 *
 * First every record of the answer section becomes a row, then the CNAMEs are
 * followed from the name in the question, then the rows of the last name are
 * read as their type has it. See RFC 1035, 4.1.
 */

#include "dns/answer.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "dns/name.h"

enum {
	HEADER = 12,
	ROWS_MAX = 500, /* records looked at in one packet */
	CLASS_IN = 1,
	RCODE_NXDOMAIN = 3
};

/* One record of the answer section. */
struct row {
	struct span owner;
	unsigned type;
	uint32_t ttl;
	size_t at, n; /* of its data, in the packet */
};

struct reading {
	struct span packet;
	size_t at;
	struct arena *arena;
	struct row *rows;
	size_t row_count;
	unsigned dropped;
	struct buf text;
};

static const struct {
	enum dns_type type;
	const char *name;
} types[] = { { DNS_A, "A" }, { DNS_NS, "NS" }, { DNS_CNAME, "CNAME" },
	{ DNS_PTR, "PTR" }, { DNS_MX, "MX" }, { DNS_TXT, "TXT" },
	{ DNS_AAAA, "AAAA" }, { DNS_TLSA, "TLSA" } };

static int
by_preference(const void *a, const void *b)
{
	const struct dns_record *x = a, *y = b;

	return (x->preference > y->preference) -
	    (x->preference < y->preference);
}

void
dns_records_sort(struct dns_record *records, size_t n)
{
	if (n > 1)
		qsort(records, n, sizeof(*records), by_preference);
}

const char *
dns_type_name(enum dns_type type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (types[i].type == type)
			return types[i].name;
	return "unknown";
}

bool
dns_type_known(unsigned type)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if ((unsigned)types[i].type == type)
			return true;
	return false;
}

bool
dns_record_fit(enum dns_type type, const struct dns_record *r)
{
	if (type != DNS_MX && r->preference != 0)
		return false;
	switch (type) {
	case DNS_A:
		return r->data.n == 4;
	case DNS_AAAA:
		return r->data.n == 16;
	case DNS_MX:
		if (r->preference > UINT16_MAX)
			return false;
		return r->data.n == 0 || dns_name_is_host(r->data);
	case DNS_NS:
	case DNS_PTR:
	case DNS_CNAME:
		return dns_name_is_host(r->data);
	case DNS_TXT:
		return r->data.n <= DNS_TXT_MAX;
	case DNS_TLSA:
		return r->data.n > 3 && r->data.n <= DNS_TLSA_MAX;
	}
	return false;
}

static void
print_address(struct buf *out, int family, struct span data)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (data.n == (family == AF_INET ? 4 : 16) &&
	    inet_ntop(family, data.p, text, sizeof(text)) != NULL)
		buf_add_str(out, text);
}

static void
print_name(struct buf *out, struct span name)
{
	buf_add_span(out, name);
	buf_add_byte(out, '.');
}

static void
print_tlsa(struct buf *out, struct span data)
{
	buf_printf(out, "%u %u %u ", (unsigned)span_at(data, 0),
	    (unsigned)span_at(data, 1), (unsigned)span_at(data, 2));
	for (size_t i = 3; i < data.n; i++)
		buf_printf(out, "%02X", (unsigned)span_at(data, i));
}

void
dns_record_print(struct buf *out, struct span owner, uint32_t ttl,
    enum dns_type type, const struct dns_record *r)
{
	print_name(out, owner);
	buf_printf(out, " %lu IN %s ", (unsigned long)ttl, dns_type_name(type));
	switch (type) {
	case DNS_A:
		print_address(out, AF_INET, r->data);
		break;
	case DNS_AAAA:
		print_address(out, AF_INET6, r->data);
		break;
	case DNS_MX:
		buf_printf(out, "%u ", r->preference);
		print_name(out, r->data);
		break;
	case DNS_NS:
	case DNS_PTR:
	case DNS_CNAME:
		print_name(out, r->data);
		break;
	case DNS_TXT:
		for (size_t i = 0; i < r->data.n; i++)
			buf_add_byte(out,
			    ascii_control((unsigned char)r->data.p[i])
				? '?'
				: r->data.p[i]);
		break;
	case DNS_TLSA:
		print_tlsa(out, r->data);
		break;
	}
}

static unsigned
u16_at(struct span s, size_t at)
{
	return (unsigned)span_at(s, at) << 8 | (unsigned)span_at(s, at + 1);
}

/* A name of the packet, kept in the arena; empty when it is odd. */
static bool
name_take(struct reading *r, size_t *at, struct span *name)
{
	buf_clear(&r->text);
	if (dns_name_read(r->packet, at, &r->text) == DNS_NAME_BAD)
		return false;
	*name = arena_span(r->arena, buf_span(&r->text));
	return true;
}

/* Type, class, TTL and length stand behind the owner's name. */
static bool
row_take(struct reading *r, struct row *row, bool *wanted)
{
	size_t at;
	unsigned class;
	uint32_t ttl;

	if (!name_take(r, &r->at, &row->owner) || r->packet.n - r->at < 10)
		return false;
	at = r->at;
	row->type = u16_at(r->packet, at);
	class = u16_at(r->packet, at + 2);
	ttl = (uint32_t)u16_at(r->packet, at + 4) << 16 |
	    u16_at(r->packet, at + 6);
	/* the top bit set counts as 0 (RFC 2181, 8) */
	row->ttl = ttl > INT32_MAX ? 0 : ttl;
	row->n = u16_at(r->packet, at + 8);
	row->at = at + 10;
	if (row->n > r->packet.n - row->at)
		return false;
	r->at = row->at + row->n;
	*wanted = class == CLASS_IN && dns_type_known(row->type);
	return true;
}

static bool
rows_take(struct reading *r, unsigned count)
{
	if (count > ROWS_MAX) {
		r->dropped += count - ROWS_MAX;
		count = ROWS_MAX;
	}
	r->rows = arena_array(r->arena, count, sizeof(*r->rows));
	for (unsigned i = 0; i < count; i++) {
		bool wanted;

		if (!row_take(r, &r->rows[r->row_count], &wanted))
			return false;
		if (wanted)
			r->row_count++;
	}
	return true;
}

/* Strings with a length octet each, joined (RFC 7208, 3.3). */
static bool
text_read(struct reading *r, const struct row *row, struct dns_record *out)
{
	struct span rest = span_head(span_skip(r->packet, row->at), row->n);

	buf_clear(&r->text);
	while (rest.n > 0) {
		size_t n = (size_t)span_at(rest, 0);

		if (n > rest.n - 1)
			return false;
		buf_add_span(&r->text, span_head(span_skip(rest, 1), n));
		rest = span_skip(rest, n + 1);
	}
	out->data = arena_span(r->arena, buf_span(&r->text));
	return true;
}

static bool
name_read(struct reading *r, const struct row *row, size_t skip,
    struct dns_record *out)
{
	size_t at = row->at + skip;
	bool root;

	if (row->n <= skip)
		return false;
	root = span_at(r->packet, at) == 0;
	return name_take(r, &at, &out->data) && at == row->at + row->n &&
	    (root || out->data.n > 0);
}

static bool
record_read(struct reading *r, const struct row *row, struct dns_record *out)
{
	struct span raw = span_head(span_skip(r->packet, row->at), row->n);

	switch ((enum dns_type)row->type) {
	case DNS_MX:
		if (raw.n < 2)
			return false;
		out->preference = u16_at(raw, 0);
		return name_read(r, row, 2, out);
	case DNS_NS:
	case DNS_PTR:
	case DNS_CNAME:
		return name_read(r, row, 0, out);
	case DNS_TXT:
		return text_read(r, row, out);
	case DNS_A:
	case DNS_AAAA:
	case DNS_TLSA:
		out->data = arena_span(r->arena, raw);
		return true;
	}
	return false;
}

static void
ttl_lower(struct dns_answer *out, uint32_t ttl)
{
	if (ttl < out->ttl)
		out->ttl = ttl;
}

/* Where the alias leads, or NULL when name is none. */
static const struct row *
alias_of(const struct reading *r, struct span name)
{
	for (size_t i = 0; i < r->row_count; i++)
		if (r->rows[i].type == DNS_CNAME &&
		    span_eq(r->rows[i].owner, name))
			return &r->rows[i];
	return NULL;
}

/* An alias to an odd name leads nowhere, and a longer chain ends where it is:
 * both count as an unfit record. */
static void
chain_follow(struct reading *r, struct dns_answer *out)
{
	const struct row *row = alias_of(r, out->name);

	for (int i = 0; row != NULL && i < DNS_CHAIN_MAX; i++) {
		size_t at = row->at;
		struct span to;

		if (!name_take(r, &at, &to) || to.n == 0)
			break;
		out->name = to;
		ttl_lower(out, row->ttl);
		row = alias_of(r, to);
	}
	if (row != NULL)
		out->dropped++;
}

static void
records_collect(struct reading *r, enum dns_type type, struct dns_answer *out)
{
	struct dns_record *records =
	    arena_array(r->arena, DNS_RECORDS_MAX, sizeof(*records));

	out->records = records;
	for (size_t i = 0; i < r->row_count; i++) {
		const struct row *row = &r->rows[i];
		struct dns_record one = { 0 };

		if (row->type != (unsigned)type ||
		    !span_eq(row->owner, out->name))
			continue;
		if (out->count == DNS_RECORDS_MAX ||
		    !record_read(r, row, &one) || !dns_record_fit(type, &one)) {
			out->dropped++;
			continue;
		}
		records[out->count++] = one;
		ttl_lower(out, row->ttl);
	}
}

static enum dns_result
result_of(const struct dns_answer *out, unsigned rcode)
{
	if (out->count > 0)
		return DNS_FOUND;
	if (out->dropped > 0)
		return DNS_TROUBLE;
	if (rcode == RCODE_NXDOMAIN)
		return DNS_NXDOMAIN;
	return rcode == 0 ? DNS_NODATA : DNS_TROUBLE;
}

static bool
packet_read(struct reading *r, enum dns_type type, struct dns_answer *out)
{
	struct span p = r->packet;

	/* one question, echoed */
	if (p.n < HEADER || u16_at(p, 4) != 1)
		return false;
	r->at = HEADER;
	if (!name_take(r, &r->at, &out->name) || p.n - r->at < 4)
		return false;
	r->at += 4;
	if (!rows_take(r, u16_at(p, 6)))
		return false;
	if (type != DNS_CNAME)
		chain_follow(r, out);
	records_collect(r, type, out);
	out->dropped += r->dropped;
	out->result = result_of(out, u16_at(p, 2) & 15);
	return true;
}

void
dns_answer_parse(struct span packet, enum dns_type type, struct arena *a,
    struct dns_answer *out)
{
	struct reading r = { .packet = packet, .arena = a };

	*out = (struct dns_answer){ .ttl = DNS_TTL_MAX };
	if (!packet_read(&r, type, out)) {
		out->result = DNS_TROUBLE;
		out->count = 0;
	}
	if (out->result != DNS_FOUND) {
		out->ttl = 0;
		out->name = SPAN("");
	}
	buf_free(&r.text);
}
