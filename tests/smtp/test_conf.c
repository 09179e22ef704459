/* test_conf.c - the client's parameters for LMTP: each rules what its smtp_
 * twin rules, and that one has no say */

#include "smtp/conf.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/why.h"
#include "tests/unit.h"

/* Those whose twin's name is another one in more than the first letter. */
static const struct {
	const char *name, *twin;
} odd[] = {
	{ "lmtp_lhlo_name", "smtp_helo_name" },
	{ "lmtp_lhlo_timeout", "smtp_helo_timeout" },
	{ "lmtp_discard_lhlo_keywords", "smtp_discard_ehlo_keywords" },
	{ "lmtp_discard_lhlo_keyword_address_maps",
	    "smtp_discard_ehlo_keyword_address_maps" },
};

enum how { AS_SMTP, AS_LMTP };

static void
fill(struct arena *a, enum how how, const char *line, struct smtp_conf *c)
{
	struct why why;
	struct main_cf *m;

	why_init(&why);
	m = main_cf_parse(span_str(line), "main.cf", &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	*c = (struct smtp_conf){ .myhostname = NULL };
	ck_assert_msg(how == AS_LMTP ? smtp_conf_fill_lmtp(m, a, c, &why)
				     : param_fill(smtp_params, m, a, c, &why),
	    "%s: %s", line, why_text(&why));
	main_cf_free(&m);
	why_free(&why);
}

/* The field of a row, as text. */
static const char *
field(struct arena *a, const struct smtp_conf *c, const struct param *row)
{
	const void *at = (const char *)c + row->where;

	switch (row->type) {
	case PARAM_STR:
	case PARAM_RAW:
		return *(const char *const *)at;
	case PARAM_BOOL:
		return *(const bool *)at ? "yes" : "no";
	case PARAM_INT:
		return arena_printf(a, "%d", *(const int *)at);
	case PARAM_BYTES:
		return arena_printf(a, "%" PRIu64, *(const uint64_t *)at);
	case PARAM_TIME:
	case PARAM_TIME_MS:
		return arena_printf(a, "%" PRIi64, *(const int64_t *)at);
	}
	return "";
}

static const char *
twin(struct arena *a, const char *name)
{
	for (size_t i = 0; i < UNIT_COUNT(odd); i++)
		if (strcmp(name, odd[i].name) == 0)
			return odd[i].twin;
	return arena_printf(a, "smtp_%s", name + strlen("lmtp_"));
}

static const struct param *
row_find(const char *name)
{
	const struct param *row = smtp_params;

	while (row->name != NULL && strcmp(row->name, name) != 0)
		row++;
	return row->name == NULL ? NULL : row;
}

/* Another value than the default. */
static const char *
another(const struct param *row, const char *was)
{
	if (row->type == PARAM_STR || row->type == PARAM_RAW)
		return "other";
	if (row->type == PARAM_BOOL)
		return strcmp(was, "yes") == 0 ? "no" : "yes";
	return strcmp(was, "7") == 0 ? "8" : "7";
}

static void
check(struct arena *a, const char *name, const struct param *row)
{
	struct smtp_conf c;
	const char *value, *was, *wanted;

	fill(a, AS_LMTP, "", &c);
	was = field(a, &c, row);
	value = another(row, was);
	fill(a, AS_SMTP, arena_printf(a, "%s = %s\n", row->name, value), &c);
	wanted = field(a, &c, row);
	ck_assert_str_ne(was, wanted);
	fill(a, AS_LMTP, arena_printf(a, "%s = %s\n", row->name, value), &c);
	ck_assert_msg(strcmp(field(a, &c, row), was) == 0, "%s", name);
	fill(a, AS_LMTP, arena_printf(a, "%s = %s\n", name, value), &c);
	ck_assert_msg(strcmp(field(a, &c, row), wanted) == 0, "%s", name);
}

START_TEST(lmtp)
{
	struct arena *a = arena_new();
	unsigned checked = 0;

	for (size_t i = 0; i < param_all_count; i++) {
		const char *name = param_all[i].name;
		const struct param *row;

		if (!span_starts(span_str(name), "lmtp_") ||
		    span_starts(span_str(name), "lmtp_destination_"))
			continue; /* qmgr has these */
		row = row_find(twin(a, name));
		if (row == NULL)
			ck_assert_msg(
			    param_find(span_str(twin(a, name))) == NULL, "%s",
			    name);
		else
			check(a, name, row);
		checked += row != NULL;
	}
	ck_assert_uint_gt(checked, 70);
	arena_free(&a);
}
END_TEST

/* smtp_tls_fingerprint_digest: what has another name is none of ours. */
START_TEST(digests)
{
	static const char *const names[] = { "sha256", "SHA512", "md5" };
	struct arena *a = arena_new();
	struct smtp_conf c;
	struct why why;

	fill(a, AS_SMTP,
	    arena_printf(a, "smtp_tls_fingerprint_digest = %s\n", names[_i]),
	    &c);
	why_init(&why);
	ck_assert_int_eq(smtp_conf_complete(&c, NULL, &why), _i < 2);
	ck_assert_int_eq(
	    strstr(why_text(&why), "smtp_tls_fingerprint_digest") != NULL,
	    _i == 2);
	smtp_conf_done(&c);
	why_free(&why);
	arena_free(&a);
}
END_TEST

static void
add(TCase *t)
{
	tcase_add_test(t, lmtp);
	tcase_add_loop_test(t, digests, 0, 3);
}

int
main(void)
{
	return unit_main("smtp/conf", add);
}
