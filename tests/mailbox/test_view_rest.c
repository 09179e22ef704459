/* test_view_rest.c - a view whose client is silent for a while */

#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "mailbox/view.h"
#include "tests/mailbox/views.h"
#include "tests/unit.h"

static void
nothing(struct view *v)
{
	(void)v;
}

static void
new_mail(struct view *v)
{
	scratch_write(base, "new/300.M1P1.h", "A: b\n\n");
	sync_show(v);
}

static void
own_flag(struct view *v)
{
	store(v, 1, VIEW_ADD, FLAG_FLAGGED, NULL);
}

static void
damage(struct view *v)
{
	char *path = index_file(INDEX_FILE);
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	(void)v;
	ck_assert_int_eq(pwrite(fd, "damage", 6, 600), 6);
	close(fd);
	free(path);
}

static void
removed(struct view *v)
{
	char *path = index_file(INDEX_FILE);

	(void)v;
	ck_assert_int_eq(unlink(path), 0);
	free(path);
}

static void
others(struct view *v)
{
	struct view *w = open_as(false, false);

	store(w, 0, VIEW_ADD, FLAG_DELETED, "one");
	expunge_all(w);
	view_close(&w);
	ck_assert_int_eq(view_sync(v, &why), 0);
	is(v, "!1:ST:one 2: 3:");
	sync_show(v);
}

static void
others_and_damage(struct view *v)
{
	struct view *w = open_as(false, false);

	store(w, 0, VIEW_ADD, FLAG_FLAGGED, NULL);
	damage(v);
	sync_show(v);
	view_close(&w);
}

static void
foreign(struct view *v)
{
	char *from = mem_printf("%s/cur/100.M1P1.h,S=6,W=8:2,", base);
	char *to = mem_printf("%s/cur/100.M1P1.h,S=6,W=8:2,R", base);

	ck_assert_int_eq(rename(from, to), 0);
	sync_show(v);
	free(from);
	free(to);
}

/* Another session, which does not only add but moves it to cur/. */
static void
taken_in(struct view *v)
{
	struct view *w;

	scratch_write(base, "new/300.M1P1.h", "A: b\n\n");
	w = open_as(false, true);
	view_close(&w);
	ck_assert_int_eq(view_sync(v, &why), 0);
	if (v->watch != NULL) /* the kernel has said enough */
		ck_assert(!v->dirty[0] && !v->dirty[1]);
	sync_show(v);
	ck_assert((view_at(v, 3)->bits & MSG_IN_NEW) == 0);
	ck_assert(span_is(view_name(v, 3), "300.M1P1.h:2,"));
}

static const struct row {
	const char *name;
	void (*happens)(struct view *v);
	const char *then;
} rows[] = {
	{ "nothing", nothing, "1:S 2: 3:" },
	{ "new mail", new_mail, "1:S 2: 3: 4:" },
	{ "a flag of ours", own_flag, "1:S 2:F 3:" },
	{ "the index damaged", damage, "1:S 2: 3:" },
	{ "the index removed", removed, "1:S 2: 3:" },
	{ "another session", others, "2: 3:" },
	{ "another session, and damaged", others_and_damage, "1:FS 2: 3:" },
	{ "taken in by another session", taken_in, "1:S 2: 3: 4:" },
	{ "another program", foreign, "1:S 2:R 3:" },
};

static void
known_folder(void)
{
	struct view *v;

	three();
	v = open_as(false, false);
	view_close(&v);
	let_settle();
}

/* Twice, since what woke may sleep again. */
START_TEST(rests)
{
	const struct row *row = &rows[_i / 2];
	struct view *v;

	known_folder();
	v = open_as(false, _i % 2 == 1);
	is(v, "1:S 2: 3:");
	ck_assert(!v->asleep);
	view_rest(v);
	ck_assert_msg(v->asleep && v->x.list == NULL, "%s", row->name);
	ck_assert_uint_eq(view_count(v), 3);
	ck_assert_int_eq(view_sync(v, &why), 0);
	row->happens(v);
	is(v, row->then);
	let_settle();
	view_rest(v);
	is(v, row->then);
	ck_assert_int_eq(view_sync(v, &why), 0);
	is(v, row->then);
	view_close(&v);
	v = open_as(false, false);
	is(v, row->then);
	view_close(&v);
}
END_TEST

/* What is known of this session alone stays in memory. */
START_TEST(stays_awake)
{
	struct view *v, *w;

	three();
	let_settle();
	v = open_as(false, true);
	ck_assert_uint_eq(view_recent_count(v), 2);
	view_rest(v);
	ck_assert(!v->asleep);
	ck_assert_uint_eq(view_recent_count(v), 2);
	view_close(&v);
	let_settle();
	v = open_as(false, true);
	is(v, "1:S 2: 3:");
	w = open_as(false, false);
	store(w, 0, VIEW_ADD, FLAG_DELETED, NULL);
	expunge_all(w);
	view_close(&w);
	view_rest(v); /* does not learn it */
	is(v, "1:S 2: 3:");
	ck_assert_int_eq(view_sync(v, &why), 0);
	is(v, "!1:ST 2: 3:");
	view_rest(v);
	ck_assert(!v->asleep);
	is(v, "!1:ST 2: 3:");
	view_close(&v);
}
END_TEST

/* What was found out is on disk for whoever comes meanwhile. */
START_TEST(writes_what_it_learned)
{
	char *large = mem_new(40001);
	struct view *v, *w;
	struct span got;

	memset(large, 'x', 40000);
	known_folder();
	v = open_as(false, true);
	view_remember(v, 1, 3, span_str(large));
	ck_assert(!view_recall(v, 1, 3, &got));
	view_rest(v);
	ck_assert(v->asleep);
	w = open_as(false, false);
	ck_assert(view_recall(w, 1, 3, &got) && got.n == 40000);
	view_close(&w);
	ck_assert(view_recall(v, 1, 3, &got) && got.n == 40000);
	view_close(&v);
	free(large);
}
END_TEST

static struct uidlist *holder;

static void
release(int number)
{
	(void)number;
	uidlist_unlock(holder);
}

/* Another process holds the lock, for long: what can be written another time
 * is, and nobody waits. */
START_TEST(does_not_wait)
{
	const struct itimerval long_after = { { 0, 0 }, { 20, 0 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	char *large = mem_new(40001);
	struct uidlist_head head;
	struct view *v;
	struct span got;

	memset(large, 'x', 40000);
	known_folder();
	holder = uidlist_new(maildir_dir(tree_inbox(tree)), 0600);
	v = open_as(false, _i == 1);
	view_remember(v, 1, 3, span_str(large));
	view_keep_words(v, 1, 9, SPAN("signature"));
	ck_assert_int_eq(uidlist_lock(holder, &why), 0);
	ck_assert(signal(SIGALRM, release) != SIG_ERR);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &long_after, NULL), 0);
	view_rest(v);
	for (int i = 0; i < 30; i++) { /* more than is gathered before */
		view_remember(v, 2, (unsigned)i % 8, span_str(large));
		view_remember(v, 0, 1, span_str(large));
		for (int k = 0; k < 5; k++)
			view_keep_words(v, 2, 9, span_of(large, 8000));
	}
	view_words_flush(v);
	ck_assert_msg(view_cache_waits(v) && v->unwritten.n > 0,
	    "it has waited and written");
	ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
	ck_assert(uidlist_head(holder, &head));
	uidlist_unlock(holder);
	view_rest(v);
	ck_assert(!view_cache_waits(v) && v->asleep);
	ck_assert(view_words(v, 1, 9, &got) && span_is(got, "signature"));
	ck_assert(view_recall(v, 1, 3, &got) && got.n == 40000);
	view_close(&v);
	uidlist_free(&holder);
	free(large);
}
END_TEST

static struct view *
open_with(int *spare)
{
	const struct view_conf c = {
		.tree = tree, .watch = true, .spare_watch = spare
	};
	enum tree_result got;
	struct maildir *m = tree_folder(tree, SPAN("INBOX"), &got, &why);
	struct view *v = view_open(&m, &c, &why);

	ck_assert_msg(v != NULL, "%s", why_text(&why));
	return v;
}

/* One descriptor for folder after folder. */
START_TEST(watch_is_used_again)
{
	int spare = -1, fd = -1;
	struct view *v;

	three();
	for (unsigned i = 0; i < 3; i++) {
		char *name = mem_printf("new/40%u.M1P1.h", i);

		v = open_with(&spare);
		ck_assert_int_eq(spare, -1);
		ck_assert(fd == -1 || view_watch_fd(v) == fd);
		fd = view_watch_fd(v);
		scratch_write(base, name, "A: b\n\n");
		free(name);
		sync_show(v);
		ck_assert_uint_eq(view_count(v), 4 + i);
		if (i == 2)
			view_watch_given(v);
		view_close(&v);
		ck_assert_int_eq(spare, i == 2 ? -1 : fd);
	}
	/* what is none of inotify's is put away */
	spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	v = open_with(&spare);
	ck_assert_int_ne(view_watch_fd(v), -1);
	view_close(&v);
	close(spare);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(
	    c, rests, 0, 2 * (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(c, stays_awake);
	tcase_add_test(c, watch_is_used_again);
	tcase_add_test(c, writes_what_it_learned);
	tcase_add_loop_test(c, does_not_wait, 0, 2);
}

int
main(void)
{
	return views_main("mailbox/view_rest", fill, false);
}
