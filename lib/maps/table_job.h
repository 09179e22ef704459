/* table_job.h - what postmap(1) and postalias(1) have in common */

#ifndef MAPS_TABLE_JOB_H
#define MAPS_TABLE_JOB_H

#include <stdbool.h>

#include "maps/compile.h"

struct table_job {
	struct compile compile; /* default_type and host: the caller's */
	const char *config_dir; /* -c, or NULL */
	const char *query, *remove; /* -q, -d, or NULL */
	bool list; /* -s */
	bool headers, body; /* -h, -b */
	int verbose;
	char **tables; /* what stands behind the options */
	int table_count;
};

/* Read the command line. aliases: postalias's options and forms. False: it is
 * ill-formed, which has been said. */
bool
table_job_options(struct table_job *j, bool aliases, int argc, char **argv);
/* Do it; the exit code. What is found goes to standard output. */
int table_job_run(const struct table_job *j);

#endif
