/* procmail.h - the parts of the program procmail */

#ifndef TOOLS_PROCMAIL_H
#define TOOLS_PROCMAIL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "os/users.h"
#include "rules/agent.h"

struct letter;
struct options;
struct vars;

/* Exit codes as sysexits.h has them. */
enum {
	CODE_USAGE = 64,
	CODE_NO_RC = 66,
	CODE_NO_USER = 67,
	CODE_LOST = 73,
	CODE_LATER = 75,
	CODE_NO_RIGHTS = 77
};

/* Whom the message is for, and with which rights. */
struct service {
	const char *program; /* as it was called */
	const struct options *options;
	struct arena *memory;
	struct account user;
	struct account caller;
	bool privileged; /* started by root with -d: still root */
	gid_t spool_gid;
	char *orgmail; /* the system mailbox; NULL: not to be used */
	struct agent *agent;
	char *own_rc; /* the user's: looked at before it is read */
	const volatile sig_atomic_t *stop;
};

/* The caller, by his uid and LOGNAME; false: he is nobody. */
bool account_caller(struct arena *a, struct account *out);
/* May he say who sent a message? */
bool account_trusted(const struct account *caller);
/* Become the user for good, but for the group of the spool, which may be taken
 * for a moment by service_spool_rights(). -1 with errno. */
int service_drop(struct service *s);
void service_spool_rights(struct service *s, bool on);
/* See to the system mailbox while still root. 0, or the exit code. */
int spool_prepare(struct service *s);
extern const struct agent_ops service_ops;

/* Give the letter the envelope line that -f, -d and the caller ask for. */
void from_settle(
    struct letter *l, const struct options *o, const struct account *caller);
/* The variables a run begins with. */
struct vars *environment_make(struct service *s);

#endif
