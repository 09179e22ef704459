/* test_conf.c - the client's parameters for LMTP: each rules what its smtp_
 * twin rules, and that one has no say */

#include "smtp/conf.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/why.h"
#include "tests/unit.h"

static const struct {
	const char *name, *value;
	const char *twin; /* NULL: smtp_ in place of lmtp_ */
} rows[] = {
	{ "lmtp_address_preference", "other", NULL },
	{ "lmtp_address_verify_target", "other", NULL },
	{ "lmtp_balance_inet_protocols", "no", NULL },
	{ "lmtp_bind_address", "other", NULL },
	{ "lmtp_bind_address6", "other", NULL },
	{ "lmtp_body_checks", "other", NULL },
	{ "lmtp_cname_overrides_servername", "yes", NULL },
	{ "lmtp_connect_timeout", "7s", NULL },
	{ "lmtp_connection_cache_on_demand", "no", NULL },
	{ "lmtp_connection_cache_time_limit", "7s", NULL },
	{ "lmtp_connection_reuse_count_limit", "3", NULL },
	{ "lmtp_connection_reuse_time_limit", "7s", NULL },
	{ "lmtp_data_done_timeout", "7s", NULL },
	{ "lmtp_data_init_timeout", "7s", NULL },
	{ "lmtp_data_xfer_timeout", "7s", NULL },
	{ "lmtp_defer_if_no_mx_address_found", "yes", NULL },
	{ "lmtp_delivery_status_filter", "other", NULL },
	{ "lmtp_discard_lhlo_keywords", "other", "smtp_discard_ehlo_keywords" },
	{ "lmtp_dns_support_level", "other", NULL },
	{ "lmtp_enforce_tls", "yes", NULL },
	{ "lmtp_fallback_relay", "other", NULL },
	{ "lmtp_generic_maps", "other", NULL },
	{ "lmtp_header_checks", "other", NULL },
	{ "lmtp_host_lookup", "other", NULL },
	{ "lmtp_lhlo_name", "other", "smtp_helo_name" },
	{ "lmtp_lhlo_timeout", "7s", "smtp_helo_timeout" },
	{ "lmtp_line_length_limit", "3", NULL },
	{ "lmtp_mail_timeout", "7s", NULL },
	{ "lmtp_mime_header_checks", "other", NULL },
	{ "lmtp_mx_address_limit", "3", NULL },
	{ "lmtp_mx_session_limit", "3", NULL },
	{ "lmtp_nested_header_checks", "other", NULL },
	{ "lmtp_quit_timeout", "7s", NULL },
	{ "lmtp_quote_rfc821_envelope", "no", NULL },
	{ "lmtp_randomize_addresses", "no", NULL },
	{ "lmtp_rcpt_timeout", "7s", NULL },
	{ "lmtp_rset_timeout", "7s", NULL },
	{ "lmtp_sasl_auth_cache_name", "other", NULL },
	{ "lmtp_sasl_auth_cache_time", "7s", NULL },
	{ "lmtp_sasl_auth_enable", "yes", NULL },
	{ "lmtp_sasl_auth_enforce", "yes", NULL },
	{ "lmtp_sasl_auth_soft_bounce", "no", NULL },
	{ "lmtp_sasl_mechanism_filter", "other", NULL },
	{ "lmtp_sasl_password_maps", "other", NULL },
	{ "lmtp_sasl_password_result_delimiter", "other", NULL },
	{ "lmtp_sasl_security_options", "other", NULL },
	{ "lmtp_sasl_tls_security_options", "other", NULL },
	{ "lmtp_sasl_tls_verified_security_options", "other", NULL },
	{ "lmtp_send_xforward_command", "yes", NULL },
	{ "lmtp_sender_dependent_authentication", "yes", NULL },
	{ "lmtp_skip_5xx_greeting", "no", NULL },
	{ "lmtp_skip_quit_response", "yes", NULL },
	{ "lmtp_starttls_timeout", "7s", NULL },
	{ "lmtp_tcp_port", "other", NULL },
	{ "lmtp_tls_CAfile", "other", NULL },
	{ "lmtp_tls_CApath", "other", NULL },
	{ "lmtp_tls_cert_file", "other", NULL },
	{ "lmtp_tls_ciphers", "other", NULL },
	{ "lmtp_tls_connection_reuse", "yes", NULL },
	{ "lmtp_tls_exclude_ciphers", "other", NULL },
	{ "lmtp_tls_fingerprint_cert_match", "other", NULL },
	{ "lmtp_tls_fingerprint_digest", "other", NULL },
	{ "lmtp_tls_key_file", "other", NULL },
	{ "lmtp_tls_loglevel", "3", NULL },
	{ "lmtp_tls_mandatory_ciphers", "other", NULL },
	{ "lmtp_tls_mandatory_exclude_ciphers", "other", NULL },
	{ "lmtp_tls_mandatory_protocols", "other", NULL },
	{ "lmtp_tls_policy_maps", "other", NULL },
	{ "lmtp_tls_protocols", "other", NULL },
	{ "lmtp_tls_secure_cert_match", "other", NULL },
	{ "lmtp_tls_security_level", "other", NULL },
	{ "lmtp_tls_servername", "other", NULL },
	{ "lmtp_tls_session_cache_database", "other", NULL },
	{ "lmtp_tls_session_cache_timeout", "7s", NULL },
	{ "lmtp_tls_verify_cert_match", "other", NULL },
	{ "lmtp_tls_wrappermode", "yes", NULL },
	{ "lmtp_use_tls", "yes", NULL },
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
twin(struct arena *a, size_t i)
{
	return rows[i].twin != NULL
	    ? rows[i].twin
	    : arena_printf(a, "smtp_%s", rows[i].name + strlen("lmtp_"));
}

static const struct param *
row_find(const char *name)
{
	const struct param *row = smtp_params;

	while (row->name != NULL && strcmp(row->name, name) != 0)
		row++;
	ck_assert_msg(row->name != NULL, "%s", name);
	return row;
}

START_TEST(lmtp)
{
	struct arena *a = arena_new();
	const char *name = twin(a, (size_t)_i);
	const struct param *row = row_find(name);
	const char *own =
	    arena_printf(a, "%s = %s\n", rows[_i].name, rows[_i].value);
	const char *its = arena_printf(a, "%s = %s\n", name, rows[_i].value);
	struct smtp_conf c;
	const char *wanted, *got;

	fill(a, AS_SMTP, its, &c);
	wanted = field(a, &c, row);
	fill(a, AS_LMTP, own, &c);
	ck_assert_str_eq(field(a, &c, row), wanted);
	fill(a, AS_LMTP, "", &c);
	got = field(a, &c, row);
	ck_assert_str_ne(got, wanted);
	fill(a, AS_LMTP, its, &c);
	ck_assert_str_eq(field(a, &c, row), got);
	arena_free(&a);
}
END_TEST

/* Each lmtp_ parameter that there is stands above, but for those that are the
 * queue manager's. */
START_TEST(all)
{
	size_t n = 0;

	for (size_t i = 0; i < param_all_count; i++)
		n += span_starts(span_str(param_all[i].name), "lmtp_") &&
		    !span_starts(
			span_str(param_all[i].name), "lmtp_destination_");
	ck_assert_uint_eq(n, UNIT_COUNT(rows));
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
	tcase_add_loop_test(t, lmtp, 0, UNIT_COUNT(rows));
	tcase_add_test(t, all);
	tcase_add_loop_test(t, digests, 0, 3);
}

int
main(void)
{
	return unit_main("smtp/conf", add);
}
