/*
 * conf.c - what managesieve takes from main.cf
 *
 * Defaults, bounds and help are those of the shared table (lib/config).
 */

#include "managesieve/conf.h"

#include <stddef.h>

#include "config/param.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct managesieve_conf, field)

const struct param managesieve_params[] = {
	{ P(TIME, managesieve_idle_timeout) },
	{ P(INT, managesieve_max_scripts) },
	{ P(RAW, sieve_dir) },
	{ P(INT, sieve_max_redirects) },
	{ P(BYTES, sieve_max_script_size) },
	{ P(RAW, sieve_script) },
	{ .name = NULL },
};
