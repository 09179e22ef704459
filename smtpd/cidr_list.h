/* cidr_list.h - lists of networks: mynetworks and its kin */

#ifndef SMTPD_CIDR_LIST_H
#define SMTPD_CIDR_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct cidr_list;
struct why;

/* "192.0.2.0/24, !192.0.2.7, [2001:db8::]/32, ::1, /etc/facteur/nets": items
 * decide in order, '!' turns one round, "/file" stands for the items in that
 * file (read now: before the jail). A network whose host bits are not zero, a
 * table or a name is an error: NULL, why says which item. Bare hosts' names are
 * no addresses and cannot be used. */
struct cidr_list *cidr_list_new(struct span text, struct why *why);
void cidr_list_free(struct cidr_list **l);
/* address: 4 or 16 bytes in network order; others are in no list. */
bool cidr_list_has(const struct cidr_list *l, struct span address);

#endif
