/* test_clean.c - route/clean.h: senders, headers, copies */

#include "route/clean.h"

#include <string.h>

#include "calls/clean_call.h"
#include "tests/route/routing.h"

static const char tables[] =
    "canonical_maps = inline:{joe@ours.test=Joe.Doe,loop@x.test=pool@x.test,"
    "pool@x.test=loop@x.test}\n"
    "sender_canonical_maps = inline:{sam=sam.one@far.test}\n"
    "recipient_canonical_maps = inline:{rob=rob.one@far.test}\n";

static const struct {
	const char *conf, *sender, *want; /* NULL: trouble */
} senders[] = {
	{ "", "joe", "joe@ours.test" },
	{ "", "", "" },
	{ "", "Joe@Ours.Test", "Joe@ours.test" },
	{ tables, "joe@ours.test", "Joe.Doe@ours.test" },
	{ tables, "joe+x@ours.test", "Joe.Doe+x@ours.test" },
	{ tables, "sam", "sam.one@far.test" },
	{ tables, "rob@ours.test", "rob@ours.test" },
	{ tables, "loop@x.test", NULL },
	{ "sender_canonical_maps = inline:{sam=sam.one}\n"
	  "sender_canonical_classes = header_sender\n",
	    "sam@ours.test", "sam@ours.test" },
	{ "canonical_maps = fail:down\n", "a@x.test", NULL },
	{ "canonical_maps = fail:down\ncanonical_classes = header_sender\n",
	    "a@x.test", "a@x.test" },
	{ "masquerade_domains = ours.test\n", "a@h.ours.test", "a@ours.test" },
	{ "masquerade_domains = ours.test\n", "a@ours.test", "a@ours.test" },
	{ "masquerade_domains = ours.test\n", "a@tours.test", "a@tours.test" },
	{ "masquerade_domains = !no.ours.test ours.test\n", "a@x.no.ours.test",
	    "a@x.no.ours.test" },
	{ "masquerade_domains = ours.test\nmasquerade_exceptions = root\n",
	    "root@h.ours.test", "root@h.ours.test" },
	{ "masquerade_domains = ours.test\nmasquerade_classes = "
	  "header_sender\n",
	    "a@h.ours.test", "a@h.ours.test" },
	{ "append_dot_mydomain = yes\n", "a@host", "a@host.ours.test" },
	{ "", "site!joe", "joe@site" },
	{ "swap_bangpath = no\n", "site!joe", "site!joe@ours.test" },
	{ "", "joe%far.test", "joe@far.test" },
	{ "allow_percent_hack = no\n", "joe%far.test",
	    "joe%far.test@ours.test" },
	{ "append_at_myorigin = no\n", "joe", "joe" },
};

static void
ask(const char *conf, struct clean_request *r, struct clean_answer *out,
    struct routing *x, bool good)
{
	routing_init(x, conf);
	why_init(&out->why);
	r->first = true;
	ck_assert(route_clean(x->route, x->arena, r, out) == good);
	ck_assert(out->why.outcome == (good ? DONE : DEFER));
	why_free(&out->why);
}

START_TEST(sender)
{
	struct clean_request r = { .sender = span_str(senders[_i].sender) };
	struct clean_answer got;
	struct routing x;

	ask(senders[_i].conf, &r, &got, &x, senders[_i].want != NULL);
	if (senders[_i].want != NULL)
		ck_assert_msg(span_is(got.sender, senders[_i].want), "%s: %.*s",
		    senders[_i].sender, (int)got.sender.n, got.sender.p);
	routing_done(&x);
}
END_TEST

/* receive_override_options = no_address_mappings: names are completed. */
START_TEST(no_mappings)
{
	struct span rcpt = SPAN("fred@ours.test");
	struct clean_request r = { .sender = SPAN("joe"),
		.no_mappings = true,
		.rcpts = &rcpt,
		.rcpt_count = 1 };
	struct clean_answer got;
	struct routing x;

	ask("canonical_maps = inline:{joe@ours.test=x@far.test}\n"
	    "masquerade_domains = test\n"
	    "always_bcc = a@ours.test\n"
	    "sender_bcc_maps = inline:{joe@ours.test=b@ours.test}\n"
	    "recipient_bcc_maps = inline:{fred@ours.test=c@ours.test}\n",
	    &r, &got, &x, true);
	ck_assert(span_is(got.sender, "joe@ours.test"));
	ck_assert_uint_eq(got.copy_count, 0);
	routing_done(&x);
}
END_TEST

static const struct {
	const char *conf;
	enum clean_header header;
	bool of_sender;
	const char *value, *want; /* NULL: as it is */
} fields[] = {
	{ "", CLEAN_LOCAL, true, " joe", " joe@ours.test" },
	{ "", CLEAN_LOCAL, true, " \"J. Doe\" <joe> (at home)",
	    " \"J. Doe\" <joe@ours.test> (at home)" },
	{ "", CLEAN_LOCAL, false, " a@x.test, joe,\n\tbob (Bob B), c@y.test",
	    " a@x.test, joe@ours.test,\n\tbob@ours.test (Bob B), c@y.test" },
	{ "", CLEAN_LOCAL, false, " friends: joe, a@x.test;",
	    " friends: joe@ours.test, a@x.test;" },
	{ "", CLEAN_LOCAL, true, " Joe@Example.COM", NULL },
	{ "", CLEAN_LOCAL, true, " joe@example.com.", " joe@example.com" },
	{ "", CLEAN_LOCAL, true, " \"a b\"@x.test", NULL },
	{ "", CLEAN_LOCAL, true, " <>", NULL },
	{ "", CLEAN_LOCAL, true, " John Doe", NULL },
	{ "", CLEAN_LOCAL, true, "", NULL },
	{ "", CLEAN_LOCAL, true, " John Doe <a@x.test", NULL },
	{ "", CLEAN_NONE, true, " joe", NULL },
	{ "", CLEAN_REMOTE, true, " joe", NULL },
	{ "remote_header_rewrite_domain = invalid.test\n", CLEAN_REMOTE, true,
	    " joe", " joe@invalid.test" },
	{ tables, CLEAN_LOCAL, true, " Joe <joe@ours.test>, sam",
	    " Joe <Joe.Doe@ours.test>, sam.one@far.test" },
	{ tables, CLEAN_LOCAL, false, " sam@ours.test, rob@ours.test",
	    " sam@ours.test, rob.one@far.test" },
	{ "recipient_canonical_maps = inline:{rob=rob.one@far.test}\n"
	  "recipient_canonical_classes = envelope_recipient\n",
	    CLEAN_LOCAL, false, " rob@ours.test", NULL },
	{ "masquerade_domains = ours.test\n", CLEAN_LOCAL, false,
	    " <a @ h.ours.test>", " <a@ours.test>" },
	{ "masquerade_domains = ours.test\nmasquerade_classes = "
	  "envelope_sender",
	    CLEAN_LOCAL, false, " a@h.ours.test", NULL },
	{ "canonical_maps = inline:{{a@x.test=\"q r\"@y.test}}\n", CLEAN_LOCAL,
	    true, " a@x.test", " \"q r\"@y.test" },
};

START_TEST(field)
{
	struct clean_field f = { .number = 7,
		.of_sender = fields[_i].of_sender,
		.name = SPAN("From"),
		.value = span_str(fields[_i].value) };
	struct clean_request r = {
		.header = fields[_i].header, .field_count = 1, .fields = &f
	};
	struct buf want = BUF_EMPTY;
	struct clean_answer got;
	struct routing x;

	ask(fields[_i].conf, &r, &got, &x, true);
	ck_assert_msg(got.edit_count == (fields[_i].want != NULL), "%s",
	    fields[_i].value);
	if (got.edit_count == 1) {
		buf_printf(&want, "From:%s\n", fields[_i].want);
		ck_assert_msg(span_eq(got.edits[0].text, buf_span(&want)),
		    "%.*s", (int)got.edits[0].text.n, got.edits[0].text.p);
		ck_assert_uint_eq(got.edits[0].number, 7);
	}
	buf_free(&want);
	routing_done(&x);
}
END_TEST

static const struct {
	const char *conf, *sender, *rcpt, *want;
} copies[] = {
	{ "", "a@x.test", "b@y.test", "" },
	{ "always_bcc = keep\n", "a@x.test", "b@y.test", "keep@ours.test " },
	{ "sender_bcc_maps = inline:{a@x.test=one@z.test}\n"
	  "recipient_bcc_maps = inline:{{@y.test=two@z.test, three@z.test}}\n",
	    "a@x.test", "b@y.test", "one@z.test two@z.test three@z.test " },
	{ "sender_bcc_maps = inline:{a@x.test=one@z.test}\n", "", "b@y.test",
	    "" },
};

START_TEST(copy)
{
	struct span rcpt = span_str(copies[_i].rcpt);
	struct clean_request r = { .sender = span_str(copies[_i].sender),
		.rcpt_count = 1,
		.rcpts = &rcpt };
	struct buf all = BUF_EMPTY;
	struct clean_answer got;
	struct routing x;

	ask(copies[_i].conf, &r, &got, &x, true);
	for (size_t i = 0; i < got.copy_count; i++)
		buf_printf(
		    &all, "%.*s ", (int)got.copies[i].n, got.copies[i].p);
	ck_assert(span_is(buf_span(&all), copies[_i].want));
	buf_free(&all);
	routing_done(&x);
}
END_TEST

static const struct {
	const char *conf, *in, *out; /* as sender, recipient and in From */
} generics[] = {
	{ "", "joe@ours.test", "joe.doe@isp.test" },
	{ "", "joe+x@ours.test", "joe.doe@isp.test" },
	{ "propagate_unmatched_extensions = generic\n", "joe+x@ours.test",
	    "joe.doe+x@isp.test" },
	{ "", "any@host.ours.test", "host@isp.test" },
	{ "", "Other@Ours.Test", "Other@Ours.Test" },
	{ "", "bare", "bare" },
	{ "", "", "" },
	{ "smtp_generic_maps = fail:down\n", "a@x.test", NULL },
};

START_TEST(generic)
{
	struct span rcpt = span_str(generics[_i].in);
	struct clean_field f = {
		.of_sender = true, .name = SPAN("From"), .value = rcpt
	};
	struct clean_request r = { .first = true,
		.header = CLEAN_GENERIC,
		.sender = rcpt,
		.field_count = 1,
		.fields = &f,
		.rcpt_count = 1,
		.rcpts = &rcpt };
	const char *table = "inline:{joe@ours.test=joe.doe@isp.test,"
			    "@host.ours.test=host@isp.test}";
	struct clean_answer got;
	struct map_list list;
	struct routing x;
	struct generic g;

	if (generics[_i].out == NULL)
		table = "fail:down";
	routing_init(&x, generics[_i].conf);
	map_list_init(&list, x.pool, span_str(table), MAP_FOLD);
	g = (struct generic){ x.route, &list };
	why_init(&got.why);
	ck_assert(
	    route_generic(&g, x.arena, &r, &got) == (generics[_i].out != NULL));
	if (generics[_i].out != NULL) {
		ck_assert(span_is(got.sender, generics[_i].out));
		ck_assert_uint_eq(got.copy_count, 1);
		ck_assert(span_is(got.copies[0], generics[_i].out));
		ck_assert(got.edit_count ==
		    (strcmp(generics[_i].in, generics[_i].out) != 0));
	}
	why_free(&got.why);
	map_list_done(&list);
	routing_done(&x);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, sender, 0, UNIT_COUNT(senders));
	tcase_add_test(t, no_mappings);
	tcase_add_loop_test(t, field, 0, UNIT_COUNT(fields));
	tcase_add_loop_test(t, copy, 0, UNIT_COUNT(copies));
	tcase_add_loop_test(t, generic, 0, UNIT_COUNT(generics));
}

int
main(void)
{
	return unit_main("route/clean", fill);
}
