/* test_data.c - DATA and BDAT in conversations: what arrives in the queue */

#include "smtpd/smtpd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/crc.h"
#include "base/mem.h"
#include "os/fault.h"
#include "queue/edits.h"
#include "smtpd/session.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

static void
has(const struct world_message *m, const char *text)
{
	struct buf all = BUF_EMPTY;

	world_read(m, &all);
	ck_assert_msg(span_search(buf_span(&all), span_str(text)) < all.n,
	    "\"%s\" is not in:\n%.*s", text, (int)all.n, all.p);
	buf_free(&all);
}

static void
has_not(const struct world_message *m, const char *text)
{
	struct buf all = BUF_EMPTY;

	world_read(m, &all);
	ck_assert_msg(span_search(buf_span(&all), span_str(text)) == all.n,
	    "\"%s\" is in:\n%.*s", text, (int)all.n, all.p);
	buf_free(&all);
}

static void
envelope_has(const struct world_message *m, const char *text)
{
	struct span all = buf_span(&m->envelope);

	ck_assert_msg(span_search(all, span_str(text)) < all.n,
	    "\"%s\" is not in:\n%.*s", text, (int)all.n, all.p);
}

#define BEGIN \
	"< 220\n> EHLO c.test\n<+ 250\n> MAIL FROM:<a@b.test>\n< 250\n" \
	"> RCPT TO:<user@here.test>\n< 250\n"
#define BEGIN_LOCAL \
	"< 220\n> HELO c.test\n< 250\n> MAIL FROM:<a@b.test>\n" \
	"< 250\n> RCPT TO:<user@here.test>\n< 250\n"

START_TEST(received)
{
	struct buf all = BUF_EMPTY;

	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    BEGIN "> DATA\n< 354\n> Subject: x\n> \n> y\n> .\n"
		  "< 250\n");
	world_read(&w.messages[0], &all);
	ck_assert(span_starts(buf_span(&all),
	    "Received: from c.test (unknown [192.0.2.9])\n"
	    "\tby mail.here.test (Facteur) with ESMTP id ABC1\n"
	    "\tfor <user@here.test>; "));
	ck_assert(span_ends(buf_span(&all), "\nSubject: x\n\ny\n"));
	/* a stranger's message is not completed */
	has_not(&w.messages[0], "Message-ID");
	envelope_has(
	    &w.messages[0], "rcpt=user@here.test\nsender=a@b.test\nsize=14\n");
	envelope_has(&w.messages[0],
	    "id=\nclient=unknown[192.0.2.9]\nhelo=c.test\nproto=ESMTP\n"
	    "sasl=/\nflags=0\n");
	buf_free(&all);
	world_end(&w);
}
END_TEST

START_TEST(received_details)
{
	world_begin(&w,
	    "smtpd_sasl_authenticated_header = yes\n"
	    "smtpd_tls_received_header = yes\n"
	    "smtpd_tls_cert_file = tests/data/tls/ec.crt\n"
	    "smtpd_tls_key_file = tests/data/tls/ec.key\n");
	world_connect(&w, "2001:db8::9");
	world_talk(&w, "< 220\n> STARTTLS\n< 220\n");
	ck_assert(world_starttls(&w));
	world_talk(&w,
	    "> EHLO [IPv6:2001:db8::9]\n<+ 250\n"
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n"
	    "> RCPT TO:<user2@here.test>\n< 250\n"
	    "> DATA\n< 354\n> \n> .\n< 250\n");
	has(&w.messages[0],
	    "Received: from [IPv6:2001:db8::9] (unknown [IPv6:2001:db8::9])\n"
	    "\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 "
	    "bits))\n"
	    "\t(No client certificate requested)\n"
	    "\t(Authenticated sender: user)\n"
	    "\tby mail.here.test (Facteur) with ESMTPSA id ABC1;\n\t");
	/* nobody learns of the other recipient */
	has_not(&w.messages[0], "user2");
	/* our own user's message is completed */
	has(&w.messages[0], "\nMessage-ID: <");
	has(&w.messages[0], "\nDate: ");
	has(&w.messages[0], "\nFrom: a@b.test\n");
	world_end(&w);
}
END_TEST

/* The quotes of an envelope's address are those of the field. */
static const struct {
	const char *sender, *field;
} froms[] = {
	{ "\"a b\"@b.test", "\nFrom: \"a b\"@b.test\n" },
	{ "\"a\\\"b\"@b.test", "\nFrom: \"a\\\"b\"@b.test\n" },
	{ "\"a.b\"@b.test", "\nFrom: a.b@b.test\n" },
	{ "", "\nFrom: MAILER-DAEMON@mail.here.test\n" },
};

START_TEST(from_made)
{
	char *talk =
	    mem_printf("< 220\n> HELO x\n< 250\n> MAIL FROM:<%s>\n< 250\n"
		       "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n"
		       "> Subject: x\n> \n> y\n> .\n< 250\n",
		froms[_i].sender);

	world_begin(&w, "");
	world_connect(&w, "127.0.0.1");
	world_talk(&w, talk);
	has(&w.messages[0], froms[_i].field);
	free(talk);
	world_end(&w);
}
END_TEST

/* Which clients' messages get what is missing. */
static const struct {
	const char *config, *from;
	bool completed;
} clients[] = {
	{ "", "127.0.0.1", true },
	{ "", "127.0.0.2", false },
	{ "", "192.0.2.9", false },
	{ "local_header_rewrite_clients = permit_mynetworks\n", "127.0.0.2",
	    true },
	{ "local_header_rewrite_clients =\n", "127.0.0.1", false },
	{ "always_add_missing_headers = yes\n", "192.0.2.9", true },
};

START_TEST(completed)
{
	world_begin(&w, clients[_i].config);
	world_connect(&w, clients[_i].from);
	world_talk(&w,
	    BEGIN_LOCAL "> DATA\n< 354\n> Subject: x\n> \n> y\n"
			"> .\n< 250\n");
	if (clients[_i].completed) {
		has(&w.messages[0], "Subject: x\nMessage-ID: <");
		world_expect_log(&w, ": ABC1: message-id=<");
	} else {
		has_not(&w.messages[0], "Message-ID");
		world_expect_log(&w, ": ABC1: message-id=<>\n");
	}
	world_end(&w);
}
END_TEST

START_TEST(kept_as_they_are)
{
	world_begin(&w, "");
	world_connect(&w, "127.0.0.1");
	world_talk(&w,
	    BEGIN_LOCAL
	    "> DATA\n< 354\n> message-id: <mine@b.test>\n> date: today\n"
	    "> FROM: me\n> Bcc: secret\n> \n> y\n> .\n< 250\n");
	has_not(&w.messages[0], "Message-ID");
	has_not(&w.messages[0], "secret");
	has(&w.messages[0], "\nFROM: me@here.test\n");
	envelope_has(&w.messages[0], "id=<mine@b.test>\n");
	world_expect_log(&w, ": ABC1: message-id=<mine@b.test>\n");
	world_end(&w);
}
END_TEST

/* A table that fails keeps the message out. */
START_TEST(address_tables_fail)
{
	world_begin(&w, "");
	world_connect(&w, "127.0.0.1");
	world_talk(&w,
	    BEGIN_LOCAL "> DATA\n< 354\n> From: burns\n> \n> y\n> .\n"
			"< 451 4.3.0 Error: queue file write error\n"
			"> QUIT\n< 221\n");
	ck_assert(!w.messages[0].committed);
	world_end(&w);
}
END_TEST

/* Content that begins with no header, or breaks off: the fields that are added
 * stay a header. */
static const struct {
	const char *content, *ends;
} bodies[] = {
	{ "> hello\n> world\n", "\n\nhello\nworld\n" },
	{ "> \n> hello\n", "\n\nhello\n" },
	{ "> X: y\n> hello\n", "\nX: y\n\nhello\n" },
	{ "> X: y\n", "\nX: y\n" },
	{ "", "\n" },
	{ "> ..\n> ..x\n", "\n\n.\n.x\n" },
};

START_TEST(odd_headers)
{
	char *script = mem_printf(
	    BEGIN "> DATA\n< 354\n%s> .\n< 250\n", bodies[_i].content);
	struct buf all = BUF_EMPTY;

	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, script);
	world_read(&w.messages[0], &all);
	ck_assert_msg(span_ends(buf_span(&all), bodies[_i].ends), "%.*s",
	    (int)all.n, all.p);
	buf_free(&all);
	world_end(&w);
	free(script);
}
END_TEST

/* S1: what a lone newline hides is never a command. */
static const struct {
	const char *bytes;
	bool refused;
} smuggled[] = {
	{ "a\n.\nRSET\r\nVRFY x\r\n.\r\n", true },
	{ "a\r\n.\nVRFY x\r\n.\r\n", true },
	{ "a\n.\r\nVRFY x\r\n.\r\n", true },
	{ "a\r.\rVRFY x\r\n.\r\n", true },
	{ "a\r\r\n.\r\nVRFY x\r\n.\r\n", true },
	{ "\n.\r\nVRFY x\r\n.\r\n", true },
	{ "a\r\n.\r\n", false },
};

START_TEST(smuggling)
{
	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, BEGIN "> DATA\n< 354\n");
	world_send(&w, span_str(smuggled[_i].bytes));
	if (!smuggled[_i].refused) {
		world_talk(&w, "< 250 2.0.0 Ok: queued\n");
	} else {
		world_talk(&w,
		    "< 521 5.5.2 mail.here.test Error: bare <CR> or <LF>\n");
		ck_assert(w.ended);
		ck_assert(w.messages[0].aborted);
		world_expect_log(&w, "bare newline after DATA");
	}
	world_end(&w);
}
END_TEST

static const char *const bare_ways[] = {
	"smtpd_forbid_bare_newline_exclusions = 192.0.2.0/24\n",
	"smtpd_forbid_bare_newline = normalize\n",
	"smtpd_forbid_bare_newline = note\n",
	"smtpd_forbid_bare_newline = no\n",
};

/* The same from a client that may: one message, no command out of it. */
START_TEST(let_through)
{
	struct buf all = BUF_EMPTY;

	world_begin(&w, bare_ways[_i]);
	world_connect(&w, "192.0.2.9");
	world_talk(&w, BEGIN "> DATA\n< 354\n");
	world_send(&w, SPAN("a\n.\nRSET\n.\r\nRSET\r.\r\r\n.\r\n"));
	world_talk(&w, "< 250 2.0.0 Ok: queued as ABC1\n");
	world_content(&w.messages[0], &all);
	ck_assert(span_search(buf_span(&all), SPAN("\r")) == all.n);
	buf_free(&all);
	/* and a command may end in LF */
	world_send(&w, SPAN("NOOP\n"));
	world_talk(&w, "< 250 2.0.0\n");
	world_end(&w);
	world_begin(&w,
	    _i == 0 ? bare_ways[0] : "smtpd_forbid_bare_newline = reject\n");
	world_connect(&w, "198.51.100.1");
	world_send(&w, SPAN("NOOP\n"));
	world_talk(&w, "< 220\n< 521 5.5.2\n");
	ck_assert(w.ended);
	world_end(&w);
}
END_TEST

#define PARTS(more) "> Content-Type: multipart/mixed; boundary=b\n" more "> \n"

static const struct {
	const char *config, *text, *says;
} wide[] = {
	{ "strict_8bitmime = yes\n", "> Subject: x\n> \n> plain\n> .\n",
	    "< 250\n" },
	{ "strict_8bitmime = yes\n", "> Subject: \xc3\xa4\n> \n> x\n> .\n",
	    "< 550 5.6.0 improper use of 8-bit data in message header\n" },
	{ "strict_8bitmime = yes\n", "> Subject: x\n> \n> \xc3\xa4\n> .\n",
	    "< 550 5.6.0 improper use of 8-bit data in message body\n" },
	{ "strict_8bitmime = yes\n",
	    "> Content-transfer-encoding: 8BIT\n> \n> \xc3\xa4\n> .\n",
	    "< 250\n" },
	{ "strict_8bitmime = yes\n",
	    "> Content-Transfer-Encoding: 7bit\n> \n> x\n> \xe4\n> .\n",
	    "< 550 5.6.0\n" },
	{ "", "> Subject: \xc3\xa4\n> \n> \xe4\n> .\n", "< 250\n" },
	{ "strict_7bit_headers = yes\n", "> Subject: \xc3\xa4\n> \n> x\n> .\n",
	    "< 550 5.6.0\n" },
	{ "strict_7bit_headers = yes\n", "> Subject: x\n> \n> \xc3\xa4\n> .\n",
	    "< 250\n" },
	{ "strict_7bit_headers = yes\ndisable_mime_input_processing = yes\n",
	    "> Subject: \xc3\xa4\n> \n> x\n> .\n", "< 250\n" },
	{ "strict_7bit_headers = yes\n",
	    PARTS("") "> --b\n> X: a\n>   \xe4\n> \n> --b--\n> .\n",
	    "< 550 5.6.0 improper use of 8-bit data in message header\n" },
	{ "strict_8bitmime_body = yes\n", "> Subject: \xc3\xa4\n> \n> x\n> .\n",
	    "< 250\n" },
	{ "strict_8bitmime_body = yes\n", "> Subject: x\n> \n> \xc3\xa4\n> .\n",
	    "< 550 5.6.0\n" },
	/* each part for itself */
	{ "strict_8bitmime_body = yes\n",
	    PARTS(
		"> Content-Transfer-Encoding: 8bit\n") "> \xe4\n> --b\n> "
						       "Content-Transfer-"
						       "Encoding: binary\n> \n"
						       "> \xe4\n> --b--\n> "
						       "\xe4\n> .\n",
	    "< 250\n" },
	{ "strict_8bitmime_body = yes\n",
	    PARTS(
		"> Content-Transfer-Encoding: 8bit\n") "> --b\n> Content-Type: "
						       "text/plain\n> \n> "
						       "\xe4\n> --b--\n"
						       "> .\n",
	    "< 550 5.6.0 improper use of 8-bit data in message body\n" },
	{ "strict_8bitmime_body = yes\n",
	    PARTS("") "> --b\n> Content-Transfer-Encoding: 8bit\n> \n> \xe4\n"
		      "> --b--\n> \xe4\n> .\n",
	    "< 550 5.6.0\n" },
	{ "strict_mime_encoding_domain = yes\n",
	    PARTS("> Content-Transfer-Encoding: base64\n") "> --b--\n> .\n",
	    "< 550 5.6.0 invalid message/* or multipart/* encoding domain\n" },
	{ "strict_mime_encoding_domain = yes\n",
	    PARTS(
		"> Content-Transfer-Encoding: 7bit\n") "> --b\n> Content-Type: "
						       "message/rfc822\n"
						       "> "
						       "Content-Transfer-"
						       "Encoding: "
						       "Quoted-Printable\n> "
						       "\n> x\n"
						       "> --b--\n> .\n",
	    "< 550 5.6.0 invalid\n" },
	{ "strict_mime_encoding_domain = yes\n",
	    PARTS(
		"> Content-Transfer-Encoding: 8bit\n") "> --b\n> Content-Type: "
						       "image/png\n"
						       "> "
						       "Content-Transfer-"
						       "Encoding: base64\n> "
						       "\n> eA==\n"
						       "> --b--\n> .\n",
	    "< 250\n" },
};

START_TEST(strict_8bitmime)
{
	char *script;

	world_begin(&w, wide[_i].config);
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    "< 220\n> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n");
	script = mem_printf("%s%s", wide[_i].text, wide[_i].says);
	world_talk(&w, script);
	free(script);
	world_end(&w);
}
END_TEST

START_TEST(hops)
{
	struct buf script = BUF_EMPTY;

	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	buf_add_str(&script, BEGIN "> DATA\n< 354\n");
	for (int i = 0; i < 50; i++)
		buf_add_str(&script, "> Received: by x\n");
	buf_add_str(&script, "> \n> .\n< 250 2.0.0\n");
	world_talk(&w, buf_str(&script));
	buf_clear(&script);
	buf_add_str(&script,
	    "> MAIL FROM:<>\n< 250\n> RCPT TO:<user@here.test>\n< 250\n"
	    "> DATA\n< 354\n");
	for (int i = 0; i < 51; i++)
		buf_add_str(&script, "> Received: by x\n");
	buf_add_str(&script,
	    "> \n> .\n< 554 5.4.6 Error: too many hops\n> NOOP\n< 250\n");
	world_talk(&w, buf_str(&script));
	ck_assert(w.messages[1].aborted);
	world_expect_log(&w,
	    ": ABC2: reject: END-OF-MESSAGE from unknown[192.0.2.9]: 554 "
	    "5.4.6 Error: too many hops; from=<> proto=ESMTP helo=<c.test>\n");
	buf_free(&script);
	world_end(&w);
}
END_TEST

static void
send_lines(size_t bytes)
{
	char line[100];

	memset(line, 'x', sizeof(line));
	memcpy(line + 98, "\r\n", 2);
	for (size_t i = 0; i < bytes; i += 100)
		world_send(&w, span_of(line, sizeof(line)));
}

/* Counted as it is stored: with LF. */
START_TEST(size_limit)
{
	world_begin(&w, "message_size_limit = 9900\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, BEGIN "> DATA\n< 354\n");
	send_lines(10000);
	world_talk(&w,
	    "> .\n< 250 2.0.0 Ok: queued\n"
	    "> MAIL FROM:<>\n< 250\n> RCPT TO:<user@here.test>\n"
	    "< 250\n> DATA\n< 354\n");
	send_lines(10100);
	world_talk(&w,
	    "> .\n< 552 5.3.4 Error: message file too big\n"
	    "> NOOP\n< 250\n");
	ck_assert(w.messages[1].aborted);
	world_end(&w);
}
END_TEST

START_TEST(disk_full)
{
	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, BEGIN "> DATA\n< 354\n");
	fault_arm(FAULT_WRITE, 1, ENOSPC, false);
	world_talk(&w, "> x\n> .\n< 452 4.3.1 Insufficient system storage\n");
	ck_assert(w.messages[0].aborted);
	world_talk(&w,
	    "> MAIL FROM:<>\n< 250\n> RCPT TO:<user@here.test>\n< 250\n"
	    "> DATA\n< 354\n");
	fault_arm(FAULT_WRITE, 1, EIO, false);
	world_talk(&w, "> x\n> .\n< 451 4.3.0\n> NOOP\n< 250\n");
	fault_arm(FAULT_WRITE, 0, 0, false);
	world_end(&w);
}
END_TEST

/* RFC 3030 */
START_TEST(chunks)
{
	struct buf all = BUF_EMPTY;

	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, BEGIN);
	world_send(&w, SPAN("BDAT 6\r\nX: y\r\n"));
	world_talk(&w, "< 250 2.0.0 Ok: 6 bytes\n");
	world_send(&w, SPAN("BDAT 4\r\n\r\n.\rBDAT 3 LAST\r\n\n.x"));
	world_talk(
	    &w, "< 250 2.0.0 Ok: 4 bytes\n< 250 2.0.0 Ok: queued as ABC1\n");
	world_content(&w.messages[0], &all);
	ck_assert(span_is(buf_span(&all), "X: y\n\n.\n.x\n"));
	envelope_has(&w.messages[0], "size=11\n");
	buf_free(&all);
	world_end(&w);
}
END_TEST

START_TEST(chunks_out_of_order)
{
	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	/* refused, but read: the commands in it are none */
	world_send(&w, SPAN("EHLO x\r\n"));
	world_settle(&w);
	buf_clear(&w.got);
	world_send(&w, SPAN("BDAT 6 LAST\r\nRSET\r\nNOOP\r\n"));
	world_talk(&w,
	    "< 503 5.5.1 Error: need MAIL\n< 250 2.0.0 Ok\n"
	    "> MAIL FROM:<>\n< 250\n");
	world_send(&w, SPAN("BDAT 6\r\nRSET\r\n"));
	world_talk(&w,
	    "< 554 5.5.1 Error: no valid recipients\n"
	    "> MAIL FROM:<>\n< 250\n> RCPT TO:<user@here.test>\n< 250\n");
	world_send(&w, SPAN("BDAT 3\r\nab\n"));
	world_talk(&w, "< 521 5.5.2\n");
	ck_assert(w.ended);
	ck_assert(w.messages[0].aborted);
	world_connect(&w, "192.0.2.9");
	world_talk(&w, BEGIN "> BDAT x\n< 501 5.5.4 Syntax: BDAT\n");
	ck_assert(w.ended);
	world_connect(&w, "192.0.2.9");
	world_talk(&w, BEGIN);
	world_send(&w, SPAN("BDAT 3\r\na\r\n"));
	world_talk(&w,
	    "< 250\n> DATA\n< 503 5.5.1 Error: need BDAT or RSET\n"
	    "> RCPT TO:<user@here.test>\n< 503 5.5.1\n"
	    "> RSET\n< 250\n> MAIL FROM:<>\n< 250\n");
	world_end(&w);
}
END_TEST

START_TEST(chunk_too_big)
{
	world_begin(&w, "message_size_limit = 5000\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, BEGIN "> BDAT 10000\n");
	send_lines(10000);
	world_talk(&w, "< 552 5.3.4 Error: message file too big\n");
	world_send(&w, SPAN("BDAT 0 LAST\r\n"));
	world_talk(&w, "< 503 5.5.1\n> NOOP\n< 250\n");
	ck_assert(w.messages[0].aborted);
	world_end(&w);
}
END_TEST

/* Long lists of recipients go in packets of their own, in order. */
START_TEST(many_recipients)
{
	struct buf script = BUF_EMPTY;
	struct span rest, line;
	unsigned count = 0;

	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	buf_add_str(&script, BEGIN);
	for (int i = 0; i < 450; i++)
		buf_printf(&script,
		    "> RCPT TO:<user%03d-%0200d@here.test>\n< 250\n", i, i);
	buf_add_str(&script, "> DATA\n< 354\n> x\n> .\n< 250 2.0.0\n");
	world_talk(&w, buf_str(&script));
	rest = buf_span(&w.messages[0].envelope);
	while (span_line(&rest, &line) && span_starts(line, "rcpt=")) {
		char want[20];

		snprintf(want, sizeof(want), "rcpt=user%03u-", count - 1);
		ck_assert(count == 0 || span_starts(line, want));
		count++;
	}
	ck_assert_uint_eq(count, 451);
	buf_free(&script);
	world_end(&w);
}
END_TEST

/* A large message, whole and counted right. */
START_TEST(large)
{
	struct buf all = BUF_EMPTY, crc = BUF_EMPTY;

	world_begin(&w, "");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, BEGIN "> DATA\n< 354\n");
	send_lines(3000000);
	world_talk(&w, "> .\n< 250 2.0.0\n");
	world_content(&w.messages[0], &all);
	ck_assert_uint_eq(all.n, 2970000);
	envelope_has(&w.messages[0], "size=2970000\n");
	buf_printf(&crc, "crc=%u\n", crc_add(0, buf_span(&all)));
	envelope_has(&w.messages[0], buf_str(&crc));
	buf_free(&all);
	buf_free(&crc);
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, received);
	tcase_add_test(t, received_details);
	tcase_add_loop_test(t, from_made, 0, UNIT_COUNT(froms));
	tcase_add_loop_test(t, completed, 0, UNIT_COUNT(clients));
	tcase_add_test(t, kept_as_they_are);
	tcase_add_test(t, address_tables_fail);
	tcase_add_loop_test(t, odd_headers, 0, UNIT_COUNT(bodies));
	tcase_add_loop_test(t, smuggling, 0, UNIT_COUNT(smuggled));
	tcase_add_loop_test(t, let_through, 0, UNIT_COUNT(bare_ways));
	tcase_add_loop_test(t, strict_8bitmime, 0, UNIT_COUNT(wide));
	tcase_add_test(t, hops);
	tcase_add_test(t, size_limit);
	tcase_add_test(t, disk_full);
	tcase_add_test(t, chunks);
	tcase_add_test(t, chunks_out_of_order);
	tcase_add_test(t, chunk_too_big);
	tcase_add_test(t, many_recipients);
	tcase_add_test(t, large);
}

int
main(void)
{
	return unit_main("smtpd/data", fill);
}
