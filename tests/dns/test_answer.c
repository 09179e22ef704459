#include "dns/answer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "tests/dns/packets.h"
#include "tests/unit.h"

static struct arena *arena;
static struct buf packet;
static struct dns_answer got;

static void
begin(void)
{
	arena = arena_new();
	buf_clear(&packet);
}

static void
end(void)
{
	arena_free(&arena);
	buf_free(&packet);
}

static void
parse(enum dns_type type)
{
	dns_answer_parse(buf_span(&packet), type, arena, &got);
}

START_TEST(addresses)
{
	dns_put_head(&packet, 7, 0, "Mail.Example", DNS_A, 3);
	dns_put_record(&packet, "mail.example", DNS_A, 300, SPAN("\300\0\2\1"));
	dns_put_record(&packet, "mail.example", DNS_A, 60, SPAN("\300\0\2\2"));
	dns_put_record(&packet, "mail.example", DNS_A, 60, SPAN("\300\0\2"));
	parse(DNS_A);
	ck_assert_int_eq(got.result, DNS_FOUND);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.dropped, 1);
	ck_assert_uint_eq(got.ttl, 60);
	ck_assert(span_is(got.name, "mail.example"));
	ck_assert(span_eq(got.records[1].data, SPAN("\300\0\2\2")));
}
END_TEST

static const struct {
	enum dns_type type;
	unsigned preference;
	struct span data;
	const char *text;
} printed[] = {
	{ DNS_A, 0, { "\300\0\2\1", 4 }, "a.example. 60 IN A 192.0.2.1" },
	{ DNS_AAAA, 0, { "\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1", 16 },
	    "a.example. 60 IN AAAA 2001:db8::1" },
	{ DNS_A, 0, { "\300", 1 }, "a.example. 60 IN A " },
	{ DNS_MX, 10, { "mx.example", 10 },
	    "a.example. 60 IN MX 10 mx.example." },
	{ DNS_MX, 0, { "", 0 }, "a.example. 60 IN MX 0 ." },
	{ DNS_PTR, 0, { "b.example", 9 }, "a.example. 60 IN PTR b.example." },
	{ DNS_TXT, 0, { "v=spf1\0\n -all", 13 },
	    "a.example. 60 IN TXT v=spf1?? -all" },
	{ DNS_TLSA, 0, { "\3\1\1\253\0", 5 },
	    "a.example. 60 IN TLSA 3 1 1 AB00" },
};

START_TEST(print)
{
	struct dns_record r = { printed[_i].preference, printed[_i].data };
	struct buf text = BUF_EMPTY;

	dns_record_print(&text, SPAN("a.example"), 60, printed[_i].type, &r);
	ck_assert_str_eq(buf_str(&text), printed[_i].text);
	buf_free(&text);
}
END_TEST

START_TEST(exchangers)
{
	dns_put_head(&packet, 7, 0, "example", DNS_MX, 4);
	dns_put_named(&packet, "example", DNS_MX, 5, 10, "mx1.example");
	dns_put_named(&packet, "example", DNS_MX, 5, 0, "");
	dns_put_named(&packet, "example", DNS_MX, 5, 10, "a b.example");
	dns_put_named(&packet, "other", DNS_MX, 5, 10, "mx.other");
	parse(DNS_MX);
	ck_assert_int_eq(got.result, DNS_FOUND);
	ck_assert_uint_eq(got.count, 2);
	ck_assert_uint_eq(got.records[0].preference, 10);
	ck_assert(span_is(got.records[0].data, "mx1.example"));
	ck_assert_uint_eq(got.records[1].data.n, 0);
	ck_assert_uint_eq(got.dropped, 1);
}
END_TEST

START_TEST(aliases)
{
	dns_put_head(&packet, 7, 0, "a.example", DNS_TXT, 3);
	dns_put_record(&packet, "c.example", DNS_TXT, 9, SPAN("\2ab\0\1c"));
	dns_put_named(&packet, "b.example", DNS_CNAME, 3, 0, "c.example");
	dns_put_named(&packet, "a.example", DNS_CNAME, 60, 0, "b.example");
	parse(DNS_TXT);
	ck_assert_int_eq(got.result, DNS_FOUND);
	ck_assert(span_is(got.name, "c.example"));
	ck_assert(span_is(got.records[0].data, "abc"));
	ck_assert_uint_eq(got.ttl, 3);
}
END_TEST

START_TEST(alias_asked_for)
{
	dns_put_head(&packet, 7, 0, "a.example", DNS_CNAME, 1);
	dns_put_named(&packet, "a.example", DNS_CNAME, 60, 0, "b.example");
	parse(DNS_CNAME);
	ck_assert_int_eq(got.result, DNS_FOUND);
	ck_assert(span_is(got.records[0].data, "b.example"));
}
END_TEST

static void
chain(int length)
{
	char from[16], to[16];

	dns_put_head(&packet, 7, 0, "n0", DNS_A, (unsigned)length + 1);
	for (int i = 0; i < length; i++) {
		snprintf(from, sizeof(from), "n%d", i);
		snprintf(to, sizeof(to), "n%d", i + 1);
		dns_put_named(&packet, from, DNS_CNAME, 60, 0, to);
	}
	snprintf(to, sizeof(to), "n%d", length);
	dns_put_record(&packet, to, DNS_A, 60, SPAN("\1\2\3\4"));
	parse(DNS_A);
}

START_TEST(chain_limit)
{
	chain(DNS_CHAIN_MAX);
	ck_assert_int_eq(got.result, DNS_FOUND);
	buf_clear(&packet);
	chain(DNS_CHAIN_MAX + 1);
	ck_assert_int_eq(got.result, DNS_TROUBLE);
}
END_TEST

START_TEST(alias_circle)
{
	dns_put_head(&packet, 7, 0, "a", DNS_A, 2);
	dns_put_named(&packet, "a", DNS_CNAME, 60, 0, "b");
	dns_put_named(&packet, "b", DNS_CNAME, 60, 0, "a");
	parse(DNS_A);
	ck_assert_int_eq(got.result, DNS_TROUBLE);
}
END_TEST

static const struct {
	unsigned rcode;
	enum dns_result want;
} empties[] = { { 0, DNS_NODATA }, { 3, DNS_NXDOMAIN }, { 2, DNS_TROUBLE },
	{ 5, DNS_TROUBLE } };

START_TEST(empty)
{
	dns_put_head(&packet, 7, empties[_i].rcode, "a", DNS_A, 0);
	parse(DNS_A);
	ck_assert_int_eq(got.result, empties[_i].want);
	ck_assert_uint_eq(got.count, 0);
}
END_TEST

/* A type, its data, and whether that is a record. */
static const struct {
	enum dns_type type;
	struct span data;
	bool fit;
} records[] = {
	{ DNS_A, { "\1\2\3\4", 4 }, true },
	{ DNS_A, { "\1\2\3\4\5", 5 }, false },
	{ DNS_A, { "", 0 }, false },
	{ DNS_AAAA, { "0123456789abcdef", 16 }, true },
	{ DNS_AAAA, { "0123", 4 }, false },
	{ DNS_MX, { "\0\1\1a\0", 5 }, true },
	{ DNS_MX, { "\0\1\1a\0\0", 6 }, false }, /* bytes behind the name */
	{ DNS_MX, { "\0\1\1a", 4 }, false },
	{ DNS_MX, { "\0\1", 2 }, false },
	{ DNS_MX, { "\0", 1 }, false },
	{ DNS_MX,
	    { "\0\1\x9"
	      "192.0.2.1\0",
		13 },
	    false },
	{ DNS_MX,
	    { "\0\1\3192\1"
	      "0\1"
	      "2\1"
	      "1\0",
		13 },
	    false },
	{ DNS_NS, { "\1a\0", 3 }, true },
	{ DNS_NS, { "\0", 1 }, false },
	{ DNS_PTR, { "\1a\0", 3 }, true },
	{ DNS_PTR, { "\0", 1 }, false },
	{ DNS_PTR, { "\3a\nb\0", 5 }, false },
	{ DNS_PTR, { "", 0 }, false },
	{ DNS_TXT, { "", 0 }, true },
	{ DNS_TXT, { "\0", 1 }, true },
	{ DNS_TXT, { "\2a\0", 3 }, true },
	{ DNS_TXT, { "\3ab", 3 }, false },
	{ DNS_TLSA, { "\3\1\1\1", 4 }, true },
	{ DNS_TLSA, { "\3\1\1", 3 }, false },
};

START_TEST(fitness)
{
	dns_put_head(&packet, 7, 0, "a", records[_i].type, 1);
	dns_put_record(&packet, "a", records[_i].type, 60, records[_i].data);
	parse(records[_i].type);
	ck_assert_msg(
	    (got.result == DNS_FOUND) == records[_i].fit, "row %d", _i);
	if (!records[_i].fit)
		ck_assert_int_eq(got.result, DNS_TROUBLE);
}
END_TEST

START_TEST(text_limit)
{
	struct buf data = BUF_EMPTY;

	while (data.n / 256 * 255 + 255 <= DNS_TXT_MAX) {
		buf_add(&data, "\xff", 1);
		memset(buf_room(&data, 255), 'x', 255);
		data.n += 255;
	}
	dns_put_head(&packet, 7, 0, "a", DNS_TXT, 2);
	dns_put_record(&packet, "a", DNS_TXT, 60, buf_span(&data));
	buf_add(&data, "\xff", 1);
	memset(buf_room(&data, 255), 'x', 255);
	data.n += 255;
	dns_put_record(&packet, "a", DNS_TXT, 60, buf_span(&data));
	parse(DNS_TXT);
	ck_assert_uint_eq(got.count, 1);
	ck_assert_uint_eq(got.dropped, 1);
	buf_free(&data);
}
END_TEST

START_TEST(too_many)
{
	dns_put_head(&packet, 7, 0, "a", DNS_A, DNS_RECORDS_MAX + 5);
	for (int i = 0; i < DNS_RECORDS_MAX + 5; i++)
		dns_put_record(&packet, "a", DNS_A, 60, SPAN("\1\2\3\4"));
	parse(DNS_A);
	ck_assert_uint_eq(got.count, DNS_RECORDS_MAX);
	ck_assert_uint_eq(got.dropped, 5);
}
END_TEST

START_TEST(ttls)
{
	dns_put_head(&packet, 7, 0, "a", DNS_A, 1);
	dns_put_record(&packet, "a", DNS_A, 0xffffffff, SPAN("\1\2\3\4"));
	parse(DNS_A);
	ck_assert_uint_eq(got.ttl, 0);
	buf_clear(&packet);
	dns_put_head(&packet, 7, 0, "a", DNS_A, 1);
	dns_put_record(&packet, "a", DNS_A, 0x7fffffff, SPAN("\1\2\3\4"));
	parse(DNS_A);
	ck_assert_uint_eq(got.ttl, DNS_TTL_MAX);
}
END_TEST

/* Whatever is cut off, there is never more than trouble. */
START_TEST(cut_short)
{
	size_t whole;

	dns_put_head(&packet, 7, 0, "a", DNS_MX, 2);
	dns_put_named(&packet, "a", DNS_CNAME, 5, 10, "b");
	dns_put_named(&packet, "b", DNS_MX, 5, 10, "mx1.example");
	for (whole = packet.n; packet.n > 0; packet.n--) {
		/* a copy of just that size, for the sanitizer to see */
		char *copy = mem_span(buf_span(&packet));

		dns_answer_parse(span_of(copy, packet.n), DNS_MX, arena, &got);
		ck_assert_msg((got.result == DNS_FOUND) == (packet.n == whole),
		    "%zu of %zu bytes", packet.n, whole);
		free(copy);
	}
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, begin, end);
	tcase_add_test(t, addresses);
	tcase_add_test(t, exchangers);
	tcase_add_loop_test(t, print, 0, UNIT_COUNT(printed));
	tcase_add_test(t, aliases);
	tcase_add_test(t, alias_asked_for);
	tcase_add_test(t, chain_limit);
	tcase_add_test(t, alias_circle);
	tcase_add_loop_test(t, empty, 0, UNIT_COUNT(empties));
	tcase_add_loop_test(t, fitness, 0, UNIT_COUNT(records));
	tcase_add_test(t, text_limit);
	tcase_add_test(t, too_many);
	tcase_add_test(t, ttls);
	tcase_add_test(t, cut_short);
}

int
main(void)
{
	return unit_main("dns/answer", fill);
}
