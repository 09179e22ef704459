/* test_auth.c - AUTH and STARTTLS, in conversations */

#include "smtpd/smtpd.h"

#include <unistd.h>

#include "calls/offers.h"
#include "smtpd/session.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

#define TLS \
	"smtpd_tls_cert_file = tests/data/tls/ec.crt\n" \
	"smtpd_tls_key_file = tests/data/tls/ec.key\n"

static struct world w;

/* AHVzZXIAbWFya2VyLXBhc3M= is NUL user NUL marker-pass. */
static const struct {
	const char *name, *config, *from, *script;
} talks[] = {
	{ "PLAIN", "", "127.0.0.1",
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235 2.7.0 Auth\n"
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n"
	    "< 503 5.5.1 Error: already authenticated\n" },
	{ "PLAIN without initial response", "", "127.0.0.1",
	    "> auth plain\n< 334 \n> AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n" },
	{ "LOGIN", "", "127.0.0.1",
	    "> AUTH LOGIN\n< 334 VXNlcm5hbWU6\n> dXNlcg==\n"
	    "< 334 UGFzc3dvcmQ6\n> bWFya2VyLXBhc3M=\n< 235\n" },
	{ "LOGIN with initial response", "", "127.0.0.1",
	    "> AUTH LOGIN dXNlcg==\n< 334 UGFzc3dvcmQ6\n"
	    "> bWFya2VyLXBhc3M=\n< 235\n" },
	{ "wrong", "", "127.0.0.1",
	    "> AUTH PLAIN AHVzZXIAeA==\n"
	    "< 535 5.7.8 Error: authentication failed\n"
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n" },
	{ "right, but expired", "", "127.0.0.1",
	    "> AUTH PLAIN AGxhdGUAeA==\n"
	    "< 525 5.7.13 Error: this account may not log in now\n" },
	{ "trouble", "", "127.0.0.1",
	    "> AUTH PLAIN AGJyb2tlbgB4\n< 454 4.7.0 Temporary\n" },
	{ "cancelled", "", "127.0.0.1",
	    "> AUTH LOGIN\n< 334\n> *\n< 501 5.7.0 Authentication aborted\n"
	    "> NOOP\n< 250\n" },
	{ "malformed", "", "127.0.0.1",
	    "> AUTH PLAIN !!\n< 501 5.5.4 Syntax\n"
	    "> AUTH PLAIN dXNlcg==\n< 501 5.5.2\n"
	    "> AUTH\n< 501 5.5.4 Syntax: AUTH mechanism\n"
	    "> AUTH CRAM-MD5\n< 504 5.5.4\n" },
	{ "in a transaction", "", "127.0.0.1",
	    "> MAIL FROM:<a@b.test>\n< 250\n> AUTH PLAIN\n"
	    "< 503 5.5.1 Error: MAIL transaction in progress\n" },
	{ "from afar", "", "192.0.2.9",
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 538 5.7.11\n" },
	{ "only in TLS", "smtpd_tls_auth_only = yes\n", "127.0.0.1",
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 538 5.7.11\n" },
	{ "off", "smtpd_sasl_auth_enable = no\n", "127.0.0.1",
	    "> AUTH PLAIN\n< 503 5.5.1 Error: authentication not enabled\n" },
	{ "mechanism left out", "smtpd_sasl_mechanism_filter = !plain, login\n",
	    "127.0.0.1",
	    "> AUTH PLAIN\n< 504 5.5.4\n> AUTH LOGIN\n< 334\n> *\n< 501\n" },
};

/* Where auth knows of verifiers: the exchange of RFC 7677, 3. */
#define FIRST "biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8="
#define TOLD \
	"cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGop" \
	"aE5sRiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY="
#define FINAL \
	"Yz1iaXdzLHI9ck9wck5HZndFYmVSV2diTkVrcU8laHZZRHBXVWEyUmFUQ0Fm" \
	"dXhGSWxqKWhObEYkazAscD1kSHpiWmFwV0lrNGpVaE4rVXRlOXl0YWc5empmTUhnc3Ft" \
	"bWl6N0FuZFZRPQ=="
#define SIGNED "dj1jMmxuYm1Waw=="

static const struct {
	const char *config, *script;
} scrams[] = {
	{ "",
	    "> AUTH SCRAM-SHA-256 " FIRST "\n< 334 " TOLD "\n> " FINAL
	    "\n< 334 " SIGNED "\n> \n< 235 2.7.0\n" },
	{ "",
	    "> AUTH SCRAM-SHA-256\n< 334 \n> " FIRST "\n< 334 " TOLD
	    "\n> " FINAL "\n< 334 " SIGNED "\n> eA==\n< 501 5.5.2\n"
	    "> AUTH SCRAM-SHA-256 " FIRST "\n< 334 " TOLD "\n> *\n"
	    "< 501 5.7.0\n> AUTH SCRAM-SHA-256 " FIRST "\n< 334\n> " FINAL
	    "\n< 334 " SIGNED "\n> *\n< 501 5.7.0\n"
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n" },
	/* no TLS, nothing to bind to */
	{ "", "> AUTH SCRAM-SHA-256-PLUS " FIRST "\n< 504 5.5.4\n" },
	{ "",
	    "> AUTH SCRAM-SHA-256 "
	    "biwsbj1icm9rZW4scj1yT3ByTkdmd0ViZVJXZ2JORWtxTw==\n< 454 4.7.0\n> "
	    "NOOP\n< 250\n" },
	{ "smtpd_tls_auth_only = yes\n",
	    "> AUTH SCRAM-SHA-256 " FIRST "\n< 538 5.7.11\n" },
	{ "smtpd_sasl_security_options = nodictionary\n",
	    "> AUTH SCRAM-SHA-256 " FIRST "\n< 534 5.7.9\n> AUTH PLAIN\n"
	    "< 534 5.7.9\n" },
	{ "smtpd_sasl_security_options = noplaintext\n",
	    "> AUTH PLAIN\n< 534\n> AUTH SCRAM-SHA-256\n< 334\n> *\n< 501\n" },
	{ "smtpd_sasl_local_domain = realm.test\n",
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n> QUIT\n< 221\n" },
};

static void
hello(struct world *v)
{
	(void)world_line(v);
	world_send(v, SPAN("EHLO c.test\r\n"));
	world_settle(v);
	buf_clear(&v->got);
}

START_TEST(talk)
{
	world_begin(&w, talks[_i].config);
	world_connect(&w, talks[_i].from);
	hello(&w);
	world_talk(&w, talks[_i].script);
	world_end(&w);
}
END_TEST

/* What auth lets be offered is known. */
static void
offers_know(struct world *v)
{
	v->has_verifiers = true;
	v->smtpd->offers = offers_new(v->smtpd->auth);
	world_settle(v);
}

START_TEST(scram)
{
	world_begin(&w, scrams[_i].config);
	offers_know(&w);
	world_connect(&w, "127.0.0.1");
	hello(&w);
	world_talk(&w, scrams[_i].script);
	world_end(&w);
}
END_TEST

START_TEST(external)
{
	world_begin(&w,
	    TLS "smtpd_tls_ask_ccert = yes\n"
		"login_clientcerts = hash:/x\n"
		"smtpd_sasl_mechanism_filter = external, plain\n");
	w.shows_certificate = true;
	world_connect(&w, "127.0.0.1");
	hello(&w);
	world_talk(&w, "> AUTH EXTERNAL =\n< 504\n> STARTTLS\n< 220\n");
	ck_assert(world_starttls(&w));
	world_send(&w, SPAN("EHLO x\r\n"));
	world_settle(&w);
	ck_assert(span_search(buf_span(&w.got),
		      SPAN("250-AUTH PLAIN EXTERNAL\r\n")) < w.got.n);
	buf_clear(&w.got);
	world_talk(&w,
	    "> AUTH EXTERNAL eA==\n< 535 5.7.8\n"
	    "> AUTH EXTERNAL\n< 334 \n> YmVhcmVy\n< 235\n");
	world_end(&w);
}
END_TEST

static const struct {
	const char *config, *from;
	bool announced;
} offers[] = {
	{ "", "127.0.0.1", true },
	{ "", "192.0.2.9", false },
	{ "smtpd_tls_auth_only = yes\n", "127.0.0.1", false },
	{ "smtpd_sasl_exceptions_networks = 127.0.0.0/8\n", "127.0.0.1",
	    false },
	{ "smtpd_sasl_auth_enable = no\n", "127.0.0.1", false },
};

START_TEST(announced)
{
	world_begin(&w, offers[_i].config);
	world_connect(&w, offers[_i].from);
	world_send(&w, SPAN("EHLO x\r\n"));
	world_settle(&w);
	ck_assert(
	    (span_search(buf_span(&w.got), SPAN("250-AUTH PLAIN LOGIN\r\n")) <
		w.got.n) == offers[_i].announced);
	world_end(&w);
}
END_TEST

/* No secret stands in a log (S3), and failures have their line. */
START_TEST(logs)
{
	world_begin(&w, "");
	world_connect(&w, "127.0.0.1");
	hello(&w);
	world_talk(&w,
	    "> AUTH LOGIN\n< 334\n> dXNlcg==\n< 334\n> d3Jvbmc=\n< 535\n"
	    "> AUTH PLAIN AGxhdGUAeA==\n< 525\n"
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<x@elsewhere.test>\n< 250\n"
	    "> QUIT\n< 221\n");
	world_expect_log(&w,
	    ": warning: localhost[127.0.0.1]: SASL LOGIN authentication "
	    "failed: authentication failure\n");
	world_expect_log(&w,
	    ": warning: localhost[127.0.0.1]: SASL PLAIN authentication "
	    "failed: account expired\n");
	world_expect_log(&w,
	    ": ABC1: client=localhost[127.0.0.1], sasl_method=PLAIN, "
	    "sasl_username=user\n");
	world_expect_log(&w, " auth=1/3 ");
	ck_assert(!world_logged(&w, "marker-pass"));
	ck_assert(!world_logged(&w, "AHVzZXIAbWFya2VyLXBhc3M="));
	ck_assert(!world_logged(&w, "d3Jvbmc"));
	world_end(&w);
}
END_TEST

/* Lines of a response may be long, up to a point. */
START_TEST(response_limit)
{
	struct buf line = BUF_EMPTY;

	world_begin(&w, "");
	world_connect(&w, "127.0.0.1");
	hello(&w);
	world_talk(&w, "> AUTH PLAIN\n< 334\n");
	while (line.n < 12288)
		buf_add_str(&line, "AAAA");
	buf_add_str(&line, "\r\n");
	world_send(&w, buf_span(&line));
	world_talk(&w, "< 501 5.5.2\n> AUTH PLAIN\n< 334\n");
	line.n = 12288;
	buf_add_str(&line, "AAAA\r\n");
	world_send(&w, buf_span(&line));
	world_talk(&w,
	    "< 500 5.5.6 Error: authentication response too long\n"
	    "> NOOP\n< 250\n");
	buf_free(&line);
	world_end(&w);
}
END_TEST

START_TEST(auth_away)
{
	world_begin(&w, "");
	w.auth_dead = true;
	world_connect(&w, "127.0.0.1");
	hello(&w);
	world_talk(&w, "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 454 4.7.0\n");
	w.auth_dead = false;
	world_talk(&w, "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n");
	world_end(&w);
}
END_TEST

/* What is said in plain counts for nothing afterwards (S2). */
START_TEST(starttls)
{
	world_begin(&w, TLS "smtpd_tls_loglevel = 1\n");
	world_connect(&w, "192.0.2.9");
	world_talk(&w,
	    "< 220\n> EHLO plain.test\n"
	    "< 250-\n< 250-\n< 250-\n< 250-\n< 250-ETRN\n< 250-STARTTLS\n<+ "
	    "250\n"
	    "> MAIL FROM:<before@b.test>\n< 250\n"
	    "> STARTTLS\n< 220 2.0.0 Ready to start TLS\n");
	ck_assert(world_starttls(&w));
	world_talk(&w,
	    "> RCPT TO:<user@here.test>\n< 503 5.5.1 Error: need MAIL\n"
	    "> AUTH PLAIN\n< 503 5.5.1 Error: send HELO/EHLO first\n"
	    "> EHLO tls.test\n"
	    "< 250-mail\n< 250-PIPELINING\n< 250-SIZE\n< 250-VRFY\n"
	    "< 250-ETRN\n< 250-AUTH PLAIN LOGIN\n< 250-ENH\n< 250-8BIT\n< "
	    "250-DSN\n"
	    "< 250-SMTPUTF8\n< 250-CHUNKING\n< 250-LIMITS\n"
	    "< 250 REQUIRETLS\n"
	    "> STARTTLS\n< 554 5.5.1 Error: TLS already active\n"
	    "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n> RCPT TO:<x@elsewhere.test>\n"
	    "< 250\n> DATA\n< 354\n> x\n> .\n< 250\n> QUIT\n< 221\n");
	world_expect_log(&w,
	    ": Anonymous TLS connection established from unknown[192.0.2.9]: "
	    "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\n");
	ck_assert(span_search(buf_span(&w.messages[0].envelope),
		      SPAN("proto=ESMTPSA\nsasl=PLAIN/user\n")) <
	    w.messages[0].envelope.n);
	world_end(&w);
}
END_TEST

START_TEST(injected)
{
	world_begin(&w, TLS);
	world_connect(&w, "192.0.2.9");
	hello(&w);
	/* behind STARTTLS in one packet: out of turn */
	world_send(&w, SPAN("STARTTLS\r\nMAIL FROM:<x@y.test>\r\n"));
	world_talk(&w, "< 554 5.5.0\n");
	ck_assert(w.ended);
	/* where that is let pass, what was injected is dropped */
	w.conf.smtpd_forbid_unauth_pipelining = false;
	world_connect(&w, "192.0.2.9");
	hello(&w);
	world_send(&w, SPAN("STARTTLS\r\nMAIL FROM:<x@y.test>\r\n"));
	world_talk(&w, "< 220 2.0.0\n");
	ck_assert(world_starttls(&w));
	world_talk(&w, "> RCPT TO:<user@here.test>\n< 503 5.5.1\n");
	world_end(&w);
}
END_TEST

START_TEST(no_handshake)
{
	world_begin(&w, TLS);
	world_connect(&w, "192.0.2.9");
	hello(&w);
	world_talk(&w, "> STARTTLS\n< 220\n");
	world_send(&w, SPAN("EHLO again\r\n"));
	world_settle(&w);
	ck_assert(w.ended);
	world_expect_log(&w, "SSL_accept error from unknown[192.0.2.9]");
	world_expect_log(&w, "lost connection after STARTTLS");
	world_end(&w);
}
END_TEST

START_TEST(tls_demanded)
{
	world_begin(&w, TLS "smtpd_tls_security_level = encrypt\n");
	world_connect(&w, "192.0.2.9");
	hello(&w);
	world_talk(&w,
	    "> MAIL FROM:<a@b.test>\n"
	    "< 530 5.7.0 Must issue a STARTTLS command first\n"
	    "> AUTH PLAIN\n< 530\n> NOOP\n< 250\n> STARTTLS\n< 220\n");
	ck_assert(world_starttls(&w));
	world_talk(&w, "> MAIL FROM:<a@b.test>\n< 250\n");
	world_end(&w);
}
END_TEST

/* Port 465: TLS from the first byte, the greeting inside. */
START_TEST(wrapped)
{
	world_begin(&w, TLS "smtpd_tls_wrappermode = yes\n");
	world_connect(&w, "192.0.2.9");
	ck_assert_uint_eq(w.got.n, 0);
	ck_assert(world_starttls(&w));
	world_talk(&w, "< 220 mail.here.test\n> NOOP\n< 250\n");
	world_end(&w);
}
END_TEST

START_TEST(wrapped_without_certificate)
{
	world_begin(&w, "smtpd_tls_wrappermode = yes\n");
	world_connect(&w, "192.0.2.9");
	ck_assert(w.ended);
	world_expect_log(&w, "no certificate");
	world_end(&w);
}
END_TEST

/* A certificate that cannot be read does not stop the mail. */
START_TEST(bad_certificate)
{
	world_begin(&w, "smtpd_tls_cert_file = /absent.pem\n");
	world_expect_log(&w, "/absent.pem");
	world_expect_log(&w, "disabling TLS support");
	world_connect(&w, "192.0.2.9");
	world_talk(&w, "< 220\n> STARTTLS\n< 454 4.7.0\n");
	world_end(&w);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, scram, 0, UNIT_COUNT(scrams));
	tcase_add_test(t, external);
	tcase_add_loop_test(t, talk, 0, UNIT_COUNT(talks));
	tcase_add_loop_test(t, announced, 0, UNIT_COUNT(offers));
	tcase_add_test(t, logs);
	tcase_add_test(t, response_limit);
	tcase_add_test(t, auth_away);
	tcase_add_test(t, starttls);
	tcase_add_test(t, injected);
	tcase_add_test(t, no_handshake);
	tcase_add_test(t, tls_demanded);
	tcase_add_test(t, wrapped);
	tcase_add_test(t, wrapped_without_certificate);
	tcase_add_test(t, bad_certificate);
}

int
main(void)
{
	return unit_main("smtpd/auth", fill);
}
