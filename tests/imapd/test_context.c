/* test_context.c - CONTEXT (RFC 5267), ESEARCH (RFC 7377), MESSAGELIMIT (RFC
 * 9738), and orders that are kept */

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static void
setup(void)
{
	static const char *const subjects[] = { "delta", "alpha", "charlie",
		"bravo", "echo" };

	base = scratch_maildir();
	for (int i = 0; i < 5; i++) {
		char *name = mem_printf("cur/%d.M1P1.h:2,", i + 1);
		char *text = mem_printf("Subject: %s\n\nbody\n", subjects[i]);

		scratch_write(base, name, text);
		free(name);
		free(text);
	}
	talk_begin(&t, base, NULL);
	TALK(&t, "SELECT INBOX", "* 5 EXISTS");
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

/* Say it under another tag. */
static void
say_as(const char *tag, const char *command, const char *const wants[])
{
	char *line = mem_printf("%s %s\r\n", tag, command);
	char *end = mem_printf("%s ", tag);
	char *answer;

	talk_send(&t, span_str(line));
	answer = talk_until(&t, end);
	for (int w = 0; wants[w] != NULL; w++) {
		bool not = wants[w][0] == '!';

		ck_assert_msg((strstr(answer, wants[w] + not ) == NULL) == not,
		    "%s: wanted %s in:\n%s", command, wants[w], answer);
	}
	free(answer);
	free(line);
	free(end);
}

#define AS(tag, command, ...) \
	do { \
		static const char *const wants[] = { __VA_ARGS__, NULL }; \
		say_as(tag, command, wants); \
	} while (0)

START_TEST(flags_update)
{
	AS("c1", "SEARCH RETURN (UPDATE) SEEN", "* ESEARCH (TAG \"c1\")\r\n",
	    "c1 OK");
	AS("u1", "UID SEARCH RETURN (UPDATE COUNT) UNSEEN SUBJECT a",
	    "* ESEARCH (TAG \"u1\") UID COUNT 4\r\n");
	/* the tag is taken */
	AS("c1", "SEARCH RETURN (UPDATE) ALL", "c1 BAD", "!ESEARCH");
	TALK(&t, "STORE 1,2,5 +FLAGS (\\Seen)",
	    "* 5 FETCH (FLAGS (\\Seen))\r\n",
	    "* ESEARCH (TAG \"c1\") ADDTO (0 1:2,5)\r\n",
	    "* ESEARCH (TAG \"u1\") UID REMOVEFROM (0 1:2)\r\n");
	TALK(&t, "STORE 1:2 -FLAGS (\\Seen)",
	    "* ESEARCH (TAG \"c1\") REMOVEFROM (0 1:2)\r\n",
	    "* ESEARCH (TAG \"u1\") UID ADDTO (0 1:2)\r\n");
	TALK(&t, "STORE 3:5 +FLAGS.SILENT (\\Deleted)", "!ESEARCH");
	TALK(&t, "EXPUNGE", "* ESEARCH (TAG \"u1\") UID REMOVEFROM (0 3:4)\r\n",
	    "* ESEARCH (TAG \"c1\") REMOVEFROM (0 5)\r\n* 3 EXPUNGE\r\n");
	TALK(&t, "CANCELUPDATE \"c1\"", "x OK");
	TALK(&t, "CANCELUPDATE \"c1\"", "x NO");
	TALK(&t, "CANCELUPDATE u1", "x BAD");
	TALK(&t, "CANCELUPDATE", "x BAD");
	TALK(&t, "STORE 1 +FLAGS (\\Seen)", "!c1", "\"u1\"");
	TALK(&t, "SELECT INBOX", "x OK");
	TALK(&t, "STORE 1 -FLAGS (\\Seen)", "x OK", "!ESEARCH");
	AS("c1", "SEARCH RETURN (UPDATE ALL) SEEN", "c1 OK");
}
END_TEST

START_TEST(sorted_update)
{
	AS("s1", "UID SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNSEEN",
	    "* ESEARCH (TAG \"s1\") UID ALL 2,4,3,1,5\r\n");
	TALK(&t, "STORE 3,4 +FLAGS.SILENT (\\Seen)",
	    "* ESEARCH (TAG \"s1\") UID REMOVEFROM (2 4,3)\r\n");
	TALK(&t, "STORE 1,2 +FLAGS.SILENT (\\Seen)",
	    "* ESEARCH (TAG \"s1\") UID REMOVEFROM (1 2,1)\r\n");
	TALK(&t, "STORE 1:4 -FLAGS.SILENT (\\Seen)",
	    "* ESEARCH (TAG \"s1\") UID ADDTO (1 2,4,3,1)\r\n");
	TALK(&t, "APPEND INBOX {19+}\r\nSubject: bytes\r\n\r\n\r\n",
	    "* 6 EXISTS", "* ESEARCH (TAG \"s1\") UID ADDTO (3 6)\r\n");
	AS("s2", "SORT (REVERSE SUBJECT) UTF-8 ALL", "* SORT 5 1 3 6 4 2\r\n");
	TALK(&t, "SORT (SUBJECT) UTF-8 3:6", "* SORT 4 6 3 5\r\n");
	TALK(&t, "SORT (SUBJECT) UTF-8 CHARSET UTF-8 ALL", "x BAD");
}
END_TEST

START_TEST(new_mail)
{
	AS("n1",
	    "UID SEARCH RETURN (COUNT UPDATE (UID BODY.PEEK[HEADER.FIELDS "
	    "(SUBJECT)])) SUBJECT x",
	    "UID COUNT 0\r\n");
	/* numbers mean those of now, UIDs those to come too */
	AS("n2", "SEARCH RETURN (UPDATE) 1:*", "n2 OK");
	AS("n3", "SEARCH RETURN (UPDATE) UID 5:*", "n3 OK");
	TALK(&t, "APPEND INBOX {15+}\r\nSubject: x\r\n\r\n\r\n", "* 6 EXISTS",
	    "* 6 FETCH (UID 6 BODY[HEADER.FIELDS (SUBJECT)] {14}\r\n"
	    "Subject: x\r\n\r\n)\r\n"
	    "* ESEARCH (TAG \"n1\") UID ADDTO (0 6)\r\n",
	    "!\"n2\"", "* ESEARCH (TAG \"n3\") ADDTO (0 6)\r\n");
}
END_TEST

START_TEST(many_contexts)
{
	for (int i = 0; i < 20; i++) {
		char tag[10];
		static const char *const none[] = { "!NOUPDATE", NULL };

		snprintf(tag, sizeof(tag), "m%d", i);
		say_as(tag, "SEARCH RETURN (UPDATE) ALL", none);
	}
	AS("m20", "SEARCH RETURN (UPDATE COUNT) ALL", " COUNT 5\r\n",
	    "* NO [NOUPDATE \"m20\"]", "m20 OK");
}
END_TEST

START_TEST(orders)
{
	for (int i = 0; i < 2; i++) {
		TALK(&t, "SORT (SUBJECT) UTF-8 ALL", "* SORT 2 4 3 1 5\r\n");
		TALK(
		    &t, "UID SORT (SIZE) US-ASCII ALL", "* SORT 5 1 2 4 3\r\n");
		TALK(&t, "THREAD ORDEREDSUBJECT UTF-8 ALL", "* THREAD (");
		TALK(&t, "THREAD REFERENCES UTF-8 1:3",
		    "* THREAD (1)(2)(3)\r\n");
		TALK(&t, "UID THREAD REFERENCES UTF-8 1:3",
		    "* THREAD (1)(2)(3)\r\n");
	}
	TALK(&t, "STORE 2,3 +FLAGS.SILENT (\\Deleted)", "x OK");
	TALK(&t, "EXPUNGE", "x OK");
	TALK(&t, "SORT (SUBJECT) UTF-8 ALL", "* SORT 2 1 3\r\n");
	TALK(&t, "UID SORT (SUBJECT) UTF-8 ALL", "* SORT 4 1 5\r\n");
	TALK(&t, "THREAD REFERENCES UTF-8 1:3", "* THREAD (1)(2)(3)\r\n");
	TALK(&t, "UID THREAD REFERENCES UTF-8 1:3", "* THREAD (1)(4)(5)\r\n");
	TALK(&t, "APPEND INBOX {17+}\r\nSubject: bz\r\n\r\nx\r\n", "x OK");
	TALK(&t, "UID SORT (SUBJECT) UTF-8 ALL", "* SORT 4 6 1 5\r\n");
}
END_TEST

/* What was found out about texts spares reading them, and never hides one. */
START_TEST(words)
{
	char *path = mem_printf("%s/facteur.words", base);

	TALK(&t,
	    "APPEND INBOX {40+}\r\n"
	    "Subject: z\r\n\r\nA need\r\nle in h\xc3\xa4y 123456",
	    "x OK");
	for (int i = 0; i < 5; i++) {
		TALK(&t, "SEARCH BODY \"NEED LE\"", "* SEARCH 6\r\n");
		TALK(&t, "SEARCH BODY \"h\xc3\x84y\"", "* SEARCH 6\r\n");
		TALK(&t, "SEARCH TEXT body", "* SEARCH 1 2 3 4 5\r\n");
		TALK(&t, "SEARCH BODY nothing", "* SEARCH\r\n");
		TALK(&t, "SEARCH BODY \"\"", "* SEARCH 1 2 3 4 5 6\r\n");
		ck_assert_int_eq(access(path, F_OK), 0);
		if (i == 1)
			TALK(&t, "SELECT INBOX", "x OK");
		if (i == 2)
			ck_assert_int_eq(truncate(path, 100), 0);
		if (i == 3) {
			ck_assert_int_eq(unlink(path), 0);
			TALK(&t, "SELECT INBOX", "x OK");
		}
	}
	free(path);
}
END_TEST

START_TEST(several_mailboxes)
{
	TALK(&t, "CREATE INBOX.a", "x OK");
	TALK(&t, "CREATE INBOX.a.b", "x OK");
	TALK(&t, "CREATE INBOX.a.b.c", "x OK");
	TALK(&t, "COPY 1:2 INBOX.a", "x OK");
	TALK(&t, "COPY 3 INBOX.a.b", "x OK");
	TALK(&t, "COPY 3 INBOX.a.b.c", "x OK");
	TALK(&t, "ESEARCH SUBJECT charlie",
	    "* ESEARCH (TAG \"x\" MAILBOX INBOX UIDVALIDITY ",
	    ") UID ALL 3\r\n", "!INBOX.a");
	TALK(&t, "ESEARCH IN (personal) RETURN (COUNT) ALL",
	    "MAILBOX INBOX UIDVALIDITY", ") UID COUNT 5\r\n",
	    "MAILBOX INBOX.a UIDVALIDITY", ") UID COUNT 2\r\n", "INBOX.a.b ",
	    "INBOX.a.b.c ", "!Drafts");
	TALK(&t, "ESEARCH IN (mailboxes (INBOX.a INBOX.none) selected) ALL",
	    "MAILBOX INBOX ", "MAILBOX INBOX.a ", "!INBOX.a.b");
	TALK(&t, "ESEARCH IN (subtree INBOX.a) ALL", "!MAILBOX INBOX UID",
	    "INBOX.a ", "INBOX.a.b ", "INBOX.a.b.c ");
	TALK(&t, "ESEARCH IN (subtree-one a) ALL", "INBOX.a ", "INBOX.a.b ",
	    "!INBOX.a.b.c");
	TALK(&t, "SUBSCRIBE INBOX.a.b", "x OK");
	TALK(&t, "ESEARCH IN (subscribed) ALL", "INBOX.a.b ", "!INBOX.a.b.c");
	TALK(&t, "ESEARCH IN (selected-delayed) ALL", "x BAD");
	TALK(&t, "ESEARCH IN () ALL", "x BAD");
	TALK(&t, "ESEARCH IN (personal (depth 1)) ALL", "x BAD");
	TALK(&t, "ESEARCH IN (mailboxes) ALL", "x BAD");
	TALK(&t, "ESEARCH IN (selected personal) RETURN (SAVE) ALL", "x BAD");
	TALK(&t, "ESEARCH IN (personal) RETURN (UPDATE) ALL", "x BAD");
	TALK(&t, "UID ESEARCH ALL", "x BAD");
	TALK(&t, "ESEARCH RETURN (SAVE) SUBJECT charlie", "x OK", "!ESEARCH");
	TALK(&t, "FETCH $ UID", "* 3 FETCH (UID 3)\r\n");
	/* the selected one is as it was */
	TALK(&t, "FETCH 1:* UID", "* 5 FETCH");
	AS("e1", "ESEARCH RETURN (UPDATE) FLAGGED", "e1 OK", "!ESEARCH");
	TALK(&t, "STORE 2 +FLAGS (\\Flagged)",
	    "* ESEARCH (TAG \"e1\") UID ADDTO (0 2)\r\n");
	TALK(&t, "UNSELECT", "x OK");
	TALK(&t, "ESEARCH ALL", "x BAD");
	TALK(&t, "ESEARCH IN (selected personal) ALL", "x BAD");
	TALK(&t, "ESEARCH IN (mailboxes INBOX.a) BODY body", "UID ALL 1:2\r\n");
}
END_TEST

static void
begin_limited(void)
{
	static struct imap_conf limited;

	talk_end(&t);
	limited = talk_conf;
	limited.message_most = 2;
	talk_begin(&t, base, &limited);
	TALK(&t, "CAPABILITY", " MESSAGELIMIT=2 ");
	TALK(&t, "SELECT INBOX", "* 5 EXISTS");
}

START_TEST(limited)
{
	begin_limited();
	TALK(&t, "FETCH 1:* UID", "!* 3 FETCH", "* 4 FETCH", "* 5 FETCH",
	    "x OK [MESSAGELIMIT 2 4]");
	TALK(&t, "UID FETCH 1:3 FLAGS", "!* 1 FETCH", "[MESSAGELIMIT 2 2]");
	TALK(&t, "FETCH 1:2 UID", "x OK Fetch");
	TALK(&t, "UID FETCH 1:* FLAGS (PARTIAL 1:3)", "x NO [MESSAGELIMIT 2]");
	TALK(&t, "UID FETCH 1:* FLAGS (PARTIAL -1:-2)", "* 4 FETCH",
	    "x OK Fetch");
	TALK(&t, "STORE 1:4 +FLAGS (\\Seen)", "!* 2 FETCH", "* 3 FETCH",
	    "x OK [MESSAGELIMIT 2 3]");
	TALK(&t, "SEARCH ALL", "* SEARCH 4 5\r\n", "x OK [MESSAGELIMIT 2 4]");
	TALK(&t, "UID SEARCH UIDBEFORE 4", "* SEARCH 2 3\r\n",
	    "x OK [MESSAGELIMIT 2 2]");
	TALK(&t, "UID SEARCH UIDBEFORE 2 SUBJECT delta", "* SEARCH 1\r\n",
	    "x OK Search");
	TALK(&t, "UID SEARCH UIDAFTER 3", "* SEARCH 4 5\r\n", "x OK Search");
	TALK(&t, "UID SEARCH UIDAFTER 0", "x BAD");
	TALK(&t, "UID SEARCH UIDBEFORE 1:2", "x BAD");
	TALK(&t, "SORT (DATE) UTF-8 ALL", "x NO [MESSAGELIMIT 2]", "!SORT");
	TALK(&t, "COPY 1:3 INBOX", "x NO [MESSAGELIMIT 2]");
	TALK(&t, "CREATE INBOX.to", "x OK");
	TALK(&t, "MOVE 1:* INBOX.to", "COPYUID", " 4:5 ",
	    "x OK [MESSAGELIMIT 2 4]");
	TALK(&t, "STORE 1:2 +FLAGS (\\Deleted)", "x OK Store");
	TALK(&t, "STORE 3 +FLAGS (\\Deleted)", "x OK Store");
	TALK(&t, "UID EXPUNGE 1:3", "x OK [MESSAGELIMIT 2 2]", "!* 1 EXPUNGE");
	TALK(&t, "EXPUNGE", "* 1 EXPUNGE", "x OK Expunge");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, flags_update);
	tcase_add_test(c, sorted_update);
	tcase_add_test(c, new_mail);
	tcase_add_test(c, many_contexts);
	tcase_add_test(c, orders);
	tcase_add_test(c, words);
	tcase_add_test(c, several_mailboxes);
	tcase_add_test(c, limited);
}

int
main(void)
{
	return unit_main("imapd/context", fill);
}
