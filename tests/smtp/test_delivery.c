/* Whole deliveries to servers that follow a script. */

#include "smtp/delivery.h"

#include "tests/smtp/script.h"

static const struct {
	const char *what;
	const char *nexthop; /* NULL: the recipient's domain */
	const char *conf;
	const char *rcpts[4];
	const char *const *hosts[WORLD_HOSTS]; /* scripts */
	struct want want[3];
} cases[] = {
	/* RFC 5321, 4.1.1.10 */
	{ "QUIT though it refuses to talk", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "S 554 5.3.2 no", QUIT, "S 221 bye", "CLOSE" } },
	    { { DEFER, "4.3.2", "refused to talk to me: 554 5.3.2 no" } } },
	{ "421 closes", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ "S 421 4.3.2 busy", "CLOSE" } },
	    { { DEFER, "4.3.2", "refused to talk to me: 421" } } },
	{ "421 to EHLO", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ GREET, "S 421 4.3.2 busy", "CLOSE" } },
	    { { DEFER, "4.3.2", "421 4.3.2 busy" } } },
	{ "421 to RCPT", "x.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 421 4.3.2 busy", "CLOSE" },
		SCRIPT{ PLAIN, TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "queued as 1" } } },
	{ "421 after the dot", "x.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M",
		  "S 421 4.3.2 busy", "CLOSE" },
		SCRIPT{ PLAIN, TAKES, QUIT, NULL } },
	    { { DONE, "2.0.0", "queued as 1" } } },
	{ "352 after the dot", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M", "S 352 hm",
		QUIT, NULL } },
	    { { DEFER, "4.0.0",
		"352 hm (in reply to end of DATA command)" } } },
	{ "552 to RCPT is for now", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 552 too many", QUIT, NULL } },
	    { { DEFER, "4.0.0", "552 too many" } } },
	{ "codes that differ: the last counts", "lone.example", "",
	    { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 250-yes", "S 550 5.1.1 no",
		QUIT, NULL } },
	    { { BOUNCE, "5.1.1", "no (in reply to RCPT TO command)" } } },
	/* nothing that comes early is taken for an answer */
	{ "a word too many after the dot", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, RCPT2, "S 452 4.5.3 too many",
		RCPT3, "S 452 4.5.3 too many", DATA, GO, "M",
		"R 250 Ok\r\n250 Ok\r\n250 Ok\r\n250 Ok\r\n", NULL } },
	    { { DONE, "2.0.0", "250 Ok" },
		{ DEFER, "4.5.0", "before it was asked" },
		{ DEFER, "4.5.0", "before it was asked" } } },
	{ "a word with the 354", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA,
		"R 354 go\r\n250 2.0.0 Ok\r\n", NULL } },
	    { { DEFER, "4.0.0",
		"250 2.0.0 Ok (in reply to message content)" } } },
	{ "words before their commands", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{ PLAIN, MAIL, "R 250 Ok\r\n250 Ok\r\n354 go\r\n", NULL } },
	    { { DEFER, "4.5.0", "replied before it was asked" } } },
	{ "a word with that for the last RCPT, before BDAT", "lone.example", "",
	    { ONE_RCPT },
	    { SCRIPT{ GREET, "S 250-mx", "S 250 CHUNKING", MAIL, OK, RCPT1,
		"R 250 Ok\r\n250 2.0.0 Ok\r\n", NULL } },
	    { { DEFER, "4.0.0",
		"250 2.0.0 Ok (in reply to message content)" } } },
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
	    { { BOUNCE, "5.1.10", "does not accept mail (nullMX)" } } },
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
	{ "more recipients than it takes at once", "lone.example", "",
	    { THREE_RCPT },
	    { SCRIPT{ PIPE, MAIL, RCPT1, RCPT2, RCPT3, DATA, OK, OK,
		"S 452 4.5.3 too many", "S 552 too many", GO, "M", "S 250 one",
		MAIL, RCPT2, RCPT3, DATA, OK, OK, OK, GO, "M", "S 250 two",
		QUIT, NULL } },
	    { { DONE, "2.0.0", "250 one" }, { DONE, "2.0.0", "250 two" },
		{ DONE, "2.0.0", "250 two" } } },
	{ "more than it takes, and refused", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ PIPE, MAIL, RCPT1, RCPT2, RCPT3, DATA, OK, OK,
		"S 452 4.5.3 too many", "S 452 4.3.1 disk full", GO, "M",
		"S 451 later", QUIT, NULL } },
	    { { DEFER, "4.0.0", "451 later" },
		{ DEFER, "4.5.3", "452 4.5.3 too many" },
		{ DEFER, "4.3.1", "disk full" } } },
	{ "552 passes", "lone.example", "", { ONE_RCPT },
	    { SCRIPT{
		PLAIN, MAIL, OK, RCPT1, "S 552 5.2.2 full", QUIT, NULL } },
	    { { DEFER, "4.2.2", "552 5.2.2 full" } } },
	{ "a reset between", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ GREET, "S 250-mx", "S 250 LIMITS RCPTMAX=2", MAIL, OK,
		RCPT1, "S 550 a", RCPT2, "S 550 b", "C RSET\r\n", OK, MAIL, OK,
		RCPT3, OK, DATA, GO, "M", "S 250 two", QUIT, NULL } },
	    { { BOUNCE, "5.0.0", "550 a" }, { BOUNCE, "5.0.0", "550 b" },
		{ DONE, "2.0.0", "250 two" } } },
	/* not tried again at once: it was no connection that had waited */
	{ "gone before the second letter", "lone.example", "", { THREE_RCPT },
	    { SCRIPT{ GREET, "S 250-mx", "S 250 LIMITS RCPTMAX=2", MAIL, OK,
		RCPT1, "S 450 a", RCPT2, "S 450 b", "C RSET\r\n", OK, MAIL,
		"CLOSE" } },
	    { { DEFER, "4.0.0", "450 a" }, { DEFER, "4.0.0", "450 b" },
		{ DEFER, "4.4.2", "lost connection" } } },

	/* addresses */
	{ "quoted local part", "lone.example", "",
	    { "john doe@x.example", NULL },
	    { SCRIPT{ PLAIN, MAIL, OK, "C RCPT TO:<\"john doe\"@x.example>\r\n",
		OK, DATA, GO, "M", OK, QUIT, NULL } },
	    { { DONE, "2.1.0", "" } } },
	{ "a local part without quotes", "lone.example",
	    "smtp_quote_rfc821_envelope = no\n", { "john doe@x.example", NULL },
	    { SCRIPT{ PLAIN, MAIL, OK, "C RCPT TO:<john doe@x.example>\r\n", OK,
		DATA, GO, "M", OK, QUIT, NULL } },
	    { { DONE, "2.1.0", "" } } },
	{ "no address", "lone.example", "", { "b@x.example>\n", NULL },
	    { SCRIPT{ PLAIN, QUIT, NULL } },
	    { { BOUNCE, "5.1.3", "bad address syntax" } } },
	{ "an address in UTF-8", "lone.example", "",
	    { "b\xc3\xa9@x.example", NULL }, { SCRIPT{ PLAIN, QUIT, NULL } },
	    { { BOUNCE, "5.6.7", "SMTPUTF8 is required" } } },
};

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

#define XCONF  "smtp_send_xforward_command = yes\n"
#define XOFFER GREET, "S 250-mx", "S 250 XFORWARD"

/* Who the client was, for a filter behind us. */
static const struct {
	const char *conf;
	const char *name, *addr, *helo, *proto;
	const char *const *script;
} forwards[] = {
	{ "", "c.example", "192.0.2.1", "h", "ESMTP",
	    SCRIPT{ GREET, "S 250-mx", "S 250 XFORWARD NAME ADDR", TAKES, QUIT,
		NULL } },
	{ XCONF, "c.example", "192.0.2.1", "h", "ESMTP",
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL } },
	{ XCONF, "c.example", "192.0.2.1", "h e", "ESMTP",
	    SCRIPT{ GREET, "S 250-mx",
		"S 250 XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT",
		"C XFORWARD NAME=c.example ADDR=192.0.2.1 PROTO=ESMTP "
		"HELO=h+20e IDENT=4F00D SOURCE=REMOTE\r\n",
		OK, TAKES, QUIT, NULL } },
	{ XCONF, "unknown", "2001:db8::1", "", "local",
	    SCRIPT{ GREET, "S 250-mx", "S 250 XFORWARD NAME ADDR HELO SOURCE",
		"C XFORWARD NAME=[UNAVAILABLE] ADDR=IPv6:2001:db8::1 "
		"HELO=[UNAVAILABLE] SOURCE=LOCAL\r\n",
		"S 501 no", TAKES, QUIT, NULL } },
	{ XCONF, "c.example", "192.0.2.1", "h", "ESMTP",
	    SCRIPT{ GREET, "S 250-mx", "S 250 XFORWARD NAME",
		"C XFORWARD NAME=c.example\r\n", "CLOSE" } },
};

START_TEST(forward)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_conf(forwards[_i].conf);
	world_script(1, forwards[_i].script);
	r = world_request(letter, "lone.example", list, rcpts);
	r.client_name = span_str(forwards[_i].name);
	r.client_addr = span_str(forwards[_i].addr);
	r.helo = span_str(forwards[_i].helo);
	r.proto = span_str(forwards[_i].proto);
	world_deliver(&r, false);
	ck_assert_int_eq(w.results[0].why.outcome,
	    _i == UNIT_COUNT(forwards) - 1 ? DEFER : DONE);
	check_scripts();
}
END_TEST

/* smtp_skip_quit_response = no: it may answer, or not. */
static const struct {
	const char *conf;
	const char *const *script;
} quits[] = {
	{ "", SCRIPT{ PLAIN, TAKES, QUIT, "S 221 bye", "CLOSE" } },
	{ "", SCRIPT{ PLAIN, TAKES, QUIT, "CLOSE" } },
	{ "smtp_quit_timeout = 0\n", SCRIPT{ PLAIN, TAKES, QUIT, "STALL" } },
};

START_TEST(quit)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	char *conf =
	    mem_printf("smtp_skip_quit_response = no\n%s", quits[_i].conf);

	w.names = names;
	world_conf(conf);
	world_script(1, quits[_i].script);
	r = world_request(letter, "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&(struct want){ DONE, "2.0.0", "" }, 1);
	check_scripts();
	free(conf);
}
END_TEST

/* qmgr hears which host it was: of several the one that was reached, and all
 * when none was. */
static const struct {
	const char *nexthop;
	bool down[3];
	const char *host;
} hosts[] = {
	{ "lone.example", { false }, "mx1.x.example:P" },
	{ "lone.example", { true }, "mx1.x.example:P" },
	{ "x.example", { false, false }, "mx1.x.example:P" },
	{ "x.example", { true, false }, "mx2.x.example:P" },
	{ "x.example", { true, true }, "mx1.x.example:P,mx2.x.example:P" },
};

START_TEST(host_told)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const char *const script[] = { PLAIN, TAKES, QUIT, NULL };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct buf want = BUF_EMPTY;

	w.names = names;
	world_conf("");
	for (int i = 0; i < 2; i++)
		if (hosts[_i].down[i])
			world_host_down(i + 1);
		else
			world_script(i + 1, script);
	r = world_request(letter, hosts[_i].nexthop, list, rcpts);
	world_deliver(&r, false);
	for (const char *c = hosts[_i].host; *c != '\0'; c++)
		if (*c == 'P')
			buf_printf(&want, "%u", w.port);
		else
			buf_add(&want, c, 1);
	ck_assert_str_eq(w.host, buf_str(&want));
	buf_free(&want);
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
	while (span_search(buf_span(&w.heard), SPAN("MAIL")) == w.heard.n) {
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
	tcase_add_loop_test(t, forward, 0, UNIT_COUNT(forwards));
	tcase_add_loop_test(t, quit, 0, UNIT_COUNT(quits));
	tcase_add_loop_test(t, host_told, 0, UNIT_COUNT(hosts));
	tcase_add_test(t, log_line);
	tcase_add_test(t, cancelled);
}

int
main(void)
{
	return unit_main("smtp/delivery", fill);
}
