/* downgrade.h - 8-bit parts of a message as quoted-printable, on the fly
 *
 * For servers without 8BITMIME (RFC 6152, 3; RFC 2045). Parts whose
 * Content-Transfer-Encoding is 8bit or binary are encoded, and say so, also
 * those of a type message/global* (RFC 6532, 3.7; RFC 6533, 4.4); all else
 * passes as it is, also bytes above 127 that no field speaks of.
 */

#ifndef MESSAGE_DOWNGRADE_H
#define MESSAGE_DOWNGRADE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"

struct downgrade;

enum downgrade_what {
	DOWNGRADE_ALL, /* every part that is 8bit or binary */
	DOWNGRADE_GLOBAL /* those of a type message/global* alone: for servers
			  * with 8BITMIME, but without SMTPUTF8 */
};

struct downgrade *downgrade_new(enum downgrade_what what);
void downgrade_free(struct downgrade **d);
/* Take the next bytes of a message with LF line ends, and append what comes
 * out. What is held back is bounded: a line's front, or one header of at most
 * 64 KiB (a larger one, and its part, pass as they are). */
void downgrade_feed(struct downgrade *d, struct span bytes, struct buf *out);
void downgrade_finish(struct downgrade *d, struct buf *out);
/* Some header so far, of the message, a part or a message in it, was not ASCII:
 * it cannot be sent without SMTPUTF8 (RFC 6531, 3.2). */
bool downgrade_met_wide(const struct downgrade *d);
/* What comes now is no header any more, nor can one follow. */
bool downgrade_is_past_headers(const struct downgrade *d);

#endif
