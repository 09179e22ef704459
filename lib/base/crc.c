/* crc.c - CRC-32, for finding damage */

#include "base/crc.h"

#include <libdeflate.h>

uint32_t
crc_add(uint32_t before, struct span s)
{
	/* without octets libdeflate gives a first value, not the one before */
	return s.n == 0 ? before : libdeflate_crc32(before, s.p, s.n);
}
