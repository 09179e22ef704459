/* test_subs.c - mailbox/subs.h */

#include "mailbox/subs.h"

#include "base/arena.h"
#include "base/why.h"
#include "mailbox/tree.h"
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
	ck_assert_ptr_nonnull(t);
}

static void
teardown(void)
{
	tree_close(&t);
	why_free(&why);
	scratch_free(&base);
}

/* What a file holds, what we see, and what it holds after a name was added. */
static const struct {
	const char *file;
	const char *before;
	const char *seen;
	const char *added;
	const char *after;
} files[] = {
	{ "courierimapsubscribed", NULL, "", "INBOX.x&y", "INBOX.x&y\n" },
	{ "courierimapsubscribed", "INBOX.b\nINBOX\nINBOX.b\n\nINBOX.gone",
	    "INBOX INBOX.b INBOX.gone", "INBOX.a",
	    "INBOX\nINBOX.a\nINBOX.b\nINBOX.gone\n" },
	{ "courierimapsubscribed", "INBOX.Entw\xc3\xbcrfe\n",
	    "INBOX.Entw\xc3\xbcrfe", "INBOX.\xc3\xa9",
	    "INBOX.Entw\xc3\xbcrfe\nINBOX.\xc3\xa9\n" },
	{ "courierimapsubscribed", "INBOX.Entw&APw-rfe\n",
	    "INBOX.Entw\xc3\xbcrfe", "INBOX.\xc3\xa9",
	    "INBOX.Entw&APw-rfe\nINBOX.&AOk-\n" },
	{ "subscriptions", "Sent\nEntw&APw-rfe\nINBOX\na&-b\n",
	    "INBOX INBOX.Entw\xc3\xbcrfe INBOX.Sent INBOX.a&b",
	    "INBOX.\xc3\xa9", "INBOX\nEntw&APw-rfe\nSent\na&-b\n&AOk-\n" },
	{ "subscriptions", "V\t2\n\nSent\nParent\tchild\x01\x31\x01tx\n",
	    "INBOX.Parent.child\x01\tx INBOX.Sent", "INBOX.a.b",
	    "V\t2\n\nParent\tchild\x01\x31\x01tx\nSent\na\tb\n" },
};

static char *
seen(void)
{
	struct arena *a = arena_new();
	struct buf out = BUF_EMPTY;
	size_t n;
	struct span *list = subs_list(t, a, &n, &why);

	ck_assert_ptr_nonnull(list);
	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%s%.*s", i == 0 ? "" : " ", (int)list[i].n,
		    list[i].p);
	arena_free(&a);
	buf_add_byte(&out, '\0');
	return buf_take(&out);
}

START_TEST(each_form)
{
	struct span name = span_str(files[_i].added);
	char *text;

	if (files[_i].before != NULL)
		scratch_write(base, files[_i].file, files[_i].before);
	text = seen();
	ck_assert_str_eq(text, files[_i].seen);
	free(text);
	ck_assert_int_eq(subs_set(t, name, true, &why), 0);
	text = scratch_read(base, files[_i].file);
	ck_assert_str_eq(text, files[_i].after);
	free(text);
	ck_assert_int_eq(subs_set(t, name, true, &why), 0);
	ck_assert_int_eq(subs_set(t, name, false, &why), 0);
	text = seen();
	ck_assert_str_eq(text, files[_i].seen);
	free(text);
}
END_TEST

START_TEST(newer_file_speaks)
{
	struct timespec then[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	char *path = mem_printf("%s/courierimapsubscribed", base), *text;

	scratch_write(base, "courierimapsubscribed", "INBOX.c\n");
	scratch_write(base, "subscriptions", "d\n");
	ck_assert_int_eq(utimensat(AT_FDCWD, path, then, 0), 0);
	text = seen();
	ck_assert_str_eq(text, "INBOX.d");
	free(text);
	free(path);
}
END_TEST

START_TEST(begun_once)
{
	const struct span first[] = { SPAN("INBOX.a"), SPAN("INBOX") };
	const struct span second[] = { SPAN("INBOX.b") };
	char *text;

	ck_assert(!subs_known(t));
	ck_assert_int_eq(subs_begin(t, first, 2, &why), 0);
	ck_assert(subs_known(t));
	ck_assert_int_eq(subs_begin(t, second, 1, &why), 0);
	text = seen();
	ck_assert_str_eq(text, "INBOX INBOX.a");
	free(text);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, each_form, 0, UNIT_COUNT(files));
	tcase_add_test(c, newer_file_speaks);
	tcase_add_test(c, begun_once);
}

int
main(void)
{
	return unit_main("mailbox/subs", fill);
}
