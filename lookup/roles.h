/* roles.h - who may ask for what */

#ifndef LOOKUP_ROLES_H
#define LOOKUP_ROLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* A parameter whose tables a role may ask. */
struct role_map {
	const char *parameter;
	unsigned flags; /* of maps/map.h */
};

struct role {
	const char *label; /* of the listener: the caller's program */
	bool rcpt; /* may ask where an address goes */
	bool restrictions; /* and for the tables of smtpd's lists */
	const struct role_map *maps; /* ends with a NULL parameter */
};

/* NULL: this caller may ask nothing. */
const struct role *role_find(const char *label);
/* Walk all; NULL at the end. */
const struct role *role_at(size_t i);

#endif
