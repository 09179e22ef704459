/* verp.h - envelope senders made of the recipient's address (VERP)
 *
 * Mail from list@origin to user@domain goes out from list+user=domain@origin,
 * so that a report tells by its own address whose mail failed. The two bytes
 * are the delimiters (default_verp_delimiters).
 */

#ifndef MESSAGE_VERP_H
#define MESSAGE_VERP_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

enum { VERP_DELIMITERS = 2, VERP_SENDER_MAX = 1000 };

/* Two bytes, each of which is in filter (verp_delimiter_filter)? */
bool verp_delimiters_good(struct span delimiters, struct span filter);
/* Append the sender for this recipient: quotes of the local parts are taken
 * away, and one pair put round the new one where it needs them. False, nothing
 * appended, where there is none to make: no sender, one without a domain, no
 * two delimiters, or the address would be longer than VERP_SENDER_MAX. */
bool verp_sender(struct buf *out, struct span sender, struct span delimiters,
    struct span rcpt);

#endif
