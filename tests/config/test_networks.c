/* test_networks.c - config/networks.h */

#include "config/networks.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *address;
	unsigned prefix;
	bool loopback;
} machine[] = {
	{ "127.0.0.1", 8, true },
	{ "192.0.2.18", 28, false },
	{ "10.1.2.3", 24, false },
	{ "172.20.1.1", 12, false },
	{ "192.0.2.19", 28, false },
	{ "::1", 128, true },
	{ "2001:db8::1:2", 64, false },
	{ "fe80::1", 64, false },
};

enum { MACHINE = sizeof(machine) / sizeof(machine[0]) };

static void
rows_set(struct network *rows)
{
	for (size_t i = 0; i < MACHINE; i++) {
		rows[i] = (struct network){
			.family = strchr(machine[i].address, ':') == NULL
			    ? AF_INET
			    : AF_INET6,
			.prefix = machine[i].prefix,
			.loopback = machine[i].loopback,
		};
		ck_assert_int_eq(inet_pton(rows[i].family, machine[i].address,
				     rows[i].address),
		    1);
	}
}

static const struct {
	const char *style, *interfaces, *protocols, *text;
} cases[] = {
	{ "host", "all", "all",
	    "127.0.0.1/32 192.0.2.18/32 10.1.2.3/32 172.20.1.1/32 "
	    "192.0.2.19/32 [::1]/128 [2001:db8::1:2]/128 [fe80::1]/128" },
	{ "subnet", "all", "all",
	    "127.0.0.0/8 192.0.2.16/28 10.1.2.0/24 172.16.0.0/12 [::1]/128 "
	    "[2001:db8::]/64 [fe80::]/64" },
	{ "class", "all", "ipv4",
	    "127.0.0.0/8 192.0.2.0/24 10.0.0.0/8 172.20.0.0/16" },
	{ "class", "all", "ipv6", "[::1]/128 [2001:db8::]/64 [fe80::]/64" },
	{ "host", "loopback-only", "all", "127.0.0.1/32 [::1]/128" },
	{ "host", "localhost", "ipv4", "127.0.0.1/32" },
	{ "host", "10.1.2.3, [2001:db8::1:2]", "ipv4, ipv6",
	    "10.1.2.3/32 [2001:db8::1:2]/128" },
	{ "host", "10.1.2.4", "all", "" },
	{ "host", "", "all", "" },
};

START_TEST(text)
{
	struct network rows[MACHINE];
	struct buf out = BUF_EMPTY;
	enum networks_style style;
	size_t n;

	rows_set(rows);
	ck_assert(networks_style(span_str(cases[_i].style), &style));
	n = networks_select(rows, MACHINE, span_str(cases[_i].interfaces),
	    span_str(cases[_i].protocols));
	networks_text(rows, n, style, &out);
	ck_assert_str_eq(buf_str(&out), cases[_i].text);
	buf_free(&out);
}
END_TEST

START_TEST(words)
{
	enum networks_style style;

	ck_assert(!networks_style(SPAN(""), &style));
	ck_assert(!networks_style(SPAN("hosts"), &style));
}
END_TEST

START_TEST(this_machine)
{
	struct network rows[64];
	size_t n = networks_of_machine(rows, 64);

	for (size_t i = 0; i < n; i++) {
		ck_assert(
		    rows[i].family == AF_INET || rows[i].family == AF_INET6);
		ck_assert_uint_le(
		    rows[i].prefix, rows[i].family == AF_INET ? 32 : 128);
	}
	ck_assert_uint_eq(networks_of_machine(rows, 0), 0);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, text, 0, UNIT_COUNT(cases));
	tcase_add_test(t, words);
	tcase_add_test(t, this_machine);
}

int
main(void)
{
	return unit_main("config/networks", fill);
}
