/* conf.c - what pickup takes from main.cf */

#include "pickup/conf.h"

#include <stddef.h>

#include "config/param.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct pickup_conf, field)

#define M(kind, field) \
	{ \
		.name = #field, .type = PARAM_##kind, \
		.where = offsetof(struct pickup_conf, milter.field) \
	}

#define C(kind, field) \
	{ \
		.name = #field, .type = PARAM_##kind, \
		.where = offsetof(struct pickup_conf, check.field) \
	}

static const struct param rows[] = {
	{ P(STR, myhostname), "", "this machine's name" },
	{ P(STR, myorigin), "$myhostname", "domain of names without one" },
	{ P(STR, mail_name), "Facteur", "the mail system's name" },
	{ P(STR, syslog_name),
	    "${multi_instance_name?{$multi_instance_name}:{postfix}}",
	    "first part of the log's ident" },
	{ P(STR, content_filter), "", "filter run after the queue" },
	{ P(STR, receive_override_options), "",
	    "what this way in does without" },
	{ P(STR, authorized_submit_users), "static:anyone", "who may submit" },
	{ P(STR, verp_delimiter_filter), "-=+",
	    "bytes that may be delimiters of VERP" },
	{ P(STR, local_login_sender_maps), "static:*",
	    "which senders a user may give" },
	{ P(STR, empty_address_local_login_sender_maps_lookup_key), "<>",
	    "what the null sender is there" },
	{ P(STR, recipient_delimiter), "", "separates user and extension" },
	{ P(STR, dkim_key_table), "", "which keys sign" },
	{ P(BYTES, message_size_limit), "10240000", "largest message" },
	{ P(STR, non_smtpd_milters), "", "milters for local mail" },
	CHECK_PARAMS(C),
	MILTER_PARAMS(M),
	{ P(BOOL, smtputf8_enable), "yes", "use SMTPUTF8" },
	{ P(STR, smtputf8_autodetect_classes), "sendmail, verify",
	    "where from mail is SMTPUTF8 because it looks so" },
	{ P(BOOL, tls_required_enable), "yes", "heed TLS-Required: No" },
	{ .name = NULL },
};

const struct param *const pickup_params = rows;
