/* networks.h - the default of mynetworks, from this machine's addresses */

#ifndef CONFIG_NETWORKS_H
#define CONFIG_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;

/* One address of an interface. */
struct network {
	int family; /* AF_INET or AF_INET6 */
	unsigned char address[16]; /* 4 or 16 bytes, network order */
	unsigned prefix; /* length of the interface's mask */
	bool loopback; /* the address is one of 127.0.0.0/8 or ::1 */
};

enum networks_style { NETWORKS_HOST, NETWORKS_SUBNET, NETWORKS_CLASS };

/* The word of mynetworks_style. */
bool networks_style(struct span word, enum networks_style *style);
/* The addresses of this machine's interfaces that are up, at most max. */
size_t networks_of_machine(struct network *rows, size_t max);
/* Keep the rows that interfaces (inet_interfaces: all, loopback-only or
 * numeric addresses; a name keeps loopback addresses only) and protocols
 * (inet_protocols) let through; how many are left. */
size_t networks_select(struct network *rows, size_t n, struct span interfaces,
    struct span protocols);
/* Append the rows as "127.0.0.0/8 [::1]/128", each network once. */
void networks_text(const struct network *rows, size_t n,
    enum networks_style style, struct buf *out);

#endif
