/* conf.h - what pickup takes from main.cf */

#ifndef PICKUP_CONF_H
#define PICKUP_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "intake/params.h"
#include "milter/params.h"

struct authorized;
struct checks_conf;
struct content_bytes;
struct key_table;
struct milter_conf;

struct pickup_conf {
	const char *myhostname, *myorigin, *mail_name, *syslog_name;
	const char *dkim_key_table;
	const char *content_filter, *receive_override_options;
	uint64_t message_size_limit;
	struct check_params check;
	const struct content_bytes *bytes; /* NULL: none */
	const struct checks_conf *checks; /* NULL: none */
	const char *non_smtpd_milters;
	struct milter_params milter;
	bool smtputf8_enable, tls_required_enable;
	const char *smtputf8_autodetect_classes;
	const char *authorized_submit_users, *verp_delimiter_filter;
	const char *local_login_sender_maps, *recipient_delimiter;
	const char *empty_address_local_login_sender_maps_lookup_key;
	struct authorized *may_submit;
	unsigned overrides; /* config/overrides.h */
	const struct key_table *keys; /* read from that file; or NULL */
	const struct milter_conf *milters; /* read from these; or NULL */
};

struct param;
extern const struct param *const pickup_params;

#endif
