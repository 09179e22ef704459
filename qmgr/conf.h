/* conf.h - what qmgr takes from main.cf */

#ifndef QMGR_CONF_H
#define QMGR_CONF_H

#include <stdbool.h>
#include <stdint.h>

struct qmgr_conf {
	int64_t maximal_queue_lifetime, bounce_queue_lifetime;
	int64_t minimal_backoff_time, maximal_backoff_time;
	int64_t delay_warning_time;
	uint64_t queue_minfree, message_size_limit;
	uint64_t accept_log_size, accept_log_message_limit;
	int default_process_limit;
	int qmgr_message_active_limit;
	int duplicate_filter_limit; /* 0: none */
	int qmgr_message_recipient_limit;
	int future_release_message_limit; /* 0: none */
	int64_t transport_retry_time;
	bool confirm_delay_cleared, disable_verp_bounces, soft_bounce,
	    enable_long_queue_ids;
	const char *default_delivery_status_filter;
	const char *prepend_delivered_header;
	const char *defer_transports;
	const char *double_bounce_sender;
	const char *syslog_name;
	const char *authorized_mailq_users, *authorized_flush_users;
	int64_t in_flow_delay, qmgr_clog_warn_time;
	bool enable_original_recipient;
	const char *myhostname, *default_filter_nexthop;
};

struct param;
extern const struct param *const qmgr_params;

#endif
