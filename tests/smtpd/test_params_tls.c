/* test_params_tls.c - parameters of smtpd's TLS, each with a session that is
 * another one without it: what was agreed upon stands in Received */

#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

static struct world w;

#define KEY "tests/data/tls/ec.key\n"
#define CRT "tests/data/tls/ec.crt\n"
#define RSA "tests/data/tls/rsa.crt\n"
#define CERT \
	"smtpd_tls_cert_file = " CRT "smtpd_tls_key_file = " KEY \
	"smtpd_peername_lookup = no\nsmtpd_tls_received_header = yes\n"
#define MUST  CERT "smtpd_tls_security_level = encrypt\n"
#define OLD   CERT "smtpd_tls_protocols = <=TLSv1.2\n"
#define BEGIN "> EHLO x\n<+ 250\n> STARTTLS\n< 220\nTLS\n"
#define LETTER \
	BEGIN "> EHLO x\n<+ 250\n> MAIL FROM:<a@b.test>\n< 250\n" \
	      "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n> .\n< 250\n"
#define PLAIN "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n"
#define MAIL  "> EHLO x\n<+ 250\n> MAIL FROM:<a@b.test>\n"

static const struct world_session rows[] = {
	{ CERT, "192.0.2.9", LETTER "* (using TLSv1.3 with cipher\n", NULL },
	{ OLD, "192.0.2.9", LETTER "* (using TLSv1.2 with cipher\n", NULL },
	/* where TLS is demanded, another list counts */
	{ OLD "smtpd_tls_security_level = encrypt\n", "192.0.2.9",
	    LETTER "* (using TLSv1.3 with cipher\n", NULL },
	{ MUST "smtpd_tls_mandatory_protocols = <=TLSv1.2\n", "192.0.2.9",
	    LETTER "* (using TLSv1.2 with cipher ECDHE-ECDSA-AES256\n", NULL },
	{ CERT "smtpd_tls_mandatory_protocols = <=TLSv1.2\n", "192.0.2.9",
	    LETTER "* (using TLSv1.3 with cipher\n", NULL },
	/* ciphers */
	{ OLD, "192.0.2.9", LETTER "* cipher ECDHE-ECDSA-AES256-GCM\n", NULL },
	{ OLD "smtpd_tls_exclude_ciphers = AES256\n", "192.0.2.9",
	    LETTER "- AES256\n", NULL },
	{ OLD "smtpd_tls_mandatory_exclude_ciphers = AES256\n", "192.0.2.9",
	    LETTER "* AES256\n", NULL },
	{ MUST "smtpd_tls_mandatory_protocols = <=TLSv1.2\n"
	       "smtpd_tls_mandatory_exclude_ciphers = AES256\n",
	    "192.0.2.9", LETTER "- AES256\n", NULL },
	{ OLD "smtpd_tls_ciphers = high\n"
	      "tls_high_cipherlist = ECDHE+AES128:ECDHE+AES256\n",
	    "192.0.2.9", LETTER "* cipher ECDHE-ECDSA-AES256-GCM\n", NULL },
	{ OLD "smtpd_tls_ciphers = high\ntls_preempt_cipherlist = yes\n"
	      "tls_high_cipherlist = ECDHE+AES128:ECDHE+AES256\n",
	    "192.0.2.9", LETTER "* cipher ECDHE-ECDSA-AES128-GCM\n", NULL },
	{ OLD "tls_medium_cipherlist = ECDHE+AES128\n", "192.0.2.9",
	    LETTER "* cipher ECDHE-ECDSA-AES128-GCM\n", NULL },
	/* two certificates */
	{ "smtpd_tls_protocols = <=TLSv1.2\nsmtpd_tls_received_header = yes\n"
	  "smtpd_tls_cert_file = " RSA "smtpd_tls_eccert_file = " CRT
	  "smtpd_tls_eckey_file = " KEY,
	    "192.0.2.9", LETTER "* cipher ECDHE-ECDSA-\n", NULL },
	/* none, may or encrypt in older words */
	{ CERT "smtpd_tls_security_level =\n", "192.0.2.9",
	    "> EHLO x\n<+ 250\n> STARTTLS\n< 502 5.5.1\n", NULL },
	{ CERT "smtpd_tls_security_level =\nsmtpd_use_tls = yes\n", "192.0.2.9",
	    MAIL "< 250\n> RSET\n< 250\n" BEGIN, NULL },
	{ CERT "smtpd_tls_security_level =\nsmtpd_enforce_tls = yes\n",
	    "192.0.2.9", MAIL "< 530 5.7.0\n" BEGIN, NULL },
	{ CERT, "192.0.2.9",
	    BEGIN
	    "> EHLO x\n<+ 250\n> MAIL FROM:<a@b.test> REQUIRETLS\n< 250\n",
	    NULL },
	{ CERT "requiretls_enable = no\n", "192.0.2.9",
	    BEGIN "> EHLO x\n<+ 250\n> MAIL FROM:<a@b.test> REQUIRETLS\n"
		  "< 555 5.5.4\n",
	    NULL },
	/* AUTH */
	{ CERT, "127.0.0.1", BEGIN "> EHLO x\n<+ 250\n" PLAIN "< 235\n", NULL },
	{ CERT "smtpd_sasl_tls_security_options = noplaintext\n", "127.0.0.1",
	    BEGIN "> EHLO x\n<+ 250\n" PLAIN "< 534 5.7.9\n", NULL },
	/* limits */
	{ CERT "smtpd_client_new_tls_session_rate_limit = 1\n", "192.0.2.9",
	    BEGIN "@ 192.0.2.9\n> EHLO x\n<+ 250\n> STARTTLS\n< 454 4.7.0\n",
	    "New TLS session rate limit exceeded: 2 from" },
	{ CERT "smtpd_client_new_tls_session_rate_limit = 2\n", "192.0.2.9",
	    BEGIN "@ 192.0.2.9\n" BEGIN, NULL },
	{ CERT "smtpd_starttls_timeout = 1s\n", "192.0.2.9",
	    "> EHLO x\n<+ 250\n> STARTTLS\n< 220\n~ 1100\n",
	    "timeout after STARTTLS" },
};

START_TEST(row)
{
	world_play(&w, &rows[_i], NULL, NULL);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, row, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("smtpd/params_tls", fill);
}
