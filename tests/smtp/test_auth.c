#include "smtp/delivery.h"

#include "smtp/refusals.h"
#include "tests/smtp/script.h"

/* Logging in; the name and the password are "user" and "pass". */
#define AUTH_CONF \
	"smtp_sasl_auth_enable = yes\n" \
	"smtp_sasl_password_maps = hash:/x\n"
#define LOGS_IN \
	GREET, "S 250-mx", "S 250 AUTH PLAIN", \
	    "C AUTH PLAIN AHVzZXIAcGFzcw==\r\n", "S 235 in", TAKES, QUIT, NULL
#define P100 \
	"01234567890123456789012345678901234567890123456789" \
	"01234567890123456789012345678901234567890123456789"
#define LAX AUTH_CONF "smtp_sasl_security_options = noanonymous\n"

static const struct {
	const char *what;
	const char *conf, *key, *value;
	bool broken;
	const char *const *script;
	struct want want;
} logins[] = {
	{ "PLAIN", LAX, "mx1.x.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH LOGIN PLAIN",
		"C AUTH PLAIN AHVzZXIAcGFzcw==\r\n", "S 235 in", TAKES, QUIT,
		NULL },
	    { DONE, "2.0.0", "" } },
	{ "by next hop", LAX, "lone.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH=PLAIN",
		"C AUTH PLAIN AHVzZXIAcGFzcw==\r\n", "S 235 in", TAKES, QUIT,
		NULL },
	    { DONE, "2.0.0", "" } },
	{ "LOGIN", LAX, "mx1.x.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH LOGIN", "C AUTH LOGIN\r\n",
		"S 334 VXNlcm5hbWU6", "C dXNlcg==\r\n", "S 334 UGFzc3dvcmQ6",
		"C cGFzcw==\r\n", "S 235 in", TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ "one question too many", LAX, "mx1.x.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH LOGIN", "C AUTH LOGIN\r\n",
		"S 334 VXNlcm5hbWU6", "C dXNlcg==\r\n", "S 334 UGFzc3dvcmQ6",
		"C cGFzcw==\r\n", "S 334 more", NULL },
	    { DEFER, "4.7.0", "SASL authentication failed" } },
	{ "refused", LAX, "mx1.x.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", "C AUTH PLAIN",
		"S 535 5.7.8 wrong", NULL },
	    { DEFER, "4.7.8",
		"SASL authentication failed; server mx1.x.example[127.0.0.1] "
		"said: 535 5.7.8 wrong" } },
	{ "no plaintext without TLS", AUTH_CONF, "mx1.x.example", "user:pass",
	    false, SCRIPT{ GREET, "S 250-mx", "S 250 AUTH LOGIN PLAIN", NULL },
	    { DEFER, "4.7.0", "no mechanism available" } },
	{ "filtered", LAX "smtp_sasl_mechanism_filter = login\n",
	    "mx1.x.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", NULL },
	    { DEFER, "4.7.0", "no mechanism available" } },
	{ "by sender", LAX "smtp_sender_dependent_authentication = yes\n",
	    "a@client.example", "user:pass", false, SCRIPT{ LOGS_IN },
	    { DONE, "2.0.0", "" } },
	{ "by sender's domain",
	    LAX "smtp_sender_dependent_authentication = yes\n",
	    "@client.example", "user:pass", false, SCRIPT{ LOGS_IN },
	    { DONE, "2.0.0", "" } },
	{ "by host though senders count",
	    LAX "smtp_sender_dependent_authentication = yes\n", "mx1.x.example",
	    "user:pass", false, SCRIPT{ LOGS_IN }, { DONE, "2.0.0", "" } },
	{ "senders do not count", LAX, "a@client.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ "no entry", LAX, "other.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ "not offered", LAX, "mx1.x.example", "user:pass", false,
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" } },
	{ "CRAM-MD5, which shows no password", AUTH_CONF, "mx1.x.example",
	    "user:pencil", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN CRAM-MD5",
		"C AUTH CRAM-MD5\r\n",
		"S 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ"
		"+",
		"C dXNlciAyNjZmODJiYjJkMWFjZTY3MjlkMmM1NzNlNGUwMDRjNg==\r\n",
		"S 235 in", TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ "another delimiter", LAX "smtp_sasl_password_result_delimiter = --\n",
	    "mx1.x.example", "user--pass", false, SCRIPT{ LOGS_IN },
	    { DONE, "2.0.0", "" } },
	{ "all but one",
	    LAX "smtp_sasl_mechanism_filter = !cram-md5, static:x\n",
	    "mx1.x.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH CRAM-MD5 PLAIN",
		"C AUTH PLAIN AHVzZXIAcGFzcw==\r\n", "S 235 in", TAKES, QUIT,
		NULL },
	    { DONE, "2.0.0", "" } },
	{ "the next one", LAX, "mx1.x.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH CRAM-MD5 PLAIN",
		"C AUTH CRAM-MD5\r\n", "S 504 5.5.4 not any more",
		"C AUTH PLAIN AHVzZXIAcGFzcw==\r\n", "S 235 in", TAKES, QUIT,
		NULL },
	    { DONE, "2.0.0", "" } },
	{ "no other", LAX, "mx1.x.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", "C AUTH PLAIN",
		"S 534 5.7.9 too weak", NULL },
	    { DEFER, "4.7.9", "said: 534 5.7.9 too weak" } },
	{ "too long for the command", LAX, "mx1.x.example",
	    "user:" P100 P100 P100 P100, false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", "C AUTH PLAIN\r\n",
		"S 334 ", "C AHVzZXIAMDEyMzQ1Njc4OTAxMjM0", "S 235 in", TAKES,
		QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ "hard", LAX "smtp_sasl_auth_soft_bounce = no\n", "mx1.x.example",
	    "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", "C AUTH PLAIN",
		"S 535 5.7.8 wrong", NULL },
	    { BOUNCE, "5.7.8", "said: 535 5.7.8 wrong" } },
	{ "hard, but not now", LAX "smtp_sasl_auth_soft_bounce = no\n",
	    "mx1.x.example", "user:pass", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", "C AUTH PLAIN",
		"S 454 4.7.0 later", NULL },
	    { DEFER, "4.7.0", "said: 454 4.7.0 later" } },
	{ "enforced", LAX "smtp_sasl_auth_enforce = yes\n", "mx1.x.example",
	    "user:pass", false, SCRIPT{ PLAIN, NULL },
	    { DEFER, "4.7.0", "AUTH is not offered" } },
	{ "enforced, no entry", LAX "smtp_sasl_auth_enforce = yes\n",
	    "other.example", "user:pass", false,
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" } },
	{ "who does not prove himself", AUTH_CONF, "mx1.x.example", "user:pass",
	    false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN SCRAM-SHA-256",
		"C AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9", "S 235 welcome",
		NULL },
	    { DEFER, "4.7.0", "has not shown that it knows" } },
	{ "a nonce that is not ours", AUTH_CONF, "mx1.x.example", "user:pass",
	    false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN SCRAM-SHA-1",
		"C AUTH SCRAM-SHA-1 biwsbj11c2VyLHI9",
		/* r=x,s=AAAA,i=4096 */
		"S 334 cj14LHM9QUFBQSxpPTQwOTY=", NULL },
	    { DEFER, "4.7.0", "cannot be answered" } },
	{ "a token without TLS", LAX "smtp_sasl_mechanism_filter = xoauth2\n",
	    "mx1.x.example", "user:token", false,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN XOAUTH2", NULL },
	    { DEFER, "4.7.0", "no mechanism available" } },
	{ "tables broken", LAX, "mx1.x.example", "user:pass", true,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", NULL },
	    { DEFER, "4.7.0", "cannot be read" } },
};

START_TEST(login)
{
	static const char *const rcpts[] = { ONE_RCPT };
	const char *tables[] = { "smtp_sasl_password_maps", logins[_i].key,
		logins[_i].value, NULL };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct buf log = BUF_EMPTY;

	w.names = names;
	w.tables = tables;
	w.lookup_broken = logins[_i].broken;
	world_conf(logins[_i].conf);
	world_script(1, logins[_i].script);
	r = world_request(letter, "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&logins[_i].want, 1);
	check_scripts();
	world_log(&log);
	ck_assert(strstr(buf_str(&log), "pass") == NULL ||
	    strstr(buf_str(&log), "user:pass") == NULL);
	ck_assert(strstr(buf_str(&log), "cGFzcw") == NULL);
	buf_free(&log);
}
END_TEST

/* A password that was refused is not shown again, another is. */
START_TEST(remembered)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want wants[] = {
		{ DEFER, "4.7.8", "failed; server" },
		{ DEFER, "4.7.8",
		    "SASL [CACHED] authentication failed; server "
		    "mx1.x.example[127.0.0.1] said: 535 5.7.8 wrong" },
		{ DONE, "2.0.0", "" },
	};
	const char *values[] = { "user:bad", "user:bad", "user:pass" };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_conf(LAX);
	w.env.refusals = refusals_new(60);
	world_script(1,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", "C AUTH PLAIN",
		"S 535 5.7.8 wrong", NULL });
	world_script(1, SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", NULL });
	world_script(1, SCRIPT{ LOGS_IN });
	for (size_t i = 0; i < 3; i++) {
		const char *tables[] = { "smtp_sasl_password_maps",
			"mx1.x.example", values[i], NULL };

		w.tables = tables;
		r = world_request(letter, "lone.example", list, rcpts);
		w.done = false;
		world_deliver(&r, false);
		check_results(&wants[i], 1);
		why_free(&w.results[0].why);
		w.count = 0;
	}
	check_scripts();
	refusals_free(&w.env.refusals);
}
END_TEST

/* debug_peer_list: the conversation, but for passwords. */
START_TEST(written_down)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const char *const lists[] = { "x.example", "127.0.0.0/8",
		"mx1.x.example", "mx2.x.example", "!127.0.0.1, x.example" };
	const char *tables[] = { "smtp_sasl_password_maps", "mx1.x.example",
		"user:pass", NULL };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct buf log = BUF_EMPTY;
	char *conf = mem_printf(LAX "debug_peer_list = %s\n", lists[_i]);

	w.names = names;
	w.tables = tables;
	world_conf(conf);
	world_script(1, SCRIPT{ LOGS_IN });
	r = world_request(letter, "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_scripts();
	world_log(&log);
	ck_assert_int_eq(
	    strstr(buf_str(&log), "> mx1.x.example[127.0.0.1]: AUTH PLAIN\n") !=
		NULL,
	    _i < 3);
	ck_assert_int_eq(strstr(buf_str(&log),
			     "< mx1.x.example[127.0.0.1]: 250-mx\n") != NULL,
	    _i < 3);
	ck_assert_ptr_null(strstr(buf_str(&log), "AHVz"));
	buf_free(&log);
	free(conf);
}
END_TEST

/* LMTP has its own settings. */
START_TEST(lmtp)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want = { DONE, "2.0.0", "" };
	const char *tables[] = { "lmtp_sasl_password_maps", "mx1.x.example",
		"user:pass", NULL };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	w.tables = tables;
	world_conf(AUTH_CONF "lmtp_sasl_auth_enable = yes\n"
			     "lmtp_sasl_password_maps = hash:/y\n"
			     "lmtp_sasl_security_options =\n"
			     "lmtp_lhlo_name = other.example\n"
			     "lmtp_skip_quit_response = yes\n");
	world_script(1,
	    SCRIPT{ "S 220 LMTP", "C LHLO other.example\r\n", "S 250-mx",
		"S 250 AUTH PLAIN", "C AUTH PLAIN AHVzZXIAcGFzcw==\r\n",
		"S 235 in", TAKES, QUIT, NULL });
	r = world_request(letter, "mx1.x.example", list, rcpts);
	world_deliver(&r, true);
	check_results(&want, 1);
	check_scripts();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, remembered);
	tcase_add_loop_test(t, written_down, 0, 5);
	tcase_add_test(t, lmtp);
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_loop_test(t, login, 0, UNIT_COUNT(logins));
}

int
main(void)
{
	return unit_main("smtp/auth", fill);
}
