/* places.h - where each file of the configuration is looked for */

#ifndef CONFIG_PLACES_H
#define CONFIG_PLACES_H

#include <stdbool.h>

struct buf;
struct why;

#define PLACES_FOLDER "/etc/facteur"

enum place {
	PLACE_MAIN_CF, /* then /etc/postfix/main.cf */
	PLACE_MASTER_CF,
	PLACE_IMAPD, /* then /etc/courier/imapd; the next four likewise */
	PLACE_IMAPD_SSL,
	PLACE_POP3D,
	PLACE_POP3D_SSL,
	PLACE_AUTHDAEMONRC,
	PLACE_CONFIG_PHP, /* then /etc/squirrelmail/config.php */
	PLACE_PROCMAILRC, /* always /etc/procmailrc */
	PLACE_ALIASES /* always /etc/aliases */
};

/* The folder to read from: given (an option's argument, NULL when there was
 * none), else MAIL_CONFIG of the environment, else PLACES_FOLDER. A program
 * with rights that its caller has not (setuid, setgid) takes nothing from the
 * environment, and refuses any given folder but PLACES_FOLDER: NULL, why says
 * so. The string is the caller's, the environment's or constant. */
const char *places_folder(const char *given, struct why *why);
/* The same for a caller that says itself whether it has such rights. */
const char *
places_folder_of(const char *given, bool privileged, struct why *why);

/* Replace path with the file's: FOLDER/name; or, where folder is
 * PLACES_FOLDER and that file is absent, the old home's if it is there. True
 * when the path is an old home's. */
bool places_find(const char *folder, enum place which, struct buf *path);
/* The same under another root than /, for tests. */
bool places_find_under(
    const char *root, const char *folder, enum place which, struct buf *path);

#endif
