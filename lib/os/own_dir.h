/* own_dir.h - folders of users, each below one of the administrator's
 *
 * ROOT/UID belongs to the user and to nobody else. ROOT is the administrator's:
 * its path may lead over links, nobody but its owner may write in it, unless it
 * is sticky. Below it no link is followed, and what another one owns, or others
 * may write to, is refused with EACCES.
 */

#ifndef OS_OWN_DIR_H
#define OS_OWN_DIR_H

#include <sys/types.h>

/* Is root as it is wanted above? -1 with errno: EINVAL for a path that does not
 * begin with /, EACCES for whom it belongs to or who may write there. */
int own_dir_check(const char *root) __attribute__((warn_unused_result));
/* As root, before it becomes the user: make ROOT/UID where it is not there. -1
 * with errno: the user finds out too. */
int own_dir_make(const char *root, uid_t uid, gid_t gid);
/* As the user: open ROOT/UID. It is made where the user may do that. -1 with
 * errno. */
int own_dir_open(const char *root) __attribute__((warn_unused_result));
/* Open a folder below it, or below that, made when it is not there. */
int own_dir_below(int at, const char *name) __attribute__((warn_unused_result));

#endif
