/*
 * spf_macro.c - macros of SPF (RFC 7208, 7)
 */

#include <string.h>

#include "base/buf.h"
#include "base/number.h"
#include "dns/name.h"
#include "mauth/spf_record.h"

enum { PARTS_MAX = 128 };

/* %{letter digits r delimiters} */
struct macro {
	char letter;
	bool reverse, escape;
	unsigned keep; /* parts; 0: all */
	struct span delimiters;
};

/* The macro at the front of text, behind "%{": its length up to and with the
 * '}', or 0. */
static size_t
macro_read(struct span text, struct macro *m)
{
	size_t end = span_find(text, '}'), at = 1;
	int letter = ascii_lower(span_at(text, 0));
	uint64_t keep;

	if (end == text.n || end == 0 || letter <= 0 ||
	    strchr("slodiphvcrt", letter) == NULL)
		return 0;
	*m = (struct macro){ .letter = (char)letter,
		.escape = text.p[0] != (char)letter };
	text = span_head(text, end);
	while (ascii_digit(span_at(text, at)))
		at++;
	if (at > 1) {
		if (!number_parse(span_head(span_skip(text, 1), at - 1), 1,
			UINT32_MAX, &keep))
			return 0;
		m->keep = keep > PARTS_MAX ? PARTS_MAX : (unsigned)keep;
	}
	if (ascii_lower(span_at(text, at)) == 'r') {
		m->reverse = true;
		at++;
	}
	m->delimiters = span_skip(text, at);
	for (size_t i = 0; i < m->delimiters.n; i++)
		if (strchr(".-+,/_=", m->delimiters.p[i]) == NULL ||
		    m->delimiters.p[i] == '\0')
			return 0;
	return end + 1;
}

bool
spf_macro_valid(struct span text, bool explain)
{
	while (text.n > 0) {
		int c = span_at(text, 0), next = span_at(text, 1);
		struct macro m;
		size_t n;

		if (c < (explain ? 0x20 : 0x21) || c > 0x7e)
			return false;
		if (c != '%') {
			text = span_skip(text, 1);
			continue;
		}
		text = span_skip(text, 2);
		if (next == '%' || next == '_' || next == '-')
			continue;
		n = next == '{' ? macro_read(text, &m) : 0;
		if (n == 0 || (!explain && strchr("crt", m.letter) != NULL))
			return false;
		text = span_skip(text, n);
	}
	return true;
}

bool
spf_macro_needs_client(struct span text)
{
	return span_search(text, SPAN("%{p")) < text.n ||
	    span_search(text, SPAN("%{P")) < text.n;
}

/* %{i}: IPv6 as nibbles with dots between. */
static void
address_put(const struct address *a, bool readable, struct buf *out)
{
	struct span bytes = address_bytes(a);

	if (bytes.n != 16 || readable) {
		address_print(out, a);
		return;
	}
	for (size_t i = 0; i < 16; i++)
		buf_printf(out, "%s%x.%x", i == 0 ? "" : ".",
		    (unsigned)(span_at(bytes, i) >> 4),
		    (unsigned)(span_at(bytes, i) & 15));
}

static void
value_put(char letter, const struct spf_facts *f, struct buf *out)
{
	switch (letter) {
	case 's':
		buf_add_span(out, f->sender_local);
		buf_add_byte(out, '@');
		buf_add_span(out, f->sender_domain);
		break;
	case 'l':
		buf_add_span(out, f->sender_local);
		break;
	case 'o':
		buf_add_span(out, f->sender_domain);
		break;
	case 'd':
		buf_add_span(out, f->domain);
		break;
	case 'i':
	case 'c':
		address_put(&f->ip, letter == 'c', out);
		break;
	case 'p':
		buf_add_span(out, f->client);
		break;
	case 'v':
		buf_add_str(
		    out, address_bytes(&f->ip).n == 16 ? "ip6" : "in-addr");
		break;
	case 'h':
		buf_add_span(out, f->helo);
		break;
	case 'r':
		buf_add_span(out, f->receiver);
		break;
	default: /* 't' */
		buf_printf(out, "%lld", (long long)f->now);
		break;
	}
}

/* Cut at the delimiters, turn, keep the right ones, join with dots. */
static void
transform(const struct macro *m, struct span value, struct buf *out)
{
	struct span parts[PARTS_MAX], delimiters = m->delimiters;
	size_t n = 0, first = 0;

	if (delimiters.n == 0)
		delimiters = SPAN(".");
	for (;;) {
		size_t end = 0;

		while (end < value.n &&
		    span_find(delimiters, value.p[end]) == delimiters.n)
			end++;
		if (n == PARTS_MAX) { /* the left ones are lost first */
			memmove(parts, parts + 1, --n * sizeof(parts[0]));
		}
		parts[n++] = span_head(value, end);
		if (end == value.n)
			break;
		value = span_skip(value, end + 1);
	}
	if (m->keep > 0 && m->keep < n)
		first = n - m->keep;
	for (size_t i = first; i < n; i++) {
		/* turned, the right ones are those that stood left */
		size_t at = m->reverse ? n - 1 - i : i;

		if (i > first)
			buf_add_byte(out, '.');
		buf_add_span(out, parts[at]);
	}
}

static void
escaped_put(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		int c = span_at(text, i);

		if (ascii_alnum(c) || (c != 0 && strchr("-._~", c) != NULL))
			buf_add_byte(out, (char)c);
		else
			buf_printf(out, "%%%02X", (unsigned)c);
	}
}

static void
macro_put(const struct macro *m, const struct spf_facts *f, struct buf *out)
{
	struct buf value = BUF_EMPTY, turned = BUF_EMPTY;

	value_put(m->letter, f, &value);
	if (m->keep == 0 && !m->reverse && m->delimiters.n == 0)
		buf_add_span(&turned, buf_span(&value));
	else
		transform(m, buf_span(&value), &turned);
	if (m->escape)
		escaped_put(buf_span(&turned), out);
	else
		buf_add_span(out, buf_span(&turned));
	buf_free(&value);
	buf_free(&turned);
}

void
spf_macro_expand(
    struct span text, const struct spf_facts *facts, struct buf *out)
{
	while (text.n > 0) {
		size_t plain = span_find(text, '%');
		struct macro m = { .letter = 0 };

		buf_add_span(out, span_head(text, plain));
		text = span_skip(text, plain);
		if (text.n == 0)
			return;
		switch (span_at(text, 1)) {
		case '{':
			text = span_skip(text, 2);
			text = span_skip(text, macro_read(text, &m));
			macro_put(&m, facts, out);
			continue;
		case '_':
			buf_add_byte(out, ' ');
			break;
		case '-':
			buf_add_str(out, "%20");
			break;
		default:
			buf_add_byte(out, '%');
			break;
		}
		text = span_skip(text, 2);
	}
}

void
spf_macro_domain(
    struct span text, const struct spf_facts *facts, struct buf *out)
{
	struct span name;

	spf_macro_expand(text, facts, out);
	if (out->n > 0 && out->p[out->n - 1] == '.')
		buf_cut(out, out->n - 1);
	name = buf_span(out);
	while (name.n > DNS_NAME_MAX)
		name = span_skip(name, span_find(name, '.') + 1);
	buf_drop(out, out->n - name.n);
}
