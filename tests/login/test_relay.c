/* test_relay.c - login/relay.h and its parking */

#include "login/relay.h"

#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "calls/park_call.h"
#include "ipc/channel.h"
#include "ipc/packet.h"
#include "login/conf.h"
#include "login/login.h"
#include "os/loop.h"
#include "os/sock.h"
#include "tests/unit.h"
#include "tls/conn.h"

enum { ANSWER = 100000 };

static struct login_conf conf = { .imap_park_limit = 1 };
static struct login login;
static int client, imapd, parking; /* the far ends */

static const struct conn_calls nobody = { NULL, NULL, NULL, NULL };

/* A relay, with its far ends. */
static void
add(void)
{
	int outer[2], inner[2], park[2], small = 4096;
	struct conn *conn;

	ck_assert_int_eq(sock_pair(SOCK_STREAM, true, outer), 0);
	ck_assert_int_eq(sock_pair(SOCK_STREAM, true, inner), 0);
	ck_assert_int_eq(sock_pair(SOCK_SEQPACKET, true, park), 0);
	ck_assert_int_eq(
	    setsockopt(outer[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)),
	    0);
	client = outer[1];
	imapd = inner[1];
	parking = park[1];
	conn = conn_new(login.loop, outer[0], &nobody, NULL);
	relay_start(&login, &conn, inner[0], park[0], NULL);
}

static void
begin(void)
{
	login = (struct login){ .conf = &conf, .loop = loop_new() };
	conf.imap_park_limit = 1;
	list_init(&login.sessions);
	list_init(&login.relays);
	list_init(&login.joiners);
	add();
}

static void
stop(void *arg)
{
	loop_stop(arg);
}

/* All that can be done without waiting. */
static void
settle(void)
{
	struct loop_timer *t = loop_timer_new(login.loop, stop, login.loop);

	for (int i = 0; i < 3; i++) {
		loop_timer_set(t, 0);
		loop_run(login.loop);
	}
	loop_timer_free(&t);
}

static void
end(void)
{
	while (!list_empty(&login.relays))
		relay_free(LIST_OF(login.relays.next, struct relay, in));
	close(client);
	close(imapd);
	close(parking);
	loop_free(&login.loop);
}

/* The imapd writes n octets, as far as they are taken. */
static void
say(size_t n)
{
	char piece[1000] = { 'x' };

	while (n > 0) {
		ssize_t did = send(imapd, piece,
		    n < sizeof(piece) ? n : sizeof(piece), MSG_NOSIGNAL);

		if (did <= 0)
			settle();
		else
			n -= (size_t)did;
	}
	settle();
}

/* What the client can read; 0 at the end. */
static size_t
hear(size_t n)
{
	char piece[4096];
	size_t had = 0;
	ssize_t did;

	while (had < n) {
		did = recv(client, piece, sizeof(piece), 0);
		if (did == 0)
			break;
		if (did > 0)
			had += (size_t)did;
		else
			settle();
	}
	return had;
}

/* The imapd offers its client. */
static bool
offered(uint64_t received)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct park_offer p = { .received = received,
		.silent_ms = 100000,
		.pass = SPAN("pass"),
		.state = SPAN("state"),
		.user = SPAN("u"),
		.client_addr = SPAN("192.0.2.1"),
		.watch = -1,
		.client = -1,
		.held = -1 };
	bool kept = false;

	park_offer_put(&o, &p);
	ck_assert_int_eq(packet_send(parking, &o), 0);
	packet_done(&o);
	settle();
	ck_assert_int_eq(packet_recv(parking, &in), PACKET_OK);
	ck_assert(park_answer_get(&in, &kept));
	packet_in_done(&in);
	return kept;
}

START_TEST(kept)
{
	begin();
	say(10);
	ck_assert_uint_eq(hear(10), 10);
	ck_assert(!offered(1)); /* of another number of octets */
	ck_assert(offered(0));
	ck_assert_uint_eq(login.parked_count, 1);
	/* its last words */
	say(5);
	close(imapd);
	imapd = dup(client);
	settle();
	ck_assert_uint_eq(hear(5), 5);
	ck_assert_int_eq(
	    LIST_OF(login.relays.next, struct relay, in)->state, RELAY_PARKED);
	close(imapd);
	close(client);
	client = imapd = dup(parking);
	imapd = dup(parking);
	settle();
	ck_assert(list_empty(&login.relays));
	ck_assert_uint_eq(login.parked_count, 0);
	end();
}
END_TEST

/* One that has yet to read its answer does not wait: with its imapd the rest
 * of the answer would go. */
START_TEST(slow)
{
	begin();
	say(ANSWER);
	ck_assert(!offered(0));
	ck_assert_uint_eq(login.parked_count, 0);
	ck_assert_uint_eq(hear(ANSWER), ANSWER);
	settle();
	ck_assert(offered(0));
	end();
}
END_TEST

/* What the imapd leaves for a client that has stopped reading meanwhile stays
 * whole. */
START_TEST(left)
{
	begin();
	ck_assert(offered(0));
	say(ANSWER);
	close(imapd);
	imapd = dup(client);
	settle();
	ck_assert_uint_eq(hear(ANSWER), ANSWER);
	settle();
	ck_assert_int_eq(
	    LIST_OF(login.relays.next, struct relay, in)->state, RELAY_PARKED);
	end();
}
END_TEST

enum { MANY = 210, AT_ONCE = 200 };

static size_t
joiners(void)
{
	size_t n = 0;

	LIST_EACH(at, &login.joiners)
	n += at != NULL;
	return n;
}

/* When many wake at once, and auth takes its time, they wait in order; one that
 * goes makes room. */
START_TEST(many)
{
	struct rlimit files;
	int clients[MANY], listener;
	char path[] = "/tmp/facteur-test-XXXXXX", *socket;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
	ck_assert_ptr_nonnull(mkdtemp(path));
	socket = mem_printf("%s/auth", path);
	listener = sock_listen_unix(socket, SOCK_SEQPACKET, 0600, 5);
	begin();
	conf.imap_park_limit = MANY;
	login.auth = channel_new(login.loop, socket, 100000);
	for (int i = 0; i < MANY; i++) {
		if (i > 0)
			add();
		ck_assert(offered(0));
		close(imapd);
		close(parking);
		clients[i] = client;
	}
	settle();
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(send(clients[i], "x", 1, 0), 1);
	settle();
	ck_assert_uint_eq(login.joining, AT_ONCE);
	ck_assert_uint_eq(joiners(), MANY - AT_ONCE);
	/* one who waits, and one who is asked for */
	relay_free(LIST_OF(login.relays.prev, struct relay, in));
	settle();
	ck_assert_uint_eq(joiners(), MANY - AT_ONCE - 1);
	relay_free(LIST_OF(login.relays.next, struct relay, in));
	settle();
	ck_assert_uint_eq(login.joining, AT_ONCE);
	ck_assert_uint_eq(joiners(), MANY - AT_ONCE - 2);
	/* auth has gone: each tries again by himself */
	close(listener);
	settle();
	ck_assert_uint_eq(login.joining, 0);
	ck_assert_uint_eq(joiners(), 0);
	while (!list_empty(&login.relays))
		relay_free(LIST_OF(login.relays.next, struct relay, in));
	for (int i = 0; i < MANY; i++)
		close(clients[i]);
	channel_free(&login.auth);
	loop_timer_free(&login.join_timer);
	loop_free(&login.loop);
	(void)unlink(socket);
	ck_assert_int_eq(rmdir(path), 0);
	free(socket);
}
END_TEST

START_TEST(limit)
{
	begin();
	login.parked_count = 1;
	ck_assert(!offered(0));
	login.parked_count = 0;
	ck_assert(offered(0));
	end();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, kept);
	tcase_add_test(t, slow);
	tcase_add_test(t, left);
	tcase_add_test(t, limit);
	tcase_add_test(t, many);
}

int
main(void)
{
	return unit_main("login/relay", fill);
}
