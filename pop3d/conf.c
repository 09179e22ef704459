/* conf.c - what pop3d takes from main.cf */

#include "pop3d/conf.h"

#include <stddef.h>

#include "config/param.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct pop3_conf, field)

static const struct param rows[] = {
	{ P(STR, myhostname), "", "name given in answers" },
	{ P(STR, index_directory), "",
	    "folder that indexes of mailboxes lie in; empty: the mailboxes" },
	{ P(TIME, pop3_idle_timeout), "10m", "how long a client may be silent",
	    .min = 60, .max = 86400 },
	{ P(TIME, pop3_login_delay), "0", "time between two logins of a user",
	    .max = 86400 },
	{ P(STR, pop3_expire), "never",
	    "days that mail stays after it was read; never" },
	{ P(BOOL, pop3_lock_session), "no",
	    "a user's mail is for one POP3 session at a time" },
	{ .name = NULL },
};

const struct param *const pop3d_params = rows;
