/* test_sts.c - wire/sts.h */

#include "wire/sts.h"

#include "base/buf.h"
#include "tests/unit.h"

static const struct {
	const char *text;
	enum sts_record want;
	const char *id;
} records[] = {
	{ "v=STSv1; id=20160831085700Z;", STS_RECORD_GOOD, "20160831085700Z" },
	{ "v=STSv1;id=1", STS_RECORD_GOOD, "1" },
	{ "v=STSv1 ; x=y ; id=ab ; id=cd", STS_RECORD_GOOD, "ab" },
	{ "v=STSv1;", STS_RECORD_BAD, NULL },
	{ "v=STSv1; id=", STS_RECORD_BAD, NULL },
	{ "v=STSv1; id=a-b;", STS_RECORD_BAD, NULL },
	{ "v=STSv1; id=123456789012345678901234567890123;", STS_RECORD_BAD,
	    NULL },
	{ "v=STSv10; id=1;", STS_RECORD_OTHER, NULL },
	{ "id=1; v=STSv1", STS_RECORD_OTHER, NULL },
	{ "v=spf1 -all", STS_RECORD_OTHER, NULL },
	{ "", STS_RECORD_OTHER, NULL },
};

START_TEST(record)
{
	struct span id;

	ck_assert_int_eq(sts_record_parse(span_str(records[_i].text), &id),
	    records[_i].want);
	if (records[_i].id != NULL)
		ck_assert(span_is(id, records[_i].id));
}
END_TEST

#define HEAD "version: STSv1\nmode: enforce\nmax_age: 100\n"

static const struct {
	const char *text;
	bool good;
	enum sts_mode mode;
	uint32_t max_age;
	size_t mx; /* count */
	const char *error;
} policies[] = {
	{ "version: STSv1\r\nmode: enforce\r\nmx: a.example\r\n"
	  "mx: *.b.example\r\nmax_age: 604800\r\n",
	    true, STS_ENFORCE, 604800, 2, "" },
	{ "max_age:1\nmx:a\nmode:testing\nversion:STSv1", true, STS_TESTING, 1,
	    1, "" },
	{ "version: STSv1\nmode: none\nmax_age: 99999999\n\n", true, STS_NONE,
	    STS_AGE_MAX, 0, "" },
	{ HEAD "mx: a.example.\nfuture: x: y\nmode: none\n", true, STS_ENFORCE,
	    100, 1, "" },
	{ HEAD, false, STS_NONE, 0, 0, "no mx" },
	{ "version: STSv2\nmode: none\nmax_age: 1\n", false, STS_NONE, 0, 0,
	    "version" },
	{ "version: STSv1\nmode: None\nmax_age: 1\n", false, STS_NONE, 0, 0,
	    "mode" },
	{ "version: STSv1\nmode: none\nmax_age: -1\n", false, STS_NONE, 0, 0,
	    "max_age" },
	{ "version: STSv1\nmode: none\nmax_age: 99999999999\n", false, STS_NONE,
	    0, 0, "max_age" },
	{ "version: STSv1\nmode: none\n", false, STS_NONE, 0, 0, "missing" },
	{ HEAD "mx: a b\n", false, STS_NONE, 0, 0, "no host name" },
	{ HEAD "mx: *.*.b\n", false, STS_NONE, 0, 0, "no host name" },
	{ HEAD "mx: a.*.b\n", false, STS_NONE, 0, 0, "no host name" },
	{ HEAD "mx: *\n", false, STS_NONE, 0, 0, "no host name" },
	{ HEAD "mx: a..b\n", false, STS_NONE, 0, 0, "no host name" },
	{ HEAD "mx:\n", false, STS_NONE, 0, 0, "no host name" },
	{ "<html>\n", false, STS_NONE, 0, 0, "no field" },
	{ "", false, STS_NONE, 0, 0, "missing" },
};

START_TEST(policy)
{
	struct sts_policy p;
	const char *error;
	bool good = sts_policy_parse(span_str(policies[_i].text), &p, &error);

	ck_assert_msg(good == policies[_i].good, "row %d: %s", _i, error);
	if (!good) {
		ck_assert_msg(strstr(error, policies[_i].error) != NULL,
		    "row %d: %s", _i, error);
		return;
	}
	ck_assert_int_eq(p.mode, policies[_i].mode);
	ck_assert_uint_eq(p.max_age, policies[_i].max_age);
	ck_assert_uint_eq(p.mx_count, policies[_i].mx);
}
END_TEST

START_TEST(limits)
{
	struct buf text = BUF_EMPTY;
	struct sts_policy p;
	const char *error;

	buf_add_str(&text, HEAD);
	for (int i = 0; i < STS_MX_MAX; i++)
		buf_printf(&text, "mx: h%d.example\n", i);
	ck_assert(sts_policy_parse(buf_span(&text), &p, &error));
	buf_add_str(&text, "mx: more.example\n");
	ck_assert(!sts_policy_parse(buf_span(&text), &p, &error));
	ck_assert_str_eq(error, "too many mx lines");
	buf_clear(&text);
	buf_add_str(&text, HEAD "mx: a\n");
	while (text.n <= STS_POLICY_MAX)
		buf_add_str(&text, "x: y\n");
	ck_assert(!sts_policy_parse(buf_span(&text), &p, &error));
	buf_free(&text);
}
END_TEST

static const struct {
	const char *pattern, *host;
	bool want;
} matches[] = {
	{ "a.example", "A.Example", true },
	{ "a.example", "a.example.", true },
	{ "a.example", "b.a.example", false },
	{ "*.example", "a.example", true },
	{ "*.example", "b.a.example", false },
	{ "*.example", "example", false },
	{ "*.example", ".example", false },
	{ "*.a.example", "x.A.example", true },
	{ "*.a.example", "a.example", false },
	{ "a.example", "", false },
};

START_TEST(match)
{
	ck_assert_msg(sts_mx_match(span_str(matches[_i].pattern),
			  span_str(matches[_i].host)) == matches[_i].want,
	    "%s %s", matches[_i].pattern, matches[_i].host);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, record, 0, UNIT_COUNT(records));
	tcase_add_loop_test(t, policy, 0, UNIT_COUNT(policies));
	tcase_add_test(t, limits);
	tcase_add_loop_test(t, match, 0, UNIT_COUNT(matches));
}

int
main(void)
{
	return unit_main("wire/sts", fill);
}
