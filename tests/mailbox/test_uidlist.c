/* test_uidlist.c - mailbox/uidlist.h, mailbox/changelog.h, mailbox/index.h */

#include "mailbox/uidlist.h"

#include <errno.h>

#include "base/why.h"
#include "mailbox/changelog.h"
#include "mailbox/index.h"
#include "os/fault.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;
static int dir;
static struct why why;

static void
setup(void)
{
	base = scratch_new();
	dir = file_open_dir(AT_FDCWD, base, false);
	why_init(&why);
}

static void
teardown(void)
{
	disarm();
	file_close(&dir);
	why_free(&why);
	scratch_free(&base);
}

static void
note(void *arg, const struct uid_event *e)
{
	struct buf *out = arg;

	switch (e->kind) {
	case UID_START:
		buf_add_str(out, "start ");
		break;
	case UID_ADD:
		buf_printf(out, "+%u=%.*s", e->uid, (int)e->text.n, e->text.p);
		if (e->uidl.n > 0)
			buf_printf(out, "/%.*s", (int)e->uidl.n, e->uidl.p);
		buf_add_byte(out, ' ');
		break;
	case UID_GONE:
		buf_printf(out, "-%u ", e->uid);
		break;
	case UID_KEYWORDS:
		buf_printf(out, "k%u=%llx,%llx ", e->uid,
		    (unsigned long long)e->kw.w[1],
		    (unsigned long long)e->kw.w[0]);
		break;
	case UID_KEYWORD:
		buf_printf(out, "n%u=%.*s ", e->uid, (int)e->text.n, e->text.p);
		break;
	case UID_RECENT:
		buf_printf(out, "r%u ", e->uid);
		break;
	}
}

/* Take the lock, read, compare with want, let the lock go. */
static void
reads(struct uidlist *u, const char *want)
{
	struct buf out = BUF_EMPTY;
	struct uidlist_head head;

	ck_assert_int_eq(uidlist_lock(u, &why), 0);
	ck_assert(uidlist_head(u, &head));
	ck_assert_int_eq(uidlist_read(u, note, &out, &why), 0);
	ck_assert_str_eq(buf_str(&out), want);
	uidlist_unlock(u);
	buf_free(&out);
}

static void
make(struct uidlist *u)
{
	struct keywords *names = keywords_new();
	struct uidlist_content c = { .head = { 77, 10, "" }, .names = names };
	struct uid_entry list[2] = { { .uid = 3, .base = SPAN("1.a,S=3") },
		{ .uid = 5,
		    .base = SPAN("2 %\n.b"),
		    .uidl = SPAN("UID5-9"),
		    .kw = { { 1, 2 } } } };

	memset(c.head.guid, 'a', UIDLIST_GUID);
	(void)keywords_add(names, SPAN("$Junk"));
	c.list = list;
	c.count = 2;
	ck_assert_int_eq(uidlist_lock(u, &why), 0);
	ck_assert(!uidlist_head(u, &c.head));
	ck_assert_int_eq(uidlist_replace(u, &c, &why), 0);
	uidlist_unlock(u);
	keywords_free(&names);
}

#define MADE "start n0=$Junk +3=1.a,S=3 +5=2 %\n.b/UID5-9 k5=2,1 "

START_TEST(written_and_read)
{
	struct uidlist *u = uidlist_new(dir, 0600), *w = uidlist_new(dir, 0600);
	struct kwset kw = { { 4, 0 } };

	make(u);
	ck_assert(!uidlist_changed(u));
	ck_assert(uidlist_changed(w));
	reads(w, MADE);
	ck_assert_int_eq(uidlist_lock(u, &why), 0);
	ck_assert_uint_eq(uidlist_next(u), 10);
	ck_assert_uint_eq(uidlist_add(u, SPAN("3.c"), SPAN("")), 10);
	uidlist_gone(u, 3);
	uidlist_keywords(u, 5, &kw);
	uidlist_keyword(u, 2, SPAN("wo rk"));
	uidlist_recent(u, 11);
	ck_assert_int_eq(uidlist_commit(u, true, &why), 0);
	uidlist_unlock(u);
	ck_assert(uidlist_changed(w));
	reads(w, "+10=3.c -3 k5=0,4 n2=wo rk r11 ");
	reads(w, "");
	ck_assert(!uidlist_changed(w));
	ck_assert_uint_eq(uidlist_next(w), 11);
	uidlist_free(&u);
	uidlist_free(&w);
}
END_TEST

/* Another process holds the lock; ours are of the same process, but of another
 * opening. */
START_TEST(lock_excludes)
{
	struct uidlist *u = uidlist_new(dir, 0600);
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd;

	make(u);
	ck_assert_int_eq(uidlist_lock(u, &why), 0);
	fd = file_open(dir, "facteur.uids", O_RDWR, 0);
	ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &l), -1);
	uidlist_unlock(u);
	ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &l), 0);
	file_close(&fd);
	uidlist_free(&u);
}
END_TEST

/* A tail that was torn at any byte costs its own line only, and the next write
 * is whole again. */
START_TEST(torn_anywhere)
{
	struct uidlist *u = uidlist_new(dir, 0600);
	char *path = mem_printf("%s/facteur.uids", base), *whole;
	size_t had, all;

	make(u);
	whole = scratch_read(base, "facteur.uids");
	had = strlen(whole);
	free(whole);
	ck_assert_int_eq(uidlist_lock(u, &why), 0);
	ck_assert_uint_eq(uidlist_add(u, SPAN("3.c"), SPAN("")), 10);
	ck_assert_int_eq(uidlist_commit(u, true, &why), 0);
	uidlist_unlock(u);
	uidlist_free(&u);
	whole = scratch_read(base, "facteur.uids");
	all = strlen(whole);
	for (size_t cut = had; cut < all; cut++) {
		scratch_write(base, "facteur.uids", whole);
		ck_assert_int_eq(truncate(path, (off_t)cut), 0);
		u = uidlist_new(dir, 0600);
		reads(u, MADE);
		ck_assert_int_eq(uidlist_lock(u, &why), 0);
		/* the head knows that 10 was given */
		ck_assert_uint_eq(uidlist_add(u, SPAN("4.d"), SPAN("")), 11);
		ck_assert_int_eq(uidlist_commit(u, true, &why), 0);
		uidlist_unlock(u);
		uidlist_free(&u);
		u = uidlist_new(dir, 0600);
		reads(u, MADE "+11=4.d ");
		ck_assert_uint_eq(uidlist_damaged(u), 0);
		uidlist_free(&u);
	}
	free(whole);
	free(path);
}
END_TEST

/* Any flipped bit is either seen or harmless; the file is never misread. */
START_TEST(flipped_anywhere)
{
	struct uidlist *u = uidlist_new(dir, 0600);
	struct uidlist_head head;
	char *whole;
	size_t all;

	make(u);
	uidlist_free(&u);
	whole = scratch_read(base, "facteur.uids");
	all = strlen(whole);
	for (size_t at = 0; at < all; at++) {
		struct buf out = BUF_EMPTY;
		bool good;

		whole[at] ^= 1;
		scratch_write(base, "facteur.uids", whole);
		whole[at] ^= 1;
		u = uidlist_new(dir, 0600);
		ck_assert_int_eq(uidlist_lock(u, &why), 0);
		good = uidlist_head(u, &head);
		if (good) {
			ck_assert_uint_eq(head.validity, 77);
			ck_assert_uint_eq(head.next, 10);
			ck_assert_int_eq(uidlist_read(u, note, &out, &why), 0);
			ck_assert_msg(out.n < strlen(MADE), "byte %zu", at);
		}
		uidlist_unlock(u);
		uidlist_free(&u);
		buf_free(&out);
	}
	free(whole);
}
END_TEST

START_TEST(faults)
{
	static const enum fault kinds[] = { FAULT_WRITE, FAULT_SYNC };

	for (int k = 0; k < 2; k++)
		for (unsigned nth = 1; nth < 4; nth++) {
			struct uidlist *u = uidlist_new(dir, 0600);
			int got;

			(void)unlinkat(dir, "facteur.uids", 0);
			make(u);
			ck_assert_int_eq(uidlist_lock(u, &why), 0);
			ck_assert_uint_eq(
			    uidlist_add(u, SPAN("3.c"), SPAN("")), 10);
			fault_arm(kinds[k], nth, ENOSPC, false);
			got = uidlist_commit(u, true, &why);
			disarm();
			ck_assert(got == 0 || strcmp(why.status, "4.3.1") == 0);
			ck_assert_uint_eq(
			    uidlist_add(u, SPAN("4.d"), SPAN("")), 11);
			ck_assert_int_eq(uidlist_commit(u, true, &why), 0);
			uidlist_unlock(u);
			uidlist_free(&u);
			u = uidlist_new(dir, 0600);
			reads(u,
			    got == 0 ? MADE "+10=3.c +11=4.d "
				     : MADE "+11=4.d ");
			uidlist_free(&u);
		}
}
END_TEST

START_TEST(replaced_by_another)
{
	struct uidlist *u = uidlist_new(dir, 0600);
	struct uidlist_place place;

	make(u);
	place = uidlist_place(u);
	ck_assert_int_eq(uidlist_lock(u, &why), 0);
	ck_assert(uidlist_seek(u, place));
	place.at--;
	ck_assert(!uidlist_seek(u, place));
	place.at += 100;
	ck_assert(!uidlist_seek(u, place));
	uidlist_unlock(u);
	(void)unlinkat(dir, "facteur.uids", 0);
	{
		struct uidlist *w = uidlist_new(dir, 0600);

		make(w);
		uidlist_free(&w);
	}
	ck_assert(uidlist_changed(u));
	reads(u, MADE);
	uidlist_free(&u);
}
END_TEST

/* A power cut within a large change: the head is the one of before, and of the
 * lines some blocks were not written. UIDs that are told by any line, however
 * far from the end, are given to no other message. */
static const struct lost_tail {
	size_t from, n; /* bytes of zeros, from so far before the end */
	size_t keywords; /* lines behind those of messages */
	bool cut; /* and what follows them is not there */
} lost_tails[] = {
	{ 10000, 10000, 0, false },
	{ 30000, 30000, 0, false },
	{ 30000, 29000, 0, false },
	{ 12000, 11999, 0, false },
	{ 9000, 4096, 0, false },
	{ 4096, 4096, 0, false },
	{ 20000, 4096, 0, true },
	{ 100, 1, 0, true },
	{ 0, 0, 0, false },
	{ 0, 0, 100, false },
	{ 100, 100, 100, false },
	{ 9000, 9000, 100, false },
};

/* The UID of the last message that is told before the place. */
static uint32_t
last_told(const char *text, size_t place)
{
	uint32_t uid = 0;

	for (const char *p = text; p < text + place; p++)
		if (*p == '\n' && p[1] == '+' &&
		    memchr(p + 1, '\n', (size_t)(text + place - p - 1)) != NULL)
			uid = (uint32_t)strtoul(p + 2, NULL, 10);
	return uid;
}

static void
lose_tail(const struct lost_tail *row, struct span head, struct span all)
{
	static char zeros[30000];
	int fd = openat(dir, "facteur.uids", O_RDWR | O_CLOEXEC);
	size_t at = all.n - row->from;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(pwrite(fd, head.p, head.n, 0), (ssize_t)head.n);
	ck_assert_int_eq(pwrite(fd, zeros, row->n, (off_t)at), (ssize_t)row->n);
	if (row->cut)
		ck_assert_int_eq(ftruncate(fd, (off_t)(at + row->n)), 0);
	close(fd);
}

START_TEST(tail_lost)
{
	const struct lost_tail *row = &lost_tails[_i];
	struct uidlist *u = uidlist_new(dir, 0600);
	struct uidlist_head head;
	char *before, *after, *name;
	uint32_t told;

	make(u);
	before = scratch_read(base, "facteur.uids");
	ck_assert_int_eq(uidlist_lock(u, &why), 0);
	for (size_t i = 0; i < 2000; i++)
		(void)uidlist_add(
		    u, SPAN("1700000000.M1P1.host,S=3"), SPAN(""));
	for (size_t i = 0; i < row->keywords; i++) {
		name = mem_printf("%zu%0200d", i, 0);
		uidlist_keyword(u, i, span_str(name));
		free(name);
	}
	ck_assert_int_eq(uidlist_commit(u, true, &why), 0);
	uidlist_free(&u);
	after = scratch_read(base, "facteur.uids");
	told = last_told(after, strlen(after) - row->from);
	if (row->from > row->n && !row->cut) /* something follows them */
		told = row->n == row->from - 1 ? told : 2009;
	lose_tail(row, span_head(span_str(before), strcspn(before, "\n") + 1),
	    span_str(after));
	u = uidlist_new(dir, 0600);
	ck_assert_int_eq(uidlist_lock(u, &why), 0);
	ck_assert(uidlist_head(u, &head));
	ck_assert_int_eq(uidlist_seek_end(u, &why), 0);
	ck_assert_uint_eq(uidlist_next(u), told + 1);
	ck_assert_uint_eq(uidlist_add(u, SPAN("9.z"), SPAN("")), told + 1);
	ck_assert_int_eq(uidlist_commit(u, true, &why), 0);
	ck_assert(uidlist_head(u, &head));
	ck_assert_uint_eq(head.next, told + 2);
	uidlist_free(&u);
	free(before);
	free(after);
}
END_TEST

/* --- facteur.log --- */

static void
note_change(void *arg, const struct change *c)
{
	struct buf *out = arg;

	buf_printf(out, "%d:%u:%u ", (int)c->kind, c->uid, c->flags);
}

START_TEST(changes)
{
	struct changelog *l = changelog_new(dir, dir, "facteur.log", 0600);
	struct changelog *w = changelog_new(dir, dir, "facteur.log", 0600);
	struct change c = { CHANGE_FLAGS, 5, 3, { { 1, 2 } }, 0 };
	struct buf out = BUF_EMPTY;
	uint64_t first, second;

	ck_assert(!changelog_open(l, 77));
	ck_assert(!changelog_open(w, 77));
	first = c.modseq = changelog_modseq(l);
	changelog_add(l, &c);
	c.kind = CHANGE_GONE;
	second = c.modseq = changelog_modseq(l);
	ck_assert_uint_gt(second, first);
	changelog_add(l, &c);
	changelog_commit(l);
	ck_assert(changelog_changed(w));
	changelog_read(w, note_change, &out);
	ck_assert_str_eq(buf_str(&out), "2:5:3 3:5:3 ");
	ck_assert_uint_eq(changelog_highest(w), second);
	ck_assert(!changelog_changed(w));
	buf_clear(&out);
	ck_assert(changelog_gone_since(w, first, note_change, &out));
	ck_assert_str_eq(buf_str(&out), "3:5:3 ");
	buf_clear(&out);
	ck_assert(changelog_gone_since(w, second, note_change, &out));
	ck_assert_str_eq(buf_str(&out), "");
	/* what was before the log cannot be told */
	ck_assert(!changelog_gone_since(w, first - 1000000, note_change, &out));
	/* of another UIDVALIDITY it is no log */
	changelog_free(&w);
	w = changelog_new(dir, dir, "facteur.log", 0600);
	ck_assert(!changelog_open(w, 78));
	changelog_read(w, note_change, &out);
	ck_assert_str_eq(buf_str(&out), "");
	buf_free(&out);
	changelog_free(&l);
	changelog_free(&w);
}
END_TEST

static void
log_some(struct changelog *l, uint32_t from, uint32_t to)
{
	for (uint32_t uid = from; uid < to; uid++) {
		struct change c = { CHANGE_FLAGS, uid, 0, { { 0, 0 } },
			changelog_modseq(l) };

		changelog_add(l, &c);
	}
	changelog_commit(l);
}

/* One that has the log open while it is made anew reads all of the new one,
 * even when that has become longer meanwhile. */
START_TEST(log_made_anew_under_a_reader)
{
	struct changelog *l = changelog_new(dir, dir, "facteur.log", 0600);
	struct changelog *r = changelog_new(dir, dir, "facteur.log", 0600);
	struct changelog_place place;
	struct buf out = BUF_EMPTY;

	ck_assert(!changelog_open(l, 77));
	log_some(l, 1, 4);
	ck_assert(!changelog_open(r, 77));
	changelog_read(r, note_change, &out);
	ck_assert_str_eq(buf_str(&out), "2:1:0 2:2:0 2:3:0 ");
	buf_clear(&out);
	/* a power cut took the end of it */
	place = changelog_place(l);
	place.at += 400;
	ck_assert(!changelog_seek(l, place));
	log_some(l, 5, 10);
	ck_assert(changelog_changed(r));
	ck_assert(!changelog_open(r, 77));
	changelog_read(r, note_change, &out);
	ck_assert_str_eq(buf_str(&out), "2:5:0 2:6:0 2:7:0 2:8:0 2:9:0 ");
	ck_assert(!scratch_has(base, "facteur.log.tmp"));
	buf_free(&out);
	changelog_free(&l);
	changelog_free(&r);
}
END_TEST

/* What a killed process left is in nobody's way; one that cannot be made is
 * none, and leaves nothing. */
START_TEST(log_beside_leavings)
{
	struct changelog *l = changelog_new(dir, dir, "facteur.log", 0600);

	scratch_write(base, "facteur.log.tmp", "half of a head");
	fault_arm(FAULT_WRITE, (unsigned)_i, ENOSPC, false);
	ck_assert(!changelog_open(l, 77));
	disarm();
	ck_assert(scratch_has(base, "facteur.log") == (_i == 0));
	ck_assert(!scratch_has(base, "facteur.log.tmp"));
	changelog_free(&l);
}
END_TEST

START_TEST(log_that_cannot_be_written)
{
	struct changelog *l = changelog_new(dir, dir, "facteur.log", 0600);
	struct change c = { CHANGE_FLAGS, 5, 3, { { 1, 2 } }, 1 };
	uint64_t before;

	(void)changelog_open(l, 77);
	before = changelog_modseq(l);
	changelog_add(l, &c);
	fault_arm(FAULT_WRITE, 1, ENOSPC, false);
	changelog_commit(l);
	ck_assert(!scratch_has(base, "facteur.log"));
	ck_assert_uint_gt(changelog_modseq(l), before);
	ck_assert(!changelog_open(l, 77));
	ck_assert_uint_gt(changelog_modseq(l), before);
	changelog_free(&l);
}
END_TEST

/* --- facteur.index --- */

static void
fill_index(struct index *x)
{
	struct msg *m;

	index_init(x);
	x->head.validity = 77;
	x->head.next = 10;
	memset(x->head.guid, 'b', UIDLIST_GUID);
	x->stamps[1].settled = true;
	x->stamps[1].mtime.tv_nsec = 999999999;
	(void)keywords_put(x->keywords, 0, SPAN("zero"));
	(void)keywords_put(x->keywords, 3, SPAN("three"));
	m = index_add(x, 4, SPAN("1.a:2,S"));
	m->flags = 1;
	m->bits = MSG_SIZED | MSG_RECENT;
	m->size = 12;
	m = index_add(x, 6, SPAN("2.b"));
	m->bits = MSG_GONE;
	m = index_add(x, 9, SPAN("3.c:2,"));
	m->modseq = UINT64_C(1) << 60;
	m->kw.w[1] = 5;
	m->date = -5;
}

START_TEST(index_round)
{
	struct index x, y;

	fill_index(&x);
	ck_assert_int_eq(index_save(&x, dir, "i", 0600), 0);
	index_init(&y);
	ck_assert(index_load(&y, dir, "i"));
	ck_assert_uint_eq(y.count, 2);
	ck_assert(span_is(index_name(&y, &y.list[0]), "1.a:2,S"));
	ck_assert(span_is(index_base(&y, &y.list[0]), "1.a"));
	ck_assert_uint_eq(y.list[0].bits, MSG_SIZED);
	ck_assert_uint_eq(y.list[1].uid, 9);
	ck_assert_uint_eq(y.list[1].modseq, UINT64_C(1) << 60);
	ck_assert_uint_eq(y.list[1].kw.w[1], 5);
	ck_assert_int_eq(y.list[1].date, -5);
	ck_assert(y.stamps[1].settled && !y.stamps[0].settled);
	ck_assert_int_eq(y.stamps[1].mtime.tv_nsec, 999999999);
	ck_assert_uint_eq(keywords_count(y.keywords), 4);
	ck_assert(span_is(keywords_name(y.keywords, 3), "three"));
	ck_assert_uint_eq(index_find(&y, 5), 1);
	ck_assert_uint_eq(index_find(&y, 10), 2);
	index_done(&x);
	index_done(&y);
}
END_TEST

/* Whatever byte is wrong, or missing, it is no index. */
START_TEST(index_damaged)
{
	struct index x, y;
	struct buf whole = BUF_EMPTY;
	char *path = mem_printf("%s/i", base);
	int fd;

	fill_index(&x);
	ck_assert_int_eq(index_save(&x, dir, "i", 0600), 0);
	ck_assert_int_eq(file_read_path(path, 1 << 20, &whole), 0);
	index_init(&y);
	for (size_t at = 0; at < whole.n; at++) {
		fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
		whole.p[at] ^= 1;
		ck_assert_int_eq(file_write(fd, buf_span(&whole)), 0);
		whole.p[at] ^= 1;
		ck_assert_msg(!index_load(&y, dir, "i"), "byte %zu", at);
		ck_assert_uint_eq(y.count, 0);
		ck_assert_int_eq(ftruncate(fd, (off_t)at), 0);
		ck_assert_msg(!index_load(&y, dir, "i"), "cut at %zu", at);
		close(fd);
	}
	index_done(&x);
	index_done(&y);
	buf_free(&whole);
	free(path);
}
END_TEST

START_TEST(index_not_saved)
{
	struct index x, y;

	fill_index(&x);
	ck_assert_int_eq(index_save(&x, dir, "i", 0600), 0);
	(void)index_add(&x, 10, SPAN("4.d"));
	x.head.next = 11;
	for (unsigned nth = 1; nth < 5; nth++) {
		fault_arm(FAULT_WRITE, nth, ENOSPC, false);
		ck_assert_int_eq(index_save(&x, dir, "i", 0600), -1);
		disarm();
		index_init(&y);
		ck_assert(index_load(&y, dir, "i") && y.count == 2);
		index_done(&y);
		ck_assert_uint_eq(scratch_count(base, "."), 1);
	}
	index_done(&x);
}
END_TEST

START_TEST(index_packs_names)
{
	struct index x;
	struct buf name = BUF_EMPTY;

	fill_index(&x);
	for (int i = 0; i < 60000; i++) {
		buf_clear(&name);
		buf_printf(&name, "1.a:2,%050d", i);
		ck_assert(index_rename(&x, &x.list[0], buf_span(&name)));
		index_pack(&x);
	}
	ck_assert_uint_lt(x.names.n, 2 << 20);
	ck_assert(span_eq(index_name(&x, &x.list[0]), buf_span(&name)));
	ck_assert(span_is(index_name(&x, &x.list[2]), "3.c:2,"));
	buf_free(&name);
	index_done(&x);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, written_and_read);
	tcase_add_test(c, lock_excludes);
	tcase_add_test(c, torn_anywhere);
	tcase_add_test(c, flipped_anywhere);
	tcase_add_test(c, faults);
	tcase_add_test(c, replaced_by_another);
	tcase_add_loop_test(c, tail_lost, 0, UNIT_COUNT(lost_tails));
	tcase_add_test(c, changes);
	tcase_add_test(c, log_made_anew_under_a_reader);
	tcase_add_loop_test(c, log_beside_leavings, 0, 2);
	tcase_add_test(c, log_that_cannot_be_written);
	tcase_add_test(c, index_round);
	tcase_add_test(c, index_damaged);
	tcase_add_test(c, index_not_saved);
	tcase_add_test(c, index_packs_names);
}

int
main(void)
{
	return unit_main("mailbox/uidlist", fill);
}
