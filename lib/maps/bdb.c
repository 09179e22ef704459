/*
 * bdb.c - Berkeley DB files of keys and values
 *
 * The only file that knows the library. There is no environment: each handle
 * has a cache of its own, and reads nothing but its file. We write with
 * checksums on each page, which the library then checks for every reader:
 * without them every third damaged file lost keys in silence.
 */

#include "maps/bdb.h"

#include <db.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "os/file.h"

enum { READ_CACHE = 8 << 20, WRITE_CACHE = 32 << 20, TRIES = 5 };

struct bdb {
	DB *db;
	int fd; /* the library's own */
	struct stat st;
	bool btree;
};

static void
quiet(const DB_ENV *env, const char *prefix, const char *text)
{
	(void)env;
	(void)prefix;
	(void)text;
}

static DB *
handle_new(size_t cache, int *error)
{
	DB *db;

	*error = db_create(&db, NULL, 0);
	if (*error != 0)
		return NULL;
	db->set_errcall(db, quiet);
	must(db->set_cachesize(db, 0, (uint32_t)cache, 1) == 0);
	return db;
}

static bool
known_type(DB *db, bool *btree, int *error)
{
	DBTYPE type;

	*error = db->get_type(db, &type);
	if (*error == 0 && type != DB_HASH && type != DB_BTREE)
		*error = EINVAL;
	*btree = *error == 0 && type == DB_BTREE;
	return *error == 0;
}

static struct bdb *
bdb_new(DB *db)
{
	struct bdb *b = mem_new(sizeof(*b));

	b->db = db;
	b->fd = -1;
	return b;
}

/* A FIFO would hang the library, a folder confuse it. */
static int
look_at(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int got = fd == -1 || fstat(fd, st) == -1 ? errno : 0;

	(void)file_close(&fd);
	return got == 0 && !S_ISREG(st->st_mode) ? EINVAL : got;
}

/* How the file was before the library read from it: what is written from then
 * on shows. EAGAIN when another one took its name meanwhile. */
static int
note_file(struct bdb *b, const struct stat *before)
{
	struct stat st;
	int error = b->db->fd(b->db, &b->fd);

	if (error != 0)
		return error;
	if (fstat(b->fd, &st) == -1)
		return errno;
	b->st = *before;
	return st.st_dev == before->st_dev && st.st_ino == before->st_ino
	    ? 0
	    : EAGAIN;
}

static struct bdb *
open_once(const char *path, int *error)
{
	struct stat before;
	struct bdb *b;
	DB *db;

	*error = look_at(path, &before);
	if (*error != 0)
		return NULL;
	db = handle_new(READ_CACHE, error);
	if (db == NULL)
		return NULL;
	b = bdb_new(db);
	*error = db->open(db, NULL, path, NULL, DB_UNKNOWN, DB_RDONLY, 0);
	if (*error == 0 && known_type(db, &b->btree, error))
		*error = note_file(b, &before);
	if (*error != 0)
		(void)bdb_close(&b);
	return b;
}

struct bdb *
bdb_open(const char *path, int *error)
{
	struct bdb *b = NULL;

	*error = EAGAIN;
	for (int i = 0; i < TRIES && *error == EAGAIN; i++)
		b = open_once(path, error);
	return b;
}

struct bdb *
bdb_create(const char *path, bool btree, int *error)
{
	DB *db = handle_new(WRITE_CACHE, error);
	struct bdb *b;

	if (db == NULL)
		return NULL;
	b = bdb_new(db);
	b->btree = btree;
	*error = db->set_flags(db, DB_CHKSUM);
	if (*error == 0)
		*error = db->open(db, NULL, path, NULL,
		    btree ? DB_BTREE : DB_HASH, DB_CREATE | DB_TRUNCATE, 0600);
	if (*error != 0)
		(void)bdb_close(&b);
	return b;
}

int
bdb_close(struct bdb **b)
{
	int error;

	if (*b == NULL)
		return 0;
	error = (*b)->db->close((*b)->db, 0);
	mem_free(b);
	return error;
}

bool
bdb_is_btree(const struct bdb *b)
{
	return b->btree;
}

const struct stat *
bdb_stat(const struct bdb *b)
{
	return &b->st;
}

bool
bdb_overwritten(const struct bdb *b)
{
	struct stat now;

	return fstat(b->fd, &now) == -1 || now.st_size != b->st.st_size ||
	    now.st_mtim.tv_sec != b->st.st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != b->st.st_mtim.tv_nsec;
}

/* The library only reads what a DBT for input points to. */
static DBT
dbt_of(struct span s)
{
	DBT d;

	memset(&d, 0, sizeof(d));
	must(s.n <= UINT32_MAX);
	memcpy(&d.data, &s.p, sizeof(d.data));
	d.size = (uint32_t)s.n;
	return d;
}

static struct span
span_dbt(const DBT *d)
{
	return span_of(d->data, d->size);
}

static enum map_result
result_of(int error)
{
	if (error == 0)
		return MAP_FOUND;
	return error == DB_NOTFOUND || error == DB_KEYEMPTY ? MAP_NONE
							    : MAP_ERROR;
}

enum map_result
bdb_get(struct bdb *b, struct span key, struct buf *out, int *error)
{
	DBT k = dbt_of(key), v = dbt_of(span_of(NULL, 0));

	*error = b->db->get(b->db, NULL, &k, &v, 0);
	if (*error == 0)
		buf_add_span(out, span_dbt(&v));
	return result_of(*error);
}

enum map_result
bdb_put(
    struct bdb *b, struct span key, struct span value, bool replace, int *error)
{
	DBT k = dbt_of(key), v = dbt_of(value);

	*error = b->db->put(b->db, NULL, &k, &v, DB_NOOVERWRITE);
	if (*error != DB_KEYEXIST)
		return *error == 0 ? MAP_NONE : MAP_ERROR;
	*error = replace ? b->db->put(b->db, NULL, &k, &v, 0) : 0;
	return *error == 0 ? MAP_FOUND : MAP_ERROR;
}

enum map_result
bdb_delete(struct bdb *b, struct span key, int *error)
{
	DBT k = dbt_of(key);

	*error = b->db->del(b->db, NULL, &k, 0);
	return result_of(*error);
}

enum map_result
bdb_each(struct bdb *b, map_each_fn *fn, void *arg, int *error)
{
	DBT k = dbt_of(span_of(NULL, 0)), v = dbt_of(span_of(NULL, 0));
	DBC *cursor;
	int closing;

	*error = b->db->cursor(b->db, NULL, &cursor, 0);
	if (*error != 0)
		return MAP_ERROR;
	while ((*error = cursor->get(cursor, &k, &v, DB_NEXT)) == 0)
		fn(arg, span_dbt(&k), span_dbt(&v));
	closing = cursor->close(cursor);
	if (result_of(*error) == MAP_NONE && closing != 0)
		*error = closing;
	return result_of(*error);
}

const char *
bdb_error_text(int error)
{
	return db_strerror(error);
}
