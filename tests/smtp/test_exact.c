/* test_exact.c - the SMTP client to the letter: RFC 1870, 2033, 2920, 3030,
 * 3207, 3461, 4954, 5321, 6152, 6531, 7505, a row for each rule
 *
 * docs/VIOLATIONS.md says which rules are left, and where those of DANE,
 * MTA-STS, TLS reports and REQUIRETLS are proved.
 */

#include "smtp/delivery.h"

#include "tests/smtp/script.h"

#define HELO    "C HELO client.example\r\n"
#define FROM(x) "C MAIL FROM:<a@client.example>" x "\r\n"
#define END     "S 250 2.0.0 Ok: queued as 1"
#define TAKEN \
	{ \
		DONE, "2.0.0", "" \
	}
#define OFFER(x) GREET, "S 250-mx.example", "S 250 " x
#define REST     RCPT1, OK, DATA, GO, "M", END, QUIT, NULL
#define LMTP     "S 220 x LMTP", "C LHLO client.example\r\n"

#define MIME  "MIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n\n"
#define W10   "wwwwwwwwww"
#define W100  W10 W10 W10 W10 W10 W10 W10 W10 W10 W10
#define W1000 W100 W100 W100 W100 W100 W100 W100 W100 W100 W100

static const char *const one[] = { ONE_RCPT };
static const char *const three[] = { THREE_RCPT };
static const char *const odd[] = { "a b@x.example", "\"q\\\"r\"@x.example",
	NULL };
static const char *const utf8[] = { "b@b\xc3\xbc"
				    "cher.example",
	NULL };

static const struct {
	const char *rule, *conf;
	const char *nexthop; /* NULL: lone.example */
	bool lmtp;
	const char *const *rcpts;
	unsigned flags; /* of the letter */
	const char *content; /* NULL: letter */
	const char *const *scripts[2]; /* of 127.0.0.1 and 127.0.0.2 */
	struct want want[3];
	const char *message; /* part of what came, or NULL */
} rows[] = {
	/* RFC 5321 */
	{ "2.3.8: CR and LF stand together", "", NULL, false, one, 0,
	    "Subject: x\n\na\rb\n\r\nc\n", { SCRIPT{ PLAIN, MAIL, OK, REST } },
	    { TAKEN }, "\r\n\r\na b\r\n\r\nc\r\n.\r\n" },
	{ "3.1: another 2yz is a greeting too", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ "S 221 odd ESMTP", "C EHLO client.example\r\n", "S 250 x",
		MAIL, OK, REST } },
	    { TAKEN }, NULL },
	{ "3.1: refused at the door, QUIT", "smtp_skip_5xx_greeting = no\n",
	    NULL, false, one, 0, NULL,
	    { SCRIPT{ "S 554 no SMTP service here", QUIT, NULL } },
	    { { BOUNCE, "5.0.0", "554 no SMTP service here" } }, NULL },
	{ "3.2, 4.1.1.1: HELO where EHLO is not known", "", NULL, false, one, 0,
	    NULL,
	    { SCRIPT{ GREET, "S 500 what", HELO, "S 250 mx", MAIL, OK, REST } },
	    { TAKEN }, NULL },
	{ "3.2: the same for 502", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ GREET, "S 502 what", HELO, "S 250 mx", MAIL, OK, REST } },
	    { TAKEN }, NULL },
	{ "4.1.1.1: but 4yz is for now", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ GREET, "S 451 busy", QUIT, NULL } },
	    { { DEFER, "4.0.0", "451 busy" } }, NULL },
	{ "4.1.1.2, 4.1.1.3: no parameter that was not offered", "", NULL,
	    false, one, QUEUE_8BIT | QUEUE_SMTPUTF8, MIME "\xc3\xa4\n",
	    { SCRIPT{ PLAIN, FROM(""), OK, REST } }, { TAKEN },
	    "Content-Transfer-Encoding: quoted-printable" },
	{ "4.1.1.1: HELO offers nothing", "smtp_never_send_ehlo = yes\n", NULL,
	    false, one, QUEUE_8BIT, NULL,
	    { SCRIPT{ "S 220 x", HELO, "S 250-mx", "S 250 SIZE", FROM(""), OK,
		REST } },
	    { TAKEN }, NULL },
	{ "4.1.1.4: no 354, no message", "", NULL, false, one, 0, NULL,
	    { SCRIPT{
		PLAIN, MAIL, OK, RCPT1, OK, DATA, "S 451 later", QUIT, NULL } },
	    { { DEFER, "4.0.0", "451 later (in reply to DATA" } }, NULL },
	{ "4.1.1.4: nor after a 250", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, OK, NULL } },
	    { { DEFER, "4.0.0", "in reply to DATA" } }, NULL },
	{ "4.1.1.10: QUIT at the end", "smtp_skip_quit_response = no\n", NULL,
	    false, one, 0, NULL,
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, DATA, GO, "M", END, QUIT,
		"S 221 bye", "CLOSE" } },
	    { TAKEN }, NULL },
	{ "4.1.2: local parts are quoted", "", NULL, false, odd, 0, NULL,
	    { SCRIPT{ PLAIN, MAIL, OK, "C RCPT TO:<\"a b\"@x.example>\r\n", OK,
		"C RCPT TO:<\"q\\\"r\"@x.example>\r\n", OK, DATA, GO, "M", END,
		QUIT, NULL } },
	    { TAKEN, TAKEN }, NULL },
	{ "4.2: the code alone counts", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ PLAIN, MAIL, "S 250 550 5.1.1 no", RCPT1,
		"S 259 it fails", DATA, "S 399 no", "M",
		"S 299 4.0.0 not really", QUIT, NULL } },
	    { TAKEN }, NULL },
	{ "4.2: a code that nobody knows, by its first digit", "", NULL, false,
	    three, 0, NULL,
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 489 hm", RCPT2, "S 599 hm",
		RCPT3, "S 589 5.1.1 hm", QUIT, NULL } },
	    { { DEFER, "4.0.0", "489 hm" }, { BOUNCE, "5.0.0", "599 hm" },
		{ BOUNCE, "5.1.1", "589 5.1.1 hm" } },
	    NULL },
	{ "4.2: no text, no blank", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ "S 220", "C EHLO client.example\r\n", "S 250", MAIL,
		"S 250", RCPT1, "S 250", DATA, "S 354", "M", "S 250", QUIT,
		NULL } },
	    { TAKEN }, NULL },
	{ "4.2.1: many lines are one reply", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ "S 220-x", "S 220-", "S 220 ESMTP",
		"C EHLO client.example\r\n", "S 250 x", MAIL, "S 250-a",
		"S 250-b", "S 250 c", REST } },
	    { TAKEN }, NULL },
	{ "4.2.2: 251 is taken, 551 is not", "", NULL, false, three, 0, NULL,
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 251 will forward", RCPT2,
		"S 551 try <x@y>", RCPT3, "S 252 perhaps", DATA, GO, "M", END,
		QUIT, NULL } },
	    { TAKEN, { BOUNCE, "5.0.0", "551 try" }, TAKEN }, NULL },
	{ "3.8: 421 at any time", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ PLAIN, MAIL, "S 421 shutting down", NULL } },
	    { { DEFER, "4.0.0", "421 shutting down" } }, NULL },
	{ "4.5.2: dots", "", NULL, false, one, 0, "X: x\n\n.\n..a\nb.\n.c",
	    { SCRIPT{ PLAIN, MAIL, OK, REST } }, { TAKEN },
	    "\r\n\r\n..\r\n...a\r\nb.\r\n..c\r\n.\r\n" },
	{ "4.5.3.1.6: lines of 998 octets", "", NULL, false, one, 0,
	    "X: x\n\n" W1000 W10 "\n", { SCRIPT{ PLAIN, MAIL, OK, REST } },
	    { TAKEN }, "w\r\n wwwwwwwwwwww\r\n.\r\n" },
	{ "4.5.3.1.10: 552 to RCPT is for now", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 552 too many", QUIT, NULL } },
	    { { DEFER, "4.0.0", "552 too many" } }, NULL },
	{ "4.5.3.1.10: those who were too many are tried again", "", NULL,
	    false, three, 0, NULL,
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, OK, RCPT2, OK, RCPT3,
		"S 452 4.5.3 too many", DATA, GO, "M", END, MAIL, OK, RCPT3, OK,
		DATA, GO, "M", END, QUIT, NULL } },
	    { TAKEN, TAKEN, TAKEN }, NULL },
	{ "5.1: the best host first, then the next", "", "x.example", false,
	    one, 0, NULL,
	    { SCRIPT{ "S 421 not now", NULL },
		SCRIPT{ PLAIN, MAIL, OK, REST } },
	    { TAKEN }, NULL },
	{ "5.1: a refusal for good is not taken elsewhere", "", "x.example",
	    false, one, 0, NULL,
	    { SCRIPT{ PLAIN, MAIL, OK, RCPT1, "S 550 5.1.1 no", QUIT, NULL } },
	    { { BOUNCE, "5.1.1", "550 5.1.1 no" } }, NULL },
	{ "RFC 7505, 4.1: a null MX takes no mail", "", "null.example", false,
	    one, 0, NULL, { NULL },
	    { { BOUNCE, "5.1.10", "does not accept mail" } }, NULL },
	/* RFC 1870 */
	{ "RFC 1870, 6.1: the size, where it is asked for", "", NULL, false,
	    one, 0, NULL,
	    { SCRIPT{ OFFER("SIZE 100000"), FROM(" SIZE=18"), OK, REST } },
	    { TAKEN }, NULL },
	{ "RFC 1870, 6.1: too large is not sent", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ OFFER("SIZE 17"), QUIT, NULL } },
	    { { BOUNCE, "5.3.4", "exceeds size limit" } }, NULL },
	{ "RFC 1870, 3: no limit", "", NULL, false, one, 0, NULL,
	    { SCRIPT{ OFFER("SIZE 0"), FROM(" SIZE=18"), OK, REST } },
	    { TAKEN }, NULL },
	{ "RFC 1870, 6.2: 552 to MAIL is for good, 452 for now", "",
	    "x.example", false, one, 0, NULL,
	    { SCRIPT{
		  OFFER("SIZE"), FROM(" SIZE=18"), "S 452 full", QUIT, NULL },
		SCRIPT{ OFFER("SIZE"), FROM(" SIZE=18"), "S 552 large", QUIT,
		    NULL } },
	    { { BOUNCE, "5.0.0", "552 large" } }, NULL },
	/* RFC 2920 */
	{ "RFC 2920, 3.1: one after the other, unless it is offered", "", NULL,
	    false, one, 0, NULL, { SCRIPT{ PLAIN, MAIL, OK, REST } }, { TAKEN },
	    NULL },
	{ "RFC 2920, 3.1: DATA ends a group", "", NULL, false, three, 0, NULL,
	    { SCRIPT{ PIPE, MAIL, RCPT1, RCPT2, RCPT3, DATA, OK, OK,
		"S 550 5.1.1 no", OK, GO, "M", END, QUIT, NULL } },
	    { TAKEN, { BOUNCE, "5.1.1", "550 5.1.1 no" }, TAKEN }, NULL },
	{ "RFC 2920, 3.1: 354 for nobody, an empty message", "", NULL, false,
	    one, 0, NULL,
	    { SCRIPT{ PIPE, MAIL, RCPT1, DATA, OK, "S 550 5.1.1 no", GO,
		"C .\r\n", "S 554 nobody", QUIT, NULL } },
	    { { BOUNCE, "5.1.1", "550 5.1.1 no" } }, NULL },
	{ "RFC 2920, 3.1: MAIL refused, the rest is passed over", "", NULL,
	    false, one, 0, NULL,
	    { SCRIPT{ PIPE, MAIL, RCPT1, DATA, "S 450 4.7.1 no", "S 503 no",
		"S 503 no", QUIT, NULL } },
	    { { DEFER, "4.7.1", "450 4.7.1 no (in reply to MAIL" } }, NULL },
	/* RFC 3030 */
	{ "RFC 3030, 2: one BDAT, its size and LAST", "", NULL, false, one, 0,
	    NULL,
	    { SCRIPT{ OFFER("CHUNKING"), MAIL, OK, RCPT1, OK,
		"C BDAT 21 LAST\r\n", "C Subject: x\r\n", "C \r\n",
		"C hello\r\n", END, QUIT, NULL } },
	    { TAKEN }, NULL },
	{ "RFC 3030, 2: no dots are added", "", NULL, false, one, 0, ".\n",
	    { SCRIPT{ OFFER("CHUNKING"), MAIL, OK, RCPT1, OK,
		"C BDAT 3 LAST\r\n", "C .\r\n", END, QUIT, NULL } },
	    { TAKEN }, NULL },
	{ "RFC 3030, 2: nobody is there, no BDAT", "", NULL, false, one, 0,
	    NULL,
	    { SCRIPT{ OFFER("CHUNKING"), MAIL, OK, RCPT1, "S 550 5.1.1 no",
		QUIT, NULL } },
	    { { BOUNCE, "5.1.1", "550 5.1.1 no" } }, NULL },
	{ "RFC 3030, 3: BINARYMIME is not for us", "", NULL, false, one,
	    QUEUE_8BIT, NULL,
	    { SCRIPT{ GREET, "S 250-mx", "S 250-8BITMIME", "S 250 BINARYMIME",
		FROM(" BODY=8BITMIME"), OK, REST } },
	    { TAKEN }, NULL },
	/* RFC 6152 */
	{ "RFC 6152, 3: eight bits only where they are taken", "", NULL, false,
	    one, QUEUE_8BIT, MIME "\xc3\xa4\n",
	    { SCRIPT{ PLAIN, FROM(""), OK, REST } }, { TAKEN }, "=C3=A4" },
	{ "RFC 6152, 3: but what has no MIME header is as it is", "", NULL,
	    false, one, QUEUE_8BIT, "X: x\n\n\xc3\xa4\n",
	    { SCRIPT{ PLAIN, FROM(""), OK, REST } }, { TAKEN }, "\xc3\xa4" },
	{ "RFC 6152, 2: and said so", "", NULL, false, one, QUEUE_8BIT,
	    "X: x\n\n\xc3\xa4\n",
	    { SCRIPT{ OFFER("8BITMIME"), FROM(" BODY=8BITMIME"), OK, REST } },
	    { TAKEN }, "\xc3\xa4\r\n" },
	/* RFC 6531 */
	{ "RFC 6531, 3.2: A-labels where it is not offered", "", NULL, false,
	    utf8, 0, NULL,
	    { SCRIPT{ PLAIN, FROM(""), OK,
		"C RCPT TO:<b@xn--bcher-kva.example>\r\n", OK, DATA, GO, "M",
		END, QUIT, NULL } },
	    { TAKEN }, NULL },
	{ "RFC 6531, 3.4: SMTPUTF8 where it is offered and asked for", "", NULL,
	    false, utf8, QUEUE_SMTPUTF8, NULL,
	    { SCRIPT{ GREET, "S 250-mx", "S 250-8BITMIME", "S 250 SMTPUTF8",
		FROM(" SMTPUTF8"), OK,
		"C RCPT TO:<b@b\xc3\xbc"
		"cher.example>\r\n",
		OK, DATA, GO, "M", END, QUIT, NULL } },
	    { TAKEN }, NULL },
	{ "RFC 6531, 3.2: what needs it is not sent without", "", NULL, false,
	    one, QUEUE_SMTPUTF8, "Subject: \xc3\xa4\n\nx\n",
	    { SCRIPT{ PLAIN, QUIT, NULL } },
	    { { BOUNCE, "5.6.7", "SMTPUTF8 is required" } }, NULL },
	/* RFC 2033 */
	{ "RFC 2033, 4.1, 4.2: LHLO, a reply for each", NULL, "mx1.x.example",
	    true, three, 0, NULL,
	    { SCRIPT{ LMTP, "S 250 x", MAIL, OK, RCPT1, OK, RCPT2,
		"S 550 5.1.1 no", RCPT3, OK, DATA, GO, "M", END,
		"S 450 4.2.2 full", QUIT, NULL } },
	    { TAKEN, { BOUNCE, "5.1.1", "550" }, { DEFER, "4.2.2", "450" } },
	    NULL },
	{ "RFC 2033, 4.1: no HELO where LHLO is refused", NULL, "mx1.x.example",
	    true, one, 0, NULL, { SCRIPT{ LMTP, "S 500 what", QUIT, NULL } },
	    { { BOUNCE, "5.0.0", "500 what" } }, NULL },
	{ "RFC 2033, 4.2: 503 to DATA, for nobody", NULL, "mx1.x.example", true,
	    one, 0, NULL,
	    { SCRIPT{ LMTP, "S 250-x", "S 250 PIPELINING", MAIL, RCPT1, DATA,
		OK, "S 550 5.1.1 no", "S 503 5.5.1 nobody", QUIT, NULL } },
	    { { BOUNCE, "5.1.1", "550 5.1.1 no" } }, NULL },
};

START_TEST(row)
{
	struct delivery_rcpt list[3];
	struct delivery_request r;
	const char *content = rows[_i].content;
	const char *hop = rows[_i].nexthop;

	w.names = names;
	world_conf(rows[_i].conf != NULL ? rows[_i].conf
					 : "lmtp_skip_quit_response = yes\n");
	for (unsigned i = 0; i < 2; i++)
		if (rows[_i].scripts[i] != NULL)
			world_script(i + 1, rows[_i].scripts[i]);
	r = world_request(content == NULL ? letter : content,
	    hop == NULL ? "lone.example" : hop, list, rows[_i].rcpts);
	r.flags = rows[_i].flags;
	world_deliver(&r, rows[_i].lmtp);
	check_results(rows[_i].want, r.rcpt_count);
	check_scripts();
	ck_assert_msg(rows[_i].message == NULL ||
		span_search(buf_span(&w.message), span_str(rows[_i].message)) <
		    w.message.n,
	    "%s: \"%s\" came", rows[_i].rule, buf_str(&w.message));
}
END_TEST

/* RFC 3461: what the server is asked to tell, and who tells where it does not.
 */
static const struct {
	const char *rule, *offer, *mail, *rcpt;
	unsigned notify, ret;
	const char *envid, *orcpt;
	enum delivery_told told;
} tells[] = {
	{ "5.2.1: all of it, as it came", "DSN",
	    "C MAIL FROM:<a@client.example> RET=FULL ENVID=e+2B1+3D+20x\r\n",
	    "C RCPT TO:<b@x.example> NOTIFY=SUCCESS,FAILURE,DELAY "
	    "ORCPT=rfc822;o+2Bp@y\r\n",
	    NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY, RET_FULL, "e+1= x",
	    "rfc822;o+p@y", TOLD_BY_NEXT },
	{ "5.2.1: nothing that did not come", "DSN", FROM(""), RCPT1, 0,
	    RET_NONE, "", "", TOLD_BY_NEXT },
	{ "5.2.1: never", "DSN", FROM(" RET=HDRS"),
	    "C RCPT TO:<b@x.example> NOTIFY=NEVER\r\n", NOTIFY_NEVER, RET_HDRS,
	    "", "", TOLD_BY_NEXT },
	{ "5.2.2 (a), (b): not to a server without, and it was relayed", "VRFY",
	    FROM(""), RCPT1, NOTIFY_SUCCESS, RET_HDRS, "e", "rfc822;o@y",
	    TOLD_RELAYED },
};

START_TEST(tell)
{
	const char *script[] = { GREET, "S 250-mx", "", tells[_i].mail, OK,
		tells[_i].rcpt, OK, DATA, GO, "M", END, QUIT, NULL };
	char *offer = mem_printf("S 250 %s", tells[_i].offer);
	struct delivery_rcpt list[1];
	struct delivery_request r;

	script[3] = offer;
	w.names = names;
	world_script(1, script);
	r = world_request(letter, "lone.example", list, one);
	r.ret = tells[_i].ret;
	r.envid = span_str(tells[_i].envid);
	list[0].notify = tells[_i].notify;
	list[0].orcpt = span_str(tells[_i].orcpt);
	world_deliver(&r, false);
	ck_assert_msg(
	    w.results[0].told == tells[_i].told, "%s", tells[_i].rule);
	check_scripts();
	free(offer);
}
END_TEST

/* RFC 5321, 4.1.1.1, 2.3.5: the name, and that is all. */
START_TEST(extra)
{
	struct delivery_rcpt list[1];
	struct delivery_request r;

	w.names = names;
	world_conf("smtp_helo_name = other.example\n");
	world_script(1,
	    SCRIPT{ "S 220 x ESMTP", "C EHLO other.example\r\n", "S 250 x",
		MAIL, OK, REST });
	r = world_request(letter, "lone.example", list, one);
	world_deliver(&r, false);
	check_results(&(struct want)TAKEN, 1);
	check_scripts();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_loop_test(t, row, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, tell, 0, UNIT_COUNT(tells));
	tcase_add_test(t, extra);
}

int
main(void)
{
	return unit_main("smtp/exact", fill);
}
