/* test_cidr.c - maps/cidr.h */

#include "maps/cidr.h"

#include "tests/unit.h"

static const struct {
	const char *text;
	enum cidr_result want;
	int bits;
} blocks[] = {
	{ "10.0.0.0/8", CIDR_OK, 8 },
	{ "1.2.3.4", CIDR_OK, 32 },
	{ "[1.2.3.4]", CIDR_OK, 32 },
	{ "0.0.0.0/0", CIDR_OK, 0 },
	{ "::1", CIDR_OK, 128 },
	{ "[::1]/128", CIDR_OK, 128 },
	{ "[::1/128]", CIDR_OK, 128 },
	{ "2001:db8::/32", CIDR_OK, 32 },
	{ "::/0", CIDR_OK, 0 },
	{ "::ffff:1.2.3.4", CIDR_OK, 128 },
	{ "10.0.0.1/8", CIDR_HOST_BITS, 0 },
	{ "10.0.0.128/24", CIDR_HOST_BITS, 0 },
	{ "10.0.0.0/33", CIDR_BAD_LENGTH, 0 },
	{ "10.0.0.0/", CIDR_BAD_LENGTH, 0 },
	{ "10.0.0.0/-1", CIDR_BAD_LENGTH, 0 },
	{ "::/129", CIDR_BAD_LENGTH, 0 },
	{ "::/18446744073709551617", CIDR_BAD_LENGTH, 0 },
	{ "300.1.1.1", CIDR_BAD_ADDRESS, 0 },
	{ "010.0.0.1", CIDR_BAD_ADDRESS, 0 },
	{ "1.2.3", CIDR_BAD_ADDRESS, 0 },
	{ "", CIDR_BAD_ADDRESS, 0 },
	{ "/8", CIDR_BAD_ADDRESS, 0 },
	{ "[::1", CIDR_BAD_ADDRESS, 0 },
	{ "::1]", CIDR_BAD_ADDRESS, 0 },
	{ "[::1/128", CIDR_BAD_ADDRESS, 0 },
	{ "[::1]]/128", CIDR_BAD_ADDRESS, 0 },
	{ "::1/128]", CIDR_BAD_ADDRESS, 0 },
	{ "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17.18.19.20.21.22",
	    CIDR_BAD_ADDRESS, 0 },
	{ "foo", CIDR_BAD_ADDRESS, 0 },
};

START_TEST(block)
{
	struct cidr_block b;
	enum cidr_result got = cidr_block_parse(span_str(blocks[_i].text), &b);

	ck_assert_msg(got == blocks[_i].want, "%s: %s", blocks[_i].text,
	    cidr_result_text(got));
	if (got == CIDR_OK)
		ck_assert_int_eq(b.bits, blocks[_i].bits);
}
END_TEST

static const struct {
	const char *block, *address;
	bool inside;
} tests[] = {
	{ "192.168.1.0/24", "192.168.1.7", true },
	{ "192.168.1.0/24", "192.168.2.7", false },
	{ "192.168.1.0/24", "::ffff:192.168.1.7", true },
	{ "192.168.1.4/30", "192.168.1.7", true },
	{ "192.168.1.4/30", "192.168.1.8", false },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "::1", false },
	{ "::/0", "1.2.3.4", false },
	{ "::/0", "::1", true },
	{ "2001:db8:8000::/33", "2001:db8:8000::1", true },
	{ "2001:db8:8000::/33", "2001:db8:7fff::1", false },
	{ "::1", "0:0:0:0:0:0:0:1", true },
	{ "1.2.3.4", "1.2.3.4", true },
	{ "1.2.3.4", "1.2.3.5", false },
};

START_TEST(contains)
{
	struct cidr_block b;
	struct cidr_address a;

	ck_assert_int_eq(
	    cidr_block_parse(span_str(tests[_i].block), &b), CIDR_OK);
	ck_assert(cidr_address_parse(span_str(tests[_i].address), &a));
	ck_assert_msg(cidr_contains(&b, &a) == tests[_i].inside, "%s in %s",
	    tests[_i].address, tests[_i].block);
}
END_TEST

START_TEST(not_addresses)
{
	static const char *const texts[] = { "", "[1.2.3.4]", "1.2.3.4/32",
		"1.2.3.4 ", "example.com", "::1%lo" };
	struct cidr_address a;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(!cidr_address_parse(span_str(texts[i]), &a),
		    "\"%s\"", texts[i]);
	ck_assert(!cidr_address_parse(SPAN("1.2.3.4\0"), &a));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, block, 0, UNIT_COUNT(blocks));
	tcase_add_loop_test(t, contains, 0, UNIT_COUNT(tests));
	tcase_add_test(t, not_addresses);
}

int
main(void)
{
	return unit_main("maps/cidr", fill);
}
