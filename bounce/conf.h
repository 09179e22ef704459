/* conf.h - what bounce takes from main.cf */

#ifndef BOUNCE_CONF_H
#define BOUNCE_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "milter/params.h"

struct bounce_conf {
	const char *myhostname, *myorigin, *mail_name;
	uint64_t bounce_size_limit;
	bool enable_threaded_bounces;
	const char *bounce_template_file, *bounce_language;
	const char *notify_classes, *double_bounce_sender;
	const char *error_notice_recipient;
	const char *bounce_notice_recipient, *delay_notice_recipient,
	    *twobounce_notice_recipient;
	const char *internal_mail_filter_classes, *non_smtpd_milters;
	struct milter_params milter;
};

struct param;
extern const struct param *const bounce_params;

#endif
