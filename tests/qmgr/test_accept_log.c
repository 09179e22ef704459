/*
 * test_accept_log.c - qmgr/accept_log.h
 *
 * A qmgr lives in a child, which ends as by kill -9; what the disk then looks
 * like after a power cut is made by hand, and the next child finds it.
 */

#include "qmgr/accept_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/mem.h"
#include "base/table.h"
#include "os/fault.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/syncpool.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "queue/accept.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

enum { WAIT_MS = 20000, MIB = 1024 * 1024 };

static const char *const names[] = { "incoming", "active", "deferred", "hold",
	"corrupt", "accept" };

static struct {
	char *base;
	int dir;
	uint64_t size; /* of the log */
	struct qmgr q;
	struct qmgr_conf conf;
	struct loop_timer *deadline;
	/* until so many answers have come */
	int answers, wanted, last_error;
} it;

/* ---- a spool, and one qmgr after another in it */

static void
setup(void)
{
	it.base = scratch_new();
	it.dir = open(it.base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(mkdirat(it.dir, names[i], 0700), 0);
	it.size = 8 * MIB;
}

static void
teardown(void)
{
	close(it.dir);
	scratch_free(&it.base);
}

static void
too_late(void *arg)
{
	(void)arg;
	_exit(99);
}

static void
boot(void)
{
	it.conf = (struct qmgr_conf){ .accept_log_size = it.size,
		.accept_log_message_limit = 65536,
		.minimal_backoff_time = 300,
		.maximal_backoff_time = 4000 };
	it.q.conf = &it.conf;
	it.q.draining = true; /* nothing is delivered */
	it.q.loop = loop_new();
	it.q.pool = syncpool_new(it.q.loop, 4);
	it.q.messages = table_new();
	it.q.spool = it.dir;
	for (int p = 0; p < PLACES; p++) {
		it.q.folders[p] =
		    file_open_dir(it.dir, place_name((enum place)p), false);
		it.q.folder_sync[p] =
		    syncpool_dir_new(it.q.pool, it.q.folders[p]);
	}
	it.deadline = loop_timer_new(it.q.loop, too_late, NULL);
	loop_timer_set(it.deadline, WAIT_MS);
	retry_start(&it.q);
	scan_start(&it.q);
}

/* One qmgr from start to kill -9; what it checks fails the test. */
static void
live(void (*life)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		boot();
		life();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "the qmgr ended with %x", (unsigned)status);
}

#define CHECK(x) \
	do { \
		if (!(x)) { \
			fprintf(stderr, "line %d: %s\n", __LINE__, #x); \
			_exit(1); \
		} \
	} while (0)

/* Let it work until the condition holds. */
static void
poll_again(void *arg)
{
	(void)arg;
	loop_stop(it.q.loop);
}

static void
run_until(bool (*holds)(void))
{
	struct loop_timer *t = loop_timer_new(it.q.loop, poll_again, NULL);

	while (!holds()) {
		loop_timer_set(t, 2);
		loop_run(it.q.loop);
	}
	loop_timer_free(&t);
}

/* ---- messages */

static void
content_of(const char *id, size_t size, struct buf *out)
{
	buf_clear(out);
	while (out->n < size)
		buf_printf(out, "content of %s, octet %zu\n", id, out->n);
	buf_cut(out, size);
}

static void
tail_of(struct span content, struct buf *out, struct qfile_envelope *e,
    struct qfile_closing *first)
{
	static struct qfile_rcpt rcpt = { .state = STATE_QUEUED,
		.address = SPAN_INIT("a@b.example") };

	*e = (struct qfile_envelope){ .arrival_us = 1795000000000000,
		.sender = SPAN("s@x.example"),
		.rcpt_count = 1,
		.rcpts = &rcpt };
	qfile_put(out, e, content.n, crc_add(0, content));
	CHECK(qfile_closing_get(
	    span_skip(buf_span(out), out->n - QFILE_CLOSING), first));
}

static void
answered(void *arg, int error)
{
	(void)arg;
	it.last_error = error;
	it.answers++;
}

static bool
all_answered(void)
{
	return it.answers == it.wanted;
}

/* As intake.c does; false: the log did not take it. */
static bool
begin(const char *id, size_t size, enum place place)
{
	struct buf content = BUF_EMPTY, tail = BUF_EMPTY;
	int fd = file_open(
	    it.q.folders[PLACE_INCOMING], id, O_RDWR | O_CREAT | O_EXCL, 0600);
	struct message *m = message_new(&it.q, id, place);
	struct qfile_closing first;
	struct qfile_envelope e;
	bool taken;

	content_of(id, size, &content);
	tail_of(buf_span(&content), &tail, &e, &first);
	CHECK(file_write(fd, buf_span(&content)) == 0);
	CHECK(file_write_at(fd, buf_span(&tail), size) == 0);
	CHECK(spool_move(&it.q, id, PLACE_INCOMING, place) == 0);
	message_take(m, &e, &first, size + tail.n);
	taken = accept_log_add(m, fd, buf_span(&tail), answered, NULL);
	if (taken)
		it.wanted++;
	file_close(&fd);
	buf_free(&content);
	buf_free(&tail);
	return taken;
}

static void
put(const char *id, size_t size, enum place place)
{
	CHECK(begin(id, size, place));
	run_until(all_answered);
	CHECK(it.last_error == 0);
}

static bool
log_is_open(void)
{
	static int n = 0;
	char id[20];

	/* it refuses until its first segment has been made */
	snprintf(id, sizeof(id), "F00000%d", n++);
	if (!begin(id, 10, PLACE_ACTIVE))
		return false;
	return true;
}

static void
remove_now(const char *id)
{
	struct message *m = table_get(it.q.messages, span_str(id));

	CHECK(m != NULL);
	accept_log_unlink(m);
	message_free(&m);
}

static bool
nothing_pending(void)
{
	return syncpool_pending(it.q.pool) == 0;
}

static bool
is_gone(const char *id, enum place place)
{
	struct stat st;

	return fstatat(it.q.folders[place], id, &st, 0) == -1;
}

static bool
is_closed(void)
{
	return accept_log_is_closed(&it.q);
}

/* Known, and its content as it came. */
static void
whole(const char *id, size_t size, enum place place)
{
	struct message *m = table_get(it.q.messages, span_str(id));
	struct buf want = BUF_EMPTY, got = BUF_EMPTY;
	int fd;

	CHECK(m != NULL && m->place == place);
	CHECK(span_is(message_sender(m), "s@x.example"));
	fd = file_open(it.q.folders[place], id, O_RDONLY, 0);
	CHECK(fd != -1 && file_read_all(fd, 10 * MIB, &got) == 0);
	content_of(id, size, &want);
	CHECK(span_eq(span_head(buf_span(&got), size), buf_span(&want)));
	file_close(&fd);
	buf_free(&want);
	buf_free(&got);
}

static void
three(void)
{
	run_until(log_is_open);
	put("AAAAA1", 3000, PLACE_ACTIVE);
	put("AAAAA2", 60000, PLACE_ACTIVE);
	put("AAAAA3", 0, PLACE_HOLD);
}

static void
three_are_whole(void)
{
	whole("AAAAA1", 3000, PLACE_ACTIVE);
	whole("AAAAA2", 60000, PLACE_ACTIVE);
	whole("AAAAA3", 0, PLACE_HOLD);
}

/* ---- power cuts */

static void
at(const char *folder, const char *id, int flags, int *fd)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, id);
	*fd = openat(it.dir, path, flags);
	ck_assert_int_ne(*fd, -1);
}

static void
lose(const char *folder, const char *id)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, id);
	ck_assert_int_eq(unlinkat(it.dir, path, 0), 0);
}

static void
empty(const char *folder, const char *id)
{
	int fd;

	at(folder, id, O_WRONLY, &fd);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	close(fd);
}

/* Blocks that were never written. */
static void
zero(const char *folder, const char *id, off_t from, size_t n)
{
	char *zeros = calloc(n, 1);
	int fd;

	at(folder, id, O_WRONLY, &fd);
	ck_assert_int_eq(pwrite(fd, zeros, n, from), (ssize_t)n);
	close(fd);
	free(zeros);
}

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

/* ---- round and round */

static void
id_of(char id[12], int i)
{
	snprintf(id, 12, "BBBB%04X", (unsigned)i);
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

static void
flush_fails(void)
{
	char id[12];
	int i;

	run_until(log_is_open);
	put("AAAAA1", EACH, PLACE_ACTIVE);
	/* its file cannot be opened when its turn comes */
	CHECK(unlinkat(it.q.folders[PLACE_ACTIVE], "AAAAA1", 0) == 0);
	CHECK(symlinkat("x", it.q.folders[PLACE_ACTIVE], "AAAAA1") == 0);
	for (i = 0; i < ROUNDS; i++) {
		id_of(id, i);
		if (!begin(id, EACH, PLACE_ACTIVE) && i > 100)
			break;
		run_until(all_answered);
		CHECK(it.last_error == 0);
	}
	CHECK(i < ROUNDS); /* it did not go over what is not flushed */
}

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

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_kill);
	tcase_add_test(t, test_lost_files);
	tcase_add_test(t, test_lost_content);
	tcase_add_test(t, test_lost_rename);
	tcase_add_test(t, test_what_stands_is_left);
	tcase_add_test(t, test_removed);
	tcase_add_test(t, test_removed_alone);
	tcase_add_test(t, test_torn_batch);
	tcase_add_test(t, test_around);
	tcase_add_test(t, test_failed_flush_keeps_the_segment);
	tcase_add_test(t, test_failed_write);
	tcase_add_test(t, test_close);
	tcase_add_test(t, test_off);
	tcase_add_test(t, test_large_ones_are_flushed_apart);
	tcase_add_test(t, test_many_at_once);
}

int
main(void)
{
	return unit_main("qmgr/accept_log", fill);
}
