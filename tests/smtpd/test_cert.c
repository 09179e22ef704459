/* test_cert.c - clients that show a certificate */

#include <stdio.h>

#include "base/why.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"
#include "tls/context_ssl.h"

static struct world w;

#define TLS \
	"smtpd_tls_cert_file = tests/data/tls/ec.crt\n" \
	"smtpd_tls_key_file = tests/data/tls/ec.key\n" \
	"smtpd_peername_lookup = no\n"
#define ASK TLS "smtpd_tls_ask_ccert = yes\n"
#define CA  ASK "smtpd_tls_CAfile = tests/data/tls/ec.crt\n"

static const struct world_row tables[] = {
	{ ("relay_clientcerts b7:18:1f:61:c8:ac:27:d0:4b:2e:77:6d:51:b9:17:"
	   "77:9a:3d:cc:8c:f7:4d:04:88:ad:40:69:ef:1a:ff:97:e8"),
	    "our friend" },
	{ ("hash:/t 1b:da:fd:b4:91:d4:1a:bc:60:71:b6:b6:ea:18:b6:"
	   "e8:f1:d2:98:fa:28:ff:e7:dd:9b:d5:27:92:01:38:4a:4f"),
	    "REJECT stolen key" },
	{ NULL, NULL },
};

static const struct {
	const char *config;
	bool shows;
	const char *answer, *logged;
} runs[] = {
	{ ASK "smtpd_relay_restrictions = permit_tls_clientcerts, reject\n"
	      "relay_clientcerts = hash:/r\n",
	    true, "< 250\n",
	    "Untrusted TLS connection established from unknown[192.0.2.9]" },
	{ ASK "smtpd_relay_restrictions = permit_tls_clientcerts, reject\n"
	      "relay_clientcerts = hash:/r\n"
	      "smtpd_tls_fingerprint_digest = sha1\n",
	    true, "< 554\n", NULL },
	{ ASK "smtpd_relay_restrictions = permit_tls_clientcerts, reject\n",
	    false, "< 554\n",
	    "Anonymous TLS connection established from unknown[192.0.2.9]" },
	/* not asked: none is there */
	{ TLS "smtpd_relay_restrictions = permit_tls_clientcerts, reject\n",
	    true, "< 554\n", NULL },
	{ CA "smtpd_relay_restrictions = permit_tls_all_clientcerts, reject\n",
	    true, "< 250\n", "Trusted TLS connection established from" },
	{ ASK "smtpd_relay_restrictions = permit_tls_all_clientcerts, reject\n",
	    true, "< 554\n", NULL },
	{ ASK "smtpd_client_restrictions = check_ccert_access hash:/t\n", true,
	    "< 554 5.7.1 <unknown[192.0.2.9]>: Client certificate rejected: "
	    "stolen key\n",
	    NULL },
	{ ASK "smtpd_client_restrictions = check_ccert_access hash:/t\n"
	      "smtpd_relay_restrictions = reject\n",
	    false, "< 554 5.7.1 <x@elsewhere.test>: Recipient\n", NULL },
};

static bool
secure(const char *config, bool shows)
{
	char whole[1000];

	snprintf(whole, sizeof(whole), "%ssmtpd_tls_loglevel = 1\n", config);
	world_begin(&w, whole);
	w.tables = tables;
	w.shows_certificate = shows;
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n> EHLO x\n<+ 250\n> STARTTLS\n< 220\n");
	return world_starttls(&w);
}

START_TEST(run)
{
	ck_assert(secure(runs[_i].config, runs[_i].shows));
	world_talk(&w, "> EHLO x\n<+ 250\n> MAIL FROM:<a@b.test>\n< 250\n");
	world_send(&w, SPAN("RCPT TO:<x@elsewhere.test>\r\n"));
	world_settle(&w);
	world_talk(&w, runs[_i].answer);
	if (runs[_i].logged != NULL)
		world_expect_log(&w, runs[_i].logged);
	world_end(&w);
}
END_TEST

START_TEST(received)
{
	ck_assert(secure(CA "smtpd_tls_received_header = yes\n"
			    "mynetworks = 192.0.2.0/24\n",
	    true));
	world_talk(&w,
	    "> EHLO x\n<+ 250\n> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n> .\n< 250\n");
	ck_assert(span_search(buf_span(&w.messages[0].edits),
		      SPAN("\n\t(Client CN \"mail.test\", Issuer \"mail.test\" "
			   "(verified OK))\n")) < w.messages[0].edits.n);
	world_end(&w);
}
END_TEST

/* Where TLS is demanded, a certificate may be too. */
START_TEST(required)
{
	static const char must[] = CA "smtpd_tls_security_level = encrypt\n"
				      "smtpd_tls_req_ccert = yes\n";

	ck_assert(secure(must, true));
	world_talk(&w, "> EHLO x\n<+ 250\n");
	world_end(&w);
	(void)secure(must, false);
	world_settle(&w);
	world_expect_log(&w,
	    "NOQUEUE: abort: TLS from unknown[192.0.2.9]: No "
	    "client certificate presented\n");
	world_end(&w);
}
END_TEST

/* smtpd_tls_ccert_verifydepth */
START_TEST(depth)
{
	world_begin(&w, CA "smtpd_tls_ccert_verifydepth = 3\n");
	ck_assert_int_eq(SSL_CTX_get_verify_depth(w.smtpd->tls->ctx), 3);
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, depth);
	tcase_add_loop_test(t, run, 0, UNIT_COUNT(runs));
	tcase_add_test(t, received);
	tcase_add_test(t, required);
}

int
main(void)
{
	return unit_main("smtpd/cert", fill);
}
