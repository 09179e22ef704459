/* courier.h - Courier's configuration files: imapd, pop3d, authdaemonrc and
 * the -ssl ones */

#ifndef CONFIG_COURIER_H
#define CONFIG_COURIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct notes;
struct why;

/* A file as read: NAME=value lines, in order. Courier's own programs have a
 * shell read them; here they are data: blanks after = are passed over, quotes
 * and the $NAME of the same file are understood, commands are not. */
struct courier;

struct courier_setting {
	const char *name, *value;
	unsigned line;
};

/* NULL: why says file, line and remedy. name is for messages. Limits: 1 MiB;
 * a value of 64 KiB after its names were expanded. */
struct courier *
courier_parse(struct span text, const char *name, struct why *why);
/* The file at path; a missing one is empty when optional is set. */
struct courier *courier_load(const char *path, bool optional, struct why *why);
void courier_free(struct courier **c);
const char *courier_file(const struct courier *c);
/* What stood in it and was not understood or is odd. */
const struct notes *courier_notes(const struct courier *c);

/* The value, or NULL when the name is not set. Lives as long as c. */
const char *courier_get(const struct courier *c, const char *name);
/* The line it was last set in, 0 when it was not. */
unsigned courier_line(const struct courier *c, const char *name);
/* Walk the settings in the file's order: *at begins at 0. */
bool courier_next(
    const struct courier *c, size_t *at, struct courier_setting *setting);

/* The value as yes or no (YES, yes, y, 1, true, on and their opposites);
 * otherwise when it is not set or empty. false: why says file and line. */
bool courier_yes(const struct courier *c, const char *name, bool otherwise,
    bool *value, struct why *why);
struct courier_range {
	int64_t min, max, otherwise;
};
bool courier_number(const struct courier *c, const char *name,
    const struct courier_range *range, int64_t *value, struct why *why);

/* How Facteur takes a name of Courier's. */
enum courier_use {
	COURIER_USED, /* honoured */
	COURIER_MOOT, /* has no object here; nothing is lost */
	COURIER_MISSING, /* asks for something that Facteur does not do */
	COURIER_UNKNOWN /* no name of Courier's: misspelt? */
};
enum courier_use courier_use(const char *name);
/* The value asks for nothing, so that a name that is missing costs nothing. */
bool courier_idle(const char *name, const char *value);
/* What does the like in Facteur, for people; or NULL. */
const char *courier_instead(const char *name);

#endif
