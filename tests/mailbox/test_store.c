/* test_store.c - mailbox/store.h and mailbox/maildir.h */

#include "mailbox/store.h"

#include <errno.h>
#include <sys/stat.h>

#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "os/fault.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;
static struct maildir *m;
static struct why why;

static void
setup(void)
{
	char *path;

	base = scratch_new();
	path = mem_printf("%s/Maildir", base);
	why_init(&why);
	m = maildir_open(AT_FDCWD, path, MAILDIR_MAKE, &why);
	ck_assert_msg(m != NULL, "%s", why_text(&why));
	free(path);
}

static void
teardown(void)
{
	disarm();
	maildir_close(&m);
	why_free(&why);
	scratch_free(&base);
}

static void
nothing_visible(const char *when)
{
	ck_assert_msg(scratch_count(base, "Maildir/new") == 0 &&
		scratch_count(base, "Maildir/cur") == 0 &&
		scratch_count(base, "Maildir/tmp") == 0,
	    "%s left something", when);
}

static bool
came_before(const struct buf *a, const struct buf *b)
{
	struct flags_arrival x = flags_arrival(buf_span(a));
	struct flags_arrival y = flags_arrival(buf_span(b));

	return flags_arrival_cmp(&x, &y) < 0;
}

START_TEST(stored_whole)
{
	struct store_piece pieces[] = {
		{ SPAN("Return-Path: <a@b>\n"), -1, 0, 0 },
		{ { NULL, 0 }, -1, 3, 10 },
		{ SPAN("end\r\n"), -1, 0, 0 },
	};
	struct store_letter letter = { .pieces = pieces, .count = 3 };
	char *text, *below;
	uint64_t n;

	scratch_write(base, "content", "xxxS: u\n\nbo\nyyy");
	below = mem_printf("%s/content", base);
	pieces[1].fd = open(below, O_RDONLY | O_CLOEXEC);
	free(below);
	ck_assert_int_eq(maildir_store(m, &letter, &why), DONE);
	close(pieces[1].fd);
	below = mem_printf("Maildir/new/%s", buf_str(&letter.name));
	text = scratch_read(base, below);
	ck_assert_str_eq(text, "Return-Path: <a@b>\nS: u\n\nbo\nyend\r\n");
	ck_assert_uint_eq(letter.size, strlen(text));
	ck_assert(
	    flags_size(buf_span(&letter.name), 'S', &n) && n == strlen(text));
	/* four bare LFs, one CRLF */
	ck_assert(flags_size(buf_span(&letter.name), 'W', &n) &&
	    n == strlen(text) + 4);
	ck_assert_uint_eq(
	    span_find(buf_span(&letter.name), ':'), letter.name.n);
	ck_assert_uint_eq(scratch_count(base, "Maildir/tmp"), 0);
	free(text);
	free(below);
	buf_free(&letter.name);
}
END_TEST

START_TEST(short_source)
{
	struct store_piece piece = { { NULL, 0 }, -1, 0, 100 };
	struct store_letter letter = { .pieces = &piece, .count = 1 };
	char *path = mem_printf("%s/content", base);

	scratch_write(base, "content", "only this");
	piece.fd = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(maildir_store(m, &letter, &why), DEFER);
	close(piece.fd);
	free(path);
	nothing_visible("a source that ends early");
}
END_TEST

static const struct {
	const char *what;
	enum fault kind;
	unsigned nth;
	int error;
	const char *status;
} faults[] = {
	{ "no file", FAULT_OPEN, 1, EMFILE, "4.3.0" },
	{ "first write, disk full", FAULT_WRITE, 1, ENOSPC, "4.3.1" },
	{ "second write, quota", FAULT_WRITE, 2, EDQUOT, "4.3.1" },
	{ "flush of the file", FAULT_SYNC, 1, EIO, "4.3.0" },
	{ "rename", FAULT_LINK, 1, ENOSPC, "4.3.1" },
	{ "flush of the folder", FAULT_SYNC, 2, EIO, "4.3.0" },
};

START_TEST(fault_leaves_nothing)
{
	/* more than is held back for one write */
	static char body[100000];
	struct store_piece pieces[] = {
		{ SPAN("A: b\n"), -1, 0, 0 },
		{ span_of(body, sizeof(body)), -1, 0, 0 },
	};
	struct store_letter letter = { .pieces = pieces, .count = 2 };

	memset(body, '\n', sizeof(body));
	fault_arm(faults[_i].kind, faults[_i].nth, faults[_i].error, false);
	ck_assert_msg(
	    maildir_store(m, &letter, &why) == DEFER, "%s", faults[_i].what);
	ck_assert_str_eq(why.status, faults[_i].status);
	ck_assert_int_eq(why.outcome, DEFER);
	nothing_visible(faults[_i].what);
	ck_assert_int_eq(maildir_store(m, &letter, &why), DONE);
	ck_assert_uint_eq(scratch_count(base, "Maildir/new"), 1);
	buf_free(&letter.name);
}
END_TEST

START_TEST(many_share_a_flush)
{
	struct store_piece piece = { SPAN("A: b\n\nx\n"), -1, 0, 0 };
	struct why whys[3];
	struct store_letter l[3];

	for (int i = 0; i < 3; i++) {
		why_init(&whys[i]);
		l[i] = (struct store_letter){
			.pieces = &piece, .count = 1, .why = &whys[i]
		};
	}
	/* the second message's own flush fails: the others do not mind */
	fault_arm(FAULT_SYNC, 2, EIO, false);
	maildir_store_all(m, l, 3);
	ck_assert_int_eq(l[0].outcome, DONE);
	ck_assert_int_eq(l[1].outcome, DEFER);
	ck_assert_int_eq(l[2].outcome, DONE);
	ck_assert(came_before(&l[0].name, &l[2].name));
	ck_assert_uint_eq(scratch_count(base, "Maildir/new"), 2);
	/* the folder's flush fails: none was delivered */
	fault_arm(FAULT_SYNC, 4, EIO, false);
	maildir_store_all(m, l, 3);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(l[i].outcome, DEFER);
	ck_assert_uint_eq(scratch_count(base, "Maildir/new"), 2);
	ck_assert_uint_eq(scratch_count(base, "Maildir/tmp"), 0);
	for (int i = 0; i < 3; i++) {
		buf_free(&l[i].name);
		why_free(&whys[i]);
	}
}
END_TEST

/* CRLF becomes LF wherever the pieces are cut; a lone CR stays. */
START_TEST(crlf_cut_anywhere)
{
	static const char in[] = "a\r\nb\rc\r\r\n\r\n\nd\r";
	static const char want[] = "a\nb\rc\r\n\n\nd\r";
	struct span all = span_str(in);

	for (size_t i = 0; i <= all.n; i++)
		for (size_t k = i; k <= all.n; k++) {
			struct store_file *f = store_begin(m, &why);
			struct store_how how = { FLAG_SEEN, 1000000000 };
			struct stat st;
			char *below, *text;

			ck_assert_ptr_nonnull(f);
			ck_assert(
			    store_add_crlf(f, span_head(all, i), &why) == 0 &&
			    store_add_crlf(f,
				span_head(span_skip(all, i), k - i),
				&why) == 0 &&
			    store_add_crlf(f, span_skip(all, k), &why) == 0);
			ck_assert_int_eq(store_finish(&f, &how, 1, &why), DONE);
			ck_assert_uint_eq(store_size(f), strlen(want));
			ck_assert(store_in_cur(f));
			ck_assert(span_ends(store_name(f), ",S=11,W=14:2,S"));
			ck_assert_int_eq(fstat(store_fd(f), &st), 0);
			ck_assert_int_eq(st.st_mtime, 1000000000);
			below = mem_printf("Maildir/cur/%.*s",
			    (int)store_name(f).n, store_name(f).p);
			text = scratch_read(base, below);
			ck_assert_msg(strcmp(text, want) == 0,
			    "cut at %zu and %zu", i, k);
			free(text);
			free(below);
			store_drop(&f);
		}
}
END_TEST

START_TEST(dropped)
{
	struct store_file *f = store_begin(m, &why);

	ck_assert_int_eq(store_add(f, SPAN("half"), &why), 0);
	ck_assert_uint_eq(scratch_count(base, "Maildir/tmp"), 1);
	store_drop(&f);
	ck_assert_ptr_null(f);
	nothing_visible("a dropped file");
}
END_TEST

START_TEST(opening)
{
	char *path = mem_printf("%s/none", base);
	struct maildir *other;
	struct stat st;

	ck_assert_ptr_null(maildir_open(AT_FDCWD, path, 0, &why));
	ck_assert_int_eq(errno, ENOENT);
	scratch_mkdir(base, "none");
	ck_assert_ptr_null(maildir_open(AT_FDCWD, path, 0, &why));
	ck_assert_int_eq(errno, ENOENT);
	free(path);
	/* cur alone is a folder: the rest is made on the way */
	scratch_mkdir(base, "Maildir/.a");
	scratch_mkdir(base, "Maildir/.a/cur");
	other = maildir_open(maildir_dir(m), ".a", 0, &why);
	ck_assert_ptr_nonnull(other);
	ck_assert(scratch_has(base, "Maildir/.a/tmp"));
	ck_assert(!scratch_has(base, "Maildir/.a/maildirfolder"));
	maildir_close(&other);
	other = maildir_open(
	    maildir_dir(m), ".b", MAILDIR_MAKE | MAILDIR_SUBFOLDER, &why);
	ck_assert_ptr_nonnull(other);
	ck_assert(scratch_has(base, "Maildir/.b/maildirfolder"));
	ck_assert(!scratch_has(base, "Maildir/maildirfolder"));
	ck_assert_int_eq(fstat(maildir_dir(other), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0700);
	maildir_close(&other);
}
END_TEST

/* A link leads only to what is the user's or root's. */
START_TEST(links)
{
	char *real = mem_printf("%s/elsewhere", base);
	char *link = mem_printf("%s/Maildir/.link", base);
	struct maildir *other;

	scratch_mkdir(base, "elsewhere");
	scratch_mkdir(base, "elsewhere/cur");
	ck_assert_int_eq(symlink(real, link), 0);
	other = maildir_open(maildir_dir(m), ".link", 0, &why);
	ck_assert_ptr_nonnull(other);
	maildir_close(&other);
	if (geteuid() == 0) { /* only root can give things away */
		ck_assert_int_eq(chown(real, 65534, 65534), 0);
		ck_assert_ptr_null(
		    maildir_open(maildir_dir(m), ".link", 0, &why));
		ck_assert_int_eq(errno, EACCES);
	}
	free(real);
	free(link);
}
END_TEST

START_TEST(group_shared)
{
	char *path = mem_printf("%s/shared", base);
	struct maildir *other;
	struct stat st;

	scratch_mkdir(base, "shared");
	ck_assert_int_eq(chmod(path, 02770), 0);
	other = maildir_open(AT_FDCWD, path, MAILDIR_MAKE, &why);
	ck_assert_ptr_nonnull(other);
	ck_assert_int_eq(fstat(maildir_fd(other, MAILDIR_NEW), &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 02770);
	ck_assert_int_eq(maildir_file_mode(other), 0660);
	maildir_close(&other);
	free(path);
}
END_TEST

START_TEST(names_in_order)
{
	struct buf last = BUF_EMPTY, next = BUF_EMPTY;

	for (int i = 0; i < 1000; i++) {
		buf_clear(&next);
		maildir_name_begin(m, &next);
		maildir_name_end(m, &next);
		ck_assert(i == 0 || came_before(&last, &next));
		buf_clear(&last);
		buf_add_span(&last, buf_span(&next));
	}
	buf_free(&last);
	buf_free(&next);
}
END_TEST

START_TEST(sweep)
{
	struct timespec old[2] = { { .tv_sec = 1000 }, { .tv_sec = 1000 } };

	scratch_write(base, "Maildir/tmp/fresh", "x");
	scratch_write(base, "Maildir/tmp/old", "x");
	ck_assert_int_eq(
	    utimensat(maildir_fd(m, MAILDIR_TMP), "old", old, 0), 0);
	maildir_sweep_tmp(m);
	ck_assert(scratch_has(base, "Maildir/tmp/fresh"));
	/* its ctime is of now, whatever a restored backup says */
	ck_assert(scratch_has(base, "Maildir/tmp/old"));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, stored_whole);
	tcase_add_test(t, short_source);
	tcase_add_loop_test(t, fault_leaves_nothing, 0, UNIT_COUNT(faults));
	tcase_add_test(t, many_share_a_flush);
	tcase_add_test(t, crlf_cut_anywhere);
	tcase_add_test(t, dropped);
	tcase_add_test(t, opening);
	tcase_add_test(t, links);
	tcase_add_test(t, group_shared);
	tcase_add_test(t, names_in_order);
	tcase_add_test(t, sweep);
}

int
main(void)
{
	return unit_main("mailbox/store", fill);
}
