/*
 * foreign.c - parameters of Postfix that Facteur does not have
 *
 * Their names only, sorted as bytes: so that a report can tell a parameter
 * that asks for something which is not there from one that is misspelt. Who
 * adds one to a program adds it to the table of params.c, which counts first.
 */

#include "config/foreign.h"

#include <stdlib.h>

#include "config/param.h"

static const char *const names[] = { "address_verify_service_name",
	"allow_untrusted_routing", "anvil_status_update_time",
	"application_event_drain_time",
	"backwards_bounce_logfile_compatibility",
	"berkeley_db_create_buffer_size", "berkeley_db_read_buffer_size",
	"best_mx_transport", "bounce_service_name", "cleanup_service_name",
	"connection_cache_protocol_timeout", "connection_cache_service_name",
	"connection_cache_status_update_time", "connection_cache_ttl_limit",
	"cyrus_sasl_config_path", "daemon_table_open_error_is_fatal",
	"debugger_command", "default_filter_nexthop", "defer_service_name",
	"destination_concurrency_feedback_debug", "detect_8bit_encoding_header",
	"disable_mime_input_processing", "dns_ncache_ttl_fix_enable",
	"dnsblog_reply_delay", "dnsblog_service_name", "dnssec_probe",
	"dont_remove", "enable_idna2003_compatibility", "error_service_name",
	"execution_directory_expansion_filter", "fallback_relay",
	"fast_flush_purge_time", "fast_flush_refresh_time",
	"fault_injection_code", "flush_service_name",
	"force_mime_input_conversion", "header_address_token_limit",
	"header_from_format", "helpful_warnings", "info_log_address_format",
	"ipc_ttl", "lmdb_map_size", "lmtp_cache_connection",
	"lmtp_dns_resolver_options", "lmtp_per_record_deadline",
	"lmtp_sasl_path", "lmtp_sasl_type", "lmtp_tls_block_early_mail_reply",
	"lmtp_tls_dcert_file", "lmtp_tls_dkey_file", "lmtp_tls_per_site",
	"mail_release_date", "maps_rbl_domains", "mime_boundary_length_limit",
	"multi_instance_wrapper", "openssl_path", "pickup_service_name",
	"postlog_service_name", "postlogd_watchdog_timeout",
	"postmulti_control_commands", "postmulti_start_commands",
	"postmulti_stop_commands", "postscreen_allowlist_interfaces",
	"postscreen_bare_newline_action", "postscreen_bare_newline_ttl",
	"postscreen_blacklist_action", "postscreen_cache_cleanup_interval",
	"postscreen_cache_map", "postscreen_cache_retention_time",
	"postscreen_client_connection_count_limit",
	"postscreen_command_count_limit", "postscreen_command_filter",
	"postscreen_command_time_limit", "postscreen_disable_vrfy_command",
	"postscreen_discard_ehlo_keyword_address_maps",
	"postscreen_discard_ehlo_keywords", "postscreen_dnsbl_max_ttl",
	"postscreen_dnsbl_min_ttl", "postscreen_dnsbl_timeout",
	"postscreen_dnsbl_whitelist_threshold", "postscreen_enforce_tls",
	"postscreen_expansion_filter", "postscreen_forbidden_commands",
	"postscreen_greet_banner", "postscreen_greet_ttl",
	"postscreen_helo_required", "postscreen_non_smtp_command_action",
	"postscreen_non_smtp_command_ttl", "postscreen_pipelining_action",
	"postscreen_pipelining_ttl", "postscreen_post_queue_limit",
	"postscreen_pre_queue_limit", "postscreen_reject_footer",
	"postscreen_reject_footer_maps", "postscreen_tls_security_level",
	"postscreen_upstream_proxy_protocol",
	"postscreen_upstream_proxy_timeout", "postscreen_use_tls",
	"postscreen_watchdog_timeout", "postscreen_whitelist_interfaces",
	"proxy_read_maps", "proxy_write_maps", "proxymap_service_name",
	"proxywrite_service_name", "qmgr_daemon_timeout", "qmgr_fudge_factor",
	"qmgr_ipc_timeout", "qmgr_site_hog_factor", "qmqpd_authorized_clients",
	"qmqpd_client_port_logging", "qmqpd_error_delay", "qmqpd_timeout",
	"queue_file_attribute_count_limit", "queue_service_name",
	"reset_owner_alias", "resolve_dequoted_address", "respectful_logging",
	"rewrite_service_name", "send_cyrus_sasl_authzid",
	"sendmail_fix_line_endings", "showq_service_name",
	"smtp_dns_resolver_options", "smtp_per_record_deadline",
	"smtp_sasl_path", "smtp_sasl_type", "smtp_tls_block_early_mail_reply",
	"smtp_tls_dcert_file", "smtp_tls_dkey_file", "smtp_tls_enable_rpk",
	"smtp_tls_fingerprint_cert_match", "smtp_tls_fingerprint_digest",
	"smtp_tls_per_site", "smtp_tlsrpt_skip_reused_handshakes",
	"smtpd_client_connection_limit_exceptions", "smtpd_expansion_filter",
	"smtpd_hide_client_session", "smtpd_history_flush_threshold",
	"smtpd_min_data_rate", "smtpd_per_record_deadline",
	"smtpd_policy_service_policy_context",
	"smtpd_policy_service_request_limit", "smtpd_sasl_service",
	"smtpd_service_name", "smtpd_tls_always_issue_session_ids",
	"smtpd_tls_dcert_file", "smtpd_tls_dh1024_param_file",
	"smtpd_tls_dh512_param_file", "smtpd_tls_dkey_file",
	"smtpd_tls_eecdh_grade", "smtpd_tls_enable_rpk",
	"smtpd_tls_fingerprint_digest", "smtpd_tls_session_cache_timeout",
	"sun_mailtool_compatibility", "tcp_windowsize", "tls_config_file",
	"tls_config_name", "tls_daemon_random_bytes", "tls_dane_digest_agility",
	"tls_dane_trust_anchor_digest_enable", "tls_disable_workarounds",
	"tls_eecdh_auto_curves", "tls_eecdh_strong_curve",
	"tls_eecdh_ultra_curve", "tls_export_cipherlist",
	"tls_fast_shutdown_enable", "tls_legacy_public_key_fingerprints",
	"tls_low_cipherlist", "tls_null_cipherlist", "tls_random_bytes",
	"tls_random_exchange_name", "tls_random_prng_update_period",
	"tls_random_reseed_period", "tls_random_source",
	"tls_session_ticket_cipher", "tlsmgr_service_name",
	"tlsproxy_client_CAfile", "tlsproxy_client_CApath",
	"tlsproxy_client_cert_file", "tlsproxy_client_chain_files",
	"tlsproxy_client_dcert_file", "tlsproxy_client_dkey_file",
	"tlsproxy_client_eccert_file", "tlsproxy_client_eckey_file",
	"tlsproxy_client_enforce_tls", "tlsproxy_client_fingerprint_digest",
	"tlsproxy_client_key_file", "tlsproxy_client_loglevel",
	"tlsproxy_client_loglevel_parameter", "tlsproxy_client_per_site",
	"tlsproxy_client_policy_maps", "tlsproxy_client_scert_verifydepth",
	"tlsproxy_client_security_level", "tlsproxy_client_use_tls",
	"tlsproxy_enforce_tls", "tlsproxy_service_name", "tlsproxy_tls_CAfile",
	"tlsproxy_tls_CApath", "tlsproxy_tls_always_issue_session_ids",
	"tlsproxy_tls_ask_ccert", "tlsproxy_tls_ccert_verifydepth",
	"tlsproxy_tls_cert_file", "tlsproxy_tls_chain_files",
	"tlsproxy_tls_ciphers", "tlsproxy_tls_dcert_file",
	"tlsproxy_tls_dh1024_param_file", "tlsproxy_tls_dh512_param_file",
	"tlsproxy_tls_dkey_file", "tlsproxy_tls_eccert_file",
	"tlsproxy_tls_eckey_file", "tlsproxy_tls_eecdh_grade",
	"tlsproxy_tls_exclude_ciphers", "tlsproxy_tls_fingerprint_digest",
	"tlsproxy_tls_key_file", "tlsproxy_tls_loglevel",
	"tlsproxy_tls_mandatory_ciphers",
	"tlsproxy_tls_mandatory_exclude_ciphers",
	"tlsproxy_tls_mandatory_protocols", "tlsproxy_tls_protocols",
	"tlsproxy_tls_req_ccert", "tlsproxy_tls_security_level",
	"tlsproxy_use_tls", "tlsproxy_watchdog_timeout", "tlsrpt_socket_name",
	"trace_service_name", "virtual_maps" };

static int
compare(const void *key, const void *row)
{
	const struct span *name = key;
	const char *const *known = row;

	return span_cmp(*name, span_str(*known));
}

bool
foreign_param(struct span name)
{
	return param_find(name) == NULL &&
	    bsearch(&name, names, sizeof(names) / sizeof(names[0]),
		sizeof(names[0]), compare) != NULL;
}

size_t
foreign_count(void)
{
	return sizeof(names) / sizeof(names[0]);
}

const char *
foreign_name(size_t i)
{
	return names[i];
}
