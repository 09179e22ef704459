/* test_check.c - rules/check.h: each finding, and none where all is well */

#include "rules/check.h"

#include <stdio.h>

#include "tests/unit.h"

/* want: findings as "line E what" or "line W what", a newline between; of what
 * only so much as stands here. */
static const struct {
	const char *rc, *want;
} rows[] = {
	{ "", "" },
	{ "A=b\n:0:\nbox\n", "" },
	{ "MAILDIR=$HOME/Maildir\nDEFAULT=$MAILDIR/\n:0\n* ^To: x\n.x/\n", "" },
	{ ":0 fw\n* < 256000\n| spamc\n\n:0\n* ^X-Spam-Flag: YES\n.Junk/\n",
	    "" },
	{ ":0 Wh: msgid.lock\n| formail -D 8192 msgid.cache\n", "" },
	{ ":0\n* -10^0\n* 8^0 x\n* B ?? 2^.9 !\nx/\n", "" },
	{ ":0 c\n* ^To:.*a\nx/\n:0 E\ny/\n", "" },
	{ ":0 w\n* x\n| cat >/dev/null\n:0 e\nx/\n", "" },
	{ ":0:\n$DEFAULT\n", "" },
	{ ":0\n$BOX\n", "" },
	{ ":0\n* $ ^From:.*$WHO\nx/\n", "" },
	{ "LOCKFILE=l\n:0\nbox\n", "" },
	/* syntax */
	{ "A=1\n9 here!\n", "2 E Skipped" },
	{ ":0\n* x\n\n:0\nx/\n", "4 E Missing action" },
	{ ":0\n* x\n", "3 E Incomplete recipe" },
	{ "}\n", "1 E Closing brace" },
	{ ":0\n{\nA=1\n", "4 E Missing closing" },
	{ ":0\n{A=1\n", "1 E \"{A=1\" is the name of a mailbox" },
	{ ":0 Z\nx/\n", "1 E Skipped \"Z\"" },
	{ "A=${B#c}\n", "1 E bad substitution of \"B\"" },
	{ "A=\"b\n", "1 E quotes are open" },
	{ "A=b\r\nC=d\n", "1 E 1 of 2 lines" },
	{ "A=b\r\nC=d\r\n", "" },
	{ ":\n* x\ny/\n", "1 W without a number" },
	{ ":\n^To\ny/\n", "1 W without a number" },
	/* flags */
	{ ":0 A\nx/\n", "1 W flags A" },
	{ ":0 c\nx/\n:0 Ee\ny/\n", "3 W Conflicting" },
	{ ":0 h\n{ }\n", "1 W Extraneous deliver-head" },
	{ ":0 c\nx/\n:0 E\ny/\n", "3 E it can never match: the recipe before" },
	{ ":0\n* x\n| cat\n:0 e\nx/\n", "4 W the exit code of the recipe" },
	/* recipes that never match */
	{ ":0\n/dev/null\n:0\nx/\n",
	    "3 E it can never match: the recipe in "
	    "line 1" },
	{ ":0\nx/\n:0\n* y\ny/\n", "3 W it sees mail only where" },
	{ ":0\nx/\n:0\n* y\ny/\n:0\nz/\n", "3 W it sees mail only where" },
	{ ":0 W\n| true\n:0\nx/\n", "" },
	{ ":0\n* > 100\n* < 101\nx/\n", "1 E it can never match: no message" },
	{ ":0\n* > 100\n* < 102\nx/\n", "" },
	{ ":0\n* ! > 100\n* ! < 101\nx/\n",
	    "1 E it can never match: no "
	    "message" },
	{ ":0\n* < 0\nx/\n", "1 E it can never match: no message" },
	{ ":0\n* < 10k\nx/\n", "2 W the size \"10k\"" },
	{ ":0\n* a^^b\nx/\n", "2 E it can never match: no text" },
	{ ":0\n* ^Subject: a$ b\nx/\n", "2 E it can never match: no text" },
	{ ":0 B\n* ^Subject: a$ b\nx/\n", "" },
	{ ":0\n* ! a^^b\nx/\n", "" },
	{ ":0\n* ^To: a\n* ! ^To: a\nx/\n",
	    "3 E it can never match: \"^To: a\"" },
	{ ":0\n* H ?? a\n* ! B ?? a\nx/\n", "" },
	{ ":0\n* -1^0 a\n* 0^1 b\nx/\n",
	    "1 E it can never match: nothing adds" },
	{ ":0\n* -1^0 a\n* 1^0 b\nx/\n", "" },
	/* conditions that mean something else */
	{ ":0\n* (a\nx/\n", "2 E invalid regexp \"(a\"" },
	{ ":0\n* \\<a\nx/\n", "2 W a backslash that a condition" },
	{ ":0\n* 1,5^0 a\nx/\n", "2 W a weight with a comma" },
	/* folders, programs, locks */
	{ ":0\nbox\n", "1 W mailbox file \"box\" without a lock" },
	{ ":0\nbox a/\n", "1 W names behind a mailbox file" },
	{ ":0:\nx/\n", "1 W \"x/\" needs no lock" },
	{ ":0: /tmp/l\nbox\n", "1 W anybody can make or remove" },
	{ ":0:\n/tmp/box\n",
	    "1 W anybody can make or remove\n1 W anybody can "
	    "put another" },
	{ ":0 c: a.lock\nbox\n:0:\n* x\nbox\n",
	    "3 W \"box\" is locked by \"box.lock\" here and by \"a.lock\"" },
	{ "LOCKFILE=l\n:0: l\nbox\n", "2 E LOCKFILE holds" },
	{ ":0\n| cat >>box\n", "1 W \"box\" is appended to without" },
	{ ":0:\n| cat >>box\n", "" },
	{ ":0:\n| cat\n", "1 E there is no file to make" },
	{ ":0 f\n| sed s/a/b/\n", "1 W where the filter fails" },
	{ ":0 w\n| exit 1\n", "1 E no shell runs this line" },
	{ ":0 w\n| exit 1;\n", "" },
	{ ":0\n!\n", "1 E forwarded to nobody" },
	{ "MAILDIR=$HOME/m\nDEFAULT=$MAILDIR\n", "2 W DEFAULT is the folder" },
	{ "HOST=other\n", "1 W where the machine is not" },
	/* what is assigned in a block may be so or not */
	{ ":0\n* x\n{ B=box }\n:0\n$B\n", "" },
};

static bool
matches(const struct check_finding *f, struct span want)
{
	char front[40];

	(void)snprintf(front, sizeof(front), "%d %c ", f->line,
	    f->level == CHECK_ERROR ? 'E' : 'W');
	if (!span_starts(want, front))
		return false;
	want = span_skip(want, strlen(front));
	return span_eq(span_head(span_str(f->what), want.n), want);
}

START_TEST(found)
{
	struct check *c = check_rc(span_str(rows[_i].rc));
	struct span rest = span_str(rows[_i].want), one;
	size_t i = 0;

	while (rest.n > 0 && span_line(&rest, &one)) {
		ck_assert_msg(i < check_count(c), "%s: not found: %.*s",
		    rows[_i].rc, (int)one.n, one.p);
		ck_assert_msg(matches(check_at(c, i), one), "%s: line %d: %s",
		    rows[_i].rc, check_at(c, i)->line, check_at(c, i)->what);
		ck_assert(*check_at(c, i)->remedy != '\0');
		i++;
	}
	ck_assert_msg(i == check_count(c), "%s: line %d: %s", rows[_i].rc,
	    check_at(c, i)->line, check_at(c, i)->what);
	check_free(&c);
}
END_TEST

static void
tests(TCase *t)
{
	tcase_add_loop_test(t, found, 0, UNIT_COUNT(rows));
}

int
main(void)
{
	return unit_main("rules/check", tests);
}
