/* test_params.c - parameters of smtpd, each with a session that is another one
 * without it */

#include "smtpd/conf.h"

#include <stdio.h>

#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG    HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
#define FIELD   "X: " LONG HUNDRED HUNDRED HUNDRED

static const struct world_row tables[] = {
	{ "hash:/t no.test", "REJECT" },
	{ "hash:/t later.test", "DEFER" },
	{ "hash:/t nobody", "REJECT no bounces" },
	{ "hash:/t user@here.test", "REJECT by table" },
	{ "regexp:/p X: first", "PASS known" },
	{ "regexp:/p Subject: no", "REJECT never" },
	{ "regexp:/p no", "REJECT never" },
	{ "regexp:/n Subject: nested", "REJECT inside" },
	{ "regexp:/m X: inside", "REJECT a part" },
	{ "smtpd_command_filter FOO bar", "NOOP" },
	{ "smtpd_command_filter RCPT TO:user@here.test",
	    "RCPT TO:<user@here.test>" },
	{ "smtpd_command_filter PANIC", "(trouble)" },
	{ "smtpd_command_filter AUTH PLAIN AHVzZXIAcGFzcw==", "QUIT" },
	{ "smtpd_dns_reply_filter mxonly.test. 60 IN MX 10 mx.client.test.",
	    "IGNORE" },
	{ "regexp:/b " LONG, "REJECT seen whole" },
	{ "regexp:/l " FIELD, "REJECT seen whole" },
	{ NULL, NULL },
};

static const struct world_row names[] = {
	{ "PTR 9.2.0.192.in-addr.arpa", "client.test" },
	{ "A client.test", "192.0.2.9" },
	{ "MX mxonly.test", "mx.client.test" },
	{ "MX slow.test", "(trouble)" },
	{ "A slow.test", "(trouble)" },
	{ "AAAA slow.test", "(trouble)" },
	{ NULL, NULL },
};

#define HELLO   "> HELO x.test\n< 250\n"
#define MAIL    "> MAIL FROM:<a@b.test>\n< 250\n"
#define FROM(x) "> MAIL FROM:<" x ">\n< 250\n"
#define RCPT    "> RCPT TO:<user@here.test>\n"
#define TO(x)   "> RCPT TO:<" x ">\n"
#define OKAY    "< 250 2.1.5\n"
#define SENT    "> RSET\n< 250\n"
#define PIPED   "> HELO x\n> MAIL FROM:<a@b.test>\n" RCPT "< 250\n< 250\n"
#define PASSED  HELLO MAIL RCPT OKAY "@ 192.0.2.9\n"
#define WATCH(x) \
	"smtpd_peername_lookup = no\npostscreen_" x "_enable = yes\n" \
	"smtpd_forbid_unauth_pipelining = no\n"
#define TWELVE \
	"> Content-Type: multipart/mixed; boundary=a\n> \n> --a\n" \
	"> Content-Type: multipart/mixed; boundary=b\n> \n> --b\n" \
	"> X: inside\n> \n> --b--\n> --a--\n> .\n"
#define AAAA "AAAAAAAAAAAAAAAAAAAAAAAAA"
#define DATA "> DATA\n< 354\n"

static const struct world_session rows[] = {
	{ "mail_name = Other\n", "192.0.2.9",
	    "< 220 mail.here.test ESMTP Other\n", NULL },
	{ "smtpd_banner = $myhostname ESMTP $mail_name no spam\n", "192.0.2.9",
	    "< 220 mail.here.test ESMTP Facteur no spam\n", NULL },
	{ "broken_sasl_auth_clients = yes\n"
	  "smtpd_discard_ehlo_keywords = pipelining, size, vrfy, etrn, dsn, "
	  "8bitmime, enhancedstatuscodes, smtputf8, chunking, limits, xverp\n",
	    "127.0.0.1",
	    "> EHLO x\n< 250-mail.here.test\n< 250-AUTH PLAIN LOGIN\n"
	    "< 250 AUTH=PLAIN LOGIN\n",
	    NULL },
	{ "strict_rfc821_envelopes = yes\n", "192.0.2.9",
	    HELLO "> MAIL FROM: <a@b.test>\n< 501 5.1.7\n"
		  "> MAIL FROM:a@b.test\n< 501 5.1.7\n" MAIL
		  "> RCPT TO:user@here.test\n< 501 5.1.3\n" RCPT OKAY,
	    NULL },
	{ "", "192.0.2.9",
	    HELLO "> MAIL FROM:<a@>\n< 501 5.1.7\n" MAIL
		  "> RCPT TO:<user@>\n< 501 5.1.3\n",
	    NULL },
	{ "resolve_null_domain = yes\n", "192.0.2.9",
	    HELLO "> MAIL FROM:<@>\n< 501 5.1.7\n"
		  "> MAIL FROM:<a b@>\n< 501 5.1.7\n> MAIL FROM:<a@>\n< 250\n"
		  "> RCPT TO:<user@>\n< 554 5.7.1 <user@>\n",
	    NULL },
	{ "resolve_null_domain = yes\nstrict_rfc821_envelopes = yes\n",
	    "192.0.2.9", HELLO MAIL "> RCPT TO:<user@>\n< 501 5.1.3\n", NULL },
	{ "smtpd_forbidden_commands = NONSENSE regexp:{{/^X/ bad}}\n",
	    "192.0.2.9", HELLO "> NONSENSE\n< 221 2.7.0\n",
	    "non-SMTP command from" },
	{ "", "192.0.2.9",
	    HELLO "> MAIL FROM:<-a@b.test>\n< 501 5.1.7\n"
		  "> MAIL FROM:<\"-a\"@b.test>\n< 501 5.1.7\n" MAIL
		  "> RCPT TO:<-user@here.test>\n< 501 5.1.3\n",
	    NULL },
	{ "allow_min_user = yes\n", "192.0.2.9",
	    HELLO "> MAIL FROM:<-a@b.test>\n< 250\n", NULL },
	{ "smtpd_noop_commands = XSTATS VRFY\n", "192.0.2.9",
	    "> XSTATS now\n< 250 2.0.0 Ok\n> VRFY\n< 250 2.0.0 Ok\n> XOTHER\n< "
	    "500 5.5.2\n",
	    NULL },
	{ "smtpd_client_port_logging = yes\n", "192.0.2.9", HELLO,
	    "connect from client.test[192.0.2.9]:" },
	/* codes */
	{ "smtpd_sender_restrictions = check_sender_access hash:/t\n"
	  "access_map_reject_code = 553\naccess_map_defer_code = 452\n",
	    "192.0.2.9",
	    HELLO FROM("a@no.test") RCPT
	    "< 553 5.7.1\n" SENT FROM("a@later.test") RCPT "< 452 4.7.1\n",
	    NULL },
	{ "smtpd_sender_restrictions = reject\nreject_code = 550\n",
	    "192.0.2.9", HELLO MAIL RCPT "< 550 5.7.1\n", NULL },
	{ "smtpd_sender_restrictions = defer\ndefer_code = 451\n", "192.0.2.9",
	    HELLO MAIL RCPT "< 451 4.3.2\n", NULL },
	{ "smtpd_helo_restrictions = reject_invalid_helo_hostname\n"
	  "invalid_hostname_reject_code = 550\n",
	    "192.0.2.9", "> HELO a..b\n< 250\n" MAIL RCPT "< 550 5.5.2\n",
	    NULL },
	{ "smtpd_helo_restrictions = reject_non_fqdn_helo_hostname\n"
	  "non_fqdn_reject_code = 550\n",
	    "192.0.2.9", "> HELO x\n< 250\n" MAIL RCPT "< 550 5.5.2\n", NULL },
	{ "smtpd_client_restrictions = reject_unknown_client_hostname\n"
	  "unknown_client_reject_code = 550\n",
	    "192.0.2.11", HELLO MAIL RCPT "< 550 5.7.25\n", NULL },
	{ "smtpd_helo_restrictions = reject_unknown_helo_hostname\n"
	  "unknown_hostname_reject_code = 550\n",
	    "192.0.2.9", HELLO MAIL RCPT "< 550 5.7.1\n", NULL },
	{ "smtpd_sender_restrictions = reject_unknown_sender_domain\n"
	  "unknown_address_reject_code = 550\n",
	    "192.0.2.9", HELLO FROM("a@absent.test") RCPT "< 550 5.1.8\n",
	    NULL },
	{ "smtpd_client_restrictions = reject_plaintext_session\n"
	  "plaintext_reject_code = 554\n",
	    "192.0.2.9", HELLO MAIL RCPT "< 554 5.7.1\n", NULL },
	{ "smtpd_data_restrictions = reject_multi_recipient_bounce\n"
	  "multi_recipient_bounce_reject_code = 554\n",
	    "192.0.2.9",
	    HELLO FROM("") RCPT OKAY RCPT OKAY "> DATA\n< 554 5.5.3\n", NULL },
	{ "relay_domains_reject_code = 551\n", "192.0.2.9",
	    HELLO MAIL TO("x@elsewhere.test") "< 551 5.7.1\n", NULL },
	{ "unknown_virtual_alias_reject_code = 450\n", "192.0.2.9",
	    HELLO MAIL TO("x@virtual.test") "< 450 4.1.1\n", NULL },
	{ "unknown_relay_recipient_reject_code = 450\n", "192.0.2.9",
	    HELLO MAIL TO("nobody@relay.test") "< 450 4.1.1\n", NULL },
	{ "unknown_virtual_mailbox_reject_code = 450\n", "192.0.2.9",
	    HELLO MAIL TO("x@boxes.test") "< 450 4.1.1\n", NULL },
	{ "", "192.0.2.9",
	    HELLO MAIL TO("nobody@relay.test") "< 550 5.1.1\n" TO(
		"x@boxes.test") "< 550 5.1.1\n",
	    NULL },
	/* what cannot be told just now */
	{ "smtpd_helo_restrictions = reject_unknown_helo_hostname\n"
	  "unknown_helo_hostname_tempfail_action = defer\n",
	    "192.0.2.9",
	    "> HELO slow.test\n< 250\n" MAIL RCPT
	    "< 450 4.7.1\n" TO("x@elsewhere.test") "< 450 4.7.1\n",
	    NULL },
	{ "smtpd_helo_restrictions = reject_unknown_helo_hostname\n",
	    "192.0.2.9",
	    "> HELO slow.test\n< 250\n" MAIL TO(
		"x@elsewhere.test") "< 554 5.7.1\n",
	    NULL },
	{ "smtpd_command_filter = pcre:/x\nstrict_rfc821_envelopes = yes\n",
	    "192.0.2.9",
	    "> FOO bar\n< 250 2.0.0 Ok\n> BAR\n< 500 5.5.2\n" HELLO MAIL
	    "> RCPT TO:user@here.test\n< 250 2.1.5\n> PANIC\n"
	    "< 451 4.3.0\n> AUTH PLAIN AHVzZXIAcGFzcw==\n< 503 5.5.1\n",
	    "smtpd_command_filter: lookup error" },
	{ "smtpd_log_access_permit_actions = permit, permit_mynetworks\n"
	  "smtpd_client_restrictions = permit_mynetworks, reject\n",
	    "127.0.0.1", HELLO MAIL RCPT OKAY,
	    "NOQUEUE: permit: RCPT from localhost[127.0.0.1]: "
	    "action=permit_mynetworks; from=<a@b.test> to=<user@here.test>" },
	{ "smtpd_log_access_permit_actions = static:all\n"
	  "smtpd_sender_restrictions = permit\n",
	    "192.0.2.9", HELLO MAIL RCPT OKAY,
	    "permit: RCPT from client.test[192.0.2.9]: action=permit; " },
	{ "smtpd_sender_restrictions = reject_unknown_sender_domain\n",
	    "192.0.2.9", HELLO FROM("a@mxonly.test") RCPT OKAY, NULL },
	{ "smtpd_sender_restrictions = reject_unknown_sender_domain\n"
	  "smtpd_dns_reply_filter = pcre:/x\n",
	    "192.0.2.9", HELLO FROM("a@mxonly.test") RCPT "< 450 4.1.8\n",
	    "ignoring DNS RR: mxonly.test. 60 IN MX 10 mx.client.test." },
	/* the queue file */
	{ "smtpd_delay_open_until_valid_rcpt = no\n", "192.0.2.9",
	    HELLO MAIL TO(
		"x@elsewhere.test") "< 554 5.7.1\n" SENT MAIL RCPT OKAY DATA
				    "> .\n< 250 2.0.0 Ok: queued as ABC2\n",
	    ": ABC1: reject: RCPT from client.test[192.0.2.9]: 554 5.7.1" },
	{ "", "192.0.2.9",
	    HELLO MAIL TO(
		"x@elsewhere.test") "< 554 5.7.1\n" SENT MAIL RCPT OKAY DATA
				    "> .\n< 250 2.0.0 Ok: queued as ABC1\n",
	    ": NOQUEUE: reject: RCPT from client.test[192.0.2.9]: 554 5.7.1" },
	/* tables */
	{ "smtpd_sender_restrictions = check_sender_access hash:/t\n"
	  "smtpd_null_access_lookup_key = nobody\n",
	    "192.0.2.9", HELLO FROM("") RCPT "< 554 5.7.1 <>: Sender\n", NULL },
	{ "smtpd_relay_before_recipient_restrictions = no\n"
	  "smtpd_recipient_restrictions = reject\n",
	    "192.0.2.9",
	    HELLO MAIL TO("x@elsewhere.test") "< 554 5.7.1 <x@elsewhere.test>: "
					      "Recipient address rejected\n",
	    NULL },
	{ "smtpd_relay_before_recipient_restrictions = yes\n"
	  "smtpd_recipient_restrictions = reject\n",
	    "192.0.2.9",
	    HELLO MAIL TO("x@elsewhere.test") "< 554 5.7.1 <x@elsewhere.test>: "
					      "Relay access denied\n",
	    NULL },
	/* rates */
	{ "smtpd_client_message_rate_limit = 1\n"
	  "smtpd_client_event_limit_exceptions =\n",
	    "192.0.2.9",
	    HELLO MAIL SENT "> MAIL FROM:<a@b.test>\n< 450 4.7.1 Error: too "
			    "much mail from 192.0.2.9\n",
	    "Message delivery request rate limit exceeded: 2 from" },
	{ "smtpd_client_message_rate_limit = 1\n"
	  "smtpd_client_event_limit_exceptions = 192.0.2.0/24\n",
	    "192.0.2.9", HELLO MAIL SENT MAIL, NULL },
	{ "smtpd_client_connection_rate_limit = 1\n"
	  "smtpd_client_event_limit_exceptions =\n",
	    "192.0.2.9", "> NOOP\n< 250\n@ 192.0.2.9\n> NOOP\n",
	    "Connection rate limit exceeded: 2 from unknown[192.0.2.9]" },
	{ "smtpd_client_connection_rate_limit = 2\n", "192.0.2.9",
	    "> NOOP\n< 250\n@ 192.0.2.9\n> NOOP\n< 250\n@ 192.0.2.10\n"
	    "> NOOP\n< 250\n",
	    NULL },
	{ "smtpd_client_recipient_rate_limit = 1\n", "192.0.2.9",
	    HELLO MAIL RCPT OKAY RCPT "< 450 4.7.1 Error: too many "
				      "recipients from 192.0.2.9\n",
	    "Recipient address rate limit exceeded: 2 from" },
	{ "smtpd_client_auth_rate_limit = 1\n"
	  "smtpd_client_event_limit_exceptions =\n",
	    "127.0.0.1",
	    "> EHLO x\n<+ 250\n> AUTH PLAIN AHVzZXIAd3Jvbmc=\n< 535\n"
	    "> AUTH PLAIN AHVzZXIAd3Jvbmc=\n< 450 4.7.1 Error: too many "
	    "AUTH commands from 127.0.0.1\n",
	    NULL },
	{ "smtpd_client_message_rate_limit = 1\nanvil_rate_time_unit = 1s\n",
	    "192.0.2.9",
	    HELLO MAIL SENT "> MAIL FROM:<a@b.test>\n< 450\n~ 1001\n" MAIL,
	    NULL },
	{ "smtpd_client_message_rate_limit = 1\n", "2001:db8:0:1::1",
	    HELLO MAIL
	    "@ 2001:db8:0:1::2\n" HELLO
	    "> MAIL FROM:<a@b.test>\n< 450\n@ 2001:db8:0:2::1\n" HELLO MAIL,
	    NULL },
	{ "smtpd_client_message_rate_limit = 1\n"
	  "smtpd_client_ipv6_prefix_length = 128\n",
	    "2001:db8:0:1::1", HELLO MAIL "@ 2001:db8:0:1::2\n" HELLO MAIL,
	    NULL },
	{ "smtpd_client_message_rate_limit = 1\n"
	  "smtpd_client_ipv6_prefix_length = 48\n",
	    "2001:db8:0:1::1",
	    HELLO MAIL "@ 2001:db8:0:2::1\n" HELLO
		       "> MAIL FROM:<a@b.test>\n< 450\n",
	    NULL },
	{ "smtpd_sasl_response_limit = 100\n", "127.0.0.1",
	    "> EHLO x\n<+ 250\n> AUTH PLAIN\n< 334\n> " AAAA AAAA AAAA AAAA
	    "\n< 501 5.5.2\n> AUTH PLAIN\n< 334\n> A" AAAA AAAA AAAA AAAA
	    "\n< 500 5.5.6\n",
	    NULL },
	/* who is watched, and for how long it is remembered */
	{ WATCH("pipelining"), "192.0.2.9", PASSED PIPED OKAY, NULL },
	{ WATCH("pipelining") "postscreen_pipelining_ttl = 0\n", "192.0.2.9",
	    PASSED PIPED "< 550 5.5.1\n", NULL },
	{ WATCH("non_smtp_command") "smtpd_forbidden_commands =\n", "192.0.2.9",
	    PASSED "> GET / HTTP/1.0\n< 500 5.5.2\n", NULL },
	{ WATCH("non_smtp_command") "postscreen_non_smtp_command_ttl = 0\n",
	    "192.0.2.9", PASSED "> GET / HTTP/1.0\n< 521 5.7.0\n", NULL },
	/* content */
	{ "nested_header_checks = regexp:/n\n", "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA
	    "> Content-Type: message/rfc822\n> \n> Subject: nested\n> \n> x\n"
	    "> .\n< 550 5.7.1 inside\n",
	    "reject: header Subject: nested from" },
	{ "mime_header_checks = regexp:/m\n"
	  "disable_mime_input_processing = yes\n",
	    "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA
	    "> Content-Type: multipart/mixed; boundary=b\n> \n> --b\n"
	    "> X: inside\n> \n> --b--\n> .\n< 250\n",
	    NULL },
	{ "mime_header_checks = regexp:/m\n", "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA
	    "> Content-Type: multipart/mixed; boundary=b\n> \n> --b\n"
	    "> X: inside\n> \n> --b--\n> .\n< 550 5.7.1 a part\n",
	    NULL },
	{ "body_checks = regexp:/b\nline_length_limit = 512\n", "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA "> \n> " LONG "\n> .\n< 250\n", NULL },
	{ "body_checks = regexp:/b\n", "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA "> \n> " LONG
				      "\n> .\n< 550 5.7.1 seen whole\n",
	    NULL },
	{ "header_checks = regexp:/p\nbody_checks = regexp:/p\n"
	  "mime_header_checks =\nnested_header_checks =\n",
	    "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA
	    "> X: first\n> Subject: no\n> \n> no\n> .\n< 250\n",
	    "ABC1: pass: header X: first from client.test[192.0.2.9]; "
	    "from=<a@b.test> to=<user@here.test> proto=SMTP helo=<x.test>: "
	    "known" },
	{ "header_checks = regexp:/p\nmime_header_checks =\n"
	  "nested_header_checks =\n",
	    "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA
	    "> Subject: no\n> X: first\n> \n> .\n< 550 5.7.1 never\n",
	    NULL },
	{ "message_reject_characters = \\0\\007\n", "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA
	    "> \n> a\007b\n> .\n< 550 5.7.1 disallowed character\n",
	    "reject: END-OF-MESSAGE from" },
	{ "message_reject_characters = \\0\\007x\\n\n", "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA "> \n> a\010b\n> .\n< 250\n", NULL },
	{ "message_strip_characters = \\007z\n", "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA "> \n> a\007bzc\n> .\n< 250\n* abc\n",
	    NULL },
	{ "", "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA "> \n> a\007b\n> .\n< 250\n* a\007b\n",
	    NULL },
	{ "header_checks = regexp:/l\nheader_size_limit = 1000\n", "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA "> " FIELD "\n> .\n< 250\n", NULL },
	{ "header_checks = regexp:/l\n", "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA "> " FIELD
				      "\n> .\n< 550 5.7.1 seen whole\n",
	    NULL },
	{ "mime_header_checks = regexp:/m\nmime_nesting_limit = 1\n",
	    "192.0.2.9", HELLO MAIL RCPT OKAY DATA TWELVE "< 250\n", NULL },
	{ "mime_header_checks = regexp:/m\nmime_nesting_limit = 2\n",
	    "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA TWELVE "< 550 5.7.1 a part\n", NULL },
	{ "undisclosed_recipients_header = To: undisclosed-recipients:;\n",
	    "127.0.0.1",
	    HELLO MAIL RCPT OKAY DATA
	    "> Subject: x\n> \n> .\n< 250\n* To: undisclosed-recipients:;\n",
	    NULL },
	{ "undisclosed_recipients_header = To: undisclosed-recipients:;\n",
	    "127.0.0.1",
	    HELLO MAIL RCPT OKAY DATA "> Cc: x\n> .\n< 250\n- undisclosed\n",
	    NULL },
	{ "undisclosed_recipients_header = To: undisclosed-recipients:;\n",
	    "192.0.2.9",
	    HELLO MAIL RCPT OKAY DATA
	    "> Subject: x\n> .\n< 250\n- undisclosed\n",
	    NULL },
	{ "undisclosed_recipients_header = To: undisclosed-recipients:;\n",
	    "127.0.0.1",
	    HELLO MAIL RCPT OKAY DATA
	    "> Subject: all header\n> .\n< 250\n* To: undisclosed-recipi\n"
	    "* Message-ID:\n* Date:\n",
	    NULL },
	{ "undisclosed_recipients_header = nobody\n", "127.0.0.1",
	    HELLO MAIL RCPT OKAY DATA "> Subject: x\n> .\n< 250\n- nobody\n",
	    "undisclosed_recipients_header = nobody: no header field" },
};

/* A line of the client that ends in LF alone, after it has passed the tests. */
static const struct {
	const char *config, *answer;
} bare[] = {
	{ "", "< 250\n" },
	{ "smtpd_forbid_bare_newline = yes\n", "< 521 5.5.2 mail.here.test\n" },
	{ "smtpd_forbid_bare_newline = yes\n"
	  "smtpd_forbid_bare_newline_reject_code = 550\n",
	    "< 550 5.5.2 mail.here.test\n" },
	{ "postscreen_bare_newline_ttl = 0\n", "< 521 5.5.1\n" },
};

START_TEST(bare_newline)
{
	char config[400];

	snprintf(config, sizeof(config), "%s%s%s",
	    WATCH("bare_newline") "postscreen_bare_newline_action = drop\n",
	    _i == 1 || _i == 2 ? "" : "smtpd_forbid_bare_newline = no\n",
	    bare[_i].config);
	world_begin(&w, config);
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n" PASSED);
	world_send(&w, SPAN("NOOP\n"));
	world_talk(&w, bare[_i].answer);
	ck_assert_int_eq(w.ended, _i > 0);
	world_end(&w);
}
END_TEST

START_TEST(row)
{
	world_play(&w, &rows[_i], tables, names);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, row, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, bare_newline, 0, UNIT_COUNT(bare));
}

int
main(void)
{
	return unit_main("smtpd/params", fill);
}
