/*
 * spool.c - the system mailbox, and what of it needs rights
 *
 * Started by root with -d the box is looked at and made while we still are
 * root; when it is written to, the group of the spool is taken for its lock
 * file. Otherwise the box is a file like any other.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/file.h"
#include "rules/deposit.h"
#include "rules/expand.h"
#include "tools/procmail/procmail.h"

enum { RC_MAX = 1 << 20 };

/* ---- seeing to the box */

static int
make_box(const struct service *s)
{
	struct stat spool;
	int fd =
	    file_open(AT_FDCWD, s->orgmail, O_WRONLY | O_CREAT | O_EXCL, 0600);
	mode_t mode = 0600;
	int got;

	if (fd == -1)
		return -1;
	if (stat("/var/mail", &spool) == 0 && (spool.st_mode & S_IWGRP))
		mode = 0660;
	got = fchown(fd, s->user.uid, s->spool_gid);
	if (got == 0)
		got = fchmod(fd, mode);
	file_close(&fd);
	return got;
}

/* What is not a box of the user's own must not get his mail. */
static int
put_aside(const struct service *s)
{
	char *aside =
	    mem_printf("/var/mail/BOGUS.%s.%d", s->user.name, (int)getpid());
	int got = file_rename(AT_FDCWD, s->orgmail, AT_FDCWD, aside);

	agent_say(s->agent,
	    got == 0 ? "Renamed bogus \"%s\" into \"%s\""
		     : "Couldn't rename bogus \"%s\" into "
		       "\"%s\"",
	    s->orgmail, aside);
	free(aside);
	return got;
}

static bool
is_good(const struct service *s, const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_nlink == 1 &&
	    st->st_uid == s->user.uid;
}

int
spool_prepare(struct service *s)
{
	struct stat st;
	bool there = lstat(s->orgmail, &st) == 0;

	if (there && S_ISREG(st.st_mode) &&
	    (st.st_mode & (S_ISUID | S_ISGID))) {
		agent_say(s->agent, "Autoforwarding mailbox found");
		return CODE_NO_USER;
	}
	if (there && is_good(s, &st))
		return 0;
	if (there && put_aside(s) == -1)
		return CODE_LATER;
	if (make_box(s) == -1 && errno != EEXIST) {
		agent_say(s->agent, "Couldn't create \"%s\"", s->orgmail);
		mem_free(&s->orgmail);
	}
	return 0;
}

/* ---- delivering into it */

static bool
is_spool(void *ctx, struct span folder)
{
	const struct service *s = ctx;

	return s->orgmail != NULL && span_is(folder, s->orgmail) &&
	    span_starts(folder, "/var/mail/");
}

static bool
deliver(void *ctx, struct deposit *d)
{
	struct service *s = ctx;
	bool done;

	if (!is_spool(s, word_at(d->names, 0)))
		return deposit(d);
	service_spool_rights(s, true);
	/* Without rights in the spool only the kernel's lock is left. */
	d->dot_lock = faccessat(AT_FDCWD, "/var/mail", W_OK, AT_EACCESS) == 0;
	done = deposit(d);
	service_spool_rights(s, false);
	return done;
}

/* ---- rc files */

static bool
others_may_write(const struct service *s, const struct stat *st)
{
	if (st->st_uid != s->user.uid && st->st_uid != 0)
		return true;
	return (st->st_mode & S_IWOTH) ||
	    ((st->st_mode & S_IWGRP) && st->st_gid != s->user.gid);
}

/* The user's own file must be his, and so must the folder it lies in. */
static bool
trusted(const struct service *s, int fd, const char *path)
{
	size_t slash = span_rfind(span_str(path), '/');
	char *folder = mem_span(span_of(path, slash + 1));
	struct stat file, above;
	bool good = fstat(fd, &file) == 0 && stat(folder, &above) == 0 &&
	    S_ISREG(file.st_mode) && !others_may_write(s, &file) &&
	    (!others_may_write(s, &above) || (above.st_mode & S_ISVTX));

	free(folder);
	return good;
}

static int
read_rc(void *ctx, const char *path, struct buf *out)
{
	const struct service *s = ctx;
	int fd, got = -1;

	if (s->own_rc == NULL || strcmp(path, s->own_rc) != 0)
		return file_read_path(path, RC_MAX, out);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return -1;
	if (trusted(s, fd, path))
		got = file_read_all(fd, RC_MAX, out);
	else
		errno = EPERM;
	file_close(&fd);
	return got;
}

static int
drop(void *ctx)
{
	return service_drop(ctx);
}

/* The caller thinks it is done; we go on alone. */
static void
delivered(void *ctx)
{
	pid_t pid = fork();

	(void)ctx;
	if (pid > 0)
		_exit(0);
}

const struct agent_ops service_ops = { .deposit = deliver,
	.is_spool = is_spool,
	.drop = drop,
	.delivered = delivered,
	.read_rc = read_rc };
