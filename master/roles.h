/* roles.h - what master knows of each program: who it runs as, where it is
 * locked up, who may call it */

#ifndef MASTER_ROLES_H
#define MASTER_ROLES_H

#include <stdbool.h>
#include <stddef.h>

/* Accounts of interfaces: which main.cf parameter or fixed name. */
enum role_account {
	AS_ROOT,
	AS_OWNER, /* mail_owner */
	AS_NET,
	AS_LOGIN,
	AS_MAP,
	AS_DNS,
	AS_KEY,
	AS_DIAL,
	ROLE_ACCOUNTS
};

enum role_jail {
	JAIL_NONE,
	JAIL_OWN, /* jail/PROGRAM below the spool */
	JAIL_SPOOL /* the spool itself */
};

enum role_flag {
	ROLE_AHEAD = 1, /* started at once, not at the first call */
	ROLE_ONLY = 2, /* two generations may never run at once */
	/* One runs, and forks for each client: maxproc is for those. */
	ROLE_FORKS = 4,
	ROLE_STREAM = 8 /* its public sockets are SOCK_STREAM */
};

struct master_conf;

struct role {
	const char *program;
	const char *group; /* of master -g */
	enum role_account account;
	enum role_jail jail;
	unsigned flags;
	/* Programs that may call its private sockets. */
	const char *callers[8];
	/* Sockets in public/ besides the row's own name. */
	const char *publics[4];
};

extern const struct role roles[];
extern const size_t role_count;

/* May it have work that nobody brings, so that it is worth to be started to
 * look for it? */
bool role_looks_for_work(const struct role *r, const struct master_conf *c);
/* NULL for a program that is none of ours. */
const struct role *role_find(const char *program);
/* Name of a fixed account, NULL for AS_ROOT and AS_OWNER. */
const char *role_account_name(enum role_account account);

#endif
