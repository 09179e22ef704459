/*
 * address.c - paths of envelopes: RFC 5321, 4.1.2, and RFC 6531, 3.3
 *
 * The grammar is taken to the letter: what passes here goes into logs, queue
 * files, commands and headers, and must mean the same to every host on the
 * way. The lists of header fields are in address_list.c.
 */

#include "message/address.h"

#include <arpa/inet.h>

#include "base/buf.h"
#include "base/utf8.h"

enum { ROUTE_MAX = 512, LABEL_MAX = 63 };

const char *
address_result_text(enum address_result r)
{
	switch (r) {
	case ADDRESS_OK:
		return "good address";
	case ADDRESS_NULL:
		return "null address";
	case ADDRESS_SYNTAX:
		return "bad address syntax";
	case ADDRESS_NO_DOMAIN:
		return "address without domain";
	case ADDRESS_BAD_DOMAIN:
		return "bad domain in address";
	case ADDRESS_TOO_LONG:
		return "address too long";
	case ADDRESS_NOT_ASCII:
		return "address needs SMTPUTF8";
	}
	return "bad address";
}

/* RFC 5322, 3.2.3; above ASCII as RFC 6531 extends it. */
static bool
is_atext(int c)
{
	return ascii_alnum(c) || c >= 0x80 ||
	    span_find(SPAN("!#$%&'*+-/=?^_`{|}~"), (char)c) < 19;
}

/* Characters that look like dots to IDNA, and the controls of C1, have no
 * place in a domain. */
static bool
wide_allowed(uint32_t c)
{
	return c >= 0xa1 && c != 0x3002 && c != 0xff0e && c != 0xff61;
}

static bool
label_valid(struct span label, unsigned flags)
{
	bool wide = false;

	if (label.n == 0 || label.p[0] == '-' || label.p[label.n - 1] == '-')
		return false;
	for (size_t i = 0; i < label.n;) {
		uint32_t c;
		size_t n = utf8_next(span_skip(label, i), &c);

		if (n == 0)
			return false;
		i += n;
		if (n > 1) {
			wide = true;
			if ((flags & ADDRESS_UTF8) == 0 || !wide_allowed(c))
				return false;
		} else if (!ascii_alnum((int)c) && c != '-' &&
		    !(c == '_' && (flags & ADDRESS_LOOSE) != 0)) {
			return false;
		}
	}
	/* the limit is one of the label's ASCII form, which is not known */
	return wide || label.n <= LABEL_MAX;
}

bool
address_domain_valid(struct span domain, unsigned flags)
{
	struct span label;

	if (domain.n == 0 || domain.n > ADDRESS_DOMAIN_MAX)
		return false;
	while (span_cut(&domain, '.', &label))
		if (!label_valid(label, flags))
			return false;
	return true;
}

/* "::" must stand for two groups at least (RFC 5321, 4.1.3). */
static bool
ipv6_groups_fine(const char *text)
{
	struct span rest = span_str(text), group;
	size_t groups = 0;

	if (span_search(rest, SPAN("::")) == rest.n)
		return true;
	while (span_cut(&rest, ':', &group))
		if (group.n > 0)
			groups += span_find(group, '.') < group.n ? 2 : 1;
	return groups <= 6;
}

bool
address_literal_valid(struct span literal)
{
	unsigned char binary[16];
	char text[INET6_ADDRSTRLEN];
	struct span inside;
	bool six;

	if (literal.n < 2 || literal.p[0] != '[' ||
	    literal.p[literal.n - 1] != ']')
		return false;
	inside = span_of(literal.p + 1, literal.n - 2);
	six = span_istarts(inside, "IPv6:");
	if (six)
		inside = span_skip(inside, 5);
	if (inside.n >= sizeof(text) || span_has_break(inside))
		return false;
	memcpy(text, inside.p, inside.n);
	text[inside.n] = '\0';
	if (inet_pton(six ? AF_INET6 : AF_INET, text, binary) != 1)
		return false;
	return !six || ipv6_groups_fine(text);
}

/* Length of the quoted string at the front of s, 0 when it is ill-formed:
 * printable ASCII and what is above it, but escaped only ASCII (RFC 5321,
 * 4.1.2). */
static size_t
quoted_length(struct span s)
{
	for (size_t i = 1; i < s.n; i++) {
		int c = span_at(s, i);

		if (c == '"')
			return i + 1;
		if (c == '\\') {
			c = span_at(s, ++i);
			if (c > '~')
				return 0;
		}
		if (c < ' ' || c == 127)
			return 0;
	}
	return 0;
}

/* A dot-string; with ADDRESS_LOOSE dots may stand anywhere. */
static size_t
dot_string_length(struct span s, unsigned flags)
{
	bool loose = (flags & ADDRESS_LOOSE) != 0;
	size_t i = 0;

	while (i < s.n && (is_atext(span_at(s, i)) || s.p[i] == '.')) {
		bool dot = s.p[i] == '.';

		if (dot && !loose && (i == 0 || s.p[i - 1] == '.'))
			return 0;
		i++;
	}
	return i > 0 && s.p[i - 1] == '.' && !loose ? 0 : i;
}

/* Take the obsolete source route and its colon off *rest. */
static bool
take_route(struct span *rest, struct span *route)
{
	size_t end = span_find(*rest, ':');
	struct span names, name;

	/* a literal in a route has colons of its own; nobody sends that */
	if (end == rest->n || end > ROUTE_MAX)
		return false;
	names = *route = span_head(*rest, end);
	while (span_cut(&names, ',', &name))
		if (span_at(name, 0) != '@' ||
		    !address_domain_valid(span_skip(name, 1), ADDRESS_UTF8))
			return false;
	*rest = span_skip(*rest, end + 1);
	return true;
}

static bool
non_ascii(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (span_at(s, i) >= 0x80)
			return true;
	return false;
}

static enum address_result
take_domain(struct span domain, unsigned flags, struct address_path *out)
{
	if (domain.n > ADDRESS_DOMAIN_MAX)
		return ADDRESS_TOO_LONG;
	out->domain = domain;
	out->literal = span_at(domain, 0) == '[';
	if (out->literal)
		return address_literal_valid(domain) ? ADDRESS_OK
						     : ADDRESS_BAD_DOMAIN;
	return address_domain_valid(domain, flags) ? ADDRESS_OK
						   : ADDRESS_BAD_DOMAIN;
}

enum address_result
address_parse_path(struct span inside, unsigned flags, struct address_path *out)
{
	struct address_path got = { 0 };
	struct span rest = inside;
	enum address_result r = ADDRESS_OK;
	size_t n;

	*out = got;
	if (inside.n == 0)
		return ADDRESS_NULL;
	if (inside.n > ROUTE_MAX + ADDRESS_PATH_MAX)
		return ADDRESS_TOO_LONG;
	got.utf8 = non_ascii(inside);
	if (got.utf8 && (flags & ADDRESS_UTF8) == 0)
		return ADDRESS_NOT_ASCII;
	if (!utf8_valid(inside))
		return ADDRESS_SYNTAX;
	if (rest.p[0] == '@' && !take_route(&rest, &got.route))
		return ADDRESS_SYNTAX;
	got.quoted = span_at(rest, 0) == '"';
	n = got.quoted ? quoted_length(rest) : dot_string_length(rest, flags);
	if (n == 0 || (n < rest.n && rest.p[n] != '@'))
		return ADDRESS_SYNTAX;
	got.local = span_head(rest, n);
	if (n < rest.n)
		r = take_domain(span_skip(rest, n + 1), flags, &got);
	else if ((flags & ADDRESS_BARE) == 0)
		r = ADDRESS_NO_DOMAIN;
	if (r == ADDRESS_OK &&
	    (rest.n > ADDRESS_PATH_MAX ||
		(n > ADDRESS_LOCAL_MAX && (flags & ADDRESS_LONG_LOCAL) == 0)))
		r = ADDRESS_TOO_LONG;
	if (r == ADDRESS_OK)
		*out = got;
	return r;
}

/* Length of what looks like a quoted string at the front, or 0. */
static size_t
quoted_span(struct span s)
{
	if (span_at(s, 0) != '"')
		return 0;
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"')
			return i + 1;
		if (s.p[i] == '\\')
			i++;
	}
	return 0;
}

bool
address_split(struct span address, struct span *local, struct span *domain)
{
	size_t quoted = quoted_span(address), at;

	at = quoted + span_rfind(span_skip(address, quoted), '@');
	*local = span_head(address, at);
	*domain = span_skip(address, at + 1);
	return at < address.n;
}

void
address_unquote(struct buf *out, struct span local)
{
	if (local.n < 2 || quoted_span(local) != local.n) {
		buf_add_span(out, local);
		return;
	}
	local = span_of(local.p + 1, local.n - 2);
	for (size_t i = 0; i < local.n; i++) {
		if (local.p[i] == '\\')
			i++;
		buf_add_byte(out, local.p[i]);
	}
}

void
address_quote(struct buf *out, struct span local)
{
	if (local.n > 0 && dot_string_length(local, 0) == local.n) {
		buf_add_span(out, local);
		return;
	}
	buf_add_byte(out, '"');
	for (size_t i = 0; i < local.n; i++) {
		char c = local.p[i];

		if (c == '\0' || c == '\r' || c == '\n')
			continue;
		if (c == '"' || c == '\\')
			buf_add_byte(out, '\\');
		buf_add_byte(out, c);
	}
	buf_add_byte(out, '"');
}

void
address_normalise(struct buf *out, struct span address, bool lower_domain)
{
	struct span local, domain;
	struct buf plain = BUF_EMPTY;
	bool has_domain = address_split(address, &local, &domain);

	address_unquote(&plain, local);
	if (address.n > 0)
		address_quote(out, buf_span(&plain));
	buf_free(&plain);
	if (!has_domain)
		return;
	buf_add_byte(out, '@');
	for (size_t i = 0; i < domain.n; i++) {
		int c = span_at(domain, i);

		buf_add_byte(out, (char)(lower_domain ? ascii_lower(c) : c));
	}
}

static bool
never_split(struct span local, struct span delimiters)
{
	if (span_iis(local, "postmaster") || span_iis(local, "mailer-daemon") ||
	    span_iis(local, "double-bounce"))
		return true;
	if (span_find(delimiters, '-') == delimiters.n)
		return false;
	return span_istarts(local, "owner-") ||
	    (local.n > 8 && span_iends(local, "-request"));
}

bool
address_extension(struct span local, const char *delimiters, struct span *user,
    struct span *extension)
{
	size_t at = span_find_any(local, delimiters);

	*user = local;
	*extension = SPAN("");
	if (at == 0 || at == local.n ||
	    never_split(local, span_str(delimiters)))
		return false;
	*user = span_head(local, at);
	*extension = span_skip(local, at + 1);
	return true;
}
