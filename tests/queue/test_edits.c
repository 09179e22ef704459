/* test_edits.c - queue/edits.h */

#include "queue/edits.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os/file.h"
#include "tests/unit.h"

static const char content[] = "A: 1\nB: 2\n two\nC: 3\n\nbody\n";

struct edit {
	enum edit_kind kind;
	uint32_t field;
	const char *text;
};

static const struct {
	struct edit edits[4];
	const char *result;
} rows[] = {
	{ { { 0, 0, NULL } }, "A: 1\nB: 2\n two\nC: 3\n\nbody\n" },
	{ { { EDIT_PREPEND, 0, "X: 0\n" } },
	    "X: 0\nA: 1\nB: 2\n two\nC: 3\n\nbody\n" },
	{ { { EDIT_PREPEND, 0, "X: 0\n" }, { EDIT_PREPEND, 0, "Y: 0\n" } },
	    "Y: 0\nX: 0\nA: 1\nB: 2\n two\nC: 3\n\nbody\n" },
	{ { { EDIT_DELETE, 1, "" } }, "A: 1\nC: 3\n\nbody\n" },
	{ { { EDIT_REPLACE, 0, "a: 9\n" }, { EDIT_APPEND, 0, "Z: z\n" },
	      { EDIT_INSERT, 2, "I: i\n" }, { EDIT_PREPEND, 0, "P: p\n" } },
	    "P: p\na: 9\nB: 2\n two\nI: i\nC: 3\nZ: z\n\nbody\n" },
};

static int
content_fd(void)
{
	int fd = memfd_create("content", MFD_CLOEXEC);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(file_write(fd, span_str(content)), 0);
	return fd;
}

static void
read_all(const struct edited *e, size_t step, struct buf *out)
{
	ssize_t n;

	while ((n = edited_read(e, buf_room(out, step), step, out->n)) > 0)
		out->n += (size_t)n;
	ck_assert_int_eq(n, 0);
}

START_TEST(applied)
{
	struct buf list = BUF_EMPTY, got = BUF_EMPTY;
	struct edited *e;
	int fd = content_fd();

	for (int i = 0; i < 4 && rows[_i].edits[i].text != NULL; i++)
		edits_add(&list, rows[_i].edits[i].kind,
		    rows[_i].edits[i].field, span_str(rows[_i].edits[i].text));
	e = edited_open(fd, sizeof(content) - 1, buf_span(&list));
	ck_assert_ptr_nonnull(e);
	for (size_t step = 1; step < 40; step += 6) {
		/* ever more of it is in memory */
		ck_assert_int_eq(edited_keep(e, step - 1), 0);
		buf_clear(&got);
		read_all(e, step, &got);
		ck_assert_msg(span_is(buf_span(&got), rows[_i].result),
		    "row %d, step %zu: got \"%s\"", _i, step, buf_str(&got));
		ck_assert_uint_eq(edited_size(e), got.n);
	}
	edited_free(&e);
	buf_free(&list);
	buf_free(&got);
	close(fd);
}
END_TEST

START_TEST(ill_formed)
{
	struct buf list = BUF_EMPTY;
	int fd = content_fd();

	edits_add(&list, EDIT_PREPEND, 0, SPAN("X: 0\n"));
	for (size_t n = 1; n < list.n; n++) {
		errno = 0;
		ck_assert_ptr_null(
		    edited_open(fd, sizeof(content) - 1, span_of(list.p, n)));
		ck_assert_int_eq(errno, EBADMSG);
	}
	list.p[0] = '?';
	ck_assert_ptr_null(
	    edited_open(fd, sizeof(content) - 1, buf_span(&list)));
	buf_free(&list);
	close(fd);
}
END_TEST

START_TEST(kept)
{
	struct edited *e;
	struct span got;
	int fd = content_fd();

	e = edited_open(fd, sizeof(content) - 1, span_of(NULL, 0));
	ck_assert_ptr_nonnull(e);
	ck_assert(!edited_kept(e, 0, 1, &got));
	ck_assert_int_eq(edited_keep(e, 8), 0);
	ck_assert(edited_kept(e, 3, 5, &got));
	ck_assert(span_is(got, "1\nB: "));
	ck_assert(!edited_kept(e, 3, 6, &got));
	ck_assert(!edited_kept(e, 9, UINT64_MAX, &got));
	ck_assert_int_eq(edited_keep(e, 1000), 0);
	ck_assert(edited_kept(e, 0, sizeof(content) - 1, &got));
	ck_assert(!edited_kept(e, 0, sizeof(content), &got));
	edited_free(&e);
	close(fd);
}
END_TEST

/* The file is shorter than its record says: an error, never a short message.
 */
START_TEST(too_short)
{
	struct edited *e;
	int fd = content_fd();
	char byte[64];

	e = edited_open(fd, sizeof(content) + 10, span_of(NULL, 0));
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(edited_read(e, byte, 64, 0), -1);
	ck_assert_int_eq(errno, EBADMSG);
	errno = 0;
	ck_assert_int_eq(edited_keep(e, 64), -1);
	ck_assert_int_eq(errno, EBADMSG);
	edited_free(&e);
	close(fd);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, applied, 0, UNIT_COUNT(rows));
	tcase_add_test(t, ill_formed);
	tcase_add_test(t, kept);
	tcase_add_test(t, too_short);
}

int
main(void)
{
	return unit_main("queue/edits", fill);
}
