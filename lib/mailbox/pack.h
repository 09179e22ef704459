/* pack.h - numbers in our binary side files: little-endian, fixed width */

#ifndef MAILBOX_PACK_H
#define MAILBOX_PACK_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

/* Write the low n bytes of v at p; returns what follows. */
static inline unsigned char *
pack(unsigned char *p, uint64_t v, unsigned n)
{
	uint64_t little = htole64(v);

	memcpy(p, &little, n);
	return p + n;
}

/* Read n bytes at *p and step over them. */
static inline uint64_t
unpack(const unsigned char **p, unsigned n)
{
	uint64_t little = 0;

	memcpy(&little, *p, n);
	*p += n;
	return le64toh(little);
}

#endif
