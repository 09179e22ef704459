/* test_trash.c - imapd/trash.h */

#include "imapd/trash.h"

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

/* Times that lie ahead make everything old, and nothing is that old. */
static struct imap_conf
conf_of(bool to_trash, int64_t seconds)
{
	struct imap_conf conf = talk_conf;

	conf.trash = "INBOX.Bin";
	conf.to_trash = to_trash;
	conf.purges[0] = (struct imap_purge){ SPAN("INBOX.Bin"), seconds };
	conf.purge_count = seconds == 0 ? 0 : 1;
	return conf;
}

static void
setup(void)
{
	base = scratch_maildir();
	scratch_write(base, "cur/1.M1P1.h:2,T", "Subject: x\n\nbody\n");
	scratch_write(base, "cur/2.M1P1.h:2,FST", "Subject: y\n\nbody\n");
	scratch_write(base, "cur/3.M1P1.h:2,S", "Subject: z\n\nbody\n");
}

static void
teardown(void)
{
	scratch_free(&base);
}

START_TEST(expunged_into_the_trash)
{
	struct imap_conf conf = conf_of(true, 0);

	talk_begin(&t, base, &conf);
	TALK(&t, "SELECT INBOX", "* 3 EXISTS");
	TALK(&t, "EXPUNGE", "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n", "x OK",
	    "!* 2 EXPUNGE");
	ck_assert_uint_eq(scratch_count(base, "cur"), 1);
	TALK(&t, "SELECT Bin", "* 2 EXISTS");
	TALK(&t, "FETCH 1:2 FLAGS", "\\Flagged", "!\\Deleted");
	TALK(&t, "STORE 1 +FLAGS.SILENT (\\Deleted)", "x OK");
	/* by either name it is the trash: there it goes for good */
	TALK(&t, "EXPUNGE", "* 1 EXPUNGE\r\n", "x OK");
	TALK(&t, "SELECT INBOX.Bin", "* 1 EXISTS");
	TALK(&t, "STORE 1 +FLAGS.SILENT (\\Deleted)", "x OK");
	TALK(&t, "CLOSE", "x OK");
	talk_end(&t);
	ck_assert_uint_eq(scratch_count(base, ".Bin/cur"), 0);
}
END_TEST

START_TEST(expunged_for_good)
{
	struct imap_conf conf = conf_of(false, 0);

	talk_begin(&t, base, &conf);
	TALK(&t, "SELECT INBOX", "* 3 EXISTS");
	TALK(&t, "EXPUNGE", "x OK");
	talk_end(&t);
	ck_assert_uint_eq(scratch_count(base, "cur"), 1);
	ck_assert(!scratch_has(base, ".Bin"));
}
END_TEST

START_TEST(emptied_at_the_end)
{
	static const struct {
		int64_t seconds;
		unsigned left;
	} rows[] = { { 3600, 3 }, { -3600, 0 } };
	struct imap_conf conf = conf_of(false, rows[_i].seconds);

	talk_begin(&t, base, &conf);
	TALK(&t, "CREATE INBOX.Bin", "x OK");
	TALK(&t, "SELECT INBOX", "x OK");
	TALK(&t, "COPY 1:3 Bin", "x OK");
	ck_assert_uint_eq(
	    scratch_count(base, ".Bin/cur") + scratch_count(base, ".Bin/new"),
	    3);
	TALK(&t, "LOGOUT", "x OK");
	talk_end(&t);
	ck_assert_uint_eq(
	    scratch_count(base, ".Bin/cur") + scratch_count(base, ".Bin/new"),
	    rows[_i].left);
	ck_assert_uint_eq(scratch_count(base, "cur"), 3);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, expunged_into_the_trash);
	tcase_add_test(c, expunged_for_good);
	tcase_add_loop_test(c, emptied_at_the_end, 0, 2);
}

int
main(void)
{
	return unit_main("imapd/trash", fill);
}
