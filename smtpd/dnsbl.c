/*
 * dnsbl.c - lists in the DNS: filters, weights, names to ask for
 */

#include "smtpd/dnsbl.h"

#include <string.h>

#include "base/buf.h"
#include "base/number.h"
#include "base/why.h"
#include "dns/name.h"
#include "message/idn.h"

enum { WEIGHT_MAX = 1000 };

static void
want(struct dnsbl *l, unsigned octet, unsigned from, unsigned to)
{
	for (unsigned v = from; v <= to; v++)
		l->wanted[octet][v / 8] |= (unsigned char)(1U << v % 8);
}

/* "7" or "2..11" */
static bool
range_take(struct dnsbl *l, unsigned octet, struct span text)
{
	uint64_t from, to;
	size_t dots;

	text = span_trim(text);
	dots = span_search(text, SPAN(".."));
	if (!number_parse(span_trim(span_head(text, dots)), 0, 255, &from))
		return false;
	to = from;
	if (dots < text.n &&
	    !number_parse(span_trim(span_skip(text, dots + 2)), from, 255, &to))
		return false;
	want(l, octet, (unsigned)from, (unsigned)to);
	return true;
}

/* One octet of the filter off the front of *rest. */
static bool
octet_take(struct dnsbl *l, unsigned octet, struct span *rest)
{
	struct span inside, part;
	size_t end;

	if (!span_starts(*rest, "[")) {
		end = span_find(*rest, '.');
		part = span_head(*rest, end);
		*rest = span_skip(*rest, end);
		return range_take(l, octet, part);
	}
	end = span_find(*rest, ']');
	if (end == rest->n)
		return false;
	inside = span_skip(span_head(*rest, end), 1);
	*rest = span_skip(*rest, end + 1);
	while (span_cut(&inside, ';', &part))
		if (!range_take(l, octet, part))
			return false;
	return true;
}

static bool
filter_take(struct dnsbl *l, struct span text)
{
	for (unsigned octet = 0; octet < 4; octet++) {
		if (octet > 0 && !span_starts(text, "."))
			return false;
		text = span_skip(text, octet > 0 ? 1 : 0);
		if (!octet_take(l, octet, &text))
			return false;
	}
	l->filtered = true;
	return text.n == 0;
}

static bool
weight_take(struct dnsbl *l, struct span text)
{
	int64_t weight;

	if (!number_parse_signed(text, -WEIGHT_MAX, WEIGHT_MAX, &weight) ||
	    weight == 0)
		return false;
	l->weight = (int)weight;
	return true;
}

static bool
wrong(struct why *why, struct span text, const char *what)
{
	why_set(why, "4.3.5", "\"%.*s\": %s", (int)text.n, text.p, what);
	return false;
}

bool
dnsbl_parse(struct span text, bool weighted, struct dnsbl *out, struct why *why)
{
	size_t star = weighted ? span_rfind(text, '*') : text.n, equal;

	memset(out, 0, sizeof(*out));
	out->weight = 1;
	if (star < text.n && !weight_take(out, span_skip(text, star + 1)))
		return wrong(why, text, "a weight is a number other than 0");
	out->name = span_head(text, star);
	equal = span_find(out->name, '=');
	out->domain = span_head(out->name, equal);
	if (!dns_name_is_host(out->domain))
		return wrong(why, text, "no domain of a DNS list");
	if (equal < out->name.n &&
	    !filter_take(out, span_skip(out->name, equal + 1)))
		return wrong(why, text,
		    "an address pattern is d.d.d.d, each a number or "
		    "[number..number;number]");
	return true;
}

bool
dnsbl_counts(const struct dnsbl *l, struct span address)
{
	if (address.n != 4)
		return false;
	for (unsigned i = 0; l->filtered && i < 4; i++) {
		unsigned v = (unsigned)span_at(address, i);

		if ((l->wanted[i][v / 8] & (1U << v % 8)) == 0)
			return false;
	}
	return true;
}

static bool
domain_put(struct buf *out, const struct dnsbl *l, size_t from)
{
	buf_add_span(out, l->domain);
	return out->n - from <= DNS_NAME_MAX;
}

bool
dnsbl_address_put(struct buf *out, const struct dnsbl *l, struct span address)
{
	size_t from = out->n;

	if (address.n != 4 && address.n != 16)
		return false;
	for (size_t i = address.n; i > 0; i--) {
		unsigned v = (unsigned)span_at(address, i - 1);

		if (address.n == 4)
			buf_printf(out, "%u.", v);
		else
			buf_printf(out, "%x.%x.", v & 15U, v >> 4);
	}
	return domain_put(out, l, from);
}

bool
dnsbl_name_put(struct buf *out, const struct dnsbl *l, struct span name)
{
	size_t from = out->n;

	if (span_ends(name, "."))
		name = span_head(name, name.n - 1);
	if (!idn_to_ascii(out, name))
		return false;
	name = span_skip(buf_span(out), from);
	if (!dns_name_is_host(name) || span_find(name, '.') == name.n) {
		buf_cut(out, from);
		return false;
	}
	buf_add_byte(out, '.');
	return domain_put(out, l, from);
}
