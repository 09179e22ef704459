/* test_channel.c - ipc/channel.h and ipc/server.h, one against the other */

#include "ipc/channel.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "ipc/server.h"
#include "os/loop.h"
#include "os/sock.h"
#include "tests/unit.h"

/* A service that answers "echo", keeps "late" for later, refuses the rest. */
static struct {
	struct loop *loop;
	char path[64];
	int listener;
	struct server *server;
	struct channel *channel;
	struct server_peer *kept[8];
	uint32_t kept_ids[8];
	size_t kept_count;
	unsigned answers, failures, gone;
	int left; /* 1: had, when its question was read; -1: had not */
	char text[64];
} world;

static void
reply(struct server_peer *p, uint32_t id, const char *text)
{
	struct packet_out o = { .fd_count = 0 };

	packet_begin(&o, "answer", id);
	packet_str(&o, "text", span_str(text));
	server_reply(p, &o);
	packet_done(&o);
}

static void
request(void *arg, struct server_peer *p, struct packet_in *in)
{
	ck_assert_ptr_eq(arg, &world);
	ck_assert_str_eq(server_peer_label(p), "tester");
	ck_assert_uint_eq(server_peer_uid(p), getuid());
	if (span_is(in->call, "echo")) {
		reply(p, in->id, "echo");
	} else if (span_is(in->call, "parts")) {
		reply(p, in->id, "one");
		reply(p, in->id, "two");
		reply(p, in->id, "end");
		reply(p, in->id, "late");
	} else if (span_is(in->call, "torn")) {
		reply(p, in->id, "one");
		server_refuse(p, in);
	} else if (span_is(in->call, "late")) {
		world.kept[world.kept_count] = server_peer_hold(p);
		world.kept_ids[world.kept_count++] = in->id;
	} else if (span_is(in->call, "left")) {
		world.left = server_peer_has_left(p) ? 1 : -1;
		loop_stop(world.loop);
	} else {
		server_refuse(p, in);
	}
}

static void
gone(void *arg, struct server_peer *p)
{
	(void)arg;
	(void)p;
	world.gone++;
}

static const struct server_calls calls = { request, gone };

static void
answered(void *arg, struct packet_in *in)
{
	unsigned *want = arg;

	if (in == NULL) {
		world.failures++;
	} else {
		struct span text = packet_in_str(in, "text", 60);

		ck_assert(packet_in_end(in));
		memcpy(world.text, text.p, text.n);
		world.text[text.n] = '\0';
		world.answers++;
	}
	if (--*want == 0)
		loop_stop(world.loop);
}

static struct channel_call *
say(const char *call, unsigned *want)
{
	struct packet_out o = { .fd_count = 0 };
	struct channel_call *c;

	packet_begin(&o, call, 0);
	++*want;
	c = channel_ask(world.channel, &o, answered, want);
	packet_done(&o);
	return c;
}

static void
serve(void)
{
	world.listener = sock_listen_unix(world.path, SOCK_SEQPACKET, 0600, 10);
	ck_assert_int_ne(world.listener, -1);
	world.server =
	    server_new(world.loop, world.listener, "tester", &calls, &world);
}

static void
unserve(void)
{
	server_free(&world.server);
	close(world.listener);
}

static void
set_up(void)
{
	memset(&world, 0, sizeof(world));
	snprintf(world.path, sizeof(world.path), "/tmp/facteur-test-%d",
	    (int)getpid());
	world.loop = loop_new();
	world.channel = channel_new(world.loop, world.path, 200);
	serve();
}

static void
tear_down(void)
{
	channel_free(&world.channel);
	unserve();
	unlink(world.path);
	loop_free(&world.loop);
}

START_TEST(any_order)
{
	unsigned want = 0;

	(void)say("late", &want);
	for (int i = 0; i < 100; i++)
		(void)say("echo", &want);
	want--; /* all but the late one */
	loop_run(world.loop);
	ck_assert_uint_eq(world.answers, 100);
	want = 1;
	reply(world.kept[0], world.kept_ids[0], "late");
	server_peer_drop(&world.kept[0]);
	loop_run(world.loop);
	ck_assert_str_eq(world.text, "late");
	ck_assert_uint_eq(world.failures, 0);
}
END_TEST

static bool
part(void *arg, struct packet_in *in)
{
	unsigned *want = arg;

	if (in == NULL) {
		world.failures++;
		loop_stop(world.loop);
		return false;
	}
	world.answers++;
	if (span_is(packet_in_str(in, "text", 60), "end")) {
		*want = 0;
		loop_stop(world.loop);
	}
	return *want > 0;
}

static void
say_parts(const char *call, unsigned *want)
{
	struct packet_out o = { .fd_count = 0 };

	packet_begin(&o, call, 0);
	(void)channel_ask_parts(world.channel, &o, part, want);
	packet_done(&o);
	loop_run(world.loop);
}

/* Several packets answer one question; what comes behind the last is nobody's.
 */
START_TEST(parts)
{
	unsigned want = 1;

	say_parts("parts", &want);
	ck_assert_uint_eq(world.answers, 3);
	ck_assert_uint_eq(world.failures, 0);
	want = 0;
	(void)say("echo", &want);
	loop_run(world.loop);
	ck_assert_uint_eq(world.answers, 4);
	ck_assert_uint_eq(channel_pending(world.channel), 0);
}
END_TEST

START_TEST(parts_end_early)
{
	unsigned want = 1;

	say_parts("torn", &want);
	ck_assert_uint_eq(world.answers, 1);
	ck_assert_uint_eq(world.failures, 1);
	ck_assert_uint_eq(channel_pending(world.channel), 0);
}
END_TEST

START_TEST(time_out)
{
	unsigned want = 0;

	(void)say("late", &want);
	loop_run(world.loop);
	ck_assert_uint_eq(world.failures, 1);
	/* its answer comes too late and is passed over */
	reply(world.kept[0], world.kept_ids[0], "late");
	server_peer_drop(&world.kept[0]);
	(void)say("echo", &want);
	loop_run(world.loop);
	ck_assert_str_eq(world.text, "echo");
}
END_TEST

START_TEST(cancelled)
{
	unsigned want = 0;
	struct channel_call *c = say("echo", &want);

	channel_cancel(&c);
	want--;
	(void)say("echo", &want);
	loop_run(world.loop);
	ck_assert_uint_eq(world.answers, 1);
	ck_assert_uint_eq(channel_pending(world.channel), 0);
}
END_TEST

/* A refused caller loses its connection; the next question makes another. */
START_TEST(refused)
{
	unsigned want = 0;

	(void)say("late", &want);
	(void)say("nonsense", &want);
	loop_run(world.loop);
	ck_assert_uint_eq(world.failures, 2);
	ck_assert_uint_eq(world.gone, 1);
	ck_assert_uint_eq(channel_losses(world.channel), 1);
	/* the kept peer is still there to be answered in vain */
	reply(world.kept[0], world.kept_ids[0], "late");
	server_peer_drop(&world.kept[0]);
	(void)say("echo", &want);
	loop_run(world.loop);
	ck_assert_uint_eq(world.answers, 1);
}
END_TEST

START_TEST(service_restarts)
{
	unsigned want = 0;

	(void)say("late", &want);
	(void)say("echo", &want);
	want--;
	loop_run(world.loop);
	server_peer_drop(&world.kept[0]);
	unserve();
	want = 1;
	loop_run(world.loop);
	ck_assert_uint_eq(world.failures, 1); /* the late one */
	unlink(world.path);
	(void)say("echo", &want);
	loop_run(world.loop);
	ck_assert_uint_eq(world.failures, 2); /* nobody listens */
	serve();
	(void)say("echo", &want);
	loop_run(world.loop);
	ck_assert_uint_eq(world.answers, 2);
}
END_TEST

/* The service answers the first of two questions and ends. The other one it
 * leaves unread (row 0), or a third cannot be sent any more (row 1). */
static void
answer_and_end(int row)
{
	struct packet_in in = { .bad = false };
	struct packet_out o = { .fd_count = 0 };
	int fd = sock_accept(world.listener, NULL);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(packet_recv(fd, &in), PACKET_OK);
	packet_begin(&o, "answer", in.id);
	packet_str(&o, "text", SPAN("last word"));
	if (row == 1)
		ck_assert_int_eq(packet_recv(fd, &in), PACKET_OK);
	ck_assert_int_eq(packet_send(fd, &o), 0);
	packet_done(&o);
	packet_in_done(&in);
	close(fd);
}

/* What was answered before the end is heard: who delivered and then ended has
 * delivered. */
START_TEST(answered_before_the_end)
{
	unsigned want = 0;

	unserve();
	unlink(world.path);
	world.listener = sock_listen_unix(world.path, SOCK_SEQPACKET, 0600, 10);
	(void)say("one", &want);
	(void)say("two", &want);
	answer_and_end(_i);
	if (_i == 1)
		(void)say("three", &want);
	loop_run(world.loop);
	ck_assert_uint_eq(world.answers, 1);
	ck_assert_str_eq(world.text, "last word");
	ck_assert_uint_eq(world.failures, _i == 1 ? 2 : 1);
	close(world.listener);
	unlink(world.path);
	serve();
}
END_TEST

/* The end is seen before what was asked is read. */
START_TEST(asked_and_left)
{
	struct packet_out o = { .fd_count = 0 };
	int fd;

	world.left = 0;
	fd = sock_connect_unix(world.path, SOCK_SEQPACKET, false);
	ck_assert_int_ne(fd, -1);
	packet_begin(&o, "left", 1);
	ck_assert_int_eq(packet_send(fd, &o), 0);
	packet_done(&o);
	if (_i == 1)
		close(fd);
	loop_run(world.loop);
	ck_assert_int_eq(world.left, _i == 1 ? 1 : -1);
	if (_i == 0)
		close(fd);
}
END_TEST

static void
fill(TCase *t)
{
	log_to(-1, false, "test");
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, any_order);
	tcase_add_test(t, parts);
	tcase_add_test(t, parts_end_early);
	tcase_add_test(t, time_out);
	tcase_add_test(t, cancelled);
	tcase_add_test(t, refused);
	tcase_add_test(t, service_restarts);
	tcase_add_loop_test(t, answered_before_the_end, 0, 2);
	tcase_add_loop_test(t, asked_and_left, 0, 2);
}

int
main(void)
{
	return unit_main("ipc/channel", fill);
}
