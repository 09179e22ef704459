/*
 * view_sizes.c - how large a message is, and when it came
 *
 * Names tell it where Courier or Dovecot wrote them; else the file is looked at
 * once, and all that one look shows is kept.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "mailbox/flags.h"
#include "mailbox/view_parts.h"
#include "os/file.h"

enum { READ_BYTES = 65536 };

void
view_sizes_of_name(struct view *v, struct msg *m)
{
	struct span name = index_name(&v->x, m);

	if ((m->bits & MSG_SIZED) == 0 && flags_size(name, 'S', &m->size))
		m->bits |= MSG_SIZED;
	if ((m->bits & MSG_WIRE_SIZED) == 0 &&
	    flags_size(name, 'W', &m->wire_size))
		m->bits |= MSG_WIRE_SIZED;
}

void
view_saved_of_name(struct view *v, struct msg *m)
{
	struct flags_arrival a = flags_arrival(index_base(&v->x, m));

	m->saved = a.sec <= UINT32_MAX ? (uint32_t)a.sec : 0;
}

void
view_set_sizes(struct view *v, size_t i, uint64_t size, uint64_t wire)
{
	struct msg *m;

	must(i < v->shown);
	view_wake(v);
	m = &v->x.list[i];
	if (m->size == size && m->wire_size == wire &&
	    (m->bits & MSG_WIRE_SIZED) != 0)
		return;
	m->size = size;
	m->wire_size = wire;
	m->bits |= MSG_SIZED | MSG_WIRE_SIZED;
	v->changed = true;
}

void
view_set_date(struct view *v, size_t i, int64_t date)
{
	struct msg *m;

	must(i < v->shown);
	view_wake(v);
	m = &v->x.list[i];
	if ((m->bits & MSG_DATED) != 0)
		return;
	m->date = date;
	m->bits |= MSG_DATED;
	v->changed = true;
}

/* Line ends that are not CRLF; *after_cr goes from piece to piece. */
static uint64_t
bare_ends(const char *p, size_t n, bool *after_cr)
{
	const char *at = p, *end = p + n;
	uint64_t found = 0;

	while (
	    at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
		found += !(at == p ? *after_cr : at[-1] == '\r');
		at++;
	}
	if (n > 0)
		*after_cr = end[-1] == '\r';
	return found;
}

static int
measure(int fd, size_t room_n, uint64_t *size, uint64_t *wire)
{
	char *room = mem_array(room_n, 1);
	bool after_cr = false;
	ssize_t n;

	*size = *wire = 0;
	do {
		n = read(fd, room, room_n);
		if (n > 0) {
			*size += (uint64_t)n;
			*wire += bare_ends(room, (size_t)n, &after_cr);
		}
	} while (n > 0 || (n == -1 && errno == EINTR));
	*wire += *size;
	free(room);
	return (int)n;
}

/* Read the open file of a message. */
static int
look_into(struct view *v, size_t i, int fd)
{
	uint64_t size, wire;
	struct stat st;
	size_t room;

	if (fstat(fd, &st) == -1)
		return -1;
	room = st.st_size < READ_BYTES ? (size_t)st.st_size + 1 : READ_BYTES;
	if (measure(fd, room, &size, &wire) == -1)
		return -1;
	view_set_date(v, i, st.st_mtime);
	view_set_sizes(v, i, size, wire);
	return 0;
}

int
view_wire_size(struct view *v, size_t i, uint64_t *out, struct why *why)
{
	int fd, got;

	if ((view_at(v, i)->bits & MSG_WIRE_SIZED) == 0) {
		fd = view_file(v, i, why);
		if (fd == -1)
			return -1;
		got = look_into(v, i, fd);
		file_close(&fd);
		if (got == -1)
			return view_trouble(v, "read a message", why);
	}
	*out = view_at(v, i)->wire_size;
	return 0;
}

int
view_date(struct view *v, size_t i, int64_t *out, struct why *why)
{
	struct stat st;
	int fd, got;

	if ((view_at(v, i)->bits & MSG_DATED) == 0) {
		fd = view_file(v, i, why);
		if (fd == -1)
			return -1;
		got = fstat(fd, &st);
		file_close(&fd);
		if (got == -1)
			return view_trouble(v, "look at a message", why);
		view_set_date(v, i, st.st_mtime);
	}
	*out = view_at(v, i)->date;
	return 0;
}
