/* test_access.c - smtpd/access.h */

#include "smtpd/access.h"

#include "base/arena.h"
#include "base/buf.h"
#include "tests/unit.h"

typedef void add_fn(struct access_keys *out, struct arena *a, struct span s,
    const struct access_style *style);

static const struct {
	add_fn *keys;
	const char *text;
	bool whole_only, parents;
	const char *want; /* keys, parted by blanks */
} cases[] = {
	{ access_keys_name, "a.b.example", false, true,
	    "a.b.example b.example example" },
	{ access_keys_name, "a.b.example", false, false,
	    "a.b.example .b.example .example" },
	{ access_keys_name, "a.b.example", true, true, "a.b.example" },
	{ access_keys_name, "a.example.", false, true, "a.example example" },
	{ access_keys_name, "[192.0.2.1]", false, true, "[192.0.2.1]" },
	{ access_keys_name, "", false, true, "" },
	{ access_keys_host, "192.0.2.1", false, true,
	    "192.0.2.1 192.0.2 192.0 192" },
	{ access_keys_host, "192.0.2.1", true, true, "192.0.2.1" },
	{ access_keys_host, "2001:db8::1:2", false, true,
	    "2001:db8::1:2 2001:db8::1 2001:db8 2001" },
	{ access_keys_mail, "user+ext@a.test", false, true,
	    "user+ext@a.test user@a.test a.test test user+ext@ user@" },
	{ access_keys_mail, "user@a.test", false, false,
	    "user@a.test a.test .test user@" },
	{ access_keys_mail, "user+ext@a.test", true, true, "user+ext@a.test" },
	{ access_keys_mail, "", false, true, "<>" },
	{ access_keys_mail, "postmaster", false, true, "postmaster" },
};

START_TEST(keys)
{
	struct access_style style = { cases[_i].whole_only, cases[_i].parents,
		"+", "<>" };
	struct access_keys got = { .count = 0 };
	struct arena *a = arena_new();
	struct buf text = BUF_EMPTY;

	cases[_i].keys(&got, a, span_str(cases[_i].text), &style);
	for (size_t i = 0; i < got.count; i++) {
		if (i > 0)
			buf_add_byte(&text, ' ');
		buf_add_span(&text, got.keys[i]);
	}
	ck_assert_str_eq(buf_str(&text), cases[_i].want);
	buf_free(&text);
	arena_free(&a);
}
END_TEST

START_TEST(many_labels)
{
	struct access_style style = { false, true, "+", "<>" };
	struct access_keys got = { .count = 0 };
	struct arena *a = arena_new();
	struct buf name = BUF_EMPTY;

	for (int i = 0; i < 500; i++)
		buf_add_str(&name, "a.");
	buf_add_str(&name, "test");
	access_keys_name(&got, a, buf_span(&name), &style);
	ck_assert_uint_le(got.count, ACCESS_KEYS_MAX);
	buf_free(&name);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *value;
	enum access_action action;
	int code;
	const char *status, *text;
} values[] = {
	{ "OK", ACCESS_OK, 0, "", "" },
	{ "ok", ACCESS_OK, 0, "", "" },
	{ "1234567890", ACCESS_OK, 0, "", "" },
	{ "DUNNO", ACCESS_DUNNO, 0, "", "" },
	{ "REJECT", ACCESS_REJECT, 0, "", "" },
	{ "REJECT no spam", ACCESS_REJECT, 0, "", "no spam" },
	{ "REJECT 5.7.99 no spam", ACCESS_REJECT, 0, "5.7.99", "no spam" },
	{ "REJECT 5.x y", ACCESS_REJECT, 0, "", "5.x y" },
	{ "DEFER  later ", ACCESS_DEFER, 0, "", "later" },
	{ "550 go away", ACCESS_CODE, 550, "", "go away" },
	{ "450 4.7.1 later", ACCESS_CODE, 450, "4.7.1", "later" },
	{ "550", ACCESS_CODE, 550, "", "" },
	{ "250 fine", ACCESS_LIST, 0, "", "250 fine" },
	{ "999", ACCESS_OK, 0, "", "" },
	{ "HOLD for a look", ACCESS_HOLD, 0, "", "for a look" },
	{ "DISCARD", ACCESS_DISCARD, 0, "", "" },
	{ "PREPEND X-A: b", ACCESS_PREPEND, 0, "", "X-A: b" },
	{ "FILTER smtp:x", ACCESS_FILTER, 0, "", "smtp:x" },
	{ "FILTER error:5.1.3 text here ", ACCESS_FILTER, 0, "",
	    "error:5.1.3 text here" },
	{ "DEFER_IF_PERMIT why", ACCESS_DEFER_IF_PERMIT, 0, "", "why" },
	{ "permit_sasl_authenticated, reject", ACCESS_LIST, 0, "",
	    "permit_sasl_authenticated, reject" },
	{ "", ACCESS_LIST, 0, "", "" },
};

START_TEST(value)
{
	struct access_value v;

	access_value_parse(span_str(values[_i].value), &v);
	ck_assert_msg(v.action == values[_i].action &&
		v.code == values[_i].code &&
		span_is(v.status, values[_i].status) &&
		span_is(v.text, values[_i].text),
	    "\"%s\": %d %d \"%.*s\" \"%.*s\"", values[_i].value, v.action,
	    v.code, (int)v.status.n, v.status.p, (int)v.text.n, v.text.p);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, keys, 0, UNIT_COUNT(cases));
	tcase_add_test(t, many_labels);
	tcase_add_loop_test(t, value, 0, UNIT_COUNT(values));
}

int
main(void)
{
	return unit_main("smtpd/access", fill);
}
