/* test_notice.c - service/notice.h */

#include "service/notice.h"

#include <stdio.h>
#include <string.h>

#include "calls/notice_call.h"
#include "ipc/packet.h"
#include "tests/unit.h"

static const struct {
	const char *value;
	unsigned classes;
} values[] = {
	{ "", 0 },
	{ "resource, software", NOTICE_RESOURCE | NOTICE_SOFTWARE },
	{ "2bounce bounce", NOTICE_2BOUNCE | NOTICE_BOUNCE },
	{ "Policy,PROTOCOL,data delay",
	    NOTICE_POLICY | NOTICE_PROTOCOL | NOTICE_DATA | NOTICE_DELAY },
	{ "nonsense, policy", NOTICE_POLICY },
};

START_TEST(classes)
{
	ck_assert_uint_eq(notice_classes(values[_i].value), values[_i].classes);
}
END_TEST

static const struct {
	const char *line;
	bool secret;
	const char *shown;
} lines[] = {
	{ "EHLO x.test", false, " In:  EHLO x.test\n" },
	{ "AUTH PLAIN AGEAYg==", false, " In:  AUTH PLAIN\n" },
	{ "auth\tLOGIN dGVzdA==", false, " In:  AUTH LOGIN\n" },
	{ "  AUTH PLAIN AGEAYg==", false, " In:  AUTH PLAIN\n" },
	{ "AUTH", false, " In:  AUTH \n" },
	{ "dGVzdA==", true, " In:  (not shown)\n" },
	{ "a\r", false, " In:  a\n" },
	{ "a\033[2Jb\001", false, " In:  a\033[2Jb\001\n" },
	{ "", false, " In:  \n" },
};

START_TEST(theirs)
{
	struct transcript t = { .head = 0 };

	transcript_theirs(&t, span_str(lines[_i].line), lines[_i].secret);
	ck_assert_str_eq(buf_str(&t.text), lines[_i].shown);
	transcript_free(&t);
}
END_TEST

/* The begin and the end of what was said, however long it was. */
START_TEST(bounded)
{
	struct transcript t = { .head = 0 };
	struct packet_out o = { .fd_count = 0 };
	struct span text;

	transcript_ours(&t, SPAN("220 first\r\n250-a\r\n250 b\r\n"));
	ck_assert_str_eq(
	    buf_str(&t.text), " Out: 220 first\n Out: 250-a\n Out: 250 b\n");
	for (int i = 0; i < 100000; i++)
		transcript_theirs(&t, SPAN("NOOP and the like"), false);
	transcript_theirs(&t, SPAN("last"), false);
	text = buf_span(&t.text);
	ck_assert_uint_le(text.n, NOTICE_TRANSCRIPT_MAX);
	ck_assert(span_starts(text, " Out: 220 first\n"));
	ck_assert(span_ends(text, "\n In:  last\n"));
	ck_assert_ptr_nonnull(strstr(buf_str(&t.text), "\n ...\n In:  NOOP"));
	notice_put(&o, &(struct notice){ .transcript = text });
	packet_done(&o);
	transcript_free(&t);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, classes, 0, UNIT_COUNT(values));
	tcase_add_loop_test(t, theirs, 0, UNIT_COUNT(lines));
	tcase_add_test(t, bounded);
}

int
main(void)
{
	return unit_main("service/notice", fill);
}
