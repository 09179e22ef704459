/* test_store.c - keys/store.h and keys/conf.h: who may sign with what */

#include "keys/store.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/key_call.h"
#include "keys/conf.h"
#include "os/file.h"
#include "tests/unit.h"

static const char rsa[] = "tests/data/tls/rsa.key";
static const char ec[] = "tests/data/tls/ec.key";

static const struct {
	unsigned role;
	const char *key, *scheme;
	size_t bytes;
	enum store_result got;
} requests[] = {
	{ ROLE_SMTPD, rsa, "pkcs1:SHA256", 32, STORE_SIGNED },
	{ ROLE_LOGIN, rsa, "pkcs1:SHA256", 32, STORE_SIGNED },
	{ ROLE_SMTP, rsa, "pkcs1:SHA256", 32, STORE_FORBIDDEN },
	{ 0, rsa, "pkcs1:SHA256", 32, STORE_FORBIDDEN },
	{ ROLE_SMTP, ec, "ecdsa", 32, STORE_SIGNED },
	{ ROLE_SMTPD, ec, "ecdsa", 32, STORE_FORBIDDEN },
	{ ROLE_SMTP, ec, "pkcs1:SHA256", 32, STORE_REFUSED },
	{ ROLE_SMTPD, rsa, "pss", 256, STORE_REFUSED },
	{ ROLE_SMTPD, "tests/data/tls/ed25519.key", "ed25519", 32,
	    STORE_NO_KEY },
	{ ROLE_SMTPD, "tests/data/tls/absent", "ecdsa", 32, STORE_NO_KEY },
	{ ROLE_SMTPD, "/etc/shadow", "ecdsa", 32, STORE_NO_KEY },
	{ ROLE_SMTPD, "", "ecdsa", 32, STORE_NO_KEY },
};

START_TEST(who_may)
{
	struct store *s = store_new();
	struct buf signature = BUF_EMPTY;
	char data[256] = "x";
	struct key_sign request = { span_str(requests[_i].key),
		span_str(requests[_i].scheme),
		span_of(data, requests[_i].bytes) };

	store_add(s, span_str(rsa), ROLE_SMTPD);
	store_add(s, span_str(ec), ROLE_SMTP);
	store_add(s, span_str(rsa), ROLE_LOGIN);
	store_add(s, SPAN("tests/data/tls/absent"), ROLE_SMTPD);
	ck_assert_uint_eq(store_count(s), 2);
	ck_assert_int_eq(store_sign(s, requests[_i].role, &request, &signature),
	    requests[_i].got);
	ck_assert((signature.n > 0) == (requests[_i].got == STORE_SIGNED));
	buf_free(&signature);
	store_free(&s);
}
END_TEST

static void
note(void *arg, struct span path, unsigned roles)
{
	buf_printf(arg, "%.*s %u\n", (int)path.n, path.p, roles);
}

static void
put(const char *folder, const char *name, const char *text)
{
	struct buf path = BUF_EMPTY;
	int fd;

	buf_printf(&path, "%s/%s", folder, name);
	fd = file_open(
	    AT_FDCWD, buf_str(&path), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(file_write(fd, span_str(text)), 0);
	file_close(&fd);
	buf_free(&path);
}

static const char *const names[] = { "main.cf", "master.cf", "imapd",
	"pop3d-ssl", "dkim" };

static const char *const texts[] = {
	"smtpd_tls_cert_file = /c/main.pem\n"
	"smtpd_tls_chain_files = /c/a.pem, /c/b.pem\n"
	"smtp_tls_cert_file = /c/out.pem\n"
	"smtp_tls_key_file = /c/out.key\n",
	"smtp inet n - y - 2 smtpd\n"
	"submission inet n - y - 2 smtpd\n"
	"  -o smtpd_tls_cert_file=/c/sub.pem\n"
	"box unix - - n - - lmtp\n"
	"  -o lmtp_tls_key_file=/c/box.key\n",
	"TLS_CERTFILE=/c/imap.pem\n",
	"TLS_CERTFILE=/c/pop.pem\nTLS_PRIVATE_KEYFILE=/c/pop.key\n",
	"a.example s1 /c/dkim.pem ed25519\n",
};

START_TEST(named_in_configuration)
{
	char folder[] = "/tmp/facteur-test.XXXXXX";
	struct buf got = BUF_EMPTY, path = BUF_EMPTY;
	struct why why;

	why_init(&why);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < 5; i++)
		put(folder, names[i], texts[i]);
	buf_printf(&path, "%sdkim_key_table = %s/dkim\n", texts[0], folder);
	put(folder, "main.cf", buf_str(&path));
	ck_assert_msg(
	    conf_keys(folder, note, &got, &why), "%s", why_text(&why));
	ck_assert_str_eq(buf_str(&got),
	    "/c/main.pem 5\n/c/a.pem 5\n/c/b.pem 5\n/c/out.key 2\n"
	    "/c/dkim.pem 9\n"
	    /* the row of submission */
	    "/c/sub.pem 5\n/c/a.pem 5\n/c/b.pem 5\n/c/dkim.pem 9\n"
	    /* that of box, which is one of smtp */
	    "/c/out.key 2\n/c/box.key 2\n/c/dkim.pem 9\n"
	    "/c/imap.pem 4\n/c/pop.key 4\n");
	put(folder, "master.cf", "this is no row\n");
	ck_assert(!conf_keys(folder, note, &got, &why));
	for (size_t i = 0; i < 5; i++) {
		buf_clear(&path);
		buf_printf(&path, "%s/%s", folder, names[i]);
		unlink(buf_str(&path));
	}
	rmdir(folder);
	buf_free(&path);
	buf_free(&got);
	why_free(&why);
}
END_TEST

START_TEST(labels)
{
	ck_assert_uint_eq(role_of_label("smtpd"), ROLE_SMTPD);
	ck_assert_uint_eq(role_of_label("smtp"), ROLE_SMTP);
	ck_assert_uint_eq(role_of_label("login"), ROLE_LOGIN);
	ck_assert_uint_eq(role_of_label("pickup"), ROLE_PICKUP);
	ck_assert_uint_eq(role_of_label("public"), 0);
	ck_assert_uint_eq(role_of_label(""), 0);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, who_may, 0, UNIT_COUNT(requests));
	tcase_add_test(t, named_in_configuration);
	tcase_add_test(t, labels);
}

int
main(void)
{
	return unit_main("keys/store", fill);
}
