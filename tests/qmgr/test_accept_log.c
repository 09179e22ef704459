/*
 * test_accept_log.c - qmgr/accept_log.h
 *
 * life.h has how a qmgr ends and what is lost with it.
 */

#include "qmgr/accept_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/table.h"
#include "os/fault.h"
#include "os/file.h"
#include "os/syncpool.h"
#include "qmgr/accept_inside.h"
#include "qmgr/qmgr.h"
#include "queue/accept.h"
#include "tests/qmgr/life.h"

START_TEST(test_kill)
{
	live(three);
	live(three_are_whole);
}
END_TEST

START_TEST(test_lost_files)
{
	live(three);
	lose("active", "AAAAA1");
	lose("active", "AAAAA2");
	lose("hold", "AAAAA3");
	live(three_are_whole);
	live(three_are_whole); /* it is in the log still */
}
END_TEST

START_TEST(test_lost_content)
{
	live(three);
	empty("active", "AAAAA1");
	zero("active", "AAAAA2", 4096, 4096);
	zero("hold", "AAAAA3", 0, 30);
	live(three_are_whole);
}
END_TEST

static void
renamed_back(void)
{
	/* the creation was on disk, the rename was not */
	ck_assert_int_eq(
	    renameat(it.dir, "active/AAAAA1", it.dir, "incoming/AAAAA1"), 0);
}

START_TEST(test_lost_rename)
{
	live(three);
	renamed_back();
	live(three_are_whole);
}
END_TEST

static void
defer_first(void)
{
	three();
	CHECK(spool_move(&it.q, "AAAAA1", PLACE_ACTIVE, PLACE_DEFERRED) == 0);
}

static void
first_is_deferred(void)
{
	whole("AAAAA1", 3000, PLACE_DEFERRED);
	whole("AAAAA2", 60000, PLACE_ACTIVE);
}

START_TEST(test_what_stands_is_left)
{
	live(defer_first);
	live(first_is_deferred);
	empty("deferred", "AAAAA1");
	live(three_are_whole);
}
END_TEST

static void
first_is_active_alone(void)
{
	whole("AAAAA1", 3000, PLACE_ACTIVE);
	CHECK(faccessat(it.q.folders[PLACE_DEFERRED], "AAAAA1", F_OK,
		  AT_SYMLINK_NOFOLLOW) == -1);
}

START_TEST(test_what_cannot_be_opened_goes)
{
	live(three);
	lose("active", "AAAAA1");
	ck_assert_int_eq(symlinkat("x", it.dir, "deferred/AAAAA1"), 0);
	live(first_is_active_alone);
}
END_TEST

static void
remove_two(void)
{
	three();
	remove_now("AAAAA1");
	remove_now("AAAAA3");
	CHECK(!is_gone("AAAAA1", PLACE_ACTIVE)); /* not before it is recorded */
	put("AAAAA4", 100, PLACE_ACTIVE);
	run_until(nothing_pending);
	CHECK(is_gone("AAAAA1", PLACE_ACTIVE));
	CHECK(is_gone("AAAAA3", PLACE_HOLD));
}

static void
two_are_removed(void)
{
	CHECK(table_get(it.q.messages, SPAN("AAAAA1")) == NULL);
	CHECK(table_get(it.q.messages, SPAN("AAAAA3")) == NULL);
	CHECK(is_gone("AAAAA1", PLACE_ACTIVE));
	whole("AAAAA2", 60000, PLACE_ACTIVE);
	whole("AAAAA4", 100, PLACE_ACTIVE);
}

START_TEST(test_removed)
{
	int fd;

	live(remove_two);
	live(two_are_removed);
	/* the removal from the folder was not on disk */
	fd = openat(it.dir, "active/AAAAA1", O_CREAT | O_WRONLY, 0600);
	ck_assert_int_ne(fd, -1);
	close(fd);
	live(two_are_removed);
}
END_TEST

static void
deliver_first(void)
{
	struct message *m;

	three();
	m = table_get(it.q.messages, SPAN("AAAAA1"));
	CHECK(m != NULL && m->rcpt_count > 0 && message_open(m) != -1);
	for (size_t i = 0; i < m->rcpt_count; i++)
		message_mark(m->rcpts[i], STATE_DONE);
	remove_now("AAAAA1");
	CHECK(!is_gone("AAAAA1", PLACE_ACTIVE));
}

static void
first_was_delivered(void)
{
	struct message *m = table_get(it.q.messages, SPAN("AAAAA1"));

	CHECK(m != NULL && message_wake(m) == m && m->rcpt_count > 0);
	for (size_t i = 0; i < m->rcpt_count; i++)
		CHECK(m->rcpts[i]->file.state == STATE_DONE);
}

/* Killed before the removal is recorded: nobody gets it again. */
START_TEST(test_delivered_not_removed)
{
	live(deliver_first);
	live(first_was_delivered);
}
END_TEST

static void
first_is_removed(void)
{
	CHECK(table_get(it.q.messages, SPAN("AAAAA1")) == NULL);
}

static bool
first_is_gone(void)
{
	return is_gone("AAAAA1", PLACE_ACTIVE);
}

static void
removed_alone(void)
{
	three();
	remove_now("AAAAA1");
	run_until(first_is_gone);
}

START_TEST(test_removed_alone)
{
	live(removed_alone);
	live(first_is_removed);
}
END_TEST

static void
last_two_are_there(void)
{
	whole("AAAAA2", 60000, PLACE_ACTIVE);
	CHECK(table_get(it.q.messages, SPAN("AAAAA3")) == NULL);
}

START_TEST(test_torn_batch)
{
	struct accept_batch b;
	struct buf log = BUF_EMPTY;
	size_t at_octet = 0, last = 0;
	int fd;

	live(three);
	at("accept", "log", O_RDWR, &fd);
	ck_assert_int_eq(file_read_all(fd, 100 * MIB, &log), 0);
	while (accept_batch_get(span_skip(buf_span(&log), at_octet), &b)) {
		last = at_octet;
		at_octet += b.size;
	}
	ck_assert_int_eq(pwrite(fd, "torn", 4, (off_t)(last + 40)), 4);
	close(fd);
	buf_free(&log);
	lose("active", "AAAAA2");
	lose("hold", "AAAAA3");
	live(last_two_are_there);
}
END_TEST

/* Open as soon as a segment is ready; each letter takes a batch of its own. */
static bool
next_is_open(void)
{
	static int n = 0;
	char id[20];

	snprintf(id, sizeof(id), "F10000%d", n++);
	return begin(id, 3000, PLACE_ACTIVE);
}

static void
log_opens(void)
{
	run_until(log_is_open);
	run_until(all_answered);
}

static void
two_alone(void)
{
	run_until(log_is_open);
	put("AAAAA1", 3000, PLACE_ACTIVE);
	put("AAAAA2", 3000, PLACE_ACTIVE);
}

static void
life_between(void)
{
	CHECK(table_get(it.q.messages, SPAN("AAAAA2")) == NULL);
	run_until(next_is_open);
	run_until(all_answered);
}

static void
second_is_not_back(void)
{
	CHECK(table_get(it.q.messages, SPAN("AAAAA2")) == NULL);
}

/* The flush of both had begun, and only the second batch came to the disk: it
 * does not count, however the log goes on. */
START_TEST(test_leftover_batch)
{
	struct accept_batch b;
	struct buf log = BUF_EMPTY;
	size_t first = 0;
	int fd;

	live(two_alone);
	at("accept", "log", O_RDWR, &fd);
	ck_assert_int_eq(file_read_all(fd, 100 * MIB, &log), 0);
	ck_assert(accept_batch_get(buf_span(&log), &b));
	first = b.size;
	ck_assert(accept_batch_get(span_skip(buf_span(&log), first), &b));
	close(fd);
	buf_free(&log);
	zero("accept", "log", (off_t)first, b.size);
	lose("active", "AAAAA1");
	lose("active", "AAAAA2");
	live(life_between);
	live(second_is_not_back);
}
END_TEST

static uint64_t
first_number(void)
{
	char bytes[ACCEPT_ALIGN];
	struct accept_batch b;
	int fd;

	at("accept", "log", O_RDONLY, &fd);
	ck_assert_int_eq(file_read_at(fd, bytes, sizeof(bytes), 0), 0);
	close(fd);
	ck_assert(accept_batch_get(span_of(bytes, sizeof(bytes)), &b));
	return b.number;
}

/* Whoever could foresee them would write batches into his letters. */
START_TEST(test_numbers_are_not_foreseen)
{
	uint64_t number;

	live(log_opens);
	number = first_number();
	lose("accept", "log");
	folder_empty("active");
	live(log_opens);
	ck_assert_uint_ne(first_number(), number);
}
END_TEST

static void
folder_sync_fails(void)
{
	CHECK(it.q.accept_log != NULL && is_closed());
}

START_TEST(test_name_of_the_log_is_flushed)
{
	fault_arm(FAULT_SYNC, 1, EIO, false);
	live(folder_sync_fails);
}
END_TEST

/* ---- round and round */

static void
id_of(char id[12], int i)
{
	snprintf(id, 12, "BBBB%04X", (unsigned)i & 0xffff);
}

enum { ROUNDS = 400, EACH = 60000 }; /* 24 MB through 8 MiB */

static bool
last_is_gone(void)
{
	char id[12];

	id_of(id, ROUNDS - 1);
	return is_gone(id, PLACE_ACTIVE);
}

static void
around(void)
{
	char id[12];

	run_until(log_is_open);
	for (int i = 0; i < ROUNDS; i++) {
		id_of(id, i);
		/* refused while the next segment is being made ready */
		if (begin(id, EACH, PLACE_ACTIVE))
			run_until(all_answered);
		else
			run_until(nothing_pending);
		CHECK(it.last_error == 0);
		if (i % 10 != 0)
			remove_now(id);
	}
	run_until(last_is_gone);
	CHECK(it.answers > ROUNDS / 2);
}

static void
every_tenth(void)
{
	char id[12];

	for (int i = 0; i < ROUNDS; i++) {
		id_of(id, i);
		if (i % 10 == 0)
			whole(id, EACH, PLACE_ACTIVE);
		else
			CHECK(table_get(it.q.messages, span_str(id)) == NULL);
	}
}

START_TEST(test_around)
{
	struct stat st;

	live(around);
	live(every_tenth);
	ck_assert_int_eq(fstatat(it.dir, "accept/log", &st, 0), 0);
	ck_assert_int_eq(st.st_size, 8 * MIB);
	/* the last one is in the log alone, as far as the disk is sure of */
	live(every_tenth);
}
END_TEST

static bool
second_is_filled(void)
{
	static int n = 0;
	char id[12];

	id_of(id, n++);
	if (begin(id, EACH, PLACE_ACTIVE))
		run_until(all_answered);
	return it.q.accept_log->at == 1 && it.q.accept_log->next_ready;
}

static void
first_is_ready_again(void)
{
	run_until(log_is_open);
	run_until(second_is_filled);
}

START_TEST(test_retired_segment_is_void)
{
	char bytes[ACCEPT_ALIGN];
	struct accept_batch b;
	int fd;

	live(first_is_ready_again);
	at("accept", "log", O_RDONLY, &fd);
	ck_assert_int_eq(file_read_at(fd, bytes, sizeof(bytes), 0), 0);
	close(fd);
	ck_assert(!accept_batch_get(span_of(bytes, sizeof(bytes)), &b));
}
END_TEST

/* Fill the log until it refuses: how many. The first letter's file cannot be
 * opened when its turn comes, so nothing goes over what is not flushed. */
static int
fill_until_stuck(void)
{
	char id[12];
	int i;

	run_until(log_is_open);
	put("AAAAA1", EACH, PLACE_ACTIVE);
	CHECK(unlinkat(it.q.folders[PLACE_ACTIVE], "AAAAA1", 0) == 0);
	CHECK(symlinkat("x", it.q.folders[PLACE_ACTIVE], "AAAAA1") == 0);
	for (i = 0; i < ROUNDS; i++) {
		id_of(id, i);
		if (!begin(id, EACH, PLACE_ACTIVE) && i > 100)
			break;
		run_until(all_answered);
		CHECK(it.last_error == 0);
	}
	CHECK(i > 100 && i < ROUNDS);
	return i;
}

static void
flush_fails(void)
{
	(void)fill_until_stuck();
}

static char removed[12];

static bool
is_removed(void)
{
	return is_gone(removed, PLACE_ACTIVE);
}

static bool
is_recorded(void)
{
	const struct accept_log *l = it.q.accept_log;

	return list_empty(&l->unrecorded) && l->gathered.n == 0 && !l->writing;
}

/* Removals that find no room while the next segment cannot be made ready. */
static void
removed_without_room(void)
{
	int i = fill_until_stuck();

	while (--i >= 80) {
		id_of(removed, i);
		remove_now(removed);
		run_until(is_removed); /* each in a batch of its own */
	}
	CHECK(unlinkat(it.q.folders[PLACE_ACTIVE], "AAAAA1", 0) == 0);
	accept_try_again(it.q.accept_log);
	run_until(is_recorded);
}

static void
those_are_not_back(void)
{
	char id[12];

	for (int i = 80; i <= 100; i++) {
		id_of(id, i);
		CHECK(table_get(it.q.messages, span_str(id)) == NULL);
	}
}

START_TEST(test_removals_without_room)
{
	live(removed_without_room);
	live(those_are_not_back);
}
END_TEST

static void
first_ones_are_whole(void)
{
	char id[12];

	whole("AAAAA1", EACH, PLACE_ACTIVE);
	for (int i = 0; i < 60; i++) {
		id_of(id, i);
		whole(id, EACH, PLACE_ACTIVE);
	}
}

START_TEST(test_failed_flush_keeps_the_segment)
{
	char id[12];

	live(flush_fails);
	for (int i = 0; i < 60; i++) {
		id_of(id, i);
		lose("active", id);
	}
	live(first_ones_are_whole);
}
END_TEST

/* What counts as written after a flush that failed may not be on the disk. */
static void
flush_fails_once(void)
{
	run_until(log_is_open);
	put("AAAAA1", 3000, PLACE_ACTIVE);
	fault_arm(FAULT_SYNC, 1, EIO, false);
	accept_log_close(&it.q);
	run_until(nothing_pending);
	fault_arm(FAULT_WRITE, 1, EIO, false);
	accept_try_again(it.q.accept_log);
	run_until(nothing_pending);
	CHECK(!is_closed()); /* it was to be written again */
	fault_arm(FAULT_SYNC, 0, 0, false);
	accept_try_again(it.q.accept_log);
	run_until(is_closed);
}

static void
first_is_whole(void)
{
	whole("AAAAA1", 3000, PLACE_ACTIVE);
}

START_TEST(test_failed_flush_writes_again)
{
	live(flush_fails_once);
	live(first_is_whole);
}
END_TEST

/* ---- without it */

static void
write_fails(void)
{
	three();
	fault_arm(FAULT_WRITE, 3, EIO, false); /* content, tail, the log */
	CHECK(begin("AAAAA4", 100, PLACE_ACTIVE));
	run_until(all_answered);
	CHECK(it.last_error == EIO);
	CHECK(!begin("AAAAA5", 100, PLACE_ACTIVE));
	run_until(is_closed);
}

START_TEST(test_failed_write)
{
	struct stat st;

	live(write_fails);
	ck_assert_int_eq(fstatat(it.dir, "accept/log", &st, 0), 0);
	ck_assert_int_eq(st.st_size, 0);
	live(three_are_whole);
}
END_TEST

static void
close_it(void)
{
	three();
	remove_now("AAAAA1");
	accept_log_close(&it.q);
	CHECK(!begin("AAAAA5", 100, PLACE_ACTIVE));
	run_until(is_closed);
	remove_now("AAAAA2");
	run_until(nothing_pending);
	CHECK(is_gone("AAAAA1", PLACE_ACTIVE));
	CHECK(is_gone("AAAAA2", PLACE_ACTIVE));
}

static void
third_is_left(void)
{
	whole("AAAAA3", 0, PLACE_HOLD);
	CHECK(table_get(it.q.messages, SPAN("AAAAA1")) == NULL);
	CHECK(table_get(it.q.messages, SPAN("AAAAA2")) == NULL);
}

START_TEST(test_close)
{
	struct stat st;

	live(close_it);
	ck_assert_int_eq(fstatat(it.dir, "accept/log", &st, 0), 0);
	ck_assert_int_eq(st.st_size, 0);
	live(third_is_left);
}
END_TEST

static void
off(void)
{
	three_are_whole();
	run_until(is_closed);
	CHECK(!begin("AAAAA4", 100, PLACE_ACTIVE));
}

START_TEST(test_off)
{
	struct stat st;

	live(three);
	lose("active", "AAAAA2");
	it.size = 0;
	live(off);
	ck_assert_int_eq(fstatat(it.dir, "accept/log", &st, 0), 0);
	ck_assert_int_eq(st.st_size, 0);
}
END_TEST

static void
large(void)
{
	run_until(log_is_open);
	CHECK(!begin("AAAAA1", 65536, PLACE_ACTIVE));
	put("AAAAA2", 65000, PLACE_ACTIVE);
}

START_TEST(test_large_ones_are_flushed_apart)
{
	live(large);
}
END_TEST

static void
many(void)
{
	char id[12];

	run_until(log_is_open);
	for (int i = 0; i < 50; i++) { /* they share batches */
		id_of(id, i);
		CHECK(begin(id, 2000, PLACE_ACTIVE));
	}
	run_until(all_answered);
	for (int i = 0; i < 50; i++) {
		id_of(id, i);
		CHECK(table_get(it.q.messages, span_str(id)) != NULL);
	}
}

static void
fifty_are_whole(void)
{
	char id[12];

	for (int i = 0; i < 50; i++) {
		id_of(id, i);
		whole(id, 2000, PLACE_ACTIVE);
	}
}

START_TEST(test_many_at_once)
{
	char id[12];

	live(many);
	for (int i = 0; i < 50; i++) {
		id_of(id, i);
		lose("active", id);
	}
	live(fifty_are_whole);
}
END_TEST

/* ---- a full disk */

static void
room_comes(void)
{
	CHECK(table_count(it.q.messages) > 0); /* what stood whole */
	CHECK(table_get(it.q.messages, SPAN("AAAAA2")) == NULL);
	CHECK(is_gone("AAAAA2", PLACE_INCOMING));
	accept_pay(it.q.accept_log);
	CHECK(table_get(it.q.messages, SPAN("AAAAA2")) == NULL);
	/* the log is not emptied meanwhile */
	accept_log_close(&it.q);
	CHECK(!is_closed());
	fault_arm(FAULT_WRITE, 0, 0, false);
	accept_pay(it.q.accept_log);
	three_are_whole();
}

START_TEST(test_full_disk)
{
	live(three);
	lose("active", "AAAAA2");
	lose("hold", "AAAAA3");
	it.full = true;
	live(room_comes);
	it.full = false;
	live(three_are_whole);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_kill);
	tcase_add_test(t, test_lost_files);
	tcase_add_test(t, test_lost_content);
	tcase_add_test(t, test_lost_rename);
	tcase_add_test(t, test_what_stands_is_left);
	tcase_add_test(t, test_what_cannot_be_opened_goes);
	tcase_add_test(t, test_removed);
	tcase_add_test(t, test_delivered_not_removed);
	tcase_add_test(t, test_removed_alone);
	tcase_add_test(t, test_torn_batch);
	tcase_add_test(t, test_leftover_batch);
	tcase_add_test(t, test_numbers_are_not_foreseen);
	tcase_add_test(t, test_name_of_the_log_is_flushed);
	tcase_add_test(t, test_around);
	tcase_add_test(t, test_retired_segment_is_void);
	tcase_add_test(t, test_removals_without_room);
	tcase_add_test(t, test_failed_flush_keeps_the_segment);
	tcase_add_test(t, test_failed_flush_writes_again);
	tcase_add_test(t, test_failed_write);
	tcase_add_test(t, test_close);
	tcase_add_test(t, test_off);
	tcase_add_test(t, test_large_ones_are_flushed_apart);
	tcase_add_test(t, test_many_at_once);
	tcase_add_test(t, test_full_disk);
}

int
main(void)
{
	return unit_main("qmgr/accept_log", fill);
}
