/*
 * account.c - who calls, who is served, and with which rights
 */

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "os/file.h"
#include "tools/procmail/procmail.h"

bool
account_caller(struct arena *a, struct account *out)
{
	const char *name = getenv("LOGNAME");

	if (name != NULL && users_find(a, span_str(name), out) == USERS_FOUND &&
	    out->uid == getuid())
		return true;
	return users_find_uid(a, getuid(), out) == USERS_FOUND;
}

bool
account_trusted(const struct account *caller)
{
	static const char *const names[] = { "root", "daemon", "uucp", "mail",
		"x400", "network", "list", "slist", "lists", "news" };

	if (getuid() == 0)
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], caller->name) == 0)
			return true;
	return false;
}

int
service_drop(struct service *s)
{
	if (!s->privileged)
		return 0;
	/* The saved group is that of the spool; exec forgets it. */
	if (initgroups(s->user.name, s->user.gid) == -1 ||
	    setresgid(s->user.gid, s->user.gid, s->spool_gid) == -1 ||
	    setresuid(s->user.uid, s->user.uid, s->user.uid) == -1)
		return -1;
	if (getuid() != s->user.uid || geteuid() != s->user.uid ||
	    (s->user.uid != 0 && setuid(0) != -1)) {
		errno = EPERM;
		return -1;
	}
	s->privileged = false;
	return 0;
}

void
service_spool_rights(struct service *s, bool on)
{
	gid_t real, effective, saved;

	if (getresgid(&real, &effective, &saved) == -1 ||
	    saved != s->spool_gid || real == saved)
		return;
	/* Taking it can fail without harm; giving it back must not. */
	if (setresgid((gid_t)-1, on ? saved : real, (gid_t)-1) == -1 && !on)
		_exit(CODE_LATER);
}
