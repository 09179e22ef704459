/*
 * box_help.c - what the parent does for the box in the mail spool
 *
 * The effective ids are those of the user and the spool's group for the length
 * of one call, so nothing is made or opened that they could not. The name is
 * the account's, which holds no slash.
 */

#include "deliver/box_help.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "deliver/conf.h"
#include "mailbox/dotlock.h"
#include "mailbox/mbox.h"
#include "os/file.h"
#include "os/users.h"

/* The spool, with the ids taken; -1 with errno. */
static int
enter(const struct deliver_conf *c, const struct account *u, mode_t *mode)
{
	int dir = file_open_dir(AT_FDCWD, c->mail_spool_directory, true);
	struct stat st;

	if (dir == -1)
		return -1;
	if (fstat(dir, &st) == -1 || setegid(st.st_gid) == -1 ||
	    seteuid(u->uid) == -1) {
		int error = errno;

		if (setegid(getgid()) == -1)
			log_fatal("cannot get the group back");
		file_close(&dir);
		errno = error;
		return -1;
	}
	*mode = (st.st_mode & S_IWGRP) != 0 ? 0660 : 0600;
	return dir;
}

static void
leave(int *dir)
{
	if (seteuid(getuid()) == -1 || setegid(getgid()) == -1)
		log_fatal("cannot get root back: %s", strerror(errno));
	file_close(dir);
}

int
box_help_open(
    const struct deliver_conf *c, const struct account *u, struct why *why)
{
	mode_t mode, mask;
	int dir = enter(c, u, &mode), fd;

	if (dir == -1) {
		why_set(why, "4.3.0", "cannot enter %s: %s",
		    c->mail_spool_directory, strerror(errno));
		return -1;
	}
	mask = umask(007);
	fd = mbox_open(dir, u->name, mode,
	    c->strict_mailbox_ownership ? u->uid : MBOX_ANYBODY, why);
	(void)umask(mask);
	leave(&dir);
	return fd;
}

enum box_lock
box_help_lock(const struct deliver_conf *c, const struct account *u)
{
	char *name = mem_printf("%s.lock", u->name);
	enum dotlock_result got = DOTLOCK_TROUBLE;
	mode_t mode;
	int dir = enter(c, u, &mode);

	if (dir != -1) {
		got = dotlock_try(dir, name, (int)c->stale_lock_time);
		if (got == DOTLOCK_TROUBLE)
			log_warning("%s/%s: %s", c->mail_spool_directory, name,
			    strerror(errno));
		leave(&dir);
	}
	free(name);
	return got == DOTLOCK_TAKEN ? BOX_TAKEN
	    : got == DOTLOCK_HELD   ? BOX_HELD
				    : BOX_TROUBLE;
}

void
box_help_unlock(const struct deliver_conf *c, const struct account *u)
{
	char *name = mem_printf("%s.lock", u->name);
	mode_t mode;
	int dir = enter(c, u, &mode);

	if (dir != -1) {
		dotlock_drop(dir, name);
		leave(&dir);
	}
	free(name);
}
