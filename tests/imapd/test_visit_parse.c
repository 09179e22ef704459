/* test_visit_parse.c - imapd/visit_copy.h: what another's imapd answers */

#include "base/arena.h"
#include "base/buf.h"
#include "imapd/visit_copy.h"
#include "imapd/visit_notify.h"
#include "tests/unit.h"

static const struct {
	const char *line;
	uint32_t uid; /* 0: it is none of ours */
	uint64_t size;
	int64_t date;
	unsigned flags;
	size_t keywords;
} fetched[] = {
	{ "* 1 FETCH (UID 7 FLAGS (\\Seen $x) INTERNALDATE "
	  "\" 1-Jan-1970 00:01:40 +0000\" BODY[] {12}\r\n",
	    7, 12, 100, IMAP_SEEN, 1 },
	{ "* 1 FETCH (FLAGS () UID 7 BODY[] {0}\r\n", 7, 0, 0, 0, 0 },
	{ "* 1 FETCH (UID 7 MODSEQ (99) BODY[] {3}\r\n", 7, 3, 0, 0, 0 },
	{ "* 9 UIDFETCH (FLAGS (\\Recent) BODY[] {3}\r\n", 9, 3, 0, IMAP_RECENT,
	    0 },
	{ "* 1 FETCH (BODY[] {3}\r\n", 0, 0, 0, 0, 0 },
	{ "* 1 FETCH (UID 7 FLAGS (\\Seen))\r\n", 0, 0, 0, 0, 0 },
	{ "* 1 FETCH (UID 7 BODY[TEXT] {3}\r\n", 0, 0, 0, 0, 0 },
	{ "* 1 FETCH (UID 7 BODY[] {3}", 0, 0, 0, 0, 0 },
	{ "* 1 FETCH (UID 7 BODY[] {3} {4}\r\n", 0, 0, 0, 0, 0 },
	{ "* 1 FETCH (UID 7 BODY[] {99999999999999999999}\r\n", 0, 0, 0, 0, 0 },
	{ "* 1 FETCH (UID 0 BODY[] {3}\r\n", 0, 0, 0, 0, 0 },
	{ "* 1 FETCH (UID 99999999999 BODY[] {3}\r\n", 0, 0, 0, 0, 0 },
	{ "* 1 FETCH (UID 7 FLAGS (\\Foo) BODY[] {3}\r\n", 0, 0, 0, 0, 0 },
	{ "* 1 FETCH (UID 7 INTERNALDATE \"today\" BODY[] {3}\r\n", 0, 0, 0, 0,
	    0 },
	{ "* LIST () \".\" {3}\r\n", 0, 0, 0, 0, 0 },
	{ "~ OK {3}\r\n", 0, 0, 0, 0, 0 },
	{ "", 0, 0, 0, 0, 0 },
};

START_TEST(fetched_lines)
{
	struct arena *a = arena_new();
	struct visit_fetched got;
	bool good = visit_fetched(a, span_str(fetched[_i].line), &got);

	ck_assert_msg(good == (fetched[_i].uid != 0), "%s", fetched[_i].line);
	if (good) {
		ck_assert_uint_eq(got.uid, fetched[_i].uid);
		ck_assert_uint_eq(got.size, fetched[_i].size);
		ck_assert_int_eq(got.date, fetched[_i].date);
		ck_assert_uint_eq(got.flags.system, fetched[_i].flags);
		ck_assert_uint_eq(got.flags.count, fetched[_i].keywords);
	}
	/* cut anywhere it is none */
	for (size_t n = 0; n < span_str(fetched[_i].line).n; n++)
		ck_assert(!visit_fetched(
		    a, span_head(span_str(fetched[_i].line), n), &got));
	arena_free(&a);
}
END_TEST

static const struct {
	const char *line;
	size_t count;
	const char *set; /* NULL: it does not say */
} appended[] = {
	{ "~ OK [APPENDUID 38505 3955] Append completed\r\n", 1, "3955" },
	{ "~ OK [APPENDUID 38505 3:5,9] done\r\n", 4, "3:5,9" },
	{ "~ OK [APPENDUID 38505 3:5] done\r\n", 2, NULL },
	{ "~ OK [APPENDUID 38505 3:*] done\r\n", 2, NULL },
	{ "~ OK [APPENDUID 38505 5:3] done\r\n", 3, NULL },
	{ "~ OK [APPENDUID 38505 1:4294967295] done\r\n", 2, NULL },
	{ "~ OK [APPENDUID 0 3] done\r\n", 1, NULL },
	{ "~ OK [APPENDUID 38505 3", 1, NULL },
	{ "~ OK done\r\n", 1, NULL },
	{ "~ NO [APPENDUID 38505 3] done\r\n", 1, NULL },
};

START_TEST(appended_lines)
{
	struct arena *a = arena_new();
	uint32_t validity;
	struct span set;
	bool good = visit_appended(a, span_str(appended[_i].line),
	    appended[_i].count, &validity, &set);

	ck_assert_msg(
	    good == (appended[_i].set != NULL), "%s", appended[_i].line);
	if (good)
		ck_assert(span_is(set, appended[_i].set) && validity == 38505);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *line;
	const char *name, *old; /* name NULL: it tells of none */
} told[] = {
	{ "* STATUS #shared.a.b (MESSAGES 1)\r\n", "#shared.a.b", NULL },
	{ "* STATUS \"a b\" (MESSAGES 1)\r\n", "a b", NULL },
	{ "* METADATA a /shared/comment /shared/x\r\n", "a", NULL },
	{ "* LIST () \".\" a\r\n", "a", NULL },
	{ "* LIST (\\NonExistent) \".\" \"a)\"\r\n", "a)", NULL },
	{ "* LIST () \".\" a (\"OLDNAME\" (b))\r\n", "a", "b" },
	{ "* LIST () \".\" a (\"OLDNAME\" (b c))\r\n", NULL, NULL },
	{ "* LIST () \".\" a (\"OTHER\" (b))\r\n", NULL, NULL },
	{ "* LIST () \".\" a b\r\n", NULL, NULL },
	{ "* LIST \".\" a\r\n", NULL, NULL },
	{ "* STATUS a\r\n", NULL, NULL },
	{ "* STATUS a (X)\r\n* 1 EXPUNGE\r\n", NULL, NULL },
	{ "* 1 EXPUNGE\r\n", NULL, NULL },
	{ "* MYRIGHTS a lr\r\n", NULL, NULL },
	{ "* BYE x\r\n", NULL, NULL },
	{ "t OK x\r\n", NULL, NULL },
	{ "", NULL, NULL },
};

START_TEST(told_lines)
{
	struct arena *a = arena_new();
	struct span line = span_str(told[_i].line);
	struct visit_told got;
	bool good = visit_told(a, line, &got);

	ck_assert_msg(good == (told[_i].name != NULL), "%s", told[_i].line);
	if (good) {
		ck_assert(span_is(got.name, told[_i].name));
		ck_assert((got.old.p == NULL) == (told[_i].old == NULL));
		if (told[_i].old != NULL)
			ck_assert(span_is(got.old, told[_i].old));
		for (size_t n = 0; n < line.n; n++)
			ck_assert(!visit_told(a, span_head(line, n), &got));
	}
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, told_lines, 0, UNIT_COUNT(told));
	tcase_add_loop_test(t, fetched_lines, 0, UNIT_COUNT(fetched));
	tcase_add_loop_test(t, appended_lines, 0, UNIT_COUNT(appended));
}

int
main(void)
{
	return unit_main("imapd/visit_parse", fill);
}
