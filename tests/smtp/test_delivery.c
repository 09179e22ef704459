/* Whole deliveries to servers that follow a script. */

#include "smtp/delivery.h"

#include "tests/smtp/world.h"
#include "tests/tls/keys.h"

#define SCRIPT (const char *const[])
#define GREET  "S 220 mx.example ESMTP", "C EHLO client.example\r\n"
#define PLAIN  GREET, "S 250 mx.example"
#define PIPE   GREET, "S 250-mx.example", "S 250 PIPELINING"
#define MAIL   "C MAIL FROM:<a@client.example>\r\n"
#define RCPT1  "C RCPT TO:<b@x.example>\r\n"
#define RCPT2  "C RCPT TO:<c@x.example>\r\n"
#define RCPT3  "C RCPT TO:<d@x.example>\r\n"
#define DATA   "C DATA\r\n"
#define OK     "S 250 2.1.0 Ok"
#define GO     "S 354 End data with <CR><LF>.<CR><LF>"
#define QUIT   "C QUIT\r\n"
/* A transaction with one recipient that is taken. */
#define TAKES MAIL, OK, RCPT1, OK, DATA, GO, "M", "S 250 2.0.0 Ok: queued as 1"

#define ONE_RCPT   "b@x.example", NULL
#define THREE_RCPT "b@x.example", "c@x.example", "d@x.example", NULL

static const char letter[] = "Subject: x\n\nhello\n";

/* Two hosts of one domain, and one alone. */
static const struct world_name names[] = {
	{ "x.example", DNS_MX, DNS_FOUND, 10, "mx1.x.example" },
	{ "x.example", DNS_MX, DNS_FOUND, 20, "mx2.x.example" },
	{ "mx1.x.example", DNS_A, DNS_FOUND, 0, "127.0.0.1" },
	{ "mx2.x.example", DNS_A, DNS_FOUND, 0, "127.0.0.2" },
	{ "mx3.x.example", DNS_A, DNS_FOUND, 0, "127.0.0.3" },
	{ "lone.example", DNS_MX, DNS_FOUND, 0, "mx1.x.example" },
	{ "null.example", DNS_MX, DNS_FOUND, 0, "" },
	{ "sick.example", DNS_MX, DNS_TROUBLE, 0, NULL },
	{ .name = NULL },
};

struct want {
	enum outcome outcome;
	const char *status, *text; /* text: part of it */
};

static const struct {
	const char *what;
	const char *nexthop; /* NULL: the recipient's domain */
	const char *conf;
	const char *rcpts[4];
	const char *const *hosts[WORLD_HOSTS]; /* scripts */
	struct want want[3];
} cases[] = {
	{ "one command after the other", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "250 2.0.0 Ok: queued as 1" } } },
	{ "pipelined", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ PIPE, MAIL, RCPT1, RCPT2, RCPT3, DATA, OK, OK, OK, OK, GO,
		"M", "S 250 Fine", QUIT, NULL } },
	    { { DONE, "2.0.0", "250 Fine" }, { DONE, "2.0.0", "250 Fine" },
		{ DONE, "2.0.0", "250 Fine" } } },
	{ "domain of the recipient", NULL, "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "250 2.0.0" } } },
	{ "greeting of many lines", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "S 220-mx.example", "S 220-no spam", "S 220 ESMTP",
		"C EHLO client.example\r\n", "S 250 mx", TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "" } } },
	{ "HELO where EHLO is unknown", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "S 220 mx", "C EHLO ", "S 502 what?",
		"C HELO client.example\r\n", "S 250 mx", TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "" } } },
	{ "EHLO never", "lone.example", "smtp_never_send_ehlo = yes\n",
	    { ONE_RCPT },
	    { SCRIPT{ "S 220 mx", "C HELO client.example\r\n", "S 250 mx",
		TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "" } } },
	{ "each recipient its own word", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ PIPE, MAIL, RCPT1, RCPT2, RCPT3, DATA, OK,
		"S 550 5.1.1 <b@x.example>: unknown", OK,
		"S 450 4.2.0 try later", GO, "M", "S 250 2.6.0 took it", QUIT,
		NULL } },
	    { { BOUNCE, "5.1.1",
		  "host mx1.x.example[127.0.0.1] said: 550 5.1.1 "
		  "<b@x.example>: unknown (in reply to RCPT TO command)" },
		{ DONE, "2.6.0", "250 2.6.0 took it" },
		{ DEFER, "4.2.0", "450 4.2.0 try later (in reply to RCPT" } } },
	{ "the same without pipelining", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 550 no", RCPT2, OK, RCPT3,
		"S 450 later", DATA, GO, "M", "S 250 took it", QUIT, NULL } },
	    { { BOUNCE, "5.0.0", "550 no" }, { DONE, "2.0.0", "" },
		{ DEFER, "4.0.0", "450 later" } } },
	{ "nobody taken, DATA was sent already", "lone.example", "",
	    { ONE_RCPT },
	    { SCRIPT{ PIPE, MAIL, RCPT1, DATA, OK, "S 550 no", GO, "C .\r\n",
		"S 554 no valid recipients", QUIT, NULL } },
	    { { BOUNCE, "5.0.0", "550 no" } } },
	{ "nobody taken, DATA refused", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PIPE, MAIL, RCPT1, DATA, OK, "S 550 no",
		"S 554 no valid recipients", QUIT, NULL } },
	    { { BOUNCE, "5.0.0", "550 no" } } },
	{ "nobody taken, no DATA", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 550 no", QUIT, NULL } },
	    { { BOUNCE, "5.0.0", "550 no" } } },
	{ "sender refused", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, "S 553 5.7.1 not you", QUIT, NULL } },
	    { { BOUNCE, "5.7.1", "(in reply to MAIL FROM command)" },
		{ BOUNCE, "5.7.1", "not you" },
		{ BOUNCE, "5.7.1", "not you" } } },
	{ "sender refused, pipelined", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PIPE, MAIL, RCPT1, DATA, "S 451 4.7.1 later",
		"S 503 need MAIL", "S 503 need RCPT", QUIT, NULL } },
	    { { DEFER, "4.7.1", "451 4.7.1 later" } } },
	{ "DATA refused", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, "S 554 5.5.0 no", QUIT,
		NULL } },
	    { { BOUNCE, "5.5.0", "(in reply to DATA command)" } } },
	{ "DATA answered by 250", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{
		PLAIN, MAIL, OK, RCPT1, OK, DATA, "S 250 2.0.0 sent", NULL } },
	    { { DEFER, "4.0.0", "250 2.0.0 sent" } } },
	{ "message refused", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M",
		"S 554-5.6.0 no", "S 554 5.6.0 such thing", QUIT, NULL } },
	    { { BOUNCE, "5.6.0",
		"said: 554 5.6.0 no 5.6.0 such thing (in reply to end of DATA "
		"command)" } } },
	{ "message deferred", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M",
		"S 451 disk full", QUIT, NULL } },
	    { { DEFER, "4.0.0", "451 disk full" } } },
	{ "354 for an answer to the message", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M", "S 354 more",
		QUIT, NULL } },
	    { { DEFER, "4.0.0", "354 more" } } },
	{ "354 for an answer to MAIL", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, "S 354 more", NULL } },
	    { { DEFER, "4.0.0", "354 more (in reply to MAIL FROM" } } },
	{ "status of the wrong class", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 550 2.0.0 odd", QUIT, NULL } },
	    { { BOUNCE, "5.0.0", "550 2.0.0 odd" } } },
	{ "refused at the door", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "S 554 5.7.1 go away", NULL } },
	    { { DEFER, "4.7.1",
		"host mx1.x.example[127.0.0.1] refused to talk to me: 554 "
		"5.7.1 go away" } } },
	{ "refused at the door for good", "lone.example",
	    "smtp_skip_5xx_greeting = no\n", { ONE_RCPT },
	    { SCRIPT{ "S 554 go away", NULL } },
	    { { BOUNCE, "5.0.0", "refused to talk to me: 554" } } },
	{ "busy at the door", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "S 421 4.3.2 busy", NULL } },
	    { { DEFER, "4.3.2", "refused to talk to me: 421" } } },
	{ "HELO refused", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "S 220 mx", "C EHLO", "S 550 no", "C HELO",
		"S 550 5.7.1 no", NULL } },
	    { { BOUNCE, "5.7.1", "refused to talk to me: 550 5.7.1 no" } } },
	{ "closed before the greeting", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "CLOSE" } },
	    { { DEFER, "4.4.2",
		"lost connection with mx1.x.example[127.0.0.1] while "
		"receiving the initial server greeting" } } },
	{ "closed within a reply", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "R 220-mx\r\n22", "CLOSE" } },
	    { { DEFER, "4.4.2", "lost connection" } } },
	{ "closed after a refusal", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ PIPE, MAIL, RCPT1, RCPT2, RCPT3, DATA, OK,
		"S 550 5.1.1 no", OK, "CLOSE" } },
	    { { BOUNCE, "5.1.1", "550 5.1.1 no" },
		{ DEFER, "4.4.2", "while sending RCPT TO" },
		{ DEFER, "4.4.2", "while sending RCPT TO" } } },
	{ "closed at DATA", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, "CLOSE" } },
	    { { DEFER, "4.4.2", "while sending DATA command" } } },
	{ "closed after the message", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M", "CLOSE" } },
	    { { DEFER, "4.4.2", "message may be sent more than once" } } },
	{ "going down in the middle", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ PIPE, MAIL, RCPT1, RCPT2, RCPT3, DATA, OK, OK,
		"S 421 4.3.2 shutting down", NULL } },
	    { { DEFER, "4.3.2", "421 4.3.2 shutting down" },
		{ DEFER, "4.3.2", "in reply to RCPT TO command" },
		{ DEFER, "4.3.2", "" } } },
	{ "not SMTP", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "S SSH-2.0-OpenSSH_9.2", NULL } },
	    { { DEFER, "4.5.0", "protocol error: host mx1.x.example" } } },
	{ "a reply without end", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "S 220 mx", "C EHLO", "FLOOD", NULL } },
	    { { DEFER, "4.5.0", "protocol error" } } },
	{ "control bytes and escapes in a reply", "lone.example", "",
	    { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 550 \033[2J\r\001\xff no",
		QUIT, NULL } },
	    { { BOUNCE, "5.0.0", "550 ?[2J??? no" } } },
	{ "silence instead of a greeting", "lone.example",
	    "smtp_helo_timeout = 0\n", { ONE_RCPT }, { SCRIPT{ "STALL" } },
	    { { DEFER, "4.4.2",
		"conversation with mx1.x.example[127.0.0.1] timed out while "
		"receiving the initial server greeting" } } },
	{ "silence after RCPT", "lone.example", "smtp_rcpt_timeout = 0\n",
	    { ONE_RCPT }, { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "STALL" } },
	    { { DEFER, "4.4.2", "timed out while sending RCPT TO" } } },
	{ "silence after the message", "lone.example",
	    "smtp_data_done_timeout = 0\n", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M", "STALL" } },
	    { { DEFER, "4.4.2", "message may be sent more than once" } } },

	/* more than one host */
	{ "the first is down", "x.example", "", { ONE_RCPT },
	    { NULL, SCRIPT{ PLAIN, TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "" } } },
	{ "the first is busy", "x.example", "", { ONE_RCPT },
	    { SCRIPT{ "S 421 busy", NULL },
		SCRIPT{ PLAIN, TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "" } } },
	{ "the second takes what the first defers", "x.example", "",
	    { THREE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, RCPT2, "S 450 later", RCPT3,
		  "S 550 never", DATA, GO, "M", "S 250 one", QUIT, NULL },
		SCRIPT{ PLAIN, MAIL, OK, RCPT2, OK, DATA, GO, "M", "S 250 two",
		    QUIT, NULL } },
	    { { DONE, "2.0.0", "250 one" }, { DONE, "2.0.0", "250 two" },
		{ BOUNCE, "5.0.0", "550 never" } } },
	{ "the last word is the last host's", "x.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, "S 451 one", QUIT, NULL },
		SCRIPT{ PLAIN, MAIL, "S 452 two", QUIT, NULL } },
	    { { DEFER, "4.0.0", "452 two" } } },
	{ "lost after the message: not to another", "x.example", "",
	    { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M", "CLOSE" } },
	    { { DEFER, "4.4.2", "more than once" } } },
	{ "no more sessions than allowed", "x.example",
	    "smtp_mx_session_limit = 1\n", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, "S 451 one", QUIT, NULL } },
	    { { DEFER, "4.0.0", "451 one" } } },
	{ "no more addresses than allowed", "x.example",
	    "smtp_mx_address_limit = 1\n", { ONE_RCPT }, { NULL },
	    { { DEFER, "4.4.1", "connect to mx1.x.example[127.0.0.1]:" } } },
	{ "a fallback relay", "sick.example",
	    "smtp_fallback_relay = [mx3.x.example]\n", { ONE_RCPT },
	    { NULL, NULL, SCRIPT{ PLAIN, TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "" } } },
	{ "a fallback for what does not exist", "nowhere.example",
	    "smtp_fallback_relay = [mx3.x.example]\n", { ONE_RCPT },
	    { NULL, NULL, SCRIPT{ PLAIN, TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "" } } },
	{ "a list of next hops", "[127.0.0.1], [127.0.0.2]", "", { ONE_RCPT },
	    { NULL, SCRIPT{ PLAIN, TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "" } } },

	/* no host at all */
	{ "no such domain", "nowhere.example", "", { ONE_RCPT }, { NULL },
	    { { BOUNCE, "5.4.4",
		"Host or domain name not found. Name service error for "
		"name=nowhere.example type=MX: Host not found" } } },
	{ "name servers down", "sick.example", "", { ONE_RCPT }, { NULL },
	    { { DEFER, "4.4.3",
		"name=sick.example type=MX: Host not found, try again" } } },
	{ "takes no mail", "null.example", "", { ONE_RCPT }, { NULL },
	    { { BOUNCE, "5.1.0", "does not accept mail (nullMX)" } } },
	{ "nobody there", "[127.0.0.1]", "", { ONE_RCPT }, { NULL },
	    { { DEFER, "4.4.1", "Connection refused" } } },
	{ "mail loops back", "[127.0.0.1]", "proxy_interfaces = 127.0.0.1\n",
	    { ONE_RCPT }, { NULL },
	    { { BOUNCE, "5.4.6",
		"mail for 127.0.0.1 loops back to myself" } } },
	{ "calls itself by our name", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "S 220 x", "C EHLO", "S 250 Client.Example hi", NULL } },
	    { { BOUNCE, "5.4.6",
		"mail for lone.example loops back to myself" } } },

	/* what the server offers */
	{ "too large", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ GREET, "S 250-mx", "S 250 SIZE 10", QUIT, NULL } },
	    { { BOUNCE, "5.3.4",
		"message size 18 exceeds size limit 10 of server" } } },
	{ "size told", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ GREET, "S 250-mx", "S 250 SIZE",
		"C MAIL FROM:<a@client.example> SIZE=18\r\n", OK, RCPT1, OK,
		DATA, GO, "M", OK, QUIT, NULL } },
	    { { DONE, "2.1.0", "" } } },
	{ "few recipients at once", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ GREET, "S 250-mx", "S 250 LIMITS RCPTMAX=2", MAIL, OK,
		RCPT1, OK, RCPT2, OK, DATA, GO, "M", "S 250 one", MAIL, OK,
		RCPT3, OK, DATA, GO, "M", "S 250 two", QUIT, NULL } },
	    { { DONE, "2.0.0", "250 one" }, { DONE, "2.0.0", "250 one" },
		{ DONE, "2.0.0", "250 two" } } },
	{ "a reset between", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ GREET, "S 250-mx", "S 250 LIMITS RCPTMAX=2", MAIL, OK,
		RCPT1, "S 550 a", RCPT2, "S 550 b", "C RSET\r\n", OK, MAIL, OK,
		RCPT3, OK, DATA, GO, "M", "S 250 two", QUIT, NULL } },
	    { { BOUNCE, "5.0.0", "550 a" }, { BOUNCE, "5.0.0", "550 b" },
		{ DONE, "2.0.0", "250 two" } } },

	/* addresses */
	{ "quoted local part", "lone.example", "",
	    { "john doe@x.example", NULL },
	    { SCRIPT{ PLAIN, MAIL, OK, "C RCPT TO:<\"john doe\"@x.example>\r\n",
		OK, DATA, GO, "M", OK, QUIT, NULL } },
	    { { DONE, "2.1.0", "" } } },
	{ "no address", "lone.example", "", { "b@x.example>\n", NULL },
	    { SCRIPT{ PLAIN, QUIT, NULL } },
	    { { BOUNCE, "5.1.3", "bad address syntax" } } },
	{ "an address in UTF-8", "lone.example", "",
	    { "b\xc3\xa9@x.example", NULL }, { SCRIPT{ PLAIN, QUIT, NULL } },
	    { { BOUNCE, "5.6.7", "SMTPUTF8 is required" } } },
};

static void
check_results(const struct want *want, size_t count)
{
	ck_assert_uint_eq(w.count, count);
	for (size_t i = 0; i < count; i++) {
		struct why *why = &w.results[i].why;

		ck_assert_msg(why->outcome == want[i].outcome,
		    "recipient %zu: outcome %d, %s", i, (int)why->outcome,
		    why_text(why));
		ck_assert_str_eq(why->status, want[i].status);
		ck_assert_msg(strstr(why_text(why), want[i].text) != NULL,
		    "\"%s\" is not in \"%s\"", want[i].text, why_text(why));
	}
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

/* Each script was followed to its end, each connection came. */
static void
check_scripts(void)
{
	struct loop_timer *t = loop_timer_new(w.loop, stop, w.loop);

	/* the last words of clients are still on their way */
	for (int i = 0; i < 200 && !list_empty(&w.sessions); i++) {
		loop_timer_set(t, 5);
		loop_run(w.loop);
	}
	loop_timer_free(&t);
	ck_assert_msg(list_empty(&w.sessions), "a server still waits for %s",
	    *LIST_OF(w.sessions.next, struct world_session, in)->at);
	for (unsigned i = 0; i < WORLD_HOSTS; i++)
		ck_assert_msg(w.hosts[i].connections == w.hosts[i].script_count,
		    "host %u had %u connections", i + 1,
		    w.hosts[i].connections);
}

static void
hosts_script(const char *const *const *scripts)
{
	for (unsigned i = 0; i < WORLD_HOSTS; i++) {
		if (scripts[i] != NULL)
			world_script(i + 1, scripts[i]);
		else
			world_host_down(i + 1);
	}
}

START_TEST(deliver)
{
	struct delivery_rcpt list[4];
	struct delivery_request r;

	w.names = names;
	world_conf(cases[_i].conf);
	hosts_script(cases[_i].hosts);
	r = world_request(letter,
	    cases[_i].nexthop == NULL ? "" : cases[_i].nexthop, list,
	    cases[_i].rcpts);
	world_deliver(&r, false);
	check_results(cases[_i].want, r.rcpt_count);
	check_scripts();
}
END_TEST

/* TLS, with a certificate that nobody vouches for unless authority is set. */
#define OFFER GREET, "S 250-mx", "S 250 STARTTLS", "C STARTTLS\r\n"
#define AGAIN "C EHLO client.example\r\n", "S 250 mx"

static const struct {
	const char *what;
	const char *conf;
	bool authority;
	const char *const *scripts[2]; /* of two connections */
	struct want want;
	const char *log; /* part of it */
} secured[] = {
	{ "level none", "smtp_tls_security_level = none\n", false,
	    { SCRIPT{
		GREET, "S 250-mx", "S 250 STARTTLS", TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "status=sent" },
	{ "level may", "smtp_tls_security_level = may\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" },
	    "Untrusted TLS connection established to "
	    "mx1.x.example[127.0.0.1]:" },
	{ "may, not offered", "smtp_tls_security_level = may\n", false,
	    { SCRIPT{ PLAIN, TAKES, QUIT, NULL } }, { DONE, "2.0.0", "" },
	    "status=sent" },
	{ "may, not offered to us",
	    "smtp_tls_security_level = may\n"
	    "smtp_discard_ehlo_keywords = starttls, size\n",
	    false,
	    { SCRIPT{ GREET, "S 250-mx", "S 250-SIZE 1", "S 250 STARTTLS",
		TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "status=sent" },
	{ "may, refused", "smtp_tls_security_level = may\n", false,
	    { SCRIPT{ OFFER, "S 454 not now", TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "status=sent" },
	{ "may, broken", "smtp_tls_security_level = may\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "S this is not TLS", "CLOSE" },
		SCRIPT{
		    GREET, "S 250-mx", "S 250 STARTTLS", TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "again without TLS" },
	/* what an attacker put before the handshake has no effect */
	{ "injected", "smtp_tls_security_level = may\n", false,
	    { SCRIPT{ OFFER, "S 220 go\r\n250-evil\r\n250 SIZE 1", "TLS", AGAIN,
		TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "TLS connection established" },
	{ "encrypt, not offered", "smtp_tls_security_level = encrypt\n", false,
	    { SCRIPT{ PLAIN, NULL } },
	    { DEFER, "4.7.4",
		"TLS is required, but was not offered by host mx1.x.example" },
	    "status=deferred" },
	{ "encrypt, refused", "smtp_tls_security_level = encrypt\n", false,
	    { SCRIPT{ OFFER, "S 502 no", NULL } },
	    { DEFER, "4.7.4", "TLS is required, but was refused" },
	    "status=deferred" },
	{ "encrypt, broken", "smtp_tls_security_level = encrypt\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "S this is not TLS", "CLOSE" } },
	    { DEFER, "4.7.5", "Cannot start TLS: handshake failure" },
	    "status=deferred" },
	{ "encrypt", "smtp_tls_security_level = encrypt\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Untrusted TLS connection" },
	{ "verify, unknown authority", "smtp_tls_security_level = verify\n",
	    false, { SCRIPT{ OFFER, "S 220 go", "TLS", NULL } },
	    { DEFER, "4.7.5", "Server certificate not verified of host" },
	    "status=deferred" },
	{ "verify, another name", "smtp_tls_security_level = verify\n", true,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", NULL } },
	    { DEFER, "4.7.5", "Server certificate not verified of host" },
	    "status=deferred" },
	{ "verify",
	    "smtp_tls_security_level = verify\n"
	    "smtp_tls_verify_cert_match = mail.test\n",
	    true,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Verified TLS connection" },
	{ "a policy asks for more", "smtp_tls_policy_maps = hash:/x\n", false,
	    { SCRIPT{ PLAIN, NULL } },
	    { DEFER, "4.7.4", "TLS is required, but was not offered" },
	    "status=deferred" },
	{ "wrapper mode",
	    "smtp_tls_security_level = encrypt\n"
	    "smtp_tls_wrappermode = yes\n",
	    false, { SCRIPT{ "TLS", PLAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Untrusted TLS connection" },
};

static void
check_log(const char *part)
{
	struct buf log = BUF_EMPTY;

	world_log(&log);
	ck_assert_msg(strstr(buf_str(&log), part) != NULL,
	    "\"%s\" is not in\n%s", part, buf_str(&log));
	buf_free(&log);
}

START_TEST(secure)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const char *const tables[] = { "smtp_tls_policy_maps",
		"lone.example", "encrypt", NULL };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct keys keys;
	char *conf = mem_printf("smtp_tls_loglevel = 1\n%s%s",
	    secured[_i].authority ? "smtp_tls_CAfile = tests/data/tls/ec.crt\n"
				  : "",
	    secured[_i].conf);

	w.names = names;
	w.tables = tables;
	w.tls = keys_context(&keys, "ec");
	world_conf(conf);
	for (int i = 0; i < 2 && secured[_i].scripts[i] != NULL; i++)
		world_script(1, secured[_i].scripts[i]);
	r = world_request(letter, "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&secured[_i].want, 1);
	check_scripts();
	check_log(secured[_i].log);
	keys_free(&keys);
	free(conf);
}
END_TEST

/* Logging in; the name and the password are "user" and "pass". */
#define AUTH_CONF \
	"smtp_sasl_auth_enable = yes\n" \
	"smtp_sasl_password_maps = hash:/x\n"
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

START_TEST(lmtp)
{
	static const char *const rcpts[] = { THREE_RCPT };
	static const struct want want[] = { { DONE, "2.0.0", "250 2.0.0 b" },
		{ BOUNCE, "5.1.1", "550 5.1.1 unknown" },
		{ DEFER, "4.2.2",
		    "452 4.2.2 full (in reply to end of DATA command)" } };
	struct delivery_rcpt list[3];
	struct delivery_request r;

	w.names = names;
	world_script(1,
	    SCRIPT{ "S 220 LMTP", "C LHLO client.example\r\n", "S 250-x",
		"S 250 PIPELINING", MAIL, RCPT1, RCPT2, RCPT3, DATA, OK, OK,
		"S 550 5.1.1 unknown", OK, GO, "M", "S 250 2.0.0 b",
		"S 452 4.2.2 full", QUIT, NULL });
	r = world_request(letter, "mx1.x.example", list, rcpts);
	world_deliver(&r, true);
	check_results(want, 3);
	check_scripts();
}
END_TEST

/* What was said for some before it broke is kept. */
START_TEST(lmtp_breaks_between_words)
{
	static const char *const rcpts[] = { THREE_RCPT };
	static const struct want want[] = { { DONE, "2.0.0", "250 2.0.0 b" },
		{ DEFER, "4.4.2", "lost connection" },
		{ DEFER, "4.4.2", "lost connection" } };
	struct delivery_rcpt list[3];
	struct delivery_request r;

	w.names = names;
	world_script(1,
	    SCRIPT{ "S 220 LMTP", "C LHLO client.example\r\n", "S 250 x", MAIL,
		OK, RCPT1, OK, RCPT2, OK, RCPT3, OK, DATA, GO, "M",
		"S 250 2.0.0 b", "CLOSE" });
	r = world_request(letter, "mx1.x.example", list, rcpts);
	world_deliver(&r, true);
	check_results(want, 3);
}
END_TEST

START_TEST(notifications)
{
	static const char *const rcpts[] = { "b@x.example", "c@x.example",
		NULL };
	static const struct want want[] = { { DONE, "2.1.0", "" },
		{ DONE, "2.1.0", "" } };
	struct delivery_rcpt list[2];
	struct delivery_request r;

	w.names = names;
	world_script(1,
	    SCRIPT{ GREET, "S 250-mx", "S 250-8BITMIME", "S 250 DSN",
		"C MAIL FROM:<> BODY=8BITMIME RET=HDRS ENVID=a+2Bb\r\n", OK,
		"C RCPT TO:<b@x.example> NOTIFY=SUCCESS,DELAY "
		"ORCPT=rfc822;o+3Dx@y\r\n",
		OK, "C RCPT TO:<c@x.example> NOTIFY=NEVER\r\n", OK, DATA, GO,
		"M", OK, QUIT, NULL });
	r = world_request(letter, "lone.example", list, rcpts);
	r.sender = SPAN("");
	r.ret = RET_HDRS;
	r.envid = SPAN("a+b");
	r.flags = QUEUE_8BIT;
	list[0].notify = NOTIFY_SUCCESS | NOTIFY_DELAY;
	list[0].orcpt = SPAN("rfc822;o=x@y");
	list[1].notify = NOTIFY_NEVER;
	world_deliver(&r, false);
	check_results(want, 2);
	check_scripts();
}
END_TEST

static const struct {
	unsigned flags;
	const char *const *script;
	struct want want;
} flagged[] = {
	{ QUEUE_SMTPUTF8, SCRIPT{ PLAIN, QUIT, NULL },
	    { BOUNCE, "5.6.7", "SMTPUTF8 is required" } },
	{ QUEUE_SMTPUTF8,
	    SCRIPT{ GREET, "S 250-mx", "S 250 SMTPUTF8",
		"C MAIL FROM:<a@client.example> SMTPUTF8\r\n", OK, RCPT1, OK,
		DATA, GO, "M", OK, QUIT, NULL },
	    { DONE, "2.1.0", "" } },
	{ QUEUE_REQUIRETLS,
	    SCRIPT{ GREET, "S 250-mx", "S 250 REQUIRETLS", QUIT, NULL },
	    { BOUNCE, "5.7.30", "REQUIRETLS is wanted" } },
	/* sent as it is, and said so */
	{ QUEUE_8BIT, SCRIPT{ PLAIN, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
};

START_TEST(flags)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_script(1, flagged[_i].script);
	r = world_request(letter, "lone.example", list, rcpts);
	r.flags = flagged[_i].flags;
	world_deliver(&r, false);
	check_results(&flagged[_i].want, 1);
	check_scripts();
	if (flagged[_i].flags == QUEUE_8BIT)
		check_log("offers no 8BITMIME");
}
END_TEST

/* More than the sockets hold, with dots and long lines. */
START_TEST(large)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want = { DONE, "2.1.0", "" };
	struct buf text = BUF_EMPTY, sent = BUF_EMPTY;
	struct delivery_rcpt list[1];
	struct delivery_request r;

	for (int i = 0; i < 60000; i++) {
		buf_printf(&text, "%s line %d of the message\n",
		    i % 3 == 0 ? "." : "", i);
		buf_printf(&sent, "%s line %d of the message\r\n",
		    i % 3 == 0 ? ".." : "", i);
	}
	buf_add_str(&sent, ".\r\n");
	w.names = names;
	world_script(1,
	    SCRIPT{
		PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M", OK, QUIT, NULL });
	r = world_request(buf_str(&text), "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&want, 1);
	check_scripts();
	ck_assert(span_eq(buf_span(&w.message), buf_span(&sent)));
	buf_free(&text);
	buf_free(&sent);
}
END_TEST

/* A server that has enough in the middle of a large message: its word counts,
 * though not as success. */
static const struct {
	const char *reply;
	struct want want;
} enough[] = {
	{ "S 552 5.3.4 too much", { BOUNCE, "5.3.4", "552 5.3.4 too much" } },
	{ "S 421 4.3.1 no room", { DEFER, "4.3.1", "421 4.3.1 no room" } },
	{ "S 250 2.0.0 got it", { DEFER, "4.0.0", "250 2.0.0 got it" } },
};

START_TEST(cut_off)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct buf text = BUF_EMPTY;
	struct delivery_rcpt list[1];
	struct delivery_request r;

	for (int i = 0; i < 400000; i++)
		buf_printf(&text, "line %d of the message\n", i);
	w.names = names;
	world_script(1,
	    SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, enough[_i].reply,
		"STALL" });
	r = world_request(buf_str(&text), "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&enough[_i].want, 1);
	buf_free(&text);
}
END_TEST

/* The queue file is shorter than its envelope says: no final dot. */
START_TEST(file_too_short)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want = { DEFER, "4.3.0",
		"queue file read error" };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_script(
	    1, SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "STALL" });
	r = world_request(letter, "lone.example", list, rcpts);
	r.content_size += 1000;
	world_deliver(&r, false);
	check_results(&want, 1);
	ck_assert_uint_eq(w.message.n, 0);
}
END_TEST

START_TEST(log_line)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct buf log = BUF_EMPTY;
	char *begin;

	w.names = names;
	world_script(1, SCRIPT{ PLAIN, TAKES, QUIT, NULL });
	r = world_request(letter, "lone.example", list, rcpts);
	list[0].orig = SPAN("o@here.example");
	world_deliver(&r, false);
	world_log(&log);
	begin = mem_printf(": 4F00D: to=<b@x.example>, "
			   "orig_to=<o@here.example>, "
			   "relay=mx1.x.example[127.0.0.1]:%u, delay=1",
	    w.port);
	ck_assert_msg(
	    strstr(buf_str(&log), begin) != NULL, "%s", buf_str(&log));
	ck_assert_msg(strstr(buf_str(&log),
			  ", dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as "
			  "1)\n") != NULL,
	    "%s", buf_str(&log));
	free(begin);
	buf_free(&log);
}
END_TEST

/* Taken away in the middle: nothing is told, nothing is left. */
START_TEST(cancelled)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct delivery *d;
	struct loop_timer *t;

	w.names = names;
	world_script(1, SCRIPT{ PLAIN, MAIL, "STALL" });
	r = world_request(letter, "lone.example", list, rcpts);
	d = delivery_start(&w.env, &r, false, world_delivered, NULL);
	t = loop_timer_new(w.loop, stop, w.loop);
	while (w.heard.n == 0) {
		loop_timer_set(t, 5);
		loop_run(w.loop);
	}
	loop_timer_free(&t);
	delivery_cancel(&d);
	ck_assert_ptr_null(d);
	check_scripts();
	ck_assert(!w.done);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_loop_test(t, deliver, 0, UNIT_COUNT(cases));
	tcase_add_loop_test(t, secure, 0, UNIT_COUNT(secured));
	tcase_add_loop_test(t, login, 0, UNIT_COUNT(logins));
	tcase_add_test(t, lmtp);
	tcase_add_test(t, lmtp_breaks_between_words);
	tcase_add_test(t, notifications);
	tcase_add_loop_test(t, flags, 0, UNIT_COUNT(flagged));
	tcase_add_test(t, large);
	tcase_add_loop_test(t, cut_off, 0, UNIT_COUNT(enough));
	tcase_add_test(t, file_too_short);
	tcase_add_test(t, log_line);
	tcase_add_test(t, cancelled);
}

int
main(void)
{
	return unit_main("smtp/delivery", fill);
}
