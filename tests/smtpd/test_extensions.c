/* test_extensions.c - SMTPUTF8, REQUIRETLS and FUTURERELEASE, in conversations
 */

#include <stdio.h>
#include <string.h>

#include "calls/queue_call.h"
#include "smtpd/path.h"
#include "smtpd/smtpd.h"
#include "tests/smtpd/world.h"
#include "tests/unit.h"

#define LOGIN "> AUTH PLAIN AHVzZXIAbWFya2VyLXBhc3M=\n< 235\n"
#define E     "\xc3\xa9" /* e with acute */

static struct world w;

static const struct {
	const char *name, *config, *from, *script;
} talks[] = {
	{ "addresses in UTF-8", "", "192.0.2.9",
	    "> MAIL FROM:<" E "@" E ".test> SMTPUTF8\n< 250 2.1.0\n"
	    "> RCPT TO:<" E "@here.test>\n"
	    "< 550 5.1.1 <\\x{E9}@here.test>: Recipient address rejected\n"
	    "> RCPT TO:<user@here.test>\n< 250 2.1.5\n"
	    "> DATA\n< 354\n> .\n< 250\n" },
	{ "rules that look at the domain's name",
	    "smtpd_sender_restrictions = reject_non_fqdn_sender\n"
	    "smtpd_recipient_restrictions = reject_non_fqdn_recipient\n",
	    "192.0.2.9",
	    "> MAIL FROM:<" E "@" E "> SMTPUTF8\n< 250 2.1.0\n"
	    "> RCPT TO:<user@here.test>\n"
	    "< 504 5.5.2 <\\x{E9}@\\x{E9}>: Sender address rejected\n"
	    "> RSET\n< 250\n"
	    "> MAIL FROM:<" E "@" E ".test> SMTPUTF8\n< 250 2.1.0\n"
	    "> RCPT TO:<x@" E ">\n"
	    "< 554 5.7.1 <x@\\x{E9}>: Relay access denied\n"
	    "> RCPT TO:<user@here.test>\n< 250 2.1.5\n" },
	{ "without the word: local parts alone", "", "192.0.2.9",
	    "> MAIL FROM:<" E "@" E ".test>\n< 550 5.6.7 Non-ASCII\n"
	    "> MAIL FROM:<" E "@b.test>\n< 250 2.1.0\n"
	    "> RCPT TO:<x@" E ".test>\n< 553 5.6.7 Non-ASCII\n"
	    "> RCPT TO:<" E "@here.test>\n< 550 5.1.1\n" },
	{ "strict", "strict_smtputf8 = yes\n", "192.0.2.9",
	    "> MAIL FROM:<" E "@b.test>\n< 550 5.6.7\n"
	    "> MAIL FROM:<" E "@b.test> SMTPUTF8\n< 250 2.1.0\n"
	    "> RCPT TO:<" E "@here.test>\n< 550 5.1.1\n" },
	{ "off", "smtputf8_enable = no\n", "192.0.2.9",
	    "> MAIL FROM:<a@b.test> SMTPUTF8\n"
	    "< 555 5.5.4 Unsupported option: SMTPUTF8\n"
	    "> MAIL FROM:<" E "@b.test>\n< 550 5.6.7\n"
	    "> MAIL FROM:<a@b.test>\n< 250\n"
	    "> RCPT TO:<" E "@here.test>\n< 553 5.6.7\n"
	    "> VRFY user SMTPUTF8\n< 555 5.5.4\n" },
	{ "not announced", "smtpd_discard_ehlo_keywords = smtputf8\n",
	    "192.0.2.9", "> MAIL FROM:<a@b.test> SMTPUTF8\n< 555 5.5.4\n" },
	{ "no UTF-8", "smtpd_hard_error_limit = 100\n", "192.0.2.9",
	    "> MAIL FROM:<\xc3@b.test> SMTPUTF8\n< 501 5.6.7 Error: bad UTF-8\n"
	    "> MAIL FROM:<\xc0\xaf@b.test> SMTPUTF8\n< 501 5.6.7\n"
	    "> MAIL FROM:<\xe0\x80\xaf@b.test> SMTPUTF8\n< 501 5.6.7\n"
	    "> MAIL FROM:<\xed\xa0\x80@b.test> SMTPUTF8\n< 501 5.6.7\n"
	    "> MAIL FROM:<\xf4\x90\x80\x80@b.test> SMTPUTF8\n< 501 5.6.7\n"
	    "> MAIL FROM:<\xe9@b.test>\n< 501 5.6.7\n"
	    "> VRFY \xff SMTPUTF8\n< 501 5.6.7\n"
	    "> MAIL FROM:<a\x01@b.test>\n< 501 5.5.2 Error: bad byte\n"
	    "> MAIL FROM:<a@\xe2\x98\x83\xef\xbb\xbf.test> SMTPUTF8\n"
	    "< 501 5.1.7\n"
	    "> MAIL FROM:<a@\xef\xbd\x85xample.test> SMTPUTF8\n< 501 5.1.7\n"
	    "> MAIL FROM:<a@" E "> SMTPUTF8\n< 250 2.1.0\n"
	    "> RCPT TO:<a@x\xe3\x80\x82y.test>\n< 501 5.1.3\n" },
	{ "VRFY", "", "192.0.2.9",
	    "> VRFY user SMTPUTF8\n< 252 2.0.0 user\n"
	    "> VRFY " E "@here.test SMTPUTF8\n"
	    "< 550 5.1.1 <\\x{E9}@here.test>\n"
	    "> VRFY " E "@relay.test SMTPUTF8\n"
	    "< 252 2.0.0 " E "@relay.test\n"
	    "> VRFY " E "@relay.test\n< 252 2.6.8 UTF-8 string reply\n"
	    "> VRFY x@" E ".test\n< 553 5.6.7\n"
	    "> VRFY x@" E ".test SMTPUTF8\n"
	    "< 554 5.7.1 <x@\\x{E9}.test>: Relay access denied\n" },
	{ "nothing is held for strangers", "", "127.0.0.1",
	    "> MAIL FROM:<a@b.test> HOLDFOR=60\n"
	    "< 555 5.5.4 Unsupported option: HOLDFOR\n"
	    "> MAIL FROM:<a@b.test> HOLDUNTIL=2099-01-01T00:00:00Z\n"
	    "< 555 5.5.4 Unsupported option: HOLDUNTIL\n" },
	{ "how long", "smtpd_future_release_limit = 1h\n", "127.0.0.1",
	    LOGIN "> EHLO x\n<+ 250\n"
		  "> MAIL FROM:<a@b.test> HOLDFOR=3601\n"
		  "< 501 5.5.4 Bad parameter: HOLDFOR\n"
		  "> MAIL FROM:<a@b.test> HOLDFOR=1 HOLDFOR=1\n< 501 5.5.4\n"
		  "> MAIL FROM:<a@b.test> HOLDFOR=1 "
		  "HOLDUNTIL=2026-01-01T00:00:00Z\n"
		  "< 501 5.5.4 Bad parameter: HOLDUNTIL\n"
		  "> MAIL FROM:<a@b.test> HOLDUNTIL=2999-01-01T00:00:00Z\n"
		  "< 501 5.5.4 Bad parameter: HOLDUNTIL\n"
		  "> MAIL FROM:<a@b.test> HOLDUNTIL=2026-01-01T00:00:00+01:00\n"
		  "< 501 5.5.4\n"
		  "> MAIL FROM:<> HOLDFOR=1\n< 501 5.5.4\n"
		  "> MAIL FROM:<a@b.test> HOLDFOR=3600\n< 250 2.1.0\n" },
	{ "limit of nothing", "smtpd_future_release_limit = 0\n", "127.0.0.1",
	    LOGIN "> MAIL FROM:<a@b.test> HOLDFOR=1\n< 555 5.5.4\n" },
	{ "VERP: whom it is for", "", "192.0.2.9",
	    "> MAIL FROM:<a@b.test> XVERP\n"
	    "< 555 5.5.4 Unsupported option: XVERP\n"
	    "> MAIL FROM:<a@b.test> XVERP=+=\n< 555 5.5.4\n" },
	{ "VERP: which delimiters", "strict_rfc821_envelopes = yes\n",
	    "127.0.0.1",
	    "> MAIL FROM:<a@b.test> XVERP=\n< 501 5.5.4 Bad parameter: XVERP\n"
	    "> MAIL FROM:<a@b.test> XVERP=+\n< 501 5.5.4\n"
	    "> MAIL FROM:<a@b.test> XVERP=+=-\n< 501 5.5.4\n"
	    "> MAIL FROM:<a@b.test> XVERP=%=\n< 501 5.5.4\n"
	    "> MAIL FROM:<a@b.test> XVERP XVERP\n< 501 5.5.4\n"
	    "> MAIL FROM:<> XVERP\n< 501 5.5.4\n"
	    "> MAIL FROM:<a@b.test> XVERP=-=\n< 250 2.1.0\n" },
	{ "VERP: not announced", "smtpd_discard_ehlo_keywords = xverp\n",
	    "127.0.0.1", "> MAIL FROM:<a@b.test> XVERP\n< 555 5.5.4\n" },
	{ "for TLS only", "", "192.0.2.9",
	    "> MAIL FROM:<a@b.test> REQUIRETLS\n"
	    "< 555 5.5.4 Unsupported option: REQUIRETLS\n" },
};

static void
begin(const char *config, const char *from)
{
	world_begin(&w, config);
	w.smtpd->service = "submission";
	world_connect(&w, from);
	world_talk(&w, "< 220\n> EHLO x\n<+ 250\n");
}

START_TEST(talk)
{
	begin(talks[_i].config, talks[_i].from);
	world_talk(&w, talks[_i].script);
	world_end(&w);
}
END_TEST

static bool
queued(const char *text)
{
	struct span all = buf_span(&w.messages[0].envelope);

	return span_search(all, span_str(text)) < all.n;
}

/* Mail of that client with this MAIL, up to its end. */
static void
mail(const char *config, const char *params)
{
	struct buf script = BUF_EMPTY;

	begin(config, "192.0.2.9");
	buf_printf(&script,
	    "> MAIL FROM:<a@b.test>%s\n< 250\n"
	    "> RCPT TO:<user@here.test>\n< 250\n> DATA\n< 354\n> .\n< 250\n",
	    params);
	world_talk(&w, buf_str(&script));
	buf_free(&script);
}

/* The delimiters go with the envelope: those given, or those of main.cf. */
START_TEST(verp)
{
	mail("authorized_verp_clients = 192.0.2.0/24\n", " XVERP=-=");
	ck_assert(queued("verp=-=\n"));
	world_end(&w);
	mail("smtpd_authorized_verp_clients = 192.0.2.9\n", " XVERP");
	ck_assert(queued("verp=+=\n"));
	world_end(&w);
	mail("smtpd_authorized_verp_clients = 192.0.2.9\n"
	     "default_verp_delimiters = =#\nverp_delimiter_filter = =#\n",
	    " XVERP");
	ck_assert(queued("verp==#\n"));
	world_end(&w);
	mail("authorized_verp_clients = 192.0.2.0/24\n", "");
	ck_assert(!queued("verp="));
	world_end(&w);
}
END_TEST

/* Announced to whom it is for, with its limits. */
START_TEST(future)
{
	begin("smtpd_future_release_limit = 2h\n", "127.0.0.1");
	world_talk(&w,
	    LOGIN "> EHLO x\n< 250-mail\n< 250-PIPE\n< 250-SIZE\n< 250-VRFY\n"
		  "< 250-ETRN\n< 250-AUTH\n< 250-XVERP\n< 250-ENH\n< "
		  "250-8BIT\n< 250-DSN\n"
		  "< 250-SMTPUTF8\n< 250-CHUNKING\n< 250-LIMITS\n"
		  "< 250 FUTURERELEASE 7200 20\n"
		  "> MAIL FROM:<a@b.test> HOLDFOR=60\n< 250\n"
		  "> RCPT TO:<user@here.test>\n< 250\n"
		  "> DATA\n< 354\n> .\n< 250\n");
	ck_assert(queued("hold=for;60\n"));
	world_end(&w);
	/* other servers' port knows nothing of it */
	begin("", "127.0.0.1");
	w.smtpd->service = "0.0.0.0:smtp";
	world_talk(
	    &w, LOGIN "> MAIL FROM:<a@b.test> HOLDFOR=60\n< 555 5.5.4\n");
	world_end(&w);
}
END_TEST

static const struct {
	const char *config, *mail, *rcpt, *field;
	unsigned flags;
	const char *received;
} sent[] = {
	{ "", "a@b.test", "user@here.test", "Subject: x", 0, "with ESMTP id" },
	{ "", "a@b.test> SMTPUTF8", "user@here.test", "Subject: x",
	    QUEUE_SMTPUTF8, "with UTF8SMTP id" },
	{ "", E "@b.test", "user@here.test", "Subject: " E, 0,
	    "for <user@here.test>" },
	{ "smtputf8_autodetect_classes = all\n", "a@b.test", "user@here.test",
	    "Subject: " E, QUEUE_SMTPUTF8, "with ESMTP id" },
	{ "smtputf8_autodetect_classes = all\n", "a@b.test", "user@here.test",
	    "Subject: \xe9", 0, "with ESMTP id" },
	{ "smtputf8_autodetect_classes = smtpd\n", E "@b.test",
	    "user@here.test", "Subject: x", QUEUE_SMTPUTF8, "with ESMTP id" },
	{ "", "a@b.test", "user@here.test", "TLS-Required: No",
	    QUEUE_TLS_OPTIONAL, "" },
	{ "", "a@b.test", "user@here.test", "TLS-Required: Yes", 0, "" },
	{ "tls_required_enable = no\n", "a@b.test", "user@here.test",
	    "TLS-Required: No", 0, "" },
	{ "", "a@b.test> SMTPUTF8", E "@relay.test", "x: y", QUEUE_SMTPUTF8,
	    "id ABC1;\n\t" },
	{ "", "a@b.test> SMTPUTF8", "x@relay.test", "x: y", QUEUE_SMTPUTF8,
	    "for <x@relay.test>; " },
};

START_TEST(flags)
{
	struct buf script = BUF_EMPTY;
	bool open = strchr(sent[_i].mail, '>') == NULL;
	char wanted[32];

	begin(sent[_i].config, "192.0.2.9");
	buf_printf(&script,
	    "> MAIL FROM:<%s%s\n< 250\n> RCPT TO:<%s>\n< 250\n"
	    "> DATA\n< 354\n> %s\n> .\n< 250\n",
	    sent[_i].mail, open ? ">" : "", sent[_i].rcpt, sent[_i].field);
	world_talk(&w, buf_str(&script));
	snprintf(wanted, sizeof(wanted), "flags=%u\n", sent[_i].flags);
	ck_assert_msg(
	    queued(wanted), "row %d: %s", _i, buf_str(&w.messages[0].envelope));
	ck_assert_msg(span_search(buf_span(&w.messages[0].edits),
			  span_str(sent[_i].received)) < w.messages[0].edits.n,
	    "row %d: %s", _i, sent[_i].received);
	buf_free(&script);
	world_end(&w);
}
END_TEST

/* Lines of a log that nobody can forge: what is not text is gone. */
START_TEST(logged)
{
	begin("smtpd_delay_reject = yes\n", "192.0.2.9");
	world_talk(&w,
	    "> MAIL FROM:<" E "\xe2\x80\xae@b.test> SMTPUTF8\n< 250\n"
	    "> RCPT TO:<\xc2\x85" E "@elsewhere.test>\n< 554 5.7.1\n");
	world_expect_log(&w, "from=<" E "?@b.test> to=<?" E "@elsewhere.test>");
	world_end(&w);
}
END_TEST

static const struct {
	bool off, strict, asked;
	const char *path;
	enum path_result result;
	const char *address;
} paths[] = {
	{ false, false, false, "", PATH_NULL, "" },
	{ false, false, false, "a@b.test", PATH_OK, "a@b.test" },
	{ false, false, false, "@x.test:a@b.test", PATH_OK, "a@b.test" },
	{ false, false, true, "@" E ".test:" E "@b.test", PATH_OK,
	    E "@b.test" },
	{ false, false, false, E "@b.test", PATH_OK, E "@b.test" },
	{ false, false, false, "\"" E "\"@b.test", PATH_OK,
	    "\"" E "\"@b.test" },
	{ false, true, false, E "@b.test", PATH_NOT_ASCII, NULL },
	{ false, true, true, E "@b.test", PATH_OK, E "@b.test" },
	{ true, false, false, E "@b.test", PATH_NOT_ASCII, NULL },
	{ false, false, false, "a@" E ".test", PATH_NOT_ASCII, NULL },
	{ false, false, true, "a@" E ".test", PATH_OK, "a@" E ".test" },
	{ false, false, true, E, PATH_OK, E },
	{ false, false, true, "a@" E "_.\xcc\x81.test", PATH_BAD, NULL },
	{ false, false, true, "a@\xff", PATH_BAD, NULL },
	{ false, false, true, "a@[" E "]", PATH_BAD, NULL },
};

START_TEST(path)
{
	struct smtpd_conf conf = { .smtputf8_enable = !paths[_i].off,
		.strict_smtputf8 = paths[_i].strict };
	struct span address;

	ck_assert_msg(path_read(&conf, span_str(paths[_i].path),
			  paths[_i].asked, &address) == paths[_i].result,
	    "row %d", _i);
	if (paths[_i].address != NULL)
		ck_assert(span_is(address, paths[_i].address));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, talk, 0, UNIT_COUNT(talks));
	tcase_add_test(t, future);
	tcase_add_test(t, verp);
	tcase_add_loop_test(t, flags, 0, UNIT_COUNT(sent));
	tcase_add_test(t, logged);
	tcase_add_loop_test(t, path, 0, UNIT_COUNT(paths));
}

int
main(void)
{
	return unit_main("smtpd/extensions", fill);
}
