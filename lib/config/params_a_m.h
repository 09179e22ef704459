/* params_a_m.h - rows of param_all, names up to m: see params.c
 *
 * Sorted by name, as bytes. No include guard: rows, not declarations. */

P(STR, 2bounce_notice_recipient, "postmaster", "who gets undeliverable bounces")
P(BYTES, accept_log_message_limit, "65536",
    "largest message that goes into the accept log")
P(BYTES, accept_log_size, "67108864", "most that the accept log takes; 0: none")
N(access_map_defer_code, "450", 400, 599, "code for access table deferrals")
N(access_map_reject_code, "554", 400, 599, "code for access table refusals")
T(address_verify_cache_cleanup_interval, "h", "12h",
    "how often old results are thrown away")
P(STR, address_verify_default_transport, "$default_transport",
    "the same for probes")
P(STR, address_verify_local_transport, "$local_transport",
    "the same for probes")
P(STR, address_verify_map, "btree:$data_directory/verify/cache",
    "cache of address probes")
P(BOOL, address_verify_negative_cache, "yes", "keeps failed probes")
T(address_verify_negative_expire_time, "d", "3d", "how long a failure counts")
T(address_verify_negative_refresh_time, "h", "3h",
    "age at which a failure is probed anew")
P(INT, address_verify_pending_request_limit, "5000", "probes at once")
P(INT, address_verify_poll_count, "${stress?{1}:{3}}",
    "how often a client's wait for a probe is prolonged")
P(TIME, address_verify_poll_delay, "3s", "how long each time")
T(address_verify_positive_expire_time, "d", "31d", "how long a success counts")
T(address_verify_positive_refresh_time, "d", "7d",
    "age at which a success is probed anew")
P(STR, address_verify_relay_transport, "$relay_transport",
    "the same for probes")
P(STR, address_verify_relayhost, "$relayhost", "the same for probes")
P(STR, address_verify_sender, "$double_bounce_sender", "sender of probes")
P(STR, address_verify_sender_dependent_default_transport_maps,
    "$sender_dependent_default_transport_maps", "the same for probes")
P(STR, address_verify_sender_dependent_relayhost_maps,
    "$sender_dependent_relayhost_maps", "the same for probes")
P(TIME, address_verify_sender_ttl, "0s",
    "how long the sender of probes stays the same")
P(STR, address_verify_transport_maps, "$transport_maps", "the same for probes")
P(STR, address_verify_virtual_transport, "$virtual_transport",
    "the same for probes")
P(STR, alias_database, "hash:/etc/aliases",
    "alias files that newaliases rebuilds")
P(STR, alias_maps, "hash:/etc/aliases", "tables that expand local names")
P(STR, allow_mail_to_commands, "alias, forward",
    "where piped commands may stand: alias, forward, include")
P(STR, allow_mail_to_files, "alias, forward", "where file names may stand")
P(BOOL, allow_min_user, "no", "addresses may begin with -")
P(BOOL, allow_percent_hack, "yes", "reads user%domain as user@domain")
P(STR, alternate_config_directories, "",
    "other folders that -c may name for programs with rights of their own")
P(BOOL, always_add_missing_headers, "no",
    "adds Date, From, Message-ID for everybody")
P(STR, always_bcc, "", "address that gets a copy of everything")
P(TIME, anvil_rate_time_unit, "60s", "the time unit")
P(BOOL, append_at_myorigin, "yes", "adds @myorigin to names without a domain")
P(BOOL, append_dot_mydomain, "no", "adds mydomain to dotless domains")
P(BOOL, arc_check, "no", "verifies ARC chains of strangers' mail")
P(STR, arc_seal_domain, "", "domain in whose name strangers' mail is sealed")
N(auth_cache_limit, "10000", 1, 1000000, "right passwords remembered")
P(TIME, auth_cache_time, "0s",
    "how long a right password is not checked again; 0: it is")
P(TIME, auth_failure_delay, "2s",
    "how late a refused login is told; grows with failures")
P(STR, auth_master_user_database, "", "who may log in as others; empty: nobody")
P(STR, auth_master_user_separator, "",
    "what stands between a user's name and a master's")
P(STR, auth_oauth_audience, "", "whom tokens must be meant for; empty: whoever")
P(STR, auth_oauth_authorization_file, "",
    "what the introspection service is told to let auth ask")
N(auth_oauth_cache_limit, "10000", 1, 1000000, "good tokens remembered")
P(TIME, auth_oauth_cache_time, "5m",
    "how long a good token is not asked about again")
P(STR, auth_oauth_openid_configuration, "",
    "address told to clients whose token is not good")
P(STR, auth_oauth_path, "/introspect", "path of the introspection service")
P(STR, auth_oauth_scope, "", "words that a token must grant")
P(STR, auth_oauth_server, "",
    "introspection service of this machine; empty: no OAuth")
P(TIME, auth_oauth_timeout, "10s", "time for the introspection service")
P(STR, auth_oauth_username_claim, "username",
    "what of a token's claims is the user's name")
P(STR, auth_scram, "auto",
    "offer SCRAM: no, yes, or auto: when a user has a verifier")
N(auth_scram_iterations, "10000", 4096, 1000000,
    "iterations of new SCRAM verifiers")
P(STR, auth_user_database, "hash:/etc/facteur/userdb",
    "users with a password of their own (authuserdb)")
P(STR, auth_user_maps, "", "users in databases that lookup asks")
N(auth_worker_limit, "4", 1, 1000, "passwords checked at once")
P(STR, authorized_flush_users, "static:anyone", "who may flush")
P(STR, authorized_mailq_users, "static:anyone", "who may list the queue")
P(STR, authorized_submit_users, "static:anyone", "who may submit")
P(STR, authorized_verp_clients, "$mynetworks",
    "clients that may use XVERP, for smtpd_authorized_verp_clients")
P(STR, authserv_id, "$myhostname", "our name in Authentication-Results")
P(BOOL, biff, "yes", "whether comsat is told of new mail")
P(STR, body_checks, "", "rules on body lines")
P(BYTES, body_checks_size_limit, "51200",
    "how much of each part body_checks reads")
P(STR, bounce_language, "en",
    "languages of bounce messages, the first by default")
P(STR, bounce_notice_recipient, "postmaster", "who gets copies of bounces")
T(bounce_queue_lifetime, "d", "5d", "the same for bounces")
P(BYTES, bounce_size_limit, "50000", "most of the message returned in a bounce")
P(STR, bounce_template_file, "", "texts of the bounce messages")
P(BOOL, broken_sasl_auth_clients, "no", "also announces AUTH= for old clients")
P(STR, canonical_classes,
    "envelope_sender, envelope_recipient, header_sender, header_recipient",
    "what canonical_maps rewrites")
P(STR, canonical_maps, "", "rewrites addresses in envelope and header")
P(BOOL, cleanup_replace_stray_cr_lf, "yes", "turns stray CR or LF into a space")
P(STR, command_directory, "/usr/sbin", "where the administrator's commands lie")
P(RAW, command_execution_directory, "",
    "folder that delivery commands start in")
P(RAW, command_expansion_filter,
    "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "characters allowed in $name expansion")
P(TIME, command_time_limit, "1000s", "longest run of a delivery command")
P(STR, compatibility_level, "0", "which generation of safe defaults applies")
P(STR, config_directory, "/etc/facteur", "where main.cf and master.cf live")
P(BOOL, confirm_delay_cleared, "no",
    "tell the sender when delayed mail got through")
P(STR, content_filter, "", "filter run after the queue")
P(STR, daemon_directory, "/usr/libexec/facteur", "where the daemons lie")
P(TIME, daemon_timeout, "18000s", "watchdog of a daemon")
P(STR, data_directory, "/var/lib/facteur",
    "folder of caches and databases that daemons own")
P(INT, debug_peer_level, "2", "how verbose")
P(STR, debug_peer_list, "", "peers with verbose logging")
P(STR, default_database_type, "hash", "table type when none is given")
P(INT, default_delivery_slot_cost, "5",
    "deliveries needed before a small mail overtakes")
P(INT, default_delivery_slot_discount, "50",
    "per cent of slots lent before they are earned")
P(INT, default_delivery_slot_loan, "3", "slots lent before they are earned")
P(STR, default_delivery_status_filter, "",
    "table that changes delivery status codes")
P(INT, default_destination_concurrency_failed_cohort_limit, "1",
    "failed rounds before a site counts as dead")
P(INT, default_destination_concurrency_limit, "20",
    "parallel deliveries to one destination")
P(STR, default_destination_concurrency_negative_feedback, "1",
    "what a failed delivery takes from the parallelism")
P(STR, default_destination_concurrency_positive_feedback, "1",
    "what a good delivery adds to it")
P(TIME, default_destination_rate_delay, "0s",
    "pause between deliveries to one destination")
P(INT, default_destination_recipient_limit, "50", "recipients per delivery")
P(INT, default_extra_recipient_limit, "1000",
    "recipients in memory for mails that overtake")
P(STR, default_filter_nexthop, "", "next hop of a content filter without one")
P(STR, default_host_concurrency_limit, "",
    "parallel deliveries to one receiving host")
P(INT, default_minimum_delivery_slots, "3",
    "mails smaller than this are never overtaken")
P(STR, default_privs, "nobody",
    "account that runs an alias command when root owns the table")
N(default_process_limit, "100", 1, 100000, "most processes per service")
P(RAW, default_rbl_reply,
    "$rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using "
    "$rbl_domain${rbl_reason?; $rbl_reason}",
    "answer to clients in a block list")
P(INT, default_recipient_limit, "20000", "recipients in memory per transport")
P(TIME, default_recipient_refill_delay, "5s",
    "longest wait before more recipients are read")
P(INT, default_recipient_refill_limit, "100",
    "recipients read at once when some were done")
P(STR, default_transport, "smtp",
    "transport for foreign domains; smtp unless told")
P(TIME, default_transport_rate_delay, "0s",
    "pause between deliveries over one transport")
P(STR, default_verp_delimiters, "+=", "delimiters of VERP where none are given")
N(defer_code, "450", 400, 599, "code for the restriction defer")
P(STR, defer_transports, "", "transports that wait for a flush")
N(delay_logging_resolution_limit, "2", 0, 6, "decimals in delay figures")
P(STR, delay_notice_recipient, "postmaster", "who is told of delayed mail")
T(delay_warning_time, "h", "0h", "age at which the sender is warned; 0 never")
N(deliver_lock_attempts, "20", 1, 10000, "tries to take a mailbox lock")
P(TIME, deliver_lock_delay, "1s", "pause between lock tries")
P(BOOL, disable_dns_lookups, "no", "old switch for no DNS at all")
P(BOOL, disable_mime_input_processing, "no",
    "header and body checks see no parts")
P(BOOL, disable_mime_output_conversion, "no",
    "never turn 8-bit into quoted-printable")
P(BOOL, disable_verp_bounces, "no",
    "one report of failure for all recipients of VERP mail")
P(BOOL, disable_vrfy_command, "no", "no VRFY")
P(BOOL, dkim_check, "no", "verifies DKIM signatures of strangers' mail")
P(STR, dkim_key_table, "", "file of domains, selectors and keys for signing")
P(BOOL, dmarc_check, "no", "looks whether SPF or DKIM speaks for the author")
P(STR, dmarc_policy, "none", "what of a domain's wishes is done")
P(STR, double_bounce_sender, "double-bounce",
    "sender whose failed mail is dropped")
N(duplicate_filter_limit, "1000", 0, 1000000,
    "recipients remembered to drop duplicates")
P(STR, empty_address_default_transport_maps_lookup_key, "<>",
    "key for the empty sender")
P(STR, empty_address_local_login_sender_maps_lookup_key, "<>",
    "what the null sender is in local_login_sender_maps")
P(STR, empty_address_recipient, "MAILER-DAEMON",
    "recipient of mail to the empty address")
P(STR, empty_address_relayhost_maps_lookup_key, "<>",
    "key for the empty sender")
P(BOOL, enable_long_queue_ids, "no", "queue ids that never repeat")
P(BOOL, enable_original_recipient, "yes", "keeps X-Original-To")
P(BOOL, enable_threaded_bounces, "no", "tie reports to the message in threads")
P(STR, error_notice_recipient, "postmaster",
    "who is told of errors caused by others")
P(BOOL, expand_owner_alias, "no", "use owner-list's expansion as sender")
P(STR, export_environment, "TZ MAIL_CONFIG LANG",
    "environment passed to outside commands")
P(STR, fallback_transport, "", "transport for names not in the user database")
P(STR, fallback_transport_maps, "", "fallback_transport per user")
P(STR, fast_flush_domains, "$relay_domains",
    "domains with their own flush list")
N(fork_attempts, "5", 1, 1000, "tries to start a process")
P(TIME, fork_delay, "1s", "pause between them")
P(RAW, forward_expansion_filter,
    "1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "characters allowed in forward_path")
P(RAW, forward_path,
    "$home/.forward${recipient_delimiter}${extension}, $home/.forward",
    "where a user's .forward file is sought")
P(BOOL, frozen_delivered_to, "yes",
    "Delivered-To stays the first of an expansion")
P(INT, future_release_message_limit, "100",
    "mails of one user that are held for their release at once")
N(hash_queue_depth, "1", 1, 3, "levels of sub-folders of hashed queues")
P(STR, hash_queue_names, "deferred, defer", "queues split into sub-folders")
P(STR, header_checks, "", "table of rules on header lines")
P(BYTES, header_size_limit, "102400", "longest header field")
P(STR, home_mailbox, "",
    "mailbox below the user's home; trailing slash means Maildir")
N(hopcount_limit, "50", 1, 10000, "most Received headers")
P(STR, html_directory, "no", "where manuals in HTML lie; no is nowhere")
P(BOOL, ignore_mx_lookup_error, "no",
    "a domain whose MX lookup fails is its own server")
P(BOOL, imap_acl, "yes",
    "lists of rights of IMAP folders count; folders can be shared")
P(BYTES, imap_append_limit, "0",
    "largest message that APPEND takes; 0 is no limit")
P(STR, imap_first_folders, "Drafts, Sent, Trash, Junk",
    "folders that are made and subscribed at a user's first login")
P(STR, imap_folder_encoding, "auto",
    "encoding of folder names on disk: auto, utf-8, utf-7")
P(TIME, imap_idle_timeout, "30m", "how long an IMAP client may be silent")
N(imap_message_limit, "0", 0, 1000000,
    "messages that one IMAP command works on; 0 is no limit")
P(STR, imap_metadata_admin, "",
    "URI by which IMAP clients reach the administrator, or nothing")
N(imap_metadata_entries, "100", 10, 1000, "METADATA entries of a folder")
P(BYTES, imap_metadata_limit, "16384", "octets of one METADATA value")
P(TIME, imap_park_after, "1m",
    "how long an IMAP client is silent before it is kept without a process")
N(imap_park_limit, "20000", 0, 1000000, "clients that one login keeps so")
P(STR, imap_prefix, "INBOX.",
    "what the names of folders but INBOX begin with, or nothing")
P(BOOL, imap_prefix_optional, "yes",
    "folders have names without imap_prefix too")
P(STR, imap_proxy_maps, "", "IMAP users whose mail is on another host")
P(STR, imap_separator, ".", "between the parts of a folder's name: . or /")
P(STR, imap_shared_namespace, "#shared",
    "what other users' folders lie in for IMAP clients, or nothing")
P(STR, import_environment,
    "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C",
    "environment that programs take over from their caller")
P(TIME, in_flow_delay, "1s",
    "pause on input when mail comes faster than it leaves")
P(STR, index_directory, "",
    "folder that the indexes of mailboxes lie in; empty: the mailboxes")
P(STR, inet_interfaces, "all",
    "addresses to listen on: all, loopback-only or a list")
P(STR, inet_protocols, "all", "ipv4, ipv6 or all")
P(INT, initial_destination_concurrency, "5",
    "first parallelism to a new destination")
P(STR, internal_mail_filter_classes, "",
    "mail of our own that content filters see too")
N(invalid_hostname_reject_code, "501", 400, 599,
    "code for ill-formed HELO names")
P(TIME, ipc_idle, "5s", "idle time before a connection to a service is closed")
P(TIME, ipc_timeout, "3600s", "wait for another daemon")
P(STR, known_tcp_ports,
    "lmtp=24, smtp=25, smtps=submissions=465, submission=587",
    "ports of services that the system may not know by name")
N(line_length_limit, "2048", 512, 1048576, "where longer input lines are cut")
P(STR, lmtp_address_preference, "any", "the same for LMTP")
P(STR, lmtp_address_verify_target, "rcpt", "the same for LMTP")
P(BOOL, lmtp_assume_final, "yes",
    "a server without DSN is where mail is delivered")
P(BOOL, lmtp_balance_inet_protocols, "yes", "the same for LMTP")
P(STR, lmtp_bind_address, "", "the same for LMTP")
P(STR, lmtp_bind_address6, "", "the same for LMTP")
P(BOOL, lmtp_bind_address_enforce, "no", "the same for LMTP")
P(STR, lmtp_body_checks, "", "the same for LMTP")
P(BOOL, lmtp_cname_overrides_servername, "no", "the same for LMTP")
P(TIME, lmtp_connect_timeout, "0s", "the same for LMTP")
P(STR, lmtp_connection_cache_destinations, "", "the same for LMTP")
P(BOOL, lmtp_connection_cache_on_demand, "yes", "the same for LMTP")
P(TIME, lmtp_connection_cache_time_limit, "2s", "the same for LMTP")
P(INT, lmtp_connection_reuse_count_limit, "0", "the same for LMTP")
P(TIME, lmtp_connection_reuse_time_limit, "300s", "the same for LMTP")
P(TIME, lmtp_data_done_timeout, "600s", "the same for LMTP")
P(TIME, lmtp_data_init_timeout, "120s", "the same for LMTP")
P(TIME, lmtp_data_xfer_timeout, "180s", "the same for LMTP")
P(BOOL, lmtp_defer_if_no_mx_address_found, "no", "the same for LMTP")
P(STR, lmtp_delivery_status_filter, "$default_delivery_status_filter",
    "the same for lmtp")
P(INT, lmtp_destination_concurrency_limit,
    "$default_destination_concurrency_limit", "parallel LMTP sessions")
P(INT, lmtp_destination_recipient_limit, "$default_destination_recipient_limit",
    "recipients per LMTP transaction")
P(STR, lmtp_discard_lhlo_keyword_address_maps, "", "the same for LMTP")
P(STR, lmtp_discard_lhlo_keywords, "", "the same for LMTP")
P(STR, lmtp_dns_reply_filter, "", "the same for LMTP")
P(STR, lmtp_dns_support_level, "", "the same for LMTP")
P(BOOL, lmtp_enforce_tls, "no", "the same for LMTP")
P(STR, lmtp_fallback_relay, "", "the same for LMTP")
P(STR, lmtp_generic_maps, "", "the same for LMTP")
P(STR, lmtp_header_checks, "", "the same for LMTP")
P(STR, lmtp_host_lookup, "dns", "the same for LMTP")
P(STR, lmtp_lhlo_name, "$myhostname", "name given in LHLO")
P(TIME, lmtp_lhlo_timeout, "300s", "the same for LMTP")
P(INT, lmtp_line_length_limit, "998", "the same for LMTP")
P(TIME, lmtp_mail_timeout, "300s", "the same for LMTP")
P(STR, lmtp_mime_header_checks, "", "the same for LMTP")
P(INT, lmtp_min_data_rate, "500", "the same for LMTP")
P(INT, lmtp_mx_address_limit, "5", "the same for LMTP")
P(INT, lmtp_mx_session_limit, "2", "the same for LMTP")
P(STR, lmtp_nested_header_checks, "", "the same for LMTP")
P(BOOL, lmtp_per_request_deadline,
    "${lmtp_per_record_deadline?{$lmtp_per_record_deadline}:{no}}",
    "the same for LMTP")
P(TIME, lmtp_pix_workaround_delay_time, "10s", "the same for LMTP")
P(STR, lmtp_pix_workaround_maps, "", "the same for LMTP")
P(TIME, lmtp_pix_workaround_threshold_time, "500s", "the same for LMTP")
P(STR, lmtp_pix_workarounds, "", "the same for LMTP")
P(TIME, lmtp_quit_timeout, "300s", "the same for LMTP")
P(BOOL, lmtp_quote_rfc821_envelope, "yes", "the same for LMTP")
P(BOOL, lmtp_randomize_addresses, "yes", "the same for LMTP")
P(TIME, lmtp_rcpt_timeout, "300s", "the same for LMTP")
P(STR, lmtp_reply_filter, "", "the same for LMTP")
P(TIME, lmtp_rset_timeout, "20s", "the same for LMTP")
P(STR, lmtp_sasl_auth_cache_name, "", "the same for LMTP")
T(lmtp_sasl_auth_cache_time, "d", "90d", "the same for LMTP")
P(BOOL, lmtp_sasl_auth_enable, "no", "the same for LMTP")
P(BOOL, lmtp_sasl_auth_enforce, "no", "the same for LMTP")
P(BOOL, lmtp_sasl_auth_soft_bounce, "yes", "the same for LMTP")
P(STR, lmtp_sasl_mechanism_filter, "", "the same for LMTP")
P(STR, lmtp_sasl_password_maps, "", "the same for LMTP")
P(STR, lmtp_sasl_password_result_delimiter, ":", "the same for LMTP")
P(STR, lmtp_sasl_security_options, "noplaintext, noanonymous",
    "the same for LMTP")
P(STR, lmtp_sasl_tls_security_options, "$lmtp_sasl_security_options",
    "the same for LMTP")
P(STR, lmtp_sasl_tls_verified_security_options,
    "$lmtp_sasl_tls_security_options", "the same for LMTP")
P(BOOL, lmtp_send_dummy_mail_auth, "no", "the same for LMTP")
P(BOOL, lmtp_send_xforward_command, "no",
    "pass the first client's data on by LMTP")
P(BOOL, lmtp_sender_dependent_authentication, "no", "the same for LMTP")
P(BOOL, lmtp_skip_5xx_greeting, "yes", "the same for LMTP")
P(BOOL, lmtp_skip_quit_response, "no", "the same for LMTP")
P(TIME, lmtp_starttls_timeout, "300s", "the same for LMTP")
P(STR, lmtp_tcp_port, "24", "port used for LMTP where none is given")
P(STR, lmtp_tls_CAfile, "", "the same for LMTP")
P(STR, lmtp_tls_CApath, "", "the same for LMTP")
P(STR, lmtp_tls_cert_file, "", "the same for LMTP")
P(STR, lmtp_tls_chain_files, "", "the same for LMTP")
P(STR, lmtp_tls_ciphers, "medium", "the same for LMTP")
P(BOOL, lmtp_tls_connection_reuse, "no", "the same for LMTP")
P(STR, lmtp_tls_eccert_file, "", "the same for LMTP")
P(STR, lmtp_tls_eckey_file, "$lmtp_tls_eccert_file", "the same for LMTP")
P(BOOL, lmtp_tls_enforce_peername, "yes", "the same for LMTP")
P(STR, lmtp_tls_exclude_ciphers, "", "the same for LMTP")
P(STR, lmtp_tls_fingerprint_cert_match, "", "the same for LMTP")
P(STR, lmtp_tls_fingerprint_digest, "sha256", "the same for LMTP")
P(BOOL, lmtp_tls_force_insecure_host_tlsa_lookup, "no", "the same for LMTP")
P(STR, lmtp_tls_key_file, "$lmtp_tls_cert_file", "the same for LMTP")
P(INT, lmtp_tls_loglevel, "0", "the same for LMTP")
P(STR, lmtp_tls_mandatory_ciphers, "medium", "the same for LMTP")
P(STR, lmtp_tls_mandatory_exclude_ciphers, "", "the same for LMTP")
P(STR, lmtp_tls_mandatory_protocols, ">=TLSv1", "the same for LMTP")
P(BOOL, lmtp_tls_note_starttls_offer, "no", "the same for LMTP")
P(STR, lmtp_tls_policy_maps, "", "the same for LMTP")
P(STR, lmtp_tls_protocols, ">=TLSv1", "the same for LMTP")
P(INT, lmtp_tls_scert_verifydepth, "9", "the same for LMTP")
P(STR, lmtp_tls_secure_cert_match, "nexthop, dot-nexthop", "the same for LMTP")
P(STR, lmtp_tls_security_level, "", "the same for LMTP")
P(STR, lmtp_tls_servername, "", "the same for LMTP")
P(STR, lmtp_tls_session_cache_database, "", "the same for LMTP")
P(TIME, lmtp_tls_session_cache_timeout, "3600s", "the same for LMTP")
P(STR, lmtp_tls_trust_anchor_file, "", "the same for LMTP")
P(STR, lmtp_tls_verify_cert_match, "hostname", "the same for LMTP")
P(BOOL, lmtp_tls_wrappermode, "no", "the same for LMTP")
P(BOOL, lmtp_use_tls, "no", "the same for LMTP")
P(TIME, lmtp_xforward_timeout, "300s", "the same for LMTP")
P(STR, local_command_shell, "", "shell for piped commands")
P(STR, local_delivery_status_filter, "$default_delivery_status_filter",
    "the same for local delivery")
P(INT, local_destination_concurrency_limit, "2",
    "parallel local deliveries to one user")
P(INT, local_destination_recipient_limit, "1", "recipients per local delivery")
P(STR, local_header_rewrite_clients, "permit_inet_interfaces",
    "clients whose headers get completed")
P(STR, local_login_sender_maps, "static:*",
    "which senders a user of this machine may give")
P(STR, local_recipient_maps, "proxy:unix:passwd.byname $alias_maps",
    "tables of valid local users; others get 550")
P(STR, local_transport, "local:$myhostname",
    "transport for mydestination domains")
N(login_client_limit, "50", 0, 1000000,
    "connections not logged in for one address; 0 is no limit")
P(STR, login_clientcerts, "",
    "certificates that log in (EXTERNAL), and as whom")
P(STR, login_plaintext, "loopback",
    "passwords without TLS: never, loopback or always")
P(STR, login_protocol, "",
    "imap, pop3 or sieve for a login service by another name")
P(TIME, login_proxy_idle_timeout, "40m",
    "how long a client of another host and that host may be silent")
N(login_proxy_limit, "10000", 1, 1000000,
    "clients of other hosts in one login process")
P(STR, login_proxy_password, "check",
    "who looks at passwords of users who are elsewhere: check, pass")
P(TIME, login_proxy_timeout, "30s", "time to log in to another host")
P(STR, login_proxy_tls_CAfile, "$smtp_tls_CAfile",
    "CAs of other hosts' certificates")
P(STR, login_proxy_tls_CApath, "$smtp_tls_CApath",
    "folder of CAs of other hosts' certificates")
P(STR, login_proxy_tls_ciphers, "medium", "grade of the ciphers to other hosts")
P(STR, login_proxy_tls_protocols, ">=TLSv1.2", "TLS versions to other hosts")
P(STR, login_proxy_tls_security_level, "verify",
    "TLS to other hosts: none, may, encrypt, verify")
N(login_session_limit, "20000", 1, 1000000,
    "clients of one process before they log in")
P(TIME, login_timeout, "180s", "time to log in by IMAP or POP3")
P(STR, login_trusted_networks, "",
    "hosts whose word counts for who their clients are")
P(STR, login_upstream_proxy_networks, "",
    "whose connections begin with PROXY; empty: all")
P(STR, login_upstream_proxy_protocol, "", "haproxy: read PROXY v1/v2 first")
P(TIME, login_upstream_proxy_timeout, "5s", "wait for the PROXY header")
N(login_user_limit, "0", 0, 1000000,
    "sessions of one user and protocol; 0: no limit")
P(RAW, luser_relay, "", "catch-all address for unknown local users")
N(mail_max_userip_connections, "0", 0, 1000000,
    "sessions of one user, protocol and address; 0: no limit")
P(STR, mail_name, "Facteur",
    "name of this mail system, in greeting and Received")
P(STR, mail_owner, "_facteur", "unprivileged account that owns the queue")
P(STR, mail_spool_directory, "/var/mail", "folder of mbox mailboxes")
P(STR, mail_version, "0.1", "version of this mail system")
P(RAW, mailbox_command, "",
    "command given each local message, such as procmail")
P(STR, mailbox_command_maps, "", "command per user")
P(STR, mailbox_delivery_lock, "fcntl, dotlock", "mbox locking methods")
P(STR, mailbox_quota, "",
    "what a user's Maildir may take (10000000S,1000C); empty: as maildirsize "
    "says")
P(BOOL, mailbox_quota_trash, "yes",
    "folder Trash and deleted mail count for the quota")
P(BYTES, mailbox_size_limit, "51200000",
    "largest mbox file in octets; 0 is no limit")
P(STR, mailbox_transport, "",
    "transport that takes over delivery to known users")
P(STR, mailbox_transport_maps, "", "the same per user")
P(BOOL, maildirdetect, "yes",
    "procmail: a directory with new, cur and tmp is a Maildir")
P(STR, maillog_file, "", "log file instead of syslog")
P(STR, maillog_file_compressor, "gzip", "program that packs a rotated log")
P(STR, maillog_file_prefixes, "/var, /dev/stdout", "where that file may be")
P(STR, maillog_file_rotate_suffix, "%Y%m%d-%H%M%S",
    "suffix of a rotated log, as for strftime(3)")
P(STR, mailq_path, "/usr/bin/mailq", "the mailq command")
P(TIME, managesieve_idle_timeout, "30m",
    "how long a ManageSieve client may be silent")
N(managesieve_max_scripts, "100", 1, 10000, "Sieve scripts of one user")
P(STR, manpage_directory, "/usr/share/man", "where the manuals lie")
N(maps_rbl_reject_code, "554", 400, 599, "code for clients in a block list")
P(STR, masquerade_classes, "envelope_sender, header_sender, header_recipient",
    "what masquerade_domains rewrites")
P(STR, masquerade_domains, "", "strips sub-domains off listed domains")
P(STR, masquerade_exceptions, "", "users never masqueraded")
P(STR, master_service_disable, "", "services switched off")
P(TIME, max_idle, "100s", "idle time before a process ends")
N(max_use, "100", 1, INT_MAX, "connections before a process ends")
P(TIME, maximal_backoff_time, "4000s", "longest wait between tries")
T(maximal_queue_lifetime, "d", "5d", "age at which mail is returned")
P(STR, message_drop_headers, "bcc, content-length, resent-bcc, return-path",
    "headers removed on entry, Bcc among them")
P(STR, message_reject_characters, "", "bytes that make a message refused")
P(BYTES, message_size_limit, "10240000",
    "largest message in octets; announced as SIZE")
P(STR, message_strip_characters, "", "bytes taken out of messages")
P(STR, meta_directory, "/etc/facteur", "kept for scripts written for Postfix")
P(TIME, milter_command_timeout, "30s",
    "wait for a milter's answer to a command")
P(STR, milter_connect_macros, "j {daemon_name} {daemon_addr} v _",
    "macros sent at connection")
P(TIME, milter_connect_timeout, "30s", "wait to reach a milter")
P(TIME, milter_content_timeout, "300s", "wait for a milter's verdict")
P(STR, milter_data_macros, "i", "macros sent at DATA")
P(STR, milter_default_action, "tempfail", "what to do when a milter fails")
P(STR, milter_end_of_data_macros, "i", "macros sent after the message")
P(STR, milter_end_of_header_macros, "i", "macros sent after the headers")
P(STR, milter_header_checks, "", "rules on header fields of milters")
P(STR, milter_helo_macros,
    "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}",
    "macros sent at HELO")
P(STR, milter_macro_daemon_name, "$myhostname",
    "value of the milter macro daemon_name")
P(STR, milter_macro_defaults, "", "values of milter macros that have none")
P(STR, milter_macro_v, "$mail_name $mail_version",
    "value of the milter macro v")
P(STR, milter_mail_macros,
    "i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} "
    "{mail_mailer}",
    "macros sent at MAIL FROM")
N(milter_protocol, "6", 2, 6, "milter protocol version")
P(STR, milter_rcpt_macros, "i {rcpt_addr} {rcpt_host} {rcpt_mailer}",
    "macros sent at RCPT TO")
P(STR, milter_unknown_command_macros, "", "macros sent with an unknown command")
P(STR, mime_header_checks, "$header_checks", "rules on MIME part headers")
N(mime_nesting_limit, "100", 1, 1000, "most levels of MIME parts")
P(TIME, minimal_backoff_time, "300s", "shortest wait before the next try")
P(STR, mta_sts_CAfile, "/etc/ssl/certs/ca-certificates.crt",
    "whose certificates MTA-STS believes")
N(mta_sts_cache_limit, "10000", 1, 1000000, "domains whose policies are kept")
P(TIME, mta_sts_fetch_timeout, "20s", "longest wait for a policy")
N(mta_sts_https_port, "443", 1, 65535, "port of the servers of policies")
P(STR, multi_instance_directories, "", "other instances' folders")
P(BOOL, multi_instance_enable, "no", "whether this instance starts")
P(STR, multi_instance_group, "", "group of instances that this one belongs to")
P(STR, multi_instance_name, "", "name of this instance, for the log")
N(multi_recipient_bounce_reject_code, "550", 400, 599,
    "code for bounces with several recipients")
P(STR, mydestination, "$myhostname, localhost.$mydomain, localhost",
    "domains delivered to local users; empty items ignored")
P(STR, mydomain, "", "local domain; default is myhostname less its first label")
P(STR, myhostname, "",
    "this machine's full mail name; banner, EHLO and Received use it")
P(STR, mynetworks, "", "addresses whose clients may relay")
P(STR, mynetworks_style, "host",
    "how mynetworks is made when unset: host, subnet or class")
P(STR, myorigin, "$myhostname", "domain put after names that come without one")
