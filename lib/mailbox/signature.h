/* signature.h - what a text cannot hold, in few bytes
 *
 * A bit for each run of three bytes of the text. A needle of which some run has
 * no bit is not in the text; one that has all of them may be.
 */

#ifndef MAILBOX_SIGNATURE_H
#define MAILBOX_SIGNATURE_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

enum { SIGNATURE_MOST = 8192 };

/* Append the signature of text: empty, which may hold anything, when it would
 * be longer than SIGNATURE_MOST bytes or say nothing. */
void signature_make(struct buf *out, struct span text);
/* False: text does not hold needle. True of what is no signature. */
bool signature_may_hold(struct span signature, struct span needle);

#endif
