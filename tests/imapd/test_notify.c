/* test_notify.c - NOTIFY (RFC 5465) */

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t, other;

static void
setup(void)
{
	struct imap_conf conf = talk_conf;

	base = scratch_maildir();
	scratch_write(base, "cur/1.M1P1.h:2,", "Subject: x\n\nbody\n");
	conf.metadata_bytes = 1024;
	conf.metadata_most = 10;
	talk_begin(&t, base, &conf);
	TALK(&t, "CREATE INBOX.a", "x OK");
	TALK(&t, "CREATE INBOX.a.b", "x OK");
	talk_begin(&other, base, &conf);
}

static void
teardown(void)
{
	talk_end(&other);
	talk_end(&t);
	scratch_free(&base);
}

/* The next thing told, without a command, is this. */
static void
told(const char *want)
{
	char *line = talk_until(&t, "");

	ck_assert_msg(strncmp(line, want, strlen(want)) == 0,
	    "wanted \"%s\", told %s", want, line);
	free(line);
}

#define OTHER(command) TALK(&other, command, "x OK")
#define MAIL(folder)   OTHER("APPEND " folder " {18+}\r\nSubject: y\r\n\r\ntext")

START_TEST(first_status)
{
	MAIL("INBOX.a");
	TALK(&t,
	    "NOTIFY SET STATUS (mailboxes INBOX.a (MessageNew "
	    "MessageExpunge))",
	    "* STATUS INBOX.a (MESSAGES 1 UIDNEXT 2 UIDVALIDITY ",
	    "!HIGHESTMODSEQ", "!INBOX.a.b", "x OK");
	TALK(&t,
	    "NOTIFY SET STATUS (subtree INBOX.a (MessageNew MessageExpunge "
	    "FlagChange))",
	    "* STATUS INBOX.a (", "* STATUS INBOX.a.b (", " HIGHESTMODSEQ ");
	TALK(&t, "NOTIFY SET (personal (MessageNew MessageExpunge FlagChange))",
	    "!STATUS", "x OK");
	TALK(&t, "NOTIFY SET (personal (AnnotationChange MailboxName))",
	    "x NO [BADEVENT (MessageNew MessageExpunge FlagChange ");
	TALK(&t, "NOTIFY SET (personal (MessageNew))", "x BAD");
	TALK(&t, "NOTIFY NONE", "x OK");
}
END_TEST

START_TEST(other_mailboxes)
{
	TALK(&t,
	    "NOTIFY SET (mailboxes (INBOX.a INBOX.none) (MessageNew "
	    "MessageExpunge FlagChange))",
	    "x OK");
	MAIL("INBOX.a");
	told("* STATUS INBOX.a (MESSAGES 1 UIDNEXT 2");
	OTHER("SELECT INBOX.a");
	OTHER("STORE 1 +FLAGS (\\Seen)");
	told("* STATUS INBOX.a (UIDVALIDITY ");
	OTHER("STORE 1 +FLAGS (\\Deleted)");
	OTHER("EXPUNGE");
	told("* STATUS INBOX.a (MESSAGES 0 UIDNEXT 2");
	/* not of what is not asked for, nor of what we do ourselves */
	MAIL("INBOX.a.b");
	TALK(&t, "APPEND INBOX.a {3+}\r\na:b", "x OK", "!STATUS");
	TALK(&t, "NOOP", "!STATUS");
	TALK(&t, "ENABLE CONDSTORE", "x OK");
	MAIL("INBOX.a");
	told("* STATUS INBOX.a (MESSAGES 2 UIDNEXT 4 ");
	/* what is selected is told otherwise */
	TALK(&t, "SELECT INBOX.a", "* 2 EXISTS");
	MAIL("INBOX.a");
	TALK(&t, "NOOP", "!STATUS", "!EXISTS");
	TALK(&t, "UNSELECT", "x OK");
	MAIL("INBOX.a");
	told("* STATUS INBOX.a (MESSAGES 4 ");
	TALK(&t, "NOTIFY NONE", "x OK");
	MAIL("INBOX.a");
	TALK(&t, "NOOP", "!STATUS");
}
END_TEST

START_TEST(folders)
{
	TALK(&t, "NOTIFY SET (personal (MailboxName SubscriptionChange))",
	    "x OK");
	OTHER("CREATE INBOX.new");
	told("* LIST (\\HasNoChildren) \".\" INBOX.new\r\n");
	told("* LIST (\\HasChildren) \".\" INBOX\r\n");
	OTHER("RENAME INBOX.new INBOX.old");
	told("* LIST (\\HasNoChildren) \".\" INBOX.old (\"OLDNAME\" "
	     "(INBOX.new))\r\n");
	OTHER("SUBSCRIBE INBOX.old");
	told("* LIST (\\HasNoChildren \\Subscribed) \".\" INBOX.old\r\n");
	OTHER("UNSUBSCRIBE INBOX.old");
	told("* LIST (\\HasNoChildren) \".\" INBOX.old\r\n");
	OTHER("DELETE INBOX.old");
	told("* LIST (\\NonExistent \\HasNoChildren) \".\" INBOX.old\r\n");
	told("* LIST (");
	/* those below go along */
	OTHER("RENAME INBOX.a INBOX.c");
	told("* LIST (\\HasChildren) \".\" INBOX.c (\"OLDNAME\" "
	     "(INBOX.a))\r\n");
	OTHER("DELETE INBOX.c");
	told("* LIST (\\NonExistent \\HasChildren) \".\" INBOX.c\r\n");
	told("* LIST (");
	TALK(&t, "CREATE INBOX.mine", "x OK", "!* LIST");
	TALK(&t, "SUBSCRIBE INBOX.mine", "x OK", "!* LIST");
	TALK(&t, "NOOP", "!* LIST");
}
END_TEST

START_TEST(selected)
{
	TALK(&t, "SELECT INBOX", "* 1 EXISTS");
	TALK(&t,
	    "NOTIFY SET (selected (MessageNew (UID "
	    "BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))",
	    "x OK");
	MAIL("INBOX");
	told("* 2 EXISTS\r\n");
	told("* 1 RECENT\r\n");
	told("* 2 FETCH (UID 2 BODY[HEADER.FIELDS (SUBJECT)] {14}\r\n");
	free(talk_until(&t, ")"));
	OTHER("SELECT INBOX");
	OTHER("STORE 1 +FLAGS (\\Flagged)");
	told("* 1 FETCH (UID 1 FLAGS (\\Flagged))\r\n");
	OTHER("STORE 1 +FLAGS.SILENT (\\Deleted)");
	told("* 1 FETCH (UID 1 FLAGS (\\Flagged \\Deleted))\r\n");
	OTHER("EXPUNGE");
	told("* 1 EXPUNGE\r\n");
	/* our own */
	TALK(&t, "APPEND INBOX {3+}\r\na:b", "* 2 EXISTS", "!SUBJECT");
	TALK(&t, "STORE 1 +FLAGS (\\Deleted)", "* 1 FETCH");
	TALK(&t, "EXPUNGE", "* 1 EXPUNGE");
	/* nothing is asked for any more */
	TALK(&t, "NOTIFY SET (selected NONE)", "x OK");
	MAIL("INBOX");
	TALK(&t, "NOOP", "!EXISTS");
	TALK(&t, "NOTIFY SET (selected-delayed (MessageNew MessageExpunge))",
	    "* 2 EXISTS", "x OK");
	OTHER("STORE 1 +FLAGS (\\Deleted)");
	OTHER("EXPUNGE");
	MAIL("INBOX");
	told("* 3 EXISTS");
	TALK(&t, "FETCH 1:3 UID", "!EXPUNGE");
	TALK(&t, "NOOP", "* 1 EXPUNGE");
}
END_TEST

START_TEST(notes)
{
	TALK(&t,
	    "NOTIFY SET (personal (MailboxMetadataChange "
	    "ServerMetadataChange))",
	    "x OK");
	OTHER("SETMETADATA INBOX.a (/shared/comment \"x\" /private/y \"z\")");
	told("* METADATA INBOX.a /private/y /shared/comment\r\n");
	OTHER("SETMETADATA INBOX.a (/shared/comment \"w\" /private/y \"z\")");
	told("* METADATA INBOX.a /shared/comment\r\n");
	OTHER("SETMETADATA INBOX.a (/shared/comment NIL)");
	told("* METADATA INBOX.a /shared/comment\r\n");
	OTHER("SETMETADATA \"\" (/private/vendor/a/b \"x\")");
	told("* METADATA \"\" /private/vendor/a/b\r\n");
	TALK(&t, "SETMETADATA INBOX (/shared/comment \"mine\")", "x OK",
	    "!* METADATA");
	TALK(&t, "NOOP", "!* METADATA");
}
END_TEST

/* IDLE tells the same (4), and a later look finds what came in between. */
START_TEST(idling)
{
	TALK(&t, "NOTIFY SET (personal (MessageNew MessageExpunge))", "x OK");
	talk_send(&t, SPAN("x IDLE\r\n"));
	free(talk_until(&t, "+ "));
	MAIL("INBOX.a.b");
	told("* STATUS INBOX.a.b (MESSAGES 1 UIDNEXT 2)");
	OTHER("CREATE INBOX.n");
	MAIL("INBOX.n");
	told("* STATUS INBOX.n (MESSAGES 1 UIDNEXT 2");
	MAIL("INBOX.n");
	told("* STATUS INBOX.n (MESSAGES 2 UIDNEXT 3");
	talk_send(&t, SPAN("DONE\r\n"));
	free(talk_until(&t, "x OK"));
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, first_status);
	tcase_add_test(c, other_mailboxes);
	tcase_add_test(c, folders);
	tcase_add_test(c, selected);
	tcase_add_test(c, notes);
	tcase_add_test(c, idling);
}

int
main(void)
{
	return unit_main("imapd/notify", fill);
}
