/*
 * conf.c - what deliver reads from main.cf
 *
 * Defaults, bounds and help are those of the shared table (lib/config).
 */

#include "deliver/conf.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct deliver_conf, field)

const struct param deliver_params[] = {
	{ P(STR, allow_mail_to_commands) },
	{ P(STR, allow_mail_to_files) },
	{ P(BOOL, biff) },
	{ P(RAW, command_execution_directory) },
	{ P(RAW, command_expansion_filter) },
	{ P(TIME, command_time_limit) },
	{ P(INT, default_destination_concurrency_limit) },
	{ P(STR, default_privs) },
	{ P(INT, delay_logging_resolution_limit) },
	{ P(INT, deliver_lock_attempts) },
	{ P(BOOL, soft_bounce) },
	{ P(TIME, deliver_lock_delay) },
	{ P(BOOL, enable_original_recipient) },
	{ P(STR, export_environment) },
	{ P(RAW, forward_expansion_filter) },
	{ P(RAW, forward_path) },
	{ P(STR, home_mailbox) },
	{ P(STR, index_directory) },
	{ P(STR, local_command_shell) },
	{ P(INT, local_destination_concurrency_limit) },
	{ P(STR, mail_spool_directory) },
	{ P(RAW, mailbox_command) },
	{ P(STR, mailbox_command_maps) },
	{ P(STR, local_delivery_status_filter) },
	{ P(STR, virtual_delivery_status_filter) },
	{ P(STR, pipe_delivery_status_filter) },
	{ P(STR, mailbox_delivery_lock) },
	{ P(BYTES, mailbox_size_limit) },
	{ P(BOOL, maildirdetect) },
	{ P(STR, mydestination) },
	{ P(STR, mydomain) },
	{ P(STR, myhostname) },
	{ P(STR, prepend_delivered_header) },
	{ P(STR, queue_directory) },
	{ P(STR, recipient_delimiter) },
	{ P(BOOL, require_home_directory) },
	{ P(BOOL, strict_mailbox_ownership) },
	{ P(BYTES, rules_memory_limit) },
	{ P(INT, rules_nesting_limit) },
	{ P(INT, rules_process_limit) },
	{ P(TIME, rules_time_limit) },
	{ P(BYTES, rules_variable_limit) },
	{ P(STR, sendmail_path) },
	{ P(BOOL, sieve) },
	{ P(RAW, sieve_dir) },
	{ P(RAW, sieve_global_dir) },
	{ P(INT, sieve_max_actions) },
	{ P(INT, sieve_max_redirects) },
	{ P(BYTES, sieve_max_script_size) },
	{ P(RAW, sieve_script) },
	{ P(TIME, sieve_vacation_default_period) },
	{ P(TIME, sieve_vacation_min_period) },
	{ P(TIME, stale_lock_time) },
	{ P(STR, virtual_gid_maps) },
	{ P(STR, virtual_mailbox_base) },
	{ P(BYTES, virtual_mailbox_limit) },
	{ P(STR, virtual_mailbox_lock) },
	{ P(STR, virtual_mailbox_maps) },
	{ P(INT, virtual_minimum_uid) },
	{ P(STR, virtual_uid_maps) },
	{ .name = NULL },
};

bool
conf_lists(const char *list, const char *word)
{
	struct span rest = span_str(list), item;

	while (param_list_next(&rest, &item))
		if (span_iis(item, word))
			return true;
	return false;
}
