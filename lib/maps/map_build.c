/*
 * map_build.c - making NAME.db for hash: and btree: tables
 *
 * Order: lock NAME.db.tmp (our own makers), lock NAME.db (Postfix's), write
 * the temporary, flush it, rename it, flush the folder. What a crash leaves is
 * the old table and a temporary that the next maker empties.
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
#include "base/why.h"
#include "maps/bdb.h"
#include "os/file.h"

struct map_build {
	struct bdb *bdb;
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

struct copy {
	struct bdb *to;
	int error;
};

static void
copy_entry(void *arg, struct span key, struct span value)
{
	struct copy *c = arg;

	if (c->error == 0)
		(void)bdb_put(c->to, key, value, false, &c->error);
}

static bool
copy_old(struct map_build *b, struct why *why)
{
	struct copy c = { b->bdb, 0 };
	struct stat st;
	struct bdb *from;
	int error, closing;

	/* an empty file is how some make a table that has nothing yet */
	if (b->old == -1 || (fstat(b->old, &st) == 0 && st.st_size == 0))
		return true;
	from = bdb_open(b->path, &error);
	if (from == NULL)
		goto out;
	if (bdb_each(from, copy_entry, &c, &error) == MAP_NONE)
		error = c.error;
	closing = bdb_close(&from);
	if (error == 0)
		error = closing;
out:
	if (error != 0)
		trouble(b, why, b->path, bdb_error_text(error));
	return error == 0;
}

static bool
begin(struct map_build *b, bool btree, struct why *why)
{
	int error;

	if (!take_locks(b, why))
		return false;
	b->bdb = bdb_create(b->temporary, btree, &error);
	if (b->bdb == NULL) {
		trouble(b, why, b->temporary, bdb_error_text(error));
		return false;
	}
	return !(b->flags & MAP_BUILD_KEEP) || copy_old(b, why);
}

static struct map_build *
build_new(struct span type, struct span name, unsigned flags, mode_t mode)
{
	struct map_build *b = mem_new(sizeof(*b));
	int n = (int)name.n;

	b->spec = mem_printf("%.*s:%.*s", (int)type.n, type.p, n, name.p);
	b->path = mem_printf("%.*s.db", n, name.p);
	b->temporary = mem_printf("%.*s.db.tmp", n, name.p);
	b->flags = flags;
	b->mode = mode;
	b->lock = b->old = -1;
	return b;
}

struct map_build *
map_build_begin(struct span spec, const char *default_type, unsigned flags,
    mode_t mode, struct why *why)
{
	struct map_build *b;
	struct span type, name;

	map_spec_split(spec, &type, &name);
	if (type.n == 0)
		type = span_str(default_type);
	if (name.n == 0 || name.n > 4000 || span_has_break(name)) {
		why_set(why, "4.3.0", "bad table name");
		return NULL;
	}
	if (!span_is(type, "hash") && !span_is(type, "btree")) {
		why_set(why, "4.3.0",
		    "unsupported map type for this operation: %.*s",
		    (int)type.n, type.p);
		return NULL;
	}
	b = build_new(type, name, flags, mode);
	if (!begin(b, span_is(type, "btree"), why))
		map_build_abort(&b);
	return b;
}

static struct span
stored(struct map_build *b, struct span s, struct buf *room, bool fold)
{
	buf_clear(room);
	buf_room(room, s.n + 1);
	for (size_t i = 0; i < s.n; i++)
		buf_add_byte(
		    room, (char)(fold ? ascii_lower(span_at(s, i)) : s.p[i]));
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

	got =
	    bdb_put(b->bdb, stored(b, key, &b->key, b->flags & MAP_BUILD_FOLD),
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

	if (bdb_put(b->bdb, key, value, true, &error) != MAP_ERROR)
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

	got = bdb_delete(b->bdb, k, &error);
	if (got == MAP_NONE && !(b->flags & MAP_BUILD_NO_NUL))
		got = bdb_delete(b->bdb, span_head(k, k.n - 1), &error);
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

bool
map_build_commit(struct map_build **b, struct why *why)
{
	struct map_build *m = *b;
	int error = bdb_close(&m->bdb);

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
