#include "dns/name.h"

#include "base/buf.h"
#include "os/sock.h"
#include "tests/unit.h"

#define BYTES(literal) \
	{ \
		"" literal, sizeof(literal) - 1 \
	}

/* Names in a packet: where reading begins, what comes out, where it ends. */
static const struct {
	struct span packet;
	size_t at;
	enum dns_name_result want;
	const char *text;
	size_t behind;
} wires[] = {
	{ BYTES("\3www\7example\0"), 0, DNS_NAME_OK, "www.example", 13 },
	{ BYTES("\3WwW\0"), 0, DNS_NAME_OK, "www", 5 },
	{ BYTES("\0"), 0, DNS_NAME_OK, "", 1 },
	{ BYTES("\2ex\0\1a\xc0\0"), 4, DNS_NAME_OK, "a.ex", 8 },
	{ BYTES("\2ex\0\1a\xc0\0\1b\xc0\4"), 8, DNS_NAME_OK, "b.a.ex", 12 },
	{ BYTES("\3a.b\0"), 0, DNS_NAME_ODD, "", 5 },
	{ BYTES("\3a b\0"), 0, DNS_NAME_ODD, "", 5 },
	{ BYTES("\2a\n\0"), 0, DNS_NAME_ODD, "", 4 },
	{ BYTES("\2a\xe9\0"), 0, DNS_NAME_ODD, "", 4 },
	{ BYTES("\1<\0"), 0, DNS_NAME_ODD, "", 3 },
	{ BYTES(""), 0, DNS_NAME_BAD, "", 0 },
	{ BYTES("\3ww"), 0, DNS_NAME_BAD, "", 0 },
	{ BYTES("\3www"), 0, DNS_NAME_BAD, "", 0 },
	{ BYTES("\xc0\0"), 0, DNS_NAME_BAD, "", 0 }, /* at itself */
	{ BYTES("\1a\xc0\0"), 0, DNS_NAME_BAD, "", 0 }, /* in a circle */
	{ BYTES("\xc0\2\0"), 0, DNS_NAME_BAD, "", 0 }, /* forwards */
	{ BYTES("\0\xc0"), 1, DNS_NAME_BAD, "", 1 },
	{ BYTES("\x40www\0"), 0, DNS_NAME_BAD, "", 0 },
	{ BYTES("\x80www\0"), 0, DNS_NAME_BAD, "", 0 },
};

START_TEST(wire)
{
	struct buf out = BUF_EMPTY;
	size_t at = wires[_i].at;
	enum dns_name_result got = dns_name_read(wires[_i].packet, &at, &out);

	ck_assert_msg(got == wires[_i].want, "row %d: %d", _i, (int)got);
	ck_assert_str_eq(buf_str(&out), wires[_i].text);
	ck_assert_uint_eq(at, wires[_i].behind);
	buf_free(&out);
}
END_TEST

/* 63-byte labels: three fit with a short one, four do not. */
START_TEST(longest)
{
	struct buf p = BUF_EMPTY, out = BUF_EMPTY;
	size_t at = 0;

	for (int i = 0; i < 3; i++) {
		buf_add_byte(&p, 63);
		memset(buf_room(&p, 63), 'a', 63);
		p.n += 63;
	}
	buf_add(&p, "\75", 1); /* 61 */
	memset(buf_room(&p, 61), 'b', 61);
	p.n += 61;
	buf_add_byte(&p, '\0');
	ck_assert_int_eq(dns_name_read(buf_span(&p), &at, &out), DNS_NAME_OK);
	ck_assert_uint_eq(out.n, DNS_NAME_MAX);
	ck_assert(dns_name_is_host(buf_span(&out)));
	p.p[3 * 64] = 62;
	buf_cut(&p, p.n - 1);
	buf_add(&p, "b\0", 2);
	at = 0;
	buf_clear(&out);
	ck_assert_int_eq(dns_name_read(buf_span(&p), &at, &out), DNS_NAME_BAD);
	buf_free(&p);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *name;
	bool askable, host;
} names[] = {
	{ "example.com", true, true },
	{ "x", true, true },
	{ "MAIL-1.Example.COM", true, true },
	{ "_dmarc.example.com", true, true },
	{ "1.2.0.192.in-addr.arpa", true, true },
	{ "3com.com", true, true },
	{ "example.com.", true, false },
	{ "", false, false },
	{ ".", false, false },
	{ "a..b", false, false },
	{ ".a", false, false },
	{ "-a.b", true, false },
	{ "a-.b", true, false },
	{ "*.b", true, false },
	{ "a/b.c", true, false },
	{ "192.0.2.1", true, false },
	{ "example.1", true, false },
	{ "a b", false, false },
	{ "a\nb", false, false },
	{ "a\\b", false, false },
	{ "\xc3\xa9.fr", false, false },
	{ "[192.0.2.1]", false, false },
	{ "a@b", false, false },
};

START_TEST(text)
{
	struct span name = span_str(names[_i].name);

	ck_assert_msg(dns_name_askable(name) == names[_i].askable,
	    "askable: %s", names[_i].name);
	ck_assert_msg(dns_name_is_host(name) == names[_i].host, "host: %s",
	    names[_i].name);
}
END_TEST

START_TEST(lengths)
{
	char label[DNS_LABEL_MAX + 2];

	memset(label, 'a', sizeof(label));
	ck_assert(dns_name_is_host(span_of(label, DNS_LABEL_MAX)));
	ck_assert(!dns_name_is_host(span_of(label, DNS_LABEL_MAX + 1)));
	ck_assert(dns_name_askable(span_of(label, DNS_LABEL_MAX)));
	ck_assert(!dns_name_askable(span_of(label, DNS_LABEL_MAX + 1)));
}
END_TEST

static const struct {
	const char *address, *name;
} reverses[] = {
	{ "192.0.2.17", "17.2.0.192.in-addr.arpa" },
	{ "2001:db8::1f",
	    "f.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	    "8.b.d.0.1.0.0.2.ip6.arpa" },
};

START_TEST(reverse)
{
	struct address a;
	struct buf out = BUF_EMPTY;

	ck_assert(address_parse(span_str(reverses[_i].address), 0, &a));
	ck_assert(dns_name_reverse(&a, &out));
	ck_assert_str_eq(buf_str(&out), reverses[_i].name);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, wire, 0, UNIT_COUNT(wires));
	tcase_add_test(t, longest);
	tcase_add_loop_test(t, text, 0, UNIT_COUNT(names));
	tcase_add_test(t, lengths);
	tcase_add_loop_test(t, reverse, 0, UNIT_COUNT(reverses));
}

int
main(void)
{
	return unit_main("dns/name", fill);
}
