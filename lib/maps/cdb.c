/* cdb.c - constant databases: D. J. Bernstein's format, read and written */

#include "maps/cdb.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "maps/entries.h"
#include "os/file.h"

enum { TABLES = 256, HEAD = TABLES * 8, STEP = 1 << 20 };

static uint32_t
number(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static uint32_t
hash_of(struct span key)
{
	uint32_t h = 5381;

	for (size_t i = 0; i < key.n; i++)
		h = (h + (h << 5)) ^ (unsigned char)key.p[i];
	return h;
}

/* Two numbers of the file. 0 or an errno. */
static int
pair_at(int fd, uint64_t where, uint32_t *a, uint32_t *b)
{
	unsigned char p[8];

	if (file_read_at(fd, p, sizeof(p), where) == -1)
		return errno == 0 ? EBADMSG : errno;
	*a = number(p);
	*b = number(p + 4);
	return 0;
}

/* n bytes of the file, appended. */
static int
bytes_at(int fd, uint64_t where, size_t n, struct buf *out)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return errno;
	if (n > MAP_TEXT_MAX || where + n > (uint64_t)st.st_size)
		return EBADMSG;
	if (file_read_at(fd, buf_room(out, n), n, where) == -1)
		return errno == 0 ? EBADMSG : errno;
	out->n += n;
	return 0;
}

int
cdb_check(int fd)
{
	struct stat st;
	uint32_t where, slots;
	int error = fstat(fd, &st) == -1 ? errno : 0;

	for (unsigned i = 0; i < TABLES && error == 0; i++) {
		error = pair_at(fd, i * 8ULL, &where, &slots);
		if (error == 0 &&
		    (where < HEAD ||
			where + slots * 8ULL > (uint64_t)st.st_size))
			error = EBADMSG;
	}
	return error;
}

/* Is the record there the one of key? Then its value. */
static enum map_result
record_get(int fd, uint32_t where, struct span key, struct buf *out, int *error)
{
	struct buf found = BUF_EMPTY;
	uint32_t key_size, value_size;
	bool same = false;

	*error = pair_at(fd, where, &key_size, &value_size);
	if (*error == 0 && key_size == key.n) {
		*error = bytes_at(fd, where + 8ULL, key_size, &found);
		same = *error == 0 && span_eq(buf_span(&found), key);
	}
	if (same)
		*error = bytes_at(fd, where + 8ULL + key_size, value_size, out);
	buf_free(&found);
	if (*error != 0)
		return MAP_ERROR;
	return same ? MAP_FOUND : MAP_NONE;
}

enum map_result
cdb_get(int fd, struct span key, struct buf *out, int *error)
{
	uint32_t h = hash_of(key), table, slots;
	enum map_result got = MAP_NONE;

	*error = pair_at(fd, h % TABLES * 8ULL, &table, &slots);
	if (*error != 0)
		return MAP_ERROR;
	for (uint32_t i = 0; i < slots && got == MAP_NONE; i++) {
		uint32_t at = (h / TABLES % slots + i) % slots, hash, where;

		*error = pair_at(fd, table + at * 8ULL, &hash, &where);
		if (*error != 0)
			return MAP_ERROR;
		if (where == 0)
			break;
		if (hash == h)
			got = record_get(fd, where, key, out, error);
	}
	return got;
}

/* The records end where the first hash table begins. */
static int
records_end(int fd, uint64_t *end)
{
	int error = 0;

	*end = UINT64_MAX;
	for (unsigned i = 0; i < TABLES && error == 0; i++) {
		uint32_t where, slots;

		error = pair_at(fd, i * 8ULL, &where, &slots);
		if (where < *end)
			*end = where;
	}
	return error;
}

enum map_result
cdb_each(int fd, map_each_fn *fn, void *arg, int *error)
{
	struct buf bytes = BUF_EMPTY;
	uint64_t at = HEAD, end = 0;

	*error = records_end(fd, &end);
	while (*error == 0 && at < end) {
		uint32_t key_size, value_size;

		*error = pair_at(fd, at, &key_size, &value_size);
		at += 8;
		buf_clear(&bytes);
		if (*error == 0 && at + key_size + value_size > end)
			*error = EBADMSG;
		if (*error == 0)
			*error = bytes_at(
			    fd, at, (size_t)key_size + value_size, &bytes);
		if (*error == 0)
			fn(arg, span_head(buf_span(&bytes), key_size),
			    span_skip(buf_span(&bytes), key_size));
		at += (uint64_t)key_size + value_size;
	}
	buf_free(&bytes);
	return *error == 0 ? MAP_NONE : MAP_ERROR;
}

/* ---- writing */

struct slot {
	uint32_t hash, where;
};

struct writer {
	int fd;
	uint64_t at; /* in the file, of what stands first in out */
	struct buf out;
	int error;
};

static void
flush(struct writer *w, bool all)
{
	if (w->error != 0 || (!all && w->out.n < STEP))
		return;
	if (file_write_at(w->fd, buf_span(&w->out), w->at) == -1)
		w->error = errno;
	w->at += w->out.n;
	buf_clear(&w->out);
}

static void
put_number(struct buf *out, uint64_t n)
{
	for (int i = 0; i < 4; i++)
		buf_add_byte(out, (char)(n >> (8 * i)));
}

static void
put_record(struct writer *w, const struct entry *e, struct slot *slot)
{
	uint64_t where = w->at + w->out.n;

	if (where + 8 + e->key.n + e->value.n > UINT32_MAX) {
		w->error = EFBIG;
		return;
	}
	*slot = (struct slot){ hash_of(e->key), (uint32_t)where };
	put_number(&w->out, e->key.n);
	put_number(&w->out, e->value.n);
	buf_add_span(&w->out, e->key);
	buf_add_span(&w->out, e->value);
	flush(w, false);
}

/* The slots of one table, twice as many as it has records. */
static void
put_table(struct writer *w, const struct slot *of, size_t n)
{
	size_t slots = n * 2;
	struct slot *places = mem_array(slots + 1, sizeof(*places));

	for (size_t i = 0; i < n; i++) {
		size_t at = of[i].hash / TABLES % slots;

		while (places[at].where != 0)
			at = (at + 1) % slots;
		places[at] = of[i];
	}
	for (size_t i = 0; i < slots; i++) {
		put_number(&w->out, places[i].hash);
		put_number(&w->out, places[i].where);
	}
	free(places);
	flush(w, false);
}

static int
by_table(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	uint32_t tx = x->hash % TABLES, ty = y->hash % TABLES;

	if (tx != ty)
		return tx < ty ? -1 : 1;
	return x->where < y->where ? -1 : x->where > y->where;
}

static void
put_tables(struct writer *w, struct slot *slots, size_t n, struct buf *head)
{
	size_t begin = 0;

	qsort(slots, n, sizeof(*slots), by_table);
	for (unsigned table = 0; table < TABLES && w->error == 0; table++) {
		size_t end = begin;

		while (end < n && slots[end].hash % TABLES == table)
			end++;
		put_number(head, w->at + w->out.n);
		put_number(head, (end - begin) * 2);
		put_table(w, slots + begin, end - begin);
		begin = end;
		if (w->at + w->out.n > UINT32_MAX)
			w->error = EFBIG;
	}
}

int
cdb_write(int fd, const struct entries *e)
{
	struct writer w = { .fd = fd, .at = HEAD };
	struct buf head = BUF_EMPTY;
	size_t count, n = 0;
	const struct entry *all = entries_all(e, &count);
	struct slot *slots = mem_array(count + 1, sizeof(*slots));

	for (size_t i = 0; i < count && w.error == 0; i++)
		if (!all[i].gone)
			put_record(&w, &all[i], &slots[n++]);
	if (w.error == 0)
		put_tables(&w, slots, n, &head);
	flush(&w, true);
	if (w.error == 0 && file_write_at(fd, buf_span(&head), 0) == -1)
		w.error = errno;
	free(slots);
	buf_free(&head);
	buf_free(&w.out);
	return w.error;
}
