/* test_server.c - restrictions that look behind a name, and what else stands in
 * lists: sleep, permit_mx_backup, ETRN's */

#include "smtpd/policy.h"

#include "os/clock.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

static const struct world_row names[] = {
	{ "PTR 9.2.0.192.in-addr.arpa", "client.test" },
	{ "A client.test", "192.0.2.9" },
	{ "PTR 10.2.0.192.in-addr.arpa", "liar.test" },
	{ "MX spam.test", "mx.bulk.test" },
	{ "A mx.bulk.test", "203.0.113.5" },
	{ "MX six.test", "mx.six.test" },
	{ "A mx.six.test", "(none)" },
	{ "AAAA mx.six.test", "2001:db8::5" },
	{ "MX bare.test", "(none)" },
	{ "A bare.test", "203.0.113.5" },
	{ "MX slow.test", "(trouble)" },
	{ "A slow.test", "(trouble)" },
	{ "AAAA slow.test", "(trouble)" },
	{ "MX ok.test", "fine.test" },
	{ "A fine.test", "198.51.100.1" },
	{ "NS zone.test", "ns.bulk.test" },
	{ "A ns.bulk.test", "198.51.100.2" },
	{ "MX backup.test", "mail.here.test" },
	{ "A mail.here.test", "127.0.0.1" },
	{ "MX distant.test", "mx.far.test" },
	{ "A mx.far.test", "198.51.100.9" },
	{ NULL, NULL },
};

static const struct world_row tables[] = {
	{ "hash:/t mx.bulk.test", "REJECT by host" },
	{ "hash:/t ns.bulk.test", "REJECT by server" },
	{ "hash:/t fine.test", "OK" },
	{ "cidr:/a 203.0.113.5", "REJECT by address" },
	{ "cidr:/a 2001:db8::5", "554 5.7.6 by six" },
	{ "cidr:/a 192.0.2.9", "REJECT by own address" },
	{ "hash:/t liar.test", "REJECT by reverse" },
	{ "hash:/t unknown", "REJECT unnamed" },
	{ "hash:/t closed.test", "REJECT not for you" },
	{ NULL, NULL },
};

#define FROM(x) "> HELO spam.test\n< 250\n> MAIL FROM:<" x ">\n< 250\n"
#define RCPT    "> RCPT TO:<user@here.test>\n"
#define LIST    "smtpd_sender_restrictions = "

static const struct world_session runs[] = {
	{ LIST "check_sender_mx_access hash:/t\n", "192.0.2.9",
	    FROM("a@spam.test") RCPT
	    "< 554 5.7.1 <a@spam.test>: Sender address rejected: by host\n",
	    NULL },
	{ LIST "check_sender_mx_access cidr:/a\n", "192.0.2.9",
	    FROM("a@spam.test") RCPT
	    "< 554 5.7.1 <a@spam.test>: Sender address rejected: by address\n",
	    NULL },
	{ LIST "check_sender_mx_access cidr:/a\n", "192.0.2.9",
	    FROM("a@six.test") RCPT "< 554 5.7.6\n", NULL },
	/* without MX, the name itself */
	{ LIST "check_sender_mx_access cidr:/a\n", "192.0.2.9",
	    FROM("a@bare.test") RCPT "< 554 5.7.1\n", NULL },
	{ LIST "check_sender_mx_access cidr:/a\n", "192.0.2.9",
	    FROM("a@[203.0.113.5]") RCPT "< 554 5.7.1\n", NULL },
	{ LIST "check_sender_mx_access cidr:/a\n", "192.0.2.9",
	    FROM("") RCPT "< 250\n", NULL },
	{ LIST "check_sender_mx_access cidr:/a\n", "192.0.2.9",
	    FROM("a@slow.test") RCPT "< 250\n",
	    "warning: Unable to look up MX host for slow.test\n" },
	/* nobody lets himself in by what he puts into the DNS */
	{ LIST "check_sender_mx_access hash:/t\n", "192.0.2.9",
	    FROM("a@ok.test") RCPT "< 451 4.3.5\n",
	    "warning: check_sender_mx_access hash:/t: OK is not allowed" },
	{ LIST "check_sender_ns_access hash:/t\n", "192.0.2.9",
	    FROM("a@deep.in.zone.test") RCPT
	    "< 554 5.7.1 "
	    "<a@deep.in.zone.test>: Sender address rejected: by server\n",
	    NULL },
	{ LIST "check_sender_ns_access hash:/t\n", "192.0.2.9",
	    FROM("a@nowhere.example") RCPT "< 250\n",
	    "warning: Unable to look up NS host for nowhere.example\n" },
	{ LIST "check_sender_a_access cidr:/a\n", "192.0.2.9",
	    FROM("a@bare.test") RCPT "< 554 5.7.1\n", NULL },
	{ LIST "check_helo_mx_access hash:/t\n", "192.0.2.9",
	    FROM("a@ok.test") RCPT
	    "< 554 5.7.1 <spam.test>: Helo command rejected: by host\n",
	    NULL },
	{ LIST "check_client_a_access cidr:/a\n", "192.0.2.9",
	    FROM("a@ok.test") RCPT "< 554 5.7.1 <client.test[192.0.2.9]>: "
				   "Client host rejected: by own address\n",
	    NULL },
	{ LIST "check_client_a_access cidr:/a\n", "192.0.2.10",
	    FROM("a@ok.test") RCPT "< 250\n", NULL },
	{ "smtpd_recipient_restrictions = check_recipient_mx_access hash:/t\n",
	    "127.0.0.1",
	    FROM("a@ok.test") "> RCPT TO:<x@spam.test>\n< 554 5.7.1 "
			      "<x@spam.test>: Recipient address rejected: by "
			      "host\n",
	    NULL },
	{ LIST "check_reverse_client_hostname_access hash:/t\n", "192.0.2.10",
	    FROM("a@ok.test") RCPT "< 554 5.7.1 <liar.test>: Unverified Client "
				   "host rejected: by reverse\n",
	    NULL },
	{ LIST "check_reverse_client_hostname_access hash:/t\n", "192.0.2.11",
	    FROM("a@ok.test") RCPT "< 554 5.7.1\n", NULL },
	/* tempfail actions */
	{ LIST "reject_unknown_sender_domain, reject\n"
	       "unknown_address_tempfail_action = defer\n",
	    "192.0.2.9", FROM("a@slow.test") RCPT "< 450 4.1.8\n", NULL },
	{ LIST "reject_unknown_sender_domain, reject\n", "192.0.2.9",
	    FROM("a@slow.test") RCPT "< 554 5.7.1\n", NULL },
	{ "smtpd_helo_restrictions = reject_unknown_helo_hostname, reject\n"
	  "reject_tempfail_action = defer\n",
	    "192.0.2.9",
	    "> HELO slow.test\n< 250\n> MAIL FROM:<>\n< 250\n" RCPT
	    "< 450 4.7.1\n",
	    NULL },
	/* backup MX */
	{ "smtpd_relay_restrictions = permit_mx_backup, reject\n", "192.0.2.9",
	    FROM("a@ok.test") RCPT "< 250\n"
				   "> RCPT TO:<x@backup.test>\n< 250\n"
				   "> RCPT TO:<x%y@backup.test>\n< 554 5.7.1\n"
				   "> RCPT TO:<x@distant.test>\n< 554 5.7.1\n"
				   "> RCPT TO:<x@slow.test>\n< 554 5.7.1\n",
	    NULL },
	{ "smtpd_relay_restrictions = permit_mx_backup, reject\n"
	  "permit_mx_backup_networks = 198.51.100.0/24\n",
	    "192.0.2.9",
	    FROM("a@ok.test") "> RCPT TO:<x@backup.test>\n< 554 5.7.1\n",
	    NULL },
	{ "smtpd_relay_restrictions = permit_mx_backup, reject\n"
	  "permit_mx_backup_networks = 127.0.0.0/8\n",
	    "192.0.2.9", FROM("a@ok.test") "> RCPT TO:<x@backup.test>\n< 250\n",
	    NULL },
	/* ETRN */
	{ "fast_flush_domains = waits.test, .sub.test\n", "192.0.2.9",
	    "> ETRN waits.test\n< 503 5.5.1\n> HELO x\n< 250\n"
	    "> ETRN waits.test\n< 250 2.0.0 Queuing started\n"
	    "> ETRN @a.waits.test\n< 250\n> ETRN a.sub.test\n< 250\n"
	    "> ETRN sub.test\n< 459 4.7.0 <sub.test>: service unavailable\n"
	    "> ETRN other.test\n< 459\n> ETRN a b\n< 501 5.5.4\n"
	    "> ETRN <x>\n< 501 5.5.4\n> ETRN\n< 501 5.5.4\n"
	    "> MAIL FROM:<>\n< 250\n> ETRN waits.test\n< 503 5.5.1 Error: MAIL "
	    "transaction in progress\n",
	    NULL },
	{ "fast_flush_domains = waits.test\n"
	  "parent_domain_matches_subdomains =\n",
	    "192.0.2.9", "> HELO x\n< 250\n> ETRN a.waits.test\n< 459\n",
	    NULL },
	{ "fast_flush_domains = closed.test, open.test\n"
	  "smtpd_etrn_restrictions = check_etrn_access hash:/t\n",
	    "192.0.2.9",
	    "> HELO x\n< 250\n> ETRN closed.test\n< 554 5.7.1 <closed.test>: "
	    "Etrn command rejected: not for you\n> ETRN open.test\n< 250\n",
	    "reject: ETRN from client.test[192.0.2.9]: 554 5.7.1 "
	    "<closed.test>: Etrn command rejected: not for you; proto=SMTP "
	    "helo=<x>\n" },
};

START_TEST(run)
{
	world_play(&w, &runs[_i], tables, names);
}
END_TEST

START_TEST(flushed)
{
	world_begin(&w, "fast_flush_domains = waits.test\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n> HELO x\n< 250\n> ETRN waits.test\n< 250\n");
	ck_assert_str_eq(buf_str(&w.flushed), "waits.test");
	w.qmgr_fails = true;
	world_talk(&w, "> ETRN waits.test\n< 458 4.3.0\n");
	world_end(&w);
}
END_TEST

/* The session rests so long, and does nothing else meanwhile. */
START_TEST(sleeps)
{
	int64_t begun;

	world_begin(&w, "smtpd_sender_restrictions = sleep 1\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n> HELO x\n< 250\n> MAIL FROM:<>\n< 250\n");
	begun = clock_ms();
	world_send(&w, SPAN("RCPT TO:<user@here.test>\r\n"));
	while (w.got.n == 0)
		world_run(&w, 5);
	ck_assert_int_ge(clock_ms() - begun, 999);
	ck_assert(span_starts(buf_span(&w.got), "250"));
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, run, 0, UNIT_COUNT(runs));
	tcase_add_test(t, flushed);
	tcase_add_test(t, sleeps);
}

int
main(void)
{
	return unit_main("smtpd/server", fill);
}
