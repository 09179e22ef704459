/*
 * procmail.c - deliver the message on standard input by rc files
 *
 * The command line of procmail over the agent of lib/rules. Started by root
 * with -d it serves /etc/procmailrc as root, as procmail does, and becomes the
 * user for the rest; it is never installed with a set-id bit.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "os/file.h"
#include "rules/agent.h"
#include "rules/agent_serve.h"
#include "rules/letter.h"
#include "rules/options.h"
#include "rules/vars.h"
#include "tools/procmail/procmail.h"

enum { MESSAGE_MAX = 1 << 30 };

static const char etc_rcs[] = "/etc/procmailrcs/";

/* The exit code plus one that a signal asks for. */
static volatile sig_atomic_t stop_code;

static void
on_signal(int s)
{
	stop_code = s == SIGTERM ? CODE_LATER + 1
	    : s == SIGQUIT       ? 1
				 : CODE_LOST + 1;
}

static void
catch_signals(void)
{
	static const int stops[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	struct sigaction act = { .sa_handler = on_signal };

	for (size_t i = 0; i < sizeof(stops) / sizeof(*stops); i++)
		(void)sigaction(stops[i], &act, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
}

static void
say(const char *what, const char *name)
{
	(void)fprintf(stderr, "procmail: %s", what);
	if (name != NULL)
		(void)fprintf(stderr, " \"%s\"", name);
	(void)fputc('\n', stderr);
}

/* ---- one user */

/* After /etc/procmailrc root's part is over. */
static int
own_next(void *ctx, const char *path)
{
	struct service *s = ctx;
	bool was_root = s->privileged;
	struct vars *v = agent_vars(s->agent);
	char *search = mem_printf(
	    "%s/bin:%s", vars_text(v, "HOME"), "/usr/local/bin:/usr/bin:/bin");
	int got = service_drop(s);

	if (got == -1)
		agent_say(s->agent, "Insufficient privileges");
	else if (was_root)
		vars_set_str(v, "PATH", search);
	free(s->own_rc);
	s->own_rc = mem_str(path);
	free(search);
	return got;
}

static int
run(struct service *s)
{
	const struct options *o = s->options;
	const struct agent_serve serve = { .options = o,
		.ctx = s,
		.own_next = own_next,
		.failure = o->requeue ? CODE_LATER : CODE_LOST };
	int code = agent_serve(s->agent, &serve);

	if (code == serve.failure && stop_code != 0)
		code = stop_code - 1;
	return code;
}

static struct agent *
make_agent(struct service *s, struct letter *letter, const char *const *args,
    size_t arg_count)
{
	struct agent_start start = { .ops = &service_ops,
		.ctx = s,
		.name = "procmail",
		.program = s->program,
		.letter = letter,
		.vars = environment_make(s),
		.args = args,
		.arg_count = arg_count,
		.log_fd = STDERR_FILENO,
		.requeue = s->options->requeue,
		.stop = &stop_code };

	return agent_new(&start);
}

static struct letter *
make_letter(struct service *s, struct buf *message)
{
	struct letter *l = letter_take(message, !s->options->no_lengths);

	from_settle(l, s->options, &s->caller);
	return l;
}

static void
box_of(struct service *s)
{
	if (span_find(span_str(s->user.name), '/') == strlen(s->user.name))
		s->orgmail = mem_printf("/var/mail/%s", s->user.name);
}

static int
serve(struct service *s, struct buf *message)
{
	const struct options *o = s->options;
	int code = 0;

	box_of(s);
	s->agent =
	    make_agent(s, make_letter(s, message), o->args, o->arg_count);
	if (s->privileged) {
		code = spool_prepare(s);
		if (code == 0 && setegid(s->spool_gid) == -1)
			code = CODE_LATER;
	}
	if (code == 0)
		code = run(s);
	agent_free(&s->agent);
	mem_free(&s->orgmail);
	mem_free(&s->own_rc);
	return code;
}

/* ---- -m */

static bool
become_owner(struct service *s, const char *rc)
{
	struct stat st;

	if (getuid() != 0 || !span_starts(span_str(rc), etc_rcs) ||
	    strstr(rc, "/../") != NULL)
		return true;
	if (stat(rc, &st) == -1 ||
	    users_find_uid(s->memory, st.st_uid, &s->user) != USERS_FOUND)
		return false;
	s->privileged = true;
	s->spool_gid = s->user.gid;
	return service_drop(s) == 0;
}

static int
serve_filter(struct service *s, struct buf *message)
{
	const struct options *o = s->options;
	char **rc = o->rest + o->rc_at;
	int code = CODE_NO_RIGHTS;

	if (o->rc_at == o->rest_count) {
		say("Missing rcfile", NULL);
		return CODE_NO_RC;
	}
	s->agent = make_agent(s, make_letter(s, message),
	    (const char *const *)(const void *)(rc + 1),
	    o->rest_count - o->rc_at - 1);
	if (o->rc_at > 0 || become_owner(s, rc[0]))
		code = run(s);
	agent_free(&s->agent);
	return code;
}

/* ---- -d */

static int
deliver_to(struct service *s, const char *name, struct buf *message)
{
	struct stat spool;

	switch (users_find(s->memory, span_str(name), &s->user)) {
	case USERS_FOUND:
		break;
	case USERS_UNKNOWN:
		say("Unknown user", name);
		return CODE_NO_USER;
	case USERS_TROUBLE:
		return CODE_LATER;
	}
	if (getuid() != 0 && getuid() != s->user.uid) {
		say("Insufficient privileges", NULL);
		return CODE_NO_RIGHTS;
	}
	s->privileged = getuid() == 0;
	s->spool_gid = s->user.gid;
	if (s->privileged && stat("/var/mail", &spool) == 0)
		s->spool_gid = spool.st_gid;
	return serve(s, message);
}

static int
wait_code(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return CODE_LATER;
	return WIFEXITED(status) ? WEXITSTATUS(status) : CODE_LATER;
}

/* Each of several users is served by a process of its own. */
static int
deliver_all(struct service *s, struct buf *message)
{
	const struct options *o = s->options;
	int code = 0;

	if (o->rest_count == 1)
		return deliver_to(s, o->rest[0], message);
	for (size_t i = 0; i < o->rest_count; i++) {
		pid_t pid = fork();
		int got;

		if (pid == 0)
			return deliver_to(s, o->rest[i], message);
		got = pid == -1 ? CODE_LATER : wait_code(pid);
		code = got == 0 ? code : got;
	}
	return code;
}

/* ---- all */

static int
serve_all(struct service *s)
{
	struct buf message = BUF_EMPTY;
	int code = CODE_LATER;

	if (!account_caller(s->memory, &s->caller)) {
		s->caller = (struct account){ .name = "nobody",
			.uid = getuid(),
			.gid = getgid(),
			.home = "/",
			.shell = "/bin/sh" };
	}
	s->user = s->caller;
	if (file_read_all(STDIN_FILENO, MESSAGE_MAX, &message) == -1)
		say("Couldn't read the message", NULL);
	else if (s->options->deliver)
		code = deliver_all(s, &message);
	else if (s->options->filter)
		code = serve_filter(s, &message);
	else
		code = serve(s, &message);
	buf_free(&message);
	return code;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct service s = { .options = &o, .program = argv[0] };
	int code = 0;

	options_parse(argc, argv, &o);
	if (o.version) {
		(void)puts("procmail v3.22 (the delivery agent of Facteur)");
	} else if (o.help || (o.deliver && o.rest_count == 0)) {
		(void)fputs(options_usage, stderr);
		code = CODE_USAGE;
	} else {
		if (o.unknown != NULL)
			say("Unrecognised options:", o.unknown);
		if (o.bad)
			(void)fputs(options_usage, stderr);
		catch_signals();
		(void)umask(077);
		s.memory = arena_new();
		code = serve_all(&s);
		arena_free(&s.memory);
	}
	options_free(&o);
	return code;
}
