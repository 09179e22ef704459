/* test_view.c - mailbox/view.h: several sessions, other programs, damage */

#include "mailbox/view.h"

#include <errno.h>
#include <time.h>

#include "base/why.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/store.h"
#include "mailbox/tree.h"
#include "mailbox/view_parts.h"
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
disarm(void)
{
	for (int k = 0; k < FAULT_KINDS; k++)
		fault_arm((enum fault)k, 0, 0, false);
}

static void
teardown(void)
{
	disarm();
	tree_close(&t);
	why_free(&why);
	scratch_free(&base);
}

static struct view *
open_as(bool read_only, bool watch)
{
	const struct view_conf c = { t, read_only, false, watch };
	enum tree_result got;
	struct maildir *m = tree_folder(t, SPAN("INBOX"), &got, &why);
	struct view *v;

	ck_assert_ptr_nonnull(m);
	v = view_open(&m, &c, &why);
	ck_assert_msg(v != NULL, "%s", why_text(&why));
	ck_assert_ptr_null(m);
	return v;
}

/* "uid:flags:keywords" of each message, '!' before one that is gone; the
 * caller frees it. */
static char *
shown(const struct view *v)
{
	struct buf out = BUF_EMPTY;

	for (size_t i = 0; i < view_count(v); i++) {
		const struct msg *m = view_at(v, i);
		struct buf name = BUF_EMPTY;

		flags_rename(&name, SPAN(""), m->flags);
		buf_printf(&out, "%s%s%u:%s", i == 0 ? "" : " ",
		    (m->bits & MSG_GONE) != 0 ? "!" : "", m->uid,
		    buf_str(&name) + 3);
		for (size_t k = 0; k < keywords_count(view_keywords(v)); k++)
			if (kwset_has(&m->kw, k))
				buf_printf(&out, ":%s",
				    keywords_name(view_keywords(v), k).p);
		buf_free(&name);
	}
	return buf_take(&out);
}

static void
is(const struct view *v, const char *want)
{
	char *got = shown(v);

	ck_assert_str_eq(got, want);
	free(got);
}

static void
sync_show(struct view *v)
{
	ck_assert_msg(view_sync(v, &why) == 0, "%s", why_text(&why));
	view_purge(v, NULL, NULL);
	view_show(v);
}

static void
store(struct view *v, uint32_t at, enum view_op op, unsigned flags,
    const char *keyword)
{
	struct span kw = span_str(keyword);
	const struct view_change c = { op, flags, &kw, keyword != NULL,
		UINT64_MAX };

	ck_assert_msg(
	    view_store(v, &at, 1, &c, &why) == 0, "%s", why_text(&why));
}

static void
expunge_all(struct view *v)
{
	uint32_t at[64];

	for (uint32_t i = 0; i < view_count(v); i++)
		at[i] = i;
	ck_assert_msg(
	    view_expunge(v, at, view_count(v), VIEW_DELETED, &why) == 0, "%s",
	    why_text(&why));
}

static void
three(void)
{
	scratch_write(base, "new/100.M3P1.h,S=6,W=8", "A: b\n\n");
	scratch_write(base, "new/100.M1P1.h,S=6,W=8", "A: b\n\n");
	scratch_write(base, "cur/99.M9P1.h,S=6,W=8:2,S", "A: b\n\n");
}

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
	ck_assert(scratch_has(base, "facteur.index"));
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

static void
harm(int i)
{
	char *path;

	if (harms[i].remove != NULL) {
		path = mem_printf("%s/%s", base, harms[i].remove);
		ck_assert_int_eq(unlink(path), 0);
		free(path);
	}
	if (harms[i].damage == NULL)
		return;
	path = mem_printf("%s/%s", base, harms[i].damage);
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
		char *path = mem_printf("%s/%s", base, files[i]);

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
	index = mem_printf("%s/facteur.index", base);
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
	struct view_change c = { VIEW_ADD, FLAG_FLAGGED, NULL, 0, 0 };
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
	ck_assert((view_at(v, 0)->bits & (MSG_WIRE_SIZED | MSG_DATED)) ==
	    (MSG_WIRE_SIZED | MSG_DATED));
	ck_assert_int_eq(view_at(v, 0)->date, 1000000000);
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
	const struct view_conf c = { .tree = t, .watch = _i == 1 };
	struct maildir *m;
	struct view *v;

	ck_assert_int_eq(tree_make(t, SPAN("INBOX.a"), &why), TREE_DONE);
	scratch_write(base, ".a/new/1.h", "A: b\n\n");
	m = tree_folder(t, SPAN("INBOX.a"), &got, &why);
	v = view_open(&m, &c, &why);
	ck_assert_uint_eq(view_count(v), 1);
	ck_assert_int_eq(tree_remove(t, SPAN("INBOX.a"), &why), TREE_DONE);
	ck_assert_int_eq(view_sync(v, &why), -1);
	ck_assert(view_is_lost(v));
	view_close(&v);
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
			UINT64_MAX };
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

/* Until the folders' stamps are past, so that they say something. */
static void
let_settle(void)
{
	static const struct timespec nap = { 0, 30000000 };

	(void)nanosleep(&nap, NULL);
}

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
	char *path = mem_printf("%s/facteur.index", base);
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
	char *index = mem_printf("%s/facteur.index", base);
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

START_TEST(status)
{
	struct view_status s = { .want_bytes = true };
	enum tree_result got;
	struct maildir *m;
	struct view *v;

	three();
	for (int round = 0; round < 3; round++) {
		m = tree_folder(t, SPAN("INBOX"), &got, &why);
		ck_assert_int_eq(view_status(&m, t, &s, &why), 0);
		ck_assert_ptr_null(m);
		ck_assert_uint_eq(s.totals.messages, 3);
		ck_assert_uint_eq(s.totals.unseen, 2);
		ck_assert_uint_eq(s.totals.recent, 2);
		ck_assert_uint_eq(s.totals.bytes, 24);
		ck_assert_uint_eq(s.head.next, 4);
	}
	v = open_as(false, false);
	store(v, 0, VIEW_ADD, FLAG_DELETED, NULL);
	m = tree_folder(t, SPAN("INBOX"), &got, &why);
	ck_assert_int_eq(view_status(&m, t, &s, &why), 0);
	ck_assert_uint_eq(s.totals.deleted, 1);
	ck_assert_uint_eq(s.totals.recent, 0);
	expunge_all(v);
	view_close(&v);
	m = tree_folder(t, SPAN("INBOX"), &got, &why);
	ck_assert_int_eq(view_status(&m, t, &s, &why), 0);
	ck_assert_uint_eq(s.totals.messages, 2);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, first_open, 0, 2);
	tcase_add_test(c, read_only_moves_nothing);
	tcase_add_loop_test(c, survives_harm, 0, UNIT_COUNT(harms));
	tcase_add_test(c, all_lost);
	tcase_add_test(c, uids_cut_anywhere);
	tcase_add_loop_test(c, new_mail, 0, 2);
	tcase_add_loop_test(c, foreign_changes, 0, 2);
	tcase_add_loop_test(c, store_finds_renamed, 0, 2);
	tcase_add_loop_test(c, two_sessions, 0, 2);
	tcase_add_test(c, purge_numbers);
	tcase_add_test(c, unchanged_since);
	tcase_add_test(c, sizes_and_dates);
	tcase_add_test(c, twins);
	tcase_add_test(c, linked_twin_is_one);
	tcase_add_loop_test(c, folder_removed, 0, 2);
	tcase_add_loop_test(c, faults_in_sync, 0, UNIT_COUNT(faults));
	tcase_add_loop_test(c, faults_in_store, 0, UNIT_COUNT(faults));
	tcase_add_test(c, asleep);
	tcase_add_loop_test(c, asleep_and_damaged, 0, 4);
	tcase_add_test(c, asleep_and_lost);
	tcase_add_test(c, status);
}

int
main(void)
{
	return unit_main("mailbox/view", fill);
}
