/* conf.h - what bounce takes from main.cf */

#ifndef BOUNCE_CONF_H
#define BOUNCE_CONF_H

#include <stdint.h>

struct bounce_conf {
	const char *myhostname, *mail_name;
	uint64_t bounce_size_limit;
};

struct param;
extern const struct param *const bounce_params;

#endif
