/* test_index_place.c - indexes that lie elsewhere, and are moved or lost */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "mailbox/arrive.h"
#include "mailbox/index_place.h"
#include "mailbox/view.h"
#include "os/own_dir.h"
#include "tests/mailbox/views.h"
#include "tests/unit.h"

/* Places that the mailbox is served with: its own folders, two others, one
 * that cannot be had. */
static const char *const places[] = { "", "a", "b", "none/none" };

enum { PLACES = UNIT_COUNT(places), LOST = 3 };

static char *root;

static void
begin(void)
{
	setup();
	root = scratch_new();
	for (int i = 1; i < LOST; i++) {
		char *path = mem_printf("%s/%s", root, places[i]);

		ck_assert_int_eq(mkdir(path, 0755), 0);
		free(path);
	}
}

static void
end(void)
{
	teardown();
	scratch_free(&root);
}

/* As by a process that is started now, with that in its configuration. */
static struct tree *
tree_at(int place)
{
	struct tree *t = tree_open(AT_FDCWD, base, &conf, &why);
	char *path = places[place][0] == '\0'
	    ? mem_str("")
	    : mem_printf("%s/%s", root, places[place]);

	ck_assert_ptr_nonnull(t);
	tree_keep_indexes(t, path);
	free(path);
	return t;
}

static void
served_with(int place)
{
	tree_close(&tree);
	tree = tree_at(place);
}

static void
one_uid(void *arg, uint32_t uid)
{
	*(uint32_t *)arg = uid;
}

/* Does a client that knew all up to modseq hear that this one is gone? */
static bool
hears(struct view *v, uint64_t modseq, uint32_t uid)
{
	uint32_t told = 0;
	struct view_vanished q = {
		.modseq = modseq, .fn = one_uid, .arg = &told
	};

	ck_assert_int_eq(view_vanished_since(v, &q, &why), 0);
	return !q.known || told == uid;
}

static void
write_anew(struct view *v)
{
	ck_assert_int_eq(view_lock(v, &why), 0);
	ck_assert_int_eq(view_catch_up(v, &why), 0);
	ck_assert_int_eq(view_rewrite_uids(v, &why), 0);
	uidlist_unlock(v->uids);
}

/* A message of which the new list has no word: the sequence that a client knew
 * it by. */
static uint64_t
come_and_go(struct view *w)
{
	uint64_t came;

	scratch_write(base, "new/300.M1P1.h", "A: b\n\n");
	sync_show(w);
	came = view_highest(w);
	store(w, 3, VIEW_ADD, FLAG_DELETED, NULL);
	expunge_all(w);
	write_anew(w);
	return came;
}

/* What one place's index knows is not believed when another one was in use. */
START_TEST(moved_and_back)
{
	int first = _i / PLACES, second = _i % PLACES;
	uint64_t flagged, came;
	uint32_t validity;
	struct view *v;

	three();
	served_with(first);
	v = open_as(false, false);
	store(v, 1, VIEW_ADD, 0, "one");
	validity = view_validity(v);
	view_close(&v);

	served_with(second);
	v = open_as(false, false);
	is(v, "1:S 2::one 3:");
	store(v, 0, VIEW_ADD, FLAG_FLAGGED, NULL);
	flagged = view_highest(v);
	store(v, 0, VIEW_REMOVE, FLAG_FLAGGED, NULL);
	store(v, 1, VIEW_REMOVE, 0, "one");
	came = come_and_go(v);
	view_close(&v);

	for (int i = 0; i < 2; i++) {
		served_with(first);
		v = open_as(i == 0, false);
		is(v, "1:S 2: 3:");
		ck_assert_uint_eq(view_validity(v), validity);
		ck_assert_uint_eq(view_next_uid(v), 5);
		ck_assert_uint_ge(view_highest(v), came);
		ck_assert_uint_gt(view_at(v, 0)->modseq, flagged);
		ck_assert(hears(v, came, 4));
		view_close(&v);
	}
}
END_TEST

/* Sessions of an old and a new configuration side by side. */
START_TEST(side_by_side)
{
	struct tree *left = tree_at(_i / PLACES), *right = tree_at(_i % PLACES);
	struct view *a, *b;

	three();
	tree_close(&tree);
	tree = left;
	a = open_as(false, false);
	tree = right;
	b = open_as(false, true);
	for (int i = 0; i < 6; i++) {
		enum view_op op = i % 2 == 0 ? VIEW_ADD : VIEW_REMOVE;
		const char *now =
		    i % 2 == 0 ? "1:FS:one 2:R:two 3:" : "1:S 2: 3:";

		store(i % 4 < 2 ? a : b, 0, op, FLAG_FLAGGED, "one");
		store(i % 4 < 2 ? b : a, 1, op, FLAG_ANSWERED, "two");
		sync_show(a);
		sync_show(b);
		is(a, now);
		is(b, now);
	}
	store(a, 2, VIEW_ADD, FLAG_DELETED, NULL);
	expunge_all(a);
	sync_show(a);
	scratch_write(base, "new/300.M1P1.h", "A: b\n\n");
	sync_show(b);
	sync_show(a);
	is(a, "1:S 2: 4:");
	is(b, "1:S 2: 4:");
	view_close(&a);
	view_close(&b);
	tree_close(&left);
}
END_TEST

/* A session that goes on does not vouch for what was done elsewhere. */
START_TEST(under_a_session)
{
	struct tree *own, *other;
	struct view *v, *w;
	uint64_t came;

	three();
	served_with(_i / PLACES);
	v = open_as(false, false);
	own = tree;
	tree = other = tree_at(_i % PLACES);
	w = open_as(false, false);
	came = come_and_go(w);
	view_close(&w);
	ck_assert(hears(v, came, 4));
	sync_show(v);
	is(v, "1:S 2: 3:");
	tree = own;
	view_close(&v);
	tree_close(&other);
}
END_TEST

/* The disk is lost under sessions, or comes back as it was before. */
static void
lose_disk(int how)
{
	char *from = mem_printf("%s/a", root);
	char *to = mem_printf("%s/%s", root, how == 0 ? "gone" : "a");

	if (how == 0)
		ck_assert_int_eq(rename(from, to), 0);
	else
		scratch_remove_at(AT_FDCWD, from, 0);
	free(from);
	free(to);
}

START_TEST(lost_under_sessions)
{
	struct view *v, *w;
	uint64_t came;
	char *gone = mem_printf("%s/gone", root);
	char *back = mem_printf("%s/a", root);

	three();
	served_with(1);
	v = open_as(false, _i / 2 == 1);
	view_remember(v, 0, 1, SPAN("x"));
	lose_disk(_i % 2);
	store(v, 0, VIEW_ADD, FLAG_FLAGGED, "one");
	w = open_as(false, false);
	is(w, "1:FS:one 2: 3:");
	came = come_and_go(w);
	sync_show(v);
	is(v, "1:FS:one 2: 3:");
	store(v, 0, VIEW_SET, 0, NULL);
	view_close(&v);
	view_close(&w);
	if (_i % 2 == 0)
		ck_assert_int_eq(rename(gone, back), 0);
	served_with(1);
	v = open_as(false, false);
	is(v, "1: 2: 3:");
	ck_assert(hears(v, came, 4));
	ck_assert_uint_ge(view_highest(v), came);
	view_close(&v);
	free(gone);
	free(back);
}
END_TEST

/* The index is taken up where it was, as it would be in the folder. */
START_TEST(used_again)
{
	struct span found;
	struct view *v;
	uint64_t highest;
	char *note;

	three();
	served_with(1);
	v = open_as(false, false);
	view_remember(v, 0, 1, SPAN("x"));
	view_close(&v);
	note = scratch_read(base, INDEX_LOG);
	ck_assert(span_starts(span_str(note), "facteur.log is elsewhere 1 "));
	free(note);
	let_settle();
	v = open_as(false, false);
	highest = view_highest(v);
	view_close(&v);
	served_with(1);
	v = open_as(false, false);
	ck_assert(v->asleep);
	ck_assert_uint_eq(view_highest(v), highest);
	ck_assert(view_recall(v, 0, 1, &found) && span_is(found, "x"));
	ck_assert(!scratch_has(base, INDEX_FILE));
	ck_assert(!scratch_has(base, INDEX_CACHE));
	view_close(&v);
}
END_TEST

static uint64_t
highest_by_status(void)
{
	struct view_status s = { .want_bytes = false };
	enum tree_result got;
	struct maildir *m = tree_folder(tree, SPAN("INBOX"), &got, &why);

	ck_assert_int_eq(view_status(&m, tree, &s, &why), 0);
	ck_assert_uint_eq(s.totals.messages, 3);
	return s.highest;
}

/* STATUS takes no lock and must not believe more than others. */
START_TEST(status_after_others)
{
	struct view *v;
	uint64_t highest;

	three();
	served_with(1);
	v = open_as(false, false);
	view_close(&v);
	let_settle();
	v = open_as(false, false);
	view_close(&v);
	highest = highest_by_status();
	ck_assert_uint_eq(highest_by_status(), highest);
	served_with(_i);
	v = open_as(true, false);
	view_close(&v);
	highest = highest_by_status();
	served_with(1);
	ck_assert_uint_ge(highest_by_status(), highest);
}
END_TEST

/* A copy of a mailbox is another one, though all its files are the same. */
START_TEST(copied)
{
	char *copy = scratch_new(), *command;
	struct tree *t;
	struct view *v, *w;
	struct tree *own;

	three();
	served_with(1);
	v = open_as(false, false);
	view_close(&v);
	command = mem_printf("cp -a %s/. %s", base, copy);
	ck_assert_int_eq(system(command), 0);
	t = tree_open(AT_FDCWD, copy, &conf, &why);
	ck_assert_ptr_nonnull(t);
	{
		char *path = mem_printf("%s/a", root);

		tree_keep_indexes(t, path);
		free(path);
	}
	v = open_as(false, false);
	own = tree;
	tree = t;
	w = open_as(false, false);
	store(v, 0, VIEW_ADD, FLAG_FLAGGED, NULL);
	store(w, 1, VIEW_ADD, FLAG_FLAGGED, NULL);
	sync_show(v);
	sync_show(w);
	is(v, "1:FS 2: 3:");
	is(w, "1:S 2:F 3:");
	view_close(&w);
	tree = own;
	view_close(&v);
	tree_close(&t);
	scratch_free(&copy);
	free(command);
}
END_TEST

/* Where an index of that folder lies, or would: "FOLDER" below the mailbox's
 * place. */
static bool
has_place(const char *folder)
{
	char *command = mem_printf("test -d %s/a/*/*/%s", root, folder);
	bool has = system(command) == 0;

	free(command);
	return has;
}

static void
open_folder(const char *name)
{
	const struct view_conf c = { .tree = tree };
	enum tree_result got;
	struct maildir *m = tree_folder(tree, span_str(name), &got, &why);
	struct view *v;

	ck_assert_ptr_nonnull(m);
	v = view_open(&m, &c, &why);
	ck_assert_ptr_nonnull(v);
	view_close(&v);
}

START_TEST(folders_go_along)
{
	struct arena *a = arena_new();
	size_t count;

	served_with(1);
	ck_assert_int_eq(tree_make(tree, SPAN("INBOX.x"), &why), TREE_DONE);
	ck_assert_int_eq(tree_make(tree, SPAN("INBOX.x.y"), &why), TREE_DONE);
	ck_assert_int_eq(tree_make(tree, SPAN("INBOX.f"), &why), TREE_DONE);
	open_folder("INBOX.x");
	open_folder("INBOX.x.y");
	open_folder("INBOX.f");
	open_folder("INBOX");
	ck_assert(has_place(".x") && has_place(".x.y") && has_place("INBOX"));
	ck_assert_int_eq(
	    tree_rename(tree, SPAN("INBOX.x"), SPAN("INBOX.z"), &why),
	    TREE_DONE);
	ck_assert(!has_place(".x") && !has_place(".x.y"));
	ck_assert(has_place(".z/facteur.index") == false);
	ck_assert(has_place(".z") && has_place(".z.y"));
	ck_assert_int_eq(tree_remove(tree, SPAN("INBOX.z"), &why), TREE_DONE);
	ck_assert(!has_place(".z") && has_place(".z.y"));
	/* what another program removes is seen when folders are listed */
	scratch_remove_at(maildir_dir(tree_inbox(tree)), ".f", 0);
	served_with(1);
	ck_assert_ptr_nonnull(tree_list(tree, a, &count, &why));
	ck_assert(!has_place(".f"));
	ck_assert(has_place(".z.y") && has_place("INBOX"));
	arena_free(&a);
}
END_TEST

/* A folder that is shared by a group keeps its index. */
START_TEST(shared_stays)
{
	served_with(1);
	ck_assert_int_eq(tree_make(tree, SPAN("INBOX.s"), &why), TREE_DONE);
	ck_assert_int_eq(
	    fchmodat(maildir_dir(tree_inbox(tree)), ".s", 02770, 0), 0);
	open_folder("INBOX.s");
	ck_assert(scratch_has(base, ".s/facteur.index"));
	ck_assert(!has_place(".s"));
}
END_TEST

static void
make_other_writable(const char *path)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(chmod(path, 0770), 0);
}

static void
make_link(const char *path)
{
	ck_assert_int_eq(symlink(base, path), 0);
}

static void
make_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ne(fd, -1);
	close(fd);
}

static void
make_sound(const char *path)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void
make_none(const char *path)
{
	(void)path;
}

static const struct {
	const char *name;
	mode_t root; /* the mode of it */
	void (*make)(const char *path); /* what ROOT/UID is */
	bool good;
} owned[] = {
	{ "sound", 0755, make_sound, true },
	{ "not there", 0755, make_none, true },
	{ "below a sticky one", 01777, make_none, true },
	{ "below one that all may write to", 0777, make_sound, false },
	{ "others may write", 0755, make_other_writable, false },
	{ "a link", 0755, make_link, false },
	{ "a file", 0755, make_file, false },
};

START_TEST(own_folder)
{
	char *at = mem_printf("%s/a", root);
	char *path = mem_printf("%s/%lu", at, (unsigned long)geteuid());
	int fd;

	ck_assert_int_eq(chmod(at, owned[_i].root), 0);
	owned[_i].make(path);
	fd = own_dir_open(at);
	ck_assert_msg(
	    (fd != -1) == owned[_i].good, "%s: %d", owned[_i].name, errno);
	file_close(&fd);
	ck_assert_int_eq(own_dir_open("a"), -1);
	free(path);
	free(at);
}
END_TEST

/* Made by root for somebody else, who then cannot be given another's. */
START_TEST(given_by_root)
{
	char *at = mem_printf("%s/a", root);
	char *path = mem_printf("%s/61234", at);
	struct stat st;

	if (geteuid() == 0) {
		for (int i = 0; i < 2; i++) {
			ck_assert_int_eq(own_dir_make(at, 61234, 61235), 0);
			ck_assert_int_eq(lstat(path, &st), 0);
			ck_assert_uint_eq(st.st_uid, 61234);
			ck_assert_uint_eq(st.st_gid, 61235);
			ck_assert_uint_eq(st.st_mode & 07777, 0700);
		}
		/* cut short between the two */
		ck_assert_int_eq(chown(path, 0, 0), 0);
		ck_assert_int_eq(own_dir_make(at, 61234, 61235), 0);
		ck_assert_int_eq(lstat(path, &st), 0);
		ck_assert_uint_eq(st.st_uid, 61234);
		/* root's, but used */
		ck_assert_int_eq(chown(path, 0, 0), 0);
		ck_assert_int_eq(chmod(path, 0755), 0);
		ck_assert_int_eq(own_dir_make(at, 61234, 61235), -1);
		ck_assert_int_eq(rmdir(path), 0);
		ck_assert_int_eq(symlink("/", path), 0);
		ck_assert_int_eq(own_dir_make(at, 61234, 61235), -1);
		ck_assert_int_eq(lstat(path, &st), 0);
		ck_assert_uint_eq(st.st_uid, 0);
	}
	free(path);
	free(at);
}
END_TEST

/* Who delivers needs no index, and takes nothing away from it. */
START_TEST(delivered)
{
	struct arrive_message one = { .name = SPAN("300.M1P1.h") };
	struct span kw = SPAN("$Label1");
	enum tree_result got;
	struct tree *own;
	struct maildir *m;
	struct arrive *a;
	struct view *v, *w;

	three();
	served_with(1);
	v = open_as(false, false);
	one.keywords = &kw;
	one.keyword_count = 1;
	own = tree;
	tree = tree_at(_i);
	m = tree_folder(tree, SPAN("INBOX"), &got, &why);
	a = arrive_begin(m, tree, &why);
	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq(arrive_number(a, &one, 1, &why), 0);
	scratch_write(base, "new/300.M1P1.h", "A: b\n\n");
	arrive_done(a, &one, 1, true);
	arrive_end(&a);
	maildir_close(&m);
	sync_show(v);
	is(v, "1:S 2: 3: 4::$Label1");
	w = open_as(false, false);
	is(w, "1:S 2: 3: 4::$Label1");
	view_close(&w);
	store(v, 0, VIEW_ADD, FLAG_FLAGGED, NULL);
	view_close(&v);
	tree_close(&own);
}
END_TEST

static const struct {
	const char *text;
	bool good;
} notes[] = {
	{ "facteur.log is elsewhere 1 00000000000000ff 17\n", true },
	{ "facteur.log is elsewhere 1 00000000000000ff 17", false },
	{ "facteur.log is elsewhere 1 0000000000000000 17\n", false },
	{ "facteur.log is elsewhere 1 ff 17\n", false },
	{ "facteur.log is elsewhere 1 00000000000000ff 0\n", false },
	{ "facteur.log is elsewhere 1 00000000000000ff 17 1\n", false },
	{ "facteur.log is elsewhere 1 00000000000000ff \n", false },
	{ "facteur.log is elsewhere 1 00000000000000ff\n", false },
	{ "facteur.log is elsewhere 2 00000000000000ff 17\n", false },
	{ "facteur.log is elsewhere 1 \n", false },
	{ "facteur.log is elsewhere 1 00000000000000fg 17\n", false },
	{ "facteur.log is elsewhere 1 00000000000000ff "
	  "99999999999999999999\n",
	    false },
	{ "\n", false },
	{ "", false },
};

START_TEST(note)
{
	struct index_note n = { 0, 0 };
	struct buf again = BUF_EMPTY;
	bool got = index_note_parse(span_str(notes[_i].text), &n);

	ck_assert_msg(got == notes[_i].good, "%s", notes[_i].text);
	if (got) {
		index_note_print(&again, &n);
		ck_assert_str_eq(buf_str(&again), notes[_i].text);
	}
	buf_free(&again);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, begin, end);
	tcase_add_loop_test(c, moved_and_back, 0, PLACES * PLACES);
	tcase_add_loop_test(c, side_by_side, 0, PLACES * PLACES);
	tcase_add_loop_test(c, under_a_session, 0, PLACES * PLACES);
	tcase_add_loop_test(c, lost_under_sessions, 0, 4);
	tcase_add_test(c, used_again);
	tcase_add_loop_test(c, status_after_others, 0, PLACES);
	tcase_add_test(c, copied);
	tcase_add_test(c, folders_go_along);
	tcase_add_test(c, shared_stays);
	tcase_add_loop_test(c, own_folder, 0, UNIT_COUNT(owned));
	tcase_add_test(c, given_by_root);
	tcase_add_loop_test(c, delivered, 0, PLACES);
	tcase_add_loop_test(c, note, 0, UNIT_COUNT(notes));
}

int
main(void)
{
	return unit_main("mailbox/index_place", fill);
}
