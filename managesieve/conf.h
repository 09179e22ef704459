/* conf.h - what managesieve takes from main.cf */

#ifndef MANAGESIEVE_CONF_H
#define MANAGESIEVE_CONF_H

#include <stdint.h>

#include "config/param.h"

/* As the parameters are called. */
struct managesieve_conf {
	int64_t managesieve_idle_timeout;
	int managesieve_max_scripts;
	const char *sieve_dir, *sieve_script; /* as written */
	int sieve_max_redirects;
	uint64_t sieve_max_script_size;
};

extern const struct param managesieve_params[];

#endif
