/* map_build.h - making the files of hash:, btree:, cdb: and lmdb: tables
 *
 * Entries go into NAME.db.tmp (NAME.cdb.tmp, NAME.lmdb.tmp), which takes the
 * place of NAME.db whole, on the disk, or not at all. From begin to commit the
 * locks are held that Postfix's postmap takes (flock on NAME.db), so two makers
 * wait for each other.
 */

#ifndef MAPS_MAP_BUILD_H
#define MAPS_MAP_BUILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/span.h"
#include "maps/map.h"

struct map_build;
struct why;

enum map_build_flag {
	MAP_BUILD_KEEP = 1, /* begin with the entries that are there */
	MAP_BUILD_FOLD = 2, /* keys in lower case */
	MAP_BUILD_NO_NUL = 4 /* store keys and values without their NUL */
};

/* ".db", ".cdb" or ".lmdb"; NULL: tables of this type are not made. */
const char *map_build_suffix(struct span spec, const char *default_type);
/* mode is of a new file; one that is there keeps its own, and its owner when
 * we are root. NULL: why says what. May wait for another maker. */
struct map_build *
map_build_begin(struct span spec, const char *default_type, unsigned flags,
    mode_t mode, struct why *why) __attribute__((warn_unused_result));
/* MAP_NONE: stored. MAP_FOUND: the key was there, and has the new value only
 * with replace. After MAP_ERROR abort. */
enum map_result
map_build_put(struct map_build *b, struct span key, struct span value,
    bool replace, struct why *why) __attribute__((warn_unused_result));
/* An entry as it is, without NUL, in place of any: what NIS looks for. */
bool map_build_put_plain(struct map_build *b, struct span key,
    struct span value, struct why *why) __attribute__((warn_unused_result));
/* MAP_NONE: there was none. */
enum map_result map_build_delete(struct map_build *b, struct span key,
    struct why *why) __attribute__((warn_unused_result));
/* Flush, put in place, end. False: why, and the old file is as it was. */
bool map_build_commit(struct map_build **b, struct why *why)
    __attribute__((warn_unused_result));
void map_build_abort(struct map_build **b);

#endif
