/* subject.h - what of a Subject counts when mail is sorted (RFC 5256, 2.1) */

#ifndef IMAPD_SUBJECT_H
#define IMAPD_SUBJECT_H

#include <stdbool.h>

#include "base/span.h"

struct buf;

/* Append the base subject, folded for comparing (match.h). True when what was
 * taken off says that it is a reply or was forwarded. value is the field's, as
 * it stands. */
bool subject_base(struct buf *out, struct span value);

#endif
