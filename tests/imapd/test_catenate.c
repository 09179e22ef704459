/* test_catenate.c - APPEND of pieces (RFC 4469) */

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static void
setup(void)
{
	base = scratch_maildir();
	scratch_write(base, "cur/1.M1P1.h:2,",
	    "From: a@x\nSubject: one\n\nHello world\n");
	scratch_write(base, "cur/2.M1P1.h:2,",
	    "Subject: two\nContent-Type: multipart/mixed; boundary=b\n\n"
	    "--b\n\npart one\n--b\nContent-Type: text/html\n\n<p>\n--b--\n");
	talk_begin(&t, base, NULL);
	TALK(&t, "CREATE INBOX.to", "x OK");
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

/* What is given behind "APPEND INBOX.to", and what the new message is. */
static const struct {
	const char *args, *want;
} good[] = {
	{ "CATENATE (TEXT {5+}\r\nA: b\n TEXT {4+}\r\n\r\nxy)", NULL },
	{ "CATENATE (URL \"/INBOX/;UID=1\")",
	    "From: a@x\r\nSubject: one\r\n\r\nHello world\r\n" },
	{ "(\\Seen) CATENATE (URL /INBOX/;UID=1/;SECTION=HEADER TEXT "
	  "{4+}\r\nbody)",
	    "From: a@x\r\nSubject: one\r\n\r\nbody" },
	{ "catenate (text {8+}\r\nS: t\r\n\r\n url \"/inbox/;uid=1/;section="
	  "text\")",
	    "S: t\r\n\r\nHello world\r\n" },
	{ "CATENATE (TEXT {8+}\r\nS: t\r\n\r\n URL "
	  "\"/INBOX/;UID=2/;SECTION=2/;PARTIAL=1.2\" TEXT {1+}\r\n! TEXT "
	  "{0+}\r\n)",
	    "S: t\r\n\r\np>!" },
	{ "CATENATE (TEXT {3+}\r\na:b URL \"/INBOX/;UID=1/;PARTIAL=9999.5\")",
	    "a:b" },
	{ "CATENATE (URL {37+}\r\n/INBOX/;UID=1/;SECTION=1/;PARTIAL=0.5)",
	    "Hello" },
	{ "CATENATE (URL "
	  "\"/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(Subject)\")",
	    "Subject: one\r\n\r\n" },
};

START_TEST(pieces)
{
	char *command = mem_printf("APPEND INBOX.to %s", good[_i].args);
	char *told = talk_say(&t, command), *want;

	ck_assert_msg(
	    strstr(told, "x OK [APPENDUID ") != NULL, "%s: %s", command, told);
	free(told);
	TALK(&t, "SELECT INBOX.to", "* 1 EXISTS");
	if (good[_i].want != NULL) {
		want = mem_printf("* 1 FETCH (BODY[] {%zu}\r\n%s)\r\n",
		    strlen(good[_i].want), good[_i].want);
		told = talk_say(&t, "FETCH 1 BODY.PEEK[]");
		ck_assert_msg(
		    strstr(told, want) == told, "%s: %s", command, told);
		free(told);
		free(want);
	}
	/* nothing was marked as read in the folder it came from */
	TALK(&t, "STATUS INBOX (UNSEEN)", "UNSEEN 2");
	free(command);
}
END_TEST

static const struct {
	const char *args, *want;
} bad[] = {
	{ "CATENATE (URL \"/INBOX/;UID=9\")", "x NO [BADURL /INBOX/;UID=9] " },
	{ "CATENATE (TEXT {3+}\r\na:b URL \"/INBOX;UIDVALIDITY=1/;UID=1\" TEXT "
	  "{3+}\r\na:b)",
	    "x NO [BADURL /INBOX;UIDVALIDITY=1/;UID=1] " },
	{ "CATENATE (URL \"/none/;UID=1\")", "x NO [BADURL " },
	{ "CATENATE (URL \"/INBOX/;UID=1/;SECTION=2\")", "x NO [BADURL " },
	{ "CATENATE (URL \"/INBOX/;UID=2/;SECTION=1.TEXT\")", "x NO [BADURL " },
	{ "CATENATE (URL \";UID=1\")", "x NO [BADURL ;UID=1] " },
	{ "CATENATE (URL \"imap://a@b/INBOX/;UID=1\")", "x NO [BADURL imap" },
	{ "CATENATE (URL \"/IN]B OX\")", "x NO [BADURL /IN%5DB%20OX] " },
	{ "CATENATE (URL \"/INBOX/;UID=1/;PARTIAL=9999\")",
	    "x NO The message is empty" },
	{ "CATENATE ()", "x BAD " },
	{ "CATENATE (TEXT)", "x BAD " },
	{ "CATENATE (TEXT \"a\")", "x BAD " },
	{ "CATENATE (TEXT ~{3+}\r\na:b)", "x BAD " },
	{ "CATENATE (FOO {3+}\r\na:b)", "x BAD " },
	{ "CATENATE (TEXT {3+}\r\na:b", "x BAD " },
	{ "CATENATE (TEXT {3+}\r\na:b) x", "x BAD " },
	{ "CATENATE TEXT {3+}\r\na:b", "x BAD " },
	{ "CATENATE (UTF8 (~{3+}\r\na:b))", "x BAD " },
};

START_TEST(bad_pieces)
{
	char *command = mem_printf("APPEND INBOX.to %s", bad[_i].args);
	char *told = talk_say(&t, command);

	ck_assert_msg(
	    strstr(told, bad[_i].want) != NULL, "%s: %s", command, told);
	free(told);
	free(command);
	TALK_IS(&t, "STATUS INBOX.to (MESSAGES)",
	    "* STATUS INBOX.to (MESSAGES 0)\r\nx OK Status completed\r\n");
}
END_TEST

START_TEST(waiting)
{
	/* the client waits for each literal; a refusal comes at once */
	talk_send(&t, SPAN("x APPEND INBOX.to CATENATE (TEXT {5}\r\n"));
	free(talk_until(&t, "+ "));
	talk_send(&t, SPAN("a: b\n URL {13}\r\n"));
	free(talk_until(&t, "+ "));
	talk_send(&t, SPAN("/INBOX/;UID=1 TEXT {3}\r\n"));
	free(talk_until(&t, "+ "));
	talk_send(&t, SPAN("end) (\\Flagged) {3}\r\n"));
	free(talk_until(&t, "+ "));
	talk_send(&t, SPAN("e:f\r\n"));
	free(talk_until(&t, "x OK [APPENDUID "));
	TALK(&t, "STATUS INBOX.to (MESSAGES)", "MESSAGES 2");
	talk_send(&t, SPAN("x APPEND INBOX.none CATENATE (TEXT {5}\r\n"));
	free(talk_until(&t, "x NO [TRYCREATE]"));
	talk_send(&t,
	    SPAN(
		"x APPEND INBOX CATENATE (URL \"/INBOX/;UID=7\" TEXT {5}\r\n"));
	free(talk_until(&t, "x NO [BADURL /INBOX/;UID=7]"));
}
END_TEST

START_TEST(selected)
{
	TALK(&t, "SELECT INBOX", "* 2 EXISTS");
	TALK(&t,
	    "APPEND INBOX CATENATE (URL \"/INBOX/;UID=1\") "
	    "(\\Seen) CATENATE (URL \"/INBOX/;UID=2/;SECTION=1\")",
	    "* 4 EXISTS", "x OK [APPENDUID ", " 3:4]");
	TALK(&t, "FETCH 4 (FLAGS BODY[])", "FLAGS (\\Seen", "{8}\r\npart one)");
	TALK(&t, "ENABLE UTF8=ACCEPT", "* ENABLED");
	TALK(&t, "REPLACE 4 INBOX CATENATE (URL \"/INBOX/;UID=4\")",
	    "APPENDUID", "* 4 EXPUNGE", "x OK");
	TALK(&t, "UNSELECT", "x OK");
	TALK(&t, "ENABLE UTF8=ACCEPT", "* ENABLED UTF8=ACCEPT");
	TALK(&t, "APPEND INBOX CATENATE (UTF8 (~{7+}\r\nS: \xc3\xa9\r\n))",
	    "x OK [APPENDUID");
}
END_TEST

START_TEST(limits)
{
	struct imap_conf small = talk_conf;

	talk_end(&t);
	small.append_most = 20;
	talk_begin(&t, base, &small);
	TALK(&t, "APPEND INBOX.to CATENATE (URL \"/INBOX/;UID=1\")",
	    "x NO [TOOBIG]");
	TALK(&t,
	    "APPEND INBOX.to CATENATE (TEXT {20+}\r\n"
	    "a: 78901234567890123 TEXT {1+}\r\na)",
	    "x NO [TOOBIG]");
	TALK(&t, "STATUS INBOX.to (MESSAGES)", "MESSAGES 0");
	talk_end(&t);
	small = talk_conf;
	small.quota.bytes = 120;
	talk_begin(&t, base, &small);
	TALK(&t, "APPEND INBOX.to CATENATE (URL \"/INBOX/;UID=1\")",
	    "x NO [OVERQUOTA]");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, pieces, 0, UNIT_COUNT(good));
	tcase_add_loop_test(c, bad_pieces, 0, UNIT_COUNT(bad));
	tcase_add_test(c, waiting);
	tcase_add_test(c, selected);
	tcase_add_test(c, limits);
}

int
main(void)
{
	return unit_main("imapd/catenate", fill);
}
