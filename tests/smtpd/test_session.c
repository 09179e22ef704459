/* test_session.c - whole conversations with smtpd/session.h and all behind it
 */

#include "smtpd/session.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

static const struct {
	const char *name, *config, *from, *script;
} talks[] = {
	{ "a message", "", "192.0.2.9",
	    "< 220 mail.here.test ESMTP Facteur\n"
	    "> EHLO client.test\n"
	    "< 250-mail.here.test\n"
	    "< 250-PIPELINING\n"
	    "< 250-SIZE 10240000\n"
	    "< 250-VRFY\n"
	    "< 250-ETRN\n"
	    "< 250-ENHANCEDSTATUSCODES\n"
	    "< 250-8BITMIME\n"
	    "< 250-DSN\n"
	    "< 250-SMTPUTF8\n"
	    "< 250-CHUNKING\n"
	    "< 250 LIMITS RCPTMAX=1000\n"
	    "> MAIL FROM:<a@client.test>\n"
	    "< 250 2.1.0 Ok\n"
	    "> RCPT TO:<user@here.test>\n"
	    "< 250 2.1.5 Ok\n"
	    "> DATA\n"
	    "< 354 End data with <CR><LF>.<CR><LF>\n"
	    "> Subject: hello\n"
	    "> \n"
	    "> body\n"
	    "> .\n"
	    "< 250 2.0.0 Ok: queued as ABC1\n"
	    "> QUIT\n"
	    "< 221 2.0.0 Bye\n" },
	{ "LMTP", "smtpd_protocol = lmtp\n", "192.0.2.9",
	    "< 220 mail.here.test LMTP Facteur\n"
	    "> EHLO client.test\n< 500 5.5.1 Error: send LHLO\n"
	    "> HELO client.test\n< 500 5.5.1\n"
	    "> LHLO client.test\n<+ 250\n"
	    "> MAIL FROM:<a@client.test>\n< 250 2.1.0 Ok\n"
	    "> DATA\n< 503 5.5.1 Error: need RCPT\n"
	    "> RCPT TO:<nobody@here.test>\n< 550 5.1.1\n"
	    "> DATA\n< 503 5.5.1 Error: need RCPT\n"
	    "> RCPT TO:<user@here.test>\n< 250 2.1.5 Ok\n"
	    "> RCPT TO:<nobody@here.test>\n< 550 5.1.1\n"
	    "> RCPT TO:<user@here.test>\n< 250 2.1.5 Ok\n"
	    "> DATA\n< 354\n> x\n> .\n"
	    "< 250 2.0.0 Ok: queued as ABC1\n"
	    "< 250 2.0.0 Ok: queued as ABC1\n"
	    "> MAIL FROM:<>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n"
	    "> BDAT 3\n> x\n< 250 2.0.0\n> BDAT 0 LAST\n"
	    "< 250 2.0.0 Ok: queued as ABC2\n"
	    "< 250 2.0.0 Ok: queued as ABC2\n"
	    "> NOOP\n< 250 2.0.0 Ok\n"
	    "> QUIT\n< 221\n" },
	{ "LMTP refuses each",
	    "smtpd_protocol = lmtp\n"
	    "message_size_limit = 20\n",
	    "192.0.2.9",
	    "< 220\n> LHLO x\n<+ 250\n> MAIL FROM:<>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n"
	    "> DATA\n< 354\n> 123456789012345678901234567890\n> .\n"
	    "< 552 5.3.4\n< 552 5.3.4\n"
	    "> NOOP\n< 250\n" },
	{ "no LHLO in SMTP", "", "192.0.2.9",
	    "< 220\n> LHLO x\n< 502 5.5.1\n" },
	{ "pipelined", "", "192.0.2.9",
	    "< 220\n"
	    "> EHLO x\n"
	    "<+ 250\n"
	    "> MAIL FROM:<>\n> RCPT TO:<user@here.test>\n"
	    "> RCPT TO:<nobody@here.test>\n> DATA\n"
	    "< 250 2.1.0 Ok\n< 250 2.1.5 Ok\n"
	    "< 550 5.1.1 <nobody@here.test>: Recipient address rejected: User "
	    "unknown in local recipient table\n"
	    "< 354\n"
	    "> x\n> .\n> QUIT\n"
	    "< 250 2.0.0 Ok: queued as ABC1\n< 221\n" },
	{ "order", "", "192.0.2.9",
	    "< 220\n"
	    "> RCPT TO:<user@here.test>\n< 503 5.5.1 Error: need MAIL\n"
	    "> DATA\n< 503 5.5.1 Error: need RCPT\n"
	    "> HELO x\n< 250 mail.here.test\n"
	    "> MAIL FROM:<a@b.test>\n< 250 2.1.0\n"
	    "> MAIL FROM:<a@b.test>\n< 503 5.5.1 Error: nested MAIL\n"
	    "> DATA\n< 503 5.5.1 Error: need RCPT\n"
	    "> RCPT TO:<x@here.test>\n< 550 5.1.1\n"
	    "> DATA\n< 554 5.5.1 Error: no valid recipients\n"
	    "> RSET\n< 250 2.0.0 Ok\n"
	    "> RCPT TO:<user@here.test>\n< 503 5.5.1 Error: need MAIL\n"
	    "> AUTH PLAIN\n< 503 5.5.1 Error: send HELO/EHLO first\n"
	    "> NOOP\n< 250 2.0.0 Ok\n"
	    "> FOO bar\n< 500 5.5.2 Error: command not recognized\n"
	    "> ETRN x\n< 459 4.7.0 <x>: service unavailable\n"
	    "> VRFY user\n< 252 2.0.0 user\n"
	    "> VRFY <user@here.test>\n< 252 2.0.0 user@here.test\n"
	    "> VRFY nobody@here.test\n< 550 5.1.1 <nobody@here.test>: "
	    "Recipient address rejected: User unknown in local recipient "
	    "table\n"
	    "> VRFY a b\n< 501 5.1.3\n"
	    "> HELP\n< 214 2.0.0 HELO EHLO\n"
	    "> STARTTLS\n< 454 4.7.0 TLS not available\n"
	    "> QUIT\n< 221 2.0.0 Bye\n" },
	{ "syntax", "smtpd_hard_error_limit = 100\n", "192.0.2.9",
	    "< 220\n"
	    "> EHLO\n< 501 5.5.4 Syntax: EHLO hostname\n"
	    "> HELO x\n< 250\n"
	    "> MAIL\n< 501 5.5.4 Syntax: MAIL FROM:<address>\n"
	    "> MAIL FROM:<a@@b>\n< 501 5.1.7 Bad sender address syntax\n"
	    "> MAIL FROM:<a@b.test> FOO=bar\n"
	    "< 555 5.5.4 Unsupported option: FOO\n"
	    "> MAIL FROM:<a@b.test> REQUIRETLS\n"
	    "< 555 5.5.4 Unsupported option: REQUIRETLS\n"
	    "> MAIL FROM:<a@b.test> HOLDFOR=60\n"
	    "< 555 5.5.4 Unsupported option: HOLDFOR\n"
	    "> MAIL FROM:<a@b.test> RET=SOME\n"
	    "< 501 5.5.4 Bad parameter: RET\n"
	    "> MAIL FROM:<a@b.test> SIZE=x\n"
	    "< 501 5.5.4 Bad parameter: SIZE\n"
	    "> MAIL FROM:<a@b.test> SIZE=10240001\n"
	    "< 552 5.3.4 Message size exceeds fixed limit\n"
	    "> MAIL FROM:<a@b.test> SIZE=99999999999999999999\n"
	    "< 552 5.3.4\n"
	    "> MAIL FROM:<a@b.test> SIZE=10240000 BODY=8BITMIME\n"
	    "< 250 2.1.0 Ok\n"
	    "> RCPT TO:<>\n< 501 5.1.3 Bad recipient address syntax\n"
	    "> RCPT TO:<a b@here.test>\n< 501 5.1.3\n"
	    "> RCPT TO:<user@here.test> NOTIFY=NEVER,DELAY\n"
	    "< 501 5.5.4 Bad parameter: NOTIFY\n"
	    "> RCPT TO:<user@here.test> ORCPT=x@y\n"
	    "< 501 5.5.4 Bad parameter: ORCPT\n"
	    "> RCPT TO:<@relay.test:user@here.test>\n< 250 2.1.5 Ok\n"
	    "> QUIT now\n< 501 5.5.4 Syntax: QUIT\n"
	    "> QUIT\n< 221\n" },
	{ "helo is required", "smtpd_helo_required = yes\n", "192.0.2.9",
	    "< 220\n"
	    "> MAIL FROM:<a@b.test>\n< 503 5.5.1 Error: send HELO/EHLO\n"
	    "> EHLO x\n"
	    "<+ 250\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n" },
	{ "what is not announced is not taken",
	    "smtpd_discard_ehlo_keywords = dsn\n", "192.0.2.9",
	    "< 220\n> HELO x\n< 250\n"
	    "> MAIL FROM:<a@b.test> RET=FULL\n"
	    "< 555 5.5.4 Unsupported option: RET\n"
	    "> MAIL FROM:<a@b.test> ENVID=1\n"
	    "< 555 5.5.4 Unsupported option: ENVID\n"
	    "> MAIL FROM:<a@b.test>\n< 250 2.1.0 Ok\n"
	    "> RCPT TO:<user@here.test> NOTIFY=NEVER\n"
	    "< 555 5.5.4 Unsupported option: NOTIFY\n" },
	{ "keywords taken away",
	    "smtpd_discard_ehlo_keywords = chunking, PIPELINING, etrn, limits, "
	    "dsn\n"
	    "disable_vrfy_command = yes\n",
	    "192.0.2.9",
	    "< 220\n> EHLO x\n< 250-mail\n< 250-SIZE\n< 250-ENHANCED\n"
	    "< 250-8BITMIME\n< 250 SMTPUTF8\n"
	    "> VRFY user\n< 502 5.5.1\n" },
	{ "relaying", "", "192.0.2.9",
	    "< 220\n> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<x@elsewhere.test>\n"
	    "< 554 5.7.1 <x@elsewhere.test>: Relay access denied\n"
	    "> RCPT TO:<x@relay.test>\n< 250 2.1.5\n"
	    "> RCPT TO:<x@virtual.test>\n"
	    "< 550 5.1.1 <x@virtual.test>: Recipient address rejected: User "
	    "unknown in virtual alias table\n"
	    "> RCPT TO:<x@moved.test>\n"
	    "< 550 5.1.6 <x@moved.test>: Recipient address rejected: User has "
	    "moved to elsewhere\n"
	    "> RCPT TO:<x@trouble.test>\n"
	    "< 554 5.7.1\n"
	    "> RCPT TO:<postmaster>\n< 250 2.1.5\n" },
	{ "from mynetworks", "", "127.0.0.1",
	    "< 220\n> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<x@elsewhere.test>\n< 250 2.1.5\n"
	    "> RCPT TO:<x@trouble.test>\n"
	    "< 451 4.3.0 <x@trouble.test>: Temporary lookup failure\n" },
	{ "hard errors", "smtpd_hard_error_limit = 3\n", "192.0.2.9",
	    "< 220\n> x1\n< 500\n> x2\n< 500\n> x3\n< 500\n"
	    "< 421 4.7.0 mail.here.test Error: too many errors\n" },
	{ "recipients", "smtpd_recipient_limit = 2\n", "192.0.2.9",
	    "< 220\n> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 452 4.5.3 Error: too many\n" },
	/* so many beyond it are no errors; and a letter makes all good */
	{ "overshoot",
	    "smtpd_recipient_limit = 1\nsmtpd_recipient_overshoot_limit = 2\n"
	    "smtpd_hard_error_limit = 1\n",
	    "192.0.2.9",
	    "< 220\n> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 452 4.5.3\n"
	    "> RCPT TO:<user@here.test>\n< 452 4.5.3\n> NOOP\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 452 4.5.3\n< 421 4.7.0\n" },
	{ "errors are forgiven",
	    "smtpd_hard_error_limit = 3\nsmtpd_junk_command_limit = 1\n",
	    "192.0.2.9",
	    "< 220\n> HELO x\n< 250\n> x1\n< 500\n> NOOP\n< 250\n> NOOP\n"
	    "< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n> .\n< 250\n"
	    "> x2\n< 500\n> NOOP\n< 250\n> x3\n< 500\n> NOOP\n< 250\n"
	    "< 421 4.7.0\n" },
	{ "no client of ours", "", "192.0.2.9",
	    "< 220\n> GET / HTTP/1.0\n"
	    "< 221 2.7.0 Error: I can break rules, too. Goodbye.\n" },
	{ "a header", "smtpd_forbidden_commands =\n", "192.0.2.9",
	    "< 220\n> XFOO bar: x\n< 500\n> Subject : x\n"
	    "< 221 2.7.0 Error: I can break rules, too. Goodbye.\n" },
	{ "junk", "smtpd_junk_command_limit = 2\nsmtpd_hard_error_limit = 1\n",
	    "192.0.2.9",
	    "< 220\n> NOOP\n< 250\n> RSET\n< 250\n> NOOP\n< 250\n"
	    "< 421 4.7.0\n" },
};

START_TEST(talk)
{
	world_begin(&w, talks[_i].config);
	world_connect(&w, talks[_i].from);
	world_talk(&w, talks[_i].script);
	world_end(&w);
}
END_TEST

/* The same bytes, cut anywhere, give the same replies. */
START_TEST(cut_anywhere)
{
	static const char all[] =
	    "EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<user@here.test>\r\n"
	    "RCPT TO:<no@elsewhere.test>\r\nDATA\r\n"
	    "Subject: x\r\n\r\n..dot\r\n.\r\nRSET\r\nNOOP\r\n";
	struct buf whole = BUF_EMPTY;

	for (size_t cut = 0; cut < sizeof(all) - 1; cut++) {
		struct span bytes = span_of(all, sizeof(all) - 1);
		size_t data = span_search(bytes, SPAN("Subject"));

		world_begin(&w, "smtpd_forbid_unauth_pipelining = no\n");
		world_connect(&w, "192.0.2.9");
		world_send(&w, span_head(bytes, cut));
		world_settle(&w);
		world_send(&w, span_skip(bytes, cut));
		world_settle(&w);
		if (cut == 0)
			buf_add_span(&whole, buf_span(&w.got));
		ck_assert_msg(span_eq(buf_span(&whole), buf_span(&w.got)),
		    "cut at %zu: %.*s", cut, (int)w.got.n, w.got.p);
		ck_assert_uint_eq(w.message_count, 1);
		ck_assert(w.messages[0].committed);
		(void)data;
		world_end(&w);
	}
	ck_assert(span_search(buf_span(&whole), SPAN("queued as")) < whole.n);
	buf_free(&whole);
}
END_TEST

static const struct {
	const char *bytes;
	bool refused;
} turns[] = {
	{ "EHLO x\r\nMAIL FROM:<a@b.test>\r\n", true },
	{ "EHLO x\r\n", false },
	{ "HELO x\r\nMAIL FROM:<a@b.test>\r\n", true },
	{ "NOOP\r\nNOOP\r\n", true }, /* before EHLO there is no PIPELINING */
	{ "QUIT\r\nNOOP\r\n", false },
};

START_TEST(out_of_turn)
{
	const char *last;

	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	(void)world_line(&w);
	world_send(&w, span_str(turns[_i].bytes));
	world_settle(&w);
	last = world_line(&w);
	ck_assert_msg(span_is(span_str(last),
			  "554 5.5.0 Error: SMTP protocol "
			  "synchronization") == turns[_i].refused,
	    "%s: %s", turns[_i].bytes, last);
	if (turns[_i].refused) {
		ck_assert(w.ended);
		ck_assert(
		    world_logged(&w, "improper command pipelining after "));
	}
	world_end(&w);
}
END_TEST

START_TEST(logs)
{
	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    "< 220\n> HELO c(x;\n< 250\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<x@elsewhere.test>\n< 554\n"
	    "> RCPT TO:<user@here.test>\n< 250\n"
	    "> RCPT TO:<nobody@here.test>\n< 550\n"
	    "> DATA\n< 354\n> Message-ID: <1@b.test>\n> \n> .\n< 250\n"
	    "> QUIT\n< 221\n");
	world_expect_log(&w, ": connect from unknown[192.0.2.9]\n");
	world_expect_log(&w,
	    ": NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 554 5.7.1 "
	    "<x@elsewhere.test>: Relay access denied; from=<a@b.test> "
	    "to=<x@elsewhere.test> proto=SMTP helo=<c?x?>\n");
	world_expect_log(&w, ": ABC1: client=unknown[192.0.2.9]\n");
	world_expect_log(&w,
	    ": ABC1: reject: RCPT from unknown[192.0.2.9]: 550 5.1.1 "
	    "<nobody@here.test>: Recipient address rejected: User unknown in "
	    "local recipient table; from=<a@b.test> to=<nobody@here.test> "
	    "proto=SMTP helo=<c?x?>\n");
	world_expect_log(&w, "postfix/cleanup[");
	world_expect_log(&w, ": ABC1: message-id=<1@b.test>\n");
	world_expect_log(&w,
	    ": disconnect from unknown[192.0.2.9] helo=1 mail=1 rcpt=1/3 "
	    "data=1 quit=1 commands=5/7\n");
	world_end(&w);
}
END_TEST

/* The client goes away at different moments. */
static const struct {
	const char *sent, *logged;
} losses[] = {
	{ "", ": lost connection after CONNECT from unknown[192.0.2.9]\n" },
	{ "EHLO x\r\n", ": lost connection after EHLO from unknown" },
	{ "HELO x\r\nMAI", NULL },
	{ "EHLO x\r\nNOOP\r\nFOO\r\n", NULL },
};

START_TEST(lost)
{
	world_begin(&w, "smtpd_forbid_unauth_pipelining = no\n");
	world_connect(&w, "192.0.2.9");
	world_send(&w, span_str(losses[_i].sent));
	world_settle(&w);
	close(w.client);
	w.client = -1;
	world_settle(&w);
	if (losses[_i].logged != NULL)
		world_expect_log(&w, losses[_i].logged);
	world_expect_log(&w, ": disconnect from unknown[192.0.2.9]");
	world_end(&w);
}
END_TEST

START_TEST(lost_in_data)
{
	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    "< 220\n> HELO x\n< 250\n> MAIL FROM:<>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n"
	    "> half a line and\n");
	close(w.client);
	w.client = -1;
	world_settle(&w);
	world_expect_log(
	    &w, ": lost connection after DATA (16 bytes) from unknown");
	ck_assert(w.messages[0].aborted && !w.messages[0].committed);
	world_end(&w);
}
END_TEST

/* Between the last dot and qmgr's answer: the message stands. */
START_TEST(lost_in_commit)
{
	world_begin(&w, "");
	w.qmgr_slow = true;
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    "< 220\n> HELO x\n< 250\n> MAIL FROM:<>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n> x\n> .\n");
	ck_assert(w.messages[0].committed);
	close(w.client);
	w.client = -1;
	world_settle(&w);
	world_release(&w);
	ck_assert(!w.messages[0].aborted);
	world_end(&w);
}
END_TEST

/* What is sent before EOF is still done: a client may close its side. */
START_TEST(half_closed)
{
	world_begin(&w, "smtpd_forbid_unauth_pipelining = no\n");
	world_connect(&w, "192.0.2.9");
	world_send(&w,
	    SPAN("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<user@here.test>\r\n"
		 "DATA\r\n\r\nx\r\n.\r\nQUIT\r\n"));
	ck_assert_int_eq(shutdown(w.client, SHUT_WR), 0);
	world_settle(&w);
	ck_assert(w.messages[0].committed);
	ck_assert(span_ends(buf_span(&w.got), "221 2.0.0 Bye\r\n"));
	world_end(&w);
}
END_TEST

static void
begin_mail(void)
{
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n> HELO x\n< 250\n> MAIL FROM:<>\n< 250\n");
}

/* Trouble of our own is 4xx, and nothing is said too early (R1, R7). */
START_TEST(qmgr_trouble)
{
	world_begin(&w, "");
	begin_mail();
	w.qmgr_full = true;
	world_talk(&w,
	    "> RCPT TO:<user@here.test>\n"
	    "< 452 4.3.1 Insufficient system storage\n");
	w.qmgr_full = false;
	w.qmgr_fails = true;
	world_talk(&w,
	    "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n> x\n> .\n"
	    "< 451 4.3.0 queue file write error\n");
	w.qmgr_fails = false;
	w.qmgr_slow = true;
	world_talk(&w,
	    "> MAIL FROM:<>\n< 250\n> RCPT TO:<user@here.test>\n< 250\n"
	    "> DATA\n< 354\n> x\n> .\n");
	ck_assert(w.messages[1].committed);
	world_release(&w);
	world_talk(&w, "< 250 2.0.0 Ok: queued as ABC2\n");
	world_end(&w);
}
END_TEST

/* qmgr dies while content comes: its file is nobody's. */
START_TEST(qmgr_restarts)
{
	world_begin(&w, "");
	begin_mail();
	world_talk(
	    &w, "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n> x\n");
	world_qmgr_restart(&w);
	world_talk(&w, "> .\n< 451 4.3.0\n");
	ck_assert(!w.messages[0].committed);
	world_talk(&w,
	    "> MAIL FROM:<>\n< 250\n> RCPT TO:<user@here.test>\n< 250\n"
	    "> DATA\n< 354\n> x\n> .\n< 250 2.0.0 Ok: queued as ABC2\n");
	world_end(&w);
}
END_TEST

/* It makes place for the next one when it is asked for a file. */
START_TEST(qmgr_leaves)
{
	world_begin(&w, "");
	w.qmgr_leaves = 1;
	begin_mail();
	world_talk(&w,
	    "> RCPT TO:<user@here.test>\n< 250\n"
	    "> DATA\n< 354\n> x\n> .\n< 250 2.0.0 Ok: queued as ABC1\n");
	w.qmgr_leaves = 2;
	world_talk(
	    &w, "> MAIL FROM:<>\n< 250\n> RCPT TO:<user@here.test>\n< 451\n");
	world_end(&w);
}
END_TEST

START_TEST(lookup_away)
{
	world_begin(&w, "");
	w.lookup_dead = true;
	begin_mail();
	world_talk(&w,
	    "> RCPT TO:<user@here.test>\n"
	    "< 451 4.3.0 <user@here.test>: Temporary lookup failure\n");
	w.lookup_dead = false;
	/* the answer is not remembered for ever */
	world_talk(&w,
	    "> RSET\n< 250\n> MAIL FROM:<>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n");
	world_end(&w);
}
END_TEST

START_TEST(connections)
{
	struct world *v = &w;
	int first;

	world_begin(v, "smtpd_client_connection_count_limit = 1\n");
	world_connect(v, "192.0.2.9");
	world_talk(v, "< 220\n");
	first = v->client;
	v->client = -1;
	world_connect(v, "192.0.2.9");
	world_talk(v, "< 421 4.7.0 mail.here.test Error: too many conn\n");
	ck_assert(v->ended);
	world_expect_log(v,
	    "warning: Connection concurrency limit exceeded: 2 from "
	    "unknown[192.0.2.9] for service smtp\n");
	world_connect(v, "192.0.2.10");
	world_talk(v, "< 220\n");
	close(first);
	world_settle(v);
	world_connect(v, "192.0.2.9");
	world_talk(v, "< 220\n");
	world_end(v);
}
END_TEST

/* A client of mynetworks is spared. */
START_TEST(connections_unlimited)
{
	int first;

	world_begin(&w, "smtpd_client_connection_count_limit = 1\n");
	world_connect(&w, "127.0.0.1");
	first = w.client;
	w.client = -1;
	world_connect(&w, "127.0.0.1");
	world_talk(&w, "< 220\n");
	close(first);
	world_end(&w);
}
END_TEST

START_TEST(idlest_goes)
{
	int first;

	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n");
	first = w.client;
	w.client = -1;
	world_connect(&w, "192.0.2.10");
	world_talk(&w, "< 220\n> HELO x\n< 250\n> MAIL FROM:<>\n< 250\n");
	session_dismiss(session_idlest(w.smtpd), REPLY_ALL_BUSY);
	world_talk(&w, "> NOOP\n< 250\n"); /* has mail: stays */
	ck_assert_ptr_null(session_idlest(w.smtpd));
	w.client = first;
	world_settle(&w);
	world_talk(&w, "< 421 4.3.2 mail.here.test All server ports\n");
	world_end(&w);
}
END_TEST

static bool all_gone;
static void
gone(void)
{
	all_gone = true;
}

START_TEST(drain)
{
	int first;

	all_gone = false;
	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n");
	first = w.client;
	w.client = -1;
	begin_mail();
	smtpd_drain(w.smtpd, false, gone);
	world_talk(&w, "> NOOP\n< 250\n");
	smtpd_drain(w.smtpd, true, gone);
	ck_assert(!all_gone);
	world_talk(&w,
	    "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n> x\n> .\n"
	    "< 250 2.0.0\n< 421 4.3.2 mail.here.test Service shutting\n");
	ck_assert(all_gone);
	w.client = first;
	world_settle(&w);
	world_talk(&w, "< 421 4.3.2\n");
	world_end(&w);
}
END_TEST

/* Clients that err wait for their replies. */
START_TEST(soft_errors)
{
	world_begin(
	    &w, "smtpd_soft_error_limit = 1\nsmtpd_error_sleep_time = 1\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n> FOO\n< 500\n> FOO\n");
	/* nothing comes as yet */
	while (w.got.n == 0)
		world_run(&w, 50);
	world_talk(&w, "< 500\n");
	world_end(&w);
}
END_TEST

static const struct {
	const char *list, *client;
	bool logged;
} peers[] = {
	{ "", "192.0.2.9", false },
	{ "192.0.2.9", "192.0.2.9", true },
	{ "192.0.2.0/24", "192.0.2.9", true },
	{ "192.0.3.0/24, far.test", "192.0.2.9", false },
	{ "client.test", "192.0.2.9", true },
	{ "test", "192.0.2.9", true },
	{ "est, .ient.test", "192.0.2.9", false },
	{ "192.0.2.9\ndebug_peer_level = 0", "192.0.2.9", false },
};

/* debug_peer_list: both sides of the conversation, and no password. */
START_TEST(debug_peer)
{
	char *conf = mem_printf("debug_peer_list = %s\n", peers[_i].list);

	world_begin(&w, conf);
	w.names = (const struct world_row[]){
		{ "PTR 9.2.0.192.in-addr.arpa", "client.test" },
		{ "A client.test", "192.0.2.9" },
		{ NULL, NULL },
	};
	world_connect(&w, peers[_i].client);
	world_talk(
	    &w, "< 220\n> NOOP x\n< 250\n> AUTH PLAIN AHVzZXIAeA==\n< 503\n");
	ck_assert(world_logged(&w, ": < client.test[192.0.2.9]: NOOP x\n") ==
	    peers[_i].logged);
	ck_assert(
	    world_logged(&w, ": > client.test[192.0.2.9]: 250 2.0.0 Ok\n") ==
	    peers[_i].logged);
	ck_assert(!world_logged(&w, "AHVzZXIAeA"));
	free(conf);
	world_end(&w);
}
END_TEST

/* A command has its time, whatever drips in meanwhile (L4). */
START_TEST(deadline)
{
	world_begin(&w, "smtpd_timeout = 1\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n");
	while (w.got.n == 0 && !w.ended) {
		world_send(&w, SPAN("x"));
		world_run(&w, 50);
	}
	world_talk(&w, "< 421 4.4.2 mail.here.test Error: timeout exceeded\n");
	world_expect_log(&w, ": timeout after CONNECT from unknown");
	world_end(&w);
}
END_TEST

/* Content has more, by what comes of it; and this is too little. */
START_TEST(deadline_of_content)
{
	world_begin(&w, "smtpd_timeout = 1\nsmtpd_min_data_rate = 100000\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    "< 220\n> HELO b.test\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n");
	while (w.got.n == 0 && !w.ended) {
		world_send(&w, SPAN("a kilobyte a second in all, or so\r\n"));
		world_run(&w, 50);
	}
	world_talk(&w, "< 421 4.4.2 mail.here.test Error: timeout exceeded\n");
	world_end(&w);
}
END_TEST

/* Unless it is said that what drips in counts; and it ends all the same. */
START_TEST(deadline_moves)
{
	world_begin(&w, "smtpd_timeout = 1\nsmtpd_per_request_deadline = no\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n");
	for (int i = 0; i < 24; i++) {
		world_send(&w, SPAN("x"));
		world_run(&w, 50);
	}
	world_talk(&w, "> \n< 500 5.5.2\n");
	while (w.got.n == 0 && !w.ended)
		world_run(&w, 50);
	world_talk(&w, "< 421 4.4.2 mail.here.test Error: timeout exceeded\n");
	world_end(&w);
}
END_TEST

START_TEST(long_line)
{
	struct buf line = BUF_EMPTY;

	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	buf_add_str(&line, "NOOP ");
	while (line.n < 2048)
		buf_add_byte(&line, 'x');
	buf_add_str(&line, "\r\n");
	world_send(&w, buf_span(&line));
	world_talk(&w, "< 220\n< 250 2.0.0 Ok\n");
	line.n = 2048;
	buf_add_str(&line, "x\r\nNOOP\r\n");
	world_send(&w, buf_span(&line));
	world_talk(&w, "< 500 5.5.2 Error: line too long\n< 250\n");
	/* one without end is not kept */
	for (int i = 0; i < 500; i++)
		world_send(&w, span_head(buf_span(&line), 2000));
	world_send(&w, SPAN("\r\n"));
	world_talk(&w, "< 500 5.5.2\n> NOOP\n< 250\n");
	buf_free(&line);
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, talk, 0, UNIT_COUNT(talks));
	tcase_add_test(t, cut_anywhere);
	tcase_add_loop_test(t, out_of_turn, 0, UNIT_COUNT(turns));
	tcase_add_test(t, logs);
	tcase_add_loop_test(t, lost, 0, UNIT_COUNT(losses));
	tcase_add_test(t, lost_in_data);
	tcase_add_test(t, lost_in_commit);
	tcase_add_test(t, half_closed);
	tcase_add_test(t, qmgr_trouble);
	tcase_add_test(t, qmgr_restarts);
	tcase_add_test(t, qmgr_leaves);
	tcase_add_test(t, lookup_away);
	tcase_add_test(t, connections);
	tcase_add_test(t, connections_unlimited);
	tcase_add_test(t, idlest_goes);
	tcase_add_test(t, drain);
	tcase_add_test(t, soft_errors);
	tcase_add_loop_test(t, debug_peer, 0, UNIT_COUNT(peers));
	tcase_add_test(t, deadline);
	tcase_add_test(t, deadline_moves);
	tcase_add_test(t, deadline_of_content);
	tcase_add_test(t, long_line);
}

int
main(void)
{
	return unit_main("smtpd/session", fill);
}
