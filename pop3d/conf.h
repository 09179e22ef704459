/* conf.h - what pop3d takes from main.cf */

#ifndef POP3D_CONF_H
#define POP3D_CONF_H

#include <stdbool.h>
#include <stdint.h>

struct param;

/* As the parameters are called. */
struct pop3_conf {
	const char *myhostname, *index_directory;
	int64_t pop3_idle_timeout, pop3_login_delay;
	const char *pop3_expire;
	bool pop3_lock_session;
	bool log_deletions; /* POP3_LOG_DELETIONS of Courier's file */
	int expire_days; /* pop3_expire, or POP3_NEVER */
};

extern const struct param *const pop3d_params;

#endif
