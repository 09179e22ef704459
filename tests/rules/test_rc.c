/* test_rc.c - rules/rc.h: what a file is read as */

#include "rules/rc.h"

#include "base/buf.h"
#include "tests/unit.h"

/* A file, and its statements in short: assignments as NAME=text, recipes as
 * flags/conditions/action, notes in brackets. */
static const struct {
	const char *file, *want;
} files[] = {
	{ "", "" },
	{ "# a note\n\n  \n", "" },
	{ "A=b\nB = c d=e\nF\n", "A=b;B=c;d=e;F;" },
	{ "A=\"x\ny\"z B='q'\n", "A=\"x\ny\"z;B='q';" },
	{ "A= # note\nB=c# d\n", "A=# note;B=c#;d;" },
	{ "ceci n'est\n", "ceci;[Skipped \"n\"][Skipped \"'est\"]" },
	{ "%%%\n1x=2\n", "[Skipped \"%%%\"][Skipped \"1x=2\"]" },
	{ ":0\n* a\n*  b  \nbox # n\n", "0:{a|b}file box # n;" },
	{ ":0\n* a\\\\\n  b\nx\n", "0:{a\\b}file x;" },
	{ ":0\n* a \\\n  \nx\n", "0:{a }file x;" },
	/* nothing stands before the joint: the newline stays */
	{ ":0\n*\t\\\n   !\\\n  b\nx\n", "0:{\n!b}file x;" },
	{ ":0 Bc:\n\n# n\n* a\\\n   b\n\n x\n", "Bc0:lock{ab}file x;" },
	{ ": 0 B c : my.lock\nbox\n", "Bc0:lock=my.lock{}file box;" },
	{ ":0:a b c\nx\n", "[Skipped \"b c\"]0:lock=a{}file x;" },
	{ ":0 cZ\nx\n", "[Skipped \"Z\"]c0:{}file x;" },
	{ ":0 c # n\nx\n", "c0:{}file x;" },
	{ ":c\n^S\nx\n", "c-:{^S}file x;" },
	{ ":Ac\nx\n", "Ac-:{}file x;" },
	{ ":2\n^S\n* T\nx\n", "2:{^S|T}file x;" },
	{ ":0\n| cat >a\\\n b\nC=d\n", "0:{}pipe  cat >a\\\n b;C=d;" },
	{ ":0\n! a@b \"c\nd\"\n", "0:{}forward  a@b \"c\nd\";" },
	{ ":0 w\nV = | x\n", "w0:{}capture V  x;" },
	{ ":0\nV=x\n", "0:{}file V=x;" },
	{ ":0\n{A=b\n", "0:{}file {A=b;" },
	{ ":0\n{ A=b }\nB=c\n", "0:{}block;A=b;};B=c;" },
	{ ":0\n* x\n\n:0\ny\n", "0:{x}missing ;0:{}file y;" },
	{ ":0\n* x\n:0\ny\n", "0:{x}file :0;y;" },
	{ ":0\n* x\n", "0:{x}incomplete ;" },
	{ "}\n", "};" },
	{ ":0\n{\n:0\n{\n", "0:{}block;0:{}block;" },
	{ ":0 $F\n* x\ny\n", "dyn0:{x}file y;" },
	{ ":0\r\n* x\r\nbox\r\n", "0:{x}file box;" },
	{ ":0\n* x\r\nbox\r\n", "0:{x\r}file box\r;" },
};

static void
show_recipe(const struct rc_recipe *r, struct buf *out)
{
	static const char letters[] = "HBDAaEehbfcwWir";
	static const char *const actions[] = { "file ", "pipe ", "capture ",
		"forward ", "block", "missing ", "incomplete " };

	if (r->dynamic)
		buf_add_str(out, "dyn");
	for (size_t i = 0; i < sizeof(letters) - 1; i++)
		if (r->head.flags & 1U << i)
			buf_add_byte(out, letters[i]);
	if (r->head.number == -1)
		buf_add_str(out, "-:");
	else
		buf_printf(out, "%d:", r->head.number);
	if (r->head.flags & RC_LOCK)
		buf_add_str(out, "lock");
	if (r->head.lock.n > 0)
		buf_printf(out, "=%.*s", (int)r->head.lock.n, r->head.lock.p);
	buf_add_byte(out, '{');
	for (size_t i = 0; i < r->condition_count; i++) {
		buf_add_str(out, i == 0 ? "" : "|");
		buf_add_span(out, r->conditions[i].text);
	}
	buf_printf(out, "}%s", actions[r->action]);
	if (r->action == RC_CAPTURE)
		buf_printf(out, "%.*s ", (int)r->name.n, r->name.p);
	buf_add_span(out, r->text);
	buf_add_byte(out, ';');
}

static void
show(const struct rc *rc, struct buf *out)
{
	for (size_t i = 0; i < rc_count(rc); i++) {
		const struct rc_statement *s = rc_at(rc, i);

		if (s->kind == RC_NOTE) {
			buf_printf(out, "[%.*s]", (int)s->text.n, s->text.p);
		} else if (s->kind == RC_RECIPE) {
			show_recipe(s->recipe, out);
		} else if (s->kind == RC_END) {
			buf_add_str(out, "};");
		} else {
			buf_add_span(out, s->name);
			buf_add_str(out, s->unset ? "" : "=");
			buf_add_span(out, s->text);
			buf_add_byte(out, ';');
		}
	}
}

START_TEST(read_as)
{
	struct rc *rc = rc_parse(span_str(files[_i].file));
	struct buf got = BUF_EMPTY;

	show(rc, &got);
	ck_assert_msg(span_is(buf_span(&got), files[_i].want),
	    "\"%s\": got %s, not %s", files[_i].file, buf_str(&got),
	    files[_i].want);
	buf_free(&got);
	rc_free(&rc);
}
END_TEST

START_TEST(cut_anywhere)
{
	struct span all = span_str(files[_i].file);

	for (size_t n = 0; n <= all.n; n++) {
		struct rc *rc = rc_parse(span_head(all, n));

		rc_free(&rc);
	}
}
END_TEST

START_TEST(lines)
{
	struct rc *rc = rc_parse(
	    SPAN("A=1\n\n# n\n:0\n* a\n\n* b\\\n c\nx\nB=\"\n\"\nC\n"));
	const struct rc_recipe *r;

	ck_assert_uint_eq(rc_count(rc), 4);
	ck_assert_int_eq(rc_at(rc, 0)->line, 1);
	ck_assert_int_eq(rc_at(rc, 1)->line, 4);
	r = rc_at(rc, 1)->recipe;
	ck_assert_int_eq(r->conditions[0].line, 5);
	ck_assert_int_eq(r->conditions[1].line, 7);
	ck_assert_int_eq(rc_at(rc, 2)->line, 10);
	ck_assert_int_eq(rc_at(rc, 3)->line, 12);
	rc_free(&rc);
}
END_TEST

static void
collect(void *ctx, const char *what)
{
	buf_add_str(ctx, what);
	buf_add_byte(ctx, ';');
}

static const struct {
	const char *head;
	enum rc_action action;
	const char *said;
	unsigned left;
} heads[] = {
	{ "0 eEa", RC_FILE,
	    "Conflicting else-if-flag suppressed;"
	    "Conflicting also-if-succeeded-flag suppressed;",
	    RC_ERROR },
	{ "0 fh", RC_FILE, "Extraneous filter-flag ignored;",
	    RC_SEND_HEAD | RC_SEND_BODY },
	{ "0 fc", RC_PIPE, "Extraneous copy-flag ignored;",
	    RC_FILTER | RC_COPY },
	{ "0 c", RC_CAPTURE, "Extraneous copy-flag ignored;", RC_COPY },
	{ "0 hi:", RC_BLOCK,
	    "Extraneous locallockfile ignored;"
	    "Extraneous deliver-head flag ignored;"
	    "Extraneous ignore-write-error flag ignored;",
	    0 },
	{ "0 c:", RC_BLOCK, "", RC_COPY | RC_LOCK },
	{ "0 wW", RC_FORWARD, "", RC_WAIT | RC_WAIT_QUIET },
};

START_TEST(settled)
{
	struct buf said = BUF_EMPTY, skipped = BUF_EMPTY;
	struct rc_head h;

	rc_head_parse(span_str(heads[_i].head), &h, &skipped);
	rc_head_conflicts(&h, collect, &said);
	rc_head_no_copy(&h, heads[_i].action, collect, &said);
	rc_head_extraneous(&h, heads[_i].action, collect, &said);
	ck_assert_msg(span_is(buf_span(&said), heads[_i].said), "%s: %s",
	    heads[_i].head, buf_str(&said));
	ck_assert_uint_eq(h.flags, heads[_i].left);
	ck_assert_uint_eq(skipped.n, 0);
	buf_free(&said);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, read_as, 0, UNIT_COUNT(files));
	tcase_add_loop_test(t, cut_anywhere, 0, UNIT_COUNT(files));
	tcase_add_loop_test(t, settled, 0, UNIT_COUNT(heads));
	tcase_add_test(t, lines);
}

int
main(void)
{
	return unit_main("rules/rc", fill);
}
