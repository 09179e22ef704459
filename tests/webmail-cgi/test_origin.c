/* test_origin.c - webmail-cgi/origin.c */

#include "tests/unit.h"
#include "webmail-cgi/request.h"

#define HOST "mail.sigui.ci"

static const struct {
	const char *host, *fetch_site, *origin, *referer;
	bool here;
} cases[] = {
	{ HOST, NULL, NULL, NULL, true },
	{ HOST, "", "", "", true },
	{ HOST, "same-origin", NULL, NULL, true },
	{ HOST, "none", NULL, NULL, true },
	{ HOST, "same-site", NULL, NULL, false },
	{ HOST, "cross-site", NULL, NULL, false },
	{ HOST, "Same-Origin", NULL, NULL, false },
	{ HOST, "x", NULL, NULL, false },
	/* the first decides */
	{ HOST, "cross-site", "https://" HOST, "https://" HOST "/", false },
	{ HOST, "same-origin", "null", NULL, true },
	{ HOST, NULL, "null", "https://" HOST "/", false },
	{ HOST, NULL, "https://" HOST, NULL, true },
	{ HOST, NULL, "http://" HOST, "https://evil.test/", true },
	{ HOST, NULL, "HTTPS://MAIL.SIGUI.CI", NULL, true },
	{ HOST, NULL, "https://" HOST ":8443", NULL, false },
	{ HOST ":8443", NULL, "https://" HOST ":8443", NULL, true },
	{ "[::1]:80", NULL, "http://[::1]:80", NULL, true },
	{ HOST, NULL, "https://" HOST ".evil.test", NULL, false },
	{ HOST, NULL, "https://evil.test/" HOST, NULL, false },
	{ HOST, NULL, "https://" HOST "@evil.test", NULL, false },
	{ HOST, NULL, "ftp://" HOST, NULL, false },
	{ HOST, NULL, HOST, NULL, false },
	{ HOST, NULL, "https://", NULL, false },
	{ "", NULL, "https://", NULL, false },
	{ NULL, NULL, "https://" HOST, NULL, false },
	{ HOST, NULL, NULL, "https://" HOST, true },
	{ HOST, NULL, NULL, "https://" HOST "/messagerie/?x", true },
	{ HOST, NULL, NULL, "https://" HOST "?/", true },
	{ HOST, NULL, NULL, "https://evil.test/?https://" HOST "/", false },
	{ HOST, NULL, NULL, "https://evil.test", false },
};

START_TEST(from_here)
{
	struct request_env env = { .host = cases[_i].host,
		.fetch_site = cases[_i].fetch_site,
		.origin = cases[_i].origin,
		.referer = cases[_i].referer };

	ck_assert_msg(request_from_here(&env) == cases[_i].here,
	    "row %d: host %s, site %s, origin %s, referer %s", _i, env.host,
	    env.fetch_site, env.origin, env.referer);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, from_here, 0, UNIT_COUNT(cases));
}

int
main(void)
{
	return unit_main("webmail-cgi/origin", fill);
}
