/* test_restrictions.c - each restriction by its name, old names too, and the
 * order in which lists are gone through (access(5)) */

#include "smtpd/policy.h"

#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

static const struct world_row names[] = {
	{ "PTR 9.2.0.192.in-addr.arpa", "client.test" },
	{ "A client.test", "192.0.2.9" },
	{ "MX client.test", "mx.client.test" },
	{ "A mx.client.test", "203.0.113.1" },
	{ "NS client.test", "ns.client.test" },
	{ "A ns.client.test", "203.0.113.2" },
	{ "PTR 10.2.0.192.in-addr.arpa", "liar.test" },
	{ "A liar.test", "203.0.113.3" },
	{ "MX liar.test", "mx.client.test" },
	{ "NS liar.test", "ns.client.test" },
	{ "MX to.test", "mx.client.test" },
	{ "A to.test", "203.0.113.3" },
	{ "NS to.test", "ns.client.test" },
	{ NULL, NULL },
};

static const struct world_row tables[] = {
	{ "cidr:/a 203.0.113.1", "REJECT by mx" },
	{ "cidr:/a 203.0.113.2", "REJECT by ns" },
	{ "cidr:/a 203.0.113.3", "REJECT by a" },
	{ "hash:/t 192.0.2.9", "REJECT by client" },
	{ "hash:/t x.test", "REJECT by helo" },
	{ "hash:/t a@b.test", "REJECT by sender" },
	{ "hash:/t user@here.test", "REJECT by recipient" },
	{ "hash:/ok a@b.test", "OK" },
	{ "hash:/n a@b.test", "20261124" },
	{ "hash:/w a@b.test", "WARN look" },
	{ "hash:/i a@b.test", "INFO look" },
	{ "hash:/d a@b.test", "DUNNO" },
	{ "hash:/c a@b.test", "450 4.7.9 wait" },
	{ "hash:/x a@b.test", "REJECT" },
	{ "hash:/e a@b.test", "DEFER later" },
	{ "smtpd_sender_login_maps a@own.test", "other" },
	{ NULL, NULL },
};

#define FROM(x) "> HELO x.test\n< 250\n> MAIL FROM:<" x ">\n< 250\n"
#define MAIL    FROM("a@b.test")
#define RCPT    "> RCPT TO:<user@here.test>\n"
#define OKAY    "< 250 2.1.5\n"
#define CLIENT  "smtpd_client_restrictions = "
#define HELO    "smtpd_helo_restrictions = "
#define SENDER  "smtpd_sender_restrictions = "
#define TO      "smtpd_recipient_restrictions = "
#define CHECK(list, says) \
	{ \
		list "\n", "192.0.2.9", MAIL RCPT "< 554 5.7.1 " says "\n", \
		    NULL \
	}

static const struct world_session rows[] = {
	/* of the server behind a name */
	CHECK(CLIENT "check_client_mx_access cidr:/a",
	    "<client.test[192.0.2.9]>: Client host rejected: by mx"),
	CHECK(CLIENT "check_client_ns_access cidr:/a",
	    "<client.test[192.0.2.9]>: Client host rejected: by ns"),
	{ CLIENT "check_reverse_client_hostname_a_access cidr:/a\n",
	    "192.0.2.10",
	    MAIL RCPT "< 554 5.7.1 <liar.test>: Unverified Client "
		      "host rejected: by a\n",
	    NULL },
	{ CLIENT "check_reverse_client_hostname_mx_access cidr:/a\n",
	    "192.0.2.10",
	    MAIL RCPT "< 554 5.7.1 <liar.test>: Unverified Client "
		      "host rejected: by mx\n",
	    NULL },
	{ CLIENT "check_reverse_client_hostname_ns_access cidr:/a\n",
	    "192.0.2.10",
	    MAIL RCPT "< 554 5.7.1 <liar.test>: Unverified Client "
		      "host rejected: by ns\n",
	    NULL },
	{ HELO "check_helo_a_access cidr:/a\n", "192.0.2.9",
	    "> HELO to.test\n< 250\n> MAIL FROM:<>\n< 250\n" RCPT
	    "< 554 5.7.1 <to.test>: Helo command rejected: by a\n",
	    NULL },
	{ HELO "check_helo_ns_access cidr:/a\n", "192.0.2.9",
	    "> HELO to.test\n< 250\n> MAIL FROM:<>\n< 250\n" RCPT
	    "< 554 5.7.1 <to.test>: Helo command rejected: by ns\n",
	    NULL },
	{ TO "check_recipient_a_access cidr:/a\n", "127.0.0.1",
	    MAIL "> RCPT TO:<x@to.test>\n< 554 5.7.1 <x@to.test>: Recipient "
		 "address rejected: by a\n",
	    NULL },
	{ TO "check_recipient_ns_access cidr:/a\n", "127.0.0.1",
	    MAIL "> RCPT TO:<x@to.test>\n< 554 5.7.1 <x@to.test>: Recipient "
		 "address rejected: by ns\n",
	    NULL },
	/* names of old */
	{ CLIENT "reject_unknown_client\n", "192.0.2.10",
	    MAIL RCPT "< 450 4.7.25\n", NULL },
	{ HELO "reject_invalid_hostname\n", "192.0.2.9",
	    "> HELO a..b\n< 250\n> MAIL FROM:<>\n< 250\n" RCPT "< 501 5.5.2\n",
	    NULL },
	{ HELO "reject_non_fqdn_hostname\n", "192.0.2.9",
	    "> HELO x\n< 250\n> MAIL FROM:<>\n< 250\n" RCPT "< 504 5.5.2\n",
	    NULL },
	{ HELO "reject_unknown_hostname\n", "192.0.2.9",
	    MAIL RCPT "< 450 4.7.1 <x.test>: Helo command rejected: Host not "
		      "found\n",
	    NULL },
	{ "smtpd_reject_unlisted_recipient = no\n" TO "check_recipient_maps\n",
	    "192.0.2.9", MAIL "> RCPT TO:<nobody@here.test>\n< 550 5.1.1\n",
	    NULL },
	/* who is listed */
	{ "smtpd_reject_unlisted_recipient = no\n" TO
	  "permit_mynetworks, reject_unlisted_recipient\n",
	    "192.0.2.9", MAIL "> RCPT TO:<nobody@here.test>\n< 550 5.1.1\n",
	    NULL },
	{ "smtpd_reject_unlisted_recipient = no\n" TO
	  "permit_mynetworks, reject_unlisted_recipient\n",
	    "127.0.0.1", MAIL "> RCPT TO:<nobody@here.test>\n< 250\n", NULL },
	{ SENDER "reject_unlisted_sender\n", "192.0.2.9",
	    FROM("ghost@here.test") RCPT "< 550 5.1.0\n", NULL },
	/* whose sender */
	{ SENDER "reject_authenticated_sender_login_mismatch\n", "127.0.0.1",
	    "> EHLO x\n<+ 250\n> MAIL FROM:<a@own.test>\n< 250\n" RCPT OKAY
	    "> RSET\n< 250\n> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n"
	    "> MAIL FROM:<a@own.test>\n< 250\n" RCPT
	    "< 553 5.7.1 <a@own.test>: Sender address rejected: not owned by "
	    "user user\n> RSET\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n" RCPT
	    "< 553 5.7.1\n",
	    NULL },
	{ SENDER "reject_unauthenticated_sender_login_mismatch\n", "127.0.0.1",
	    "> EHLO x\n<+ 250\n> MAIL FROM:<a@own.test>\n< 250\n" RCPT
	    "< 553 5.7.1 <a@own.test>: Sender address rejected: not logged in\n"
	    "> RSET\n< 250\n> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n"
	    "> MAIL FROM:<a@own.test>\n< 250\n" RCPT OKAY,
	    NULL },
	/* what decides, and what does not */
	{ SENDER "check_sender_access hash:/ok, reject\n", "192.0.2.9",
	    MAIL RCPT OKAY, NULL },
	{ SENDER "check_sender_access hash:/n, reject\n", "192.0.2.9",
	    MAIL RCPT OKAY, NULL },
	{ SENDER "check_sender_access hash:/w, reject\n", "192.0.2.9",
	    MAIL RCPT "< 554 5.7.1\n",
	    "NOQUEUE: warn: RCPT from client.test[192.0.2.9]: "
	    "<a@b.test>: Sender address look; from=<a@b.test>" },
	{ SENDER "check_sender_access hash:/i, reject\n", "192.0.2.9",
	    MAIL RCPT "< 554 5.7.1\n",
	    "NOQUEUE: info: RCPT from client.test[192.0.2.9]: " },
	{ SENDER "check_sender_access hash:/d, reject\n", "192.0.2.9",
	    MAIL RCPT "< 554 5.7.1\n", NULL },
	{ SENDER "check_sender_access hash:/c\n", "192.0.2.9",
	    MAIL RCPT "< 450 4.7.9 <a@b.test>: Sender address rejected: wait\n",
	    NULL },
	{ SENDER "check_sender_access hash:/x\n", "192.0.2.9",
	    MAIL RCPT "< 554 5.7.1 <a@b.test>: Sender address rejected: Access "
		      "denied\n",
	    NULL },
	{ SENDER "check_sender_access hash:/e\n", "192.0.2.9",
	    MAIL RCPT
	    "< 450 4.7.1 <a@b.test>: Sender address rejected: later\n",
	    NULL },
	{ SENDER "warn_if_reject reject, permit\n", "192.0.2.9", MAIL RCPT OKAY,
	    "NOQUEUE: reject_warning: RCPT from client.test[192.0.2.9]: 554" },
	{ SENDER "defer_if_reject, reject\n", "192.0.2.9",
	    MAIL RCPT "< 450 4.7.0\n", NULL },
	{ SENDER "defer_if_reject\n", "192.0.2.9", MAIL RCPT OKAY, NULL },
	{ SENDER "defer_if_permit, reject\n", "192.0.2.9",
	    MAIL RCPT "< 554 5.7.1\n", NULL },
	/* the client's list is first, then helo, sender, relay, recipient */
	CHECK(TO "check_recipient_access hash:/t\n" SENDER
		 "check_sender_access hash:/t\n" HELO
		 "check_helo_access hash:/t\n" CLIENT
		 "check_client_access hash:/t",
	    "<client.test[192.0.2.9]>: Client host rejected: by client"),
	CHECK(TO "check_recipient_access hash:/t\n" SENDER
		 "check_sender_access hash:/t\n" HELO
		 "check_helo_access hash:/t",
	    "<x.test>: Helo command rejected: by helo"),
	CHECK(TO "check_recipient_access hash:/t\n" SENDER
		 "check_sender_access hash:/t",
	    "<a@b.test>: Sender address rejected: by sender"),
	CHECK(TO "check_recipient_access hash:/t",
	    "<user@here.test>: Recipient address rejected: by recipient"),
	/* OK ends its own list only */
	CHECK(CLIENT "permit\n" SENDER "check_sender_access hash:/t",
	    "<a@b.test>: Sender address rejected: by sender"),
	/* at each step of its own, without smtpd_delay_reject */
	{ "smtpd_delay_reject = no\n" SENDER "check_sender_access hash:/t\n" TO
	  "check_client_access hash:/t\n",
	    "192.0.2.9",
	    "> HELO x.test\n< 250\n> MAIL FROM:<a@b.test>\n< 554 5.7.1 "
	    "<a@b.test>: Sender address rejected: by sender\n"
	    "> MAIL FROM:<c@d.test>\n< 250\n" RCPT
	    "< 554 5.7.1 <client.test[192.0.2.9]>: Client host rejected: by "
	    "client\n",
	    "NOQUEUE: reject: MAIL from client.test[192.0.2.9]: 554" },
	/* a list that asks for what is not known yet passes it over */
	{ "smtpd_delay_reject = no\n" CLIENT "check_sender_access hash:/t, "
	  "check_helo_access hash:/t\n",
	    "192.0.2.9", MAIL RCPT OKAY, NULL },
	{ CLIENT "check_sender_access hash:/t\n", "192.0.2.9",
	    MAIL RCPT "< 554 5.7.1 <a@b.test>: Sender address rejected: by "
		      "sender\n",
	    NULL },
};

START_TEST(row)
{
	world_play(&w, &rows[_i], tables, names);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, row, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("smtpd/restrictions", fill);
}
