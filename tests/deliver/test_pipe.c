/* test_pipe.c - deliver/pipe_conf.h and the words and bytes of deliver/pipe.h
 */

#include "deliver/pipe.h"

#include <string.h>

#include "base/why.h"
#include "calls/delivery_call.h"
#include "config/master_cf.h"
#include "deliver/mail.h"
#include "deliver/pipe_conf.h"
#include "tests/unit.h"

#define ROW "x unix - n n - - pipe "

static const struct {
	const char *words;
	bool good;
} rows[] = {
	{ "flags=DRXhu user=vmail argv=/bin/cat -d ${recipient}", true },
	{ "-o a=b -v flags=DRXhu user=vmail:mail argv=/bin/cat", true },
	{ "user=vmail eol=\\r\\n size=1000 null_sender= argv=/bin/cat", true },
	{ "user=vmail directory=/tmp eol=\\015\\012 argv=cat", true },
	{ "user=vmail", false },
	{ "argv=/bin/cat", false },
	{ "user=vmail argv=", false },
	{ "user=root argv=/bin/cat", false },
	{ "user=vmail flags=Z argv=/bin/cat", false },
	{ "user=vmail size=x argv=/bin/cat", false },
	{ "user=vmail eol= argv=/bin/cat", false },
	{ "user=vmail eol=\\999 argv=/bin/cat", false },
	{ "user=vmail eol=123456789 argv=/bin/cat", false },
	{ "user=vmail colour=red argv=/bin/cat", false },
};

static struct master_cf *
parse(const char *words, struct pipe_conf *out, char *eol, bool *good)
{
	const struct master_row *list;
	struct buf text = BUF_EMPTY;
	struct master_cf *m;
	struct why why;
	size_t n;

	why_init(&why);
	buf_printf(&text, ROW "%s\n", words);
	m = master_cf_parse(buf_span(&text), "master.cf", &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	list = master_cf_rows(m, &n);
	ck_assert_uint_eq(n, 1);
	*good = pipe_conf_parse(&list[0], out, eol, &why);
	ck_assert(*good || why.outcome == DEFER);
	why_free(&why);
	buf_free(&text);
	return m;
}

START_TEST(row)
{
	char eol[PIPE_EOL_MAX];
	struct pipe_conf conf;
	bool good;
	struct master_cf *m = parse(rows[_i].words, &conf, eol, &good);

	ck_assert_msg(good == rows[_i].good, "%s", rows[_i].words);
	master_cf_free(&m);
}
END_TEST

START_TEST(row_values)
{
	char eol[PIPE_EOL_MAX];
	struct pipe_conf conf;
	bool good;
	struct master_cf *m =
	    parse("flags=Rq. user=vmail:mail size=7 eol=\\r\\n\\\\ "
		  "null_sender=nobody argv=/bin/cat {a b} c",
		&conf, eol, &good);

	ck_assert(good);
	ck_assert_uint_eq(
	    conf.flags, PIPE_RETURN_PATH | PIPE_QUOTE | PIPE_DOTS);
	ck_assert(span_is(conf.user, "vmail") && span_is(conf.group, "mail"));
	ck_assert(span_is(conf.eol, "\r\n\\"));
	ck_assert_uint_eq(conf.size, 7);
	ck_assert_str_eq(conf.null_sender, "nobody");
	ck_assert_uint_eq(conf.argc, 3);
	ck_assert_str_eq(conf.argv[0], "argv=/bin/cat");
	ck_assert_str_eq(conf.argv[1], "a b");
	master_cf_free(&m);
}
END_TEST

static const struct {
	unsigned flags;
	const char *word, *want; /* NULL: an unknown name */
} words[] = {
	{ 0, "plain", "plain" },
	{ 0, "${recipient}", "Joe Q+Ext@Example.COM" },
	{ 0, "$recipient.", "Joe Q+Ext@Example.COM." },
	{ PIPE_QUOTE, "$recipient", "\"Joe Q+Ext\"@Example.COM" },
	{ PIPE_FOLD_USER, "$(recipient)", "joe q+ext@Example.COM" },
	{ PIPE_FOLD_DOMAIN, "$recipient", "Joe Q+Ext@example.com" },
	{ 0, "-f$sender", "-fMAILER-DAEMON" },
	{ PIPE_FOLD_USER, "$user/$extension", "joe q/ext" },
	{ PIPE_FOLD_DOMAIN, "$nexthop:$domain", "far.test:example.com" },
	{ 0, "$mailbox", "Joe Q+Ext" },
	{ 0, "$original_recipient", "first@x.test" },
	{ 0, "$$ $queue_id", "$ 4F00D" },
	{ 0, "$nothing", NULL },
	{ 0, "a$", NULL },
	{ 0, "${recipient", "Joe Q+Ext@Example.COM" },
};

START_TEST(word)
{
	struct delivery_rcpt to = { .address =
					SPAN("\"Joe Q+Ext\"@Example.COM"),
		.orig = SPAN("first@x.test") };
	struct delivery_request request = { .qid = SPAN("4F00D"),
		.nexthop = SPAN("Far.Test") };
	struct mail m = { .to = &to,
		.request = &request,
		.local = SPAN("Joe Q+Ext"),
		.extension = SPAN("Ext"),
		.domain = SPAN("Example.COM") };
	struct pipe_conf conf = { .flags = words[_i].flags,
		.null_sender = "MAILER-DAEMON" };
	struct buf got = BUF_EMPTY;

	ck_assert(pipe_word(&m, &conf, span_str(words[_i].word), &got) ==
	    (words[_i].want != NULL));
	if (words[_i].want != NULL)
		ck_assert_str_eq(buf_str(&got), words[_i].want);
	buf_free(&got);
}
END_TEST

static const struct {
	unsigned flags;
	const char *eol, *text, *want;
} texts[] = {
	{ 0, "\r\n", "a: b\n\nc\n", "a: b\r\n\r\nc\r\n" },
	{ PIPE_DOTS, "\n", ".\n..\nx.\n", "..\n...\nx.\n" },
	{ PIPE_QUOTE_FROM, "\n", "From a\nfrom b\n>From c\n",
	    ">From a\nfrom b\n>From c\n" },
	{ PIPE_BLANK_LINE, "\n", "a\n", "a\n\n" },
	{ 0, "\n", "no end", "no end\n" },
};

START_TEST(text)
{
	struct pipe_conf conf = { .flags = texts[_i].flags,
		.eol = span_str(texts[_i].eol) };
	struct buf got = BUF_EMPTY;

	pipe_text(&conf, span_str(texts[_i].text), &got);
	ck_assert_str_eq(buf_str(&got), texts[_i].want);
	buf_free(&got);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, row, 0, UNIT_COUNT(rows));
	tcase_add_test(t, row_values);
	tcase_add_loop_test(t, word, 0, UNIT_COUNT(words));
	tcase_add_loop_test(t, text, 0, UNIT_COUNT(texts));
}

int
main(void)
{
	return unit_main("deliver/pipe", fill);
}
