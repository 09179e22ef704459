/* utf8.h - UTF-8 as RFC 3629 has it */

#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

/* Length in bytes (1..4) of the well-formed character at the front of s, its
 * code point in *c. 0 when s is empty or does not begin with one (overlong
 * forms, surrogates and values above 10FFFF are not well-formed). */
size_t utf8_next(struct span s, uint32_t *c);
bool utf8_valid(struct span s);
/* Another than ASCII is in s. */
bool utf8_wide(struct span s);
/* The lower-case form of c, for comparing names: of the scripts with pairs of
 * letters that addresses are written in (Latin, Greek, Cyrillic, Armenian and
 * the wide forms of Latin). Where a letter has no single counterpart, and for
 * the dotted I of Turkish, it is c itself: two names never become one that
 * their owners would not take for one. */
uint32_t utf8_fold(uint32_t c);
/* Append s in lower case; bytes that are no UTF-8 stay as they are. */
void utf8_add_folded(struct buf *out, struct span s);
/* Append c, which must be a code point that UTF-8 can carry. */
void utf8_add(struct buf *out, uint32_t c);

#endif
