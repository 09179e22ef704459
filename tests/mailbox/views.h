/* views.h - a Maildir of a test's own and views on it */

#ifndef TESTS_MAILBOX_VIEWS_H
#define TESTS_MAILBOX_VIEWS_H

#include <time.h>

#include "base/why.h"
#include "mailbox/flags.h"
#include "mailbox/maildir.h"
#include "mailbox/tree.h"
#include "mailbox/view_parts.h"
#include "os/fault.h"
#include "tests/mailbox/scratch.h"

static char *base;
static struct tree *tree;
static struct why why;
static const struct folder_conf conf = { "INBOX.", '.', FOLDER_AUTO, false };

static inline void
setup(void)
{
	base = scratch_new();
	why_init(&why);
	tree = tree_open(AT_FDCWD, base, &conf, &why);
	ck_assert_msg(tree != NULL, "%s", why_text(&why));
}

static inline void
disarm(void)
{
	for (int k = 0; k < FAULT_KINDS; k++)
		fault_arm((enum fault)k, 0, 0, false);
}

static inline void
teardown(void)
{
	disarm();
	tree_close(&tree);
	why_free(&why);
	scratch_free(&base);
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

/* Until the folders' stamps are past, so that they say something. */
static inline void
let_settle(void)
{
	static const struct timespec nap = { 0, 30000000 };

	(void)nanosleep(&nap, NULL);
}

#endif
