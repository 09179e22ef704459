/* What a letter wants of a server: SMTPUTF8 and REQUIRETLS. */

#include "smtp/delivery.h"

#include "tests/smtp/script.h"
#include "tests/tls/keys.h"

#define E              "\xc3\xa9" /* e with acute */
#define WIDE           GREET, "S 250-mx.example", "S 250 SMTPUTF8"
#define MAIL8(address) "C MAIL FROM:<" address "> SMTPUTF8\r\n"
#define RCPT(address)  "C RCPT TO:<" address ">\r\n"
#define END            OK, DATA, GO, "M", "S 250 2.0.0 Ok", QUIT, NULL

static const char plain[] = "Subject: x\n\n" E "\n";
static const char global[] =
    "Subject: x\nMIME-Version: 1.0\n"
    "Content-Type: multipart/report; boundary=b\n\n"
    "--b\nContent-Type: message/global-headers\n"
    "Content-Transfer-Encoding: 8bit\n\nSubject: " E "\n--b--\n";
static const char part[] =
    "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n"
    "\n--b\nContent-Type: text/plain; name=" E "\n\nx\n--b--\n";
static const char inner[] =
    "Subject: x\nMIME-Version: 1.0\nContent-Type: message/rfc822\n"
    "\nSubject: " E "\n\nx\n";

static const struct {
	const char *what;
	unsigned flags;
	const char *text, *sender;
	const char *rcpts[4];
	const char *const *hosts[WORLD_HOSTS];
	struct want want[3];
	const char *sent; /* part of the content that came; or NULL */
} cases[] = {
	{ "asked for, and offered", QUEUE_SMTPUTF8, plain, E "@" E ".example",
	    { E "@x.example", NULL },
	    { SCRIPT{ WIDE, MAIL8(E "@" E ".example"), OK, RCPT(E "@x.example"),
		END } },
	    { { DONE, "2.0.0", "" } }, E },
	{ "domains alone, and not offered", QUEUE_SMTPUTF8, plain,
	    "a@" E ".example", { "b@\xc3\xbc.example", NULL },
	    { SCRIPT{ PLAIN, "C MAIL FROM:<a@xn--9ca.example>\r\n", OK,
		RCPT("b@xn--tda.example"), END } },
	    { { DONE, "2.0.0", "" } }, NULL },
	{ "domains alone, not asked for, offered", 0, plain, "a@client.example",
	    { "b@\xc3\xbc.example", NULL },
	    { SCRIPT{ WIDE, MAIL, OK, RCPT("b@xn--tda.example"), END } },
	    { { DONE, "2.0.0", "" } }, NULL },
	{ "not asked for, but needed", 0, plain, "a@client.example",
	    { E "@x.example", NULL },
	    { SCRIPT{ WIDE, MAIL8("a@client.example"), OK, RCPT(E "@x.example"),
		END } },
	    { { DONE, "2.0.0", "" } }, NULL },
	{ "a sender that cannot be sent", QUEUE_SMTPUTF8, plain,
	    E "@client.example", { ONE_RCPT },
	    { SCRIPT{ PLAIN, QUIT, NULL }, SCRIPT{ PLAIN, QUIT, NULL } },
	    { { BOUNCE, "5.6.7", "SMTPUTF8 is required" } }, NULL },
	{ "one recipient of three", QUEUE_SMTPUTF8, plain, "a@client.example",
	    { "b@x.example", E "@x.example", "d@x.example", NULL },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, RCPT3, END },
		SCRIPT{ PLAIN, QUIT, NULL } },
	    { { DONE, "2.0.0", "" }, { BOUNCE, "5.6.7", "not offered by" },
		{ DONE, "2.0.0", "" } },
	    NULL },
	{ "the second host can", QUEUE_SMTPUTF8, plain, E "@client.example",
	    { ONE_RCPT },
	    { SCRIPT{ PLAIN, QUIT, NULL },
		SCRIPT{ WIDE, MAIL8(E "@client.example"), OK, RCPT1, END } },
	    { { DONE, "2.0.0", "" } }, NULL },
	/* the first may be able to: later */
	{ "the first is away", QUEUE_SMTPUTF8, plain, E "@client.example",
	    { ONE_RCPT }, { NULL, SCRIPT{ PLAIN, QUIT, NULL } },
	    { { DEFER, "4.4.1", "connect to mx1" } }, NULL },
	{ "the second is away", QUEUE_SMTPUTF8, plain, E "@client.example",
	    { ONE_RCPT }, { SCRIPT{ PLAIN, QUIT, NULL }, NULL },
	    { { DEFER, "4.4.1", "connect to mx2" } }, NULL },
	{ "a header", QUEUE_SMTPUTF8, "Subject: " E "\n\nx\n",
	    "a@client.example", { ONE_RCPT },
	    { SCRIPT{ PLAIN, QUIT, NULL }, SCRIPT{ PLAIN, QUIT, NULL } },
	    { { BOUNCE, "5.6.7", "SMTPUTF8 is required" } }, NULL },
	{ "a header of a part", QUEUE_SMTPUTF8, part, "a@client.example",
	    { ONE_RCPT },
	    { SCRIPT{ PLAIN, QUIT, NULL }, SCRIPT{ PLAIN, QUIT, NULL } },
	    { { BOUNCE, "5.6.7", "SMTPUTF8 is required" } }, NULL },
	{ "a header of a message in it", QUEUE_SMTPUTF8, inner,
	    "a@client.example", { ONE_RCPT },
	    { SCRIPT{ PLAIN, QUIT, NULL }, SCRIPT{ PLAIN, QUIT, NULL } },
	    { { BOUNCE, "5.6.7", "SMTPUTF8 is required" } }, NULL },
	{ "a header, as it always was", 0, "Subject: " E "\n\nx\n",
	    "a@client.example", { ONE_RCPT },
	    { SCRIPT{ PLAIN, TAKES, QUIT, NULL } }, { { DONE, "2.0.0", "" } },
	    "Subject: " E },
	{ "a report goes encoded", QUEUE_SMTPUTF8, global, "a@client.example",
	    { ONE_RCPT },
	    { SCRIPT{
		GREET, "S 250-mx", "S 250 8BITMIME", TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "" } },
	    "quoted-printable\r\n\r\nSubject: =C3=A9" },
	{ "a report goes as it is", QUEUE_SMTPUTF8, global, "a@client.example",
	    { ONE_RCPT },
	    { SCRIPT{ GREET, "S 250-mx", "S 250-8BITMIME", "S 250 SMTPUTF8",
		MAIL8("a@client.example"), OK, RCPT1, END } },
	    { { DONE, "2.0.0", "" } }, "8bit\r\n\r\nSubject: " E },
};

static void
hosts_begin(const char *const *const *scripts)
{
	for (unsigned i = 0; i < 2; i++) {
		if (scripts[i] != NULL)
			world_script(i + 1, scripts[i]);
		else
			world_host_down(i + 1);
	}
}

START_TEST(fit)
{
	struct world_name rows[8];
	struct delivery_rcpt list[4];
	struct delivery_request r;

	memcpy(rows, names, 5 * sizeof(*rows));
	rows[5] = (struct world_name){ "xn--tda.example", DNS_MX, DNS_FOUND, 0,
		"mx1.x.example", false };
	rows[6] = (struct world_name){ .name = NULL };
	w.names = rows;
	hosts_begin(cases[_i].hosts);
	r = world_request(cases[_i].text,
	    strstr(cases[_i].rcpts[0], "\xc3\xbc") != NULL ? "\xc3\xbc.example"
							   : "x.example",
	    list, cases[_i].rcpts);
	r.sender = span_str(cases[_i].sender);
	r.flags = cases[_i].flags;
	world_deliver(&r, false);
	check_results(cases[_i].want, r.rcpt_count);
	check_scripts();
	if (cases[_i].sent != NULL)
		ck_assert_msg(
		    strstr(buf_str(&w.message), cases[_i].sent) != NULL,
		    "%s: %s", cases[_i].what, buf_str(&w.message));
}
END_TEST

/* smtputf8_enable = no: what is offered is not used. */
START_TEST(switched_off)
{
	static const char *const rcpts[] = { E "@x.example", NULL };
	static const struct want want = { BOUNCE, "5.6.7", "SMTPUTF8 is" };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_conf("smtputf8_enable = no\n");
	world_script(1, SCRIPT{ WIDE, QUIT, NULL });
	r = world_request(letter, "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&want, 1);
	check_scripts();
}
END_TEST

/* The limits are for hosts that are away or unwilling, not for those that lack
 * what another has. */
static const struct world_name three[] = {
	{ "three.example", DNS_MX, DNS_FOUND, 10, "mx1.x.example", false },
	{ "three.example", DNS_MX, DNS_FOUND, 20, "mx2.x.example", false },
	{ "three.example", DNS_MX, DNS_FOUND, 30, "mx3.x.example", false },
	{ "mx1.x.example", DNS_A, DNS_FOUND, 0, "127.0.0.1", false },
	{ "mx2.x.example", DNS_A, DNS_FOUND, 0, "127.0.0.2", false },
	{ "mx3.x.example", DNS_A, DNS_FOUND, 0, "127.0.0.3", false },
	{ .name = NULL },
};

static const struct {
	const char *conf;
	const char *const *hosts[WORLD_HOSTS];
	struct want want;
} limits[] = {
	{ "smtp_mx_session_limit = 1\n",
	    { SCRIPT{ PLAIN, QUIT, NULL }, SCRIPT{ PLAIN, QUIT, NULL },
		SCRIPT{ WIDE, MAIL8(E "@client.example"), OK, RCPT1, END } },
	    { DONE, "2.0.0", "" } },
	{ "smtp_mx_address_limit = 1\n",
	    { SCRIPT{ PLAIN, QUIT, NULL }, SCRIPT{ PLAIN, QUIT, NULL },
		SCRIPT{ WIDE, MAIL8(E "@client.example"), OK, RCPT1, END } },
	    { DONE, "2.0.0", "" } },
	{ "smtp_mx_session_limit = 1\n",
	    { SCRIPT{ PLAIN, QUIT, NULL }, SCRIPT{ PLAIN, QUIT, NULL },
		SCRIPT{ PLAIN, QUIT, NULL } },
	    { BOUNCE, "5.6.7", "SMTPUTF8 is required" } },
	/* an unwilling one counts */
	{ "smtp_mx_session_limit = 1\n",
	    { SCRIPT{ PLAIN, QUIT, NULL },
		SCRIPT{ WIDE, MAIL8(E "@client.example"), "S 451 4.3.2 not now",
		    QUIT, NULL },
		NULL },
	    { DEFER, "4.3.2", "not now" } },
};

START_TEST(beyond_limits)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = three;
	world_conf(limits[_i].conf);
	for (unsigned i = 0; i < WORLD_HOSTS; i++)
		if (limits[_i].hosts[i] != NULL)
			world_script(i + 1, limits[_i].hosts[i]);
	r = world_request(letter, "three.example", list, rcpts);
	r.sender = SPAN(E "@client.example");
	r.flags = QUEUE_SMTPUTF8;
	world_deliver(&r, false);
	check_results(&limits[_i].want, 1);
	check_scripts();
}
END_TEST

/* LMTP: SMTPUTF8 as everywhere, and mailboxes are ours (RFC 8689, 4.4). */
START_TEST(lmtp)
{
	static const char *const rcpts[] = { E "@x.example", NULL };
	static const struct want want = { DONE, "2.0.0", "" };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_conf("lmtp_skip_quit_response = yes\n");
	world_script(1,
	    SCRIPT{ "S 220 mx.example LMTP", "C LHLO client.example\r\n",
		"S 250-mx.example", "S 250 SMTPUTF8", MAIL8("a@client.example"),
		OK, RCPT(E "@x.example"), END });
	r = world_request(letter, "mx1.x.example", list, rcpts);
	r.flags = QUEUE_SMTPUTF8 | QUEUE_REQUIRETLS;
	world_deliver(&r, true);
	check_results(&want, 1);
	check_scripts();
}
END_TEST

/* The forms of ORCPT. */
static const struct {
	bool offered;
	const char *orcpt, *rcpt;
} orcpts[] = {
	{ true, "rfc822;a+b@c", "ORCPT=rfc822;a+2Bb@c" },
	{ true, "utf-8;" E "+ @c", "ORCPT=utf-8;" E "\\x{2B}\\x{20}@c" },
	{ false, "utf-8;" E "\\=@c", "ORCPT=utf-8;\\x{E9}\\x{5C}\\x{3D}@c" },
};

START_TEST(orcpt)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want = { DONE, "2.0.0", "" };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	char *line =
	    mem_printf("C RCPT TO:<b@x.example> %s\r\n", orcpts[_i].rcpt);
	const char *script[] = { GREET, "S 250-mx", "S 250-DSN",
		orcpts[_i].offered ? "S 250 SMTPUTF8" : "S 250 HELP",
		orcpts[_i].offered ? MAIL8("a@client.example") : MAIL, OK, line,
		END };

	w.names = names;
	world_script(1, script);
	r = world_request(letter, "lone.example", list, rcpts);
	r.flags = QUEUE_SMTPUTF8;
	list[0].orcpt = span_str(orcpts[_i].orcpt);
	world_deliver(&r, false);
	check_results(&want, 1);
	check_scripts();
	free(line);
}
END_TEST

#define OFFER   GREET, "S 250-mx", "S 250 STARTTLS", "C STARTTLS\r\n"
#define SECURED OFFER, "S 220 go", "TLS", "C EHLO client.example\r\n"
#define REQUIRE \
	SECURED, "S 250-mx", "S 250 REQUIRETLS", \
	    "C MAIL FROM:<a@client.example> REQUIRETLS\r\n", OK, RCPT1, END
#define MAY    "smtp_tls_security_level = may\n"
#define CA     "smtp_tls_CAfile = tests/data/tls/ec.crt\n"
#define TRUSTS MAY CA

static const struct {
	const char *what, *conf, *nexthop, *sender;
	unsigned flags;
	bool mx; /* validated */
	const char *host; /* of the MX record */
	const char *const *script;
	struct want want;
} requiring[] = {
	{ "all is well", TRUSTS, "d.example", "a@client.example",
	    QUEUE_REQUIRETLS, true, "mail.test", SCRIPT{ REQUIRE },
	    { DONE, "2.0.0", "" } },
	{ "no MX record, by name", TRUSTS, "[mail.test]", "a@client.example",
	    QUEUE_REQUIRETLS, false, "mail.test", SCRIPT{ REQUIRE },
	    { DONE, "2.0.0", "" } },
	{ "secure by configuration",
	    "smtp_tls_security_level = secure\n"
	    "smtp_tls_secure_cert_match = mail.test\n" CA,
	    "d.example", "a@client.example", QUEUE_REQUIRETLS, false,
	    "other.test", SCRIPT{ REQUIRE }, { DONE, "2.0.0", "" } },
	{ "MX not authenticated", TRUSTS, "d.example", "a@client.example",
	    QUEUE_REQUIRETLS, false, "mail.test", NULL,
	    { BOUNCE, "5.7.10", "the MX record is not authenticated" } },
	{ "no authority", MAY, "d.example", "a@client.example",
	    QUEUE_REQUIRETLS, true, "mail.test",
	    SCRIPT{ OFFER, "S 220 go", "TLS", NULL },
	    { BOUNCE, "5.7.10", "not verified" } },
	{ "another name", TRUSTS, "d.example", "a@client.example",
	    QUEUE_REQUIRETLS, true, "other.test",
	    SCRIPT{ OFFER, "S 220 go", "TLS", NULL },
	    { BOUNCE, "5.7.10", "not verified" } },
	{ "no TLS", TRUSTS, "d.example", "a@client.example", QUEUE_REQUIRETLS,
	    true, "mail.test", SCRIPT{ PLAIN, NULL },
	    { BOUNCE, "5.7.10", "TLS is required, but was not offered" } },
	{ "said in plain text only", TRUSTS, "d.example", "a@client.example",
	    QUEUE_REQUIRETLS, true, "mail.test",
	    SCRIPT{ GREET, "S 250-REQUIRETLS", "S 250 STARTTLS",
		"C STARTTLS\r\n", "S 220 go", "TLS",
		"C EHLO client.example\r\n", "S 250 mx", QUIT, NULL },
	    { BOUNCE, "5.7.30", "REQUIRETLS is required" } },
	{ "away", TRUSTS, "d.example", "a@client.example", QUEUE_REQUIRETLS,
	    true, "away.test", NULL, { DEFER, "4.4.1", "connect to" } },
	{ "a filter of this machine", MAY, "[127.0.0.1]", "a@client.example",
	    QUEUE_REQUIRETLS, false, "mail.test",
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" } },
	{ "TLS is off", "smtp_tls_security_level = none\n", "d.example",
	    "a@client.example", QUEUE_REQUIRETLS, true, "mail.test", NULL,
	    { BOUNCE, "5.7.10", "TLS is off" } },
	{ "a report finds its way", MAY, "d.example", "", QUEUE_REQUIRETLS,
	    false, "mail.test",
	    SCRIPT{ PLAIN, "C MAIL FROM:<>\r\n", OK, RCPT1, END },
	    { DONE, "2.0.0", "" } },
	{ "a report, and all is well",
	    "smtp_tls_security_level = secure\n"
	    "smtp_tls_secure_cert_match = mail.test\n" CA,
	    "d.example", "", QUEUE_REQUIRETLS, false, "mail.test",
	    SCRIPT{ SECURED, "S 250-mx", "S 250 REQUIRETLS",
		"C MAIL FROM:<> REQUIRETLS\r\n", OK, RCPT1, END },
	    { DONE, "2.0.0", "" } },
	{ "TLS-Required: No, and DANE", "smtp_tls_security_level = dane\n",
	    "d.example", "a@client.example", QUEUE_TLS_OPTIONAL, true,
	    "sick.test", SCRIPT{ PLAIN, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ "DANE, for comparison", "smtp_tls_security_level = dane\n",
	    "d.example", "a@client.example", 0, true, "sick.test", NULL,
	    { DEFER, "4.7.5", "TLSA lookup error" } },
	{ "TLS-Required: No is no order of ours",
	    "smtp_tls_security_level = encrypt\n", "d.example",
	    "a@client.example", QUEUE_TLS_OPTIONAL, true, "mail.test",
	    SCRIPT{ PLAIN, NULL }, { DEFER, "4.7.4", "TLS is required" } },
};

START_TEST(requires)
{
	static const char *const rcpts[] = { ONE_RCPT };
	const char *at = strcmp(requiring[_i].host, "away.test") == 0
	    ? "127.0.0.2"
	    : "127.0.0.1";
	char tlsa[64];
	struct world_name rows[] = {
		{ "d.example", DNS_MX, DNS_FOUND, 0, requiring[_i].host,
		    requiring[_i].mx },
		{ requiring[_i].host, DNS_A, DNS_FOUND, 0, at, true },
		{ strcmp(requiring[_i].host, "mail.test") == 0 ? "x"
							       : "mail.test",
		    DNS_A, DNS_FOUND, 0, "127.0.0.1", false },
		{ tlsa, DNS_TLSA, DNS_TROUBLE, 0, "", false },
		{ .name = NULL },
	};
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct keys keys;

	snprintf(tlsa, sizeof(tlsa), "_%u._tcp.sick.test", w.port);
	w.names = rows;
	w.tls = keys_context(&keys, "ec");
	world_conf(requiring[_i].conf);
	if (requiring[_i].script != NULL)
		world_script(1, requiring[_i].script);
	world_host_down(2);
	r = world_request(letter, requiring[_i].nexthop, list, rcpts);
	r.sender = span_str(requiring[_i].sender);
	r.flags = requiring[_i].flags;
	world_deliver(&r, false);
	check_results(&requiring[_i].want, 1);
	check_scripts();
	keys_free(&keys);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_loop_test(t, fit, 0, UNIT_COUNT(cases));
	tcase_add_test(t, switched_off);
	tcase_add_loop_test(t, beyond_limits, 0, UNIT_COUNT(limits));
	tcase_add_test(t, lmtp);
	tcase_add_loop_test(t, orcpt, 0, UNIT_COUNT(orcpts));
	tcase_add_loop_test(t, requires, 0, UNIT_COUNT(requiring));
}

int
main(void)
{
	return unit_main("smtp/fit", fill);
}
