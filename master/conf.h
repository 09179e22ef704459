/* conf.h - what master takes from main.cf */

#ifndef MASTER_CONF_H
#define MASTER_CONF_H

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct main_cf;
struct why;

struct master_conf {
	const char *queue_directory, *daemon_directory, *data_directory;
	const char *mail_owner, *setgid_group;
	const char *inet_interfaces, *inet_protocols;
	const char *maillog_file_prefixes, *master_service_disable;
	const char *syslog_facility;
	const char *maillog_file, *process_id_directory;
	const char *syslog_name;
	const char *import_environment;
	int64_t service_throttle_time;
	int default_process_limit;
	bool smtp_mta_sts_enable, smtp_tlsrpt_enable;
};

/* NULL on trouble; strings live in a. */
struct master_conf *master_conf_read(struct arena *a, const char *config_dir,
    struct main_cf **main_cf, struct why *why);

#endif
