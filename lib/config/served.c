/*
 * served.c - which parameters a program reads
 *
 * The list is made when the suite is built, from the sources of all programs
 * (served.sh): so no report can praise a parameter that nobody reads.
 */

#include "config/served.h"

#include <stdlib.h>

static const char *const names[] = {
#include "config/served_names.h"
};

/* Scripts written for Postfix ask for these; others tell rather than rule. */
static const char *const kept[] = { "command_directory", "compatibility_level",
	"config_directory", "html_directory", "mail_version", "mailq_path",
	"manpage_directory", "meta_directory", "newaliases_path", "process_id",
	"process_name", "readme_directory", "sample_directory", "sendmail_path",
	"service_name", "shlib_directory", "stress" };

static int
compare(const void *key, const void *row)
{
	const struct span *name = key;
	const char *const *known = row;

	return span_cmp(*name, span_str(*known));
}

bool
param_served(struct span name)
{
	return bsearch(&name, names, sizeof(names) / sizeof(names[0]),
		   sizeof(names[0]), compare) != NULL ||
	    bsearch(&name, kept, sizeof(kept) / sizeof(kept[0]),
		sizeof(kept[0]), compare) != NULL;
}
