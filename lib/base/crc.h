/* crc.h - CRC-32 (the one of zlib), for finding damage, not for security */

#ifndef BASE_CRC_H
#define BASE_CRC_H

#include <stdint.h>

#include "base/span.h"

/* Continue from before; begin with 0. */
uint32_t crc_add(uint32_t before, struct span s);

#endif
