/* test_text_html.c - message/text_html.h */

#include "message/text_html.h"

#include "base/buf.h"
#include "tests/unit.h"

#define LINK(address) \
	"<a href=\"" address "\" target=\"_blank\" rel=\"noopener noreferrer " \
	"nofollow\">" address "</a>"

static const struct {
	const char *in;
	bool flowed, delsp;
	const char *out;
} rows[] = {
	{ "", false, false, "" },
	{ "a\n", false, false, "a<br>\n" },
	{ "a\r\nb", false, false, "a<br>\nb<br>\n" },
	{ "<b>&\"'", false, false, "&lt;b&gt;&amp;&quot;&#39;<br>\n" },
	{ "  a  b c", false, false, "&nbsp;&nbsp;a&nbsp; b c<br>\n" },
	{ "ab\tc", false, false, "ab&nbsp;&nbsp;&nbsp;&nbsp;&nbsp; c<br>\n" },
	{ "see http://x.example/?a&b.", false, false,
	    "see " LINK("http://x.example/?a&amp;b") ".<br>\n" },
	{ "(https://x/a(b)c)", false, false,
	    "(" LINK("https://x/a(b)c") ")<br>\n" },
	{ "<http://x/>", false, false, "&lt;" LINK("http://x/") "&gt;<br>\n" },
	{ "mailto:a@b, HTTP://X", false, false,
	    LINK("mailto:a@b") ", " LINK("HTTP://X") "<br>\n" },
	{ "xhttp://y http:// http://...", false, false,
	    "xhttp://y http:// http://...<br>\n" },
	{ "http://x/\"onclick=alert(1)", false, false,
	    LINK("http://x/") "&quot;onclick=alert(1)<br>\n" },
	{ "http://x/'a", false, false, LINK("http://x/&#39;a") "<br>\n" },
	{ "javascript:alert(1)", false, false, "javascript:alert(1)<br>\n" },
	{ "> a\n>> b\nc", false, false,
	    "<blockquote class=\"q1\">a<br>\n<blockquote class=\"q2\">b<br>\n"
	    "</blockquote></blockquote>c<br>\n" },
	{ "> > a", false, false,
	    "<blockquote class=\"q1\"><blockquote class=\"q2\">a<br>\n"
	    "</blockquote></blockquote>" },
	{ "a > b", false, false, "a &gt; b<br>\n" },
	{ "one \ntwo\nthree", true, false, "one two<br>\nthree<br>\n" },
	{ "one \ntwo", true, true, "onetwo<br>\n" },
	{ " >a\n From", true, false, "&gt;a<br>\nFrom<br>\n" },
	{ "> one \n> two\n> > three", true, false,
	    "<blockquote class=\"q1\">one two<br>\n&gt; three<br>\n"
	    "</blockquote>" },
	{ "one \n> two", true, false,
	    "one <blockquote class=\"q1\">two<br>\n</blockquote>" },
	{ "-- \nme", true, false, "-- <br>\nme<br>\n" },
	{ "a\x1b\xff", false, false, "a\xef\xbf\xbd\xef\xbf\xbd<br>\n" },
};

START_TEST(show)
{
	struct buf out = BUF_EMPTY;

	text_html(&out, span_str(rows[_i].in), rows[_i].flowed, rows[_i].delsp);
	ck_assert_msg(span_is(buf_span(&out), rows[_i].out),
	    "%s\ngives %s\nwant  %s", rows[_i].in, buf_str(&out), rows[_i].out);
	buf_free(&out);
}
END_TEST

START_TEST(deep)
{
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;

	for (int i = 0; i < 100000; i++)
		buf_add_byte(&in, '>');
	buf_add_str(&in, "x");
	text_html(&out, buf_span(&in), false, false);
	ck_assert(span_search(buf_span(&out), SPAN("q9")) < out.n);
	ck_assert(span_search(buf_span(&out), SPAN("q10")) == out.n);
	buf_free(&in);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, show, 0, UNIT_COUNT(rows));
	tcase_add_test(t, deep);
}

int
main(void)
{
	return unit_main("message/text_html", fill);
}
