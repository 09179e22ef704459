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

enum path_form {
	PATH_BARE = 1, /* smtp_quote_rfc821_envelope = no: without quotes, as
			* servers that do not know better want it */
	PATH_ASCII = 2 /* with A-labels in the domain: what is left to need
			* SMTPUTF8 is the local part */
};

/* Append address (without brackets, may be empty) quoted as RFC 5321, 4.1.2
 * wants it. Nothing that comes out can end the command or the path. forms: of
 * enum path_form. */
enum path_result
path_print(struct buf *out, struct span address, unsigned forms);

#endif
