/* smtp_dsn.h - the parameters of DSN (RFC 3461) as a client says them */

#ifndef WIRE_SMTP_DSN_H
#define WIRE_SMTP_DSN_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

/* Append " NOTIFY=..." of enum smtp_notify bits; nothing for 0. */
void smtp_notify_put(struct buf *out, unsigned notify);
/* Append " ORCPT=TYPE;..." of "TYPE;address" decoded; nothing where there is no
 * type. utf8: SMTPUTF8 was given, so unitext goes as it is (RFC 6533, 3). */
void smtp_orcpt_put(struct buf *out, struct span orcpt, bool utf8);

#endif
