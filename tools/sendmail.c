/*
 * sendmail.c - the command by which programs send mail; also mailq, newaliases
 *
 * The message goes to pickup's socket; while the system is down, or when the
 * queue cannot take it now, it goes to postdrop, which leaves it in maildrop/.
 * Nothing is kept in memory but the header, and that only where -t asks for its
 * recipients. Exit codes are those of sysexits.h: 75 means that the caller
 * should try again. The parts are in sendmail/.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "calls/submit_call.h"
#include "os/users.h"
#include "service/tool.h"
#include "tools/sendmail/sendmail.h"

enum { HEADER_MOST = 4 * 1024 * 1024 };

static struct tool tool;

static int
fail(struct why *why)
{
	fprintf(stderr, "%s: fatal: %s\n", tool.name, why_text(why));
	return why->outcome == DEFER ? EX_TEMPFAIL : EX_DATAERR;
}

static bool
has_header_end(const struct buf *b)
{
	struct span all = buf_span(b);

	return span_starts(all, "\n") || span_search(all, SPAN("\n\n")) < all.n;
}

/* The message up to where its recipients are known. */
static void
front_read(const struct options *o, struct input *in, struct rcpts *r,
    struct buf *text)
{
	if (o->from_header) {
		while (!has_header_end(text) && input_more(in, text))
			if (text->n > HEADER_MOST)
				tool_fatal(&tool, EX_DATAERR,
				    "the header is larger than %d bytes",
				    HEADER_MOST);
		rcpts_of_header(r, text);
	}
	if (r->count == 0)
		tool_fatal(&tool, EX_USAGE,
		    o->from_header
			? "No recipient addresses found in message header"
			: "Recipient addresses must be specified on the "
			  "command line or via the -t option");
}

static void
pass(void *target, struct span bytes)
{
	target_data(target, bytes);
}

/* The queue cannot take it now: what was kept goes to postdrop. */
static void
second_try(struct input *in, const struct letter *l, struct why *why)
{
	struct target *t = target_open(&tool, l, true);
	struct buf qid = BUF_EMPTY;

	if (input_again(in, pass, t)) {
		why_free(why);
		why_init(why);
		(void)target_end(&t, why, &qid);
	} else {
		target_abort(&t);
	}
	buf_free(&qid);
}

static int
send_message(
    const struct options *o, const struct submit_begin *b, struct rcpts *r)
{
	struct input *in = input_new(&tool, o->whole);
	struct buf text = BUF_EMPTY, qid = BUF_EMPTY;
	struct letter l;
	struct target *t;
	struct why why;
	int code = EX_OK;
	bool more, dropped;

	front_read(o, in, r, &text);
	l = (struct letter){ b, r->list, r->count };
	t = target_open(&tool, &l, false);
	if (o->mode == 'v') /* what stands in for a message */
		buf_add_str(&text, "Subject: probe\n\n");
	do {
		more = o->mode != 'v' && input_more(in, &text);
		target_data(t, buf_span(&text));
		input_keep(in, buf_span(&text));
		buf_clear(&text);
	} while (more);
	why_init(&why);
	dropped = target_end(&t, &why, &qid);
	if (why.outcome == DEFER && !dropped)
		second_try(in, &l, &why);
	if (why.outcome != DONE)
		code = fail(&why);
	why_free(&why);
	input_free(&in);
	buf_free(&text);
	buf_free(&qid);
	return code;
}

/* The account that runs us, and its name for people. */
static const char *
sender_find(struct arena *a, const struct options *o, struct span *full_name)
{
	struct account account;
	const char *name = getenv("NAME");

	if (users_find_uid(a, getuid(), &account) != USERS_FOUND) {
		if (o->sender == NULL)
			tool_fatal(&tool, EX_NOUSER, "no account for uid %u",
			    (unsigned)getuid());
		account = (struct account){ .name = "", .gecos = "" };
	}
	*full_name = span_str(o->full_name != NULL ? o->full_name
		: name != NULL                     ? name
						   : account.gecos);
	*full_name = span_head(*full_name, span_find(*full_name, ','));
	if (span_has_break(*full_name) || full_name->n > SENDMAIL_ADDRESS_MAX)
		*full_name = SPAN("");
	return o->sender != NULL ? o->sender : account.name;
}

/* "<a@b>" is a@b. */
static struct span
bare(struct span sender)
{
	sender = span_trim(sender);
	if (span_starts(sender, "<") && span_ends(sender, ">"))
		sender =
		    span_trim(span_head(span_skip(sender, 1), sender.n - 2));
	return sender;
}

static int
mode_send(const struct options *o, char **addresses)
{
	struct rcpts r = {
		.tool = &tool, .arena = arena_new(), .notify = o->notify
	};
	struct submit_begin b = {
		.envid = span_str(o->envid), .ret = o->ret, .flags = o->flags
	};
	int code;

	if (o->verp != NULL)
		b.verp = verp_delimiters(&tool, o->verp);
	/* both want to be told how it goes */
	if (o->mode == 'v')
		b.flags |= QUEUE_PROBE | QUEUE_TRACE;
	else if (o->verbose == 1)
		b.flags |= QUEUE_TRACE;
	b.sender = bare(span_str(sender_find(r.arena, o, &b.full_name)));
	if (span_has_break(b.sender) || b.sender.n > SENDMAIL_ADDRESS_MAX)
		tool_fatal(&tool, EX_USAGE,
		    "the sender has control characters, or is longer than %d "
		    "bytes",
		    SENDMAIL_ADDRESS_MAX);
	for (; *addresses != NULL; addresses++)
		rcpts_of(&r, span_str(*addresses));
	code = send_message(o, &b, &r);
	if (code == EX_OK && (b.flags & QUEUE_TRACE) != 0)
		printf("Mail Delivery Status Report will be mailed to <%.*s>."
		       "\n",
		    (int)b.sender.n, b.sender.p);
	return code;
}

static void
exec_with_config(const char *program, const char *option, const char *value)
{
	char *argv[6];
	size_t n = 0;
	char dash_c[] = "-c";

	argv[n++] = mem_str(program);
	argv[n++] = dash_c;
	argv[n++] = mem_str(tool.folder);
	if (option != NULL)
		argv[n++] = mem_str(option);
	if (value != NULL)
		argv[n++] = mem_str(value);
	argv[n] = NULL;
	tool_exec(&tool, program, argv);
}

/* Rebuild the alias tables: each in a process of its own. */
static int
mode_aliases(const struct options *o)
{
	struct span rest =
	    span_str(o->aliases != NULL ? o->aliases
					: tool_value(&tool, "alias_database"));
	struct span item;
	int code = EX_OK;

	while (span_word(&rest, ", \t", &item)) {
		pid_t pid = fork();
		int status = 0;

		if (pid == -1)
			tool_fatal(
			    &tool, EX_OSERR, "fork: %s", strerror(errno));
		if (pid == 0)
			exec_with_config("postalias", mem_span(item), NULL);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			code = EX_UNAVAILABLE;
	}
	return code;
}

/* -q and what stands behind it, where nothing else is asked for. */
static int
mode_queue(const struct options *o)
{
	if (o->queue[0] == 'I')
		exec_with_config("postqueue", "-i", o->queue + 1);
	if (o->queue[0] == 'R')
		exec_with_config("postqueue", "-s", o->queue + 1);
	if (o->queue[0] == '\0')
		exec_with_config("postqueue", "-f", NULL);
	return EX_OK; /* an interval: queue_run_delay has it */
}

static int
run(const struct options *o, char **addresses)
{
	switch (o->mode) {
	case 'p':
		exec_with_config("postqueue", "-p", NULL);
		break;
	case 'i':
		return mode_aliases(o);
	case 'd':
	case 'l':
		exec_with_config("facteur", "start", NULL);
		break;
	case 's':
		return smtp_serve(&tool);
	case 'h':
	case 'H':
		return EX_OK; /* there is no record of hosts */
	default:
		break;
	}
	return o->queue != NULL ? mode_queue(o) : mode_send(o, addresses);
}

/* -C: the folder, or the main.cf in it. */
static char *
folder_of(const char *given)
{
	struct span path = span_str(given);

	if (span_ends(path, "/main.cf"))
		path = span_head(path, path.n - strlen("/main.cf"));
	return mem_span(path);
}

int
main(int argc, char **argv)
{
	struct options o = { .mode = 'm', .envid = "" };
	const char *name = strrchr(argv[0], '/');

	tool.name = name == NULL ? argv[0] : name + 1;
	if (strcmp(tool.name, "mailq") == 0)
		o.mode = 'p';
	else if (strcmp(tool.name, "newaliases") == 0)
		o.mode = 'i';
	options_read(&tool, &o, argc, argv);
	tool_open(&tool, argv[0],
	    o.config_dir == NULL ? NULL : folder_of(o.config_dir));
	return run(&o, argv + optind);
}
