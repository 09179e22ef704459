/*
 * run_vars.c - variables of a run, and what assigning to some of them does
 *
 * One table has the names with an effect. An effect comes after the variable
 * has its value; what the value is to be read for later is kept as a number.
 */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/number.h"
#include "rules/run.h"
#include "rules/run_files.h"
#include "rules/score.h"
#include "rules/vars.h"

enum { LINEBUF_MIN = 128 };

/* ---- numbers */

static const struct {
	const char *name;
	long preset;
} numbers[NUMBERS] = {
	[NUMBER_VERBOSE] = { "VERBOSE", 0 },
	[NUMBER_LOGABSTRACT] = { "LOGABSTRACT", -1 },
	[NUMBER_LINEBUF] = { "LINEBUF", 0 },
	[NUMBER_LOCKSLEEP] = { "LOCKSLEEP", 8 },
	[NUMBER_LOCKTIMEOUT] = { "LOCKTIMEOUT", 1024 },
	[NUMBER_SUSPEND] = { "SUSPEND", 16 },
	[NUMBER_NORESRETRY] = { "NORESRETRY", 4 },
	[NUMBER_TIMEOUT] = { "TIMEOUT", 960 },
	[NUMBER_MAILDIRDETECT] = { "MAILDIRDETECT", 1 },
};

/* True when name is that of a number, which is then set. */
static bool
set_number(struct agent *a, struct span name, const char *value)
{
	for (size_t i = 0; i < NUMBERS; i++) {
		long old = i == NUMBER_LINEBUF ? 0 : a->numbers[i];

		if (!span_is(name, numbers[i].name))
			continue;
		a->numbers[i] = vars_number(value, old);
		if (i == NUMBER_LINEBUF && a->numbers[i] < LINEBUF_MIN)
			a->numbers[i] = LINEBUF_MIN;
		return true;
	}
	return false;
}

/* ---- effects */

void
run_set_maildir(struct agent *a, const char *dir)
{
	run_verbose(a, "Assigning \"MAILDIR=%s\"", dir);
	vars_set_str(a->vars, "MAILDIR", dir);
}

static void
set_maildir(struct agent *a, const char *value)
{
	if (agent_enter(a, value) == 0) {
		a->entered = true;
		return;
	}
	run_say_name(a, "Couldn't chdir to", span_str(value));
	run_set_maildir(a, ".");
}

static void
set_log(struct agent *a, const char *value)
{
	run_log(a, span_str(value));
}

static void
set_umask(struct agent *a, const char *value)
{
	struct span s = span_str(value);
	size_t n = 0;
	unsigned mask;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '7')
		n++;
	if (!number_parse_octal(span_head(s, n), 0777777, &mask))
		mask = 0;
	a->umask = mask & 0777;
	(void)umask(a->umask);
}

static void
set_lockfile(struct agent *a, const char *value)
{
	run_unlock(a, &a->global);
	if (*value == '\0' || run_lock(a, &a->global, span_str(value)))
		return;
	run_verbose(a, "Assigning \"LOCKFILE\"");
	vars_unset(a->vars, "LOCKFILE");
}

static void
set_shift(struct agent *a, const char *value)
{
	long n = vars_number(value, 0);
	size_t left = a->s.arg_count - a->shifted;

	if (n > 0)
		a->shifted += (size_t)n < left ? (size_t)n : left;
}

static void
set_dropprivs(struct agent *a, const char *value)
{
	if (vars_number(value, 0) == 0)
		return;
	run_verbose(a, "Assuming identity of the recipient, VERBOSE=off");
	if (a->ops.drop(a->s.ctx) == -1)
		agent_say(a, "Insufficient privileges");
}

static void
set_delivered(struct agent *a, const char *value)
{
	if (vars_number(value, 0) > 0)
		a->ops.delivered(a->s.ctx);
}

static void
set_exitcode(struct agent *a, const char *value)
{
	(void)value; /* it is read at the end */
	a->exit_set = true;
}

static void
set_lastfolder(struct agent *a, const char *value)
{
	buf_clear(&a->folder);
	buf_add_str(&a->folder, value);
}

static void
set_host(struct agent *a, const char *value)
{
	char host[256] = "";

	(void)gethostname(host, sizeof(host) - 1);
	if (strcmp(host, value) == 0)
		return;
	run_verbose(a, "HOST mismatched \"%s\"", host);
	a->host_ends = true;
}

static const struct {
	const char *name;
	void (*set)(struct agent *a, const char *value);
} effects[] = {
	{ "MAILDIR", set_maildir },
	{ "LOGFILE", run_log_open },
	{ "LOG", set_log },
	{ "UMASK", set_umask },
	{ "LOCKFILE", set_lockfile },
	{ "SHIFT", set_shift },
	{ "DROPPRIVS", set_dropprivs },
	{ "DELIVERED", set_delivered },
	{ "EXITCODE", set_exitcode },
	{ "LASTFOLDER", set_lastfolder },
	{ "HOST", set_host },
	{ "INCLUDERC", files_include },
	{ "SWITCHRC", files_switch },
};

/* Unsetting has the effect of an empty value. */
static void
effect(struct agent *a, struct span name, const char *value)
{
	if (set_number(a, name, value))
		return;
	for (size_t i = 0; i < sizeof(effects) / sizeof(*effects); i++) {
		if (!span_is(name, effects[i].name))
			continue;
		effects[i].set(a, value);
		return;
	}
}

/* ---- setting */

void
run_set_untold(struct agent *a, struct span name, struct span value)
{
	char *copy;

	/* Where a message went must be known even then. */
	if (!span_is(name, "LASTFOLDER") && !run_value_fits(a, name, value))
		return;
	vars_set(a->vars, name, value);
	copy = mem_str(vars_get(a->vars, name)); /* effects may set it anew */
	effect(a, name, copy);
	free(copy);
}

void
run_set(struct agent *a, struct span name, struct span value)
{
	struct buf pair = BUF_EMPTY;

	if (run_is_verbose(a)) {
		buf_add_span(&pair, name);
		buf_add_byte(&pair, '=');
		buf_add_span(&pair, value);
		run_say_name(a, "Assigning", buf_span(&pair));
		buf_free(&pair);
	}
	run_set_untold(a, name, value);
}

void
run_unset(struct agent *a, struct span name)
{
	char *copy = mem_span(name);

	run_verbose_name(a, "Assigning", name);
	vars_unset(a->vars, copy);
	effect(a, name, "");
	free(copy);
}

void
run_set_quietly(struct agent *a, const char *name, struct span value)
{
	if (run_value_fits(a, span_str(name), value))
		vars_set(a->vars, span_str(name), value);
}

void
run_set_folder(struct agent *a, struct span folder)
{
	run_set(a, SPAN("LASTFOLDER"), folder);
}

long
run_number(const struct agent *a, enum number which)
{
	return a->numbers[which];
}

void
run_preset(struct agent *a)
{
	static const char *const preset[][2] = {
		{ "SHELLMETAS", "&|<>~;?*[" },
		{ "SHELLFLAGS", "-c" },
		{ "SENDMAIL", "/usr/sbin/sendmail" },
		{ "SENDMAILFLAGS", "-oi" },
		{ "LOCKEXT", ".lock" },
		{ "MSGPREFIX", "msg." },
		{ "LINEBUF", "2048" },
		{ "PROCMAIL_VERSION", "3.22" },
	};

	for (size_t i = 0; i < sizeof(preset) / sizeof(*preset); i++)
		vars_set_str(a->vars, preset[i][0], preset[i][1]);
	for (size_t i = 0; i < NUMBERS; i++)
		a->numbers[i] = numbers[i].preset;
}

/* ---- expanding */

static const char *
special(struct agent *a, int c)
{
	switch (c) {
	case '#':
		(void)snprintf(a->answer, sizeof(a->answer), "%zu",
		    a->s.arg_count - a->shifted);
		break;
	case '$':
		(void)snprintf(
		    a->answer, sizeof(a->answer), "%d", (int)getpid());
		break;
	case '?':
		(void)snprintf(a->answer, sizeof(a->answer), "%d", a->status);
		break;
	case '=':
		(void)snprintf(
		    a->answer, sizeof(a->answer), "%ld", score_shown(a->score));
		break;
	case '-':
		return buf_str(&a->folder);
	case '_':
		return a->frame_count == 0 ? NULL
					   : a->frames[a->frame_count - 1].name;
	case '0':
		return a->s.program != NULL ? a->s.program : a->s.name;
	default:
		return NULL;
	}
	return a->answer;
}

static bool
argument(const struct agent *a, size_t i, struct span *out)
{
	if (i == 0 || i > a->s.arg_count - a->shifted)
		return false;
	*out = span_str(a->s.args[a->shifted + i - 1]);
	return true;
}

static bool
value(void *ctx, struct span name, struct span *out)
{
	struct agent *a = ctx;
	int c = (unsigned char)name.p[0];
	const char *text;

	if (c >= '1' && c <= '9') /* of "$\\12" the first digit counts */
		return argument(a, (size_t)(c - '0'), out);
	if (name.n == 1 && !ascii_alpha(c))
		text = special(a, c);
	else
		text = vars_get(a->vars, name);
	if (text == NULL)
		return false;
	*out = span_str(text);
	return true;
}

static void
bad(void *ctx, struct span name)
{
	run_say_name(ctx, "Bad substitution of", name);
}

static size_t
line_limit(const struct agent *a)
{
	long n = a->numbers[NUMBER_LINEBUF];

	if (n <= 0)
		return LINE_MAX_BYTES;
	return n < LINEBUF_MIN ? LINEBUF_MIN : (size_t)n;
}

static void
overflow(struct agent *a)
{
	agent_say(a, "Exceeded LINEBUF");
	run_verbose(a, "Assigning \"PROCMAIL_OVERFLOW=yes\"");
	vars_set_str(a->vars, "PROCMAIL_OVERFLOW", "yes");
}

bool
run_line_fits(struct agent *a, size_t size)
{
	if (size < line_limit(a))
		return true;
	overflow(a);
	return false;
}

static bool
expanded(struct agent *a, unsigned end)
{
	if (end & EXPAND_OPEN)
		agent_say(a, "Unexpected EOL");
	if (end & EXPAND_TOO_LONG)
		overflow(a);
	return !(end & EXPAND_TOO_LONG);
}

static bool
expand_within(struct agent *a, struct span text, enum expand_mode mode,
    size_t limit, struct words *out)
{
	const struct expand_env env = { .ctx = a,
		.value = value,
		.command = run_backtick,
		.bad = bad,
		.limit = limit };

	return expanded(a, expand(text, mode, &env, out));
}

bool
run_expand(
    struct agent *a, struct span text, enum expand_mode mode, struct words *out)
{
	return expand_within(a, text, mode, line_limit(a), out);
}

bool
run_value(struct agent *a, struct span name, struct span text,
    enum expand_mode mode, struct words *out)
{
	size_t limit = line_limit(a), used = name.n + 1;

	return expand_within(
	    a, text, mode, used < limit ? limit - used : 0, out);
}

bool
run_expand_passing(
    struct agent *a, struct span text, enum expand_mode mode, struct words *out)
{
	const struct expand_env env = {
		.ctx = a, .bad = bad, .limit = line_limit(a), .passing = true
	};

	return expanded(a, expand(text, mode, &env, out));
}

void
run_say_odd(struct agent *a, struct span text, enum expand_mode mode)
{
	struct words none = { .count = 0 };

	(void)run_expand_passing(a, text, mode, &none);
	words_free(&none);
}
