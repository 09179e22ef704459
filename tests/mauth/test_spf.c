/* test_spf.c - mauth/spf.h and mauth/spf_record.h: the examples of RFC 7208 and
 * its limits
 */

#include "mauth/spf.h"

#include <stdio.h>

#include "base/buf.h"
#include "mauth/spf_record.h"
#include "tests/mauth/zone.h"
#include "tests/unit.h"

static const struct {
	const char *text, *v4, *v6;
} macros[] = {
	/* 7.4 */
	{ "%{s}", "strong-bad@email.example.com", NULL },
	{ "%{o}", "email.example.com", NULL },
	{ "%{d}", "email.example.com", NULL },
	{ "%{d4}", "email.example.com", NULL },
	{ "%{d3}", "email.example.com", NULL },
	{ "%{d2}", "example.com", NULL },
	{ "%{d1}", "com", NULL },
	{ "%{dr}", "com.example.email", NULL },
	{ "%{d2r}", "example.email", NULL },
	{ "%{l}", "strong-bad", NULL },
	{ "%{l-}", "strong.bad", NULL },
	{ "%{lr}", "strong-bad", NULL },
	{ "%{lr-}", "bad.strong", NULL },
	{ "%{l1r-}", "strong", NULL },
	{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com",
	    "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	    "ip6._spf.example.com" },
	{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com", NULL },
	{ "%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
	    "bad.strong.lp.3.2.0.192.in-addr._spf.example.com", NULL },
	{ "%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
	    "3.2.0.192.in-addr.strong.lp._spf.example.com", NULL },
	{ "%{d2}.trusted-domains.example.net",
	    "example.com.trusted-domains.example.net", NULL },
	{ "%{p}", "mx.example.org", NULL },
	{ "%{S}", "strong-bad%40email.example.com", NULL },
	{ "%%%_%-", "% %20", NULL },
	{ "%{h} %{r} %{t} %{c}", "helo.example rcvr.example 77 192.0.2.3",
	    "helo.example rcvr.example 77 2001:db8::cb01" },
};

START_TEST(macro)
{
	struct spf_facts facts = { .sender_local = SPAN("strong-bad"),
		.sender_domain = SPAN("email.example.com"),
		.domain = SPAN("email.example.com"),
		.helo = SPAN("helo.example"),
		.receiver = SPAN("rcvr.example"),
		.client = SPAN("mx.example.org"),
		.now = 77 };
	struct span text = span_str(macros[_i].text);
	struct buf out = BUF_EMPTY;

	ck_assert(spf_macro_valid(text, true));
	ck_assert(address_parse(SPAN("192.0.2.3"), 0, &facts.ip));
	spf_macro_expand(text, &facts, &out);
	ck_assert_str_eq(buf_str(&out), macros[_i].v4);
	if (macros[_i].v6 != NULL) {
		buf_clear(&out);
		ck_assert(address_parse(SPAN("2001:db8::cb01"), 0, &facts.ip));
		spf_macro_expand(text, &facts, &out);
		ck_assert_str_eq(buf_str(&out), macros[_i].v6);
	}
	buf_free(&out);
}
END_TEST

static const struct {
	const char *text;
	bool good;
} records[] = {
	{ "v=spf1", true },
	{ "v=spf1 -all", true },
	{ "V=SPF1 MX A:b.c/24//64 iP4:1.2.3.4/8 ip6:2001:db8::/32 ~aLL", true },
	{ "v=spf1 a:%{d}/24 exists:%{i}.x.y include:c.d. ?all", true },
	{ "v=spf1 redirect=a.b exp=c.d moo=cow%{d}", true },
	{ "v=spf1 ip6:::ffff:1.2.3.4/128 ip4:1.2.3.4", true },
	{ "v=spf1 a:a/b.c", true },
	{ "v=spf1 unknown", false },
	{ "v=spf1 all:x.y", false },
	{ "v=spf1 all/8", false },
	{ "v=spf1 include", false },
	{ "v=spf1 include:", false },
	{ "v=spf1 a:", false },
	{ "v=spf1 a:b", false },
	{ "v=spf1 a:b.1", false },
	{ "v=spf1 a/33", false },
	{ "v=spf1 a/024", false },
	{ "v=spf1 a//129", false },
	{ "v=spf1 a/", false },
	{ "v=spf1 ip4:1.2.3", false },
	{ "v=spf1 ip4:1.2.3.4/33", false },
	{ "v=spf1 ip4:2001:db8::1", false },
	{ "v=spf1 ip4", false },
	{ "v=spf1 ip6:1.2.3.4", false },
	{ "v=spf1 ip6:[::1]", false },
	{ "v=spf1 redirect=a.b redirect=c.d", false },
	{ "v=spf1 redirect=", false },
	{ "v=spf1 exists:%{z}.a.b", false },
	{ "v=spf1 exists:%{d0}.a.b", false },
	{ "v=spf1 exists:%{d", false },
	{ "v=spf1 exists:%x.a.b", false },
	{ "v=spf1 exists:%{c}.a.b", false },
	{ "v=spf1 exists:%{d}.%%", false },
	{ "v=spf1 a\tall", false },
	{ "v=spf1 moo=%", false },
	{ "v=spf1 \x80", false },
};

START_TEST(one_record)
{
	struct arena *a = arena_new();
	struct spf_record r;
	const char *wrong = spf_record_parse(span_str(records[_i].text), a, &r);

	ck_assert_msg((wrong == NULL) == records[_i].good, "%s: %s",
	    records[_i].text, wrong == NULL ? "taken" : wrong);
	ck_assert(spf_record_is(span_str(records[_i].text)));
	ck_assert(!spf_record_is(SPAN("v=spf10 all")));
	ck_assert(!spf_record_is(SPAN("v=spf")));
	arena_free(&a);
}
END_TEST

/* The zone of appendix A, and records of ours. */
static const struct zone_row zone[] = {
	{ "example.com", DNS_MX, "mail-a.example.com" },
	{ "example.com", DNS_MX, "mail-b.example.com" },
	{ "example.com", DNS_A, "192.0.2.10" },
	{ "example.com", DNS_A, "192.0.2.11" },
	{ "amy.example.com", DNS_A, "192.0.2.65" },
	{ "bob.example.com", DNS_A, "192.0.2.66" },
	{ "mail-a.example.com", DNS_A, "192.0.2.129" },
	{ "mail-b.example.com", DNS_A, "192.0.2.130" },
	{ "example.org", DNS_MX, "mail-c.example.org" },
	{ "mail-c.example.org", DNS_A, "192.0.2.140" },
	{ "10.2.0.192.in-addr.arpa", DNS_PTR, "example.com" },
	{ "11.2.0.192.in-addr.arpa", DNS_PTR, "example.com" },
	{ "65.2.0.192.in-addr.arpa", DNS_PTR, "amy.example.com" },
	{ "66.2.0.192.in-addr.arpa", DNS_PTR, "bob.example.com" },
	{ "129.2.0.192.in-addr.arpa", DNS_PTR, "mail-a.example.com" },
	{ "130.2.0.192.in-addr.arpa", DNS_PTR, "mail-b.example.com" },
	{ "140.2.0.192.in-addr.arpa", DNS_PTR, "mail-c.example.org" },
	{ "4.0.0.10.in-addr.arpa", DNS_PTR, "bob.example.com" },
	{ "mary.mobile-users._spf.example.com", DNS_A, "127.0.0.2" },
	{ "mobile-users._spf.example.com", DNS_TXT,
	    "v=spf1 exists:%{l1r+}.%{d}" },
	{ "ip4._spf.example.com", DNS_TXT, "v=spf1 -ip4:192.0.2.0/24 +all" },
	{ "ptr._spf.example.com", DNS_TXT, "v=spf1 -ptr:example.com +all" },
	{ "la.example.org", DNS_TXT, "v=spf1 redirect=pass.test" },
	{ "pass.test", DNS_TXT, "v=spf1 +all" },
	{ "fail.test", DNS_TXT, "v=spf1 -all exp=exp.test" },
	{ "exp.test", DNS_TXT, "%{i} is not one of %{d}'s" },
	{ "neutral.test", DNS_TXT, "v=spf1 ip4:1.2.3.4" },
	{ "two.test", DNS_TXT, "v=spf1 -all" },
	{ "two.test", DNS_TXT, "v=spf1 +all" },
	{ "other.test", DNS_TXT, "nothing to do with it" },
	{ "broken.test", DNS_TXT, "v=spf1 bogus" },
	{ "trouble.test", DNS_TXT, "(trouble)" },
	{ "trouble.test", DNS_A, "(trouble)" },
	{ "loop.test", DNS_TXT, "v=spf1 include:loop.test -all" },
	{ "around.test", DNS_TXT, "v=spf1 redirect=around.test" },
	{ "six.test", DNS_A, "192.0.2.1" },
	{ "six.test", DNS_AAAA, "2001:db8::1" },
	{ "0.mx.test", DNS_A, "192.0.2.1" },
	{ NULL, DNS_A, NULL },
};

#define JUDGED "judged.test"

static const struct {
	const char *record, *ip, *sender;
	enum spf_result want;
} cases[] = {
	/* A.1 */
	{ "v=spf1 +all", "1.2.3.4", "", SPF_PASS },
	{ "v=spf1 a:example.com -all", "192.0.2.10", "", SPF_PASS },
	{ "v=spf1 a:example.com -all", "192.0.2.12", "", SPF_FAIL },
	{ "v=spf1 a:example.org -all", "192.0.2.10", "", SPF_FAIL },
	{ "v=spf1 mx:example.com -all", "192.0.2.130", "", SPF_PASS },
	{ "v=spf1 mx:example.com -all", "192.0.2.131", "", SPF_FAIL },
	{ "v=spf1 mx:example.com mx:example.org -all", "192.0.2.140", "",
	    SPF_PASS },
	{ "v=spf1 mx:example.com/30 mx:example.org/30 -all", "192.0.2.131", "",
	    SPF_PASS },
	{ "v=spf1 mx:example.com/30 mx:example.org/30 -all", "192.0.2.143", "",
	    SPF_PASS },
	{ "v=spf1 mx:example.com/30 mx:example.org/30 -all", "192.0.2.144", "",
	    SPF_FAIL },
	{ "v=spf1 ptr:example.com -all", "192.0.2.65", "", SPF_PASS },
	{ "v=spf1 ptr:example.com -all", "192.0.2.140", "", SPF_FAIL },
	{ "v=spf1 ptr:example.com -all", "10.0.0.4", "", SPF_FAIL },
	{ "v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", "", SPF_FAIL },
	{ "v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129", "", SPF_PASS },
	/* A.2, A.3, A.4 */
	{ "v=spf1 redirect=la.example.org", "1.2.3.4", "", SPF_PASS },
	{ "v=spf1 include:mobile-users._spf.example.com -all", "1.2.3.4",
	    "mary@" JUDGED, SPF_PASS },
	{ "v=spf1 include:mobile-users._spf.example.com -all", "1.2.3.4",
	    "anne@" JUDGED, SPF_FAIL },
	{ "v=spf1 -include:ip4._spf.example.com -include:ptr._spf.example.com "
	  "+all",
	    "192.0.2.65", "", SPF_PASS },
	{ "v=spf1 -include:ip4._spf.example.com -include:ptr._spf.example.com "
	  "+all",
	    "192.0.2.140", "", SPF_FAIL },
	{ "v=spf1 -include:ip4._spf.example.com -include:ptr._spf.example.com "
	  "+all",
	    "10.0.0.4", "", SPF_FAIL },
	/* results */
	{ NULL, "1.2.3.4", "a@nothing.test", SPF_NONE },
	{ NULL, "1.2.3.4", "a@other.test", SPF_NONE },
	{ NULL, "1.2.3.4", "a@localhost", SPF_NONE },
	{ NULL, "1.2.3.4", "a@[1.2.3.4]", SPF_NONE },
	{ NULL, "1.2.3.4", "a@two.test", SPF_PERMERROR },
	{ NULL, "1.2.3.4", "a@broken.test", SPF_PERMERROR },
	{ NULL, "1.2.3.4", "a@trouble.test", SPF_TEMPERROR },
	{ NULL, "9.9.9.9", "a@neutral.test", SPF_NEUTRAL },
	{ "v=spf1 ~all", "1.2.3.4", "", SPF_SOFTFAIL },
	{ "v=spf1 ?all", "1.2.3.4", "", SPF_NEUTRAL },
	{ "v=spf1", "1.2.3.4", "", SPF_NEUTRAL },
	{ "v=spf1 -ip4:1.2.3.4 +all", "1.2.3.4", "", SPF_FAIL },
	{ "v=spf1 all bogus", "1.2.3.4", "", SPF_PERMERROR },
	/* include */
	{ "v=spf1 include:pass.test -all", "9.9.9.9", "", SPF_PASS },
	{ "v=spf1 ~include:pass.test -all", "9.9.9.9", "", SPF_SOFTFAIL },
	{ "v=spf1 include:fail.test ?all", "9.9.9.9", "", SPF_NEUTRAL },
	{ "v=spf1 include:neutral.test -all", "9.9.9.9", "", SPF_FAIL },
	{ "v=spf1 include:nothing.test -all", "9.9.9.9", "", SPF_PERMERROR },
	{ "v=spf1 include:broken.test +all", "9.9.9.9", "", SPF_PERMERROR },
	{ "v=spf1 include:trouble.test +all", "9.9.9.9", "", SPF_TEMPERROR },
	{ "v=spf1 redirect=nothing.test", "9.9.9.9", "", SPF_PERMERROR },
	{ "v=spf1 a:trouble.test +all", "9.9.9.9", "", SPF_TEMPERROR },
	/* limits */
	{ NULL, "1.2.3.4", "a@loop.test", SPF_PERMERROR },
	{ NULL, "1.2.3.4", "a@around.test", SPF_PERMERROR },
	{ "v=spf1 a:n1.test a:n2.test +all", "9.9.9.9", "", SPF_PASS },
	{ "v=spf1 a:n1.test a:n2.test a:n3.test +all", "9.9.9.9", "",
	    SPF_PERMERROR },
	{ "v=spf1 a:example.com a:example.com a:example.com a:example.com "
	  "a:example.com a:example.com a:example.com a:example.com "
	  "a:example.com a:example.com +all",
	    "9.9.9.9", "", SPF_PASS },
	{ "v=spf1 a:example.com a:example.com a:example.com a:example.com "
	  "a:example.com a:example.com a:example.com a:example.com "
	  "a:example.com a:example.com a:example.com +all",
	    "9.9.9.9", "", SPF_PERMERROR },
	/* IPv6 */
	{ "v=spf1 a:six.test -all", "2001:db8::1", "", SPF_PASS },
	{ "v=spf1 a:six.test//64 -all", "2001:db8::2", "", SPF_PASS },
	{ "v=spf1 a:six.test -all", "2001:db8::2", "", SPF_FAIL },
	{ "v=spf1 ip6:2001:db8::/32 -all", "2001:db8:1::", "", SPF_PASS },
	{ "v=spf1 ip6:2001:db8::/33 -all", "2001:db8:8000::", "", SPF_FAIL },
	{ "v=spf1 ip4:0.0.0.0/0 -all", "2001:db8::1", "", SPF_FAIL },
	{ "v=spf1 ip6:::/0 -all", "192.0.2.1", "", SPF_FAIL },
	/* %{p} is asked for once it is used, and cannot be asked: no match */
	{ "v=spf1 exists:%{p}.x.test -all", "192.0.2.65", "", SPF_FAIL },
	{ "v=spf1 a:%{p} -all", "192.0.2.65", "", SPF_PASS },
	{ "v=spf1 a:%{l}.test -all", "9.9.9.9", "\"a b\"@" JUDGED, SPF_FAIL },
};

/* zone, and the record of the row. */
static struct zone_row rows[64];

static void
judge(struct spf *s, struct arena *a)
{
	enum dns_type type;
	struct span name;
	unsigned n = 0;

	while (spf_question(s, &type, &name)) {
		struct dns_answer answer = zone_answer(rows, type, name, a);

		ck_assert_uint_lt(++n, 150);
		spf_answer(s, &answer);
	}
}

static void
rows_make(const char *text)
{
	size_t n = sizeof(zone) / sizeof(zone[0]);

	memset(rows, 0, sizeof(rows));
	rows[0] = (struct zone_row){ JUDGED, DNS_TXT, text };
	if (text == NULL)
		rows[0].value = "";
	memcpy(rows + 1, zone, n * sizeof(zone[0]));
}

START_TEST(one)
{
	struct arena *a = arena_new();
	struct spf_want want = { .sender = span_str(cases[_i].sender),
		.helo = SPAN(JUDGED),
		.receiver = SPAN("us.test") };
	struct spf *s;

	rows_make(cases[_i].record);
	ck_assert(address_parse(span_str(cases[_i].ip), 0, &want.ip));
	s = spf_new(a, &want);
	judge(s, a);
	ck_assert_msg(spf_result(s) == cases[_i].want, "%s %s %s: %s, %s",
	    cases[_i].record, cases[_i].sender, cases[_i].ip,
	    spf_result_name(spf_result(s)), spf_reason(s));
	ck_assert(spf_is_helo(s) == (cases[_i].sender[0] == '\0'));
	arena_free(&a);
}
END_TEST

START_TEST(explained)
{
	struct arena *a = arena_new();
	struct spf_want want = { .sender = SPAN("x@fail.test") };
	struct spf *s;

	rows_make(NULL);
	ck_assert(address_parse(SPAN("192.0.2.9"), 0, &want.ip));
	s = spf_new(a, &want);
	judge(s, a);
	ck_assert_int_eq(spf_result(s), SPF_FAIL);
	ck_assert(
	    span_is(spf_explanation(s), "192.0.2.9 is not one of fail.test's"));
	arena_free(&a);
}
END_TEST

/* Eleven exchangers are an error; ten are looked at. */
START_TEST(exchangers)
{
	for (int n = 10; n <= 11; n++) {
		struct arena *a = arena_new();
		struct spf_want want = { .helo = SPAN(JUDGED) };
		struct spf *s;

		rows_make("v=spf1 mx -all");
		for (int i = 0; i < n; i++)
			rows[i + 1] =
			    (struct zone_row){ JUDGED, DNS_MX, "0.mx.test" };
		rows[n + 1] =
		    (struct zone_row){ "0.mx.test", DNS_A, "192.0.2.1" };
		ck_assert(address_parse(SPAN("192.0.2.1"), 0, &want.ip));
		s = spf_new(a, &want);
		judge(s, a);
		ck_assert_int_eq(
		    spf_result(s), n == 10 ? SPF_PASS : SPF_PERMERROR);
		arena_free(&a);
	}
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, macro, 0, UNIT_COUNT(macros));
	tcase_add_loop_test(t, one_record, 0, UNIT_COUNT(records));
	tcase_add_loop_test(t, one, 0, UNIT_COUNT(cases));
	tcase_add_test(t, explained);
	tcase_add_test(t, exchangers);
}

int
main(void)
{
	return unit_main("mauth/spf", fill);
}
