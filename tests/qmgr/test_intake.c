/*
 * test_intake.c - what may happen to a message while it is being committed
 *
 * The flush of a commit never ends here: its pool has no thread.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crc.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/showq_call.h"
#include "ipc/channel.h"
#include "os/file.h"
#include "qmgr/accept_log.h"
#include "qmgr/qmgr.h"
#include "tests/qmgr/life.h"

static const struct row {
	enum showq_op op;
	unsigned flags;
} rows[] = {
	{ SHOWQ_DELETE, 0 },
	{ SHOWQ_DELETE, QUEUE_HOLD },
	{ SHOWQ_HOLD, 0 },
	{ SHOWQ_RELEASE, QUEUE_HOLD },
	{ SHOWQ_REQUEUE, 0 },
	{ SHOWQ_REQUEUE, QUEUE_HOLD },
	{ SHOWQ_EXPIRE, 0 },
	{ SHOWQ_EXPIRE_RELEASE, QUEUE_HOLD },
};

static struct {
	const struct row *row;
	struct channel *queue, *showq;
	char qid[QUEUE_ID_MAX + 1];
	enum { ASKED, HAVE_FILE, OPERATED } at;
	int operated; /* messages */
} now;

static struct channel *
channel_to(
    const char *label, void (*serve)(struct qmgr *q, int fd, const char *label))
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	struct channel *c;

	snprintf(
	    a.sun_path, sizeof(a.sun_path), "%s/accept/%s", it.base, label);
	CHECK(bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0);
	CHECK(listen(fd, 5) == 0);
	serve(&it.q, fd, label);
	c = channel_new(it.q.loop, a.sun_path, WAIT_MS);
	return c;
}

static void
got_file(void *arg, struct packet_in *in)
{
	struct queue_file_reply reply;
	struct why why;

	(void)arg;
	why_init(&why);
	CHECK(in != NULL && queue_file_get(in, &reply, &why));
	CHECK(reply.qid.n > 0 && reply.qid.n <= QUEUE_ID_MAX);
	memcpy(now.qid, reply.qid.p, reply.qid.n);
	CHECK(file_write(reply.fd, SPAN("Subject: x\n\nx\n")) == 0);
	file_close(&reply.fd);
	now.at = HAVE_FILE;
}

static void
committed(void *arg, struct packet_in *in)
{
	(void)arg;
	CHECK(in == NULL); /* it cannot be answered */
}

static void
operated(void *arg, struct packet_in *in)
{
	struct why why;
	uint64_t count;

	(void)arg;
	why_init(&why);
	CHECK(in != NULL && showq_done_get(in, &count, &why));
	now.operated = (int)count;
	now.at = OPERATED;
}

static bool
have_file(void)
{
	return now.at == HAVE_FILE;
}

static bool
is_committing(void)
{
	struct message *m = table_get(it.q.messages, span_str(now.qid));

	return m != NULL && m->place != PLACE_INCOMING;
}

static bool
was_operated(void)
{
	return now.at == OPERATED;
}

static void
commit_ask(void)
{
	struct span content = SPAN("Subject: x\n\nx\n");
	struct queue_rcpt rcpt = { .address = SPAN("a@b.example") };
	struct queue_envelope e = { .qid = span_str(now.qid),
		.sender = SPAN("s@x.example"),
		.size = content.n,
		.crc = crc_add(0, content),
		.flags = now.row->flags,
		.rcpt_count = 1,
		.rcpts = &rcpt };
	struct packet_out o = { .fd_count = 0 };

	queue_commit_put(&o, &e);
	(void)channel_ask(now.queue, &o, committed, NULL);
	packet_done(&o);
}

static void
operate_meanwhile(void)
{
	struct packet_out o = { .fd_count = 0 };
	struct syncpool *stuck = syncpool_new(it.q.loop, 0);
	enum place place =
	    (now.row->flags & QUEUE_HOLD) != 0 ? PLACE_HOLD : PLACE_ACTIVE;

	run_until(is_closed); /* no accept log */
	for (int p = 0; p < PLACES; p++)
		it.q.folder_sync[p] = syncpool_dir_new(stuck, it.q.folders[p]);
	now.queue = channel_to("smtpd", intake_serve);
	now.showq = channel_to("showq", admin_serve);
	queue_new_put(&o);
	(void)channel_ask(now.queue, &o, got_file, NULL);
	packet_done(&o);
	run_until(have_file);
	commit_ask();
	run_until(is_committing);
	showq_do_put(&o, now.row->op, span_str(now.qid), SPAN(""));
	(void)channel_ask(now.showq, &o, operated, NULL);
	packet_done(&o);
	run_until(was_operated);
	CHECK(now.operated == 0);
	CHECK(is_committing());
	CHECK(!is_gone(now.qid, place));
}

/* It is not there yet for anybody but who commits it. */
START_TEST(test_operate)
{
	now.row = &rows[_i];
	it.size = 0;
	live(operate_meanwhile);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, test_operate, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("qmgr/intake", fill);
}
