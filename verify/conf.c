/* conf.c - what verify takes from main.cf */

#include "verify/conf.h"

#include <stddef.h>

#include "config/param.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct verify_conf, field)

static const struct param rows[] = {
	{ P(TIME, address_verify_cache_cleanup_interval) },
	{ P(STR, address_verify_map) },
	{ P(BOOL, address_verify_negative_cache) },
	{ P(TIME, address_verify_negative_expire_time) },
	{ P(TIME, address_verify_negative_refresh_time) },
	{ P(INT, address_verify_pending_request_limit) },
	{ P(INT, address_verify_poll_count) },
	{ P(TIME, address_verify_poll_delay) },
	{ P(TIME, address_verify_positive_expire_time) },
	{ P(TIME, address_verify_positive_refresh_time) },
	{ P(STR, address_verify_sender) },
	{ P(TIME, address_verify_sender_ttl) },
	{ P(STR, data_directory) },
	{ P(STR, mail_owner) },
	{ P(STR, myorigin) },
	{ .name = NULL },
};

const struct param *const verify_params = rows;
