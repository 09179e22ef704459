/* test_rev2.c - IMAP4rev2 (RFC 9051) for clients that enable it */

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static void
setup(void)
{
	base = scratch_maildir();
	scratch_write(base, "cur/1.M1P1.h:2,F", "Subject: x\n\nbody\n");
	scratch_write(base, "new/2.M1P1.h", "Subject: y\n\nbody\n");
	talk_start(&t, base, NULL);
	free(talk_until(&t, "* PREAUTH [CAPABILITY IMAP4rev2 IMAP4rev1"));
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

static void
enable(void)
{
	TALK(&t, "ENABLE IMAP4rev2", "* ENABLED IMAP4rev2\r\n");
}

START_TEST(not_enabled)
{
	TALK(&t, "SELECT inbox", "* 1 RECENT", "[UNSEEN 1]", "!LIST");
	TALK(&t, "SEARCH FLAGGED", "* SEARCH 1\r\n", "!ESEARCH");
	TALK(&t, "FETCH 2 FLAGS", "\\Recent");
	/* not under a selected mailbox, whose name would change */
	TALK(&t, "ENABLE IMAP4rev2", "* ENABLED\r\n");
}
END_TEST

START_TEST(selected)
{
	enable();
	TALK(&t, "SELECT INBOX", "* 2 EXISTS", "!RECENT", "![UNSEEN",
	    "* LIST () \".\" INBOX\r\n", "* OK [MAILBOXID");
	TALK(&t, "SELECT inbox", "* OK [CLOSED]",
	    "* LIST () \".\" INBOX (\"OLDNAME\" (inbox))\r\n");
	TALK(&t, "FETCH 2 FLAGS", "* 2 FETCH (FLAGS ())\r\n");
	TALK(&t, "CREATE INBOX.a", "x OK");
	TALK(&t, "EXAMINE a", "* LIST () \".\" INBOX.a (\"OLDNAME\" (a))\r\n");
	TALK(&t, "SELECT INBOX.none", "x NO [NONEXISTENT]", "!LIST");
}
END_TEST

START_TEST(searched)
{
	enable();
	TALK(&t, "SELECT INBOX", "x OK");
	TALK_IS(&t, "SEARCH ALL",
	    "* ESEARCH (TAG \"x\") ALL 1:2\r\nx OK Search completed\r\n");
	TALK_IS(&t, "UID SEARCH SUBJECT none",
	    "* ESEARCH (TAG \"x\") UID\r\nx OK Search completed\r\n");
	TALK(&t, "SEARCH RETURN (COUNT) ALL", " COUNT 2\r\n", "!ALL");
	TALK(&t, "SEARCH CHARSET UTF-8 ALL", " ALL 1:2\r\n");
	TALK(&t, "UID SEARCH RETURN (SAVE) FLAGGED", "x OK", "!ESEARCH");
	TALK(&t, "FETCH $ UID", "* 1 FETCH (UID 1)\r\n");
}
END_TEST

START_TEST(told)
{
	struct talk other;

	enable();
	TALK(&t, "SELECT INBOX", "x OK");
	talk_begin(&other, base, NULL);
	TALK(&other, "SELECT INBOX", "x OK");
	TALK(&other, "STORE 1 +FLAGS (\\Answered)", "x OK");
	talk_end(&other);
	TALK(&t, "NOOP", "* 1 FETCH (UID 1 FLAGS (\\Answered \\Flagged))\r\n");
	TALK(&t, "APPEND INBOX {3+}\r\nx\r\n", "* 3 EXISTS", "!RECENT");
}
END_TEST

START_TEST(names)
{
	enable();
	TALK(&t, "CREATE \"INBOX.\xc3\xa9.b\"", "x OK");
	TALK(&t, "LIST \"\" *",
	    "* LIST (\\NonExistent \\HasChildren) \".\" \"INBOX.\xc3\xa9\"");
	TALK(&t, "CREATE INBOX.a&b", "x OK");
	TALK(&t, "RENAME INBOX.a&b \"INBOX.\xc3\xa8\"",
	    "* LIST () \".\" \"INBOX.\xc3\xa8\" (\"OLDNAME\" (INBOX.a&b))\r\n",
	    "x OK");
	TALK(&t, "RENAME INBOX INBOX.old", "x OK", "!OLDNAME");
	TALK(&t, "STATUS INBOX.old (MESSAGES DELETED SIZE)",
	    "(MESSAGES 2 SIZE 40 DELETED 0)");
	TALK(&t, "RENAME INBOX.none INBOX.n", "x NO [NONEXISTENT]", "!OLDNAME");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, not_enabled);
	tcase_add_test(c, selected);
	tcase_add_test(c, searched);
	tcase_add_test(c, told);
	tcase_add_test(c, names);
}

int
main(void)
{
	return unit_main("imapd/rev2", fill);
}
