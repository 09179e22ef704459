/*
 * store.c - a message into a Maildir: whole and durable, or not at all
 *
 * The order of a Maildir: write in tmp/, fsync, rename, fsync the folder.
 * Other programs look into new/, so the content must be on disk before the
 * name is there; and only the folder's flush makes the name last. Several
 * messages share the folder's flush, and their own ones overlap because each
 * file's writing to disk is started before the first is waited for.
 */

#include "mailbox/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/mem.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"

enum { COPY_BYTES = 65536 };

struct store_file {
	struct maildir *m;
	int fd;
	struct buf tmp; /* name in tmp/, empty once it is gone from there */
	struct buf front; /* the name up to the inode */
	struct buf name; /* final */
	enum maildir_part where; /* of name */
	bool shown, kept;
	bool held_cr; /* store_add_crlf: a CR whose next byte is unknown */
	bool after_cr;
	uint64_t size, bare_lf;
	/* not written yet, up to COPY_BYTES: most messages need one write */
	struct buf held;
};

/* Trouble with the disk: ours, so the mail waits. */
static int
trouble(const struct store_file *f, const char *what, struct why *why)
{
	int error = errno;

	if (why != NULL)
		why_set(why,
		    error == ENOSPC || error == EDQUOT ? "4.3.1" : "4.3.0",
		    "cannot %s in the Maildir %s: %s", what, maildir_path(f->m),
		    strerror(error));
	errno = error;
	return -1;
}

struct store_file *
store_begin(struct maildir *m, struct why *why)
{
	struct store_file *f = mem_new(sizeof(*f));

	f->m = m;
	f->where = MAILDIR_TMP;
	maildir_name_begin(m, &f->front);
	buf_add_span(&f->tmp, buf_span(&f->front));
	maildir_name_end(m, &f->tmp);
	f->fd = file_open(maildir_fd(m, MAILDIR_TMP), buf_str(&f->tmp),
	    O_RDWR | O_CREAT | O_EXCL, maildir_file_mode(m));
	if (f->fd == -1) {
		(void)trouble(f, "make a file", why);
		buf_clear(&f->tmp);
		store_drop(&f);
		return NULL;
	}
	if (maildir_file_mode(m) != 0600)
		(void)fchmod(f->fd, maildir_file_mode(m));
	return f;
}

static void
count_lines(struct store_file *f, struct span s)
{
	const char *p = s.p, *end = s.p + s.n;

	if (s.n == 0)
		return;
	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		bool cr = p == s.p ? f->after_cr : p[-1] == '\r';

		f->bare_lf += cr ? 0 : 1;
		if (++p == end)
			break;
	}
	f->after_cr = end[-1] == '\r';
	f->size += s.n;
}

static int
write_out(struct store_file *f, struct span bytes, struct why *why)
{
	if (bytes.n > 0 && file_write(f->fd, bytes) == -1)
		return trouble(f, "write", why);
	return 0;
}

static int
write_held(struct store_file *f, struct why *why)
{
	int got = write_out(f, buf_span(&f->held), why);

	buf_clear(&f->held);
	return got;
}

/* What is large is written from where it lies. */
int
store_add(struct store_file *f, struct span bytes, struct why *why)
{
	count_lines(f, bytes);
	if (f->held.n + bytes.n > COPY_BYTES && write_held(f, why) == -1)
		return -1;
	if (bytes.n > COPY_BYTES)
		return write_out(f, bytes, why);
	buf_add_span(&f->held, bytes);
	return 0;
}

/* Append s to out with each CRLF made LF; a CR at the end is held back. */
static void
unix_lines(struct store_file *f, struct span s, struct buf *out)
{
	while (s.n > 0) {
		size_t n = span_find(s, '\r');

		if (f->held_cr && s.p[0] != '\n')
			buf_add_byte(out, '\r');
		f->held_cr = false;
		buf_add(out, s.p, n);
		f->held_cr = n < s.n;
		s = span_skip(s, n + 1);
	}
}

int
store_add_crlf(struct store_file *f, struct span bytes, struct why *why)
{
	struct buf out = BUF_EMPTY;
	int got;

	unix_lines(f, bytes, &out);
	got = store_add(f, buf_span(&out), why);
	buf_free(&out);
	return got;
}

int
store_add_file(
    struct store_file *f, int fd, uint64_t at, uint64_t n, struct why *why)
{
	while (n > 0) {
		size_t part = n < COPY_BYTES ? (size_t)n : COPY_BYTES;
		char *to;

		if (f->held.n + part > COPY_BYTES && write_held(f, why) == -1)
			return -1;
		to = buf_room(&f->held, part);
		if (file_read_at(fd, to, part, at) == -1) {
			if (errno == 0)
				errno = EIO;
			return trouble(f, "read what is to be stored", why);
		}
		count_lines(f, span_of(to, part));
		f->held.n += part;
		at += part;
		n -= part;
	}
	return 0;
}

uint64_t
store_size(const struct store_file *f)
{
	return f->size;
}

uint64_t
store_wire_size(const struct store_file *f)
{
	return f->size + f->bare_lf;
}

int
store_fd(const struct store_file *f)
{
	return f->fd;
}

struct span
store_name(const struct store_file *f)
{
	return buf_span(&f->name);
}

bool
store_in_cur(const struct store_file *f)
{
	return f->where == MAILDIR_CUR;
}

int
store_written(struct store_file *f, struct why *why)
{
	if (f->held_cr && store_add(f, SPAN("\r"), why) == -1)
		return -1;
	f->held_cr = false;
	return write_held(f, why);
}

/* All is written. One of several: let the disk begin; whether it succeeded is
 * told by the fsync, which alone is enough for a single file. */
static int
start_flush(struct store_file *f, bool alone, struct why *why)
{
	if (store_written(f, why) == -1)
		return -1;
	if (!alone)
		file_sync_begin(f->fd);
	return 0;
}

static int
name_final(struct store_file *f, unsigned flags)
{
	struct stat st;

	if (fstat(f->fd, &st) == -1)
		return -1;
	buf_clear(&f->name);
	buf_add_span(&f->name, buf_span(&f->front));
	buf_printf(&f->name, "V%" PRIx64 "I%" PRIx64, (uint64_t)st.st_dev,
	    (uint64_t)st.st_ino);
	maildir_name_end(f->m, &f->name);
	buf_printf(&f->name, ",S=%" PRIu64 ",W=%" PRIu64, store_size(f),
	    store_wire_size(f));
	if (flags != 0) {
		struct buf base = BUF_EMPTY;

		buf_add_span(&base, buf_span(&f->name));
		buf_clear(&f->name);
		flags_rename(&f->name, buf_span(&base), flags);
		buf_free(&base);
	}
	return 0;
}

static int
prepare(struct store_file *f, const struct store_how *how, struct why *why)
{
	struct timespec times[2] = { { .tv_sec = how->date },
		{ .tv_sec = how->date } };

	if (how->date != 0 && futimens(f->fd, times) == -1)
		return trouble(f, "date a file", why);
	if (name_final(f, how->flags) == -1)
		return trouble(f, "look at a file", why);
	return 0;
}

static int
flush(struct store_file *f, struct why *why)
{
	return file_sync(f->fd) == -1 ? trouble(f, "flush a file", why) : 0;
}

static int
show(struct store_file *f, const struct store_how *how, struct why *why)
{
	enum maildir_part to = how->flags == 0 ? MAILDIR_NEW : MAILDIR_CUR;

	if (file_rename(maildir_fd(f->m, MAILDIR_TMP), buf_str(&f->tmp),
		maildir_fd(f->m, to), buf_str(&f->name)) == -1)
		return trouble(f, "name a file", why);
	f->where = to;
	f->shown = true;
	buf_clear(&f->tmp);
	return 0;
}

static int
flush_folders(struct store_file *const *files, size_t n, struct why *why)
{
	bool used[MAILDIR_PARTS] = { false };

	for (size_t i = 0; i < n; i++)
		used[files[i]->where] = true;
	for (int part = 0; part < MAILDIR_PARTS; part++)
		if (used[part] &&
		    file_sync(maildir_fd(files[0]->m, part)) == -1)
			return trouble(files[0], "flush a folder", why);
	return 0;
}

static int
show_all(struct store_file *const *files, const struct store_how *how, size_t n,
    struct why *why)
{
	for (size_t i = 0; i < n; i++)
		if (show(files[i], &how[i], why) == -1)
			return -1;
	return flush_folders(files, n, why);
}

/* Names that may or may not be on disk go again: nobody was told. */
static void
hide(struct store_file *f)
{
	if (f->shown)
		(void)file_unlink(
		    maildir_fd(f->m, f->where), buf_str(&f->name));
	f->shown = false;
}

enum outcome
store_write(struct store_file *const *files, const struct store_how *how,
    size_t n, struct why *why)
{
	for (size_t i = 0; i < n; i++)
		if (start_flush(files[i], n == 1, why) == -1 ||
		    prepare(files[i], &how[i], why) == -1)
			return DEFER;
	return DONE;
}

enum outcome
store_sync(struct store_file *const *files, size_t n, struct why *why)
{
	for (size_t i = 0; i < n; i++)
		if (flush(files[i], why) == -1)
			return DEFER;
	return DONE;
}

enum outcome
store_show(struct store_file *const *files, const struct store_how *how,
    size_t n, struct why *why)
{
	if (n == 0)
		return DONE;
	if (show_all(files, how, n, why) == 0) {
		for (size_t i = 0; i < n; i++)
			files[i]->kept = true;
		return DONE;
	}
	for (size_t i = 0; i < n; i++)
		hide(files[i]);
	return DEFER;
}

enum outcome
store_finish(struct store_file *const *files, const struct store_how *how,
    size_t n, struct why *why)
{
	enum outcome got = store_write(files, how, n, why);

	if (got == DONE)
		got = store_sync(files, n, why);
	return got == DONE ? store_show(files, how, n, why) : got;
}

void
store_take_back(struct store_file *f)
{
	hide(f);
	f->kept = false;
}

void
store_drop(struct store_file **at)
{
	struct store_file *f = *at;

	if (f == NULL)
		return;
	if (!f->kept)
		hide(f);
	if (f->tmp.n > 0)
		(void)file_unlink(
		    maildir_fd(f->m, MAILDIR_TMP), buf_str(&f->tmp));
	file_close(&f->fd);
	buf_free(&f->tmp);
	buf_free(&f->front);
	buf_free(&f->name);
	buf_free(&f->held);
	mem_free(at);
}

static int
write_pieces(
    struct store_file *f, const struct store_letter *letter, struct why *why)
{
	for (size_t i = 0; i < letter->count; i++) {
		const struct store_piece *p = &letter->pieces[i];
		int got = p->fd == -1
		    ? store_add(f, p->bytes, why)
		    : store_add_file(f, p->fd, p->at, p->n, why);

		if (got == -1)
			return -1;
	}
	return 0;
}

static struct store_file *
write_letter(struct maildir *m, struct store_letter *letter, bool alone)
{
	struct store_file *f = store_begin(m, letter->why);

	letter->outcome = DEFER;
	if (f == NULL)
		return NULL;
	if (write_pieces(f, letter, letter->why) == -1 ||
	    start_flush(f, alone, letter->why) == -1)
		store_drop(&f);
	return f;
}

/* Up to the name: a letter in trouble leaves the others alone. */
static void
show_letter(struct store_file **f, struct store_letter *letter)
{
	static const struct store_how plain = { 0, 0 };

	if (*f != NULL && show(*f, &plain, letter->why) == -1)
		store_drop(f);
}

static void
flush_letter(struct store_file **f, struct store_letter *letter)
{
	static const struct store_how plain = { 0, 0 };

	if (*f != NULL &&
	    (flush(*f, letter->why) == -1 ||
		prepare(*f, &plain, letter->why) == -1))
		store_drop(f);
}

static void
end_letter(struct store_file **f, struct store_letter *letter, bool durable)
{
	if (*f != NULL && durable) {
		(*f)->kept = true;
		letter->outcome = DONE;
		letter->size = store_size(*f);
		buf_clear(&letter->name);
		buf_add_span(&letter->name, store_name(*f));
	} else if (*f != NULL) {
		(void)trouble(*f, "flush the folder new", letter->why);
	}
	store_drop(f);
}

void
maildir_store_all(struct maildir *m, struct store_letter *letters, size_t n)
{
	struct store_file **files = mem_array(n, sizeof(struct store_file *));
	bool durable;
	int error;

	for (size_t i = 0; i < n; i++)
		files[i] = write_letter(m, &letters[i], n == 1);
	for (size_t i = 0; i < n; i++)
		flush_letter(&files[i], &letters[i]);
	for (size_t i = 0; i < n; i++)
		show_letter(&files[i], &letters[i]);
	durable = file_sync(maildir_fd(m, MAILDIR_NEW)) == 0;
	error = errno;
	for (size_t i = 0; i < n; i++) {
		errno = error;
		end_letter(&files[i], &letters[i], durable);
	}
	free(files);
}

enum outcome
maildir_store(struct maildir *m, struct store_letter *letter, struct why *why)
{
	letter->why = why;
	maildir_store_all(m, letter, 1);
	return letter->outcome;
}
