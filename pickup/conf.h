/* conf.h - what pickup takes from main.cf */

#ifndef PICKUP_CONF_H
#define PICKUP_CONF_H

#include <stdint.h>

struct pickup_conf {
	const char *myhostname, *myorigin, *mail_name, *syslog_name;
	uint64_t message_size_limit;
};

struct param;
extern const struct param *const pickup_params;

#endif
