/* map_type.h - what a type of table must do; for the files of lib/maps only */

#ifndef MAPS_MAP_TYPE_H
#define MAPS_MAP_TYPE_H

#include <stdint.h>
#include <time.h>

#include "maps/map.h"

struct buf;

/* A file as it was when it was read. */
struct map_file {
	char *path;
	bool there;
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec mtime;
};

struct map {
	const struct map_type *type;
	char *spec; /* whole, for messages */
	char *name; /* without type */
	const char *default_type;
	unsigned flags;
	bool pattern; /* the type's, but for groups */
	void *state; /* of the type */
	struct map_file *files;
	size_t file_count;
	uid_t owner;
	struct buf *folded; /* of keys, reused */
};

struct map_type {
	const char *name;
	bool pattern; /* see map_is_pattern() */
	bool fixed; /* keys are fixed strings: MAP_FOLD holds */
	/* Fill m->state; false: why is set, close will still be called. */
	bool (*open)(struct map *m, struct why *why);
	/* key is neither empty nor with NUL, *out is empty. */
	enum map_result (*get)(
	    struct map *m, struct span key, struct buf *out, struct why *why);
	/* May be NULL. */
	enum map_result (*each)(
	    struct map *m, map_each_fn *fn, void *arg, struct why *why);
	/* state may be NULL or half made. */
	void (*close)(struct map *m);
	/* Have tables inside this one changed? May be NULL. */
	bool (*changed)(const struct map *m);
};

extern const struct map_type map_type_hash, map_type_btree, map_type_texthash,
    map_type_inline, map_type_static, map_type_regexp, map_type_pcre,
    map_type_cidr, map_type_union, map_type_pipe, map_type_unix, map_type_fail,
    map_type_random, map_type_socketmap, map_type_tcp, map_type_cdb,
    map_type_lmdb, map_type_environ, map_type_ldap, map_type_mysql,
    map_type_pgsql, map_type_sqlite;

/* key in lower case when the table's keys are fixed strings and MAP_FOLD is
 * set; good until the next call. */
struct span map_fold(struct map *m, struct span key);
/* Remember how the file of fd is, for map_changed(); its owner becomes the
 * table's. fd is -1 for one that could not be opened. */
void map_watch(struct map *m, const char *path, int fd);
/* The text of a table: of the file m->name, or of rules in braces that stand
 * for a file, one on a line. false: why. */
bool map_text(struct map *m, struct buf *out, struct why *why);
/* why: "table SPEC: " and more, a temporary failure. Returns MAP_ERROR. */
enum map_result map_trouble(const struct map *m, struct why *why,
    const char *format, ...) __attribute__((format(printf, 3, 4)));
/* "hash map /etc/x, line 3: " and more, to the log. */
void map_warn_line(const struct map *m, size_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
