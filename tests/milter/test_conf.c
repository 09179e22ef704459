/* test_conf.c - milter_conf_new() of milter/milter.h, and recipients */

#include "milter/milter.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "milter/inside.h"
#include "milter/params.h"
#include "tests/unit.h"

static const struct {
	const char *servers, *action;
	size_t count; /* SIZE_MAX: refused */
	struct milter_row last;
} rows[] = {
	{ "", "tempfail", 0, { .target = NULL } },
	{ "inet:localhost:8891", "tempfail", 1,
	    { "inet:localhost:8891", 6, 30000, 30000, 300000,
		DEFAULT_TEMPFAIL } },
	{ "inet:a:1, local:opendkim/sock", "accept", 2,
	    { "unix:opendkim/sock", 6, 30000, 30000, 300000, DEFAULT_ACCEPT } },
	{ "inet:a:1\n  { unix:/run/x, connect_timeout=10s, "
	  "{ command_timeout = 2m }, content_timeout=1h, "
	  "default_action=quarantine, protocol=4 }",
	    "reject", 2,
	    { "unix:/run/x", 4, 10000, 120000, 3600000, DEFAULT_QUARANTINE } },
	{ "{ inet:a:1 }", "shutdown", 1,
	    { "inet:a:1", 6, 30000, 30000, 300000, DEFAULT_SHUTDOWN } },
	{ "inet:a:1", "drop", SIZE_MAX, { .target = NULL } },
	{ "a:1", "accept", SIZE_MAX, { .target = NULL } },
	{ "inet:", "accept", SIZE_MAX, { .target = NULL } },
	{ "local:", "accept", SIZE_MAX, { .target = NULL } },
	{ "{ }", "accept", SIZE_MAX, { .target = NULL } },
	{ "{ inet:a:1, connect_timeout=0 }", "accept", SIZE_MAX,
	    { .target = NULL } },
	{ "{ inet:a:1, connect_timeout=x }", "accept", SIZE_MAX,
	    { .target = NULL } },
	{ "{ inet:a:1, protocol=7 }", "accept", SIZE_MAX, { .target = NULL } },
	{ "{ inet:a:1, default_action=maybe }", "accept", SIZE_MAX,
	    { .target = NULL } },
	{ "{ inet:a:1, colour=blue }", "accept", SIZE_MAX, { .target = NULL } },
};

static const struct milter_params params = {
	.milter_protocol = 6,
	.milter_connect_timeout = 30,
	.milter_command_timeout = 30,
	.milter_content_timeout = 300,
	.milter_macro_defaults = "a=1, {b}=2, {{c}=two words}, {d=4}",
};

START_TEST(servers)
{
	struct arena *a = arena_new();
	struct milter_params p = params;
	struct milter_conf *c;
	struct why why;

	why_init(&why);
	p.milter_default_action = rows[_i].action;
	c = milter_conf_new(
	    a, &p, "smtpd_milters", span_str(rows[_i].servers), &why);
	ck_assert_msg((c == NULL) == (rows[_i].count == SIZE_MAX), "%s",
	    rows[_i].servers);
	if (c != NULL)
		ck_assert_uint_eq(milter_conf_count(c), rows[_i].count);
	else
		ck_assert_str_ne(why_text(&why), "");
	if (c != NULL && c->count > 0) {
		const struct milter_row *r = &c->rows[c->count - 1];

		ck_assert_str_eq(r->target, rows[_i].last.target);
		ck_assert_uint_eq(r->version, rows[_i].last.version);
		ck_assert_int_eq(r->connect_ms, rows[_i].last.connect_ms);
		ck_assert_int_eq(r->command_ms, rows[_i].last.command_ms);
		ck_assert_int_eq(r->content_ms, rows[_i].last.content_ms);
		ck_assert_int_eq(r->on_trouble, rows[_i].last.on_trouble);
	}
	why_free(&why);
	arena_free(&a);
}
END_TEST

static const struct {
	const char *name, *value; /* NULL: it has none */
} macros[] = { { "a", "1" }, { "{a}", "1" }, { "b", "2" }, { "{b}", "2" },
	{ "{c}", "two words" }, { "d", "4" }, { "{e}", NULL } };

START_TEST(defaults)
{
	struct milter_conf c = { .params = &params };
	struct buf value = BUF_EMPTY;
	bool has = milter_conf_default(&c, span_str(macros[_i].name), &value);

	ck_assert(has == (macros[_i].value != NULL));
	if (has)
		ck_assert_str_eq(buf_str(&value), macros[_i].value);
	buf_free(&value);
}
END_TEST

static const struct {
	const char *address, *params;
	const char *kept; /* NULL: refused */
	const char *orcpt;
	unsigned notify;
} rcpts[] = {
	{ "<a@b.example>", "", "a@b.example", "", NOTIFY_NEVER },
	{ "a@b.example", "", "a@b.example", "", NOTIFY_NEVER },
	{ " <@r.example:a@b.example> ", "", "a@b.example", "", NOTIFY_NEVER },
	{ "<root>", "", "root", "", NOTIFY_NEVER },
	{ "<\"a b\"@c.example>", "", "\"a b\"@c.example", "", NOTIFY_NEVER },
	{ "<a@b.example>", "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x+2By@z.example",
	    "a@b.example", "rfc822;x+y@z.example",
	    NOTIFY_SUCCESS | NOTIFY_DELAY },
	{ "<a@b.example>", "NOTIFY=FAILURE", "a@b.example", "",
	    NOTIFY_FAILURE },
	{ "<a@b.example>", "NONSENSE", "a@b.example", "", NOTIFY_NEVER },
	{ "<a@b.example>", "NOTIFY=SUCCESS\r\nRCPT TO:<x@y>", "a@b.example", "",
	    NOTIFY_NEVER },
	{ "<>", "", NULL, NULL, 0 },
	{ "", "", NULL, NULL, 0 },
	{ "<a b@c.example>", "", NULL, NULL, 0 },
	{ "<a@b.example", "", NULL, NULL, 0 },
	{ "<a@b\n.example>", "", NULL, NULL, 0 },
};

START_TEST(rcpt)
{
	struct milter_mail mail = { .arena = arena_new(), .qid = "TEST" };
	struct queue_rcpt r;
	bool good = milter_rcpt_read(
	    &mail, span_str(rcpts[_i].address), span_str(rcpts[_i].params), &r);

	ck_assert_msg(
	    good == (rcpts[_i].kept != NULL), "%s", rcpts[_i].address);
	if (good) {
		ck_assert(span_is(r.address, rcpts[_i].kept));
		ck_assert(span_eq(r.orcpt, span_str(rcpts[_i].orcpt)));
		ck_assert_uint_eq(r.notify, rcpts[_i].notify);
	}
	arena_free(&mail.arena);
}
END_TEST

START_TEST(sender)
{
	struct milter_mail mail = { .arena = arena_new(), .qid = "TEST" };
	struct queue_rcpt r;

	ck_assert(!milter_rcpt_read(&mail, SPAN("<\xc3\xa9@b>"), SPAN(""), &r));
	mail.utf8 = true;
	ck_assert(milter_rcpt_read(&mail, SPAN("<\xc3\xa9@b>"), SPAN(""), &r));
	ck_assert(!milter_sender_read(&mail, SPAN("<a b>"), SPAN("")));
	ck_assert(!mail.sender_changed);
	ck_assert(milter_sender_read(
	    &mail, SPAN("<a@b.example>"), SPAN("RET=FULL ENVID=x+3Dy")));
	ck_assert(mail.sender_changed && mail.has_ret && mail.has_envid);
	ck_assert_uint_eq(mail.ret, RET_FULL);
	ck_assert(span_is(mail.sender, "a@b.example"));
	ck_assert(span_is(mail.envid, "x=y"));
	ck_assert(milter_sender_read(&mail, SPAN("<>"), SPAN("")));
	ck_assert(!mail.has_ret && !mail.has_envid);
	ck_assert_uint_eq(mail.sender.n, 0);
	arena_free(&mail.arena);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, servers, 0, UNIT_COUNT(rows));
	tcase_add_loop_test(t, defaults, 0, UNIT_COUNT(macros));
	tcase_add_loop_test(t, rcpt, 0, UNIT_COUNT(rcpts));
	tcase_add_test(t, sender);
}

int
main(void)
{
	return unit_main("milter/conf", fill);
}
