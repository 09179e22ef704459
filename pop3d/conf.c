/* conf.c - what pop3d takes from main.cf */

#include "pop3d/conf.h"

#include <stddef.h>

#include "config/param.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct pop3_conf, field)

static const struct param rows[] = {
	{ P(STR, myhostname), "", "name given in answers" },
	{ P(TIME, pop3_idle_timeout), "10m", "how long a client may be silent",
	    .min = 60, .max = 86400 },
	{ .name = NULL },
};

const struct param *const pop3d_params = rows;
