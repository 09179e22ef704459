/*
 * bdb_map.c - hash: and btree: tables, NAME.db
 *
 * The files of Postfix's postmap and postalias: keys and values end in NUL,
 * but those that other programs write (YP_LAST_MODIFIED) do not, so both are
 * tried. Postfix's postmap writes into the file that others have open; a file
 * that was written to since we opened it is opened anew, and until that can be
 * done every answer is a temporary failure.
 */

#include "maps/map_type.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "maps/bdb.h"
#include "maps/nul_ends.h"

struct db_table {
	struct bdb *bdb; /* NULL after a failure */
	char *path;
	char *failure; /* of the last opening, or NULL */
	struct stat tried; /* the file then; zeroes: there was none */
};

static void
unwatch(struct map *m)
{
	for (size_t i = 0; i < m->file_count; i++)
		free(m->files[i].path);
	m->file_count = 0;
}

/* As map_watch(), but of the very file that the library opened. A later one
 * that did not open stays a change, for those who can have it opened. */
static void
watch(struct map *m, const struct db_table *t, const struct stat *st)
{
	struct map_file *f;

	if (st == NULL && m->file_count > 0)
		return;
	unwatch(m);
	map_watch(m, t->path, -1);
	if (st == NULL)
		return;
	f = &m->files[0];
	f->there = true;
	f->dev = st->st_dev;
	f->ino = st->st_ino;
	f->size = st->st_size;
	f->mtime = st->st_mtim;
	m->owner = st->st_uid;
}

/* Is it still the file that did not open? */
static bool
same_failure(const struct db_table *t)
{
	struct stat st = { .st_ino = 0 };

	(void)stat(t->path, &st);
	return st.st_ino == t->tried.st_ino && st.st_size == t->tried.st_size &&
	    st.st_mtim.tv_sec == t->tried.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == t->tried.st_mtim.tv_nsec;
}

static bool
table_open(struct map *m, struct db_table *t)
{
	int error = 0;

	mem_free(&t->failure);
	memset(&t->tried, 0, sizeof(t->tried));
	(void)stat(t->path, &t->tried);
	t->bdb = bdb_open(t->path, &error);
	watch(m, t, t->bdb == NULL ? NULL : bdb_stat(t->bdb));
	if (t->bdb == NULL)
		t->failure = mem_printf("open database %s: %s%s", t->path,
		    bdb_error_text(error),
		    error == ENOENT ? " (postmap and newaliases make it)" : "");
	return t->bdb != NULL;
}

/* A file that did not open is not tried again until it is another one: the
 * library does not give back all that it took for a damaged file. */
static bool
table_ready(struct map *m, struct why *why)
{
	struct db_table *t = m->state;

	if (t->bdb != NULL ||
	    ((t->failure == NULL || !same_failure(t)) && table_open(m, t)))
		return true;
	map_trouble(m, why, "%s", t->failure);
	return false;
}

static bool
db_open(struct map *m, struct why *why)
{
	struct db_table *t = mem_new(sizeof(*t));

	m->state = t;
	t->path = mem_printf("%s.db", m->name);
	return table_ready(m, why);
}

static enum map_result
get(void *file, struct span key, struct buf *out, int *error)
{
	return bdb_get(file, key, out, error);
}

static enum map_result
get_checked(struct map *m, struct span key, struct buf *out, struct why *why)
{
	struct db_table *t = m->state;
	int error = 0;
	enum map_result got = nul_get(get, t->bdb, key, out, &error);

	if (got == MAP_ERROR)
		return map_trouble(m, why, "%s", bdb_error_text(error));
	return got == MAP_FOUND ? nul_check(m, out, why) : got;
}

/* Whether the file was written to is asked once, behind the answer: then it is
 * opened and asked again. */
static enum map_result
db_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	struct db_table *t = m->state;

	for (int i = 0; i < 2; i++) {
		enum map_result got;

		if (!table_ready(m, why))
			return MAP_ERROR;
		buf_clear(out);
		got = get_checked(m, key, out, why);
		if (!bdb_overwritten(t->bdb))
			return got;
		(void)bdb_close(&t->bdb);
	}
	return map_trouble(m, why, "the file is being written to");
}

static enum map_result
db_each(struct map *m, map_each_fn *fn, void *arg, struct why *why)
{
	struct db_table *t = m->state;
	struct nul_each e = { fn, arg };
	int error = 0;

	if (!table_ready(m, why))
		return MAP_ERROR;
	if (bdb_each(t->bdb, nul_each, &e, &error) == MAP_ERROR)
		return map_trouble(m, why, "%s", bdb_error_text(error));
	if (bdb_overwritten(t->bdb))
		return map_trouble(m, why, "the file is being written to");
	return MAP_NONE;
}

static void
db_close(struct map *m)
{
	struct db_table *t = m->state;

	if (t == NULL)
		return;
	(void)bdb_close(&t->bdb);
	free(t->path);
	free(t->failure);
	mem_free(&m->state);
}

const struct map_type map_type_hash = {
	.name = "hash",
	.fixed = true,
	.open = db_open,
	.get = db_get,
	.each = db_each,
	.close = db_close,
};

const struct map_type map_type_btree = {
	.name = "btree",
	.fixed = true,
	.open = db_open,
	.get = db_get,
	.each = db_each,
	.close = db_close,
};
