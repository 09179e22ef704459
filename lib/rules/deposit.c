/*
 * deposit.c - a message into a folder of any kind
 *
 * What kind a name means, mailbox files and Maildirs; deposit_dir.c has MH and
 * plain directories. We run as the owner of the message, so a link is followed
 * only where it is the user's own or root's.
 */

#include "rules/deposit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/why.h"
#include "mailbox/maildir.h"
#include "mailbox/mbox.h"
#include "mailbox/store.h"
#include "os/file.h"
#include "rules/deposit_private.h"
#include "rules/expand.h"
#include "rules/letter.h"

enum { OPEN_TRIES = 5 };

/* ---- kinds */

bool
deposit_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
deposit_is_maildir(const char *path)
{
	static const char *const parts[] = { "new", "cur", "tmp" };
	bool all = true;

	for (size_t i = 0; i < 3 && all; i++) {
		char *part = mem_printf("%s/%s", path, parts[i]);

		all = deposit_is_dir(part);
		free(part);
	}
	return all;
}

/* name without its ending, and the kind that the ending means. first: a name
 * without ending may be a file. */
static void
place_of(const struct deposit *d, struct span name, bool first,
    struct folder_place *f)
{
	f->kind = KIND_FILE;
	if (span_ends(name, "/.")) {
		f->kind = KIND_MH;
		name.n--;
	} else if (span_ends(name, "/")) {
		f->kind = KIND_MAILDIR;
	}
	while (name.n > 1 && name.p[name.n - 1] == '/')
		name.n--;
	f->base = mem_span(name);
	if (f->kind == KIND_FILE && (!first || deposit_is_dir(f->base)))
		f->kind = d->detect && deposit_is_maildir(f->base)
		    ? KIND_MAILDIR
		    : KIND_DIR;
}

static void
render(const struct deposit *d, enum folder_kind kind, struct pieces *out)
{
	const struct letter_how how = { .head = d->head,
		.body = d->body,
		.no_from = kind == KIND_MAILDIR,
		.quote = kind == KIND_FILE && !d->raw,
		.end_line = kind != KIND_MAILDIR && !d->raw };

	letter_render(d->letter, &how, out);
}

/* ---- folders that may have to be made */

int
deposit_sync_parent(const char *path)
{
	size_t slash = span_rfind(span_str(path), '/');
	char *above = path[slash] == '\0' ? mem_str(".")
					  : mem_span(span_of(path, slash + 1));
	int fd = file_open_dir(AT_FDCWD, above, true), got = 0;

	free(above);
	if (fd == -1) /* a folder that may be passed through but not read */
		return errno == EACCES ? 0 : -1;
	got = file_sync(fd);
	file_close(&fd);
	return got;
}

bool
deposit_make_dir(struct deposit *d, const char *path)
{
	if (deposit_is_dir(path))
		return true;
	if (mkdir(path, 0777) == 0 && deposit_sync_parent(path) == 0)
		return true;
	d->say(d->ctx, false, "Unable to treat as directory", span_str(path));
	return false;
}

static bool
make_parts(struct deposit *d, const char *base)
{
	static const char *const parts[] = { "new", "cur", "tmp" };
	bool made = true;

	for (size_t i = 0; i < 3 && made; i++) {
		char *part = mem_printf("%s/%s", base, parts[i]);

		made = deposit_make_dir(d, part);
		free(part);
	}
	return made;
}

/* ---- Maildir */

static bool
write_pieces(struct store_file *f, const struct pieces *p, struct why *why)
{
	for (size_t i = 0; i < p->count; i++)
		if (store_add(f, p->at[i], why) == -1)
			return false;
	return true;
}

static bool
store_in(struct deposit *d, struct maildir *m, const struct pieces *p,
    struct buf *path, struct why *why)
{
	struct store_file *f = store_begin(m, why);
	const struct store_how how = { .flags = 0 };
	bool done;

	if (f == NULL)
		return false;
	/* UMASK says who may read, where the folder is nobody else's. */
	if (maildir_file_mode(m) == 0600 && (0666 & ~d->umask) != 0600)
		(void)fchmod(store_fd(f), 0666 & ~d->umask);
	done =
	    write_pieces(f, p, why) && store_finish(&f, &how, 1, why) == DONE;
	if (done) {
		buf_printf(path, "%s/new/", maildir_path(m));
		buf_add_span(path, store_name(f));
		d->named(d->ctx, buf_span(path));
	}
	store_drop(&f);
	return done;
}

/* Mostly the next message goes where the last one went, and the folder is open
 * still. Nothing is said when it does not: it is opened anew then. */
static bool
in_kept(struct deposit *d, const struct folder_place *f, const struct pieces *p,
    struct buf *path)
{
	struct maildir *m = d->kept == NULL ? NULL : *d->kept;
	struct why why;
	bool done;

	if (m == NULL || strcmp(maildir_path(m), f->base) != 0 ||
	    !maildir_is_still(m, AT_FDCWD))
		return false;
	why_init(&why);
	done = store_in(d, m, p, path, &why);
	why_free(&why);
	return done;
}

/* With missing nothing is said when it is not there, or not whole. */
static bool
in_opened(struct deposit *d, const struct folder_place *f,
    const struct pieces *p, struct buf *path, bool *missing)
{
	struct maildir *own = NULL, **m = d->kept == NULL ? &own : d->kept;
	struct why why;
	bool opened, done;

	why_init(&why);
	maildir_close(m);
	*m = maildir_open(AT_FDCWD, f->base, MAILDIR_WHOLE, &why);
	opened = *m != NULL;
	done = opened && store_in(d, *m, p, path, &why);
	if (!done || d->kept == NULL)
		maildir_close(m);
	if (missing != NULL)
		*missing = !opened;
	if (!done && (opened || missing == NULL))
		d->say(d->ctx, true, why_text(&why), span_str(f->base));
	why_free(&why);
	return done;
}

/* ---- mailbox files */

static bool
own_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode) &&
	    (st.st_uid == geteuid() || st.st_uid == 0);
}

static int
open_box(const char *path, bool *made)
{
	const int flags = O_WRONLY | O_APPEND | O_NONBLOCK;
	int fd = -1;

	*made = false;
	for (int i = 0; fd == -1 && i < OPEN_TRIES; i++) {
		fd = file_open(AT_FDCWD, path, flags, 0);
		if (fd == -1 && errno == ENOENT) {
			fd = file_open(
			    AT_FDCWD, path, flags | O_CREAT | O_EXCL, 0666);
			*made = fd != -1;
			if (fd == -1 && errno == EEXIST)
				continue;
		}
		break;
	}
	if (fd == -1 && errno == ELOOP && own_link(path))
		fd = open(path, flags | O_NOCTTY | O_CLOEXEC | O_CREAT, 0666);
	return fd;
}

static bool
is_current(int fd, const char *path)
{
	struct stat open_one, named;

	return fstat(fd, &open_one) == 0 && stat(path, &named) == 0 &&
	    open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev;
}

static bool
append(int fd, const struct pieces *p, struct why *why)
{
	struct store_piece *all = mem_array(p->count + 1, sizeof(*all));
	enum outcome got;

	for (size_t i = 0; i < p->count; i++) {
		all[i].bytes = p->at[i];
		all[i].fd = -1;
	}
	got = mbox_append(fd, all, p->count, NULL, why);
	free(all);
	return got == DONE;
}

/* A terminal, a FIFO, /dev/full. */
static bool
to_device(int fd, const struct pieces *p)
{
	(void)fcntl(fd, F_SETFL, O_WRONLY | O_APPEND);
	for (size_t i = 0; i < p->count; i++)
		if (file_write(fd, p->at[i]) == -1)
			return false;
	return true;
}

enum append_result { APPENDED, FAILED, MOVED };

static enum append_result
append_locked(
    struct deposit *d, int fd, const char *path, const struct pieces *p)
{
	struct mbox_lock lock = { .fd = fd,
		.dir = AT_FDCWD,
		.name = path,
		.no_dotlock = !d->dot_lock };
	enum append_result got = FAILED;
	struct why why;

	why_init(&why);
	d->say(d->ctx, true, "Acquiring kernel-lock", span_of(NULL, 0));
	if (mbox_lock(&lock, d->lock_ms, &why) == 0) {
		if (!is_current(fd, path))
			got = MOVED;
		else if (append(fd, p, &why))
			got = APPENDED;
		mbox_unlock(&lock);
	}
	if (got == FAILED)
		d->say(d->ctx, true, why_text(&why), span_str(path));
	why_free(&why);
	return got;
}

static enum append_result
to_open_box(struct deposit *d, int fd, bool made, const char *path,
    const struct pieces *p)
{
	enum append_result got;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return FAILED;
	d->bytes = p->bytes;
	if (!S_ISREG(st.st_mode))
		return to_device(fd, p) ? APPENDED : FAILED;
	d->opened = true;
	if (made && deposit_sync_parent(path) == -1)
		return FAILED;
	got = append_locked(d, fd, path, p);
	d->bytes -= got == FAILED && p->ended;
	return got;
}

static bool
in_file(struct deposit *d, const char *path, const struct pieces *p)
{
	enum append_result got = MOVED;
	bool made;

	d->named(d->ctx, span_str(path));
	d->say(d->ctx, true, "Opening", span_str(path));
	for (int i = 0; got == MOVED && i < OPEN_TRIES; i++) {
		int fd = open_box(path, &made);

		got = fd == -1 ? FAILED : to_open_box(d, fd, made, path, p);
		file_close(&fd);
	}
	return got == APPENDED;
}

/* ---- all kinds */

static void
nowhere(struct deposit *d, struct span name)
{
	struct pieces p = { .count = 0 };
	const struct letter_how how = { .head = d->head, .body = d->body };

	d->named(d->ctx, name);
	d->say(d->ctx, true, "Opening", name);
	letter_render(d->letter, &how, &p);
	d->bytes = p.bytes;
	pieces_free(&p);
}

static void
rest_skipped(struct deposit *d)
{
	struct buf rest = BUF_EMPTY;

	words_join(d->names, 1, &rest);
	if (rest.n > 0)
		d->say(d->ctx, false, "Skipped", buf_span(&rest));
	buf_free(&rest);
}

static void
link_others(struct deposit *d, const char *path)
{
	for (size_t i = 1; i < d->names->count; i++) {
		struct folder_place f;

		place_of(d, word_at(d->names, i), false, &f);
		if (!deposit_make_dir(d, f.base) ||
		    (f.kind == KIND_MAILDIR && !make_parts(d, f.base)))
			d->say(d->ctx, false, "Skipped", span_str(f.base));
		else
			(void)deposit_link(d, &f, path);
		free(f.base);
	}
}

/* The end of a delivery into a directory. */
static bool
ended(struct deposit *d, const struct folder_place *f, const char *path,
    bool done)
{
	if (done)
		link_others(d, path);
	else
		d->say(
		    d->ctx, false, "Error while writing to", span_str(f->base));
	return done;
}

static bool
in_directory(
    struct deposit *d, const struct folder_place *f, const struct pieces *p)
{
	struct buf path = BUF_EMPTY;
	bool done;

	if (f->kind == KIND_MAILDIR && !make_parts(d, f->base)) {
		d->say(d->ctx, false, "Skipped", span_str(f->base));
		return false;
	}
	d->bytes = p->bytes;
	done = f->kind == KIND_MAILDIR ? in_opened(d, f, p, &path, NULL)
				       : deposit_in_dir(d, f, p, &path);
	done = ended(d, f, buf_str(&path), done);
	buf_free(&path);
	return done;
}

/* A Maildir that is there, as most are: nothing has to be made. False: it is
 * not. */
static bool
in_whole_maildir(struct deposit *d, const struct folder_place *f, bool *done)
{
	struct pieces p = { .count = 0 };
	struct buf path = BUF_EMPTY;
	bool missing = false;

	render(d, f->kind, &p);
	*done =
	    in_kept(d, f, &p, &path) || in_opened(d, f, &p, &path, &missing);
	if (!missing) {
		d->bytes = p.bytes;
		*done = ended(d, f, buf_str(&path), *done);
	}
	buf_free(&path);
	pieces_free(&p);
	return !missing;
}

static bool
in_place(struct deposit *d, struct folder_place *f)
{
	struct pieces p = { .count = 0 };
	bool done;

	if (f->kind == KIND_MAILDIR && in_whole_maildir(d, f, &done))
		return done;
	/* What cannot be a directory is taken for a file. */
	if (f->kind != KIND_FILE && !deposit_make_dir(d, f->base))
		f->kind = KIND_FILE;
	render(d, f->kind, &p);
	if (f->kind == KIND_FILE) {
		rest_skipped(d);
		done = in_file(d, f->base, &p);
		if (!done)
			d->say(d->ctx, false, "Error while writing to",
			    span_str(f->base));
		if (!done && d->opened)
			d->say(d->ctx, false, "Truncated file to former size",
			    span_of(NULL, 0));
	} else {
		done = in_directory(d, f, &p);
	}
	pieces_free(&p);
	return done;
}

const char *
deposit_kind(const struct deposit *d)
{
	static const char *const kinds[] = { [KIND_FILE] = "mailbox file",
		[KIND_DIR] = "directory",
		[KIND_MH] = "MH folder",
		[KIND_MAILDIR] = "Maildir" };
	struct span name = word_at(d->names, 0);
	struct folder_place f;

	if (span_is(name, "/dev/null"))
		return "nowhere";
	place_of(d, name, true, &f);
	free(f.base);
	return kinds[f.kind];
}

bool
deposit(struct deposit *d)
{
	struct span name = word_at(d->names, 0);
	struct folder_place f;
	bool done;

	if (span_is(name, "/dev/null")) {
		rest_skipped(d);
		nowhere(d, name);
		return true;
	}
	if (name.n == 0) {
		d->named(d->ctx, name);
		d->say(d->ctx, true, "Opening", name);
		d->say(d->ctx, false, "Error while writing to", name);
		return false;
	}
	place_of(d, name, true, &f);
	if (f.kind == KIND_MAILDIR && !span_ends(name, "/"))
		d->say(d->ctx, true, "Maildir named without its slash",
		    span_str(f.base));
	done = in_place(d, &f);
	free(f.base);
	return done;
}
