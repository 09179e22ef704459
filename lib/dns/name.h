/* name.h - domain names: from packets, in questions, as host names
 *
 * In text they are lower case where they come from a packet, without the final
 * dot; the root is the empty text.
 */

#ifndef DNS_NAME_H
#define DNS_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct address;
struct buf;

enum { DNS_NAME_MAX = 253, DNS_LABEL_MAX = 63 };

enum dns_name_result {
	DNS_NAME_OK,
	DNS_NAME_ODD, /* well-formed, but with bytes that no name of ours may
		       * hold (blanks, dots, controls, 8 bits, quotes) */
	DNS_NAME_BAD /* not a name: the packet cannot be trusted */
};

/* Read the name at *at of packet (RFC 1035, 4.1.4: pointers go backwards only)
 * and append its text to out; *at is moved behind it, but for BAD. Nothing is
 * appended for ODD and BAD. */
enum dns_name_result
dns_name_read(struct span packet, size_t *at, struct buf *out);

/* May it be asked for: labels of printable ASCII without blanks, dots,
 * backslashes, quotes and brackets; one final dot is allowed. */
bool dns_name_askable(struct span name);
/* A host name as mail uses it: letters, digits, hyphens inside labels;
 * underscores as found in the wild; the last label is not a number, so that
 * nothing can take it for an address. */
bool dns_name_is_host(struct span name);
/* "1.2.0.192.in-addr.arpa" or the nibbles of ip6.arpa (RFC 3596, 2.5), appended
 * to out; false for other families. */
bool dns_name_reverse(const struct address *a, struct buf *out);

#endif
