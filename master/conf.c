/* conf.c - what master takes from main.cf */

#include "master/conf.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/why.h"
#include "config/param.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct master_conf, field)

static const struct param master_params[] = {
	{ P(STR, queue_directory), "/var/spool/facteur", "the spool's root" },
	{ P(STR, daemon_directory), "/usr/libexec/facteur",
	    "where the daemons' programs lie" },
	{ P(STR, data_directory), "/var/lib/facteur",
	    "tables that daemons write" },
	{ P(STR, mail_owner), "_facteur", "account that owns the queue" },
	{ P(STR, setgid_group), "_facteurdrop", "group of maildrop/" },
	{ P(STR, inet_interfaces), "all", "addresses to listen on" },
	{ P(STR, inet_protocols), "all", "ipv4, ipv6 or all" },
	{ P(STR, maillog_file), "", "log here instead of to syslog" },
	{ P(STR, maillog_file_prefixes), "/var, /dev/stdout",
	    "where that file may be" },
	{ P(STR, master_service_disable), "", "services switched off" },
	{ P(STR, process_id_directory), "/run/facteur",
	    "where master.pid lies" },
	{ P(BOOL, smtp_mta_sts_enable), "no",
	    "follow MTA-STS policies of domains" },
	{ P(BOOL, smtp_tlsrpt_enable), "no", "count for TLS reports" },
	{ P(STR, syslog_facility), "mail", "syslog facility" },
	{ P(STR, syslog_name),
	    "${multi_instance_name?{$multi_instance_name}:{postfix}}",
	    "first part of the log's ident" },
	{ P(TIME, service_throttle_time), "10s",
	    "longest pause before a failing service is started again", .min = 1,
	    .max = 86400 },
	{ P(STR, import_environment),
	    "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C",
	    "environment of the daemons" },
	{ P(INT, default_process_limit), "100",
	    "processes of a row whose maxproc is 0", .min = 1, .max = 100000 },
	{ .name = NULL },
};

struct master_conf *
master_conf_read(struct arena *a, const char *config_dir,
    struct main_cf **main_cf, struct why *why)
{
	struct master_conf *conf = arena_alloc(a, sizeof(*conf));

	*main_cf = main_cf_load(config_dir, false, why);
	if (*main_cf == NULL)
		return NULL;
	return param_fill(master_params, *main_cf, a, conf, why) ? conf : NULL;
}
