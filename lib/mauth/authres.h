/* authres.h - Authentication-Results (RFC 8601) */

#ifndef MAUTH_AUTHRES_H
#define MAUTH_AUTHRES_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

/* Writing: begin, then for each method its result and what it was about, then
 * end. The field has LF line ends. Values may be any bytes: what cannot stand
 * there is quoted or becomes '?'. */
void authres_begin(struct buf *out, struct span id);
/* ARC's: "ARC-Authentication-Results: i=N; id". */
void authres_begin_arc(struct buf *out, unsigned instance, struct span id);
/* reason may be NULL. */
void authres_method(struct buf *out, const char *method, const char *result,
    const char *reason);
/* "header.d", VALUE: of the last method. */
void authres_property(struct buf *out, const char *name, struct span value);
/* In parentheses behind the result: words of ours. */
void authres_comment(struct buf *out, const char *text);
/* any: there was at least one method. */
void authres_end(struct buf *out, bool any);

/* Reading: append the authserv-id of a field's value (2.2). False when there is
 * none. */
bool authres_id(struct span value, struct buf *id);

#endif
