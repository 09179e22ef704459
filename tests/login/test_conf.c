/* test_conf.c - login/conf.h */

#include "login/conf.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "os/file.h"
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
	{ "sieve", "pop3", false },
};

static const struct {
	const char *protocol, *service;
	bool sieve;
} sieves[] = {
	{ "", "sieve", true },
	{ "", "127.0.0.1:4190", true },
	{ "", "managesieve", true },
	{ "", "imap", false },
	{ "", "14190", false },
	{ "imap", "sieve", false },
	{ "Sieve", "2000", true },
};

START_TEST(sieve)
{
	struct login_conf conf = { .login_protocol = sieves[_i].protocol };

	ck_assert_msg(
	    login_conf_sieve(&conf, sieves[_i].service) == sieves[_i].sieve,
	    "login_protocol = %s, service %s", sieves[_i].protocol,
	    sieves[_i].service);
}
END_TEST

START_TEST(protocol)
{
	struct login_conf conf = { .login_protocol = services[_i].protocol };

	ck_assert_msg(
	    login_conf_pop3(&conf, services[_i].service) == services[_i].pop3,
	    "login_protocol = %s, service %s", services[_i].protocol,
	    services[_i].service);
}
END_TEST

/* Certificate, key, whether STARTTLS is offered, whether TLS is needed. */
static const struct {
	const char *imapd, *imapd_ssl, *cert, *key;
	bool starttls, never;
} files[] = {
	{ "", "", "/main.pem", "/main.key", true, false },
	{ "TLS_CERTFILE=/etc/passwd\n", "", "/etc/passwd", "/etc/passwd", true,
	    false },
	{ "TLS_CERTFILE=/etc/passwd\nTLS_PRIVATE_KEYFILE=/k\n", "",
	    "/etc/passwd", "/k", true, false },
	{ "TLS_CERTFILE=/nonexistent\n", "TLS_CERTFILE=/etc/group\n",
	    "/etc/group", "/etc/group", true, false },
	{ "", "TLS_CERTFILE=/nonexistent\n", "/main.pem", "/main.key", true,
	    false },
	{ "", "IMAPDSTARTTLS=NO\n", "/main.pem", "/main.key", false, false },
	{ "IMAP_TLS_REQUIRED=1\n", "", "/main.pem", "/main.key", true, true },
	{ "IMAP_TLS_REQUIRED=1\n", "IMAP_TLS_REQUIRED=0\n", "/main.pem",
	    "/main.key", true, false },
};

static void
put_file(const char *folder, const char *name, const char *text)
{
	int fd = file_open_dir(AT_FDCWD, folder, false);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(file_replace(fd, name, span_str(text), 0600), 0);
	file_close(&fd);
}

START_TEST(of_courier)
{
	char folder[] = "/tmp/facteur-test-XXXXXX", command[64];
	struct login_conf conf = { .login_plaintext = "loopback",
		.smtpd_tls_cert_file = "/main.pem",
		.smtpd_tls_key_file = "/main.key" };
	struct arena *a = arena_new();

	ck_assert_ptr_nonnull(mkdtemp(folder));
	put_file(folder, "imapd", files[_i].imapd);
	put_file(folder, "imapd-ssl", files[_i].imapd_ssl);
	login_conf_courier(&conf, folder, a, false);
	ck_assert_str_eq(conf.cert_file, files[_i].cert);
	ck_assert_str_eq(conf.key_file, files[_i].key);
	ck_assert(conf.starttls == files[_i].starttls);
	ck_assert((conf.plaintext == PLAINTEXT_NEVER) == files[_i].never);
	arena_free(&a);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

/* Who is asked for a certificate, and who vouches: Courier's word counts. */
static const struct {
	const char *imapd_ssl;
	bool main_asks;
	enum ask_client ask;
	const char *ca_file, *ca_folder;
} asked[] = {
	{ "", false, ASK_NOBODY, "/main.ca", "" },
	{ "", true, ASK, "/main.ca", "" },
	{ "TLS_VERIFYPEER=NONE\nTLS_TRUSTCERTS=/tmp\n", false, ASK_NOBODY,
	    "/main.ca", "" },
	{ "TLS_VERIFYPEER=PEER\n", false, ASK, "/main.ca", "" },
	{ "TLS_VERIFYPEER=PEER\nTLS_TRUSTCERTS=/tmp\n", false, ASK, "",
	    "/tmp" },
	{ "TLS_VERIFYPEER=REQUIREPEER\nTLS_TRUSTCERTS=/x/ca.pem\n", true,
	    ASK_AND_REQUIRE, "/x/ca.pem", "" },
};

START_TEST(certificates)
{
	char folder[] = "/tmp/facteur-test-XXXXXX", command[64];
	struct login_conf conf = { .login_plaintext = "loopback",
		.smtpd_tls_cert_file = "/main.pem",
		.smtpd_tls_key_file = "/main.key",
		.smtpd_tls_CAfile = "/main.ca",
		.smtpd_tls_CApath = "",
		.smtpd_tls_ask_ccert = asked[_i].main_asks };
	struct arena *a = arena_new();

	ck_assert_ptr_nonnull(mkdtemp(folder));
	put_file(folder, "imapd-ssl", asked[_i].imapd_ssl);
	login_conf_courier(&conf, folder, a, false);
	ck_assert_int_eq(conf.ask_client, asked[_i].ask);
	ck_assert_str_eq(conf.ca_file, asked[_i].ca_file);
	ck_assert_str_eq(conf.ca_folder, asked[_i].ca_folder);
	arena_free(&a);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

/* TLS_PROTOCOL, TLS_STARTTLS_PROTOCOL, TLS_CIPHER_LIST. */
static const struct {
	const char *imapd_ssl;
	bool wrapper;
	const char *protocols, *ciphers; /* NULL: those of main.cf */
} versions[] = {
	{ "", true, "main", NULL },
	{ "TLS_STARTTLS_PROTOCOL=\"$TLS_PROTOCOL\"\n", false, "main", NULL },
	{ "TLS_PROTOCOL=TLSv1.2++\n", true, ">=TLSv1.2", NULL },
	{ "TLS_PROTOCOL=TLSv1.2++\n", false, ">=TLSv1.2", NULL },
	{ "TLS_PROTOCOL=TLSv1.1\nTLS_STARTTLS_PROTOCOL=TLSv1.3\n", true,
	    ">=TLSv1.1", NULL },
	{ "TLS_PROTOCOL=TLSv1.1\nTLS_STARTTLS_PROTOCOL=TLSv1.3\n", false,
	    ">=TLSv1.3", NULL },
	{ "TLS_PROTOCOL=SSL23\nTLS_CIPHER_LIST=\n", true, ">=TLSv1", NULL },
	{ "TLS_CIPHER_LIST=\"HIGH:!aNULL\"\n", true, "main", "HIGH:!aNULL" },
};

START_TEST(tls_versions)
{
	char folder[] = "/tmp/facteur-test-XXXXXX", command[64];
	struct login_conf conf = { .login_plaintext = "loopback",
		.smtpd_tls_cert_file = "",
		.smtpd_tls_protocols = "main",
		.tls_wrappermode = versions[_i].wrapper };
	struct arena *a = arena_new();

	ck_assert_ptr_nonnull(mkdtemp(folder));
	put_file(folder, "imapd-ssl", versions[_i].imapd_ssl);
	login_conf_courier(&conf, folder, a, false);
	ck_assert_str_eq(conf.tls_protocols, versions[_i].protocols);
	ck_assert_msg(
	    span_is(span_str(conf.cipher_list),
		versions[_i].ciphers == NULL ? "" : versions[_i].ciphers),
	    "%s", versions[_i].imapd_ssl);
	arena_free(&a);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, certificates, 0, UNIT_COUNT(asked));
	tcase_add_loop_test(t, of_courier, 0, UNIT_COUNT(files));
	tcase_add_loop_test(t, tls_versions, 0, UNIT_COUNT(versions));
	tcase_add_loop_test(t, protocol, 0, UNIT_COUNT(services));
	tcase_add_loop_test(t, sieve, 0, UNIT_COUNT(sieves));
}

int
main(void)
{
	return unit_main("login/conf", fill);
}
