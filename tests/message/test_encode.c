/* test_encode.c - message/encode.h */

#include "message/encode.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "tests/unit.h"

static const struct {
	enum encode_kind kind;
	const char *in, *out;
	bool fine;
} bodies[] = {
	{ ENCODE_QP, "a=3Db", "a=b", true },
	{ ENCODE_QP, "a=3db=e9", "a=b\xe9", true },
	{ ENCODE_QP, "a=\nb", "ab", true },
	{ ENCODE_QP, "a=\r\nb", "ab", true },
	{ ENCODE_QP, "a= \t\r\nb", "ab", true },
	{ ENCODE_QP, "a  \t\nb", "a\nb", true },
	{ ENCODE_QP, "a  \r\nb", "a\r\nb", true },
	{ ENCODE_QP, "a =\nb", "a b", true },
	{ ENCODE_QP, "a =20\nb", "a  \nb", true },
	{ ENCODE_QP, "a=", "a", true },
	{ ENCODE_QP, "a=4", "a=4", false },
	{ ENCODE_QP, "a=zb", "a=zb", false },
	{ ENCODE_QP, "a=4zb", "a=4zb", false },
	{ ENCODE_QP, "a==41", "a=A", false },
	{ ENCODE_QP, "a= b", "a= b", false },
	{ ENCODE_QP, "a=\rb", "a=\rb", false },
	{ ENCODE_QP, "a  ", "a", true },
	{ ENCODE_QP, "\xc3\xa9", "\xc3\xa9", true },
	{ ENCODE_BASE64, "aGVsbG8=", "hello", true },
	{ ENCODE_BASE64, "aGVs\r\nbG8=\r\n", "hello", true },
	{ ENCODE_BASE64, "aGVsbG8", "hello", true },
	{ ENCODE_BASE64, "aGV!sbG8=", "hello", false },
	{ ENCODE_BASE64, "aGVsbA==bG8=", "helllo", false },
	{ ENCODE_BASE64, "aGVsbG8=a", "hello", false },
	{ ENCODE_BASE64, "a", "", false },
	{ ENCODE_BASE64, "", "", true },
	{ ENCODE_7BIT, "a=41\r\n", "a=41\r\n", true },
	{ ENCODE_UNKNOWN, "a=41", "a=41", true },
};

START_TEST(decode_cut)
{
	struct span in = span_str(bodies[_i].in);

	for (size_t cut = 0; cut <= in.n; cut++) {
		struct buf out = BUF_EMPTY;
		struct decode d;

		decode_init(&d, bodies[_i].kind);
		decode_feed(&d, span_head(in, cut), &out);
		decode_feed(&d, span_skip(in, cut), &out);
		decode_finish(&d, &out);
		ck_assert_msg(span_is(buf_span(&out), bodies[_i].out) &&
			d.damaged != bodies[_i].fine,
		    "\"%s\" cut at %zu: \"%s\"", bodies[_i].in, cut,
		    buf_str(&out));
		buf_free(&out);
	}
}
END_TEST

START_TEST(kinds)
{
	ck_assert_int_eq(encode_kind_of(SPAN("")), ENCODE_7BIT);
	ck_assert_int_eq(encode_kind_of(SPAN(" Base64 ")), ENCODE_BASE64);
	ck_assert_int_eq(encode_kind_of(SPAN("QUOTED-PRINTABLE")), ENCODE_QP);
	ck_assert_int_eq(encode_kind_of(SPAN("x-uuencode")), ENCODE_UNKNOWN);
}
END_TEST

static const struct {
	const char *in, *out;
} qps[] = {
	{ "", "" },
	{ "a\n", "a\n" },
	{ "a\r\nb\r\n", "a\nb\n" },
	{ "a", "a=\n" },
	{ "a=b\n", "a=3Db\n" },
	{ "a \nb\t\n", "a=20\nb=09\n" },
	{ "a\tb\n", "a\tb\n" },
	{ "\xc3\xa9\n", "=C3=A9\n" },
	{ "From me\n", "=46rom me\n" },
	{ "From: x\n", "From: x\n" },
	{ ".\n..\n", "=2E\n=2E.\n" },
	{ "a\rb\n", "a=0Db\n" },
};

START_TEST(qp_encode)
{
	struct buf b = BUF_EMPTY;

	encode_qp(&b, span_str(qps[_i].in));
	ck_assert_str_eq(buf_str(&b), qps[_i].out);
	buf_free(&b);
}
END_TEST

static void
check_lines(struct span s, size_t max)
{
	struct span line;

	while (span_line(&s, &line))
		ck_assert_uint_le(line.n, max);
}

/* Random bytes, mostly of those that matter here. */
static void
random_bytes(struct buf *b, size_t n, uint32_t *seed)
{
	static const char some[] = "  \t=.From \nabcdefgh\xc3\xa9?_";

	buf_clear(b);
	while (b->n < n) {
		*seed = *seed * 1103515245 + 12345;
		buf_add_byte(b,
		    *seed >> 28 == 0
			? (char)(*seed >> 8)
			: some[(*seed >> 16) % (sizeof(some) - 1)]);
	}
}

START_TEST(there_and_back)
{
	struct buf in = BUF_EMPTY, coded = BUF_EMPTY, again = BUF_EMPTY;
	uint32_t seed = 7;

	for (size_t n = 0; n < 400; n++) {
		random_bytes(&in, n, &seed);
		buf_clear(&coded);
		buf_clear(&again);
		encode_base64_body(&coded, buf_span(&in));
		check_lines(buf_span(&coded), 76);
		ck_assert(decode_body(&again, buf_span(&coded), ENCODE_BASE64));
		ck_assert(span_eq(buf_span(&again), buf_span(&in)));
		buf_clear(&coded);
		buf_clear(&again);
		for (size_t i = 1; i < in.n; i++)
			if (in.p[i] == '\n' && in.p[i - 1] == '\r')
				in.p[i] = 'x';
		encode_qp(&coded, buf_span(&in));
		check_lines(buf_span(&coded), 76);
		ck_assert(decode_body(&again, buf_span(&coded), ENCODE_QP));
		ck_assert(span_eq(buf_span(&again), buf_span(&in)));
	}
	buf_free(&in);
	buf_free(&coded);
	buf_free(&again);
}
END_TEST

START_TEST(crlf)
{
	struct buf b = BUF_EMPTY;

	encode_crlf(&b, SPAN("a\nb\r\n\nc"));
	ck_assert_str_eq(buf_str(&b), "a\r\nb\r\n\r\nc");
	buf_free(&b);
}
END_TEST

static const struct {
	const char *in, *out;
} words[] = {
	{ "plain", "plain" },
	{ "=?utf-8?q?=C3=A9?=", "\xc3\xa9" },
	{ "=?UTF-8?B?w6k=?=", "\xc3\xa9" },
	{ "=?iso-8859-1?Q?a_b=E9?= c", "a b\xc3\xa9 c" },
	{ "=?iso-8859-1*fr?Q?=E9?=", "\xc3\xa9" },
	{ "a =?utf-8?q?b?= =?utf-8?q?c?= d", "a bc d" },
	{ "=?utf-8?q?b?=\r\n =?iso-8859-1?q?c?=", "bc" },
	{ "=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "\xc3\xa9" },
	{ "=?utf-8?b?w6?= =?utf-8?b?k=?=", "\xef\xbf\xbd" },
	{ "=?utf-8?q?a?=b", "ab" },
	{ "(=?utf-8?q?a?=)", "(a)" },
	{ "=?utf-8?q?a", "=?utf-8?q?a" },
	{ "=?utf-8?x?a?=", "=?utf-8?x?a?=" },
	{ "=??q?a?=", "=??q?a?=" },
	{ "=?utf-8?q?a?b?=", "=?utf-8?q?a?b?=" },
	{ "=?=?utf-8?q?a?=", "=?a" },
	{ "=?utf-8?q?a b?=", "a b" },
	{ "=?utf-8?q?=0D=0ABcc:_x?=", " Bcc: x" },
	{ "=?utf-8?q?a=00b=1Bc?=", "a b c" },
	{ "\xe9t\xe9", "\xc3\xa9t\xc3\xa9" },
	{ "a\r\n b", "a b" },
	{ "=?x-none?q?=E9?=", "\xc3\xa9" },
	{ "=?iso-2022-jp?B?GyRCJCIbKEI=?=", "\xe3\x81\x82" },
	{ "=?utf-8?q?"
	  "?= x",
	    " x" },
};

START_TEST(words_decode)
{
	struct buf b = BUF_EMPTY;

	encode_words_decode(&b, span_str(words[_i].in));
	ck_assert_msg(span_is(buf_span(&b), words[_i].out), "\"%s\": \"%s\"",
	    words[_i].in, buf_str(&b));
	buf_free(&b);
}
END_TEST

static const struct {
	const char *in, *out;
} makes[] = {
	{ "plain words", "plain words" },
	{ "h\xc3\xa9", "=?UTF-8?B?aMOp?=" },
	{ "a h\xc3\xa9llo b", "a =?UTF-8?Q?h=C3=A9llo?= b" },
	{ "a h\xc3\xa9lloooo b", "a =?UTF-8?Q?h=C3=A9lloooo?= b" },
	{ "\xc3\xa9 \xc3\xa8", "=?UTF-8?B?w6kgw6g=?=" },
	{ "a =?x?q?b?=", "a =?UTF-8?B?PT94P3E/Yj89?=" },
	{ "a\r\nBcc: x", "a  Bcc: x" },
	{ "", "" },
	{ "  ", "" },
	{ "\xff", "=?UTF-8?B?77+9?=" },
	{ "(a) \"b\"", "(a) \"b\"" },
};

START_TEST(words_encode)
{
	struct buf b = BUF_EMPTY;

	encode_words(&b, span_str(makes[_i].in), 9);
	ck_assert_msg(span_is(buf_span(&b), makes[_i].out), "\"%s\": \"%s\"",
	    makes[_i].in, buf_str(&b));
	buf_free(&b);
}
END_TEST

static const struct {
	const char *in, *out;
} phrases[] = {
	{ "John Doe", "John Doe" },
	{ "Doe, John", "\"Doe, John\"" },
	{ "J. \"x\" \\", "\"J. \\\"x\\\" \\\\\"" },
	{ "J\xc3\xa9", "=?UTF-8?B?SsOp?=" },
	{ "Jacques \xc3\xa9, <a@b>", "=?UTF-8?B?SmFjcXVlcyDDqSwgPGFAYj4=?=" },
	{ "Jacqueline \xc3\xa9, a", "=?UTF-8?Q?Jacqueline_=C3=A9=2C_a?=" },
	{ "=?x?q?y?=", "=?UTF-8?B?PT94P3E/eT89?=" },
	{ "a\nb", "a b" },
	{ "", "" },
};

START_TEST(phrase)
{
	struct buf b = BUF_EMPTY;

	encode_phrase(&b, span_str(phrases[_i].in), 4);
	ck_assert_msg(span_is(buf_span(&b), phrases[_i].out), "\"%s\": \"%s\"",
	    phrases[_i].in, buf_str(&b));
	buf_free(&b);
}
END_TEST

/* Long texts fold to 76 and come back the same. */
START_TEST(words_there_and_back)
{
	static const char *const bits[] = { "word ", "w\xc3\xb6rd ", "\xc3\xa9",
		"\xf0\x9f\x98\x80", "averyveryverylongwordwithoutblanks", "=?",
		"\xe3\x81\x82 ", "a  b " };
	uint32_t seed = 3;

	for (int round = 0; round < 500; round++) {
		struct buf in = BUF_EMPTY, out = BUF_EMPTY, back = BUF_EMPTY;
		size_t column = (size_t)round % 60;

		for (int i = 0; i < 1 + round % 40; i++) {
			seed = seed * 1103515245 + 12345;
			buf_add_str(&in, bits[(seed >> 16) % UNIT_COUNT(bits)]);
		}
		encode_words(&out, buf_span(&in), column);
		ck_assert(span_search(buf_span(&out), SPAN("\n\n")) == out.n);
		encode_words_decode(&back, buf_span(&out));
		ck_assert_msg(span_eq(span_trim(buf_span(&in)),
				  span_trim(buf_span(&back))),
		    "\"%s\" \"%s\"", buf_str(&in), buf_str(&out));
		buf_free(&in);
		buf_free(&out);
		buf_free(&back);
	}
}
END_TEST

START_TEST(words_fold)
{
	struct buf in = BUF_EMPTY, out = BUF_EMPTY;

	for (int i = 0; i < 60; i++)
		buf_add_str(&in, i % 3 == 0 ? "\xc3\xa9t\xc3\xa9 " : "word ");
	encode_words(&out, buf_span(&in), 70);
	ck_assert(!span_starts(buf_span(&out), "=?"));
	check_lines(buf_span(&out), 76);
	buf_free(&in);
	buf_free(&out);
}
END_TEST

/* name: what is asked for; NULL out: there is none. */
static const struct {
	const char *in, *name, *out;
} params[] = {
	{ "; charset=utf-8", "charset", "utf-8" },
	{ ";charset=\"utf-8\" ; x=y", "X", "y" },
	{ "; CharSet = utf-8 (comment; x=z) ; x=y", "x", "y" },
	{ "; boundary=\"a;b \\\"c\\\"\"", "boundary", "a;b \"c\"" },
	{ "; boundary=a=b", "boundary", "a=b" },
	{ "; name=my file.pdf; x=y", "name", "my file.pdf" },
	{ "; filename*=utf-8''%c3%a9%20x", "filename", "\xc3\xa9 x" },
	{ "; filename=\"a\"; filename*=utf-8'fr'%c3%a9", "filename",
	    "\xc3\xa9" },
	{ "; filename*=utf-8'fr'%c3%a9; filename=a", "filename", "\xc3\xa9" },
	{ "; filename*0=\"a b\"; filename*1=c", "filename", "a bc" },
	{ "; filename*1*=%c3%a9; filename*0*=iso-8859-1''%e9;filename*2=z",
	    "filename", "\xc3\xa9\xc3\x83\xc2\xa9z" },
	{ "; filename*0*=utf-8''%c3; filename*1*=%a9", "filename", "\xc3\xa9" },
	{ "; filename*1=b; filename*2=c", "filename", NULL },
	{ "; filename*0=a; filename*2=c", "filename", "a" },
	{ "; filename=\"=?utf-8?q?=C3=A9?=.pdf\"", "filename", "\xc3\xa9.pdf" },
	{ "; filename=\"\xe9.pdf\"", "filename", "\xc3\xa9.pdf" },
	{ "; filename*=no-quotes%41", "filename", "no-quotesA" },
	{ "; x=\"never ends", "x", "never ends" },
	{ "; x=\"a\r\n b\"", "x", "a b" },
	{ "; x=\"a\"junk; y=b", "y", "b" },
	{ "; =a; x; y=b", "y", "b" },
	{ "; x=", "x", "" },
	{ "; x=y", "z", NULL },
	{ "; xy=a", "x", NULL },
	{ "; x*=utf-8''a%0d%0ab", "x", "a  b" },
	{ "x=y", "x", "y" },
	{ "", "x", NULL },
};

START_TEST(param_get)
{
	struct arena *a = arena_new();
	struct encode_params l;
	struct buf b = BUF_EMPTY;
	bool found;

	encode_params_parse(a, span_str(params[_i].in), &l);
	found = encode_param_get(&l, params[_i].name, &b);
	ck_assert_msg(found == (params[_i].out != NULL) &&
		span_is(buf_span(&b), found ? params[_i].out : ""),
	    "\"%s\": \"%s\"", params[_i].in, buf_str(&b));
	buf_free(&b);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *value, *out;
} adds[] = {
	{ "utf-8", "; n=utf-8" },
	{ "a b", "; n=\"a b\"" },
	{ "a\"b\\c", "; n=\"a\\\"b\\\\c\"" },
	{ "", "; n=\"\"" },
	{ "\xc3\xa9 x.pdf", "; n*=utf-8''%C3%A9%20x.pdf" },
	{ "a\r\nX: y", "; n=\"a  X: y\"" },
};

START_TEST(param_add)
{
	struct buf b = BUF_EMPTY;
	size_t column = 20;

	encode_param_add(&b, "n", span_str(adds[_i].value), &column);
	ck_assert_str_eq(buf_str(&b), adds[_i].out);
	ck_assert_uint_eq(column, 20 + b.n);
	buf_free(&b);
}
END_TEST

START_TEST(params_there_and_back)
{
	uint32_t seed = 5;

	for (size_t n = 0; n < 700; n += 3) {
		struct arena *a = arena_new();
		struct buf in = BUF_EMPTY, out = BUF_EMPTY, back = BUF_EMPTY;
		struct encode_params l;
		size_t column = 70;

		while (in.n < n) {
			seed = seed * 1103515245 + 12345;
			utf8_add(&in, ' ' + (seed >> 16) % (n % 2 ? 95 : 300));
			if (in.p[in.n - 1] == 127 ||
			    (unsigned char)in.p[in.n - 1] < ' ')
				in.p[in.n - 1] = 'x';
		}
		encode_param_add(&out, "filename", buf_span(&in), &column);
		encode_params_parse(a, buf_span(&out), &l);
		ck_assert(encode_param_get(&l, "filename", &back));
		ck_assert_msg(span_eq(buf_span(&in), buf_span(&back)), "%s",
		    buf_str(&out));
		buf_free(&in);
		buf_free(&out);
		buf_free(&back);
		arena_free(&a);
	}
}
END_TEST

START_TEST(param_limits)
{
	struct arena *a = arena_new();
	struct buf b = BUF_EMPTY, out = BUF_EMPTY;
	struct encode_params l;

	for (int i = 0; i < ENCODE_PARAMS_MAX; i++)
		buf_printf(&b, ";p%d=x", i);
	encode_params_parse(a, buf_span(&b), &l);
	ck_assert(l.count == ENCODE_PARAMS_MAX && !l.cut);
	buf_add_str(&b, ";q=x");
	encode_params_parse(a, buf_span(&b), &l);
	ck_assert(l.count == ENCODE_PARAMS_MAX && l.cut);
	buf_clear(&b);
	buf_add_str(&b, ";x*=utf-8''");
	for (int i = 0; i < ENCODE_PARAM_BYTES_MAX; i++)
		buf_add_str(&b, "%c3%a9");
	encode_params_parse(a, buf_span(&b), &l);
	ck_assert(encode_param_get(&l, "x", &out));
	ck_assert_uint_le(out.n, ENCODE_PARAM_BYTES_MAX);
	ck_assert(utf8_valid(buf_span(&out)));
	buf_free(&b);
	buf_free(&out);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, decode_cut, 0, UNIT_COUNT(bodies));
	tcase_add_test(t, kinds);
	tcase_add_loop_test(t, qp_encode, 0, UNIT_COUNT(qps));
	tcase_add_test(t, there_and_back);
	tcase_add_test(t, crlf);
	tcase_add_loop_test(t, words_decode, 0, UNIT_COUNT(words));
	tcase_add_loop_test(t, words_encode, 0, UNIT_COUNT(makes));
	tcase_add_loop_test(t, phrase, 0, UNIT_COUNT(phrases));
	tcase_add_test(t, words_there_and_back);
	tcase_add_test(t, words_fold);
	tcase_add_loop_test(t, param_get, 0, UNIT_COUNT(params));
	tcase_add_loop_test(t, param_add, 0, UNIT_COUNT(adds));
	tcase_add_test(t, params_there_and_back);
	tcase_add_test(t, param_limits);
}

int
main(void)
{
	return unit_main("message/encode", fill);
}
