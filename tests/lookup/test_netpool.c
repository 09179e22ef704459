/* test_netpool.c - lookup/netpool.h, with a connector and servers by hand */

#include "lookup/netpool.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "lookup/parked.h"
#include "maps/dial.h"
#include "os/loop.h"
#include "os/sock.h"
#include "tests/unit.h"

enum { SERVERS_MAX = 16 };

/* What a server does with a question, by the target's last letter. */
static struct {
	struct loop *loop;
	char folder[64], path[96];
	int listener;
	struct server *server;
	struct channel *connector;
	struct netpool *pool;
	int ends[SERVERS_MAX]; /* of the connections that were dialled */
	struct loop_io *io[SERVERS_MAX];
	unsigned dialled;
	char said[400]; /* answers in their order */
	unsigned wanted;
} t;

static void
serve(void *arg, unsigned ready)
{
	int *fd = arg;
	char in[256];
	ssize_t n = recv(*fd, in, sizeof(in), 0);
	const char *reply = "200 one\n";

	(void)ready;
	if (n <= 0)
		return;
	if (memmem(in, (size_t)n, "hang", 4) != NULL)
		return;
	if (memmem(in, (size_t)n, "junk", 4) != NULL)
		reply = "what?\n";
	else if (memmem(in, (size_t)n, "temp", 4) != NULL)
		reply = "400 not now\n";
	else if (memmem(in, (size_t)n, "none", 4) != NULL)
		reply = "500 no\n";
	if (memmem(in, (size_t)n, "gone", 4) == NULL)
		ck_assert_int_eq(send(*fd, reply, strlen(reply), MSG_NOSIGNAL),
		    (ssize_t)strlen(reply));
	if (memmem(in, (size_t)n, "gone", 4) != NULL ||
	    memmem(in, (size_t)n, "last", 4) != NULL)
		shutdown(*fd, SHUT_RDWR);
}

/* The connector. */
static void
request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct packet_out o = { .fd_count = 0 };
	struct span target;
	struct why why;
	int pair[2] = { -1, -1 };

	(void)arg;
	why_init(&why);
	ck_assert(dial_get(in, &target));
	if (span_ends(target, ":9")) {
		why_set(&why, "4.4.1", "nobody there");
	} else {
		ck_assert_uint_lt(t.dialled, SERVERS_MAX);
		ck_assert_int_eq(sock_pair(SOCK_STREAM, true, pair), 0);
		t.ends[t.dialled] = pair[1];
		t.io[t.dialled] = loop_io_new(
		    t.loop, pair[1], LOOP_READ, serve, &t.ends[t.dialled]);
		if (span_ends(target, ":8")) /* it answers before it is asked */
			ck_assert_int_eq(
			    send(pair[1], "200 x\n", 6, MSG_NOSIGNAL), 6);
		t.dialled++;
	}
	dial_answer_put(&o, in->id, pair[0], &why);
	server_reply(peer, &o);
	packet_done(&o);
	if (pair[0] != -1)
		close(pair[0]);
	why_free(&why);
}

static void
answered(
    void *arg, enum map_result got, struct span value, const struct why *why)
{
	size_t n = strlen(t.said);

	struct span text = got == MAP_FOUND ? value
	    : got == MAP_NONE               ? SPAN("")
					    : buf_span(&why->text);

	(void)snprintf(t.said + n, sizeof(t.said) - n, "%s%c%.*s ",
	    (const char *)arg,
	    got == MAP_FOUND      ? '='
		: got == MAP_NONE ? '-'
				  : '!',
	    (int)text.n, text.p);
	if (--t.wanted == 0)
		loop_stop(t.loop);
}

/* False: it was refused at once. */
static bool
ask(const char *port, char *key)
{
	struct buf bytes = BUF_EMPTY, target = BUF_EMPTY;
	struct map_net_question q = { .socketmap = false };
	struct why why;
	bool good;

	why_init(&why);
	buf_printf(&bytes, "get %s\n", key);
	buf_printf(&target, "inet:h:%s", port);
	q.bytes = buf_span(&bytes);
	q.target = buf_span(&target);
	good =
	    netpool_ask(t.pool, &q, (struct parked_to){ answered, key }, &why);
	t.wanted += good;
	ck_assert(good || why.outcome == DEFER);
	why_free(&why);
	buf_free(&bytes);
	buf_free(&target);
	return good;
}

static void
begin(void)
{
	static const struct server_calls calls = { .request = request };

	memset(&t, 0, sizeof(t));
	t.loop = loop_new();
	snprintf(t.folder, sizeof(t.folder), "/tmp/netpool.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(t.folder));
	snprintf(t.path, sizeof(t.path), "%s/c", t.folder);
	t.listener = sock_listen_unix(t.path, SOCK_SEQPACKET, 0600, 5);
	t.server = server_new(t.loop, t.listener, "lookup", &calls, NULL);
	t.connector = channel_new(t.loop, t.path, 5000);
	t.pool = netpool_new(t.loop, t.connector, 1000);
}

static void
end(void)
{
	netpool_free(&t.pool);
	channel_free(&t.connector);
	server_free(&t.server);
	for (unsigned i = 0; i < t.dialled; i++) {
		loop_io_free(&t.io[i]);
		close(t.ends[i]);
	}
	loop_free(&t.loop);
	close(t.listener);
	unlink(t.path);
	rmdir(t.folder);
}

#define KEY(text) \
	(char[]) \
	{ \
		text \
	}

START_TEST(answers)
{
	/* one after the other, over one connection */
	ck_assert(ask("1", KEY("a")));
	loop_run(t.loop);
	ck_assert(ask("1", KEY("none")));
	loop_run(t.loop);
	ck_assert(ask("1", KEY("temp")));
	loop_run(t.loop);
	ck_assert_str_eq(t.said, "a=one none- temp!the server says: not now ");
	ck_assert_uint_eq(t.dialled, 1);
	/* a failure of the table's own is not one of the server */
	ck_assert(ask("1", KEY("b")));
	loop_run(t.loop);
	ck_assert_uint_eq(t.dialled, 1);
}
END_TEST

START_TEST(many)
{
	static char keys[20][4];

	for (int i = 0; i < 20; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%d", i);
		ck_assert(ask("1", keys[i]));
	}
	ck_assert(ask("1", keys[3])); /* the same: one question for both */
	loop_run(t.loop);
	ck_assert_uint_eq(t.wanted, 0);
	ck_assert_ptr_nonnull(strstr(t.said, "k19=one"));
	ck_assert_uint_le(t.dialled, 4);
}
END_TEST

/* It hangs; another answers meanwhile. */
START_TEST(hangs)
{
	ck_assert(ask("1", KEY("hang")));
	t.wanted = 0;
	ck_assert(ask("2", KEY("other")));
	loop_run(t.loop);
	ck_assert_str_eq(t.said, "other=one ");
	ck_assert(ask("1", KEY("beside")));
	loop_run(t.loop);
	ck_assert_str_eq(t.said, "other=one beside=one ");
}
END_TEST

START_TEST(too_late)
{
	ck_assert(ask("1", KEY("hang")));
	ck_assert(ask("1", KEY("hang2")));
	loop_run(t.loop);
	ck_assert_str_eq(t.said,
	    "hang!it did not answer in time hang2!it did not answer in time ");
	ck_assert(!ask("1", KEY("b"))); /* a moment's rest */
}
END_TEST

START_TEST(closed)
{
	/* it closes what was idle: another connection, and nobody notices */
	ck_assert(ask("1", KEY("last")));
	loop_run(t.loop);
	ck_assert(ask("1", KEY("a")));
	loop_run(t.loop);
	ck_assert_str_eq(t.said, "last=one a=one ");
	ck_assert_uint_eq(t.dialled, 2);
	/* it closes on a question: once more, then a failure */
	ck_assert(ask("1", KEY("gone")));
	loop_run(t.loop);
	ck_assert_ptr_nonnull(strstr(t.said, "gone!it hung up"));
	ck_assert_uint_eq(t.dialled, 3);
	ck_assert(!ask("1", KEY("b"))); /* a moment's rest */
	ck_assert(ask("2", KEY("b")));
	loop_run(t.loop);
}
END_TEST

static const struct {
	const char *port, *key, *want;
} failures[] = {
	{ "9", "a", "a!nobody there " },
	{ "8", "a", "a!a reply that is none " },
	{ "1", "junk", "junk!a reply that is none " },
	{ "1", "gone", "gone!it hung up " },
};

START_TEST(failure)
{
	static char key[8];

	snprintf(key, sizeof(key), "%s", failures[_i].key);
	ck_assert(ask(failures[_i].port, key));
	loop_run(t.loop);
	ck_assert_str_eq(t.said, failures[_i].want);
	ck_assert(!ask(failures[_i].port, key));
}
END_TEST

static void
fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, begin, end);
	tcase_add_test(tc, answers);
	tcase_add_test(tc, many);
	tcase_add_test(tc, hangs);
	tcase_add_test(tc, closed);
	tcase_add_test(tc, too_late);
	tcase_add_loop_test(tc, failure, 0, UNIT_COUNT(failures));
}

int
main(void)
{
	return unit_main("lookup/netpool", fill);
}
