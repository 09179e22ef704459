/* test_proto.c - milter/proto.h */

#include "milter/proto.h"

#include "base/buf.h"
#include "tests/unit.h"

/* Bytes with NUL in them. */
#define BYTES(literal) SPAN_INIT(literal)

START_TEST(written)
{
	struct buf out = BUF_EMPTY;
	size_t place = milter_begin(&out, MILTER_HELO);

	milter_put_string(&out, SPAN("a.example"));
	milter_end(&out, place);
	place = milter_begin(&out, MILTER_MAIL);
	/* what would end a string inside does not */
	milter_put_string(&out, SPAN("<a@b>\0SIZE=1"));
	milter_end(&out, place);
	milter_put_connect(&out, SPAN("h"), 4, 0x1234, SPAN("192.0.2.1"));
	milter_put_connect(&out, SPAN("h"), 0, 25, SPAN("192.0.2.1"));
	ck_assert(span_eq(buf_span(&out),
	    SPAN("\0\0\0\x0bHa.example\0"
		 "\0\0\0\x07M<a@b>\0"
		 "\0\0\0\x10"
		 "Ch\0"
		 "4\x12\x34"
		 "192.0.2.1\0"
		 "\0\0\0\x04"
		 "Ch\0U")));
	buf_free(&out);
}
END_TEST

static const struct {
	struct span in;
	enum milter_read got;
	size_t n;
} packets[] = {
	{ BYTES(""), MILTER_MORE, 0 },
	{ BYTES("\0\0\0"), MILTER_MORE, 0 },
	{ BYTES("\0\0\0\1"), MILTER_MORE, 0 },
	{ BYTES("\0\0\0\1c"), MILTER_PACKET, 1 },
	{ BYTES("\0\0\0\1cc"), MILTER_PACKET, 1 },
	{ BYTES("\0\0\0\2bx\0\0"), MILTER_PACKET, 2 },
	{ BYTES("\0\0\0\0"), MILTER_BAD, 0 }, /* no kind */
	{ BYTES("\0\x10\0\0"), MILTER_MORE, 0 }, /* 1 MiB */
	{ BYTES("\0\x10\0\1"), MILTER_BAD, 0 },
	{ BYTES("\xff\xff\xff\xff"), MILTER_BAD, 0 },
	{ BYTES("HTTP/1.1 400"), MILTER_BAD, 0 },
};

START_TEST(next)
{
	struct span packet;

	ck_assert_int_eq(milter_next(packets[_i].in, &packet), packets[_i].got);
	if (packets[_i].got == MILTER_PACKET) {
		ck_assert_uint_eq(packet.n, packets[_i].n);
		ck_assert_ptr_eq(packet.p, packets[_i].in.p + 4);
	}
}
END_TEST

static const struct {
	struct span packet;
	bool good;
	uint32_t index;
	const char *name, *value; /* NULL: empty */
} messages[] = {
	{ BYTES(""), false, 0, NULL, NULL },
	{ BYTES("c"), true, 0, NULL, NULL },
	{ BYTES("z"), false, 0, NULL, NULL },
	{ BYTES("\0"), false, 0, NULL, NULL },
	{ BYTES("+<a@b>\0"), true, 0, "<a@b>", NULL },
	{ BYTES("+<a@b>"), false, 0, NULL, NULL }, /* never ends */
	{ BYTES("2<a@b>\0NOTIFY=NEVER\0"), true, 0, "<a@b>", "NOTIFY=NEVER" },
	{ BYTES("2<a@b>\0NOTIFY"), false, 0, NULL, NULL },
	{ BYTES("e<>\0"), true, 0, "<>", NULL },
	{ BYTES("-\0"), true, 0, NULL, NULL },
	{ BYTES("-"), false, 0, NULL, NULL },
	{ BYTES("y550 no\0"), true, 0, NULL, "550 no" },
	{ BYTES("y550 no"), false, 0, NULL, NULL },
	{ BYTES("qwhy\0"), true, 0, NULL, "why" },
	{ BYTES("bx\0y"), true, 0, NULL, NULL }, /* any bytes: see below */
	{ BYTES("hX-A\0b\0"), true, 0, "X-A", "b" },
	{ BYTES("hX-A\0b"), false, 0, NULL, NULL },
	{ BYTES("hX-A\0"), false, 0, NULL, NULL },
	{ BYTES("hX-A\0b\0c\0"), false, 0, NULL, NULL },
	{ BYTES("i\0\0\0\2X-A\0b\0"), true, 2, "X-A", "b" },
	{ BYTES("m\xff\xff\xff\xffX-A\0\0"), true, UINT32_MAX, "X-A", NULL },
	{ BYTES("m\0\0\0"), false, 0, NULL, NULL },
	{ BYTES("O\0\0\0\6\0\0\1\1\0\0\0\0"), true, 0, NULL, NULL },
	{ BYTES("O\0\0\0\6\0\0\1\1\0\0\0"), false, 0, NULL, NULL },
	{ BYTES("O\0\0\0\6\0\0\0\0\0\0\0\0\0\0\0\1i j\0"), true, 0, NULL,
	    NULL },
	{ BYTES("O\0\0\0\6\0\0\0\0\0\0\0\0\0\0\0\1i j"), false, 0, NULL, NULL },
	{ BYTES("O\0\0\0\6\0\0\0\0\0\0\0\0\0\0\1"), false, 0, NULL, NULL },
};

START_TEST(read)
{
	struct milter_message m;
	bool good = milter_read(messages[_i].packet, &m);

	ck_assert_msg(good == messages[_i].good, "row %d", _i);
	if (!good || messages[_i].packet.p[0] == 'b')
		return;
	ck_assert_uint_eq(m.index, messages[_i].index);
	ck_assert(span_eq(m.name, span_str(messages[_i].name)));
	ck_assert(span_eq(m.value, span_str(messages[_i].value)));
}
END_TEST

/* A packet that is cut anywhere is refused, or another one: never beyond. */
START_TEST(cut)
{
	struct span whole = messages[_i].packet;
	struct milter_message m;

	for (size_t n = 0; n < whole.n; n++) {
		struct buf copy = BUF_EMPTY;

		buf_add_span(&copy, span_head(whole, n));
		if (milter_read(buf_span(&copy), &m))
			ck_assert_uint_le(m.name.n + m.value.n, n);
		buf_free(&copy);
	}
}
END_TEST

START_TEST(options)
{
	struct milter_message m;

	ck_assert(milter_read(SPAN("O\0\0\0\6\0\0\1\1\0\0\4\0"
				   "\0\0\0\1i {x}\0"
				   "\0\0\0\x63old\0"
				   "\0\0\0\6\0"),
	    &m));
	ck_assert_uint_eq(m.options.version, 6);
	ck_assert_uint_eq(m.options.actions, MAY_ADD_HEADER | MAY_SET_MACROS);
	ck_assert_uint_eq(m.options.protocol, WITH_SKIP);
	ck_assert(m.options.has_macros[STAGE_HELO]);
	ck_assert(span_is(m.options.macros[STAGE_HELO], "i {x}"));
	ck_assert(m.options.has_macros[STAGE_HEADER_END]);
	ck_assert(!m.options.has_macros[STAGE_CONNECT]);
	ck_assert(milter_read(SPAN("bx\0y"), &m));
	ck_assert(span_eq(m.value, SPAN("x\0y")));
}
END_TEST

static const struct {
	const char *in;
	int code; /* 0: refused */
	const char *status, *words;
} codes[] = {
	{ "550 5.7.1 no", 550, "5.7.1", "no" },
	{ "550 no", 550, "", "no" },
	{ "451 4.7.1 later ", 451, "4.7.1", "later" },
	{ "421", 421, "", "" },
	{ "550", 550, "", "" },
	{ "550 5.7.1", 550, "5.7.1", "" },
	{ "550-5.7.1 one\r\n550 5.7.1 two", 550, "5.7.1", "one\ntwo" },
	{ "550-one\r\n550-two\r\n550 three\r\n", 550, "", "one\ntwo\nthree" },
	{ "550 50%% of %", 550, "", "50% of %" },
	{ "550 a\tb\x01"
	  "c\rd",
	    550, "", "a b c d" },
	{ "550 5.7.1.9 no", 550, "", "5.7.1.9 no" },
	{ "550 5.7 no", 550, "", "5.7 no" },
	{ "550 5.777777777777.1 no", 550, "", "5.777777777777.1 no" },
	{ "550 4.7.1 no", 0, NULL, NULL }, /* at odds with itself */
	{ "550-one\r\n451 two", 0, NULL, NULL },
	{ "550-one\r\n\r\n", 0, NULL, NULL },
	{ "250 2.0.0 fine", 0, NULL, NULL },
	{ "354 go on", 0, NULL, NULL },
	{ "600 what", 0, NULL, NULL },
	{ "55", 0, NULL, NULL },
	{ "no", 0, NULL, NULL },
	{ "", 0, NULL, NULL },
};

START_TEST(code)
{
	struct milter_code c;
	struct buf words = BUF_EMPTY;
	bool good = milter_read_code(span_str(codes[_i].in), &c, &words);

	ck_assert_msg(good == (codes[_i].code != 0), "%s", codes[_i].in);
	if (good) {
		ck_assert_int_eq(c.code, codes[_i].code);
		ck_assert_str_eq(c.status, codes[_i].status);
		ck_assert_str_eq(buf_str(&words), codes[_i].words);
	}
	buf_free(&words);
}
END_TEST

/* However long it is, what is kept of it is not. */
START_TEST(long_code)
{
	struct buf in = BUF_EMPTY, words = BUF_EMPTY;
	struct milter_code c;

	for (int i = 0; i < 5000; i++)
		buf_add_str(&in, "550-5.7.1 line after line\r\n");
	ck_assert(milter_read_code(buf_span(&in), &c, &words));
	ck_assert_uint_le(words.n, 900);
	buf_free(&in);
	buf_free(&words);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, written);
	tcase_add_loop_test(t, next, 0, UNIT_COUNT(packets));
	tcase_add_loop_test(t, read, 0, UNIT_COUNT(messages));
	tcase_add_loop_test(t, cut, 0, UNIT_COUNT(messages));
	tcase_add_test(t, options);
	tcase_add_loop_test(t, code, 0, UNIT_COUNT(codes));
	tcase_add_test(t, long_code);
}

int
main(void)
{
	return unit_main("milter/proto", fill);
}
