/* test_header.c - message/header.h */

#include "message/header.h"

#include <inttypes.h>

#include "base/arena.h"
#include "tests/unit.h"

#define B(literal) \
	{ \
		"" literal, sizeof(literal) - 1 \
	}

/* told: "name=value;" of each field as it stands; body: where it begins. */
static const struct {
	const char *in, *told;
	size_t body;
} rows[] = {
	{ "", "", 0 },
	{ "\n", "", 1 },
	{ "\r\n", "", 2 },
	{ "A: b\n\nbody", "A= b;", 6 },
	{ "A: b\r\n\r\nbody", "A= b;", 8 },
	{ "A: b\n c\n\td\nE:f\n\n", "A= b\n c\n\td;E=f;", 16 },
	{ "A: b\r\n c\r\n\r\nx", "A= b\r\n c;", 12 },
	{ "A : b\n\n", "A= b;", 7 },
	{ "A:\n\n", "A=;", 4 },
	{ "A: b", "A= b;", 4 },
	{ "A: b\n", "A= b;", 5 },
	{ "A: b\n \n c\n\nx", "A= b\n \n c;", 11 },
	{ "junk\nA: b\n\n", "=junk;A= b;", 11 },
	{ " x\nA: b\n\n", "= x;A= b;", 9 },
	{ "a b: c\n\n", "=a b: c;", 8 },
	{ "\xc3\xa9: c\n\n", "=\xc3\xa9: c;", 7 },
	{ ": c\n\n", "=: c;", 5 },
	{ "From x Thu Jan  1 00:00:00 2026\nA: b\n\n",
	    "=From x Thu Jan  1 00:00:00 2026;A= b;", 38 },
	{ "A: b\n\r\nx", "A= b;", 7 },
	{ "A: b\r\n\nx", "A= b;", 7 },
	{ "A: b\r\r\n\r\n", "A= b\r;", 9 },
};

START_TEST(walk)
{
	struct span in = span_str(rows[_i].in), rest = in;
	struct header_field f;
	struct buf told = BUF_EMPTY;
	size_t all = 0;

	while (header_next(&rest, &f)) {
		buf_add_span(&told, f.name);
		buf_add_byte(&told, '=');
		buf_add_span(&told, f.value);
		buf_add_byte(&told, ';');
		ck_assert_ptr_eq(f.all.p, in.p + all);
		all += f.all.n;
	}
	ck_assert_msg(span_is(buf_span(&told), rows[_i].told), "\"%s\": %s",
	    rows[_i].in, buf_str(&told));
	ck_assert_uint_eq(in.n - rest.n, rows[_i].body);
	ck_assert_uint_eq(header_end(in), rows[_i].body);
	buf_free(&told);
}
END_TEST

START_TEST(find)
{
	struct span m = SPAN("A: 1\nSubject: x\na: 2\n\nSubject: y\n");
	struct header_field f;

	ck_assert(header_find(m, "subject", &f) && span_is(f.value, " x"));
	ck_assert(!header_find(m, "To", &f));
	ck_assert_uint_eq(header_count(m, "A"), 2);
	ck_assert_uint_eq(header_count(m, "subject"), 1);
}
END_TEST

START_TEST(list_keeps_a_thousand)
{
	struct arena *a = arena_new();
	struct buf b = BUF_EMPTY;
	struct header_list l;
	size_t at = 0;

	for (int i = 0; i < HEADER_FIELDS_MAX; i++)
		buf_printf(&b, "A%d: x\n", i);
	header_list_parse(a, buf_span(&b), &l);
	ck_assert(!l.cut);
	buf_add_str(&b, "B: y\n\nbody");
	header_list_parse(a, buf_span(&b), &l);
	ck_assert(l.cut);
	ck_assert_uint_eq(l.count, HEADER_FIELDS_MAX);
	ck_assert_uint_eq(l.body_at, b.n - 4);
	ck_assert_ptr_nonnull(header_list_find(&l, "a999", &at));
	ck_assert_uint_eq(at, 1000);
	ck_assert_ptr_null(header_list_find(&l, "a999", &at));
	buf_clear(&b);
	buf_add_str(&b, "A: ");
	while (b.n <= HEADER_BYTES_MAX)
		buf_add_str(&b, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n ");
	buf_add_str(&b, "\nB: c\n\n");
	header_list_parse(a, buf_span(&b), &l);
	ck_assert(l.cut);
	ck_assert_uint_eq(l.count, 0);
	ck_assert_uint_eq(l.body_at, b.n);
	buf_free(&b);
	arena_free(&a);
}
END_TEST

static const struct {
	struct span in;
	const char *out;
} folds[] = {
	{ B(" a"), "a" },
	{ B(" a\n b"), "a b" },
	{ B("a\r\n\tb\r\n"), "a\tb" },
	{ B("a\r\n \r\n  b"), "a   b" },
	{ B("a\rb\nc\0d"), "a b c d" },
	{ B(""), "" },
	{ B("a\r\r\n b"), "a  b" },
};

START_TEST(unfold)
{
	struct buf b = BUF_EMPTY;

	header_unfold(&b, folds[_i].in);
	ck_assert_str_eq(buf_str(&b), folds[_i].out);
	buf_free(&b);
}
END_TEST

/* A scanner's story: "offset+length name=value;". */
static void
tell_field(void *arg, const struct header_scanned *s)
{
	struct buf *told = arg;

	buf_printf(told, "%" PRIu64 "+%" PRIu64 "%s ", s->offset, s->length,
	    s->cut ? " cut" : "");
	buf_add_span(told, s->field.name);
	buf_add_byte(told, '=');
	buf_add_span(told, span_head(s->field.value, 20));
	buf_add_byte(told, ';');
}

static const struct {
	const char *in, *told;
	uint64_t header, body;
	bool ended, blank;
} scans[] = {
	{ "", "", 0, 0, true, false },
	{ "\nx", "", 0, 1, true, true },
	{ "\r\nx", "", 0, 2, true, true },
	{ "A: b\n\nx", "0+5 A= b;", 5, 6, true, true },
	{ "A: b\r\n\r\nx", "0+6 A= b;", 6, 8, true, true },
	{ "A: b\n c\nD: e\n\nx", "0+8 A= b\n c;8+5 D= e;", 13, 14, true, true },
	{ "A: b\njunk\nC: d\n\n", "0+5 A= b;", 5, 5, true, false },
	{ "hello\n\nA: b\n", "", 0, 0, true, false },
	{ "A: b\n: c\n", "0+5 A= b;", 5, 5, true, false },
	{ "A: b\n\rC: d\n", "0+5 A= b;", 5, 5, true, false },
	{ "A: b", "0+4 A= b;", 4, 4, true, false },
	{ "A: b\n", "0+5 A= b;", 5, 5, true, false },
	{ "A: b\nC", "0+5 A= b;", 5, 5, true, false },
	{ "A: b\n\r", "0+5 A= b;", 5, 5, true, false },
	{ "From x Thu Jan  1 00:00:00 2026\nA: b\n\n",
	    "0+32 =From x Thu Jan  1 00;32+5 A= b;", 37, 38, true, true },
	{ "A: b\nFrom x\n\n", "0+5 A= b;", 5, 5, true, false },
	{ " A: b\n\n", "", 0, 0, true, false },
	{ "A : b\n\n", "0+6 A= b;", 6, 7, true, true },
};

START_TEST(scan_cut)
{
	struct span in = span_str(scans[_i].in);

	for (size_t cut = 0; cut <= in.n; cut++) {
		struct buf told = BUF_EMPTY;
		struct header_scan *s = header_scan_new(0, tell_field, &told);
		const struct header_facts *f = header_scan_facts(s);

		header_scan_feed(s, in.p, cut);
		header_scan_feed(s, in.p + cut, in.n - cut);
		header_scan_finish(s);
		ck_assert_msg(span_is(buf_span(&told), scans[_i].told) &&
			f->header_bytes == scans[_i].header &&
			f->body_at == scans[_i].body &&
			f->ended == scans[_i].ended &&
			f->blank == scans[_i].blank,
		    "\"%s\" cut at %zu: %s header %" PRIu64 " body %" PRIu64,
		    scans[_i].in, cut, buf_str(&told), f->header_bytes,
		    f->body_at);
		buf_free(&told);
		header_scan_free(&s);
	}
}
END_TEST

START_TEST(scan_facts)
{
	struct span in = SPAN("Received: a\nReceived: b\nDelivered-To: c\n"
			      "From: x@y\nfrom: z@y\nMessage-ID:\n <1@x>\n"
			      "Message-Id: <2@x>\nSubject: a\x1b\tb\n"
			      "Resent-To: q\nX: \xc3\xa9\n\nDate: no\n");
	struct header_scan *s = header_scan_new(1000, NULL, NULL);
	const struct header_facts *f = header_scan_facts(s);

	for (size_t i = 0; i < in.n; i++)
		header_scan_feed(s, in.p + i, 1);
	ck_assert(f->ended && f->blank && f->non_ascii && !f->nul);
	ck_assert_uint_eq(f->seen,
	    HEADER_FROM | HEADER_MESSAGE_ID | HEADER_SUBJECT | HEADER_RESENT);
	ck_assert_uint_eq(f->received, 2);
	ck_assert_uint_eq(f->delivered_to, 1);
	ck_assert_uint_eq(f->from_count, 2);
	ck_assert_uint_eq(f->fields, 10);
	ck_assert(span_is(buf_span(&f->message_id), "<1@x>"));
	ck_assert(span_is(buf_span(&f->subject), "a  b"));
	header_scan_free(&s);
}
END_TEST

START_TEST(scan_junk_facts)
{
	struct header_scan *s = header_scan_new(1000, NULL, NULL);
	const struct header_facts *f = header_scan_facts(s);

	ck_assert(header_scan_feed(s, "A: b\n", 5));
	ck_assert(!header_scan_feed(s, "\xc3\xa9 \0\n", 5));
	ck_assert(!f->non_ascii && !f->nul);
	header_scan_free(&s);
}
END_TEST

/* A field beyond the limit is counted, not kept. */
START_TEST(scan_long_field)
{
	struct buf told = BUF_EMPTY, in = BUF_EMPTY;
	struct header_scan *s = header_scan_new(1000, tell_field, &told);

	buf_add_str(&in, "A: ");
	while (in.n < 100000)
		buf_add_str(&in, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n ");
	buf_add_str(&in, "\nB: c\n\n");
	header_scan_feed(s, in.p, in.n);
	ck_assert_str_eq(buf_str(&told),
	    "0+100004 cut A= xxxxxxxxxxxxxxxxxxx;100004+5 B= c;");
	header_scan_free(&s);
	buf_clear(&in);
	buf_clear(&told);
	s = header_scan_new(0, tell_field, &told);
	for (int i = 0; i < 999; i++)
		buf_add_byte(&in, 'x');
	buf_add_str(&in, ": y\n");
	header_scan_feed(s, in.p, in.n);
	ck_assert(!header_scan_facts(s)->ended);
	header_scan_free(&s);
	s = header_scan_new(0, tell_field, &told);
	header_scan_feed(s, "x", 1);
	header_scan_feed(s, in.p, in.n);
	ck_assert(header_scan_facts(s)->ended);
	header_scan_free(&s);
	buf_free(&in);
	buf_free(&told);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, walk, 0, UNIT_COUNT(rows));
	tcase_add_test(t, find);
	tcase_add_test(t, list_keeps_a_thousand);
	tcase_add_loop_test(t, unfold, 0, UNIT_COUNT(folds));
	tcase_add_loop_test(t, scan_cut, 0, UNIT_COUNT(scans));
	tcase_add_test(t, scan_facts);
	tcase_add_test(t, scan_junk_facts);
	tcase_add_test(t, scan_long_field);
}

int
main(void)
{
	return unit_main("message/header", fill);
}
