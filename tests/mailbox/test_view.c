/* test_view.c - mailbox/view.h: several sessions and other programs */

#include "mailbox/view.h"

#include "tests/mailbox/views.h"
#include "tests/unit.h"

START_TEST(first_open)
{
	struct view *v;

	three();
	v = open_as(false, _i == 1);
	is(v, "1:S 2: 3:");
	ck_assert_uint_eq(view_next_uid(v), 4);
	ck_assert_uint_gt(view_validity(v), 1700000000);
	ck_assert_uint_eq(view_recent_count(v), 2);
	ck_assert(!view_recent(v, 0) && view_recent(v, 1));
	ck_assert_uint_eq(view_unseen_first(v), 1);
	ck_assert(span_is(view_name(v, 1), "100.M1P1.h,S=6,W=8:2,"));
	ck_assert_uint_eq(scratch_count(base, "new"), 0);
	ck_assert_uint_eq(scratch_count(base, "cur"), 3);
	ck_assert(!view_has_more(v) && !view_has_gone(v));
	view_close(&v);
	ck_assert(scratch_has(base, INDEX_FILE) == (where == HERE));
	ck_assert(scratch_has(base, INDEX_LOG) == (where != NOWHERE));
	v = open_as(false, _i == 1);
	is(v, "1:S 2: 3:");
	ck_assert_uint_eq(view_recent_count(v), 0);
	view_close(&v);
}
END_TEST

START_TEST(read_only_moves_nothing)
{
	struct view *v;

	three();
	v = open_as(true, true);
	is(v, "1:S 2: 3:");
	ck_assert_uint_eq(view_recent_count(v), 2);
	ck_assert_uint_eq(scratch_count(base, "new"), 2);
	view_close(&v);
}
END_TEST

START_TEST(new_mail)
{
	struct view *v;

	three();
	v = open_as(false, _i == 1);
	scratch_write(base, "new/200.M1P1.h", "A: b\n\n");
	ck_assert_int_eq(view_sync(v, &why), 0);
	ck_assert_uint_eq(view_count(v), 3);
	ck_assert(view_has_more(v));
	view_show(v);
	is(v, "1:S 2: 3: 4:");
	ck_assert(view_recent(v, 3));
	ck_assert_int_eq(view_sync(v, &why), 0);
	ck_assert(!view_has_more(v));
	view_close(&v);
}
END_TEST

/* Another program changes flags, removes, and puts back. */
START_TEST(foreign_changes)
{
	char *a = mem_printf("%s/cur/100.M1P1.h,S=6,W=8:2,", base);
	char *b = mem_printf("%s/cur/100.M1P1.h,S=6,W=8:2,FRa", base);
	char *c = mem_printf("%s/cur/99.M9P1.h,S=6,W=8:2,S", base);
	struct view *v;
	size_t i = 0;
	uint64_t modseq;

	three();
	v = open_as(false, _i == 1);
	modseq = view_highest(v);
	ck_assert_int_eq(rename(a, b), 0);
	ck_assert_int_eq(unlink(c), 0);
	ck_assert_int_eq(view_sync(v, &why), 0);
	is(v, "!1:S 2:FR 3:");
	ck_assert(view_next_news(v, &i));
	ck_assert_uint_eq(i, 1);
	ck_assert(!view_next_news(v, &i));
	ck_assert_uint_gt(view_at(v, 1)->modseq, modseq);
	ck_assert(view_has_gone(v));
	sync_show(v);
	is(v, "2:FR 3:");
	/* the letter a is Dovecot's and stays */
	store(v, 0, VIEW_SET, FLAG_SEEN, NULL);
	ck_assert(span_is(view_name(v, 0), "100.M1P1.h,S=6,W=8:2,Sa"));
	/* put back: a new message */
	scratch_write(base, "cur/99.M9P1.h,S=6,W=8:2,S", "A: b\n\n");
	sync_show(v);
	is(v, "2:S 3: 4:S");
	view_close(&v);
	v = open_as(false, _i == 1);
	is(v, "2:S 3: 4:S");
	view_close(&v);
	free(a);
	free(b);
	free(c);
}
END_TEST

/* A rename by another program between our look and our change. */
/* Where another machine's clock makes the stamps, they count after a while. */
START_TEST(others_clock)
{
	struct view *v;

	three();
	v = open_as(true, false);
	v->clock = CLOCK_OTHERS;
	for (int i = 0; i < 2; i++)
		v->x.stamps[i].settled = false;
	for (int i = 0; i < 3; i++) {
		ck_assert(view_peek(v));
		ck_assert_int_eq(view_sync(v, &why), 0);
	}
	for (int i = 0; i < 2; i++)
		v->seen_since[i] -= 61001;
	ck_assert_int_eq(view_sync(v, &why), 0);
	ck_assert(!view_peek(v));
	ck_assert_int_eq(view_sync(v, &why), 0);
	ck_assert(!view_peek(v));
	scratch_write(base, "new/300.M1P1.h", "A: b\n\n");
	ck_assert(view_peek(v));
	sync_show(v);
	ck_assert_uint_eq(view_count(v), 4);
	ck_assert(view_peek(v));
	view_close(&v);
}
END_TEST

START_TEST(store_finds_renamed)
{
	char *a = mem_printf("%s/cur/100.M1P1.h,S=6,W=8:2,", base);
	char *b = mem_printf("%s/cur/100.M1P1.h,S=6,W=8:2,R", base);
	struct view *v;

	three();
	v = open_as(false, _i == 1);
	ck_assert_int_eq(rename(a, b), 0);
	store(v, 1, VIEW_ADD, FLAG_FLAGGED, NULL);
	is(v, "1:S 2:FR 3:");
	view_close(&v);
	free(a);
	free(b);
}
END_TEST

START_TEST(two_sessions)
{
	struct view *v, *w;
	size_t i = 0;

	three();
	v = open_as(false, _i == 1);
	w = open_as(false, _i == 1);
	store(v, 0, VIEW_ADD, FLAG_FLAGGED, "one");
	store(w, 0, VIEW_ADD, FLAG_ANSWERED, "two");
	store(w, 1, VIEW_ADD, FLAG_DELETED, NULL);
	sync_show(v);
	sync_show(w);
	is(v, "1:FRS:one:two 2:T 3:");
	is(w, "1:FRS:one:two 2:T 3:");
	i = 0;
	ck_assert(view_next_news(v, &i) && i == 0);
	ck_assert(view_next_news(v, &i) && i == 1);
	ck_assert(!view_next_news(v, &i));
	expunge_all(v);
	ck_assert_int_eq(view_sync(w, &why), 0);
	is(w, "1:FRS:one:two !2:T 3:");
	sync_show(w);
	is(w, "1:FRS:one:two 3:");
	scratch_write(base, "new/300.M1P1.h", "A: b\n\n");
	sync_show(v);
	sync_show(w);
	is(v, "1:FRS:one:two 3: 4:");
	is(w, "1:FRS:one:two 3: 4:");
	ck_assert(view_recent(v, 2) && !view_recent(w, 2));
	view_close(&v);
	view_close(&w);
	v = open_as(true, false);
	is(v, "1:FRS:one:two 3: 4:");
	view_close(&v);
}
END_TEST

struct purged {
	struct buf text;
};

static void
note_purged(void *arg, size_t i, uint32_t uid)
{
	struct purged *p = arg;

	buf_printf(&p->text, "%zu/%u ", i, uid);
}

/* A keyword is taken away, then the list of UIDs is written anew, which has no
 * word on it: who had seen it sees it go. */
START_TEST(keyword_goes_with_the_list)
{
	struct view *a, *b;
	size_t at = 0;

	three();
	a = open_as(false, _i == 1);
	b = open_as(false, false);
	store(a, 0, VIEW_ADD, 0, "one");
	store(a, 1, VIEW_ADD, 0, "two");
	sync_show(b);
	is(b, "1:S:one 2::two 3:");
	while (view_next_news(b, &at))
		at++;
	store(a, 0, VIEW_REMOVE, 0, "one");
	ck_assert_int_eq(view_lock(a, &why), 0);
	ck_assert_int_eq(view_rewrite_uids(a, &why), 0);
	uidlist_unlock(a->uids);
	sync_show(b);
	is(b, "1:S 2::two 3:");
	at = 0;
	ck_assert(view_next_news(b, &at));
	ck_assert_uint_eq(at, 0);
	ck_assert(!view_next_news(b, &at));
	view_close(&b);
	view_close(&a);
}
END_TEST

START_TEST(purge_numbers)
{
	struct purged p = { BUF_EMPTY };
	struct view *v;

	for (int i = 1; i <= 6; i++) {
		char *name = mem_printf("cur/%d.h:2,%s", i, i % 2 ? "T" : "");

		scratch_write(base, name, "A: b\n\n");
		free(name);
	}
	v = open_as(false, true);
	expunge_all(v);
	view_purge(v, note_purged, &p);
	ck_assert_str_eq(buf_str(&p.text), "0/1 1/3 2/5 ");
	is(v, "2: 4: 6:");
	buf_free(&p.text);
	view_close(&v);
}
END_TEST

START_TEST(unchanged_since)
{
	static const uint32_t at[] = { 0, 1, 2 };
	struct view_change c = { VIEW_ADD, FLAG_FLAGGED, NULL, 0, 0, NULL, 0,
		false };
	struct view *v;

	three();
	v = open_as(false, false);
	c.unchanged_since = view_highest(v);
	store(v, 1, VIEW_ADD, FLAG_SEEN, NULL);
	ck_assert_int_eq(view_store(v, at, 3, &c, &why), 0);
	is(v, "1:FS 2:S 3:F");
	ck_assert((view_at(v, 0)->bits & MSG_MARK) == 0);
	ck_assert((view_at(v, 1)->bits & MSG_MARK) != 0);
	ck_assert_uint_eq(view_at(v, 0)->modseq, view_highest(v));
	view_close(&v);
}
END_TEST

START_TEST(sizes_and_dates)
{
	struct timespec then[2] = { { .tv_sec = 1000000000 },
		{ .tv_sec = 1000000000 } };
	char *path = mem_printf("%s/new/5.h", base);
	uint64_t wire;
	int64_t date;
	struct view *v;

	scratch_write(base, "new/5.h", "A: b\r\n\nx\n");
	ck_assert_int_eq(utimensat(AT_FDCWD, path, then, 0), 0);
	v = open_as(false, false);
	ck_assert_int_eq(view_wire_size(v, 0, &wire, &why), 0);
	ck_assert_uint_eq(wire, 11);
	ck_assert_uint_eq(view_at(v, 0)->size, 9);
	ck_assert_int_eq(view_date(v, 0, &date, &why), 0);
	ck_assert_int_eq(date, 1000000000);
	store(v, 0, VIEW_ADD, FLAG_SEEN, NULL);
	view_close(&v);
	v = open_as(true, false);
	ck_assert(where == NOWHERE ||
	    (view_at(v, 0)->bits & (MSG_WIRE_SIZED | MSG_DATED)) ==
		(MSG_WIRE_SIZED | MSG_DATED));
	ck_assert_int_eq(view_date(v, 0, &date, &why), 0);
	ck_assert_int_eq(date, 1000000000);
	view_close(&v);
	free(path);
}
END_TEST

START_TEST(twins)
{
	struct view *v;

	scratch_write(base, "cur/5.h:2,S", "one");
	scratch_write(base, "new/5.h", "two");
	scratch_write(base, "cur/6.h:2,", "x");
	scratch_write(base, "cur/6.h:2,F", "y");
	v = open_as(false, false);
	ck_assert_uint_eq(view_count(v), 4);
	ck_assert_uint_eq(scratch_count(base, "cur"), 4);
	view_close(&v);
	v = open_as(false, false);
	ck_assert_uint_eq(view_count(v), 4);
	view_close(&v);
}
END_TEST

/* A file with the base of a message that is there: the UID stays with the file
 * that has it, wherever the other one lies and however it is read first. */
START_TEST(twin_comes_later)
{
	static const char *const others[] = { "new/5.h", "cur/5.h:2,F",
		"cur/5.h:2,S", "new/4.h", "cur/4.h:2,R" };
	char line[8] = "";
	struct view *v;

	scratch_write(base, "cur/5.h:2,", "one");
	scratch_write(base, "new/4.h", "one");
	for (int watch = 0; watch < 2; watch++) {
		v = open_as(true, watch == 1);
		ck_assert_uint_eq(view_count(v), 2u + (unsigned)watch);
		if (watch == 0)
			scratch_write(
			    base, others[_i], _i == 3 ? "one" : "other");
		sync_show(v);
		ck_assert_uint_eq(view_count(v), _i == 3 ? 2 : 3);
		for (size_t i = 0; i < 2; i++) {
			int fd = view_file(v, i, &why);

			ck_assert_uint_eq(view_at(v, i)->uid, i + 1);
			ck_assert_int_eq(read(fd, line, 5), 3);
			ck_assert_str_eq(line, "one");
			close(fd);
		}
		view_close(&v);
		if (_i == 3)
			break;
	}
}
END_TEST

START_TEST(linked_twin_is_one)
{
	char *a = mem_printf("%s/cur/5.h:2,S", base);
	char *b = mem_printf("%s/new/5.h", base);
	struct view *v;

	scratch_write(base, "cur/5.h:2,S", "one");
	ck_assert_int_eq(link(a, b), 0);
	v = open_as(false, false);
	ck_assert_uint_eq(view_count(v), 1);
	ck_assert_uint_eq(
	    scratch_count(base, "cur") + scratch_count(base, "new"), 1);
	view_close(&v);
	free(a);
	free(b);
}
END_TEST

START_TEST(folder_removed)
{
	enum tree_result got;
	const struct view_conf c = { .tree = tree, .watch = _i == 1 };
	struct maildir *m;
	struct view *v;

	ck_assert_int_eq(tree_make(tree, SPAN("INBOX.a"), &why), TREE_DONE);
	scratch_write(base, ".a/new/1.h", "A: b\n\n");
	m = tree_folder(tree, SPAN("INBOX.a"), &got, &why);
	v = view_open(&m, &c, &why);
	ck_assert_uint_eq(view_count(v), 1);
	ck_assert_int_eq(tree_remove(tree, SPAN("INBOX.a"), &why), TREE_DONE);
	ck_assert_int_eq(view_sync(v, &why), -1);
	ck_assert(view_is_lost(v));
	view_close(&v);
}
END_TEST

START_TEST(status)
{
	struct view_status s = { .want_bytes = true };
	enum tree_result got;
	struct maildir *m;
	struct view *v;

	three();
	for (int round = 0; round < 3; round++) {
		m = tree_folder(tree, SPAN("INBOX"), &got, &why);
		ck_assert_int_eq(view_status(&m, tree, &s, &why), 0);
		ck_assert_ptr_null(m);
		ck_assert_uint_eq(s.totals.messages, 3);
		ck_assert_uint_eq(s.totals.unseen, 2);
		ck_assert_uint_eq(s.totals.recent, 2);
		ck_assert_uint_eq(s.totals.bytes, 24);
		ck_assert_uint_eq(s.head.next, 4);
	}
	v = open_as(false, false);
	store(v, 0, VIEW_ADD, FLAG_DELETED, NULL);
	m = tree_folder(tree, SPAN("INBOX"), &got, &why);
	ck_assert_int_eq(view_status(&m, tree, &s, &why), 0);
	ck_assert_uint_eq(s.totals.deleted, 1);
	ck_assert_uint_eq(s.totals.recent, 0);
	expunge_all(v);
	view_close(&v);
	m = tree_folder(tree, SPAN("INBOX"), &got, &why);
	ck_assert_int_eq(view_status(&m, tree, &s, &why), 0);
	ck_assert_uint_eq(s.totals.messages, 2);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(c, first_open, 0, 2);
	tcase_add_test(c, read_only_moves_nothing);
	tcase_add_loop_test(c, new_mail, 0, 2);
	tcase_add_loop_test(c, foreign_changes, 0, 2);
	tcase_add_test(c, others_clock);
	tcase_add_loop_test(c, store_finds_renamed, 0, 2);
	tcase_add_loop_test(c, two_sessions, 0, 2);
	tcase_add_loop_test(c, keyword_goes_with_the_list, 0, 2);
	tcase_add_test(c, purge_numbers);
	tcase_add_test(c, unchanged_since);
	tcase_add_test(c, sizes_and_dates);
	tcase_add_test(c, twins);
	tcase_add_loop_test(c, twin_comes_later, 0, 5);
	tcase_add_test(c, linked_twin_is_one);
	tcase_add_loop_test(c, folder_removed, 0, 2);
	tcase_add_test(c, status);
}

int
main(void)
{
	return views_main("mailbox/view", fill, true);
}
