/* path.h - an address of the envelope as MAIL and RCPT carry it
 *
 * Apart from the rest, for lib/message and lib/os both have a struct address.
 */

#ifndef SMTP_PATH_H
#define SMTP_PATH_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

enum path_result {
	PATH_OK,
	PATH_UTF8, /* the same, but it needs SMTPUTF8 */
	PATH_BAD /* cannot stand in a command; nothing was appended */
};

/* Append address (without brackets, may be empty) quoted as RFC 5321, 4.1.2
 * wants it; without quote (smtp_quote_rfc821_envelope = no) as servers that
 * know no quotes want it. Nothing that comes out can end the command or the
 * path. */
enum path_result path_print(struct buf *out, struct span address, bool quote);

#endif
