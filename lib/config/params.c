/*
 * params.c - every parameter of main.cf that any program of the suite knows
 *
 * One table for postconf, for the defaults that values refer to by $name, and
 * for telling a misspelt name. Names, defaults and types are Postfix's, but
 * for those that docs and main.cf(5) list as ours. compatibility_level is
 * without effect: the defaults are those of its latest step. The rows stand in
 * two files, for their length.
 */

#include <limits.h>

#include "config/param.h"

/* A row; one with bounds; a time whose bare number has another unit than s. */
#define P(kind, name, value, text) \
	{ #name, PARAM_##kind, 0, value, text, NULL, 0, 0 },
#define N(name, value, low, high, text) \
	{ #name, PARAM_INT, 0, value, text, NULL, low, high },
#define T(name, of, value, text) \
	{ #name, PARAM_TIME, 0, value, text, of, 0, 0 },

const struct param param_all[] = {
#include "config/params_a_m.h"
#include "config/params_n_z.h"
};

const size_t param_all_count = sizeof(param_all) / sizeof(param_all[0]);
