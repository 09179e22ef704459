/* spool.h - the spool's folders, made and set right at each start */

#ifndef MASTER_SPOOL_H
#define MASTER_SPOOL_H

#include <sys/types.h>

struct master_conf;
struct why;

/* uid and gid of the accounts of roles.h, and of the drop group. */
struct accounts {
	uid_t uid[8];
	gid_t gid[8];
	gid_t drop;
};

/* -1 with why when an account is missing. */
int accounts_find(
    const struct master_conf *conf, struct accounts *out, struct why *why);
/* Make what is missing, set owners and modes. -1 with why. */
int spool_make(const struct master_conf *conf, const struct accounts *accounts,
    struct why *why);

#endif
