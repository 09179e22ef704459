/* conf.c - what sts reads from main.cf */

#include "sts/conf.h"

#include <stddef.h>

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct sts_conf, field)

const struct param sts_params[] = {
	{ P(STR, data_directory) },
	{ P(STR, inet_protocols) },
	{ P(STR, mta_sts_CAfile) },
	{ P(INT, mta_sts_cache_limit) },
	{ P(TIME, mta_sts_fetch_timeout) },
	{ P(INT, mta_sts_https_port) },
	{ P(BOOL, smtp_tlsrpt_enable) },
	{ P(BOOL, tlsrpt_private_addresses) },
	{ P(BOOL, tlsrpt_send) },
	{ P(TIME, tlsrpt_send_delay) },
	{ P(STR, tlsrpt_sender) },
	{ .name = NULL },
};
