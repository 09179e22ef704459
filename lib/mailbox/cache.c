/*
 * cache.c - facteur.cache: what was found out about messages, ready to send
 *
 * A head of 32 bytes, then entries: length of the rest, checksum of the rest,
 * UID, and items, each its number, its length and its bytes. Nothing is
 * flushed.
 */

#include "mailbox/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/log.h"
#include "base/mem.h"
#include "mailbox/pack.h"
#include "os/clock.h"
#include "os/file.h"

#define MAGIC UINT64_C(0x3148434354434146) /* "FACTCCH1" */

enum {
	HEAD = 32,
	ENTRY_HEAD = 12, /* length, checksum, UID */
	ITEM_HEAD = 5,
	WINDOW_FIRST = 4096,
	WINDOW_MOST = 1 << 18
};

struct cache {
	int dir, fd;
	char *name;
	mode_t mode;
	uint32_t validity;
	uint64_t id; /* 0: not open */
	struct buf window;
	uint64_t window_at;
	size_t window_want;
};

struct cache *
cache_new(int dir, const char *name, mode_t mode)
{
	struct cache *c = mem_new(sizeof(*c));

	c->dir = dir;
	c->fd = -1;
	c->name = mem_str(name);
	c->mode = mode;
	return c;
}

void
cache_rest(struct cache *c)
{
	buf_free(&c->window);
	c->window_at = 0;
	c->window_want = WINDOW_FIRST;
}

static void
shut(struct cache *c)
{
	file_close(&c->fd);
	c->id = 0;
	cache_rest(c);
}

void
cache_free(struct cache **c)
{
	if (*c == NULL)
		return;
	shut(*c);
	free((*c)->name);
	mem_free(c);
}

static struct span
bytes(const unsigned char *p, size_t n)
{
	return span_of((const char *)p, n);
}

static bool
head_read(struct cache *c, uint32_t validity)
{
	unsigned char head[HEAD];
	const unsigned char *p = head, *end = head + HEAD - 4;

	if (file_read_at(c->fd, head, sizeof(head), 0) == -1 ||
	    unpack(&end, 4) != crc_add(0, bytes(head, HEAD - 4)) ||
	    unpack(&p, 8) != MAGIC || unpack(&p, 4) != validity)
		return false;
	c->id = unpack(&p, 8);
	c->validity = validity;
	return c->id != 0;
}

uint64_t
cache_id(struct cache *c, uint32_t validity)
{
	if (c->id != 0 && c->validity == validity)
		return c->id;
	shut(c);
	c->fd = file_open(c->dir, c->name, O_RDWR, 0);
	if (c->fd != -1 && !head_read(c, validity))
		shut(c);
	return c->id;
}

static bool
make_fresh(struct cache *c, uint32_t validity)
{
	unsigned char head[HEAD];
	unsigned char *p = head;

	shut(c);
	(void)file_unlink(c->dir, c->name); /* others read the old one on */
	c->fd = file_open(c->dir, c->name, O_RDWR | O_CREAT | O_EXCL, c->mode);
	if (c->fd == -1)
		return false;
	c->id = (uint64_t)clock_wall_us();
	c->validity = validity;
	memset(head, 0, sizeof(head));
	p = pack(p, MAGIC, 8);
	p = pack(p, validity, 4);
	(void)pack(p, c->id, 8);
	(void)pack(head + HEAD - 4, crc_add(0, bytes(head, HEAD - 4)), 4);
	return file_write_at(c->fd, bytes(head, HEAD), 0) == 0;
}

/* n bytes at that place, in the window; NULL when they are not there. */
static const unsigned char *
look(struct cache *c, uint64_t at, size_t n)
{
	size_t want = c->window_want < n ? n : c->window_want;
	ssize_t got;

	if (c->window.n > 0 && at >= c->window_at &&
	    at - c->window_at <= c->window.n &&
	    n <= c->window.n - (size_t)(at - c->window_at))
		return (const unsigned char *)c->window.p + (at - c->window_at);
	/* just behind what was read last: whoever asks goes on */
	if (c->window.n > 0 && at >= c->window_at &&
	    at - c->window_at <= c->window.n)
		c->window_want = WINDOW_MOST;
	else
		c->window_want = WINDOW_FIRST;
	if (c->window_want > want)
		want = c->window_want;
	buf_clear(&c->window);
	got = pread(c->fd, buf_room(&c->window, want), want, (off_t)at);
	if (got < 0 || (size_t)got < n)
		return NULL;
	c->window.n = (size_t)got;
	c->window_at = at;
	return (const unsigned char *)c->window.p;
}

static bool
items_read(const unsigned char *p, size_t n, struct cache_entry *out)
{
	const unsigned char *end = p + n;

	while (p < end) {
		size_t number, length;

		if (end - p < ITEM_HEAD)
			return false;
		number = (size_t)unpack(&p, 1);
		length = (size_t)unpack(&p, 4);
		if (number >= CACHE_ITEMS || length > (size_t)(end - p))
			return false;
		out->items[number] = bytes(p, length);
		p += length;
	}
	return true;
}

/* p has the entry's length and n bytes behind its checksum. */
static bool
entry_read(
    const unsigned char *p, size_t n, uint32_t uid, struct cache_entry *out)
{
	uint64_t crc;

	p += 4;
	crc = unpack(&p, 4);
	return crc == crc_add(0, bytes(p, n)) && unpack(&p, 4) == uid &&
	    items_read(p, n - 4, out);
}

static bool
length_fits(uint64_t n)
{
	return n >= 4 && n <= CACHE_ENTRY_MAX;
}

bool
cache_get(struct cache *c, uint64_t at, uint32_t uid, struct cache_entry *out)
{
	const unsigned char *p;
	uint64_t n;

	memset(out, 0, sizeof(*out));
	if (c->id == 0 || at < HEAD)
		return false;
	p = look(c, at, ENTRY_HEAD);
	if (p == NULL)
		return false;
	n = unpack(&p, 4);
	if (!length_fits(n))
		return false;
	p = look(c, at, (size_t)n + 8);
	return p != NULL && entry_read(p, (size_t)n, uid, out);
}

bool
cache_read(struct span entry, uint32_t uid, struct cache_entry *out)
{
	const unsigned char *p = (const unsigned char *)entry.p, *at = p;
	uint64_t n;

	memset(out, 0, sizeof(*out));
	if (entry.n < ENTRY_HEAD)
		return false;
	n = unpack(&at, 4);
	return length_fits(n) && n == entry.n - 8 &&
	    entry_read(p, (size_t)n, uid, out);
}

bool
cache_put(struct buf *out, uint32_t uid, const struct cache_entry *e)
{
	size_t begun = out->n;
	unsigned char head[ENTRY_HEAD], item[ITEM_HEAD];
	struct span rest;

	(void)pack(head + 8, uid, 4);
	buf_add(out, head, ENTRY_HEAD);
	for (unsigned i = 0; i < CACHE_ITEMS; i++) {
		if (e->items[i].p == NULL)
			continue;
		(void)pack(pack(item, i, 1), e->items[i].n, 4);
		buf_add(out, item, ITEM_HEAD);
		buf_add_span(out, e->items[i]);
		if (out->n - begun > CACHE_ENTRY_MAX) {
			buf_cut(out, begun);
			return false;
		}
	}
	rest = span_skip(buf_span(out), begun + 8);
	(void)pack(pack((unsigned char *)out->p + begun, rest.n, 4),
	    crc_add(0, rest), 4);
	return true;
}

bool
cache_append(struct cache *c, uint32_t validity, struct span entries,
    uint64_t most, uint64_t *at)
{
	struct stat st;
	bool ok = cache_id(c, validity) != 0;

	if (ok && fstat(c->fd, &st) == 0 && st.st_nlink == 0) {
		shut(c); /* somebody began it anew: that one is ours too */
		ok = cache_id(c, validity) != 0;
	}
	if (ok && (fstat(c->fd, &st) == -1 || (uint64_t)st.st_size > most))
		ok = false;
	if (!ok)
		ok = make_fresh(c, validity) && fstat(c->fd, &st) == 0;
	if (ok) {
		*at = st.st_size < HEAD ? HEAD : (uint64_t)st.st_size;
		ok = file_write_at(c->fd, entries, *at) == 0;
	}
	if (ok)
		return true;
	log_warning("%s: cannot write: %s", c->name, strerror(errno));
	(void)file_unlink(c->dir, c->name);
	shut(c);
	return false;
}
