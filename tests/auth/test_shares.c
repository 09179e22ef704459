/* test_shares.c - auth/shares.h: who is named by whom */

#include "auth/shares.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/loop.h"
#include "tests/unit.h"

static char folder[64];
static struct loop *loop;
static struct shares *s;

static void
setup(void)
{
	snprintf(folder, sizeof(folder), "/tmp/facteur-shares.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	loop = loop_new();
	s = shares_open(loop, folder);
}

static void
teardown(void)
{
	char path[100];

	shares_free(&s);
	loop_free(&loop);
	snprintf(path, sizeof(path), "%s/shared.db", folder);
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static bool
tell(const char *owner, const char *ids)
{
	return shares_tell(s, span_str(owner), span_str(ids));
}

static void
lists(const char *user, const char *groups, const char *want)
{
	const struct shares_who who = { span_str(user), span_str(groups) };
	struct buf out = BUF_EMPTY;

	shares_list(s, &who, &out);
	ck_assert_msg(strcmp(buf_str(&out), want) == 0, "%s (%s): %s", user,
	    groups, buf_str(&out));
	buf_free(&out);
}

static bool
is_listed(const char *user, const char *owner)
{
	const struct shares_who who = { span_str(user), SPAN("") };
	struct buf out = BUF_EMPTY;
	struct span rest, line;
	bool found = false;

	shares_list(s, &who, &out);
	rest = buf_span(&out);
	while (!found && span_line(&rest, &line))
		found = span_is(line, owner);
	buf_free(&out);
	return found;
}

static bool
may(const char *user, const char *groups, const char *owner)
{
	const struct shares_who who = { span_str(user), span_str(groups) };

	return shares_may(s, &who, span_str(owner));
}

START_TEST(named)
{
	lists("bob", "", "");
	ck_assert(!may("bob", "", "ann"));
	ck_assert(tell("ann", "user=bob\nuser=eve\n"));
	ck_assert(tell("cyd", "user=bob\n"));
	lists("bob", "", "ann\ncyd\n");
	lists("eve", "", "ann\n");
	lists("ann", "", "");
	lists("user=bob", "", "");
	ck_assert(may("bob", "", "ann") && may("bob", "", "cyd"));
	ck_assert(!may("eve", "", "cyd") && !may("ann", "", "ann"));
	ck_assert(!may("bo", "", "ann") && !may("bob", "", "an"));
	ck_assert(!may("bob", "", ""));
	ck_assert(tell("ann", "user=eve\n"));
	lists("bob", "", "cyd\n");
	ck_assert(!may("bob", "", "ann"));
	ck_assert(tell("ann", ""));
	lists("eve", "", "");
}
END_TEST

START_TEST(groups)
{
	ck_assert(tell("ann", "user=bob\n"));
	ck_assert(!shares_know_groups(s));
	ck_assert(tell("ann", "group=staff\n"));
	ck_assert(shares_know_groups(s));
	lists("bob", "", "");
	lists("bob", "users staff", "ann\n");
	lists("bob", "users staffers", "");
	ck_assert(may("bob", "staff", "ann"));
	ck_assert(tell("cyd", "group-override=out\n"));
	lists("bob", "out staff", "cyd\nann\n");
}
END_TEST

START_TEST(everybody)
{
	ck_assert(tell("ann", "anyone\nuser=bob\n"));
	lists("bob", "", "ann\n"); /* once */
	lists("who-ever", "", "ann\n");
	lists("ann", "", "");
	ck_assert(may("who-ever", "", "ann"));
}
END_TEST

static const char *const bad[] = { "\n", "user=a\n\nuser=b\n", "user=a\rb\n" };

START_TEST(ill_formed)
{
	ck_assert(tell("ann", "user=bob\n"));
	ck_assert(!tell("ann", bad[_i]));
	lists("bob", "", "ann\n");
	ck_assert(!tell("", "user=bob\n"));
	ck_assert(!tell("an\nn", "user=bob\n"));
}
END_TEST

START_TEST(too_many)
{
	struct buf ids = BUF_EMPTY;
	char owner[30];

	for (int i = 0; i <= SHARES_IDS_MAX; i++)
		buf_printf(&ids, "user=u%d\n", i);
	ck_assert(!shares_tell(s, SPAN("ann"), buf_span(&ids)));
	buf_free(&ids);
	for (int i = 0; i <= SHARES_LISTED_MAX; i++) {
		snprintf(owner, sizeof(owner), "owner%d", i);
		ck_assert(tell(owner, "anyone\n"));
	}
	/* not listed, but there for who asks by name */
	ck_assert(may("bob", "", owner));
	ck_assert(!is_listed("bob", owner));
	ck_assert(tell(owner, "anyone\n"));
	ck_assert(!is_listed("bob", owner));
	/* and listed once there is room, when he says it again */
	ck_assert(tell("owner0", ""));
	ck_assert(!is_listed("bob", owner));
	ck_assert(tell(owner, "anyone\n"));
	ck_assert(is_listed("bob", owner));
}
END_TEST

START_TEST(lasts)
{
	ck_assert(tell("ann", "user=bob\n"));
	shares_flush(s);
	shares_free(&s);
	s = shares_open(loop, folder);
	lists("bob", "", "ann\n");
	ck_assert(may("bob", "", "ann"));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, named);
	tcase_add_test(t, groups);
	tcase_add_test(t, everybody);
	tcase_add_loop_test(t, ill_formed, 0, UNIT_COUNT(bad));
	tcase_add_test(t, too_many);
	tcase_add_test(t, lasts);
}

int
main(void)
{
	return unit_main("auth/shares", fill);
}
