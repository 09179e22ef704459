/*
 * roles.c - who may ask for what
 *
 * A process that was taken over can read what its role may ask, and nothing
 * else: passwords for other servers are for the SMTP client alone.
 */

#include "lookup/roles.h"

#include "maps/map.h"

enum { PLAIN = MAP_FOLD, NO_SUB = MAP_FOLD | MAP_NO_SUBSTITUTION };

static const struct role_map smtpd_maps[] = {
	{ "smtpd_sender_login_maps", PLAIN },
	{ "canonical_maps", PLAIN },
	{ "sender_canonical_maps", PLAIN },
	{ "recipient_canonical_maps", PLAIN },
	{ "sender_bcc_maps", PLAIN },
	{ "recipient_bcc_maps", PLAIN },
	{ "header_checks", PLAIN },
	{ "mime_header_checks", PLAIN },
	{ "nested_header_checks", PLAIN },
	{ "body_checks", PLAIN },
	{ "milter_header_checks", PLAIN },
	{ "rbl_reply_maps", PLAIN },
	{ "smtpd_milter_maps", PLAIN },
	{ "smtpd_discard_ehlo_keyword_address_maps", PLAIN },
	{ "smtpd_reject_footer_maps", PLAIN },
	{ "smtpd_dns_reply_filter", PLAIN },
	{ "smtpd_command_filter", PLAIN },
	{ "smtpd_greylist_maps", PLAIN },
	{ "pop_before_smtp_maps", PLAIN },
	{ "relay_clientcerts", PLAIN },
	{ NULL, 0 },
};

static const struct role_map smtp_maps[] = {
	{ "smtp_tls_policy_maps", PLAIN },
	{ "smtp_sasl_password_maps", PLAIN },
	{ "smtp_generic_maps", PLAIN },
	{ "smtp_delivery_status_filter", PLAIN },
	{ "lmtp_delivery_status_filter", PLAIN },
	{ "smtp_header_checks", PLAIN },
	{ "smtp_mime_header_checks", PLAIN },
	{ "smtp_nested_header_checks", PLAIN },
	{ "smtp_body_checks", PLAIN },
	{ "smtp_discard_ehlo_keyword_address_maps", PLAIN },
	{ "smtp_dns_reply_filter", PLAIN },
	{ "smtp_pix_workaround_maps", PLAIN },
	{ "smtp_reply_filter", PLAIN },
	{ "lmtp_discard_lhlo_keyword_address_maps", PLAIN },
	{ "lmtp_dns_reply_filter", PLAIN },
	{ "lmtp_pix_workaround_maps", PLAIN },
	{ "lmtp_reply_filter", PLAIN },
	{ "lmtp_tls_policy_maps", PLAIN },
	{ "lmtp_sasl_password_maps", PLAIN },
	{ "lmtp_generic_maps", PLAIN },
	{ "lmtp_header_checks", PLAIN },
	{ "lmtp_mime_header_checks", PLAIN },
	{ "lmtp_nested_header_checks", PLAIN },
	{ "lmtp_body_checks", PLAIN },
	{ NULL, 0 },
};

static const struct role_map qmgr_maps[] = {
	{ "default_delivery_status_filter", PLAIN },
	{ NULL, 0 },
};

static const struct role_map no_maps[] = {
	{ NULL, 0 },
};

static const struct role_map pickup_maps[] = {
	{ "canonical_maps", PLAIN },
	{ "sender_canonical_maps", PLAIN },
	{ "recipient_canonical_maps", PLAIN },
	{ "sender_bcc_maps", PLAIN },
	{ "recipient_bcc_maps", PLAIN },
	{ "header_checks", PLAIN },
	{ "mime_header_checks", PLAIN },
	{ "nested_header_checks", PLAIN },
	{ "body_checks", PLAIN },
	{ "local_login_sender_maps", PLAIN },
	{ NULL, 0 },
};

/* What a stranger's address chooses there is a path, a uid, a command. */
static const struct role_map deliver_maps[] = {
	{ "virtual_mailbox_maps", NO_SUB },
	{ "virtual_uid_maps", NO_SUB },
	{ "virtual_gid_maps", NO_SUB },
	{ "mailbox_command_maps", NO_SUB },
	{ "local_delivery_status_filter", PLAIN },
	{ "virtual_delivery_status_filter", PLAIN },
	{ "pipe_delivery_status_filter", PLAIN },
	{ NULL, 0 },
};

/* A login, told to those who share them; and the passwords of users and of
 * other hosts, which nobody else may see. A name that a stranger gives must not
 * choose the host. */
static const struct role_map auth_maps[] = {
	{ "auth_user_maps", NO_SUB },
	{ "pop_before_smtp_maps", PLAIN },
	{ "imap_proxy_maps", NO_SUB },
	{ "pop3_proxy_maps", NO_SUB },
	{ "sieve_proxy_maps", NO_SUB },
	{ NULL, 0 },
};

static const struct role roles[] = {
	{ "smtpd", true, true, smtpd_maps },
	{ "smtp", false, false, smtp_maps },
	{ "lmtp", false, false, smtp_maps },
	{ "qmgr", true, false, qmgr_maps },
	{ "pickup", true, false, pickup_maps },
	{ "bounce", true, false, no_maps },
	{ "deliver", false, false, deliver_maps },
	{ "auth", false, false, auth_maps },
};

enum { ROLES = sizeof(roles) / sizeof(roles[0]) };

const struct role *
role_at(size_t i)
{
	return i < ROLES ? &roles[i] : NULL;
}

const struct role *
role_find(const char *label)
{
	for (size_t i = 0; i < ROLES; i++)
		if (span_is(span_str(label), roles[i].label))
			return &roles[i];
	return NULL;
}
