#include "resolver/hosts.h"

#include "base/arena.h"
#include "tests/unit.h"

static const char text[] = "# comment\n"
			   "127.0.0.1\tlocalhost mail.sigui.ci sigui.ci # end\n"
			   "\n"
			   "::1 localhost ip6-localhost\n"
			   "192.0.2.1 Two.Example two\r\n"
			   "192.0.2.2 two.example second.example\n"
			   "192.0.2.1 late.example\n"
			   "fe80::1%eth0 zone.example\n"
			   "nonsense words.example\n"
			   "192.0.2.9\n"
			   "192.0.2.10 -bad- b@d good.example";

static const struct {
	const char *name;
	enum dns_type type;
	unsigned count; /* 0: the file does not say */
	struct span first;
} cases[] = {
	{ "sigui.ci", DNS_A, 1, { "\177\0\0\1", 4 } },
	{ "SIGUI.ci.", DNS_A, 1, { "\177\0\0\1", 4 } },
	{ "sigui.ci", DNS_AAAA, 0, { 0 } },
	{ "sigui.ci", DNS_MX, 0, { 0 } },
	{ "localhost", DNS_AAAA, 1,
	    { "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16 } },
	{ "two.example", DNS_A, 2, { "\300\0\2\1", 4 } },
	{ "1.2.0.192.in-addr.arpa", DNS_PTR, 1, { "Two.Example", 11 } },
	{ "1.0.0.127.in-addr.arpa", DNS_PTR, 1, { "localhost", 9 } },
	{ "9.2.0.192.in-addr.arpa", DNS_PTR, 0, { 0 } },
	{ "zone.example", DNS_AAAA, 0, { 0 } },
	{ "words.example", DNS_A, 0, { 0 } },
	{ "comment", DNS_A, 0, { 0 } },
	{ "end", DNS_A, 0, { 0 } },
	{ "good.example", DNS_A, 1, { "\300\0\2\12", 4 } },
	{ "-bad-", DNS_A, 0, { 0 } },
};

START_TEST(find)
{
	struct hosts *h = hosts_parse(span_str(text));
	struct arena *a = arena_new();
	struct dns_answer got = { .count = 0 };
	bool found =
	    hosts_find(h, span_str(cases[_i].name), cases[_i].type, a, &got);

	ck_assert_msg(found == (cases[_i].count > 0), "%s", cases[_i].name);
	ck_assert_uint_eq(got.count, cases[_i].count);
	if (found) {
		ck_assert_int_eq(got.result, DNS_FOUND);
		ck_assert(span_eq(got.records[0].data, cases[_i].first));
		ck_assert(dns_record_fit(cases[_i].type, &got.records[0]));
	}
	arena_free(&a);
	hosts_free(&h);
}
END_TEST

START_TEST(knows)
{
	struct hosts *h = hosts_parse(span_str(text));

	ck_assert(hosts_knows(h, SPAN("sigui.ci")));
	ck_assert(hosts_knows(h, SPAN("ip6-localhost")));
	ck_assert(!hosts_knows(h, SPAN("other.example")));
	ck_assert(!hosts_knows(h, SPAN("1.0.0.127.in-addr.arpa")));
	hosts_free(&h);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, find, 0, UNIT_COUNT(cases));
	tcase_add_test(t, knows);
}

int
main(void)
{
	return unit_main("resolver/hosts", fill);
}
