/* test_drop_file.c - pickup/drop_file.h */

#include "pickup/drop_file.h"

#include "base/arena.h"
#include "calls/queue_call.h"
#include "tests/unit.h"

static const struct {
	const char *text;
	size_t rcpts; /* 0: refused */
	const char *content;
} rows[] = {
	{ "FDROP1\nsender=a@b\nfull_name=A B\nrcpt=c\n\nbody\n", 1, "body\n" },
	{ "FDROP1\nsender=\nrcpt=c\nrcpt=d@e\n\n", 2, "" },
	{ "FDROP1\nrcpt=|x\n\n\n", 1, "\n" },
	{ "FDROP1\nsender=a\nenvid=x y\nret=2\nflags=1\nnotify=6\nrcpt=c\n"
	  "notify=1\nrcpt=d\n\nt\n",
	    2, "t\n" },
	{ "FDROP1\nverp=+=\nrcpt=c\n\n", 1, "" },
	{ "FDROP1\nverp=+\nrcpt=c\n\n", 0, NULL },
	{ "FDROP1\nverp=+=-\nrcpt=c\n\n", 0, NULL },
	{ "FDROP1\nnotify=16\nrcpt=c\n\n", 0, NULL },
	{ "FDROP1\nret=3\nrcpt=c\n\n", 0, NULL },
	{ "FDROP1\nflags=8\nrcpt=c\n\n", 0, NULL },
	{ "FDROP2\nrcpt=c\n\n", 0, NULL },
	{ "FDROP1\nsender=a\n\n", 0, NULL },
	{ "FDROP1\nrcpt=\n\n", 0, NULL },
	{ "FDROP1\nrcpt=c\nuid=0\n\n", 0, NULL },
	{ "FDROP1\nrcpt=c", 0, NULL },
	{ "FDROP1\nrcpt=c\nnonsense\n\n", 0, NULL },
	{ "", 0, NULL },
};

START_TEST(parse)
{
	struct arena *a = arena_new();
	struct span text = span_str(rows[_i].text);
	struct drop_envelope e;
	bool got = drop_envelope_parse(text, a, &e);

	ck_assert_msg(got == (rows[_i].rcpts > 0), "\"%s\"", rows[_i].text);
	if (got) {
		ck_assert_uint_eq(e.rcpt_count, rows[_i].rcpts);
		ck_assert(
		    span_is(span_skip(text, e.content_at), rows[_i].content));
	}
	arena_free(&a);
}
END_TEST

START_TEST(reports)
{
	struct arena *a = arena_new();
	struct drop_envelope e;

	ck_assert(drop_envelope_parse(
	    SPAN(
		"FDROP1\nrcpt=b\nenvid=x y\nverp=+=\nret=2\nflags=1\nnotify=6\n"
		"rcpt=c\nnotify=1\nrcpt=d\n\n"),
	    a, &e));
	ck_assert(span_is(e.envid, "x y"));
	ck_assert(span_is(e.verp, "+="));
	ck_assert_uint_eq(e.ret, RET_HDRS);
	ck_assert_uint_eq(e.flags, QUEUE_8BIT);
	ck_assert_uint_eq(e.rcpts[0].notify, 0);
	ck_assert_uint_eq(e.rcpts[1].notify, NOTIFY_FAILURE | NOTIFY_SUCCESS);
	ck_assert_uint_eq(e.rcpts[2].notify, NOTIFY_NEVER);
	arena_free(&a);
}
END_TEST

/* No cut of a good one is taken for another good one. */
START_TEST(cut)
{
	struct span text = span_str(rows[0].text);
	struct arena *a = arena_new();
	struct drop_envelope e;

	for (size_t n = 0; n + 5 < text.n; n++)
		ck_assert_msg(!drop_envelope_parse(span_head(text, n), a, &e),
		    "cut at %zu", n);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parse, 0, UNIT_COUNT(rows));
	tcase_add_test(t, reports);
	tcase_add_test(t, cut);
}

int
main(void)
{
	return unit_main("pickup/drop_file", fill);
}
