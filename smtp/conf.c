/*
 * conf.c - what smtp reads from main.cf
 *
 * Defaults, bounds and help are those of the shared table (lib/config). LMTP
 * has a struct of its own, whose fields are filled from the lmtp_ parameters.
 */

#include "smtp/conf.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/why.h"
#include "config/networks.h"
#include "maps/map_pool.h"
#include "maps/match_list.h"
#include "sasl/sasl_server.h"
#include "smtp/anchors.h"
#include "smtp/quirks.h"
#include "tls/context.h"
#include "tls/tls_client.h"

#define P(kind, field) \
	.name = #field, .type = PARAM_##kind, \
	.where = offsetof(struct smtp_conf, field)

const struct param smtp_params[] = {
	{ P(STR, myhostname) },
	{ P(STR, inet_interfaces) },
	{ P(STR, inet_protocols) },
	{ P(STR, known_tcp_ports) },
	{ P(STR, proxy_interfaces) },
	{ P(BOOL, disable_dns_lookups) },
	{ P(BOOL, disable_mime_output_conversion) },
	{ P(INT, debug_peer_level) },
	{ P(STR, debug_peer_list) },
	{ P(STR, default_database_type) },
	{ P(INT, delay_logging_resolution_limit) },
	{ P(BOOL, ignore_mx_lookup_error) },
	{ P(BYTES, body_checks_size_limit) },
	{ P(INT, mime_nesting_limit) },
	{ P(STR, smtp_body_checks) },
	{ P(STR, smtp_mime_header_checks) },
	{ P(STR, smtp_nested_header_checks) },
	{ P(STR, mta_sts_CAfile) },
	{ P(STR, notify_classes) },
	{ P(BOOL, soft_bounce) },
	{ P(STR, smtp_address_preference) },
	{ P(STR, smtp_address_verify_target) },
	{ P(BOOL, smtp_always_send_ehlo) },
	{ P(BOOL, smtp_balance_inet_protocols) },
	{ P(BOOL, smtp_cname_overrides_servername) },
	{ P(BOOL, smtp_mta_sts_enable) },
	{ P(BOOL, smtp_never_send_ehlo) },
	{ P(STR, smtp_bind_address) },
	{ P(STR, smtp_bind_address6) },
	{ P(BOOL, smtp_bind_address_enforce) },
	{ P(BOOL, lmtp_assume_final) },
	{ P(TIME, smtp_connect_timeout) },
	{ P(BOOL, smtp_connection_cache_on_demand) },
	{ P(STR, smtp_connection_cache_destinations) },
	{ P(TIME, smtp_connection_cache_time_limit) },
	{ P(INT, smtp_connection_reuse_count_limit) },
	{ P(TIME, smtp_connection_reuse_time_limit) },
	{ P(BOOL, smtp_defer_if_no_mx_address_found) },
	{ P(TIME, smtp_data_done_timeout) },
	{ P(TIME, smtp_data_init_timeout) },
	{ P(TIME, smtp_data_xfer_timeout) },
	{ P(STR, smtp_delivery_status_filter) },
	{ P(STR, smtp_discard_ehlo_keywords) },
	{ P(STR, smtp_discard_ehlo_keyword_address_maps) },
	{ P(STR, smtp_dns_reply_filter) },
	{ P(STR, smtp_dns_support_level) },
	{ P(BOOL, smtp_enforce_tls) },
	{ P(STR, smtp_fallback_relay) },
	{ P(STR, smtp_generic_maps) },
	{ P(STR, smtp_header_checks) },
	{ P(STR, smtp_helo_name) },
	{ P(TIME, smtp_helo_timeout) },
	{ P(STR, smtp_host_lookup) },
	{ P(INT, smtp_line_length_limit) },
	{ P(TIME, smtp_mail_timeout) },
	{ P(INT, smtp_min_data_rate) },
	{ P(INT, smtp_mx_address_limit) },
	{ P(INT, smtp_mx_session_limit) },
	{ P(BOOL, smtp_per_request_deadline) },
	{ P(TIME, smtp_pix_workaround_delay_time) },
	{ P(STR, smtp_pix_workaround_maps) },
	{ P(TIME, smtp_pix_workaround_threshold_time) },
	{ P(STR, smtp_pix_workarounds) },
	{ P(TIME, smtp_quit_timeout) },
	{ P(STR, smtp_protocol) },
	{ P(BOOL, smtp_quote_rfc821_envelope) },
	{ P(BOOL, smtp_randomize_addresses) },
	{ P(TIME, smtp_rcpt_timeout) },
	{ P(STR, smtp_reply_filter) },
	{ P(TIME, smtp_rset_timeout) },
	{ P(STR, smtp_sasl_auth_cache_name) },
	{ P(TIME, smtp_sasl_auth_cache_time) },
	{ P(BOOL, smtp_sasl_auth_enable) },
	{ P(BOOL, smtp_sasl_auth_enforce) },
	{ P(BOOL, smtp_sasl_auth_soft_bounce) },
	{ P(STR, smtp_sasl_mechanism_filter) },
	{ P(STR, smtp_sasl_password_maps) },
	{ P(STR, smtp_sasl_password_result_delimiter) },
	{ P(STR, smtp_sasl_security_options) },
	{ P(STR, smtp_sasl_tls_security_options) },
	{ P(STR, smtp_sasl_tls_verified_security_options) },
	{ P(BOOL, smtp_send_dummy_mail_auth) },
	{ P(BOOL, smtp_send_xforward_command) },
	{ P(BOOL, smtp_sender_dependent_authentication) },
	{ P(BOOL, smtp_skip_5xx_greeting) },
	{ P(BOOL, smtp_skip_quit_response) },
	{ P(TIME, smtp_starttls_timeout) },
	{ P(STR, smtp_tcp_port) },
	{ P(STR, smtp_tls_CAfile) },
	{ P(STR, smtp_tls_CApath) },
	{ P(STR, smtp_tls_cert_file) },
	{ P(STR, smtp_tls_chain_files) },
	{ P(STR, smtp_tls_eccert_file) },
	{ P(STR, smtp_tls_eckey_file) },
	{ P(STR, smtp_tls_ciphers) },
	{ P(BOOL, smtp_tls_connection_reuse) },
	{ P(STR, smtp_tls_dane_insecure_mx_policy) },
	{ P(BOOL, smtp_tls_enforce_peername) },
	{ P(STR, smtp_tls_exclude_ciphers) },
	{ P(STR, smtp_tls_fingerprint_cert_match) },
	{ P(STR, smtp_tls_fingerprint_digest) },
	{ P(BOOL, smtp_tls_force_insecure_host_tlsa_lookup) },
	{ P(STR, smtp_tls_key_file) },
	{ P(INT, smtp_tls_loglevel) },
	{ P(STR, smtp_tls_mandatory_ciphers) },
	{ P(STR, smtp_tls_mandatory_exclude_ciphers) },
	{ P(STR, smtp_tls_mandatory_protocols) },
	{ P(BOOL, smtp_tls_note_starttls_offer) },
	{ P(STR, smtp_tls_policy_maps) },
	{ P(STR, smtp_tls_protocols) },
	{ P(INT, smtp_tls_scert_verifydepth) },
	{ P(STR, smtp_tls_secure_cert_match) },
	{ P(STR, smtp_tls_security_level) },
	{ P(STR, smtp_tls_servername) },
	{ P(STR, smtp_tls_trust_anchor_file) },
	{ P(STR, smtp_tls_verify_cert_match) },
	{ P(BOOL, smtp_tls_wrappermode) },
	{ P(BOOL, smtp_tlsrpt_enable) },
	{ P(BOOL, smtp_use_tls) },
	{ P(TIME, smtp_xforward_timeout) },
	{ P(BOOL, smtputf8_enable) },
	{ P(STR, srs_domain) },
	{ P(STR, tls_dane_digests) },
	{ P(STR, smtp_tls_session_cache_database) },
	{ P(TIME, smtp_tls_session_cache_timeout) },
	{ P(STR, tls_high_cipherlist) },
	{ P(STR, tls_medium_cipherlist) },
	{ P(STR, tls_ssl_options) },
	{ P(BOOL, tls_append_default_CA) },
	{ P(BOOL, tls_wildcard_matches_multiple_labels) },
	{ .name = NULL },
};

/* The system's authorities, as Debian keeps them. */
#define DEFAULT_CA "/etc/ssl/certs/ca-certificates.crt"

/* The name of a parameter for LMTP; NULL: it is the same one. */
static const char *
lmtp_name(struct arena *a, const char *name)
{
	static const char *const odd[][2] = {
		{ "smtp_helo_name", "lmtp_lhlo_name" },
		{ "smtp_helo_timeout", "lmtp_lhlo_timeout" },
		{ "smtp_discard_ehlo_keywords", "lmtp_discard_lhlo_keywords" },
		{ "smtp_discard_ehlo_keyword_address_maps",
		    "lmtp_discard_lhlo_keyword_address_maps" },
	};
	const struct param *p;
	const char *own;

	if (!span_starts(span_str(name), "smtp_"))
		return NULL;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		if (strcmp(name, odd[i][0]) == 0)
			return odd[i][1];
	own = arena_printf(a, "lmtp_%s", name + 5);
	p = param_find(span_str(own));
	return p == NULL ? NULL : p->name;
}

bool
smtp_conf_fill_lmtp(const struct main_cf *m, struct arena *a,
    struct smtp_conf *c, struct why *why)
{
	size_t n = 0;
	struct param *rows;

	while (smtp_params[n].name != NULL)
		n++;
	rows = arena_array(a, n + 1, sizeof(*rows));
	for (size_t i = 0; i < n; i++) {
		const char *own = lmtp_name(a, smtp_params[i].name);

		rows[i] = smtp_params[i];
		if (own != NULL)
			rows[i].name = own;
	}
	c->lmtp = true;
	return param_fill(rows, m, a, c, why);
}

/* Parameters with tables that lookup is asked for. */
static const char *const table_names[SMTP_TABLES][2] = {
	{ "smtp_body_checks", "lmtp_body_checks" },
	{ "smtp_delivery_status_filter", "lmtp_delivery_status_filter" },
	{ "smtp_discard_ehlo_keyword_address_maps",
	    "lmtp_discard_lhlo_keyword_address_maps" },
	{ "smtp_dns_reply_filter", "lmtp_dns_reply_filter" },
	{ "smtp_generic_maps", "lmtp_generic_maps" },
	{ "smtp_header_checks", "lmtp_header_checks" },
	{ "smtp_mime_header_checks", "lmtp_mime_header_checks" },
	{ "smtp_nested_header_checks", "lmtp_nested_header_checks" },
	{ "smtp_pix_workaround_maps", "lmtp_pix_workaround_maps" },
	{ "smtp_reply_filter", "lmtp_reply_filter" },
	{ "smtp_sasl_password_maps", "lmtp_sasl_password_maps" },
	{ "smtp_tls_policy_maps", "lmtp_tls_policy_maps" },
};

const char *
smtp_conf_name(const struct smtp_conf *c, const char *name)
{
	for (size_t i = 0; c->lmtp && i < SMTP_TABLES; i++)
		if (strcmp(name, table_names[i][0]) == 0)
			return table_names[i][1];
	return name;
}

const char *
smtp_conf_table(const struct smtp_conf *c, const char *name)
{
	for (size_t i = 0; i < SMTP_TABLES; i++)
		if (c->tables[i] != NULL &&
		    strcmp(name, table_names[i][0]) == 0)
			return c->tables[i];
	return smtp_conf_name(c, name);
}

void
smtp_conf_find_tables(
    const struct main_cf *m, struct arena *a, struct smtp_conf *c)
{
	for (size_t i = 0; i < SMTP_TABLES; i++)
		c->tables[i] = main_cf_table(m, a, table_names[i][c->lmtp]);
}

bool
smtp_tls_level(struct span word, enum tls_level *level)
{
	static const char *const names[] = { [LEVEL_NONE] = "none",
		[LEVEL_MAY] = "may",
		[LEVEL_ENCRYPT] = "encrypt",
		[LEVEL_VERIFY] = "verify",
		[LEVEL_SECURE] = "secure",
		[LEVEL_DANE] = "dane",
		[LEVEL_DANE_ONLY] = "dane-only",
		[LEVEL_FINGERPRINT] = "fingerprint" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] != NULL && span_iis(word, names[i])) {
			*level = (enum tls_level)i;
			return true;
		}
	return false;
}

bool
smtp_is_dane(enum tls_level level)
{
	return level == LEVEL_DANE || level == LEVEL_DANE_ONLY;
}

static bool
level_find(struct smtp_conf *c, struct why *why)
{
	const char *word = c->smtp_tls_security_level;

	if (word[0] == '\0')
		c->tls_level = !c->smtp_enforce_tls
		    ? (c->smtp_use_tls ? LEVEL_MAY : LEVEL_NONE)
		    : c->smtp_tls_enforce_peername ? LEVEL_VERIFY
						   : LEVEL_ENCRYPT;
	else if (!smtp_tls_level(span_str(word), &c->tls_level)) {
		why_set(why, "4.3.5",
		    "smtp_tls_security_level = %s: this build knows none, may, "
		    "encrypt, dane, dane-only, fingerprint, verify and secure",
		    word);
		return false;
	}
	return true;
}

/* A digest is known by its length: sha256 or sha512. */
static bool
digest_known(const struct smtp_conf *c, struct why *why)
{
	struct span name = span_str(c->smtp_tls_fingerprint_digest);

	if (span_iis(name, "sha256") || span_iis(name, "sha512"))
		return true;
	why_set(why, "4.3.5",
	    "smtp_tls_fingerprint_digest = %.*s: this build knows sha256 and "
	    "sha512",
	    (int)name.n, name.p);
	return false;
}

static bool
dane_ranks(struct smtp_conf *c, struct why *why)
{
	struct span list = span_str(c->tls_dane_digests), word;
	unsigned rank = 0;

	while (span_word(&list, ",: \t\r\n", &word)) {
		unsigned type = span_iis(word, "sha256") ? 1
		    : span_iis(word, "sha512")           ? 2
							 : 0;

		if (type == 0) {
			why_set(why, "4.3.5",
			    "tls_dane_digests = %s: this build knows sha256 "
			    "and sha512",
			    c->tls_dane_digests);
			return false;
		}
		if (c->dane_rank[type] == 0)
			c->dane_rank[type] = ++rank;
	}
	return true;
}

/* Words that would else mean the same as the default. */
static bool
words_known(const struct smtp_conf *c, struct why *why)
{
	static const struct {
		const char *name;
		size_t where;
		const char *words;
	} rows[] = {
		{ "smtp_address_preference",
		    offsetof(struct smtp_conf, smtp_address_preference),
		    "any ipv4 ipv6" },
		{ "smtp_protocol", offsetof(struct smtp_conf, smtp_protocol),
		    "smtp lmtp" },
		{ "smtp_tls_dane_insecure_mx_policy",
		    offsetof(
			struct smtp_conf, smtp_tls_dane_insecure_mx_policy),
		    "dane encrypt may" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *value =
		    *(const char *const *)(const void *)((const char *)c +
			rows[i].where);
		struct span list = span_str(rows[i].words), word;
		bool known = false;

		while (span_word(&list, " ", &word))
			known |= span_iis(word, value);
		if (!known) {
			why_set(why, "4.3.5", "%s = %s: none of %s",
			    rows[i].name, value, rows[i].words);
			return false;
		}
	}
	return true;
}

bool
smtp_conf_has_key(const struct smtp_conf *c)
{
	return c->smtp_tls_cert_file[0] != '\0' ||
	    c->smtp_tls_eccert_file[0] != '\0' ||
	    c->smtp_tls_chain_files[0] != '\0';
}

static struct tls_context *
context_make(const struct smtp_conf *c, bool must, bool sts,
    const struct tls_signer *signer, struct why *why)
{
	struct tls_client_conf t = {
		.protocols = must ? c->smtp_tls_mandatory_protocols
				  : c->smtp_tls_protocols,
		.ciphers =
		    must ? c->smtp_tls_mandatory_ciphers : c->smtp_tls_ciphers,
		.exclude_ciphers = must ? c->smtp_tls_mandatory_exclude_ciphers
					: c->smtp_tls_exclude_ciphers,
		.ca_file = sts ? c->mta_sts_CAfile : c->smtp_tls_CAfile,
		.ca_path = sts ? "" : c->smtp_tls_CApath,
		.tuning = { c->tls_high_cipherlist, c->tls_medium_cipherlist,
		    c->tls_ssl_options },
		.resume_s = c->smtp_tls_session_cache_database[0] != '\0'
		    ? c->smtp_tls_session_cache_timeout
		    : 0,
		.verify_depth = c->smtp_tls_scert_verifydepth,
		.more_ca_file =
		    c->tls_append_default_CA && !sts ? DEFAULT_CA : "",
		.own = { { c->smtp_tls_cert_file, c->smtp_tls_key_file },
		    { c->smtp_tls_eccert_file, c->smtp_tls_eckey_file } },
		.chain_files = c->smtp_tls_chain_files,
	};

	return tls_client_new(&t, signer, why);
}

static bool
contexts_make(
    struct smtp_conf *c, const struct tls_signer *signer, struct why *why)
{
	/* a policy table may ask for TLS where the default does not */
	if (c->smtp_mta_sts_enable) {
		c->sts_may = context_make(c, false, true, signer, why);
		c->sts_must = context_make(c, true, true, signer, why);
		if (c->sts_may == NULL || c->sts_must == NULL)
			return false;
	}
	if (c->tls_level == LEVEL_NONE && c->smtp_tls_policy_maps[0] == '\0')
		return true;
	c->tls_may = context_make(c, false, false, signer, why);
	c->tls_must = context_make(c, true, false, signer, why);
	return c->tls_may != NULL && c->tls_must != NULL;
}

static void
own_add(struct smtp_conf *c, const struct address *a)
{
	if (c->own_count < OWN_ADDRESSES_MAX)
		c->own[c->own_count++] = *a;
}

/* Bytes of an interface's address as an address. */
static void
own_add_network(struct smtp_conf *c, const struct network *n)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct address a;

	if (n->family == AF_INET) {
		memcpy(&in.sin_addr, n->address, 4);
		address_from(&a, (struct sockaddr *)&in, sizeof(in));
	} else {
		memcpy(&in6.sin6_addr, n->address, 16);
		address_from(&a, (struct sockaddr *)&in6, sizeof(in6));
	}
	own_add(c, &a);
}

static void
own_find(struct smtp_conf *c)
{
	struct network rows[OWN_ADDRESSES_MAX];
	size_t n = networks_of_machine(rows, OWN_ADDRESSES_MAX);
	struct span list = span_str(c->proxy_interfaces), word;
	struct address a;

	n = networks_select(
	    rows, n, span_str(c->inet_interfaces), span_str(c->inet_protocols));
	for (size_t i = 0; i < n; i++)
		own_add_network(c, &rows[i]);
	while (span_word(&list, ", \t\r\n", &word))
		if (address_parse(word, 0, &a))
			own_add(c, &a);
}

static bool
bind_find(const char *text, int family, struct address *a, struct why *why)
{
	bool good =
	    address_parse(span_str(text), 0, a) && address_family(a) == family;

	if (!good)
		why_set(why, "4.3.5",
		    "smtp_bind_address%s = %s: not such an "
		    "address",
		    family == AF_INET ? "" : "6", text);
	return good;
}

static bool
protocols_find(struct smtp_conf *c, struct why *why)
{
	struct span list = span_str(c->inet_protocols), word;

	while (span_word(&list, ", \t\r\n", &word)) {
		c->ipv4 |= span_iis(word, "ipv4") || span_iis(word, "all");
		c->ipv6 |= span_iis(word, "ipv6") || span_iis(word, "all");
	}
	if (!c->ipv4 && !c->ipv6)
		why_set(why, "4.3.5", "inet_protocols = %s: none of ipv4, ipv6",
		    c->inet_protocols);
	return c->ipv4 || c->ipv6;
}

/* "dns", "native", or both in their order. Where the DNS is not asked for mail
 * servers, hosts are those of this machine. */
static bool
hosts_find(struct smtp_conf *c, struct why *why)
{
	struct span list = span_str(c->smtp_host_lookup), word;
	bool dns = false, native = false;

	c->hosts = c->mx_lookups ? DNS_HOSTS_NEVER : DNS_HOSTS_FIRST;
	while (span_word(&list, ", \t\r\n", &word)) {
		if (span_iis(word, "native")) {
			c->hosts = dns ? DNS_HOSTS_LAST : DNS_HOSTS_FIRST;
			native = true;
		} else if (span_iis(word, "dns")) {
			dns = true;
		} else {
			why_set(why, "4.3.5",
			    "smtp_host_lookup = %s: neither dns nor native",
			    c->smtp_host_lookup);
			return false;
		}
	}
	if (!dns && !native)
		why_set(why, "4.3.5", "smtp_host_lookup is empty");
	return dns || native;
}

static bool
lists_find(struct smtp_conf *c, struct why *why)
{
	const char *const lists[] = { c->smtp_sasl_security_options,
		c->smtp_sasl_tls_security_options,
		c->smtp_sasl_tls_verified_security_options };
	struct span filter = span_str(c->smtp_sasl_mechanism_filter), bad;

	for (size_t i = 0; i < 3; i++)
		if (!sasl_security_parse(
			span_str(lists[i]), &c->sasl_barred[i], &bad)) {
			why_set(why, "4.3.5",
			    "%.4s_sasl_security_options: \"%.*s\" is none of "
			    "noplaintext, noactive, nodictionary, "
			    "noanonymous, forward_secrecy, mutual_auth",
			    c->lmtp ? "lmtp" : "smtp", (int)bad.n, bad.p);
			return false;
		}
	if (strlen(c->smtp_sasl_password_result_delimiter) == 0) {
		why_set(why, "4.3.5",
		    "smtp_sasl_password_result_delimiter is empty");
		return false;
	}
	c->pool = map_pool_new(c->default_database_type, false);
	if (span_trim(filter).n > 0)
		c->sasl_filter = match_list_new(c->pool,
		    "smtp_sasl_mechanism_filter", filter, MATCH_STRINGS, false);
	if (c->smtp_connection_cache_destinations[0] != '\0')
		c->cached = match_list_new(c->pool,
		    "smtp_connection_cache_destinations",
		    span_str(c->smtp_connection_cache_destinations),
		    MATCH_STRINGS, false);
	if (c->debug_peer_level > 0 && *c->debug_peer_list != '\0')
		c->debug_peers = match_list_new(c->pool, "debug_peer_list",
		    span_str(c->debug_peer_list), MATCH_HOSTS, true);
	return true;
}

static bool
pix_find(struct smtp_conf *c, struct why *why)
{
	if (quirks_pix(span_str(c->smtp_pix_workarounds), &c->pix))
		return true;
	why_set(why, "4.3.5",
	    "smtp_pix_workarounds = %s: this build knows disable_esmtp and "
	    "delay_dotcrlf",
	    c->smtp_pix_workarounds);
	return false;
}

void
smtp_conf_done(struct smtp_conf *c)
{
	if (c->sasl_filter != NULL)
		match_list_free(&c->sasl_filter);
	if (c->debug_peers != NULL)
		match_list_free(&c->debug_peers);
	if (c->cached != NULL)
		match_list_free(&c->cached);
	anchors_free(&c->anchors);
	if (c->pool != NULL)
		map_pool_free(&c->pool);
	tls_context_free(&c->tls_may);
	tls_context_free(&c->tls_must);
	tls_context_free(&c->sts_may);
	tls_context_free(&c->sts_must);
}

bool
smtp_conf_complete(
    struct smtp_conf *c, const struct tls_signer *signer, struct why *why)
{
	c->mx_lookups = !c->disable_dns_lookups &&
	    !span_iis(span_str(c->smtp_dns_support_level), "disabled");
	if (!hosts_find(c, why) || !protocols_find(c, why) ||
	    !level_find(c, why) || !digest_known(c, why) ||
	    !dane_ranks(c, why) || !words_known(c, why) || !pix_find(c, why) ||
	    !lists_find(c, why) || (c->anchors = anchors_new(c, why)) == NULL ||
	    !contexts_make(c, signer, why))
		return false;
	c->dnssec = span_iis(span_str(c->smtp_dns_support_level), "dnssec") ||
	    smtp_is_dane(c->tls_level);
	own_find(c);
	c->bind4 = c->smtp_bind_address[0] != '\0';
	c->bind6 = c->smtp_bind_address6[0] != '\0';
	return (!c->bind4 ||
		   bind_find(c->smtp_bind_address, AF_INET, &c->bind4_address,
		       why)) &&
	    (!c->bind6 ||
		bind_find(
		    c->smtp_bind_address6, AF_INET6, &c->bind6_address, why));
}
