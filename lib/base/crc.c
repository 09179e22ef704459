/* crc.c - CRC-32, for finding damage */

#include "base/crc.h"

#include <zlib.h>

uint32_t
crc_add(uint32_t before, struct span s)
{
	return (uint32_t)crc32_z(before, (const unsigned char *)s.p, s.n);
}
