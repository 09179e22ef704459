/* test_guest.c - a guest's session, and what a hostile one can do in it */

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk owner, t;
static struct imap_conf conf;

static void
setup(void)
{
	base = scratch_maildir();
	conf = talk_conf;
	conf.acl = true;
	conf.shared = "#shared";
	conf.metadata_bytes = 1024;
	conf.metadata_most = 10;
	conf.metadata_admin = "mailto:postmaster@example.org";
	talk_begin(&owner, base, &conf);
	TALK(&owner, "CREATE INBOX.a.b", "x OK");
	TALK(&owner, "CREATE INBOX.c", "x OK");
	TALK(&owner, "CREATE INBOX.Sent", "x OK");
	TALK(&owner, "SETACL INBOX.a.b bob lrswipkxte", "x OK");
	TALK(&owner, "SETACL INBOX.Sent $staff lr", "x OK");
	TALK(&owner, "APPEND INBOX.a.b {6+}\r\nA: b\r\n", "x OK");
	TALK(&owner, "APPEND INBOX.c {6+}\r\nC: c\r\n", "x OK");
	TALK(&owner, "SUBSCRIBE INBOX.c", "x OK");
	talk_visit(&t, base, &conf, "bob", "users staff");
	free(talk_until(&t, "* PREAUTH"));
}

static void
teardown(void)
{
	talk_end(&t);
	talk_end(&owner);
	scratch_free(&base);
}

/* None of it is a guest's. */
static const char *const account[] = {
	"SUBSCRIBE #shared.user.a.b",
	"UNSUBSCRIBE #shared.user.a.b",
	"LSUB \"\" *",
	"SETQUOTA \"\" ()",
	"GETQUOTA \"\"",
	"GETQUOTAROOT #shared.user.a.b",
	"NAMESPACE",
	"ID NIL",
	"COMPRESS DEFLATE",
	"GETMETADATA \"\" /private/comment",
	"SETMETADATA \"\" (/private/comment \"x\")",
};

START_TEST(not_a_guests)
{
	TALK(&t, account[_i], "x NO [NOPERM]");
}
END_TEST

/* Names that lead nowhere, however they are spelled. */
static const char *const names[] = {
	"INBOX",
	"inbox",
	"INBOX.c",
	"c",
	".c",
	"a.b",
	"#shared",
	"#shared.",
	"#shared.user.",
	"#shared.user.c",
	"#shared.user..c",
	"#shared.user.a",
	"#shared.user/c",
	"#SHARED.user.a.b",
	"#shared.users.a.b",
	"#shared.bob.a.b",
	"#shared.user.INBOX.c",
	"#shared.user.#shared.user.c",
	"../cur",
	"#shared.user.../cur",
	"\"\"",
};

START_TEST(hidden_names)
{
	static const struct {
		const char *verb, *rest;
	} commands[] = {
		{ "SELECT", "" },
		{ "EXAMINE", "" },
		{ "STATUS", " (MESSAGES)" },
		{ "DELETE", "" },
		{ "APPEND", " {6+}\r\nA: b\r\n" },
		{ "GETACL", "" },
		{ "MYRIGHTS", "" },
		{ "SETACL", " bob lr" },
		{ "DELETEACL", " bob" },
		{ "LISTRIGHTS", " bob" },
		{ "RENAME", " #shared.user.a.b.x" },
		{ "CREATE", "" },
		{ "GETMETADATA", " /shared/comment" },
	};

	for (int i = 0; i < UNIT_COUNT(commands); i++) {
		char *command = mem_printf(
		    "%s %s%s", commands[i].verb, names[_i], commands[i].rest);
		char *answer = talk_say(&t, command);

		ck_assert_msg(strncmp(answer, "x NO ", 5) == 0, "%s: %s",
		    command, answer);
		free(answer);
		free(command);
	}
	TALK(&owner, "LIST \"\" *", "INBOX.a.b\r\n", "INBOX.c\r\n", "!INBOX.x");
}
END_TEST

/* Nothing there is his own, and only what he may read is searched. */
START_TEST(searched)
{
	TALK_IS(&t, "ESEARCH IN (personal inboxes subscribed) ALL",
	    "x OK Search completed\r\n");
	TALK_IS(&t, "ESEARCH IN (subtree (INBOX c #shared)) ALL",
	    "x OK Search completed\r\n");
	TALK(&t, "ESEARCH IN (subtree #shared.user) RETURN (COUNT) ALL",
	    "!INBOX", "!MAILBOX #shared.user ", "!MAILBOX #shared.user.c",
	    "x OK");
}
END_TEST

/* What he may read, whatever he asks for; no subscriptions, nothing of the
 * account. */
START_TEST(watched)
{
	TALK_IS(&t,
	    "NOTIFY SET STATUS (personal (MessageNew MessageExpunge)) "
	    "(subscribed (MailboxName))",
	    "x OK Notify completed\r\n");
	TALK(&t,
	    "NOTIFY SET STATUS (subtree #shared.user (MessageNew "
	    "MessageExpunge MailboxName SubscriptionChange "
	    "ServerMetadataChange))",
	    "* STATUS #shared.user.a.b (", "!INBOX", "!#shared.user (",
	    "!#shared.user.c", "x OK");
	TALK(&owner, "SUBSCRIBE INBOX.a.b", "x OK");
	TALK(&owner, "SETMETADATA \"\" (/private/comment \"x\")", "x OK");
	TALK(&owner, "CREATE INBOX.d", "x OK");
	TALK_IS(&t, "NOOP", "x OK NOOP completed\r\n");
	TALK(&owner, "DELETE INBOX.d", "x OK");
	TALK(&owner, "UNSUBSCRIBE INBOX.a.b", "x OK");
}
END_TEST

START_TEST(listed)
{
	TALK_IS(&t, "LIST \"\" *",
	    "* LIST (\\Noselect \\HasChildren) \".\" #shared.user\r\n"
	    "* LIST (\\HasNoChildren) \".\" #shared.user.Sent\r\n"
	    "* LIST (\\Noselect \\HasChildren) \".\" #shared.user.a\r\n"
	    "* LIST (\\HasNoChildren) \".\" #shared.user.a.b\r\n"
	    "x OK List completed\r\n");
	TALK(&t, "LIST (SUBSCRIBED) \"\" *", "!* LIST", "x OK");
	TALK(&t, "LIST \"\" INBOX*", "!* LIST", "x OK");
	TALK(&t, "LIST \"\" #shared.user.a.% RETURN (MYRIGHTS)",
	    "* MYRIGHTS #shared.user.a.b lrswipkxtecd\r\n");
	TALK(&t, "SELECT #shared.user.Sent", "x OK [READ-ONLY]");
}
END_TEST

START_TEST(within)
{
	TALK(&t, "SELECT #shared.user.a.b", "* 1 EXISTS", "x OK [READ-WRITE]");
	TALK(&t, "COPY 1 #shared.user.a.b", "x OK [COPYUID ");
	TALK(&t, "COPY 1 #shared.user.c", "x NO [TRYCREATE]");
	TALK(&t, "MOVE 1 INBOX", "x NO");
	TALK(&t, "CREATE #shared.user.a.b.new", "x OK");
	TALK(&t, "CREATE #shared.user.new", "x NO");
	TALK(&t, "RENAME #shared.user.a.b.new #shared.user.z", "x NO");
	TALK(&t, "SETACL #shared.user.a.b bob lrswipkxtea", "x NO [NOPERM]");
	TALK(&t, "APPEND #shared.user.a.b CATENATE (URL \"/INBOX.c/;UID=1\")",
	    "x NO [BADURL");
	TALK(&t,
	    "APPEND #shared.user.a.b CATENATE (URL \"/%23shared.user.c/"
	    ";UID=1\")",
	    "x NO [BADURL");
	TALK(&t, "GETMETADATA #shared.user.a.b /private/comment", "NIL");
	TALK(
	    &t, "SETMETADATA #shared.user.a.b (/shared/comment \"x\")", "x OK");
	TALK(&t, "SETMETADATA #shared.user.Sent (/shared/comment \"x\")",
	    "x NO [NOPERM]");
	TALK(&t, "SETMETADATA #shared.user.a.b (/private/comment \"x\")",
	    "x NO [METADATA NOPRIVATE]");
	TALK(&owner, "STATUS INBOX.a.b (MESSAGES)", "MESSAGES 2");
}
END_TEST

/* His own process does not wait to be asked for literals. */
START_TEST(literals)
{
	TALK(&t, "APPEND #shared.user.a.b {6}\r\nA: b\r\n", "!+ ", "x OK");
	TALK(&t, "STATUS {16}\r\n#shared.user.a.b (MESSAGES)", "!+ ",
	    "MESSAGES 2");
	TALK(&t, "STATUS {13}\r\nINBOX\r\nx LSUB (MESSAGES)", "x NO");
}
END_TEST

/* A right that is taken away is gone for who comes next. */
START_TEST(taken_away)
{
	TALK(&owner, "DELETEACL INBOX.a.b bob", "x OK");
	TALK(&t, "SELECT #shared.user.a.b", "x NO [NONEXISTENT]");
	TALK(&t, "MYRIGHTS #shared.user.a.b", "x NO [NONEXISTENT]");
	TALK(&owner, "SETACL INBOX.Sent -bob r", "x OK");
	TALK(&t, "SELECT #shared.user.Sent", "x NO [NOPERM]");
	scratch_write(base, ".Sent/facteur.acl", "nonsense\n");
	TALK(&t, "SELECT #shared.user.Sent", "x NO [NONEXISTENT]");
}
END_TEST

/* Folders below go along, and keep their lists (RFC 4314, 4). */
START_TEST(renamed)
{
	TALK(&owner, "CREATE INBOX.a.b.hidden", "x OK");
	TALK(&owner, "SETACL INBOX.a.b.hidden bob \"\"", "x OK");
	TALK(&owner, "CREATE INBOX.a.b.kept", "x OK");
	TALK(&owner, "SETACL INBOX.a.b.kept bob lr", "x OK");
	TALK(&owner, "CREATE INBOX.n.below", "x OK");
	TALK(&owner, "SETACL INBOX.n.below bob lrkx", "x OK");
	TALK(&owner, "SETACL INBOX.c bob lrk", "x OK");
	TALK(&t, "RENAME #shared.user.a.b.kept #shared.user.c.k", "x NO");
	TALK(&t, "RENAME #shared.user.n #shared.user.c.n", "x NO");
	TALK(&t, "RENAME #shared.user.a.b #shared.user.c.b", "x OK");
	TALK(&t, "SELECT #shared.user.c.b.hidden", "x NO [NONEXISTENT]");
	TALK(&t, "MYRIGHTS #shared.user.c.b.kept", " lr\r\n");
	TALK(&owner, "GETACL INBOX.c.b.hidden", "bob \"\"");
	TALK(&owner, "SETACL INBOX.c.b owner lrk", "x OK");
	TALK(&owner, "RENAME INBOX.c.b INBOX.b", "x NO [NOPERM]");
	TALK(&owner, "RENAME INBOX.n INBOX.m", "x OK");
}
END_TEST

/* Who is in many groups may be denied something by any of them. */
START_TEST(many_groups)
{
	struct buf groups = BUF_EMPTY;

	TALK(&owner, "SETACL INBOX.a.b -$last r", "x OK");
	for (int i = 0; i < 1000; i++)
		buf_printf(&groups, "group%d ", i);
	buf_add_str(&groups, "last");
	talk_end(&t);
	talk_visit(&t, base, &conf, "bob", buf_str(&groups));
	free(talk_until(&t, "* PREAUTH"));
	buf_free(&groups);
	TALK(&t, "SELECT #shared.user.a.b", "x NO [NOPERM]");
}
END_TEST

START_TEST(updates)
{
	TALK(&t, "SELECT #shared.user.a.b", "x OK");
	TALK(&t, "SEARCH RETURN (UPDATE COUNT) SEEN", "COUNT 0", "x OK");
	TALK(&t, "STORE 1 +FLAGS (\\Seen)", "ADDTO (0 1)", "x OK");
	TALK(&t, "CANCELUPDATE \"x\"", "x OK");
	TALK(&t, "STORE 1 -FLAGS (\\Seen)", "!ESEARCH", "x OK");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, not_a_guests, 0, UNIT_COUNT(account));
	tcase_add_loop_test(c, hidden_names, 0, UNIT_COUNT(names));
	tcase_add_test(c, searched);
	tcase_add_test(c, watched);
	tcase_add_test(c, listed);
	tcase_add_test(c, within);
	tcase_add_test(c, literals);
	tcase_add_test(c, taken_away);
	tcase_add_test(c, renamed);
	tcase_add_test(c, many_groups);
	tcase_add_test(c, updates);
}

int
main(void)
{
	return unit_main("imapd/guest", fill);
}
