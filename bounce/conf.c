/* conf.c - what bounce takes from main.cf */

#include "bounce/conf.h"

#include <stddef.h>

#include "config/param.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct bounce_conf, field)

static const struct param rows[] = {
	{ P(STR, myhostname), "", "this machine's name" },
	{ P(STR, mail_name), "Facteur", "the mail system's name" },
	{ P(BYTES, bounce_size_limit), "50000",
	    "how much of the original text a report carries" },
	{ .name = NULL },
};

const struct param *const bounce_params = rows;
