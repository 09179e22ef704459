/* test_screen.c - before the greeting: early talkers and weighed lists; and how
 * late strangers hear of a refusal */

#include "smtpd/screen.h"

#include "base/why.h"
#include "os/clock.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

static const struct world_row names[] = {
	{ "A 9.2.0.192.one.test", "127.0.0.2" },
	{ "A 9.2.0.192.two.test", "127.0.0.4" },
	{ "A 9.2.0.192.good.test", "127.0.0.1" },
	{ "A 9.2.0.192.slow.test", "(trouble)" },
	{ NULL, NULL },
};

#define BASE  "smtpd_peername_lookup = no\npostscreen_greet_wait = 1s\n"
#define GREET BASE "postscreen_greet_action = enforce\n"
#define LISTS \
	BASE \
	    "postscreen_dnsbl_sites = one.test*2, two.test=127.0.0.[3..5]*3, " \
	    "slow.test, good.test*-4\n"

static void
connect_from(const char *address)
{
	w.names = names;
	world_connect(&w, address);
}

static void
expect(const char *line)
{
	for (int i = 0; i < 3000 && w.got.n == 0; i++)
		world_run(&w, 1);
	ck_assert_str_eq(world_line(&w), line);
}

/* Half a greeting, a pause, the rest; once a client is known, no pause. */
START_TEST(waits)
{
	int64_t begun;

	world_begin(&w, GREET);
	begun = clock_ms();
	connect_from("192.0.2.9");
	expect("220-mail.here.test ESMTP Facteur");
	expect("220 mail.here.test ESMTP Facteur");
	ck_assert_int_ge(clock_ms() - begun, 999);
	world_talk(&w, "> HELO x\n< 250\n");
	connect_from("192.0.2.9");
	world_talk(&w, "< 220 mail\n");
	/* our own do not wait at all */
	connect_from("127.0.0.1");
	world_talk(&w, "< 220 mail\n");
	world_end(&w);
}
END_TEST

START_TEST(forgets)
{
	world_begin(&w,
	    GREET "postscreen_greet_ttl = 0\n"
		  "postscreen_greet_banner =\n");
	connect_from("192.0.2.9");
	expect("220 mail.here.test ESMTP Facteur");
	connect_from("192.0.2.9");
	ck_assert_uint_eq(w.got.n, 0);
	expect("220 mail.here.test ESMTP Facteur");
	world_end(&w);
}
END_TEST

#define TRY "> MAIL FROM:<a@b.test>\n< 250\n> RCPT TO:<user@here.test>\n"

START_TEST(early_enforced)
{
	world_begin(&w, GREET);
	connect_from("192.0.2.9");
	world_talk(&w,
	    "< 220-\n> HELO x\n< 220 mail\n< 250\n" TRY
	    "< 550 5.5.1 Protocol error\n> QUIT\n< 221\n");
	world_expect_log(&w, "PREGREET 8 after ");
	world_expect_log(&w, " from [192.0.2.9]:1234: HELO x");
	world_expect_log(&w,
	    "NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 550 5.5.1 "
	    "Protocol error; from=<a@b.test> to=<user@here.test>");
	world_end(&w);
}
END_TEST

START_TEST(early_dropped)
{
	world_begin(&w, BASE "postscreen_greet_action = drop\n");
	connect_from("192.0.2.9");
	world_talk(&w, "< 220-\n> HELO x\n< 521 5.5.1 Protocol error\n");
	ck_assert(w.ended);
	world_end(&w);
}
END_TEST

static const struct {
	const char *config, *says, *logged;
} lists[] = {
	/* 2 + 3 - 4 */
	{ LISTS, "< 220\n> HELO x\n< 250\n" TRY "< 250\n",
	    "DNSBL rank 1 for [192.0.2.9]:1234" },
	{ LISTS "postscreen_dnsbl_action = enforce\n",
	    "< 220\n> HELO x\n< 250\n" TRY
	    "< 550 5.7.1 Service unavailable; client [192.0.2.9] blocked using "
	    "two.test\n",
	    "550 5.7.1 Service unavailable; client [192.0.2.9] blocked using "
	    "two.test; from=" },
	{ LISTS "postscreen_dnsbl_action = enforce\n"
		"postscreen_dnsbl_reply_map = inline:{two.test=a.list}\n",
	    "< 220\n> HELO x\n< 250\n" TRY
	    "< 550 5.7.1 Service unavailable; client [192.0.2.9] blocked using "
	    "a.list\n",
	    NULL },
	{ LISTS "postscreen_dnsbl_action = enforce\n"
		"postscreen_dnsbl_threshold = 2\n",
	    "< 220\n> HELO x\n< 250\n" TRY "< 250\n", NULL },
	{ LISTS "postscreen_dnsbl_action = drop\n",
	    "< 521 5.7.1 Service unavailable; client [192.0.2.9] blocked\n",
	    NULL },
	{ LISTS "postscreen_dnsbl_action = drop\n"
		"postscreen_access_list =\nmynetworks = 192.0.2.0/24\n",
	    "< 521\n", NULL },
	{ LISTS "postscreen_dnsbl_action = drop\nmynetworks = 192.0.2.0/24\n",
	    "< 220\n", NULL },
	/* well liked: no pause */
	{ GREET "postscreen_dnsbl_sites = good.test*-4\n"
		"postscreen_dnsbl_allowlist_threshold = -2\n"
		"postscreen_greet_wait = 1000s\n",
	    "< 220-\n< 220\n", NULL },
};

START_TEST(weighed)
{
	world_begin(&w, lists[_i].config);
	connect_from("192.0.2.9");
	world_talk(&w, lists[_i].says);
	if (lists[_i].logged != NULL)
		world_expect_log(&w, lists[_i].logged);
	world_end(&w);
}
END_TEST

/* Who has logged in may come from anywhere. */
START_TEST(login)
{
	world_begin(&w,
	    LISTS "postscreen_dnsbl_action = enforce\n"
		  "postscreen_access_list =\n"
		  "postscreen_dnsbl_sites = here.test\n");
	connect_from("127.0.0.1");
	w.names = (struct world_row[]){ { NULL, NULL } };
	world_talk(&w,
	    "< 220\n> EHLO x\n<+ 250\n"
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n" TRY "< 250\n");
	world_end(&w);
}
END_TEST

/* No answer at all: so long, and no longer. */
START_TEST(silent)
{
	world_begin(&w, LISTS "postscreen_dnsbl_timeout = 1s\n");
	w.dns_slow = true;
	connect_from("192.0.2.9");
	expect("220 mail.here.test ESMTP Facteur");
	world_end(&w);
}
END_TEST

#define DEEP(what) BASE "postscreen_" what "_enable = yes\n"
#define PIPED      "HELO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<user@here.test>\r\n"

static const struct world_row tables[] = {
	{ "cidr:/t 192.0.2.9", "reject" },
	{ "cidr:/good 192.0.2.9", "PERMIT" },
	{ "cidr:/odd 192.0.2.9", "perhaps" },
	{ "cidr:/fire 192.0.2.9", "(trouble)" },
	{ "cidr:/next 192.0.2.9", "dunno" },
	{ NULL, NULL },
};

#define DENIED "550 5.3.2 Service currently unavailable"

/* What is sent at once, and all that comes back. */
static const struct {
	const char *config, *sent, *says, *logged;
	bool ended;
} watched[] = {
	{ DEEP("pipelining"), PIPED,
	    "< 220\n< 250\n< 250\n< 550 5.5.1 Protocol error\n",
	    "COMMAND PIPELINING from [192.0.2.9]:1234 after HELO: MAIL "
	    "FROM:<a@b.test>",
	    false },
	{ DEEP("pipelining") "postscreen_pipelining_action = drop\n", PIPED,
	    "< 220\n< 521 5.5.1 Protocol error\n", "COMMAND PIPELINING from",
	    true },
	{ DEEP("pipelining") "postscreen_pipelining_action = ignore\n"
			     "smtpd_forbid_unauth_pipelining = no\n",
	    PIPED, "< 220\n< 250\n< 250\n< 250\n", "COMMAND PIPELINING from",
	    false },
	{ BASE "smtpd_forbid_unauth_pipelining = no\n", PIPED,
	    "< 220\n< 250\n< 250\n< 250\n", NULL, false },
	{ DEEP("non_smtp_command"), "GET / HTTP/1.0\r\n",
	    "< 220\n< 521 5.7.0 Error: I can break rules, too. Goodbye.\n",
	    "NON-SMTP COMMAND from [192.0.2.9]:1234 after UNKNOWN: GET / "
	    "HTTP/1.0",
	    true },
	{ DEEP("non_smtp_command") "postscreen_non_smtp_command_action = "
				   "enforce\n",
	    "Subject: x\r\nRSET\r\n", "< 220\n< 500 5.5.2\n< 250\n", NULL,
	    false },
	{ DEEP("non_smtp_command") "postscreen_non_smtp_command_action = "
				   "enforce\n",
	    "GET /\r\nMAIL FROM:<>\r\nRCPT TO:<user@here.test>\r\n",
	    "< 220\n< 500 5.5.2\n< 250\n< 550 5.5.1 Protocol error\n", NULL,
	    false },
	{ DEEP("bare_newline") "postscreen_bare_newline_action = drop\n",
	    "HELO x\n", "< 220\n< 521 5.5.1 Protocol error\n",
	    "BARE NEWLINE from [192.0.2.9]:1234 after CONNECT: HELO x", true },
	{ DEEP("bare_newline") "postscreen_bare_newline_action = enforce\n"
			       "smtpd_forbid_bare_newline = no\n",
	    "HELO x\nMAIL FROM:<>\r\nRCPT TO:<user@here.test>\r\n",
	    "< 220\n< 250\n< 250\n< 550 5.5.1 Protocol error\n", NULL, false },
	/* a password is not logged */
	{ DEEP("bare_newline") "postscreen_bare_newline_action = drop\n",
	    "AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n",
	    "< 220\n< 521 5.5.1 Protocol error\n", "after CONNECT: AUTH\n",
	    true },
	/* smtpd's own rule is the stricter one */
	{ DEEP("bare_newline"), "HELO x\n", "< 220\n< 521 5.5.2\n",
	    "BARE NEWLINE from", true },
	/* postscreen_access_list */
	{ BASE "postscreen_access_list = cidr:/t\n"
	       "postscreen_denylist_action = drop\n",
	    "", "< 521 5.3.2 Service currently unavailable\n",
	    "DENYLISTED [192.0.2.9]:1234", true },
	{ BASE "postscreen_access_list = cidr:/t\n"
	       "postscreen_denylist_action = enforce\n",
	    "HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<user@here.test>\r\n",
	    "< 220\n< 250\n< 250\n< " DENIED "\n", NULL, false },
	{ BASE "postscreen_access_list = cidr:/t\n",
	    "HELO x\r\nMAIL FROM:<>\r\nRCPT TO:<user@here.test>\r\n",
	    "< 220\n< 250\n< 250\n< 250\n", "DENYLISTED", false },
	{ BASE "postscreen_access_list = cidr:/next, cidr:/fire, cidr:/none "
	       "cidr:/odd cidr:/good, cidr:/t\n"
	       "postscreen_greet_action = drop\n"
	       "postscreen_denylist_action = drop\n",
	    "", "< 220 mail\n", "ALLOWLISTED [192.0.2.9]:1234", false },
	{ BASE "postscreen_access_list = cidr:/odd\n", "", "< 220 mail\n",
	    "cidr:/odd: \"perhaps\": permit, reject or dunno is wanted",
	    false },
	{ BASE "postscreen_access_list = cidr:/fire\n", "", "< 220 mail\n",
	    "postscreen_access_list: cidr:/fire does not answer", false },
	{ BASE "mynetworks = 192.0.2.0/24\n"
	       "postscreen_access_list = permit_mynetworks, cidr:/t\n"
	       "postscreen_denylist_action = drop\n",
	    "", "< 220 mail\n", NULL, false },
};

START_TEST(deep)
{
	struct span sent = span_str(watched[_i].sent);

	world_begin(&w, watched[_i].config);
	w.tables = tables;
	connect_from("192.0.2.9");
	world_settle(&w);
	if (span_is(sent, PIPED)) {
		world_send(&w, sent);
		world_settle(&w);
	} else { /* a line at a time */
		struct span line;

		while (span_cut(&sent, '\n', &line) && line.n > 0) {
			world_send(&w, span_of(line.p, line.n + 1));
			world_settle(&w);
		}
	}
	world_talk(&w, watched[_i].says);
	ck_assert_int_eq(w.ended, watched[_i].ended);
	if (watched[_i].logged != NULL)
		world_expect_log(&w, watched[_i].logged);
	world_end(&w);
}
END_TEST

static bool
offers_pipelining(void)
{
	bool offers = false;

	world_talk(&w, "< 220\n");
	world_send(&w, SPAN("EHLO x\r\n"));
	world_settle(&w);
	for (const char *line = world_line(&w); line[0] != '\0';
	     line = world_line(&w))
		offers = offers || strstr(line, "PIPELINING") != NULL;
	return offers;
}

/* Watched until a first recipient, then remembered. */
START_TEST(passed)
{
	world_begin(&w, DEEP("pipelining") DEEP("bare_newline"));
	connect_from("192.0.2.9");
	ck_assert(!offers_pipelining());
	connect_from("192.0.2.9");
	ck_assert(!offers_pipelining());
	world_talk(&w, TRY "< 250\n");
	world_expect_log(&w, "PASS NEW [192.0.2.9]:1234");
	connect_from("192.0.2.9");
	ck_assert(offers_pipelining());
	connect_from("192.0.2.10");
	ck_assert(!offers_pipelining());
	connect_from("127.0.0.1");
	ck_assert(offers_pipelining());
	world_end(&w);
}
END_TEST

static const char *const bad[] = {
	"postscreen_greet_action = hurt: ignore, enforce or drop",
	"a weight is a number",
	"\"permit_all\" is neither permit_mynetworks nor a table",
	"postscreen_pipelining_action = hurt",
};

START_TEST(refused)
{
	struct smtpd smtpd = { .conf = &w.conf };
	struct why why;

	memset(&w, 0, sizeof(w));
	w.conf.postscreen_greet_action = _i == 0 ? "hurt" : "ignore";
	w.conf.postscreen_dnsbl_action = "ignore";
	w.conf.postscreen_denylist_action = "ignore";
	w.conf.postscreen_pipelining_action = _i == 3 ? "hurt" : "drop";
	w.conf.postscreen_non_smtp_command_action = "Enforce";
	w.conf.postscreen_bare_newline_action = "drop";
	w.conf.postscreen_access_list = _i == 2 ? "permit_all" : "";
	w.conf.postscreen_dnsbl_sites = _i == 1 ? "a.test*b" : "";
	why_init(&why);
	ck_assert_ptr_null(screening_new(&smtpd, &why));
	ck_assert(strstr(why_text(&why), bad[_i]) != NULL);
	why_free(&why);
}
END_TEST

/* A refusal is told late to strangers. */
START_TEST(tarpit)
{
	int64_t begun;

	world_begin(&w, "smtpd_tarpit_delay = 1s\n");
	connect_from("192.0.2.9");
	world_talk(&w, "< 220\n> HELO x\n< 250\n> MAIL FROM:<>\n< 250\n");
	begun = clock_ms();
	world_send(&w, SPAN("RCPT TO:<nobody@here.test>\r\n"));
	for (int i = 0; i < 3000 && w.got.n == 0; i++)
		world_run(&w, 1);
	ck_assert_int_ge(clock_ms() - begun, 999);
	ck_assert(span_starts(span_str(world_line(&w)), "550 5.1.1"));
	connect_from("127.0.0.1");
	world_talk(&w,
	    "< 220\n> HELO x\n< 250\n> MAIL FROM:<>\n< 250\n"
	    "> RCPT TO:<nobody@here.test>\n< 550\n");
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, waits);
	tcase_add_test(t, forgets);
	tcase_add_test(t, early_enforced);
	tcase_add_test(t, early_dropped);
	tcase_add_loop_test(t, weighed, 0, UNIT_COUNT(lists));
	tcase_add_test(t, login);
	tcase_add_loop_test(t, deep, 0, UNIT_COUNT(watched));
	tcase_add_test(t, passed);
	tcase_add_test(t, silent);
	tcase_add_loop_test(t, refused, 0, UNIT_COUNT(bad));
	tcase_add_test(t, tarpit);
}

int
main(void)
{
	return unit_main("smtpd/screen", fill);
}
