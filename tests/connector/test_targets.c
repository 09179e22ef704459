#include "connector/targets.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/why.h"
#include "config/param.h"
#include "os/file.h"
#include "tests/unit.h"

static const char main_cf[] =
    "filter = inet:localhost:8891\n"
    "smtpd_milters = $filter, { unix:/run/milter, connect_timeout=10s,\n"
    "    default_action=accept }\n"
    "non_smtpd_milters = inet:[::1]:8893, local:opendkim/sock\n"
    "smtpd_milter_maps = inline:{\n"
    "    {192.0.2.1={inet:map.example:1, default_action=accept}}}\n"
    "smtpd_recipient_restrictions = permit_mynetworks,\n"
    "    check_policy_service inet:127.0.0.1:10023,\n"
    "    check_policy_service { unix:private/policy, timeout=5s }, greylist\n"
    "smtpd_restriction_classes = greylist\n"
    "greylist = check_policy_service inet:grey.example:10024\n"
    "not_a_class = check_policy_service inet:other.example:10024\n"
    "transport_maps = tcp:maps.example:7777, hash:/etc/x,\n"
    "    proxy:socketmap:inet:maps.example:8888:name,\n"
    "    socketmap:unix:/run/maps:name,\n"
    "    inline:{a.example=lmtp:unix:private/inline}\n"
    "virtual_transport = lmtp:unix:/run/lmtp\n"
    "smtpd_proxy_filter = :10026\n"
    "mailbox_command = lmtp:unix:/run/milter\n"
    "smtpd_client_restrictions = check_policy_service inet:nowhere\n"
    "smtpd_sender_restrictions = check_policy_service inet:host:99999\n";

static const struct {
	const char *text, *label;
	const char *host; /* or */
	const char *path; /* or neither: not allowed */
	uint16_t port;
} cases[] = {
	{ "inet:localhost:8891", "smtpd", "localhost", NULL, 8891 },
	{ "inet:localhost:10026", "smtpd", "localhost", NULL, 10026 },
	{ "inet:localhost:10026", "pickup", NULL, NULL, 0 },
	{ "inet:localhost:8891", "lookup", NULL, NULL, 0 },
	{ "inet:localhost:8891", "login", NULL, NULL, 0 },
	{ "unix:/run/milter", "smtpd", NULL, "/run/milter", 0 },
	{ "inet:[::1]:8893", "pickup", "::1", NULL, 8893 },
	{ "inet:[::1]:8893", "bounce", "::1", NULL, 8893 },
	{ "inet:[::1]:8893", "smtpd", NULL, NULL, 0 },
	{ "unix:opendkim/sock", "pickup", NULL,
	    "/var/spool/facteur/opendkim/sock", 0 },
	{ "local:opendkim/sock", "pickup", NULL, NULL, 0 },
	{ "inet:map.example:1", "smtpd", "map.example", NULL, 1 },
	{ "inet:cidr.example:2", "smtpd", "cidr.example", NULL, 2 },
	{ "unix:/run/cidr", "smtpd", NULL, "/run/cidr", 0 },
	{ "unix:/run/cidr", "pickup", NULL, NULL, 0 },
	{ "inet:127.0.0.1:10023", "smtpd", "127.0.0.1", NULL, 10023 },
	{ "unix:private/policy", "smtpd", NULL,
	    "/var/spool/facteur/private/policy", 0 },
	{ "unix:/run/lmtp", "smtp", NULL, "/run/lmtp", 0 },
	{ "unix:/run/lmtp", "smtpd", NULL, NULL, 0 },
	{ "unix:private/inline", "smtp", NULL,
	    "/var/spool/facteur/private/inline", 0 },
	{ "unix:/run/milter", "smtp", NULL, NULL, 0 },
	{ "inet:grey.example:10024", "smtpd", "grey.example", NULL, 10024 },
	{ "inet:other.example:10024", "smtpd", NULL, NULL, 0 },
	{ "inet:maps.example:7777", "lookup", "maps.example", NULL, 7777 },
	{ "inet:maps.example:7777", "smtpd", NULL, NULL, 0 },
	{ "inet:maps.example:8888", "lookup", "maps.example", NULL, 8888 },
	{ "unix:/run/maps", "lookup", NULL, "/run/maps", 0 },
	{ "inet:override.example:1", "smtpd", "override.example", NULL, 1 },
	{ "inet:localhost:8892", "smtpd", NULL, NULL, 0 },
	{ "inet:nowhere", "smtpd", NULL, NULL, 0 },
	{ "inet:host:99999", "smtpd", NULL, NULL, 0 },
	{ "unix:/etc/passwd", "smtpd", NULL, NULL, 0 },
	{ "unix:", "smtpd", NULL, NULL, 0 },
	{ "", "smtpd", NULL, NULL, 0 },
};

static void
file_make(const char *folder, const char *name, const char *text)
{
	int dir = file_open_dir(AT_FDCWD, folder, true);

	ck_assert_int_ne(dir, -1);
	ck_assert_int_eq(file_replace(dir, name, span_str(text), 0600), 0);
	file_close(&dir);
}

START_TEST(find)
{
	struct targets *t = targets_new();
	char folder[] = "/tmp/connector.XXXXXX", name[64], master[300];
	const struct target *got;
	struct why why;

	why_init(&why);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	file_make(folder, "main.cf", main_cf);
	file_make(folder, "milters",
	    "192.0.2.0/24 DISABLE\n"
	    "0.0.0.0/0 { inet:cidr.example:2, default_action=accept },\n"
	    "    unix:/run/cidr\n");
	snprintf(master, sizeof(master),
	    "smtp inet n - y - 1 smtpd\n"
	    "  -o smtpd_milter_maps=cidr:%s/milters\n"
	    "587 inet n - y - 1 smtpd\n"
	    "  -o smtpd_milters=inet:override.example:1\n",
	    folder);
	file_make(folder, "master.cf", master);
	ck_assert_msg(targets_read(t, folder, &why), "%s", why_text(&why));
	got = targets_find(t, span_str(cases[_i].text), cases[_i].label);
	if (cases[_i].host == NULL && cases[_i].path == NULL) {
		ck_assert_msg(got == NULL, "%s", cases[_i].text);
	} else {
		ck_assert_msg(got != NULL, "%s", cases[_i].text);
		ck_assert_str_eq(got->text, cases[_i].text);
		if (cases[_i].host != NULL)
			ck_assert_str_eq(got->host, cases[_i].host);
		else
			ck_assert_str_eq(got->path, cases[_i].path);
		ck_assert_uint_eq(got->port, cases[_i].port);
	}
	targets_free(&t);
	why_free(&why);
	snprintf(name, sizeof(name), "%s/milters", folder);
	unlink(name);
	snprintf(name, sizeof(name), "%s/main.cf", folder);
	unlink(name);
	snprintf(name, sizeof(name), "%s/master.cf", folder);
	unlink(name);
	rmdir(folder);
}
END_TEST

/* Where nothing is named there is nothing to dial. */
START_TEST(defaults)
{
	struct targets *t = targets_new();
	struct main_cf *m;
	struct why why;

	why_init(&why);
	m = main_cf_parse(SPAN("myhostname = a.example\n"), "main.cf", &why);
	ck_assert_ptr_nonnull(m);
	ck_assert(targets_add(t, m, &why));
	ck_assert_uint_eq(targets_count(t), 0);
	main_cf_free(&m);
	targets_free(&t);
	why_free(&why);
}
END_TEST

/* What tables say of other hosts is for auth alone, and where they are set. */
START_TEST(proxy)
{
	static const struct {
		const char *main_cf, *text, *label, *host;
		unsigned port;
	} rows[] = {
		{ "imap_proxy_maps = hash:/x\n", "inet:box.example:143", "auth",
		    "box.example", 143 },
		{ "pop3_proxy_maps = hash:/x\n", "inet:[2001:db8::1]:995",
		    "auth", "2001:db8::1", 995 },
		{ "sieve_proxy_maps = hash:/x\n", "inet:a:4190", "auth", "a",
		    4190 },
		{ "imap_proxy_maps =\n", "inet:a:1", "auth", NULL, 0 },
		{ "imap_proxy_maps = hash:/x\n", "inet:a:1", "login", NULL, 0 },
		{ "imap_proxy_maps = hash:/x\n", "unix:/a", "auth", NULL, 0 },
		{ "imap_proxy_maps = hash:/x\n", "inet:a:0", "auth", NULL, 0 },
	};
	struct targets *t = targets_new();
	struct arena *a = arena_new();
	struct main_cf *m;
	struct target got;
	struct why why;
	bool found;

	why_init(&why);
	m = main_cf_parse(span_str(rows[_i].main_cf), "main.cf", &why);
	ck_assert_ptr_nonnull(m);
	ck_assert(targets_add(t, m, &why));
	main_cf_free(&m);
	found =
	    targets_proxy(t, span_str(rows[_i].text), rows[_i].label, a, &got);
	ck_assert_msg(found == (rows[_i].host != NULL), "%s", rows[_i].text);
	if (found) {
		ck_assert_str_eq(got.host, rows[_i].host);
		ck_assert_uint_eq(got.port, rows[_i].port);
	}
	targets_free(&t);
	arena_free(&a);
	why_free(&why);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, find, 0, UNIT_COUNT(cases));
	tcase_add_test(t, defaults);
	tcase_add_loop_test(t, proxy, 0, 7);
}

int
main(void)
{
	return unit_main("connector/targets", fill);
}
