/*
 * mbox.c - appending to a mailbox file, locked and undone on failure
 *
 * A box is shared with readers of every kind, so both kinds of lock are taken
 * (Debian Policy 11.6) and every failure cuts the file back to the length that
 * it had. "From " at the start of a line begins a message: lines of content
 * that look so are quoted across the borders of the pieces they come in.
 */

#include "mailbox/mbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "mailbox/dotlock.h"
#include "mailbox/store.h"
#include "os/clock.h"
#include "os/file.h"

enum { COPY_BYTES = 65536, OPEN_TRIES = 5 };

static const char from_word[] = "From ";

static int
trouble(const char *what, const char *name, struct why *why)
{
	int error = errno;

	why_set(why, error == ENOSPC || error == EDQUOT ? "4.3.1" : "4.2.0",
	    "cannot %s the mailbox %s: %s", what, name, strerror(error));
	errno = error;
	return -1;
}

static int
check_box(int fd, const char *name, uid_t owner, struct why *why)
{
	const char *bad = NULL;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return trouble("look at", name, why);
	if (!S_ISREG(st.st_mode))
		bad = "is not a regular file";
	else if (st.st_nlink > 1)
		bad = "has more than one name";
	else if (owner != MBOX_ANYBODY && st.st_uid != geteuid() &&
	    st.st_uid != owner)
		bad = "belongs to somebody else";
	if (bad == NULL)
		return 0;
	why_set(why, "4.2.0", "the mailbox %s %s", name, bad);
	errno = EPERM;
	return -1;
}

static int
make_box(int dir, const char *name, mode_t mode)
{
	int fd =
	    file_open(dir, name, O_RDWR | O_APPEND | O_CREAT | O_EXCL, mode);
	char *folder;
	size_t slash = span_rfind(span_str(name), '/');
	int above, got;

	if (fd == -1)
		return -1;
	folder = name[slash] == '\0' ? mem_str(".")
				     : mem_span(span_of(name, slash + 1));
	above = file_open_dir(dir, folder, true);
	free(folder);
	got = above == -1 ? -1 : file_sync(above);
	file_close(&above);
	if (got == -1 && errno != EACCES) /* a folder we may not read */
		file_close(&fd);
	return fd;
}

int
mbox_open(int dir, const char *name, mode_t mode, uid_t owner, struct why *why)
{
	int fd = -1;

	/* O_NONBLOCK: a FIFO would hold us. Made and gone may alternate. */
	for (int i = 0; fd == -1 && i < OPEN_TRIES; i++) {
		fd = file_open(dir, name, O_RDWR | O_APPEND | O_NONBLOCK, 0);
		if (fd == -1 && errno == ENOENT)
			fd = make_box(dir, name, mode);
		else if (fd == -1)
			break;
		if (fd == -1 && errno != EEXIST && errno != ENOENT)
			break;
	}
	if (fd == -1)
		return trouble("open", name, why);
	if (check_box(fd, name, owner, why) == 0)
		return fd;
	file_close(&fd);
	return -1;
}

static int
kernel_lock(int fd, short type)
{
	struct flock l = { .l_type = type, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &l);
}

/* Both or none; 1 when somebody holds one. */
static int
lock_once(struct mbox_lock *l, const char *dot_name)
{
	enum dotlock_result got;
	int error;

	if (kernel_lock(l->fd, F_WRLCK) == -1)
		return errno == EAGAIN || errno == EACCES ? 1 : -1;
	got = l->no_dotlock ? DOTLOCK_TAKEN
			    : dotlock_try(l->dir, dot_name, l->stale_s);
	if (got == DOTLOCK_TAKEN) {
		l->held = true;
		l->dot_held = !l->no_dotlock;
		return 0;
	}
	error = errno;
	(void)kernel_lock(l->fd, F_UNLCK);
	errno = error;
	return got == DOTLOCK_HELD ? 1 : -1;
}

static void
pause_ms(int64_t ms)
{
	struct timespec t = { .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

int
mbox_lock(struct mbox_lock *l, int64_t wait_ms, struct why *why)
{
	char *dot_name = mem_printf("%s.lock", l->name);
	int64_t until = clock_ms() + wait_ms, nap = 5;
	int got;

	while ((got = lock_once(l, dot_name)) == 1 && clock_ms() < until) {
		pause_ms(nap);
		nap = nap < 250 ? nap * 2 : 500;
	}
	if (got == 1)
		why_set(why, "4.2.0",
		    "the mailbox %s is locked by another program", l->name);
	else if (got == -1)
		(void)trouble("lock", l->name, why);
	free(dot_name);
	return got == 0 ? 0 : -1;
}

void
mbox_unlock(struct mbox_lock *l)
{
	char *dot_name;

	if (!l->held)
		return;
	if (l->dot_held) {
		dot_name = mem_printf("%s.lock", l->name);
		dotlock_drop(l->dir, dot_name);
		free(dot_name);
	}
	(void)kernel_lock(l->fd, F_UNLCK);
	l->held = l->dot_held = false;
}

bool
mbox_is_current(int fd, int dir, const char *name)
{
	struct stat open_one, named;

	return fstat(fd, &open_one) == 0 &&
	    fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	    open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

struct appender {
	int fd;
	const struct mbox_how *how;
	uint64_t at; /* bytes of the message taken so far */
	size_t matched; /* bytes of "From " since the start of the line */
	bool in_line; /* that line cannot match any more */
	bool empty; /* nothing was taken yet */
	bool exact; /* no empty lines of ours */
	char last;
	struct buf out;
	char *copy;
};

static bool
quoted_here(const struct appender *a)
{
	uint64_t begin = a->at - a->matched;

	if (!a->how->quote ||
	    (begin == 0 && a->how->from.n == 0)) /* its own first line */
		return false;
	return begin < a->how->shield_at ||
	    begin - a->how->shield_at >= a->how->shield_n;
}

/* The bytes held back are the first of "From ". */
static void
release(struct appender *a)
{
	buf_add(&a->out, from_word, a->matched);
	a->matched = 0;
	a->in_line = true;
}

/* One byte at the start of a line, where "From " may stand. */
static void
take_start(struct appender *a, char c)
{
	if (c == from_word[a->matched]) {
		a->matched++;
		a->at++;
		if (a->matched < sizeof(from_word) - 1)
			return;
		if (quoted_here(a))
			buf_add_byte(&a->out, '>');
		release(a);
		return;
	}
	release(a);
	buf_add_byte(&a->out, c);
	a->in_line = c != '\n';
	a->at++;
}

static int
take(struct appender *a, struct span s)
{
	if (s.n > 0) {
		a->last = s.p[s.n - 1];
		a->empty = false;
	}
	while (s.n > 0) {
		size_t n;

		if (!a->in_line) {
			take_start(a, s.p[0]);
			s = span_skip(s, 1);
			continue;
		}
		n = span_find(s, '\n');
		a->in_line = n == s.n;
		n = a->in_line ? n : n + 1;
		buf_add(&a->out, s.p, n);
		a->at += n;
		s = span_skip(s, n);
	}
	if (a->out.n < COPY_BYTES)
		return 0;
	if (file_write(a->fd, buf_span(&a->out)) == -1)
		return -1;
	buf_clear(&a->out);
	return 0;
}

static int
take_file(struct appender *a, const struct store_piece *p)
{
	uint64_t at = p->at, left = p->n;

	if (a->copy == NULL)
		a->copy = mem_new(COPY_BYTES);
	while (left > 0) {
		size_t n = left < COPY_BYTES ? (size_t)left : COPY_BYTES;

		if (file_read_at(p->fd, a->copy, n, at) == -1) {
			errno = errno == 0 ? EIO : errno;
			return -1;
		}
		if (take(a, span_of(a->copy, n)) == -1)
			return -1;
		at += n;
		left -= n;
	}
	return 0;
}

/* What must stand before a message so that a reader sees its first line. */
static const char *
gap_before(int fd, uint64_t length)
{
	char end[2] = { '\n', '\n' };
	size_t n = length < 2 ? (size_t)length : 2;

	if (length == 0)
		return "";
	if (file_read_at(fd, end + 2 - n, n, length - n) == -1)
		return NULL;
	return end[1] != '\n' ? "\n\n" : end[0] != '\n' ? "\n" : "";
}

static int
write_message(struct appender *a, const struct store_piece *pieces, size_t n,
    uint64_t length)
{
	const char *gap = a->exact ? "" : gap_before(a->fd, length);

	if (gap == NULL)
		return -1;
	buf_add_str(&a->out, gap);
	if (a->how->from.n > 0) {
		buf_add_span(&a->out, a->how->from);
		buf_add_byte(&a->out, '\n');
	}
	for (size_t i = 0; i < n; i++) {
		int got = pieces[i].fd == -1 ? take(a, pieces[i].bytes)
					     : take_file(a, &pieces[i]);

		if (got == -1)
			return -1;
	}
	release(a);
	if (!a->exact)
		buf_add_str(
		    &a->out, a->empty || a->last == '\n' ? "\n" : "\n\n");
	if (file_write(a->fd, buf_span(&a->out)) == -1)
		return -1;
	return file_sync(a->fd);
}

enum outcome
mbox_append(int fd, const struct store_piece *pieces, size_t n,
    const struct mbox_how *how, struct why *why)
{
	static const struct mbox_how as_it_is = { .quote = false };
	struct appender a = { .fd = fd,
		.how = how == NULL ? &as_it_is : how,
		.empty = true,
		.exact = how == NULL };
	struct stat st;
	int got, error;

	if (fstat(fd, &st) == -1) {
		(void)trouble("look at", "", why);
		return DEFER;
	}
	got = write_message(&a, pieces, n, (uint64_t)st.st_size);
	error = errno;
	buf_free(&a.out);
	free(a.copy);
	if (got == 0)
		return DONE;
	if (ftruncate(fd, st.st_size) == -1)
		why_set(why, "4.3.0",
		    "cannot append to a mailbox (%s), nor cut it back (%s)",
		    strerror(error), strerror(errno));
	else
		why_set(why,
		    error == ENOSPC || error == EDQUOT ? "4.3.1" : "4.3.0",
		    "cannot append to a mailbox: %s", strerror(error));
	(void)fsync(fd);
	return DEFER;
}

enum locked_result { APPENDED, NOT_APPENDED, MOVED };

struct letter {
	const struct store_piece *pieces;
	size_t count;
	const struct mbox_how *how;
};

static enum locked_result
append_locked(const struct mbox_place *where, int fd,
    const struct letter *letter, struct why *why)
{
	struct mbox_lock l = { .fd = fd,
		.dir = where->dir,
		.name = where->name,
		.no_dotlock = where->no_dotlock };
	enum locked_result got = MOVED;

	if (mbox_lock(&l, where->wait_ms, why) == -1)
		return NOT_APPENDED;
	if (mbox_is_current(fd, where->dir, where->name))
		got = mbox_append(fd, letter->pieces, letter->count,
			  letter->how, why) == DONE
		    ? APPENDED
		    : NOT_APPENDED;
	mbox_unlock(&l);
	return got;
}

enum outcome
mbox_deliver(const struct mbox_place *where, const struct store_piece *pieces,
    size_t n, const struct mbox_how *how, struct why *why)
{
	const struct letter letter = { pieces, n, how };
	enum locked_result got = MOVED;

	for (int i = 0; got == MOVED && i < OPEN_TRIES; i++) {
		int fd = mbox_open(
		    where->dir, where->name, where->mode, (uid_t)-1, why);

		if (fd == -1)
			return DEFER;
		got = append_locked(where, fd, &letter, why);
		file_close(&fd); /* flushed: close has nothing to report */
	}
	if (got == MOVED)
		why_set(why, "4.2.0", "the mailbox %s is replaced all the time",
		    where->name);
	return got == APPENDED ? DONE : DEFER;
}
