/* test_import.c - mailbox/import.h: folders of Courier and Dovecot */

#include "mailbox/import.h"

#include <time.h>

#include "base/arena.h"
#include "base/table.h"
#include "base/why.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "mailbox/view.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;
static int dir;
static struct arena *a;

static void
setup(void)
{
	base = scratch_new();
	dir = file_open_dir(AT_FDCWD, base, false);
	a = arena_new();
}

static void
teardown(void)
{
	file_close(&dir);
	arena_free(&a);
	scratch_free(&base);
}

/* "validity next: uid base uidl kw,kw; ..." */
static char *
told(const struct import *im)
{
	struct buf out = BUF_EMPTY;

	buf_printf(&out, "%u %u:", im->head.validity, im->head.next);
	for (size_t i = 0; i < im->count; i++) {
		const struct uid_entry *e = &im->list[i];

		buf_printf(&out, " %u %.*s", e->uid, (int)e->base.n, e->base.p);
		if (e->uidl.n > 0)
			buf_printf(&out, " %.*s", (int)e->uidl.n, e->uidl.p);
		for (size_t k = 0; k < keywords_count(im->names); k++)
			if (kwset_has(&e->kw, k))
				buf_printf(
				    &out, " %s", keywords_name(im->names, k).p);
		buf_add_byte(&out, ';');
	}
	return buf_take(&out);
}

static const struct {
	const char *courier, *dovecot;
	enum import_source source;
	size_t skipped;
	const char *want;
} lists[] = {
	{ NULL, NULL, IMPORT_NONE, 0, "0 1:" },
	{ "1 795489460 9\n1 5.h,S=27\n3 6.h\n", NULL, IMPORT_COURIER, 0,
	    "795489460 9: 1 5.h,S=27; 3 6.h;" },
	{ "2 795489460 9\n1 5.h\n", NULL, IMPORT_NONE, 0, "0 1:" },
	{ "", NULL, IMPORT_NONE, 0, "0 1:" },
	{ "1 7 2\nrubbish\n9 5.h\n4294967295 x\n9 6.h\n0 z\n", NULL,
	    IMPORT_COURIER, 4, "7 10: 9 5.h;" },
	{ NULL,
	    "3 V1795488878 N48 G048a472a6efc046b6b2a000083ecc375 Xzzz\n"
	    "1 :5.vm,S=58,W=61\n2 W75 Pabc O3 :6.vm,S=70:2,S\n",
	    IMPORT_DOVECOT, 0,
	    "1795488878 48: 1 5.vm,S=58,W=61; "
	    "2 6.vm,S=70 abc;" },
	{ NULL, "3 V5 N4\n1 :a\n2 :b\n3 :a\n", IMPORT_DOVECOT, 0,
	    "5 4: 2 b; 3 a;" },
	{ NULL, "1 77 4\n1 a\n3 b\n", IMPORT_DOVECOT, 0, "77 4: 1 a; 3 b;" },
	{ NULL, "3 N4\n1 :a\n", IMPORT_NONE, 0, NULL },
	{ NULL, "3 V5 N4\n1 W\nx :b\n2 :\n3 :ok\n", IMPORT_DOVECOT, 3,
	    "5 4: 3 ok;" },
	/* the newer one speaks */
	{ "1 1 9\n1 a\n", "3 V2 N9\n4 :a\n", IMPORT_DOVECOT, 0, "2 9: 4 a;" },
	/* but a damaged one does not */
	{ "1 1 9\n1 a\n", "9 V2 N9\n4 :a\n", IMPORT_COURIER, 0, "1 9: 1 a;" },
};

START_TEST(uid_lists)
{
	struct timespec then[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };
	struct import im;
	char *text;

	if (lists[_i].courier != NULL) {
		scratch_write(base, "courierimapuiddb", lists[_i].courier);
		ck_assert_int_eq(
		    utimensat(dir, "courierimapuiddb", then, 0), 0);
	}
	if (lists[_i].dovecot != NULL)
		scratch_write(base, "dovecot-uidlist", lists[_i].dovecot);
	import_read(dir, NULL, 0, a, &im);
	ck_assert_int_eq(im.source, lists[_i].source);
	if (lists[_i].want != NULL) {
		text = told(&im);
		ck_assert_str_eq(text, lists[_i].want);
		free(text);
		ck_assert_uint_eq(im.skipped, lists[_i].skipped);
	}
	import_done(&im);
}
END_TEST

START_TEST(courier_keywords)
{
	struct import im;
	char *text;

	scratch_write(base, "courierimapuiddb",
	    "1 7 9\n1 1.a\n2 2.a\n3 3.a\n4 4.a\n5 5.a\n");
	scratch_mkdir(base, "courierimapkeywords");
	scratch_write(base, "courierimapkeywords/:list",
	    "$Junk\nwork\n\n1.a:0 1\n2.a:1\n3.a:0\n9.a:0\n4.a:7\n");
	/* newer than the list */
	scratch_write(base, "courierimapkeywords/2.a", "fresh\n$Junk\n");
	scratch_write(base, "courierimapkeywords/3.a", "");
	scratch_write(base, "courierimapkeywords/.100.5.a", "old\n");
	scratch_write(base, "courierimapkeywords/.101.5.a", "new\n");
	scratch_write(base, "courierimapkeywords/.999.2.a", "merged\n");
	import_read(dir, NULL, 0, a, &im);
	text = told(&im);
	/* in the order in which keywords get numbers, which is not fixed */
	ck_assert_ptr_nonnull(strstr(text, "1 1.a $Junk work;"));
	ck_assert(strstr(text, "2 2.a $Junk fresh;") != NULL);
	ck_assert_ptr_nonnull(strstr(text, "3 3.a;"));
	ck_assert_ptr_nonnull(strstr(text, "4 4.a;"));
	ck_assert_ptr_nonnull(strstr(text, "5 5.a new;"));
	free(text);
	import_done(&im);
}
END_TEST

START_TEST(dovecot_keywords)
{
	struct span files[] = { SPAN("1.a:2,Sab"), SPAN("2.a:2,bz"),
		SPAN("3.a") };
	struct import im;
	char *text;

	scratch_write(base, "dovecot-uidlist", "3 V5 N9\n1 :1.a\n2 :2.a\n");
	scratch_write(base, "dovecot-keywords", "0 $Label1\n1 $Junk\n99 x\n");
	import_read(dir, files, 3, a, &im);
	text = told(&im);
	ck_assert_str_eq(text, "5 9: 1 1.a $Label1 $Junk; 2 2.a $Junk;");
	free(text);
	import_done(&im);
}
END_TEST

START_TEST(courier_pop3)
{
	struct import im;
	struct uid_entry *e;

	scratch_write(base, "courierpop3dsizelist",
	    "/3 12 1795489460\n1.a 100 5:1795489460:0\n2.a 7 6:0\n"
	    "3'+ b 9 0:1:1\nrubbish\n");
	import_read(dir, NULL, 0, a, &im);
	ck_assert_int_eq(im.source, IMPORT_NONE);
	e = table_get(im.by_base, SPAN("1.a"));
	ck_assert(e != NULL && span_is(e->uidl, "UID5-1795489460"));
	e = table_get(im.by_base, SPAN("2.a"));
	ck_assert(e != NULL && span_is(e->uidl, "UID6"));
	e = table_get(im.by_base, SPAN("3'+ b"));
	ck_assert(e != NULL && span_is(e->uidl, "3+27+2B+20b"));
	import_done(&im);
}
END_TEST

struct uidls {
	struct buf text;
};

static void
note_uidl(void *arg, uint32_t uid, struct span uidl)
{
	struct uidls *u = arg;

	buf_printf(&u->text, "%u=%.*s ", uid, (int)uidl.n, uidl.p);
}

/* The whole way: a folder of Courier's opened by us. */
START_TEST(taken_over)
{
	static const struct folder_conf conf = { "INBOX.", '.', FOLDER_AUTO,
		false };
	struct why why;
	struct tree *t;
	enum tree_result got;
	struct uidls u = { BUF_EMPTY };

	why_init(&why);
	scratch_mkdir(base, "new");
	scratch_mkdir(base, "cur");
	scratch_write(base, "cur/5.h,S=3:2,S", "x\n");
	scratch_write(base, "cur/6.h:2,R", "x\n");
	scratch_write(base, "new/7.h", "x\n");
	scratch_write(base, "courierimapuiddb",
	    "1 4000000000 20\n11 6.h\n12 5.h,S=3\n13 gone.h\n");
	scratch_mkdir(base, "courierimapkeywords");
	scratch_write(base, "courierimapkeywords/6.h", "$Forwarded\n");
	scratch_write(base, "courierpop3dsizelist",
	    "/3 12 9\n5.h,S=3 3 5:9:0\n7.h 2 6:9:0\n");
	t = tree_open(AT_FDCWD, base, &conf, &why);
	for (int round = 0; round < 3; round++) {
		const struct view_conf c = { .tree = t };
		struct maildir *m = tree_folder(t, SPAN("INBOX"), &got, &why);
		struct view *v = view_open(&m, &c, &why);

		ck_assert_msg(v != NULL, "%s", why_text(&why));
		ck_assert_uint_eq(view_validity(v), 4000000000);
		ck_assert_uint_eq(view_count(v), 3);
		ck_assert_uint_eq(view_at(v, 0)->uid, 11);
		ck_assert_uint_eq(view_at(v, 0)->flags, FLAG_ANSWERED);
		ck_assert(kwset_has(&view_at(v, 0)->kw, 0));
		ck_assert_uint_eq(view_at(v, 1)->uid, 12);
		ck_assert_uint_eq(view_at(v, 2)->uid, 20);
		buf_clear(&u.text);
		ck_assert_int_eq(view_uidls(v, note_uidl, &u, &why), 0);
		ck_assert_str_eq(buf_str(&u.text), "12=UID5-9 20=UID6-9 ");
		view_close(&v);
		if (round == 1) { /* the POP3 names outlive a rewrite */
			char *path = mem_printf("%s/facteur.uids", base);
			int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);

			ck_assert_int_eq(write(fd, "rubbish\n", 8), 8);
			close(fd);
			free(path);
		}
	}
	/* any UIDVALIDITY to come is greater */
	ck_assert_uint_eq(tree_uidvalidity(t, &why), 4000000001);
	buf_free(&u.text);
	tree_close(&t);
	why_free(&why);
}
END_TEST

/* UIDs that we gave after the import are not given again by another. */
START_TEST(imported_once)
{
	static const struct folder_conf conf = { "INBOX.", '.', FOLDER_AUTO,
		false };
	static const char *const files[] = { "facteur.uids", "facteur.index",
		"facteur.log" };
	struct why why;
	struct tree *t;
	enum tree_result got;

	why_init(&why);
	scratch_mkdir(base, "cur");
	scratch_write(base, "cur/5.h:2,S", "x\n");
	scratch_write(base, "courierimapuiddb", "1 77 2\n1 5.h\n");
	t = tree_open(AT_FDCWD, base, &conf, &why);
	for (int round = 0; round < 2; round++) {
		const struct view_conf c = { .tree = t };
		struct maildir *m = tree_folder(t, SPAN("INBOX"), &got, &why);
		struct view *v = view_open(&m, &c, &why);

		ck_assert_ptr_nonnull(v);
		ck_assert_int_eq(view_validity(v) == 77, round == 0);
		view_close(&v);
		for (int i = 0; i < UNIT_COUNT(files); i++)
			ck_assert_int_eq(unlinkat(dir, files[i], 0), 0);
	}
	tree_close(&t);
	why_free(&why);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, uid_lists, 0, UNIT_COUNT(lists));
	tcase_add_test(c, courier_keywords);
	tcase_add_test(c, dovecot_keywords);
	tcase_add_test(c, courier_pop3);
	tcase_add_test(c, taken_over);
	tcase_add_test(c, imported_once);
}

int
main(void)
{
	return unit_main("mailbox/import", fill);
}
