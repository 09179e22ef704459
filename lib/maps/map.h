/* map.h - look-up tables: "type:name", one key, one value
 *
 * Types: hash: and btree: (Berkeley DB, NAME.db), cdb: and lmdb: (NAME.cdb,
 * NAME.lmdb), texthash:, inline:, static:, regexp:, pcre:, cidr:, unionmap:,
 * pipemap:, randmap:, unix:passwd.byname, unix:group.byname, environ:, fail:,
 * and on other servers socketmap: and tcp: (maps/dial.h). A prefix proxy: is
 * taken and means nothing, since lookup opens tables for all.
 */

#ifndef MAPS_MAP_H
#define MAPS_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/span.h"

struct buf;
struct map;
struct why;

enum map_result {
	MAP_FOUND,
	MAP_NONE, /* the table was read well and has no such key */
	MAP_ERROR /* why is set, DEFER: never to be taken for MAP_NONE */
};

enum map_flag {
	/* Keys of tables of fixed strings are folded to lower case. */
	MAP_FOLD = 1,
	/* regexp: and pcre: refuse rules with $1 in their result: for
	 * aliases, where a stranger would choose the name of a file. */
	MAP_NO_SUBSTITUTION = 2
};

enum { MAP_TEXT_MAX = 256 << 20, MAP_KEY_MAX = 1 << 20 };

/* Open a table. Without a type, default_type is taken. NULL: why says what
 * and which. Warnings about lines of a text go to the log. */
struct map *map_open(struct span spec, const char *default_type, unsigned flags,
    struct why *why) __attribute__((warn_unused_result));
/* A table that could not be opened: every map_get() is MAP_ERROR with the
 * reason in why. It is seen as changed when a file that was missing comes. */
struct map *map_open_or_broken(struct span spec, const char *default_type,
    unsigned flags, struct why *why);
void map_close(struct map **m);

/* Look key up; *out is cleared and filled. A key that is empty or holds NUL is
 * in no table. */
enum map_result map_get(struct map *m, struct span key, struct buf *out,
    struct why *why) __attribute__((warn_unused_result));

typedef void map_each_fn(void *arg, struct span key, struct span value);
/* Every entry, in the table's order. MAP_ERROR for types that cannot tell. */
enum map_result map_each(struct map *m, map_each_fn *fn, void *arg,
    struct why *why) __attribute__((warn_unused_result));

/* "hash:/etc/aliases", as in messages. */
const char *map_spec(const struct map *m);
/* Keys are patterns: only whole addresses are looked up in it, no parts. */
bool map_is_pattern(const struct map *m);
/* Could it be opened? */
bool map_is_broken(const struct map *m);
/* Who owns the file; root for tables that stand in main.cf itself. */
uid_t map_owner(const struct map *m);
/* Is a file of it another one now (inode, size, time), or gone, or come? */
bool map_changed(const struct map *m);

/* Is there a type of this name? Walk all names from 0; NULL at the end. */
bool map_type_known(struct span name);
const char *map_type_name(size_t i);
/* Split "type:name" (after any "proxy:"); without a type, *type is empty. */
void map_spec_split(struct span spec, struct span *type, struct span *name);

#endif
