/* test_agent.c - rules/agent.h: the order of things, with actions of our own */

#include "rules/agent.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "os/file.h"
#include "rules/agent_serve.h"
#include "rules/deposit.h"
#include "rules/expand.h"
#include "rules/letter.h"
#include "rules/options.h"
#include "rules/program.h"
#include "rules/vars.h"
#include "tests/ahead.h"
#include "tests/mailbox/scratch.h"
#include "tests/unit.h"

/* What was done: folders, programs in angles, and the log in brackets. */
struct trace {
	const char *rc, *included;
	const char *file; /* a real one, in place of rc */
	struct agent_bounds bounds;
	struct buf done;
};

static bool
deposit_fake(void *ctx, struct deposit *d)
{
	struct trace *t = ctx;
	struct span name = word_at(d->names, 0);

	if (span_starts(name, "no"))
		return false;
	buf_add_span(&t->done, name);
	buf_add_byte(&t->done, ';');
	d->named(d->ctx, name);
	return true;
}

/* "exit N" ends so, "say X" prints X, all else succeeds. */
static void
program_fake(void *ctx, struct program *p)
{
	struct trace *t = ctx;

	buf_add_byte(&t->done, '<');
	for (size_t i = 0; p->argv[i] != NULL; i++) {
		buf_add_str(&t->done, i == 0 ? "" : " ");
		buf_add_str(&t->done, p->argv[i]);
	}
	buf_add_byte(&t->done, '>');
	if (strcmp(p->argv[0], "dawdle") == 0)
		ahead_s += 2;
	if (strcmp(p->argv[0], "exit") == 0)
		p->status = p->argv[1][0] - '0';
	if (strcmp(p->argv[0], "say") == 0 && p->output != NULL)
		buf_printf(p->output, "%s\n", p->argv[1]);
}

static int
read_fake(void *ctx, const char *path, struct buf *out)
{
	struct trace *t = ctx;

	if (strcmp(path, "/rc") == 0)
		buf_add_str(out, t->rc);
	else if (strcmp(path, "/inc") == 0 && t->included != NULL)
		buf_add_str(out, t->included);
	else {
		errno = ENOENT;
		return -1;
	}
	return 0;
}

static const struct agent_ops ops = {
	.deposit = deposit_fake, .program = program_fake, .read_rc = read_fake
};

static const struct agent_ops real_ops = { .deposit = deposit_fake,
	.program = program_fake };

static void
add_log(struct trace *t, int fd)
{
	struct buf log = BUF_EMPTY;

	ck_assert_int_eq(lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(file_read_all(fd, 100000, &log), 0);
	if (log.n > 0)
		buf_printf(&t->done, "[%s]", buf_str(&log));
	buf_free(&log);
}

static int
run(struct trace *t, struct agent_cache *cache)
{
	static const char *const args[] = { "un", "deux trois" };
	char *rc_name = mem_str(t->file == NULL ? "/rc" : t->file);
	char name[] = "procmail", *argv[] = { name, rc_name, NULL };
	int log_fd = memfd_create("log", MFD_CLOEXEC), code;
	struct agent_start start = { .ops = t->file == NULL ? &ops : &real_ops,
		.ctx = t,
		.cache = cache,
		.name = "procmail",
		.letter =
		    letter_new(SPAN("From: a@b\nSubject: un\n\nprix\n"), true),
		.vars = vars_new(),
		.args = args,
		.arg_count = 2,
		.log_fd = log_fd,
		.bounds = t->bounds };
	struct agent_serve serve = { .failure = 75 };
	struct options o;
	struct agent *a;

	options_parse(2, argv, &o);
	serve.options = &o;
	vars_set_str(start.vars, "HOME", "/");
	vars_set_str(start.vars, "DEFAULT", "inbox");
	a = agent_new(&start);
	code = agent_serve(a, &serve);
	add_log(t, log_fd);
	agent_free(&a);
	options_free(&o);
	file_close(&log_fd);
	free(rc_name);
	return code;
}

/* So many searches of the header that a pass over it pays. */
#define THREE ":0\n* ^Subject: deux\nno\n:0 HB\n* zzz\nno\n:0\n* ^To: c\nno\n"
#define OFTEN THREE THREE THREE THREE THREE

static const struct {
	const char *rc, *included, *want;
	int code;
} rows[] = {
	{ OFTEN ":0\n* ^SUBJECT: UN$\nx\n", NULL, "x;", 0 },
	{ OFTEN ":0 D\n* ^SUBJECT: UN$\nx\n", NULL, "inbox;", 0 },
	{ OFTEN ":0\n* ! ^Subject: \\/deux\n* B ?? prix\nx\n", NULL, "x;", 0 },
	{ OFTEN ":0\n* ^From: a@b$Subject: \\/.*\nx-$MATCH\n", NULL, "x-un;",
	    0 },
	{ OFTEN ":0\n* 3^1 ^Subject: deux\n* 2^0 ^Subject: un\nx-$=\n", NULL,
	    "x-2;", 0 },
	{ OFTEN ":0\n* 3^0 ! ^Subject: deux\n* 2^0 ! ^Subject: un\nx-$=\n",
	    NULL, "x-3;", 0 },
	/* of a letter that may be one of two any may stand there */
	{ OFTEN ":0 c\n* (Subject[:;] un)\nx\n:0\n* (Subject[:;] un)\ny\n",
	    NULL, "x;y;", 0 },
	{ OFTEN ":0 fh\n| say 'Subject: deux'\n:0\n* ^Subject: deux\nx\n", NULL,
	    "<say Subject: deux>x;", 0 },
	{ "", NULL, "inbox;", 0 },
	{ ":0\nbox\nA=b\n:0\nnever\n", NULL, "box;", 0 },
	{ ":0 c\na\n:0 c\n* zz\nb\n:0\nnowhere\n", NULL, "a;inbox;", 0 },
	{ "DEFAULT=no\nORGMAIL=mail\n", NULL, "mail;", 0 },
	{ "DEFAULT=no\nORGMAIL=no\n", NULL, "", 75 },
	/* A, a, E, e */
	{ ":0 c\n* un\na\n:0 Ac\nb\n:0 A\n* zz\nc\n:0 A\nd\n", NULL, "a;b;d;",
	    0 },
	{ ":0 c\n* zz\na\n:0 Ac\nb\n", NULL, "inbox;", 0 },
	{ ":0 c\nnot\n:0 ac\nb\n:0 Ac\nc\n", NULL, "c;inbox;", 0 },
	{ ":0 c\n* zz\na\n:0 Ec\n* un\nb\n:0 Ec\nc\n:0 E\nd\n", NULL,
	    "b;inbox;", 0 },
	{ ":0\n* un\nnot\n:0 E\nb\n:0\nc\n", NULL, "c;", 0 },
	{ ":0\nnot\n:0 e\nb\n", NULL, "b;", 0 },
	{ ":0\n* zz\nnot\n:0 e\nb\n", NULL, "inbox;", 0 },
	/* blocks */
	{ ":0\n* un\n{\n:0 c\n* zz\na\n}\n:0 A\nb\n:0\nc\n", NULL, "b;", 0 },
	{ ":0\n* zz\n{\nA=`say x`\n:0\na\n}\n:0 E\n{ :0\nb\n}\n", NULL, "b;",
	    0 },
	{ ":0\n{ :0\n{ A=x }\nB=$A }\n:0\n$A$B\n", NULL, "xx;", 0 },
	/* a copy begins with an action that succeeded */
	{ ":0 c\nnot\n:0 c\n{\nA=x\n}\n:0 a\nb\n", NULL, "b;", 0 },
	/* programs */
	{ ":0\n* ! ? ask a\\\n  b\ny\n", NULL, "<ask a b>y;", 0 },
	{ "A=`say hi`\n:0\n$A\n", NULL, "<say hi>hi;", 0 },
	{ ":0 w\n| exit 3\n:0 e\nb$?\n", NULL,
	    "<exit 3>b3;[procmail: Program failure (3) of \"exit\"\n]", 0 },
	{ ":0\n| exit 3\n:0\nb\n", NULL, "<exit 3>", 0 },
	{ ":0 fW\n| exit 3\n:0\nb\n", NULL,
	    "<exit 3>b;[procmail: Rescue of unfiltered data succeeded\n]", 0 },
	{ ":0 w\nV=| say x\n:0 w\nV=| exit 1\n:0\n$V\n", NULL,
	    "<say x><exit 1>x;[procmail: Program failure (1) of \"exit\"\n]",
	    0 },
	{ "SHELL=/bin/sh\n:0 c\n| cat >x\n:0\n! a, b $1\n", NULL,
	    "</bin/sh -c  cat >x></usr/sbin/sendmail -oi a, b un>", 0 },
	{ ":0 c\n| p \"$@\" $2\n", NULL, "<p un deux trois deux trois>inbox;",
	    0 },
	{ ":0 c\n| p x\"$@\"\n:0 c\n| p \"$@\"x\n", NULL,
	    "<p un deux trois><p x>inbox;", 0 },
	{ "SENDMAIL='a b'\nSENDMAILFLAGS='-x  -y'\n:0\n! $NO\n", NULL,
	    "<a b -x -y >", 0 },
	{ ":0\n| test $1\n", NULL, "</bin/sh -c  test $1>", 0 },
	{ ":0 fw\n| true\n:0\nb\n", NULL, "<true>b;", 0 },
	{ "SHIFT=1\n:0\n$#$1\n", NULL, "1deux;", 0 },
	/* conditions */
	{ ":0\n* ! zz\n* B ?? ^prix$\n* HB ?? un(.|$)*prix\n* > 5\n"
	  "* ! > 500\n* ? exit 0\n* ! ? exit 1\na\n",
	    NULL, "<exit 0><exit 1>a;", 0 },
	{ "V=abc\n:0\n* V ?? ^^abc^^\n* $ V ?? $V\n* V ?? < 4\na\n", NULL, "a;",
	    0 },
	{ ":0\n* ^Subject: \\/.*\n* MATCH ?? n\nx-$MATCH\n", NULL, "x-un;", 0 },
	{ ":0\n* 3^1 ^(From|Subject)\n* -5^0\n* ! 0^0 zz\nx-$=\n", NULL, "x-1;",
	    0 },
	{ ":0\n* 3^1 ^(From|Subject)\n* -5^0\nA\n\nB=$=\n:0\n$B\n", NULL, "A;",
	    0 },
	{ ":0\n* zz\n* ? exit 1\na\n", NULL, "inbox;", 0 },
	{ ":0\n* 0^1 ^Subject: \\/un\n* 1^0\nx-$MATCH\n", NULL, "x-;", 0 },
	{ ":0\n* 3^.5 ! ? exit 3\nx-$=\n", NULL, "<exit 3>x-5;", 0 },
	{ "V=20\n:0\n* > 1 $V\nx\n", NULL, "x;[procmail: Skipped \"20\"\n]",
	    0 },
	{ "V=u\n:0\n* $ ^Subject: \"  $V\" n\n\nx\n", NULL, "inbox;", 0 },
	/* recipes without an action ask all the same */
	{ ":0\n* ? exit 0\n", NULL,
	    "<exit 0>inbox;[procmail: Incomplete recipe\n]", 0 },
	{ ":0\n* ? exit 0\n\n:0 A\na\n", NULL,
	    "<exit 0>inbox;[procmail: Missing action\n]", 0 },
	/* names of folders */
	{ ":0 c\na#x\n:0 c\nV=#x\n:0 c\na\\#x\n:0\na b$V\n", NULL,
	    "a;V=;a#x;a;", 0 },
	{ ":0\n* (un\na\n", NULL, "a;[procmail: Invalid regexp \"(un\"\n]", 0 },
	/* files */
	{ "INCLUDERC=/inc\n:0\nb\n", ":0\n* zz\na\n", "b;", 0 },
	{ "INCLUDERC=/inc\n:0\nb\n", ":0\na\n", "a;", 0 },
	{ "SWITCHRC=/inc\n:0\nb\n", "A=x\n", "inbox;", 0 },
	{ "INCLUDERC=/inc\n:0\nb\n", "SWITCHRC\n:0\na\n", "b;", 0 },
	{ "INCLUDERC=/inc\n", "INCLUDERC=/inc\n",
	    "inbox;[procmail: Too many rcfiles: 64 open, 64 in all\n"
	    "procmail: Couldn't read \"/inc\"\n]",
	    0 },
	{ "INCLUDERC=/none\n", NULL,
	    "inbox;[procmail: Couldn't read \"/none\"\n]", 0 },
	{ ":0\n{\nINCLUDERC=/inc\n:0\nb\n}\n", "}\n:0\n{\n",
	    "b;[procmail: Closing brace unexpected\n"
	    "procmail: Missing closing brace\n]",
	    0 },
	{ "HOST=elsewhere\n:0\na\n", NULL, "", 0 },
	/* the end */
	{ "EXITCODE=67\n:0\na\n", NULL, "a;", 67 },
	{ "EXITCODE=-2\nTRAP=\"exit 4\"\n:0\na\n", NULL, "a;<exit 4>", 4 },
	{ "EXITCODE=-2\nTRAP=\"exit 0\"\nDEFAULT=no\n", NULL, "<exit 0>", 75 },
	{ "EXITCODE=x\nTRAP=\"exit 4\"\n:0\na\n", NULL, "a;<exit 4>", 4 },
	{ "EXITCODE=67\nEXITCODE\n:0\na\n", NULL, "a;", 0 },
	{ "TRAP=\"exit 4\"\n:0\na\n", NULL, "a;<exit 4>", 0 },
	/* what is passed over */
	{ ":0\n* zz\n{\n", NULL, "inbox;", 0 },
	{ ":0\n{\n", NULL, "inbox;[procmail: Missing closing brace\n]", 0 },
	{ "V=x\nW=${V:-a b}\n:0\n$W\n", NULL,
	    "a;[procmail: Skipped \"b\"\n"
	    "procmail: Closing brace unexpected\n]",
	    0 },
	{ "A", NULL, "inbox;[procmail: Skipped \"A\"\n]", 0 },
	{ "LOGABSTRACT=yes\n:0\na\n", NULL,
	    "a;[ Subject: un\n  Folder: a\t\t\t\t\t\t\t\t      0\n]", 0 },
	/* flags that come from variables */
	{ "F=c\n:0 $F\na\n:0:$NO\nb\n", NULL, "a;b;", 0 },
	{ "LINEBUF=128\nA=0123456789012345678901234567890123456789\n"
	  "B=$A$A$A$A\n:0\nx$B\n",
	    NULL, "x;[procmail: Exceeded LINEBUF\n]", 0 },
};

/* What goes beyond a limit is not done, and the message goes on. */
static const struct {
	struct agent_bounds bounds;
	const char *rc, *included, *want;
} bounded[] = {
	{ { .variables = 400 },
	    "A=0123456789012345678901234567890123456789\nB=$A$A$A\nC=$B$B\n"
	    ":0 c\nx$PROCMAIL_OVERFLOW$C\nA\nB\nC=y\n:0\n$C\n",
	    NULL,
	    "xyes;y;[procmail: Variables too large, not assigned: \"C\"\n]" },
	{ { .variables = 400 },
	    "V=`say 0123456789`$PATH\n:0\n* ^Subject: \\/.*\n$V$MATCH\n", NULL,
	    "<say 0123456789>0123456789un;" },
	{ { .processes = 2 }, "A=`say 1`\nB=`say 2`\nC=`say 3`\n:0\n$A$B$C\n",
	    NULL,
	    "<say 1><say 2>12;[procmail: Limit of 2 processes exceeded by the "
	    "rules\n]" },
	{ { .processes = 1 },
	    ":0\n* ? exit 0\n* ? exit 0\na\n:0\n| exit 0\n:0\nb\n", NULL,
	    "<exit 0>b;[procmail: Limit of 1 processes exceeded by the rules\n"
	    "procmail: Limit of 1 processes exceeded by the rules\n]" },
	{ { .processes = 1 }, "A=`say 1`\n:0 c\n{ :0\nnever\n}\n:0 e\nb\n",
	    NULL,
	    "<say 1>b;[procmail: Limit of 1 processes exceeded by the "
	    "rules\n]" },
	{ { .nesting = 2 }, "INCLUDERC=/inc\n:0\nb\n", "A=1\nINCLUDERC=/inc\n",
	    "b;[procmail: Too many rcfiles: 2 open, 2 in all\n"
	    "procmail: Couldn't read \"/inc\"\n]" },
	{ { .time_s = 1 }, ":0 c\n| dawdle\n:0\na\n", NULL,
	    "<dawdle>inbox;[procmail: Time limit of 1s exceeded by the "
	    "rules\n]" },
};

START_TEST(kept_in_bounds)
{
	struct trace t = { .rc = bounded[_i].rc,
		.included = bounded[_i].included,
		.bounds = bounded[_i].bounds };

	ck_assert_int_eq(run(&t, NULL), 0);
	ck_assert_msg(span_is(buf_span(&t.done), bounded[_i].want),
	    "%s: did %s, not %s", bounded[_i].rc, buf_str(&t.done),
	    bounded[_i].want);
	buf_free(&t.done);
}
END_TEST

START_TEST(ran)
{
	struct agent_cache *cache = agent_cache_new();

	/* twice: what the cache knows is no less true */
	for (int i = 0; i < 2; i++) {
		struct trace t = { .rc = rows[_i].rc,
			.included = rows[_i].included };
		int code = run(&t, cache);

		ck_assert_msg(span_is(buf_span(&t.done), rows[_i].want),
		    "%s: did %s, not %s", rows[_i].rc, buf_str(&t.done),
		    rows[_i].want);
		ck_assert_msg(code == rows[_i].code, "%s: %d, not %d",
		    rows[_i].rc, code, rows[_i].code);
		buf_free(&t.done);
	}
	agent_cache_free(&cache);
}
END_TEST

/* A file that was written anew, in the same moment and as long as before, is
 * read again. */
START_TEST(file_changed)
{
	struct agent_cache *cache = agent_cache_new();
	char *base = scratch_new(), *path = mem_printf("%s/rc", base);
	struct trace t = { .file = path };

	scratch_write(base, "rc", ":0\none\n");
	ck_assert_int_eq(run(&t, cache), 0);
	scratch_write(base, "rc", ":0\ntwo\n");
	ck_assert_int_eq(run(&t, cache), 0);
	scratch_write(base, "rc", ":0\n* zz\nx\n");
	ck_assert_int_eq(run(&t, cache), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(run(&t, cache), 0);
	ck_assert_msg(span_starts(buf_span(&t.done), "one;two;inbox;inbox;["),
	    "%s", buf_str(&t.done));
	buf_free(&t.done);
	free(path);
	scratch_free(&base);
	agent_cache_free(&cache);
}
END_TEST

static const struct {
	const char *args[10];
	bool deliver, filter, requeue, bad;
	const char *from;
	size_t arg_count, rest_count, rc_at;
} lines[] = {
	{ { "procmail", "-tY", "A=b", "rc", NULL }, .requeue = true,
	    .rest_count = 2, .rc_at = 1 },
	{ { "procmail", "-a", "x", "-ay", "-fz", "-", "--", "-q", NULL },
	    .from = "z", .arg_count = 2, .rest_count = 1 },
	{ { "procmail", "-m", "A=b", "B=c", "rc", "1", "2", NULL },
	    .filter = true, .rest_count = 5, .rc_at = 2 },
	{ { "procmail", "-f", "-", "-d", "u", "v", NULL }, .deliver = true,
	    .from = "-", .rest_count = 2 },
	{ { "procmail", "-Q", "rc", NULL }, .bad = true, .rest_count = 1 },
	{ { "procmail", "-d", NULL }, .deliver = true, .bad = true },
	{ { "/usr/bin/mda", "u", NULL }, .deliver = true, .rest_count = 1 },
	{ { "procmail", "-a", NULL }, .bad = true },
	{ { "procmail", "-pmd", "u", NULL }, .deliver = true, .rest_count = 1 },
};

START_TEST(command_lines)
{
	char *argv[11] = { NULL };
	int argc = 0;
	struct options o;

	for (; argc < 10 && lines[_i].args[argc] != NULL; argc++)
		argv[argc] = mem_str(lines[_i].args[argc]);
	options_parse(argc, argv, &o);
	ck_assert_int_eq(o.deliver, lines[_i].deliver);
	ck_assert_int_eq(o.filter, lines[_i].filter);
	ck_assert_int_eq(o.requeue, lines[_i].requeue);
	ck_assert_int_eq(o.bad, lines[_i].bad);
	ck_assert_uint_eq(o.arg_count, lines[_i].arg_count);
	ck_assert_uint_eq(o.rest_count, lines[_i].rest_count);
	if (o.filter || o.requeue)
		ck_assert_uint_eq(o.rc_at, lines[_i].rc_at);
	if (lines[_i].from != NULL)
		ck_assert_str_eq(o.from, lines[_i].from);
	options_free(&o);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
}
END_TEST

static void
fill(TCase *t)
{
	tcase_add_loop_test(t, ran, 0, UNIT_COUNT(rows));
	tcase_add_test(t, file_changed);
	tcase_add_loop_test(t, kept_in_bounds, 0, UNIT_COUNT(bounded));
	tcase_add_loop_test(t, command_lines, 0, UNIT_COUNT(lines));
}

int
main(void)
{
	return unit_main("rules/agent", fill);
}
