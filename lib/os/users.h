/* users.h - accounts of the system */

#ifndef OS_USERS_H
#define OS_USERS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/span.h"

struct arena;
struct buf;

struct account {
	const char *name;
	uid_t uid;
	gid_t gid;
	const char *home, *shell;
	const char *gecos;
};

enum users_result { USERS_FOUND, USERS_UNKNOWN, USERS_TROUBLE };

/* Look a login name up; strings live in a. A name that is empty, longer than
 * 255 bytes, or holds '/', NUL or a control byte is unknown without asking.
 * USERS_TROUBLE: the database did not answer (try later). */
enum users_result
users_find(struct arena *a, struct span name, struct account *out);
enum users_result
users_find_uid(struct arena *a, uid_t uid, struct account *out);
/* A group's line of group(5), its password as "x", appended to out. */
enum users_result users_group_line(struct span name, struct buf *out);
/* Append the names of the groups of an account, blanks between; but for names
 * that have blanks themselves, or are too long to be one. USERS_TROUBLE, and
 * errno: they are not all, as the database did not answer, or (E2BIG) they take
 * more than max bytes. */
enum users_result users_groups(const struct account *account, size_t max,
    struct buf *out) __attribute__((warn_unused_result));
/* A number or a group's name. */
enum users_result users_group(struct span name, gid_t *out);
/* Load what looking for groups needs, for children that are forked later: each
 * would load it for itself. */
void users_warm(void);
/* Become uid and gid for good, with the groups of name (or none but gid when
 * name is NULL): fails, with errno, rather than half succeed; checked. */
int users_become(const char *name, uid_t uid, gid_t gid)
    __attribute__((warn_unused_result));

#endif
