/* test_ids.c - ids go on where an older life ended, though the clock does not
 */

#include "os/clock.h"
#include "queue/qid.h"
#include "tests/qmgr/life.h"

enum { DAY = 86400 };

/* What a life before left, by a clock that was so many seconds ahead. */
static const struct {
	const char *file; /* in this folder; or NULL: the mark */
	bool is_long;
	int ahead;
} rows[] = {
	{ NULL, false, DAY },
	{ "active", false, DAY },
	{ "deferred", true, DAY },
	{ "hold", false, 30 * DAY },
	{ "corrupt", true, DAY },
	{ "incoming", false, DAY },
	{ "hold", false, -DAY },
};

static uint64_t left; /* the time of its id */
static bool is_long;

static void
leave(const char *folder)
{
	char path[64], id[QID_MAX + 1];
	int fd;

	qid_put(left, is_long, id);
	snprintf(path, sizeof(path), "%s/%s",
	    folder == NULL ? "accept" : folder,
	    folder == NULL ? "last_id" : id);
	fd = openat(it.dir, path, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ne(fd, -1);
	if (folder == NULL)
		dprintf(fd, "%020llu\n", (unsigned long long)left);
	close(fd);
}

static uint64_t
create(void)
{
	char id[QUEUE_ID_MAX + 1];
	int fd = spool_create(&it.q, id);
	uint64_t us = qid_time(span_str(id));

	CHECK(fd != -1 && us > 0);
	close(fd);
	return us;
}

static void
go_on(void)
{
	uint64_t us;

	it.conf.enable_long_queue_ids = is_long;
	us = create();
	CHECK(us > left);
	CHECK(create() > us);
}

START_TEST(after)
{
	left = (uint64_t)(clock_wall_us() + rows[_i].ahead * 1000000LL);
	is_long = rows[_i].is_long;
	leave(rows[_i].file);
	live(go_on);
}
END_TEST

static void
one(void)
{
	char text[32] = "";
	uint64_t us = create();
	int fd = openat(it.dir, "accept/last_id", O_RDONLY);

	CHECK(read(fd, text, sizeof(text) - 1) == 21);
	CHECK(strtoull(text, NULL, 10) > us);
	close(fd);
}

static void
stop(void)
{
	uint64_t us = create();
	char text[32] = "";
	int fd = openat(it.dir, "accept/last_id", O_RDONLY);

	ids_stop(&it.q);
	CHECK(read(fd, text, sizeof(text) - 1) == 21);
	CHECK(strtoull(text, NULL, 10) == us);
	close(fd);
}

/* The mark is ahead of all ids until an orderly stop; what stands there is not
 * believed blindly. */
START_TEST(mark)
{
	static const char *const odd[] = { "", "99999999999999999999\n",
		"x0000000000000000001\n", "123" };

	live(one);
	live(stop);
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		int fd = openat(it.dir, "accept/last_id",
		    O_WRONLY | O_TRUNC | O_CREAT, 0600);

		ck_assert_int_eq(
		    write(fd, odd[i], strlen(odd[i])), strlen(odd[i]));
		close(fd);
		live(one);
	}
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, after, 0, UNIT_COUNT(rows));
	tcase_add_test(t, mark);
}

int
main(void)
{
	return unit_main("qmgr/ids", fill);
}
