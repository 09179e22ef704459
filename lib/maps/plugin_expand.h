/* plugin_expand.h - %s and its kin, in queries and in results */

#ifndef MAPS_PLUGIN_EXPAND_H
#define MAPS_PLUGIN_EXPAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;

/* As map_plugin_escape_fn; NULL: nothing needs it. */
typedef size_t plugin_escape_fn(void *arg, char *out, const char *in, size_t n);

struct plugin_expand {
	struct span template; /* known to be well-formed */
	struct span key; /* what was asked for */
	/* In a result: the value found, which %s %u %d are of. p is NULL in a
	 * query, where they are of the key, as %S %U %D %1..%9 always are. */
	struct span value;
	plugin_escape_fn *escape;
	void *arg;
};

/* Append it. False: it asks for a part that there is none of, or a part with
 * an empty local part, so nothing is to be asked or found. */
bool plugin_expand(const struct plugin_expand *e, struct buf *out);

#endif
