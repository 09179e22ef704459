/* test_checks.c - header_checks, body_checks: which lines are looked up, and
 * what becomes of a message */

#include "intake/checks.h"

#include "base/buf.h"
#include "base/mem.h"
#include "intake/check_action.h"
#include "queue/edits.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

static const char message[] =
    "Subject: outer\n"
    "Content-Type: multipart/mixed; boundary=\"b1\"\n"
    "X-Long: one\n"
    "\ttwo\n"
    "\n"
    "preamble\n"
    "--b1\n"
    "Content-Type: text/plain;\n"
    "  name=x\n"
    "X-Part: yes\n"
    "\n"
    "body one\n"
    "--b1\n"
    "Content-Type: message/rfc822\n"
    "\n"
    "Subject: inner\n"
    "Content-Type: multipart/alternative; boundary=b2\n"
    "\n"
    "--b2\n"
    "\n"
    "deep\n"
    "--b1 \n"
    "no header\n"
    "--b1--\n"
    "epilogue\n";

/* h: header_checks, m: mime, n: nested, b: body */
static const char listing[] =
    "h Subject: outer\n"
    "m Content-Type: multipart/mixed; boundary=\"b1\"\n"
    "h X-Long: one|\ttwo\n"
    "b preamble\n"
    "b --b1\n"
    "m Content-Type: text/plain;|  name=x\n"
    "m X-Part: yes\n"
    "b body one\n"
    "b --b1\n"
    "m Content-Type: message/rfc822\n"
    "n Subject: inner\n"
    "m Content-Type: multipart/alternative; boundary=b2\n"
    "b --b2\n"
    "b deep\n"
    "b --b1 \n"
    "b no header\n"
    "b --b1--\n"
    "b epilogue\n";

static void
listed(struct checks *c, struct buf *out)
{
	struct buf lines = BUF_EMPTY;
	struct span rest, line;
	enum check_table table;
	uint32_t n = 0;

	while ((table = checks_batch(c, 1000, &lines)) != CHECK_TABLES) {
		rest = span_head(buf_span(&lines), lines.n - 1);
		while (span_cut(&rest, '\0', &line)) {
			buf_printf(out, "%c ", "hmnb"[table]);
			for (size_t i = 0; i < line.n; i++)
				buf_add_byte(
				    out, line.p[i] == '\n' ? '|' : line.p[i]);
			buf_add_byte(out, '\n');
			n++;
		}
		checks_done(c, n);
		n = 0;
		buf_clear(&lines);
	}
	buf_free(&lines);
}

static const struct checks_conf all = {
	.wanted = { true, true, true, true },
	.field_max = 1000,
	.line_max = 100,
	.body_max = 1000,
	.depth_max = 10,
};

/* Feed the own header's fields, then the rest in two pieces. */
static void
feed(struct checks *c, struct span text, size_t cut, struct buf *out)
{
	size_t body = span_search(text, SPAN("\n\n")) + 2;
	struct span rest = span_head(text, body - 1), line, all_of;
	struct buf block = BUF_EMPTY, edits = BUF_EMPTY;
	uint32_t number = 0;

	while (rest.n > 0) {
		size_t n = 0;

		do {
			n += span_find(span_skip(rest, n), '\n') + 1;
		} while (n < rest.n && ascii_blank(span_at(rest, n)));
		all_of = span_head(rest, n);
		line = span_head(all_of, span_find(all_of, ':'));
		checks_field(c, line, all_of, number++);
		rest = span_skip(rest, n);
	}
	buf_add_span(&block, span_head(text, cut));
	if (cut < body)
		buf_add_span(&block, span_skip(span_head(text, body), cut));
	checks_header_end(c, body);
	checks_scan(c, buf_span(&block), false);
	listed(c, out);
	checks_settle(c, &block, &edits);
	buf_add_span(&block, span_skip(text, block.n));
	checks_scan(c, buf_span(&block), true);
	listed(c, out);
	checks_settle(c, &block, &edits);
	ck_assert_uint_eq(edits.n, 0);
	ck_assert(span_eq(buf_span(&block), text));
	buf_free(&block);
	buf_free(&edits);
}

START_TEST(parts)
{
	struct span text = span_str(message);

	for (size_t cut = 0; cut <= text.n; cut++) {
		struct checks *c = checks_new(&all);
		struct buf out = BUF_EMPTY;

		feed(c, text, cut, &out);
		ck_assert_str_eq(buf_str(&out), listing);
		buf_free(&out);
		checks_free(&c);
	}
}
END_TEST

static const struct {
	const char *text, *listing;
	size_t field_max, line_max;
	uint64_t body_max;
	unsigned depth_max;
} odd[] = {
	/* limits: lines, fields, bodies, depth */
	{ "A: b\n\n1234567890\nx\n", "h A: b\nb 12345\nb x\n", 99, 5, 99, 9 },
	{ "A: b\n\n12\n34\n56\n", "h A: b\nb 12\nb 34\n", 99, 99, 4, 9 },
	{ "A: b\n\n12\n", "h A: b\n", 99, 99, 0, 9 },
	{ "A: 3456789\n\n12\n", "h A: 34\nb 12\n", 5, 99, 99, 9 },
	{ ("Content-Type: multipart/x; boundary=b\n\n--b\nA: 3456789\n 12\n"
	   " 34\nB: c\n\nx\n"),
	    ("m Conte\nb --b\nm A: 34\nm B: c\nb x\n"), 5, 99, 99, 9 },
	{ "Content-Type: multipart/x; boundary=b\n\n--b\nA: b\n\nx\n",
	    ("m Content-Type: multipart/x; boundary=b\nb --b\nb A: b\nb x\n"),
	    99, 99, 99, 0 },
	/* each part has its own share of the body's limit */
	{ "Content-Type: multipart/x; boundary=b\n\n--b\n\n12345\n67\n"
	  "--b\n\n12345\n67\n",
	    ("m Content-Type: multipart/x; boundary=b\nb --b\nb 12345\n"
	     "b 12345\n"),
	    99, 99, 5, 9 },
	/* digests; a boundary that is the front of another */
	{ "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: "
	  "x\n\ny\n"
	  "--bb\nz\n",
	    ("m Content-Type: multipart/digest; boundary=b\nb --b\n"
	     "n Subject: x\nb y\nb --bb\nb z\n"),
	    99, 99, 99, 9 },
	/* a header that stops without an empty line */
	{ "Content-Type: multipart/x; boundary=b\n\n--b\nA: b\n c\njunk\nD: "
	  "e\n",
	    ("m Content-Type: multipart/x; boundary=b\nb --b\nm A: b| c\n"
	     "b junk\nb D: e\n"),
	    99, 99, 99, 9 },
};

START_TEST(limits)
{
	struct checks_conf conf = { .wanted = { true, true, true, true },
		.field_max = odd[_i].field_max,
		.line_max = odd[_i].line_max,
		.body_max = odd[_i].body_max,
		.depth_max = odd[_i].depth_max };
	struct span text = span_str(odd[_i].text);

	for (size_t cut = 0; cut <= text.n; cut++) {
		struct checks *c = checks_new(&conf);
		struct buf out = BUF_EMPTY;

		feed(c, text, cut, &out);
		ck_assert_str_eq(buf_str(&out), odd[_i].listing);
		buf_free(&out);
		checks_free(&c);
	}
}
END_TEST

static const struct {
	const char *value;
	enum check_verb verb;
	const char *text;
} values[] = {
	{ "REJECT 5.7.2 no spam", VERB_REJECT, "5.7.2 no spam" },
	{ "reject", VERB_REJECT, "" },
	{ "  WARN\thello ", VERB_WARN, "hello" },
	{ "OK", VERB_DUNNO, "" },
	{ "FILTER smtp:x", VERB_FILTER, "smtp:x" },
	{ "nonsense", VERB_UNKNOWN, "" },
	{ "", VERB_UNKNOWN, "" },
};

START_TEST(value)
{
	struct check_action a;

	check_action_parse(span_str(values[_i].value), &a);
	ck_assert_int_eq(a.verb, values[_i].verb);
	ck_assert(span_is(a.text, values[_i].text));
}
END_TEST

static const struct world_row tables[] = {
	{ "regexp:/h Subject: bad", "REJECT" },
	{ "regexp:/h Subject: worse", "REJECT 4.7.3 not now" },
	{ "regexp:/h Subject: gone", "DISCARD to nowhere" },
	{ "regexp:/h Subject: held", "HOLD" },
	{ "regexp:/h Subject: odd", "nonsense" },
	{ "regexp:/h Subject: filtered", "FILTER smtp" },
	{ "regexp:/h Subject: scanned", "FILTER scan:box.test" },
	{ "regexp:/h Subject: words", "FILTER error:5.1.3 text here" },
	{ "regexp:/h Subject: fire", "(trouble)" },
	{ "regexp:/h Subject: turned", "REDIRECT x@other.test" },
	{ "regexp:/h Subject: copied", "BCC x@other.test" },
	{ "regexp:/h Subject: warned", "WARN look here" },
	{ "regexp:/h X-Drop: a\n b", "IGNORE" },
	{ "regexp:/h X-Strip: a", "STRIP why" },
	{ "regexp:/h X-New: a", "REPLACE X-Newer: b" },
	{ "regexp:/h X-Mark: a", "PREPEND X-Before: c" },
	{ "regexp:/h X-Bad: a", "REPLACE no header" },
	{ "regexp:/b evil", "REJECT 5.7.4 evil line" },
	{ "regexp:/b drop me", "IGNORE" },
	{ "regexp:/b change me", "REPLACE changed" },
	{ "regexp:/b below", "PREPEND above" },
	{ NULL, NULL },
};

#define CHECKS \
	"header_checks = regexp:/h\nbody_checks = regexp:/b\n" \
	"smtpd_peername_lookup = no\n"
#define MAIL \
	"> HELO x\n< 250\n> MAIL FROM:<a@b.test>\n< 250\n" \
	"> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n"

static const struct {
	const char *lines, *says, *logged;
} mails[] = {
	{ "> Subject: bad\n> \n> x\n> .\n",
	    "< 550 5.7.1 message content rejected\n", "postfix/cleanup[" },
	{ "> Subject: bad\n> \n> x\n> .\n",
	    "< 550 5.7.1 message content rejected\n",
	    ": ABC1: reject: header Subject: bad from unknown[192.0.2.9]; "
	    "from=<a@b.test> to=<user@here.test> proto=SMTP helo=<x>: 5.7.1 "
	    "message content rejected\n" },
	{ "> Subject: worse\n> .\n", "< 450 4.7.3 not now\n",
	    "helo=<x>: 4.7.3 not now\n" },
	{ "> Subject: gone\n> \n> x\n> .\n", "< 250 2.0.0 Ok: queued as ABC1\n",
	    ": ABC1: discard: header Subject: gone from unknown[192.0.2.9]; "
	    "from=<a@b.test> to=<user@here.test> proto=SMTP helo=<x>: to "
	    "nowhere\n" },
	{ "> Subject: odd\n> \n> x\n> .\n", "< 451 4.3.0\n",
	    "ABC1: nonsense: not understood" },
	{ "> Subject: filtered\n> \n> x\n> .\n", "< 451 4.3.0\n", NULL },
	{ "> Subject: fire\n> \n> x\n> .\n",
	    "< 451 4.3.0 Error: temporary "
	    "lookup failure\n",
	    "look-up problem -- message not accepted" },
	{ "> X-Bad: a\n> \n> x\n> .\n", "< 451 4.3.0\n", NULL },
	{ "> Subject: warned\n> \n> x\n> .\n", "< 250\n",
	    ": ABC1: warning: header Subject: warned from" },
	{ "> A: b\n> \n> fine\n> evil\n> Subject: bad\n> .\n",
	    "< 550 5.7.4 evil line\n", ": ABC1: reject: body evil from" },
};

START_TEST(refused)
{
	char *script;

	world_begin(&w, CHECKS);
	w.tables = tables;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n" MAIL);
	script = mem_printf("%s%s", mails[_i].lines, mails[_i].says);
	world_talk(&w, script);
	free(script);
	if (mails[_i].logged != NULL)
		world_expect_log(&w, mails[_i].logged);
	world_talk(&w, "> NOOP\n< 250\n");
	world_end(&w);
}
END_TEST

/* As a reader of the queue file will see it. */
static void
seen(const struct world_message *m, struct buf *out)
{
	struct buf raw = BUF_EMPTY;
	struct edited *e;

	world_content(m, &raw);
	e = edited_open(m->fd, raw.n, buf_span(&m->edits));
	ck_assert_ptr_nonnull(e);
	while (out->n < edited_size(e)) {
		ssize_t n = edited_read(e, buf_room(out, 1000), 1000, out->n);

		ck_assert_int_gt(n, 0);
		out->n += (size_t)n;
	}
	edited_free(&e);
	buf_free(&raw);
}

START_TEST(changed)
{
	struct buf got = BUF_EMPTY;
	struct span text;

	world_begin(&w, CHECKS "message_drop_headers = bcc\n");
	w.tables = tables;
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    "< 220\n" MAIL "> Bcc: secret\n> X-Drop: a\n>  b\n> X-Strip: a\n"
	    "> X-New: a\n> X-Mark: a\n> Subject: held\n> \n"
	    "> first\n> drop me\n> change me\n> below\n> last\n> .\n"
	    "< 250\n");
	seen(&w.messages[0], &got);
	text =
	    span_skip(buf_span(&got), span_search(buf_span(&got), SPAN("X-")));
	ck_assert_msg(span_is(text,
			  "X-Newer: b\nX-Before: c\nX-Mark: a\nSubject: held\n"
			  "\nfirst\nchanged\nabove\nbelow\nlast\n"),
	    "%.*s", (int)got.n, got.p);
	ck_assert(span_search(buf_span(&w.messages[0].envelope),
		      SPAN("flags=8\n")) < w.messages[0].envelope.n);
	world_expect_log(&w, ": ABC1: strip: header X-Strip: a from");
	world_expect_log(&w, ": ABC1: replace: body change me from");
	buf_free(&got);
	world_end(&w);
}
END_TEST

START_TEST(recipients)
{
	world_begin(&w, CHECKS);
	w.tables = tables;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n" MAIL "> Subject: turned\n> .\n< 250\n");
	ck_assert(span_starts(
	    buf_span(&w.messages[0].envelope), "rcpt=x@other.test\nsender="));
	world_talk(&w, MAIL "> Subject: copied\n> .\n< 250\n");
	ck_assert(span_starts(buf_span(&w.messages[1].envelope),
	    "rcpt=user@here.test\nrcpt=x@other.test NEVER\n"));
	world_talk(&w, MAIL "> Subject: scanned\n> .\n< 250\n");
	ck_assert(span_ends(
	    buf_span(&w.messages[2].envelope), "filter=scan:box.test\n"));
	world_expect_log(&w, ": ABC3: filter: header Subject: scanned from");
	world_talk(&w, MAIL "> Subject: words\n> .\n< 250\n");
	ck_assert(span_ends(buf_span(&w.messages[3].envelope),
	    "filter=error:5.1.3 text here\n"));
	world_end(&w);
}
END_TEST

/* A long message, most of it beyond the limit of body_checks: what is written
 * is what came; the client's next command waits its turn. */
START_TEST(streams)
{
	struct buf text = BUF_EMPTY, got = BUF_EMPTY;
	enum { LINES = 30000 };

	world_begin(&w, CHECKS "body_checks_size_limit = 20000\n");
	w.tables = tables;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n" MAIL);
	buf_add_str(&text, "Subject: long\r\n\r\n");
	for (int i = 0; i < LINES; i++)
		buf_printf(&text, "line %d\r\n", i);
	buf_add_str(&text, "evil\r\n.\r\n");
	world_send(&w, buf_span(&text));
	world_settle(&w);
	ck_assert(span_starts(buf_span(&w.got), "250 2.0.0 Ok: queued"));
	ck_assert_uint_lt(w.lookups, 200);
	world_content(&w.messages[0], &got);
	ck_assert_uint_eq(got.n, text.n - LINES - 2 - 3 - 1);
	ck_assert(span_ends(buf_span(&got), "line 29999\nevil\n"));
	buf_free(&text);
	buf_free(&got);
	world_end(&w);
}
END_TEST

/* The same in chunks. */
START_TEST(chunks)
{
	struct buf got = BUF_EMPTY;

	world_begin(&w, CHECKS);
	w.tables = tables;
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    "< 220\n> EHLO x\n<+ 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n> BDAT 15\n> A: b\n> \n> drop "
	    "\n"
	    "< 250\n> BDAT 6 LAST\n> drop\n< 250\n");
	world_content(&w.messages[0], &got);
	ck_assert_str_eq(buf_str(&got), "A: b\n\ndrop \ndrop\n");
	world_talk(&w,
	    "> MAIL FROM:<a@b.test>\n< 250\n> RCPT TO:<user@here.test>\n< 250\n"
	    "> BDAT 14 LAST\n> A: b\n> \n> evil\n< 550 5.7.4\n> NOOP\n< 250\n");
	buf_free(&got);
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, parts);
	tcase_add_loop_test(t, limits, 0, UNIT_COUNT(odd));
	tcase_add_loop_test(t, value, 0, UNIT_COUNT(values));
	tcase_add_loop_test(t, refused, 0, UNIT_COUNT(mails));
	tcase_add_test(t, changed);
	tcase_add_test(t, recipients);
	tcase_add_test(t, streams);
	tcase_add_test(t, chunks);
}

int
main(void)
{
	return unit_main("smtpd/checks", fill);
}
