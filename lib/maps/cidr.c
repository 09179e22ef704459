/*
 * cidr.c - network addresses and blocks of them
 *
 * Text forms are Postfix's: brackets may stand round the address or round the
 * whole block. A block whose address has bits behind its prefix is refused,
 * since one cannot know what was meant.
 */

#include "maps/cidr.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/number.h"

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool
parse_raw(struct span text, struct cidr_address *out)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.n == 0 || text.n >= sizeof(copy) ||
	    memchr(text.p, '\0', text.n) != NULL)
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	memset(out, 0, sizeof(*out));
	out->length = span_find(text, ':') < text.n ? 16 : 4;
	return inet_pton(out->length == 4 ? AF_INET : AF_INET6, copy,
		   out->bytes) == 1;
}

bool
cidr_address_parse(struct span text, struct cidr_address *out)
{
	if (!parse_raw(text, out))
		return false;
	if (out->length == 16 &&
	    memcmp(out->bytes, mapped, sizeof(mapped)) == 0) {
		memmove(out->bytes, out->bytes + sizeof(mapped), 4);
		memset(out->bytes + 4, 0, sizeof(mapped));
		out->length = 4;
	}
	return true;
}

static bool
host_bits(const struct cidr_block *b)
{
	for (unsigned i = b->bits; i < b->net.length * 8U; i++)
		if (b->net.bytes[i / 8] & (0x80U >> i % 8))
			return true;
	return false;
}

/* Take brackets off: round everything, or round the address before '/'. */
static bool
unbracket(struct span *address, struct span *length)
{
	size_t end;

	if (span_at(*address, 0) != '[')
		return span_find(*address, ']') == address->n &&
		    span_find(*length, ']') == length->n;
	*address = span_skip(*address, 1);
	end = span_find(*address, ']');
	if (end + 1 == address->n) {
		*address = span_head(*address, end);
		return span_find(*length, ']') == length->n;
	}
	if (end < address->n || span_at(*length, length->n - 1) != ']')
		return false;
	*length = span_head(*length, length->n - 1);
	return true;
}

enum cidr_result
cidr_block_parse(struct span text, struct cidr_block *out)
{
	size_t slash = span_find(text, '/');
	struct span address = span_head(text, slash);
	struct span length = span_skip(text, slash + 1);
	uint64_t bits, most;

	memset(out, 0, sizeof(*out));
	if (!unbracket(&address, &length) || !parse_raw(address, &out->net))
		return CIDR_BAD_ADDRESS;
	most = out->net.length * 8U;
	bits = most;
	if (slash < text.n && !number_parse(length, 0, most, &bits))
		return CIDR_BAD_LENGTH;
	out->bits = (uint8_t)bits;
	return host_bits(out) ? CIDR_HOST_BITS : CIDR_OK;
}

const char *
cidr_result_text(enum cidr_result r)
{
	switch (r) {
	case CIDR_OK:
		return "well-formed";
	case CIDR_BAD_ADDRESS:
		return "bad address pattern";
	case CIDR_BAD_LENGTH:
		return "bad mask length";
	case CIDR_HOST_BITS:
		return "non-null host address bits";
	}
	return "unknown";
}

bool
cidr_contains(
    const struct cidr_block *block, const struct cidr_address *address)
{
	size_t whole = block->bits / 8U;
	unsigned rest = block->bits % 8U;

	if (block->net.length != address->length ||
	    memcmp(block->net.bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	    ((block->net.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) ==
	    0;
}
