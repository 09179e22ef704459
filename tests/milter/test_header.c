/* test_header.c - milter/header.h */

#include "milter/header.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "os/file.h"
#include "queue/edits.h"
#include "tests/unit.h"

#define CONTENT "A: 1\nB: 2\n two\nA: 3\nC:4\n"

struct change {
	char kind; /* h, i, m as the protocol has them; 0: none */
	uint32_t index;
	const char *name, *value;
};

struct edit {
	enum edit_kind kind;
	uint32_t field;
	const char *text;
};

static const struct {
	struct edit before[3];
	struct change changes[4];
	const char *seen; /* "name=value|" of all fields after it */
	const char *result;
} rows[] = {
	{ { { 0, 0, NULL } }, { { 0, 0, NULL, NULL } },
	    "A= 1|B= 2\n two|A= 3|C=4|", CONTENT },
	{ { { EDIT_PREPEND, 0, "P: p\n" }, { EDIT_APPEND, 0, "Z: z\n" } },
	    { { 0, 0, NULL, NULL } }, "P= p|A= 1|B= 2\n two|A= 3|C=4|Z= z|",
	    "P: p\n" CONTENT "Z: z\n" },
	{ { { EDIT_DELETE, 0, "" }, { EDIT_REPLACE, 2, "a: 9\nX: x\n" },
	      { EDIT_INSERT, 3, "I: i\n" } },
	    { { 0, 0, NULL, NULL } }, "B= 2\n two|a= 9|X= x|I= i|C=4|",
	    "B: 2\n two\na: 9\nX: x\nI: i\nC:4\n" },
	{ { { 0, 0, NULL } },
	    { { 'h', 0, "N", "new" }, { 'i', 0, "F", "first" },
		{ 'i', 2, "T", "third" }, { 'i', 99, "L", "last" } },
	    "F= first|A= 1|T= third|B= 2\n two|A= 3|C=4|N= new|L= last|",
	    "F: first\nA: 1\nT: third\nB: 2\n two\nA: 3\nC:4\nN: new\n"
	    "L: last\n" },
	{ { { 0, 0, NULL } },
	    { { 'm', 2, "a", "changed" }, { 'm', 1, "B", "" },
		{ 'm', 7, "C", "not there" }, { 'm', 0, "C", "zero is one" } },
	    "A= 1|a= changed|C= zero is one|C= not there|",
	    "A: 1\na: changed\nC: zero is one\nC: not there\n" },
	/* of what came and went nothing is left; counting goes by what is
	 * there */
	{ { { 0, 0, NULL } },
	    { { 'm', 1, "A", "" }, { 'm', 1, "A", "second" },
		{ 'h', 0, "N", "n" }, { 'm', 1, "N", "" } },
	    "B= 2\n two|A= second|C=4|", "B: 2\n two\nA: second\nC:4\n" },
	{ { { EDIT_PREPEND, 0, "P: p\n" } },
	    { { 'm', 1, "P", "other" }, { 'i', 1, "X", "x" } },
	    "P= other|X= x|A= 1|B= 2\n two|A= 3|C=4|",
	    "P: other\nX: x\n" CONTENT },
	{ { { EDIT_PREPEND, 0, "P: p\n" } }, { { 'm', 1, "p", "" } },
	    "A= 1|B= 2\n two|A= 3|C=4|", CONTENT },
	/* no value begins a field of its own, or the body */
	{ { { 0, 0, NULL } },
	    { { 'h', 0, "X", "a\nBcc: all" }, { 'h', 0, "Y", "a\r\n\r\nbody" },
		{ 'h', 0, "Z", "a\n\n\n" }, { 'h', 0, "W", "a\n b\r\n\tc" } },
	    "A= 1|B= 2\n two|A= 3|C=4|X= a\n\tBcc: all|Y= a\n\t\n\tbody|"
	    "Z= a|W= a\n b\n\tc|",
	    CONTENT "X: a\n\tBcc: all\nY: a\n\t\n\tbody\nZ: a\n"
		    "W: a\n b\n\tc\n" },
};

static int
memory_file(struct span text)
{
	int fd = memfd_create("content", MFD_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(file_write(fd, text), 0);
	return fd;
}

static void
change(struct milter_header *h, const struct change *c, bool good)
{
	struct span name = span_str(c->name), value = span_str(c->value);
	bool done;

	if (c->kind == 'h')
		done = milter_header_add(h, name, value, true);
	else if (c->kind == 'i')
		done = milter_header_insert(h, c->index, name, value, true);
	else
		done = milter_header_change(h, c->index, name, value, true);
	ck_assert(done == good);
}

static void
seen(const struct milter_header *h, struct buf *out)
{
	struct milter_field f;
	size_t at = 0;

	while (milter_header_next(h, &at, &f)) {
		buf_add_span(out, f.name);
		buf_add_byte(out, '=');
		buf_add_span(out, f.value);
		buf_add_byte(out, '|');
	}
}

/* The header that a reader of the queue file sees. */
static void
result(struct span content, const struct milter_header *h, struct buf *out)
{
	struct buf list = BUF_EMPTY;
	int fd = memory_file(content);
	struct edited *e;
	ssize_t n;

	milter_header_edits(h, &list);
	e = edited_open(fd, content.n, buf_span(&list));
	ck_assert_ptr_nonnull(e);
	while ((n = edited_read(e, buf_room(out, 4096), 4096, out->n)) > 0)
		out->n += (size_t)n;
	ck_assert_int_eq(n, 0);
	edited_free(&e);
	buf_free(&list);
	close(fd);
}

START_TEST(changes)
{
	static const struct span content = SPAN_INIT(CONTENT "\nbody\n");
	struct arena *a = arena_new();
	struct buf list = BUF_EMPTY, text = BUF_EMPTY;
	struct milter_header *h;

	for (int i = 0; i < 3 && rows[_i].before[i].text != NULL; i++)
		edits_add(&list, rows[_i].before[i].kind,
		    rows[_i].before[i].field,
		    span_str(rows[_i].before[i].text));
	h = milter_header_new(a, SPAN(CONTENT "\n"), buf_span(&list));
	ck_assert_ptr_nonnull(h);
	for (int i = 0; i < 4 && rows[_i].changes[i].kind != 0; i++)
		change(h, &rows[_i].changes[i], true);
	seen(h, &text);
	ck_assert_str_eq(buf_str(&text), rows[_i].seen);
	buf_clear(&text);
	result(content, h, &text);
	ck_assert(span_ends(buf_span(&text), "\n\nbody\n"));
	buf_cut(&text, text.n - 6);
	ck_assert_str_eq(buf_str(&text), rows[_i].result);
	buf_free(&list);
	buf_free(&text);
	arena_free(&a);
}
END_TEST

static const struct change bad[] = {
	{ 'h', 0, "bad name", "x" },
	{ 'h', 0, "", "x" },
	{ 'h', 0, "X:", "x" },
	{ 'i', 0, "X\n", "x" },
	{ 'm', 1, "\x80", "x" },
};

START_TEST(refused)
{
	struct arena *a = arena_new();
	struct milter_header *h =
	    milter_header_new(a, SPAN(CONTENT "\n"), SPAN(""));
	struct buf list = BUF_EMPTY;

	change(h, &bad[_i], false);
	ck_assert(!milter_header_full(h));
	milter_header_edits(h, &list);
	ck_assert_uint_eq(list.n, 0);
	buf_free(&list);
	arena_free(&a);
}
END_TEST

/* As much as edits may take, and no more, however often it is changed. */
START_TEST(flood)
{
	struct arena *a = arena_new();
	struct milter_header *h =
	    milter_header_new(a, SPAN(CONTENT "\n"), SPAN(""));
	int taken = 0;

	while (taken < 100000 &&
	    (_i == 0 ? milter_header_add(h, SPAN("X"), SPAN("0123"), true)
		     : milter_header_change(h, 1, SPAN("A"), SPAN("1"), true)))
		taken++;
	ck_assert_int_lt(taken, 100000);
	ck_assert(milter_header_full(h));
	ck_assert_uint_lt(arena_used(a), 1024 * 1024);
	arena_free(&a);
}
END_TEST

/* What was made, by its number, and edits of it. */
START_TEST(made)
{
	static const char *const expected[] = { "F: first\n", "N: new\n",
		"C: changed\n" };
	struct arena *a = arena_new();
	struct milter_header *h =
	    milter_header_new(a, SPAN(CONTENT "\n"), SPAN(""));
	struct buf list = BUF_EMPTY, text = BUF_EMPTY;
	struct milter_made m;
	uint32_t numbers[3];
	size_t at = 0, n = 0;

	ck_assert(!milter_header_made(h, &at, &m));
	ck_assert(milter_header_insert(h, 0, SPAN("F"), SPAN("first"), true));
	ck_assert(milter_header_insert(h, 3, SPAN("N"), SPAN("new"), true));
	ck_assert(milter_header_change(h, 1, SPAN("C"), SPAN("changed"), true));
	ck_assert(milter_header_add(h, SPAN("G"), SPAN("gone"), true));
	ck_assert(milter_header_change(h, 1, SPAN("G"), SPAN(""), true));
	at = 0;
	while (milter_header_made(h, &at, &m)) {
		ck_assert_uint_lt(n, 3);
		ck_assert(span_is(m.all, expected[n]));
		numbers[n++] = m.number;
	}
	ck_assert_uint_eq(n, 3);
	edits_add(&list, EDIT_INSERT, numbers[0], SPAN("P: p\n"));
	edits_add(&list, EDIT_DELETE, numbers[1], SPAN(""));
	edits_add(&list, EDIT_REPLACE, numbers[2], SPAN("R: r\n"));
	ck_assert(milter_header_edit(h, buf_span(&list)));
	seen(h, &text);
	ck_assert_str_eq(
	    buf_str(&text), "P= p|F= first|A= 1|B= 2\n two|A= 3|R= r|");
	edits_add(&list, EDIT_DELETE, 100, SPAN(""));
	ck_assert(!milter_header_edit(h, buf_span(&list)));
	buf_free(&list);
	buf_free(&text);
	arena_free(&a);
}
END_TEST

/* More fields than are dealt with; ill-formed edits. */
START_TEST(too_much)
{
	struct arena *a = arena_new();
	struct buf text = BUF_EMPTY;

	for (int i = 0; i <= MILTER_FIELDS_MAX; i++)
		buf_add_str(&text, "A: 1\n");
	ck_assert_ptr_null(milter_header_new(a, buf_span(&text), SPAN("")));
	ck_assert_ptr_null(milter_header_new(a, SPAN("A: 1\n\n"), SPAN("Zx")));
	buf_free(&text);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, changes, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, refused, 0, UNIT_COUNT(bad));
	tcase_add_loop_test(t, flood, 0, 2);
	tcase_add_test(t, made);
	tcase_add_test(t, too_much);
}

int
main(void)
{
	return unit_main("milter/header", fill);
}
