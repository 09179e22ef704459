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

static void
fill(TCase *t)
{
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
