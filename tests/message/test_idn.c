/* test_idn.c - message/idn.h */

#include "message/idn.h"

#include "base/buf.h"
#include "tests/unit.h"

#define BUECHER \
	"b\xc3\xbc" \
	"cher"

static const struct {
	const char *in, *ascii; /* NULL: refused */
} to_ascii[] = {
	{ "", "" },
	{ "Example.COM", "Example.COM" },
	{ "_x.example", "_x.example" },
	{ BUECHER ".example", "xn--bcher-kva.example" },
	{ "B\xc3\x9c"
	  "CHER.example",
	    "xn--bcher-kva.example" },
	{ "bu\xcc\x88"
	  "cher.example",
	    "xn--bcher-kva.example" }, /* not NFC */
	{ "fa\xc3\x9f.example", "xn--fa-hia.example" },
	{ "_x." BUECHER, "_x.xn--bcher-kva" },
	{ BUECHER ".", "xn--bcher-kva." },
	{ "\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88",
	    "xn--r8jz45g.xn--zckzah" },
	{ "\xd9\x85\xd8\xab\xd8\xa7\xd9\x84", "xn--mgbh0fb" },
	/* what comes to ASCII passes for another name */
	{ "\xef\xbd\x85xample.com", NULL },
	{ "\xef\xac\x81.example", NULL }, /* the ligature fi */
	{ "a\xe3\x80\x82"
	  "b\xc3\xbc.example",
	    NULL }, /* a wide dot */
	{ "\xe2\x98\xbaxample.\xff", NULL },
	{ "a\xcc\x80\xcc\x81\xe2\x80\x8b.\xc2\xad", NULL },
	{ "\xd9\x85"
	  "a\xc3\xbc.example",
	    NULL }, /* bidi rule */
	{ "\xc3\xbc\xc0\xaf.example", NULL },
	{ "[\xc3\xbc]", "[\xc3\xbc]" },
	{ "\xc3\xbc-\xc3\xbc", "xn----dhab" },
	{ "-\xc3\xbc", NULL },
};

START_TEST(ascii)
{
	struct buf b = BUF_EMPTY;
	bool good;

	buf_add_str(&b, "x");
	good = idn_to_ascii(&b, span_str(to_ascii[_i].in));
	ck_assert_msg(
	    good == (to_ascii[_i].ascii != NULL), "%d: %s", _i, buf_str(&b));
	ck_assert_str_eq(buf_str(&b) + 1, good ? to_ascii[_i].ascii : "");
	buf_free(&b);
}
END_TEST

static const struct {
	const char *in, *wide;
} to_unicode[] = {
	{ "", "" },
	{ "example.com.", "example.com." },
	{ "xn--bcher-kva.example", BUECHER ".example" },
	{ "XN--BCHER-KVA.example", BUECHER ".example" },
	{ "xn--.example", "xn--.example" },
	{ "xn--a.example", "xn--a.example" }, /* no punycode */
	{ "xn--99999999999.x", "xn--99999999999.x" },
	{ "xn--abc-.x", "xn--abc-.x" }, /* nothing but ASCII in it */
	{ BUECHER ".xn--bcher-kva", BUECHER "." BUECHER },
};

START_TEST(unicode)
{
	struct buf b = BUF_EMPTY;

	idn_to_unicode(&b, span_str(to_unicode[_i].in));
	ck_assert_str_eq(buf_str(&b), to_unicode[_i].wide);
	buf_free(&b);
}
END_TEST

static const struct {
	const char *key, *other; /* NULL: none */
} others[] = {
	{ "a@example.com", NULL },
	{ "user", NULL },
	{ "\xc3\xa9@example.com", NULL },
	{ "a@" BUECHER ".example", "a@xn--bcher-kva.example" },
	{ "\xc3\xa9@xn--bcher-kva.example", "\xc3\xa9@" BUECHER ".example" },
	{ "@" BUECHER, "@xn--bcher-kva" },
	{ ".xn--bcher-kva", "." BUECHER },
	{ "\"a@b\"@xn--bcher-kva", "\"a@b\"@" BUECHER },
	{ "a@xn--a", NULL },
	{ "xn--a", NULL },
	{ "a@\xff.example", NULL },
	{ "*", NULL },
	{ "", NULL },
};

START_TEST(other)
{
	struct buf b = BUF_EMPTY;
	bool good = idn_other_form(&b, span_str(others[_i].key));

	ck_assert_msg(good == (others[_i].other != NULL), "row %d", _i);
	ck_assert_str_eq(buf_str(&b), good ? others[_i].other : "");
	buf_free(&b);
}
END_TEST

START_TEST(address)
{
	struct buf b = BUF_EMPTY;

	ck_assert(idn_address_to_ascii(&b, SPAN("\xc3\xa9@" BUECHER)));
	ck_assert_str_eq(buf_str(&b), "\xc3\xa9@xn--bcher-kva");
	ck_assert(!idn_address_to_ascii(&b, SPAN("a@\xff")));
	ck_assert_str_eq(buf_str(&b), "\xc3\xa9@xn--bcher-kva");
	buf_clear(&b);
	ck_assert(idn_address_to_ascii(&b, SPAN("\xc3\xa9")));
	ck_assert_str_eq(buf_str(&b), "\xc3\xa9");
	buf_free(&b);
}
END_TEST

/* Names that are too long, in either form. */
START_TEST(limits)
{
	struct buf name = BUF_EMPTY, out = BUF_EMPTY;

	for (int i = 0; i < 70; i++)
		buf_add_str(&name, "\xc3\xbc");
	ck_assert(!idn_to_ascii(&out, buf_span(&name)));
	buf_clear(&name);
	for (int i = 0; i < 41; i++)
		buf_add_str(&name, "\xc3\xbc\xc3\xa9.");
	buf_add_str(&name, "de");
	ck_assert_uint_le(name.n, 255);
	ck_assert(!idn_to_ascii(&out, buf_span(&name)));
	ck_assert_uint_eq(out.n, 0);
	buf_free(&name);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, ascii, 0, UNIT_COUNT(to_ascii));
	tcase_add_loop_test(t, unicode, 0, UNIT_COUNT(to_unicode));
	tcase_add_loop_test(t, other, 0, UNIT_COUNT(others));
	tcase_add_test(t, address);
	tcase_add_test(t, limits);
}

int
main(void)
{
	return unit_main("message/idn", fill);
}
