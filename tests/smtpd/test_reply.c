/* test_reply.c - smtpd/reply_text.h, and smtpd_reject_footer */

#include "smtpd/reply_text.h"

#include <string.h>

#include "base/buf.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

static const struct {
	const char *status, *text, *lines;
} rows[] = {
	{ "2.0.0", "Ok", "250 2.0.0 Ok\r\n" },
	{ "", "Ok", "250 Ok\r\n" },
	{ "", "", "250 \r\n" },
	{ "2.0.0", "a\nb\nc", "250-2.0.0 a\r\n250-2.0.0 b\r\n250 2.0.0 c\r\n" },
	{ "2.0.0", "a\n\nb", "250-2.0.0 a\r\n250-2.0.0 \r\n250 2.0.0 b\r\n" },
};

START_TEST(lines)
{
	struct buf out = BUF_EMPTY;

	reply_text_put(&out, 250, rows[_i].status, span_str(rows[_i].text));
	ck_assert_str_eq(buf_str(&out), rows[_i].lines);
	buf_free(&out);
}
END_TEST

/* Of any length: no line is too long, and no byte is lost but a blank where a
 * line is broken. */
START_TEST(lengths)
{
	static const char *const pieces[] = { "x", "word ", "\xc3\xa4" };
	struct buf text = BUF_EMPTY;

	for (int n = 0; n < 2000; n++) {
		struct buf out = BUF_EMPTY, back = BUF_EMPTY;
		struct span rest, line;

		buf_add_str(&text, pieces[_i]);
		reply_text_put(&out, 550, "5.7.1", buf_span(&text));
		rest = buf_span(&out);
		while (span_cut(&rest, '\n', &line) && line.n > 0) {
			bool last = rest.n == 0;

			ck_assert_uint_le(line.n + 1, REPLY_LINE_MAX);
			ck_assert(span_starts(
			    line, last ? "550 5.7.1 " : "550-5.7.1 "));
			line = span_head(line, line.n - 1);
			buf_add_span(&back, span_skip(line, 10));
			ck_assert(span_at(line, 10) < 0x80 ||
			    span_at(line, 10) >= 0xc0);
			if (!last && _i == 1)
				buf_add_byte(&back, ' ');
		}
		if (text.n < 9000)
			ck_assert(span_eq(span_trim_right(buf_span(&text)),
			    span_trim_right(buf_span(&back))));
		buf_free(&out);
		buf_free(&back);
	}
	buf_free(&text);
}
END_TEST

#define LONG \
	"a footer of more octets than a text of ours has, which goes on and " \
	"on in many lines, and nothing of which is lost, neither this nor " \
	"that"
#define FIVE(x) x x x x x

static const struct {
	const char *footer, *script;
} footers[] = {
	{ FIVE(LONG "\\n") FIVE(LONG "\\n") "end",
	    "> FOO\n< 500-5.5.2 Error\n" FIVE("< 500-5.5.2 " LONG "\n")
		FIVE("< 500-5.5.2 " LONG "\n") "< 500 5.5.2 end\n" },
	{ FIVE(LONG "\\n") FIVE(LONG "\\n") "end",
	    "> HELO a.test\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<\xc3\xa9@here.test>\n"
	    "< 550-5.1.1 <\\x{E9}@here.test>\n" FIVE("< 550-5.1.1 " LONG "\n")
		FIVE("< 550-5.1.1 " LONG "\n") "< 550 5.1.1 end\n" },
	{ "call 555",
	    "> NOOP\n< 250 2.0.0 Ok\n> FOO\n"
	    "< 500-5.5.2 Error: command not recognized\n"
	    "< 500 5.5.2 call 555\n" },
	{ "\\c; call 555",
	    "> FOO\n< 500 5.5.2 Error: command not recognized; call 555\n" },
	{ "a\\nb", "> FOO\n< 500-5.5.2 Error\n< 500-5.5.2 a\n< 500 5.5.2 b\n" },
	{ "\\c $client $client_address:$client_port $helo_name <$sender> "
	  "<$recipient> ${server_name}$nothing",
	    "> HELO a.test\n< 250\n> MAIL FROM:<a$b@b.test>\n< 250\n"
	    "> RCPT TO:<nobody@here.test>\n"
	    "< 550 5.1.1 <nobody@here.test>: Recipient address rejected: User "
	    "unknown in local recipient table unknown[192.0.2.9] "
	    "192.0.2.9:1234 a.test <a$b@b.test> <nobody@here.test> "
	    "mail.here.test\n" },
	{ "\\c at $localtime${sender?{ of $sender}}",
	    "> FOO\n< 500 5.5.2 Error: command not recognized at \n" },
	/* main.cf may be in Latin-1 */
	{ "Andr\xe9 appelle",
	    "> FOO\n< 500-5.5.2 Error\n< 500 5.5.2 Andr? appelle\n" },
	{ "$(broken", "> FOO\n< 500 5.5.2 Error: command not recognized\n" },
};

START_TEST(footer)
{
	struct buf conf = BUF_EMPTY;

	buf_printf(&conf, "smtpd_reject_footer = %s\n", footers[_i].footer);
	world_begin(&w, buf_str(&conf));
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n");
	world_talk(&w, footers[_i].script);
	buf_free(&conf);
	world_end(&w);
}
END_TEST

/* Last words have it too. */
START_TEST(footer_at_the_end)
{
	world_begin(&w,
	    "smtpd_reject_footer = bye\nsmtpd_delay_reject = no\n"
	    "smtpd_client_restrictions = reject\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 554-5.7.1\n< 554 5.7.1 bye\n");
	ck_assert(w.ended);
	world_end(&w);
	world_begin(
	    &w, "smtpd_reject_footer = bye\nsmtpd_hard_error_limit = 1\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    "< 220\n> FOO\n< 500-\n< 500 5.5.2 bye\n< 421-4.7.0\n"
	    "< 421 4.7.0 bye\n");
	world_end(&w);
}
END_TEST

/* By smtpd_reject_footer_maps, of which the key is the refusal. */
static const struct world_row templates[] = {
	{ "smtpd_reject_footer_maps 500 5.5.2 Error: command not recognized",
	    "\\c, $client_address" },
	{ "smtpd_reject_footer_maps 550 5.1.1 <nobody@here.test>: Recipient "
	  "address rejected: User unknown in local recipient table",
	    "of $sender\\nfor $recipient" },
	{ "smtpd_reject_footer_maps 550 5.1.1 <no@here.test>: Recipient "
	  "address rejected: User unknown in local recipient table",
	    "(trouble)" },
	{ "smtpd_reject_footer_maps 554 5.5.1 Error: no valid recipients",
	    "whom, $sender?" },
	{ "smtpd_reject_footer_maps 554 5.7.1 <unknown[192.0.2.9]>: Client "
	  "host rejected: Access denied",
	    "go away" },
	{ "smtpd_discard_ehlo_keyword_address_maps 192.0.2.9",
	    "size, vrfy, etrn, dsn, 8bitmime, chunking, limits" },
	{ "smtpd_discard_ehlo_keyword_address_maps 192.0.2.11", "(trouble)" },
	{ NULL, NULL },
};

#define MAPS   "smtpd_reject_footer_maps = hash:/x\n"
#define USUAL  MAPS "smtpd_reject_footer = usual\n"
#define TO(x)  "> RCPT TO:<" x "@here.test>\n"
#define BEGIN  "< 220\n> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n"
#define REJECT "smtpd_delay_reject = no\nsmtpd_client_restrictions = reject\n"

static const struct world_session mapped[] = {
	{ MAPS, "192.0.2.9",
	    "< 220\n> FOO\n< 500 5.5.2 Error: command not recognized, "
	    "192.0.2.9\n> NOOP\n< 250\n> RCPT TO:<x@y>\n< 503 5.5.1 Error: "
	    "need "
	    "MAIL command\n",
	    NULL },
	{ USUAL, "192.0.2.9",
	    BEGIN TO("nobody") "< 550-5.1.1 <nobody@here.test>: \n"
			       "< 550-5.1.1 of a@b.test\n"
			       "< 550 5.1.1 for nobody@here.test\n"
			       "> DATA\n< 554-5.5.1 Error\n"
			       "< 554 5.5.1 whom, a@b.test?\n",
	    NULL },
	{ USUAL, "192.0.2.9",
	    BEGIN TO("no") "< 550-5.1.1 <no@here.test>: \n"
			   "< 550 5.1.1 usual\n" TO("user") "< 250 2.1.5\n",
	    "smtpd_reject_footer_maps: lookup error" },
	/* the last words */
	{ USUAL REJECT, "192.0.2.9", "< 554-5.7.1\n< 554 5.7.1 go away\n",
	    "disconnect from unknown[192.0.2.9]" },
	{ USUAL "smtpd_hard_error_limit = 1\n", "192.0.2.9",
	    "< 220\n> FOO\n< 500 5.5.2 Error: command not recognized, "
	    "192.0.2.9\n< 421-4.7.0\n< 421 4.7.0 usual\n",
	    NULL },
	{ MAPS "smtpd_forbidden_commands = FOO\n", "192.0.2.9",
	    "< 220\n> FOO\n< 221 2.7.0\n", NULL },
	/* extensions by client */
	{ "smtpd_discard_ehlo_keyword_address_maps = hash:/x\n", "192.0.2.9",
	    "< 220\n> EHLO x\n< 250-mail.here.test\n< 250-PIPELINING\n"
	    "< 250 ENHANCEDSTATUSCODES\n> MAIL FROM:<a@b.test> RET=HDRS\n"
	    "< 555 5.5.4\n",
	    NULL },
	{ "smtpd_discard_ehlo_keyword_address_maps = hash:/x\n"
	  "smtpd_discard_ehlo_keywords = pipelining, size, etrn, dsn, "
	  "8bitmime, chunking, limits\n",
	    "192.0.2.10",
	    "< 220\n> EHLO x\n< 250-mail.here.test\n< 250-VRFY\n"
	    "< 250 ENHANCEDSTATUSCODES\n",
	    NULL },
	{ "smtpd_discard_ehlo_keyword_address_maps = hash:/x\n", "192.0.2.11",
	    "< 421 4.3.0 Error: temporary lookup failure\n",
	    "smtpd_discard_ehlo_keyword_address_maps: 192.0.2.11: lookup "
	    "error" },
	{ "smtpd_discard_ehlo_keyword_address_maps = hash:/x\n"
	  "smtpd_discard_ehlo_keywords = pipelining, size, etrn, dsn, "
	  "8bitmime, chunking, limits\n"
	  "smtpd_authorized_xclient_hosts = 192.0.2.10\n",
	    "192.0.2.10",
	    "< 220\n> XCLIENT ADDR=192.0.2.9\n< 220\n> EHLO x\n"
	    "< 250-mail.here.test\n< 250-PIPELINING\n"
	    "< 250-ENHANCEDSTATUSCODES\n< 250 XCLIENT\n",
	    NULL },
};

START_TEST(by_table)
{
	world_play(&w, &mapped[_i], templates, NULL);
}
END_TEST

/* The client is gone before the table has told. */
START_TEST(gone)
{
	world_begin(&w, MAPS);
	w.tables = templates;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n");
	world_send(&w, SPAN("FOO\r\n"));
	world_connect(&w, "192.0.2.10");
	world_talk(&w, "< 220\n> FOO\n< 500 5.5.2\n");
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, by_table, 0, UNIT_COUNT(mapped));
	tcase_add_test(t, gone);
	tcase_add_loop_test(t, lines, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, lengths, 0, 3);
	tcase_add_loop_test(t, footer, 0, UNIT_COUNT(footers));
	tcase_add_test(t, footer_at_the_end);
}

int
main(void)
{
	return unit_main("smtpd/reply", fill);
}
