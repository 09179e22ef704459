/* test_acl.c - GETACL and its kin on the folders of a user's own; LIST RETURN
 * (MYRIGHTS) */

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static void
begin(bool acl)
{
	struct imap_conf conf = talk_conf;

	conf.acl = acl;
	conf.metadata_bytes = 1024;
	conf.metadata_most = 10;
	talk_begin(&t, base, &conf);
}

static void
setup(void)
{
	base = scratch_maildir();
	begin(true);
	TALK(&t, "CREATE INBOX.a", "x OK");
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

static const char *const bad[] = {
	"GETACL",
	"GETACL INBOX.a bob",
	"SETACL INBOX.a",
	"SETACL INBOX.a bob",
	"SETACL INBOX.a bob lr more",
	"SETACL INBOX.a bob lrQ",
	"SETACL INBOX.a bob lrq",
	"SETACL INBOX.a bob +-lr",
	"SETACL INBOX.a bob l+r",
	"SETACL INBOX.a \"\" lr",
	"SETACL INBOX.a - lr",
	"SETACL INBOX.a \"a\001\" lr",
	"DELETEACL INBOX.a",
	"DELETEACL INBOX.a bob lr",
	"LISTRIGHTS INBOX.a",
	"LISTRIGHTS INBOX.a bob x",
	"MYRIGHTS",
	"MYRIGHTS INBOX.a bob",
};

START_TEST(ill_formed)
{
	TALK(&t, bad[_i], "x BAD");
	TALK_IS(&t, "GETACL INBOX.a",
	    "* ACL INBOX.a owner lrswipkxteacd\r\nx OK Getacl completed\r\n");
}
END_TEST

START_TEST(turned_off)
{
	talk_end(&t);
	scratch_write(base, ".a/facteur.acl", "facteur-acl 1\nl owner\n");
	begin(false);
	TALK(&t, "CAPABILITY", "!ACL ", "!RIGHTS=", "!LIST-MYRIGHTS");
	TALK(&t, "GETACL INBOX.a", "x NO [CANNOT]");
	TALK(&t, "MYRIGHTS INBOX.a", "x NO [CANNOT]");
	TALK(&t, "LIST \"\" * RETURN (MYRIGHTS)", "!MYRIGHTS ", "x OK");
	TALK(&t, "SELECT INBOX.a", "x OK [READ-WRITE]");
}
END_TEST

START_TEST(lists)
{
	TALK(&t, "CAPABILITY", " ACL RIGHTS=kxte LIST-MYRIGHTS ");
	TALK_IS(&t, "MYRIGHTS INBOX.a",
	    "* MYRIGHTS INBOX.a lrswipkxteacd\r\n"
	    "x OK Myrights completed\r\n");
	TALK(&t, "SETACL INBOX.a bob lr", "x OK");
	TALK(&t, "SETACL INBOX.a bob +cd", "x OK");
	TALK(&t, "SETACL INBOX.a -anyone w", "x OK");
	TALK(&t, "SETACL INBOX.a $staff \"\"", "x OK");
	TALK_IS(&t, "GETACL INBOX.a",
	    "* ACL INBOX.a owner lrswipkxteacd bob lrkxtecd -anyone w "
	    "group=staff \"\"\r\nx OK Getacl completed\r\n");
	TALK(&t, "SETACL INBOX.a bob -l", "x OK");
	TALK(&t, "DELETEACL INBOX.a group=staff", "x OK");
	TALK(&t, "DELETEACL INBOX.a anyone", "x OK");
	TALK_IS(&t, "GETACL INBOX.a",
	    "* ACL INBOX.a owner lrswipkxteacd bob rkxtecd -anyone w\r\n"
	    "x OK Getacl completed\r\n");
	TALK(&t, "DELETEACL INBOX.a -anyone", "x OK");
	TALK(&t, "GETACL INBOX.a", "!anyone");
	TALK(&t, "GETACL INBOX.none", "x NO [NONEXISTENT]");
	TALK(&t, "SETACL INBOX.none bob lr", "x NO [NONEXISTENT]");
}
END_TEST

START_TEST(rights_to_list)
{
	TALK_IS(&t, "LISTRIGHTS INBOX.a bob",
	    "* LISTRIGHTS INBOX.a bob \"\" l r s w i p k x t e a c d\r\n"
	    "x OK Listrights completed\r\n");
	TALK_IS(&t, "LISTRIGHTS INBOX.a user=user",
	    "* LISTRIGHTS INBOX.a user=user la r s w i p k x t e c d\r\n"
	    "x OK Listrights completed\r\n");
	TALK(&t, "LISTRIGHTS INBOX.a owner", " owner la ");
}
END_TEST

/* The owner restricts himself, and can take that back. */
START_TEST(restricted)
{
	TALK(&t, "SETACL INBOX.a owner r", "x OK");
	TALK(&t, "MYRIGHTS INBOX.a", "* MYRIGHTS INBOX.a lra\r\n");
	TALK(&t, "GETACL INBOX.a", "owner lra\r\n");
	TALK(&t, "SELECT INBOX.a", "[PERMANENTFLAGS ()]", "x OK [READ-ONLY]");
	TALK(&t, "APPEND INBOX.a {6+}\r\nA: b\r\n", "x NO [NOPERM]");
	TALK(&t, "CREATE INBOX.a.b", "x NO [NOPERM]");
	TALK(&t, "RENAME INBOX.a INBOX.c", "x NO [NOPERM]");
	TALK(&t, "DELETE INBOX.a", "x NO [NOPERM]");
	TALK(&t, "SETACL INBOX.a owner \"\"", "x OK");
	TALK(&t, "SELECT INBOX.a", "x NO [NOPERM]");
	TALK(&t, "STATUS INBOX.a (MESSAGES)", "x NO [NOPERM]");
	TALK(
	    &t, "SETMETADATA INBOX.a (/shared/comment \"x\")", "x NO [NOPERM]");
	/* who may but put in learns nothing (RFC 4315, 3) */
	TALK(&t, "SETACL INBOX.a owner i", "x OK");
	TALK(&t, "APPEND INBOX.a {6+}\r\nA: b\r\n", "x OK Append");
	TALK(&t, "APPEND INBOX {6+}\r\nA: b\r\n {6+}\r\nC: d\r\n",
	    "x OK [APPENDUID ");
	TALK(&t, "ENABLE QRESYNC", "x OK");
	TALK(&t, "SELECT INBOX", "x OK");
	TALK(&t, "COPY 1 INBOX.a", "x OK Copy");
	TALK(&t, "MOVE 1 INBOX.a", "* VANISHED 1", "!COPYUID",
	    "x OK [HIGHESTMODSEQ ");
	TALK(&t, "REPLACE 1 INBOX.a {6+}\r\nA: b\r\n", "* VANISHED 2",
	    "!APPENDUID", "x OK [HIGHESTMODSEQ ");
	TALK(&t, "DELETEACL INBOX.a owner", "x OK");
	TALK(&t, "SELECT INBOX.a", "* 4 EXISTS", "x OK [READ-WRITE]");
	TALK(&t, "DELETE INBOX.a", "x OK");
}
END_TEST

/* Which flags may be changed, and which a copy has. */
START_TEST(flags)
{
	TALK(&t, "APPEND INBOX (\\Seen \\Deleted \\Draft $x) {6+}\r\nA: b\r\n",
	    "x OK");
	TALK(&t, "SETACL INBOX.a owner lrsia", "x OK");
	TALK(&t, "SELECT INBOX", "x OK");
	TALK(&t, "COPY 1 INBOX.a", "x OK");
	TALK(&t, "APPEND INBOX.a (\\Flagged $y) {6+}\r\nA: c\r\n", "x OK");
	TALK(&t, "SELECT INBOX.a", "[PERMANENTFLAGS (\\Seen)]",
	    "x OK [READ-WRITE]");
	TALK(&t, "FETCH 1:2 FLAGS", "* 1 FETCH (FLAGS (\\Seen", "!\\Deleted",
	    "!\\Draft", "!$x", "!\\Flagged", "!$y");
	TALK(&t, "STORE 2 FLAGS (\\Seen \\Flagged $z)",
	    "* 2 FETCH (FLAGS (\\Seen", "!\\Flagged", "!$z)", "x OK");
	TALK(&t, "STORE 2 +FLAGS (\\Flagged)", "x NO [NOPERM]");
	TALK(&t, "STORE 2 -FLAGS (\\Seen)", "x OK");
	TALK(&t, "EXPUNGE", "x NO [NOPERM]");
	TALK(&t, "MOVE 1 INBOX", "x NO [NOPERM]");
	TALK(&t, "CLOSE", "x OK");
	TALK(&t, "SETACL INBOX.a owner lrwa", "x OK");
	TALK(&t, "SELECT INBOX.a",
	    "[PERMANENTFLAGS (\\Answered \\Flagged \\Draft $Forwarded", "\\*)]",
	    "x OK [READ-WRITE]");
	TALK(&t, "FETCH 2 BODY[]", "!\\Seen", "x OK");
	TALK(&t, "STORE 1 FLAGS (\\Flagged)", "\\Seen", "\\Flagged", "x OK");
	TALK(&t, "STORE 1 FLAGS ()", "\\Seen", "!\\Flagged", "x OK");
	TALK(&t, "COPY 1 INBOX.a", "x NO [NOPERM]");
}
END_TEST

START_TEST(inherited)
{
	TALK(&t, "SETACL INBOX.a bob lr", "x OK");
	TALK(&t, "CREATE INBOX.a.b.c", "x OK");
	TALK(&t, "GETACL INBOX.a.b.c", "bob lr\r\n");
	TALK(&t, "CREATE INBOX.z", "x OK");
	TALK(&t, "GETACL INBOX.z", "!bob");
	TALK(&t, "RENAME INBOX.a.b.c INBOX.z.c", "x OK");
	TALK(&t, "GETACL INBOX.z.c", "bob lr\r\n");
	TALK(&t, "DELETE INBOX.z.c", "x OK");
	TALK(&t, "CREATE INBOX.z.c", "x OK");
	TALK(&t, "GETACL INBOX.z.c", "!bob");
}
END_TEST

/* Courier's lists go by names; what is made under one later is something else.
 */
START_TEST(by_name)
{
	scratch_mkdir(base, "courierimaphieracl");
	scratch_write(base, "courierimaphieracl/a",
	    "owner aceilrstwx\n"
	    "user=bob lr\n");
	talk_end(&t);
	begin(true);
	TALK(&t, "GETACL INBOX.a", "bob lr\r\n");
	TALK(&t, "RENAME INBOX.a INBOX.b", "x OK");
	TALK(&t, "GETACL INBOX.b", "bob lr\r\n");
	TALK(&t, "DELETE INBOX.b", "x OK");
	TALK(&t, "CREATE INBOX.a", "x OK");
	TALK(&t, "GETACL INBOX.a", "!bob");
}
END_TEST

/* Nor does one that had no list come to have what stands by its new name. */
START_TEST(by_another_name)
{
	TALK(&t, "CREATE INBOX.a.b", "x OK");
	TALK(&t, "CREATE INBOX.p.b", "x OK");
	scratch_mkdir(base, "courierimaphieracl");
	scratch_write(base, "courierimaphieracl/z", "user=bob lr\n");
	scratch_write(base, "courierimaphieracl/z.b", "user=eve lr\n");
	talk_end(&t);
	begin(true);
	TALK(&t, "RENAME INBOX.a INBOX.z", "x OK");
	TALK(&t, "GETACL INBOX.z", "* ACL INBOX.z owner lrswipkxteacd\r\n");
	TALK(&t, "GETACL INBOX.z.b", "* ACL INBOX.z.b owner lrswipkxteacd\r\n");
	TALK(&t, "RENAME INBOX.z INBOX.y", "x OK");
	TALK(&t, "RENAME INBOX.p INBOX.z", "x OK");
	TALK(&t, "GETACL INBOX.z.b", "* ACL INBOX.z.b owner lrswipkxteacd\r\n");
}
END_TEST

START_TEST(listed)
{
	TALK(&t, "CREATE INBOX.p.q", "x OK");
	TALK(&t, "SETACL INBOX.a owner r", "x OK");
	TALK(&t, "SUBSCRIBE INBOX.p.q", "x OK");
	TALK_IS(&t, "LIST \"\" INBOX.% RETURN (MYRIGHTS)",
	    "* LIST (\\HasNoChildren) \".\" INBOX.a\r\n"
	    "* MYRIGHTS INBOX.a lra\r\n"
	    "* LIST (\\NonExistent \\HasChildren) \".\" INBOX.p\r\n"
	    "x OK List completed\r\n");
	TALK(&t, "CREATE INBOX.p", "x OK");
	TALK_IS(&t,
	    "LIST (SUBSCRIBED RECURSIVEMATCH) \"\" INBOX.% RETURN (MYRIGHTS)",
	    "* LIST (\\HasChildren) \".\" INBOX.p "
	    "(\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n"
	    "x OK List completed\r\n");
}
END_TEST

/* A file that nobody understands shuts out others, not the owner. */
START_TEST(nonsense)
{
	scratch_write(base, ".a/facteur.acl", "nonsense\n");
	TALK(&t, "MYRIGHTS INBOX.a", "lrswipkxteacd");
	TALK(&t, "SETACL INBOX.a bob lr", "x OK");
	TALK(&t, "GETACL INBOX.a", "bob lr\r\n");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, ill_formed, 0, UNIT_COUNT(bad));
	tcase_add_test(c, turned_off);
	tcase_add_test(c, lists);
	tcase_add_test(c, rights_to_list);
	tcase_add_test(c, restricted);
	tcase_add_test(c, flags);
	tcase_add_test(c, inherited);
	tcase_add_test(c, by_name);
	tcase_add_test(c, by_another_name);
	tcase_add_test(c, listed);
	tcase_add_test(c, nonsense);
}

int
main(void)
{
	return unit_main("imapd/acl", fill);
}
