/* test_qresync.c - CONDSTORE and QRESYNC of imapd (RFC 7162) */

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;
static unsigned long long validity, modseq;

/* The number behind text in the answer. */
static unsigned long long
number_in(const char *answer, const char *text)
{
	const char *at = strstr(answer, text);

	ck_assert_msg(at != NULL, "%s not in %s", text, answer);
	return strtoull(at + strlen(text), NULL, 10);
}

static void
note_state(void)
{
	char *answer = talk_say(&t, "SELECT INBOX");

	validity = number_in(answer, "[UIDVALIDITY ");
	modseq = number_in(answer, "[HIGHESTMODSEQ ");
	free(answer);
}

static void
setup(void)
{
	base = scratch_new();
	scratch_mkdir(base, "cur");
	for (int i = 1; i <= 9; i++) {
		char *name = mem_printf("cur/%d.M1P1.h:2,", i);

		scratch_write(base, name, "A: b\n\n");
		free(name);
	}
	talk_begin(&t, base, NULL);
	note_state();
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

static char *
with_state(const char *format)
{
	struct buf out = BUF_EMPTY;

	/* %V and %M stand for what the client noted */
	for (const char *p = format; *p != '\0'; p++) {
		if (p[0] == '%' && p[1] == 'V')
			buf_printf(&out, "%llu", validity);
		else if (p[0] == '%' && p[1] == 'M')
			buf_printf(&out, "%llu", modseq);
		else {
			buf_add_byte(&out, *p);
			continue;
		}
		p++;
	}
	return buf_take(&out);
}

#define STATE_TALK(command, ...) \
	do { \
		char *line = with_state(command); \
		TALK(&t, line, __VA_ARGS__); \
		free(line); \
	} while (0)

START_TEST(condstore)
{
	TALK(&t, "FETCH 1 (FLAGS)", "!MODSEQ");
	TALK(&t, "ENABLE CONDSTORE", "* ENABLED CONDSTORE\r\n", "x OK");
	TALK(&t, "STORE 2 +FLAGS (\\Seen)", "* 2 FETCH (UID 2 MODSEQ (");
	TALK(&t, "STORE 3 +FLAGS.SILENT (\\Seen)", "* 3 FETCH (UID 3 MODSEQ (",
	    "!FLAGS");
	STATE_TALK("FETCH 1:* (UID) (CHANGEDSINCE %M)", "* 2 FETCH (UID 2",
	    "* 3 FETCH (UID 3", "!* 1 FETCH", "!* 4 FETCH");
	STATE_TALK("SEARCH MODSEQ %M", "* SEARCH 1 2 3 4 5 6 7 8 9 (MODSEQ ");
	STATE_TALK("STORE 1:4 (UNCHANGEDSINCE %M) +FLAGS (\\Flagged)",
	    "x OK [MODIFIED 2:3]", "* 1 FETCH", "* 4 FETCH", "!* 2 FETCH");
	STATE_TALK("UID STORE 2 (UNCHANGEDSINCE %M) +FLAGS (\\Draft)",
	    "[MODIFIED 2]", "!* 2 FETCH");
	TALK(&t, "STATUS INBOX (HIGHESTMODSEQ)", "(HIGHESTMODSEQ ");
	TALK(&t, "SELECT INBOX (CONDSTORE)", "x OK");
	TALK(&t, "SELECT INBOX (NONSENSE)", "x BAD");
	TALK(&t, "FETCH 1 FLAGS (CHANGEDSINCE)", "x BAD");
	TALK(&t, "STORE 1 (UNCHANGEDSINCE x) FLAGS ()", "x BAD");
}
END_TEST

START_TEST(wants_enable)
{
	TALK(&t, "SELECT INBOX (QRESYNC (1 1))", "x BAD");
	TALK(&t, "SELECT INBOX", "x OK");
	TALK(&t, "UID FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)", "x BAD");
	TALK(&t, "ENABLE QRESYNC", "* ENABLED CONDSTORE QRESYNC\r\n");
	TALK(&t, "FETCH 1:* FLAGS (CHANGEDSINCE 1 VANISHED)", "x BAD");
	TALK(&t, "UID FETCH 1:* FLAGS (VANISHED)", "x BAD");
	TALK(&t, "SELECT INBOX (QRESYNC (1))", "x BAD");
	TALK(&t, "SELECT INBOX (QRESYNC (1 1 1:2 (1)))", "x BAD");
}
END_TEST

static void
change_things(void)
{
	TALK(&t, "ENABLE QRESYNC", "x OK");
	TALK(&t, "SELECT INBOX", "* OK [CLOSED]");
	TALK(&t, "STORE 3,6,7 +FLAGS.SILENT (\\Deleted)", "x OK");
	TALK(&t, "EXPUNGE", "* VANISHED 3,6:7\r\n", "x OK [HIGHESTMODSEQ ",
	    "!EXPUNGE\r\n");
	TALK(&t, "UID STORE 5,9 +FLAGS (\\Answered)",
	    "* 4 FETCH (UID 5 MODSEQ (");
}

START_TEST(resynchronised)
{
	change_things();
	STATE_TALK("SELECT INBOX (QRESYNC (%V %M))",
	    "* VANISHED (EARLIER) 3,6:7\r\n", "* 4 FETCH (UID 5 ",
	    "* 6 FETCH (UID 9 ", "!FETCH (UID 4", "x OK [READ-WRITE]");
	STATE_TALK("SELECT INBOX (QRESYNC (%V %M 1:5))",
	    "* VANISHED (EARLIER) 3\r\n", "* 4 FETCH (UID 5 ", "!UID 9");
	STATE_TALK("SELECT INBOX (QRESYNC (1 %M))", "!VANISHED", "!FETCH (UID",
	    "x OK");
	STATE_TALK("UID FETCH 1:6 (FLAGS) (CHANGEDSINCE %M VANISHED)",
	    "* VANISHED (EARLIER) 3,6\r\n",
	    "* 4 FETCH (UID 5 FLAGS (\\Answered)", "!UID 9");
	/* up to date: nothing */
	note_state();
	STATE_TALK(
	    "SELECT INBOX (QRESYNC (%V %M))", "!VANISHED", "!FETCH (UID");
}
END_TEST

/* Longer ago than is remembered: all that is not there. */
START_TEST(long_ago)
{
	change_things();
	STATE_TALK(
	    "SELECT INBOX (QRESYNC (%V 5))", "* VANISHED (EARLIER) 3,6:7\r\n");
	STATE_TALK("SELECT INBOX (QRESYNC (%V 5 2:4,6,8:4000000000))",
	    "* VANISHED (EARLIER) 3,6\r\n");
	/* the fourth message is still UID 5: what is gone below is known */
	STATE_TALK("SELECT INBOX (QRESYNC (%V 5 1:9 (1,4,6 1,5,8)))",
	    "* VANISHED (EARLIER) 6:7\r\n");
}
END_TEST

START_TEST(others_vanish)
{
	struct talk other;

	TALK(&t, "ENABLE QRESYNC", "x OK");
	TALK(&t, "SELECT INBOX", "x OK");
	talk_begin(&other, base, NULL);
	TALK(&other, "SELECT INBOX", "x OK");
	TALK(&other, "STORE 2,4 +FLAGS (\\Deleted)", "x OK");
	TALK(&other, "EXPUNGE", "* 2 EXPUNGE\r\n* 3 EXPUNGE\r\n");
	TALK(&t, "NOOP", "* VANISHED 2,4\r\n", "!EXPUNGE");
	talk_end(&other);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, condstore);
	tcase_add_test(c, wants_enable);
	tcase_add_test(c, resynchronised);
	tcase_add_test(c, long_ago);
	tcase_add_test(c, others_vanish);
}

int
main(void)
{
	return unit_main("imapd/qresync", fill);
}
