/* STARTTLS at each level, with servers that do and that do not. */

#include "smtp/delivery.h"

#include <openssl/ssl.h>

#include "tests/smtp/script.h"
#include "tests/tls/keys.h"
#include "tls/context_ssl.h"

/* TLS, with a certificate that nobody vouches for unless authority is set. */
#define OFFER GREET, "S 250-mx", "S 250 STARTTLS", "C STARTTLS\r\n"
#define AGAIN "C EHLO client.example\r\n", "S 250 mx"

#define WILD \
	"smtp_tls_security_level = verify\n" \
	"smtp_tls_CAfile = tests/data/tls/wild.crt\n"

static const struct {
	const char *what;
	const char *conf;
	bool authority;
	/* of two connections to the first host, or one to the second */
	const char *const *scripts[3];
	struct want want;
	const char *log; /* part of it */
} secured[] = {
	{ "level none", "smtp_tls_security_level = none\n", false,
	    { SCRIPT{
		GREET, "S 250-mx", "S 250 STARTTLS", TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "status=sent" },
	{ "level may", "smtp_tls_security_level = may\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" },
	    "Untrusted TLS connection established to "
	    "mx1.x.example[127.0.0.1]:" },
	{ "may, not offered", "smtp_tls_security_level = may\n", false,
	    { SCRIPT{ PLAIN, TAKES, QUIT, NULL } }, { DONE, "2.0.0", "" },
	    "status=sent" },
	{ "may, not offered to us",
	    "smtp_tls_security_level = may\n"
	    "smtp_discard_ehlo_keywords = starttls, size\n",
	    false,
	    { SCRIPT{ GREET, "S 250-mx", "S 250-SIZE 1", "S 250 STARTTLS",
		TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "status=sent" },
	{ "may, refused", "smtp_tls_security_level = may\n", false,
	    { SCRIPT{ OFFER, "S 454 not now", TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "status=sent" },
	{ "may, broken", "smtp_tls_security_level = may\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "S this is not TLS", "CLOSE" },
		SCRIPT{
		    GREET, "S 250-mx", "S 250 STARTTLS", TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "again without TLS" },
	/* what an attacker put before the handshake has no effect */
	{ "injected", "smtp_tls_security_level = may\n", false,
	    { SCRIPT{ OFFER, "S 220 go\r\n250-evil\r\n250 SIZE 1", "TLS", AGAIN,
		TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "TLS connection established" },
	{ "encrypt, not offered", "smtp_tls_security_level = encrypt\n", false,
	    { SCRIPT{ PLAIN, NULL } },
	    { DEFER, "4.7.4",
		"TLS is required, but was not offered by host mx1.x.example" },
	    "status=deferred" },
	{ "encrypt, refused", "smtp_tls_security_level = encrypt\n", false,
	    { SCRIPT{ OFFER, "S 502 no", NULL } },
	    { DEFER, "4.7.4", "TLS is required, but was refused" },
	    "status=deferred" },
	{ "encrypt, broken", "smtp_tls_security_level = encrypt\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "S this is not TLS", "CLOSE" } },
	    { DEFER, "4.7.5", "Cannot start TLS: handshake failure" },
	    "status=deferred" },
	{ "encrypt", "smtp_tls_security_level = encrypt\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Untrusted TLS connection" },
	{ "verify, unknown authority", "smtp_tls_security_level = verify\n",
	    false, { SCRIPT{ OFFER, "S 220 go", "TLS", NULL } },
	    { DEFER, "4.7.5", "Server certificate not verified of host" },
	    "status=deferred" },
	{ "verify, another name", "smtp_tls_security_level = verify\n", true,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", NULL } },
	    { DEFER, "4.7.5", "Server certificate not verified of host" },
	    "status=deferred" },
	{ "verify",
	    "smtp_tls_security_level = verify\n"
	    "smtp_tls_verify_cert_match = mail.test\n",
	    true,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Verified TLS connection" },
	{ "verify, no name, by trust anchor",
	    "smtp_tls_security_level = verify\n"
	    "smtp_tls_verify_cert_match = :\n"
	    "smtp_tls_trust_anchor_file = tests/data/tls/ec.crt\n",
	    false,
	    { SCRIPT{ GREET, "S 250-mx", "S 250 STARTTLS", QUIT, NULL } },
	    { DEFER, "4.7.5", "No certificate name is set for host" },
	    "status=deferred" },
	{ "verify, by trust anchor",
	    "smtp_tls_security_level = verify\n"
	    "smtp_tls_verify_cert_match = mail.test\n"
	    "smtp_tls_trust_anchor_file = tests/data/tls/ec.crt\n",
	    false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Verified TLS connection" },
	{ "verify, by trust anchor, a key",
	    "smtp_tls_security_level = verify\n"
	    "smtp_tls_verify_cert_match = mail.test\n"
	    "smtp_tls_trust_anchor_file = tests/data/tls/rsa.crt, "
	    "tests/data/tls/ec.pub\n",
	    false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Verified TLS connection" },
	{ "verify, by trust anchor, another name",
	    "smtp_tls_security_level = verify\n"
	    "smtp_tls_verify_cert_match = hostname\n"
	    "smtp_tls_servername = mail.test\n"
	    "smtp_tls_trust_anchor_file = tests/data/tls/ec.crt\n",
	    false, { SCRIPT{ OFFER, "S 220 go", "TLS", NULL } },
	    { DEFER, "4.7.5", "Server certificate not verified of host" },
	    "status=deferred" },
	{ "verify, another trust anchor, the authority does not count",
	    "smtp_tls_security_level = verify\n"
	    "smtp_tls_verify_cert_match = mail.test\n"
	    "smtp_tls_trust_anchor_file = tests/data/tls/rsa.crt\n",
	    true, { SCRIPT{ OFFER, "S 220 go", "TLS", NULL } },
	    { DEFER, "4.7.5", "Server certificate not verified of host" },
	    "status=deferred" },
	{ "encrypt needs no trust anchor",
	    "smtp_tls_security_level = encrypt\n"
	    "smtp_tls_trust_anchor_file = tests/data/tls/rsa.crt\n",
	    false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Untrusted TLS connection" },
	{ "the trust anchor of a policy",
	    "smtp_tls_policy_maps = inline:{[mx2.x.example]=secure "
	    "tafile=tests/data/tls/ec.crt}, hash:/x\n"
	    "smtp_tls_trust_anchor_file = tests/data/tls/rsa.crt\n",
	    false,
	    { NULL, NULL,
		SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Verified TLS connection" },
	{ "a trust anchor that was not known",
	    "smtp_tls_policy_maps = hash:/x\n", false, { NULL, NULL, NULL },
	    { DEFER, "4.7.5", "tests/data/tls/ec.crt were not known when" },
	    "status=deferred" },
	{ "a wildcard for one label",
	    WILD "smtp_tls_verify_cert_match = a.wild.test\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Verified TLS connection" },
	{ "a wildcard is not for two",
	    WILD "smtp_tls_verify_cert_match = a.b.wild.test\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", NULL } },
	    { DEFER, "4.7.5", "Server certificate not verified of host" },
	    "status=deferred" },
	{ "a wildcard for two, if so wanted",
	    WILD "smtp_tls_verify_cert_match = a.b.wild.test\n"
		 "tls_wildcard_matches_multiple_labels = yes\n",
	    false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Verified TLS connection" },
	{ "the old spelling",
	    "smtp_enforce_tls = yes\nsmtp_tls_verify_cert_match = mail.test\n",
	    false, { SCRIPT{ OFFER, "S 220 go", "TLS", NULL } },
	    { DEFER, "4.7.5", "Server certificate not verified of host" },
	    "status=deferred" },
	{ "the old spelling, without the name",
	    "smtp_enforce_tls = yes\nsmtp_tls_enforce_peername = no\n", false,
	    { SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Untrusted TLS connection" },
	{ "a policy asks for more", "smtp_tls_policy_maps = hash:/x\n", false,
	    { SCRIPT{ PLAIN, NULL } },
	    { DEFER, "4.7.4", "TLS is required, but was not offered" },
	    "status=deferred" },
	{ "wrapper mode",
	    "smtp_tls_security_level = encrypt\n"
	    "smtp_tls_wrappermode = yes\n",
	    false, { SCRIPT{ "TLS", PLAIN, TAKES, QUIT, NULL } },
	    { DONE, "2.0.0", "" }, "Untrusted TLS connection" },
};

START_TEST(secure)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const char *const tables[] = { "smtp_tls_policy_maps",
		"lone.example", "encrypt", "smtp_tls_policy_maps",
		"[mx2.x.example]",
		"secure match=mail.test tafile=tests/data/tls/ec.crt", NULL };
	bool second = strstr(secured[_i].what, "trust anchor") != NULL &&
	    secured[_i].scripts[0] == NULL;
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct keys keys;
	char *conf = mem_printf("smtp_tls_loglevel = 1\n%s%s",
	    secured[_i].authority ? "smtp_tls_CAfile = tests/data/tls/ec.crt\n"
				  : "",
	    secured[_i].conf);

	w.names = names;
	w.tables = tables;
	w.tls = keys_context(&keys,
	    strstr(secured[_i].what, "trust anchor") != NULL   ? "leaf"
		: strstr(secured[_i].what, "wildcard") != NULL ? "wild"
							       : "ec");
	world_conf(conf);
	for (int i = 0; i < 2 && secured[_i].scripts[i] != NULL; i++)
		world_script(1, secured[_i].scripts[i]);
	if (second && secured[_i].scripts[2] != NULL)
		world_script(2, secured[_i].scripts[2]);
	r = world_request(
	    letter, second ? "[mx2.x.example]" : "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&secured[_i].want, 1);
	check_scripts();
	check_log(secured[_i].log);
	keys_free(&keys);
	free(conf);
}
END_TEST

static int
any_will_do(int good, X509_STORE_CTX *store)
{
	(void)good;
	(void)store;
	return 1;
}

static const struct {
	const char *conf, *key;
} owned[] = {
	{ "smtp_tls_cert_file = tests/data/tls/rsa.crt\n"
	  "smtp_tls_key_file = tests/data/tls/rsa.key\n",
	    "tests/data/tls/rsa.key" },
	{ "smtp_tls_eccert_file = tests/data/tls/rsa.crt\n",
	    "tests/data/tls/rsa.crt" },
	{ "smtp_tls_eccert_file = tests/data/tls/rsa.crt\n"
	  "smtp_tls_eckey_file = tests/data/tls/rsa.key\n",
	    "tests/data/tls/rsa.key" },
	{ "smtp_tls_chain_files = tests/data/tls/rsa.crt\n"
	  "smtp_tls_cert_file = /nowhere\n",
	    "tests/data/tls/rsa.crt" },
};

/* A server that asks sees our certificate; the signature comes from keys. */
START_TEST(own_certificate)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want = { DONE, "2.0.0", "" };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct keys keys, own;
	struct tls_context *unused = keys_context(&own, "rsa");
	struct tls_signer signer = { keys_sign, &own };
	char *conf =
	    mem_printf("smtp_tls_security_level = encrypt\n%s", owned[_i].conf);

	w.names = names;
	w.tls = keys_context(&keys, "ec");
	SSL_CTX_set_verify(w.tls->ctx,
	    SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, any_will_do);
	w.signer = &signer;
	free(own.file);
	own.file = mem_str(owned[_i].key);
	world_conf(conf);
	ck_assert(smtp_conf_has_key(&w.conf));
	world_script(
	    1, SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL });
	r = world_request(letter, "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&want, 1);
	check_scripts();
	ck_assert_uint_eq(own.asked, 1);
	free(conf);
	tls_context_free(&unused);
	keys_free(&own);
	keys_free(&keys);
}
END_TEST

static int
believed(void)
{
	return sk_X509_OBJECT_num(X509_STORE_get0_objects(
	    SSL_CTX_get_cert_store(w.conf.tls_must->ctx)));
}

/* tls_append_default_CA: those of the system, where it has some. */
START_TEST(more_authorities)
{
	bool there = access("/etc/ssl/certs/ca-certificates.crt", R_OK) == 0;

	world_conf("smtp_tls_security_level = may\n"
		   "smtp_tls_CAfile = tests/data/tls/ec.crt\n");
	ck_assert_int_eq(believed(), 1);
	if (!there)
		return;
	world_conf("smtp_tls_security_level = may\n"
		   "smtp_tls_CAfile = tests/data/tls/ec.crt\n"
		   "tls_append_default_CA = yes\n");
	ck_assert_int_gt(believed(), 1);
}
END_TEST

START_TEST(depth)
{
	world_conf("smtp_tls_security_level = may\n");
	ck_assert_int_eq(SSL_CTX_get_verify_depth(w.conf.tls_must->ctx), 9);
	world_conf("smtp_tls_security_level = may\n"
		   "smtp_tls_scert_verifydepth = 2\n");
	ck_assert_int_eq(SSL_CTX_get_verify_depth(w.conf.tls_must->ctx), 2);
}
END_TEST

static const struct {
	const char *conf;
	unsigned signatures;
} cached[] = {
	{ "", 2 },
	{ "smtp_tls_session_cache_database = btree:/x\n", 1 },
	{ "smtp_tls_session_cache_database = btree:/x\n"
	  "smtp_tls_session_cache_timeout = 0\n",
	    2 },
	/* what the first handshake found holds for the second */
	{ "smtp_tls_session_cache_database = btree:/x\n"
	  "smtp_tls_security_level = verify\n"
	  "smtp_tls_verify_cert_match = mail.test\n"
	  "smtp_tls_CAfile = tests/data/tls/ec.crt\n",
	    1 },
	{ "smtp_tls_session_cache_database = btree:/x\n"
	  "smtp_tls_security_level = fingerprint\n"
	  "smtp_tls_fingerprint_cert_match = "
	  "B7:18:1F:61:C8:AC:27:D0:4B:2E:77:6D:51:B9:17:77:9A:3D:CC:8C:F7:4D:"
	  "04:88:AD:40:69:EF:1A:FF:97:E8\n",
	    1 },
};

/* The second connection goes on where the first had been. */
START_TEST(session_cache)
{
	static const char *const rcpts[] = { ONE_RCPT };
	static const struct want want = { DONE, "2.0.0", "" };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct keys keys;
	const char *const *script =
	    SCRIPT{ OFFER, "S 220 go", "TLS", AGAIN, TAKES, QUIT, NULL };
	char *conf = mem_printf(
	    "smtp_tls_security_level = encrypt\n%s", cached[_i].conf);

	w.names = names;
	w.tls = keys_context(&keys, "ec");
	world_conf(conf);
	world_script(1, script);
	world_script(1, script);
	for (int i = 0; i < 2; i++) {
		for (size_t n = 0; n < w.count; n++)
			why_free(&w.results[n].why);
		w.count = 0;
		w.done = false;
		r = world_request(letter, "lone.example", list, rcpts);
		world_deliver(&r, false);
		check_results(&want, 1);
	}
	check_scripts();
	ck_assert_uint_eq(keys.asked, cached[_i].signatures);
	keys_free(&keys);
	free(conf);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_loop_test(t, secure, 0, UNIT_COUNT(secured));
	tcase_add_loop_test(t, own_certificate, 0, UNIT_COUNT(owned));
	tcase_add_test(t, depth);
	tcase_add_test(t, more_authorities);
	tcase_add_loop_test(t, session_cache, 0, UNIT_COUNT(cached));
}

int
main(void)
{
	return unit_main("smtp/secure", fill);
}
