/* match.h - finding text as SEARCH does */

#ifndef IMAPD_MATCH_H
#define IMAPD_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

/* Append text (UTF-8) folded for comparing: letters of Latin, Greek and
 * Cyrillic scripts without case, runs of blanks and line ends as one blank,
 * bytes that are no UTF-8 as they are. */
void match_fold(struct buf *out, struct span text);
/* Does needle, folded, stand in text? */
bool match_find(struct span text, struct span folded_needle);

/* Another number when text is folded in another way. */
uint32_t match_version(void);

#endif
