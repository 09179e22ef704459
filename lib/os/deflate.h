/* deflate.h - both directions of a compressed connection (RFC 1951, RFC 4978)
 *
 * Raw deflate without a header. Pure: bytes in, bytes out.
 */

#ifndef OS_DEFLATE_H
#define OS_DEFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct buf;
struct deflate;

enum {
	DEFLATE_PIECE = 65536, /* most that one call of deflate_unpack() adds */
	DEFLATE_FREE = 64 << 20, /* octets that may unfold from any input, */
	DEFLATE_RATIO = 100 /* and how many beyond it from each one */
};

struct deflate *deflate_new(void);
void deflate_free(struct deflate **d);

/* Append s compressed; with flush, so that the other side can read all of it.
 */
void
deflate_pack(struct deflate *d, struct span s, bool flush, struct buf *out);
/* Append what *s unfolds to, at most DEFLATE_PIECE octets, and take what was
 * used off it; call again until nothing is added. False: it is damaged, has
 * ended, or unfolds to more than the limits say; nothing more will come. */
bool deflate_unpack(struct deflate *d, struct span *s, struct buf *out);

/* Append s as a file of gzip's (RFC 1952). */
void gzip_pack(struct span s, struct buf *out);

#endif
