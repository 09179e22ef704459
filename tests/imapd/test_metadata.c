/* test_metadata.c - GETMETADATA, SETMETADATA, LIST RETURN (METADATA) */

#include "imapd/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static void
setup(void)
{
	struct imap_conf conf = talk_conf;

	base = scratch_maildir();
	conf.metadata_bytes = 1024;
	conf.metadata_most = 10;
	conf.metadata_admin = "mailto:postmaster@example.org";
	talk_begin(&t, base, &conf);
	TALK(&t, "CREATE INBOX.a", "x OK");
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

/* None of these is well-formed. */
static const char *const bad[] = {
	"GETMETADATA INBOX",
	"GETMETADATA INBOX ()",
	"GETMETADATA () INBOX /shared/comment",
	"GETMETADATA (FOO 1) INBOX /shared/comment",
	"GETMETADATA (MAXSIZE) INBOX /shared/comment",
	"GETMETADATA (MAXSIZE -1) INBOX /shared/comment",
	"GETMETADATA (MAXSIZE \"10\") INBOX /shared/comment",
	"GETMETADATA (MAXSIZE 4294967296) INBOX /shared/comment",
	"GETMETADATA (MAXSIZE 1 MAXSIZE 2) INBOX /shared/comment",
	"GETMETADATA (DEPTH 2) INBOX /shared",
	"GETMETADATA (INBOX) /shared/comment",
	"GETMETADATA INBOX ((/shared/comment))",
	"GETMETADATA INBOX shared/comment",
	"GETMETADATA INBOX /shared//comment",
	"GETMETADATA INBOX /shared/comment/",
	"GETMETADATA (DEPTH infinity) INBOX /",
	"GETMETADATA INBOX \"/shared/*\"",
	"GETMETADATA INBOX \"/shared/%\"",
	"GETMETADATA INBOX {9+}\r\n/shared/\001",
	"GETMETADATA INBOX {10+}\r\n/shared/\303\251",
	"GETMETADATA INBOX /comment",
	"GETMETADATA INBOX /sharedcomment",
	"SETMETADATA INBOX (/shared \"x\")",
	"SETMETADATA INBOX (/shared/vendor/vendor.example \"x\")",
	"SETMETADATA INBOX /shared/comment \"x\"",
	"SETMETADATA INBOX ()",
	"SETMETADATA INBOX (/shared/comment)",
	"SETMETADATA INBOX (/shared/comment value)",
	"SETMETADATA INBOX (/shared/comment (x))",
	"SETMETADATA INBOX (/shared/comment {3+}\r\na\nb)",
	"SETMETADATA INBOX (/shared/comment {3+}\r\na\rb)",
	"SETMETADATA INBOX (/shared/comment \"x\") x",
	"LIST \"\" * RETURN (METADATA)",
	"LIST \"\" * RETURN (METADATA ())",
	"LIST \"\" * RETURN (METADATA (comment))",
};

START_TEST(ill_formed)
{
	TALK(&t, bad[_i], "x BAD", "!METADATA \"");
}
END_TEST

START_TEST(set_and_get)
{
	TALK(&t, "CAPABILITY", " METADATA LIST-METADATA ");
	TALK(&t, "GETMETADATA INBOX.a /shared/comment",
	    "* METADATA INBOX.a (/shared/comment NIL)\r\nx OK");
	TALK(&t,
	    "SETMETADATA INBOX.a (/shared/comment \"one\" "
	    "/private/comment {5+}\r\na\r\nbc "
	    "/private/vendor/x/y ~{3+}\r\na\nb)",
	    "x OK", "!METADATA");
	TALK(&t, "GETMETADATA INBOX.a (/private/comment /SHARED/Comment)",
	    "* METADATA INBOX.a (/private/comment {5}\r\na\r\nbc "
	    "/SHARED/Comment \"one\")\r\n");
	TALK(&t, "GETMETADATA (DEPTH 1) INBOX.a /private",
	    "(/private/comment {5}", "!vendor");
	TALK(&t, "GETMETADATA (MAXSIZE 3 DEPTH infinity) a (/private /shared)",
	    "* METADATA a (/private/vendor/x/y {3}\r\na\nb /shared/comment "
	    "\"one\")\r\nx OK [METADATA LONGENTRIES 5] ");
	TALK(&t, "GETMETADATA INBOX.a (MAXSIZE 1) /shared/comment",
	    "!* METADATA", "x OK [METADATA LONGENTRIES 3]");
	/* one wrong, none set */
	TALK(&t, "SETMETADATA INBOX.none (/shared/comment \"x\")",
	    "x NO [NONEXISTENT]");
	TALK(&t, "SETMETADATA INBOX.a (/shared/comment NIL)", "x OK");
	TALK(&t, "GETMETADATA INBOX.a /shared/comment", "comment NIL)");
	TALK(&t, "SETMETADATA INBOX (/shared/x ~{3+}\r\na\b\n)", "x OK");
	talk_send(
	    &t, SPAN("x SETMETADATA INBOX (/shared/x ~{3+}\r\na\0b)\r\n"));
	free(talk_until(&t, "x OK"));
	talk_send(&t, SPAN("x GETMETADATA INBOX /shared/x\r\n"));
	free(talk_until(&t, "* METADATA INBOX (/shared/x ~{3}\r\n"));
	free(talk_until(&t, "x OK"));
}
END_TEST

static unsigned long long
highest(const char *folder)
{
	char *command = mem_printf("STATUS %s (HIGHESTMODSEQ)", folder);
	char *text = talk_say(&t, command);
	const char *at = strstr(text, " (HIGHESTMODSEQ ");
	unsigned long long n;

	ck_assert_ptr_nonnull(at);
	n = strtoull(at + strlen(" (HIGHESTMODSEQ "), NULL, 10);
	free(text);
	free(command);
	return n;
}

/* RFC 7162, 3.2: the folder has changed, and no message of it. */
START_TEST(sequence)
{
	unsigned long long before, other = highest("INBOX.a");
	struct talk idle;
	char *ask;

	TALK(&t, "APPEND INBOX {5+}\r\na: b\n", "x OK");
	before = highest("INBOX");
	talk_begin(&idle, base, NULL);
	TALK(&idle, "ENABLE QRESYNC", "x OK");
	TALK(&idle, "SELECT INBOX", "* 1 EXISTS");
	TALK(&t, "SETMETADATA INBOX (/shared/comment \"x\")", "x OK");
	ck_assert_uint_gt(highest("INBOX"), before);
	ck_assert_uint_eq(highest("INBOX.a"), other);
	TALK_IS(&idle, "NOOP", "x OK NOOP completed\r\n");
	ask = mem_printf(
	    "UID FETCH 1:* FLAGS (CHANGEDSINCE %llu VANISHED)", before);
	TALK_IS(&idle, ask, "x OK Fetch completed\r\n");
	free(ask);
	talk_end(&idle);
	/* a folder that nobody has opened yet */
	TALK(&t, "CREATE INBOX.b", "x OK");
	TALK(&t, "SETMETADATA INBOX.b (/shared/comment \"x\")", "x OK");
	before = highest("INBOX.b");
	TALK(&t, "SETMETADATA INBOX.b (/shared/comment NIL)", "x OK");
	ck_assert_uint_gt(highest("INBOX.b"), before);
}
END_TEST

START_TEST(limits)
{
	char *big = mem_new(1026), *command;

	memset(big, 'x', 1025);
	command = mem_printf(
	    "SETMETADATA INBOX (/shared/a \"1\" /shared/b \"%s\")", big);
	TALK(&t, command, "x NO [METADATA MAXSIZE 1024]");
	free(command);
	command =
	    mem_printf("SETMETADATA INBOX (/shared/b {1024+}\r\n%s)", big + 1);
	TALK(&t, command, "x OK");
	free(command);
	free(big);
	TALK(&t, "GETMETADATA INBOX /shared/a", "NIL");
	for (int i = 0; i < 9; i++) {
		command = mem_printf("SETMETADATA INBOX (/shared/n%d \"\")", i);
		TALK(&t, command, "x OK");
		free(command);
	}
	TALK(&t,
	    "SETMETADATA INBOX (/shared/b NIL /shared/y \"\" /shared/z "
	    "\"\")",
	    "x NO [METADATA TOOMANY]");
	TALK(&t, "SETMETADATA INBOX (/shared/b NIL /shared/y \"\")", "x OK");
}
END_TEST

START_TEST(server)
{
	TALK(&t, "GETMETADATA \"\" /shared/admin",
	    "* METADATA \"\" (/shared/admin "
	    "\"mailto:postmaster@example.org\")\r\n");
	TALK(&t, "SETMETADATA \"\" (/shared/admin \"x\")", "x NO [NOPERM]");
	TALK(&t, "SETMETADATA \"\" (/private/vendor/a/b \"x\")", "x OK");
	TALK(&t, "GETMETADATA \"\" (/private/vendor/a/b /shared/comment)",
	    "* METADATA \"\" (/private/vendor/a/b \"x\" /shared/comment "
	    "NIL)\r\n");
	TALK(&t, "GETMETADATA INBOX /private/vendor/a/b", "NIL");
}
END_TEST

/* Notes go where the folder goes, and with it. */
START_TEST(lifetime)
{
	TALK(&t, "SETMETADATA INBOX.a (/private/comment \"c\")", "x OK");
	TALK(&t, "SETMETADATA INBOX (/private/comment \"i\")", "x OK");
	TALK(&t, "RENAME INBOX.a INBOX.b", "x OK");
	TALK(&t, "LIST \"\" * RETURN (METADATA (/private/comment /shared/x))",
	    "* METADATA INBOX (/private/comment \"i\" /shared/x NIL)\r\n",
	    "* METADATA INBOX.b (/private/comment \"c\" /shared/x NIL)\r\n");
	TALK(&t, "RENAME INBOX INBOX.old", "x OK");
	TALK(&t, "GETMETADATA INBOX.old /private/comment", "\"i\"");
	TALK(&t, "GETMETADATA INBOX /private/comment", "\"i\"");
	TALK(&t, "DELETE INBOX.b", "x OK");
	TALK(&t, "CREATE INBOX.b", "x OK");
	TALK(&t, "GETMETADATA INBOX.b /private/comment", "NIL");
}
END_TEST

START_TEST(quota)
{
	TALK(&t, "APPEND INBOX (\\Deleted) {3+}\r\nx\r\n", "x OK");
	TALK(&t, "STATUS INBOX (DELETED DELETED-STORAGE)",
	    "(DELETED 1 DELETED-STORAGE 3)");
	TALK(&t, "STATUS INBOX.a (DELETED-STORAGE)", "(DELETED-STORAGE 0)");
	TALK(&t, "SETQUOTA ROOT (STORAGE 100)", "x NO [NOPERM]");
	TALK(&t, "SETQUOTA ROOT ()", "x NO [NOPERM]");
	TALK(&t, "SETQUOTA ROOT", "x BAD");
	TALK(&t, "SETQUOTA ROOT (STORAGE)", "x BAD");
	TALK(&t, "SETQUOTA ROOT (STORAGE x)", "x BAD");
	TALK(&t, "GETQUOTAROOT INBOX.none", "* QUOTAROOT INBOX.none \"ROOT\"",
	    "* QUOTA \"ROOT\" ()", "x OK");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, ill_formed, 0, UNIT_COUNT(bad));
	tcase_add_test(c, set_and_get);
	tcase_add_test(c, sequence);
	tcase_add_test(c, limits);
	tcase_add_test(c, server);
	tcase_add_test(c, lifetime);
	tcase_add_test(c, quota);
}

int
main(void)
{
	return unit_main("imapd/metadata", fill);
}
