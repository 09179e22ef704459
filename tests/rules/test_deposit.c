/* test_deposit.c - rules/deposit.h */

#include "rules/deposit.h"

#include <errno.h>
#include <unistd.h>

#include "mailbox/maildir.h"
#include "os/fault.h"
#include "rules/expand.h"
#include "rules/letter.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

#define FROM "From a@b  Mon Mar  2 09:10:11 2020\n"

static char *base;
static struct maildir *kept;
static bool keep;
static struct letter *letter;
static struct buf said, place;

static void
setup(void)
{
	base = scratch_new();
	ck_assert_int_eq(chdir(base), 0);
	letter = letter_new(SPAN(FROM "A: b\n\nFrom x\n"), true);
}

static void
teardown(void)
{
	disarm();
	ck_assert_int_eq(chdir("/"), 0);
	scratch_free(&base);
	maildir_close(&kept);
	keep = false;
	letter_free(&letter);
	buf_free(&said);
	buf_free(&place);
}

static void
named(void *ctx, struct span where)
{
	(void)ctx;
	buf_clear(&place);
	buf_add_span(&place, where);
}

static void
say(void *ctx, bool verbose, const char *what, struct span name)
{
	(void)ctx;
	if (!verbose)
		buf_printf(&said, "%s \"%.*s\";", what, (int)name.n, name.p);
}

static bool
put(const char *folders)
{
	struct words names = { .count = 0 };
	struct span rest = span_str(folders), word;
	struct deposit d = { .letter = letter,
		.names = &names,
		.prefix = "msg.",
		.detect = true,
		.umask = 077,
		.kept = keep ? &kept : NULL,
		.named = named,
		.say = say };
	bool done;

	buf_clear(&said);
	while (span_cut(&rest, ' ', &word))
		words_add(&names, word);
	done = deposit(&d);
	words_free(&names);
	return done;
}

#define BOX FROM "A: b\n\n>From x\n\n"

START_TEST(file)
{
	char *text;

	ck_assert(put("box") && put("box"));
	text = scratch_read(base, "box");
	ck_assert_str_eq(text, BOX BOX);
	free(text);
	ck_assert(span_is(buf_span(&place), "box"));
	ck_assert(put("box other/"));
	ck_assert(span_is(buf_span(&said), "Skipped \"other/\";"));
	ck_assert(!scratch_has(base, "other"));
}
END_TEST

START_TEST(maildir)
{
	ck_assert(put("md/"));
	ck_assert_uint_eq(scratch_count(base, "md/new"), 1);
	ck_assert_uint_eq(scratch_count(base, "md/tmp"), 0);
	/* named without its slash it is one all the same */
	ck_assert(put("md"));
	ck_assert_uint_eq(scratch_count(base, "md/new"), 2);
	ck_assert(span_starts(buf_span(&place), "md/new/"));
}
END_TEST

/* The folder is open still; and is another one after a while, or none. */
START_TEST(maildir_kept)
{
	keep = true;
	ck_assert(put("md/") && put("md/"));
	ck_assert_ptr_nonnull(kept);
	ck_assert_uint_eq(scratch_count(base, "md/new"), 2);
	ck_assert_int_eq(rename("md", "away"), 0);
	ck_assert(put("md/") && put("other/") && put("md/"));
	ck_assert_uint_eq(scratch_count(base, "away/new"), 2);
	ck_assert_uint_eq(scratch_count(base, "md/new"), 2);
	ck_assert_uint_eq(scratch_count(base, "other/new"), 1);
	ck_assert_int_eq(rmdir("md/tmp"), 0);
	ck_assert(put("md/"));
	ck_assert_uint_eq(scratch_count(base, "md/new"), 3);
	fault_arm(FAULT_SYNC, 1, EIO, true);
	ck_assert(!put("md/"));
	fault_arm(FAULT_SYNC, 0, 0, false);
	ck_assert(put("md/"));
	ck_assert_uint_eq(scratch_count(base, "md/new"), 4);
}
END_TEST

START_TEST(mh_and_plain)
{
	char *text;

	ck_assert(put("mh/."));
	scratch_write(base, "mh/9", "x");
	scratch_write(base, "mh/9a", "x");
	ck_assert(put("mh/."));
	text = scratch_read(base, "mh/10");
	ck_assert_str_eq(text, FROM "A: b\n\nFrom x\n\n");
	free(text);
	ck_assert_int_eq(mkdir("plain", 0700), 0);
	ck_assert(put("plain"));
	ck_assert(span_starts(buf_span(&place), "plain/msg."));
	ck_assert_uint_eq(scratch_count(base, "plain"), 1);
}
END_TEST

START_TEST(links)
{
	struct stat st;

	ck_assert(put("a/ b/ c/. d"));
	ck_assert_uint_eq(scratch_count(base, "b/new"), 1);
	ck_assert_uint_eq(scratch_count(base, "d"), 1);
	ck_assert_int_eq(stat("c/1", &st), 0);
	ck_assert_uint_eq(st.st_nlink, 4);
}
END_TEST

static const struct {
	const char *folder, *said;
} failures[] = {
	{ "no/box", "Error while writing to \"no/box\";" },
	{ "no/md/",
	    "Unable to treat as directory \"no/md\";"
	    "Error while writing to \"no/md\";" },
	{ "", "Error while writing to \"\";" },
	{ "bad/", "Unable to treat as directory \"bad/new\";Skipped \"bad\";" },
	{ "/dev/full", "Error while writing to \"/dev/full\";" },
};

START_TEST(failed)
{
	ck_assert_int_eq(mkdir("bad", 0700), 0);
	scratch_write(base, "bad/new", "in the way");
	ck_assert(!put(failures[_i].folder));
	ck_assert_msg(span_is(buf_span(&said), failures[_i].said), "%s: %s",
	    failures[_i].folder, buf_str(&said));
}
END_TEST

/* Whatever fails, the folder is as it was. */
static const struct {
	const char *folder;
	enum fault kind;
	int error;
} faults[] = {
	{ "box", FAULT_WRITE, ENOSPC },
	{ "box", FAULT_SYNC, EIO },
	{ "md/", FAULT_WRITE, EDQUOT },
	{ "md/", FAULT_SYNC, EIO },
	{ "md/", FAULT_LINK, EIO },
	{ "mh/.", FAULT_WRITE, ENOSPC },
	{ "mh/.", FAULT_SYNC, EIO },
};

START_TEST(undone)
{
	char *text;

	ck_assert(put("box") && put("md/") && put("mh/."));
	fault_arm(faults[_i].kind, 1, faults[_i].error, false);
	ck_assert(!put(faults[_i].folder));
	fault_arm(faults[_i].kind, 0, 0, false);
	text = scratch_read(base, "box");
	ck_assert_str_eq(text, BOX);
	free(text);
	ck_assert_uint_eq(scratch_count(base, "md/new"), 1);
	ck_assert_uint_eq(scratch_count(base, "md/tmp"), 0);
	ck_assert_uint_eq(scratch_count(base, "mh"), 1);
	ck_assert(put(faults[_i].folder));
}
END_TEST

START_TEST(link_of_ones_own)
{
	scratch_write(base, "target", "old\n");
	ck_assert_int_eq(symlink("target", "box"), 0);
	ck_assert(put("box"));
	ck_assert(put("/dev/null"));
	ck_assert(span_is(buf_span(&place), "/dev/null"));
	ck_assert_int_eq(unlink("target"), 0);
	ck_assert(put("box")); /* a link that leads nowhere makes its target */
	ck_assert(scratch_has(base, "target"));
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, file);
	tcase_add_test(t, maildir);
	tcase_add_test(t, maildir_kept);
	tcase_add_test(t, mh_and_plain);
	tcase_add_test(t, links);
	tcase_add_loop_test(t, failed, 0, UNIT_COUNT(failures));
	tcase_add_loop_test(t, undone, 0, UNIT_COUNT(faults));
	tcase_add_test(t, link_of_ones_own);
}

int
main(void)
{
	return unit_main("rules/deposit", fill);
}
