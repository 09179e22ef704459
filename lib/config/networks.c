/*
 * networks.c - the default of mynetworks, from this machine's addresses
 *
 * mynetworks_style chooses: the addresses alone (host), the interfaces'
 * networks (subnet), or the networks of the old classes A, B and C (class; for
 * IPv6, which has none, the interface's network).
 */

#include "config/networks.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "config/param.h"

static const char *const style_words[] = { [NETWORKS_HOST] = "host",
	[NETWORKS_SUBNET] = "subnet",
	[NETWORKS_CLASS] = "class" };

bool
networks_style(struct span word, enum networks_style *style)
{
	for (size_t i = 0; i < sizeof(style_words) / sizeof(style_words[0]);
	     i++) {
		if (span_is(word, style_words[i])) {
			*style = (enum networks_style)i;
			return true;
		}
	}
	return false;
}

static size_t
address_size(const struct network *row)
{
	return row->family == AF_INET ? 4 : 16;
}

static unsigned
mask_length(const unsigned char *mask, size_t n)
{
	unsigned length = 0;

	for (size_t i = 0; i < n * 8; i++) {
		if ((mask[i / 8] & (0x80U >> i % 8)) == 0)
			break;
		length++;
	}
	return length;
}

static bool
is_loopback(const struct network *row)
{
	static const unsigned char one[16] = { [15] = 1 };

	return row->family == AF_INET ? row->address[0] == 127
				      : memcmp(row->address, one, 16) == 0;
}

static bool
row_set(struct network *row, const struct ifaddrs *i)
{
	if (i->ifa_addr == NULL || i->ifa_netmask == NULL ||
	    (i->ifa_flags & IFF_UP) == 0)
		return false;
	*row = (struct network){ .family = i->ifa_addr->sa_family };
	if (row->family == AF_INET) {
		struct sockaddr_in address, mask;

		memcpy(&address, i->ifa_addr, sizeof(address));
		memcpy(&mask, i->ifa_netmask, sizeof(mask));
		memcpy(row->address, &address.sin_addr, 4);
		row->prefix =
		    mask_length((const unsigned char *)&mask.sin_addr, 4);
	} else if (row->family == AF_INET6) {
		struct sockaddr_in6 address, mask;

		memcpy(&address, i->ifa_addr, sizeof(address));
		memcpy(&mask, i->ifa_netmask, sizeof(mask));
		memcpy(row->address, &address.sin6_addr, 16);
		row->prefix =
		    mask_length((const unsigned char *)&mask.sin6_addr, 16);
	} else {
		return false;
	}
	row->loopback = is_loopback(row);
	return true;
}

size_t
networks_of_machine(struct network *rows, size_t max)
{
	struct ifaddrs *all = NULL;
	size_t n = 0;

	if (getifaddrs(&all) == -1)
		return 0;
	for (const struct ifaddrs *i = all; i != NULL && n < max;
	     i = i->ifa_next)
		if (row_set(&rows[n], i))
			n++;
	freeifaddrs(all);
	return n;
}

/* "192.0.2.1", "2001:db8::1" or "[2001:db8::1]". */
static bool
address_parse(struct span text, struct network *row)
{
	char copy[INET6_ADDRSTRLEN];

	if (text.n > 2 && text.p[0] == '[' && text.p[text.n - 1] == ']')
		text = span_head(span_skip(text, 1), text.n - 2);
	if (text.n >= sizeof(copy))
		return false;
	memcpy(copy, text.p, text.n);
	copy[text.n] = '\0';
	row->family = memchr(copy, ':', text.n) == NULL ? AF_INET : AF_INET6;
	return inet_pton(row->family, copy, row->address) == 1;
}

static bool
item_takes(struct span item, const struct network *row)
{
	struct network wanted = { 0 };

	if (span_iis(item, "all"))
		return true;
	if (!address_parse(item, &wanted))
		return row->loopback;
	return wanted.family == row->family &&
	    memcmp(wanted.address, row->address, address_size(row)) == 0;
}

static bool
interfaces_take(struct span interfaces, const struct network *row)
{
	struct span item;

	while (param_list_next(&interfaces, &item))
		if (item_takes(item, row))
			return true;
	return false;
}

static bool
protocols_take(struct span protocols, const struct network *row)
{
	const char *own = row->family == AF_INET ? "ipv4" : "ipv6";
	struct span item;

	while (param_list_next(&protocols, &item))
		if (span_iis(item, "all") || span_iis(item, own))
			return true;
	return false;
}

size_t
networks_select(struct network *rows, size_t n, struct span interfaces,
    struct span protocols)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (interfaces_take(interfaces, &rows[i]) &&
		    protocols_take(protocols, &rows[i]))
			rows[kept++] = rows[i];
	return kept;
}

static unsigned
class_prefix(unsigned char first)
{
	if (first < 128)
		return 8;
	return first < 192 ? 16 : 24;
}

/* The row's network in the style: address cut to its prefix. */
static struct network
network_in_style(const struct network *row, enum networks_style style)
{
	struct network net = *row;
	unsigned bits = (unsigned)address_size(row) * 8;

	switch (style) {
	case NETWORKS_HOST:
		net.prefix = bits;
		break;
	case NETWORKS_CLASS:
		if (row->family == AF_INET)
			net.prefix = class_prefix(row->address[0]);
		break;
	case NETWORKS_SUBNET:
		break;
	}
	for (unsigned i = net.prefix; i < bits; i++)
		net.address[i / 8] &= (unsigned char)~(0x80U >> i % 8);
	return net;
}

static bool
same_network(const struct network *a, const struct network *b)
{
	return a->family == b->family && a->prefix == b->prefix &&
	    memcmp(a->address, b->address, address_size(a)) == 0;
}

static bool
seen_before(const struct network *rows, size_t i, enum networks_style style)
{
	struct network this = network_in_style(&rows[i], style);

	for (size_t k = 0; k < i; k++) {
		struct network other = network_in_style(&rows[k], style);

		if (same_network(&this, &other))
			return true;
	}
	return false;
}

void
networks_text(const struct network *rows, size_t n, enum networks_style style,
    struct buf *out)
{
	const char *between = "";

	for (size_t i = 0; i < n; i++) {
		struct network net = network_in_style(&rows[i], style);
		char text[INET6_ADDRSTRLEN];

		if (seen_before(rows, i, style) ||
		    inet_ntop(net.family, net.address, text, sizeof(text)) ==
			NULL)
			continue;
		buf_printf(out, net.family == AF_INET ? "%s%s/%u" : "%s[%s]/%u",
		    between, text, net.prefix);
		between = " ";
	}
}
