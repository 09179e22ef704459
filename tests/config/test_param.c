/* test_param.c - typed values out of main.cf, and the table of all */

#include <limits.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "config/param.h"
#include "tests/unit.h"

struct conf {
	const char *str, *raw;
	bool yes;
	int count;
	uint64_t size;
	int64_t time, day, ms;
};

#define ROW(name_, type_, field, fallback_, unit_, low, high) \
	{ \
		name_, type_, offsetof(struct conf, field), fallback_, "help", \
		    unit_, low, high \
	}

static const struct param table[] = {
	ROW("str", PARAM_STR, str, "a $mail_name", NULL, 0, 0),
	ROW("raw", PARAM_RAW, raw, "$home/x", NULL, 0, 0),
	ROW("yes", PARAM_BOOL, yes, "no", NULL, 0, 0),
	ROW("count", PARAM_INT, count, "5", NULL, 1, 10),
	ROW("size", PARAM_BYTES, size, "10240000", NULL, 0, 0),
	ROW("time", PARAM_TIME, time, "${stress?{10}:{300}}s", NULL, 0, 0),
	ROW("day", PARAM_TIME, day, "5", "d", 0, 0),
	ROW("ms", PARAM_TIME_MS, ms, "250ms", NULL, 0, 0),
	{ .name = NULL },
};

static bool
filled(const char *text, struct conf *conf, struct arena *a, struct why *why)
{
	struct main_cf *m = main_cf_parse(span_str(text), "main.cf", why);
	bool ok;

	ck_assert_msg(m != NULL, "%s", why_text(why));
	ok = param_fill(table, m, a, conf, why);
	main_cf_free(&m);
	return ok;
}

START_TEST(fallbacks)
{
	struct arena *a = arena_new();
	struct conf conf;
	struct why why;

	why_init(&why);
	ck_assert_msg(filled("", &conf, a, &why), "%s", why_text(&why));
	ck_assert_str_eq(conf.str, "a Facteur");
	ck_assert_str_eq(conf.raw, "$home/x");
	ck_assert(!conf.yes);
	ck_assert_int_eq(conf.count, 5);
	ck_assert_uint_eq(conf.size, 10240000);
	ck_assert_int_eq(conf.time, 300);
	ck_assert_int_eq(conf.day, 5 * 86400);
	ck_assert_int_eq(conf.ms, 250);
	why_free(&why);
	arena_free(&a);
}
END_TEST

START_TEST(set_values)
{
	struct arena *a = arena_new();
	struct conf conf;
	struct why why;

	why_init(&why);
	ck_assert_msg(filled("str = $raw\nraw = $yes\nyes = YES\ncount = 10\n"
			     "size = 18446744073\ntime = 2m\nday = 1w\nms = 3",
			  &conf, a, &why),
	    "%s", why_text(&why));
	ck_assert_str_eq(conf.str, "YES");
	ck_assert_str_eq(conf.raw, "$yes");
	ck_assert(conf.yes);
	ck_assert_int_eq(conf.count, 10);
	ck_assert_uint_eq(conf.size, 18446744073);
	ck_assert_int_eq(conf.time, 120);
	ck_assert_int_eq(conf.day, 604800);
	ck_assert_int_eq(conf.ms, 3000);
	why_free(&why);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *text, *says;
} refused[] = {
	{ "yes = maybe", "main.cf, line 1: yes = maybe: wanted yes or no" },
	{ "\ncount = 11",
	    "main.cf, line 2: count = 11: wanted a whole number "
	    "from 1 to 10" },
	{ "count = 1O", "count = 1O" },
	{ "count = ", "count = : wanted" },
	{ "count = 99999999999999999999", "wanted a whole number" },
	{ "size = 10M", "wanted a number of octets" },
	{ "size = -1", "wanted a number of octets" },
	{ "time = 5x", "wanted a time" },
	{ "time = s", "wanted a time" },
	{ "time = 99999999999999999w", "wanted a time" },
	{ "time = 1.5h", "wanted a time" },
	{ "ms = 99999999999999999s", "wanted a time" },
	{ "str = ${", "line 1: str" },
};

START_TEST(refuses)
{
	struct arena *a = arena_new();
	struct conf conf;
	struct why why;

	why_init(&why);
	ck_assert(!filled(refused[_i].text, &conf, a, &why));
	ck_assert_msg(strstr(why_text(&why), refused[_i].says) != NULL,
	    "%s: %s", refused[_i].text, why_text(&why));
	why_free(&why);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *text;
	char unit;
	int64_t seconds; /* -1: ill-formed */
} times[] = {
	{ "0", 's', 0 },
	{ "10", 's', 10 },
	{ "10", 'm', 600 },
	{ "10s", 'd', 10 },
	{ "5m", 's', 300 },
	{ "2h", 's', 7200 },
	{ "1d", 's', 86400 },
	{ "1W", 's', 604800 },
	{ " 7 d ", 's', 604800 },
	{ "", 's', -1 },
	{ "d", 's', -1 },
	{ "1y", 's', -1 },
	{ "-1s", 's', -1 },
	{ "9223372036854775807s", 's', INT64_MAX },
	{ "9223372036854775808s", 's', -1 },
	{ "9223372036854775807m", 's', -1 },
};

START_TEST(time_parse)
{
	int64_t got = -1;
	bool ok =
	    param_parse_time(span_str(times[_i].text), times[_i].unit, &got);

	ck_assert_msg(
	    ok == (times[_i].seconds != -1) && got == times[_i].seconds,
	    "\"%s\": %lld", times[_i].text, (long long)got);
}
END_TEST

static const struct {
	const char *text, *items; /* joined by | */
} lists[] = {
	{ "", "" },
	{ " , ,", "" },
	{ "a", "a|" },
	{ "sigui.ci, , localhost", "sigui.ci|localhost|" },
	{ "a,b c\td", "a|b|c|d|" },
	{ "{ x y, z } b", "{ x y, z }|b|" },
	{ "inline:{a=b, {c = d}} e", "inline:{a=b, {c = d}}|e|" },
	{ "a} b", "a}|b|" },
	{ "{a b", "{a b|" },
};

START_TEST(list)
{
	struct span rest = span_str(lists[_i].text), item;
	struct buf got = BUF_EMPTY;

	while (param_list_next(&rest, &item)) {
		buf_add_span(&got, item);
		buf_add_byte(&got, '|');
	}
	ck_assert_str_eq(buf_str(&got), lists[_i].items);
	buf_free(&got);
}
END_TEST

START_TEST(all_sorted)
{
	ck_assert_uint_gt(param_all_count, 400);
	for (size_t i = 1; i < param_all_count; i++)
		ck_assert_msg(
		    strcmp(param_all[i - 1].name, param_all[i].name) < 0,
		    "%s stands before %s", param_all[i - 1].name,
		    param_all[i].name);
	for (size_t i = 0; i < param_all_count; i++) {
		const struct param *p = &param_all[i];

		ck_assert_ptr_eq(param_find(span_str(p->name)), p);
		ck_assert_msg(p->fallback != NULL && p->help != NULL &&
			p->help[0] != '\0',
		    "%s", p->name);
	}
	ck_assert_ptr_null(param_find(SPAN("")));
	ck_assert_ptr_null(param_find(SPAN("zzz")));
	ck_assert_ptr_null(param_find(SPAN("myhostnam")));
}
END_TEST

/* Each default is good for its own type. */
START_TEST(all_defaults)
{
	struct main_cf *m;
	struct why why;

	why_init(&why);
	m = main_cf_parse(SPAN(""), "main.cf", &why);
	ck_assert_ptr_nonnull(m);
	for (size_t i = 0; i < param_all_count; i++) {
		struct param rows[2] = { param_all[i], { .name = NULL } };
		struct arena *a = arena_new();
		union {
			const char *s;
			bool b;
			int64_t n;
		} field;

		ck_assert_msg(
		    param_fill(rows, m, a, &field, &why), "%s", why_text(&why));
		arena_free(&a);
	}
	main_cf_free(&m);
	why_free(&why);
}
END_TEST

static const struct {
	const char *name, *fallback;
} ours[] = {
	{ "queue_directory", "/var/spool/facteur" },
	{ "config_directory", "/etc/facteur" },
	{ "mail_owner", "_facteur" },
	{ "setgid_group", "_facteurdrop" },
	{ "mail_name", "Facteur" },
	{ "smtpd_sasl_type", "facteur" },
	{ "smtpd_sasl_auth_enable", "yes" },
	{ "smtpd_tls_security_level", "may" },
	{ "smtpd_forbid_bare_newline", "yes" },
	{ "smtpd_forbid_bare_newline_exclusions", "" },
	{ "smtpd_forbid_unauth_pipelining", "yes" },
	{ "default_privs", "nobody" },
	{ "mynetworks_style", "host" },
	{ "relay_domains", "" },
	{ "webmail_users", "www-data" },
};

START_TEST(our_defaults)
{
	const struct param *p = param_find(span_str(ours[_i].name));

	ck_assert_ptr_nonnull(p);
	ck_assert_str_eq(p->fallback, ours[_i].fallback);
}
END_TEST

/* What is set, known, read by somebody and ill-formed; nothing else. */
START_TEST(check_next)
{
	struct why why;
	struct main_cf *m;
	size_t at = 0;

	why_init(&why);
	m = main_cf_parse(
	    SPAN("message_size_limit = lots\nmyhostname = a.b\nnosuch = x\n"
		 "smtpd_tls_wrappermode = perhaps\nmydomain = $mydomain\n"),
	    "main.cf", &why);
	ck_assert_ptr_nonnull(m);
	ck_assert(param_check_next(m, &at, &why));
	ck_assert_ptr_nonnull(strstr(
	    why_text(&why), "main.cf, line 1: message_size_limit = lots"));
	ck_assert(param_check_next(m, &at, &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "mydomain"));
	ck_assert(param_check_next(m, &at, &why));
	ck_assert_ptr_nonnull(strstr(why_text(&why), "line 4"));
	ck_assert(!param_check_next(m, &at, &why));
	main_cf_free(&m);
	why_free(&why);
}
END_TEST

/* A bare number, as main.cf of other servers has it: in Postfix's units. */
static const struct {
	const char *name;
	int64_t unit;
} bare[] = {
	{ "address_verify_cache_cleanup_interval", 3600 },
	{ "address_verify_negative_expire_time", 86400 },
	{ "address_verify_negative_refresh_time", 3600 },
	{ "address_verify_positive_expire_time", 86400 },
	{ "address_verify_positive_refresh_time", 86400 },
	{ "bounce_queue_lifetime", 86400 },
	{ "delay_warning_time", 3600 },
	{ "lmtp_sasl_auth_cache_time", 86400 },
	{ "maximal_queue_lifetime", 86400 },
	{ "postscreen_bare_newline_ttl", 86400 },
	{ "postscreen_greet_ttl", 86400 },
	{ "postscreen_non_smtp_command_ttl", 86400 },
	{ "postscreen_pipelining_ttl", 86400 },
	{ "smtp_sasl_auth_cache_time", 86400 },
	{ "smtp_mail_timeout", 1 },
};

/* A program's row that says nothing of them has the shared units and bounds. */
START_TEST(shared_unit)
{
	struct param rows[2] = { { .name = bare[_i].name,
				     .type = PARAM_TIME,
				     .where = offsetof(struct conf, time) },
		{ .name = NULL } };
	struct arena *a = arena_new();
	struct main_cf *m;
	struct conf conf;
	struct why why;

	why_init(&why);
	m = main_cf_parse(span_str(arena_printf(a, "%s = 7\n", bare[_i].name)),
	    "main.cf", &why);
	ck_assert_msg(
	    param_fill(rows, m, a, &conf, &why), "%s", why_text(&why));
	ck_assert_int_eq(conf.time, 7 * bare[_i].unit);
	main_cf_free(&m);
	why_free(&why);
	arena_free(&a);
}
END_TEST

START_TEST(shared_bounds)
{
	static const struct {
		const char *value;
		bool good;
	} values[] = { { "400", true }, { "599", true }, { "399", false },
		{ "600", false } };
	static const struct param rows[] = {
		{ .name = "reject_code",
		    .type = PARAM_INT,
		    .where = offsetof(struct conf, count) },
		{ .name = NULL },
	};
	struct arena *a = arena_new();
	struct main_cf *m;
	struct conf conf;
	struct why why;

	why_init(&why);
	m = main_cf_parse(
	    span_str(arena_printf(a, "reject_code = %s\n", values[_i].value)),
	    "main.cf", &why);
	ck_assert(param_fill(rows, m, a, &conf, &why) == values[_i].good);
	ck_assert(values[_i].good ||
	    strstr(why_text(&why), "from 400 to 599") != NULL);
	main_cf_free(&m);
	why_free(&why);
	arena_free(&a);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_test(t, check_next);
	tcase_add_test(t, fallbacks);
	tcase_add_test(t, set_values);
	tcase_add_loop_test(t, shared_unit, 0, UNIT_COUNT(bare));
	tcase_add_loop_test(t, shared_bounds, 0, 4);
	tcase_add_loop_test(t, refuses, 0, UNIT_COUNT(refused));
	tcase_add_loop_test(t, time_parse, 0, UNIT_COUNT(times));
	tcase_add_loop_test(t, list, 0, UNIT_COUNT(lists));
	tcase_add_test(t, all_sorted);
	tcase_add_test(t, all_defaults);
	tcase_add_loop_test(t, our_defaults, 0, UNIT_COUNT(ours));
}

int
main(void)
{
	return unit_main("config/param", fill);
}
