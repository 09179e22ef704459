/* imap_command.h - the few IMAP commands before authentication, as bytes
 *
 * Pure. The grammar of RFC 3501, section 9, as far as LOGIN, AUTHENTICATE and
 * the commands without arguments need it.
 */

#ifndef LOGIN_IMAP_COMMAND_H
#define LOGIN_IMAP_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;

enum { IMAP_COMMAND_MAX = 8192, IMAP_LITERAL_MAX = 1024 };

enum imap_scan {
	IMAP_MORE, /* not whole yet */
	IMAP_LITERAL, /* waits for a literal that wants a "+ " first */
	IMAP_WHOLE, /* *n octets, CRLF and literals included */
	IMAP_TOO_LONG /* the session must end: its end cannot be found */
};

/* Is the command at the front of input whole? *prompts: synchronising literals
 * up to here. */
enum imap_scan imap_scan(struct span input, size_t *n, unsigned *prompts);

/* Take the tag off *rest; false when there is no valid one. */
bool command_tag(struct span *rest, struct span *tag);
/* Take a blank and an atom (a command's name). */
bool command_word(struct span *rest, struct span *word);
/* Take a blank and an astring; its bytes are appended to out. */
bool command_astring(struct span *rest, struct buf *out);
/* Of the arguments of ID (RFC 2971), the value of this field, in any case of
 * letters. False: there is none, or they are ill-formed. out is cleared. */
bool command_id(struct span args, const char *field, struct buf *out);
/* Nothing is left but the line's end. */
bool command_end(struct span rest);

#endif
