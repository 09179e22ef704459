/*
 * map_build.c - making the files of hash:, btree:, cdb: and lmdb: tables
 *
 * Order: lock NAME.db.tmp (our own makers), lock NAME.db (Postfix's), write
 * the temporary, flush it, rename it, flush the folder. What a crash leaves is
 * the old table and a temporary that the next maker empties. Entries of cdb:
 * and lmdb: are kept in memory until then, as their files are written whole.
 */

#include "maps/map_build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "base/why.h"
#include "maps/bdb.h"
#include "maps/cdb.h"
#include "maps/entries.h"
#include "maps/lmdb.h"
#include "os/file.h"

/* What can be made. */
static const struct format {
	const char *type, *suffix;
	bool btree;
	int (*write)(int fd, const struct entries *e); /* NULL: by bdb.h */
	enum map_result (*each)(int fd, map_each_fn *fn, void *arg, int *error);
} formats[] = {
	{ "hash", ".db", false, NULL, NULL },
	{ "btree", ".db", true, NULL, NULL },
	{ "cdb", ".cdb", false, cdb_write, cdb_each },
	{ "lmdb", ".lmdb", false, lmdb_write, lmdb_each },
};

struct map_build {
	const struct format *format;
	struct bdb *bdb;
	struct entries *entries; /* instead, of the other formats */
	char *path, *temporary; /* NAME.db, NAME.db.tmp */
	char *spec;
	unsigned flags;
	mode_t mode;
	int lock, old; /* descriptors that hold the locks */
	struct buf key, value; /* as they are stored; reused */
};

static void
trouble(const struct map_build *b, struct why *why, const char *what,
    const char *reason)
{
	why_set(why, "4.3.0", "table %s: %s: %s", b->spec, what, reason);
}

static void
build_free(struct map_build **b)
{
	(void)bdb_close(&(*b)->bdb);
	entries_free(&(*b)->entries);
	(void)file_close(&(*b)->old);
	(void)file_close(&(*b)->lock);
	buf_free(&(*b)->key);
	buf_free(&(*b)->value);
	free((*b)->path);
	free((*b)->temporary);
	free((*b)->spec);
	mem_free(b);
}

void
map_build_abort(struct map_build **b)
{
	if (*b == NULL)
		return;
	if ((*b)->lock != -1)
		(void)file_unlink(AT_FDCWD, (*b)->temporary);
	build_free(b);
}

/* Does path still name the file of fd? */
static bool
still_there(const char *path, int fd)
{
	struct stat named, held;

	return stat(path, &named) == 0 && fstat(fd, &held) == 0 &&
	    named.st_dev == held.st_dev && named.st_ino == held.st_ino;
}

/* Open and lock; when the holder before us renamed or removed it, again. */
static int
open_locked(const char *path, int flags, mode_t mode)
{
	for (;;) {
		int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, mode);

		if (fd == -1)
			return -1;
		while (flock(fd, LOCK_EX) == -1)
			if (errno != EINTR) {
				int error = errno;

				(void)file_close(&fd);
				errno = error;
				return -1;
			}
		if (still_there(path, fd))
			return fd;
		(void)file_close(&fd);
	}
}

static bool
take_locks(struct map_build *b, struct why *why)
{
	b->lock =
	    open_locked(b->temporary, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	if (b->lock == -1) {
		trouble(b, why, b->temporary, strerror(errno));
		return false;
	}
	b->old = open_locked(b->path, O_RDWR, 0);
	if (b->old == -1 && errno != ENOENT) {
		trouble(b, why, b->path, strerror(errno));
		return false;
	}
	return true;
}

/* As they are stored. */
static enum map_result
store(struct map_build *b, struct span key, struct span value, bool replace,
    int *error)
{
	if (b->bdb != NULL)
		return bdb_put(b->bdb, key, value, replace, error);
	*error = 0;
	return entries_put(b->entries, key, value, replace) ? MAP_FOUND
							    : MAP_NONE;
}

static enum map_result
unstore(struct map_build *b, struct span key, int *error)
{
	if (b->bdb != NULL)
		return bdb_delete(b->bdb, key, error);
	*error = 0;
	return entries_delete(b->entries, key) ? MAP_FOUND : MAP_NONE;
}

struct copy {
	struct map_build *to;
	int error;
};

static void
copy_entry(void *arg, struct span key, struct span value)
{
	struct copy *c = arg;

	if (c->error == 0)
		(void)store(c->to, key, value, false, &c->error);
}

/* The entries of hash: and btree:, by the library. */
static int
copy_bdb(struct map_build *b, struct copy *c)
{
	int error, closing;
	struct bdb *from = bdb_open(b->path, &error);

	if (from == NULL)
		return error;
	if (bdb_each(from, copy_entry, c, &error) == MAP_NONE)
		error = 0;
	closing = bdb_close(&from);
	return error != 0 ? error : closing;
}

static bool
copy_old(struct map_build *b, struct why *why)
{
	struct copy c = { b, 0 };
	struct stat st;
	int error = 0;

	/* an empty file is how some make a table that has nothing yet */
	if (b->old == -1 || (fstat(b->old, &st) == 0 && st.st_size == 0))
		return true;
	if (b->bdb != NULL)
		error = copy_bdb(b, &c);
	else
		(void)b->format->each(b->old, copy_entry, &c, &error);
	if (error == 0)
		error = c.error;
	if (error != 0)
		trouble(b, why, b->path, bdb_error_text(error));
	return error == 0;
}

static bool
begin(struct map_build *b, struct why *why)
{
	int error;

	if (!take_locks(b, why))
		return false;
	if (b->format->write != NULL)
		b->entries = entries_new();
	else
		b->bdb = bdb_create(b->temporary, b->format->btree, &error);
	if (b->entries == NULL && b->bdb == NULL) {
		trouble(b, why, b->temporary, bdb_error_text(error));
		return false;
	}
	return !(b->flags & MAP_BUILD_KEEP) || copy_old(b, why);
}

static struct map_build *
build_new(
    const struct format *format, struct span name, unsigned flags, mode_t mode)
{
	struct map_build *b = mem_new(sizeof(*b));
	int n = (int)name.n;

	b->format = format;
	b->spec = mem_printf("%s:%.*s", format->type, n, name.p);
	b->path = mem_printf("%.*s%s", n, name.p, format->suffix);
	b->temporary = mem_printf("%s.tmp", b->path);
	b->flags = flags;
	b->mode = mode;
	b->lock = b->old = -1;
	return b;
}

static const struct format *
format_find(struct span spec, const char *default_type, struct span *name)
{
	struct span type;

	map_spec_split(spec, &type, name);
	if (type.n == 0)
		type = span_str(default_type);
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (span_is(type, formats[i].type))
			return &formats[i];
	return NULL;
}

const char *
map_build_suffix(struct span spec, const char *default_type)
{
	struct span name;
	const struct format *f = format_find(spec, default_type, &name);

	return f == NULL ? NULL : f->suffix;
}

struct map_build *
map_build_begin(struct span spec, const char *default_type, unsigned flags,
    mode_t mode, struct why *why)
{
	struct span name;
	const struct format *format = format_find(spec, default_type, &name);
	struct map_build *b;

	if (name.n == 0 || name.n > 4000 || span_has_break(name)) {
		why_set(why, "4.3.0", "bad table name");
		return NULL;
	}
	if (format == NULL) {
		why_set(why, "4.3.0",
		    "unsupported map type for this operation: %.*s",
		    (int)span_find(spec, ':'), spec.p);
		return NULL;
	}
	b = build_new(format, name, flags, mode);
	if (!begin(b, why))
		map_build_abort(&b);
	return b;
}

static struct span
stored(struct map_build *b, struct span s, struct buf *room, bool fold)
{
	buf_clear(room);
	if (fold)
		utf8_add_folded(room, s);
	else
		buf_add_span(room, s);
	if (!(b->flags & MAP_BUILD_NO_NUL))
		buf_add_byte(room, '\0');
	return buf_span(room);
}

enum map_result
map_build_put(struct map_build *b, struct span key, struct span value,
    bool replace, struct why *why)
{
	int error;
	enum map_result got;

	got = store(b, stored(b, key, &b->key, b->flags & MAP_BUILD_FOLD),
	    stored(b, value, &b->value, false), replace, &error);
	if (got == MAP_ERROR)
		trouble(b, why, b->temporary, bdb_error_text(error));
	return got;
}

bool
map_build_put_plain(
    struct map_build *b, struct span key, struct span value, struct why *why)
{
	int error;

	if (store(b, key, value, true, &error) != MAP_ERROR)
		return true;
	trouble(b, why, b->temporary, bdb_error_text(error));
	return false;
}

/* The entry of another program may lack the NUL. */
enum map_result
map_build_delete(struct map_build *b, struct span key, struct why *why)
{
	struct span k = stored(b, key, &b->key, b->flags & MAP_BUILD_FOLD);
	enum map_result got;
	int error;

	got = unstore(b, k, &error);
	if (got == MAP_NONE && !(b->flags & MAP_BUILD_NO_NUL))
		got = unstore(b, span_head(k, k.n - 1), &error);
	if (got == MAP_ERROR)
		trouble(b, why, b->temporary, bdb_error_text(error));
	return got;
}

/* The new file looks as the old one did. */
static int
dress(struct map_build *b)
{
	struct stat st;

	if (b->old == -1 || fstat(b->old, &st) == -1)
		return fchmod(b->lock, b->mode);
	if (geteuid() == 0 && fchown(b->lock, st.st_uid, st.st_gid) == -1)
		return -1;
	return fchmod(b->lock, st.st_mode & 0777);
}

static int
sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL ? mem_str(".")
	    : slash == path          ? mem_str("/")
				     : mem_span(span_between(path, slash));
	int fd = file_open_dir(AT_FDCWD, folder, true);
	int got = fd == -1 ? -1 : file_sync(fd);

	(void)file_close(&fd);
	free(folder);
	return got;
}

/* What an earlier maker left there goes first. */
static int
write_entries(struct map_build *b)
{
	return ftruncate(b->lock, 0) == -1
	    ? errno
	    : b->format->write(b->lock, b->entries);
}

bool
map_build_commit(struct map_build **b, struct why *why)
{
	struct map_build *m = *b;
	int error = m->entries != NULL ? write_entries(m) : bdb_close(&m->bdb);

	if (error != 0) {
		trouble(m, why, m->temporary, bdb_error_text(error));
	} else if (dress(m) == -1 || file_sync(m->lock) == -1 ||
	    file_rename(AT_FDCWD, m->temporary, AT_FDCWD, m->path) == -1) {
		error = errno;
		trouble(m, why, m->path, strerror(error));
	} else if (sync_folder(m->path) == -1) {
		error = errno; /* it may be in place, or not: say so */
		trouble(m, why, m->path, strerror(error));
		(void)file_close(&m->lock);
	}
	if (error != 0)
		map_build_abort(b);
	else
		build_free(b);
	return error == 0;
}
