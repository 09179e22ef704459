/* test_ask.c - deliver/ask.h: what the tables of virtual mailboxes mean */

#include "deliver/ask.h"

#include "base/arena.h"
#include "base/why.h"
#include "deliver/conf.h"
#include "tests/unit.h"

static const struct {
	const char *base;
	int least;
	const char *values[ASK_BOX_TABLES]; /* NULL: not there */
	const char *path, *status; /* path NULL: refused */
	unsigned uid, gid;
} boxes[] = {
	{ "/var/mail", 100, { "x/joe/", "5000", "5001" }, "/var/mail/x/joe/",
	    "", 5000, 5001 },
	{ "", 100, { "/m/joe", " 100 ", "1" }, "/m/joe", "", 100, 1 },
	{ "/m", 100, { "..joe../", "100", "8" }, "/m/..joe../", "", 100, 8 },
	{ "/m", 100, { NULL, NULL, NULL }, NULL, "5.1.1", 0, 0 },
	{ "/m", 100, { "joe", NULL, NULL }, NULL, "4.3.5", 0, 0 },
	{ "/m", 100, { "joe", "5000", NULL }, NULL, "4.3.5", 0, 0 },
	{ "/m", 100, { "joe", "99", "5000" }, NULL, "4.3.5", 0, 0 },
	{ "/m", 0, { "joe", "0", "5000" }, NULL, "4.3.5", 0, 0 },
	{ "/m", 100, { "joe", "vmail", "5000" }, NULL, "4.3.5", 0, 0 },
	{ "/m", 100, { "joe", "5000", "0" }, NULL, "4.3.5", 0, 0 },
	{ "/m", 100, { "joe", "4294967295", "5" }, NULL, "4.3.5", 0, 0 },
	{ "", 100, { "joe", "5000", "5000" }, NULL, "4.3.5", 0, 0 },
	{ "/m", 100, { "", "5000", "5000" }, NULL, "4.3.5", 0, 0 },
	{ "/m", 100, { "../joe", "5000", "5000" }, NULL, "4.3.5", 0, 0 },
	{ "/m", 100, { "a/../../joe/", "500", "500" }, NULL, "4.3.5", 0, 0 },
	{ "/m", 100, { "a/..", "5000", "5000" }, NULL, "4.3.5", 0, 0 },
};

START_TEST(box)
{
	struct deliver_conf conf = { .virtual_mailbox_base = boxes[_i].base,
		.virtual_minimum_uid = boxes[_i].least };
	struct box_question q = { .conf = &conf, .address = SPAN("joe@x") };
	struct arena *a = arena_new();
	struct virtual_box got;
	struct why why;
	bool good;

	for (int i = 0; i < ASK_BOX_TABLES; i++)
		q.values[i] = span_str(boxes[_i].values[i]);
	why_init(&why);
	good = ask_box_make(&q, a, &got, &why);
	ck_assert(good == (boxes[_i].path != NULL));
	if (good) {
		ck_assert_str_eq(got.path, boxes[_i].path);
		ck_assert_uint_eq(got.uid, boxes[_i].uid);
		ck_assert_uint_eq(got.gid, boxes[_i].gid);
	} else {
		ck_assert_str_eq(why.status, boxes[_i].status);
	}
	why_free(&why);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, box, 0, UNIT_COUNT(boxes));
}

int
main(void)
{
	return unit_main("deliver/ask", fill);
}
