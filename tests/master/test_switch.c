/* test_switch.c - master/switch.h */

#include "master/switch.h"

#include "tests/unit.h"

static const struct {
	const char *list, *name, *type;
	bool off;
} services[] = {
	{ "", "smtp", "inet", false },
	{ "inet", "smtp", "inet", true },
	{ "inet", "smtp", "unix", false },
	{ "smtp/inet", "smtp", "inet", true },
	{ "smtp.inet, submission.inet", "submission", "inet", true },
	{ "smtp/inet", "smtps", "inet", false },
	{ "smtps/inet", "smtp", "inet", false },
	{ "smtp", "smtp", "inet", false },
	{ "127.0.0.1:25/inet", "127.0.0.1:25", "inet", true },
	{ "!smtp/inet inet", "smtp", "inet", false },
	{ "!smtp/inet inet", "smtps", "inet", true },
	{ "inet !smtp/inet", "smtp", "inet", true },
	{ "!!inet", "smtp", "inet", true },
};

START_TEST(disabled)
{
	ck_assert_msg(service_is_disabled(services[_i].list, services[_i].name,
			  services[_i].type) == services[_i].off,
	    "%s", services[_i].list);
}
END_TEST

static const struct {
	const char *prefixes, *path;
	bool allowed;
} paths[] = {
	{ "/var, /dev/stdout", "/var/log/mail.log", true },
	{ "/var, /dev/stdout", "/dev/stdout", true },
	{ "/var", "/variable/log", false },
	{ "/var/", "/var/log", true },
	{ "/", "/anything", true },
	{ "/var", "/etc/passwd", false },
	{ "/var", "/var/../etc/passwd", false },
	{ "/var", "/va", false },
	{ "", "/var/log", false },
	{ "/var", "var/log", false },
};

START_TEST(path)
{
	ck_assert_msg(log_path_allowed(paths[_i].prefixes, paths[_i].path) ==
		paths[_i].allowed,
	    "%s: %s", paths[_i].prefixes, paths[_i].path);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, disabled, 0, UNIT_COUNT(services));
	tcase_add_loop_test(t, path, 0, UNIT_COUNT(paths));
}

int
main(void)
{
	return unit_main("master/switch", fill);
}
