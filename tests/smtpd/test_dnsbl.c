/* test_dnsbl.c - lists in the DNS: what they say, and what becomes of it */

#include "smtpd/dnsbl.h"

#include "base/why.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

static const struct {
	const char *text;
	const char *says; /* NULL: it is good */
	int weight;
} texts[] = {
	{ "zen.test", NULL, 1 },
	{ "zen.test=127.0.0.2", NULL, 1 },
	{ "zen.test=127.0.0.[2..11;20]*3", NULL, 3 },
	{ "zen.test=127.[0;1].[0..255].[ 1 ; 3 .. 5 ]", NULL, 1 },
	{ "zen.test*-2", NULL, -2 },
	{ "zen.test*0", "a weight is a number", 0 },
	{ "zen.test*x", "a weight is a number", 0 },
	{ "zen.test=127.0.0", "an address pattern", 0 },
	{ "zen.test=127.0.0.256", "an address pattern", 0 },
	{ "zen.test=127.0.0.[2", "an address pattern", 0 },
	{ "zen.test=127.0.0.[]", "an address pattern", 0 },
	{ "zen.test=127.0.0.[5..2]", "an address pattern", 0 },
	{ "zen.test=127.0.0.2.3", "an address pattern", 0 },
	{ "zen.test=127x0.0.2", "an address pattern", 0 },
	{ "=127.0.0.2", "no domain", 0 },
	{ "bad domain", "no domain", 0 },
};

START_TEST(parse)
{
	struct dnsbl l;
	struct why why;
	bool good;

	why_init(&why);
	good = dnsbl_parse(span_str(texts[_i].text), true, &l, &why);
	ck_assert_msg(good == (texts[_i].says == NULL), "%s", texts[_i].text);
	if (good)
		ck_assert_int_eq(l.weight, texts[_i].weight);
	else
		ck_assert_msg(strstr(why_text(&why), texts[_i].says) != NULL,
		    "%s", why_text(&why));
	why_free(&why);
}
END_TEST

static const struct {
	const char *list;
	const char *address; /* 4 octets */
	bool counts;
} answers[] = {
	{ "l.test", "\x7f\0\0\x02", true },
	{ "l.test", "\x0a\0\0\x01", true },
	{ "l.test=127.0.0.2", "\x7f\0\0\x02", true },
	{ "l.test=127.0.0.2", "\x7f\0\0\x03", false },
	{ "l.test=127.0.0.[2..4;9]", "\x7f\0\0\x04", true },
	{ "l.test=127.0.0.[2..4;9]", "\x7f\0\0\x05", false },
	{ "l.test=127.0.0.[2..4;9]", "\x7f\0\0\x09", true },
	{ "l.test=127.0.0.[2..4;9]", "\x7f\0\x01\x09", false },
};

START_TEST(filter)
{
	struct dnsbl l;
	struct why why;

	why_init(&why);
	ck_assert(dnsbl_parse(span_str(answers[_i].list), false, &l, &why));
	ck_assert(dnsbl_counts(&l, span_of(answers[_i].address, 4)) ==
	    answers[_i].counts);
	ck_assert(!dnsbl_counts(&l, span_of("", 0)));
	why_free(&why);
}
END_TEST

START_TEST(questions)
{
	struct buf out = BUF_EMPTY;
	struct dnsbl l;
	struct why why;

	why_init(&why);
	ck_assert(dnsbl_parse(SPAN("l.test=1.2.3.4"), false, &l, &why));
	ck_assert(dnsbl_address_put(&out, &l, span_of("\xc0\0\x02\x63", 4)));
	ck_assert_str_eq(buf_str(&out), "99.2.0.192.l.test");
	buf_clear(&out);
	ck_assert(dnsbl_address_put(&out, &l,
	    span_of("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x1f", 16)));
	ck_assert_str_eq(buf_str(&out),
	    "f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	    "l.test");
	buf_clear(&out);
	ck_assert(dnsbl_name_put(&out, &l, SPAN("a.b.test.")));
	ck_assert_str_eq(buf_str(&out), "a.b.test.l.test");
	ck_assert(!dnsbl_name_put(&out, &l, SPAN("short")));
	ck_assert(!dnsbl_name_put(&out, &l, SPAN("[192.0.2.1]")));
	ck_assert(!dnsbl_name_put(&out, &l, SPAN("a b.test")));
	buf_free(&out);
	why_free(&why);
}
END_TEST

static const struct world_row names[] = {
	{ "PTR 9.2.0.192.in-addr.arpa", "client.test" },
	{ "A client.test", "192.0.2.9" },
	{ "PTR 10.2.0.192.in-addr.arpa", "liar.test" },
	{ "A 9.2.0.192.bl.test", "127.0.0.4" },
	{ "TXT 9.2.0.192.bl.test", "listed, see $$ and ${rbl_code}" },
	{ "A 9.2.0.192.slow.test", "(trouble)" },
	{ "A 9.2.0.192.wl.test", "127.0.0.2" },
	{ "A client.test.bl.test", "127.0.1.2" },
	{ "A liar.test.bl.test", "127.0.1.2" },
	{ "A bad.helo.bl.test", "127.0.1.2" },
	{ "A bad.sender.bl.test", "127.0.1.2" },
	{ "A here.test.bl.test", "127.0.1.2" },
	{ NULL, NULL },
};

static const struct world_row tables[] = {
	{ "rbl_reply_maps bl.test",
	    "550 5.7.20 $client_name is in $rbl_domain, $helo_name" },
	{ "rbl_reply_maps bl.test=127.0.0.4", "nonsense" },
	{ NULL, NULL },
};

#define MAIL  "> HELO bad.helo\n< 250\n> MAIL FROM:<x@bad.sender>\n< 250\n"
#define RCPT  "> RCPT TO:<user@here.test>\n"
#define BLOCK "554 5.7.1 Service unavailable; "

static const struct world_session runs[] = {
	{ "smtpd_client_restrictions = reject_rbl_client bl.test\n",
	    "192.0.2.9",
	    MAIL RCPT "< " BLOCK "Client host [192.0.2.9] blocked using "
		      "bl.test; listed, see $$ and ${rbl_code}\n",
	    "NOQUEUE: reject: RCPT from client.test[192.0.2.9]: " BLOCK
	    "Client host [192.0.2.9] blocked using bl.test; listed, see $$ "
	    "and ${rbl_code}; from=<x@bad.sender> to=<user@here.test>" },
	{ "smtpd_client_restrictions = reject_rbl_client bl.test\n",
	    "192.0.2.10", MAIL RCPT "< 250\n", NULL },
	{ "smtpd_client_restrictions = reject_rbl_client bl.test=127.0.0.3,"
	  " reject_rbl_client bl.test=127.0.0.[1;4]\n"
	  "maps_rbl_reject_code = 521\n",
	    "192.0.2.9", MAIL RCPT "< 521 5.7.1 Service unavailable; Client\n",
	    NULL },
	{ "smtpd_client_restrictions = reject_rbl_client slow.test\n",
	    "192.0.2.9", MAIL RCPT "< 250\n",
	    "warning: 9.2.0.192.slow.test: RBL lookup error" },
	{ "smtpd_client_restrictions = reject_rbl_client bl.test\n"
	  "default_rbl_reply = $rbl_code 5.7.9 no [$rbl_what] $sender_domain "
	  "$recipient_name$$\n",
	    "192.0.2.9",
	    MAIL RCPT "< 554 5.7.9 no [192.0.2.9] bad.sender user$\n", NULL },
	{ "smtpd_client_restrictions = reject_rbl_client bl.test\n"
	  "default_rbl_reply = go away\n",
	    "192.0.2.9", MAIL RCPT "< 451 4.3.5\n",
	    "\"go away\" does not begin with a code" },
	{ "smtpd_client_restrictions = reject_rbl_client bl.test\n"
	  "rbl_reply_maps = hash:/x\n",
	    "192.0.2.9",
	    MAIL RCPT "< 550 5.7.20 client.test is in bl.test, bad.helo\n",
	    NULL },
	{ "smtpd_client_restrictions = reject_rbl_client bl.test=127.0.0.4\n"
	  "rbl_reply_maps = hash:/x\n",
	    "192.0.2.9", MAIL RCPT "< 451 4.3.5\n", NULL },
	{ "smtpd_client_restrictions = reject_rhsbl_client bl.test\n",
	    "192.0.2.9",
	    MAIL RCPT "< " BLOCK
		      "Client host [client.test] blocked using bl.test\n",
	    NULL },
	{ "smtpd_client_restrictions = reject_rhsbl_client bl.test\n",
	    "192.0.2.10", MAIL RCPT "< 250\n", NULL },
	{ "smtpd_client_restrictions = reject_rhsbl_reverse_client bl.test\n",
	    "192.0.2.10",
	    MAIL RCPT "< " BLOCK "Unverified Client host [liar.test] blocked "
		      "using bl.test\n",
	    NULL },
	{ "smtpd_helo_restrictions = reject_rhsbl_helo bl.test\n", "192.0.2.10",
	    MAIL RCPT "< " BLOCK "Helo command [bad.helo] blocked\n", NULL },
	{ "smtpd_sender_restrictions = reject_rhsbl_sender bl.test\n",
	    "192.0.2.10",
	    MAIL RCPT "< " BLOCK "Sender address [x@bad.sender] blocked\n",
	    NULL },
	{ "smtpd_recipient_restrictions = reject_rhsbl_recipient bl.test\n",
	    "192.0.2.10",
	    MAIL RCPT "< " BLOCK "Recipient address [user@here.test] blocked\n",
	    NULL },
	{ "smtpd_recipient_restrictions = permit_dnswl_client wl.test, "
	  "reject\n",
	    "192.0.2.9", MAIL RCPT "< 250\n", NULL },
	{ "smtpd_recipient_restrictions = permit_dnswl_client wl.test, "
	  "reject\n",
	    "192.0.2.10", MAIL RCPT "< 554 5.7.1\n", NULL },
	/* a good client may not relay all the same */
	{ "smtpd_relay_restrictions = permit_dnswl_client wl.test, "
	  "reject_unauth_destination\n",
	    "192.0.2.9",
	    MAIL "> RCPT TO:<x@elsewhere.test>\n< 554 5.7.1 "
		 "<x@elsewhere.test>: Relay access denied\n",
	    NULL },
	{ "smtpd_recipient_restrictions = permit_dnswl_client slow.test, "
	  "reject\n",
	    "192.0.2.9", MAIL RCPT "< 450 4.7.1\n", NULL },
	{ "smtpd_recipient_restrictions = permit_rhswl_client bl.test, "
	  "reject\n",
	    "192.0.2.9", MAIL RCPT "< 250\n", NULL },
};

START_TEST(run)
{
	world_play(&w, &runs[_i], tables, names);
}
END_TEST

/* All are asked when the first is; nothing twice; answers are let go with the
 * session. */
START_TEST(together)
{
	world_begin(&w,
	    "smtpd_peername_lookup = no\n"
	    "smtpd_client_restrictions = reject_rbl_client a.test,"
	    " warn_if_reject reject_rbl_client b.test,"
	    " reject_rhsbl_sender c.test, permit, reject_rbl_client d.test\n");
	w.names = names;
	w.dns_slow = true;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n" MAIL);
	world_send(&w, SPAN("RCPT TO:<user@here.test>\r\n"));
	while (w.dns_asked < 3)
		world_run(&w, 1);
	ck_assert_uint_eq(w.dns_asked, 3);
	w.dns_slow = false;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n" MAIL RCPT "< 250\n");
	ck_assert_uint_eq(w.dns_asked, 6);
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parse, 0, UNIT_COUNT(texts));
	tcase_add_loop_test(t, filter, 0, UNIT_COUNT(answers));
	tcase_add_test(t, questions);
	tcase_add_loop_test(t, run, 0, UNIT_COUNT(runs));
	tcase_add_test(t, together);
}

int
main(void)
{
	return unit_main("smtpd/dnsbl", fill);
}
