/* test_replay.c - queue/replay.h */

#include "queue/replay.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "os/file.h"
#include "queue/accept.h"
#include "tests/unit.h"

enum { SEGMENTS = 3 };

static int log_fd;
static uint64_t at[SEGMENTS];
static struct buf removed;

static void
setup(void)
{
	log_fd = memfd_create("log", 0);
	ck_assert_int_eq(
	    ftruncate(log_fd, SEGMENTS * (off_t)ACCEPT_SEGMENT), 0);
	memset(at, 0, sizeof(at));
	removed = (struct buf)BUF_EMPTY;
}

static void
teardown(void)
{
	close(log_fd);
	buf_free(&removed);
}

/* One batch behind the last of that segment: "+ID" a message whose content is
 * its id, "-ID" a removal. */
static void
batch(int segment, uint64_t number, uint64_t oldest, const char *what)
{
	struct span rest = span_str(what);
	struct buf b = BUF_EMPTY;

	accept_batch_begin(&b);
	while (rest.n > 0) {
		size_t n = span_find(rest, ' ');
		struct span id = span_skip(span_head(rest, n), 1);

		if (rest.p[0] == '-')
			accept_put_removed(&b, id);
		else
			memcpy(accept_put_message(
				   &b, id, false, id.n, SPAN("tail")),
			    id.p, id.n);
		rest = span_skip(rest, n + 1);
	}
	accept_batch_end(&b, number, oldest);
	ck_assert_int_eq(file_write_at(log_fd, buf_span(&b),
			     (uint64_t)segment * ACCEPT_SEGMENT + at[segment]),
	    0);
	at[segment] += b.n;
	buf_free(&b);
}

static void
note(void *arg, const char *id)
{
	(void)arg;
	buf_printf(&removed, "%s ", id);
}

static void
is_left(const struct replay *r, const char *ids)
{
	struct span rest = span_str(ids);
	size_t count = 0;

	for (; rest.n > 0; count++) {
		size_t n = span_find(rest, ' ');
		struct span id = span_head(rest, n);
		struct replay_message *m = table_get(r->messages, id);
		char content[64];

		ck_assert_ptr_nonnull(m);
		ck_assert_uint_eq(m->content, id.n);
		ck_assert_int_eq(
		    file_read_at(log_fd, content, id.n, m->content_at), 0);
		ck_assert(span_eq(span_of(content, id.n), id));
		rest = span_skip(rest, n + 1);
	}
	ck_assert_uint_eq(table_count(r->messages), count);
}

static struct replay
read_all(void)
{
	struct replay r = { .fd = log_fd, .made = SEGMENTS, .removed = note };

	ck_assert_int_eq(replay_read(&r), 0);
	return r;
}

START_TEST(nothing)
{
	struct replay r = read_all();

	is_left(&r, "");
	ck_assert_uint_eq(r.last, 0);
	replay_done(&r);
}
END_TEST

/* Segment 1 is the older one; what is older than "oldest" does not count. */
START_TEST(in_order)
{
	struct replay r;

	batch(1, 100, 100, "+AAAAA1 +AAAAA2");
	batch(1, 101, 101, "+AAAAA3 -AAAAA2");
	batch(0, 102, 101, "-AAAAA3 +AAAAA4");
	batch(0, 103, 101, "+AAAAA5 +../etc");
	/* of an older turn, behind the last one */
	batch(0, 90, 80, "+AAAAA6 -AAAAA4");
	r = read_all();
	is_left(&r, "AAAAA4 AAAAA5");
	ck_assert_str_eq(buf_str(&removed), "AAAAA2 AAAAA3 ");
	ck_assert_uint_eq(r.last, 103);
	ck_assert_uint_eq(r.oldest, 101);
	ck_assert_uint_eq(r.at, 0);
	ck_assert(
	    r.segments[0].used && r.segments[1].used && !r.segments[2].used);
	ck_assert_uint_eq(r.segments[1].first, 100);
	replay_done(&r);
}
END_TEST

START_TEST(restore)
{
	struct replay r;
	struct replay_message *m;
	char top[] = "replay.XXXXXX", got[16];
	int folder, fd;

	batch(0, 7, 7, "+ABCDEF1");
	r = read_all();
	m = table_get(r.messages, SPAN("ABCDEF1"));
	ck_assert_ptr_nonnull(mkdtemp(top));
	folder = file_open_dir(AT_FDCWD, top, false);
	ck_assert_int_eq(file_make_dirs(folder, "to", 0700), 0);
	fd = file_open_dir(folder, "to", false);
	ck_assert_int_eq(replay_restore(log_fd, folder, fd, "ABCDEF1", m), 0);
	/* into a folder that is gone: nothing is left behind */
	ck_assert_int_eq(replay_restore(log_fd, folder, -1, "ABCDEF1", m), -1);
	ck_assert_int_eq(faccessat(folder, "ABCDEF1", F_OK, 0), -1);
	close(fd);
	fd = file_open(folder, "to/ABCDEF1", O_RDONLY, 0);
	ck_assert_int_eq(file_read_at(fd, got, 11, 0), 0);
	ck_assert(memcmp(got, "ABCDEF1tail", 11) == 0);
	close(fd);
	(void)unlinkat(folder, "to/ABCDEF1", 0);
	(void)unlinkat(folder, "to", AT_REMOVEDIR);
	close(folder);
	(void)rmdir(top);
	replay_done(&r);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, nothing);
	tcase_add_test(t, in_order);
	tcase_add_test(t, restore);
}

int
main(void)
{
	return unit_main("queue/replay", fill);
}
