/* master.h - the state of the one process that starts the others */

#ifndef MASTER_MASTER_H
#define MASTER_MASTER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/list.h"
#include "master/spool.h"

struct arena;
struct loop;
struct loop_timer;
struct main_cf;
struct master_conf;
struct why;

struct master {
	const char *config_dir;
	const char *group; /* -g, or NULL: all */
	unsigned verbose;
	struct loop *loop;
	/* Of the present configuration. */
	struct arena *arena;
	struct main_cf *main_cf;
	struct master_conf *conf;
	struct accounts accounts;
	struct list rows;
	/* Children of rows that a reload took away; they only drain. */
	struct list orphans;
	int log_fd;
	bool log_is_file;
	bool stopping;
	struct loop_timer *stop_timer;
	int stop_step;
};

/* Read the configuration and lay it over what runs. -1 with why: nothing was
 * changed. */
int master_load(struct master *m, struct why *why);
/* Is that where, and by the name of what, lines may go? The facility is set. */
bool master_log_allowed(const struct master_conf *conf, struct why *why);
/* Open maillog_file, or the way to syslog; an old descriptor is closed. A log
 * that was moved away is made anew by this at reload. -1 with why. */
int master_log_open(
    struct master *m, const struct master_conf *conf, struct why *why);
/* Begin to stop; the loop ends when the last child has gone. */
void master_stop(struct master *m);
/* Until stopped. */
void master_run(struct master *m);
/* The last child ended while stopping. */
void master_check_stopped(struct master *m);

#endif
