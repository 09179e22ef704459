/* test_target.c - APPEND after APPEND, and what others do to the folder between
 * them */

#include <stdio.h>

#include "imapd/session.h"
#include "tests/imapd/talk.h"
#include "tests/unit.h"

static char *base;
static struct talk t;

static void
setup(void)
{
	struct imap_conf conf = talk_conf;

	base = scratch_new();
	scratch_mkdir(base, "new");
	scratch_mkdir(base, "cur");
	conf.acl = true;
	talk_begin(&t, base, &conf);
	TALK(&t, "CREATE INBOX.a", "x OK");
}

static void
teardown(void)
{
	talk_end(&t);
	scratch_free(&base);
}

static char *
path_of(const char *name)
{
	struct buf path = BUF_EMPTY;

	buf_printf(&path, "%s/%s", base, name);
	return buf_take(&path);
}

static void
move(const char *from, const char *to)
{
	char *a = path_of(from), *b = path_of(to);

	ck_assert_int_eq(rename(a, b), 0);
	free(a);
	free(b);
}

/* The folder was made right before, so it may be opened a second time. */
static void
append_some(void)
{
	for (int i = 0; i < 5; i++) {
		TALK(&t, "APPEND INBOX.a (\\Flagged) {6+}\r\nA: b\r\n",
		    "x OK [APPENDUID ");
		usleep(20000);
	}
}

static void
nothing(void)
{
}

static void
list_comes(void)
{
	scratch_write(base, ".a/facteur.acl", "facteur-acl 1\nlr owner\n");
}

static void
list_is_courier(void)
{
	scratch_write(base, ".a/courierimapacl", "owner lr\n");
}

static void
goes(void)
{
	move(".a", ".b");
}

/* Another folder has its name now. */
static void
is_another(void)
{
	move(".a", ".b");
	scratch_mkdir(base, ".a");
	scratch_mkdir(base, ".a/cur");
	scratch_mkdir(base, ".a/new");
	scratch_mkdir(base, ".a/tmp");
}

static void
loses_its_list(void)
{
	char *path = path_of(".a/facteur.uids");

	ck_assert_int_eq(unlink(path), 0);
	free(path);
}

static void
loses_its_log(void)
{
	char *path = path_of(".a/facteur.log");

	ck_assert_int_eq(unlink(path), 0);
	free(path);
}

static void
gets_mail(void)
{
	scratch_write(base, ".a/new/1.M1P1.h", "A: c\n");
}

static const struct {
	void (*happens)(void);
	const char *answer;
	const char *status; /* after all of it */
} cases[] = {
	{ nothing, "x OK [APPENDUID ", "(MESSAGES 6 UIDNEXT 7)" },
	{ list_comes, "x NO [NOPERM]", "(MESSAGES 5 UIDNEXT 6)" },
	{ list_is_courier, "x NO [NOPERM]", "(MESSAGES 5 UIDNEXT 6)" },
	{ goes, "x NO [TRYCREATE]", "x NO" },
	{ is_another, "x OK [APPENDUID ", "(MESSAGES 1 UIDNEXT 2)" },
	{ loses_its_list, "x OK [APPENDUID ", "(MESSAGES 6 " },
	{ loses_its_log, "x OK [APPENDUID ", "(MESSAGES 6 UIDNEXT 7)" },
	{ gets_mail, "x OK [APPENDUID ", "(MESSAGES 7 UIDNEXT 8)" },
};

static void
say(const char *command, const char *want)
{
	char *answer = talk_say(&t, command);

	ck_assert_msg(strstr(answer, want) != NULL, "%s: wanted %s in:\n%s",
	    command, want, answer);
	free(answer);
}

START_TEST(between)
{
	append_some();
	cases[_i].happens();
	say("APPEND INBOX.a {6+}\r\nA: b\r\n", cases[_i].answer);
	say("STATUS INBOX.a (MESSAGES UIDNEXT)", cases[_i].status);
}
END_TEST

/* A refusal leaves nothing open that the next one trips over. */
START_TEST(refused)
{
	append_some();
	TALK(&t, "APPEND INBOX.a {0+}\r\n", "x NO");
	TALK(&t, "APPEND INBOX.a (\\Seen) \"no date\" {6+}\r\nA: b\r\n",
	    "x BAD");
	TALK(&t, "APPEND INBOX.a {6+}\r\nA: b\r\n", "x OK [APPENDUID ");
	TALK(&t, "APPEND INBOX {6+}\r\nA: b\r\n", "x OK [APPENDUID ");
	TALK(&t, "STATUS INBOX.a (MESSAGES)", "(MESSAGES 6)");
	TALK(&t, "STATUS INBOX (MESSAGES)", "(MESSAGES 1)");
}
END_TEST

static void
fill(TCase *c)
{
	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, between, 0, UNIT_COUNT(cases));
	tcase_add_test(c, refused);
}

int
main(void)
{
	return unit_main("imapd/target", fill);
}
