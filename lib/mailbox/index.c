/*
 * index.c - facteur.index: what we know of a folder, ready to use
 *
 * Head, keywords, records, names; each of the four with its checksum in the
 * head. All numbers are little-endian. Written under the folder's lock into a
 * temporary and renamed, never flushed: a torn one fails its checksum.
 */

#include "mailbox/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crc.h"
#include "base/mem.h"
#include "mailbox/flags.h"
#include "mailbox/pack.h"
#include "os/file.h"

#define MAGIC UINT64_C(0x3158444954434146) /* "FACTIDX1" */

enum {
	HEAD = 512,
	RECORD = 80,
	COUNT_MAX = 1 << 24, /* messages */
	NAMES_MAX = 1 << 30,
	NAME_LIKELY = 160, /* bytes: twice what a name has */
	PACK_FROM = 1 << 20,
	PIECE_RECORDS = 1024,
	KEYWORDS_BYTES_MAX = KEYWORDS_MAX * (KEYWORD_BYTES_MAX + 1)
};

void
index_init(struct index *x)
{
	memset(x, 0, sizeof(*x));
	x->keywords = keywords_new();
}

void
index_done(struct index *x)
{
	free(x->list);
	x->list = NULL;
	x->count = x->room = 0;
	buf_free(&x->names);
	keywords_free(&x->keywords);
}

bool
index_keep_name(struct index *x, struct span name, uint32_t *at)
{
	if (name.n > 255 || x->names.n > NAMES_MAX - 256)
		return false;
	*at = (uint32_t)x->names.n;
	buf_add_span(&x->names, name);
	return true;
}

static void
name_is(struct index *x, struct msg *m, uint32_t at, size_t n)
{
	m->name_at = at;
	m->name_n = (uint16_t)n;
	m->base_n = (uint16_t)flags_base(span_of(x->names.p + at, n)).n;
}

bool
index_rename(struct index *x, struct msg *m, struct span name)
{
	uint32_t at;

	if (!index_keep_name(x, name, &at))
		return false;
	name_is(x, m, at, name.n);
	return true;
}

void
index_expect(struct index *x, size_t more)
{
	const size_t grown = x->room + x->room / 2;

	if (x->room - x->count >= more)
		return;
	/* one by one they come as well */
	x->room = x->count + more > grown ? x->count + more : grown;
	x->list = mem_resize(x->list, x->room, sizeof(struct msg));
}

struct msg *
index_add_kept(struct index *x, uint32_t uid, uint32_t at, size_t n)
{
	struct msg *m;

	if (x->count >= COUNT_MAX)
		return NULL;
	if (x->count == x->room)
		index_expect(x, x->room == 0 ? 64 : x->room);
	m = &x->list[x->count++];
	memset(m, 0, sizeof(*m));
	m->uid = uid;
	name_is(x, m, at, n);
	return m;
}

struct msg *
index_add(struct index *x, uint32_t uid, struct span name)
{
	uint32_t at;

	if (!index_keep_name(x, name, &at))
		return NULL;
	return index_add_kept(x, uid, at, name.n);
}

struct span
index_name(const struct index *x, const struct msg *m)
{
	return span_of(x->names.p + m->name_at, m->name_n);
}

struct span
index_base(const struct index *x, const struct msg *m)
{
	return span_of(x->names.p + m->name_at, m->base_n);
}

void
index_pack(struct index *x)
{
	struct buf names = BUF_EMPTY;

	if (x->names.n < x->count * NAME_LIKELY + PACK_FROM)
		return;
	for (size_t i = 0; i < x->count; i++) {
		struct msg *m = &x->list[i];
		struct span name = index_name(x, m);

		m->name_at = (uint32_t)names.n;
		buf_add_span(&names, name);
	}
	buf_free(&x->names);
	x->names = names;
}

size_t
index_find(const struct index *x, uint32_t uid)
{
	size_t low = 0, high = x->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (x->list[mid].uid < uid)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
index_is_recent(const struct index *x, const struct msg *m)
{
	return (m->bits & MSG_IN_NEW) != 0 ||
	    (x->recent != 0 && m->uid >= x->recent);
}

void
index_totals(const struct index *x, struct index_totals *out)
{
	*out = (struct index_totals){ .has_bytes = true };
	for (size_t i = 0; i < x->count; i++) {
		const struct msg *m = &x->list[i];

		if ((m->bits & MSG_GONE) != 0)
			continue;
		if ((m->flags & FLAG_SEEN) == 0 && out->unseen == 0)
			out->unseen_first = out->messages;
		out->messages++;
		out->recent += index_is_recent(x, m);
		out->unseen += (m->flags & FLAG_SEEN) == 0;
		out->deleted += (m->flags & FLAG_DELETED) != 0;
		out->bytes += m->wire_size;
		if ((m->bits & MSG_WIRE_SIZED) == 0)
			out->has_bytes = false;
	}
	if (out->unseen == 0)
		out->unseen_first = out->messages;
}

/* Lengths and checksums of what follows the head. */
struct body {
	uint64_t count, keywords_n, names_n;
	uint32_t keywords_crc, records_crc, names_crc;
};

static unsigned char *
stamp_print(unsigned char *p, const struct dir_stamp *s)
{
	p = pack(p, (uint64_t)s->mtime.tv_sec, 8);
	p = pack(p, (uint64_t)s->mtime.tv_nsec, 4);
	p = pack(p, (uint64_t)s->ctime.tv_sec, 8);
	p = pack(p, (uint64_t)s->ctime.tv_nsec, 4);
	return pack(p, s->settled, 1);
}

static void
stamp_read(const unsigned char **p, struct dir_stamp *s)
{
	s->mtime.tv_sec = (time_t)unpack(p, 8);
	s->mtime.tv_nsec = (long)unpack(p, 4);
	s->ctime.tv_sec = (time_t)unpack(p, 8);
	s->ctime.tv_nsec = (long)unpack(p, 4);
	s->settled = unpack(p, 1) == 1;
}

static struct span
bytes(const unsigned char *p, size_t n)
{
	return span_of((const char *)p, n);
}

static void
head_print(const struct index *x, const struct body *b,
    const struct index_totals *t, unsigned char head[HEAD])
{
	unsigned char *p = head;

	memset(head, 0, HEAD);
	p = pack(p, MAGIC, 8);
	p = pack(p, x->head.validity, 4);
	p = pack(p, x->head.next, 4);
	memcpy(p, x->head.guid, UIDLIST_GUID);
	p = pack(p + UIDLIST_GUID, x->uids.ino, 8);
	p = pack(p, x->uids.at, 8);
	p = pack(p, x->log.ino, 8);
	p = pack(p, x->log.at, 8);
	p = pack(p, x->highest, 8);
	p = pack(p, x->cache_id, 8);
	p = stamp_print(p, &x->stamps[0]);
	p = stamp_print(p, &x->stamps[1]);
	p = pack(p, t->recent, 8);
	p = pack(p, t->unseen, 8);
	p = pack(p, t->deleted, 8);
	p = pack(p, t->bytes, 8);
	p = pack(p, t->has_bytes, 1);
	p = pack(p, b->count, 8);
	p = pack(p, b->keywords_n, 8);
	p = pack(p, b->names_n, 8);
	p = pack(p, b->keywords_crc, 4);
	p = pack(p, b->records_crc, 4);
	p = pack(p, b->names_crc, 4);
	p = pack(p, t->unseen_first, 8);
	p = pack(p, x->recent, 4);
	(void)pack(p, x->log.id, 8);
	(void)pack(head + HEAD - 4, crc_add(0, bytes(head, HEAD - 4)), 4);
}

static bool
head_read(struct index *x, struct body *b, struct index_totals *t,
    const unsigned char head[HEAD])
{
	const unsigned char *p = head, *end = head + HEAD - 4;

	if (unpack(&end, 4) != crc_add(0, bytes(head, HEAD - 4)) ||
	    unpack(&p, 8) != MAGIC)
		return false;
	x->head.validity = (uint32_t)unpack(&p, 4);
	x->head.next = (uint32_t)unpack(&p, 4);
	memcpy(x->head.guid, p, UIDLIST_GUID);
	x->head.guid[UIDLIST_GUID] = '\0';
	p += UIDLIST_GUID;
	x->uids.ino = unpack(&p, 8);
	x->uids.at = unpack(&p, 8);
	x->log.ino = unpack(&p, 8);
	x->log.at = unpack(&p, 8);
	x->highest = unpack(&p, 8);
	x->cache_id = unpack(&p, 8);
	stamp_read(&p, &x->stamps[0]);
	stamp_read(&p, &x->stamps[1]);
	t->recent = unpack(&p, 8);
	t->unseen = unpack(&p, 8);
	t->deleted = unpack(&p, 8);
	t->bytes = unpack(&p, 8);
	t->has_bytes = unpack(&p, 1) == 1;
	b->count = t->messages = unpack(&p, 8);
	b->keywords_n = unpack(&p, 8);
	b->names_n = unpack(&p, 8);
	b->keywords_crc = (uint32_t)unpack(&p, 4);
	b->records_crc = (uint32_t)unpack(&p, 4);
	b->names_crc = (uint32_t)unpack(&p, 4);
	t->unseen_first = unpack(&p, 8);
	x->recent = (uint32_t)unpack(&p, 4);
	x->log.id = unpack(&p, 8);
	return b->count <= COUNT_MAX && b->keywords_n <= KEYWORDS_BYTES_MAX &&
	    b->names_n <= NAMES_MAX;
}

static void
record_print(const struct msg *m, uint32_t name_at, unsigned char *p)
{
	p = pack(p, m->uid, 4);
	p = pack(p, name_at, 4);
	p = pack(p, m->name_n, 2);
	p = pack(p, m->base_n, 2);
	p = pack(p, m->flags, 1);
	p = pack(p, m->bits & MSG_KEPT, 1);
	p = pack(p, 0, 2);
	p = pack(p, m->saved, 4);
	p = pack(p, (uint64_t)m->date, 8);
	p = pack(p, m->size, 8);
	p = pack(p, m->wire_size, 8);
	p = pack(p, m->modseq, 8);
	p = pack(p, m->cache_at, 8);
	p = pack(p, m->kw.w[0], 8);
	p = pack(p, m->kw.w[1], 8);
	(void)pack(p, 0, 4);
}

static void
record_read(struct msg *m, const unsigned char *p)
{
	m->uid = (uint32_t)unpack(&p, 4);
	m->name_at = (uint32_t)unpack(&p, 4);
	m->name_n = (uint16_t)unpack(&p, 2);
	m->base_n = (uint16_t)unpack(&p, 2);
	m->flags = (uint8_t)unpack(&p, 1) & FLAG_ALL;
	m->bits = (uint8_t)unpack(&p, 1) & MSG_KEPT;
	p += 2;
	m->saved = (uint32_t)unpack(&p, 4);
	m->date = (int64_t)unpack(&p, 8);
	m->size = unpack(&p, 8);
	m->wire_size = unpack(&p, 8);
	m->modseq = unpack(&p, 8);
	m->cache_at = unpack(&p, 8);
	m->kw.w[0] = unpack(&p, 8);
	m->kw.w[1] = unpack(&p, 8);
}

/* Checksums find accidents; these are the rules that our code relies on. */
static bool
record_fits(const struct msg *m, uint32_t last, uint64_t names_n)
{
	return m->uid > last && m->name_n > 0 && m->name_n <= 255 &&
	    m->base_n <= m->name_n && m->name_at <= names_n &&
	    m->name_n <= names_n - m->name_at;
}

/* Records in pieces, so that they are never in memory twice. */
static bool
records_read(struct index *x, int fd, const struct body *b)
{
	unsigned char *room = mem_array(PIECE_RECORDS, RECORD);
	uint64_t at = HEAD + b->keywords_n;
	uint32_t last = 0, crc = 0;
	bool ok = true;

	x->room = (size_t)b->count + 64;
	x->list = mem_array(x->room, sizeof(struct msg));
	while (ok && x->count < b->count) {
		size_t n = (size_t)b->count - x->count;

		n = n < PIECE_RECORDS ? n : PIECE_RECORDS;
		ok = file_read_at(fd, room, n * RECORD, at) == 0;
		crc = crc_add(crc, bytes(room, n * RECORD));
		at += n * RECORD;
		for (size_t i = 0; ok && i < n; i++) {
			struct msg *m = &x->list[x->count];

			record_read(m, room + i * RECORD);
			ok = record_fits(m, last, b->names_n);
			last = m->uid;
			x->count++;
		}
	}
	free(room);
	return ok && crc == b->records_crc && last < x->head.next;
}

static bool
keywords_read(struct index *x, struct span raw)
{
	struct span name;
	size_t i = 0;

	while (raw.n > 0 && span_cut(&raw, '\0', &name)) {
		if (name.n > 0 && !keywords_put(x->keywords, i, name))
			return false;
		i++;
	}
	return true;
}

static bool
part_read(int fd, uint64_t at, uint64_t n, uint32_t crc, struct buf *out)
{
	char *to = buf_room(out, (size_t)n);

	if (n > 0 && file_read_at(fd, to, (size_t)n, at) == -1)
		return false;
	out->n += (size_t)n;
	return crc_add(0, buf_span(out)) == crc;
}

/* The file must be as long as its head says, before anything is allocated. */
static bool
head_of(struct index *x, int fd, struct index_totals *t, struct body *b)
{
	unsigned char head[HEAD];
	struct stat st;

	return fstat(fd, &st) == 0 &&
	    file_read_at(fd, head, sizeof(head), 0) == 0 &&
	    head_read(x, b, t, head) &&
	    (uint64_t)st.st_size ==
	    HEAD + b->keywords_n + b->count * RECORD + b->names_n;
}

static bool
read_front(struct index *x, int fd, struct index_totals *t)
{
	struct buf raw = BUF_EMPTY;
	struct body b;
	bool ok = head_of(x, fd, t, &b) &&
	    part_read(fd, HEAD, b.keywords_n, b.keywords_crc, &raw) &&
	    keywords_read(x, buf_span(&raw));

	buf_free(&raw);
	return ok;
}

static void
empty(struct index *x)
{
	index_done(x);
	index_init(x);
}

int
index_load_head(
    struct index *x, struct index_totals *out, int dir, const char *name)
{
	int fd = file_open(dir, name, O_RDONLY, 0);

	if (fd != -1 && !read_front(x, fd, out)) {
		file_close(&fd);
		empty(x);
	}
	return fd;
}

bool
index_load_body(struct index *x, int fd)
{
	struct index_totals t;
	struct body b;
	bool ok = head_of(x, fd, &t, &b) && records_read(x, fd, &b) &&
	    part_read(fd, HEAD + b.keywords_n + b.count * RECORD, b.names_n,
		b.names_crc, &x->names);

	if (!ok)
		empty(x);
	return ok;
}

bool
index_load(struct index *x, int dir, const char *name)
{
	struct index_totals t;
	int fd = index_load_head(x, &t, dir, name);
	bool ok = fd != -1 && index_load_body(x, fd);

	file_close(&fd);
	return ok;
}

static void
keywords_print(const struct index *x, struct buf *out)
{
	for (size_t i = 0; i < keywords_count(x->keywords); i++) {
		buf_add_span(out, keywords_name(x->keywords, i));
		buf_add_byte(out, '\0');
	}
}

/* Names packed anew: those that were given up do not come along. */
static uint64_t
records_print(const struct index *x, struct buf *out, struct buf *names)
{
	uint64_t count = 0;

	for (size_t i = 0; i < x->count; i++) {
		const struct msg *m = &x->list[i];

		if ((m->bits & MSG_GONE) != 0)
			continue;
		record_print(m, (uint32_t)names->n,
		    (unsigned char *)buf_room(out, RECORD));
		out->n += RECORD;
		buf_add_span(names, index_name(x, m));
		count++;
	}
	return count;
}

static int
write_parts(int fd, const struct buf *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (file_write(fd, buf_span(&parts[i])) == -1)
			return -1;
	return 0;
}

static int
write_file(
    int dir, const char *name, mode_t mode, const struct buf *parts, size_t n)
{
	/* one name for all: whoever holds the lock clears up what a killed
	 * process left */
	char *fresh = mem_printf("%s.tmp", name);
	int fd, got, error;

	(void)file_unlink(dir, fresh);
	fd = file_open(dir, fresh, O_WRONLY | O_CREAT | O_EXCL, mode);
	got = fd == -1 ? -1 : write_parts(fd, parts, n);
	if (got == 0)
		got = file_rename(dir, fresh, dir, name);
	error = errno;
	file_close(&fd);
	if (got == -1)
		(void)file_unlink(dir, fresh);
	free(fresh);
	errno = error;
	return got;
}

int
index_save(const struct index *x, int dir, const char *name, mode_t mode)
{
	unsigned char head[HEAD];
	struct buf parts[4] = { BUF_EMPTY, BUF_EMPTY, BUF_EMPTY, BUF_EMPTY };
	struct index_totals t;
	struct body b;
	int got, error;

	keywords_print(x, &parts[1]);
	b.count = records_print(x, &parts[2], &parts[3]);
	b.keywords_n = parts[1].n;
	b.names_n = parts[3].n;
	b.keywords_crc = crc_add(0, buf_span(&parts[1]));
	b.records_crc = crc_add(0, buf_span(&parts[2]));
	b.names_crc = crc_add(0, buf_span(&parts[3]));
	index_totals(x, &t);
	head_print(x, &b, &t, head);
	buf_add(&parts[0], head, HEAD);
	got = write_file(dir, name, mode, parts, 4);
	error = errno;
	for (int i = 0; i < 4; i++)
		buf_free(&parts[i]);
	errno = error;
	return got;
}
