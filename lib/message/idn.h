/* idn.h - domain names in other scripts (RFC 5890, RFC 5891)
 *
 * A label has two forms: U-label (UTF-8) and A-label ("xn--..."). Names are
 * taken label by label: what is neither stays as it is.
 */

#ifndef MESSAGE_IDN_H
#define MESSAGE_IDN_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

/* Append domain with A-labels for all that is not ASCII. False, and nothing is
 * appended: a label has no such form, or comes to one of plain ASCII (which
 * would let a name pass for another), or the name is longer than a name may
 * be. An address literal is as it is. */
bool idn_to_ascii(struct buf *out, struct span domain);
/* Append domain with U-labels for all A-labels that are good ones. */
void idn_to_unicode(struct buf *out, struct span domain);
/* Append an address whose domain has A-labels; its local part stays. False as
 * above. */
bool idn_address_to_ascii(struct buf *out, struct span address);
/* What a table may hold in place of key: key is "local@domain", "@domain",
 * "domain" or ".domain", and its domain gets the other form. False, nothing is
 * appended: it has one form alone. Costs nothing for names in ASCII without
 * "xn--". */
bool idn_other_form(struct buf *out, struct span key);

#endif
