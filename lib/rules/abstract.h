/* abstract.h - the lines of LOGABSTRACT and of formail -l */

#ifndef RULES_ABSTRACT_H
#define RULES_ABSTRACT_H

#include <stdint.h>

#include "base/buf.h"

/* Append the envelope line (without its newline; n is 0: none), the whole
 * subject field (the same), the folder and the number of bytes. */
void abstract_add(struct buf *out, struct span from, struct span subject,
    struct span folder, uint64_t bytes);

#endif
