/*
 * postalias.c - makes tables of aliases, asks them, changes and lists them
 *
 * See postalias(1); lib/maps/table_job.c has the work. newaliases(1) and
 * sendmail -bi run it for each table of alias_database.
 */

#include <stddef.h>

#include "base/log.h"
#include "maps/plugin_map.h"
#include "maps/table_job.h"
#include "service/tool.h"

int
main(int argc, char **argv)
{
	static struct tool tool;
	struct table_job job;

	log_to(-1, false, "postalias");
	if (!table_job_options(&job, true, argc, argv))
		return 1;
	tool_open(&tool, argv[0], job.config_dir);
	log_verbose_set(job.verbose);
	map_plugin_set(tool_value(&tool, "daemon_directory"), NULL, NULL);
	job.compile.default_type = tool_value(&tool, "default_database_type");
	job.compile.host = tool_value(&tool, "myhostname");
	return table_job_run(&job);
}
