/* append.h - what the reader of commands must know of APPEND */

#ifndef IMAPD_APPEND_H
#define IMAPD_APPEND_H

#include <stdbool.h>

#include "base/span.h"

struct session;

/* True when line, which ends in a literal's size, is an APPEND, or a REPLACE
 * that can be given now, whose mailbox is complete: the literal is the message,
 * which is not to be kept in memory. */
bool append_wants_literal(const struct session *s, struct span line);

#endif
