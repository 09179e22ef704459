/* test_rewrite.c - route/rewrite.h */

#include "route/rewrite.h"

#include "tests/route/routing.h"

static const struct {
	const char *address, *whole;
} rows[] = {
	{ "joe", "joe@ours.test" },
	{ "joe@X.Org", "joe@x.org" },
	{ "Joe+Ext@x.org.", "Joe+Ext@x.org" },
	{ "joe@x..", "joe@x.." },
	{ "joe@", "joe@" }, /* for who asks where it goes */
	{ "joe@.", "joe@" },
	{ "a%b@", "a%b@" },
	{ "@", "MAILER-DAEMON@ours.test" },
	{ "", "MAILER-DAEMON@ours.test" },
	{ "\"\"@x.org", "MAILER-DAEMON@x.org" },
	{ "site!joe", "joe@site" },
	{ "a!b!joe", "b!joe@a" },
	{ "a!joe@x.org", "a!joe@x.org" },
	{ "joe%x.org", "joe@x.org" },
	{ "joe%a%x.org", "joe%a@x.org" },
	{ "joe%a@x.org", "joe%a@x.org" },
	{ "!joe", "!joe@ours.test" },
	{ "joe%", "joe%@ours.test" },
	{ "@a,@b:joe@x.org", "joe@x.org" },
	{ "@a:@b:joe", "joe@ours.test" },
	{ "\"joe\"@x.org", "joe@x.org" },
	{ "\"a b\"@x.org", "\"a b\"@x.org" },
	{ "\"a@b\"@x.org", "\"a@b\"@x.org" },
	{ "\"a!b\"", "a!b@ours.test" },
	{ "joe@host", "joe@host" },
	{ "joe@[192.0.2.1]", "joe@[192.0.2.1]" },
	{ "joe@[IPv6:::1]", "joe@[ipv6:::1]" },
};

START_TEST(rewrite)
{
	struct routing x;
	struct route_address out;

	routing_init(&x, "");
	route_rewrite(&x.conf, x.arena, span_str(rows[_i].address), &out);
	ck_assert_msg(span_is(out.whole, rows[_i].whole), "<%s>: <%.*s>",
	    rows[_i].address, (int)out.whole.n, out.whole.p);
	routing_done(&x);
}
END_TEST

static const struct {
	const char *conf, *address, *whole;
} others[] = {
	{ "append_dot_mydomain = yes", "joe@host", "joe@host.ours.test" },
	{ "append_dot_mydomain = yes", "joe@a.b", "joe@a.b" },
	{ "append_dot_mydomain = yes", "joe@[1.2.3.4]", "joe@[1.2.3.4]" },
	{ "append_dot_mydomain = yes", "host!joe", "joe@host.ours.test" },
	{ "append_at_myorigin = no", "joe", "joe" },
	{ "append_at_myorigin = no", "joe@", "joe@" },
	{ "swap_bangpath = no", "a!joe", "a!joe@ours.test" },
	{ "allow_percent_hack = no", "joe%a", "joe%a@ours.test" },
	{ "myorigin = $myhostname", "joe", "joe@mx.ours.test" },
	{ "empty_address_recipient = nobody", "", "nobody@ours.test" },
};

START_TEST(parameters)
{
	struct routing x;
	struct route_address out;

	routing_init(&x, others[_i].conf);
	route_rewrite(&x.conf, x.arena, span_str(others[_i].address), &out);
	ck_assert_msg(span_is(out.whole, others[_i].whole), "%s: <%.*s>",
	    others[_i].conf, (int)out.whole.n, out.whole.p);
	routing_done(&x);
}
END_TEST

/* Cut anywhere, an address has a local part, and nothing is invented. */
START_TEST(cut)
{
	struct span whole = span_str(rows[_i].address);
	struct routing x;

	routing_init(&x, "");
	for (size_t n = 0; n <= whole.n; n++) {
		struct route_address out;

		route_rewrite(&x.conf, x.arena, span_head(whole, n), &out);
		ck_assert_uint_gt(out.local.n, 0);
		ck_assert(out.domain.n > 0 || out.null_domain);
		ck_assert_uint_eq(out.whole.n, out.local.n + 1 + out.domain.n);
	}
	routing_done(&x);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, rewrite, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, parameters, 0, UNIT_COUNT(others));
	tcase_add_loop_test(t, cut, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("route/rewrite", fill);
}
