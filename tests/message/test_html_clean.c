/* test_html_clean.c - message/html_clean.h */

#include "message/html_clean.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "tests/unit.h"

#define B(literal) \
	{ \
		"" literal, sizeof(literal) - 1 \
	}

static bool
cid(void *arg, struct span id, struct buf *url)
{
	(void)arg;
	if (!span_is(id, "pic@x") && !span_is(id, "evil\"><b>"))
		return false;
	buf_add_str(url, "/part?id=");
	buf_add_span(url, id);
	return true;
}

static const struct html_policy plain = { .styles = true, .cid = cid };
static const struct html_policy remote = { .styles = true,
	.remote_images = true };

#define REL " target=\"_blank\" rel=\"noopener noreferrer nofollow\""

/* What ordinary mail becomes. */
static const struct {
	const char *in, *out;
} rows[] = {
	{ "", "" },
	{ "hello", "hello" },
	{ "a < b & c > d", "a &lt; b &amp; c &gt; d" },
	{ "&lt;b&gt; &amp;amp; &eacute;&#233;&#xE9; &nbsp;",
	    "&lt;b&gt; &amp;amp; \xc3\xa9\xc3\xa9\xc3\xa9 \xc2\xa0" },
	{ "&unknown; &amp &lt", "&amp;unknown; &amp; &lt;" },
	{ "&#0;&#xD800;&#x110000;&#99999999999999999999;&#128;&#x;",
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xe2\x82\xac"
	    "&amp;#x;" },
	{ "<p>a<p>b", "<p>a</p><p>b</p>" },
	{ "<B>a</B>", "<b>a</b>" },
	{ "<b>a", "<b>a</b>" },
	{ "<b><i>a</b>b</i>c", "<b><i>a</i></b>bc" },
	{ "a</b></p></div>", "a" },
	{ "<br><br/>a</br>", "<br><br>a<br>" },
	{ "<ul><li>a<li>b</ul>c", "<ul><li>a</li><li>b</li></ul>c" },
	{ "<ul><li>a<ul><li>b</ul><li>c</ul>",
	    "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>" },
	{ "<table><tr><td>a<td>b<tr><td>c</table>d",
	    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
	    "d" },
	{ "<table><thead><tr><th>a<tbody><tr><td>b</table>",
	    "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td>"
	    "</tr></tbody></table>" },
	{ "<table><tr><td></div></table></td>b</table>c",
	    "<table><tr><td></td></tr></table>bc" },
	{ "<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table>",
	    "<table><tr><td><table><tr><td>a</td></tr></table></td></tr>"
	    "</table>" },
	{ "<dl><dt>a<dd>b<dt>c</dl>",
	    "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>" },
	{ "<a href=\"http://x/?a=1&amp;b=2\">x</a>",
	    "<a href=\"http://x/?a=1&amp;b=2\"" REL ">x</a>" },
	{ "<a href=HTTPS://x/>x</a>", "<a href=\"HTTPS://x/\"" REL ">x</a>" },
	{ "<a href='mailto:a@b'>x</a>", "<a href=\"mailto:a@b\"" REL ">x</a>" },
	{ "<a href=\"http://x/?a=1&copy=2\">x</a>",
	    "<a href=\"http://x/?a=1&amp;copy=2\"" REL ">x</a>" },
	{ "<a href=\" \n http://x/\ty \">x</a>",
	    "<a href=\"http://x/y\"" REL ">x</a>" },
	{ "<a href=#top>x</a><a href=/y>z</a>", "<a>x</a><a>z</a>" },
	{ "<a href=http://x><a href=http://y>z</a>",
	    "<a href=\"http://x\"" REL "></a><a href=\"http://y\"" REL
	    ">z</a>" },
	{ "<img src=cid:pic@x alt=\"a &quot;b&quot;\">",
	    "<img src=\"/part?id=pic@x\" alt=\"a &quot;b&quot;\">" },
	{ "<img src=\"cid:pic%40x\">", "<img src=\"/part?id=pic@x\">" },
	{ "<img src=cid:none>", "<img>" },
	{ "<img src=http://x/a.png width=1 height=1>",
	    "<img width=\"1\" height=\"1\">" },
	{ "<font color=red face=\"Arial, sans-serif\" size=+1>a</font>",
	    "<font color=\"red\" face=\"Arial, sans-serif\">a</font>" },
	{ "<td colspan=2 width=50% nowrap bgcolor=#fff>a",
	    "<td colspan=\"2\" width=\"50%\" nowrap=\"\" bgcolor=\"#fff\">a"
	    "</td>" },
	{ "<p style=\"color: red; margin:0 1px; font-family: 'Times New "
	  "Roman', serif\">a</p>",
	    "<p style=\"color:red;margin:0 1px;font-family:&#39;Times New "
	    "Roman&#39;, serif;\">a</p>" },
	{ "<p style=\"COLOR:rgb(1, 2, 3) !important\">a",
	    "<p style=\"color:rgb(1, 2, 3);\">a</p>" },
	{ "<body bgcolor=white>a</body>",
	    "<div style=\"background-color:white;\">a</div>" },
	{ "<body text=#000 style=margin:0 bgcolor='x;y'>a",
	    "<div style=\"color:#000;margin:0;\">a</div>" },
	{ "<html><head><title>t</title><style>p{}</style></head><body>a",
	    "<div>a</div>" },
	{ "<!-- c -->a<!DOCTYPE html>b<?php x?>c<![CDATA[d]]>e", "abce" },
	{ "<!-->a<!--->b<!-- --!>c<!-- never ends", "abc" },
	{ "<form><input value=x><button>go</button></form>", "go" },
	{ "\xff\xc3\x28\x01\x1b",
	    "\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf"
	    "\xbd" },
	{ "a\r\nb\rc",
	    "a\nb\xef\xbf\xbd"
	    "c" },
	{ "\xe2\x80\xae", "\xef\xbf\xbd" },
	{ "<p title=\"<b>\">", "<p title=\"&lt;b&gt;\"></p>" },
	{ "<p title=a title=b>", "<p title=\"a\"></p>" },
	{ "<div", "" },
	{ "<div a=\"never ends>b", "" },
	{ "a<", "a&lt;" },
	{ "</>a</ b>c", "ac" },
	{ "<pre>a\n  b</pre>", "<pre>a\n  b</pre>" },
};

START_TEST(clean)
{
	struct buf out = BUF_EMPTY;

	html_clean(&out, span_str(rows[_i].in), &plain, NULL);
	ck_assert_msg(span_is(buf_span(&out), rows[_i].out),
	    "%s\ngives %s\nwant  %s", rows[_i].in, buf_str(&out), rows[_i].out);
	buf_free(&out);
}
END_TEST

/*
 * A second opinion on the output, written from nothing but HTML's grammar of
 * what is harmless: every tag in double quotes, known and balanced.
 */
static const char tags[] =
    " a abbr acronym address article aside b bdi bdo big blockquote br caption "
    "center cite code col colgroup dd del dfn dir div dl dt em figcaption "
    "figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark "
    "menu nav ol p pre q s samp section small span strike strong sub sup table "
    "tbody td tfoot th thead time tr tt u ul var wbr ";
static const char empty_tags[] = " br col hr img wbr ";
static const char attributes[] =
    " abbr align alt bgcolor border cellpadding cellspacing clear color "
    "colspan "
    "dir face height href hspace lang noshade nowrap referrerpolicy rel "
    "reversed rowspan scope size span src start style summary target title "
    "type valign value vspace width ";

static bool
in_list(const char *list, struct span word)
{
	struct buf b = BUF_EMPTY;
	bool found;

	buf_add_byte(&b, ' ');
	buf_add_span(&b, word);
	buf_add_byte(&b, ' ');
	found = word.n > 0 &&
	    span_search(span_str(list), buf_span(&b)) < span_str(list).n;
	buf_free(&b);
	return found;
}

static bool
has_word(struct span s, const char *word)
{
	for (size_t i = 0; i < s.n; i++)
		if (span_istarts(span_skip(s, i), word))
			return true;
	return false;
}

static bool
value_harmless(struct span name, struct span value, bool images)
{
	if (span_find_any(value, "<>\"") < value.n)
		return false;
	if (span_is(name, "href"))
		return span_istarts(value, "http://") ||
		    span_istarts(value, "https://") ||
		    span_istarts(value, "mailto:");
	if (span_is(name, "src"))
		return span_starts(value, "/part?id=") ||
		    (images &&
			(span_istarts(value, "http://") ||
			    span_istarts(value, "https://")));
	if (span_is(name, "style"))
		return !has_word(value, "url") &&
		    !has_word(value, "expression") &&
		    !has_word(value, "import") &&
		    !has_word(value, "position") &&
		    !has_word(value, "behavior") &&
		    !has_word(value, "binding") &&
		    span_find_any(value, "\\@{}*") == value.n;
	return true;
}

/* Take one tag, s begins behind its '<'; false when it is not as it must be. */
static bool
take_tag(struct span *s, struct buf *open, bool images)
{
	bool close = span_at(*s, 0) == '/';
	struct span name;

	*s = span_skip(*s, close);
	name = span_head(*s, span_find_any(*s, " >"));
	*s = span_skip(*s, name.n);
	if (!in_list(tags, name))
		return false;
	while (!close && span_at(*s, 0) == ' ') {
		struct span word = span_skip(*s, 1), value;

		word = span_head(word, span_find(word, '='));
		value = span_skip(*s, word.n + 3);
		value = span_head(value, span_find(value, '"'));
		if (!in_list(attributes, word) ||
		    span_at(*s, word.n + 2) != '"' ||
		    !value_harmless(word, value, images))
			return false;
		*s = span_skip(*s, word.n + value.n + 4);
	}
	if (span_at(*s, 0) != '>')
		return false;
	*s = span_skip(*s, 1);
	if (!close && !in_list(empty_tags, name)) {
		buf_add_byte(open, '<');
		buf_add_span(open, name);
	} else if (close) {
		struct span all = buf_span(open);
		size_t at = span_rfind(all, '<');

		if (!span_eq(span_skip(all, at + 1), name))
			return false;
		buf_cut(open, at);
	}
	return true;
}

static bool
harmless(struct span s, bool images)
{
	struct buf open = BUF_EMPTY;
	bool fine = utf8_valid(s);

	while (fine && s.n > 0) {
		size_t at = span_find_any(s, "<>\"'");

		fine = at == s.n || s.p[at] == '<';
		s = span_skip(s, at + 1);
		if (fine && s.n > 0)
			fine = take_tag(&s, &open, images);
	}
	fine = fine && open.n == 0;
	buf_free(&open);
	return fine;
}

/* Known ways to get a script past a filter, and some to break out of one. */
static const char *const attacks[] = {
	"<script>alert(1)</script>",
	"<SCRIPT SRC=http://x/x.js></SCRIPT>",
	"<script\n>alert(1)</script\n>",
	"<script/x>alert(1)</script>",
	"<scr<script>ipt>alert(1)</scr</script>ipt>",
	"<<script>alert(1);//<</script>",
	"<script src=//x/x.js",
	"<script>a=\"</script><img src=x onerror=alert(1)>\"",
	"<img src=x onerror=alert(1)>",
	"<img src=\"javascript:alert(1)\">",
	"<IMG SRC=JaVaScRiPt:alert(1)>",
	"<img src=`javascript:alert(1)`>",
	"<img src=\"jav\tascript:alert(1)\">",
	"<img src=\"jav&#x09;ascript:alert(1)\">",
	"<img src=\"jav&#x0A;ascript:alert(1)\">",
	"<img src=\" &#14;  javascript:alert(1)\">",
	"<img src=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;"
	"&#58;alert(1)>",
	"<img src=&#0000106&#0000097&#0000118&#0000097&#0000115&#0000099"
	"&#0000114&#0000105&#0000112&#0000116&#0000058alert(1)>",
	"<img src=\"cid:evil%22%3E%3Cb%3E\">",
	"<img \"\"\"><script>alert(1)</script>\">",
	"<img src=x:x onerror\n=\nalert(1)>",
	"<img/src=x/onerror=alert(1)>",
	"<img src=\"http://x/\" alt=\"\"onerror=alert(1)>",
	"<img dynsrc=javascript:alert(1)><img lowsrc=javascript:alert(1)>",
	"<img srcset=\"http://x/ 1x\" data-src=javascript:alert(1)>",
	"<a href=javascript:alert(1)>x</a>",
	"<a href=\"javascript&colon;alert(1)\">x</a>",
	"<a href=\"\x01javascript:alert(1)\">x</a>",
	"<a href=vbscript:msgbox(1)>x</a>",
	"<a href=\"data:text/html;base64,PHNjcmlwdD4=\">x</a>",
	"<a href=\"http:javascript:alert(1)\">x</a>",
	"<a href=\"//x/\">x</a><a href=\"\\\\x\\\">x</a>",
	"<a href=\"mailto:x\" onclick=alert(1)>x</a>",
	"<a href='http://x/\"onmouseover=\"alert(1)'>x</a>",
	"<a href=\"http://x/&quot;onclick=&quot;alert(1)\">x</a>",
	"<a href=http://x/'\"><script>alert(1)</script>>x</a>",
	"<a/href=javascript:alert(1)>x",
	"<a href= javascript:alert(1)>x",
	"<a style=\"position:fixed;top:0;left:0;width:100%;height:100%\" "
	"href=http://x>x",
	"<body onload=alert(1)>",
	"<body background=\"javascript:alert(1)\">",
	"<svg onload=alert(1)>",
	"<svg/onload=alert(1)>",
	"<svg><script>alert(1)</script></svg>",
	"<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
	"<svg><animate onbegin=alert(1) attributeName=x>",
	"<math><mi xlink:href=\"javascript:alert(1)\">x</mi></math>",
	"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;"
	"&lt;img src=1 onerror=alert(1)&gt;\">",
	"<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
	"<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
	"<iframe src=javascript:alert(1)></iframe>",
	"<iframe srcdoc=\"<script>alert(1)</script>\">",
	"<object data=javascript:alert(1)></object>",
	"<object><param name=x value=javascript:alert(1)></object>",
	"<embed src=javascript:alert(1)>",
	"<applet code=x>",
	"<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
	"<link rel=stylesheet href=http://x/x.css>",
	"<base href=\"javascript:alert(1);//\">",
	"<style>@import 'http://x/x.css';</style>",
	"<style>body{background:url(javascript:alert(1))}",
	"<style></style><script>alert(1)</script>",
	"<style><img src=\"</style><img src=x onerror=alert(1)//\">",
	"<p style=\"background:url(javascript:alert(1))\">x",
	"<p style=\"background-image:u\\72l(http://x/)\">x",
	"<p style=\"width:expression(alert(1))\">x",
	"<p style=\"width:e/**/xpression(alert(1))\">x",
	"<p style=\"behavior:url(x.htc)\">x",
	"<p style=\"-moz-binding:url(http://x/x.xml#x)\">x",
	"<p style=\"color:red;}body{display:none\">x",
	"<p style=\"color:red&quot; onclick=&quot;alert(1)\">x",
	"<p style='font-family:\"x\";color:expression(1)'>x",
	"<p style=\"font-family:'\\27;background:url(http://x/)'\">x",
	"<p style=\"list-style:url(http://x/)\">x",
	"<p style=\"position:absolute;z-index:9\">x",
	"<p style=\"content:attr(x);cursor:url(http://x/)\">x",
	"<div style=\"color:rgb(1,2,url(x))\">x",
	"<table background=http://x/><td background=http://x/>x",
	"<input type=image src=javascript:alert(1)>",
	"<form action=javascript:alert(1)><input type=submit></form>",
	"<button formaction=javascript:alert(1)>x</button>",
	"<isindex action=javascript:alert(1) type=image>",
	"<video><source onerror=alert(1)></video>",
	"<video poster=javascript:alert(1)//></video>",
	"<audio src=x onerror=alert(1)>",
	"<details open ontoggle=alert(1)>x",
	"<marquee onstart=alert(1)>x</marquee>",
	"<select autofocus onfocus=alert(1)>",
	"<textarea autofocus onfocus=alert(1)></textarea><b>x",
	"<textarea></textarea><script>alert(1)</script>",
	"<title></title><script>alert(1)</script>",
	"<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
	"<template><script>alert(1)</script></template>",
	"<plaintext><img src=x onerror=alert(1)>",
	"<!--<img src=\"--><img src=x onerror=alert(1)//\">",
	"<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
	"<![if IE]><script>alert(1)</script><![endif]>",
	"<![CDATA[<script>alert(1)</script>]]>",
	"<?xml version=\"1.0\"?><script>alert(1)</script>",
	"<x onclick=alert(1)>x</x>",
	"<p id=x class=y name=z onfocus=alert(1) tabindex=1>x",
	"<p/onclick=alert(1)/title=x>x",
	"<p title=\"x\"onclick=\"alert(1)\">x",
	"<p title=x\"onclick=alert(1)>x",
	"<p title='\"><script>alert(1)</script>'>x",
	"<p =\"onclick=alert(1)>x",
	"<p ==onclick=alert(1)>x",
	"<p \x0conclick=alert(1)>x",
	"<p\x0bonclick=alert(1)>x",
	"<ol start=\"1&quot;onclick=&quot;alert(1)\"><li>x",
	"<font color=\"red;background:url(x)\" face=\"x'\\\">x",
	"<bdo dir=\"rtl&quot; onclick=alert(1)\">x",
	"</table></div></body></html><script>alert(1)</script>",
	"<table><tr><td></table></table></div>x<script>alert(1)</script>",
	"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
	"\xbcscript\xbe"
	"alert(1)\xbc/script\xbe",
	"%3Cscript%3Ealert(1)%3C/script%3E",
	"&lt;script&gt;alert(1)&lt;/script&gt;",
	"&#60;script&#62;alert(1)&#60;/script&#62;",
	"\xef\xbc\x9cscript\xef\xbc\x9e"
	"alert(1)",
	"<a href=http://x/\xff\xfe>x",
};

START_TEST(attack)
{
	const struct html_policy *policies[] = { &plain, &remote };

	for (int i = 0; i < 2; i++) {
		struct buf out = BUF_EMPTY;

		html_clean(&out, span_str(attacks[_i]), policies[i], NULL);
		ck_assert_msg(harmless(buf_span(&out), i == 1), "%s\ngives %s",
		    attacks[_i], buf_str(&out));
		buf_free(&out);
	}
}
END_TEST

START_TEST(nul_bytes)
{
	static const struct span ins[] = {
		B("<a href=\"java\0script:alert(1)\">x</a>"),
		B("<\0script>alert(1)</script>"),
		B("<p\0onclick=alert(1)>x"),
		B("<p style=\"color:\0red\">x"),
		B("<scr\0ipt>alert(1)</scr\0ipt>"),
	};

	for (int i = 0; i < UNIT_COUNT(ins); i++) {
		struct buf out = BUF_EMPTY;

		html_clean(&out, ins[i], &plain, NULL);
		ck_assert_msg(harmless(buf_span(&out), false), "row %d: %s", i,
		    buf_str(&out));
		buf_free(&out);
	}
}
END_TEST

/* The checker itself must see what is wrong. */
START_TEST(checker)
{
	static const char *const wrong[] = { "<script>",
		"<p onclick=\"x\"></p>", "<p>", "</p>", "<b></p>",
		"<a href=\"javascript:x\"></a>", "<img src=\"http://x/\">",
		"a>b", "<p title=x></p>", "<p style=\"background:url(x)\"></p>",
		"\xff", "<b><i></b></i>", "a\"b" };

	for (int i = 0; i < UNIT_COUNT(wrong); i++)
		ck_assert_msg(
		    !harmless(span_str(wrong[i]), false), "%s", wrong[i]);
	ck_assert(harmless(SPAN("a<p title=\"x\"><br>b</p>"), false));
}
END_TEST

/* Random mixtures of pieces of attacks. */
START_TEST(attacks_mixed)
{
	static const char *const bits[] = { "<", ">", "\"", "'", "/", "=", " ",
		"<p ", "<script>", "</script>", "<!--", "-->",
		"<a href=", "javascript:", "style=\"", "url(", "<table>",
		"<td>", "</table>", "<li>", "&#", ";", "x",
		"<img src=", "onerror=", "<style>", "</style", "<svg>", "\n",
		"&quot;", "<ul>", "</p>", "http://", "title=", "\xff",
		"color:red" };
	uint32_t seed = 23;

	for (int round = 0; round < 20000; round++) {
		struct buf in = BUF_EMPTY, out = BUF_EMPTY;

		for (int i = 0; i < round % 60; i++) {
			seed = seed * 1103515245 + 12345;
			buf_add_str(&in, bits[(seed >> 16) % UNIT_COUNT(bits)]);
		}
		html_clean(&out, buf_span(&in), &plain, NULL);
		ck_assert_msg(harmless(buf_span(&out), false), "%s\ngives %s",
		    buf_str(&in), buf_str(&out));
		buf_free(&in);
		buf_free(&out);
	}
}
END_TEST

START_TEST(images)
{
	struct buf out = BUF_EMPTY;
	struct html_report r;
	struct span in = SPAN("<img src=http://x/a><img src=https://x/b>"
			      "<img src=cid:pic@x><img src=ftp://x/>");

	html_clean(&out, in, &plain, &r);
	ck_assert_uint_eq(r.remote_images, 2);
	buf_clear(&out);
	html_clean(&out, in, &remote, &r);
	ck_assert_uint_eq(r.remote_images, 0);
	ck_assert_str_eq(buf_str(&out),
	    "<img src=\"http://x/a\" referrerpolicy=\"no-referrer\">"
	    "<img src=\"https://x/b\" referrerpolicy=\"no-referrer\">"
	    "<img><img>");
	buf_free(&out);
}
END_TEST

START_TEST(no_styles)
{
	static const struct html_policy none = { .styles = false };
	struct buf out = BUF_EMPTY;
	struct html_report r;

	html_clean(&out, SPAN("<p style=color:red>a"), &none, &r);
	ck_assert_str_eq(buf_str(&out), "<p>a</p>");
	ck_assert_uint_eq(r.dropped, 1);
	buf_free(&out);
}
END_TEST

START_TEST(limits)
{
	struct html_policy small = { .max_output = 1000 };
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;
	struct html_report r;

	for (int i = 0; i < 10000; i++)
		buf_add_str(&in, "<b>x");
	html_clean(&out, buf_span(&in), &plain, &r);
	ck_assert(r.cut && harmless(buf_span(&out), false));
	ck_assert_uint_lt(out.n, 10000 + HTML_DEPTH_MAX * 7 + 1);
	buf_clear(&out);
	html_clean(&out, buf_span(&in), &small, &r);
	ck_assert(r.cut && harmless(buf_span(&out), false));
	ck_assert_uint_lt(out.n, 3000);
	buf_clear(&in);
	buf_clear(&out);
	for (int i = 0; i < 100000; i++)
		buf_add_byte(&in, '&');
	html_clean(&out, buf_span(&in), &small, &r);
	ck_assert(r.cut);
	ck_assert_uint_lt(out.n, 6000);
	buf_clear(&in);
	buf_clear(&out);
	buf_add_str(&in, "<p ");
	for (int i = 0; i < 1000; i++)
		buf_printf(&in, "a%d=b ", i);
	buf_add_str(&in, "title=x>a");
	html_clean(&out, buf_span(&in), &plain, &r);
	ck_assert_str_eq(buf_str(&out), "<p>a</p>");
	buf_free(&in);
	buf_free(&out);
}
END_TEST

START_TEST(linear)
{
	static const char *const bits[] = { "<", "<b>", "<p>", "</b>", "<!--",
		"<script>", "<a href=\"", "&", "&#", "<td>", "<li>",
		"<a x=", "\"", "'", "<style>", "</", "<p title='", "-",
		"<b></i>", " a=b", "<svg", "/", "<!", "&lt", "<table><tr><td>",
		"</p>" };
	struct html_policy policy = plain;

	policy.max_output = 1 << 30;
	for (int i = 0; i < UNIT_COUNT(bits); i++) {
		struct buf in = BUF_EMPTY, out = BUF_EMPTY;
		struct html_report once, twice;

		for (int k = 0; k < 20000; k++)
			buf_add_str(&in, bits[i]);
		html_clean(
		    &out, span_head(buf_span(&in), in.n / 2), &policy, &once);
		html_clean(&out, buf_span(&in), &policy, &twice);
		ck_assert_msg(
		    twice.work <= once.work * 5 / 2 + 1000, "%s", bits[i]);
		ck_assert_msg(twice.work <= 300 * in.n, "%s", bits[i]);
		buf_free(&in);
		buf_free(&out);
	}
}
END_TEST

static const struct {
	const char *in;
	size_t max;
	const char *out;
} texts[] = {
	{ "<p>Hello  <b>you</b></p>\n<p>bye&nbsp;&amp;</p>", 100,
	    "Hello you\nbye\xc2\xa0&\n" },
	{ "a<br>b<br><br>c", 100, "a\nb\n\nc\n" },
	{ "<style>x</style><script>y</script><title>t</title>a", 100, "a\n" },
	{ "<table><tr><td>a<td>b<tr><td>c</table>", 100, "a b\nc\n" },
	{ "abcdef", 3, "abc\n" },
	{ "ab\xc3\xa9", 3, "ab\n" },
	{ "", 10, "" },
	{ "<ul><li>a</li><li>b</li></ul>", 100, "a\nb\n" },
};

START_TEST(to_text)
{
	struct buf out = BUF_EMPTY;

	html_to_text(&out, span_str(texts[_i].in), texts[_i].max);
	ck_assert_msg(span_is(buf_span(&out), texts[_i].out), "%s: \"%s\"",
	    texts[_i].in, buf_str(&out));
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, clean, 0, UNIT_COUNT(rows));
	tcase_add_test(t, checker);
	tcase_add_loop_test(t, attack, 0, UNIT_COUNT(attacks));
	tcase_add_test(t, nul_bytes);
	tcase_add_test(t, attacks_mixed);
	tcase_add_test(t, images);
	tcase_add_test(t, no_styles);
	tcase_add_test(t, limits);
	tcase_add_test(t, linear);
	tcase_add_loop_test(t, to_text, 0, UNIT_COUNT(texts));
}

int
main(void)
{
	return unit_main("message/html_clean", fill);
}
