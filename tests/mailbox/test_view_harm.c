/* test_view_harm.c - mailbox/view.h: damage, faults, and views that sleep */

#include "mailbox/view.h"

#include <errno.h>

#include "tests/mailbox/views.h"
#include "tests/unit.h"

/* What is deleted or damaged between two sessions changes nothing that the
 * client sees. */
static const struct {
	const char *what;
	const char *remove;
	const char *damage;
	size_t at; /* byte to flip, from the end */
	size_t cut; /* bytes to keep; 0: all */
} harms[] = {
	{ "no index", "facteur.index", NULL, 0, 0 },
	{ "no log", "facteur.log", NULL, 0, 0 },
	{ "no uids", "facteur.uids", NULL, 0, 0 },
	{ "index flipped", NULL, "facteur.index", 5, 0 },
	{ "index flipped in its head", NULL, "facteur.index", 700, 0 },
	{ "index cut", NULL, "facteur.index", 0, 600 },
	{ "index empty", NULL, "facteur.index", 0, 1 },
	{ "log flipped", NULL, "facteur.log", 5, 0 },
	{ "log cut", NULL, "facteur.log", 0, 50 },
	{ "uids flipped", NULL, "facteur.uids", 30, 0 },
	{ "uids cut", NULL, "facteur.uids", 0, 150 },
	{ "uids empty", NULL, "facteur.uids", 0, 1 },
	{ "nothing", NULL, NULL, 0, 0 },
};

/* facteur.uids lies in the folder, always. */
static char *
side_file(const char *file)
{
	return strcmp(file, "facteur.uids") == 0
	    ? mem_printf("%s/%s", base, file)
	    : index_file(file);
}

static void
harm(int i)
{
	char *path;

	if (harms[i].remove != NULL) {
		path = side_file(harms[i].remove);
		ck_assert_int_eq(unlink(path), 0);
		free(path);
	}
	if (harms[i].damage == NULL)
		return;
	path = side_file(harms[i].damage);
	if (harms[i].cut > 0) {
		ck_assert_int_eq(truncate(path, (off_t)harms[i].cut), 0);
	} else {
		struct stat st;
		int fd = open(path, O_RDWR | O_CLOEXEC);
		char c;

		ck_assert_int_eq(fstat(fd, &st), 0);
		ck_assert_int_gt(st.st_size, (off_t)harms[i].at);
		ck_assert_int_eq(
		    pread(fd, &c, 1, st.st_size - (off_t)harms[i].at), 1);
		c ^= 0x20;
		ck_assert_int_eq(
		    pwrite(fd, &c, 1, st.st_size - (off_t)harms[i].at), 1);
		close(fd);
	}
	free(path);
}

START_TEST(survives_harm)
{
	uint32_t validity;
	struct view *v;

	three();
	v = open_as(false, false);
	validity = view_validity(v);
	store(v, 1, VIEW_ADD, FLAG_FLAGGED, "$Junk");
	store(v, 2, VIEW_ADD, FLAG_DELETED, NULL);
	expunge_all(v);
	view_purge(v, NULL, NULL);
	view_close(&v);
	harm(_i);
	v = open_as(false, false);
	ck_assert_uint_eq(view_validity(v), validity);
	is(v, "1:S 2:F:$Junk");
	ck_assert_uint_ge(view_next_uid(v), 4);
	view_close(&v);
	v = open_as(false, false);
	ck_assert_uint_eq(view_validity(v), validity);
	is(v, "1:S 2:F:$Junk");
	view_close(&v);
}
END_TEST

/* With all side files gone the UIDs are new, and say so. */
START_TEST(all_lost)
{
	static const char *const files[] = { "facteur.uids", "facteur.index",
		"facteur.log" };
	uint32_t validity;
	struct view *v;

	three();
	v = open_as(false, false);
	validity = view_validity(v);
	view_close(&v);
	for (int i = 0; i < UNIT_COUNT(files); i++) {
		char *path = side_file(files[i]);

		ck_assert_int_eq(unlink(path), 0);
		free(path);
	}
	v = open_as(false, false);
	ck_assert_uint_gt(view_validity(v), validity);
	is(v, "1:S 2: 3:");
	view_close(&v);
}
END_TEST

/* Whatever happens to the lines, no UID is given twice. */
START_TEST(uids_cut_anywhere)
{
	char *uids, *index;
	struct view *v;
	uint32_t validity, next;
	size_t all;

	three();
	v = open_as(false, false);
	validity = view_validity(v);
	next = view_next_uid(v);
	view_close(&v);
	uids = scratch_read(base, "facteur.uids");
	all = strlen(uids);
	index = index_file(INDEX_FILE);
	for (size_t cut = 0; cut < all; cut += 7) {
		char *path = mem_printf("%s/facteur.uids", base);

		(void)unlink(index);
		scratch_write(base, "facteur.uids", uids);
		ck_assert_int_eq(truncate(path, (off_t)cut), 0);
		free(path);
		v = open_as(false, false);
		if (view_validity(v) == validity)
			for (size_t i = 0; i < view_count(v); i++) {
				uint32_t uid = view_at(v, i)->uid;

				ck_assert_msg(uid >= next || uid == i + 1,
				    "cut at %zu: message %zu has UID %u", cut,
				    i, uid);
			}
		ck_assert_uint_eq(view_count(v), 3);
		ck_assert(
		    view_validity(v) != validity || view_next_uid(v) >= next);
		view_close(&v);
	}
	free(index);
	free(uids);
}
END_TEST

/* Each write, flush and rename fails once: after that, all is as it was or as
 * it was asked, and a look later all is well. */
static const struct {
	enum fault kind;
	int error;
} faults[] = {
	{ FAULT_WRITE, ENOSPC },
	{ FAULT_SYNC, EIO },
	{ FAULT_LINK, EIO },
	{ FAULT_OPEN, EMFILE },
};

START_TEST(faults_in_sync)
{
	for (unsigned nth = 1; nth < 8; nth++) {
		char *name = mem_printf("new/%u.M1P1.h", 1000 + nth);
		struct view *v = open_as(false, false);
		size_t had = view_count(v);
		uint32_t next = view_next_uid(v);

		scratch_write(base, name, "A: b\n\n");
		fault_arm(faults[_i].kind, nth, faults[_i].error, false);
		if (view_sync(v, &why) == 0)
			view_show(v);
		ck_assert_uint_ge(view_count(v), had);
		disarm();
		sync_show(v);
		ck_assert_msg(
		    view_count(v) == had + 1, "fault %d, number %u", _i, nth);
		ck_assert_uint_ge(view_at(v, had)->uid, next);
		view_close(&v);
		v = open_as(true, false);
		ck_assert_uint_eq(view_count(v), had + 1);
		view_close(&v);
		free(name);
	}
}
END_TEST

START_TEST(faults_in_store)
{
	three();
	for (unsigned nth = 1; nth < 8; nth++) {
		char *keyword = mem_printf("k%u", nth);
		struct span kw = span_str(keyword);
		const struct view_change c = { VIEW_SET, FLAG_FLAGGED, &kw, 1,
			UINT64_MAX, NULL, 0, false };
		struct view *v = open_as(false, false);
		uint32_t at = 1;
		char *memory, *disk;
		bool done;

		fault_arm(faults[_i].kind, nth, faults[_i].error, false);
		done = view_store(v, &at, 1, &c, &why) == 0;
		disarm();
		memory = shown(v);
		view_close(&v);
		v = open_as(true, false);
		disk = shown(v);
		view_close(&v);
		ck_assert_msg(strcmp(memory, disk) == 0,
		    "fault %d, number %u: %s, then %s", _i, nth, memory, disk);
		ck_assert_msg(!done || strstr(disk, keyword) != NULL,
		    "fault %d, number %u: OK but %s", _i, nth, disk);
		free(memory);
		free(disk);
		free(keyword);
	}
}
END_TEST

/* A keyword for which there was no room, and is later: its name comes with it,
 * for another session must not give its number to another one. */
START_TEST(keyword_without_room)
{
	const uint32_t at = 1;
	struct view *v, *w;

	three();
	v = open_as(false, false);
	w = open_as(false, false);
	for (unsigned nth = 1; nth < 5; nth++) {
		char *name = mem_printf("k%u", nth), *mine;
		char *other = mem_printf("other%u", nth), *theirs;
		struct span kw = span_str(name);
		const struct view_change c = { VIEW_SET, 0, &kw, 1, UINT64_MAX,
			NULL, 0, false };

		fault_arm(FAULT_WRITE, nth, ENOSPC, false);
		if (view_store(v, &at, 1, &c, &why) == -1)
			ck_assert_int_eq(errno, ENOSPC);
		disarm();
		store(v, 1, VIEW_SET, 0, name);
		store(w, 0, VIEW_SET, 0, other);
		sync_show(v);
		sync_show(w);
		mine = shown(v);
		theirs = shown(w);
		ck_assert_str_eq(mine, theirs);
		ck_assert(strstr(theirs, name) != NULL &&
		    strstr(theirs, other) != NULL);
		free(name);
		free(other);
		free(mine);
		free(theirs);
	}
	view_close(&v);
	view_close(&w);
}
END_TEST

static void
rename_behind(const struct view *v, size_t i)
{
	int cur = maildir_fd(view_maildir(v), MAILDIR_CUR);
	char *from = mem_span(view_name(v, i));
	struct buf to = BUF_EMPTY;

	flags_rename(&to, span_str(from), view_at(v, i)->flags ^ FLAG_ANSWERED);
	ck_assert_int_eq(renameat(cur, from, cur, buf_str(&to)), 0);
	buf_free(&to);
	free(from);
}

/* The same where another program has renamed one of the messages meanwhile, so
 * that there are two rounds: what the first one did is on disk as well. */
START_TEST(faults_in_two_rounds)
{
	const uint32_t at[] = { 1, 2 };

	three();
	for (unsigned nth = 1; nth < 12; nth++) {
		char *keyword = mem_printf("k%u", nth), *memory, *disk;
		struct span kw = span_str(keyword);
		const struct view_change c = { VIEW_SET,
			nth % 2 == 0 ? FLAG_SEEN : FLAG_FLAGGED, &kw, 1,
			UINT64_MAX, NULL, 0, false };
		struct view *v = open_as(false, false);
		bool done;

		rename_behind(v, 2);
		fault_arm(faults[_i].kind, nth, faults[_i].error, false);
		done = view_store(v, at, 2, &c, &why) == 0;
		disarm();
		ck_assert_int_eq(view_sync(v, &why), 0);
		memory = shown(v);
		view_close(&v);
		v = open_as(true, false);
		disk = shown(v);
		ck_assert_msg(strcmp(memory, disk) == 0,
		    "fault %d, number %u: %s, then %s", _i, nth, memory, disk);
		ck_assert_msg(!done || strstr(disk, keyword) != NULL,
		    "fault %d, number %u: OK but %s", _i, nth, disk);
		view_close(&v);
		free(memory);
		free(disk);
		free(keyword);
	}
}
END_TEST

/* Before it is answered, keywords of either round are flushed. */
START_TEST(keywords_of_first_round_last)
{
	const uint32_t at[] = { 1, 2 };
	struct span kw = SPAN("$Junk");
	const struct view_change c = { VIEW_ADD, FLAG_FLAGGED, &kw, 1,
		UINT64_MAX, NULL, 0, false };
	struct view *v;

	three();
	v = open_as(false, false);
	store(v, 2, VIEW_ADD, 0, "$Junk"); /* the second has it */
	rename_behind(v, 2);
	fault_arm(FAULT_SYNC, 2, EIO, false); /* cur/, then facteur.uids */
	ck_assert_int_eq(view_store(v, at, 2, &c, &why), -1);
	view_close(&v);
}
END_TEST

/* Nothing has changed: the head of the index is all that is read. */
START_TEST(asleep)
{
	struct view *v;

	three();
	v = open_as(false, false);
	view_close(&v);
	for (int woken = 0; woken < 4; woken++) {
		let_settle();
		v = open_as(false, true);
		view_close(&v);
		v = open_as(woken == 3, true);
		ck_assert(v->asleep);
		ck_assert_uint_eq(view_count(v), 3);
		ck_assert_uint_eq(view_recent_count(v), 0);
		ck_assert_uint_eq(view_unseen_first(v), 1);
		ck_assert_int_eq(view_sync(v, &why), 0);
		ck_assert(v->asleep && !view_has_more(v) && !view_has_gone(v));
		if (woken == 0) {
			ck_assert_uint_eq(view_at(v, 2)->uid, 3);
		} else if (woken == 1) {
			ck_assert_uint_eq(view_find(v, 2), 1);
		} else if (woken == 2) {
			store(v, 0, VIEW_SET, FLAG_SEEN, NULL);
		} else {
			scratch_write(base, "new/300.M1P1.h", "A: b\n\n");
			sync_show(v);
			ck_assert_uint_eq(view_count(v), 4);
		}
		ck_assert(!v->asleep);
		view_close(&v);
	}
}
END_TEST

/* The index is damaged under a view that sleeps: what was told stays true, also
 * when others have removed and added since. */
START_TEST(asleep_and_damaged)
{
	char *path = index_file(INDEX_FILE);
	struct view *v, *other;
	int fd;

	three();
	v = open_as(false, false);
	store(v, 1, VIEW_ADD, FLAG_DELETED, "$Junk");
	view_close(&v);
	let_settle();
	v = open_as(false, false);
	view_close(&v);
	v = open_as(false, _i % 2 == 1);
	ck_assert(v->asleep);
	if (_i >= 2) {
		other = open_as(false, false);
		expunge_all(other);
		view_purge(other, NULL, NULL);
		scratch_write(base, "new/300.M1P1.h", "A: b\n\n");
		sync_show(other);
		is(other, "1:S 3: 4:");
	}
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ck_assert_int_eq(pwrite(fd, "damage", 6, 600), 6);
	close(fd);
	free(path);
	is(v, _i >= 2 ? "1:S !2:T:$Junk 3:" : "1:S 2:T:$Junk 3:");
	ck_assert_int_eq(view_sync(v, &why), 0);
	ck_assert(view_has_more(v) == (_i >= 2));
	sync_show(v);
	is(v, _i >= 2 ? "1:S 3: 4:" : "1:S 2:T:$Junk 3:");
	view_close(&v);
	if (_i >= 2)
		view_close(&other);
	v = open_as(false, false);
	is(v, _i >= 2 ? "1:S 3: 4:" : "1:S 2:T:$Junk 3:");
	view_close(&v);
}
END_TEST

/* Nothing is left to make it from. */
START_TEST(asleep_and_lost)
{
	char *index = index_file(INDEX_FILE);
	char *uids = mem_printf("%s/facteur.uids", base);
	struct view *v;

	three();
	v = open_as(false, false);
	view_close(&v);
	let_settle();
	v = open_as(false, false);
	view_close(&v);
	v = open_as(false, false);
	ck_assert(v->asleep);
	ck_assert_int_eq(truncate(index, 600), 0);
	ck_assert_int_eq(truncate(uids, 10), 0);
	ck_assert((view_at(v, 1)->bits & MSG_GONE) != 0);
	ck_assert_int_eq(view_sync(v, &why), -1);
	ck_assert(view_is_lost(v));
	view_close(&v);
	v = open_as(false, false);
	ck_assert_uint_eq(view_count(v), 3);
	view_close(&v);
	free(index);
	free(uids);
}
END_TEST

/* A folder that was touched just now, so that nothing of it is settled: the
 * index is written all the same, for it tells who the folder is. */
START_TEST(index_comes_back)
{
	char *index = index_file(INDEX_FILE);
	char *uids = mem_printf("%s/facteur.uids", base);
	char *cur = mem_printf("%s/cur", base), *guid;
	struct view *v = open_as(false, false);

	guid = mem_printf("%s", view_guid(v));
	view_close(&v);
	ck_assert_int_eq(unlink(index), 0);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(chmod(cur, 0700), 0);
		v = open_as(i == 0, false);
		ck_assert_str_eq(view_guid(v), guid);
		view_close(&v);
	}
	ck_assert_int_eq(access(index, F_OK), 0);
	ck_assert_int_eq(unlink(uids), 0);
	v = open_as(false, false);
	ck_assert_str_eq(view_guid(v), guid);
	view_close(&v);
	free(guid);
	free(cur);
	free(uids);
	free(index);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_loop_test(c, survives_harm, 0, UNIT_COUNT(harms));
	tcase_add_test(c, all_lost);
	tcase_add_test(c, uids_cut_anywhere);
	tcase_add_loop_test(c, faults_in_sync, 0, UNIT_COUNT(faults));
	tcase_add_loop_test(c, faults_in_store, 0, UNIT_COUNT(faults));
	tcase_add_loop_test(c, faults_in_two_rounds, 0, UNIT_COUNT(faults));
	tcase_add_test(c, keywords_of_first_round_last);
	tcase_add_test(c, keyword_without_room);
	tcase_add_test(c, asleep);
	tcase_add_loop_test(c, asleep_and_damaged, 0, 4);
	tcase_add_test(c, asleep_and_lost);
	tcase_add_test(c, index_comes_back);
}

int
main(void)
{
	return views_main("mailbox/view_harm", fill, false);
}
