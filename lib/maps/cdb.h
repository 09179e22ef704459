/* cdb.h - constant databases: D. J. Bernstein's format, read and written
 *
 * 256 pairs (where, how many slots), the records (length of key and of value,
 * key, value), then 256 hash tables of slots (hash, where the record is). All
 * numbers are 32 bits, the least byte first, so a file has at most 4 GiB.
 */

#ifndef MAPS_CDB_H
#define MAPS_CDB_H

#include "base/span.h"
#include "maps/map.h"

struct buf;
struct entries;

/* fd is a file that is open to read; nothing in it is trusted. MAP_ERROR with
 * an errno in *error: EBADMSG for what is no such file, or damaged. */
enum map_result cdb_get(int fd, struct span key, struct buf *out, int *error);
/* Every record in the file's order. */
enum map_result cdb_each(int fd, map_each_fn *fn, void *arg, int *error);
/* 0, or EBADMSG or an errno: could it be one? */
int cdb_check(int fd);
/* Write the whole file; fd is empty. 0 or an errno: EFBIG beyond 4 GiB. */
int cdb_write(int fd, const struct entries *e);

#endif
