/* test_protocol.c - what clients and test suites find in servers: RFC 3501 and
 * its kin, word by word */

#include "imapd/session.h"

#include "base/log.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static void
setup(void)
{
	base = scratch_maildir();
	scratch_write(base, "cur/1.M1P1.h:2,S", "Subject: one\n\nbody\n");
	scratch_write(base, "cur/2.M1P1.h:2,", "Subject: two\n\nbody\n");
	talk_begin(&t, base, NULL);
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

static void
send_bytes(const char *p, size_t n)
{
	talk_send(&t, span_of(p, n));
}

#define SEND(text) send_bytes(text, sizeof(text) - 1)

static void
expect(const char *start)
{
	free(talk_until(&t, start));
}

/* NUL stands in no string of a command and in no message. */
START_TEST(nul)
{
	SEND("a CREATE \"INBOX.a\0b\"\r\n");
	expect("a BAD");
	SEND("b CREATE {9+}\r\nINBOX.a\0b\r\n");
	expect("b BAD");
	SEND("c CREATE INBOX.a\0b\r\n");
	expect("c BAD");
	SEND("d APPEND INBOX {14+}\r\nSubject: \0\r\n\r\n\r\n");
	expect("d BAD");
	SEND("e APPEND INBOX {14}\r\n");
	expect("+ ");
	SEND("Subject: \0\r\n\r\n\r\n");
	expect("e BAD");
	TALK(&t, "STATUS INBOX (MESSAGES)", "(MESSAGES 2)");
	TALK(&t, "LIST \"\" *", "!INBOX.a");
}
END_TEST

/* RFC 7162, 3.1: the first command that shows knowledge of sequences. */
START_TEST(condstore_is_enabled)
{
	static const char *const enabling[] = { "FETCH 1 (MODSEQ)",
		"FETCH 1 (FLAGS) (CHANGEDSINCE 1)",
		"STORE 1 (UNCHANGEDSINCE 1) FLAGS (\\Seen)", "SEARCH MODSEQ 1",
		"SORT (DATE) UTF-8 MODSEQ 1",
		"THREAD REFERENCES UTF-8 MODSEQ 1",
		"STATUS INBOX (HIGHESTMODSEQ)", "ENABLE CONDSTORE",
		"ENABLE QRESYNC" };

	for (size_t i = 0; i < sizeof(enabling) / sizeof(*enabling); i++) {
		TALK(&t, "SELECT INBOX", "x OK");
		TALK(&t, enabling[i], "* OK [HIGHESTMODSEQ ", "x OK");
		TALK(&t, enabling[i], "!* OK [HIGHESTMODSEQ ", "x OK");
		talk_end(&t);
		talk_begin(&t, base, NULL);
	}
}
END_TEST

START_TEST(another_folder_closes)
{
	TALK(&t, "SELECT INBOX", "!CLOSED", "x OK");
	TALK(&t, "EXAMINE INBOX", "* OK [CLOSED]", "x OK [READ-ONLY]");
	TALK(&t, "SELECT INBOX.none", "* OK [CLOSED]", "x NO [NONEXISTENT]");
	TALK(&t, "CLOSE", "x BAD");
}
END_TEST

/* Nothing in a folder that was opened by EXAMINE changes. */
START_TEST(read_only)
{
	static const char *const refused[] = { "STORE 1 FLAGS (\\Deleted)",
		"UID STORE 1 FLAGS (\\Deleted)", "EXPUNGE", "UID EXPUNGE 1:*",
		"MOVE 1 INBOX.to", "UID MOVE 1 INBOX.to" };

	TALK(&t, "CREATE INBOX.to", "x OK");
	TALK(&t, "SELECT INBOX", "x OK");
	TALK(&t, "STORE 2 +FLAGS (\\Deleted)", "x OK");
	TALK(&t, "EXAMINE INBOX", "x OK [READ-ONLY]");
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		TALK(&t, refused[i], "x NO");
	TALK(&t, "FETCH 2 BODY[]", "!\\Seen", "x OK");
	TALK(&t, "CLOSE", "x OK");
	TALK(&t, "STATUS INBOX (MESSAGES UNSEEN)", "(MESSAGES 2 UNSEEN 1)");
	TALK(&t, "STATUS INBOX.to (MESSAGES)", "(MESSAGES 0)");
}
END_TEST

/* RFC 5182. */
START_TEST(saved_result)
{
	scratch_write(base, "cur/3.M1P1.h:2,F", "Subject: three\n\nbody\n");
	TALK(&t, "SELECT INBOX", "* 3 EXISTS");
	TALK_IS(&t, "FETCH $ UID", "x OK Fetch completed\r\n");
	TALK_IS(&t, "SEARCH RETURN (SAVE) UNSEEN", "x OK Search completed\r\n");
	TALK_IS(&t, "FETCH $ UID",
	    "* 2 FETCH (UID 2)\r\n* 3 FETCH (UID 3)\r\n"
	    "x OK Fetch completed\r\n");
	TALK(&t, "SEARCH $ FLAGGED", "* SEARCH 3\r\n");
	TALK(&t, "SEARCH NOT $", "* SEARCH 1\r\n");
	TALK(&t, "UID SEARCH UID $ SUBJECT two", "* SEARCH 2\r\n");
	TALK(&t, "SEARCH RETURN (SAVE COUNT) $ FLAGGED",
	    "* ESEARCH (TAG \"x\") COUNT 1\r\n");
	TALK_IS(&t, "UID STORE $ +FLAGS.SILENT (\\Deleted)",
	    "x OK Store completed\r\n");
	/* what is wrong changes nothing, what is refused empties it */
	TALK(&t, "SEARCH RETURN (SAVE) NONSENSE", "x BAD");
	TALK(&t, "FETCH $ UID", "* 3 FETCH");
	TALK(&t, "UID EXPUNGE $", "* 3 EXPUNGE\r\n");
	TALK_IS(&t, "FETCH $ UID", "x OK Fetch completed\r\n");
	TALK(&t, "SEARCH RETURN (MIN MAX SAVE) ALL", "MIN 1 MAX 2\r\n");
	TALK(&t, "COPY $ INBOX", " 1:2 4:5]");
	TALK(
	    &t, "SEARCH RETURN (SAVE) CHARSET KLINGON ALL", "x NO [BADCHARSET");
	TALK_IS(&t, "FETCH $ UID", "x OK Fetch completed\r\n");
	TALK(&t, "SEARCH RETURN (SAVE MAX) ALL", "MAX 4\r\n");
	TALK_IS(
	    &t, "FETCH $ UID", "* 4 FETCH (UID 5)\r\nx OK Fetch completed\r\n");
	TALK(&t, "SELECT INBOX", "x OK");
	TALK_IS(&t, "FETCH $ UID", "x OK Fetch completed\r\n");
	TALK(&t, "FETCH $,1 UID", "x BAD");
	TALK(&t, "SELECT INBOX (QRESYNC (1 1 $))", "x BAD");
}
END_TEST

/* RFC 8514: 2.M1P1.h came in 1970, when the copy was made is told by it. */
START_TEST(save_date)
{
	TALK(&t, "SELECT INBOX", "x OK");
	TALK(&t, "FETCH 2 SAVEDATE",
	    "* 2 FETCH (SAVEDATE \" 1-Jan-1970 00:00:02 +0000\")\r\n");
	TALK(&t, "SEARCH SAVEDBEFORE 2-Jan-1970", "* SEARCH 1 2\r\n");
	TALK(&t, "COPY 1 INBOX", "x OK");
	TALK(&t, "SEARCH SAVEDSINCE 2-Jan-1970", "* SEARCH 3\r\n");
	TALK(&t, "SEARCH SAVEDON 1-Jan-1970 SAVEDATESUPPORTED",
	    "* SEARCH 1 2\r\n");
	TALK(&t, "SEARCH SAVEDON tomorrow", "x BAD");
}
END_TEST

/* RFC 7889. */
START_TEST(append_limit)
{
	struct imap_conf conf = talk_conf;

	TALK(&t, "CAPABILITY", " APPENDLIMIT\r\n");
	TALK(&t, "STATUS INBOX (MESSAGES APPENDLIMIT)",
	    "(MESSAGES 2 APPENDLIMIT NIL)");
	conf.append_most = 100;
	talk_end(&t);
	talk_begin(&t, base, &conf);
	TALK(&t, "CAPABILITY", " APPENDLIMIT=100\r\n");
	TALK(&t, "STATUS INBOX (APPENDLIMIT)", "(APPENDLIMIT 100)");
	SEND("a APPEND INBOX {101}\r\n");
	expect("a NO [TOOBIG]");
}
END_TEST

/* RFC 4731, 3.2: the sequence of what is told, not of all. */
START_TEST(search_modseq)
{
	char *first, *all;

	TALK(&t, "SELECT INBOX (CONDSTORE)", "x OK");
	TALK(&t, "STORE 2 +FLAGS.SILENT (\\Flagged)", "x OK");
	first = talk_say(&t, "SEARCH RETURN (MIN) MODSEQ 1");
	all = talk_say(&t, "SEARCH RETURN (MIN COUNT) MODSEQ 1");
	ck_assert_ptr_nonnull(strstr(first, " MODSEQ "));
	ck_assert_ptr_nonnull(strstr(all, " MODSEQ "));
	ck_assert_str_ne(strstr(first, " MODSEQ "), strstr(all, " MODSEQ "));
	free(first);
	free(all);
}
END_TEST

static const struct imap_conf with_folders = {
	.folders = { "INBOX.", '.', FOLDER_AUTO, true },
	.idle_ms = 60000,
	.first_folders = "Drafts, Sent, Trash, Junk",
	.hello = "test.example",
};

static void
begin_again(const struct imap_conf *conf)
{
	talk_end(&t);
	talk_begin(&t, base, conf);
}

START_TEST(first_login)
{
	begin_again(&with_folders);
	TALK_IS(&t, "LIST (SPECIAL-USE) \"\" *",
	    "* LIST (\\HasNoChildren \\Drafts) \".\" INBOX.Drafts\r\n"
	    "* LIST (\\HasNoChildren \\Junk) \".\" INBOX.Junk\r\n"
	    "* LIST (\\HasNoChildren \\Sent) \".\" INBOX.Sent\r\n"
	    "* LIST (\\HasNoChildren \\Trash) \".\" INBOX.Trash\r\n"
	    "x OK List completed\r\n");
	TALK_IS(&t, "LSUB \"\" *",
	    "* LSUB (\\HasChildren) \".\" INBOX\r\n"
	    "* LSUB (\\HasNoChildren \\Drafts) \".\" INBOX.Drafts\r\n"
	    "* LSUB (\\HasNoChildren \\Junk) \".\" INBOX.Junk\r\n"
	    "* LSUB (\\HasNoChildren \\Sent) \".\" INBOX.Sent\r\n"
	    "* LSUB (\\HasNoChildren \\Trash) \".\" INBOX.Trash\r\n"
	    "x OK Lsub completed\r\n");
	/* what the user takes away stays away */
	TALK(&t, "DELETE INBOX.Junk", "x OK");
	TALK(&t, "UNSUBSCRIBE INBOX.Junk", "x OK");
	begin_again(&with_folders);
	TALK(&t, "LIST \"\" *", "INBOX.Sent", "!INBOX.Junk");
}
END_TEST

/* Folders have names without the prefix too; each is shown by the one that was
 * asked for. */
START_TEST(bare_names)
{
	TALK(&t, "CREATE box", "x OK");
	TALK(&t, "CREATE box.one", "x OK");
	TALK(&t, "CREATE INBOX.box", "x NO [ALREADYEXISTS]");
	TALK(&t, "CREATE inboxes", "x OK");
	TALK_IS(&t, "LIST \"\" *",
	    "* LIST (\\HasChildren) \".\" INBOX\r\n"
	    "* LIST (\\HasChildren) \".\" INBOX.box\r\n"
	    "* LIST (\\HasNoChildren) \".\" INBOX.box.one\r\n"
	    "* LIST (\\HasNoChildren) \".\" INBOX.inboxes\r\n"
	    "x OK List completed\r\n");
	TALK_IS(&t, "LIST \"\" %",
	    "* LIST (\\HasChildren) \".\" INBOX\r\nx OK List completed\r\n");
	TALK_IS(&t, "LIST \"\" inbox%",
	    "* LIST (\\HasChildren) \".\" INBOX\r\nx OK List completed\r\n");
	TALK_IS(&t, "LIST \"\" inboxe*",
	    "* LIST (\\HasNoChildren) \".\" inboxes\r\n"
	    "x OK List completed\r\n");
	TALK_IS(&t, "LIST \"\" box%",
	    "* LIST (\\HasChildren) \".\" box\r\nx OK List completed\r\n");
	TALK_IS(&t, "LIST box. % RETURN (STATUS (MESSAGES))",
	    "* LIST (\\HasNoChildren) \".\" box.one\r\n"
	    "* STATUS box.one (MESSAGES 0)\r\nx OK List completed\r\n");
	TALK_IS(&t, "LIST \"\" (box INBOX.box%)",
	    "* LIST (\\HasChildren) \".\" INBOX.box\r\n"
	    "x OK List completed\r\n");
	TALK(&t, "SUBSCRIBE box", "x OK");
	TALK_IS(&t, "LSUB \"\" *",
	    "* LSUB (\\HasChildren) \".\" INBOX.box\r\n"
	    "x OK Lsub completed\r\n");
	TALK_IS(&t, "LSUB \"\" box*",
	    "* LSUB (\\HasChildren) \".\" box\r\n"
	    "x OK Lsub completed\r\n");
	TALK(&t, "RENAME box other", "x OK");
	TALK(&t, "SELECT other.one", "x OK [READ-WRITE]");
	TALK(&t, "DELETE INBOX.other.one", "x OK", "!BYE");
	TALK(&t, "UNSUBSCRIBE inbox.box", "x OK");
	TALK_IS(&t, "LSUB \"\" *", "x OK Lsub completed\r\n");
	TALK(&t, "CREATE .box", "x NO [CANNOT]");
	TALK(&t, "CREATE #box", "x NO [CANNOT]");
}
END_TEST

/* Folders that were there before count for their use, and are subscribed. */
START_TEST(first_login_of_others)
{
	scratch_mkdir(base, ".Sent Items");
	scratch_mkdir(base, ".Sent Items/cur");
	scratch_mkdir(base, ".Work.2024");
	scratch_mkdir(base, ".Work.2024/cur");
	begin_again(&with_folders);
	TALK(&t, "LIST \"\" *", "\\Sent) \".\" \"INBOX.Sent Items\"",
	    "!INBOX.Sent\r\n", "\\Trash) \".\" INBOX.Trash",
	    "(\\Noselect \\HasChildren) \".\" INBOX.Work\r\n");
	TALK(&t, "LSUB \"\" *", "\"INBOX.Sent Items\"", "INBOX.Work.2024",
	    "!INBOX.Work\r\n");
}
END_TEST

/* Somebody who has subscriptions has logged in before, elsewhere. */
START_TEST(no_first_login)
{
	scratch_write(base, "courierimapsubscribed", "INBOX\n");
	begin_again(&with_folders);
	TALK_IS(&t, "LIST \"\" *",
	    "* LIST (\\HasNoChildren) \".\" INBOX\r\nx OK List completed\r\n");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, bare_names);
	tcase_add_test(c, nul);
	tcase_add_test(c, condstore_is_enabled);
	tcase_add_test(c, another_folder_closes);
	tcase_add_test(c, read_only);
	tcase_add_test(c, saved_result);
	tcase_add_test(c, save_date);
	tcase_add_test(c, append_limit);
	tcase_add_test(c, search_modseq);
	tcase_add_test(c, first_login);
	tcase_add_test(c, first_login_of_others);
	tcase_add_test(c, no_first_login);
}

int
main(void)
{
	return unit_main("imapd/protocol", fill);
}
