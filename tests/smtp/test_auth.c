#include "smtp/delivery.h"

#include "tests/smtp/script.h"

/* Logging in; the name and the password are "user" and "pass". */
#define AUTH_CONF \
	"smtp_sasl_auth_enable = yes\n" \
	"smtp_sasl_password_maps = hash:/x\n"
#define LOGS_IN \
	GREET, "S 250-mx", "S 250 AUTH PLAIN", \
	    "C AUTH PLAIN AHVzZXIAcGFzcw==\r\n", "S 235 in", TAKES, QUIT, NULL
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

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_loop_test(t, login, 0, UNIT_COUNT(logins));
}

int
main(void)
{
	return unit_main("smtp/auth", fill);
}
