/*
 * wordfile.c - facteur.words: signatures of messages' texts, for searching
 *
 * A head of 32 bytes: magic, kind, checksum. Then entries: length of the
 * signature, checksum of UID and signature, UID, signature. Where an entry lies
 * is found by going from one to the next, once; what lies behind the first that
 * cannot be is not looked at, and cut off by whoever appends. Nothing is
 * flushed.
 */

#include "mailbox/wordfile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/mem.h"
#include "mailbox/pack.h"
#include "mailbox/signature.h"
#include "os/file.h"

#define MAGIC UINT64_C(0x3144525754434146) /* "FACTWRD1" */

enum { HEAD = 32, ENTRY_HEAD = 12, WINDOW = 1 << 18 };

struct entry {
	uint32_t uid;
	uint64_t at;
};

struct wordfile {
	int dir, fd;
	char *name;
	mode_t mode;
	uint64_t kind;
	bool absent; /* as far as is known */
	struct entry *list;
	size_t count, room;
	bool sorted;
	size_t next; /* where the next UID is looked for first */
	uint64_t end; /* of the entries that were gone through */
	struct buf window;
	uint64_t window_at;
};

struct wordfile *
wordfile_new(int dir, const char *name, mode_t mode)
{
	struct wordfile *w = mem_new(sizeof(*w));

	w->dir = dir;
	w->fd = -1;
	w->name = mem_str(name);
	w->mode = mode;
	return w;
}

static void
shut(struct wordfile *w)
{
	file_close(&w->fd);
	buf_free(&w->window);
	free(w->list);
	w->list = NULL;
	w->count = w->room = w->next = 0;
	w->sorted = true;
}

void
wordfile_free(struct wordfile **w)
{
	if (*w == NULL)
		return;
	shut(*w);
	free((*w)->name);
	mem_free(w);
}

void
wordfile_rest(struct wordfile *w)
{
	buf_free(&w->window);
}

static struct span
bytes(const unsigned char *p, size_t n)
{
	return span_of((const char *)p, n);
}

/* n bytes at that place, in the window; NULL when they are not there. */
static const unsigned char *
look(struct wordfile *w, uint64_t at, size_t n)
{
	ssize_t got;

	if (at < w->window_at || at + n > w->window_at + w->window.n) {
		buf_clear(&w->window);
		w->window_at = at;
		got = pread(
		    w->fd, buf_room(&w->window, WINDOW), WINDOW, (off_t)at);
		if (got < (ssize_t)n)
			return NULL;
		w->window.n = (size_t)got;
	}
	return (const unsigned char *)w->window.p + (at - w->window_at);
}

static void
note(struct wordfile *w, uint32_t uid, uint64_t at)
{
	if (w->count == w->room) {
		w->room = w->room == 0 ? 256 : w->room * 2;
		w->list = mem_resize(w->list, w->room, sizeof(*w->list));
	}
	if (w->count > 0 && w->list[w->count - 1].uid >= uid)
		w->sorted = false;
	w->list[w->count++] = (struct entry){ uid, at };
}

/* Go on from the last entry known to the end of the file, or to what cannot be
 * one. */
static void
go_through(struct wordfile *w)
{
	struct stat st;

	if (fstat(w->fd, &st) == -1)
		return;
	for (;;) {
		const unsigned char *p = look(w, w->end, ENTRY_HEAD), *uid;
		uint32_t length, number;

		if (p == NULL)
			return;
		uid = p + 8;
		length = (uint32_t)unpack(&p, 4);
		number = (uint32_t)unpack(&uid, 4);
		/* no message has the UID 0: blocks of zeros are no entries */
		if (number == 0 || length > SIGNATURE_MOST ||
		    w->end + ENTRY_HEAD + length > (uint64_t)st.st_size)
			return;
		note(w, number, w->end);
		w->end += ENTRY_HEAD + length;
	}
}

static bool
head_fits(int fd, uint64_t kind)
{
	unsigned char head[HEAD];
	const unsigned char *p = head, *end = head + HEAD - 4;

	return file_read_at(fd, head, sizeof(head), 0) == 0 &&
	    unpack(&end, 4) == crc_add(0, bytes(head, HEAD - 4)) &&
	    unpack(&p, 8) == MAGIC && unpack(&p, 8) == kind;
}

static bool
ready(struct wordfile *w, uint64_t kind)
{
	if (w->fd != -1 && w->kind == kind)
		return true;
	if (w->absent && w->kind == kind)
		return false;
	shut(w);
	w->fd = file_open(w->dir, w->name, O_RDWR, 0);
	w->kind = kind;
	if (w->fd != -1 && !head_fits(w->fd, kind))
		file_close(&w->fd);
	w->absent = w->fd == -1;
	if (w->absent)
		return false;
	w->end = HEAD;
	go_through(w);
	return true;
}

static int
entry_cmp(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->uid != y->uid)
		return x->uid < y->uid ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* The last entry of uid; messages are mostly asked for in their order. */
static const struct entry *
find(struct wordfile *w, uint32_t uid)
{
	size_t low = 0, high = w->count;

	if (!w->sorted)
		qsort(w->list, w->count, sizeof(*w->list), entry_cmp);
	w->sorted = true;
	if (w->next < w->count && w->list[w->next].uid == uid)
		low = w->next + 1;
	else
		while (low < high) {
			size_t mid = low + (high - low) / 2;

			if (w->list[mid].uid <= uid)
				low = mid + 1;
			else
				high = mid;
		}
	while (low < w->count && w->list[low].uid == uid)
		low++;
	w->next = low;
	return low > 0 && w->list[low - 1].uid == uid ? &w->list[low - 1]
						      : NULL;
}

bool
wordfile_get(struct wordfile *w, uint64_t kind, uint32_t uid, struct span *out)
{
	const unsigned char *p;
	const struct entry *e;
	uint32_t length, crc;

	if (!ready(w, kind))
		return false;
	e = find(w, uid);
	p = e == NULL ? NULL : look(w, e->at, ENTRY_HEAD);
	if (p == NULL)
		return false;
	length = (uint32_t)unpack(&p, 4);
	if (length > SIGNATURE_MOST)
		return false;
	p = look(w, e->at, ENTRY_HEAD + length);
	if (p == NULL)
		return false;
	p += 4;
	crc = (uint32_t)unpack(&p, 4);
	if (crc != crc_add(0, bytes(p, 4 + length)) || unpack(&p, 4) != uid)
		return false;
	*out = bytes(p, length);
	return true;
}

void
wordfile_put(struct buf *out, uint32_t uid, struct span signature)
{
	unsigned char head[ENTRY_HEAD], *p = head;
	uint32_t crc;

	p = pack(p, signature.n, 4);
	(void)pack(p + 4, uid, 4);
	crc = crc_add(crc_add(0, bytes(head + 8, 4)), signature);
	(void)pack(p, crc, 4);
	buf_add(out, (const char *)head, sizeof(head));
	buf_add_span(out, signature);
}

static bool
make_fresh(struct wordfile *w, uint64_t kind)
{
	unsigned char head[HEAD], *p = head;

	shut(w);
	(void)file_unlink(w->dir, w->name); /* others read the old one on */
	w->fd = file_open(w->dir, w->name, O_RDWR | O_CREAT | O_EXCL, w->mode);
	if (w->fd == -1)
		return false;
	w->kind = kind;
	w->absent = false;
	w->end = HEAD;
	memset(head, 0, sizeof(head));
	p = pack(p, MAGIC, 8);
	(void)pack(p, kind, 8);
	(void)pack(head + HEAD - 4, crc_add(0, bytes(head, HEAD - 4)), 4);
	if (file_write_at(w->fd, bytes(head, HEAD), 0) == 0)
		return true;
	shut(w); /* without a head it is no file to append to */
	return false;
}

/* What we have open is what the name leads to. */
static bool
is_still(const struct wordfile *w)
{
	struct stat ours, there;

	return fstat(w->fd, &ours) == 0 &&
	    fstatat(w->dir, w->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

void
wordfile_look_again(struct wordfile *w)
{
	w->absent = false;
	if (w->fd != -1 && !is_still(w))
		shut(w);
}

bool
wordfile_append(
    struct wordfile *w, uint64_t kind, struct span entries, uint64_t most)
{
	struct stat st;
	bool ok;

	wordfile_look_again(w);
	ok = ready(w, kind);
	if (ok) {
		buf_clear(&w->window); /* the file may have grown */
		go_through(w);
		ok = fstat(w->fd, &st) == 0 && w->end + entries.n <= most &&
		    ((uint64_t)st.st_size == w->end ||
			ftruncate(w->fd, (off_t)w->end) == 0);
	}
	if (!ok && !make_fresh(w, kind))
		return false;
	if (file_write_at(w->fd, entries, w->end) == -1)
		return false;
	buf_clear(&w->window);
	go_through(w);
	return true;
}
