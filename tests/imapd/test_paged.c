/* test_paged.c - PARTIAL (RFC 9394), INPROGRESS (RFC 9585), UIDONLY (RFC 9586)
 */

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

enum { MESSAGES = 9 };

static char *base;
static struct talk t;

static void
begin(const struct imap_conf *conf)
{
	talk_begin(&t, base, conf);
	TALK(&t, "SELECT INBOX", "* 9 EXISTS");
}

static void
setup(void)
{
	base = scratch_new();
	scratch_mkdir(base, "cur");
	for (int i = 1; i <= MESSAGES; i++) {
		char *name = mem_printf(
		    "cur/%d.M1P1.h:2,%s", i, i == 3 || i == 8 ? "F" : "");

		scratch_write(base, name, "Subject: x\n\nbody\n");
		free(name);
	}
	begin(NULL);
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

static const struct {
	const char *command, *answer; /* without the tagged line */
} pages[] = {
	{ "UID SEARCH RETURN (PARTIAL 1:3) ALL",
	    "* ESEARCH (TAG \"x\") UID PARTIAL (1:3 1:3)\r\n" },
	{ "UID SEARCH RETURN (PARTIAL 3:1) ALL",
	    "* ESEARCH (TAG \"x\") UID PARTIAL (1:3 1:3)\r\n" },
	{ "UID SEARCH RETURN (PARTIAL 8:20) ALL",
	    "* ESEARCH (TAG \"x\") UID PARTIAL (8:20 8:9)\r\n" },
	{ "UID SEARCH RETURN (PARTIAL 10:20) ALL",
	    "* ESEARCH (TAG \"x\") UID PARTIAL (10:20 NIL)\r\n" },
	{ "UID SEARCH RETURN (PARTIAL -1:-2) ALL",
	    "* ESEARCH (TAG \"x\") UID PARTIAL (-1:-2 8:9)\r\n" },
	{ "UID SEARCH RETURN (PARTIAL -9:-100) ALL",
	    "* ESEARCH (TAG \"x\") UID PARTIAL (-9:-100 1)\r\n" },
	{ "UID SEARCH RETURN (PARTIAL -10:-100) ALL",
	    "* ESEARCH (TAG \"x\") UID PARTIAL (-10:-100 NIL)\r\n" },
	{ "UID SEARCH RETURN (PARTIAL 1:4294967295) FLAGGED",
	    "* ESEARCH (TAG \"x\") UID PARTIAL (1:4294967295 3,8)\r\n" },
	{ "SEARCH RETURN (MIN PARTIAL 2:2 MAX COUNT) FLAGGED",
	    "* ESEARCH (TAG \"x\") MIN 3 MAX 8 PARTIAL (2:2 8) COUNT 2\r\n" },
	{ "SEARCH RETURN (PARTIAL 1:9) DRAFT",
	    "* ESEARCH (TAG \"x\") PARTIAL (1:9 NIL)\r\n" },
	{ "UID FETCH 1:* (UID FLAGS) (PARTIAL 3:3)",
	    "* 3 FETCH (UID 3 FLAGS (\\Flagged))\r\n" },
	{ "UID FETCH 2:8 UID (PARTIAL -1:-2)",
	    "* 7 FETCH (UID 7)\r\n* 8 FETCH (UID 8)\r\n" },
	{ "UID FETCH 2:8 UID (PARTIAL 8:9)", "" },
};

START_TEST(page)
{
	char *answer = talk_say(&t, pages[_i].command);
	size_t n = strlen(pages[_i].answer);

	ck_assert_msg(strncmp(answer, pages[_i].answer, n) == 0 &&
		strncmp(answer + n, "x OK", 4) == 0,
	    "%s: %s", pages[_i].command, answer);
	free(answer);
}
END_TEST

static const char *const bad[] = {
	"SEARCH RETURN (PARTIAL) ALL",
	"SEARCH RETURN (PARTIAL 1) ALL",
	"SEARCH RETURN (PARTIAL 0:1) ALL",
	"SEARCH RETURN (PARTIAL 1:-1) ALL",
	"SEARCH RETURN (PARTIAL -1:1) ALL",
	"SEARCH RETURN (PARTIAL 1:*) ALL",
	"SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL",
	"SEARCH RETURN (PARTIAL 1:2 ALL) ALL",
	"SEARCH RETURN (PARTIAL 1:2ALL) ALL",
	"SEARCH RETURN (PARTIAL 1:4294967296) ALL",
	"FETCH 1:* UID (PARTIAL 1:2)",
	"UID FETCH 1:* UID (PARTIAL 1:2 PARTIAL 1:2)",
	"UID FETCH 1:* UID (PARTIAL)",
};

START_TEST(bad_page)
{
	TALK(&t, bad[_i], "x BAD");
}
END_TEST

/* What is saved is what is told, but with COUNT, which speaks of all. */
START_TEST(saved)
{
	TALK(&t, "SEARCH RETURN (SAVE PARTIAL 2:3) ALL", "PARTIAL (2:3 2:3)");
	TALK(&t, "SEARCH $", "* SEARCH 2 3\r\n");
	TALK(&t, "SEARCH RETURN (SAVE MIN PARTIAL 3:4) ALL", "MIN 1 ");
	TALK(&t, "SEARCH $", "* SEARCH 1 3 4\r\n");
	TALK(&t, "SEARCH RETURN (SAVE COUNT PARTIAL 2:3) ALL", "COUNT 9");
	TALK(&t, "SEARCH RETURN (COUNT) $", "COUNT 9");
}
END_TEST

/* A page of what changed, not what changed of a page. */
START_TEST(changed_page)
{
	char *got = talk_say(&t, "UID FETCH 5 (MODSEQ)");
	char *at = strstr(got, "MODSEQ ("), *command;

	ck_assert(at != NULL);
	command = mem_printf("UID FETCH 1:* (FLAGS) (CHANGEDSINCE %.*s "
			     "PARTIAL -1:-1)",
	    (int)strcspn(at + 8, ")"), at + 8);
	TALK(&t, "STORE 2,4 +FLAGS (\\Seen)", "x OK");
	TALK(&t, command, "UID 4 ", "!UID 2 ", "!UID 9 ");
	free(command);
	free(got);
}
END_TEST

START_TEST(progress)
{
	struct imap_conf often = talk_conf;

	talk_end(&t);
	often.progress_ms = -1;
	begin(&often);
	TALK(&t, "SEARCH BODY bod",
	    "* OK [INPROGRESS (\"x\" 0 9)] Still searching\r\n",
	    "* OK [INPROGRESS (\"x\" 8 9)]", "* SEARCH 1 2 3 4 5 6 7 8 9\r\n");
}
END_TEST

START_TEST(uid_only)
{
	static const char *const refused[] = { "FETCH 1 FLAGS",
		"STORE 1 FLAGS ()", "COPY 1 INBOX", "MOVE 1 INBOX",
		"SEARCH ALL", "SORT (DATE) UTF-8 ALL",
		"THREAD REFERENCES UTF-8 ALL", "UID SEARCH 1:3",
		"UID SEARCH NOT (SEEN *)", "UID SORT (DATE) UTF-8 1" };

	TALK(&t, "ENABLE UIDONLY", "* ENABLED UIDONLY\r\n");
	for (int i = 0; i < UNIT_COUNT(refused); i++)
		TALK(&t, refused[i], "x BAD [UIDREQUIRED]");
	TALK(&t, "SELECT INBOX", "!UNSEEN");
	TALK(&t, "UID SEARCH FLAGGED", "* SEARCH 3 8\r\n");
	TALK(&t, "UID SEARCH RETURN (SAVE) FLAGGED", "x OK");
	TALK(&t, "UID SEARCH $", "* SEARCH 3 8\r\n");
	TALK_IS(&t, "UID FETCH 3 FLAGS",
	    "* 3 UIDFETCH (FLAGS (\\Flagged))\r\nx OK Fetch completed\r\n");
	TALK(&t, "UID FETCH 8 (UID RFC822.SIZE)",
	    "* 8 UIDFETCH (UID 8 RFC822.SIZE 20)\r\n");
	TALK(&t, "UID STORE 1:2 +FLAGS (\\Deleted)",
	    "* 2 UIDFETCH (FLAGS (\\Deleted))\r\n");
	TALK(&t, "EXPUNGE", "* VANISHED 1:2\r\n", "!EXPUNGE\r\n");
	TALK(&t, "UID STORE 3 +FLAGS.SILENT (\\Seen)", "x OK");
	TALK(&t, "UID FETCH 3 (MODSEQ)", "* 3 UIDFETCH (MODSEQ (");
	TALK(
	    &t, "UID STORE 3 -FLAGS.SILENT (\\Seen)", "* 3 UIDFETCH (MODSEQ (");
	TALK(&t, "ENABLE QRESYNC", "* ENABLED CONDSTORE QRESYNC\r\n");
	TALK(&t, "SELECT INBOX (QRESYNC (1 1 1:9 (1 1)))",
	    "x BAD [UIDREQUIRED]");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, page, 0, UNIT_COUNT(pages));
	tcase_add_loop_test(c, bad_page, 0, UNIT_COUNT(bad));
	tcase_add_test(c, saved);
	tcase_add_test(c, changed_page);
	tcase_add_test(c, progress);
	tcase_add_test(c, uid_only);
}

int
main(void)
{
	return unit_main("imapd/paged", fill);
}
