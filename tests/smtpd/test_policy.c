/* test_policy.c - the restriction lists: read, and gone through */

#include "smtpd/policy.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

/* What main.cf may not say, and the words it is told with. */
static const struct {
	const char *config, *says;
} bad[] = {
	{ "smtpd_client_restrictions = permit_everybody\n",
	    "main.cf, line 1: smtpd_client_restrictions: "
	    "\"permit_everybody\" is no restriction" },
	{ "smtpd_relay_restrictions = check_relay_domains\n",
	    "check_relay_domains is not available" },
	{ "smtpd_helo_restrictions = permit_naked_ip_address\n",
	    "permit_naked_ip_address is not available" },
	{ "smtpd_client_restrictions = reject_maps_rbl\n",
	    "reject_maps_rbl is not available" },
	{ "smtpd_client_restrictions = reject_rbl_client zen.test=127.0.0\n",
	    "\"zen.test=127.0.0\": an address pattern is d.d.d.d" },
	{ "smtpd_data_restrictions = check_policy_service host:10023\n",
	    "\"host:10023\" is no policy server" },
	{ "smtpd_data_restrictions = check_policy_service { inet:h:1, a=b }\n",
	    "\"a=b\" is no setting of a policy server" },
	{ "smtpd_data_restrictions = check_policy_service\n",
	    "wants a word behind it" },
	{ "smtpd_sender_restrictions = check_sender_access\n",
	    "\"check_sender_access\" wants a table behind it" },
	{ "smtpd_sender_restrictions = check_sender_access permit\n",
	    "\"permit\" is no table" },
	{ "smtpd_sender_restrictions = check_sender_access /etc/x\n",
	    "is no table" },
	{ "smtpd_relay_restrictions = permit_mynetworks\n",
	    "specify at least one working instance of: "
	    "reject_unauth_destination" },
	{ "smtpd_relay_restrictions =\n", "specify at least one" },
	{ "smtpd_restriction_classes = lax\n",
	    "the class \"lax\" is not defined" },
	{ "smtpd_restriction_classes = lax\nlax = permit, nonsense\n",
	    "main.cf, line 2: lax: \"nonsense\" is no restriction" },
};

START_TEST(refused)
{
	struct arena *a = arena_new();
	struct smtpd_conf conf;
	struct main_cf *m;
	struct why why;

	why_init(&why);
	m = main_cf_parse(span_str(bad[_i].config), "main.cf", &why);
	ck_assert_msg(m != NULL && param_fill(smtpd_params, m, a, &conf, &why),
	    "%s", why_text(&why));
	ck_assert_ptr_null(rules_new(a, &conf, m, &why));
	ck_assert_msg(strstr(why_text(&why), bad[_i].says) != NULL,
	    "\"%s\" does not say \"%s\"", why_text(&why), bad[_i].says);
	main_cf_free(&m);
	arena_free(&a);
	why_free(&why);
}
END_TEST

static const char *const good[] = {
	"",
	"smtpd_relay_restrictions = permit_mynetworks reject\n",
	"smtpd_relay_restrictions =\n"
	"smtpd_recipient_restrictions = permit_mynetworks, "
	"reject_unauth_destination\n",
	"smtpd_restriction_classes = guard\n"
	"guard = permit_sasl_authenticated, reject\n"
	"smtpd_relay_restrictions = guard\n",
	("smtpd_recipient_restrictions = hash:/etc/postfix/access, "
	 "warn_if_reject reject_non_fqdn_sender, permit\n"),
};

START_TEST(accepted)
{
	world_begin(&w, good[_i]);
	world_end(&w);
}
END_TEST

static const struct world_row tables[] = {
	{ "hash:/t 192.0.2", "REJECT bad neighbourhood" },
	{ "hash:/t bad.test", "REJECT" },
	{ "hash:/t spam@", "550 5.7.66 no spam here" },
	{ "hash:/t later.test", "DEFER" },
	{ "hash:/t held.test", "HOLD" },
	{ "hash:/t gone.test", "DISCARD" },
	{ "hash:/t turned.test", "REDIRECT user@other.test" },
	{ "hash:/t copied.test", "BCC spy@other.test" },
	{ "hash:/t oddbcc.test", "BCC nobody at all" },
	{ "hash:/t mark.test", "PREPEND X-Mark: yes" },
	{ "hash:/t badmark.test", "PREPEND no header" },
	{ "hash:/t filter.test", "FILTER scan:[127.0.0.1]:10024" },
	{ "hash:/t badfilter.test", "FILTER nowhere" },
	{ "hash:/t words.test", "FILTER error:5.1.3 text here" },
	{ "hash:/t odd.test", "nonsense" },
	{ "hash:/t list.test", "permit_mynetworks, reject" },
	{ "hash:/t class.test", "strict" },
	{ "hash:/t loop.test", "loop" },
	{ "hash:/t ok.test", "OK" },
	{ "hash:/t hangup.test", "421 4.7.0 go away" },
	{ "hash:/t maybe.test", "DEFER_IF_PERMIT perhaps later" },
	{ "hash:/t maybenot.test", "DEFER_IF_REJECT perhaps later" },
	{ "hash:/t fire.test", "(trouble)" },
	{ "hash:/t <>", "REJECT no bounces" },
	{ "hash:/t user", "REJECT this login" },
	{ "regexp:/r helo.test", "REJECT by pattern" },
	{ "smtpd_sender_login_maps mine@own.test", "user, other" },
	{ "smtpd_sender_login_maps @theirs.test", "other" },
	{ NULL, NULL },
};

static const struct world_row names[] = {
	{ "PTR 9.2.0.192.in-addr.arpa", "client.test" },
	{ "A client.test", "192.0.2.9" },
	{ "PTR 10.2.0.192.in-addr.arpa", "liar.test" },
	{ "A liar.test", "203.0.113.1" },
	{ "MX mx.test", "mail.mx.test" },
	{ "MX null.test", "" },
	{ "MX a.test", "(none)" },
	{ "A a.test", "192.0.2.77" },
	{ "MX slow.test", "(trouble)" },
	{ "A slow.test", "(trouble)" },
	{ "AAAA slow.test", "(trouble)" },
	{ NULL, NULL },
};

#define RCPT  "> RCPT TO:<user@here.test>\n"
#define OKAY  "< 250 2.1.5\n"
#define HELLO "> HELO helo.test\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"

static const struct world_session runs[] = {
	/* the client */
	{ "smtpd_client_restrictions = permit_mynetworks, reject\n",
	    "192.0.2.9",
	    HELLO RCPT
	    "< 554 5.7.1 <client.test[192.0.2.9]>: Client host rejected: "
	    "Access denied\n",
	    ": NOQUEUE: reject: RCPT from client.test[192.0.2.9]: 554 5.7.1 "
	    "<client.test[192.0.2.9]>: Client host rejected: Access denied; "
	    "from=<a@b.test> to=<user@here.test> proto=SMTP "
	    "helo=<helo.test>\n" },
	{ "smtpd_client_restrictions = permit_mynetworks, reject\n",
	    "127.0.0.1", HELLO RCPT OKAY, NULL },
	{ "smtpd_client_restrictions = permit_inet_interfaces, reject\n",
	    "127.0.0.1", HELLO RCPT OKAY, NULL },
	{ "smtpd_client_restrictions = hash:/t\n", "192.0.2.9",
	    HELLO RCPT
	    "< 554 5.7.1 <client.test[192.0.2.9]>: Client host rejected: bad "
	    "neighbourhood\n",
	    NULL },
	{ "smtpd_client_restrictions = reject_unknown_client_hostname\n",
	    "192.0.2.9", HELLO RCPT OKAY, NULL },
	{ "smtpd_client_restrictions = reject_unknown_client_hostname\n",
	    "192.0.2.10",
	    HELLO RCPT
	    "< 450 4.7.25 Client host rejected: cannot find your hostname, "
	    "[192.0.2.10]\n",
	    "warning: hostname liar.test does not resolve to address "
	    "192.0.2.10\n" },
	{ "smtpd_client_restrictions = "
	  "reject_unknown_reverse_client_hostname\n",
	    "192.0.2.10", HELLO RCPT OKAY, NULL },
	{ "smtpd_client_restrictions = "
	  "reject_unknown_reverse_client_hostname\n",
	    "192.0.2.11", HELLO RCPT "< 450 4.7.25\n", NULL },
	{ "smtpd_client_restrictions = reject_plaintext_session\n", "192.0.2.9",
	    HELLO RCPT "< 450 4.7.1\n", NULL },
	/* without smtpd_delay_reject, at once */
	{ "smtpd_client_restrictions = reject\nsmtpd_delay_reject = no\n",
	    "192.0.2.9", "< 554 5.7.1\n", "reject: CONNECT from client.test" },
	{ "smtpd_helo_restrictions = reject_invalid_helo_hostname\n"
	  "smtpd_delay_reject = no\n",
	    "192.0.2.9",
	    "> HELO a..b\n< 501 5.5.2 <a..b>: Helo command rejected: Invalid "
	    "name\n> EHLO [192.0.2.9]\n"
	    "<+ 250\n",
	    NULL },
	{ "smtpd_sender_restrictions = reject_non_fqdn_sender\n"
	  "smtpd_delay_reject = no\n",
	    "192.0.2.9",
	    "> HELO x\n< 250\n> MAIL FROM:<a>\n"
	    "< 504 5.5.2 <a>: Sender address rejected: need fully-qualified "
	    "address\n> MAIL FROM:<>\n< 250\n",
	    "reject: MAIL from client.test[192.0.2.9]" },
	/* HELO */
	{ "smtpd_helo_restrictions = reject_non_fqdn_helo_hostname\n",
	    "192.0.2.9",
	    "> HELO short\n< 250\n> MAIL FROM:<>\n< 250\n" RCPT
	    "< 504 5.5.2 <short>: Helo command rejected: need "
	    "fully-qualified hostname\n> HELO a.test\n< 250\n"
	    "> MAIL FROM:<>\n< 250\n" RCPT OKAY,
	    NULL },
	{ "smtpd_helo_restrictions = check_helo_access regexp:/r\n",
	    "192.0.2.9",
	    HELLO RCPT
	    "< 554 5.7.1 <helo.test>: Helo command rejected: by pattern\n",
	    NULL },
	{ "smtpd_helo_restrictions = reject_unknown_helo_hostname\n",
	    "192.0.2.9",
	    HELLO RCPT
	    "< 450 4.7.1 <helo.test>: Helo command rejected: Host not "
	    "found\n> HELO a.test\n< 250\n> MAIL FROM:<>\n< 250\n" RCPT OKAY,
	    NULL },
	/* the sender */
	{ "smtpd_sender_restrictions = hash:/t\n", "192.0.2.9",
	    "> HELO x\n< 250\n"
	    "> MAIL FROM:<u@sub.bad.test>\n< 250\n" RCPT
	    "< 554 5.7.1 <u@sub.bad.test>: Sender address rejected: Access "
	    "denied\n> RSET\n< 250\n"
	    "> MAIL FROM:<spam@x.test>\n< 250\n" RCPT
	    "< 550 5.7.66 <spam@x.test>: Sender address rejected: no spam "
	    "here\n> RSET\n< 250\n"
	    "> MAIL FROM:<u@later.test>\n< 250\n" RCPT
	    "< 450 4.7.1\n> RSET\n< 250\n"
	    "> MAIL FROM:<>\n< 250\n" RCPT
	    "< 554 5.7.1 <>: Sender address rejected: no bounces\n"
	    "> RSET\n< 250\n> MAIL FROM:<u@fire.test>\n< 250\n" RCPT
	    "< 451 4.3.0 <u@fire.test>: Temporary lookup failure\n"
	    "> RSET\n< 250\n> MAIL FROM:<u@fine.test>\n< 250\n" RCPT OKAY,
	    NULL },
	{ "smtpd_sender_restrictions = hash:/t\n", "192.0.2.9",
	    "> HELO x\n< 250\n"
	    "> MAIL FROM:<u@badfilter.test>\n< 250\n" RCPT
	    "< 451 4.3.5 <u@badfilter.test>: Sender address rejected: Server "
	    "configuration error\n> RSET\n< 250\n"
	    "> MAIL FROM:<u@odd.test>\n< 250\n" RCPT "< 451 4.3.5\n"
	    "> RSET\n< 250\n> MAIL FROM:<u@list.test>\n< 250\n" RCPT
	    "< 554 5.7.1 <u@list.test>: Sender address rejected: Access "
	    "denied\n> RSET\n< 250\n> MAIL FROM:<u@badmark.test>\n< 250\n" RCPT
	    "< 451 4.3.5\n"
	    "> RSET\n< 250\n> MAIL FROM:<u@oddbcc.test>\n< 250\n" RCPT
	    "< 451 4.3.5\n",
	    "warning: access table: \"nowhere\": no filter "
	    "(transport:nexthop)\n" },
	{ "smtpd_sender_restrictions = hash:/t\n", "192.0.2.9",
	    "> HELO x\n< 250\n> MAIL FROM:<u@hangup.test>\n< 250\n" RCPT
	    "< 421 4.7.0\n",
	    "disconnect" },
	{ "smtpd_restriction_classes = strict, loop\n"
	  "strict = check_client_access hash:/none, reject\n"
	  "loop = check_sender_access hash:/t\n"
	  "smtpd_sender_restrictions = hash:/t\n",
	    "192.0.2.9",
	    "> HELO x\n< 250\n> MAIL FROM:<u@class.test>\n< 250\n" RCPT
	    "< 554 5.7.1\n> RSET\n< 250\n"
	    "> MAIL FROM:<u@loop.test>\n< 250\n" RCPT "< 451 4.3.5\n",
	    NULL },
	{ "smtpd_sender_restrictions = check_sender_access hash:/t, "
	  "permit\n",
	    "192.0.2.9",
	    "> HELO x\n< 250\n> MAIL FROM:<u@maybe.test>\n< 250\n" RCPT
	    "< 450 4.7.1 <u@maybe.test>: Sender address rejected: perhaps "
	    "later\n> RSET\n< 250\n> MAIL FROM:<u@maybenot.test>\n< 250\n" RCPT
		OKAY
	    "> RCPT TO:<x@elsewhere.test>\n< 450 4.7.1 <u@maybenot.test>: "
	    "Sender address rejected: perhaps later\n",
	    NULL },
	{ "smtpd_sender_restrictions = reject_unknown_sender_domain\n",
	    "192.0.2.9",
	    "> HELO x\n< 250\n> MAIL FROM:<u@mx.test>\n< 250\n" RCPT OKAY
	    "> RSET\n< 250\n> MAIL FROM:<u@a.test>\n< 250\n" RCPT OKAY
	    "> RSET\n< 250\n> MAIL FROM:<u@here.test>\n< 250\n" RCPT OKAY
	    "> RSET\n< 250\n> MAIL FROM:<u@absent.test>\n< 250\n" RCPT
	    "< 450 4.1.8 <u@absent.test>: Sender address rejected: Domain "
	    "not found\n> RSET\n< 250\n> MAIL FROM:<u@null.test>\n< 250\n" RCPT
	    "< 550 5.7.27\n> RSET\n< 250\n> MAIL FROM:<u@slow.test>\n"
	    "< 250\n" RCPT "< 450 4.1.8\n",
	    NULL },
	{ "smtpd_reject_unlisted_sender = yes\n", "192.0.2.9",
	    "> HELO x\n< 250\n> MAIL FROM:<ghost@here.test>\n< 250\n" RCPT
	    "< 550 5.1.0 <ghost@here.test>: Sender address rejected: User "
	    "unknown in local recipient table\n",
	    NULL },
	/* whose address is it */
	{ "smtpd_sender_restrictions = reject_sender_login_mismatch\n",
	    "127.0.0.1",
	    "> EHLO x\n<+ 250\n"
	    "> MAIL FROM:<mine@own.test>\n< 250\n" RCPT
	    "< 553 5.7.1 <mine@own.test>: Sender address rejected: not "
	    "logged in\n> RSET\n< 250\n"
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n"
	    "> MAIL FROM:<mine@own.test>\n< 250\n" RCPT OKAY
	    "> RSET\n< 250\n> MAIL FROM:<x@theirs.test>\n< 250\n" RCPT
	    "< 553 5.7.1 <x@theirs.test>: Sender address rejected: not owned "
	    "by user user\n> RSET\n< 250\n"
	    "> MAIL FROM:<x@nobodys.test>\n< 250\n" RCPT "< 553 5.7.1\n",
	    NULL },
	{ "smtpd_sender_restrictions = reject_known_sender_login_mismatch,"
	  " check_sasl_access hash:/t\n",
	    "127.0.0.1",
	    "> EHLO x\n<+ 250\n"
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n"
	    "> MAIL FROM:<x@nobodys.test>\n< 250\n" RCPT
	    "< 554 5.7.1 <user>: SASL login name rejected: this login\n",
	    NULL },
	/* relaying */
	{ "smtpd_relay_restrictions = permit_pop_before_smtp, "
	  "defer_unauth_destination\n",
	    "192.0.2.9",
	    HELLO "> RCPT TO:<x@elsewhere.test>\n"
		  "< 454 4.7.1 <x@elsewhere.test>: Relay access denied\n",
	    NULL },
	{ "smtpd_relay_restrictions = permit_auth_destination, reject\n",
	    "192.0.2.9",
	    HELLO RCPT OKAY "> RCPT TO:<x@elsewhere.test>\n< 554 5.7.1 "
			    "<x@elsewhere.test>: Recipient address "
			    "rejected: Access denied\n",
	    NULL },
	{ "soft_bounce = yes\n", "192.0.2.9",
	    HELLO "> RCPT TO:<x@elsewhere.test>\n< 454 4.7.1\n"
		  "> RCPT TO:<nobody@here.test>\n< 450 4.1.1\n",
	    NULL },
	{ "show_user_unknown_table_name = no\n"
	  "unknown_local_recipient_reject_code = 450\n",
	    "192.0.2.9",
	    HELLO "> RCPT TO:<nobody@here.test>\n< 450 4.1.1 "
		  "<nobody@here.test>: Recipient address rejected: User "
		  "unknown\n",
	    NULL },
	{ "smtpd_reject_unlisted_recipient = no\n", "192.0.2.9",
	    HELLO "> RCPT TO:<nobody@here.test>\n< 250 2.1.5\n", NULL },
	/* recipients */
	{ "smtpd_recipient_restrictions = reject_non_fqdn_recipient,"
	  " reject_unknown_recipient_domain, hash:/t\n",
	    "127.0.0.1",
	    HELLO "> RCPT TO:<user>\n< 504 5.5.2\n"
		  "> RCPT TO:<Postmaster>\n< 250\n"
		  "> RCPT TO:<x@absent.test>\n< 450 4.1.2\n"
		  "> RCPT TO:<x@null.test>\n< 556 5.1.10\n"
		  "> RCPT TO:<x@mx.test>\n< 250\n"
		  "> RCPT TO:<spam@a.test>\n< 550 5.7.66\n",
	    NULL },
	{ "smtpd_recipient_restrictions = warn_if_reject reject, permit\n",
	    "192.0.2.9", HELLO RCPT OKAY,
	    ": NOQUEUE: reject_warning: RCPT from client.test[192.0.2.9]: "
	    "554 5.7.1 <user@here.test>: Recipient address rejected: Access "
	    "denied; from=" },
	{ "smtpd_recipient_restrictions = defer\n", "192.0.2.9",
	    HELLO RCPT "< 450 4.3.2\n", NULL },
	{ "smtpd_recipient_restrictions = defer_if_permit\n", "192.0.2.9",
	    HELLO RCPT "< 450 4.7.0\n", NULL },
	/* DATA and behind */
	{ "smtpd_data_restrictions = reject_multi_recipient_bounce\n",
	    "192.0.2.9",
	    "> HELO x\n< 250\n> MAIL FROM:<>\n< 250\n" RCPT OKAY RCPT OKAY
	    "> DATA\n< 550 5.5.3 <DATA>: Data command rejected: "
	    "Multi-recipient bounce\n",
	    NULL },
	{ "smtpd_data_restrictions = reject\n", "192.0.2.9",
	    HELLO RCPT OKAY "> DATA\n< 554 5.7.1 <DATA>: Data command "
			    "rejected: Access denied\n",
	    NULL },
	{ "smtpd_end_of_data_restrictions = reject\n", "192.0.2.9",
	    HELLO RCPT OKAY "> DATA\n< 354\n> x\n> .\n< 554 5.7.1 "
			    "<END-OF-MESSAGE>: End-of-data rejected: Access "
			    "denied\n> NOOP\n< 250\n",
	    ": ABC1: reject: END-OF-MESSAGE from client.test[192.0.2.9]: 554 "
	    "5.7.1 <END-OF-MESSAGE>: End-of-data rejected: Access denied;" },
	{ "smtpd_data_restrictions = reject_unauth_pipelining\n"
	  "smtpd_forbid_unauth_pipelining = no\n",
	    "192.0.2.9",
	    "> EHLO x\n> NOOP\n<+ 250\n< 250\n> MAIL FROM:<>\n< 250\n" RCPT OKAY
	    "> DATA\n< 503 5.5.0 <DATA>: Data command rejected: Improper use "
	    "of SMTP command pipelining\n",
	    NULL },
};

START_TEST(run)
{
	world_play(&w, &runs[_i], tables, names);
}
END_TEST

START_TEST(pop_before_smtp)
{
	world_begin(&w, "");
	w.pop_seen = true;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n" HELLO "> RCPT TO:<x@elsewhere.test>\n< 250\n");
	w.pop_seen = false;
	world_connect(&w, "192.0.2.9");
	world_talk(
	    &w, "< 220\n" HELLO "> RCPT TO:<x@elsewhere.test>\n< 554 5.7.1\n");
	/* without auth's word, a stranger */
	w.auth_dead = true;
	world_connect(&w, "192.0.2.9");
	world_talk(
	    &w, "< 220\n" HELLO "> RCPT TO:<x@elsewhere.test>\n< 554 5.7.1\n");
	world_end(&w);
}
END_TEST

static void
send_one(const char *sender)
{
	char *script =
	    mem_printf("> HELO x\n< 250\n> MAIL FROM:<%s>\n"
		       "< 250\n" RCPT OKAY "> DATA\n< 354\n> x\n> .\n"
		       "< 250 2.0.0 Ok: queued as ABC\n",
		sender);

	world_talk(&w, script);
	free(script);
}

/* What a table has done to the message. */
START_TEST(hold_discard_prepend)
{
	world_begin(&w, "smtpd_sender_restrictions = hash:/t\n");
	w.tables = tables;
	world_connect(&w, "192.0.2.9");
	(void)world_line(&w);
	send_one("u@held.test");
	ck_assert(span_ends(buf_span(&w.messages[0].envelope), "flags=8\n"));
	world_expect_log(&w,
	    ": NOQUEUE: hold: RCPT from unknown[192.0.2.9]: <u@held.test>: "
	    "Sender address triggers HOLD action; from=<u@held.test>");
	send_one("u@gone.test");
	ck_assert(w.messages[1].aborted && !w.messages[1].committed);
	send_one("u@mark.test");
	ck_assert(span_search(buf_span(&w.messages[2].edits),
		      SPAN("X-Mark: yes\n")) < w.messages[2].edits.n);
	send_one("u@turned.test");
	ck_assert(span_starts(buf_span(&w.messages[3].envelope),
	    "rcpt=user@other.test\nsender="));
	world_expect_log(&w,
	    ": NOQUEUE: redirect: RCPT from unknown[192.0.2.9]: "
	    "<u@turned.test>: Sender address triggers REDIRECT "
	    "user@other.test;");
	send_one("u@copied.test");
	ck_assert(span_starts(buf_span(&w.messages[4].envelope),
	    "rcpt=user@here.test\nrcpt=spy@other.test NEVER\nsender="));
	world_end(&w);
}
END_TEST

/* Where the message goes first: an access table counts more than main.cf. */
START_TEST(content_filter)
{
	world_begin(&w,
	    "smtpd_sender_restrictions = hash:/t\n"
	    "content_filter = other:[127.0.0.1]:10026\n");
	w.tables = tables;
	world_connect(&w, "192.0.2.9");
	(void)world_line(&w);
	send_one("u@filter.test");
	ck_assert(span_ends(buf_span(&w.messages[0].envelope),
	    "flags=0\nfilter=scan:[127.0.0.1]:10024\n"));
	world_expect_log(&w,
	    ": NOQUEUE: filter: RCPT from unknown[192.0.2.9]: "
	    "<u@filter.test>: Sender address triggers FILTER "
	    "scan:[127.0.0.1]:10024;");
	send_one("u@fine.test");
	ck_assert(span_ends(buf_span(&w.messages[1].envelope),
	    "filter=other:[127.0.0.1]:10026\n"));
	send_one("u@words.test");
	ck_assert(span_ends(buf_span(&w.messages[2].envelope),
	    "filter=error:5.1.3 text here\n"));
	world_end(&w);
}
END_TEST

/* receive_override_options, as they stand behind a content filter. */
START_TEST(overrides)
{
	world_begin(&w,
	    "header_checks = regexp:/h\nalways_bcc = archive@here.test\n"
	    "receive_override_options = no_unknown_recipient_checks, "
	    "no_header_body_checks no_address_mappings,no_such_word\n");
	w.tables =
	    (const struct world_row[]){ { "regexp:/h Subject: bad", "REJECT" },
		    { NULL, NULL } };
	world_expect_log(
	    &w, "receive_override_options: \"no_such_word\" is not understood");
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    "< 220\n" HELLO "> RCPT TO:<nobody@here.test>\n" OKAY
	    "> DATA\n< 354\n> Subject: bad\n> \n> x\n> .\n< 250\n");
	ck_assert(span_ends(buf_span(&w.messages[0].envelope), "flags=32\n"));
	ck_assert(span_starts(buf_span(&w.messages[0].envelope),
	    "rcpt=nobody@here.test\nsender="));
	world_end(&w);
}
END_TEST

/* The same question is asked once for a message. */
START_TEST(asked_once)
{
	unsigned before;

	world_begin(&w, "smtpd_sender_restrictions = hash:/t\n");
	world_connect(&w, "127.0.0.1");
	world_talk(&w, "< 220\n" HELLO RCPT OKAY);
	before = w.lookups;
	for (int i = 0; i < 10; i++)
		world_talk(&w, RCPT OKAY);
	ck_assert_uint_eq(w.lookups, before);
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, refused, 0, UNIT_COUNT(bad));
	tcase_add_loop_test(t, accepted, 0, UNIT_COUNT(good));
	tcase_add_loop_test(t, run, 0, UNIT_COUNT(runs));
	tcase_add_test(t, pop_before_smtp);
	tcase_add_test(t, hold_discard_prepend);
	tcase_add_test(t, content_filter);
	tcase_add_test(t, overrides);
	tcase_add_test(t, asked_once);
}

int
main(void)
{
	return unit_main("smtpd/policy", fill);
}
