/* TLSA records: what they ask for, and what their absence means. */

#include "smtp/dane.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/digest.h"
#include "tests/smtp/script.h"
#include "tests/tls/keys.h"

#define OFFER  GREET, "S 250-mx", "S 250 STARTTLS", "C STARTTLS\r\n"
#define SECURE OFFER, "S 220 go", "TLS", "C EHLO client.example\r\n", "S 250 mx"

enum { MX, ADDRESS, RECORD, ROWS };

/* Which record is there, and how it comes. */
enum record { GOOD, WRONG, UNUSABLE, NONE, TROUBLE };

static const struct {
	const char *what;
	const char *conf; /* more of it */
	bool mx, address, tlsa; /* validated */
	enum record record;
	const char *const *script; /* NULL: nobody may connect */
	struct want want;
	const char *log;
} cases[] = {
	{ "all is well", "", true, true, true, GOOD,
	    SCRIPT{ SECURE, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" },
	    "Verified TLS connection established" },
	{ "another certificate", "", true, true, true, WRONG,
	    SCRIPT{ OFFER, "S 220 go", "TLS", NULL },
	    { DEFER, "4.7.5", "Server certificate not verified" },
	    "status=deferred" },
	{ "no TLS", "", true, true, true, GOOD, SCRIPT{ PLAIN, NULL },
	    { DEFER, "4.7.4", "TLS is required, but was not offered" },
	    "status=deferred" },
	{ "TLS breaks", "", true, true, true, GOOD,
	    SCRIPT{ OFFER, "S 220 go", "S not TLS", "CLOSE" },
	    { DEFER, "4.7.5", "handshake failure" }, "status=deferred" },
	{ "record not validated", "", true, true, false, WRONG,
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" },
	    "status=sent" },
	{ "address not validated", "", true, false, true, TROUBLE,
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" },
	    "status=sent" },
	{ "address not validated, but asked for all the same",
	    "smtp_tls_force_insecure_host_tlsa_lookup = yes\n", true, false,
	    true, GOOD, SCRIPT{ SECURE, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" }, "Verified TLS connection established" },
	{ "no record", "", true, true, true, NONE,
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" },
	    "status=sent" },
	{ "lookup fails", "", true, true, true, TROUBLE, NULL,
	    { DEFER, "4.7.5", "TLSA lookup error for mx.d.example[127.0.0.1]" },
	    "status=deferred" },
	{ "no record that is of use", "", true, true, true, UNUSABLE,
	    SCRIPT{ SECURE, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" },
	    "Untrusted TLS connection established" },
	{ "no record that is of use, no TLS", "", true, true, true, UNUSABLE,
	    SCRIPT{ PLAIN, NULL }, { DEFER, "4.7.4", "TLS is required" },
	    "status=deferred" },
	{ "MX not validated", "", false, true, true, GOOD,
	    SCRIPT{ SECURE, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" },
	    "Verified TLS connection established" },
	{ "MX not validated, and nothing less will do",
	    "smtp_tls_security_level = dane-only\n", false, true, true, GOOD,
	    NULL, { DEFER, "4.7.5", "no usable TLSA records" },
	    "status=deferred" },
	{ "MX not validated, and that counts",
	    "smtp_tls_dane_insecure_mx_policy = may\n", false, true, true, GOOD,
	    SCRIPT{ PLAIN, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" },
	    "status=sent" },
	{ "MX not validated, but there is TLS",
	    "smtp_tls_dane_insecure_mx_policy = encrypt\n", false, true, true,
	    WRONG, SCRIPT{ SECURE, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" },
	    "Untrusted TLS connection established" },
	{ "MX not validated, and there is no TLS",
	    "smtp_tls_dane_insecure_mx_policy = encrypt\n", false, true, true,
	    GOOD, SCRIPT{ PLAIN, NULL }, { DEFER, "4.7.4", "TLS is required" },
	    "status=deferred" },
	{ "MX not validated, no record",
	    "smtp_tls_dane_insecure_mx_policy = encrypt\n", false, true, true,
	    NONE, SCRIPT{ PLAIN, TAKES, QUIT, NULL }, { DONE, "2.0.0", "" },
	    "status=sent" },
	{ "a digest that is not wanted", "tls_dane_digests = sha512\n", true,
	    true, true, WRONG, SCRIPT{ SECURE, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" }, "Untrusted TLS connection established" },
	{ "only, and there is one", "smtp_tls_security_level = dane-only\n",
	    true, true, true, GOOD, SCRIPT{ SECURE, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" }, "Verified TLS connection established" },
	{ "only, and there is none", "smtp_tls_security_level = dane-only\n",
	    true, true, true, NONE, NULL,
	    { DEFER, "4.7.5", "no usable TLSA records" }, "status=deferred" },
	{ "only, and none of use", "smtp_tls_security_level = dane-only\n",
	    true, true, true, UNUSABLE, NULL,
	    { DEFER, "4.7.5", "no usable TLSA records" }, "status=deferred" },
};

/* "3 0 1" and the digest of the server's certificate. */
static void
record_make(enum record kind)
{
	FILE *f = fopen("tests/data/tls/ec.crt", "r");
	X509 *x = f == NULL ? NULL : PEM_read_X509(f, NULL, NULL, NULL);
	unsigned char sum[SHA256_BYTES], *der = NULL;
	int n = x == NULL ? -1 : i2d_X509(x, &der);

	ck_assert_int_gt(n, 0);
	digest_sha256(span_of((char *)der, (size_t)n), sum);
	if (kind == WRONG)
		sum[0] ^= 1;
	buf_add_byte(&w.tlsa, kind == UNUSABLE ? 1 : 3);
	buf_add(&w.tlsa, "\0\1", 2);
	buf_add(&w.tlsa, sum, sizeof(sum));
	OPENSSL_free(der);
	X509_free(x);
	fclose(f);
}

static void
names_make(int i, struct world_name *rows, char *tlsa)
{
	memset(rows, 0, (ROWS + 1) * sizeof(*rows));
	rows[MX] = (struct world_name){ .name = "d.example",
		.type = DNS_MX,
		.result = DNS_FOUND,
		.data = "mx.d.example",
		.secure = cases[i].mx };
	rows[ADDRESS] = (struct world_name){ .name = "mx.d.example",
		.type = DNS_A,
		.result = DNS_FOUND,
		.data = "127.0.0.1",
		.secure = cases[i].address };
	snprintf(tlsa, 64, "_%u._tcp.mx.d.example", w.port);
	rows[RECORD] = (struct world_name){ .name = tlsa,
		.type = cases[i].record == NONE ? DNS_TXT : DNS_TLSA,
		.result = cases[i].record == TROUBLE ? DNS_TROUBLE : DNS_FOUND,
		.data = "",
		.secure = cases[i].tlsa };
}

START_TEST(tlsa_case)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct world_name rows[ROWS + 1];
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct keys keys;
	char tlsa[64],
	    *conf = mem_printf("smtp_tls_loglevel = 1\n"
			       "smtp_tls_security_level = dane\n%s",
		cases[_i].conf);

	names_make(_i, rows, tlsa);
	record_make(cases[_i].record);
	w.names = rows;
	w.tls = keys_context(&keys, "ec");
	world_conf(conf);
	if (cases[_i].script != NULL)
		world_script(1, cases[_i].script);
	r = world_request(letter, "d.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&cases[_i].want, 1);
	check_scripts();
	check_log(cases[_i].log);
	keys_free(&keys);
	free(conf);
}
END_TEST

/* Several records: one that fits is enough, others do no harm; of no use are
 * those of usages 0 and 1 alone. */
static const struct {
	const char *others[2]; /* usage, selector, matching; or NULL */
	enum record record;
	const char *const *script;
	struct want want;
} mixed[] = {
	{ { "211" }, GOOD, SCRIPT{ SECURE, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ { "311", "211" }, GOOD, SCRIPT{ SECURE, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ { "111" }, GOOD, SCRIPT{ SECURE, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ { "111", "911" }, UNUSABLE, SCRIPT{ SECURE, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ { "211" }, WRONG, SCRIPT{ OFFER, "S 220 go", "TLS", NULL },
	    { DEFER, "4.7.5", "not verified" } },
	{ { "311" }, UNUSABLE, SCRIPT{ OFFER, "S 220 go", "TLS", NULL },
	    { DEFER, "4.7.5", "not verified" } },
};

START_TEST(mix)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct keys keys;
	char tlsa[64];
	struct world_name rows[6] = {
		{ "d.example", DNS_MX, DNS_FOUND, 0, "mx.d.example", true },
		{ "mx.d.example", DNS_A, DNS_FOUND, 0, "127.0.0.1", true },
		{ tlsa, DNS_TLSA, DNS_FOUND, 0, "", true },
	};

	for (size_t i = 0; i < 2 && mixed[_i].others[i] != NULL; i++)
		rows[3 + i] = (struct world_name){ tlsa, DNS_TLSA, DNS_FOUND, 0,
			mixed[_i].others[i], true };
	snprintf(tlsa, sizeof(tlsa), "_%u._tcp.mx.d.example", w.port);
	record_make(mixed[_i].record);
	w.names = rows;
	w.tls = keys_context(&keys, "ec");
	world_conf("smtp_tls_security_level = dane\n");
	world_script(1, mixed[_i].script);
	r = world_request(letter, "d.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&mixed[_i].want, 1);
	check_scripts();
	keys_free(&keys);
}
END_TEST

/* An alias whose own record is validated, or not; what it stands for is not. */
static const struct {
	enum dns_result result;
	bool secure;
	enum record record;
	const char *const *script;
	struct want want;
} aliases[] = {
	{ DNS_FOUND, true, GOOD, SCRIPT{ SECURE, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ DNS_FOUND, true, WRONG, SCRIPT{ OFFER, "S 220 go", "TLS", NULL },
	    { DEFER, "4.7.5", "not verified" } },
	{ DNS_FOUND, false, WRONG, SCRIPT{ PLAIN, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ DNS_TROUBLE, false, GOOD, NULL,
	    { DEFER, "4.7.5", "TLSA lookup error" } },
};

START_TEST(alias)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct keys keys;
	char tlsa[64];
	const struct world_name rows[] = {
		{ "d.example", DNS_MX, DNS_FOUND, 0, "mx.d.example", true },
		{ "mx.d.example", DNS_CNAME, aliases[_i].result, 0,
		    "real.example", aliases[_i].secure },
		{ "mx.d.example", DNS_A, DNS_FOUND, 0, "127.0.0.1", false },
		{ tlsa, DNS_TLSA, DNS_FOUND, 0, "", true },
		{ .name = NULL },
	};

	snprintf(tlsa, sizeof(tlsa), "_%u._tcp.mx.d.example", w.port);
	record_make(aliases[_i].record);
	w.names = rows;
	w.tls = keys_context(&keys, "ec");
	world_conf("smtp_tls_security_level = dane\n");
	if (aliases[_i].script != NULL)
		world_script(1, aliases[_i].script);
	r = world_request(letter, "d.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&aliases[_i].want, 1);
	check_scripts();
	keys_free(&keys);
}
END_TEST

/* Digests of the configuration do what such records do. */
static const struct {
	enum record record;
	const char *before; /* in the value */
	const char *const *script;
	struct want want;
} prints[] = {
	{ GOOD, "", SCRIPT{ SECURE, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ GOOD, "00:11|odd, ", SCRIPT{ SECURE, TAKES, QUIT, NULL },
	    { DONE, "2.0.0", "" } },
	{ WRONG, "", SCRIPT{ OFFER, "S 220 go", "TLS", NULL },
	    { DEFER, "4.7.5", "Server certificate not verified" } },
	{ GOOD, "", SCRIPT{ PLAIN, NULL },
	    { DEFER, "4.7.4", "TLS is required, but was not offered" } },
	{ NONE, "00:11", NULL, { DEFER, "4.7.5", "no usable fingerprints" } },
};

START_TEST(fingerprint)
{
	static const char *const rcpts[] = { ONE_RCPT };
	struct delivery_rcpt list[1];
	struct delivery_request r;
	struct buf conf = BUF_EMPTY;
	struct keys keys;

	buf_printf(&conf,
	    "smtp_tls_security_level = fingerprint\n"
	    "smtp_tls_fingerprint_cert_match = %s",
	    prints[_i].before);
	record_make(prints[_i].record);
	for (size_t i = 3; prints[_i].record != NONE && i < w.tlsa.n; i++)
		buf_printf(&conf, "%s%02X", i > 3 ? ":" : "",
		    (unsigned char)w.tlsa.p[i]);
	buf_add_byte(&conf, '\n');
	w.names = names;
	w.tls = keys_context(&keys, "ec");
	world_conf(buf_str(&conf));
	if (prints[_i].script != NULL)
		world_script(1, prints[_i].script);
	r = world_request(letter, "lone.example", list, rcpts);
	world_deliver(&r, false);
	check_results(&prints[_i].want, 1);
	keys_free(&keys);
	buf_free(&conf);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, world_begin, world_end);
	tcase_add_loop_test(t, mix, 0, UNIT_COUNT(mixed));
	tcase_add_loop_test(t, alias, 0, UNIT_COUNT(aliases));
	tcase_add_loop_test(t, fingerprint, 0, UNIT_COUNT(prints));
	tcase_add_loop_test(t, tlsa_case, 0, UNIT_COUNT(cases));
}

int
main(void)
{
	return unit_main("smtp/dane", fill);
}
