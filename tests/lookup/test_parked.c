/* test_parked.c - lookup/parked.h, with a database that nobody asks */

#include "lookup/parked.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/why.h"
#include "ipc/packet.h"
#include "ipc/server.h"
#include "lookup/dbpool.h"
#include "maps/plugin_link.h"
#include "os/loop.h"
#include "tests/unit.h"

static struct loop *loop;
static struct parking *parking;
static struct dbpool *pool;
static unsigned ended, crowded;

static bool
ask(void *key, struct parked_to to, struct why *why)
{
	struct plugin_table t = { "sqlite", "sqlite:/x",
		SPAN("dbpath = /x\nquery = SELECT a FROM b WHERE c = '%s'\n") };

	return dbpool_ask(pool, &t, span_str(key), to, why);
}

static void
wish(char *key, struct buf *out, struct why *why)
{
	struct parked_wish w = { span_str(key), ask, key };

	(void)parking_ask(parking, &w, out, why);
}

/* Two questions, one after the other. */
static void
run(void *arg, struct server_peer *peer, struct packet_in *in)
{
	static char first[] = "first", second[] = "second";
	struct buf out = BUF_EMPTY;
	struct why why;

	(void)arg;
	(void)peer;
	(void)in;
	why_init(&why);
	wish(first, &out, &why);
	if (!parking_again(parking))
		wish(second, &out, &why);
	if (!parking_again(parking)) {
		ended++;
		crowded += strstr(why_text(&why), "too many") != NULL;
		if (parking_count(parking) == 1) /* this one */
			loop_stop(loop);
	}
	buf_free(&out);
	why_free(&why);
}

static void
request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	(void)arg;
	for (int i = 0; i < PARKED_MAX; i++)
		parking_begin(parking, peer, in);
	ck_assert_uint_eq(parking_count(parking), PARKED_MAX);
	ck_assert_uint_eq(ended, 0);
	parking_begin(parking, peer, in);
	ck_assert_uint_eq(ended, 1);
	ck_assert_uint_eq(crowded, 1);
}

/* A full house turns others away, and lets those inside go on. */
START_TEST(full)
{
	static const struct server_calls calls = { .request = request };
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct packet_out o = { .fd_count = 0 };
	socklen_t n = sizeof(sa);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
	int client = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	struct server *server;

	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&sa, sizeof(sa.sun_family)), 0);
	ck_assert_int_eq(listen(fd, 5), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &n), 0);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&sa, n), 0);
	loop = loop_new();
	pool = dbpool_new(loop, "/nonexistent");
	parking = parking_new(run, NULL);
	server = server_new(loop, fd, "smtpd", &calls, NULL);
	packet_begin(&o, "question", 1);
	ck_assert_int_eq(packet_send(client, &o), 0);
	loop_run(loop);
	ck_assert_uint_eq(ended, PARKED_MAX + 1);
	ck_assert_uint_eq(crowded, 1);
	server_free(&server);
	packet_done(&o);
	close(client);
	close(fd);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, full);
}

int
main(void)
{
	return unit_main("lookup/parked", fill);
}
