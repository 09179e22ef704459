/* proxy_header.h - the PROXY protocol, versions 1 and 2: whom a load balancer
 * speaks for, as a server reads it; and how we say it ourselves
 */

#ifndef WIRE_PROXY_HEADER_H
#define WIRE_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "os/sock.h"

struct buf;

enum { PROXY_HEADER_MAX = 8192 };

enum proxy_result {
	PROXY_MORE, /* all of it belongs to the header, which goes on */
	PROXY_OK, /* *used octets were the header */
	PROXY_BAD /* not a header */
};

struct proxy_header {
	bool known; /* else the balancer speaks for itself, or will not say */
	struct address from, to;
};

/* in: from the first octet of the connection. What stands behind the header is
 * not looked at. */
enum proxy_result
proxy_header_parse(struct span in, size_t *used, struct proxy_header *out);
/* Append a header of version 1 or 2 for a connection of from to to; without
 * addresses when they are not of one kind. */
void proxy_header_put(struct buf *out, unsigned version,
    const struct address *from, const struct address *to);

#endif
