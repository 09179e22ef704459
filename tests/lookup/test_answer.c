/* test_answer.c - lookup/answer.h and lookup/tables.h */

#include "lookup/answer.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/why.h"
#include "calls/checks_call.h"
#include "calls/lookup_call.h"
#include "config/param.h"
#include "ipc/packet.h"
#include "lookup/roles.h"
#include "lookup/tables.h"
#include "route/conf.h"
#include "tests/calls/carry.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static const char main_cf_text[] =
    "myhostname = mx.ours.test\n"
    "myorigin = ours.test\n"
    "mydestination = ours.test\n"
    "alias_maps = inline:{joe=root}\n"
    "relay_domains = fail:secret-place\n"
    "smtpd_sender_login_maps = inline:{a@ours.test=joe}\n"
    "smtp_sasl_password_maps = inline:{far.test=u:p}\n"
    "virtual_mailbox_maps = regexp:{{/^(.*)@/ $$1/}, {/^b/ box/}}\n"
    "smtpd_restriction_classes = strict\n"
    "strict = check_sender_access inline:{s=REJECT}\n"
    "smtpd_client_restrictions = permit_mynetworks,\n"
    "    check_client_access inline:{1.2.3.4=OK}, "
    "check_client_access { cidr:{{10.0.0.0/8 x}} }, reject\n"
    "header_checks = regexp:{{/^Subject: (.)/ WARN $$1}, {/^To:/ REJECT}}\n"
    "body_checks = fail:x\n"
    "canonical_maps = inline:{x=$mine}\n"
    "sender_canonical_maps = inline:{x=$service_name}\n"
    "other = check_sender_access inline:{hidden=x}\n"
    "smtpd_end_of_data_restrictions = check_helo_access inline:{end=$mine}\n";

static const char master_cf_text[] =
    "smtp inet n - y - - smtpd\n"
    "  -o smtpd_helo_restrictions=check_helo_access,inline:{helo=$myhostname}\n"
    "  -o header_checks=static:HOLD\n"
    "  -o { strict = check_sender_access inline:{t=u} }\n"
    "  -o smtpd_sender_login_maps=inline:{a@ours.test=$myhostname}\n"
    "  -o sender_bcc_maps=inline:{x=$mine}\n"
    "  -o mine=own.$process_name.$service_name\n"
    "lmtp unix - - y - - smtp\n"
    "  -o smtp_sasl_password_maps=inline:{far.test=v:q}\n"
    "  -o smtpd_helo_restrictions=check_helo_access,inline:{no=x}\n";

static char *folder;
static struct main_cf *main_cf;
static struct arena *arena;
static struct route_conf conf;
static struct tables *tables;

static void
begin(void)
{
	struct why why;

	why_init(&why);
	folder = scratch_new();
	scratch_write(folder, "main.cf", main_cf_text);
	scratch_write(folder, "master.cf", master_cf_text);
	arena = arena_new();
	main_cf = main_cf_parse(span_str(main_cf_text), "main.cf", &why);
	ck_assert_msg(main_cf != NULL, "%s", why_text(&why));
	ck_assert(param_fill(route_params, main_cf, arena, &conf, &why));
	tables = tables_open(main_cf, &conf, folder, false);
	scratch_free(&folder);
	why_free(&why);
}

static void
end(void)
{
	tables_free(&tables);
	main_cf_free(&main_cf);
	arena_free(&arena);
}

static void
keep(void *arg, const struct packet_out *o)
{
	carry(o, arg);
}

/* The answer to what stands in o, or false. */
static bool
ask(const char *label, struct packet_out *o, struct packet_in *back)
{
	struct packet_in in = { .bad = false };
	bool taken;

	o->id = 7;
	carry(o, &in);
	packet_done(o);
	taken = answer(tables, role_find(label), &in, keep, back);
	if (taken)
		ck_assert_uint_eq(back->id, 7);
	packet_in_done(&in);
	return taken;
}

static const struct {
	const char *label, *parameter, *key,
	    *value; /* NULL none, "!" trouble */
} maps[] = {
	{ "smtpd", "smtpd_sender_login_maps", "A@ours.test", "joe" },
	{ "smtpd", "smtpd_sender_login_maps", "b@ours.test", NULL },
	{ "smtpd", "smtp_sasl_password_maps", "far.test", "!" },
	{ "smtp", "smtp_sasl_password_maps", "far.test", "u:p" },
	{ "smtp", "smtpd_sender_login_maps", "a@ours.test", "!" },
	/* of one row of master.cf */
	{ "smtp", "smtp_sasl_password_maps inline:{far.test=v:q}", "far.test",
	    "v:q" },
	/* whose options may name each other, and be named in main.cf */
	{ "smtpd", "sender_bcc_maps inline:{x=own.smtpd.smtp}", "x",
	    "own.smtpd.smtp" },
	{ "smtpd", "canonical_maps inline:{x=own.smtpd.smtp}", "x",
	    "own.smtpd.smtp" },
	{ "smtpd", "sender_canonical_maps inline:{x=smtp}", "x", "smtp" },
	{ "smtpd", "inline:{end=own.smtpd.smtp}", "end", "own.smtpd.smtp" },
	{ "smtp", "smtp_sasl_password_maps inline:{far.test=v:r}", "far.test",
	    "!" },
	{ "smtp", "smtp_tls_policy_maps inline:{far.test=v:q}", "far.test",
	    "!" },
	{ "smtpd", "smtp_sasl_password_maps inline:{far.test=v:q}", "far.test",
	    "!" },
	{ "smtpd", "inline:{far.test=v:q}", "far.test", "!" },
	{ "smtpd", "smtpd_sender_login_maps inline:{a@ours.test=mx.ours.test}",
	    "a@ours.test", "mx.ours.test" },
	{ "deliver", "virtual_mailbox_maps", "../a@x", NULL },
	{ "deliver", "virtual_mailbox_maps", "b@x", "box/" },
	{ "smtpd", "inline:{1.2.3.4=OK}", "1.2.3.4", "OK" },
	{ "smtpd", "cidr:{{10.0.0.0/8 x}}", "10.1.1.1", "x" },
	{ "smtpd", "inline:{s=REJECT}", "s", "REJECT" },
	{ "smtpd", "inline:{helo=mx.ours.test}", "helo", "mx.ours.test" },
	{ "smtpd", "inline:{t=u}", "t", "u" },
	{ "smtpd", "inline:{no=x}", "no", "!" },
	{ "smtpd", "inline:{hidden=x}", "hidden", "!" },
	{ "smtpd", "hash:/etc/shadow", "root", "!" },
	{ "smtp", "inline:{1.2.3.4=OK}", "1.2.3.4", "!" },
	{ "qmgr", "alias_maps", "joe", "!" },
	{ "smtpd", "", "joe", "!" },
};

START_TEST(map)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct span value;
	struct why why;
	bool found;

	begin();
	why_init(&why);
	lookup_map_put(
	    &o, span_str(maps[_i].parameter), span_str(maps[_i].key));
	ck_assert(ask(maps[_i].label, &o, &in));
	ck_assert(lookup_value_get(&in, &found, &value, &why));
	if (maps[_i].value != NULL && maps[_i].value[0] == '!') {
		ck_assert(!found);
		ck_assert_int_eq(why.outcome, DEFER);
		ck_assert_str_eq(why_text(&why), "Temporary lookup failure");
	} else {
		ck_assert_int_eq(why.outcome, DONE);
		ck_assert(found == (maps[_i].value != NULL));
		ck_assert(span_eq(value, span_str(maps[_i].value)));
	}
	packet_in_done(&in);
	why_free(&why);
	end();
}
END_TEST

/* An address is looked up by every key that it has. */
START_TEST(address)
{
	static const struct {
		const char *label, *address, *value;
	} rows[] = {
		{ "deliver", "B+ext@x", "box/" },
		{ "deliver", "b@x", "box/" },
		{ "deliver", "c@x", NULL },
		{ "smtp", "b@x", "!" },
	};

	begin();
	for (int i = 0; i < UNIT_COUNT(rows); i++) {
		struct packet_out o = { .fd_count = 0 };
		struct packet_in in = { .bad = false };
		struct span value;
		struct why why;
		bool found;

		why_init(&why);
		lookup_address_put(&o, SPAN("virtual_mailbox_maps"),
		    span_str(rows[i].address));
		ck_assert(ask(rows[i].label, &o, &in));
		ck_assert(lookup_value_get(&in, &found, &value, &why));
		if (rows[i].value != NULL && rows[i].value[0] == '!')
			ck_assert_int_eq(why.outcome, DEFER);
		else
			ck_assert(why.outcome == DONE &&
			    found == (rows[i].value != NULL) &&
			    span_eq(value, span_str(rows[i].value)));
		packet_in_done(&in);
		why_free(&why);
	}
	end();
}
END_TEST

static void
hit(void *arg, uint32_t line, struct span value)
{
	buf_printf(arg, "%u=%.*s\n", line, (int)value.n, value.p);
}

/* Lines of a message: those that the table has something to say of. */
START_TEST(lines)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct buf got = BUF_EMPTY;
	uint32_t done;
	struct why why;

	begin();
	why_init(&why);
	checks_lines_put(&o,
	    SPAN("regexp:{{/^Subject: (.)/ WARN $1}, {/^To:/ REJECT}}"),
	    SPAN("Subject: A\0To: x\n y\0\0Subject: b\0"));
	ck_assert(ask("smtpd", &o, &in));
	ck_assert(checks_hits_get(&in, hit, &got, &done, &why));
	ck_assert_str_eq(buf_str(&got), "0=WARN A\n1=REJECT\n3=WARN b\n");
	ck_assert_uint_eq(done, 4);
	ck_assert_int_eq(why.outcome, DONE);
	checks_lines_put(&o, SPAN("fail:x"), SPAN("x\0"));
	ck_assert(ask("smtpd", &o, &in));
	buf_clear(&got);
	ck_assert(checks_hits_get(&in, hit, &got, &done, &why));
	ck_assert_uint_eq(got.n, 0);
	ck_assert_uint_eq(done, 0);
	ck_assert_int_eq(why.outcome, DEFER);
	checks_lines_put(&o, SPAN("static:HOLD"), SPAN("x\0"));
	ck_assert(ask("smtpd", &o, &in));
	buf_clear(&got);
	ck_assert(checks_hits_get(&in, hit, &got, &done, &why));
	ck_assert_str_eq(buf_str(&got), "0=HOLD\n");
	checks_lines_put(&o, SPAN("static:HOLD"), SPAN("x\0"));
	ck_assert(!ask("smtp", &o, &in));
	packet_in_done(&in);
	why_free(&why);
	buf_free(&got);
	end();
}
END_TEST

/* More than an answer holds: it says how far it went. */
START_TEST(lines_many)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct buf text = BUF_EMPTY, got = BUF_EMPTY;
	uint32_t done;
	struct why why;

	begin();
	why_init(&why);
	while (text.n + 5 < CHECKS_LINES_MAX)
		buf_add(&text, "To:x", 5);
	checks_lines_put(&o, SPAN("mime_header_checks"), buf_span(&text));
	ck_assert(ask("smtpd", &o, &in));
	ck_assert(checks_hits_get(&in, hit, &got, &done, &why));
	ck_assert_uint_gt(done, 1000);
	ck_assert_uint_lt(done, text.n / 5);
	packet_in_done(&in);
	why_free(&why);
	buf_free(&got);
	buf_free(&text);
	end();
}
END_TEST

/* smtpd and qmgr may ask for a route, the SMTP client may not. */
START_TEST(rcpt)
{
	static const struct {
		const char *label;
		bool may;
	} rows[] = { { "smtpd", true }, { "qmgr", true }, { "smtp", false },
		{ "deliver", false } };

	begin();
	for (int i = 0; i < UNIT_COUNT(rows); i++) {
		struct lookup_rcpt_request r = { .address = SPAN("joe") };
		struct packet_out o = { .fd_count = 0 };
		struct packet_in in = { .bad = false };
		struct lookup_route route;

		why_init(&route.why);
		r.address = SPAN("joe@ours.test");
		lookup_rcpt_put(&o, &r);
		ck_assert(ask(rows[i].label, &o, &in) == rows[i].may);
		if (rows[i].may) {
			ck_assert(lookup_route_get(&in, arena, &route));
			ck_assert(route.expanded);
			ck_assert_uint_eq(route.count, 1);
			ck_assert(span_is(
			    route.targets[0].address, "root@ours.test"));
		}
		packet_in_done(&in);
		why_free(&route.why);
	}
	end();
}
END_TEST

/* Names of tables are for the log, not for who asks. */
START_TEST(trouble_is_hidden)
{
	struct lookup_rcpt_request r = { .address = SPAN("joe@far.test"),
		.verify_only = true };
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	struct lookup_route route;

	begin();
	why_init(&route.why);
	lookup_rcpt_put(&o, &r);
	ck_assert(ask("smtpd", &o, &in));
	ck_assert(lookup_route_get(&in, arena, &route));
	ck_assert_int_eq(route.why.outcome, DEFER);
	ck_assert_str_eq(why_text(&route.why), "Temporary lookup failure");
	ck_assert_uint_eq(tables_broken(tables), 0);
	ck_assert_ptr_null(tables_changed(tables));
	packet_in_done(&in);
	why_free(&route.why);
	end();
}
END_TEST

START_TEST(unknown_calls)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };

	begin();
	packet_begin(&o, "auth_ask", 1);
	ck_assert(!ask("smtpd", &o, &in));
	packet_begin(&o, "lookup_rcpt", 1);
	packet_str(&o, "address", SPAN("x"));
	ck_assert(!ask("smtpd", &o, &in));
	ck_assert_ptr_null(role_find("login"));
	ck_assert_ptr_null(role_find("public"));
	end();
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, map, 0, UNIT_COUNT(maps));
	tcase_add_test(t, address);
	tcase_add_test(t, lines);
	tcase_add_test(t, lines_many);
	tcase_add_test(t, rcpt);
	tcase_add_test(t, trouble_is_hidden);
	tcase_add_test(t, unknown_calls);
}

int
main(void)
{
	return unit_main("lookup/answer", fill);
}
