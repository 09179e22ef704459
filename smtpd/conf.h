/* conf.h - what smtpd reads from main.cf */

#ifndef SMTPD_CONF_H
#define SMTPD_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "config/param.h"
#include "intake/params.h"
#include "milter/params.h"

struct smtpd_conf {
	/* who we are */
	const char *myhostname, *myorigin, *mail_name, *smtpd_banner;
	const char *syslog_name;

	/* whom we trust */
	const char *mynetworks, *inet_interfaces, *inet_protocols;
	const char *local_header_rewrite_clients;
	const char *remote_header_rewrite_domain;
	const char *smtpd_client_event_limit_exceptions;
	const char *smtpd_sasl_exceptions_networks;
	const char *smtpd_forbid_bare_newline_exclusions;

	/* restrictions */
	const char *smtpd_client_restrictions, *smtpd_helo_restrictions;
	const char *smtpd_sender_restrictions, *smtpd_relay_restrictions;
	const char *smtpd_recipient_restrictions, *smtpd_data_restrictions;
	const char *smtpd_end_of_data_restrictions, *smtpd_restriction_classes;
	const char *smtpd_etrn_restrictions, *permit_mx_backup_networks;
	const char *fast_flush_domains;
	const char *unknown_address_tempfail_action;
	const char *unknown_helo_hostname_tempfail_action;
	bool smtpd_delay_reject, smtpd_relay_before_recipient_restrictions;
	bool smtpd_reject_unlisted_recipient, smtpd_reject_unlisted_sender;
	bool show_user_unknown_table_name, soft_bounce;
	const char *parent_domain_matches_subdomains, *recipient_delimiter;
	bool smtpd_greylist;
	const char *smtpd_greylist_exceptions, *smtpd_greylist_maps;
	int64_t smtpd_greylist_delay, smtpd_greylist_retry_window;
	int64_t smtpd_greylist_lifetime;
	int smtpd_greylist_client_count, smtpd_greylist_dnsbl_threshold;
	int smtpd_greylist_ipv4_prefix_length;
	int smtpd_greylist_ipv6_prefix_length;
	const char *pop_before_smtp_maps;
	bool postscreen_pipelining_enable, postscreen_bare_newline_enable;
	bool postscreen_non_smtp_command_enable;
	const char *postscreen_denylist_action, *postscreen_pipelining_action;
	const char *postscreen_non_smtp_command_action;
	const char *postscreen_bare_newline_action;
	int64_t postscreen_pipelining_ttl, postscreen_non_smtp_command_ttl;
	int64_t postscreen_bare_newline_ttl;
	const char *smtpd_reject_footer, *debug_peer_list, *notify_classes;
	const char *smtpd_reject_footer_maps, *smtpd_dns_reply_filter;
	bool smtpd_per_request_deadline;
	const char *postscreen_dnsbl_reply_map, *default_database_type;
	const char *smtpd_command_filter, *smtpd_log_access_permit_actions;
	int smtpd_tls_ccert_verifydepth;
	int debug_peer_level;
	const char *content_filter, *receive_override_options;
	const char *smtpd_null_access_lookup_key, *smtpd_sender_login_maps;
	int access_map_reject_code, access_map_defer_code;
	int reject_code, defer_code, relay_domains_reject_code;
	int invalid_hostname_reject_code, non_fqdn_reject_code;
	int unknown_client_reject_code, unknown_hostname_reject_code;
	int unknown_address_reject_code, plaintext_reject_code;
	int multi_recipient_bounce_reject_code;
	int unknown_local_recipient_reject_code;
	int unknown_virtual_alias_reject_code;
	int unknown_virtual_mailbox_reject_code;
	int unknown_relay_recipient_reject_code;
	int unverified_recipient_defer_code, unverified_recipient_reject_code;
	int unverified_sender_defer_code, unverified_sender_reject_code;
	const char *unverified_recipient_reject_reason,
	    *unverified_recipient_tempfail_action;
	const char *unverified_sender_reject_reason,
	    *unverified_sender_tempfail_action;

	/* lists in the DNS */
	const char *default_rbl_reply, *rbl_reply_maps;
	int maps_rbl_reject_code;

	/* policy servers */
	const char *smtpd_policy_service_default_action;
	const char *smtpd_policy_service_policy_context, *stress;
	int64_t smtpd_policy_service_timeout, smtpd_policy_service_retry_delay;
	int64_t smtpd_policy_service_max_idle, smtpd_policy_service_max_ttl;
	int smtpd_policy_service_try_limit, smtpd_policy_service_request_limit;

	/* before the greeting */
	const char *postscreen_access_list, *postscreen_greet_action;
	const char *postscreen_greet_banner, *postscreen_dnsbl_action;
	const char *postscreen_dnsbl_sites;
	int postscreen_dnsbl_threshold, postscreen_dnsbl_allowlist_threshold;
	int64_t postscreen_greet_wait, postscreen_greet_ttl;
	int64_t postscreen_dnsbl_timeout, smtpd_tarpit_delay;

	/* who speaks for others */
	const char *smtpd_upstream_proxy_protocol;
	const char *smtpd_upstream_proxy_networks;
	int64_t smtpd_upstream_proxy_timeout;
	const char *smtpd_authorized_xclient_hosts;
	const char *smtpd_authorized_xforward_hosts;
	const char *smtpd_authorized_verp_clients;
	const char *default_verp_delimiters, *verp_delimiter_filter;

	/* the filter before the queue */
	const char *smtpd_proxy_filter, *smtpd_proxy_ehlo;
	const char *smtpd_proxy_options;
	int64_t smtpd_proxy_timeout;

	/* the protocol */
	bool smtpd_helo_required, disable_vrfy_command, allow_min_user;
	bool strict_rfc821_envelopes, resolve_null_domain;
	bool smtpd_peername_lookup;
	bool smtputf8_enable, strict_smtputf8;
	const char *smtputf8_autodetect_classes;
	bool requiretls_enable, tls_required_enable;
	int64_t smtpd_future_release_limit;
	const char *smtpd_forbid_bare_newline;
	int smtpd_forbid_bare_newline_reject_code;
	bool smtpd_forbid_unauth_pipelining;
	const char *smtpd_discard_ehlo_keywords, *smtpd_forbidden_commands;
	const char *smtpd_discard_ehlo_keyword_address_maps;
	const char *smtpd_noop_commands;
	const char *smtpd_protocol;

	/* limits */
	int64_t smtpd_timeout, smtpd_starttls_timeout, smtpd_error_sleep_time;
	int64_t anvil_rate_time_unit;
	int smtpd_soft_error_limit, smtpd_hard_error_limit;
	int smtpd_junk_command_limit, smtpd_min_data_rate;
	int smtpd_recipient_limit, smtpd_recipient_overshoot_limit;
	bool smtpd_delay_open_until_valid_rcpt;
	int smtpd_client_connection_count_limit;
	int smtpd_client_connection_rate_limit;
	int smtpd_client_message_rate_limit, smtpd_client_recipient_rate_limit;
	int smtpd_client_auth_rate_limit;
	int smtpd_client_new_tls_session_rate_limit;
	int smtpd_client_ipv6_prefix_length;
	int smtpd_sasl_response_limit;
	int hopcount_limit;
	uint64_t message_size_limit;

	/* checks of its content */
	struct check_params check;

	/* the message */
	bool always_add_missing_headers, smtpd_client_port_logging;

	/* milters */
	const char *smtpd_milters, *smtpd_milter_maps, *milter_header_checks;
	struct milter_params milter;

	/* mail authentication */
	bool spf_check, dkim_check, dmarc_check, arc_check;
	const char *dmarc_policy, *authserv_id, *public_suffix_list;
	const char *dkim_key_table, *arc_seal_domain;

	/* TLS and SASL */
	const char *smtpd_tls_security_level;
	bool smtpd_tls_wrappermode, smtpd_tls_auth_only;
	bool smtpd_tls_received_header, smtpd_use_tls, smtpd_enforce_tls;
	int smtpd_tls_loglevel;
	const char *smtpd_tls_cert_file, *smtpd_tls_key_file;
	const char *smtpd_tls_eccert_file, *smtpd_tls_eckey_file;
	const char *smtpd_tls_chain_files;
	const char *smtpd_tls_protocols, *smtpd_tls_ciphers;
	const char *smtpd_tls_exclude_ciphers;
	const char *smtpd_tls_mandatory_protocols;
	const char *smtpd_tls_mandatory_ciphers;
	const char *smtpd_tls_mandatory_exclude_ciphers;
	bool tls_preempt_cipherlist;
	const char *tls_high_cipherlist, *tls_medium_cipherlist;
	const char *tls_ssl_options, *tls_server_sni_maps;
	bool smtpd_tls_ask_ccert, smtpd_tls_req_ccert;
	const char *smtpd_tls_CAfile, *smtpd_tls_CApath;
	const char *smtpd_tls_fingerprint_digest, *relay_clientcerts;
	bool smtpd_sasl_auth_enable, smtpd_sasl_authenticated_header;
	bool broken_sasl_auth_clients;
	const char *smtpd_sasl_mechanism_filter;
	const char *auth_oauth_server;
	const char *smtpd_sasl_local_domain, *login_clientcerts;
	const char *smtpd_sasl_security_options;
	const char *smtpd_sasl_tls_security_options;
};

extern const struct param smtpd_params[];

#endif
