/* cidr.h - network addresses and blocks of them (RFC 4632, RFC 4291) */

#ifndef MAPS_CIDR_H
#define MAPS_CIDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct cidr_address {
	uint8_t bytes[16];
	uint8_t length; /* 4 or 16 */
};

struct cidr_block {
	struct cidr_address net;
	uint8_t bits;
};

enum cidr_result {
	CIDR_OK,
	CIDR_BAD_ADDRESS,
	CIDR_BAD_LENGTH, /* of the prefix */
	CIDR_HOST_BITS /* bits are set behind the prefix */
};

/* An address in text, without brackets. IPv6 that carries an IPv4 address
 * (::ffff:1.2.3.4) becomes IPv4. */
bool cidr_address_parse(struct span text, struct cidr_address *out);
/* "1.2.3.4", "1.2.3.0/24", "::1", "[::1]", "[2001:db8::]/32",
 * "[2001:db8::/32]". */
enum cidr_result cidr_block_parse(struct span text, struct cidr_block *out);
const char *cidr_result_text(enum cidr_result r);
bool cidr_contains(
    const struct cidr_block *block, const struct cidr_address *address);

#endif
