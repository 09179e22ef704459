/*
 * postmap.c - makes look-up tables, asks them, changes and lists them
 *
 * See postmap(1); lib/maps/table_job.c has the work.
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

	log_to(-1, false, "postmap");
	if (!table_job_options(&job, false, argc, argv))
		return 1;
	tool_open(&tool, argv[0], job.config_dir);
	log_verbose_set(job.verbose);
	map_plugin_set(tool_value(&tool, "daemon_directory"), NULL, NULL);
	job.compile.default_type = tool_value(&tool, "default_database_type");
	return table_job_run(&job);
}
