/* views.h - a Maildir of a test's own and views on it */

#ifndef TESTS_MAILBOX_VIEWS_H
#define TESTS_MAILBOX_VIEWS_H

#include <time.h>

#include "base/why.h"
#include "mailbox/flags.h"
#include "mailbox/index_note.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "mailbox/view_parts.h"
#include "os/fault.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

static char *base;
static struct tree *tree;
static struct why why;
static const struct folder_conf conf = { "INBOX.", '.', FOLDER_AUTO, false };

/* Where indexes lie: in the folders, elsewhere, or nowhere. */
enum where { HERE, ELSEWHERE, NOWHERE };
static enum where where;
static char *index_root;

static inline void
setup(void)
{
	base = scratch_new();
	why_init(&why);
	tree = tree_open(AT_FDCWD, base, &conf, &why);
	ck_assert_msg(tree != NULL, "%s", why_text(&why));
	if (where == HERE)
		return;
	index_root = scratch_new();
	if (where == ELSEWHERE) {
		tree_keep_indexes(tree, index_root);
	} else {
		char *none = mem_printf("%s/none", index_root);

		tree_keep_indexes(tree, none);
		free(none);
	}
}

static inline void
setup_elsewhere(void)
{
	where = ELSEWHERE;
	setup();
}

static inline void
setup_nowhere(void)
{
	where = NOWHERE;
	setup();
}

static inline void
teardown(void)
{
	disarm();
	tree_close(&tree);
	why_free(&why);
	scratch_free(&base);
	if (index_root != NULL)
		scratch_free(&index_root);
	where = HERE;
}

/* A file of INBOX that an index is made of, where that lies; the caller frees
 * it. */
static inline char *
index_file(const char *file)
{
	enum tree_result got;
	struct maildir *m = tree_folder(tree, SPAN("INBOX"), &got, &why);
	char link[64], at[512];
	ssize_t n;

	ck_assert_ptr_nonnull(m);
	(void)snprintf(
	    link, sizeof(link), "/proc/self/fd/%d", maildir_index(m));
	n = readlink(link, at, sizeof(at));
	ck_assert(n > 0 && (size_t)n < sizeof(at));
	maildir_close(&m);
	return mem_printf("%.*s/%s", (int)n, at, file);
}

/* The same tests, with indexes in the folders and in other places. */
static inline int
views_main(const char *name, void (*fill)(TCase *), bool nowhere)
{
	static const struct {
		const char *name;
		void (*setup)(void);
	} places[] = { { "here", setup }, { "elsewhere", setup_elsewhere },
		{ "nowhere", setup_nowhere } };
	Suite *s = suite_create(name);

	for (int i = 0; i < (nowhere ? 3 : 2); i++) {
		TCase *t = tcase_create(places[i].name);

		tcase_set_timeout(t, 60);
		tcase_add_checked_fixture(t, places[i].setup, teardown);
		suite_add_tcase(s, t);
		fill(t);
	}
	return unit_run(s);
}

static inline struct view *
open_as(bool read_only, bool watch)
{
	const struct view_conf c = {
		.tree = tree, .read_only = read_only, .watch = watch
	};
	enum tree_result got;
	struct maildir *m = tree_folder(tree, SPAN("INBOX"), &got, &why);
	struct view *v;

	ck_assert_ptr_nonnull(m);
	v = view_open(&m, &c, &why);
	ck_assert_msg(v != NULL, "%s", why_text(&why));
	ck_assert_ptr_null(m);
	return v;
}

/* "uid:flags:keywords" of each message, '!' before one that is gone; the
 * caller frees it. */
static inline char *
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

static inline void
is(const struct view *v, const char *want)
{
	char *got = shown(v);

	ck_assert_str_eq(got, want);
	free(got);
}

static inline void
sync_show(struct view *v)
{
	ck_assert_msg(view_sync(v, &why) == 0, "%s", why_text(&why));
	view_purge(v, NULL, NULL);
	view_show(v);
}

static inline void
store(struct view *v, uint32_t at, enum view_op op, unsigned flags,
    const char *keyword)
{
	struct span kw = span_str(keyword);
	const struct view_change c = { op, flags, &kw, keyword != NULL,
		UINT64_MAX, NULL, 0, false };

	ck_assert_msg(
	    view_store(v, &at, 1, &c, &why) == 0, "%s", why_text(&why));
}

static inline void
expunge_all(struct view *v)
{
	uint32_t at[64];

	for (uint32_t i = 0; i < view_count(v); i++)
		at[i] = i;
	ck_assert_msg(
	    view_expunge(v, at, view_count(v), VIEW_DELETED, &why) == 0, "%s",
	    why_text(&why));
}

static inline void
three(void)
{
	scratch_write(base, "new/100.M3P1.h,S=6,W=8", "A: b\n\n");
	scratch_write(base, "new/100.M1P1.h,S=6,W=8", "A: b\n\n");
	scratch_write(base, "cur/99.M9P1.h,S=6,W=8:2,S", "A: b\n\n");
}

static inline bool
coarse_after(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return now.tv_sec != then->tv_sec ? now.tv_sec > then->tv_sec
					  : now.tv_nsec > then->tv_nsec;
}

/* Until the folders' stamps are past, so that they say something. */
static inline void
let_settle(void)
{
	struct timespec then;

	clock_gettime(CLOCK_REALTIME, &then);
	UNIT_WAIT(coarse_after(&then));
}

#endif
