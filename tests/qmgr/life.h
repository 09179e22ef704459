/* life.h - a qmgr's life in a spool of its own, for the tests of this folder
 *
 * It lives in a child, which ends as by kill -9; what the disk then looks like
 * after a power cut is made by hand, and the next child finds it.
 */

#ifndef TESTS_QMGR_LIFE_H
#define TESTS_QMGR_LIFE_H

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
#include "qmgr/accept_log.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

enum { WAIT_MS = 20000, MIB = 1024 * 1024 };

static const char *const names[] = { "incoming", "active", "deferred", "hold",
	"corrupt", "accept" };

static struct {
	char *base;
	int dir;
	uint64_t size; /* of the log */
	bool full; /* the disk, at start */
	struct qmgr q;
	struct qmgr_conf conf;
	struct loop_timer *deadline;
	/* until so many answers have come */
	int answers, wanted, last_error;
} it;

/* ---- a spool, and one qmgr after another in it */

static inline void
setup(void)
{
	it.base = scratch_new();
	it.dir = open(it.base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(mkdirat(it.dir, names[i], 0700), 0);
	it.size = 8 * MIB;
}

static inline void
folder_empty(const char *name)
{
	scratch_remove_at(it.dir, name, 0);
	ck_assert_int_eq(mkdirat(it.dir, name, 0700), 0);
}

static inline void
teardown(void)
{
	close(it.dir);
	scratch_free(&it.base);
}

static inline void
too_late(void *arg)
{
	(void)arg;
	_exit(99);
}

static inline void
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
	if (it.full)
		fault_arm(FAULT_WRITE, 1, ENOSPC, true);
	scan_start(&it.q);
}

/* One qmgr from start to kill -9; what it checks fails the test. */
static inline void
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
static inline void
poll_again(void *arg)
{
	(void)arg;
	loop_stop(it.q.loop);
}

static inline void
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

static inline void
content_of(const char *id, size_t size, struct buf *out)
{
	buf_clear(out);
	while (out->n < size)
		buf_printf(out, "content of %s, octet %zu\n", id, out->n);
	buf_cut(out, size);
}

static inline void
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

static inline void
answered(void *arg, int error)
{
	(void)arg;
	it.last_error = error;
	it.answers++;
}

static inline bool
all_answered(void)
{
	return it.answers == it.wanted;
}

/* As intake.c does; false: the log did not take it. */
static inline bool
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

static inline void
put(const char *id, size_t size, enum place place)
{
	CHECK(begin(id, size, place));
	run_until(all_answered);
	CHECK(it.last_error == 0);
}

static inline bool
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

static inline void
remove_now(const char *id)
{
	struct message *m = table_get(it.q.messages, span_str(id));

	CHECK(m != NULL);
	accept_log_unlink(m);
	message_free(&m);
}

static inline bool
nothing_pending(void)
{
	return syncpool_pending(it.q.pool) == 0;
}

static inline bool
is_gone(const char *id, enum place place)
{
	struct stat st;

	return fstatat(it.q.folders[place], id, &st, 0) == -1;
}

static inline bool
is_closed(void)
{
	return accept_log_is_closed(&it.q);
}

/* Known, and its content as it came. */
static inline void
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

static inline void
three(void)
{
	run_until(log_is_open);
	put("AAAAA1", 3000, PLACE_ACTIVE);
	put("AAAAA2", 60000, PLACE_ACTIVE);
	put("AAAAA3", 0, PLACE_HOLD);
}

static inline void
three_are_whole(void)
{
	whole("AAAAA1", 3000, PLACE_ACTIVE);
	whole("AAAAA2", 60000, PLACE_ACTIVE);
	whole("AAAAA3", 0, PLACE_HOLD);
}

/* ---- power cuts */

static inline void
at(const char *folder, const char *id, int flags, int *fd)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, id);
	*fd = openat(it.dir, path, flags);
	ck_assert_int_ne(*fd, -1);
}

static inline void
lose(const char *folder, const char *id)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, id);
	ck_assert_int_eq(unlinkat(it.dir, path, 0), 0);
}

static inline void
empty(const char *folder, const char *id)
{
	int fd;

	at(folder, id, O_WRONLY, &fd);
	ck_assert_int_eq(ftruncate(fd, 0), 0);
	close(fd);
}

/* Blocks that were never written. */
static inline void
zero(const char *folder, const char *id, off_t from, size_t n)
{
	char *zeros = calloc(n, 1);
	int fd;

	at(folder, id, O_WRONLY, &fd);
	ck_assert_int_eq(pwrite(fd, zeros, n, from), (ssize_t)n);
	close(fd);
	free(zeros);
}

#endif
