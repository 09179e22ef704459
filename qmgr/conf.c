/* conf.c - what qmgr takes from main.cf */

#include "qmgr/conf.h"

#include <stddef.h>

#include "config/param.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct qmgr_conf, field)

static const struct param rows[] = {
	{ P(TIME, maximal_queue_lifetime), "5d",
	    "how long mail is tried before it is returned", .unit = "d" },
	{ P(TIME, bounce_queue_lifetime), "5d",
	    "the same for mail without a sender", .unit = "d" },
	{ P(TIME, minimal_backoff_time), "300s", "shortest wait for a retry",
	    .min = 1, .max = 86400 },
	{ P(TIME, maximal_backoff_time), "4000s", "longest wait for a retry",
	    .min = 1, .max = 864000 },
	{ P(BYTES, queue_minfree), "0",
	    "free space that must stay; 0: 1.5 times message_size_limit" },
	{ P(BYTES, message_size_limit), "10240000", "largest message" },
	{ P(BYTES, accept_log_size), "67108864",
	    "most that the accept log takes; 0: none" },
	{ P(BYTES, accept_log_message_limit), "65536",
	    "largest message that goes into the accept log" },
	{ P(INT, default_process_limit), "100",
	    "deliveries of one transport at once", .min = 1, .max = 100000 },
	{ P(TIME, delay_warning_time), "0h",
	    "age at which the sender is warned; 0: never", .unit = "h" },
	{ P(INT, qmgr_message_recipient_limit), "20000",
	    "recipients that are worked on at once", .min = 1,
	    .max = 10000000 },
	{ P(STR, default_delivery_status_filter), "",
	    "table that changes delivery status codes" },
	{ P(STR, defer_transports), "", "transports that wait for a flush" },
	{ P(TIME, transport_retry_time), "60s",
	    "pause before a broken transport is tried again", .min = 1,
	    .max = 86400 },
	{ P(BOOL, soft_bounce), "no",
	    "turns every final refusal into a temporary one" },
	{ P(BOOL, enable_long_queue_ids), "no", "queue ids without vowels" },
	{ P(BOOL, disable_verp_bounces), "no",
	    "one report of failure for all recipients of VERP mail" },
	{ P(BOOL, confirm_delay_cleared), "no",
	    "tell the sender when delayed mail got through" },
	{ P(STR, double_bounce_sender), "double-bounce",
	    "sender of what goes to the postmaster" },
	{ P(INT, qmgr_message_active_limit), "20000",
	    "messages that are worked on at once", .min = 1, .max = 10000000 },
	{ P(TIME, qmgr_clog_warn_time), "300s",
	    "how often a site is told of that has too much of them" },
	{ P(INT, duplicate_filter_limit), "1000",
	    "final addresses of a message that are remembered" },
	{ P(STR, myhostname), "", "this machine's name" },
	{ P(STR, default_filter_nexthop), "",
	    "next hop of a content filter without one" },
	{ P(STR, authorized_mailq_users), "static:anyone",
	    "who may list the queue" },
	{ P(STR, authorized_flush_users), "static:anyone", "who may flush" },
	{ P(TIME, in_flow_delay), "1s",
	    "pause on input when mail comes faster than it leaves" },
	{ P(STR, prepend_delivered_header) },
	{ P(BOOL, enable_original_recipient), "yes",
	    "keeps the address that the client gave" },
	{ P(STR, syslog_name),
	    "${multi_instance_name?{$multi_instance_name}:{postfix}}",
	    "first part of the log's ident" },
	{ P(INT, future_release_message_limit), "100",
	    "mails of one user that are held for their release at once" },
	{ .name = NULL },
};

const struct param *const qmgr_params = rows;
