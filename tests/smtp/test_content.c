#include "smtp/content.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "queue/edits.h"
#include "smtp/letter.h"
#include "smtp/path.h"
#include "tests/unit.h"

static const struct {
	const char *content;
	size_t line_max;
	const char *wire;
} cases[] = {
	{ "", 0, ".\r\n" },
	{ "a\n", 0, "a\r\n.\r\n" },
	{ "a", 0, "a\r\n.\r\n" },
	{ "\n", 0, "\r\n.\r\n" },
	{ ".\n", 0, "..\r\n.\r\n" },
	{ "..a\n.b\nc.\n", 0, "...a\r\n..b\r\nc.\r\n.\r\n" },
	/* nothing can be smuggled past the next host */
	{ "a\r.\r\nb\n", 0, "a .\r\nb\r\n.\r\n" },
	{ "a\r", 0, "a\r\n.\r\n" },
	{ "12345\n", 5, "12345\r\n.\r\n" },
	{ "123456\n", 5, "12345\r\n 6\r\n.\r\n" },
	{ "123456789\n", 5, "12345\r\n 6789\r\n.\r\n" },
	{ "1234567890\n", 5, "12345\r\n 6789\r\n 0\r\n.\r\n" },
	{ "12345.\n", 5, "12345\r\n .\r\n.\r\n" },
	{ "123\n", 1, "12\r\n 3\r\n.\r\n" },
};

static void
check(const char *content, size_t line_max, struct span wire)
{
	int fd = memfd_create("m", MFD_CLOEXEC);
	size_t n = strlen(content);
	struct buf out = BUF_EMPTY;
	struct edited *e;
	struct content *c;
	enum content_result got;

	ck_assert_int_eq(write(fd, content, n), (ssize_t)n);
	e = edited_open(fd, n, SPAN(""));
	ck_assert_ptr_nonnull(e);
	c = content_new(e, &(struct content_how){ .line_max = line_max });
	while ((got = content_next(c, &out)) == CONTENT_MORE)
		;
	ck_assert_int_eq(got, CONTENT_END);
	ck_assert_msg(span_eq(buf_span(&out), wire), "%.60s: %.60s", content,
	    buf_str(&out));
	content_free(&c);
	edited_free(&e);
	buf_free(&out);
	close(fd);
}

START_TEST(wire)
{
	check(cases[_i].content, cases[_i].line_max, span_str(cases[_i].wire));
}
END_TEST

/* Lines, dots and breaks that fall on the seams of what is read at once. */
START_TEST(seams)
{
	struct buf text = BUF_EMPTY, want = BUF_EMPTY;

	for (int lead = 16370; lead < 16400; lead++) {
		buf_clear(&text);
		buf_clear(&want);
		for (int i = 0; i < lead; i++)
			buf_add_byte(&text, 'x');
		buf_add_span(&want, buf_span(&text));
		buf_add_str(&text, "\n.y\nz\n");
		buf_add_str(&want, "\r\n..y\r\nz\r\n.\r\n");
		check(buf_str(&text), 0, buf_span(&want));
	}
	buf_free(&text);
	buf_free(&want);
}
END_TEST

/* Changes of the message as it is sent. */
static const struct {
	const char *content;
	struct change changes[3];
	size_t count;
	const char *wire;
} changed[] = {
	{ "a\nb\nc\n", { { 2, 4, SPAN_INIT("x\n") } }, 1,
	    "a\r\nx\r\nc\r\n.\r\n" },
	{ "a\nb\nc\n", { { 0, 2, SPAN_INIT("") }, { 4, 6, SPAN_INIT("") } }, 2,
	    "b\r\n.\r\n" },
	{ "a\nb\n", { { 2, 2, SPAN_INIT(".in\n") } }, 1,
	    "a\r\n..in\r\nb\r\n.\r\n" },
	{ "a\nb", { { 2, 3, SPAN_INIT("end\n") } }, 1, "a\r\nend\r\n.\r\n" },
	{ "a\nb\n", { { 0, 4, SPAN_INIT("") } }, 1, ".\r\n" },
};

START_TEST(changes)
{
	int fd = memfd_create("m", MFD_CLOEXEC);
	size_t n = strlen(changed[_i].content);
	struct edited *e;
	struct content *c;
	struct buf out = BUF_EMPTY;
	enum content_result got;

	ck_assert_int_eq(write(fd, changed[_i].content, n), (ssize_t)n);
	e = edited_open(fd, n, SPAN(""));
	c = content_new(e,
	    &(struct content_how){ .changes = changed[_i].changes,
		.change_count = changed[_i].count });
	do
		got = content_next(c, &out);
	while (got == CONTENT_MORE);
	ck_assert_int_eq(got, CONTENT_END);
	ck_assert_str_eq(buf_str(&out), changed[_i].wire);
	content_free(&c);
	edited_free(&e);
	buf_free(&out);
	close(fd);
}
END_TEST

START_TEST(unreadable)
{
	int fd = memfd_create("m", MFD_CLOEXEC);
	struct buf out = BUF_EMPTY;
	struct edited *e = edited_open(fd, 10, SPAN(""));
	struct content *c =
	    content_new(e, &(struct content_how){ .line_max = 0 });

	ck_assert_int_eq(content_next(c, &out), CONTENT_FAILED);
	ck_assert_uint_eq(out.n, 0);
	content_free(&c);
	edited_free(&e);
	buf_free(&out);
	close(fd);
}
END_TEST

static const struct {
	const char *address;
	enum path_result want;
	const char *path;
	unsigned forms;
} paths[] = {
	{ "", PATH_OK, "", 0 },
	{ "a@b.example", PATH_OK, "a@b.example", 0 },
	{ "a.b+c@B.example", PATH_OK, "a.b+c@B.example", 0 },
	{ "postmaster", PATH_OK, "postmaster", 0 },
	{ "john doe@b.example", PATH_OK, "\"john doe\"@b.example", 0 },
	{ "\"john doe\"@b.example", PATH_OK, "\"john doe\"@b.example", 0 },
	{ "a..b@c.example", PATH_OK, NULL, 0 }, /* either form will do */
	{ "a>b@c.example", PATH_OK, "\"a>b\"@c.example", 0 },
	{ "a@[192.0.2.1]", PATH_OK, "a@[192.0.2.1]", 0 },
	{ "\xc3\xa9@b.example", PATH_UTF8, "\xc3\xa9@b.example", 0 },
	{ "a@b.example>\r\nDATA", PATH_BAD, "", 0 },
	{ "a@b c", PATH_BAD, "", 0 },
	{ "a@", PATH_BAD, "", 0 },
	{ "a@\xc3\xbc.example", PATH_UTF8, "a@\xc3\xbc.example", 0 },
	{ "a@\xc3\xbc.example", PATH_OK, "a@xn--tda.example", PATH_ASCII },
	{ "\xc3\xa9@\xc3\xbc.example", PATH_UTF8, "\xc3\xa9@xn--tda.example",
	    PATH_ASCII },
	{ "a@\xef\xbd\x85.example", PATH_UTF8, "a@\xef\xbd\x85.example",
	    PATH_ASCII },
	{ "\xff@b.example", PATH_BAD, "", PATH_ASCII },
};

/* smtp_quote_rfc821_envelope = no */
static const struct {
	const char *address, *path;
} bare[] = {
	{ "a@b.example", "a@b.example" },
	{ "\"john doe\"@b.example", "john doe@b.example" },
	{ "a,b@c.example", "a,b@c.example" },
	{ "\"a\\\"b\"@c.example", "a\"b@c.example" },
	{ "\"a>b\"@c.example", "\"a>b\"@c.example" },
	{ "\"a\\<b\"@c.example", "\"a<b\"@c.example" },
	{ "", "" },
};

START_TEST(bare_path)
{
	struct buf out = BUF_EMPTY;

	ck_assert_int_eq(
	    path_print(&out, span_str(bare[_i].address), PATH_BARE), PATH_OK);
	ck_assert_str_eq(buf_str(&out), bare[_i].path);
	buf_free(&out);
}
END_TEST

START_TEST(path)
{
	struct buf out = BUF_EMPTY;
	enum path_result got =
	    path_print(&out, span_str(paths[_i].address), paths[_i].forms);

	ck_assert_msg(
	    got == paths[_i].want, "%s: %d", paths[_i].address, (int)got);
	if (paths[_i].path != NULL)
		ck_assert_str_eq(buf_str(&out), paths[_i].path);
	buf_free(&out);
}
END_TEST

/* Whatever a local part holds, it ends neither path nor command. */
START_TEST(path_bytes)
{
	char address[] = "a?b@c.example";
	struct buf out = BUF_EMPTY;

	for (int c = 1; c < 256; c++) {
		buf_clear(&out);
		address[1] = (char)c;
		(void)path_print(&out, span_str(address), true);
		ck_assert_msg(!span_has_break(buf_span(&out)), "byte %d", c);
		for (size_t i = 0; i < out.n; i++)
			ck_assert_msg(!ascii_control(out.p[i]), "byte %d", c);
	}
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, wire, 0, UNIT_COUNT(cases));
	tcase_add_test(t, seams);
	tcase_add_loop_test(t, changes, 0, UNIT_COUNT(changed));
	tcase_add_test(t, unreadable);
	tcase_add_loop_test(t, bare_path, 0, UNIT_COUNT(bare));
	tcase_add_loop_test(t, path, 0, UNIT_COUNT(paths));
	tcase_add_test(t, path_bytes);
}

int
main(void)
{
	return unit_main("smtp/content", fill);
}
