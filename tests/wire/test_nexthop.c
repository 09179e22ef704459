/* test_nexthop.c - wire/nexthop.h */

#include "wire/nexthop.h"

#include "tests/unit.h"

static const struct row {
	const char *text;
	bool good;
	const char *host, *port;
	bool bracketed;
} rows[] = {
	{ "example.com", true, "example.com", "", false },
	{ "example.com:smtp", true, "example.com", "smtp", false },
	{ "[mx.example.com]", true, "mx.example.com", "", true },
	{ "[mx.example.com]:587", true, "mx.example.com", "587", true },
	{ "[2001:db8::1]:25", true, "2001:db8::1", "25", true },
	{ "inet:[a]:1", true, "a", "1", true },
	{ "INET:a:1", true, "a", "1", false },
	{ "[a", true, "a", "", true },
	{ "[a]25", false, "", "", true },
	{ "[]", false, "", "", true },
	{ ":25", false, "", "", false },
	{ "", false, "", "", false },
};

START_TEST(split)
{
	const struct row *r = &rows[_i];
	struct span host, port;
	bool bracketed;

	ck_assert_msg(nexthop_split(span_str(r->text), &host, &port,
			  &bracketed) == r->good,
	    "%s", r->text);
	if (!r->good)
		return;
	ck_assert_msg(span_is(host, r->host) && span_is(port, r->port) &&
		bracketed == r->bracketed,
	    "%s: %.*s, %.*s", r->text, (int)host.n, host.p, (int)port.n,
	    port.p);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, split, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("wire/nexthop", fill);
}
