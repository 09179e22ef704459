/* test_packet.c - ipc/packet.h */

#include "ipc/packet.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/sock.h"
#include "tests/unit.h"

START_TEST(across)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	int pair[2], fd;
	char byte;

	ck_assert_int_eq(sock_pair(SOCK_SEQPACKET, false, pair), 0);
	packet_begin(&o, "call", 7);
	packet_str(&o, "name", SPAN("a=b c"));
	packet_num(&o, "n", UINT64_MAX);
	packet_signed(&o, "m", -5);
	packet_bytes(&o, "raw", SPAN("\0\xff\n"));
	packet_fd(&o, pair[0]);
	ck_assert_int_eq(packet_send(pair[0], &o), 0);
	ck_assert_int_eq(packet_recv(pair[1], &in), PACKET_OK);
	ck_assert(span_is(in.call, "call"));
	ck_assert_uint_eq(in.id, 7);
	ck_assert(span_is(packet_in_str(&in, "name", 99), "a=b c"));
	ck_assert_uint_eq(packet_in_num(&in, "n", UINT64_MAX), UINT64_MAX);
	ck_assert_int_eq(packet_in_signed(&in, "m"), -5);
	ck_assert(span_eq(packet_in_bytes(&in, "raw", 3), SPAN("\0\xff\n")));
	fd = packet_in_fd(&in);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
	ck_assert(packet_in_end(&in));
	ck_assert_int_eq(write(fd, "x", 1), 1);
	ck_assert_int_eq(read(pair[1], &byte, 1), 1);
	packet_in_done(&in);
	packet_done(&o);
	close(fd);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

static void
two_attributes(struct packet_out *o)
{
	packet_begin(o, "call", 1);
	packet_str(o, "a", SPAN("1"));
	packet_num(o, "b", 20);
}

/* Each reader below must find the packet bad. */
static void
wrong_name(struct packet_in *in)
{
	(void)packet_in_str(in, "b", 9);
}

static void
too_long(struct packet_in *in)
{
	(void)packet_in_str(in, "a", 0);
}

static void
too_large(struct packet_in *in)
{
	(void)packet_in_str(in, "a", 9);
	(void)packet_in_num(in, "b", 19);
}

static void
not_all(struct packet_in *in)
{
	(void)packet_in_str(in, "a", 9);
}

static void
one_more(struct packet_in *in)
{
	(void)packet_in_str(in, "a", 9);
	(void)packet_in_num(in, "b", 99);
	(void)packet_in_str(in, "c", 9);
}

static void
no_descriptor(struct packet_in *in)
{
	(void)packet_in_str(in, "a", 9);
	(void)packet_in_num(in, "b", 99);
	(void)packet_in_fd(in);
}

static void (*const readers[])(struct packet_in *) = { wrong_name, too_long,
	too_large, not_all, one_more, no_descriptor };

static void
raw_of(struct packet_out *o, struct buf *raw)
{
	buf_add_span(raw, buf_span(&o->bytes));
	buf_printf(raw, "%u", o->id);
}

START_TEST(mismatch)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct buf raw = BUF_EMPTY;

	two_attributes(&o);
	raw_of(&o, &raw);
	ck_assert_int_eq(packet_parse(&in, buf_span(&raw)), PACKET_OK);
	readers[_i](&in);
	ck_assert(!packet_in_end(&in));
	packet_in_done(&in);
	packet_done(&o);
	buf_free(&raw);
}
END_TEST

static const struct {
	const char *bytes;
	size_t n;
} junk[] = {
	{ "", 0 },
	{ "F1", 2 },
	{ "F1\0", 3 },
	{ "F1\0\0001", 5 },
	{ "F2\0call\0001", 9 },
	{ "F1\0call\0", 8 },
	{ "F1\0call\0x", 9 },
	{ "F1\0call\0-1", 10 },
	{ "F1\0call\0004294967296", 18 },
	{ "hello", 5 },
	{ "F1\0abcdefghijklmnopqrstuvwxyz0123456\0001", 38 },
};

START_TEST(refused)
{
	struct packet_in in = { .bad = false };

	ck_assert_msg(packet_parse(&in, span_of(junk[_i].bytes, junk[_i].n)) ==
		PACKET_BAD,
	    "row %d", _i);
	ck_assert(!packet_in_end(&in));
	packet_in_done(&in);
}
END_TEST

START_TEST(unsendable)
{
	struct packet_out o = { .fd_count = 0 };
	struct buf big = BUF_EMPTY;
	int pair[2];

	ck_assert_int_eq(sock_pair(SOCK_SEQPACKET, true, pair), 0);
	packet_begin(&o, "call", 1);
	packet_str(&o, "a", SPAN("x\0y"));
	ck_assert_int_eq(packet_send(pair[0], &o), -1);
	memset(buf_room(&big, PACKET_MAX), 'x', PACKET_MAX);
	big.n = PACKET_MAX;
	packet_begin(&o, "call", 1);
	packet_str(&o, "a", buf_span(&big));
	ck_assert_int_eq(packet_send(pair[0], &o), -1);
	packet_done(&o);
	buf_free(&big);
	close(pair[0]);
	close(pair[1]);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, across);
	tcase_add_loop_test(t, mismatch, 0, UNIT_COUNT(readers));
	tcase_add_loop_test(t, refused, 0, UNIT_COUNT(junk));
	tcase_add_test(t, unsendable);
}

int
main(void)
{
	return unit_main("ipc/packet", fill);
}
