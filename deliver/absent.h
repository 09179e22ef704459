/* absent.h - files of a user that were not there, and are not yet
 *
 * Most users have none of the files that are looked for on each message. A file
 * that was not in a folder is not there as long as the folder did not change:
 * one stat() of the folder answers for all that were looked for in it.
 */

#ifndef DELIVER_ABSENT_H
#define DELIVER_ABSENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct absent;

struct absent *absent_new(void);
void absent_free(struct absent **a);
/* A message begins: folders are looked at anew. */
void absent_next(struct absent *a);

/* To be asked before path is opened. True: it was not there when it was looked
 * for last, and its folder is as it was. */
bool absent_is(struct absent *a, const char *path);
/* It could not be opened with ENOENT, after absent_is() was asked. What a link
 * without an end leads to is not taken for absent, since it can come without a
 * change of the folder. */
void absent_note(struct absent *a, const char *path);

/* The same of a name in a folder that the caller has looked at, at that second
 * and before he looked for the name; by its path, or where that is NULL by its
 * descriptor it can be found. */
struct absent_folder {
	const struct stat *st;
	int64_t second;
	const char *path;
	int fd;
};
bool
absent_in(const struct absent *a, const struct stat *folder, const char *name);
void absent_note_in(
    struct absent *a, const struct absent_folder *folder, const char *name);

/* What absent_is() saw of the folder of path in this message; NULL: it cannot
 * be looked at. */
const struct stat *absent_folder(struct absent *a, const char *path);

#endif
