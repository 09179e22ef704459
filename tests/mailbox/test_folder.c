/* test_folder.c - mailbox/folder.h */

#include "mailbox/folder.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct folder_conf courier = { "INBOX.", '.', FOLDER_AUTO, false };
static const struct folder_conf aliased = { "INBOX.", '.', FOLDER_AUTO, true };
static const struct folder_conf plain = { "", '.', FOLDER_AUTO, false };
static const struct folder_conf slash = { "", '/', FOLDER_AUTO, false };

static const struct {
	const struct folder_conf *conf;
	const char *name;
	enum folder_result want;
	const char *utf8, *utf7; /* directories */
} dirs[] = {
	{ &courier, "INBOX", FOLDER_INBOX, "", "" },
	{ &courier, "inBox", FOLDER_INBOX, "", "" },
	{ &courier, "INBOX.Sent", FOLDER_OK, ".Sent", ".Sent" },
	{ &courier, "inbox.Sent", FOLDER_OK, ".Sent", ".Sent" },
	{ &courier, "INBOX.a.b c", FOLDER_OK, ".a.b c", ".a.b c" },
	{ &courier, "INBOX.Entw\xc3\xbcrfe", FOLDER_OK, ".Entw\xc3\xbcrfe",
	    ".Entw&APw-rfe" },
	{ &courier, "INBOX.a&b", FOLDER_OK, ".a&b", ".a&-b" },
	{ &courier, "Sent", FOLDER_OUTSIDE, "", "" },
	{ &courier, "INBOXES", FOLDER_OUTSIDE, "", "" },
	{ &aliased, "Sent", FOLDER_OK, ".Sent", ".Sent" },
	{ &aliased, "INBOX.Sent", FOLDER_OK, ".Sent", ".Sent" },
	{ &courier, "INBOX.", FOLDER_BAD, "", "" },
	{ &courier, "INBOX..a", FOLDER_BAD, "", "" },
	{ &courier, "INBOX.a.", FOLDER_BAD, "", "" },
	{ &courier, "INBOX.a..b", FOLDER_BAD, "", "" },
	{ &courier, "INBOX.a/b", FOLDER_BAD, "", "" },
	{ &courier, "INBOX.../../etc", FOLDER_BAD, "", "" },
	{ &courier, "INBOX.a\nb", FOLDER_BAD, "", "" },
	{ &courier, "INBOX.a\x7f", FOLDER_BAD, "", "" },
	{ &courier, "INBOX.a\xff", FOLDER_BAD, "", "" },
	{ &plain, "Sent", FOLDER_OK, ".Sent", ".Sent" },
	{ &plain, "INBOX.Sent", FOLDER_OK, ".INBOX.Sent", ".INBOX.Sent" },
	{ &plain, "", FOLDER_BAD, "", "" },
	{ &slash, "a/b", FOLDER_OK, ".a.b", ".a.b" },
	{ &slash, "a.b", FOLDER_BAD, "", "" },
	{ &slash, "/a", FOLDER_BAD, "", "" },
};

START_TEST(to_dir)
{
	struct span name = span_str(dirs[_i].name);
	struct buf dir = BUF_EMPTY;

	ck_assert_msg(folder_to_dir(dirs[_i].conf, name, FOLDER_UTF8, &dir) ==
		dirs[_i].want,
	    "\"%s\"", dirs[_i].name);
	ck_assert_str_eq(buf_str(&dir), dirs[_i].utf8);
	buf_clear(&dir);
	ck_assert_int_eq(folder_to_dir(dirs[_i].conf, name, FOLDER_UTF7, &dir),
	    dirs[_i].want);
	ck_assert_str_eq(buf_str(&dir), dirs[_i].utf7);
	buf_free(&dir);
}
END_TEST

START_TEST(nul_inside)
{
	struct buf dir = BUF_EMPTY;

	ck_assert_int_eq(
	    folder_to_dir(&plain, SPAN("a\0b"), FOLDER_UTF8, &dir), FOLDER_BAD);
	buf_free(&dir);
}
END_TEST

START_TEST(length)
{
	struct buf name = BUF_EMPTY, dir = BUF_EMPTY;

	for (int i = 0; i < 254; i++)
		buf_add_byte(&name, 'a');
	ck_assert_int_eq(
	    folder_to_dir(&plain, buf_span(&name), FOLDER_UTF8, &dir),
	    FOLDER_OK);
	ck_assert_uint_eq(dir.n, 255);
	buf_add_byte(&name, 'a');
	buf_clear(&dir);
	ck_assert_int_eq(
	    folder_to_dir(&plain, buf_span(&name), FOLDER_UTF8, &dir),
	    FOLDER_TOO_LONG);
	ck_assert_uint_eq(dir.n, 0);
	buf_free(&name);
	buf_free(&dir);
}
END_TEST

static const struct {
	const struct folder_conf *conf;
	const char *dir;
	const char *name; /* NULL: no folder */
} names[] = {
	{ &courier, ".Sent", "INBOX.Sent" },
	{ &courier, ".a.b", "INBOX.a.b" },
	{ &courier, ".Entw&APw-rfe", "INBOX.Entw\xc3\xbcrfe" },
	{ &courier, ".Entw\xc3\xbcrfe", "INBOX.Entw\xc3\xbcrfe" },
	{ &courier, ".a&b", "INBOX.a&b" },
	{ &courier, ".a&-b", "INBOX.a&b" },
	{ &courier, ".a\xff", "INBOX.a\xef\x9f\xbf" },
	{ &courier, "..", NULL },
	{ &courier, ".", NULL },
	{ &courier, "..a", NULL },
	{ &courier, ".a.", NULL },
	{ &courier, ".a..b", NULL },
	{ &courier, "cur", NULL },
	{ &courier, ".a\nb", NULL },
	{ &slash, ".a.b", "a/b" },
};

START_TEST(from_dir)
{
	struct buf name = BUF_EMPTY;
	bool ok =
	    folder_from_dir(names[_i].conf, span_str(names[_i].dir), &name);

	ck_assert_msg(ok == (names[_i].name != NULL), "\"%s\"", names[_i].dir);
	ck_assert_str_eq(
	    buf_str(&name), names[_i].name == NULL ? "" : names[_i].name);
	buf_free(&name);
}
END_TEST

/* Whatever bytes a directory has, the name shown for it finds it again. */
START_TEST(broken_name_found_again)
{
	for (int b = 0x80; b < 0x100; b++) {
		char dir[] = { '.', 'x', (char)b, 'y' };
		struct span was = span_of(dir, sizeof(dir));
		struct buf name = BUF_EMPTY, back = BUF_EMPTY;

		ck_assert(folder_from_dir(&courier, was, &name));
		ck_assert_int_eq(
		    folder_to_dir_raw(&courier, buf_span(&name), &back),
		    FOLDER_OK);
		ck_assert(span_eq(buf_span(&back), was));
		buf_free(&name);
		buf_free(&back);
	}
}
END_TEST

START_TEST(encodings)
{
	ck_assert_int_eq(folder_encoding_of(SPAN(".a")), FOLDER_AUTO);
	ck_assert_int_eq(folder_encoding_of(SPAN(".a&b")), FOLDER_AUTO);
	ck_assert_int_eq(folder_encoding_of(SPAN(".&APw-")), FOLDER_UTF7);
	ck_assert_int_eq(folder_encoding_of(SPAN(".\xc3\xbc")), FOLDER_UTF8);
	ck_assert_int_eq(folder_encoding_of(SPAN(".\xc3")), FOLDER_AUTO);
	ck_assert(span_is(folder_parent(&courier, SPAN("a.b.c")), "a.b"));
	ck_assert_uint_eq(folder_parent(&courier, SPAN("abc")).n, 0);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, to_dir, 0, UNIT_COUNT(dirs));
	tcase_add_test(t, nul_inside);
	tcase_add_test(t, length);
	tcase_add_loop_test(t, from_dir, 0, UNIT_COUNT(names));
	tcase_add_test(t, broken_name_found_again);
	tcase_add_test(t, encodings);
}

int
main(void)
{
	return unit_main("mailbox/folder", fill);
}
