/* lmdb.h - the files of LMDB (version 1 of its format), read and written
 *
 * A tree of pages. Pages 0 and 1 each describe a whole state of the file, and
 * the younger one holds; a writer makes new pages beside those in use and at
 * last describes them in the elder. So a reader needs no lock: what it read
 * is whole when the description is the same before and after.
 */

#ifndef MAPS_LMDB_H
#define MAPS_LMDB_H

#include "base/span.h"
#include "maps/map.h"

struct buf;
struct entries;

/* No key is longer; its NUL counts. */
enum { LMDB_KEY_MAX = 511 };

/* fd is a file that is open to read; nothing in it is trusted. MAP_ERROR with
 * an errno in *error: EBADMSG for what is no such file, or damaged, EBUSY for
 * one that is written to all the time. */
enum map_result lmdb_get(int fd, struct span key, struct buf *out, int *error);
/* Every entry, by the bytes of the keys. */
enum map_result lmdb_each(int fd, map_each_fn *fn, void *arg, int *error);
/* 0, or EBADMSG or an errno: could it be one? */
int lmdb_check(int fd);
/* Write the whole file; fd is empty. 0 or an errno: ENAMETOOLONG for a key
 * longer than LMDB_KEY_MAX. */
int lmdb_write(int fd, const struct entries *e);

#endif
