/*
 * slots.c - one document kept on disk by a process that may open no file
 *
 * A slot: a head of 32 octets (mark, number, size, checksum of all that
 * follows the mark's own field), then the document. Numbers are written with
 * their least octet first.
 */

#include "os/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/mem.h"
#include "os/file.h"

enum { HEAD = 32, AT_NUMBER = 8, AT_SIZE = 16, AT_CRC = 24 };

static const char mark[AT_NUMBER + 1] = "FACTSLT1";

struct slots {
	int fd[2];
	uint64_t number; /* of the newest */
	int newest;
};

static uint64_t
get(const char *p)
{
	uint64_t n = 0;

	for (int i = 7; i >= 0; i--)
		n = n << 8 | (unsigned char)p[i];
	return n;
}

static void
put(char *p, uint64_t n)
{
	for (int i = 0; i < 8; i++, n >>= 8)
		p[i] = (char)(n & 0xff);
}

static struct slots *
open_both(const char *folder, const char *name, int flags)
{
	struct slots *s = mem_new(sizeof(*s));
	int dir = file_open_dir(AT_FDCWD, folder, true), got = -1;

	s->fd[0] = s->fd[1] = -1;
	for (int i = 0; dir != -1 && i < 2; i++) {
		char *path = mem_printf("%s.%d", name, i);

		s->fd[i] = file_open(dir, path, flags, 0600);
		free(path);
		if (s->fd[i] == -1 &&
		    ((flags & O_CREAT) != 0 || errno != ENOENT))
			break;
		got = i;
	}
	if (got == 1 && (flags & O_CREAT) != 0 && file_sync(dir) == -1)
		got = -1;
	if (got != 1) {
		int error = errno;

		slots_close(&s);
		errno = error;
	}
	(void)file_close(&dir);
	return s;
}

struct slots *
slots_open(const char *folder, const char *name)
{
	return open_both(folder, name, O_RDWR | O_CREAT);
}

struct slots *
slots_open_read(const char *folder, const char *name)
{
	return open_both(folder, name, O_RDONLY);
}

void
slots_close(struct slots **s)
{
	if (*s == NULL)
		return;
	(void)file_close(&(*s)->fd[0]);
	(void)file_close(&(*s)->fd[1]);
	mem_free(s);
}

/* The number of a whole slot, whose document replaces out; 0: it is not. */
static uint64_t
slot_read(int fd, size_t max, struct buf *out)
{
	char head[HEAD];
	uint64_t size;
	uint32_t crc;

	buf_clear(out);
	if (fd == -1 || file_read_at(fd, head, HEAD, 0) == -1 ||
	    memcmp(head, mark, AT_NUMBER) != 0)
		return 0;
	size = get(head + AT_SIZE);
	if (size > max ||
	    file_read_at(
		fd, buf_room(out, (size_t)size + 1), (size_t)size, HEAD) == -1)
		return 0;
	out->n = (size_t)size;
	crc = crc_add(crc_add(0, span_of(head, AT_CRC)), buf_span(out));
	return crc == get(head + AT_CRC) ? get(head + AT_NUMBER) : 0;
}

int
slots_read(struct slots *s, size_t max, struct buf *out)
{
	struct buf other = BUF_EMPTY;
	uint64_t a = slot_read(s->fd[0], max, out);
	uint64_t b = slot_read(s->fd[1], max, &other);

	s->newest = b > a;
	s->number = b > a ? b : a;
	if (b > a) {
		buf_clear(out);
		buf_add_span(out, buf_span(&other));
	}
	buf_free(&other);
	if (s->number > 0)
		return 0;
	buf_clear(out);
	errno = ENOENT;
	return -1;
}

int
slots_write(struct slots *s, struct span document)
{
	int to = 1 - s->newest, fd = s->fd[to];
	char head[HEAD] = { 0 };

	memcpy(head, mark, AT_NUMBER);
	put(head + AT_NUMBER, s->number + 1);
	put(head + AT_SIZE, document.n);
	put(head + AT_CRC,
	    crc_add(crc_add(0, span_of(head, AT_CRC)), document));
	/* the head last: until then the slot is what it was, or none */
	if (file_write_at(fd, document, HEAD) == -1 ||
	    file_write_at(fd, span_of(head, HEAD), 0) == -1 ||
	    ftruncate(fd, (off_t)(HEAD + document.n)) == -1 ||
	    file_sync_data(fd) == -1)
		return -1;
	s->number++;
	s->newest = to;
	return 0;
}
