/* casemap.h - the comparator i;unicode-casemap (RFC 5051) */

#ifndef MESSAGE_CASEMAP_H
#define MESSAGE_CASEMAP_H

#include <stdint.h>

struct buf;

/* Append one character beyond ASCII as it is compared, in UTF-8: in title case,
 * and taken apart into letters and accents. */
void casemap_add(struct buf *out, uint32_t c);
/* Of the tables: another number where they may differ. */
uint32_t casemap_version(void);

#endif
