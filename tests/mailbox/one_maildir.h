/* one_maildir.h - a Maildir of a test's own, opened */

#ifndef TESTS_MAILBOX_ONE_MAILDIR_H
#define TESTS_MAILBOX_ONE_MAILDIR_H

#include "base/arena.h"
#include "base/why.h"
#include "mailbox/maildir.h"
#include "tests/mailbox/scratch.h"

static struct arena *a;
static char *base;
static struct maildir *m;
static struct why why;

static void
setup(void)
{
	a = arena_new();
	base = scratch_new();
	why_init(&why);
	m = maildir_open(AT_FDCWD, base, MAILDIR_MAKE, &why);
	ck_assert_ptr_nonnull(m);
}

static void
teardown(void)
{
	disarm();
	maildir_close(&m);
	why_free(&why);
	scratch_free(&base);
	arena_free(&a);
}

#endif
