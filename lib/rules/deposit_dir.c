/*
 * deposit_dir.c - one file for each message: MH folders, plain directories
 *
 * Written under a name of its own that readers pass over, flushed, then linked
 * to the name that counts; a link never takes a name that is in use.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/number.h"
#include "os/clock.h"
#include "os/file.h"
#include "rules/deposit_private.h"
#include "rules/letter.h"

enum { NAME_TRIES = 100 };

/* The highest name that is a number; 0 when there is none. */
static uint64_t
highest_number(const char *dir)
{
	DIR *d = opendir(dir);
	uint64_t highest = 0, n;
	struct dirent *e;

	if (d == NULL)
		return 0;
	while ((e = readdir(d)) != NULL)
		if (number_parse(span_str(e->d_name), 1, UINT64_MAX / 2, &n) &&
		    n > highest)
			highest = n;
	closedir(d);
	return highest;
}

/* Six bits a digit, the lowest first. */
static void
add_code(struct buf *out, uint64_t n)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz-_";

	do {
		buf_add_byte(out, digits[n & 63]);
		n >>= 6;
	} while (n > 0);
}

/* Give the file at from (open as fd) the next free name in the folder. */
static bool
link_as_next(struct deposit *d, const struct folder_place *f, int fd,
    const char *from, struct buf *path)
{
	uint64_t number = f->kind == KIND_MH ? highest_number(f->base) : 0;
	struct stat st;

	if (fstat(fd, &st) == -1)
		return false;
	for (uint64_t i = 0; i < NAME_TRIES; i++) {
		buf_clear(path);
		buf_printf(path, "%s/", f->base);
		if (f->kind == KIND_MH) {
			buf_printf(path, "%" PRIu64, number + 1 + i);
		} else {
			buf_add_str(path, d->prefix);
			add_code(path, st.st_ino + (i << 48));
		}
		if (linkat(AT_FDCWD, from, AT_FDCWD, buf_str(path), 0) == 0)
			return deposit_sync_parent(buf_str(path)) == 0;
		if (errno != EEXIST)
			break;
	}
	return false;
}

static bool
write_all(int fd, const struct pieces *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (file_write(fd, p->at[i]) == -1)
			return false;
	return file_sync(fd) == 0;
}

bool
deposit_in_dir(struct deposit *d, const struct folder_place *f,
    const struct pieces *p, struct buf *path)
{
	char *own = mem_printf(
	    "%s/_%lld.%d", f->base, (long long)clock_wall_us(), (int)getpid());
	int fd = file_open(AT_FDCWD, own, O_WRONLY | O_CREAT | O_EXCL, 0666);
	bool done =
	    fd != -1 && write_all(fd, p) && link_as_next(d, f, fd, own, path);

	if (fd != -1)
		(void)file_unlink(AT_FDCWD, own);
	if (file_close(&fd) == -1 && done) {
		(void)file_unlink(AT_FDCWD, buf_str(path));
		done = false;
	}
	free(own);
	if (done) {
		d->named(d->ctx, buf_span(path));
		d->say(d->ctx, true, "Opening", buf_span(path));
		d->say(d->ctx, true, "Acquiring kernel-lock", span_of(NULL, 0));
	}
	return done;
}

static char *
maildir_name(const struct folder_place *f, const char *path)
{
	return mem_printf(
	    "%s/new/%s", f->base, path + span_rfind(span_str(path), '/') + 1);
}

/* A name that is unique in one Maildir is in all; for a file that comes from
 * elsewhere one is made. */
static char *
unique_name(const struct folder_place *f)
{
	char host[256] = "localhost";

	(void)gethostname(host, sizeof(host) - 1);
	for (char *c = host; *c != '\0'; c++)
		if (*c == '/' || *c == ':')
			*c = '_';
	return mem_printf("%s/new/%lld.M%06lldP%d_1.%s", f->base,
	    (long long)clock_wall(), (long long)(clock_wall_us() % 1000000),
	    (int)getpid(), host);
}

bool
deposit_link(struct deposit *d, const struct folder_place *f, const char *path)
{
	int fd = file_open(AT_FDCWD, path, O_RDONLY, 0);
	struct buf to = BUF_EMPTY;
	bool done = fd != -1;
	char *name;

	if (done && f->kind != KIND_MAILDIR) {
		done = link_as_next(d, f, fd, path, &to);
	} else if (done) {
		name = span_search(span_str(path), SPAN("/new/")) < strlen(path)
		    ? maildir_name(f, path)
		    : unique_name(f);
		buf_add_str(&to, name);
		done = linkat(AT_FDCWD, path, AT_FDCWD, name, 0) == 0 &&
		    deposit_sync_parent(name) == 0;
		free(name);
	}
	file_close(&fd);
	if (done)
		d->say(d->ctx, true, "Linking to", buf_span(&to));
	if (done && d->linked != NULL)
		d->linked(d->ctx, buf_span(&to));
	if (!done)
		d->say(d->ctx, false, "Unable to link into", span_str(f->base));
	buf_free(&to);
	return done;
}
