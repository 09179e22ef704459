/* conf.h - what smtp reads from main.cf */

#ifndef SMTP_CONF_H
#define SMTP_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "calls/dns_call.h"
#include "config/param.h"
#include "os/sock.h"

struct anchors;
struct arena;
struct main_cf;
struct map_pool;
struct match_list;
struct tls_context;
struct tls_signer;
struct why;

/* How much TLS is asked of a server. */
enum tls_level {
	LEVEL_NONE, /* no TLS */
	LEVEL_MAY, /* when offered; plain when it fails */
	LEVEL_ENCRYPT, /* or no delivery */
	LEVEL_VERIFY, /* and a certificate with the right name */
	LEVEL_SECURE, /* the same, the name not taken from the DNS */
	LEVEL_TLSA, /* and a certificate that a TLSA record vouches for */
	/* of policies alone; a session has what they come to */
	LEVEL_DANE, /* TLSA where the host has such records, else may */
	LEVEL_DANE_ONLY, /* or no delivery */
	LEVEL_FINGERPRINT /* TLSA by the digests of the configuration */
};

enum { OWN_ADDRESSES_MAX = 64, SMTP_TABLES = 12 };

struct smtp_conf {
	/* rows of smtp_params */
	const char *myhostname;
	const char *inet_interfaces;
	const char *inet_protocols, *known_tcp_ports;
	const char *proxy_interfaces;
	bool disable_dns_lookups, disable_mime_output_conversion;
	bool ignore_mx_lookup_error;
	uint64_t body_checks_size_limit;
	int mime_nesting_limit;
	const char *smtp_body_checks, *smtp_mime_header_checks,
	    *smtp_nested_header_checks;
	int delay_logging_resolution_limit;
	int debug_peer_level;
	const char *debug_peer_list;
	const char *default_database_type, *mta_sts_CAfile;
	const char *smtp_address_preference;
	bool smtp_always_send_ehlo;
	bool smtp_mta_sts_enable, smtp_never_send_ehlo;
	bool smtp_balance_inet_protocols, smtp_cname_overrides_servername;
	const char *smtp_bind_address;
	bool smtp_bind_address_enforce, lmtp_assume_final;
	const char *smtp_bind_address6;
	int64_t smtp_connect_timeout;
	bool smtp_connection_cache_on_demand;
	const char *smtp_connection_cache_destinations;
	int64_t smtp_connection_cache_time_limit;
	int smtp_connection_reuse_count_limit;
	int64_t smtp_connection_reuse_time_limit;
	bool smtp_defer_if_no_mx_address_found;
	int64_t smtp_data_done_timeout;
	int64_t smtp_data_init_timeout;
	int64_t smtp_data_xfer_timeout;
	const char *smtp_discard_ehlo_keywords;
	const char *smtp_discard_ehlo_keyword_address_maps;
	const char *smtp_dns_reply_filter, *smtp_reply_filter;
	const char *smtp_dns_support_level;
	bool smtp_enforce_tls;
	const char *smtp_fallback_relay;
	const char *notify_classes;
	const char *smtp_delivery_status_filter;
	const char *smtp_generic_maps, *smtp_header_checks, *srs_domain;
	const char *smtp_helo_name;
	int64_t smtp_helo_timeout;
	const char *smtp_host_lookup;
	int smtp_line_length_limit;
	int64_t smtp_mail_timeout;
	int smtp_min_data_rate;
	int smtp_mx_address_limit;
	int smtp_mx_session_limit;
	bool smtp_per_request_deadline;
	const char *smtp_pix_workaround_maps, *smtp_pix_workarounds;
	int64_t smtp_pix_workaround_delay_time;
	int64_t smtp_pix_workaround_threshold_time;
	const char *smtp_protocol;
	int64_t smtp_quit_timeout;
	bool smtp_quote_rfc821_envelope, smtp_randomize_addresses;
	int64_t smtp_rcpt_timeout;
	int64_t smtp_rset_timeout;
	const char *smtp_sasl_auth_cache_name;
	int64_t smtp_sasl_auth_cache_time;
	bool smtp_sasl_auth_enable, smtp_sasl_auth_enforce;
	bool smtp_sasl_auth_soft_bounce;
	const char *smtp_sasl_mechanism_filter;
	const char *smtp_sasl_password_maps;
	const char *smtp_sasl_password_result_delimiter;
	const char *smtp_sasl_security_options;
	const char *smtp_sasl_tls_security_options;
	const char *smtp_sasl_tls_verified_security_options;
	const char *smtp_address_verify_target;
	bool soft_bounce;
	bool smtp_send_dummy_mail_auth;
	bool smtp_send_xforward_command, smtp_sender_dependent_authentication;
	bool smtp_skip_5xx_greeting, smtp_skip_quit_response;
	int64_t smtp_starttls_timeout;
	const char *smtp_tcp_port;
	const char *smtp_tls_CAfile;
	const char *smtp_tls_CApath;
	const char *smtp_tls_cert_file;
	const char *smtp_tls_chain_files, *smtp_tls_eccert_file,
	    *smtp_tls_eckey_file;
	const char *smtp_tls_ciphers;
	bool smtp_tls_connection_reuse;
	bool smtp_tls_enforce_peername;
	const char *smtp_tls_exclude_ciphers;
	bool smtp_tls_force_insecure_host_tlsa_lookup;
	const char *smtp_tls_key_file;
	const char *smtp_tls_dane_insecure_mx_policy;
	int smtp_tls_loglevel;
	const char *smtp_tls_mandatory_ciphers;
	const char *smtp_tls_mandatory_exclude_ciphers;
	const char *smtp_tls_mandatory_protocols;
	const char *smtp_tls_fingerprint_cert_match,
	    *smtp_tls_fingerprint_digest;
	bool smtp_tls_note_starttls_offer;
	const char *smtp_tls_policy_maps;
	const char *smtp_tls_protocols;
	int smtp_tls_scert_verifydepth;
	const char *smtp_tls_secure_cert_match;
	const char *smtp_tls_security_level;
	const char *smtp_tls_servername;
	const char *smtp_tls_trust_anchor_file;
	const char *smtp_tls_verify_cert_match;
	bool smtp_tls_wrappermode;
	bool smtp_tlsrpt_enable, smtp_use_tls;
	int64_t smtp_xforward_timeout;
	bool smtputf8_enable;
	const char *tls_dane_digests;
	const char *smtp_tls_session_cache_database;
	int64_t smtp_tls_session_cache_timeout;
	const char *tls_high_cipherlist, *tls_medium_cipherlist;
	const char *tls_ssl_options;
	bool tls_append_default_CA, tls_wildcard_matches_multiple_labels;

	/* made of them by smtp_conf_complete() */
	bool lmtp; /* the fields have what the lmtp_ parameters say */
	const char *tables[SMTP_TABLES]; /* of smtp_conf_table() */
	/* mechanisms that are passed over (enum sasl_flag): in clear, under
	 * TLS, with a certificate that was verified */
	unsigned sasl_barred[3];
	struct map_pool *pool; /* of the lists */
	struct match_list *sasl_filter; /* NULL: all */
	struct match_list *debug_peers; /* NULL: nobody */
	/* smtp_connection_cache_destinations; NULL: none */
	struct match_list *cached;
	unsigned pix; /* smtp_pix_workarounds, enum quirk_pix */
	struct anchors *anchors; /* of files that are named somewhere */
	bool ipv4, ipv6;
	bool mx_lookups;
	/* digests of TLSA records, the best first; 0: not taken */
	unsigned dane_rank[3]; /* by matching type (RFC 6698, 2.1.3) */
	enum dns_hosts hosts; /* of names of servers: smtp_host_lookup */
	bool dnssec; /* resolver validates */
	enum tls_level tls_level;
	struct tls_context *tls_may, *tls_must; /* one for each level's needs */
	/* the same with the authorities of mta_sts_CAfile */
	struct tls_context *sts_may, *sts_must;
	struct address own[OWN_ADDRESSES_MAX]; /* of this machine and proxies */
	unsigned own_count;
	bool bind4, bind6;
	struct address bind4_address, bind6_address;
};

extern const struct param smtp_params[];

/* Fill c from the lmtp_ parameters, and from the others where there is no such
 * one. Strings live in a. */
bool smtp_conf_fill_lmtp(const struct main_cf *m, struct arena *a,
    struct smtp_conf *c, struct why *why);

/* Work out the second half: addresses of this machine, certificates. Before
 * the jail. signer is for smtp_tls_cert_file, NULL where it is empty. false:
 * why says what in main.cf cannot be done. */
bool smtp_conf_complete(
    struct smtp_conf *c, const struct tls_signer *signer, struct why *why);
/* Give back what smtp_conf_complete() made. */
void smtp_conf_done(struct smtp_conf *c);
/* A certificate of our own is shown to servers: there is a key for it. */
bool smtp_conf_has_key(const struct smtp_conf *c);
/* A parameter's name for messages and tables: "lmtp_X" where name is "smtp_X"
 * and c is of LMTP. */
const char *smtp_conf_name(const struct smtp_conf *c, const char *name);
/* What lookup is asked for in place of name: as above, or with the tables that
 * a row of master.cf sets. */
const char *smtp_conf_table(const struct smtp_conf *c, const char *name);
/* Know them: m is what c was filled from. Strings live in a. */
void smtp_conf_find_tables(
    const struct main_cf *m, struct arena *a, struct smtp_conf *c);
/* The level that a word of smtp_tls_security_level or of a policy means; false
 * for others. */
bool smtp_tls_level(struct span word, enum tls_level *level);
bool smtp_is_dane(enum tls_level level);

#endif
