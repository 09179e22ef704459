/*
 * place.c - the folder of the cache, made while the process is still root
 *
 * data_directory is root's, since tables of who may log in are there; verify is
 * not root. So the cache has a folder of its own. One that is there already and
 * somebody else's is left alone.
 */

#include "verify/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/users.h"
#include "verify/conf.h"

/* "btree:/path/name": the path of its folder, the caller's; or NULL. */
static char *
folder_of(const char *spec)
{
	struct span path = span_str(spec);
	size_t slash;

	if (!span_starts(path, "btree:") && !span_starts(path, "hash:"))
		return NULL;
	path = span_skip(path, span_find(path, ':') + 1);
	slash = span_rfind(path, '/');
	if (span_at(path, 0) != '/' || slash == 0 || slash + 1 == path.n)
		return NULL;
	return mem_span(span_head(path, slash));
}

static bool
folder_take(int fd, bool made, const struct account *owner)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return false;
	if (made && st.st_uid == 0)
		return fchown(fd, owner->uid, owner->gid) == 0;
	errno = EPERM;
	return st.st_uid == owner->uid;
}

static bool
folder_make(const char *folder, const struct account *owner)
{
	bool made = mkdir(folder, 0700) == 0, good;
	int fd, error;

	if (!made && errno != EEXIST)
		return false;
	fd = file_open_dir(AT_FDCWD, folder, false);
	if (fd == -1)
		return false;
	good = folder_take(fd, made, owner);
	error = errno;
	file_close(&fd);
	errno = error;
	return good;
}

bool
place_prepare(const struct verify_conf *conf)
{
	struct arena *a = arena_new();
	struct account owner;
	char *folder = folder_of(conf->address_verify_map);
	bool good = false;

	if (conf->address_verify_map[0] == '\0')
		good = true;
	else if (folder == NULL)
		log_warning("address_verify_map = %s: wanted btree:/PATH or "
			    "hash:/PATH; the cache is in memory",
		    conf->address_verify_map);
	else if (users_find(a, span_str(conf->mail_owner), &owner) !=
	    USERS_FOUND)
		log_warning("mail_owner = %s: there is no such account",
		    conf->mail_owner);
	else if ((mkdir(conf->data_directory, 0755) == 0 || errno == EEXIST) &&
	    folder_make(folder, &owner))
		good = true;
	else
		log_warning("address_verify_map: %s: %s; it must be a folder "
			    "of %s, and not that of data_directory; the cache "
			    "is in memory",
		    folder, strerror(errno), conf->mail_owner);
	free(folder);
	arena_free(&a);
	return good;
}
