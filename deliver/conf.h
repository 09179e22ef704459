/* conf.h - what deliver reads from main.cf */

#ifndef DELIVER_CONF_H
#define DELIVER_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "config/param.h"

struct deliver_conf {
	const char *allow_mail_to_commands, *allow_mail_to_files;
	bool biff; /* taken, and nobody is told */
	/* as written */
	const char *command_expansion_filter, *command_execution_directory;
	int64_t command_time_limit;
	int default_destination_concurrency_limit;
	const char *default_privs;
	int delay_logging_resolution_limit;
	int deliver_lock_attempts;
	bool soft_bounce;
	bool enable_original_recipient;
	int64_t deliver_lock_delay, stale_lock_time;
	const char *export_environment;
	const char *forward_expansion_filter, *forward_path; /* as written */
	const char *home_mailbox;
	const char *index_directory;
	const char *local_command_shell;
	int local_destination_concurrency_limit;
	const char *mail_spool_directory;
	const char *mailbox_command; /* as written */
	/* lookup has them: is there one? */
	const char *local_delivery_status_filter;
	const char *virtual_delivery_status_filter;
	const char *pipe_delivery_status_filter;
	const char *mailbox_command_maps; /* lookup has them: is there one? */
	const char *mailbox_delivery_lock;
	uint64_t mailbox_size_limit;
	const char *prepend_delivered_header;
	bool maildirdetect;
	uint64_t rules_memory_limit, rules_variable_limit;
	int rules_nesting_limit, rules_process_limit;
	int64_t rules_time_limit;
	const char *sendmail_path;
	bool sieve;
	/* as written */
	const char *sieve_script, *sieve_dir, *sieve_global_dir;
	int sieve_max_actions, sieve_max_redirects;
	uint64_t sieve_max_script_size;
	int64_t sieve_vacation_default_period, sieve_vacation_min_period;
	const char *queue_directory, *recipient_delimiter;
	bool require_home_directory, strict_mailbox_ownership;
	const char *virtual_mailbox_lock;
	const char *mydomain, *myhostname, *mydestination;
	/* virtual mailboxes; lookup has the tables */
	const char *virtual_mailbox_maps, *virtual_uid_maps, *virtual_gid_maps;
	const char *virtual_mailbox_base;
	uint64_t virtual_mailbox_limit;
	int virtual_minimum_uid;
};

extern const struct param deliver_params[];

#endif
