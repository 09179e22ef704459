/* test_qfile.c - queue/qfile.h */

#include "queue/qfile.h"

#include "base/arena.h"
#include "base/buf.h"
#include "calls/queue_call.h"
#include "tests/unit.h"

enum { CONTENT = 1000 };

static struct qfile_rcpt rcpts[] = {
	{ .state = STATE_QUEUED, .address = SPAN_INIT("a@b.example") },
	{ .state = STATE_DONE,
	    .notify = NOTIFY_SUCCESS | NOTIFY_DELAY,
	    .address = SPAN_INIT("c@d.example"),
	    .orig = SPAN_INIT("list@d.example"),
	    .orcpt = SPAN_INIT("rfc822;x") },
	{ .state = STATE_QUEUED,
	    .kind = KIND_COMMAND,
	    .address = SPAN_INIT("|/bin/cat"),
	    .user = SPAN_INIT("nobody") },
};

static void
make(struct buf *out)
{
	struct qfile_envelope e = { .arrival_us = 1795000000000000,
		.flags = QUEUE_8BIT,
		.ret = RET_HDRS,
		.sender = SPAN("s@x.example"),
		.envid = SPAN("env"),
		.filter = SPAN("scan:[127.0.0.1]:10024"),
		.verp = SPAN("+="),
		.edits = SPAN("P\0\0\0\0\2\0\0\0x\n"),
		.helo = SPAN("h"),
		.rcpt_count = 3,
		.rcpts = rcpts };

	qfile_put(out, &e, CONTENT, 77);
}

START_TEST(round_trip)
{
	struct buf b = BUF_EMPTY;
	struct arena *a = arena_new();
	struct qfile_envelope e;
	struct qfile_closing first;

	make(&b);
	ck_assert(qfile_get(buf_span(&b), CONTENT, a, &e, &first));
	ck_assert_uint_eq(first.content_size, CONTENT);
	ck_assert_uint_eq(first.content_crc, 77);
	ck_assert_int_eq(e.arrival_us, 1795000000000000);
	ck_assert_uint_eq(e.ret, RET_HDRS);
	ck_assert(span_is(e.sender, "s@x.example"));
	ck_assert(span_is(e.filter, "scan:[127.0.0.1]:10024"));
	ck_assert(span_is(e.verp, "+="));
	ck_assert_uint_eq(e.edits.n, 11);
	ck_assert_uint_eq(e.rcpt_count, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert(span_eq(e.rcpts[i].address, rcpts[i].address));
		ck_assert(span_eq(e.rcpts[i].orig, rcpts[i].orig));
		ck_assert(span_eq(e.rcpts[i].orcpt, rcpts[i].orcpt));
		ck_assert(span_eq(e.rcpts[i].user, rcpts[i].user));
		ck_assert_int_eq(e.rcpts[i].state, rcpts[i].state);
		ck_assert_int_eq(e.rcpts[i].kind, rcpts[i].kind);
		ck_assert_uint_eq(e.rcpts[i].notify, rcpts[i].notify);
		ck_assert_uint_eq(e.rcpts[i].state_at, rcpts[i].state_at);
		/* the state byte is where it says */
		ck_assert_int_eq(
		    b.p[e.rcpts[i].state_at - CONTENT], (char)rcpts[i].state);
	}
	arena_free(&a);
	buf_free(&b);
}
END_TEST

/* What is to be released later waits, until a block says when else. */
START_TEST(held)
{
	struct qfile_envelope e = { .arrival_us = 1,
		.release = 2000000000,
		.hold = SPAN("for;3600"),
		.rcpt_count = 1,
		.rcpts = rcpts };
	struct buf b = BUF_EMPTY, block = BUF_EMPTY;
	struct arena *a = arena_new();
	struct qfile_closing first;

	qfile_put(&b, &e, CONTENT, 77);
	ck_assert(qfile_get(buf_span(&b), CONTENT, a, &e, &first));
	ck_assert_int_eq(e.release, 2000000000);
	ck_assert_int_eq(e.next_try, 2000000000);
	ck_assert(span_is(e.hold, "for;3600"));
	qfile_block_begin(&block);
	qfile_block_retry(&block, 2000000300, 1);
	qfile_block_end(&block, &first);
	buf_add_span(&b, buf_span(&block));
	ck_assert(qfile_get(buf_span(&b), CONTENT, a, &e, &first));
	ck_assert_int_eq(e.release, 2000000000);
	ck_assert_int_eq(e.next_try, 2000000300);
	buf_clear(&b);
	e = (struct qfile_envelope){
		.release = INT64_MAX, .rcpt_count = 1, .rcpts = rcpts
	};
	qfile_put(&b, &e, CONTENT, 77);
	ck_assert(!qfile_get(buf_span(&b), CONTENT, a, &e, &first));
	arena_free(&a);
	buf_free(&b);
	buf_free(&block);
}
END_TEST

/* Owner and via hold for what follows in their block, and for no other. */
START_TEST(owners)
{
	struct buf b = BUF_EMPTY, block = BUF_EMPTY;
	struct arena *a = arena_new();
	struct qfile_rcpt fresh = { .state = STATE_TELL_REPLACED,
		.address = SPAN("m@far.example") };
	struct qfile_envelope e;
	struct qfile_closing first;

	make(&b);
	ck_assert(qfile_get(buf_span(&b), CONTENT, a, &e, &first));
	ck_assert(!e.warned);
	for (int i = 0; i < 2; i++) {
		qfile_block_begin(&block);
		if (i == 0) {
			qfile_block_owner(&block, SPAN("owner-l@x.example"));
			qfile_block_via(&block, SPAN("l@x.example\n"));
		}
		qfile_block_rcpt(&block, &fresh, CONTENT + b.n);
		if (i == 0) {
			qfile_block_via(&block, SPAN(""));
			qfile_block_rcpt(&block, &fresh, CONTENT + b.n);
		}
		if (i == 1)
			qfile_block_warned(&block);
		qfile_block_end(&block, &first);
		buf_add_span(&b, buf_span(&block));
	}
	ck_assert(qfile_get(buf_span(&b), CONTENT, a, &e, &first));
	ck_assert_uint_eq(e.rcpt_count, 6);
	ck_assert_uint_eq(e.rcpts[2].owner.n, 0);
	ck_assert_uint_eq(e.rcpts[2].via.n, 0);
	ck_assert(span_is(e.rcpts[3].owner, "owner-l@x.example"));
	ck_assert(span_is(e.rcpts[3].via, "l@x.example\n"));
	ck_assert(span_is(e.rcpts[4].owner, "owner-l@x.example"));
	ck_assert_uint_eq(e.rcpts[4].via.n, 0);
	ck_assert_uint_eq(e.rcpts[5].owner.n, 0);
	ck_assert_int_eq(e.rcpts[5].state, STATE_TELL_REPLACED);
	ck_assert(e.warned);
	arena_free(&a);
	buf_free(&b);
	buf_free(&block);
}
END_TEST

/* A state byte may change; nothing else may. */
START_TEST(damage)
{
	struct buf b = BUF_EMPTY;
	struct arena *a = arena_new();
	struct qfile_envelope e;
	struct qfile_closing first;

	make(&b);
	b.p[rcpts[0].state_at - CONTENT] = STATE_FAILED;
	ck_assert(qfile_get(buf_span(&b), CONTENT, a, &e, &first));
	ck_assert_int_eq(e.rcpts[0].state, STATE_FAILED);
	for (size_t i = 0; i < b.n; i++) {
		char was = b.p[i];
		bool state = i == rcpts[0].state_at - CONTENT ||
		    i == rcpts[1].state_at - CONTENT ||
		    i == rcpts[2].state_at - CONTENT;

		b.p[i] = (char)(was ^ 0x40);
		ck_assert_msg(!qfile_get(buf_span(&b), CONTENT, a, &e, &first),
		    "damage at %zu was not seen%s", i, state ? " (state)" : "");
		b.p[i] = was;
	}
	for (size_t n = 0; n < b.n; n++)
		ck_assert_msg(
		    !qfile_get(span_of(b.p, n), CONTENT, a, &e, &first),
		    "cut at %zu was not seen", n);
	arena_free(&a);
	buf_free(&b);
}
END_TEST

static void
append(struct buf *file, struct buf *block, const struct qfile_closing *first)
{
	struct qfile_rcpt fresh = { .state = STATE_QUEUED,
		.final = true,
		.address = SPAN("new@b.example"),
		.orig = SPAN("a@b.example") };

	qfile_block_begin(block);
	qfile_block_rcpt(block, &fresh, CONTENT + file->n);
	qfile_block_reason(block, 0, SPAN("4.4.1"), SPAN("no route"));
	qfile_block_retry(block, 1795000999, 3);
	qfile_block_end(block, first);
	buf_add_span(file, buf_span(block));
}

START_TEST(blocks)
{
	struct buf b = BUF_EMPTY, block = BUF_EMPTY;
	struct arena *a = arena_new();
	struct qfile_envelope e;
	struct qfile_closing first, last;
	size_t whole;

	make(&b);
	whole = b.n;
	ck_assert(qfile_get(buf_span(&b), CONTENT, a, &e, &first));
	append(&b, &block, &first);
	ck_assert(qfile_get(buf_span(&b), CONTENT, a, &e, &first));
	ck_assert_uint_eq(e.rcpt_count, 4);
	ck_assert(e.rcpts[3].final);
	ck_assert(span_is(e.rcpts[0].reason, "no route"));
	ck_assert(span_is(e.rcpts[0].status, "4.4.1"));
	ck_assert_int_eq(e.next_try, 1795000999);
	ck_assert_uint_eq(e.attempts, 3);
	ck_assert_int_eq(b.p[e.rcpts[3].state_at - CONTENT], 'q');
	/* torn anywhere, the file before it is found again */
	for (size_t n = whole + 1; n < b.n; n++) {
		ck_assert_uint_eq(qfile_tail(span_of(b.p, n), &last), whole);
		ck_assert(!last.is_block);
	}
	ck_assert_uint_eq(qfile_tail(buf_span(&b), &last), b.n);
	ck_assert(last.is_block);
	ck_assert_uint_eq(last.content_size, CONTENT);
	arena_free(&a);
	buf_free(&b);
	buf_free(&block);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, round_trip);
	tcase_add_test(t, held);
	tcase_add_test(t, owners);
	tcase_add_test(t, damage);
	tcase_add_test(t, blocks);
}

int
main(void)
{
	return unit_main("queue/qfile", fill);
}
