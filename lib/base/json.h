/* json.h - writing JSON (RFC 8259) */

#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/span.h"

struct buf;

/* Append s as a string with its quotes; what is no UTF-8 becomes '?'. */
void json_string(struct buf *out, struct span s);

#endif
