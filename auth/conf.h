/* conf.h - what auth takes from main.cf and Courier's files */

#ifndef AUTH_CONF_H
#define AUTH_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/introspect.h"

struct arena;
struct param;

enum auth_scram_when { SCRAM_AUTO, SCRAM_NO, SCRAM_YES };

enum auth_module { MODULE_PAM, MODULE_USERDB, MODULE_MAPS, MODULES };

struct auth_conf {
	const char *data_directory;
	const char *home_mailbox, *mydomain, *myhostname;
	const char *auth_user_database, *auth_user_maps;
	const char *auth_master_user_database, *auth_master_user_separator;
	int auth_cache_limit;
	int64_t auth_cache_time;
	const char *auth_scram, *login_clientcerts;
	const char *auth_oauth_server, *auth_oauth_path;
	const char *auth_oauth_authorization_file;
	const char *auth_oauth_scope, *auth_oauth_audience;
	const char *auth_oauth_username_claim, *auth_oauth_openid_configuration;
	int64_t auth_oauth_timeout, auth_oauth_cache_time;
	int auth_oauth_cache_limit;
	bool has_oauth;
	struct introspect_server oauth_server;
	int auth_scram_iterations;
	enum auth_scram_when scram; /* auth_scram */
	const char *imap_proxy_maps, *pop3_proxy_maps, *sieve_proxy_maps;
	const char *login_proxy_password;
	bool proxy_unchecked; /* login_proxy_password = pass */
	int auth_worker_limit;
	int login_user_limit, mail_max_userip_connections;
	int imap_per_ip, pop3_per_ip; /* MAXPERIP; 0: no limit */
	int64_t auth_failure_delay;
	int64_t pop_before_smtp_time;
	int pop_before_smtp_limit;
	const char *pop_before_smtp_maps;
	int smtpd_greylist_limit;
	int64_t webmail_ticket_idle, webmail_ticket_life;
	/* From authdaemonrc and imapd: */
	enum auth_module modules[MODULES];
	unsigned module_count;
	const char *default_domain; /* DEFDOMAIN without "@", or "" */
	const char *maildir; /* below the home: "Maildir" */
};

extern const struct param *const auth_params;

/* Does authmodulelist name it? */
bool auth_conf_asks(const struct auth_conf *conf, enum auth_module module);

/* The rest, from Courier's files; ends the process on an error in them.
 * Strings live in a. */
void auth_conf_courier(struct auth_conf *conf, struct arena *a);

#endif
