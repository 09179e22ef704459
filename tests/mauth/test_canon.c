/* test_canon.c - mauth/canon.h, mauth/passage.h and mauth/tags.h */

#include "mauth/canon.h"

#include <string.h>

#include "mauth/tags.h"
#include "message/header.h"
#include "tests/mauth/stream.h"
#include "tests/unit.h"

static const struct {
	enum canon canon;
	const char *in, *out;
} fields[] = {
	/* RFC 6376, 3.4.5 */
	{ CANON_RELAXED, "A: X\n", "a:X\r\n" },
	{ CANON_RELAXED, "B : Y\t\n\tZ  \n", "b:Y Z\r\n" },
	{ CANON_SIMPLE, "A: X\n", "A: X\r\n" },
	{ CANON_SIMPLE, "B : Y\t\n\tZ  \n", "B : Y\t\r\n\tZ  \r\n" },
	{ CANON_RELAXED, "A:\n", "a:\r\n" },
	{ CANON_RELAXED, "A:  \n \n b", "a:b\r\n" },
	{ CANON_SIMPLE, "A: b", "A: b\r\n" },
};

START_TEST(field)
{
	struct buf out = BUF_EMPTY;

	canon_field(fields[_i].canon, span_str(fields[_i].in), &out);
	ck_assert_str_eq(buf_str(&out), fields[_i].out);
	buf_free(&out);
}
END_TEST

static const struct {
	enum canon canon;
	uint64_t limit;
	const char *in, *out;
} forms[] = {
	/* RFC 6376, 3.4.5 */
	{ CANON_RELAXED, BODIES_WHOLE, " C \nD \t E\n\n\n", " C\r\nD E\r\n" },
	{ CANON_SIMPLE, BODIES_WHOLE, " C \nD \t E\n\n\n",
	    " C \r\nD \t E\r\n" },
	{ CANON_SIMPLE, BODIES_WHOLE, "", "\r\n" },
	{ CANON_RELAXED, BODIES_WHOLE, "", "" },
	{ CANON_SIMPLE, BODIES_WHOLE, "\n\n\n", "\r\n" },
	{ CANON_RELAXED, BODIES_WHOLE, "\n \n\t\n", "" },
	{ CANON_RELAXED, BODIES_WHOLE, "a", "a\r\n" },
	{ CANON_RELAXED, BODIES_WHOLE, "a \n\n b\t\n", "a\r\n\r\n b\r\n" },
	{ CANON_SIMPLE, BODIES_WHOLE, "a\n\n b\n \n", "a\r\n\r\n b\r\n \r\n" },
	{ CANON_RELAXED, 4, "abcdef\n", "abcd" },
	{ CANON_SIMPLE, 0, "abcdef\n", "" },
	{ CANON_SIMPLE, 7, "abcdef\n\nx\n", "abcdef\r" },
};

START_TEST(body)
{
	unsigned char want[SHA256_BYTES];
	struct span in = span_str(forms[_i].in);

	digest_sha256(span_str(forms[_i].out), want);
	for (size_t cut = 0; cut <= in.n; cut++) {
		struct bodies *b = bodies_new();

		ck_assert_int_eq(
		    bodies_want(b, forms[_i].canon, forms[_i].limit), 0);
		bodies_feed(b, span_head(in, cut));
		bodies_feed(b, span_skip(in, cut));
		bodies_end(b);
		ck_assert_msg(
		    memcmp(bodies_digest(b, 0), want, SHA256_BYTES) == 0,
		    "row %d cut at %zu", _i, cut);
		if (forms[_i].limit == BODIES_WHOLE)
			ck_assert_uint_eq(
			    bodies_length(b, 0), strlen(forms[_i].out));
		bodies_free(&b);
	}
}
END_TEST

START_TEST(many_forms)
{
	struct bodies *b = bodies_new();

	for (int i = 0; i < BODIES_MAX; i++)
		ck_assert_int_eq(bodies_want(b, CANON_SIMPLE, (uint64_t)i), i);
	ck_assert_int_eq(bodies_want(b, CANON_RELAXED, 1), -1);
	ck_assert_int_eq(bodies_want(b, CANON_SIMPLE, 3), 3);
	bodies_free(&b);
}
END_TEST

static const struct {
	const char *in, *names, *body;
} messages[] = {
	{ "A: b\nC: d\n e\n\nbody\n\nmore\n", "A C ", "body\n\nmore\n" },
	{ "A: b\nthis is no field\nx\n", "A ", "this is no field\nx\n" },
	{ "A: b\nthis is no field", "A ", "this is no field" },
	{ "hello\n", "", "hello\n" },
	{ "\nhello\n", "", "hello\n" },
	{ "A: b\n", "A ", "" },
	{ "A: b", "A ", "" },
	{ "", "", "" },
	{ "From x Mon\nA: b\n\nc\n", " A ", "c\n" },
	{ "A: b\n\n", "A ", "" },
};

START_TEST(letter)
{
	struct span in = span_str(messages[_i].in);

	for (size_t step = 1; step <= in.n + 1; step++) {
		struct stream s = { .arg = NULL };
		struct buf names = BUF_EMPTY;
		const struct fields *f;

		stream_run(&s, in, step);
		f = passage_fields(s.passage);
		for (size_t i = 0; i < f->count; i++) {
			ck_assert_uint_eq(f->list[i].number, i);
			buf_add_span(&names, f->list[i].name);
			buf_add_byte(&names, ' ');
		}
		ck_assert_str_eq(buf_str(&names), messages[_i].names);
		ck_assert_str_eq(buf_str(&s.body), messages[_i].body);
		ck_assert(!f->cut);
		buf_free(&names);
		stream_done(&s);
	}
}
END_TEST

/* A header above the limits is said to be cut; its body comes all the same. */
START_TEST(limits)
{
	struct buf in = BUF_EMPTY;
	struct stream s = { .arg = NULL };

	for (int i = 0; i < FIELDS_MAX + 1; i++)
		buf_add_str(&in, "A: b\n");
	buf_add_str(&in, "\nbody\n");
	stream_run(&s, buf_span(&in), 1000);
	ck_assert(passage_fields(s.passage)->cut);
	ck_assert_uint_eq(passage_fields(s.passage)->count, FIELDS_MAX);
	ck_assert_str_eq(buf_str(&s.body), "body\n");
	stream_done(&s);
	buf_clear(&in);
	buf_add_str(&in, "A: ");
	for (int i = 0; i < 3 * FIELDS_BYTES_MAX / 10; i++)
		buf_add_str(&in, "0123456789");
	buf_add_str(&in, "\nB: c\n\nbody\n");
	s = (struct stream){ .arg = NULL };
	stream_run(&s, buf_span(&in), 4096);
	ck_assert(passage_fields(s.passage)->cut);
	ck_assert_str_eq(buf_str(&s.body), "body\n");
	ck_assert_uint_eq(passage_fields(s.passage)->list[0].number, 1);
	stream_done(&s);
	buf_free(&in);
}
END_TEST

static const struct {
	const char *text;
	bool good;
	const char *name, *value;
} lists[] = {
	{ "a=b", true, "a", "b" },
	{ "a=b;", true, "a", "b" },
	{ " a = b ; c=d\r\n e ; ", true, "c", "d\r\n e" },
	{ "a=b=c", true, "a", "b=c" },
	{ "a=", true, "a", "" },
	{ "a_1=x", true, "a_1", "x" },
	{ "", false, NULL, NULL },
	{ ";", false, NULL, NULL },
	{ "a=b;;", false, NULL, NULL },
	{ "a=b; a=c", false, NULL, NULL },
	{ "a", false, NULL, NULL },
	{ "=b", false, NULL, NULL },
	{ "1a=b", false, NULL, NULL },
	{ "a=\x01", false, NULL, NULL },
	{ "a b=c", false, NULL, NULL },
};

START_TEST(tags)
{
	struct tags t;
	struct span value;

	ck_assert_msg(
	    tags_parse(span_str(lists[_i].text), &t) == lists[_i].good, "%s",
	    lists[_i].text);
	if (!lists[_i].good)
		return;
	ck_assert(tags_get(&t, lists[_i].name, &value));
	ck_assert(span_is(value, lists[_i].value));
	ck_assert(!tags_get(&t, "zz", &value));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, field, 0, UNIT_COUNT(fields));
	tcase_add_loop_test(t, body, 0, UNIT_COUNT(forms));
	tcase_add_test(t, many_forms);
	tcase_add_loop_test(t, letter, 0, UNIT_COUNT(messages));
	tcase_add_test(t, limits);
	tcase_add_loop_test(t, tags, 0, UNIT_COUNT(lists));
}

int
main(void)
{
	return unit_main("mauth/canon", fill);
}
