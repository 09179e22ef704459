/* test_forward.c - deliver/forward.h */

#include "deliver/forward.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/why.h"
#include "calls/delivery_call.h"
#include "deliver/absent.h"
#include "deliver/conf.h"
#include "deliver/mail.h"
#include "os/users.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

/* Members in short: a address, c command, f file, i include, s self. */
static const struct {
	const char *text, *want;
} lists[] = {
	{ "", "" },
	{ "# nobody\n\n \n", "" },
	{ "b@c.example\n", "a(b@c.example)" },
	{ "b@c, d\n e@f\n", "a(b@c)a(d)a(e@f)" },
	{ "\\user\n", "s(user)" },
	{ "user\n", "s(user)" },
	{ "USER@Example.com, \\other\n", "s(USER@Example.com)a(other)" },
	{ "user+x@example.com\n", "s(user+x@example.com)" },
	{ "user@elsewhere.example\n", "a(user@elsewhere.example)" },
	{ "|/bin/cmd\n", "c(/bin/cmd)" },
	{ "\"|/bin/cmd a, 'b'\"\n", "c(/bin/cmd a, 'b')" },
	{ "/home/user/box, /home/user/md/\n",
	    "f(/home/user/box)f(/home/user/md/)" },
	{ ":include:/list\n", "i(/list)" },
	{ "\"|IFS=' ' && exec /usr/bin/procmail -f- || exit 75 #user\"\n",
	    "c(IFS=' ' && exec /usr/bin/procmail -f- || exit 75 #user)" },
};

START_TEST(parsed)
{
	static const char letters[] = "acfis";
	struct arena *a = arena_new();
	struct buf got = BUF_EMPTY;
	struct forward_list list;

	ck_assert(forward_parse(a, span_str(lists[_i].text), SPAN("user"),
	    SPAN("user+x@example.com"), &list));
	for (size_t i = 0; i < list.count; i++)
		buf_printf(&got, "%c(%.*s)", letters[list.members[i].kind],
		    (int)list.members[i].text.n, list.members[i].text.p);
	ck_assert_msg(span_is(buf_span(&got), lists[_i].want),
	    "%s: got %s, not %s", lists[_i].text, buf_str(&got),
	    lists[_i].want);
	buf_free(&got);
	arena_free(&a);
}
END_TEST

START_TEST(too_many)
{
	struct arena *a = arena_new();
	struct buf text = BUF_EMPTY;
	struct forward_list list;

	for (int i = 0; i < DELIVERY_NEW_MAX; i++)
		buf_printf(&text, "u%d@b\n", i);
	ck_assert(
	    forward_parse(a, buf_span(&text), SPAN("u"), SPAN("u@x"), &list));
	buf_add_str(&text, "one@more\n");
	ck_assert(
	    !forward_parse(a, buf_span(&text), SPAN("u"), SPAN("u@x"), &list));
	buf_free(&text);
	arena_free(&a);
}
END_TEST

static struct deliver_conf conf = { .forward_expansion_filter =
					"abcdefghijklmnopqrstuvwxyz+/.",
	.recipient_delimiter = "+",
	.forward_path = "$home/.forward${recipient_delimiter}${extension}, "
			"$home/.forward" };
static struct account user;
static struct delivery_rcpt rcpt;
static struct place place = { .conf = &conf, .user = &user };
static struct mail mail = { .place = &place, .to = &rcpt };

static const struct {
	const char *item, *extension;
	bool whole;
	const char *want;
} paths[] = {
	{ "$home/.forward", "", true, "/h/.forward" },
	{ "${home}/.f$(recipient_delimiter)$extension", "list", true,
	    "/h/.f+list" },
	{ "$home/.f+$extension", "", false, "/h/.f+" },
	{ "$home/.f+$extension", "../Ab c", true, "/h/.f+../_b_c" },
	{ "$nothing/x", "", false, "" },
};

START_TEST(expanded)
{
	struct buf got = BUF_EMPTY;

	user.home = "/h";
	mail.extension = span_str(paths[_i].extension);
	ck_assert_int_eq(forward_expand(&mail, span_str(paths[_i].item), &got),
	    paths[_i].whole);
	ck_assert_msg(
	    span_is(buf_span(&got), paths[_i].want), "%s", buf_str(&got));
	buf_free(&got);
}
END_TEST

static const struct {
	mode_t mode; /* 0: no file */
	const char *text;
	enum forward_found want;
} found[] = {
	{ 0, NULL, FORWARD_NONE },
	{ 0644, "a@b\n", FORWARD_LIST },
	{ 0644, "# nobody\n", FORWARD_NONE },
	{ 0664, "a@b\n", FORWARD_LIST },
	{ 0646, "a@b\n", FORWARD_NONE },
};

START_TEST(looked_for)
{
	char *base = scratch_new();
	struct forward_list list;
	struct why why;

	mail.arena = arena_new();
	place.absent = absent_new();
	why_init(&why);
	user =
	    (struct account){ .name = "user", .home = base, .uid = getuid() };
	rcpt.address = SPAN("user@example.com");
	if (found[_i].mode != 0) {
		scratch_write(base, ".forward", found[_i].text);
		ck_assert_int_eq(chdir(base), 0);
		ck_assert_int_eq(chmod(".forward", found[_i].mode), 0);
		ck_assert_int_eq(chdir("/"), 0);
	}
	ck_assert_int_eq(forward_find(&mail, &list, &why), found[_i].want);
	why_free(&why);
	absent_free(&place.absent);
	arena_free(&mail.arena);
	scratch_free(&base);
}
END_TEST

/* What is there but cannot be read is trouble, not "no". */
START_TEST(unreadable)
{
	char *base = scratch_new();
	struct forward_list list;
	struct why why;

	mail.arena = arena_new();
	place.absent = absent_new();
	why_init(&why);
	user =
	    (struct account){ .name = "user", .home = base, .uid = getuid() };
	ck_assert_int_eq(chdir(base), 0);
	ck_assert_int_eq(symlink(".forward", ".forward"), 0);
	ck_assert_int_eq(chdir("/"), 0);
	ck_assert_int_eq(forward_find(&mail, &list, &why), FORWARD_TROUBLE);
	ck_assert_int_eq(why.outcome, DEFER);
	why_free(&why);
	absent_free(&place.absent);
	arena_free(&mail.arena);
	scratch_free(&base);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, parsed, 0, UNIT_COUNT(lists));
	tcase_add_test(t, too_many);
	tcase_add_loop_test(t, expanded, 0, UNIT_COUNT(paths));
	tcase_add_loop_test(t, looked_for, 0, UNIT_COUNT(found));
	tcase_add_test(t, unreadable);
}

int
main(void)
{
	return unit_main("deliver/forward", fill);
}
