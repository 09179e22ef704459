/* test_proxy_header.c - the PROXY protocol */

#include "wire/proxy_header.h"

#include "base/buf.h"
#include "tests/unit.h"

#define MARK "\r\n\r\n\0\r\nQUIT\n"
#define RAW(literal) \
	{ \
		literal, sizeof(literal) - 1 \
	}

static const struct {
	struct span in;
	enum proxy_result result;
	const char *from; /* NULL: unknown */
	unsigned from_port;
	const char *to;
	unsigned to_port;
	size_t behind; /* octets that are no header */
} rows[] = {
	{ RAW("PROXY TCP4 192.0.2.1 198.51.100.2 1234 25\r\n"), PROXY_OK,
	    "192.0.2.1", 1234, "198.51.100.2", 25, 0 },
	{ RAW("PROXY TCP6 2001:db8::1 2001:db8::2 65535 0\r\nEHLO x\r\n"),
	    PROXY_OK, "2001:db8::1", 65535, "2001:db8::2", 0, 8 },
	{ RAW("PROXY UNKNOWN\r\n"), PROXY_OK, NULL, 0, NULL, 0, 0 },
	{ RAW("PROXY UNKNOWN ff:ff x 1 2\r\nx"), PROXY_OK, NULL, 0, NULL, 0,
	    1 },
	{ RAW("PROXY TCP4 192.0.2.1 198.51.100.2 1234 25\n"), PROXY_BAD, NULL,
	    0, NULL, 0, 0 },
	{ RAW("PROXY TCP4 192.0.2.1 198.51.100.2 1234\r\n"), PROXY_BAD, NULL, 0,
	    NULL, 0, 0 },
	{ RAW("PROXY TCP4 192.0.2.1 198.51.100.2 1234 25 6\r\n"), PROXY_BAD,
	    NULL, 0, NULL, 0, 0 },
	{ RAW("PROXY TCP4 192.0.2.1 198.51.100.2 65536 25\r\n"), PROXY_BAD,
	    NULL, 0, NULL, 0, 0 },
	{ RAW("PROXY TCP4 192.0.2.1 198.51.100.2 01 25\r\n"), PROXY_BAD, NULL,
	    0, NULL, 0, 0 },
	{ RAW("PROXY TCP4 2001:db8::1 198.51.100.2 1 25\r\n"), PROXY_BAD, NULL,
	    0, NULL, 0, 0 },
	{ RAW("PROXY TCP6 192.0.2.1 2001:db8::2 1 25\r\n"), PROXY_BAD, NULL, 0,
	    NULL, 0, 0 },
	{ RAW("PROXY TCP4 192.0.2.1 198.51.100.02x 1 25\r\n"), PROXY_BAD, NULL,
	    0, NULL, 0, 0 },
	{ RAW("PROXY UDP4 192.0.2.1 198.51.100.2 1 25\r\n"), PROXY_BAD, NULL, 0,
	    NULL, 0, 0 },
	{ RAW("EHLO x\r\n"), PROXY_BAD, NULL, 0, NULL, 0, 0 },
	{ RAW(MARK
	      "\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x02\x04\xd2\0\x19"),
	    PROXY_OK, "192.0.2.1", 1234, "198.51.100.2", 25, 0 },
	{ RAW(MARK "\x21\x11\0\x0f\xc0\0\x02\x01\xc6\x33\x64\x02\x04\xd2\0\x19"
		   "\x03\0\0\x16"),
	    PROXY_OK, "192.0.2.1", 1234, "198.51.100.2", 25, 1 },
	{ RAW(MARK "\x21\x21\0\x24\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
		   "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x02\0\x01\0\x19"),
	    PROXY_OK, "2001:db8::1", 1, "2001:db8::2", 25, 0 },
	{ RAW(MARK "\x20\0\0\0"), PROXY_OK, NULL, 0, NULL, 0, 0 },
	{ RAW(MARK "\x20\x11\0\x01\0"), PROXY_OK, NULL, 0, NULL, 0, 0 },
	{ RAW(MARK "\x21\0\0\x02\x01\x02"), PROXY_OK, NULL, 0, NULL, 0, 0 },
	/* version, command, family, length */
	{ RAW(MARK "\x11\x11\0\x0c"), PROXY_BAD, NULL, 0, NULL, 0, 0 },
	{ RAW(MARK "\x22\x11\0\x0c"), PROXY_BAD, NULL, 0, NULL, 0, 0 },
	{ RAW(MARK "\x21\x12\0\0"), PROXY_BAD, NULL, 0, NULL, 0, 0 },
	{ RAW(MARK "\x21\x31\0\0"), PROXY_BAD, NULL, 0, NULL, 0, 0 },
	{ RAW(MARK "\x21\x11\0\x0b\0\0\0\0\0\0\0\0\0\0\0"), PROXY_BAD, NULL, 0,
	    NULL, 0, 0 },
	{ RAW(MARK "\x21\x11\xff\xff"), PROXY_BAD, NULL, 0, NULL, 0, 0 },
};

static void
check_address(const struct address *a, const char *text, unsigned port)
{
	struct buf got = BUF_EMPTY;

	address_print(&got, a);
	ck_assert_str_eq(buf_str(&got), text);
	ck_assert_uint_eq(address_port(a), port);
	buf_free(&got);
}

START_TEST(parse)
{
	struct proxy_header h;
	struct span in = rows[_i].in;
	size_t used;

	ck_assert_int_eq(proxy_header_parse(in, &used, &h), rows[_i].result);
	if (rows[_i].result != PROXY_OK)
		return;
	ck_assert_uint_eq(used, in.n - rows[_i].behind);
	ck_assert(h.known == (rows[_i].from != NULL));
	if (h.known) {
		check_address(&h.from, rows[_i].from, rows[_i].from_port);
		check_address(&h.to, rows[_i].to, rows[_i].to_port);
	}
	/* cut anywhere, there is more to come */
	for (size_t n = 0; n < in.n - rows[_i].behind; n++)
		ck_assert_int_eq(
		    proxy_header_parse(span_head(in, n), &used, &h),
		    PROXY_MORE);
}
END_TEST

START_TEST(endless)
{
	char text[200] = "PROXY UNKNOWN ";
	struct proxy_header h;
	size_t used;

	memset(text + 14, 'x', sizeof(text) - 14);
	ck_assert_int_eq(
	    proxy_header_parse(span_of(text, 106), &used, &h), PROXY_MORE);
	ck_assert_int_eq(
	    proxy_header_parse(span_of(text, 107), &used, &h), PROXY_BAD);
}
END_TEST

/* What we say is read as it was meant. */
START_TEST(put)
{
	static const struct {
		const char *from, *to;
		bool known;
	} pairs[] = { { "192.0.2.1", "198.51.100.2", true },
		{ "2001:db8::1", "2001:db8::2", true },
		{ "192.0.2.1", "2001:db8::2", false } };
	struct address from, to;
	struct proxy_header got;
	struct buf out = BUF_EMPTY;
	unsigned version = 1 + (unsigned)_i % 2;
	size_t used;

	ck_assert(address_parse(span_str(pairs[_i / 2].from), 1234, &from));
	ck_assert(address_parse(span_str(pairs[_i / 2].to), 993, &to));
	proxy_header_put(&out, version, &from, &to);
	ck_assert(proxy_header_parse(buf_span(&out), &used, &got) == PROXY_OK);
	ck_assert_uint_eq(used, out.n);
	ck_assert(got.known == pairs[_i / 2].known);
	if (got.known) {
		ck_assert(
		    span_eq(address_bytes(&got.from), address_bytes(&from)));
		ck_assert(span_eq(address_bytes(&got.to), address_bytes(&to)));
		ck_assert_uint_eq(address_port(&got.from), 1234);
		ck_assert_uint_eq(address_port(&got.to), 993);
	}
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parse, 0, UNIT_COUNT(rows));
	tcase_add_test(t, endless);
	tcase_add_loop_test(t, put, 0, 6);
}

int
main(void)
{
	return unit_main("wire/proxy_header", fill);
}
