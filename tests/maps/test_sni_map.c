/* test_sni_map.c - maps/sni_map.h */

#include "maps/sni_map.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "tests/unit.h"

static const struct {
	const char *tables;
	bool good;
	const char *rows, *why;
} cases[] = {
	{ "", true, "", "" },
	{ "inline:{ {a.test=/x.pem /y.pem} }", true, "a.test=/x.pem /y.pem;",
	    "" },
	{ "inline:{.b.test=/b.pem}, inline:{a.test=/a.pem}", true,
	    ".b.test=/b.pem;a.test=/a.pem;", "" },
	{ "inline:{a.test=LS0tLS1CRUdJTg==}", false, "",
	    "a.test: absolute names" },
	{ "inline:{a.test=x.pem}", false, "", "absolute names" },
	{ "inline:{ {a.test=/x.pem y.pem} }", false, "", "absolute names" },
	{ "static:/x.pem", false, "", "" },
	{ "hash:/nonexistent/sni", false, "", "nonexistent" },
};

START_TEST(read)
{
	struct arena *a = arena_new();
	struct buf text = BUF_EMPTY;
	struct sni_row *rows = NULL;
	size_t count = 0;
	struct why why;

	why_init(&why);
	ck_assert_msg(sni_map_read(cases[_i].tables, a, &rows, &count, &why) ==
		cases[_i].good,
	    "%s: %s", cases[_i].tables, why_text(&why));
	if (cases[_i].good) {
		for (size_t i = 0; i < count; i++)
			buf_printf(
			    &text, "%s=%s;", rows[i].name, rows[i].files);
		ck_assert_str_eq(buf_str(&text), cases[_i].rows);
	} else {
		ck_assert_msg(strstr(why_text(&why), cases[_i].why) != NULL,
		    "%s", why_text(&why));
	}
	buf_free(&text);
	why_free(&why);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, read, 0, UNIT_COUNT(cases));
}

int
main(void)
{
	return unit_main("maps/sni_map", fill);
}
