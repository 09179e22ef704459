/*
 * places.c - where each file of the configuration is looked for
 *
 * Files of the software that Facteur takes over from are found where they
 * were. A folder given by -c or MAIL_CONFIG is an instance of its own: nothing
 * of the machine's old homes is mixed into it.
 */

#include "config/places.h"

#include <stdlib.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/why.h"

static const struct {
	const char *name; /* below the folder; NULL: only ever at old */
	const char *old;
} files[] = {
	[PLACE_MAIN_CF] = { "main.cf", "/etc/postfix/main.cf" },
	[PLACE_MASTER_CF] = { "master.cf", NULL },
	[PLACE_IMAPD] = { "imapd", "/etc/courier/imapd" },
	[PLACE_IMAPD_SSL] = { "imapd-ssl", "/etc/courier/imapd-ssl" },
	[PLACE_POP3D] = { "pop3d", "/etc/courier/pop3d" },
	[PLACE_POP3D_SSL] = { "pop3d-ssl", "/etc/courier/pop3d-ssl" },
	[PLACE_AUTHDAEMONRC] = { "authdaemonrc", "/etc/courier/authdaemonrc" },
	[PLACE_CONFIG_PHP] = { "config.php", "/etc/squirrelmail/config.php" },
	[PLACE_PROCMAILRC] = { NULL, "/etc/procmailrc" },
	[PLACE_ALIASES] = { NULL, "/etc/aliases" },
};

const char *
places_folder_of(const char *given, bool privileged, struct why *why)
{
	const char *environment = privileged ? NULL : getenv("MAIL_CONFIG");

	if (given != NULL && privileged && strcmp(given, PLACES_FOLDER) != 0) {
		why_set(why, "4.3.5",
		    "configuration folder %s: not taken from a caller that has "
		    "fewer rights than this program; leave the option out",
		    given);
		return NULL;
	}
	if (given != NULL && given[0] != '\0')
		return given;
	if (environment != NULL && environment[0] != '\0')
		return environment;
	return PLACES_FOLDER;
}

const char *
places_folder(const char *given, struct why *why)
{
	return places_folder_of(given, getauxval(AT_SECURE) != 0, why);
}

static bool
exists(struct buf *path)
{
	return access(buf_str(path), F_OK) == 0;
}

static void
set_path(struct buf *path, const char *a, const char *b, const char *c)
{
	buf_clear(path);
	buf_printf(path, "%s%s%s", a, b, c);
}

bool
places_find_under(
    const char *root, const char *folder, enum place which, struct buf *path)
{
	bool ours = strcmp(folder, PLACES_FOLDER) == 0;

	if (files[which].name == NULL) {
		set_path(path, root, files[which].old, "");
		return false;
	}
	set_path(path, ours ? root : "", folder, "/");
	buf_add_str(path, files[which].name);
	if (!ours || files[which].old == NULL || exists(path))
		return false;
	set_path(path, root, files[which].old, "");
	if (exists(path))
		return true;
	set_path(path, root, folder, "/");
	buf_add_str(path, files[which].name);
	return false;
}

bool
places_find(const char *folder, enum place which, struct buf *path)
{
	return places_find_under("", folder, which, path);
}
