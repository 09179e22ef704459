/*
 * uidlist.c - facteur.uids: which UID a message has, for ever
 *
 * Its lines are those of uidline.h. One without its end is the torn tail of a
 * write that nobody was told about; the next writer cuts it off. The head has a
 * fixed length and lies in one sector.
 */

#include "mailbox/uidlist.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/number.h"
#include "base/why.h"
#include "mailbox/uidline.h"
#include "os/clock.h"
#include "os/file.h"

#define UIDS_FILE "facteur.uids"

enum {
	READ_FIRST = 4096, /* mostly there is a line or none */
	READ_BYTES = 1 << 18,
	LINE_MOST = 8192,
	LOCK_NAP_US = 200, /* the first; it grows */
	LOCK_NAP_MOST_US = 10000
};

struct uidlist {
	int dir, fd;
	mode_t mode;
	bool locked;
	uint64_t ino;
	uint64_t at; /* end of the last line read or written; 0: nothing */
	uint32_t next;
	uint32_t written_next; /* as the head on disk says */
	struct uidlist_head head;
	bool has_head;
	size_t damaged, lines;
	struct buf queue;
};

struct uidlist *
uidlist_new(int dir, mode_t mode)
{
	struct uidlist *u = mem_new(sizeof(*u));

	u->dir = dir;
	u->fd = -1;
	u->mode = mode;
	return u;
}

void
uidlist_free(struct uidlist **u)
{
	if (*u == NULL)
		return;
	file_close(&(*u)->fd); /* the lock goes with it */
	buf_free(&(*u)->queue);
	mem_free(u);
}

static int
trouble(const char *what, struct why *why)
{
	int error = errno;

	why_set(why, error == ENOSPC || error == EDQUOT ? "4.3.1" : "4.3.0",
	    "cannot %s " UIDS_FILE ": %s", what, strerror(error));
	errno = error;
	return -1;
}

static void
use_file(struct uidlist *u, int fd, uint64_t ino)
{
	file_close(&u->fd);
	u->fd = fd;
	u->ino = ino;
	u->at = 0;
	u->next = u->written_next = 1;
	u->has_head = false;
	u->damaged = u->lines = 0;
	buf_free(&u->queue);
}

/* 0 when fd is the file of that name, 1 when it is another or none. */
static int
is_other(const struct uidlist *u, int fd, uint64_t *ino)
{
	struct stat named, opened;

	if (fd == -1)
		return 1;
	if (fstat(fd, &opened) == -1)
		return -1;
	*ino = opened.st_ino;
	if (fstatat(u->dir, UIDS_FILE, &named, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 1 : -1;
	return named.st_ino != opened.st_ino || named.st_dev != opened.st_dev;
}

static int
open_current(struct uidlist *u, struct why *why)
{
	uint64_t ino = 0;
	int other = is_other(u, u->fd, &ino);
	int fd;

	if (other == 0)
		return 0;
	if (other == -1)
		return trouble("look at", why);
	fd = file_open(u->dir, UIDS_FILE, O_RDWR | O_CREAT, u->mode);
	if (fd == -1)
		return trouble("open", why);
	if (is_other(u, fd, &ino) != 0)
		ino = 0; /* replaced at once: seen after the lock */
	use_file(u, fd, ino);
	return 0;
}

/* 0, or -1 with EAGAIN when another holds it. */
static int
try_lock(int fd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int got = fcntl(fd, F_OFD_SETLK, &l);

	if (got == -1 && errno == EACCES)
		errno = EAGAIN;
	return got;
}

/* The file may be replaced between its opening and the lock. */
static int
lock_once(struct uidlist *u, struct why *why)
{
	uint64_t ino;

	if (open_current(u, why) == -1)
		return -1;
	if (try_lock(u->fd) == -1)
		return errno == EAGAIN ? 1 : trouble("lock", why);
	if (is_other(u, u->fd, &ino) == 0)
		return 0;
	use_file(u, -1, 0);
	return 1;
}

/* Most hold it for a moment only, and many may want it at the same moment, when
 * mail has come for a user with many clients: so naps begin short, and no two
 * are of one length. Returns the next one's. */
static int64_t
take_nap(int64_t us)
{
	int64_t length = us + clock_wall_us() % us;
	struct timespec t = { 0, length * 1000 };

	(void)nanosleep(&t, NULL);
	return length < LOCK_NAP_MOST_US / 2 ? length : LOCK_NAP_MOST_US / 2;
}

int
uidlist_try_lock(struct uidlist *u, struct why *why)
{
	int got;

	must(!u->locked);
	got = lock_once(u, why);
	u->locked = got == 0;
	return got;
}

int
uidlist_lock(struct uidlist *u, struct why *why)
{
	int64_t until = clock_ms() + UIDLIST_LOCK_MS, nap_us = LOCK_NAP_US;
	int got;

	while ((got = uidlist_try_lock(u, why)) == 1 && clock_ms() < until)
		nap_us = take_nap(nap_us);
	if (got == 1)
		why_set(why, "4.3.0",
		    "another program has held " UIDS_FILE " for too long");
	return got == 0 ? 0 : -1;
}

void
uidlist_unlock(struct uidlist *u)
{
	struct flock l = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	if (u->locked)
		(void)fcntl(u->fd, F_OFD_SETLK, &l);
	u->locked = false;
}

bool
uidlist_changed(const struct uidlist *u)
{
	struct stat st;

	return u->fd == -1 ||
	    fstatat(u->dir, UIDS_FILE, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    st.st_ino != u->ino || (uint64_t)st.st_size != u->at;
}

bool
uidlist_head(struct uidlist *u, struct uidlist_head *out)
{
	char line[UIDLINE_HEAD];

	must(u->locked);
	u->has_head = file_read_at(u->fd, line, sizeof(line), 0) == 0 &&
	    line[UIDLINE_HEAD - 1] == '\n' &&
	    uidline_head_get(span_of(line, UIDLINE_HEAD - 1), &u->head);
	if (!u->has_head)
		return false;
	u->written_next = u->head.next;
	if (u->next < u->head.next)
		u->next = u->head.next;
	*out = u->head;
	return true;
}

struct reading {
	struct uidlist *u;
	uid_event_fn *fn;
	void *arg;
	struct buf room;
	bool told_uid; /* some line did */
};

static void
take_line(struct reading *r, struct span line)
{
	struct uid_event e = { .kind = UID_START };

	r->u->lines++;
	if (!uidline_get(line, &r->room, &e)) {
		r->u->damaged++;
		return;
	}
	if (e.kind != UID_KEYWORD && e.kind != UID_RECENT) {
		r->told_uid = true;
		if (e.uid >= r->u->next)
			r->u->next = e.uid == UINT32_MAX ? e.uid : e.uid + 1;
	}
	if (r->fn != NULL)
		r->fn(r->arg, &e);
}

/* The whole lines of text; returns how many bytes they take. A line too long to
 * be one is passed over in parts. */
static size_t
take_lines(struct reading *r, struct span text)
{
	size_t used = 0;

	for (;;) {
		struct span rest = span_skip(text, used);
		size_t n = span_find(rest, '\n');

		if (n == rest.n) {
			if (rest.n <= LINE_MOST)
				return used;
			r->u->damaged++;
			return text.n;
		}
		take_line(r, span_head(rest, n));
		used += n + 1;
	}
}

static int
read_lines(struct reading *r, uint64_t end)
{
	size_t size = READ_FIRST;
	char *room = mem_resize(NULL, size, 1);
	int got = 0;

	while (r->u->at < end) {
		size_t want =
		    end - r->u->at < size ? (size_t)(end - r->u->at) : size;
		ssize_t n = pread(r->u->fd, room, want, (off_t)r->u->at);
		size_t used;

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			got = (int)n;
			break;
		}
		used = take_lines(r, span_of(room, (size_t)n));
		r->u->at += used;
		if ((size_t)n < want)
			break; /* all of it, but for a torn tail */
		if (used == 0 && size == READ_BYTES)
			break;
		if (size < READ_BYTES) {
			size = READ_BYTES;
			room = mem_resize(room, size, 1);
		}
	}
	free(room);
	return got;
}

static int
write_head(struct uidlist *u)
{
	struct buf head = BUF_EMPTY;
	int got;

	u->head.next = u->next;
	uidline_head(&head, &u->head);
	got = file_write_at(u->fd, buf_span(&head), 0);
	buf_free(&head);
	return got;
}

/* A power cut may have kept lines and not the head that was written with them.
 * Whoever begins at their end must find it right. */
static int
mend_head(struct uidlist *u)
{
	if (u->next <= u->head.next)
		return 0;
	if (write_head(u) == -1 || file_sync_data(u->fd) == -1)
		return -1;
	u->written_next = u->next;
	return 0;
}

int
uidlist_read_to(struct uidlist *u, uint64_t end, uid_event_fn *fn, void *arg,
    struct why *why)
{
	static const struct uid_event start = { .kind = UID_START };
	struct reading r = { .u = u, .fn = fn, .arg = arg };
	int got;

	must(u->locked && u->has_head);
	if (u->at == 0) {
		u->at = UIDLINE_HEAD;
		u->damaged = u->lines = 0;
		fn(arg, &start);
	}
	got = read_lines(&r, end);
	buf_free(&r.room);
	if (got == -1)
		return trouble("read", why);
	return mend_head(u) == -1 ? trouble("write", why) : 0;
}

int
uidlist_read(struct uidlist *u, uid_event_fn *fn, void *arg, struct why *why)
{
	return uidlist_read_to(u, UINT64_MAX, fn, arg, why);
}

int
uidlist_read_again(
    struct uidlist *u, uid_event_fn *fn, void *arg, struct why *why)
{
	uint64_t at = u->at;
	size_t damaged = u->damaged, lines = u->lines;
	int got;

	u->at = 0;
	got = uidlist_read(u, fn, arg, why);
	u->at = at;
	u->damaged = damaged;
	u->lines = lines;
	return got;
}

size_t
uidlist_damaged(const struct uidlist *u)
{
	return u->damaged;
}

size_t
uidlist_lines(const struct uidlist *u)
{
	return u->lines;
}

struct uidlist_place
uidlist_place(const struct uidlist *u)
{
	return (struct uidlist_place){ u->ino, u->at };
}

bool
uidlist_seek(struct uidlist *u, struct uidlist_place to)
{
	char before;
	struct stat st;

	must(u->locked);
	if (to.ino != u->ino || to.at < UIDLINE_HEAD ||
	    fstat(u->fd, &st) == -1 || (uint64_t)st.st_size < to.at ||
	    file_read_at(u->fd, &before, 1, to.at - 1) == -1 || before != '\n')
		return false;
	u->at = to.at;
	return true;
}

void
uidlist_rewind(struct uidlist *u)
{
	u->at = 0;
}

/* The last lines of the file, mostly all whole. True when they are, and tell
 * what UIDs there are: the head may be of before a change that was cut short,
 * and what its lines tell is given no more. */
static bool
read_tail(struct reading *r, uint64_t size)
{
	char room[LINE_MOST];
	size_t all = (size_t)(size - UIDLINE_HEAD);
	size_t n = all < LINE_MOST ? all : LINE_MOST;
	struct span text = span_of(room, n);

	if (size == UIDLINE_HEAD)
		return true;
	if (file_read_at(r->u->fd, room, n, size - n) == -1 ||
	    room[n - 1] != '\n')
		return false;
	if (n < all) /* it begins within a line */
		text = span_skip(text, span_find(text, '\n') + 1);
	return take_lines(r, text) == text.n && r->u->damaged == 0 &&
	    r->told_uid;
}

/* A power cut may have left blocks of zeros where the last lines were, and
 * whole ones before them, or behind. */
static int
read_for_end(struct uidlist *u, uint64_t size)
{
	struct reading r = { .u = u };
	const size_t damaged = u->damaged, lines = u->lines;
	int got = 0;

	u->damaged = 0;
	if (read_tail(&r, size)) {
		u->at = size;
	} else {
		u->at = UIDLINE_HEAD;
		got = read_lines(&r, size);
	}
	buf_free(&r.room);
	u->damaged = damaged;
	u->lines = lines;
	return got;
}

int
uidlist_seek_end(struct uidlist *u, struct why *why)
{
	struct stat st;

	must(u->locked && u->has_head);
	if (fstat(u->fd, &st) == -1 || st.st_size < UIDLINE_HEAD)
		return trouble("look at", why);
	return read_for_end(u, (uint64_t)st.st_size) == -1
	    ? trouble("read", why)
	    : 0;
}

uint32_t
uidlist_next(const struct uidlist *u)
{
	return u->next == UINT32_MAX ? 0 : u->next;
}

uint32_t
uidlist_add(struct uidlist *u, struct span base, struct span uidl)
{
	uint32_t uid = uidlist_next(u);

	if (uid == 0)
		return 0;
	uidline_add(&u->queue, uid, base, uidl);
	u->next = uid + 1;
	u->lines++;
	return uid;
}

void
uidlist_gone(struct uidlist *u, uint32_t uid)
{
	uidline_gone(&u->queue, uid);
	u->lines++;
}

void
uidlist_keywords(struct uidlist *u, uint32_t uid, const struct kwset *kw)
{
	uidline_keywords(&u->queue, uid, kw);
	u->lines++;
}

void
uidlist_keyword(struct uidlist *u, size_t number, struct span name)
{
	uidline_keyword(&u->queue, number, name);
	u->lines++;
}

void
uidlist_recent(struct uidlist *u, uint32_t first)
{
	uidline_recent(&u->queue, first);
	u->lines++;
}

/* Behind rubbish that has no end a line would be lost. */
static int
end_rubbish(struct uidlist *u)
{
	char before;

	if (file_read_at(u->fd, &before, 1, u->at - 1) == -1)
		return -1;
	if (before == '\n')
		return 0;
	if (file_write_at(u->fd, SPAN("\n"), u->at) == -1)
		return -1;
	u->at++;
	return 0;
}

static int
write_queue(struct uidlist *u, bool durable)
{
	/* what stands behind the last whole line was never promised */
	if (file_cut(u->fd, u->at) == -1 || end_rubbish(u) == -1)
		return -1;
	/* the head first: no line has a UID that it does not know */
	if (u->next != u->written_next && write_head(u) == -1)
		return -1;
	if (file_write_at(u->fd, buf_span(&u->queue), u->at) == -1)
		return -1;
	return durable ? file_sync_data(u->fd) : 0;
}

int
uidlist_commit(struct uidlist *u, bool durable, struct why *why)
{
	int got;

	must(u->locked && u->has_head && u->at > 0);
	if (u->queue.n == 0)
		return 0;
	got = write_queue(u, durable);
	if (got == 0) {
		u->at += u->queue.n;
		u->written_next = u->next;
	} else {
		(void)trouble("write", why);
		if (ftruncate(u->fd, (off_t)u->at) == -1)
			u->has_head = false; /* no further commit */
	}
	buf_free(&u->queue);
	return got;
}

void
uidlist_flush_begin(struct uidlist *u)
{
	file_sync_begin(u->fd);
}

int
uidlist_flush(struct uidlist *u, struct why *why)
{
	must(u->locked);
	return file_sync_data(u->fd) == -1 ? trouble("flush", why) : 0;
}

static void
content_print(struct buf *out, const struct uidlist_content *c)
{
	uidline_head(out, &c->head);
	if (c->recent != 0)
		uidline_recent(out, c->recent);
	for (size_t i = 0; i < keywords_count(c->names); i++)
		if (keywords_name(c->names, i).p != NULL)
			uidline_keyword(out, i, keywords_name(c->names, i));
	for (size_t i = 0; i < c->count; i++) {
		const struct uid_entry *e = &c->list[i];

		uidline_add(out, e->uid, e->base, e->uidl);
		if (!kwset_empty(&e->kw))
			uidline_keywords(out, e->uid, &e->kw);
	}
}

/* The new file is locked before it has the name that others know. */
static int
write_fresh(struct uidlist *u, int fd, const char *name, struct span all)
{
	int folder, got;

	if (try_lock(fd) == -1 || file_write(fd, all) == -1 ||
	    file_sync(fd) == -1 ||
	    file_rename(u->dir, name, u->dir, UIDS_FILE) == -1)
		return -1;
	folder = file_open_dir(u->dir, ".", false);
	if (folder == -1)
		return -1;
	got = file_sync(folder);
	file_close(&folder);
	return got;
}

static void
use_fresh(struct uidlist *u, int fd, const struct uidlist_content *c, size_t n)
{
	struct stat st;

	use_file(u, fd, fstat(fd, &st) == 0 ? st.st_ino : 0);
	u->at = n;
	u->head = c->head;
	u->has_head = true;
	u->next = u->written_next = c->head.next;
	u->lines = c->count;
}

int
uidlist_replace(
    struct uidlist *u, const struct uidlist_content *c, struct why *why)
{
	static const char name[] = UIDS_FILE ".tmp"; /* under the lock */
	struct buf all = BUF_EMPTY;
	int fd, got;

	must(u->locked);
	content_print(&all, c);
	(void)file_unlink(u->dir, name);
	fd = file_open(u->dir, name, O_RDWR | O_CREAT | O_EXCL, u->mode);
	got = fd == -1 ? -1 : write_fresh(u, fd, name, buf_span(&all));
	if (got == 0) {
		use_fresh(u, fd, c, all.n);
	} else {
		(void)trouble("write", why);
		(void)file_unlink(u->dir, name);
		file_close(&fd);
	}
	buf_free(&all);
	return got;
}
