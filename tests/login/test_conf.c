/* test_conf.c - login/conf.h */

#include "login/conf.h"

#include "tests/unit.h"

static const struct {
	const char *protocol, *service;
	bool pop3;
} services[] = {
	{ "", "pop3", true },
	{ "", "pop3s", true },
	{ "", "127.0.0.1:pop3", true },
	{ "", "[::1]:995", true },
	{ "", "110", true },
	{ "", "imap", false },
	{ "", "1110", false },
	{ "", "webmail", false },
	{ "pop3", "127.0.0.1:1110", true },
	{ "IMAP", "pop3", false },
};

START_TEST(protocol)
{
	struct login_conf conf = { .login_protocol = services[_i].protocol };

	ck_assert_msg(
	    login_conf_pop3(&conf, services[_i].service) == services[_i].pop3,
	    "login_protocol = %s, service %s", services[_i].protocol,
	    services[_i].service);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, protocol, 0, UNIT_COUNT(services));
}

int
main(void)
{
	return unit_main("login/conf", fill);
}
