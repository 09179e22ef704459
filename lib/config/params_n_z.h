/* params_n_z.h - rows of param_all, names from n on: see params.c
 *
 * Sorted by name, as bytes. No include guard: rows, not declarations. */

P(STR, nested_header_checks, "$header_checks",
    "rules on headers of messages within the message")
P(STR, newaliases_path, "/usr/bin/newaliases", "the newaliases command")
N(non_fqdn_reject_code, "504", 400, 599, "code for names that are not complete")
P(STR, non_smtpd_milters, "", "milters for local mail")
P(STR, notify_classes, "resource, software",
    "what the postmaster is told about")
P(BOOL, owner_request_special, "yes",
    "owner-list and list-request get no special splitting")
P(STR, parent_domain_matches_subdomains,
    "debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,"
    "qmqpd_authorized_clients,relay_domains,smtpd_access_maps",
    "which lists match sub-domains too")
P(STR, permit_mx_backup_networks, "",
    "networks whose backup MX this host may be")
P(STR, pipe_delivery_status_filter, "$default_delivery_status_filter",
    "the same for pipe")
N(plaintext_reject_code, "450", 400, 599,
    "code for mail without TLS where it is wanted")
P(STR, pop3_expire, "never",
    "days that mail stays after POP3 has read it, or never")
P(TIME, pop3_idle_timeout, "10m", "how long a POP3 client may be silent")
P(BOOL, pop3_lock_session, "no",
    "a user's mail is for one POP3 session at a time")
P(TIME, pop3_login_delay, "0", "time between two logins of a POP3 user")
P(STR, pop3_proxy_maps, "", "POP3 users whose mail is on another host")
N(pop_before_smtp_limit, "10000", 1, 1000000,
    "addresses remembered for permit_pop_before_smtp")
P(STR, pop_before_smtp_maps, "",
    "logins that several hosts share, for permit_pop_before_smtp")
P(TIME, pop_before_smtp_time, "20m",
    "how long an address may relay after a login")
P(STR, postscreen_access_list, "permit_mynetworks",
    "clients let in or out at once")
P(STR, postscreen_bare_newline_action, "ignore", "what a lone LF gets")
P(BOOL, postscreen_bare_newline_enable, "no", "deep test: lone LF")
T(postscreen_bare_newline_ttl, "d", "30d",
    "how long a client that sent none is remembered")
P(STR, postscreen_denylist_action,
    "${postscreen_blacklist_action?{$postscreen_blacklist_action}:{ignore}}",
    "what listed clients get")
P(STR, postscreen_dnsbl_action, "ignore", "what blocked clients get")
N(postscreen_dnsbl_allowlist_threshold,
    "${postscreen_dnsbl_whitelist_threshold?{$postscreen_dnsbl_whitelist_"
    "threshold}:{0}}",
    -100000, 0, "score that skips other tests")
P(STR, postscreen_dnsbl_reply_map, "", "names of lists that clients see")
P(STR, postscreen_dnsbl_sites, "", "block lists with weights")
P(INT, postscreen_dnsbl_threshold, "1", "score that blocks")
P(TIME, postscreen_dnsbl_timeout, "10s",
    "longest wait for block lists before the greeting")
P(STR, postscreen_greet_action, "ignore", "what early talkers get")
P(STR, postscreen_greet_banner, "$smtpd_banner",
    "first line of the greeting, sent before the wait")
T(postscreen_greet_ttl, "d", "1d", "how long a patient client is remembered")
P(TIME, postscreen_greet_wait, "${stress?{2}:{6}}s",
    "how long to wait for early talkers")
P(STR, postscreen_non_smtp_command_action, "drop", "what web commands get")
P(BOOL, postscreen_non_smtp_command_enable, "no", "deep test: web commands")
T(postscreen_non_smtp_command_ttl, "d", "30d",
    "how long a client that sent none is remembered")
P(STR, postscreen_pipelining_action, "enforce", "what pipelining gets")
P(BOOL, postscreen_pipelining_enable, "no", "deep test: pipelining")
T(postscreen_pipelining_ttl, "d", "30d",
    "how long a client that waited its turn is remembered")
P(STR, prepend_delivered_header, "command, file, forward",
    "when Delivered-To is added")
P(STR, process_id, "", "process number of the running program, set by itself")
P(STR, process_id_directory, "/run/facteur",
    "where the master writes its process number")
P(STR, process_name, "", "name of the running program, set by itself")
P(STR, propagate_unmatched_extensions, "canonical, virtual",
    "which tables keep the +tag")
P(STR, proxy_interfaces, "", "outside addresses of a proxy or NAT")
P(STR, public_suffix_list, "/usr/share/publicsuffix/public_suffix_list.dat",
    "list of public suffixes for DMARC")
P(TIME, qmgr_clog_warn_time, "300s",
    "how often a site is told of that clogs the queue")
N(qmgr_message_active_limit, "20000", 1, 10000000, "mails in the active queue")
N(qmgr_message_recipient_limit, "20000", 1, 10000000, "recipients in memory")
P(INT, qmgr_message_recipient_minimum, "10",
    "recipients in memory per mail at least")
P(STR, queue_directory, "/var/spool/facteur", "the spool's root")
P(BYTES, queue_minfree, "0", "free octets below which mail is refused")
P(TIME, queue_run_delay, "300s", "how often the deferred queue is scanned")
P(STR, rbl_reply_maps, "", "the same per block list")
P(STR, readme_directory, "no", "where other texts lie; no is nowhere")
P(STR, receive_override_options, "",
    "what to skip when filtered mail comes back")
P(STR, recipient_bcc_maps, "", "copies by recipient")
P(STR, recipient_canonical_classes, "envelope_recipient, header_recipient",
    "what recipient_canonical_maps rewrites")
P(STR, recipient_canonical_maps, "", "the same, recipients only")
P(STR, recipient_delimiter, "",
    "characters that split user from extension (user+tag)")
N(reject_code, "554", 400, 599, "code for the restriction reject")
P(STR, reject_tempfail_action, "defer_if_permit", "action when a look-up fails")
P(STR, relay_clientcerts, "", "client certificates that may relay")
P(STR, relay_domains, "", "foreign domains this host accepts mail for")
N(relay_domains_reject_code, "554", 400, 599, "code for refused relaying")
P(STR, relay_recipient_maps, "", "valid addresses in relay_domains")
P(STR, relay_transport, "relay", "transport for relay_domains")
P(STR, relayhost, "",
    "next hop for all foreign mail; [brackets] mean no MX look-up")
P(STR, relocated_maps, "", "users that moved, with their new address")
P(STR, remote_header_rewrite_domain, "",
    "domain for bare names in strangers' headers")
P(BOOL, require_home_directory, "no", "hold delivery when the home is missing")
P(BOOL, requiretls_enable, "yes", "offer and use REQUIRETLS")
P(BOOL, resolve_null_domain, "no", "take joe@ for joe@$myhostname")
P(BOOL, resolve_numeric_domain, "no", "take joe@192.0.2.1 for joe@[192.0.2.1]")
P(STR, resolver_nameservers, "",
    "name servers, ADDRESS or ADDRESS@PORT; empty: those of /etc/resolv.conf")
P(STR, resolver_trust_anchor, "/usr/share/dns/root.key",
    "file with the key of the DNS root, for DNSSEC")
P(BYTES, rules_memory_limit, "1073741824",
    "memory of each program of procmail rules; 0 is no limit")
N(rules_nesting_limit, "64", 1, 1000, "files of rules open at a time")
N(rules_process_limit, "1000", 1, 100000,
    "processes that rules may start for a message")
P(TIME, rules_time_limit, "3600s", "time of the rules for a message")
P(BYTES, rules_variable_limit, "1048576", "all variables of the rules")
P(STR, sample_directory, "/usr/share/doc/facteur/examples",
    "where samples of configuration lie")
P(STR, sandbox, "yes",
    "strict: refuse to run where the kernel lacks a protection")
P(STR, sender_bcc_maps, "", "copies by sender")
P(STR, sender_canonical_classes, "envelope_sender, header_sender",
    "what sender_canonical_maps rewrites")
P(STR, sender_canonical_maps, "", "the same, senders only")
P(STR, sender_dependent_default_transport_maps, "",
    "transport chosen by sender")
P(STR, sender_dependent_relayhost_maps, "", "relay chosen by sender")
P(STR, sendmail_path, "/usr/sbin/sendmail", "the sendmail command")
P(STR, service_name, "",
    "name of the running service in master.cf, set by itself")
P(TIME, service_throttle_time, "10s",
    "longest pause before a failing service is started again")
P(STR, setgid_group, "_facteurdrop", "group of the submission tools")
P(STR, shlib_directory, "no",
    "kept for scripts written for Postfix; no is nowhere")
P(BOOL, show_user_unknown_table_name, "yes", "say which table lacks the user")
P(BOOL, sieve, "yes", "users' Sieve scripts are run")
P(RAW, sieve_dir, "$home/sieve", "scripts that a user's own may include")
P(RAW, sieve_global_dir, "", "scripts that all users' may include")
N(sieve_max_actions, "32", 1, 1000, "actions of a script for a message")
N(sieve_max_redirects, "5", 0, 100, "redirects of a script for a message")
P(BYTES, sieve_max_script_size, "1048576", "a larger script is not run")
P(STR, sieve_proxy_maps, "",
    "ManageSieve users whose scripts are on another host")
P(RAW, sieve_script, "$home/.sieve, $home/.dovecot.sieve",
    "where a user's script is, the first that is there")
P(TIME, sieve_vacation_default_period, "7d",
    "between answers to a sender, where the script does not say")
P(TIME, sieve_vacation_min_period, "1d", "the shortest that a script may ask")
P(STR, smtp_address_preference, "any", "ipv4, ipv6 or any first")
P(STR, smtp_address_verify_target, "rcpt",
    "command whose answer decides an address probe")
P(BOOL, smtp_always_send_ehlo, "yes",
    "greet with EHLO whatever the greeting said")
P(BOOL, smtp_balance_inet_protocols, "yes",
    "addresses of both families under the limit")
P(STR, smtp_bind_address, "", "local IPv4 address to send from")
P(STR, smtp_bind_address6, "", "local IPv6 address to send from")
P(BOOL, smtp_bind_address_enforce, "no",
    "defer rather than send from another address")
P(STR, smtp_body_checks, "", "rules for lines of bodies as mail leaves")
P(BOOL, smtp_cname_overrides_servername, "no",
    "a server is called what its alias stands for")
P(TIME, smtp_connect_timeout, "30s", "wait for a connection")
P(STR, smtp_connection_cache_destinations, "",
    "next hops whose connections wait")
P(BOOL, smtp_connection_cache_on_demand, "yes", "keep connections under load")
P(TIME, smtp_connection_cache_time_limit, "2s",
    "how long an idle connection is kept")
P(INT, smtp_connection_reuse_count_limit, "0",
    "how often a connection serves; 0: no limit")
P(TIME, smtp_connection_reuse_time_limit, "300s",
    "longest use of one connection")
P(TIME, smtp_data_done_timeout, "600s", "wait for the reply to the end mark")
P(TIME, smtp_data_init_timeout, "120s", "wait for the DATA reply")
P(TIME, smtp_data_xfer_timeout, "180s", "wait for each block sent")
P(BOOL, smtp_defer_if_no_mx_address_found, "no",
    "mail waits where no MX host has an address")
P(STR, smtp_delivery_status_filter, "$default_delivery_status_filter",
    "the same for smtp")
P(INT, smtp_destination_concurrency_limit,
    "$default_destination_concurrency_limit",
    "parallel sessions to one site over smtp")
P(INT, smtp_destination_recipient_limit, "$default_destination_recipient_limit",
    "recipients per smtp transaction")
P(STR, smtp_discard_ehlo_keyword_address_maps, "",
    "extensions not used, by server")
P(STR, smtp_discard_ehlo_keywords, "", "server extensions to overlook")
P(STR, smtp_dns_reply_filter, "", "DNS records that are passed over")
P(STR, smtp_dns_support_level, "", "disabled, enabled or dnssec")
P(BOOL, smtp_enforce_tls, "no",
    "old spelling of smtp_tls_security_level = verify")
P(STR, smtp_fallback_relay, "$fallback_relay",
    "where mail goes when the destination is unreachable")
P(STR, smtp_generic_maps, "", "rewrites local addresses as mail leaves")
P(STR, smtp_header_checks, "", "header rules as mail leaves")
P(STR, smtp_helo_name, "$myhostname", "name given in EHLO")
P(TIME, smtp_helo_timeout, "300s", "wait for the HELO reply")
P(STR, smtp_host_lookup, "dns", "dns, native or both for host names")
P(INT, smtp_line_length_limit, "998", "cuts longer lines on the way out")
P(TIME, smtp_mail_timeout, "300s", "wait for the MAIL FROM reply")
P(STR, smtp_mime_header_checks, "", "rules for headers of parts as mail leaves")
P(INT, smtp_min_data_rate, "500",
    "octets a second that keep a message from timing out")
P(BOOL, smtp_mta_sts_enable, "no",
    "follow the MTA-STS policies of other domains")
P(INT, smtp_mx_address_limit, "5", "most addresses tried per delivery")
P(INT, smtp_mx_session_limit, "2", "most sessions tried per delivery")
P(STR, smtp_nested_header_checks, "", "rules for headers within as mail leaves")
P(BOOL, smtp_never_send_ehlo, "no", "greet with HELO only")
P(BOOL, smtp_per_request_deadline,
    "${smtp_per_record_deadline?{$smtp_per_record_deadline}:{no}}",
    "timeout covers a whole message")
P(TIME, smtp_pix_workaround_delay_time, "10s", "pause before the final dot")
P(STR, smtp_pix_workaround_maps, "", "workarounds by server")
P(TIME, smtp_pix_workaround_threshold_time, "500s",
    "age of mail that gets them")
P(STR, smtp_pix_workarounds, "disable_esmtp, delay_dotcrlf",
    "workarounds for an old firewall")
P(STR, smtp_protocol, "smtp", "smtp or lmtp, for a row of master.cf")
P(TIME, smtp_quit_timeout, "300s", "wait for the QUIT reply")
P(BOOL, smtp_quote_rfc821_envelope, "yes", "quote odd local parts on the wire")
P(BOOL, smtp_randomize_addresses, "yes",
    "hosts of equal preference in random order")
P(TIME, smtp_rcpt_timeout, "300s", "wait for the RCPT TO reply")
P(STR, smtp_reply_filter, "", "replies of servers, changed")
P(TIME, smtp_rset_timeout, "20s", "wait for the RSET reply")
P(STR, smtp_sasl_auth_cache_name, "",
    "remembers refused logins, where it is not empty")
T(smtp_sasl_auth_cache_time, "d", "90d", "for how long")
P(BOOL, smtp_sasl_auth_enable, "no", "log in to the relay")
P(BOOL, smtp_sasl_auth_enforce, "no",
    "mail waits where there is a password and no AUTH")
P(BOOL, smtp_sasl_auth_soft_bounce, "yes",
    "mail waits where a login is refused")
P(STR, smtp_sasl_mechanism_filter, "", "client mechanisms allowed")
P(STR, smtp_sasl_password_maps, "", "logins per relay or sender")
P(STR, smtp_sasl_password_result_delimiter, ":",
    "what parts name and password in smtp_sasl_password_maps")
P(STR, smtp_sasl_security_options, "noplaintext, noanonymous",
    "client mechanisms barred; default bars plaintext")
P(STR, smtp_sasl_tls_security_options, "$smtp_sasl_security_options",
    "the same under TLS")
P(STR, smtp_sasl_tls_verified_security_options,
    "$smtp_sasl_tls_security_options",
    "the same with a certificate that was verified")
P(BOOL, smtp_send_dummy_mail_auth, "no", "tell who sent mail, namely nobody")
P(BOOL, smtp_send_xforward_command, "no", "pass the first client's data on")
P(BOOL, smtp_sender_dependent_authentication, "no",
    "choose the login by sender")
P(BOOL, smtp_skip_5xx_greeting, "yes", "try the next MX after a 5xx greeting")
P(BOOL, smtp_skip_quit_response, "yes", "do not wait for the reply to QUIT")
P(TIME, smtp_starttls_timeout, "300s", "wait for the TLS handshake")
P(STR, smtp_tcp_port, "smtp", "port used where none is given")
P(STR, smtp_tls_CAfile, "", "file of trusted CA certificates")
P(STR, smtp_tls_CApath, "", "folder of trusted CA certificates")
P(STR, smtp_tls_cert_file, "", "client certificate")
P(STR, smtp_tls_chain_files, "", "client certificates and keys")
P(STR, smtp_tls_ciphers, "medium", "client cipher grade when optional")
P(BOOL, smtp_tls_connection_reuse, "no",
    "share TLS connections between deliveries")
P(STR, smtp_tls_dane_insecure_mx_policy,
    "${{$smtp_tls_security_level} == {dane} ? {dane} : {may}}",
    "level when the MX record is unsigned")
P(STR, smtp_tls_eccert_file, "", "client certificate of an EC key")
P(STR, smtp_tls_eckey_file, "$smtp_tls_eccert_file", "its key")
P(BOOL, smtp_tls_enforce_peername, "yes",
    "smtp_enforce_tls wants a certificate")
P(STR, smtp_tls_exclude_ciphers, "", "ciphers never used")
P(STR, smtp_tls_fingerprint_cert_match, "",
    "digests of certificates for the level fingerprint")
P(STR, smtp_tls_fingerprint_digest, "sha256", "what they are digests by")
P(BOOL, smtp_tls_force_insecure_host_tlsa_lookup, "no",
    "ask for TLSA records of any host")
P(STR, smtp_tls_key_file, "$smtp_tls_cert_file", "client key")
P(INT, smtp_tls_loglevel, "0", "how much client TLS is logged")
P(STR, smtp_tls_mandatory_ciphers, "medium",
    "client cipher grade when required")
P(STR, smtp_tls_mandatory_exclude_ciphers, "",
    "ciphers never used when TLS is required")
P(STR, smtp_tls_mandatory_protocols, ">=TLSv1",
    "client TLS versions when required")
P(BOOL, smtp_tls_note_starttls_offer, "no", "log who offers STARTTLS")
P(STR, smtp_tls_policy_maps, "", "TLS level per destination")
P(STR, smtp_tls_protocols, ">=TLSv1", "client TLS versions when optional")
P(INT, smtp_tls_scert_verifydepth, "9",
    "longest chain of a server's certificate")
P(STR, smtp_tls_secure_cert_match, "nexthop, dot-nexthop",
    "how names match at level secure")
P(STR, smtp_tls_security_level, "",
    "none, may, encrypt, dane, verify or secure outbound")
P(STR, smtp_tls_servername, "", "name sent in SNI")
P(STR, smtp_tls_session_cache_database, "",
    "where set, TLS sessions of the client are resumed")
P(TIME, smtp_tls_session_cache_timeout, "3600s",
    "how long a TLS session of the client can be resumed")
P(STR, smtp_tls_trust_anchor_file, "",
    "certificates that alone vouch for a server")
P(STR, smtp_tls_verify_cert_match, "hostname",
    "how names match at level verify")
P(BOOL, smtp_tls_wrappermode, "no",
    "TLS from the first octet to a relay on 465")
P(BOOL, smtp_tlsrpt_enable, "no",
    "count how TLS to other domains went, for reports")
P(BOOL, smtp_use_tls, "no", "old spelling of smtp_tls_security_level = may")
P(TIME, smtp_xforward_timeout, "300s", "wait for XFORWARD")
P(STR, smtpd_authorized_verp_clients, "$authorized_verp_clients",
    "clients that may use XVERP")
P(STR, smtpd_authorized_xclient_hosts, "", "hosts that may use XCLIENT")
P(STR, smtpd_authorized_xforward_hosts, "", "hosts that may use XFORWARD")
P(STR, smtpd_banner, "$myhostname ESMTP $mail_name",
    "text after 220; must start with the host name")
P(INT, smtpd_client_auth_rate_limit, "0", "AUTH tries per client and time unit")
P(INT, smtpd_client_connection_count_limit, "50", "open connections per client")
P(INT, smtpd_client_connection_rate_limit, "0",
    "connections per client and time unit")
P(STR, smtpd_client_event_limit_exceptions,
    "${smtpd_client_connection_limit_exceptions:$mynetworks}",
    "clients without these limits")
N(smtpd_client_ipv6_prefix_length, "64", 1, 128,
    "clients of one such IPv6 network count as one")
P(INT, smtpd_client_message_rate_limit, "0",
    "messages per client and time unit")
P(INT, smtpd_client_new_tls_session_rate_limit, "0",
    "fresh TLS handshakes per client and time unit")
P(BOOL, smtpd_client_port_logging, "no", "log the client's port")
P(INT, smtpd_client_recipient_rate_limit, "0",
    "recipients per client and time unit")
P(STR, smtpd_client_restrictions, "", "rules on the client's address and name")
P(STR, smtpd_command_filter, "", "commands of clients, changed")
P(STR, smtpd_data_restrictions, "", "rules run at DATA")
P(BOOL, smtpd_delay_open_until_valid_rcpt, "yes",
    "queue file begun at the first good recipient")
P(BOOL, smtpd_delay_reject, "yes", "wait until RCPT before refusing")
P(STR, smtpd_discard_ehlo_keyword_address_maps, "",
    "extensions not announced, by client")
P(STR, smtpd_discard_ehlo_keywords, "", "extensions not announced")
P(STR, smtpd_dns_reply_filter, "", "DNS records that are passed over")
P(STR, smtpd_end_of_data_restrictions, "", "rules run after the message")
P(BOOL, smtpd_enforce_tls, "no",
    "old spelling of smtpd_tls_security_level = encrypt")
P(TIME, smtpd_error_sleep_time, "1s", "pause after an error")
P(STR, smtpd_etrn_restrictions, "", "rules on ETRN")
P(STR, smtpd_forbid_bare_newline, "yes",
    "bars smuggling by lone LF: yes, reject, normalize, note or no")
P(STR, smtpd_forbid_bare_newline_exclusions, "", "clients spared that rule")
N(smtpd_forbid_bare_newline_reject_code, "521", 500, 599, "code for lone LF")
P(BOOL, smtpd_forbid_unauth_pipelining, "yes",
    "hang up on commands sent too early")
P(STR, smtpd_forbidden_commands, "CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}}",
    "commands that end the session, as from web clients")
P(TIME, smtpd_future_release_limit, "7d",
    "how long mail may be held for its sender; 0: no FUTURERELEASE")
P(BOOL, smtpd_greylist, "no", "whether strangers' mail has to come back")
N(smtpd_greylist_client_count, "5", 0, 1000000,
    "mails that came back after which a network is known; 0: it never is")
P(TIME, smtpd_greylist_delay, "5m", "how long greylisted mail has to wait")
N(smtpd_greylist_dnsbl_threshold, "0", 0, 100000,
    "rank from which on clients are greylisted; 0: all are")
P(STR, smtpd_greylist_exceptions,
    "permit_mynetworks, permit_sasl_authenticated, permit_pop_before_smtp",
    "restrictions that spare a client the greylist")
N(smtpd_greylist_ipv4_prefix_length, "24", 0, 32,
    "bits of an IPv4 address that the greylist looks at")
N(smtpd_greylist_ipv6_prefix_length, "64", 0, 128,
    "bits of an IPv6 address that the greylist looks at")
P(TIME, smtpd_greylist_lifetime, "35d",
    "how long mail that came back is remembered")
N(smtpd_greylist_limit, "100000", 100, 10000000, "entries of the greylist")
P(STR, smtpd_greylist_maps, "", "greylist that several hosts share")
P(TIME, smtpd_greylist_retry_window, "2d",
    "how long mail may take to come back")
P(INT, smtpd_hard_error_limit, "${stress?{1}:{20}}", "errors before hanging up")
P(BOOL, smtpd_helo_required, "no", "no MAIL before HELO")
P(STR, smtpd_helo_restrictions, "", "rules on the HELO name")
P(INT, smtpd_junk_command_limit, "${stress?{1}:{100}}",
    "commands without mail before they count as errors")
P(STR, smtpd_log_access_permit_actions, "", "permits that are logged")
P(STR, smtpd_milter_maps, "", "milters by client")
P(STR, smtpd_milters, "", "milters for SMTP mail")
P(INT, smtpd_min_data_rate, "500",
    "octets a second that keep a message from timing out")
P(STR, smtpd_noop_commands, "", "commands answered as NOOP")
P(STR, smtpd_null_access_lookup_key, "<>",
    "key for the empty sender in access tables")
P(BOOL, smtpd_peername_lookup, "yes", "look up the client's name")
P(BOOL, smtpd_per_request_deadline,
    "${smtpd_per_record_deadline?{$smtpd_per_record_deadline}:{yes}}",
    "timeout covers a whole command")
P(STR, smtpd_policy_service_default_action,
    "451 4.3.5 Server configuration problem", "action when it fails")
P(TIME, smtpd_policy_service_max_idle, "300s",
    "idle time before a policy connection is closed")
P(TIME, smtpd_policy_service_max_ttl, "1000s",
    "longest use of a policy connection")
P(STR, smtpd_policy_service_policy_context, "",
    "what policy servers are told as policy_context")
P(INT, smtpd_policy_service_request_limit, "0",
    "requests over one policy connection; 0 is no limit")
P(TIME, smtpd_policy_service_retry_delay, "1s",
    "wait before a policy server is asked again")
P(TIME, smtpd_policy_service_timeout, "100s", "wait for a policy server")
N(smtpd_policy_service_try_limit, "2", 1, 100,
    "tries before the default action")
P(STR, smtpd_protocol, "smtp", "smtp or lmtp, for a row of master.cf")
P(STR, smtpd_proxy_ehlo, "$myhostname",
    "name given to the filter before the queue")
P(STR, smtpd_proxy_filter, "", "SMTP filter run before the queue")
P(STR, smtpd_proxy_options, "", "how smtpd_proxy_filter is spoken to")
P(TIME, smtpd_proxy_timeout, "100s", "wait for the filter before the queue")
N(smtpd_recipient_limit, "1000", 1, 1000000, "most recipients per message")
P(INT, smtpd_recipient_overshoot_limit, "1000",
    "recipients above the limit before they count as errors")
P(STR, smtpd_recipient_restrictions, "", "rules run at RCPT TO")
P(RAW, smtpd_reject_footer, "", "text added to refusals")
P(STR, smtpd_reject_footer_maps, "", "text added to refusals, by refusal")
P(BOOL, smtpd_reject_unlisted_recipient, "yes",
    "refuse unknown recipients everywhere")
P(BOOL, smtpd_reject_unlisted_sender, "no", "refuse unknown local senders")
P(BOOL, smtpd_relay_before_recipient_restrictions, "yes",
    "relay restrictions run first")
P(STR, smtpd_relay_restrictions,
    "permit_mynetworks, permit_sasl_authenticated, permit_pop_before_smtp, "
    "reject_unauth_destination",
    "rules that decide who may relay")
P(STR, smtpd_restriction_classes, "", "names for lists of rules")
P(BOOL, smtpd_sasl_auth_enable, "yes", "offer AUTH")
P(BOOL, smtpd_sasl_authenticated_header, "no", "show the login in Received")
P(STR, smtpd_sasl_exceptions_networks, "", "clients to whom AUTH is not shown")
P(STR, smtpd_sasl_local_domain, "", "SASL realm")
P(STR, smtpd_sasl_mechanism_filter, "!external, static:rest",
    "mechanisms that may be offered")
P(STR, smtpd_sasl_path, "smtpd", "socket or name of the SASL back end")
N(smtpd_sasl_response_limit, "12288", 100, 1048576, "longest AUTH response")
P(STR, smtpd_sasl_security_options, "noanonymous",
    "mechanisms barred, such as noanonymous")
P(STR, smtpd_sasl_tls_security_options, "$smtpd_sasl_security_options",
    "the same under TLS")
P(STR, smtpd_sasl_type, "facteur", "which SASL back end answers")
P(STR, smtpd_sender_login_maps, "", "which login owns which sender")
P(STR, smtpd_sender_restrictions, "", "rules on MAIL FROM")
P(INT, smtpd_soft_error_limit, "10", "errors before pauses start")
P(TIME, smtpd_starttls_timeout, "${stress?{10}:{300}}s",
    "wait for the TLS handshake")
P(TIME, smtpd_tarpit_delay, "0s", "how late strangers are told of a refusal")
P(TIME, smtpd_timeout, "${stress?{10}:{300}}s", "wait for a client's line")
P(STR, smtpd_tls_CAfile, "", "CAs for client certificates")
P(STR, smtpd_tls_CApath, "", "folder of CAs for client certificates")
P(BOOL, smtpd_tls_ask_ccert, "no", "ask for a client certificate")
P(BOOL, smtpd_tls_auth_only, "no", "AUTH only under TLS")
P(INT, smtpd_tls_ccert_verifydepth, "9",
    "longest chain of a client's certificate")
P(STR, smtpd_tls_cert_file, "", "server certificate, PEM")
P(STR, smtpd_tls_chain_files, "", "keys and chains in one list of files")
P(STR, smtpd_tls_ciphers, "medium", "cipher grade when optional")
P(STR, smtpd_tls_eccert_file, "",
    "second server certificate, of elliptic curves")
P(STR, smtpd_tls_eckey_file, "$smtpd_tls_eccert_file",
    "key for that certificate")
P(STR, smtpd_tls_exclude_ciphers, "", "ciphers never used")
P(STR, smtpd_tls_fingerprint_digest, "sha256",
    "digest of client certificates in tables")
P(STR, smtpd_tls_key_file, "$smtpd_tls_cert_file",
    "private key for that certificate")
P(INT, smtpd_tls_loglevel, "0", "how much TLS is logged")
P(STR, smtpd_tls_mandatory_ciphers, "medium", "cipher grade when required")
P(STR, smtpd_tls_mandatory_exclude_ciphers, "",
    "ciphers never used when TLS is required")
P(STR, smtpd_tls_mandatory_protocols, ">=TLSv1", "TLS versions when required")
P(STR, smtpd_tls_protocols, ">=TLSv1", "TLS versions when optional")
P(BOOL, smtpd_tls_received_header, "no", "TLS details in Received")
P(BOOL, smtpd_tls_req_ccert, "no", "require a client certificate")
P(STR, smtpd_tls_security_level, "may", "none, may or encrypt for incoming TLS")
P(STR, smtpd_tls_session_cache_database, "", "table for server TLS sessions")
P(BOOL, smtpd_tls_wrappermode, "no", "TLS from the first octet (port 465)")
P(STR, smtpd_upstream_proxy_networks, "",
    "whose connections begin with PROXY; empty: all")
P(STR, smtpd_upstream_proxy_protocol, "", "haproxy: read PROXY v1/v2 first")
P(TIME, smtpd_upstream_proxy_timeout, "5s", "wait for the PROXY line")
P(BOOL, smtpd_use_tls, "no", "old spelling of smtpd_tls_security_level = may")
P(STR, smtputf8_autodetect_classes, "sendmail, verify",
    "where from mail is SMTPUTF8 because it looks so")
P(BOOL, smtputf8_enable, "yes", "offer and use SMTPUTF8")
P(BOOL, soft_bounce, "no", "turns every final refusal into a temporary one")
P(BOOL, spf_check, "no", "looks whether the client may send for the domain")
P(STR, srs_domain, "",
    "forwarded mail of strangers gets a sender at this domain (SRS)")
P(STR, srs_secret_file, "$data_directory/srs.secret",
    "signs those senders; made when it is not there")
P(TIME, stale_lock_time, "500s", "age at which a lock file is removed")
P(STR, stress, "", "not empty while a service has no process to spare")
P(BOOL, strict_7bit_headers, "no", "refuse 8-bit headers")
P(BOOL, strict_8bitmime, "no",
    "refuse 8-bit headers and undeclared 8-bit bodies")
P(BOOL, strict_8bitmime_body, "no", "refuse undeclared 8-bit bodies")
P(BOOL, strict_mailbox_ownership, "yes", "mailbox must belong to its user")
P(BOOL, strict_mime_encoding_domain, "no",
    "refuse multiparts in an encoding that these may not have")
P(BOOL, strict_rfc821_envelopes, "no", "exact <address> grammar only")
P(BOOL, strict_smtputf8, "no", "UTF-8 addresses only with the parameter")
P(BOOL, swap_bangpath, "yes", "reads site!user as user@site")
P(STR, syslog_facility, "mail", "syslog facility")
P(STR, syslog_name, "${multi_instance_name?{$multi_instance_name}:{postfix}}",
    "name in the log")
P(BOOL, tls_append_default_CA, "no", "believe in the system's authorities, too")
P(STR, tls_dane_digests, "sha512 sha256", "hashes accepted in TLSA records")
P(STR, tls_high_cipherlist, "aNULL:-aNULL:HIGH:@STRENGTH",
    "ciphers of grade high")
P(STR, tls_medium_cipherlist, "aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH",
    "ciphers of grade medium")
P(BOOL, tls_preempt_cipherlist, "no", "server's cipher order wins")
P(BOOL, tls_required_enable, "yes", "heed the field TLS-Required: No")
P(STR, tls_server_sni_maps, "", "certificate per requested server name")
P(STR, tls_ssl_options, "", "OpenSSL option bits")
P(BOOL, tls_wildcard_matches_multiple_labels, "no",
    "an asterisk stands for several labels")
P(BOOL, tls_wrappermode, "no",
    "login: TLS from the first octet (ports 993 and 995)")
P(BOOL, tlsrpt_private_addresses, "no",
    "reports by HTTPS go to private networks too")
P(BOOL, tlsrpt_send, "yes", "reports about TLS are sent each day")
P(TIME, tlsrpt_send_delay, "4h", "within this time after the day's end")
P(STR, tlsrpt_sender, "postmaster@$myorigin", "who sends reports about TLS")
P(STR, transport_maps, "", "next hop and transport per address or domain")
P(TIME, transport_retry_time, "60s",
    "pause before a broken transport is tried again")
P(TIME, trigger_timeout, "10s", "wait when a service is woken")
P(STR, undisclosed_recipients_header, "",
    "header put where no recipient header exists")
N(unknown_address_reject_code, "450", 400, 599,
    "code for domains without DNS data")
P(STR, unknown_address_tempfail_action, "$reject_tempfail_action",
    "action when a sender's domain cannot be looked up")
N(unknown_client_reject_code, "450", 400, 599,
    "code for clients without a name")
P(STR, unknown_helo_hostname_tempfail_action, "$reject_tempfail_action",
    "action when a HELO name cannot be looked up")
N(unknown_hostname_reject_code, "450", 400, 599,
    "code for HELO names without DNS data")
N(unknown_local_recipient_reject_code, "550", 400, 599,
    "code for unknown users")
N(unknown_relay_recipient_reject_code, "550", 400, 599,
    "code for users unknown in relay_domains")
N(unknown_virtual_alias_reject_code, "550", 400, 599,
    "code for unknown virtual aliases")
N(unknown_virtual_mailbox_reject_code, "550", 400, 599,
    "code for unknown virtual mailboxes")
N(unverified_recipient_defer_code, "450", 400, 599,
    "code while a recipient is not verified")
N(unverified_recipient_reject_code, "450", 400, 599,
    "code for a recipient whose probe failed")
P(STR, unverified_recipient_reject_reason, "", "text for such a recipient")
P(STR, unverified_recipient_tempfail_action, "$reject_tempfail_action",
    "action while a recipient is not verified")
N(unverified_sender_defer_code, "450", 400, 599,
    "code while a sender is not verified")
N(unverified_sender_reject_code, "450", 400, 599,
    "code for a sender whose probe failed")
P(STR, unverified_sender_reject_reason, "", "text for such a sender")
P(STR, unverified_sender_tempfail_action, "$reject_tempfail_action",
    "action while a sender is not verified")
P(STR, verp_delimiter_filter, "-=+", "bytes that may be delimiters of VERP")
N(virtual_alias_address_length_limit, "1000", 1, 4000,
    "longest address by virtual_alias_maps")
P(STR, virtual_alias_domains, "$virtual_alias_maps",
    "domains that only hold aliases")
N(virtual_alias_expansion_limit, "1000", 1, 1000000,
    "most addresses one alias may yield")
P(STR, virtual_alias_maps, "$virtual_maps",
    "address to address expansion for any domain")
N(virtual_alias_recursion_limit, "1000", 1, 100000,
    "most steps of virtual alias expansion")
P(STR, virtual_delivery_status_filter, "$default_delivery_status_filter",
    "the same for virtual mailboxes")
P(STR, virtual_gid_maps, "", "owner gid per virtual mailbox")
P(STR, virtual_mailbox_base, "", "prefix of every virtual mailbox path")
P(STR, virtual_mailbox_domains, "$virtual_mailbox_maps",
    "domains with mailboxes apart from system users")
P(BYTES, virtual_mailbox_limit, "51200000", "largest virtual mailbox in octets")
P(STR, virtual_mailbox_lock, "fcntl, dotlock", "locks on virtual mailboxes")
P(STR, virtual_mailbox_maps, "", "address to mailbox path")
P(INT, virtual_minimum_uid, "100", "lowest uid that virtual_uid_maps may give")
P(STR, virtual_transport, "virtual",
    "transport for virtual mailbox domains, often LMTP")
P(STR, virtual_uid_maps, "", "owner uid per virtual mailbox")
P(TIME, webmail_linger, "10s",
    "how long an imapd waits for a webmail user's next page")
P(TIME, webmail_ticket_idle, "1h", "life of a webmail session that is not used")
P(TIME, webmail_ticket_life, "12h", "life of any webmail session")
P(STR, webmail_users, "www-data", "accounts that may speak for the webmail")
