/* conf.h - what verify takes from main.cf */

#ifndef VERIFY_CONF_H
#define VERIFY_CONF_H

#include <stdbool.h>
#include <stdint.h>

struct verify_conf {
	const char *myorigin, *mail_owner, *data_directory;
	const char *address_verify_map, *address_verify_sender;
	bool address_verify_negative_cache;
	int64_t address_verify_positive_expire_time,
	    address_verify_positive_refresh_time,
	    address_verify_negative_expire_time,
	    address_verify_negative_refresh_time;
	int64_t address_verify_sender_ttl,
	    address_verify_cache_cleanup_interval;
	int address_verify_poll_count;
	int64_t address_verify_poll_delay;
	int address_verify_pending_request_limit;
};

struct param;
extern const struct param *const verify_params;

#endif
