/* test_dmarc.c - mauth/dmarc.h, mauth/suffixes.h and mauth/authres.h */

#include "mauth/dmarc.h"

#include "base/buf.h"
#include "mauth/authres.h"
#include "mauth/suffixes.h"
#include "tests/mauth/stream.h"
#include "tests/mauth/zone.h"
#include "tests/unit.h"

static const char list_text[] = "// a comment\n"
				"com\n"
				"\n"
				"uk\n"
				"co.uk  a remark\n"
				"*.ck\n"
				"!www.ck\n"
				"jp\n"
				"*.kawasaki.jp\n"
				"!city.kawasaki.jp\n"
				"cn\n"
				"\xe5\x85\xac\xe5\x8f\xb8.cn\n"
				"github.io\n"
				"\xff.bad\n";

static const struct {
	const char *domain, *with, *without;
} organizations[] = {
	{ "example.com", "example.com", "example.com" },
	{ "a.b.example.com", "example.com", "example.com" },
	{ "com", "com", "com" },
	{ "example.co.uk", "example.co.uk", "example.co.uk" },
	{ "a.example.co.uk", "example.co.uk", "example.co.uk" },
	{ "co.uk", "co.uk", "co.uk" },
	{ "a.example.uk", "example.uk", "example.uk" },
	{ "www.ck", "www.ck", "www.ck" },
	{ "a.www.ck", "www.ck", "a.www.ck" },
	{ "b.a.test.ck", "a.test.ck", "test.ck" },
	{ "x.city.kawasaki.jp", "city.kawasaki.jp", "kawasaki.jp" },
	{ "x.y.z.kawasaki.jp", "y.z.kawasaki.jp", "kawasaki.jp" },
	{ "a.shishi.xn--55qx5d.cn", "shishi.xn--55qx5d.cn", "xn--55qx5d.cn" },
	{ "me.github.io", "me.github.io", "github.io" },
	{ "a.b.unlisted", "b.unlisted", "b.unlisted" },
	{ "localhost", "localhost", "localhost" },
};

START_TEST(organization)
{
	struct suffixes *s = suffixes_new(span_str(list_text));
	struct span domain = span_str(organizations[_i].domain);

	ck_assert_uint_eq(suffixes_count(s), 11);
	ck_assert_msg(
	    span_is(suffixes_organization(s, domain), organizations[_i].with),
	    "%s", organizations[_i].domain);
	ck_assert_msg(span_is(suffixes_organization(NULL, domain),
			  organizations[_i].without),
	    "%s", organizations[_i].domain);
	suffixes_free(&s);
}
END_TEST

/* RFC 3492, 7.1 and names of the wild. */
static const struct {
	const char *in, *out;
} names[] = {
	{ "Example.COM", "example.com" },
	{ "b\xc3\xbc"
	  "cher.example",
	    "xn--bcher-kva.example" },
	{ "\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88\xe4\xb8"
	  "\x8d\xe8\xaf\xb4\xe4\xb8\xad\xe6\x96\x87",
	    "xn--ihqwcrb4cv8a8dqg056pqjye" },
	{ "3\xe5\xb9\xb4"
	  "b\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7"
	  "\x94\x9f",
	    "xn--3b-ww4c5e180e575a65lsy2b" },
	{ "a..b", NULL },
	{ "", NULL },
	{ "\xff", NULL },
};

START_TEST(ascii)
{
	struct buf out = BUF_EMPTY;
	bool good = suffixes_ascii(span_str(names[_i].in), &out);

	ck_assert(good == (names[_i].out != NULL));
	if (good)
		ck_assert_str_eq(buf_str(&out), names[_i].out);
	else
		ck_assert_uint_eq(out.n, 0);
	buf_free(&out);
}
END_TEST

static const struct {
	const char *text;
	bool good;
	struct dmarc_record want;
} records[] = {
	{ "v=DMARC1; p=none", true, { .percent = 100 } },
	{ "v=DMARC1;p=reject;sp=quarantine;pct=20;adkim=s;aspf=s", true,
	    { DMARC_POLICY_REJECT, DMARC_POLICY_QUARANTINE, true, true, 20 } },
	{ "v=DMARC1; p=reject; rua=mailto:a@b.c", true,
	    { DMARC_POLICY_REJECT, DMARC_POLICY_REJECT, false, false, 100 } },
	{ "v=DMARC1; p=Reject; pct=200", true,
	    { DMARC_POLICY_REJECT, DMARC_POLICY_REJECT, false, false, 100 } },
	{ "v=DMARC1; rua=mailto:a@b.c", true, { .percent = 100 } },
	{ "v=DMARC1; p=maybe; rua=mailto:a@b.c", true, { .percent = 100 } },
	{ "v=DMARC1; p=maybe", false, { .percent = 0 } },
	{ "v=DMARC1", false, { .percent = 0 } },
	{ "v=dmarc1; p=none", false, { .percent = 0 } },
	{ "p=none; v=DMARC1", false, { .percent = 0 } },
	{ "v=DMARC10; p=none", false, { .percent = 0 } },
	{ "v=DMARC1; p=none; p=none", false, { .percent = 0 } },
	{ "", false, { .percent = 0 } },
};

START_TEST(record)
{
	struct dmarc_record got;
	const struct dmarc_record *want = &records[_i].want;

	ck_assert_msg(dmarc_record_parse(span_str(records[_i].text), &got) ==
		records[_i].good,
	    "%s", records[_i].text);
	if (!records[_i].good)
		return;
	ck_assert_int_eq(got.policy, want->policy);
	ck_assert_int_eq(got.below, want->below);
	ck_assert(got.strict_dkim == want->strict_dkim);
	ck_assert(got.strict_spf == want->strict_spf);
	ck_assert_uint_eq(got.percent, want->percent);
}
END_TEST

static const struct {
	const char *header;
	enum dmarc_author want;
	const char *domain;
} authors[] = {
	{ "From: a@Example.com\n", DMARC_AUTHOR_ONE, "example.com" },
	{ "From: \"x@y.z\" <a@example.com>\n", DMARC_AUTHOR_ONE,
	    "example.com" },
	{ "From: a@example.com, b@EXAMPLE.com\n", DMARC_AUTHOR_ONE,
	    "example.com" },
	{ "From: a@b\xc3\xbc"
	  "cher.example\n",
	    DMARC_AUTHOR_ONE, "xn--bcher-kva.example" },
	{ "From: a@example.com, b@example.net\n", DMARC_AUTHOR_SEVERAL, NULL },
	{ "From: a@example.com\nFrom: a@example.com\n", DMARC_AUTHOR_SEVERAL,
	    NULL },
	{ "From: a@[192.0.2.1]\n", DMARC_AUTHOR_SEVERAL, NULL },
	{ "From: a\n", DMARC_AUTHOR_NONE, NULL },
	{ "Subject: a\n", DMARC_AUTHOR_NONE, NULL },
};

START_TEST(author)
{
	struct stream s = { .arg = NULL };
	struct span domain;

	stream_run(&s, span_str(authors[_i].header), 100);
	ck_assert_int_eq(
	    dmarc_author(passage_fields(s.passage), s.arena, &domain),
	    authors[_i].want);
	if (authors[_i].domain != NULL)
		ck_assert(span_is(domain, authors[_i].domain));
	stream_done(&s);
}
END_TEST

static const struct zone_row zone[] = {
	{ "_dmarc.example.com", DNS_TXT,
	    "v=DMARC1; p=reject; sp=quarantine; pct=50" },
	{ "_dmarc.strict.com", DNS_TXT,
	    "v=DMARC1; p=quarantine; adkim=s; aspf=s" },
	{ "_dmarc.own.example.com", DNS_TXT, "v=DMARC1; p=none" },
	{ "_dmarc.two.com", DNS_TXT, "v=DMARC1; p=reject" },
	{ "_dmarc.two.com", DNS_TXT, "v=DMARC1; p=none" },
	{ "_dmarc.noise.com", DNS_TXT, "some text" },
	{ "_dmarc.noise.com", DNS_TXT, "v=DMARC1; p=reject" },
	{ "_dmarc.trouble.com", DNS_TXT, "(trouble)" },
	{ NULL, DNS_TXT, NULL },
};

static const struct {
	const char *author, *dkim, *spf;
	enum dmarc_result want;
	enum dmarc_policy policy, sampled;
} cases[] = {
	/* RFC 7489, B.1 */
	{ "example.com", NULL, "example.com", DMARC_PASS, DMARC_POLICY_REJECT,
	    DMARC_POLICY_QUARANTINE },
	{ "example.com", NULL, "child.example.com", DMARC_PASS,
	    DMARC_POLICY_REJECT, DMARC_POLICY_QUARANTINE },
	{ "example.com", NULL, "example.net", DMARC_FAIL, DMARC_POLICY_REJECT,
	    DMARC_POLICY_QUARANTINE },
	{ "child.example.com", "example.com", NULL, DMARC_PASS,
	    DMARC_POLICY_QUARANTINE, DMARC_POLICY_NONE },
	{ "child.example.com", "sample.net", NULL, DMARC_FAIL,
	    DMARC_POLICY_QUARANTINE, DMARC_POLICY_NONE },
	{ "own.example.com", "EXAMPLE.com", NULL, DMARC_PASS, DMARC_POLICY_NONE,
	    DMARC_POLICY_NONE },
	{ "strict.com", "a.strict.com", "a.strict.com", DMARC_FAIL,
	    DMARC_POLICY_QUARANTINE, DMARC_POLICY_QUARANTINE },
	{ "strict.com", "strict.com", NULL, DMARC_PASS, DMARC_POLICY_QUARANTINE,
	    DMARC_POLICY_QUARANTINE },
	{ "com", NULL, "evil.com", DMARC_NONE, DMARC_POLICY_NONE,
	    DMARC_POLICY_NONE },
	{ "two.com", "two.com", NULL, DMARC_NONE, DMARC_POLICY_NONE,
	    DMARC_POLICY_NONE },
	{ "noise.com", NULL, NULL, DMARC_FAIL, DMARC_POLICY_REJECT,
	    DMARC_POLICY_REJECT },
	{ "nothing.com", "nothing.com", NULL, DMARC_NONE, DMARC_POLICY_NONE,
	    DMARC_POLICY_NONE },
	{ "trouble.com", NULL, NULL, DMARC_TEMPERROR, DMARC_POLICY_NONE,
	    DMARC_POLICY_NONE },
};

START_TEST(one)
{
	struct suffixes *s = suffixes_new(span_str(list_text));
	struct arena *a = arena_new();
	struct buf name = BUF_EMPTY;
	struct dmarc d;

	dmarc_begin(&d, span_str(cases[_i].author), s);
	while (dmarc_question(&d, &name)) {
		struct dns_answer answer =
		    zone_answer(zone, DNS_TXT, buf_span(&name), a);

		dmarc_answer(&d, &answer);
		buf_clear(&name);
	}
	if (cases[_i].dkim != NULL)
		dmarc_dkim(&d, span_str(cases[_i].dkim));
	if (cases[_i].spf != NULL)
		dmarc_spf(&d, span_str(cases[_i].spf));
	ck_assert_int_eq(dmarc_result(&d), cases[_i].want);
	ck_assert_int_eq(dmarc_wanted(&d), cases[_i].policy);
	ck_assert_int_eq(dmarc_sampled(&d, 49), cases[_i].policy);
	ck_assert_int_eq(dmarc_sampled(&d, 50), cases[_i].sampled);
	buf_free(&name);
	arena_free(&a);
	suffixes_free(&s);
}
END_TEST

START_TEST(written)
{
	struct buf out = BUF_EMPTY;

	authres_begin(&out, SPAN("mx.here.test"));
	authres_method(&out, "spf", "pass", NULL);
	authres_property(&out, "smtp.mailfrom", SPAN("a@example.com"));
	authres_method(&out, "dkim", "fail", "a \"reason\"");
	authres_comment(&out, "1024-bit key");
	authres_property(&out, "header.d", SPAN("example.com"));
	authres_property(&out, "header.b", SPAN("ab+/=\r\nX: y"));
	authres_property(&out, "header.i", SPAN("@example.com"));
	authres_end(&out, true);
	ck_assert_str_eq(buf_str(&out),
	    "Authentication-Results: mx.here.test;\n"
	    "\tspf=pass smtp.mailfrom=a@example.com;\n"
	    "\tdkim=fail reason=\"a \\\"reason\\\"\" (1024-bit key) "
	    "header.d=example.com\n"
	    "\t header.b=\"ab+/=??X: y\" header.i=@example.com\n");
	buf_clear(&out);
	authres_begin_arc(&out, 3, SPAN("mx"));
	authres_end(&out, false);
	ck_assert_str_eq(
	    buf_str(&out), "ARC-Authentication-Results: i=3; mx; none\n");
	buf_free(&out);
}
END_TEST

static const struct {
	const char *value, *id;
} ids[] = {
	{ " mx.here.test; none", "mx.here.test" },
	{ "mx.here.test", "mx.here.test" },
	{ "\n\tmx.here.test 1; spf=pass", "mx.here.test" },
	{ " (a (nested) \\) comment) mx;x", "mx" },
	{ "(x)\"a \\\"b\";", "a \"b" },
	{ " mx/x", "mx" },
	{ " \xc3\xa9.test; none", "\xc3\xa9.test" },
	{ "", NULL },
	{ " ; none", NULL },
	{ "(never ends", NULL },
	{ "\"never ends", NULL },
};

START_TEST(read_id)
{
	struct buf id = BUF_EMPTY;
	bool good = authres_id(span_str(ids[_i].value), &id);

	ck_assert(good == (ids[_i].id != NULL));
	if (good)
		ck_assert_str_eq(buf_str(&id), ids[_i].id);
	buf_free(&id);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, organization, 0, UNIT_COUNT(organizations));
	tcase_add_loop_test(t, ascii, 0, UNIT_COUNT(names));
	tcase_add_loop_test(t, record, 0, UNIT_COUNT(records));
	tcase_add_loop_test(t, author, 0, UNIT_COUNT(authors));
	tcase_add_loop_test(t, one, 0, UNIT_COUNT(cases));
	tcase_add_test(t, written);
	tcase_add_loop_test(t, read_id, 0, UNIT_COUNT(ids));
}

int
main(void)
{
	return unit_main("mauth/dmarc", fill);
}
