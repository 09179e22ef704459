/*
 * casemap.c - the comparator i;unicode-casemap (RFC 5051)
 *
 * libunistring has the tables. A character is taken apart into no more than a
 * few, by steps of which none leads back.
 */

#include "message/casemap.h"

#include <stddef.h>

#include <unicase.h>
#include <uninorm.h>
#include <unistring/version.h>

#include "base/buf.h"
#include "base/utf8.h"

enum { DEPTH_MOST = 64 };

void
casemap_add(struct buf *out, uint32_t c)
{
	ucs4_t waiting[DEPTH_MOST + UC_DECOMPOSITION_MAX_LENGTH];
	ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
	size_t n = 0;

	waiting[n++] = uc_totitle(c);
	while (n > 0) {
		ucs4_t top = waiting[--n];
		int tag,
		    count = n < DEPTH_MOST ? uc_decomposition(top, &tag, parts)
					   : -1;

		if (count <= 0) {
			/* what a sign was made of has case as well */
			utf8_add(out, uc_totitle(top));
			continue;
		}
		for (int i = count; i-- > 0;)
			waiting[n++] = parts[i];
	}
}

uint32_t
casemap_version(void)
{
	return (uint32_t)_libunistring_version;
}
