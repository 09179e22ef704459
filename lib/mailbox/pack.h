/* pack.h - numbers in our binary side files: little-endian, fixed width */

#ifndef MAILBOX_PACK_H
#define MAILBOX_PACK_H

#include <stdint.h>

/* Write n bytes of v at p; returns what follows. */
static inline unsigned char *
pack(unsigned char *p, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		p[i] = (unsigned char)(v >> 8 * i);
	return p + n;
}

/* Read n bytes at *p and step over them. */
static inline uint64_t
unpack(const unsigned char **p, unsigned n)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < n; i++)
		v |= (uint64_t)(*p)[i] << 8 * i;
	*p += n;
	return v;
}

#endif
