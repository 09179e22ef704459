/* grey_key.h - under what name a client's mail stands in the greylist
 *
 * Those that one sender's retries have in common: the network instead of the
 * address, since big senders try again from another host; and the sender
 * without what changes from letter to letter (numbers, extensions, BATV and SRS
 * signatures).
 */

#ifndef SMTPD_GREY_KEY_H
#define SMTPD_GREY_KEY_H

#include "base/span.h"

struct buf;

/* address: 4 or 16 bytes; appended as "192.0.2.0/24". */
void grey_network(struct buf *out, struct span address, unsigned prefix);
/* "NETWORK SENDER RECIPIENT", at most GREY_KEY_MAX octets of printable ASCII:
 * what is longer, or has others, is a digest behind the network. */
enum { GREY_KEY_MAX = 256 };
void grey_key(
    struct buf *out, struct span network, struct span sender, struct span rcpt);

#endif
