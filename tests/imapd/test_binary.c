/* test_binary.c - BINARY (RFC 3516), UTF8=ACCEPT (RFC 6855), REPLACE (RFC 8508)
 */

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static const char parts[] = "Subject: parts\n"
			    "Content-Type: multipart/mixed; boundary=x\n"
			    "\n"
			    "--x\n"
			    "Content-Type: application/octet-stream\n"
			    "Content-Transfer-Encoding: base64\n"
			    "\n"
			    "AAECCg==\n"
			    "--x\n"
			    "Content-Transfer-Encoding: quoted-printable\n"
			    "\n"
			    "caf=E9 =\n"
			    "bar\n"
			    "two\n"
			    "\n"
			    "--x\n"
			    "\n"
			    "plain\n"
			    "text\n"
			    "--x\n"
			    "Content-Transfer-Encoding: x-uuencode\n"
			    "\n"
			    "begin\n"
			    "--x--\n";

static void
setup(void)
{
	base = scratch_new();
	scratch_mkdir(base, "cur");
	scratch_write(base, "cur/1.M1P1.h:2,", parts);
	scratch_write(base, "cur/2.M1P1.h:2,",
	    "Content-Transfer-Encoding: base64\n\naGVsbG8=\n");
	talk_begin(&t, base, NULL);
	TALK(&t, "SELECT INBOX", "* 2 EXISTS");
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

#define BYTES(text) \
	{ \
		text, sizeof(text) - 1 \
	}

static const struct {
	const char *command;
	struct span answer; /* without the tagged line */
} rows[] = {
	{ "FETCH 1 BINARY.PEEK[1]",
	    BYTES("* 1 FETCH (BINARY[1] ~{4}\r\n\0\1\2\n)\r\n") },
	{ "FETCH 1 BINARY.SIZE[1]", BYTES("* 1 FETCH (BINARY.SIZE[1] 4)\r\n") },
	{ "FETCH 1 BINARY.PEEK[1]<1.2>",
	    BYTES("* 1 FETCH (BINARY[1]<1> ~{2}\r\n\1\2)\r\n") },
	{ "FETCH 1 BINARY.PEEK[1]<9.2>",
	    BYTES("* 1 FETCH (BINARY[1]<9> ~{0}\r\n)\r\n") },
	{ "FETCH 1 BINARY.PEEK[2]",
	    BYTES("* 1 FETCH (BINARY[2] {15}\r\ncaf\xe9 bar\r\ntwo\r\n)\r\n") },
	{ "FETCH 1 (BINARY.SIZE[2] BINARY.PEEK[3] BINARY.SIZE[3])",
	    BYTES("* 1 FETCH (BINARY.SIZE[2] 15 BINARY.SIZE[3] 11 "
		  "BINARY[3] {11}\r\nplain\r\ntext)\r\n") },
	{ "FETCH 1 BINARY.PEEK[7]", BYTES("* 1 FETCH (BINARY[7] NIL)\r\n") },
	{ "FETCH 1 BINARY.SIZE[7]", BYTES("* 1 FETCH (BINARY.SIZE[7] 0)\r\n") },
	{ "FETCH 2 BINARY.PEEK[1]",
	    BYTES("* 2 FETCH (BINARY[1] {5}\r\nhello)\r\n") },
	{ "FETCH 2 BINARY.PEEK[]",
	    BYTES("* 2 FETCH (BINARY[] {47}\r\nContent-Transfer-Encoding: "
		  "base64\r\n\r\naGVsbG8=\r\n)\r\n") },
	{ "FETCH 2 BINARY.SIZE[]", BYTES("* 2 FETCH (BINARY.SIZE[] 47)\r\n") },
};

START_TEST(decoded)
{
	struct span want = rows[_i].answer;
	char *line = mem_printf("x %s\r\n", rows[_i].command);

	talk_send(&t, span_str(line));
	while (t.got.n < want.n + sizeof("x OK Fetch completed\r\n") - 1)
		ck_assert(talk_more(&t));
	ck_assert_msg(span_eq(span_head(buf_span(&t.got), want.n), want),
	    "%s: %s", rows[_i].command, buf_str(&t.got));
	buf_drop(&t.got, want.n);
	free(talk_until(&t, "x OK"));
	free(line);
}
END_TEST

START_TEST(unknown)
{
	TALK(&t, "FETCH 1:2 (UID BINARY[4])", "x NO [UNKNOWN-CTE]",
	    "!* 1 FETCH (UID 1 B", "* 2 FETCH (UID 2 BINARY[4] NIL");
	TALK(&t, "FETCH 1 BINARY.SIZE[4]", "x NO [UNKNOWN-CTE]", "!SIZE[4]");
	TALK(&t, "FETCH 1 BINARY[1.MIME]", "x BAD");
	TALK(&t, "FETCH 1 BINARY.SIZE[1]<0.1>", "x BAD");
}
END_TEST

START_TEST(marks_seen)
{
	TALK(&t, "FETCH 2 (BINARY.PEEK[1] BINARY.SIZE[1])", "x OK");
	TALK(&t, "FETCH 2 FLAGS", "!\\Seen");
	TALK(&t, "FETCH 2 BINARY[1]", "FLAGS (\\Seen)");
}
END_TEST

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

START_TEST(literal8)
{
	SEND("a APPEND INBOX (\\Seen) ~{17}\r\n");
	expect("+");
	SEND("Subject: a\r\n\r\nb\r\n\r\n");
	expect("a OK [APPENDUID");
	SEND("b APPEND INBOX ~{6+}\r\na\r\nb\r\n\r\n");
	expect("b OK [APPENDUID");
	SEND("c APPEND INBOX ~{6+}\r\na\0b\r\n\r\n\r\n");
	expect("c NO [UNKNOWN-CTE]");
	SEND("d APPEND INBOX ~{6+}\r\na\nb\r\n\r\r\n");
	expect("d NO [UNKNOWN-CTE]");
	/* a plain literal is taken as it was */
	SEND("e APPEND INBOX {6+}\r\na\nb\r\n\r\r\n");
	expect("e OK");
	TALK(&t, "NOOP", "x OK");
	TALK(&t, "FETCH 3 (BODY.PEEK[] FLAGS)", "FLAGS (\\Seen");
	TALK(&t, "FETCH 3 BODY.PEEK[]", "{17}\r\nSubject: a\r\n\r\nb\r\n)");
}
END_TEST

/* RFC 8508, 3.2 and 3.3 */
START_TEST(replaced)
{
	TALK(&t, "CREATE INBOX.Drafts", "x OK");
	SEND("a REPLACE 1 INBOX (\\Seen \\Draft) {6}\r\n");
	expect("+");
	SEND("a\r\nb\r\n\r\n");
	expect("* OK [APPENDUID ");
	expect("* 1 EXPUNGE");
	expect("* 2 EXISTS");
	expect("a OK");
	TALK(&t, "FETCH 2 (UID FLAGS)", "UID 3 FLAGS (\\Seen \\Draft");
	SEND("b UID REPLACE 3 INBOX.Drafts {6+}\r\nc\r\nd\r\n\r\n");
	expect("* OK [APPENDUID ");
	expect("* 2 EXPUNGE");
	expect("b OK");
	TALK(&t, "STATUS INBOX.Drafts (MESSAGES)", "(MESSAGES 1)");
	TALK(&t, "UID SEARCH ALL", "* SEARCH 2\r\n");
}
END_TEST

static const struct {
	const char *before, *command, *answer;
} wrong[] = {
	{ NULL, "REPLACE 9 INBOX {3+}\r\nx\r\n", "x BAD" },
	{ NULL, "REPLACE 1:2 INBOX {3+}\r\nx\r\n", "x BAD" },
	{ NULL, "UID REPLACE 9 INBOX {3+}\r\nx\r\n", "x NO [NONEXISTENT]" },
	{ NULL, "REPLACE 1 INBOX.none {3+}\r\nx\r\n", "x NO [TRYCREATE]" },
	{ NULL, "REPLACE 1 INBOX (\\Foo) {3+}\r\nx\r\n", "x BAD" },
	{ NULL, "REPLACE 1 INBOX {3+}\r\nx\r\n {3+}\r\ny\r\n", "x BAD" },
	{ NULL, "REPLACE 1 INBOX {0+}\r\n", "x NO" },
	{ NULL, "REPLACE x INBOX {3+}\r\nx\r\n", "x BAD" },
	{ NULL, "REPLACE 1 INBOX", "x BAD" },
	{ "EXAMINE INBOX", "REPLACE 1 INBOX {3+}\r\nx\r\n", "x NO" },
	{ "UNSELECT", "REPLACE 1 INBOX {3+}\r\nx\r\n", "x BAD" },
	{ "ENABLE UIDONLY", "REPLACE 1 INBOX {3+}\r\nx\r\n",
	    "x BAD [UIDREQUIRED]" },
	{ NULL, "APPEND INBOX UTF8 (~{3+}\r\nx\r\n)", "x BAD" },
};

/* Whatever is wrong, what was sent is read past, and nothing is lost. */
START_TEST(not_replaced)
{
	char *line = mem_printf("x %s\r\n", wrong[_i].command);
	char *said;

	if (wrong[_i].before != NULL)
		TALK(&t, wrong[_i].before, "x OK");
	talk_send(&t, span_str(line));
	said = talk_until(&t, "x ");
	ck_assert_msg(strstr(said, wrong[_i].answer) != NULL, "%s: %s",
	    wrong[_i].command, said);
	free(said);
	free(line);
	TALK(&t, "STATUS INBOX (MESSAGES)",
	    "* STATUS INBOX (MESSAGES 2)\r\nx OK");
}
END_TEST

START_TEST(utf8)
{
	TALK(&t, "UNSELECT", "x OK");
	TALK(&t, "CREATE INBOX.Entw&APw-rfe", "x OK");
	TALK(&t, "LIST \"\" *", " INBOX.Entw&APw-rfe\r\n");
	TALK(&t, "ENABLE UTF8=ACCEPT", "* ENABLED UTF8=ACCEPT\r\n");
	TALK(&t, "LIST \"\" *", " \"INBOX.Entw\xc3\xbcrfe\"\r\n");
	TALK(&t, "LIST \"\" \"INBOX.*\xc3\xbc*\"",
	    " \"INBOX.Entw\xc3\xbcrfe\"\r\n");
	TALK(&t, "STATUS \"INBOX.Entw\xc3\xbcrfe\" (MESSAGES)",
	    "* STATUS \"INBOX.Entw\xc3\xbcrfe\" (MESSAGES 0)");
	TALK(&t, "SELECT INBOX.Entw&APw-rfe", "x NO [NONEXISTENT]");
	/* '&' is itself now */
	TALK(&t, "CREATE \"INBOX.a&b\"", "x OK");
	TALK(&t, "LIST \"\" INBOX.a*", " INBOX.a&b\r\n");
	TALK(&t, "CREATE \"INBOX.\xff\"", "x BAD");
	SEND("a APPEND \"INBOX.Entw\xc3\xbcrfe\" (\\Seen) UTF8 (~{20+}\r\n"
	     "Subject: \xc3\xa9\r\n\r\nb\r\n\r\n)\r\n");
	expect("a OK [APPENDUID");
	SEND("b APPEND INBOX UTF8 (~{6+}\r\na\r\nb\r\n\r\n");
	expect("b BAD");
	SEND("c APPEND INBOX UTF8 ({6+}\r\na\r\nb\r\n)\r\n");
	expect("c BAD");
	TALK(&t, "SELECT \"INBOX.Entw\xc3\xbcrfe\"", "* 1 EXISTS");
	TALK(&t, "SEARCH SUBJECT \"\xc3\x89\"", "* SEARCH 1\r\n");
	TALK(&t, "SEARCH CHARSET UTF-8 ALL", "x BAD");
	TALK(&t, "ENABLE UTF8=ACCEPT", "* ENABLED\r\n");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, decoded, 0, UNIT_COUNT(rows));
	tcase_add_test(c, unknown);
	tcase_add_test(c, marks_seen);
	tcase_add_test(c, literal8);
	tcase_add_test(c, replaced);
	tcase_add_loop_test(c, not_replaced, 0, UNIT_COUNT(wrong));
	tcase_add_test(c, utf8);
}

int
main(void)
{
	return unit_main("imapd/binary", fill);
}
