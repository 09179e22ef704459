/* test_objects.c - OBJECTID (RFC 8474) and PREVIEW (RFC 8970) */

#include "imapd/preview.h"
#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static const char first[] = "Subject: Message A\n"
			    "Message-ID: <a@example.com>\n"
			    "\n"
			    "Hello,\n\n  how are   you?\n";
static const char reply[] = "Subject: Re: Message A\n"
			    "Message-ID: <b@example.org>\n"
			    "References: <a@example.com>\n"
			    "\n"
			    "> Hello,\nfine.\n-- \nsignature\n";
static const char folded[] = "Subject: Re: Message A\n"
			     "Message-ID: <c@example.org>\n"
			     "References:\n <a@example.com>\n <b@example.org>\n"
			     "\n"
			     "> only a quote\n";
static const char other[] = "Subject: Message C\n"
			    "\n"
			    "no id\n";
static const char html[] =
    "Content-Type: multipart/alternative; boundary=x\n"
    "\n"
    "--x\nContent-Type: text/plain; charset=utf-8\n\n \n"
    "--x\nContent-Type: text/html; charset=iso-8859-1\n\n"
    "<html><head><style>p { color: red }</style></head><body>"
    "<p>Caf\xe9 &amp; <b>bar</b></p></body></html>\n"
    "--x--\n";
static const char picture[] = "Content-Type: image/png\n"
			      "Content-Transfer-Encoding: base64\n"
			      "\n"
			      "iVBORw0KGgo=\n";

static void
begin(void)
{
	talk_begin(&t, base, NULL);
}

static void
setup(void)
{
	base = scratch_new();
	scratch_mkdir(base, "cur");
	scratch_write(base, "cur/1.M1P1.h:2,", first);
	scratch_write(base, "cur/2.M1P1.h:2,", reply);
	scratch_write(base, "cur/3.M1P1.h:2,", folded);
	scratch_write(base, "cur/4.M1P1.h:2,", other);
	scratch_write(base, "cur/5.M1P1.h:2,", html);
	scratch_write(base, "cur/6.M1P1.h:2,", picture);
	begin();
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

/* What stands in the parentheses behind word in the answer; "" for none. */
static char *
id_of(const char *command, const char *word)
{
	char *answer = talk_say(&t, command);
	char *at = strstr(answer, word);
	char *id = NULL;

	at = at == NULL ? NULL : strchr(at, '(');
	if (at != NULL && strchr(at, ')') != NULL)
		id =
		    mem_printf("%.*s", (int)(strchr(at, ')') - at - 1), at + 1);
	free(answer);
	return id == NULL ? mem_str("") : id;
}

static void
is_objectid(const char *id, char kind)
{
	size_t n = strlen(id);

	ck_assert_msg(n > 1 && n <= 255 && id[0] == kind &&
		strspn(id,
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		    "0123456789_-") == n,
	    "no objectid: %s", id);
}

/* The commands give the same one (true) or not. */
static void
compare(const char *a, const char *b, const char *word, bool same)
{
	char *x = id_of(a, word), *y = id_of(b, word);

	is_objectid(x, word[0] == 'E' ? 'M' : word[0] == 'T' ? 'T' : 'F');
	ck_assert_msg(
	    (strcmp(x, y) == 0) == same, "%s: %s, %s: %s", a, x, b, y);
	free(x);
	free(y);
}

START_TEST(mailboxes)
{
	char *made = id_of("CREATE INBOX.foo", "MAILBOXID");
	char *now;

	is_objectid(made, 'F');
	TALK(&t, "CREATE INBOX.bar", "x OK [MAILBOXID (F");
	TALK(&t, "CREATE INBOX.foo", "x NO [ALREADYEXISTS]", "!MAILBOXID");
	compare("STATUS INBOX.foo (MAILBOXID)", "STATUS INBOX.bar (MAILBOXID)",
	    "MAILBOXID", false);
	TALK(&t, "RENAME INBOX.foo INBOX.renamed", "x OK");
	now = id_of("STATUS INBOX.renamed (MESSAGES mailboxid)", "MAILBOXID");
	ck_assert_str_eq(now, made);
	free(now);
	/* where the same comes from when side files were lost */
	for (int i = 0; i < 2; i++) {
		static const char *const files[] = { "facteur.index",
			"facteur.uids" };
		char *path = mem_printf("%s/.renamed/%s", base, files[i]);

		now = id_of("SELECT INBOX.renamed", "MAILBOXID");
		ck_assert_str_eq(now, made);
		free(now);
		TALK(&t, "UNSELECT", "x OK");
		(void)unlink(path);
		free(path);
		now = id_of("EXAMINE INBOX.renamed", "MAILBOXID");
		ck_assert_str_eq(now, made);
		free(now);
		TALK(&t, "UNSELECT", "x OK");
	}
	/* a name that is used again is another mailbox */
	TALK(&t, "DELETE INBOX.renamed", "x OK");
	now = id_of("CREATE INBOX.renamed", "MAILBOXID");
	ck_assert_str_ne(now, made);
	free(now);
	free(made);
	TALK(&t, "LIST \"\" * RETURN (STATUS (MAILBOXID))",
	    "* STATUS INBOX (MAILBOXID (F", "* STATUS INBOX.bar (MAILBOXID (F");
}
END_TEST

START_TEST(inbox_stays)
{
	compare("STATUS INBOX (MAILBOXID)", "STATUS INBOX (MAILBOXID)",
	    "MAILBOXID", true);
	TALK(&t, "RENAME INBOX INBOX.old", "x OK");
	compare("STATUS INBOX (MAILBOXID)", "STATUS INBOX.old (MAILBOXID)",
	    "MAILBOXID", false);
}
END_TEST

START_TEST(messages)
{
	TALK(&t, "CREATE INBOX.there", "x OK");
	TALK(&t, "SELECT INBOX", "x OK");
	compare("FETCH 1 EMAILID", "FETCH 2 EMAILID", "EMAILID", false);
	compare("FETCH 1 EMAILID", "FETCH 1 (UID EMAILID)", "EMAILID", true);
	{
		char *id = id_of("FETCH 1 EMAILID", "EMAILID");
		char *command = mem_printf("SEARCH EMAILID %s", id);

		TALK(&t, "COPY 1 INBOX.there", "x OK [COPYUID");
		TALK(&t, "MOVE 2 INBOX.there", "x OK");
		TALK(&t, command, "* SEARCH 1\r\n");
		TALK(&t, "SELECT INBOX.there", "* 2 EXISTS");
		TALK(&t, command, "* SEARCH 1\r\n");
		free(command);
		free(id);
	}
	TALK(&t, "SEARCH EMAILID Mnothing", "* SEARCH\r\n");
	TALK(&t, "SEARCH EMAILID", "x BAD");
	TALK(&t, "SEARCH EMAILID (a)", "x BAD");
}
END_TEST

START_TEST(threads)
{
	TALK(&t, "SELECT INBOX", "x OK");
	compare("FETCH 1 THREADID", "FETCH 2 THREADID", "THREADID", true);
	compare("FETCH 1 THREADID", "FETCH 3 THREADID", "THREADID", true);
	compare("FETCH 1 THREADID", "FETCH 4 THREADID", "THREADID", false);
	compare("FETCH 4 THREADID", "FETCH 5 THREADID", "THREADID", false);
	{
		char *id = id_of("FETCH 2 THREADID", "THREADID");
		char *command = mem_printf("SEARCH THREADID %s", id);

		TALK(&t, command, "* SEARCH 1 2 3\r\n");
		free(command);
		free(id);
	}
}
END_TEST

START_TEST(previews)
{
	static const char want[] =
	    "* 1 FETCH (PREVIEW \"Hello, how are you?\")\r\n"
	    "* 2 FETCH (PREVIEW \"fine.\")\r\n"
	    "* 3 FETCH (PREVIEW \"> only a quote\")\r\n"
	    "* 4 FETCH (PREVIEW \"no id\")\r\n"
	    "* 5 FETCH (PREVIEW {11}\r\nCaf\xc3\xa9 & bar)\r\n"
	    "* 6 FETCH (PREVIEW \"\")\r\n"
	    "x OK Fetch completed\r\n";

	TALK(&t, "SELECT INBOX", "x OK");
	TALK(&t, "FETCH 1 (PREVIEW (LAZY) UID)",
	    "* 1 FETCH (PREVIEW NIL UID 1)\r\n");
	TALK_IS(&t, "FETCH 1:* PREVIEW", want);
	TALK(&t, "FETCH 1 FLAGS", "!\\Seen");
	TALK(&t, "SELECT INBOX", "x OK");
	TALK_IS(&t, "FETCH 1:* PREVIEW (LAZY)", want);
	TALK(&t, "FETCH 1 (RFC822.SIZE PREVIEW)", "PREVIEW \"Hello,");
	TALK(&t, "FETCH 1 PREVIEW (SOON)", "x BAD");
	TALK(&t, "FETCH 1 PREVIEW (LAZY", "x BAD");
	TALK(&t, "FETCH 1 (PREVIEW ())", "x BAD");
}
END_TEST

/* No file is opened for what was found out before. */
START_TEST(remembered)
{
	static const char command[] = "FETCH 1:* (EMAILID THREADID PREVIEW)";
	char *before, *after;

	TALK(&t, "SELECT INBOX", "x OK");
	before = talk_say(&t, command);
	TALK(&t, "SELECT INBOX", "x OK");
	scratch_write(base, "cur/1.M1P1.h:2,", "Subject: changed\n\nx\n");
	after = talk_say(&t, command);
	ck_assert_str_eq(before, after);
	free(before);
	free(after);
}
END_TEST

static const struct {
	const char *text, *want;
} word_rows[] = {
	{ "", "" },
	{ " \r\n\t ", "" },
	{ "one\r\ntwo", "one two" },
	{ "> a\n> b\n", "> a > b" },
	{ "> a\nmine\n> b\n", "mine" },
	{ "-- \nme", "-- me" },
	{ "text\n-- \nme", "text" },
	{ "a\xe2\x80\x8b\xc2\xad"
	  "b\x1b[0m\xe2\x80\xae",
	    "ab[0m" },
	{ "a\xff"
	  "b\xc3",
	    "ab" },
	{ "\xc2\xa0 a\xc2\xa0\xe3\x80\x80"
	  "b",
	    "a b" },
};

START_TEST(preview_rows)
{
	struct buf out = BUF_EMPTY;

	preview_words(&out, span_str(word_rows[_i].text));
	ck_assert_str_eq(buf_str(&out), word_rows[_i].want);
	buf_free(&out);
}
END_TEST

START_TEST(preview_length)
{
	struct buf text = BUF_EMPTY, out = BUF_EMPTY;

	for (int i = 0; i < 300; i++)
		buf_add_str(&text, "\xc3\xa9");
	preview_words(&out, buf_span(&text));
	ck_assert_uint_eq(out.n, 2 * PREVIEW_MOST);
	buf_clear(&text);
	buf_clear(&out);
	for (int i = 0; i < 300; i++)
		buf_add_str(&text, "a ");
	preview_words(&out, buf_span(&text));
	ck_assert_uint_lt(out.n, PREVIEW_MOST + 1);
	ck_assert_int_eq(out.p[out.n - 1], 'a');
	buf_free(&text);
	buf_free(&out);
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, mailboxes);
	tcase_add_test(c, inbox_stays);
	tcase_add_test(c, messages);
	tcase_add_test(c, threads);
	tcase_add_test(c, previews);
	tcase_add_test(c, remembered);
	tcase_add_loop_test(c, preview_rows, 0, UNIT_COUNT(word_rows));
	tcase_add_test(c, preview_length);
}

int
main(void)
{
	return unit_main("imapd/objects", fill);
}
