/* test_proxy_target.c - wire/proxy_target.h */

#include "wire/proxy_target.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct row {
	const char *text, *error; /* NULL: good */
	const char *host;
	int port;
	enum proxy_tls tls;
	const char *name, *user, *master, *password;
	int bits; /* 1 wrapper, 2 id, 4 local; 16 * header */
	char separator;
} rows[] = {
	{ "box1", NULL, "box1", 0, 0, "", "", "", "", 0, 0 },
	{ " box1.test:1143 ", NULL, "box1.test", 1143, 0, "", "", "", "", 0,
	    0 },
	{ "[192.0.2.1]:143 id", NULL, "192.0.2.1", 143, 0, "", "", "", "", 2,
	    0 },
	{ "[2001:db8::1]\twrapper proxy=2", NULL, "2001:db8::1", 0, 0, "", "",
	    "", "", 33, 0 },
	{ "a tls=none", NULL, "a", 0, PROXY_TLS_NONE, "", "", "", "", 0, 0 },
	{ "a tls=MAY proxy=1", NULL, "a", 0, PROXY_TLS_MAY, "", "", "", "", 16,
	    0 },
	{ "a tls=verify name=b.test", NULL, "a", 0, PROXY_TLS_VERIFY, "b.test",
	    "", "", "", 0, 0 },
	{ "a user=joe master=boss password=x separator=*", NULL, "a", 0, 0, "",
	    "joe", "boss", "x", 0, '*' },
	{ "a password=\"a b\\\"c\\\\\" id", NULL, "a", 0, 0, "", "", "",
	    "a b\"c\\", 2, 0 },
	{ "a password=\"x\\y\"", NULL, "a", 0, 0, "", "", "", "xy", 0, 0 },
	{ "local", NULL, "", 0, 0, "", "", "", "", 4, 0 },
	{ .text = "local id", .error = "local stands alone" },
	{ .text = "", .error = "want HOST or HOST:PORT first" },
	{ .text = ":143", .error = "want HOST or HOST:PORT first" },
	{ .text = "tls=none a", .error = "want HOST or HOST:PORT first" },
	{ .text = "a:0", .error = "the port is no number" },
	{ .text = "a:65536", .error = "the port is no number" },
	{ .text = "a:imap", .error = "the port is no number" },
	{ .text = "a tls=secure",
	    .error = "tls wants none, may, encrypt or verify" },
	{ .text = "a tls", .error = "unknown word" },
	{ .text = "a b=c", .error = "unknown word" },
	{ .text = "a =", .error = "unknown word" },
	{ .text = "a proxy=3", .error = "proxy wants 1 or 2" },
	{ .text = "a separator=", .error = "separator wants one character" },
	{ .text = "a separator=**", .error = "separator wants one character" },
	{ .text = "a password=", .error = "password is empty or too long" },
	{ .text = "a password=\"x", .error = "a quote has no end" },
	{ .text = "a password=\"x\"y", .error = "a quote has no end" },
	{ .text = "a password=\"x\\", .error = "a quote has no end" },
	{ .text = "a user=\"\"", .error = "a name is empty or too long" },
	{ .text = "a name=b=c", .error = "name is no host name" },
	{ .text = "a master=boss", .error = "master wants a password" },
	{ .text = "a wrapper tls=none",
	    .error = "wrapper is TLS: tls wants encrypt or verify" },
};

START_TEST(parse)
{
	const struct row *r = &rows[_i];
	struct buf text = BUF_EMPTY;
	struct proxy_target t;
	const char *error;
	bool good;

	buf_add_str(&text, r->text);
	good = proxy_target_parse(&text, &t, &error);
	ck_assert_msg(good == (r->error == NULL), "%s: %s", r->text,
	    good ? "good" : error);
	if (!good) {
		ck_assert_str_eq(error, r->error);
	} else {
		ck_assert_msg(span_is(t.host, r->host) && t.port == r->port &&
			t.tls == r->tls && span_is(t.name, r->name) &&
			span_is(t.user, r->user) &&
			span_is(t.master, r->master) &&
			span_is(t.password, r->password) &&
			t.separator == r->separator,
		    "%s", r->text);
		ck_assert_int_eq((int)(t.header * 16) + t.local * 4 +
			t.facts * 2 + t.wrapper,
		    r->bits);
	}
	buf_free(&text);
}
END_TEST

START_TEST(long_values)
{
	static const char *const names[] = {
		"a user=", "a password=", "a name=", ""
	};
	static const size_t most[] = { PROXY_NAME_MAX, 1000, PROXY_HOST_MAX,
		PROXY_HOST_MAX };

	for (size_t more = 0; more < 2; more++) {
		struct buf text = BUF_EMPTY;
		struct proxy_target t;
		const char *error;

		buf_add_str(&text, names[_i]);
		for (size_t i = 0; i < most[_i] + more; i++)
			buf_add_byte(&text, 'x');
		ck_assert(proxy_target_parse(&text, &t, &error) == (more == 0));
		buf_free(&text);
	}
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parse, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, long_values, 0, 4);
}

int
main(void)
{
	return unit_main("wire/proxy_target", fill);
}
