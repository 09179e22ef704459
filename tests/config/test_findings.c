/* test_findings.c - config/findings.h and config/foreign.h */

#include "config/findings.h"

#include "base/buf.h"
#include "base/why.h"
#include "config/foreign.h"
#include "config/param.h"
#include "tests/unit.h"

/* services, texts: joined by |; want: kind name, each ended by | */
static const struct {
	const char *text, *services, *texts, *want;
} cases[] = {
	{ "", "", "", "" },
	{ "myhostname = a.b", "", "", "" },
	{ "myhostnam = a.b", "", "", "unused myhostnam|" },
	{ "foo = 1\nrelayhost = $foo", "", "", "" },
	{ "foo = 1\nbar = $foo", "", "", "unused bar|" },
	{ "smtpd_restriction_classes = mine, other\nmine = permit", "", "",
	    "" },
	{ "mine = permit", "", "", "unused mine|" },
	{ "maildrop_destination_recipient_limit = 1", "", "", "" },
	{ "maildrop_destination_recipient_limit = 1", "smtp|maildrop", "", "" },
	{ "maildrop_destination_recipient_limit = 1", "smtp", "",
	    "unused maildrop_destination_recipient_limit|" },
	{ "_destination_recipient_limit = 1", "", "",
	    "unused _destination_recipient_limit|" },
	{ "foo = 1", "", "x $foo", "" },
	{ "alias_maps = hash:/etc/aliases, ldap:people\npeople_server_host = "
	  "h\n",
	    "", "", "" },
	{ "virtual_alias_maps = proxy:mysql:v\nv_hosts = h\nw_hosts = h", "",
	    "", "unused w_hosts|" },
	{ "alias_maps = ldap:/etc/people.cf\npeople_server_host = h", "", "",
	    "unused people_server_host|" },
	{ "tlsproxy_tls_cert_file = x", "", "",
	    "unsupported tlsproxy_tls_cert_file|" },
	{ "virtual_maps = hash:/x", "", "", "" },
	{ "relayhost = $nosuch", "", "", "undefined nosuch|" },
	{ "relayhost = ${nosuch?{x}:{$mydomain}}", "", "",
	    "undefined nosuch|" },
	{ "forward_path = $home/$nosuch", "", "", "" },
	{ "smtpd_milters = inet:localhost:1", "", "",
	    "unsupported smtpd_milters|" },
	{ "biff = yes\nnotify_classes = resource software", "", "", "" },
	{ "biff = no", "", "", "unsupported biff|" },
	{ "smtpd_milters = x\nrelayhost = ${smtpd_milters?y}", "", "", "" },
	{ "mydomain = x.ci", "", "", "" },
	{ "fallback_relay = $here\nhere = x", "", "", "" },
	/* read by nobody, though named */
	{ "proxy_read_maps = $qmqpd_timeout\n"
	  "qmqpd_timeout = x",
	    "", "", "unsupported proxy_read_maps|unsupported qmqpd_timeout|" },
	{ "x = 1\ny = 2\nrelayhost = $z", "", "",
	    "unused x|unused y|undefined z|" },
};

static void
tell_all(struct findings *f, const char *list, bool services)
{
	struct span rest = span_str(list), word;

	while (span_word(&rest, "|", &word)) {
		struct buf copy = BUF_EMPTY;

		buf_add_span(&copy, word);
		(services ? findings_service : findings_text)(
		    f, buf_str(&copy));
		buf_free(&copy);
	}
}

/* As if no program read these. */
static bool
served(struct span name)
{
	return !span_is(name, "biff") && !span_is(name, "smtpd_milters") &&
	    !span_is(name, "notify_classes") && !span_is(name, "mydomain");
}

START_TEST(found)
{
	static const char *const kinds[] = { "unused", "unsupported",
		"undefined" };
	struct buf got = BUF_EMPTY;
	struct findings *f;
	struct finding row;
	struct main_cf *m;
	struct why why;
	size_t at = 0;

	why_init(&why);
	m = main_cf_parse(span_str(cases[_i].text), "main.cf", &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	f = findings_new(m);
	findings_served(f, served);
	tell_all(f, cases[_i].services, true);
	tell_all(f, cases[_i].texts, false);
	while (findings_next(f, &at, &row)) {
		buf_printf(&got, "%s %s|", kinds[row.kind], row.name);
		ck_assert_ptr_nonnull(strstr(row.where, "main.cf, line "));
		ck_assert_ptr_nonnull(
		    strstr(finding_text(row.kind), "parameter"));
	}
	ck_assert_msg(span_is(buf_span(&got), cases[_i].want), "%s: %s",
	    cases[_i].text, buf_str(&got));
	findings_free(&f);
	main_cf_free(&m);
	buf_free(&got);
	why_free(&why);
}
END_TEST

START_TEST(judge)
{
	struct main_cf *m;
	struct findings *f;
	enum finding_kind kind;
	struct why why;

	why_init(&why);
	m = main_cf_parse(SPAN("foo = 1"), "main.cf", &why);
	f = findings_new(m);
	findings_served(f, served);
	findings_text(f, "$foo");
	ck_assert(!findings_judge(f, "foo", &kind));
	ck_assert(!findings_judge(f, "myhostname", &kind));
	ck_assert(findings_judge(f, "biff", &kind));
	ck_assert_int_eq(kind, FINDING_UNSUPPORTED);
	ck_assert(findings_judge(f, "fooo", &kind));
	ck_assert_int_eq(kind, FINDING_UNUSED);
	ck_assert(findings_judge(f, "qmqpd_timeout", &kind));
	ck_assert_int_eq(kind, FINDING_UNSUPPORTED);
	findings_free(&f);
	main_cf_free(&m);
	why_free(&why);
}
END_TEST

/* Sorted; what is ours by now does not count. */
START_TEST(foreign)
{
	ck_assert_uint_gt(foreign_count(), 200);
	for (size_t i = 0; i < foreign_count(); i++) {
		const char *name = foreign_name(i);

		ck_assert_msg(i == 0 || strcmp(foreign_name(i - 1), name) < 0,
		    "%s", name);
		ck_assert(foreign_param(span_str(name)) ==
		    (param_find(span_str(name)) == NULL));
	}
	ck_assert(!foreign_param(SPAN("")));
	ck_assert(!foreign_param(SPAN("myhostname")));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, found, 0, UNIT_COUNT(cases));
	tcase_add_test(t, judge);
	tcase_add_test(t, foreign);
}

int
main(void)
{
	return unit_main("config/findings", fill);
}
