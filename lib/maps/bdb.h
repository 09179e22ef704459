/* bdb.h - Berkeley DB files of keys and values; for lib/maps only */

#ifndef MAPS_BDB_H
#define MAPS_BDB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/span.h"
#include "maps/map.h"

struct bdb;
struct buf;

/* Open a hash or btree file to read: no environment, nothing is written, and
 * no code of the file's is trusted: damage is an error of a call. -1 with an
 * errno, or one of the library's own numbers, in *error. */
struct bdb *bdb_open(const char *path, int *error);
/* Make a file, or empty the one that is there, to write to. */
struct bdb *bdb_create(const char *path, bool btree, int *error);
/* The bytes are on their way to the disk only after a file_sync(). 0, or an
 * error; b is NULL then too. */
int bdb_close(struct bdb **b);
bool bdb_is_btree(const struct bdb *b);
/* How the file was when it was opened. */
const struct stat *bdb_stat(const struct bdb *b);
/* Has it been written to since? Then answers may be wrong. */
bool bdb_overwritten(const struct bdb *b);

/* Exactly this key. */
enum map_result
bdb_get(struct bdb *b, struct span key, struct buf *out, int *error);
/* MAP_FOUND: there was one already, and it stays unless replace is true. */
enum map_result bdb_put(struct bdb *b, struct span key, struct span value,
    bool replace, int *error);
enum map_result bdb_delete(struct bdb *b, struct span key, int *error);
/* Every entry as it is stored. MAP_NONE at the end. */
enum map_result bdb_each(struct bdb *b, map_each_fn *fn, void *arg, int *error);
const char *bdb_error_text(int error);

#endif
