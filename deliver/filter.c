/*
 * filter.c - the built-in procmail
 *
 * mailbox_command's words are what the program would get; the agent of
 * lib/rules does the rest in this process, which is the user already. What
 * cannot be delivered is deferred, unless an rc file asked for an exit code.
 */

#include "deliver/filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "calls/delivery_call.h"
#include "deliver/box.h"
#include "deliver/command.h"
#include "deliver/conf.h"
#include "deliver/mail.h"
#include "os/file.h"
#include "os/users.h"
#include "rules/agent.h"
#include "rules/agent_serve.h"
#include "rules/deposit.h"
#include "rules/expand.h"
#include "rules/letter.h"
#include "rules/options.h"
#include "rules/program.h"
#include "rules/vars.h"

enum { LATER = 75, LOG_MAX = 16384, LOG_LINES = 20, LINE_MAX_SHOWN = 300 };

struct run {
	struct mail *mail;
	const char *spool; /* NULL: none */
	int log_fd; /* made when something is said; else -1 */
	struct vars *shell; /* what a shell would know in mailbox_command */
	struct why spool_why;
};

/* ---- the command's words */

static struct span
base_name(struct span path)
{
	size_t slash = span_rfind(path, '/');

	return slash == path.n ? path : span_skip(path, slash + 1);
}

bool
filter_is_ours(struct span command)
{
	struct span rest = command, word;

	if (span_find_any(command, "|&;<>()`\n*?[~") < command.n ||
	    !span_word(&rest, " \t", &word))
		return false;
	if (span_is(word, "exec") && !span_word(&rest, " \t", &word))
		return false;
	return span_is(base_name(word), "procmail");
}

static bool
shell_value(void *ctx, struct span name, struct span *out)
{
	const struct run *r = ctx;
	const char *value = vars_get(r->shell, name);

	*out = span_str(value);
	return value != NULL;
}

static void
no_command(void *ctx, struct span text, size_t room, struct buf *out)
{
	(void)ctx;
	(void)text;
	(void)room;
	(void)out;
}

static void
bad_name(void *ctx, struct span name)
{
	(void)ctx;
	log_warning("mailbox_command: bad substitution of \"%.*s\"",
	    (int)name.n, name.p);
}

/* argv of the program, in the mail's arena. */
static char **
words_of(struct run *r, struct span command, int *argc)
{
	const struct expand_env env = { .ctx = r,
		.value = shell_value,
		.command = no_command,
		.bad = bad_name,
		.limit = 65536 };
	struct words words = { .count = 0 };
	size_t first;
	char **argv;

	(void)expand(command, EXPAND_WORDS, &env, &words);
	first = span_is(word_at(&words, 0), "exec");
	argv = arena_array(r->mail->arena, words.count + 1, sizeof(*argv));
	*argc = 0;
	for (size_t i = first; i < words.count; i++)
		argv[(*argc)++] =
		    arena_span_str(r->mail->arena, word_at(&words, i));
	words_free(&words);
	return argv;
}

/* ---- what is ours of the agent's actions */

static bool
is_spool(void *ctx, struct span folder)
{
	const struct run *r = ctx;

	return r->spool != NULL && span_is(folder, r->spool);
}

static bool
to_spool(struct run *r, struct deposit *d)
{
	const struct letter_how how = { .head = d->head,
		.body = d->body,
		.quote = !d->raw,
		.end_line = !d->raw };
	struct pieces p = { .count = 0 };
	enum outcome got;

	letter_render(d->letter, &how, &p);
	d->bytes = p.bytes;
	d->named(d->ctx, span_str(r->spool));
	got = box_append_spool(r->mail, &p, &r->spool_why);
	pieces_free(&p);
	if (got != DONE)
		d->say(d->ctx, false, "Error while writing to",
		    span_str(r->spool));
	return got == DONE;
}

static bool
deliver(void *ctx, struct deposit *d)
{
	struct run *r = ctx;

	d->kept = r->mail->place->kept;
	return is_spool(r, word_at(d->names, 0)) ? to_spool(r, d) : deposit(d);
}

static int
open_log(void *ctx)
{
	struct run *r = ctx;

	r->log_fd = memfd_create("log", MFD_CLOEXEC);
	return r->log_fd;
}

/* There is nobody to read what a lone '|' writes. */
static int
output(void *ctx, struct span bytes)
{
	(void)ctx;
	(void)bytes;
	errno = EBADF;
	return -1;
}

static const struct agent_ops ops = { .deposit = deliver,
	.is_spool = is_spool,
	.output = output,
	.open_log = open_log };

/* ---- the run */

static struct vars *
first_vars(struct run *r, const struct options *o)
{
	const struct account *u = r->mail->place->user;
	struct vars *v =
	    o->keep_environment ? mail_environment(r->mail) : vars_new();
	char host[256] = "localhost";
	const char *zone = getenv("TZ");

	if (zone != NULL)
		vars_set_str(v, "TZ", zone);
	(void)gethostname(host, sizeof(host) - 1);
	vars_set_str(v, "HOST", host);
	vars_set_str(v, "LOGNAME", u->name);
	vars_set_str(v, "HOME", u->home);
	vars_set_str(v, "SHELL", *u->shell == '\0' ? "/bin/sh" : u->shell);
	vars_set_str(v, "PATH",
	    arena_printf(r->mail->arena, "%s/bin:/usr/local/bin:/usr/bin:/bin",
		u->home));
	vars_set_str(v, "COMSAT", "no");
	if (r->spool != NULL && !o->filter) {
		vars_set_str(v, "ORGMAIL", r->spool);
		vars_set_str(v, "DEFAULT", r->spool);
	}
	return v;
}

/* What was said before LOGFILE was set, into our log. */
static void
pass_on_log(const struct run *r, int fd)
{
	struct buf text = BUF_EMPTY, line = BUF_EMPTY;
	struct span rest, one;
	int lines = 0;

	if (lseek(fd, 0, SEEK_SET) == -1 ||
	    file_read_all(fd, LOG_MAX, &text) == -1)
		buf_cut(&text, LOG_MAX);
	rest = buf_span(&text);
	while (lines++ < LOG_LINES && span_line(&rest, &one)) {
		if (one.n == 0)
			continue;
		buf_clear(&line);
		log_quote(&line, one, LINE_MAX_SHOWN);
		log_info("%.*s: %s: %s", (int)r->mail->request->qid.n,
		    r->mail->request->qid.p, r->mail->place->user->name,
		    buf_str(&line));
	}
	buf_free(&text);
	buf_free(&line);
}

static enum outcome
ended(struct run *r, struct agent *a, int code, struct span command,
    struct why *why)
{
	if (code == 0 || agent_code_is_users(a))
		return command_outcome(code, command, SPAN(""), why);
	if (buf_span(&r->spool_why.text).n > 0)
		why_copy(why, &r->spool_why);
	else
		why_set(why, "4.2.0", "no folder of %s takes mail at present",
		    r->mail->place->user->name);
	return why->outcome;
}

static enum outcome
run_agent(struct run *r, const struct options *o, struct buf *message,
    struct span command, struct why *why)
{
	const struct place *place = r->mail->place;
	const struct deliver_conf *c = place->conf;
	struct program_limits limits;
	bool rc_given = o->filter && o->rc_at < o->rest_count;
	struct agent_start start = { .ops = &ops,
		.ctx = r,
		.cache = place->cache,
		.name = "procmail",
		.letter = letter_take(message, !o->no_lengths),
		.vars = first_vars(r, o),
		.args = rc_given
		    ? (const char *const *)(void *)(o->rest + o->rc_at + 1)
		    : o->args,
		.arg_count =
		    rc_given ? o->rest_count - o->rc_at - 1 : o->arg_count,
		.log_fd = -1,
		.cwd = *place->at_home ? place->user->home : NULL,
		.requeue = true,
		.limits = &limits,
		.bounds = { .time_s = c->rules_time_limit,
		    .variables = c->rules_variable_limit,
		    .processes = (size_t)c->rules_process_limit,
		    .nesting = (size_t)c->rules_nesting_limit } };
	const struct agent_serve serve = { .options = o, .failure = LATER };
	struct agent *a;
	enum outcome got;
	bool begun;
	int code;

	begun = *place->begun;
	command_limits(r->mail, &limits);
	limits.memory = c->rules_memory_limit;
	a = agent_new(&start);
	if (!c->maildirdetect)
		(void)agent_assign(a, SPAN("MAILDIRDETECT=no"));
	code = agent_serve(a, &serve);
	*place->begun = begun || agent_began(a);
	/* the rules go where they like */
	*place->at_home = *place->at_home && agent_is_in(a, place->user->home);
	if (r->log_fd != -1)
		pass_on_log(r, r->log_fd);
	if (agent_is_clone(a))
		_exit(code);
	got = ended(r, a, code, command, why);
	agent_free(&a);
	file_close(&r->log_fd);
	return got;
}

static enum outcome
deliver_words(struct run *r, struct span command, struct why *why)
{
	struct buf message = BUF_EMPTY;
	struct options o;
	enum outcome got = DEFER;
	int argc;
	char **argv = words_of(r, command, &argc);

	options_parse(argc, argv, &o);
	if (o.bad)
		log_warning("mailbox_command has options that procmail does "
			    "not know");
	if (!mail_read(r->mail, true, r->mail->trace_command, &message))
		why_set(why, "4.3.0", "cannot read the queue file: %s",
		    strerror(errno));
	else
		got = run_agent(r, &o, &message, command, why);
	options_free(&o);
	buf_free(&message);
	return got;
}

enum outcome
filter_deliver(struct mail *m, struct span command, struct why *why)
{
	struct run r = { .mail = m, .spool = box_spool_path(m), .log_fd = -1 };
	enum outcome got;

	why_init(&r.spool_why);
	r.shell = mail_environment(m);
	got = deliver_words(&r, command, why);
	vars_free(&r.shell);
	why_free(&r.spool_why);
	return got;
}
