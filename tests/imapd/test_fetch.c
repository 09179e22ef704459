/* test_fetch.c - FETCH, SEARCH and APPEND of imapd */

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static const char plain[] = "Date: Mon, 7 Feb 1994 21:52:25 -0800\n"
			    "From: \"Terry Gray\" <gray@cac.example>\n"
			    "Subject: =?utf-8?q?caf=C3=A9?=\n"
			    "To: imap@cac.example, Group: a@b, c@d;\n"
			    "Message-Id: <B27397-0100000@cac.example>\n"
			    "MIME-Version: 1.0\n"
			    "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\n"
			    "\n"
			    "line one\n"
			    "line two\n";

static const char multi[] = "Subject: two \"parts\"\n"
			    "Content-Type: multipart/mixed; boundary=xx\n"
			    "\n"
			    "preamble\n"
			    "--xx\n"
			    "Content-Type: text/html; charset=iso-8859-1\n"
			    "Content-Transfer-Encoding: quoted-printable\n"
			    "\n"
			    "<b>=FCber</b>\n"
			    "--xx\n"
			    "Content-Type: message/rfc822\n"
			    "Content-Disposition: attachment; filename=a.eml\n"
			    "\n"
			    "Subject: inner\n"
			    "From: x@y.example\n"
			    "\n"
			    "inner body\n"
			    "\n"
			    "--xx--\n";

static void
setup(void)
{
	base = scratch_new();
	scratch_mkdir(base, "cur");
	scratch_write(base, "cur/1.M1P1.h:2,S", plain);
	scratch_write(base, "cur/2.M1P1.h:2,", multi);
	scratch_write(base, "cur/3.M1P1.h:2,F", "no header\r\nCRLF here\r\n");
	scratch_write(base, "cur/4.M1P1.h:2,", "");
	talk_begin(&t, base, NULL);
	TALK(&t, "SELECT INBOX", "* 4 EXISTS");
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

START_TEST(envelope)
{
	TALK(&t, "FETCH 1 ENVELOPE",
	    "* 1 FETCH (ENVELOPE (\"Mon, 7 Feb 1994 21:52:25 -0800\" "
	    "\"=?utf-8?q?caf=C3=A9?=\" "
	    "((\"Terry Gray\" NIL \"gray\" \"cac.example\")) "
	    "((\"Terry Gray\" NIL \"gray\" \"cac.example\")) "
	    "((\"Terry Gray\" NIL \"gray\" \"cac.example\")) "
	    "((NIL NIL \"imap\" \"cac.example\")(NIL NIL \"Group\" NIL)"
	    "(NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\")(NIL NIL NIL NIL)) "
	    "NIL NIL NIL \"<B27397-0100000@cac.example>\"))\r\n");
	TALK(&t, "FETCH 2 ENVELOPE", "(NIL \"two \\\"parts\\\"\" NIL");
	TALK(&t, "FETCH 3:4 ENVELOPE",
	    "* 3 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))",
	    "* 4 FETCH (ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL))");
}
END_TEST

/* The same answers when they are remembered, and when what remembers them was
 * damaged or lost. */
START_TEST(remembered)
{
	static const char command[] =
	    "FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY BODY.PEEK[HEADER.FIELDS "
	    "(DATE SUBJECT FROM)])";
	char *path = mem_printf("%s/facteur.cache", base);
	char *first = talk_say(&t, command);

	for (int round = 0; round < 4; round++) {
		char *again;

		TALK(&t, "SELECT INBOX", "x OK");
		again = talk_say(&t, command);
		ck_assert_str_eq(again, first);
		free(again);
		TALK(&t, "SEARCH SUBJECT parts", "* SEARCH 2\r\n");
		ck_assert(scratch_has(base, "facteur.cache"));
		if (round == 1)
			ck_assert_int_eq(truncate(path, 300), 0);
		else if (round == 2)
			ck_assert_int_eq(unlink(path), 0);
	}
	free(first);
	free(path);
}
END_TEST

START_TEST(structure)
{
	TALK(&t, "FETCH 1 (BODY)",
	    "* 1 FETCH (BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") "
	    "NIL NIL \"7BIT\" 20 2))\r\n");
	TALK(&t, "FETCH 2 BODYSTRUCTURE",
	    "* 2 FETCH (BODYSTRUCTURE ((\"TEXT\" \"HTML\" (\"charset\" "
	    "\"iso-8859-1\") NIL NIL \"QUOTED-PRINTABLE\" 13 0 NIL NIL NIL "
	    "NIL)(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 49 (NIL "
	    "\"inner\" ((NIL NIL \"x\" \"y.example\")) ((NIL NIL \"x\" "
	    "\"y.example\")) ((NIL NIL \"x\" \"y.example\")) NIL NIL NIL NIL "
	    "NIL) (\"TEXT\" \"PLAIN\" (\"charset\" \"us-ascii\") NIL NIL "
	    "\"7BIT\" 12 1 NIL NIL NIL NIL) 4 NIL (\"attachment\" "
	    "(\"filename\" \"a.eml\")) NIL NIL) \"MIXED\" (\"boundary\" "
	    "\"xx\") NIL NIL NIL))\r\n");
	scratch_write(base, "cur/5.M1P1.h:2,",
	    "Content-Type: text/plain; name*1=\"b.txt\"; charset=x;\n"
	    " name*0=\"a \"\n"
	    "Content-Disposition: attachment; filename*0*=utf-8''%c3%a9;\n"
	    " filename*1=\" b\"; y*0=1; y*1*=2; z*1=3; *0=4; w*=a''b\n"
	    "\n");
	TALK(&t, "NOOP", "* 5 EXISTS");
	TALK(&t, "FETCH 5 BODYSTRUCTURE",
	    "(\"charset\" \"x\" \"name\" \"a b.txt\") NIL NIL \"7BIT\" 0 0 "
	    "NIL (\"attachment\" (\"filename*\" \"utf-8''%c3%a9%20b\" "
	    "\"y*0\" \"1\" \"y*1*\" \"2\" \"z*1\" \"3\" \"*0\" \"4\" "
	    "\"w*\" \"a''b\"))");
	TALK(&t, "FETCH 4 BODYSTRUCTURE",
	    "(\"TEXT\" \"PLAIN\" (\"charset\" \"us-ascii\") NIL NIL \"7BIT\" "
	    "0 0 NIL NIL NIL NIL)");
}
END_TEST

static const struct {
	const char *command;
	const char *answer; /* without the tagged line */
} sections[] = {
	{ "FETCH 1 BODY.PEEK[TEXT]",
	    "* 1 FETCH (BODY[TEXT] {20}\r\nline one\r\nline two\r\n)\r\n" },
	{ "FETCH 1 BODY.PEEK[TEXT]<5.9>",
	    "* 1 FETCH (BODY[TEXT]<5> {9}\r\none\r\nline)\r\n" },
	{ "FETCH 1 BODY.PEEK[TEXT]<19.9>",
	    "* 1 FETCH (BODY[TEXT]<19> {1}\r\n\n)\r\n" },
	{ "FETCH 1 BODY.PEEK[TEXT]<99.9>",
	    "* 1 FETCH (BODY[TEXT]<99> {0}\r\n)\r\n" },
	{ "FETCH 1 BODY.PEEK[1]",
	    "* 1 FETCH (BODY[1] {20}\r\nline one\r\nline two\r\n)\r\n" },
	{ "FETCH 1 BODY.PEEK[1.1]", "* 1 FETCH (BODY[1.1] NIL)\r\n" },
	{ "FETCH 1 BODY.PEEK[2]", "* 1 FETCH (BODY[2] NIL)\r\n" },
	{ "FETCH 1 BODY.PEEK[1.HEADER]", "* 1 FETCH (BODY[1.HEADER] NIL)\r\n" },
	{ "FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT \"date\")]",
	    "* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT date)] {72}\r\n"
	    "Date: Mon, 7 Feb 1994 21:52:25 -0800\r\n"
	    "Subject: =?utf-8?q?caf=C3=A9?=\r\n\r\n)\r\n" },
	{ "FETCH 1 BODY.PEEK[HEADER.FIELDS.NOT (date from subject to "
	  "message-id mime-version)]",
	    "* 1 FETCH (BODY[HEADER.FIELDS.NOT (date from subject to "
	    "message-id mime-version)] {46}\r\n"
	    "Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n)\r\n" },
	{ "FETCH 2 BODY.PEEK[1]",
	    "* 2 FETCH (BODY[1] {13}\r\n<b>=FCber</b>)\r\n" },
	{ "FETCH 2 BODY.PEEK[1.MIME]",
	    "* 2 FETCH (BODY[1.MIME] {92}\r\n"
	    "Content-Type: text/html; charset=iso-8859-1\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n)\r\n" },
	{ "FETCH 2 BODY.PEEK[2.HEADER]",
	    "* 2 FETCH (BODY[2.HEADER] {37}\r\n"
	    "Subject: inner\r\nFrom: x@y.example\r\n\r\n)\r\n" },
	{ "FETCH 2 BODY.PEEK[2.TEXT]",
	    "* 2 FETCH (BODY[2.TEXT] {12}\r\ninner body\r\n)\r\n" },
	{ "FETCH 2 BODY.PEEK[2.1]",
	    "* 2 FETCH (BODY[2.1] {12}\r\ninner body\r\n)\r\n" },
	{ "FETCH 3 BODY.PEEK[]",
	    "* 3 FETCH (BODY[] {22}\r\nno header\r\nCRLF here\r\n)\r\n" },
	{ "FETCH 3 (RFC822.SIZE UID)", "* 3 FETCH (RFC822.SIZE 22 UID 3)\r\n" },
	{ "FETCH 4 BODY.PEEK[]", "* 4 FETCH (BODY[] {0}\r\n)\r\n" },
	{ "FETCH 4 RFC822.HEADER", "* 4 FETCH (RFC822.HEADER {0}\r\n)\r\n" },
	{ "UID FETCH 2 RFC822.SIZE", "* 2 FETCH (UID 2 RFC822.SIZE 337)\r\n" },
	{ "UID FETCH 77 FLAGS", "" },
	{ "FETCH 3 FLAGS", "* 3 FETCH (FLAGS (\\Flagged))\r\n" },
};

START_TEST(one_section)
{
	char *answer = talk_say(&t, sections[_i].command);
	char *want =
	    mem_printf("%sx OK Fetch completed\r\n", sections[_i].answer);

	ck_assert_str_eq(answer, want);
	free(want);
	free(answer);
}
END_TEST

static const char *const bad[] = {
	"FETCH 1",
	"FETCH 1 ()",
	"FETCH 1 BODY[",
	"FETCH 1 BODY[1.MIME",
	"FETCH 1 BODY[MIME]",
	"FETCH 1 BODY[]<0>",
	"FETCH 1 BODY[]<0.0>",
	"FETCH 1 NONSENSE",
	"FETCH 1 (FLAGS UID",
	"FETCH 0 FLAGS",
	"FETCH 5 FLAGS",
	"FETCH 1,,2 FLAGS",
	"FETCH 1 BODY[0]",
	"FETCH 1 BODY[HEADER.FIELDS ()]",
	"FETCH 1 BODY.PEEK",
	"FETCH 99999999999 FLAGS",
};

START_TEST(refused)
{
	TALK(&t, bad[_i], "x BAD");
	TALK(&t, "NOOP", "x OK");
}
END_TEST

START_TEST(reading_marks_seen)
{
	TALK_IS(&t, "FETCH 2 BODY[1]",
	    "* 2 FETCH (BODY[1] {13}\r\n<b>=FCber</b> FLAGS (\\Seen))\r\n"
	    "x OK Fetch completed\r\n");
	TALK(&t, "FETCH 2 (FLAGS BODY[1])", "!FLAGS (\\Seen) FLAGS");
	TALK(&t, "FETCH 4 RFC822", "* 4 FETCH (RFC822 {0}\r\n FLAGS (\\Seen))");
	TALK(&t, "EXAMINE INBOX", "x OK");
	TALK(&t, "FETCH 3 BODY[]", "!Seen");
}
END_TEST

/* A large message in pieces is the same as in one. */
START_TEST(large_in_pieces)
{
	struct buf body = BUF_EMPTY, joined = BUF_EMPTY;
	char *want, *path;
	uint64_t n = 0;

	buf_add_str(&body, "Subject: big\n\n");
	for (int i = 0; body.n < 700000; i++)
		buf_printf(&body, "line %d%s\n", i, i % 7 == 0 ? "\r" : "");
	path = mem_printf("%s/new/9.M1P1.h", base);
	scratch_write(base, "new/9.M1P1.h", buf_str(&body));
	free(path);
	TALK(&t, "NOOP", "* 5 EXISTS");
	want = talk_say(&t, "FETCH 5 BODY.PEEK[]");
	for (;;) {
		char *command = mem_printf(
		    "FETCH 5 BODY.PEEK[]<%llu.50001>", (unsigned long long)n);
		char *part = talk_say(&t, command), *at;
		size_t got = (size_t)strtoul(strchr(part, '{') + 1, &at, 10);

		buf_add(&joined, at + 3, got);
		free(part);
		free(command);
		n += got;
		if (got < 50001)
			break;
	}
	ck_assert(memcmp(strstr(want, "\r\n") + 2, joined.p, joined.n) == 0);
	ck_assert_uint_eq(strlen(want),
	    strlen("* 5 FETCH (BODY[] {}\r\n)\r\n"
		   "x OK Fetch completed\r\n") +
		6 + joined.n);
	free(want);
	buf_free(&body);
	buf_free(&joined);
}
END_TEST

static const struct {
	const char *keys;
	const char *found;
} searches[] = {
	{ "ALL", " 1 2 3 4" },
	{ "SEEN", " 1" },
	{ "UNSEEN FLAGGED", " 3" },
	{ "NOT SEEN", " 2 3 4" },
	{ "OR SEEN FLAGGED", " 1 3" },
	{ "OR SEEN OR FLAGGED 4", " 1 3 4" },
	{ "NOT (SEEN)", " 2 3 4" },
	{ "NOT NOT SEEN", " 1" },
	{ "(OR (SEEN) (FLAGGED)) NOT 3", " 1" },
	{ "2:3", " 2 3" },
	{ "UID 3:*", " 3 4" },
	{ "*", " 4" },
	{ "SUBJECT \"CAF\xc3\x89\"", " 1" },
	/* taken apart, and in other widths (RFC 5051) */
	{ "CHARSET UTF-8 SUBJECT \"cafe\xcc\x81\"", " 1" },
	{ "SUBJECT \"\xef\xbc\xa3\xef\xbd\x81"
	  "fe\xcc\x81\"",
	    " 1" },
	{ "SUBJECT cafe\xcc\x80", "" },
	{ "CHARSET UTF-8 SUBJECT caf\xc3\xa9", " 1" },
	{ "SUBJECT parts", " 2" },
	{ "SUBJECT \"\"", " 1 2" },
	{ "HEADER message-id B27397", " 1" },
	{ "HEADER X-None \"\"", "" },
	{ "FROM gray", " 1" },
	{ "TO c@d", " 1" },
	{ "BODY \"\xc3\x9c"
	  "ber\"",
	    " 2" },
	{ "BODY preamble", "" },
	{ "BODY \"LINE ONE LINE\"", " 1" },
	{ "TEXT inner", " 2" },
	{ "TEXT gray", " 1" },
	{ "LARGER 264", " 1 2" },
	{ "SMALLER 22", " 4" },
	{ "SENTON 7-Feb-1994", " 1" },
	{ "SENTBEFORE 7-Feb-1994", "" },
	{ "SENTSINCE \"01-Jan-1990\"", " 1" },
	{ "SINCE 1-Jan-2000", " 1 2 3 4" },
	{ "BEFORE 1-Jan-2000", "" },
	{ "KEYWORD nothing", "" },
	{ "UNKEYWORD nothing", " 1 2 3 4" },
	{ "YOUNGER 3600", " 1 2 3 4" },
	{ "OLDER 3600", "" },
};

START_TEST(search)
{
	char *command = mem_printf("SEARCH %s", searches[_i].keys);
	char *want = mem_printf(
	    "* SEARCH%s\r\nx OK Search completed\r\n", searches[_i].found);
	char *answer = talk_say(&t, command);

	ck_assert_msg(strcmp(answer, want) == 0, "%s: %s", command, answer);
	free(answer);
	free(want);
	free(command);
}
END_TEST

START_TEST(search_forms)
{
	TALK_IS(&t, "UID SEARCH RETURN (MIN MAX COUNT) UNSEEN",
	    "* ESEARCH (TAG \"x\") UID MIN 2 MAX 4 COUNT 3\r\n"
	    "x OK Search completed\r\n");
	TALK_IS(&t, "SEARCH RETURN () UNSEEN",
	    "* ESEARCH (TAG \"x\") ALL 2:4\r\nx OK Search completed\r\n");
	TALK_IS(&t, "SEARCH RETURN (ALL COUNT) KEYWORD none",
	    "* ESEARCH (TAG \"x\") COUNT 0\r\nx OK Search completed\r\n");
	TALK(&t, "SEARCH CHARSET KOI8-R ALL", "x NO [BADCHARSET");
	TALK(&t, "SEARCH", "x BAD");
	TALK(&t, "SEARCH NOT", "x BAD");
	TALK(&t, "SEARCH (ALL", "x BAD");
	TALK(&t, "SEARCH ALL)", "x BAD");
	TALK(&t, "SEARCH SINCE yesterday", "x BAD");
}
END_TEST

/* Deep nesting is refused, not a reason to fall over. */
START_TEST(search_depth)
{
	struct buf keys = BUF_EMPTY;

	buf_add_str(&keys, "SEARCH ");
	for (int i = 0; i < 90; i++)
		buf_add_str(&keys, "NOT ");
	buf_add_str(&keys, "SEEN");
	TALK(&t, buf_str(&keys), "* SEARCH 1\r\n");
	buf_clear(&keys);
	buf_add_str(&keys, "SEARCH ");
	for (int i = 0; i < 10000; i++)
		buf_add_byte(&keys, '(');
	buf_add_str(&keys, "SEEN");
	TALK(&t, buf_str(&keys), "x BAD");
	buf_free(&keys);
}
END_TEST

/* RFC 5957 */
START_TEST(sort_shown)
{
	scratch_mkdir(base, ".s");
	scratch_mkdir(base, ".s/cur");
	scratch_write(base, ".s/cur/1.M1P1.h:2,", "From: Zoe <a@x>\n\n");
	scratch_write(base, ".s/cur/2.M1P1.h:2,", "From: b@x\n\n");
	scratch_write(base, ".s/cur/3.M1P1.h:2,",
	    "From: =?utf-8?q?anna?= <z@x>\nTo: Group: c@d;\n\n");
	scratch_write(base, ".s/cur/4.M1P1.h:2,", "To: f@x\n\n");
	TALK(&t, "SELECT INBOX.s", "* 4 EXISTS");
	TALK(&t, "SORT (FROM) UTF-8 ALL", "* SORT 4 1 2 3\r\n");
	TALK(&t, "SORT (DISPLAYFROM) UTF-8 ALL", "* SORT 4 3 2 1\r\n");
	TALK_IS(&t, "UID SORT RETURN () (DISPLAYFROM) UTF-8 ALL",
	    "* ESEARCH (TAG \"x\") UID ALL 4,3,2,1\r\nx OK Sort completed\r\n");
	TALK(&t, "SORT RETURN (MIN MAX COUNT) (DISPLAYFROM) UTF-8 ALL",
	    "* ESEARCH (TAG \"x\") MIN 4 MAX 1 COUNT 4\r\n");
	TALK(&t, "SORT RETURN (PARTIAL -1:-2) (ARRIVAL) UTF-8 ALL",
	    " PARTIAL (-1:-2 3:4)\r\n");
	TALK(&t, "SORT RETURN (ALL) (ARRIVAL) UTF-8 DRAFT",
	    "* ESEARCH (TAG \"x\")\r\n");
	TALK(&t, "SORT RETURN (SAVE) (ARRIVAL) UTF-8 ALL", "x BAD");
	TALK(&t, "SORT RETURN (NONE) (ARRIVAL) UTF-8 ALL", "x BAD");
	TALK(&t, "SORT (REVERSE DISPLAYFROM) UTF-8 ALL", "* SORT 1 2 3 4\r\n");
	TALK(&t, "SORT (DISPLAYTO) UTF-8 ALL", "* SORT 1 2 4 3\r\n");
}
END_TEST

START_TEST(sort)
{
	TALK_IS(&t, "SORT (SIZE) UTF-8 ALL",
	    "* SORT 4 3 1 2\r\nx OK Sort completed\r\n");
	TALK(&t, "UID SORT (REVERSE SIZE) US-ASCII NOT 2", "* SORT 1 3 4\r\n");
	TALK(&t, "SORT (SUBJECT) UTF-8 ALL", "* SORT 3 4 1 2\r\n");
	TALK(&t, "SORT (FROM REVERSE ARRIVAL) UTF-8 1:2", "* SORT 2 1\r\n");
	TALK(&t, "SORT (DATE) UTF-8 1:2", "* SORT 1 2\r\n");
	TALK(&t, "SORT (DISPLAYTO) UTF-8 1:2", "* SORT 2 1\r\n");
	TALK(&t, "SORT (DATE) UTF-8 KEYWORD none", "* SORT\r\n");
	TALK(&t, "SORT (DATE) KOI8-R ALL", "x NO [BADCHARSET");
	TALK(&t, "SORT () UTF-8 ALL", "x BAD");
	TALK(&t, "SORT (REVERSE) UTF-8 ALL", "x BAD");
	TALK(&t, "SORT (SIZE) UTF-8", "x BAD");
	TALK(&t, "SORT (SIZE) ALL", "x BAD");
	TALK(&t, "THREAD REFERENCES UTF-8 1:2", "* THREAD (1)(2)\r\n", "x OK");
	TALK(&t, "UID THREAD ORDEREDSUBJECT UTF-8 3:4", "* THREAD (3 4)\r\n");
	TALK(&t, "THREAD REFERENCES UTF-8 KEYWORD none", "* THREAD\r\n");
	TALK(&t, "THREAD NONSENSE UTF-8 ALL", "x BAD");
}
END_TEST

START_TEST(append)
{
	char *text;

	talk_send(&t,
	    SPAN("a APPEND INBOX (\\Seen $Label \\Draft) \" 1-Jan-2020 "
		 "10:00:00 +0100\" {13}\r\n"));
	free(talk_until(&t, "+ "));
	talk_send(&t, SPAN("A: b\r\n\r\nbody\n\r\n"));
	text = talk_until(&t, "a OK [APPENDUID ");
	ck_assert_ptr_nonnull(strstr(text, " 5] Append completed"));
	ck_assert_ptr_nonnull(strstr(text, "* 5 EXISTS"));
	free(text);
	TALK(&t, "FETCH 5 (FLAGS INTERNALDATE RFC822.SIZE)",
	    "* 5 FETCH (FLAGS (\\Seen \\Draft \\Recent $Label) INTERNALDATE \" "
	    "1-Jan-2020 09:00:00 +0000\" RFC822.SIZE 14)");
	/* as many as one likes, with one answer */
	talk_send(&t,
	    SPAN("m APPEND INBOX {6+}\r\nA: 1\r\n (\\Flagged) {6+}\r\n"
		 "A: 2\r\n\r\n"));
	text = talk_until(&t, "m OK [APPENDUID ");
	ck_assert_ptr_nonnull(strstr(text, " 6:7] "));
	free(text);
	TALK(&t, "FETCH 6:7 FLAGS", "* 6 FETCH (FLAGS (\\Recent))",
	    "* 7 FETCH (FLAGS (\\Flagged");
}
END_TEST

static const struct {
	const char *sent; /* all of it, the literal too */
	const char *answer;
} appends[] = {
	{ "a APPEND INBOX.none {6}\r\n", "a NO [TRYCREATE]" },
	{ "a APPEND INBOX.none {6+}\r\nA: b\r\n\r\n", "a NO [TRYCREATE]" },
	{ "a APPEND INBOX.none {6+}\r\nA: b\r\n {3+}\r\nabc\r\n",
	    "a NO [TRYCREATE]" },
	{ "a APPEND R&D {6+}\r\nA: b\r\n\r\n", "a NO [CANNOT]" },
	{ "a APPEND INBOX\r\n", "a BAD" },
	{ "a APPEND {5+}\r\nINBOX {6+}\r\nA: b\r\n\r\n", "a OK [APPENDUID" },
	{ "a APPEND INBOX (\\Nonsense) {6}\r\n", "a BAD" },
	{ "a APPEND INBOX (\\Nonsense) {6+}\r\nA: b\r\n\r\n", "a BAD" },
	{ "a APPEND INBOX (\\Seen {6+}\r\nA: b\r\n\r\n", "a BAD" },
	{ "a APPEND INBOX \"1-Foo-2020 10:00:00 +0100\" {6+}\r\nA: b\r\n\r\n",
	    "a BAD" },
	{ "a APPEND INBOX {6+}\r\nA: b\r\nrubbish\r\n", "a BAD" },
	{ "a APPEND INBOX (\\Seen)\r\n", "a BAD" },
	{ "a APPEND\r\n", "a BAD" },
	{ "a APPEND INBOX {0+}\r\n\r\n", "a NO" },
};

START_TEST(append_refused)
{
	talk_send(&t, span_str(appends[_i].sent));
	free(talk_until(&t, appends[_i].answer));
	TALK(&t, "NOOP", "x OK");
	ck_assert_uint_eq(scratch_count(base, "tmp"), 0);
}
END_TEST

START_TEST(append_over_quota)
{
	struct imap_conf conf = talk_conf;
	struct talk other;

	conf.quota.bytes = 2000;
	talk_begin(&other, base, &conf);
	talk_send(&other, SPAN("a APPEND INBOX {3000}\r\n"));
	free(talk_until(&other, "a NO [OVERQUOTA]"));
	talk_send(&other, SPAN("a APPEND INBOX {6+}\r\nA: b\r\n\r\n"));
	free(talk_until(&other, "a OK"));
	TALK(&other, "GETQUOTAROOT INBOX", "* QUOTAROOT INBOX \"ROOT\"\r\n",
	    "* QUOTA \"ROOT\" (STORAGE 1 1)\r\n", "x OK");
	TALK(&other, "GETQUOTA ROOT", "* QUOTA \"ROOT\" (STORAGE 1 1)");
	TALK(&other, "GETQUOTA other", "x NO [NONEXISTENT]");
	TALK(&other, "SETQUOTA ROOT (STORAGE 9)", "x NO [NOPERM]");
	talk_end(&other);
	TALK(&t, "GETQUOTAROOT INBOX", "* QUOTA \"ROOT\" ()\r\n");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, envelope);
	tcase_add_test(c, structure);
	tcase_add_test(c, remembered);
	tcase_add_loop_test(c, one_section, 0, UNIT_COUNT(sections));
	tcase_add_loop_test(c, refused, 0, UNIT_COUNT(bad));
	tcase_add_test(c, reading_marks_seen);
	tcase_add_test(c, large_in_pieces);
	tcase_add_loop_test(c, search, 0, UNIT_COUNT(searches));
	tcase_add_test(c, search_forms);
	tcase_add_test(c, search_depth);
	tcase_add_test(c, sort_shown);
	tcase_add_test(c, sort);
	tcase_add_test(c, append);
	tcase_add_loop_test(c, append_refused, 0, UNIT_COUNT(appends));
	tcase_add_test(c, append_over_quota);
}

int
main(void)
{
	return unit_main("imapd/fetch", fill);
}
