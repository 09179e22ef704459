/* test_export.c - mailbox/export.h */

#include "mailbox/export.h"

#include "base/buf.h"
#include "base/mem.h"
#include "tests/unit.h"

static struct kwset
kws(int a, int b)
{
	struct kwset s = { { 0, 0 } };

	if (a >= 0)
		kwset_set(&s, (size_t)a, true);
	if (b >= 0)
		kwset_set(&s, (size_t)b, true);
	return s;
}

static struct keywords *
three(void)
{
	struct keywords *k = keywords_new();

	ck_assert_int_eq(keywords_add(k, SPAN("$Work")), 0);
	ck_assert_int_eq(keywords_add(k, SPAN("unused")), 1);
	ck_assert_int_eq(keywords_add(k, SPAN("Later")), 2);
	return k;
}

START_TEST(texts)
{
	struct keywords *k = three();
	const struct export_message list[] = {
		{ 1, SPAN("1.a.h,S=5"), SPAN("UID7-3"), kws(0, 2) },
		{ 4, SPAN("2.b.h"), SPAN("with blank"), kws(-1, -1) },
		{ 5, SPAN("2\n.b.h"), SPAN(""), kws(2, -1) },
		{ 9, SPAN("3 c.h"), SPAN("line\r"), kws(2, -1) },
	};
	struct export_folder f = { 77, 12, "0123456789abcdef0123456789abcdef",
		list, 4, k };
	struct buf out = BUF_EMPTY;
	char letters[KEYWORDS_MAX];

	export_dovecot_uids(&f, &out);
	ck_assert_str_eq(buf_str(&out),
	    "3 V77 N12 G0123456789abcdef0123456789abcdef\n"
	    "1 PUID7-3 :1.a.h,S=5\n4 :2.b.h\n9 :3 c.h\n");
	buf_clear(&out);
	export_courier_uids(&f, &out);
	ck_assert_str_eq(
	    buf_str(&out), "1 77 12\n1 1.a.h,S=5\n4 2.b.h\n9 3 c.h\n");
	buf_clear(&out);
	export_courier_keywords(&f, &out);
	ck_assert_str_eq(
	    buf_str(&out), "$Work\nLater\n\n1.a.h,S=5:0 1\n3 c.h:1\n");
	buf_clear(&out);
	ck_assert_uint_eq(export_dovecot_keywords(&f, letters, &out), 0);
	ck_assert_str_eq(buf_str(&out), "0 $Work\n1 Later\n");
	ck_assert_int_eq(letters[0], 'a');
	ck_assert_int_eq(letters[1], '\0');
	ck_assert_int_eq(letters[2], 'b');
	buf_free(&out);
	keywords_free(&k);
}
END_TEST

static const struct {
	const char *name;
	int a, b;
	const char *want;
} names[] = {
	{ "1.a.h:2,S", 0, 2, "1.a.h:2,Sab" },
	{ "1.a.h:2,FSbz", 0, -1, "1.a.h:2,FSa" },
	{ "1.a.h:2,Sab", -1, -1, "1.a.h:2,S" },
	{ "1.a.h", 2, -1, "1.a.h:2,b" },
	{ "1.a.h:1,x", 1, -1, "1.a.h:2," },
};

START_TEST(letters)
{
	char of[KEYWORDS_MAX] = { 'a', '\0', 'b' };
	struct kwset kw = kws(names[_i].a, names[_i].b);
	struct buf out = BUF_EMPTY;

	export_letters(span_str(names[_i].name), &kw, of, &out);
	ck_assert_str_eq(buf_str(&out), names[_i].want);
	buf_free(&out);
}
END_TEST

/* Dovecot has 26: the others stay behind, and are counted. */
START_TEST(too_many)
{
	struct keywords *k = keywords_new();
	struct export_message one = { 1, SPAN("1.a"), SPAN(""), kws(-1, -1) };
	struct export_folder f = { 1, 2, "", &one, 1, k };
	struct buf out = BUF_EMPTY;
	char of[KEYWORDS_MAX];

	for (int i = 0; i < 30; i++) {
		char *name = mem_printf("k%d", i);

		ck_assert_int_eq(keywords_add(k, span_str(name)), i);
		kwset_set(&one.kw, (size_t)i, true);
		free(name);
	}
	ck_assert_uint_eq(export_dovecot_keywords(&f, of, &out), 4);
	ck_assert_int_eq(of[25], 'z');
	ck_assert_int_eq(of[26], '\0');
	ck_assert_ptr_nonnull(strstr(buf_str(&out), "\n25 k25\n"));
	buf_free(&out);
	keywords_free(&k);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, texts);
	tcase_add_test(t, too_many);
	tcase_add_loop_test(t, letters, 0, UNIT_COUNT(names));
}

int
main(void)
{
	return unit_main("mailbox/export", fill);
}
