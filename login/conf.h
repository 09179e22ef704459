/* conf.h - what login takes from main.cf and Courier's files */

#ifndef LOGIN_CONF_H
#define LOGIN_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/proxy_target.h"

struct arena;
struct param;

enum plaintext { PLAINTEXT_NEVER, PLAINTEXT_LOOPBACK, PLAINTEXT_ALWAYS };

/* For a client's certificate. */
enum ask_client { ASK_NOBODY, ASK, ASK_AND_REQUIRE };

struct login_conf {
	const char *myhostname, *mydomain;
	bool tls_wrappermode;
	const char *smtpd_tls_cert_file, *smtpd_tls_key_file;
	const char *smtpd_tls_protocols, *smtpd_tls_ciphers;
	bool smtpd_tls_ask_ccert;
	const char *smtpd_tls_CAfile, *smtpd_tls_CApath;
	const char *smtpd_tls_fingerprint_digest;
	const char *auth_oauth_server;
	const char *login_clientcerts;
	const char *tls_high_cipherlist, *tls_medium_cipherlist;
	const char *tls_ssl_options, *tls_server_sni_maps;
	const char *login_protocol;
	const char *login_plaintext;
	int64_t login_timeout;
	int login_session_limit, login_client_limit;
	bool imap_acl;
	int64_t imap_park_after;
	int imap_park_limit;
	const char *imap_proxy_maps, *pop3_proxy_maps, *sieve_proxy_maps;
	int login_proxy_limit;
	int64_t login_proxy_timeout, login_proxy_idle_timeout;
	const char *login_proxy_tls_security_level;
	const char *login_proxy_tls_CAfile, *login_proxy_tls_CApath;
	const char *login_proxy_tls_protocols, *login_proxy_tls_ciphers;
	enum proxy_tls proxy_tls_level; /* login_proxy_tls_security_level */
	const char *login_trusted_networks;
	const char *login_upstream_proxy_protocol;
	const char *login_upstream_proxy_networks;
	int64_t login_upstream_proxy_timeout;
	int64_t pop3_login_delay;
	const char *pop3_expire;
	int expire_days; /* pop3_expire, or POP3_NEVER */
	const char *webmail_users;
	int sieve_max_redirects;
	int64_t webmail_linger;
	enum plaintext plaintext;
	const char *cert_file, *key_file; /* the ones to use, "" for none */
	bool starttls; /* it may be offered */
	/* Courier's TLS_PROTOCOL and TLS_CIPHER_LIST, else smtpd_tls_protocols
	 * and NULL */
	const char *tls_protocols, *cipher_list;
	enum ask_client ask_client;
	const char *ca_file, *ca_folder; /* who vouches for clients; "": none */
};

extern const struct param *const login_params;

/* Is this service POP3? login_protocol says so, or else the row's name, which
 * may have a host before it. Ends the process when it says something else. */
bool login_conf_pop3(const struct login_conf *conf, const char *service);
/* Is it ManageSieve, by the same? It goes by the files of IMAP. */
bool login_conf_sieve(const struct login_conf *conf, const char *service);
/* May users of maps be on other hosts? Ends the process when what is said of
 * those is ill-formed. */
bool login_conf_proxies(struct login_conf *conf, const char *maps);
/* The rest, from Courier's files of this protocol ("imapd" or "pop3d") in the
 * configuration's folder, and their -ssl files, which count first. Ends the
 * process when they are ill-formed. */
void login_conf_courier(
    struct login_conf *conf, const char *folder, struct arena *a, bool pop3);

#endif
