/* conf.c - what bounce takes from main.cf */

#include "bounce/conf.h"

#include <stddef.h>

#include "config/param.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct bounce_conf, field)

#define M(kind, field) \
	{ \
		.name = #field, .type = PARAM_##kind, \
		.where = offsetof(struct bounce_conf, milter.field) \
	}

static const struct param rows[] = {
	{ .name = "2bounce_notice_recipient",
	    .type = PARAM_STR,
	    .where = offsetof(struct bounce_conf, twobounce_notice_recipient),
	    .fallback = "postmaster",
	    .help = "who gets undeliverable bounces" },
	{ P(STR, bounce_language), "en", "languages of reports" },
	{ P(STR, bounce_notice_recipient), "postmaster",
	    "who gets copies of bounces" },
	{ P(BYTES, bounce_size_limit), "50000",
	    "how much of the original text a report carries" },
	{ P(STR, bounce_template_file), "", "texts of the reports" },
	{ P(STR, delay_notice_recipient), "postmaster",
	    "who is told of delayed mail" },
	{ P(STR, double_bounce_sender), "double-bounce",
	    "sender of what goes to the postmaster" },
	{ P(BOOL, enable_threaded_bounces), "no",
	    "tie reports to the message in threads" },
	{ P(STR, error_notice_recipient), "postmaster",
	    "who is told of errors" },
	{ P(STR, internal_mail_filter_classes), "",
	    "mail of our own that milters see" },
	{ P(STR, mail_name), "Facteur", "the mail system's name" },
	{ P(STR, myhostname), "", "this machine's name" },
	{ P(STR, myorigin), "$myhostname", "domain of local senders" },
	{ P(STR, non_smtpd_milters), "", "milters for local mail" },
	{ P(STR, notify_classes), "resource, software",
	    "what the postmaster is told about" },
	MILTER_PARAMS(M),
	{ .name = NULL },
};

const struct param *const bounce_params = rows;
