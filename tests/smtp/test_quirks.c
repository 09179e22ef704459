/* test_quirks.c - servers that need something else: tables by address, replies
 * and answers of the DNS that are changed, and parameters for odd networks */

#include "smtp/delivery.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include "tests/smtp/script.h"

static const char *const tables[] = { "smtp_discard_ehlo_keyword_address_maps",
	"127.0.0.1", "size, dsn", "lmtp_discard_lhlo_keyword_address_maps",
	"127.0.0.1", "pipelining", "smtp_discard_ehlo_keyword_address_maps",
	"127.0.0.2", "", "smtp_pix_workaround_maps", "127.0.0.1",
	"delay_dotcrlf", "smtp_pix_workaround_maps", "127.0.0.2", "nonsense",
	"smtp_reply_filter", "220 this is not SMTP", "220 mx.example ESMTP",
	"smtp_reply_filter", "221-evil reply", "250-mx", "smtp_reply_filter",
	"550 5.7.1 later", "450 4.7.1 later", "smtp_reply_filter",
	"250 2.0.0 Ok: queued as 1", "250 2.0.0 as one", "lmtp_reply_filter",
	"550 5.7.1 later", "450 4.7.1 as LMTP", "smtp_dns_reply_filter",
	"x.example. 0 IN MX 10 mx1.x.example.", "ignore",
	"smtp_dns_reply_filter", "mx1.x.example. 0 IN A 127.0.0.1", "IGNORE ",
	"smtp_dns_reply_filter", "mx2.x.example. 0 IN A 127.0.0.2", "DROP",
	"smtp_sasl_password_maps", "mx1.x.example", "user:pass", NULL };

#define LOGS_IN \
	"smtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = hash:/x\n" \
	"smtp_sasl_security_options = noanonymous\n"
#define PIX    "S 220 **2******0*** **", "C HELO client.example\r\n", "S 250 mx"
#define FILTER "smtp_reply_filter = pcre:/x\n"
#define DNS    "smtp_dns_reply_filter = pcre:/x\n"
#define KEYWORDS \
	"smtp_discard_ehlo_keyword_address_maps = hash:/x\n" \
	"lmtp_discard_lhlo_keyword_address_maps = hash:/x\n"
#define LMTP      "S 220 LMTP", "C LHLO client.example\r\n"
#define LMTP_CONF "lmtp_skip_quit_response = yes\n"
#define SIZED     GREET, "S 250-mx", "S 250 SIZE 5"
#define TWO_HOSTS "x.example"
#define ONE       "lone.example"
#define IN_TIME \
	{ \
		DONE, "2.0.0", "" \
	}

static const struct {
	const char *conf, *nexthop;
	bool lmtp;
	int64_t age_s; /* of the letter */
	unsigned host; /* that is asked, 0: none */
	const char *const *script;
	struct want want;
	const char *log;
} rows[] = {
	/* extensions by address */
	{ "", ONE, false, 1, 1, SCRIPT{ SIZED, QUIT, NULL },
	    { BOUNCE, "5.3.4", "message size" }, NULL },
	{ KEYWORDS, ONE, false, 1, 1, SCRIPT{ SIZED, TAKES, QUIT, NULL },
	    IN_TIME, NULL },
	{ KEYWORDS "smtp_discard_ehlo_keywords = pipelining\n", ONE, false, 1,
	    1,
	    SCRIPT{ PIPE, MAIL, RCPT1, DATA, OK, OK, GO, "M", "S 250 2.0.0 Ok",
		QUIT, NULL },
	    IN_TIME, NULL },
	{ KEYWORDS "smtp_discard_ehlo_keywords = size\n", "[mx2.x.example]",
	    false, 1, 2, SCRIPT{ SIZED, QUIT, NULL },
	    { BOUNCE, "5.3.4", "message size" }, NULL },
	{ KEYWORDS LMTP_CONF, "mx1.x.example", true, 1, 1,
	    SCRIPT{ LMTP, "S 250-x", "S 250 PIPELINING", TAKES, QUIT, NULL },
	    IN_TIME, NULL },
	/* old firewalls */
	{ "smtp_pix_workaround_delay_time = 0\n", ONE, false, 600, 1,
	    SCRIPT{ PIX, TAKES, QUIT, NULL }, IN_TIME,
	    "4F00D: enabling PIX workarounds: disable_esmtp delay_dotcrlf for "
	    "mx1.x.example[127.0.0.1]" },
	{ "", ONE, false, 400, 1,
	    SCRIPT{ "S 220 **2******0*** **", "C EHLO client.example\r\n",
		"S 250 mx", TAKES, QUIT, NULL },
	    IN_TIME, NULL },
	{ "smtp_pix_workaround_threshold_time = 300s\n"
	  "smtp_pix_workarounds = disable_esmtp\n",
	    ONE, false, 400, 1, SCRIPT{ PIX, TAKES, QUIT, NULL }, IN_TIME,
	    "workarounds: disable_esmtp for" },
	{ "smtp_pix_workaround_maps = hash:/x\n"
	  "smtp_pix_workaround_delay_time = 0\n",
	    ONE, false, 600, 1,
	    SCRIPT{ "S 220 **2******0*** **", "C EHLO client.example\r\n",
		"S 250 mx", TAKES, QUIT, NULL },
	    IN_TIME, "workarounds: delay_dotcrlf for" },
	{ "smtp_pix_workaround_maps = hash:/x\nsmtp_pix_workarounds =\n",
	    "[mx2.x.example]", false, 600, 2,
	    SCRIPT{ "S 220 **2******0*** **", "C EHLO client.example\r\n",
		"S 250 mx", TAKES, QUIT, NULL },
	    IN_TIME, "\"nonsense\" for mx2.x.example[127.0.0.2]: not" },
	/* replies */
	{ FILTER, ONE, false, 1, 1, SCRIPT{ "S this is not SMTP", NULL },
	    { DEFER, "4.5.0", "protocol error" }, NULL },
	{ FILTER, ONE, false, 1, 1,
	    SCRIPT{ "S 220 this is not SMTP", "C EHLO client.example\r\n",
		"S 221-evil reply", "S 250 VRFY", TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "250 2.0.0 as one" }, "250 2.0.0 as one" },
	{ FILTER, ONE, false, 1, 1,
	    SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 550 5.7.1 later", QUIT, NULL },
	    { DEFER, "4.7.1", "450 4.7.1 later" }, NULL },
	{ "lmtp_reply_filter = pcre:/x\n" LMTP_CONF, "mx1.x.example", true, 1,
	    1,
	    SCRIPT{ LMTP, "S 250 x", MAIL, OK, RCPT1, "S 550 5.7.1 later", QUIT,
		NULL },
	    { DEFER, "4.7.1", "450 4.7.1 as LMTP" }, NULL },
	/* the last words of a server that is gone */
	{ FILTER, ONE, false, 1, 1,
	    SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M",
		"S 250 2.0.0 Ok: queued as 1", "CLOSE", NULL },
	    { DONE, "2.0.0", "250 2.0.0 as one" }, NULL },
	{ FILTER, ONE, false, 1, 1,
	    SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M", "R 250 2.0.0",
		"CLOSE", NULL },
	    { DEFER, "4.4.2", "lost connection" }, NULL },
	{ FILTER, ONE, false, 1, 1,
	    SCRIPT{
		PIPE, MAIL, RCPT1, DATA, OK, OK, "S 451 no", "CLOSE", NULL },
	    { DEFER, "4.0.0", "451 no (in reply to DATA" }, NULL },
	/* before it was asked */
	{ FILTER, ONE, false, 1, 1,
	    SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 250 a\r\n250 b", NULL },
	    { DEFER, "4.5.0", "replied before it was asked" }, NULL },
	{ FILTER, ONE, false, 1, 1,
	    SCRIPT{ "S 220 x", "C EHLO", "FLOOD", NULL },
	    { DEFER, "4.5.0", "protocol error" }, NULL },
	/* the DNS */
	{ "smtp_mx_session_limit = 1\n", TWO_HOSTS, false, 1, 1,
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, IN_TIME, NULL },
	{ "smtp_mx_session_limit = 1\n" DNS, TWO_HOSTS, false, 1, 2,
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, IN_TIME,
	    "ignoring DNS RR: x.example. 0 IN MX 10 mx1.x.example." },
	{ DNS, ONE, false, 1, 0, NULL,
	    { DEFER, "4.7.0", "DNS reply filter drops all results" }, NULL },
	{ DNS, "[mx2.x.example]", false, 1, 2,
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, IN_TIME,
	    "smtp_dns_reply_filter: \"DROP\" is no action" },
	/* more to be said */
	{ LOGS_IN "smtp_send_dummy_mail_auth = yes\n", ONE, false, 1, 1,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN",
		"C AUTH PLAIN AHVzZXIAcGFzcw==\r\n", "S 235 in",
		"C MAIL FROM:<a@client.example> AUTH=<>\r\n", OK, RCPT1, OK,
		DATA, GO, "M", "S 250 2.0.0 Ok", QUIT, NULL },
	    IN_TIME, NULL },
	{ LOGS_IN, ONE, false, 1, 1,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN",
		"C AUTH PLAIN AHVzZXIAcGFzcw==\r\n", "S 235 in", TAKES, QUIT,
		NULL },
	    IN_TIME, NULL },
	{ "smtp_send_dummy_mail_auth = yes\n", ONE, false, 1, 1,
	    SCRIPT{ GREET, "S 250-mx", "S 250 AUTH PLAIN", TAKES, QUIT, NULL },
	    IN_TIME, NULL },
	{ "smtp_send_xforward_command = yes\nsmtp_xforward_timeout = 1\n", ONE,
	    false, 1, 1,
	    SCRIPT{ GREET, "S 250-mx", "S 250 XFORWARD NAME", "C XFORWARD NAME",
		"STALL", NULL },
	    { DEFER, "4.4.2", "timed out while sending XFORWARD" }, NULL },
	{ "smtp_tls_note_starttls_offer = yes\n", ONE, false, 1, 1,
	    SCRIPT{ GREET, "S 250-mx", "S 250 STARTTLS", TAKES, QUIT, NULL },
	    IN_TIME, "Host offered STARTTLS: [mx1.x.example]" },
	/* an address that this machine does not have */
	{ "smtp_bind_address = 192.0.2.77\n", ONE, false, 1, 1,
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, IN_TIME,
	    "mx1.x.example[127.0.0.1]:" },
	{ "smtp_bind_address = 192.0.2.77\n"
	  "smtp_bind_address_enforce = yes\n",
	    ONE, false, 1, 0, NULL,
	    { DEFER, "4.4.1", "Cannot assign requested address" }, NULL },
	/* content that the server does not take */
	{ "smtp_data_xfer_timeout = 1\nsmtp_min_data_rate = 100000000\n", ONE,
	    false, 1, 1,
	    SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "DEAF", NULL },
	    { DEFER, "4.4.2", "timed out while sending message body" }, NULL },
	{ "smtp_data_xfer_timeout = 1\nsmtp_min_data_rate = 100000000\n"
	  "smtp_per_request_deadline = yes\nsmtp_data_done_timeout = 1\n",
	    ONE, false, 1, 1,
	    SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "DRIP", NULL },
	    { DEFER, "4.4.2", "timed out while sending message body" }, NULL },
};

/* More than sockets and buffers hold, where somebody does not read. */
static char *
content_of(const char *const *script)
{
	for (; script != NULL && *script != NULL; script++)
		if (strcmp(*script, "DEAF") == 0 ||
		    strcmp(*script, "DRIP") == 0) {
			struct buf text = BUF_EMPTY;

			while (text.n < 24 << 20)
				buf_add_str(&text, "another line of it\n");
			return buf_take(&text);
		}
	return mem_str(letter);
}

START_TEST(row)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	char *content = content_of(rows[_i].script);

	w.names = names;
	w.tables = tables;
	world_conf(rows[_i].conf);
	if (rows[_i].host > 0)
		world_script(rows[_i].host, rows[_i].script);
	r = world_request(content, rows[_i].nexthop, list, rcpts);
	r.arrival_us -= rows[_i].age_s * 1000000;
	world_deliver(&r, rows[_i].lmtp);
	check_results(&rows[_i].want, 1);
	if (strlen(content) < 1000)
		check_scripts();
	if (rows[_i].log != NULL)
		check_log(rows[_i].log);
	free(content);
}
END_TEST

/* The one BDAT of a message that the server does not read: it is late as
 * content is, not as the end of it. */
START_TEST(deaf_to_a_chunk)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want = { DEFER, "4.4.2",
		"timed out while sending message body" };
	struct buf text = BUF_EMPTY;
	struct delivery_rcpt list[1];
	struct delivery_request r;
	int few = 536, fd = w.hosts[0].fd;
	socklen_t n = sizeof(few);

	buf_add_str(&text, "Subject: x\n\n");
	while (text.n < 60000)
		buf_add_str(&text, "another line of it\n");
	w.names = names;
	/* neither end's buffer holds it */
	ck_assert_int_eq(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &few, n), 0);
	ck_assert_int_eq(setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &few, n), 0);
	world_conf("smtp_data_xfer_timeout = 1\n"
		   "smtp_min_data_rate = 100000000\n"
		   "smtp_data_done_timeout = 1h\n");
	world_script(1,
	    SCRIPT{ GREET, "S 250-mx", "S 250 CHUNKING", MAIL, OK, RCPT1, OK,
		"DEAF", NULL });
	r = world_request(buf_str(&text), ONE, list, rcpts);
	world_deliver(&r, false);
	check_results(&want, 1);
	buf_free(&text);
}
END_TEST

/* Tables that cannot be read: mail waits, nothing is guessed. */
static const struct {
	const char *conf, *text;
	const char *const *script;
} broken[] = {
	{ KEYWORDS, "smtp_discard_ehlo_keyword_address_maps cannot be read",
	    NULL },
	{ "smtp_pix_workaround_maps = hash:/x\n",
	    "smtp_pix_workaround_maps cannot be read", NULL },
	{ FILTER,
	    "smtp_reply_filter cannot be read while receiving the initial",
	    SCRIPT{ "S 220 x", NULL } },
	{ DNS, "Host not found, try again", NULL },
};

START_TEST(no_table)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	w.lookup_broken = true;
	world_conf(broken[_i].conf);
	if (broken[_i].script != NULL)
		world_script(1, broken[_i].script);
	r = world_request(letter, ONE, list, rcpts);
	world_deliver(&r, false);
	ck_assert_int_eq(w.results[0].why.outcome, DEFER);
	ck_assert_msg(
	    strstr(why_text(&w.results[0].why), broken[_i].text) != NULL, "%s",
	    why_text(&w.results[0].why));
	check_scripts();
}
END_TEST

/* Is a server without DSN where mail is delivered? */
static const struct {
	const char *conf;
	bool lmtp;
	enum delivery_told told;
} tells[] = {
	{ "", false, TOLD_RELAYED },
	{ LMTP_CONF, true, TOLD_BY_US },
	{ LMTP_CONF "lmtp_assume_final = no\n", true, TOLD_RELAYED },
};

START_TEST(told)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const char *const by_smtp[] = { PLAIN, TAKES, QUIT, NULL };
	static const char *const by_lmtp[] = { LMTP, "S 250 x", TAKES, QUIT,
		NULL };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_conf(tells[_i].conf);
	world_script(1, tells[_i].lmtp ? by_lmtp : by_smtp);
	r = world_request(letter, "mx1.x.example", list, rcpts);
	if (!tells[_i].lmtp)
		r.nexthop = SPAN("[mx1.x.example]");
	world_deliver(&r, tells[_i].lmtp);
	ck_assert_int_eq(w.results[0].told, tells[_i].told);
	check_scripts();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_test(t, deaf_to_a_chunk);
	tcase_add_loop_test(t, row, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, no_table, 0, UNIT_COUNT(broken));
	tcase_add_loop_test(t, told, 0, UNIT_COUNT(tells));
}

int
main(void)
{
	return unit_main("smtp/quirks", fill);
}
