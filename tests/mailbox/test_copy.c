/* test_copy.c - mailbox/copy.h and mailbox/arrive.h */

#include "mailbox/copy.h"

#include <errno.h>
#include <sys/wait.h>

#include "base/why.h"
#include "mailbox/arrive.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/store.h"
#include "mailbox/tree.h"
#include "mailbox/uidlist.h"
#include "mailbox/view.h"
#include "os/fault.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;
static struct tree *t;
static struct why why;
static struct view *v;
static struct maildir *to;
static const struct folder_conf conf = { "INBOX.", '.', FOLDER_AUTO, false };

static struct view *
open_as(const char *name, bool read_only)
{
	const struct view_conf c = { .tree = t, .read_only = read_only };
	enum tree_result got;
	struct maildir *m = tree_folder(t, span_str(name), &got, &why);
	struct view *opened = view_open(&m, &c, &why);

	ck_assert_msg(opened != NULL, "%s", why_text(&why));
	return opened;
}

static struct view *
open_folder(const char *name)
{
	return open_as(name, false);
}

static void
setup(void)
{
	struct span kw = SPAN("$Junk");
	const struct view_change c = { VIEW_ADD, 0, &kw, 1, UINT64_MAX, NULL, 0,
		false };
	enum tree_result got;
	uint32_t one = 1;

	base = scratch_new();
	why_init(&why);
	t = tree_open(AT_FDCWD, base, &conf, &why);
	ck_assert_int_eq(tree_make(t, SPAN("INBOX.to"), &why), TREE_DONE);
	scratch_write(base, "cur/1.h,S=3,W=4:2,S", "ab\n");
	scratch_write(base, "cur/2.h,S=3:2,", "cd\n");
	scratch_write(base, "cur/3.h:2,F", "ef\n");
	v = open_folder("INBOX");
	ck_assert_int_eq(view_store(v, &one, 1, &c, &why), 0);
	to = tree_folder(t, SPAN("INBOX.to"), &got, &why);
	ck_assert_ptr_nonnull(to);
}

static void
teardown(void)
{
	disarm();
	view_close(&v);
	maildir_close(&to);
	tree_close(&t);
	why_free(&why);
	scratch_free(&base);
}

static char *
listed(const struct view *w)
{
	struct buf out = BUF_EMPTY;

	for (size_t i = 0; i < view_count(w); i++) {
		const struct msg *m = view_at(w, i);

		buf_printf(&out, "%s%s%u:%u:%d", i == 0 ? "" : " ",
		    (m->bits & MSG_GONE) != 0 ? "!" : "", m->uid, m->flags,
		    kwset_empty(&m->kw) ? 0 : 1);
	}
	return buf_take(&out);
}

static void
is(const struct view *w, const char *want)
{
	char *got = listed(w);

	ck_assert_str_eq(got, want);
	free(got);
}

static const uint32_t all[] = { 0, 1, 2 };

static void
copy_all(void)
{
	const struct copy_job job = { v, all, 3, to, t, false, 0, false };
	struct copy_result r;

	ck_assert_msg(copy_messages(&job, &r, &why) == 0, "%s", why_text(&why));
	free(r.uids);
}

static void
lose_side_file(const char *name)
{
	char *path = mem_printf("%s/.to/%s", base, name);

	ck_assert_int_eq(unlink(path), 0);
	free(path);
}

/* The first session that may change the folder has them, and no other; who only
 * looks takes nothing, also when it writes the index. */
START_TEST(recent_once)
{
	static const char *const lost[] = { NULL, "facteur.index",
		"facteur.uids" };
	struct view *w, *x;

	w = open_folder("INBOX.to");
	view_close(&w);
	copy_all();
	for (int i = 0; i < 2; i++) {
		w = open_as("INBOX.to", true);
		ck_assert_uint_eq(view_recent_count(w), 3);
		view_close(&w);
	}
	if (lost[_i] != NULL)
		lose_side_file(lost[_i]);
	w = open_folder("INBOX.to");
	x = open_folder("INBOX.to");
	ck_assert_uint_eq(view_recent_count(w), 3);
	ck_assert_uint_eq(view_recent_count(x), 0);
	copy_all();
	ck_assert_int_eq(view_sync(x, &why), 0);
	ck_assert_int_eq(view_sync(w, &why), 0);
	view_show(w);
	view_show(x);
	ck_assert_uint_eq(view_recent_count(w), 3);
	ck_assert_uint_eq(view_recent_count(x), 3);
	ck_assert(view_recent(x, 3) && !view_recent(w, 3));
	view_close(&w);
	view_close(&x);
	if (lost[_i] != NULL)
		lose_side_file(lost[_i]);
	w = open_folder("INBOX.to");
	ck_assert_uint_eq(view_count(w), 6);
	ck_assert_uint_eq(view_recent_count(w), 0);
	view_close(&w);
	copy_all();
	copy_all();
	w = open_folder("INBOX.to");
	ck_assert_uint_eq(view_recent_count(w), 6);
	view_close(&w);
}
END_TEST

START_TEST(recent_in_status)
{
	static const uint64_t want[] = { 3, 3, 0 };

	copy_all();
	for (int i = 0; i < UNIT_COUNT(want); i++) {
		struct view_status st = { .want_bytes = i == 1 };
		enum tree_result got;
		struct maildir *m =
		    tree_folder(t, SPAN("INBOX.to"), &got, &why);

		ck_assert_int_eq(view_status(&m, t, &st, &why), 0);
		ck_assert_uint_eq(st.totals.recent, want[i]);
		if (i == 1) {
			struct view *w = open_folder("INBOX.to");

			view_close(&w);
		}
	}
}
END_TEST

START_TEST(copied)
{
	const struct copy_job job = { v, all, 3, to, t, false, 0, false };
	struct copy_result r;
	struct view *w;

	/* a session that has the target open learns of it */
	w = open_folder("INBOX.to");
	ck_assert_msg(copy_messages(&job, &r, &why) == 0, "%s", why_text(&why));
	ck_assert_uint_eq(r.validity, view_validity(w));
	ck_assert_uint_eq(r.uids[0], 1);
	ck_assert_uint_eq(r.uids[2], 3);
	ck_assert_uint_eq(r.bytes, 9);
	ck_assert_int_eq(view_sync(w, &why), 0);
	view_show(w);
	is(w, "1:16:0 2:0:1 3:2:0");
	/* with flags or without: nobody was told of them before */
	ck_assert_uint_eq(view_recent_count(w), 3);
	is(v, "1:16:0 2:0:1 3:2:0");
	view_close(&w);
	free(r.uids);
}
END_TEST

START_TEST(moved)
{
	const struct copy_job job = { v, all + 1, 2, to, t, true, 0, false };
	struct copy_result r;
	struct view *w;

	ck_assert_int_eq(copy_messages(&job, &r, &why), 0);
	is(v, "1:16:0 !2:0:1 !3:2:0");
	ck_assert_uint_eq(scratch_count(base, "cur"), 1);
	view_purge(v, NULL, NULL);
	ck_assert_int_eq(view_sync(v, &why), 0);
	is(v, "1:16:0");
	w = open_folder("INBOX.to");
	is(w, "1:0:1 2:2:0");
	view_close(&w);
	free(r.uids);
}
END_TEST

/* The mode that all files of the folder below base have, else 0. */
static unsigned
mode_of(const char *below, const char *part)
{
	char *path = mem_printf("%s/%s/%s", base, below, part);
	DIR *d = opendir(path);
	unsigned mode = 0;
	struct dirent *e;
	struct stat st;

	while (d != NULL && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' &&
		    fstatat(dirfd(d), e->d_name, &st, 0) == 0) {
			ck_assert(mode == 0 || mode == (st.st_mode & 07777));
			mode = st.st_mode & 07777;
		}
	if (d != NULL)
		closedir(d);
	free(path);
	return mode;
}

static const struct {
	const char *name;
	mode_t dir, more; /* of the target; of IMAP_UMASK */
	bool move;
	unsigned file, source;
} modes[] = {
	{ "as it is", 0700, 0, false, 0600, 0600 },
	{ "a group's", 02770, 0, false, 0660, 0600 },
	{ "moved to a group's", 02770, 0, true, 0660, 0 },
	{ "more for all", 0700, 070, false, 0600, 0600 },
};

/* Who may read what lies in the folder may read what is put there too. */
START_TEST(modes_of_the_folder)
{
	struct copy_job job = { v, all, 3, to, t, modes[_i].move, 0, false };
	enum tree_result got;
	struct copy_result r;

	ck_assert_int_eq(
	    fchmodat(maildir_dir(tree_inbox(t)), ".to", modes[_i].dir, 0), 0);
	tree_allow(t, modes[_i].more);
	maildir_close(&to);
	view_close(&v);
	to = tree_folder(t, SPAN("INBOX.to"), &got, &why);
	v = open_folder("INBOX");
	job.from = v;
	job.to = to;
	ck_assert_msg(copy_messages(&job, &r, &why) == 0, "%s", why_text(&why));
	ck_assert_uint_eq(mode_of(".to", "new"), modes[_i].file);
	ck_assert_uint_eq(mode_of(".", "cur"), modes[_i].source);
	free(r.uids);
}
END_TEST

START_TEST(made_with_more)
{
	struct stat st;

	tree_allow(t, 0070);
	ck_assert_int_eq(tree_make(t, SPAN("INBOX.m"), &why), TREE_DONE);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(fstatat(maildir_dir(tree_inbox(t)),
				     i == 0 ? ".m" : ".m/cur", &st, 0),
		    0);
		ck_assert_uint_eq(st.st_mode & 07777, 0770);
	}
}
END_TEST

START_TEST(into_itself)
{
	const struct copy_job job = { v, all, 1, view_maildir(v), t, _i == 1, 0,
		false };
	struct copy_result r;

	ck_assert_int_eq(copy_messages(&job, &r, &why), 0);
	ck_assert_uint_eq(r.uids[0], 4);
	ck_assert_int_eq(view_sync(v, &why), 0);
	view_purge(v, NULL, NULL);
	view_show(v);
	is(v, _i == 1 ? "2:0:1 3:2:0 4:16:0" : "1:16:0 2:0:1 3:2:0 4:16:0");
	free(r.uids);
}
END_TEST

static void
rename_in(const char *from, const char *to_name)
{
	char *old = mem_printf("%s/%s", base, from);
	char *fresh = mem_printf("%s/%s", base, to_name);

	ck_assert_int_eq(rename(old, fresh), 0);
	free(old);
	free(fresh);
}

/* Another program has marked messages, and there are no second names to be had:
 * they are found without the lock of their folder, which is the target's. */
START_TEST(renamed_and_copied_by_bytes)
{
	const struct copy_job job = { v, all, 2, view_maildir(v), t, _i == 1, 0,
		false };
	struct copy_result r;

	rename_in("cur/1.h,S=3,W=4:2,S", "cur/1.h,S=3,W=4:2,FS");
	fault_arm(FAULT_LINK, 1, EXDEV, false);
	ck_assert_msg(copy_messages(&job, &r, &why) == 0, "%s", why_text(&why));
	disarm();
	ck_assert_int_eq(view_sync(v, &why), 0);
	view_purge(v, NULL, NULL);
	view_show(v);
	ck_assert_uint_eq(view_count(v), _i == 1 ? 3 : 5);
	free(r.uids);
}
END_TEST

/* One look at the folder finds the new names of all. */
START_TEST(renamed_in_one_look)
{
	static const char *const names[] = { "1.h,S=3,W=4:2,FS", "2.h,S=3:2,S",
		"3.h:2,F" };
	int tmp = maildir_fd(to, MAILDIR_TMP);

	rename_in("cur/1.h,S=3,W=4:2,S", "cur/1.h,S=3,W=4:2,FS");
	rename_in("cur/2.h,S=3:2,", "cur/2.h,S=3:2,S");
	scratch_write(base, "new/3.h", "another file of that base");
	ck_assert_int_eq(view_link(v, 0, tmp, "a", _i == 1), 0);
	for (size_t i = 0; i < 3; i++)
		ck_assert(span_is(view_name(v, i), names[i]));
	ck_assert(!view_recent(v, 2));
	ck_assert_int_eq(view_link(v, 1, tmp, "b", false), 0);
	ck_assert_int_eq(
	    unlinkat(maildir_fd(view_maildir(v), MAILDIR_NEW), "3.h", 0), 0);
	ck_assert_int_eq(view_sync(v, &why), 0);
	view_purge(v, NULL, NULL);
	is(v, _i == 1 ? "2:16:1 3:2:0" : "1:18:0 2:16:1 3:2:0");
}
END_TEST

START_TEST(gone_meanwhile)
{
	const struct copy_job job = { v, all, 3, to, t, _i == 1, 0, false };
	char *path = mem_printf("%s/cur/3.h:2,F", base);
	struct copy_result r;

	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(copy_messages(&job, &r, &why), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_uint_eq(scratch_count(base, ".to/cur"), 0);
	ck_assert_uint_eq(scratch_count(base, ".to/new"), 0);
	ck_assert_uint_eq(scratch_count(base, ".to/tmp"), 0);
	ck_assert_uint_eq(scratch_count(base, "cur"), 2);
	free(path);
}
END_TEST

static const struct {
	enum fault kind;
	int error;
} faults[] = {
	{ FAULT_WRITE, ENOSPC },
	{ FAULT_SYNC, EIO },
	{ FAULT_LINK, EIO },
	{ FAULT_LINK, EXDEV }, /* then the bytes are copied */
	{ FAULT_OPEN, EMFILE },
};

/* All of them or none, and none lost, at whatever step it fails. */
START_TEST(all_or_none)
{
	int move = _i % 2, kind = _i / 2;

	for (unsigned nth = 1; nth < 14; nth++) {
		const struct copy_job job = { v, all, view_count(v), to, t,
			move, 0, false };
		struct copy_result r;
		struct view *w;
		size_t had;
		int got;

		w = open_folder("INBOX.to");
		had = view_count(w);
		view_close(&w);
		if (view_count(v) == 0)
			break;
		fault_arm(faults[kind].kind, nth, faults[kind].error, false);
		got = copy_messages(&job, &r, &why);
		disarm();
		w = open_folder("INBOX.to");
		ck_assert_msg(
		    view_count(w) == (got == 0 ? had + view_count(v) : had),
		    "fault %d, number %u", kind, nth);
		view_close(&w);
		ck_assert_uint_eq(scratch_count(base, ".to/tmp"), 0);
		ck_assert_int_eq(view_sync(v, &why), 0);
		view_purge(v, NULL, NULL);
		view_show(v);
		ck_assert_uint_eq(
		    view_count(v), got == 0 && move ? 0 : job.count);
		free(r.uids);
	}
}
END_TEST

/* Numbered before it is there: it comes with its keyword, whether or not we get
 * further than that; one that never came is gone, and its UID used up. */
static const struct numbered {
	bool shown, finished;
	const char *is;
} numbered[] = {
	{ true, true, "1:0:1" },
	{ true, false, "1:0:1" },
	{ false, true, "" },
	{ false, false, "" },
};

START_TEST(numbered_first)
{
	const struct numbered *row = &numbered[_i];
	static const struct store_how how = { 0, 0 };
	struct arrive *a = arrive_begin(to, t, &why);
	struct store_file *f = store_begin(to, &why);
	struct arrive_message m = { .uid = 0 };
	struct span kw = SPAN("$Label1");
	struct view *w;

	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq(store_add(f, SPAN("A: b\n\n"), &why), 0);
	ck_assert_int_eq(store_write(&f, &how, 1, &why), DONE);
	m.name = store_name(f);
	m.keywords = &kw;
	m.keyword_count = 1;
	ck_assert_int_eq(arrive_number(a, &m, 1, &why), 0);
	ck_assert_uint_eq(m.uid, 1);
	if (row->shown)
		ck_assert_int_eq(store_show(&f, &how, 1, &why), DONE);
	if (row->finished)
		arrive_done(a, &m, 1, row->shown);
	arrive_end(&a);
	store_drop(&f);
	for (int i = 0; i < 2; i++) {
		w = open_folder("INBOX.to");
		is(w, row->is);
		ck_assert_uint_eq(view_next_uid(w), 2);
		view_close(&w);
	}
}
END_TEST

/* Files are numbered, shown and recorded, all under the lock: a session that
 * comes between has one UID for each. */
START_TEST(stored)
{
	static const struct store_how how[2] = { { FLAG_SEEN, 0 }, { 0, 0 } };
	struct arrive *a = arrive_begin(to, t, &why);
	struct store_file *files[2];
	const struct arrive_files f = { files, how, 2, false };
	struct span kw = SPAN("$Label1");
	struct arrive_message list[2] = { { .keywords = &kw,
	    .keyword_count = 1 } };
	struct view *w = open_folder("INBOX.to");
	char *log = mem_printf("%s/.to/facteur.log", base);
	struct stat before, after;

	ck_assert_int_eq(stat(log, &before), 0);
	for (int i = 0; i < 2; i++) {
		files[i] = store_begin(to, &why);
		ck_assert_int_eq(store_add(files[i], SPAN("a\n"), &why), 0);
	}
	ck_assert_int_eq(arrive_store(a, &f, list, &why), 0);
	ck_assert_uint_eq(list[0].uid, 1);
	ck_assert_uint_eq(list[1].uid, 2);
	arrive_end(&a);
	ck_assert_int_eq(stat(log, &after), 0);
	ck_assert_int_eq(after.st_size - before.st_size, 80);
	ck_assert_int_eq(view_sync(w, &why), 0);
	view_show(w);
	is(w, "1:16:1 2:0:0");
	view_close(&w);
	store_drop(&files[0]);
	store_drop(&files[1]);
	free(log);
}
END_TEST

/* Faults at each step: it is there or not, as was told; with anyway it is there
 * unless the file itself has trouble. */
START_TEST(stored_or_not)
{
	static const struct store_how how = { 0, 0 };
	const struct span kw = SPAN("$Label1");
	size_t had = 0;

	for (unsigned nth = 1; nth < 10; nth++) {
		struct arrive *a = arrive_begin(to, t, &why);
		struct store_file *file = store_begin(to, &why);
		const struct arrive_files f = { &file, &how, 1, _i % 2 == 1 };
		struct arrive_message m = { .keywords = &kw,
			.keyword_count = 1 };
		struct view *w;

		ck_assert_int_eq(store_add(file, SPAN("a\n"), &why), 0);
		fault_arm(
		    faults[_i / 2].kind, nth, faults[_i / 2].error, false);
		if (arrive_store(a, &f, &m, &why) == 0)
			had++;
		else
			m.uid = 0;
		disarm();
		arrive_end(&a);
		store_drop(&file);
		w = open_folder("INBOX.to");
		ck_assert_uint_eq(view_count(w), had);
		ck_assert(m.uid == 0 || view_at(w, had - 1)->uid == m.uid);
		view_close(&w);
	}
	ck_assert_uint_gt(had, 3);
}
END_TEST

/* No UID is left. */
START_TEST(shown_without_number)
{
	static const struct store_how how = { 0, 0 };
	struct uidlist *u = uidlist_new(maildir_dir(to), 0600);
	struct arrive *a = arrive_begin(to, t, &why);
	struct store_file *file = store_begin(to, &why);
	const struct arrive_files f = { &file, &how, 1, _i == 1 };
	struct arrive_message m = { .uid = 7 };
	struct keywords *names = keywords_new();
	struct uidlist_content last = { .names = names };

	ck_assert_int_eq(uidlist_lock(u, &why), 0);
	ck_assert(uidlist_head(u, &last.head));
	last.head.next = UINT32_MAX;
	ck_assert_int_eq(uidlist_replace(u, &last, &why), 0);
	uidlist_free(&u);
	ck_assert_int_eq(store_add(file, SPAN("a\n"), &why), 0);
	ck_assert_int_eq(arrive_store(a, &f, &m, &why), _i == 1 ? 0 : -1);
	ck_assert_uint_eq(scratch_count(base, ".to/new"), _i == 1);
	ck_assert(_i == 0 || m.uid == 0);
	arrive_end(&a);
	store_drop(&file);
	ck_assert_uint_eq(scratch_count(base, ".to/new"), _i == 1);
	keywords_free(&names);
}
END_TEST

/* Another process gives UIDs to mail that comes into the target meanwhile. */
static void
deliver_and_look(int until)
{
	char byte;

	for (unsigned i = 0; read(until, &byte, 1) == -1; i++) {
		char *name = mem_printf("%u.M%uP9.other", 1000 + i, i);
		char *tmp = mem_printf(".to/tmp/%s", name);
		struct view *w;

		scratch_write(base, tmp, "x\n");
		ck_assert_int_eq(renameat(maildir_fd(to, MAILDIR_TMP), name,
				     maildir_fd(to, MAILDIR_NEW), name),
		    0);
		w = open_folder("INBOX.to");
		view_close(&w);
		free(name);
		free(tmp);
	}
	_exit(0);
}

static void
copy_and_check(struct view *w)
{
	const struct copy_job job = { v, all, 3, to, t, false, 0, false };
	static const unsigned flags[] = { FLAG_SEEN, 0, FLAG_FLAGGED };
	struct copy_result r;

	ck_assert_msg(copy_messages(&job, &r, &why) == 0, "%s", why_text(&why));
	ck_assert_int_eq(view_sync(w, &why), 0);
	view_show(w);
	for (size_t i = 0; i < 3; i++) {
		size_t at = view_find(w, r.uids[i]);

		ck_assert(i == 0 || r.uids[i] == r.uids[i - 1] + 1);
		ck_assert_uint_lt(at, view_count(w));
		ck_assert_uint_eq(view_at(w, at)->uid, r.uids[i]);
		ck_assert_uint_eq(view_at(w, at)->flags, flags[i]);
		ck_assert(kwset_empty(&view_at(w, at)->kw) == (i != 1));
	}
	free(r.uids);
}

START_TEST(uids_rise_among_others)
{
	struct view *w = open_folder("INBOX.to");
	int ends[2], status;
	pid_t other;

	ck_assert_int_eq(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	other = fork();
	ck_assert_int_ne(other, -1);
	if (other == 0)
		deliver_and_look(ends[0]);
	for (int i = 0; i < 60; i++)
		copy_and_check(w);
	ck_assert_int_eq(write(ends[1], "", 1), 1);
	ck_assert_int_eq(waitpid(other, &status, 0), other);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	view_close(&w);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(no_list_no_number)
{
	ck_assert_ptr_null(arrive_begin(to, NULL, &why));
	ck_assert_int_eq(errno, ENOENT);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, copied);
	tcase_add_loop_test(c, recent_once, 0, 3);
	tcase_add_test(c, recent_in_status);
	tcase_add_test(c, moved);
	tcase_add_loop_test(c, modes_of_the_folder, 0, UNIT_COUNT(modes));
	tcase_add_test(c, made_with_more);
	tcase_add_loop_test(c, into_itself, 0, 2);
	tcase_add_loop_test(c, renamed_and_copied_by_bytes, 0, 2);
	tcase_add_loop_test(c, renamed_in_one_look, 0, 2);
	tcase_add_loop_test(c, gone_meanwhile, 0, 2);
	tcase_add_loop_test(c, all_or_none, 0, 2 * UNIT_COUNT(faults));
	tcase_add_loop_test(c, numbered_first, 0, UNIT_COUNT(numbered));
	tcase_add_test(c, stored);
	tcase_add_loop_test(c, stored_or_not, 0, 2 * UNIT_COUNT(faults));
	tcase_add_loop_test(c, shown_without_number, 0, 2);
	tcase_add_test(c, uids_rise_among_others);
	tcase_add_test(c, no_list_no_number);
}

int
main(void)
{
	return unit_main("mailbox/copy", fill);
}
