/*
 * spool.c - the spool's folders, made and set right at each start
 *
 * The queue's folders belong to mail_owner; a jail holds nothing but the
 * sockets that its program may call, and only root can add to it.
 */

#include "master/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/must.h"
#include "base/why.h"
#include "master/conf.h"
#include "master/roles.h"
#include "os/file.h"
#include "os/users.h"

static int
account_find(const char *name, uid_t *uid, gid_t *gid, struct why *why)
{
	struct arena *a = arena_new();
	struct account account;
	int got = 0;

	switch (users_find(a, span_str(name), &account)) {
	case USERS_FOUND:
		*uid = account.uid;
		*gid = account.gid;
		break;
	case USERS_UNKNOWN:
		why_set(why, "4.3.5",
		    "account %s does not exist: make it (systemd-sysusers) "
		    "or set mail_owner",
		    name);
		got = -1;
		break;
	case USERS_TROUBLE:
		why_set(why, "4.3.0", "cannot look up account %s: %s", name,
		    strerror(errno));
		got = -1;
		break;
	}
	arena_free(&a);
	return got;
}

int
accounts_find(
    const struct master_conf *conf, struct accounts *out, struct why *why)
{
	must(ROLE_ACCOUNTS <= sizeof(out->uid) / sizeof(out->uid[0]));
	memset(out, 0, sizeof(*out));
	for (int i = 0; i < ROLE_ACCOUNTS; i++) {
		const char *name = i == AS_OWNER
		    ? conf->mail_owner
		    : role_account_name((enum role_account)i);

		if (name == NULL)
			continue;
		if (account_find(name, &out->uid[i], &out->gid[i], why) == -1)
			return -1;
		if (out->uid[i] == 0) {
			why_set(
			    why, "4.3.5", "account %s must not be root", name);
			return -1;
		}
	}
	if (users_group(span_str(conf->setgid_group), &out->drop) ==
	    USERS_FOUND)
		return 0;
	why_set(why, "4.3.5", "setgid_group = %s: no such group",
	    conf->setgid_group);
	return -1;
}

/* A folder below dir with this owner and mode; a link in its place is an
 * error. */
static int
folder_make(int dir, const char *name, const mode_t mode, uid_t uid, gid_t gid)
{
	int fd, got;

	if (mkdirat(dir, name, mode) == -1 && errno != EEXIST)
		return -1;
	fd = file_open_dir(dir, name, false);
	if (fd == -1)
		return -1;
	got = fchown(fd, uid, gid) == -1 || fchmod(fd, mode) == -1 ? -1 : 0;
	file_close(&fd);
	return got;
}

static int
queue_make(int spool, const struct accounts *accounts)
{
	static const char *const folders[] = { "incoming", "active", "deferred",
		"hold", "corrupt", "accept" };
	uid_t uid = accounts->uid[AS_OWNER];
	gid_t gid = accounts->gid[AS_OWNER];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (folder_make(spool, folders[i], 0700, uid, gid) == -1)
			return -1;
	return folder_make(spool, "maildrop", 01730, uid, accounts->drop);
}

static int
jails_make(int spool, const struct accounts *accounts)
{
	int jail, got = 0;

	if (folder_make(spool, "public", 0755, 0, 0) == -1 ||
	    folder_make(spool, "jail", 0755, 0, 0) == -1)
		return -1;
	jail = file_open_dir(spool, "jail", false);
	if (jail == -1)
		return -1;
	/* Readable by the program's own group alone: another program cannot
	 * even reach its sockets. */
	for (size_t i = 0; i < role_count && got == 0; i++)
		got = folder_make(jail, roles[i].program, 0750, 0,
		    accounts->gid[roles[i].account]);
	file_close(&jail);
	return got;
}

int
spool_make(const struct master_conf *conf, const struct accounts *accounts,
    struct why *why)
{
	const char *path = conf->queue_directory;
	int spool, got = -1;

	if (mkdir(path, 0755) == -1 && errno != EEXIST) {
		why_set(why, "4.3.0", "queue_directory = %s: %s", path,
		    strerror(errno));
		return -1;
	}
	spool = file_open_dir(AT_FDCWD, path, true);
	if (spool != -1 && fchmod(spool, 0755) == 0 &&
	    queue_make(spool, accounts) == 0 &&
	    jails_make(spool, accounts) == 0)
		got = 0;
	if (got == -1)
		why_set(why, "4.3.0", "queue_directory = %s: %s", path,
		    strerror(errno));
	file_close(&spool);
	return got;
}
