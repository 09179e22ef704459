/*
 * proxy_header.c - the PROXY protocol, versions 1 and 2
 *
 * Version 1 is a line of text of at most 107 octets; version 2 begins with
 * twelve octets that no text protocol begins with, and says its length. What
 * it holds behind the addresses is passed over. Anything in doubt is refused:
 * a connection that is taken for another's could relay.
 */

#include "wire/proxy_header.h"

#include "base/buf.h"
#include "base/number.h"

enum { LINE_MAX_OCTETS = 107, HEAD = 16, V4 = 12, V6 = 36 };

static const struct span mark = SPAN_INIT("\r\n\r\n\0\r\nQUIT\n");

/* Does one begin like the other, as far as both go? */
static bool
may_begin(struct span in, struct span with)
{
	return span_eq(span_head(in, with.n), span_head(with, in.n));
}

static bool
port_take(struct span text, uint16_t *port)
{
	uint64_t number;

	/* "080" is no port */
	if (text.n > 1 && span_at(text, 0) == '0')
		return false;
	if (!number_parse(text, 0, 65535, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool
address_take(struct span text, uint16_t port, bool six, struct address *out)
{
	bool has_colon = span_find(text, ':') < text.n;

	return has_colon == six && span_find_any(text, "[]%") == text.n &&
	    !span_istarts(text, "IPv6:") && address_parse(text, port, out);
}

/* "TCP4 192.0.2.1 192.0.2.2 1234 25" */
static bool
line_take(struct span line, struct proxy_header *out)
{
	struct span field[5] = { { NULL, 0 } }, rest = line;
	uint16_t from_port, to_port;
	bool six;
	size_t n = 0;

	if (span_is(line, "UNKNOWN") || span_starts(line, "UNKNOWN "))
		return true;
	while (n < 5 && span_cut(&rest, ' ', &field[n]))
		n++;
	six = span_is(field[0], "TCP6");
	if (n < 5 || rest.p != NULL || (!six && !span_is(field[0], "TCP4")))
		return false;
	out->known = true;
	return port_take(field[3], &from_port) &&
	    port_take(field[4], &to_port) &&
	    address_take(field[1], from_port, six, &out->from) &&
	    address_take(field[2], to_port, six, &out->to);
}

static enum proxy_result
parse_1(struct span in, size_t *used, struct proxy_header *out)
{
	size_t end = span_find(span_head(in, LINE_MAX_OCTETS), '\n');

	if (end >= LINE_MAX_OCTETS)
		return PROXY_BAD;
	if (end == in.n)
		return PROXY_MORE;
	if (end == 0 || span_at(in, end - 1) != '\r')
		return PROXY_BAD;
	*used = end + 1;
	return line_take(span_skip(span_head(in, end - 1), 6), out) ? PROXY_OK
								    : PROXY_BAD;
}

static unsigned
u16(struct span s, size_t at)
{
	return (unsigned)span_at(s, at) << 8 | (unsigned)span_at(s, at + 1);
}

/* Addresses and ports stand one behind the other. */
static bool
binary_take(struct span body, size_t each, struct proxy_header *out)
{
	out->known = body.n >= 2 * each + 4 &&
	    address_from_bytes(&out->from, span_head(body, each)) &&
	    address_from_bytes(
		&out->to, span_head(span_skip(body, each), each));
	if (!out->known)
		return false;
	address_port_set(&out->from, (uint16_t)u16(body, 2 * each));
	address_port_set(&out->to, (uint16_t)u16(body, 2 * each + 2));
	return true;
}

static enum proxy_result
parse_2(struct span in, size_t *used, struct proxy_header *out)
{
	unsigned length, command, family;
	struct span body;

	if (in.n < HEAD)
		return PROXY_MORE;
	command = (unsigned)span_at(in, 12);
	family = (unsigned)span_at(in, 13);
	length = u16(in, 14);
	if (command >> 4 != 2 || (command & 15) > 1 ||
	    HEAD + length > PROXY_HEADER_MAX)
		return PROXY_BAD;
	if (in.n < HEAD + length)
		return PROXY_MORE;
	*used = HEAD + length;
	body = span_head(span_skip(in, HEAD), length);
	if ((command & 15) == 0) /* LOCAL: a health check */
		return PROXY_OK;
	switch (family) {
	case 0x11:
		return binary_take(body, 4, out) ? PROXY_OK : PROXY_BAD;
	case 0x21:
		return binary_take(body, 16, out) ? PROXY_OK : PROXY_BAD;
	case 0x00: /* UNSPEC */
		return PROXY_OK;
	default:
		return PROXY_BAD;
	}
}

enum proxy_result
proxy_header_parse(struct span in, size_t *used, struct proxy_header *out)
{
	*used = 0;
	*out = (struct proxy_header){ .known = false };
	if (in.n == 0)
		return PROXY_MORE;
	if (may_begin(in, SPAN("PROXY ")))
		return in.n < 6 ? PROXY_MORE : parse_1(in, used, out);
	if (may_begin(in, mark))
		return in.n < mark.n ? PROXY_MORE : parse_2(in, used, out);
	return PROXY_BAD;
}

static bool
is_pair(const struct address *from, const struct address *to)
{
	return address_family(from) == address_family(to) &&
	    (address_family(from) == AF_INET ||
		address_family(from) == AF_INET6);
}

static void
put_1(struct buf *out, const struct address *from, const struct address *to)
{
	if (!is_pair(from, to)) {
		buf_add_str(out, "PROXY UNKNOWN\r\n");
		return;
	}
	buf_add_str(out,
	    address_family(from) == AF_INET ? "PROXY TCP4 " : "PROXY TCP6 ");
	address_print(out, from);
	buf_add_byte(out, ' ');
	address_print(out, to);
	buf_printf(out, " %u %u\r\n", (unsigned)address_port(from),
	    (unsigned)address_port(to));
}

static void
put_u16(struct buf *out, size_t n)
{
	buf_add_byte(out, (char)(n >> 8 & 255));
	buf_add_byte(out, (char)(n & 255));
}

static void
put_2(struct buf *out, const struct address *from, const struct address *to)
{
	bool pair = is_pair(from, to);
	bool four = address_family(from) == AF_INET;

	buf_add_span(out, mark);
	buf_add_byte(out, pair ? 0x21 : 0x20);
	buf_add_byte(out, !pair ? 0 : four ? 0x11 : 0x21);
	put_u16(out, !pair ? 0 : four ? V4 : V6);
	if (!pair)
		return;
	buf_add_span(out, address_bytes(from));
	buf_add_span(out, address_bytes(to));
	put_u16(out, address_port(from));
	put_u16(out, address_port(to));
}

void
proxy_header_put(struct buf *out, unsigned version, const struct address *from,
    const struct address *to)
{
	if (version == 1)
		put_1(out, from, to);
	else
		put_2(out, from, to);
}
