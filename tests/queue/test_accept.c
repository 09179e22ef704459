/* test_accept.c - queue/accept.h */

#include "queue/accept.h"

#include <string.h>

#include "base/buf.h"
#include "tests/unit.h"

static struct buf bytes;

static void
setup(void)
{
	bytes = (struct buf)BUF_EMPTY;
}

static void
teardown(void)
{
	buf_free(&bytes);
}

static void
message(const char *id, bool hold, const char *content, const char *tail)
{
	char *at = accept_put_message(
	    &bytes, span_str(id), hold, strlen(content), span_str(tail));

	memcpy(at, content, strlen(content));
}

/* "m ID folder content tail" or "r ID" for each record. */
static void
show(struct span records, struct buf *out)
{
	struct accept_record r;

	while (accept_record_next(&records, &r)) {
		buf_printf(
		    out, "%c %.*s", r.removed ? 'r' : 'm', (int)r.id.n, r.id.p);
		if (!r.removed)
			buf_printf(out, " %c %.*s %.*s", r.hold ? 'h' : 'a',
			    (int)r.content.n, r.content.p, (int)r.tail.n,
			    r.tail.p);
		buf_add_str(out, "; ");
	}
}

START_TEST(test_there_and_back)
{
	struct accept_batch b;
	struct buf shown = BUF_EMPTY;

	accept_batch_begin(&bytes);
	message("6610A", false, "content", "tail");
	accept_put_removed(&bytes, SPAN("6610B"));
	message("6610C", true, "", "t");
	accept_batch_end(&bytes, 77, 70);
	ck_assert_uint_eq(bytes.n, ACCEPT_ALIGN);
	ck_assert(accept_batch_get(buf_span(&bytes), &b));
	ck_assert_uint_eq(b.number, 77);
	ck_assert_uint_eq(b.oldest, 70);
	ck_assert_uint_eq(b.size, ACCEPT_ALIGN);
	show(b.records, &shown);
	ck_assert_str_eq(
	    buf_str(&shown), "m 6610A a content tail; r 6610B; m 6610C h  t; ");
	buf_free(&shown);
}
END_TEST

START_TEST(test_sizes)
{
	struct accept_batch b;
	size_t before;

	/* a head and records that fill the page are one page, an octet more is
	 * two */
	ck_assert_uint_eq(accept_batch_size(0), ACCEPT_ALIGN);
	ck_assert_uint_eq(
	    accept_batch_size(ACCEPT_ALIGN - ACCEPT_HEAD), ACCEPT_ALIGN);
	ck_assert_uint_eq(accept_batch_size(ACCEPT_ALIGN - ACCEPT_HEAD + 1),
	    2 * ACCEPT_ALIGN);
	accept_batch_begin(&bytes);
	before = bytes.n;
	(void)accept_put_message(&bytes, SPAN("6610A"), false, 5000, SPAN("t"));
	ck_assert_uint_eq(
	    bytes.n - before, accept_message_size(SPAN("6610A"), 5000, 1));
	memset(bytes.p + before + 17, 'x', 5000);
	accept_batch_end(&bytes, 1, 1);
	ck_assert_uint_eq(bytes.n, 2 * ACCEPT_ALIGN);
	ck_assert(accept_batch_get(buf_span(&bytes), &b));
	/* a part of it is none */
	ck_assert(
	    !accept_batch_get(span_of(bytes.p, 2 * ACCEPT_ALIGN - 1), &b));
	ck_assert(!accept_batch_get(span_of(bytes.p, ACCEPT_HEAD - 1), &b));
	ck_assert(!accept_batch_get(SPAN(""), &b));
}
END_TEST

START_TEST(test_every_changed_octet_is_seen)
{
	struct accept_batch b;
	size_t end;

	accept_batch_begin(&bytes);
	message("6610A", false, "content", "tail");
	end = bytes.n;
	accept_batch_end(&bytes, 5, 5);
	for (size_t i = 0; i < end; i++) {
		bytes.p[i] ^= 1;
		ck_assert_msg(
		    !accept_batch_get(buf_span(&bytes), &b), "octet %zu", i);
		bytes.p[i] ^= 1;
	}
	ck_assert(accept_batch_get(buf_span(&bytes), &b));
	/* zeros are no batch, and number 0 is none's */
	memset(bytes.p, 0, bytes.n);
	ck_assert(!accept_batch_get(buf_span(&bytes), &b));
	buf_clear(&bytes);
	accept_batch_begin(&bytes);
	accept_batch_end(&bytes, 0, 0);
	ck_assert(!accept_batch_get(buf_span(&bytes), &b));
}
END_TEST

/* Lengths that reach beyond the records. */
static const struct {
	const char *bytes;
	size_t n;
} wrong[] = {
	{ "m", 1 },
	{ "r", 1 },
	{ "r\5abcd", 6 },
	{ "x\1a", 3 },
	{ "m\1a\0\0\0\0\0\0\0\0", 11 },
	{ "m\1a\0\0\0\0\0\0\0\0\0", 12 },
	{ "m\1x\0\0\0\0\0\0\0\0\0a", 13 },
	{ "m\1a\0\1\0\0\0\0\0\0\0a", 13 },
	{ "m\1a\0\0\0\0\0\1\0\0\0a", 13 },
	{ "m\1a\0\xff\xff\xff\xff\2\0\0\0a", 13 },
	{ "m\1a\0\1\0\0\0\xff\xff\xff\xff"
	  "ab",
	    14 },
};

START_TEST(test_wrong_records)
{
	struct span records = span_of(wrong[_i].bytes, wrong[_i].n);
	struct accept_record r;

	ck_assert(!accept_record_next(&records, &r));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, test_there_and_back);
	tcase_add_test(t, test_sizes);
	tcase_add_test(t, test_every_changed_octet_is_seen);
	tcase_add_loop_test(t, test_wrong_records, 0, UNIT_COUNT(wrong));
}

int
main(void)
{
	return unit_main("queue/accept", fill);
}
