/* test_session.c - imapd from the greeting to the end: folders and flags */

#include "imapd/session.h"

#include "base/log.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static void
setup(void)
{
	char *greeting;

	base = scratch_maildir();
	scratch_write(base, "cur/1.M1P1.h:2,S", "Subject: one\n\nbody\n");
	scratch_write(base, "cur/2.M1P1.h:2,", "Subject: two\n\nbody\n");
	scratch_write(base, "new/3.M1P1.h", "Subject: three\n\nbody\n");
	talk_start(&t, base, NULL);
	greeting = talk_until(&t, "* PREAUTH [CAPABILITY IMAP4rev2 IMAP4rev1 ");
	free(greeting);
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

START_TEST(simple_commands)
{
	TALK(&t, "CAPABILITY", "* CAPABILITY IMAP4rev2 IMAP4rev1 LITERAL+",
	    "x OK");
	TALK(&t, "noop", "x OK");
	TALK(&t, "ID NIL", "* ID (", "x OK");
	TALK(&t, "ID (\"name\" \"x\" \"version\" NIL)", "x OK");
	TALK(&t, "NAMESPACE", "* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\n");
	TALK(&t, "ENABLE X-NOTHING", "* ENABLED\r\n", "x OK");
	TALK(&t, "ENABLE", "x BAD");
	TALK(&t, "NONSENSE", "x BAD");
	TALK(&t, "NOOP more", "x BAD");
	TALK(&t, "FETCH 1 UID", "x BAD");
	TALK(&t, "UID NOOP", "x BAD");
	TALK(&t, "LOGOUT", "* BYE", "x OK");
}
END_TEST

START_TEST(selecting)
{
	TALK(&t, "SELECT INBOX", "* 3 EXISTS\r\n", "* 1 RECENT\r\n",
	    "[UNSEEN 2]", "[UIDNEXT 4]", "[UIDVALIDITY ",
	    "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft", "\\*)]",
	    "x OK [READ-WRITE]");
	TALK(&t, "SELECT INBOX.none", "x NO [NONEXISTENT]");
	/* a SELECT that fails leaves nothing selected */
	TALK(&t, "FETCH 1 UID", "x BAD");
	TALK(&t, "EXAMINE inbox", "* 0 RECENT", "[PERMANENTFLAGS ()]",
	    "x OK [READ-ONLY]");
	TALK(&t, "STORE 1 FLAGS (\\Deleted)", "x NO");
	TALK(&t, "EXPUNGE", "x NO");
	TALK(&t, "CREATE INBOX.to", "x OK");
	TALK(&t, "MOVE 1 INBOX.to", "x NO");
	TALK(&t, "COPY 1 INBOX.to", "x OK [COPYUID ");
	TALK(&t, "UNSELECT", "x OK");
	TALK(&t, "FETCH 1 UID", "x BAD");
	TALK(&t, "STATUS INBOX (MESSAGES UNSEEN UIDNEXT RECENT SIZE)",
	    "* STATUS INBOX (MESSAGES 3 RECENT 0 UIDNEXT 4 UNSEEN 2 SIZE 68)",
	    "x OK");
}
END_TEST

START_TEST(storing)
{
	TALK(&t, "SELECT INBOX", "x OK");
	TALK_IS(&t, "STORE 2 +FLAGS (\\Flagged work)",
	    "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft "
	    "$Forwarded work)\r\n"
	    "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen "
	    "\\Draft $Forwarded work \\*)] Limited\r\n"
	    "* 2 FETCH (FLAGS (\\Flagged work))\r\n"
	    "x OK Store completed\r\n");
	TALK_IS(&t, "UID STORE 1:2 FLAGS.SILENT \\Seen",
	    "x OK Store completed\r\n");
	TALK_IS(&t, "FETCH 1:* FLAGS",
	    "* 1 FETCH (FLAGS (\\Seen))\r\n* 2 FETCH (FLAGS (\\Seen))\r\n"
	    "* 3 FETCH (FLAGS (\\Recent))\r\nx OK Fetch completed\r\n");
	TALK(&t, "STORE 3 +FLAGS ($Forwarded)",
	    "* 3 FETCH (FLAGS (\\Recent $Forwarded))");
	ck_assert(scratch_has(base, "cur/3.M1P1.h:2,P"));
	TALK(&t, "STORE 3 -FLAGS ($Forwarded)", "(FLAGS (\\Recent))");
	TALK(&t, "STORE 4 FLAGS (\\Seen)", "x BAD");
	TALK(&t, "STORE 1 FLAGS (\\Nonsense)", "x BAD");
	TALK(&t, "STORE 0 FLAGS (\\Seen)", "x BAD");
	TALK_IS(&t, "UID STORE 9 FLAGS (\\Seen)", "x OK Store completed\r\n");
	TALK(&t, "STORE 1,3 +FLAGS.SILENT (\\Deleted)", "x OK");
	TALK_IS(
	    &t, "UID EXPUNGE 2:3", "* 3 EXPUNGE\r\nx OK Expunge completed\r\n");
	TALK_IS(&t, "EXPUNGE", "* 1 EXPUNGE\r\nx OK Expunge completed\r\n");
	TALK(&t, "STORE 1 +FLAGS (\\Deleted)", "x OK");
	TALK_IS(&t, "CLOSE", "x OK Close completed\r\n");
	TALK(&t, "SELECT INBOX", "* 0 EXISTS");
}
END_TEST

START_TEST(folders)
{
	TALK(&t, "CREATE INBOX.a.b.", "x OK");
	TALK(&t, "CREATE INBOX.a.b", "x NO [ALREADYEXISTS]");
	TALK(&t, "CREATE #outside", "x NO [CANNOT]");
	TALK(&t, "CREATE INBOX", "x NO [ALREADYEXISTS]");
	TALK_IS(&t, "LIST \"\" *",
	    "* LIST (\\HasChildren) \".\" INBOX\r\n"
	    "* LIST (\\Noselect \\HasChildren) \".\" INBOX.a\r\n"
	    "* LIST (\\HasNoChildren) \".\" INBOX.a.b\r\n"
	    "x OK List completed\r\n");
	TALK_IS(&t, "LIST \"\" \"\"",
	    "* LIST (\\Noselect) \".\" \"\"\r\nx OK List completed\r\n");
	TALK_IS(&t, "LIST INBOX. %",
	    "* LIST (\\Noselect \\HasChildren) \".\" INBOX.a\r\n"
	    "x OK List completed\r\n");
	TALK(&t, "LIST \"\" inbox", "* LIST (\\HasChildren) \".\" INBOX\r\n");
	TALK(&t,
	    "LIST \"\" (INBOX INBOX.a) RETURN (CHILDREN STATUS (MESSAGES))",
	    "* STATUS INBOX (MESSAGES 3)",
	    "(\\NonExistent \\HasChildren) \".\" INBOX.a\r\n");
	TALK(&t, "CREATE INBOX.Trash", "x OK");
	TALK(&t, "LIST (SPECIAL-USE) \"\" *",
	    "* LIST (\\HasNoChildren \\Trash) \".\" INBOX.Trash", "!INBOX.a");
	TALK(&t, "RENAME INBOX.a INBOX.c", "x OK");
	TALK(&t, "LIST \"\" *", "INBOX.c.b", "!INBOX.a");
	TALK(&t, "RENAME INBOX.c.b INBOX.Trash", "x NO [ALREADYEXISTS]");
	TALK(&t, "DELETE INBOX.c", "x NO [CANNOT]");
	TALK(&t, "SELECT INBOX.c.b", "x OK");
	/* what is selected is so by its new name */
	TALK(&t, "RENAME INBOX.c INBOX.d", "x OK");
	TALK(&t, "RENAME INBOX.d.b INBOX.c.b", "x OK");
	TALK(&t, "DELETE INBOX.c.b", "!BYE", "x OK");
	TALK(&t, "FETCH 1 UID", "x BAD");
	TALK(&t, "DELETE INBOX.c.b", "x NO [NONEXISTENT]");
	TALK(&t, "DELETE INBOX", "x NO [CANNOT]");
	/* names in UTF-7 on the wire, and the other form of '&' */
	TALK(&t, "CREATE INBOX.Entw&APw-rfe", "x OK");
	ck_assert(scratch_has(base, ".Entw\xc3\xbcrfe"));
	TALK(&t, "CREATE INBOX.R&-D", "x OK");
	TALK(&t, "LIST \"\" INBOX.*", " INBOX.R&-D\r\n",
	    "\\Drafts) \".\" INBOX.Entw&APw-rfe\r\n");
	TALK(&t, "SELECT INBOX.R&-D", "x OK");
	TALK(&t, "STATUS INBOX.R&-D (MESSAGES)",
	    "* STATUS INBOX.R&-D (MESSAGES 0)");
	TALK(&t, "SUBSCRIBE INBOX.R&-D", "x OK");
	TALK(&t, "LSUB \"\" *", " INBOX.R&-D\r\n");
	TALK(&t, "SELECT INBOX.R&D", "x NO [CANNOT]");
	TALK(&t, "CREATE INBOX.&AGE-", "x NO [CANNOT]");
}
END_TEST

START_TEST(subscriptions)
{
	TALK(&t, "SUBSCRIBE INBOX.x.y", "x OK");
	TALK(&t, "SUBSCRIBE inbox", "x OK");
	TALK_IS(&t, "LSUB \"\" *",
	    "* LSUB (\\HasNoChildren) \".\" INBOX\r\n"
	    "* LSUB (\\HasNoChildren) \".\" INBOX.x.y\r\n"
	    "x OK Lsub completed\r\n");
	TALK(&t, "LSUB \"\" INBOX.%", "(\\Noselect ", " INBOX.x\r\n");
	TALK(&t, "LIST (SUBSCRIBED) \"\" *",
	    "(\\NonExistent \\HasNoChildren \\Subscribed) \".\" INBOX.x.y");
	TALK(&t, "LIST (SUBSCRIBED RECURSIVEMATCH) \"\" %",
	    "(\\HasNoChildren \\Subscribed) \".\" INBOX (\"CHILDINFO\" "
	    "(\"SUBSCRIBED\"))");
	TALK(&t, "LIST (RECURSIVEMATCH) \"\" %", "x BAD");
	TALK(&t, "UNSUBSCRIBE INBOX.x.y", "x OK");
	TALK_IS(&t, "LSUB \"\" *",
	    "* LSUB (\\HasNoChildren) \".\" INBOX\r\nx OK Lsub completed\r\n");
}
END_TEST

START_TEST(rename_inbox)
{
	TALK(&t, "SELECT INBOX", "* 3 EXISTS");
	TALK(&t, "RENAME INBOX INBOX.old",
	    "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n", "x OK");
	TALK(&t, "STATUS INBOX (MESSAGES)", "(MESSAGES 0)");
	TALK(&t, "STATUS INBOX.old (MESSAGES UNSEEN)", "(MESSAGES 3 UNSEEN 2)");
}
END_TEST

START_TEST(copy_and_move)
{
	TALK(&t, "SELECT INBOX", "x OK");
	TALK(&t, "COPY 1 INBOX.new", "x NO [TRYCREATE]");
	TALK(&t, "CREATE INBOX.new", "x OK");
	TALK(&t, "STORE 2 +FLAGS (blue)", "x OK");
	TALK(&t, "COPY 1:2 INBOX.new", "x OK [COPYUID ", " 1:2 1:2]");
	TALK(&t, "UID MOVE 2:9 INBOX.new", "* OK [COPYUID ", " 2:3 3:4]",
	    "* 2 EXPUNGE\r\n* 2 EXPUNGE\r\n", "x OK Move completed");
	TALK(&t, "UID MOVE 77 INBOX.new", "x OK");
	TALK(&t, "SELECT INBOX.new", "* 4 EXISTS", "blue");
	TALK(&t, "FETCH 1:* (UID FLAGS)",
	    "* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent))",
	    "* 2 FETCH (UID 2 FLAGS (\\Recent blue))",
	    "* 3 FETCH (UID 3 FLAGS (\\Recent blue))",
	    "* 4 FETCH (UID 4 FLAGS (\\Recent))");
}
END_TEST

/* Two sessions and a delivery. */
START_TEST(told_of_others)
{
	struct talk other;
	char *text;

	TALK(&t, "SELECT INBOX", "x OK");
	talk_begin(&other, base, NULL);
	TALK(&other, "SELECT INBOX", "* 3 EXISTS");
	TALK(&other, "STORE 1 +FLAGS (\\Answered green)", "x OK");
	TALK(&t, "NOOP", "* FLAGS (", "green)\r\n",
	    "* 1 FETCH (FLAGS (\\Answered \\Seen green))");
	TALK(&other, "STORE 2 +FLAGS.SILENT (\\Deleted)", "x OK");
	TALK(&other, "EXPUNGE", "* 2 EXPUNGE");
	scratch_write(base, "new/4.M1P1.h", "A: b\n\n");
	/* not while numbers are in use */
	TALK(&t, "FETCH 3 FLAGS", "* 3 FETCH", "!EXPUNGE", "* 4 EXISTS");
	TALK(&t, "FETCH 2 BODY.PEEK[]", "!FETCH (", "x NO [EXPUNGEISSUED]");
	TALK(&t, "STORE 2 +FLAGS (\\Draft)", "!FETCH (", "!* 2 EXPUNGE",
	    "x NO [EXPUNGEISSUED]");
	TALK(&t, "STORE 2:3 +FLAGS (\\Draft)", "* 3 FETCH (FLAGS (",
	    "x NO [EXPUNGEISSUED]");
	TALK(&t, "STORE 2:3 -FLAGS.SILENT (\\Draft)", "!* 2 EXPUNGE", "x OK");
	TALK(&t, "UID FETCH 2 BODY.PEEK[]", "!FETCH (", "* 2 EXPUNGE",
	    "x OK [EXPUNGEISSUED]");
	TALK(&t, "NOOP", "!EXPUNGE", "!EXISTS");
	talk_send(&t, SPAN("i IDLE\r\n"));
	free(talk_until(&t, "+ "));
	scratch_write(base, "new/5.M1P1.h", "A: b\n\n");
	free(talk_until(&t, "* 4 EXISTS"));
	TALK(&other, "STORE 1 -FLAGS (\\Answered)", "x OK");
	text = talk_until(&t, "* 1 FETCH (FLAGS (\\Seen green))");
	free(text);
	talk_send(&t, SPAN("DONE\r\n"));
	free(talk_until(&t, "i OK"));
	talk_end(&other);
}
END_TEST

/* What another session, or program, has removed is an error by its number, and
 * as good as no UID by that. */
START_TEST(copy_of_the_gone)
{
	struct talk other;

	TALK(&t, "CREATE INBOX.to", "x OK");
	TALK(&t, "SELECT INBOX", "x OK");
	talk_begin(&other, base, NULL);
	TALK(&other, "SELECT INBOX", "* 3 EXISTS");
	TALK(&other, "STORE 2 +FLAGS (\\Deleted)", "x OK");
	TALK(&other, "EXPUNGE", "* 2 EXPUNGE");
	TALK(&t, "COPY 1:3 INBOX.to", "!COPYUID", "x NO [EXPUNGEISSUED]");
	TALK(&t, "UID COPY 1:3 INBOX.to", "* 2 EXPUNGE", "x OK [COPYUID ",
	    " 1,3 1:2]");
	TALK(&other, "STORE 1 +FLAGS (\\Deleted)", "x OK");
	TALK(&other, "EXPUNGE", "* 1 EXPUNGE");
	TALK(&t, "UID MOVE 1:3 INBOX.to", "* OK [COPYUID ", " 3 3]",
	    "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n", "x OK");
	TALK(&t, "UID COPY 1:3 INBOX.to", "!COPYUID", "x OK");
	TALK(&t, "STATUS INBOX.to (MESSAGES)", "(MESSAGES 3)");
	talk_end(&other);
}
END_TEST

START_TEST(idle_in_one_packet)
{
	talk_send(&t, SPAN("i IDLE\r\nDONE\r\nj NOOP\r\n"));
	free(talk_until(&t, "+ "));
	free(talk_until(&t, "i OK"));
	free(talk_until(&t, "j OK"));
	talk_send(&t, SPAN("i IDLE\r\nNOOP\r\n"));
	free(talk_until(&t, "i BAD"));
}
END_TEST

START_TEST(pipelined)
{
	char *text;

	talk_send(&t,
	    SPAN("a SELECT INBOX\r\nb STORE 1 +FLAGS (\\Flagged)\r\n"
		 "c APPEND INBOX {6+}\r\nA: b\r\n\r\nd FETCH 4 FLAGS\r\n"
		 "e LOGOUT\r\n"));
	free(talk_until(&t, "a OK"));
	free(talk_until(&t, "b OK"));
	text = talk_until(&t, "c OK [APPENDUID ");
	ck_assert_ptr_nonnull(strstr(text, "* 4 EXISTS"));
	free(text);
	text = talk_until(&t, "d OK");
	ck_assert_ptr_nonnull(strstr(text, "* 4 FETCH (FLAGS (\\Recent))"));
	free(text);
	free(talk_until(&t, "e OK"));
}
END_TEST

/* A conversation cut at each byte gives the same answers. */
START_TEST(cut_anywhere)
{
	static const char all[] = "a LIST {0+}\r\n {5}\r\nINBOX\r\n"
				  "b STATUS \"INBOX\" (MESSAGES)\r\n";
	struct span s = span_str(all);

	for (size_t i = 1; i < s.n; i++) {
		char *text;

		talk_send(&t, span_head(s, i));
		talk_send(&t, span_skip(s, i));
		text = talk_until(&t, "a OK");
		ck_assert_ptr_nonnull(strstr(text, "\".\" INBOX\r\n"));
		free(text);
		free(talk_until(&t, "b OK"));
	}
}
END_TEST

/* Literals and lines beyond the limits: answered, and the session goes on
 * where its place in the stream is still known. */
START_TEST(limits)
{
	struct buf big = BUF_EMPTY;

	for (int i = 0; i < 70000; i++)
		buf_add_byte(&big, 'a');
	TALK(&t, "SELECT {70000}", "!+ ", "x BAD [TOOBIG]");
	talk_send(&t, SPAN("y SELECT {70000+}\r\n"));
	talk_send(&t, buf_span(&big));
	talk_send(&t, SPAN(" {3+}\r\nabc more\r\n"));
	free(talk_until(&t, "y BAD [TOOBIG]"));
	TALK(&t, "NOOP", "x OK");
	TALK(&t, "SELECT {99999999999999999999}", "x BAD");
	talk_send(&t, SPAN("z "));
	talk_send(&t, buf_span(&big));
	free(talk_until(&t, "* BYE"));
	buf_free(&big);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, simple_commands);
	tcase_add_test(c, selecting);
	tcase_add_test(c, storing);
	tcase_add_test(c, folders);
	tcase_add_test(c, subscriptions);
	tcase_add_test(c, rename_inbox);
	tcase_add_test(c, copy_and_move);
	tcase_add_test(c, told_of_others);
	tcase_add_test(c, copy_of_the_gone);
	tcase_add_test(c, idle_in_one_packet);
	tcase_add_test(c, pipelined);
	tcase_add_test(c, cut_anywhere);
	tcase_add_test(c, limits);
}

int
main(void)
{
	return unit_main("imapd/session", fill);
}
