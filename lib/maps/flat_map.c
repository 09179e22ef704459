/*
 * flat_map.c - cdb: and lmdb: tables, NAME.cdb and NAME.lmdb
 *
 * Each answer is read from the file itself, a few pages that the system keeps
 * in memory. Keys and values end in NUL as Postfix's postmap stores them, or
 * not, as others do: both are tried. A cdb: file is never changed, only
 * replaced; one of lmdb: may change while it is open, and the reader knows.
 */

#include "maps/map_type.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "maps/cdb.h"
#include "maps/lmdb.h"
#include "maps/nul_ends.h"
#include "os/file.h"

struct format {
	const char *suffix;
	enum map_result (*get)(
	    int fd, struct span key, struct buf *out, int *error);
	enum map_result (*each)(int fd, map_each_fn *fn, void *arg, int *error);
	int (*check)(int fd);
};

struct flat {
	const struct format *format;
	char *path;
	int fd;
};

static const char *
text_of(int error)
{
	if (error == EBADMSG)
		return "not a file of this type, or damaged";
	if (error == EBUSY)
		return "the file is being written to";
	return error == ENOENT ? "No such file or directory (postmap makes it)"
			       : strerror(error);
}

/* A FIFO must not hang us. */
static int
open_checked(struct map *m, struct flat *f)
{
	struct stat st;
	int error = 0;

	f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (f->fd == -1)
		error = errno;
	map_watch(m, f->path, f->fd);
	if (error == 0 && fstat(f->fd, &st) == -1)
		error = errno;
	if (error == 0 && !S_ISREG(st.st_mode))
		error = EBADMSG;
	return error == 0 ? f->format->check(f->fd) : error;
}

static bool
flat_open(struct map *m, const struct format *format, struct why *why)
{
	struct flat *f = mem_new(sizeof(*f));
	int error;

	m->state = f;
	f->format = format;
	f->path = mem_printf("%s%s", m->name, format->suffix);
	error = open_checked(m, f);
	if (error != 0)
		map_trouble(
		    m, why, "open database %s: %s", f->path, text_of(error));
	return error == 0;
}

static enum map_result
get(void *file, struct span key, struct buf *out, int *error)
{
	const struct flat *f = file;

	return f->format->get(f->fd, key, out, error);
}

static enum map_result
flat_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	int error = 0;
	enum map_result got = nul_get(get, m->state, key, out, &error);

	if (got == MAP_ERROR)
		return map_trouble(m, why, "%s", text_of(error));
	return got == MAP_FOUND ? nul_check(m, out, why) : got;
}

static enum map_result
flat_each(struct map *m, map_each_fn *fn, void *arg, struct why *why)
{
	struct flat *f = m->state;
	struct nul_each e = { fn, arg };
	int error = 0;

	if (f->format->each(f->fd, nul_each, &e, &error) == MAP_ERROR)
		return map_trouble(m, why, "%s", text_of(error));
	return MAP_NONE;
}

static void
flat_close(struct map *m)
{
	struct flat *f = m->state;

	if (f == NULL)
		return;
	(void)file_close(&f->fd);
	free(f->path);
	mem_free(&m->state);
}

static bool
cdb_open(struct map *m, struct why *why)
{
	static const struct format format = { ".cdb", cdb_get, cdb_each,
		cdb_check };

	return flat_open(m, &format, why);
}

static bool
lmdb_open(struct map *m, struct why *why)
{
	static const struct format format = { ".lmdb", lmdb_get, lmdb_each,
		lmdb_check };

	return flat_open(m, &format, why);
}

const struct map_type map_type_cdb = {
	.name = "cdb",
	.fixed = true,
	.open = cdb_open,
	.get = flat_get,
	.each = flat_each,
	.close = flat_close,
};

const struct map_type map_type_lmdb = {
	.name = "lmdb",
	.fixed = true,
	.open = lmdb_open,
	.get = flat_get,
	.each = flat_each,
	.close = flat_close,
};
