/* conf.h - what sts reads from main.cf */

#ifndef STS_CONF_H
#define STS_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "config/param.h"

struct sts_conf {
	const char *data_directory;
	const char *mta_sts_CAfile;
	int mta_sts_cache_limit;
	int64_t mta_sts_fetch_timeout;
	int mta_sts_https_port;
	const char *inet_protocols;
	bool smtp_tlsrpt_enable, tlsrpt_send, tlsrpt_private_addresses;
	int64_t tlsrpt_send_delay;
	const char *tlsrpt_sender;
};

extern const struct param sts_params[];

#endif
