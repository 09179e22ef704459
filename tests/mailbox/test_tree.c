/* test_tree.c - mailbox/tree.h */

#include "mailbox/tree.h"

#include <errno.h>

#include "base/arena.h"
#include "base/why.h"
#include "mailbox/maildir.h"
#include "os/fault.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;
static struct tree *t;
static struct why why;
static const struct folder_conf conf = { "INBOX.", '.', FOLDER_AUTO, false };

static void
setup(void)
{
	base = scratch_new();
	why_init(&why);
	t = tree_open(AT_FDCWD, base, &conf, &why);
	ck_assert_msg(t != NULL, "%s", why_text(&why));
}

static void
teardown(void)
{
	disarm();
	tree_close(&t);
	why_free(&why);
	scratch_free(&base);
}

static enum tree_result
make(const char *name)
{
	return tree_make(t, span_str(name), &why);
}

static enum tree_result
rename_to(const char *from, const char *to)
{
	return tree_rename(t, span_str(from), span_str(to), &why);
}

/* "name" exists, "(name)" does not, '+' behind has children. */
static char *
listed(void)
{
	struct arena *a = arena_new();
	struct buf out = BUF_EMPTY;
	size_t n;
	struct tree_entry *e = tree_list(t, a, &n, &why);

	ck_assert_ptr_nonnull(e);
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%s%s%.*s%s%s", i == 0 ? "" : " ",
		    e[i].exists ? "" : "(", (int)e[i].name.n, e[i].name.p,
		    e[i].exists ? "" : ")", e[i].has_children ? "+" : "");
	arena_free(&a);
	return buf_take(&out);
}

static void
list_is(const char *want)
{
	char *got = listed();

	ck_assert_str_eq(got, want);
	free(got);
}

START_TEST(made_and_listed)
{
	list_is("INBOX");
	ck_assert_int_eq(make("INBOX.b"), TREE_DONE);
	ck_assert_int_eq(make("INBOX.a.x.y"), TREE_DONE);
	ck_assert_int_eq(make("INBOX.a-b"), TREE_DONE);
	list_is("INBOX+ (INBOX.a)+ INBOX.a-b (INBOX.a.x)+ INBOX.a.x.y INBOX.b");
	ck_assert(scratch_has(base, ".a.x.y/maildirfolder"));
	ck_assert_int_eq(make("INBOX.b"), TREE_EXISTS);
	ck_assert_int_eq(make("inbox"), TREE_EXISTS);
	ck_assert_int_eq(make("b"), TREE_REFUSED);
	ck_assert_int_eq(make("INBOX.x..y"), TREE_REFUSED);
	ck_assert_int_eq(make("INBOX.a"), TREE_DONE);
	list_is("INBOX+ INBOX.a+ INBOX.a-b (INBOX.a.x)+ INBOX.a.x.y INBOX.b");
}
END_TEST

START_TEST(strange_entries)
{
	scratch_mkdir(base, ".nocur");
	scratch_write(base, ".file", "x");
	scratch_mkdir(base, ".dot.");
	scratch_mkdir(base, ".dot./cur");
	scratch_mkdir(base, "..two");
	scratch_mkdir(base, "..two/cur");
	scratch_mkdir(base, ".odd\xff");
	scratch_mkdir(base, ".odd\xff/cur");
	list_is("INBOX+ INBOX.odd\xef\x9f\xbf");
}
END_TEST

START_TEST(both_encodings)
{
	enum tree_result got;
	struct maildir *m;

	scratch_mkdir(base, ".&APw-");
	scratch_mkdir(base, ".&APw-/cur");
	scratch_mkdir(base, ".odd\xff");
	scratch_mkdir(base, ".odd\xff/cur");
	m = tree_folder(t, SPAN("INBOX.\xc3\xbc"), &got, &why);
	ck_assert_ptr_nonnull(m);
	ck_assert_str_eq(maildir_path(m), ".&APw-");
	maildir_close(&m);
	m = tree_folder(t, SPAN("INBOX.odd\xef\x9f\xbf"), &got, &why);
	ck_assert_ptr_nonnull(m);
	maildir_close(&m);
	/* new ones as those that are there */
	ck_assert_int_eq(make("INBOX.\xc3\xa9"), TREE_DONE);
	ck_assert(scratch_has(base, ".&AOk-"));
	scratch_mkdir(base, ".\xc3\xb6");
	scratch_mkdir(base, ".\xc3\xb6/cur");
	ck_assert_int_eq(make("INBOX.\xc3\xa8"), TREE_DONE);
	ck_assert(scratch_has(base, ".\xc3\xa8"));
	m = tree_folder(t, SPAN("INBOX.none"), &got, &why);
	ck_assert_ptr_null(m);
	ck_assert_int_eq(got, TREE_MISSING);
}
END_TEST

START_TEST(removed)
{
	ck_assert_int_eq(make("INBOX.a"), TREE_DONE);
	ck_assert_int_eq(make("INBOX.a.b"), TREE_DONE);
	scratch_write(base, ".a/cur/1.x:2,S", "mail");
	ck_assert_int_eq(tree_remove(t, SPAN("INBOX.a"), &why), TREE_DONE);
	list_is("INBOX+ (INBOX.a)+ INBOX.a.b");
	ck_assert_int_eq(tree_remove(t, SPAN("INBOX.a"), &why), TREE_REFUSED);
	ck_assert_int_eq(tree_remove(t, SPAN("INBOX.a.b"), &why), TREE_DONE);
	ck_assert_int_eq(tree_remove(t, SPAN("INBOX.a"), &why), TREE_MISSING);
	ck_assert_int_eq(tree_remove(t, SPAN("INBOX"), &why), TREE_REFUSED);
	list_is("INBOX");
	ck_assert_uint_eq(scratch_count(base, "."), 3);
}
END_TEST

START_TEST(removal_cut_short)
{
	scratch_mkdir(base, "..gone.1.2");
	scratch_mkdir(base, "..gone.1.2/cur");
	scratch_write(base, "..gone.1.2/cur/1", "x");
	list_is("INBOX");
	ck_assert(!scratch_has(base, "..gone.1.2"));
}
END_TEST

START_TEST(renamed)
{
	ck_assert_int_eq(make("INBOX.a"), TREE_DONE);
	ck_assert_int_eq(make("INBOX.a.b"), TREE_DONE);
	ck_assert_int_eq(make("INBOX.ab"), TREE_DONE);
	ck_assert_int_eq(make("INBOX.z"), TREE_DONE);
	ck_assert_int_eq(rename_to("INBOX.a", "INBOX.c.d"), TREE_DONE);
	list_is("INBOX+ INBOX.ab (INBOX.c)+ INBOX.c.d+ INBOX.c.d.b INBOX.z");
	ck_assert_int_eq(rename_to("INBOX.c", "INBOX.e"), TREE_DONE);
	list_is("INBOX+ INBOX.ab (INBOX.e)+ INBOX.e.d+ INBOX.e.d.b INBOX.z");
	ck_assert_int_eq(rename_to("INBOX.e.d", "INBOX.z"), TREE_EXISTS);
	ck_assert_int_eq(rename_to("INBOX.none", "INBOX.q"), TREE_MISSING);
	ck_assert_int_eq(rename_to("INBOX", "INBOX.q"), TREE_REFUSED);
	ck_assert_int_eq(rename_to("INBOX.z", "INBOX"), TREE_EXISTS);
	ck_assert_int_eq(rename_to("INBOX.z", "INBOX.z.y"), TREE_DONE);
}
END_TEST

START_TEST(rename_undone)
{
	ck_assert_int_eq(make("INBOX.a"), TREE_DONE);
	ck_assert_int_eq(make("INBOX.a.b"), TREE_DONE);
	fault_arm(FAULT_LINK, 2, EIO, false);
	ck_assert_int_eq(rename_to("INBOX.a", "INBOX.c"), TREE_TROUBLE);
	list_is("INBOX+ INBOX.a+ INBOX.a.b");
	fault_arm(FAULT_SYNC, 1, EIO, false);
	ck_assert_int_eq(rename_to("INBOX.a", "INBOX.c"), TREE_TROUBLE);
	list_is("INBOX+ INBOX.a+ INBOX.a.b");
	ck_assert_int_eq(rename_to("INBOX.a", "INBOX.c"), TREE_DONE);
}
END_TEST

START_TEST(uidvalidity_grows)
{
	uint32_t first = tree_uidvalidity(t, &why), next;
	char *text;

	ck_assert_uint_gt(first, 1700000000);
	next = tree_uidvalidity(t, &why);
	ck_assert_uint_gt(next, first);
	scratch_write(base, "dovecot-uidvalidity", "fffffff0");
	ck_assert_uint_eq(tree_uidvalidity(t, &why), 0xfffffff1);
	ck_assert_uint_eq(tree_uidvalidity(t, &why), 0xfffffff2);
	scratch_write(base, "facteur.uidvalidity", "4294967295\n");
	ck_assert_uint_eq(tree_uidvalidity(t, &why), 0);
	scratch_write(base, "facteur.uidvalidity", "damaged");
	ck_assert_uint_eq(tree_uidvalidity(t, &why), 0xfffffff1);
	text = scratch_read(base, "facteur.uidvalidity");
	ck_assert_str_eq(text, "4294967281\n");
	free(text);
	fault_arm(FAULT_SYNC, 1, EIO, false);
	ck_assert_uint_eq(tree_uidvalidity(t, &why), 0);
}
END_TEST

static void
fill(TCase *t_case)
{
	tcase_add_checked_fixture(t_case, setup, teardown);
	tcase_add_test(t_case, made_and_listed);
	tcase_add_test(t_case, strange_entries);
	tcase_add_test(t_case, both_encodings);
	tcase_add_test(t_case, removed);
	tcase_add_test(t_case, removal_cut_short);
	tcase_add_test(t_case, renamed);
	tcase_add_test(t_case, rename_undone);
	tcase_add_test(t_case, uidvalidity_grows);
}

int
main(void)
{
	return unit_main("mailbox/tree", fill);
}
