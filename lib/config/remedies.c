/*
 * remedies.c - what to set in place of a parameter of Postfix that has no
 * effect here
 *
 * Sorted by name. postscreen is a part of smtpd here, so its own settings for
 * the conversation are those of smtpd's session.
 */

#include "config/remedies.h"

#include <stdlib.h>

#define ROW_OF_ADDRESS \
	"see postscreen_access_list, set by -o in the row of master.cf for " \
	"that address"
#define REMEMBERED "smtpd remembers clients itself: see postscreen_greet_ttl"

static const struct remedy {
	const char *name, *words;
} remedies[] = {
	{ "lmtp_tls_per_site", "see lmtp_tls_policy_maps" },
	{ "postscreen_allowlist_interfaces", ROW_OF_ADDRESS },
	{ "postscreen_cache_cleanup_interval", REMEMBERED },
	{ "postscreen_cache_map", REMEMBERED },
	{ "postscreen_cache_retention_time", REMEMBERED },
	{ "postscreen_client_connection_count_limit",
	    "see smtpd_client_connection_count_limit" },
	{ "postscreen_command_count_limit", "see smtpd_junk_command_limit" },
	{ "postscreen_command_filter", "see smtpd_command_filter" },
	{ "postscreen_command_time_limit", "see smtpd_timeout" },
	{ "postscreen_disable_vrfy_command", "see disable_vrfy_command" },
	{ "postscreen_discard_ehlo_keyword_address_maps",
	    "see smtpd_discard_ehlo_keyword_address_maps" },
	{ "postscreen_discard_ehlo_keywords",
	    "see smtpd_discard_ehlo_keywords" },
	{ "postscreen_dnsbl_max_ttl",
	    "lists are asked anew, by the time that their answers hold" },
	{ "postscreen_dnsbl_min_ttl",
	    "lists are asked anew, by the time that their answers hold" },
	{ "postscreen_enforce_tls", "see smtpd_tls_security_level" },
	{ "postscreen_expansion_filter", "see smtpd_reject_footer" },
	{ "postscreen_forbidden_commands", "see smtpd_forbidden_commands" },
	{ "postscreen_helo_required", "see smtpd_helo_required" },
	{ "postscreen_post_queue_limit",
	    "see smtpd_client_connection_count_limit" },
	{ "postscreen_pre_queue_limit",
	    "see smtpd_client_connection_count_limit" },
	{ "postscreen_reject_footer", "see smtpd_reject_footer" },
	{ "postscreen_reject_footer_maps", "see smtpd_reject_footer_maps" },
	{ "postscreen_tls_security_level", "see smtpd_tls_security_level" },
	{ "postscreen_upstream_proxy_protocol",
	    "see smtpd_upstream_proxy_protocol" },
	{ "postscreen_upstream_proxy_timeout",
	    "see smtpd_upstream_proxy_timeout" },
	{ "postscreen_use_tls", "see smtpd_tls_security_level" },
	{ "postscreen_whitelist_interfaces", ROW_OF_ADDRESS },
	{ "smtp_tls_per_site",
	    "mail goes as if it were not there; see smtp_tls_policy_maps" },
	{ "tlsproxy_client_per_site", "see smtp_tls_policy_maps" },
};

static int
compare(const void *key, const void *row)
{
	const struct span *name = key;
	const struct remedy *r = row;

	return span_cmp(*name, span_str(r->name));
}

const char *
remedy_for(struct span name)
{
	const struct remedy *r =
	    bsearch(&name, remedies, sizeof(remedies) / sizeof(remedies[0]),
		sizeof(remedies[0]), compare);

	return r == NULL ? NULL : r->words;
}
