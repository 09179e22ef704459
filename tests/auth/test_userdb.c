/* test_userdb.c - auth/userdb.h */

#include "auth/userdb.h"

#include "tests/unit.h"

static const struct {
	const char *value, *service;
	bool good;
	uint32_t uid;
	const char *home, *password;
} rows[] = {
	{ "uid=1000|gid=1001|home=/h/a|systempw=x", "imap", true, 1000, "/h/a",
	    "x" },
	{ "systempw=x|imappw=y", "imap", true, 0, "", "y" },
	{ "imappw=y|systempw=x", "imap", true, 0, "", "y" },
	{ "imappw=y|systempw=x", "smtp", true, 0, "", "x" },
	{ "imappw=y", "webmail", true, 0, "", "y" },
	{ "shell|uid=5", "imap", true, 5, "", "" },
	{ "", "imap", true, 0, "", "" },
	{ "$6$salt$hash=", "imap", true, 0, "", "$6$salt$hash=" },
	{ "SCRAM-SHA-256$4096:AA==$AA==:AA==", "imap", true, 0, "", "" },
	{ "systempw=SCRAM-SHA-256$1:x|uid=5", "imap", true, 5, "", "" },
	{ "uid=0", "imap", false, 0, NULL, NULL },
	{ "uid=-1", "imap", false, 0, NULL, NULL },
	{ "uid=4294967295", "imap", false, 0, NULL, NULL },
	{ "uid=x", "imap", false, 0, NULL, NULL },
	{ "home=relative", "imap", false, 0, NULL, NULL },
	{ "home=/a\nb", "imap", false, 0, NULL, NULL },
};

START_TEST(parse)
{
	struct userdb_entry e;
	bool got = userdb_parse(
	    span_str(rows[_i].value), span_str(rows[_i].service), &e);

	ck_assert_msg(got == rows[_i].good, "\"%s\"", rows[_i].value);
	if (!got)
		return;
	ck_assert_uint_eq(e.uid, rows[_i].uid);
	ck_assert(span_is(e.home, rows[_i].home));
	ck_assert_msg(
	    span_is(e.password, rows[_i].password), "\"%s\"", rows[_i].value);
}
END_TEST

#define K "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static const struct {
	const char *table;
	bool has;
} tables[] = {
	{ "inline:{u=systempw=x}", false },
	{ "inline:{ {u=scrampw=SCRAM-SHA-256$4096:AAAA$" K ":" K "} }", true },
	{ "inline:{ {u=scrampw=SCRAM-SHA-1$4096:AAAA$" K ":" K "} }", false },
	{ "hash:/nonexistent/users", false },
};

START_TEST(verifiers)
{
	ck_assert_msg(userdb_has_verifier(tables[_i].table) == tables[_i].has,
	    "%s", tables[_i].table);
}
END_TEST

static const char table[] = "inline:{u=systempw=x}";

START_TEST(unknown)
{
	struct userdb_question q = { table, SPAN("nobody"), SPAN("imap"),
		SPAN("secret") };
	struct userdb_entry e;

	ck_assert_int_eq(userdb_ask(&q, NULL, &e), AUTH_DENIED);
}
END_TEST

START_TEST(trouble)
{
	struct userdb_question q = { "hash:/nonexistent/users", SPAN("u"),
		SPAN("imap"), SPAN("x") };
	struct userdb_entry e;

	ck_assert_int_eq(userdb_ask(&q, NULL, &e), AUTH_TROUBLE);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parse, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, verifiers, 0, UNIT_COUNT(tables));
	tcase_add_test(t, unknown);
	tcase_add_test(t, trouble);
}

int
main(void)
{
	return unit_main("auth/userdb", fill);
}
