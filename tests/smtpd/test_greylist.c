/* test_greylist.c - check_greylist, smtpd_greylist, and smtpd/grey_key.h */

#include "smtpd/grey_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/metric.h"
#include "calls/auth_call.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

static const struct {
	const char *address;
	size_t n;
	unsigned prefix;
	const char *text;
} networks[] = {
	{ "\xc0\0\x02\x89", 4, 24, "192.0.2.0/24" },
	{ "\xc0\0\x02\x89", 4, 32, "192.0.2.137/32" },
	{ "\xc0\0\x02\x89", 4, 25, "192.0.2.128/25" },
	{ "\xc0\0\x02\x89", 4, 0, "0.0.0.0/0" },
	{ "\xc0\0\x02\x89", 4, 64, "192.0.2.137/32" },
	{ "\x20\x01\x0d\xb8\1\2\3\4\5\6\7\x08\x09\0\0\1", 16, 64,
	    "2001:db8:102:304::/64" },
	{ "\x20\x01\x0d\xb8\1\2\3\4\5\6\7\x08\x09\0\0\1", 16, 128,
	    "2001:db8:102:304:506:708:900:1/128" },
};

START_TEST(network)
{
	struct buf out = BUF_EMPTY;

	grey_network(&out, span_of(networks[_i].address, networks[_i].n),
	    networks[_i].prefix);
	ck_assert_str_eq(buf_str(&out), networks[_i].text);
	buf_free(&out);
}
END_TEST

#define LONG64 \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *sender, *rcpt, *key; /* behind the network */
} keys[] = {
	{ "a@b.test", "c@d.test", "a@b.test c@d.test" },
	{ "", "c@d.test", "<> c@d.test" },
	{ "Joe@B.Test", "C@D.test", "joe@b.test c@d.test" },
	/* the same list, other letters of it */
	{ "bounce-123-x9@l.test", "c@d.test", "bounce-#-x#@l.test c@d.test" },
	{ "list+c=d.test@l7.test", "c@d.test", "list@l7.test c@d.test" },
	{ "+odd@l.test", "c@d.test", "+odd@l.test c@d.test" },
	/* another tag each day */
	{ "prvs=1234abcdef=joe@b.test", "c@d.test", "joe@b.test c@d.test" },
	{ "prvs=joe@b.test", "c@d.test", "joe@b.test c@d.test" },
	{ "SRS0=aB3d=77=far.test=joe@f.test", "c@d.test",
	    "srs=far.test=joe@f.test c@d.test" },
	{ "SRS1=xyz=f2.test==aB3d=77=far.test=joe@f.test", "c@d.test",
	    "srs=far.test=joe@f.test c@d.test" },
	{ "srs0joe@f.test", "c@d.test", "srs#joe@f.test c@d.test" },
	{ "noat", "postmaster", "noat postmaster" },
	/* not to be shown as it is */
	{ "\xc3\xa4@b.test", "c@d.test", "sha256:" },
	{ "a\tb@b.test", "c@d.test", "sha256:" },
	{ "a@" LONG64 LONG64 ".test", LONG64 LONG64 "@d.test", "sha256:" },
};

START_TEST(key)
{
	struct buf out = BUF_EMPTY;
	char want[400];

	grey_key(&out, SPAN("n/24"), span_str(keys[_i].sender),
	    span_str(keys[_i].rcpt));
	snprintf(want, sizeof(want), "n/24 %s", keys[_i].key);
	ck_assert_msg(strncmp(buf_str(&out), want, strlen(want)) == 0, "%s",
	    buf_str(&out));
	ck_assert_uint_lt(out.n, GREYLIST_KEY_MAX);
	buf_free(&out);
}
END_TEST

#define RCPT  "> RCPT TO:<user@here.test>\n"
#define HELLO "> HELO helo.test\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
#define AGAIN \
	"< 450 4.2.0 <user@here.test>: Recipient address rejected: " \
	"Greylisted, try again in 300 seconds\n"

static const struct world_row tables[] = {
	{ "hash:/t user@here.test", "check_greylist" },
	{ "hash:/spared user@here.test", "OK" },
	{ "hash:/fire user@here.test", "(trouble)" },
	{ "smtpd_greylist_maps 192.0.2.0/24 a@b.test user@here.test", "77" },
	{ "pop_before_smtp_maps 192.0.2.9", "yes" },
	{ NULL, NULL },
};

static const struct world_row names[] = {
	{ "A 9.2.0.192.wl.test", "127.0.0.2" },
	{ "A 9.2.0.192.bl.test", "127.0.0.2" },
	{ NULL, NULL },
};

static const struct {
	const char *config, *from, *script, *logged;
	enum auth_greylist_verdict verdict;
	unsigned asked;
} runs[] = {
	{ "", "192.0.2.9", RCPT "< 250\n", NULL, GREYLIST_NEW, 0 },
	{ "smtpd_greylist = yes\n", "192.0.2.9", RCPT AGAIN,
	    ": NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 450 4.2.0 "
	    "<user@here.test>: Recipient address rejected: Greylisted, try "
	    "again in 300 seconds; from=<a@b.test> to=<user@here.test> "
	    "proto=SMTP helo=<helo.test>\n",
	    GREYLIST_NEW, 1 },
	{ "smtpd_greylist = yes\n", "192.0.2.9", RCPT "< 250\n",
	    ": NOQUEUE: info: RCPT from unknown[192.0.2.9]: "
	    "<user@here.test>: Recipient address passed the greylist after "
	    "300 seconds; from=<a@b.test> to=<user@here.test>",
	    GREYLIST_PASSED, 1 },
	{ "smtpd_greylist = yes\n", "192.0.2.9", RCPT "< 250\n", NULL,
	    GREYLIST_KNOWN, 1 },
	/* who does not pass the lists is refused for good, and not asked for */
	{ "smtpd_greylist = yes\n", "192.0.2.9",
	    "> RCPT TO:<nobody@here.test>\n< 550 5.1.1\n"
	    "> RCPT TO:<x@elsewhere.test>\n< 554 5.7.1\n",
	    NULL, GREYLIST_NEW, 0 },
	{ "smtpd_greylist = yes\n", "127.0.0.1", RCPT "< 250\n", NULL,
	    GREYLIST_NEW, 0 },
	{ "smtpd_greylist = yes\n", "192.0.2.9",
	    "> RSET\n< 250\n> VRFY user@here.test\n< 252\n", NULL, GREYLIST_NEW,
	    0 },
	/* in a list */
	{ "smtpd_recipient_restrictions = check_greylist\n", "192.0.2.9",
	    RCPT AGAIN, NULL, GREYLIST_NEW, 1 },
	{ "smtpd_client_restrictions = check_greylist\n", "192.0.2.9",
	    RCPT AGAIN, NULL, GREYLIST_NEW, 1 },
	{ "smtpd_recipient_restrictions = check_recipient_access hash:/t\n",
	    "192.0.2.9", RCPT AGAIN, NULL, GREYLIST_NEW, 1 },
	{ "smtpd_recipient_restrictions = warn_if_reject check_greylist\n",
	    "192.0.2.9", RCPT "< 250\n",
	    ": NOQUEUE: reject_warning: RCPT from unknown[192.0.2.9]: 450 "
	    "4.2.0 ",
	    GREYLIST_NEW, 1 },
	{ "smtpd_data_restrictions = check_greylist\n", "192.0.2.9",
	    RCPT "< 250\n> DATA\n< 354\n", NULL, GREYLIST_NEW, 0 },
	/* who is spared goes on behind it, not to the list's end */
	{ "smtpd_recipient_restrictions = check_greylist, reject\n",
	    "127.0.0.1", RCPT "< 554 5.7.1\n", NULL, GREYLIST_NEW, 0 },
	{ "smtpd_recipient_restrictions = check_greylist, permit\n",
	    "127.0.0.1", RCPT "< 250\n", NULL, GREYLIST_NEW, 0 },
	{ "smtpd_greylist = yes\nsmtpd_greylist_exceptions = "
	  "check_recipient_access hash:/spared\n",
	    "127.0.0.1", RCPT "< 250\n", NULL, GREYLIST_NEW, 0 },
	{ "smtpd_greylist = yes\nsmtpd_greylist_exceptions =\n", "127.0.0.1",
	    RCPT AGAIN, NULL, GREYLIST_NEW, 1 },
	{ "smtpd_greylist = yes\nsmtpd_greylist_exceptions = "
	  "permit_dnswl_client wl.test\n",
	    "192.0.2.9", RCPT "< 250\n", NULL, GREYLIST_NEW, 0 },
	{ "smtpd_greylist = yes\nsmtpd_greylist_exceptions = "
	  "check_recipient_access hash:/fire\n",
	    "192.0.2.9", RCPT "< 451 4.3.0\n", NULL, GREYLIST_NEW, 0 },
	/* by rank */
	{ "smtpd_greylist = yes\nsmtpd_greylist_dnsbl_threshold = 2\n"
	  "postscreen_dnsbl_sites = bl.test\n",
	    "192.0.2.9", RCPT "< 250\n", NULL, GREYLIST_NEW, 0 },
	{ "smtpd_greylist = yes\nsmtpd_greylist_dnsbl_threshold = 2\n"
	  "postscreen_dnsbl_sites = bl.test*2\n",
	    "192.0.2.9", RCPT AGAIN, NULL, GREYLIST_NEW, 1 },
	{ "smtpd_greylist = yes\npostscreen_dnsbl_sites = wl.test*-1\n"
	  "postscreen_dnsbl_allowlist_threshold = -1\n",
	    "192.0.2.9", RCPT "< 250\n", NULL, GREYLIST_NEW, 0 },
	/* shared by several hosts */
	{ "smtpd_greylist = yes\nsmtpd_greylist_maps = tcp:127.0.0.1:1\n",
	    "192.0.2.9",
	    RCPT "< 450 4.2.0 <user@here.test>: Recipient address rejected: "
		 "Greylisted, try again in 77 seconds\n",
	    NULL, GREYLIST_NEW, 0 },
	{ "smtpd_greylist = yes\nsmtpd_greylist_maps = tcp:127.0.0.1:1\n",
	    "192.0.3.9", RCPT "< 250\n", NULL, GREYLIST_NEW, 0 },
	{ "pop_before_smtp_maps = tcp:127.0.0.1:1\n", "192.0.2.9",
	    "> RCPT TO:<x@elsewhere.test>\n< 250\n", NULL, GREYLIST_NEW, 0 },
	{ "pop_before_smtp_maps = tcp:127.0.0.1:1\n", "192.0.2.10",
	    "> RCPT TO:<x@elsewhere.test>\n< 554\n", NULL, GREYLIST_NEW, 0 },
};

START_TEST(run)
{
	world_begin(&w, runs[_i].config);
	w.tables = tables;
	w.names = names;
	w.grey.verdict = runs[_i].verdict;
	w.grey.seconds = 300;
	world_connect(&w, runs[_i].from);
	world_talk(&w, "< 220\n" HELLO);
	world_talk(&w, runs[_i].script);
	ck_assert_uint_eq(w.grey_asked, runs[_i].asked);
	if (runs[_i].logged != NULL)
		world_expect_log(&w, runs[_i].logged);
	world_end(&w);
}
END_TEST

/* Without auth, or without lookup for the shared server, mail comes in; a
 * recipient is asked about once in a transaction. */
START_TEST(no_answer)
{
	world_begin(&w, "smtpd_greylist = yes\n");
	w.auth_dead = true;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n" HELLO RCPT "< 250\n");
	world_expect_log(
	    &w, "warning: unknown[192.0.2.9]: the greylist does not answer");
	w.auth_dead = false;
	w.grey.seconds = 300;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n" HELLO RCPT AGAIN RCPT AGAIN);
	ck_assert_uint_eq(w.grey_asked, 1);
	world_end(&w);
}
END_TEST

/* What auth is asked: see tests/auth/test_greylist.c for what it does then. */
static const struct {
	const char *config, *from, *network;
	int64_t delay, window, lifetime, enough;
} asked[] = {
	{ "", "192.0.2.9", "192.0.2.0/24", 300, 172800, 3024000, 5 },
	{ "smtpd_greylist_ipv4_prefix_length = 16\n", "192.0.2.9",
	    "192.0.0.0/16", 300, 172800, 3024000, 5 },
	{ "", "2001:db8:1:2:3::4", "2001:db8:1:2::/64", 300, 172800, 3024000,
	    5 },
	{ "smtpd_greylist_ipv6_prefix_length = 48\n", "2001:db8:1:2:3::4",
	    "2001:db8:1::/48", 300, 172800, 3024000, 5 },
	{ "smtpd_greylist_delay = 1m\nsmtpd_greylist_retry_window = 1h\n"
	  "smtpd_greylist_lifetime = 2h\nsmtpd_greylist_client_count = 0\n",
	    "192.0.2.9", "192.0.2.0/24", 60, 3600, 7200, 0 },
};

START_TEST(asks)
{
	char *config = mem_printf("smtpd_greylist = yes\n%s", asked[_i].config);

	world_begin(&w, config);
	w.grey.seconds = 300;
	world_connect(&w, asked[_i].from);
	world_talk(&w, "< 220\n" HELLO RCPT AGAIN);
	ck_assert_str_eq(w.grey_network, asked[_i].network);
	ck_assert_int_eq(w.grey_ask.delay, asked[_i].delay);
	ck_assert_int_eq(w.grey_ask.window, asked[_i].window);
	ck_assert_int_eq(w.grey_ask.lifetime, asked[_i].lifetime);
	ck_assert_int_eq(w.grey_ask.enough, asked[_i].enough);
	world_end(&w);
	free(config);
}
END_TEST

/* Each list has a counter of its own. */
static const struct {
	const char *config, *script;
	enum metric metric;
} counted[] = {
	{ "smtpd_greylist = yes\n", RCPT AGAIN, METRIC_REJECT_GREYLIST },
	{ "", "> RCPT TO:<x@elsewhere.test>\n< 554\n", METRIC_REJECT_RELAY },
	{ "smtpd_recipient_restrictions = reject\n", RCPT "< 554\n",
	    METRIC_REJECT_RCPT },
	{ "smtpd_data_restrictions = reject\n", RCPT "< 250\n> DATA\n< 554\n",
	    METRIC_REJECT_DATA },
	{ "smtpd_end_of_data_restrictions = reject\n",
	    RCPT "< 250\n> DATA\n< 354\n> .\n< 554\n",
	    METRIC_REJECT_END_OF_DATA },
	{ "smtpd_etrn_restrictions = reject\n",
	    "> RSET\n< 250\n> ETRN here.test\n< 554\n", METRIC_REJECT_ETRN },
};

START_TEST(count)
{
	uint64_t page[METRICS] = { 0 };

	metric_page_set(page);
	world_begin(&w, counted[_i].config);
	w.grey.seconds = 300;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n" HELLO);
	world_talk(&w, counted[_i].script);
	for (int m = METRIC_REJECT_CLIENT; m <= METRIC_REJECT_CONTENT; m++)
		ck_assert_int_eq(
		    (int)page[m], m == (int)counted[_i].metric ? 1 : 0);
	world_end(&w);
	metric_page_set(NULL);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, network, 0, UNIT_COUNT(networks));
	tcase_add_loop_test(t, key, 0, UNIT_COUNT(keys));
	tcase_add_loop_test(t, run, 0, UNIT_COUNT(runs));
	tcase_add_test(t, no_answer);
	tcase_add_loop_test(t, asks, 0, UNIT_COUNT(asked));
	tcase_add_loop_test(t, count, 0, UNIT_COUNT(counted));
}

int
main(void)
{
	return unit_main("smtpd/greylist", fill);
}
