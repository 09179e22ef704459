/* Next hops, and the hosts in the order in which they are tried. */

#include "smtp/destination.h"

#include "tests/smtp/world.h"

static const struct world_name names[] = {
	{ "two.example", DNS_MX, DNS_FOUND, 20, "b.example", false },
	{ "two.example", DNS_MX, DNS_FOUND, 10, "a.example", false },
	{ "half.example", DNS_MX, DNS_FOUND, 10, "gone.example", false },
	{ "half.example", DNS_MX, DNS_FOUND, 20, "b.example", false },
	{ "sick-half.example", DNS_MX, DNS_FOUND, 10, "sick.example", false },
	{ "sick-half.example", DNS_MX, DNS_FOUND, 20, "b.example", false },
	{ "dead.example", DNS_MX, DNS_FOUND, 10, "gone.example", false },
	{ "dead.example", DNS_MX, DNS_FOUND, 20, "sick.example", false },
	{ "gone-mx.example", DNS_MX, DNS_FOUND, 10, "gone.example", false },
	{ "backup.example", DNS_MX, DNS_FOUND, 10, "a.example", false },
	{ "backup.example", DNS_MX, DNS_FOUND, 20, "self.example", false },
	{ "backup.example", DNS_MX, DNS_FOUND, 20, "b.example", false },
	{ "backup.example", DNS_MX, DNS_FOUND, 30, "six.example", false },
	{ "best.example", DNS_MX, DNS_FOUND, 10, "self.example", false },
	{ "best.example", DNS_MX, DNS_FOUND, 20, "a.example", false },
	{ "null.example", DNS_MX, DNS_FOUND, 0, "", false },
	{ "sick.example", DNS_MX, DNS_TROUBLE, 0, NULL, false },
	{ "sick.example", DNS_A, DNS_TROUBLE, 0, NULL, false },
	{ "a.example", DNS_A, DNS_FOUND, 0, "192.0.2.1", false },
	{ "b.example", DNS_A, DNS_FOUND, 0, "192.0.2.2", false },
	{ "six.example", DNS_A, DNS_FOUND, 0, "192.0.2.6", false },
	{ "six.example", DNS_AAAA, DNS_FOUND, 0, "2001:db8::6", false },
	{ "self.example", DNS_A, DNS_FOUND, 0, "192.0.2.99", false },
	{ "empty.example", DNS_TXT, DNS_FOUND, 0, "x", false },
	{ "alias.example", DNS_A, DNS_FOUND, 0, "192.0.2.8", false },
	{ "alias.example", DNS_CNAME, DNS_FOUND, 0, "real.example", false },
	{ "alias-mx.example", DNS_MX, DNS_FOUND, 10, "alias.example", false },
	{ "no-mx-now.example", DNS_MX, DNS_TROUBLE, 0, NULL, false },
	{ "no-mx-now.example", DNS_A, DNS_FOUND, 0, "192.0.2.1", false },
	{ "many.example", DNS_A, DNS_FOUND, 0, "192.0.2.1", false },
	{ "many.example", DNS_A, DNS_FOUND, 0, "192.0.2.2", false },
	{ "many.example", DNS_A, DNS_FOUND, 0, "192.0.2.3", false },
	{ "many.example", DNS_A, DNS_FOUND, 0, "192.0.2.4", false },
	{ "many.example", DNS_AAAA, DNS_FOUND, 0, "2001:db8::1", false },
	{ "many.example", DNS_AAAA, DNS_FOUND, 0, "2001:db8::2", false },
	{ .name = NULL },
};

#define MANY4(n)  "many.example[192.0.2." #n "]:25 "
#define MANY6(n)  "many.example[2001:db8::" #n "]:25 "
#define MANY_CONF "inet_protocols = all\nsmtp_mx_address_limit = "

static const struct {
	const char *nexthop, *conf;
	bool lmtp;
	const char *list; /* targets, a blank behind each; or NULL */
	const char *status, *text;
} cases[] = {
	{ "two.example", "", false,
	    "a.example[192.0.2.1]:25 b.example[192.0.2.2]:25 ", "", "" },
	{ "two.example:2525", "", false,
	    "a.example[192.0.2.1]:2525 b.example[192.0.2.2]:2525 ", "", "" },
	{ "two.example:submission", "", false,
	    "a.example[192.0.2.1]:587 b.example[192.0.2.2]:587 ", "", "" },
	{ "two.example:odd", "known_tcp_ports = a=1, b=odd = 2026\n", false,
	    "a.example[192.0.2.1]:2026 b.example[192.0.2.2]:2026 ", "", "" },
	{ "two.example:smtp", "known_tcp_ports = smtp=2025\n", false,
	    "a.example[192.0.2.1]:2025 b.example[192.0.2.2]:2025 ", "", "" },
	{ "two.example:odd", "", false, NULL, "4.3.5", "not a port" },
	{ "Two.Example.", "", false,
	    "a.example[192.0.2.1]:25 b.example[192.0.2.2]:25 ", "", "" },
	{ "[a.example]", "", false, "a.example[192.0.2.1]:25 ", "", "" },
	{ "[a.example]:465", "", false, "a.example[192.0.2.1]:465 ", "", "" },
	{ "a.example", "", false, "a.example[192.0.2.1]:25 ", "", "" },
	{ "[192.0.2.7]", "", false, "192.0.2.7[192.0.2.7]:25 ", "", "" },
	{ "192.0.2.7:26", "", false, "192.0.2.7[192.0.2.7]:26 ", "", "" },
	{ "[2001:db8::1]:26", "inet_protocols = all\n", false,
	    "2001:db8::1[2001:db8::1]:26 ", "", "" },
	{ "[IPv6:2001:db8::1]", "inet_protocols = ipv6\n", false,
	    "IPv6:2001:db8::1[2001:db8::1]:25 ", "", "" },
	{ "[2001:db8::1]", "", false, NULL, "4.4.4", "inet_protocols" },
	{ "two.example", "disable_dns_lookups = yes\n", false, NULL, "5.4.4",
	    "name=two.example type=A" },
	{ "a.example", "", true, "a.example[192.0.2.1]:24 ", "", "" },
	{ "inet:a.example:2424", "", true, "a.example[192.0.2.1]:2424 ", "",
	    "" },
	{ "six.example",
	    "inet_protocols = all\n"
	    "smtp_address_preference = ipv6\n",
	    false, "six.example[2001:db8::6]:25 six.example[192.0.2.6]:25 ", "",
	    "" },
	{ "six.example",
	    "inet_protocols = all\n"
	    "smtp_address_preference = ipv4\n",
	    false, "six.example[192.0.2.6]:25 six.example[2001:db8::6]:25 ", "",
	    "" },
	{ "six.example", "inet_protocols = ipv6\n", false,
	    "six.example[2001:db8::6]:25 ", "", "" },

	/* some hosts are not there */
	{ "half.example", "", false, "b.example[192.0.2.2]:25 ", "", "" },
	{ "sick-half.example", "", false, "b.example[192.0.2.2]:25 ", "", "" },
	{ "dead.example", "", false, NULL, "4.4.3",
	    "name=sick.example type=A: Host not found, try again" },
	{ "gone-mx.example", "smtp_defer_if_no_mx_address_found = yes\n", false,
	    NULL, "4.4.4", "gone.example" },
	{ "empty.example", "smtp_defer_if_no_mx_address_found = yes\n", false,
	    NULL, "5.4.4", "empty.example" },
	{ "gone-mx.example", "", false, NULL, "5.4.4",
	    "name=gone.example type=A: Host not found" },
	{ "gone.example", "", false, NULL, "5.4.4",
	    "name=gone.example type=MX: Host not found" },
	{ "empty.example", "", false, NULL, "5.4.4",
	    "name=empty.example type=A: Host found but no data record of "
	    "requested type" },
	{ "sick.example", "", false, NULL, "4.4.3", "try again" },
	{ "null.example", "", false, NULL, "5.1.10", "nullMX" },

	/* never to ourselves, nor to who is no better (RFC 5321, 5.1) */
	{ "backup.example", "", false, "a.example[192.0.2.1]:25 ", "", "" },
	{ "backup.example:26", "", false,
	    "a.example[192.0.2.1]:26 self.example[192.0.2.99]:26 "
	    "b.example[192.0.2.2]:26 six.example[192.0.2.6]:26 ",
	    "", "" },
	{ "best.example", "", false, NULL, "5.4.6",
	    "mail for best.example loops back to myself" },
	{ "a.example", "proxy_interfaces = 192.0.2.1\n", false, NULL, "5.4.6",
	    "mail for a.example loops back to myself" },
	{ "a.example", "proxy_interfaces = 192.0.2.1\n", true,
	    "a.example[192.0.2.1]:24 ", "", "" },
	{ "two.example", "smtp_mx_address_limit = 1\n", false,
	    "a.example[192.0.2.1]:25 ", "", "" },

	/* an MX record that names an alias serves all the same */
	{ "alias-mx.example", "", false, "alias.example[192.0.2.8]:25 ", "",
	    "" },
	{ "alias-mx.example", "smtp_cname_overrides_servername = yes\n", false,
	    "real.example[192.0.2.8]:25 ", "", "" },
	{ "no-mx-now.example", "", false, NULL, "4.4.3", "try again" },
	{ "no-mx-now.example", "ignore_mx_lookup_error = yes\n", false,
	    "no-mx-now.example[192.0.2.1]:25 ", "", "" },

	/* both families keep a share */
	{ "many.example", MANY_CONF "4\n", false,
	    MANY4(1) MANY4(2) MANY6(1) MANY6(2), "", "" },
	{ "many.example", MANY_CONF "5\n", false,
	    MANY4(1) MANY4(2) MANY4(3) MANY6(1) MANY6(2), "", "" },
	{ "many.example", MANY_CONF "2\n", false, MANY4(1) MANY6(1), "", "" },
	{ "many.example", MANY_CONF "1\n", false, MANY4(1), "", "" },
	{ "many.example", MANY_CONF "4\nsmtp_balance_inet_protocols = no\n",
	    false, MANY4(1) MANY4(2) MANY4(3) MANY4(4), "", "" },
	{ "many.example", MANY_CONF "3\nsmtp_address_preference = ipv6\n",
	    false, MANY6(1) MANY6(2) MANY4(1), "", "" },

	/* no next hops */
	{ "[a.example", "", false, "a.example[192.0.2.1]:25 ", "", "" },
	{ "[a.example]x", "", false, NULL, "4.3.5", "not a next hop" },
	{ "[]", "", false, NULL, "4.3.5", "not a next hop" },
	{ "a.example:", "", false, "a.example[192.0.2.1]:25 ", "", "" },
	{ "a.example:99999", "", false, NULL, "4.3.5", "not a port" },
	{ "a.example:0", "", false, NULL, "4.3.5", "not a port" },
	{ "a.example:http", "", false, NULL, "4.3.5", "not a port" },
	{ "a b.example", "", false, NULL, "5.4.4", "no host name" },
	{ "a..example", "", false, NULL, "5.4.4", "no host name" },
	{ "unix:/run/x", "", false, NULL, "4.3.5", "not a next hop" },
	{ "unix:/run/x", "myhostname = h.example\n", true, "h.example[/run/x] ",
	    "", "" },
};

static struct buf list;
static struct why found_why;

static void
found(void *arg, struct destination *d, const struct why *why)
{
	(void)arg;
	buf_clear(&list);
	for (size_t i = 0; i < destination_limit(d); i++)
		buf_printf(&list, "%s ", destination_target(d, i)->text);
	if (why != NULL)
		why_copy(&found_why, why);
	w.done = true;
	loop_stop(w.loop);
}

START_TEST(find)
{
	struct destination *d;
	char *conf = mem_printf(
	    "smtp_tcp_port = 25\nlmtp_tcp_port = 24\n%s", cases[_i].conf);

	why_init(&found_why);
	w.names = names;
	world_conf(conf);
	d = destination_find(cases[_i].lmtp ? &w.lmtp_env : &w.env,
	    span_str(cases[_i].nexthop), cases[_i].lmtp, found, NULL);
	ck_assert(!w.done); /* never at once */
	loop_run(w.loop);
	ck_assert(w.done);
	if (cases[_i].list != NULL)
		ck_assert_str_eq(buf_str(&list), cases[_i].list);
	else
		ck_assert_uint_eq(list.n, 0);
	ck_assert_str_eq(found_why.status,
	    cases[_i].list != NULL ? "2.0.0" : cases[_i].status);
	ck_assert_msg(strstr(why_text(&found_why), cases[_i].text) != NULL,
	    "%s: %s", cases[_i].nexthop, why_text(&found_why));
	destination_free(&d);
	why_free(&found_why);
	buf_free(&list);
	free(conf);
}
END_TEST

/* Of hosts with one preference each comes first at some time. */
START_TEST(chance)
{
	static const struct world_name equal[] = {
		{ "e.example", DNS_MX, DNS_FOUND, 10, "a.example", false },
		{ "e.example", DNS_MX, DNS_FOUND, 10, "b.example", false },
		{ "a.example", DNS_A, DNS_FOUND, 0, "192.0.2.1", false },
		{ "b.example", DNS_A, DNS_FOUND, 0, "192.0.2.2", false },
		{ .name = NULL },
	};
	bool a_first = false, b_first = false;

	w.names = equal;
	world_conf("smtp_randomize_addresses = yes\n");
	for (int i = 0; i < 200 && !(a_first && b_first); i++) {
		struct destination *d = destination_find(
		    &w.env, SPAN("e.example"), false, found, NULL);

		loop_run(w.loop);
		ck_assert_uint_eq(destination_count(d), 2);
		ck_assert(destination_target(d, 1)->best);
		if (destination_target(d, 0)->host[0] == 'a')
			a_first = true;
		else
			b_first = true;
		destination_free(&d);
	}
	ck_assert(a_first && b_first);
	buf_free(&list);
}
END_TEST

static const struct {
	const char *conf;
	enum dns_hosts want;
} lookups[] = {
	{ "", DNS_HOSTS_NEVER },
	{ "smtp_host_lookup = native\n", DNS_HOSTS_FIRST },
	{ "smtp_host_lookup = native, dns\n", DNS_HOSTS_FIRST },
	{ "smtp_host_lookup = dns, native\n", DNS_HOSTS_LAST },
	{ "disable_dns_lookups = yes\n", DNS_HOSTS_FIRST },
	{ "smtp_dns_support_level = disabled\n", DNS_HOSTS_FIRST },
};

START_TEST(host_lookup)
{
	struct destination *d;

	w.names = names;
	world_conf(lookups[_i].conf);
	d = destination_find(&w.env, SPAN("[a.example]"), false, found, NULL);
	loop_run(w.loop);
	ck_assert_int_eq(w.hosts_wanted, lookups[_i].want);
	destination_free(&d);
	buf_free(&list);
}
END_TEST

START_TEST(cancelled)
{
	struct destination *d;

	w.names = names;
	d = destination_find(&w.env, SPAN("two.example"), false, found, NULL);
	destination_free(&d);
	d = destination_find(&w.env, SPAN("[192.0.2.1]"), false, found, NULL);
	destination_free(&d);
	d = destination_find(&w.env, SPAN("a.example"), false, found, NULL);
	loop_run(w.loop);
	ck_assert_uint_eq(destination_count(d), 1);
	destination_free(&d);
	buf_free(&list);
}
END_TEST

/* Next hops in other scripts, as all that follows has them. */
static const struct {
	const char *nexthop, *ascii;
	bool domain; /* MTA-STS may have a say in it */
} wide[] = {
	{ "a.example", "a.example", true },
	{ "b\xc3\xbc"
	  "cher.example",
	    "xn--bcher-kva.example", true },
	{ "b\xc3\xbc"
	  "cher.example:2525",
	    "xn--bcher-kva.example:2525", true },
	{ "[b\xc3\xbc"
	  "cher.example]:25",
	    "[xn--bcher-kva.example]:25", false },
	{ "inet:b\xc3\xbc"
	  "cher.example:24",
	    "inet:xn--bcher-kva.example:24", true },
	{ "\xef\xbd\x85.example", "\xef\xbd\x85.example", false },
	{ "\xff.example:25", "\xff.example:25", false },
	{ "[\xc3\xbc", "[xn--tda", false },
};

START_TEST(ascii)
{
	struct span got =
	    destination_ascii(w.arena, span_str(wide[_i].nexthop));
	struct span domain;

	world_conf("");
	ck_assert_msg(span_is(got, wide[_i].ascii), "row %d: %.*s", _i,
	    (int)got.n, got.p);
	ck_assert_int_eq(
	    destination_is_domain(&w.env, got, &domain), wide[_i].domain);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_loop_test(t, find, 0, UNIT_COUNT(cases));
	tcase_add_test(t, chance);
	tcase_add_loop_test(t, ascii, 0, UNIT_COUNT(wide));
	tcase_add_loop_test(t, host_lookup, 0, UNIT_COUNT(lookups));
	tcase_add_test(t, cancelled);
}

int
main(void)
{
	return unit_main("smtp/destination", fill);
}
