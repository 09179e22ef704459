/* mime_field.h - what the Content-* fields of a part say (RFC 2045) */

#ifndef MESSAGE_MIME_FIELD_H
#define MESSAGE_MIME_FIELD_H

#include <stdbool.h>

#include "base/span.h"

struct arena;
struct mime_part;

/* Note a field "Content-X: value", folded or not, in part; others are passed
 * over, and so is one that was there before. */
void
mime_field_take(struct arena *a, struct mime_part *part, struct span field);
/* The header is over: put defaults where nothing, or nothing readable, was
 * said. in_digest: the parent is multipart/digest (RFC 2046, 5.1.5). */
void mime_field_finish(struct arena *a, struct mime_part *part, bool in_digest);

#endif
