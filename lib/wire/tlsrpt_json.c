/*
 * tlsrpt_json.c - a day's report to a domain, and who wants it
 *
 * RFC 8460: the record 3, the report 4.4.
 */

#include "wire/tlsrpt.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/number.h"
#include "wire/tlsrpt_inside.h"

enum { ADDRESS_MAX_OCTETS = 254 };

static void
member(struct buf *out, const char *name, struct span value)
{
	json_string(out, span_str(name));
	buf_add_byte(out, ':');
	json_string(out, value);
}

/* A list of strings, of lines. */
static void
lines(struct buf *out, const char *name, struct span text)
{
	struct span line;
	bool first = true;

	buf_add_byte(out, ',');
	json_string(out, span_str(name));
	buf_add_str(out, ":[");
	while (span_line(&text, &line)) {
		if (!first)
			buf_add_byte(out, ',');
		json_string(out, line);
		first = false;
	}
	buf_add_byte(out, ']');
}

static void
optional(struct buf *out, const char *name, struct span value)
{
	if (value.n == 0)
		return;
	buf_add_byte(out, ',');
	member(out, name, value);
}

static void
details(struct buf *out, const struct tlsrpt_row *r)
{
	buf_add_str(out, ",\"failure-details\":[");
	LIST_EACH(l, &r->details)
	{
		const struct tlsrpt_detail *d =
		    LIST_OF(l, struct tlsrpt_detail, in);

		buf_add_str(out, l->prev == &r->details ? "{" : ",{");
		member(out, "result-type",
		    span_str(tlsrpt_result_name(d->result)));
		optional(out, "sending-mta-ip", d->local);
		optional(out, "receiving-mx-hostname", d->host);
		optional(out, "receiving-ip", d->address);
		buf_printf(out, ",\"failed-session-count\":%llu",
		    (unsigned long long)d->count);
		optional(out, "additional-information", d->text);
		buf_add_byte(out, '}');
	}
	buf_add_byte(out, ']');
}

static void
policy(struct buf *out, const struct tlsrpt_row *r)
{
	buf_add_str(out, "{\"policy\":{");
	member(out, "policy-type", span_str(tlsrpt_type_name(r->type)));
	if (r->policy.n > 0)
		lines(out, "policy-string", r->policy);
	optional(out, "policy-domain", r->domain);
	if (r->patterns.n > 0)
		lines(out, "mx-host", r->patterns);
	buf_printf(out,
	    "},\"summary\":{\"total-successful-session-count\":%llu,"
	    "\"total-failure-session-count\":%llu}",
	    (unsigned long long)r->successes, (unsigned long long)r->failures);
	if (r->detail_count > 0)
		details(out, r);
	buf_add_byte(out, '}');
}

void
tlsrpt_json(const struct tlsrpt *t, struct span day, struct span domain,
    const struct tlsrpt_about *about, struct buf *out)
{
	bool first = true;

	buf_add_byte(out, '{');
	member(out, "organization-name", about->organization);
	buf_printf(out,
	    ",\"date-range\":{\"start-datetime\":\"%.*sT00:00:00Z\","
	    "\"end-datetime\":\"%.*sT23:59:59Z\"}",
	    (int)day.n, day.p, (int)day.n, day.p);
	optional(out, "contact-info", about->contact);
	optional(out, "report-id", about->id);
	buf_add_str(out, ",\"policies\":[");
	for (struct list *l = t->rows.prev; l != &t->rows; l = l->prev) {
		const struct tlsrpt_row *r = LIST_OF(l, struct tlsrpt_row, in);

		if (!span_ieq(r->domain, domain) ||
		    !span_eq(span_of(r->day, TLSRPT_DAY), day))
			continue;
		if (!first)
			buf_add_byte(out, ',');
		policy(out, r);
		first = false;
	}
	buf_add_str(out, "]}\n");
}

/* "v=TLSRPTv1; rua=mailto:a@b,https://c" */
bool
tlsrpt_record_parse(struct span text, struct span *rua)
{
	struct span field;
	bool first = true;

	*rua = SPAN("");
	while (span_cut(&text, ';', &field)) {
		field = span_trim(field);
		if (first && !span_is(field, "v=TLSRPTv1"))
			return false;
		if (!first && rua->n == 0 && span_starts(field, "rua="))
			*rua = span_trim(span_skip(field, 4));
		first = false;
	}
	for (size_t i = 0; i < rua->n; i++)
		if (span_at(*rua, i) < ' ' || span_at(*rua, i) >= 127)
			return false;
	return rua->n > 0 && rua->n <= TLSRPT_RUA_MAX;
}

/* No quotes and no escapes: what is no plain address is passed over. */
static bool
address_fit(struct span s)
{
	size_t at = span_find(s, '@');

	if (at == 0 || at + 1 >= s.n || s.n > ADDRESS_MAX_OCTETS ||
	    s.p[0] == '-')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(span_at(s, i)) &&
		    span_find(SPAN("@.-_+="), s.p[i]) == 6)
			return false;
	return span_find(span_skip(s, at + 1), '@') == s.n - at - 1;
}

static bool
mailto_parse(struct span text, struct tlsrpt_uri *uri)
{
	uri->https = false;
	uri->address = span_head(text, span_find_any(text, "?!"));
	return address_fit(uri->address);
}

/* Letters, digits, hyphens and dots: names and IPv4 addresses. */
static bool
host_fit(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_alnum(span_at(s, i)) && s.p[i] != '-' &&
		    s.p[i] != '.')
			return false;
	return s.n > 0 && s.n <= 253;
}

/* What can stand in a line of HTTP; no fragment (RFC 3986, 3.3 and 3.4). */
static bool
target_fit(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (span_at(s, i) <= ' ' || span_at(s, i) >= 127 ||
		    s.p[i] == '#')
			return false;
	return true;
}

/* No user, no IPv6 address. */
static bool
https_parse(struct span text, struct tlsrpt_uri *uri)
{
	size_t end = span_find_any(text, "/?#");
	struct span authority = span_head(text, end), port;
	size_t colon = span_find(authority, ':');
	uint64_t n = 0;

	uri->https = true;
	uri->host = span_head(authority, colon);
	port = span_skip(authority, colon + 1);
	uri->target = span_skip(text, end);
	if (uri->target.n == 0)
		uri->target = SPAN("/");
	if (colon < authority.n && !number_parse(port, 1, UINT16_MAX, &n))
		return false;
	uri->port = (unsigned)n;
	return host_fit(uri->host) && target_fit(uri->target) &&
	    uri->target.p[0] == '/';
}

bool
tlsrpt_uri_next(struct span *rest, struct tlsrpt_uri *uri)
{
	struct span text;

	while (span_cut(rest, ',', &text)) {
		text = span_trim(text);
		*uri = (struct tlsrpt_uri){ .https = false };
		if (span_istarts(text, "mailto:") &&
		    mailto_parse(span_skip(text, 7), uri))
			return true;
		if (span_istarts(text, "https://") &&
		    https_parse(span_skip(text, 8), uri))
			return true;
	}
	return false;
}
