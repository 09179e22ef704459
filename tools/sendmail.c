/*
 * sendmail.c - the command by which programs send mail; also mailq, newaliases
 *
 * The message goes to pickup's socket; while the system is down it goes to
 * postdrop, which leaves it in maildrop/. Nothing is kept in memory but the
 * header, and that only where -t asks for its recipients. Exit codes are those
 * of sysexits.h: 75 means that the caller should try again.
 */

#include <errno.h>
#include <fcntl.h>
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
#include "ipc/ask.h"
#include "message/address.h"
#include "message/header.h"
#include "os/file.h"
#include "os/users.h"
#include "service/tool.h"

enum { CHUNK = 45000, HEADER_MOST = 4 * 1024 * 1024, RCPTS_MAX = 10000 };

static struct tool tool;

/* What the options say. */
struct options {
	const char *config_dir, *sender, *full_name;
	const char *envid;
	unsigned notify, ret, flags;
	bool from_header; /* -t */
	bool dots; /* -i: a lone dot ends nothing */
	int mode; /* of -b: 'm', 'p', 'i', ... */
	bool verbose;
};

/* Where the message goes: pickup's socket, or postdrop's standard input. */
struct target {
	int fd;
	pid_t postdrop; /* 0: the socket */
	struct packet_out out;
};

/* Standard input, LF line ends, up to its end or a lone dot. */
struct input {
	bool dots, at_start, ended, had_dot, had_cr;
	char raw[CHUNK / 2];
};

static int
fail(struct why *why)
{
	fprintf(stderr, "%s: %s\n", tool.name, why_text(why));
	return why->outcome == DEFER ? EX_TEMPFAIL : EX_DATAERR;
}

static void
target_open(struct target *t)
{
	int pipe_fds[2];

	t->fd = tool_connect(&tool, "pickup");
	if (t->fd != -1)
		return;
	if (pipe2(pipe_fds, O_CLOEXEC) == -1 || (t->postdrop = fork()) == -1)
		tool_fatal(&tool, EX_OSERR, "%s", strerror(errno));
	if (t->postdrop == 0) {
		char name[] = "postdrop", dash_c[] = "-c";
		char *dir = mem_str(tool.folder);
		char *argv[] = { name, dash_c, dir, NULL };

		if (strcmp(dir, "/etc/facteur") == 0)
			argv[1] = NULL; /* a setgid program takes no -c */
		if (dup2(pipe_fds[0], STDIN_FILENO) == -1)
			_exit(EX_OSERR);
		tool_exec(&tool, "postdrop", argv);
	}
	close(pipe_fds[0]);
	t->fd = pipe_fds[1];
}

static void
put(struct target *t)
{
	if (packet_send(t->fd, &t->out) == -1)
		tool_fatal(&tool, EX_TEMPFAIL, "pickup: %s", strerror(errno));
}

static void
drop_line(struct buf *out, const char *name, struct span value)
{
	if (span_has_break(value))
		tool_fatal(&tool, EX_USAGE, "control characters in %s", name);
	buf_printf(out, "%s=", name);
	buf_add_span(out, value);
	buf_add_byte(out, '\n');
}

static void
pipe_write(struct target *t, struct span bytes)
{
	if (file_write(t->fd, bytes) == -1)
		tool_fatal(&tool, EX_TEMPFAIL, "postdrop: %s", strerror(errno));
}

static void
drop_envelope(struct target *t, const struct submit_begin *b,
    const struct queue_rcpt *rcpts, size_t count)
{
	struct buf text = BUF_EMPTY;

	buf_add_str(&text, "FDROP1\n");
	drop_line(&text, "sender", b->sender);
	drop_line(&text, "full_name", b->full_name);
	for (size_t i = 0; i < count; i++)
		drop_line(&text, "rcpt", rcpts[i].address);
	buf_add_byte(&text, '\n');
	pipe_write(t, buf_span(&text));
	buf_free(&text);
}

static void
target_begin(struct target *t, const struct submit_begin *b,
    const struct queue_rcpt *rcpts, size_t count)
{
	if (t->postdrop != 0) {
		drop_envelope(t, b, rcpts, count);
		return;
	}
	submit_begin_put(&t->out, b);
	put(t);
	for (size_t i = 0; i < count; i += QUEUE_RCPTS_PACKET) {
		size_t n = count - i < QUEUE_RCPTS_PACKET ? count - i
							  : QUEUE_RCPTS_PACKET;

		submit_rcpts_put(&t->out, rcpts + i, n);
		put(t);
	}
}

static void
target_data(struct target *t, struct span bytes)
{
	while (bytes.n > 0) {
		struct span part = span_head(bytes, CHUNK);

		if (t->postdrop != 0) {
			pipe_write(t, part);
		} else {
			submit_data_put(&t->out, part);
			put(t);
		}
		bytes = span_skip(bytes, part.n);
	}
}

static int
postdrop_end(struct target *t)
{
	int status;

	close(t->fd);
	while (waitpid(t->postdrop, &status, 0) == -1)
		if (errno != EINTR)
			return EX_OSERR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_TEMPFAIL;
}

static int
target_end(struct target *t)
{
	struct packet_in in = { .bad = false };
	struct span qid;
	struct why why;
	int code = EX_OK;

	if (t->postdrop != 0)
		return postdrop_end(t);
	why_init(&why);
	submit_end_put(&t->out);
	if (ask(t->fd, &t->out, &in) == -1)
		why_set(&why, "4.3.0", "no answer from pickup: %s",
		    strerror(errno));
	else if (!submit_done_get(&in, &why, &qid))
		why_set(&why, "4.3.0", "malformed answer from pickup");
	if (why.outcome != DONE)
		code = fail(&why);
	why_free(&why);
	packet_in_done(&in);
	packet_done(&t->out);
	close(t->fd);
	return code;
}

/* Append the next input to out, CRLF made LF. False at the end. */
static bool
input_more(struct input *in, struct buf *out)
{
	ssize_t n =
	    in->ended ? 0 : read(STDIN_FILENO, in->raw, sizeof(in->raw));

	if (n == -1 && errno == EINTR)
		return true;
	if (n == -1)
		tool_fatal(&tool, EX_IOERR, "read: %s", strerror(errno));
	if (n == 0)
		in->ended = true;
	for (ssize_t i = 0; i < n && !in->ended; i++) {
		char c = in->raw[i];

		if (in->had_cr && c != '\n')
			buf_add_byte(out, '\r');
		in->had_cr = c == '\r';
		if (in->had_dot && c == '\n') {
			in->ended = true; /* a dot alone on its line */
			break;
		}
		if (in->had_dot && c != '\r') {
			buf_add_byte(out, '.');
			in->had_dot = false;
		}
		if (in->at_start && c == '.' && in->dots) {
			in->had_dot = true;
			in->at_start = false;
			continue;
		}
		if (c != '\r')
			buf_add_byte(out, c);
		in->at_start = c == '\n';
	}
	return !in->ended;
}

/* -t: fields that name recipients; those of a resent message come first. */
static bool
names_rcpts(struct span name, bool resent)
{
	if (resent)
		return span_iis(name, "Resent-To") ||
		    span_iis(name, "Resent-Cc") || span_iis(name, "Resent-Bcc");
	return span_iis(name, "To") || span_iis(name, "Cc") ||
	    span_iis(name, "Bcc");
}

struct rcpts {
	struct arena *arena;
	struct queue_rcpt *list;
	size_t count;
	unsigned notify;
};

static void
rcpt_add(struct rcpts *r, struct span address)
{
	if (address.n == 0)
		return;
	if (r->count == RCPTS_MAX)
		tool_fatal(
		    &tool, EX_USAGE, "more than %d recipients", RCPTS_MAX);
	r->list = mem_resize(r->list, r->count + 1, sizeof(*r->list));
	r->list[r->count++] =
	    (struct queue_rcpt){ .address = arena_span(r->arena, address),
		    .notify = r->notify };
}

/* The addresses of a list, as a header or a command line has them. */
static void
rcpts_of(struct rcpts *r, struct span value)
{
	struct address_list found;

	address_list_parse(r->arena, value, &found);
	for (size_t i = 0; i < found.count; i++) {
		const struct address_entry *e = &found.list[i];
		struct buf text = BUF_EMPTY;

		if (e->kind != ADDRESS_MAILBOX)
			continue;
		address_quote(&text, e->local);
		if (e->domain.n > 0) {
			buf_add_byte(&text, '@');
			buf_add_span(&text, e->domain);
		}
		rcpt_add(r, buf_span(&text));
		buf_free(&text);
	}
}

/* Take recipients from the header in *text and the Bcc fields out of it. */
static void
header_rcpts(struct rcpts *r, struct buf *text)
{
	struct span rest = buf_span(text);
	struct header_field f;
	struct buf kept = BUF_EMPTY;
	bool resent = header_count(rest, "Resent-To") +
		header_count(rest, "Resent-Cc") +
		header_count(rest, "Resent-Bcc") >
	    0;

	while (header_next(&rest, &f)) {
		if (names_rcpts(f.name, resent))
			rcpts_of(r, f.value);
		if (!span_iis(f.name, "Bcc") && !span_iis(f.name, "Resent-Bcc"))
			buf_add_span(&kept, f.all);
	}
	/* the empty line and what was read behind it */
	if (header_end(buf_span(text)) > 0)
		buf_add_byte(&kept, '\n');
	buf_add_span(&kept, rest);
	buf_free(text);
	*text = kept;
}

static bool
has_header_end(const struct buf *b)
{
	struct span all = buf_span(b);

	return span_starts(all, "\n") || span_search(all, SPAN("\n\n")) < all.n;
}

static int
send_message(
    const struct options *o, const struct submit_begin *b, struct rcpts *r)
{
	struct input *in = mem_new(sizeof(*in));
	struct target t = { .fd = -1 };
	struct buf text = BUF_EMPTY;
	int code;

	in->dots = !o->dots;
	in->at_start = true;
	if (o->from_header) {
		while (!has_header_end(&text) && input_more(in, &text))
			if (text.n > HEADER_MOST)
				tool_fatal(&tool, EX_DATAERR,
				    "the header is larger than %d bytes",
				    HEADER_MOST);
		header_rcpts(r, &text);
	}
	if (r->count == 0)
		tool_fatal(&tool, EX_USAGE,
		    o->from_header
			? "No recipient addresses found in message header"
			: "Recipient addresses must be specified on the "
			  "command line or via the -t option");
	target_open(&t);
	target_begin(&t, b, r->list, r->count);
	do {
		target_data(&t, buf_span(&text));
		buf_clear(&text);
	} while (input_more(in, &text));
	target_data(&t, buf_span(&text));
	code = target_end(&t);
	buf_free(&text);
	free(in);
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
	if (span_has_break(*full_name))
		*full_name = SPAN("");
	return o->sender != NULL ? o->sender : account.name;
}

static int
mode_send(const struct options *o, char **addresses)
{
	struct rcpts r = { .arena = arena_new(), .notify = o->notify };
	struct submit_begin b = {
		.envid = span_str(o->envid), .ret = o->ret, .flags = o->flags
	};

	b.sender = span_str(sender_find(r.arena, o, &b.full_name));
	if (span_is(b.sender, "<>"))
		b.sender = SPAN("");
	if (span_has_break(b.sender))
		tool_fatal(&tool, EX_USAGE, "control characters in the sender");
	for (; *addresses != NULL; addresses++)
		rcpts_of(&r, span_str(*addresses));
	return send_message(o, &b, &r);
}

static unsigned
notify_parse(const char *text)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = { { "never", NOTIFY_NEVER }, { "success", NOTIFY_SUCCESS },
		{ "failure", NOTIFY_FAILURE }, { "delay", NOTIFY_DELAY } };
	struct span rest = span_str(text), word;
	unsigned got = 0;

	while (span_word(&rest, ", ", &word)) {
		unsigned bit = 0;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (span_iis(word, words[i].word))
				bit = words[i].bit;
		if (bit == 0)
			tool_fatal(
			    &tool, EX_USAGE, "-N %s: unknown word", text);
		got |= bit;
	}
	return got;
}

static void
option_take(struct options *o, int option)
{
	if (strchr("GnmhLxU", option) != NULL)
		return; /* sendmail's, without a meaning here */
	switch (option) {
	case 'B':
		if (strcmp(optarg, "8BITMIME") == 0)
			o->flags |= QUEUE_8BIT;
		break;
	case 'C':
		o->config_dir = optarg;
		break;
	case 'F':
		o->full_name = optarg;
		break;
	case 'f':
	case 'r':
		o->sender = optarg;
		break;
	case 'I':
		o->mode = 'i';
		break;
	case 'i':
		o->dots = true;
		break;
	case 'N':
		o->notify = notify_parse(optarg);
		break;
	case 'o': /* -oi; every other -oX is passed over */
		if (optarg[0] == 'i')
			o->dots = true;
		break;
	case 'q':
		o->mode = 'q';
		break;
	case 'R':
		o->ret = strcmp(optarg, "hdrs") == 0 ? RET_HDRS : RET_FULL;
		break;
	case 'b':
		o->mode = optarg[0];
		break;
	case 't':
		o->from_header = true;
		break;
	case 'V':
		o->envid = optarg;
		break;
	case 'v':
		o->verbose = true;
		break;
	default:
		fprintf(stderr,
		    "usage: sendmail [-t] [-i] [-f sender] [-F name] [-bm|-bp|"
		    "-bi] [-q] [address...]\n");
		exit(EX_USAGE);
	}
}

static void
exec_with_config(const char *program, const char *option)
{
	char *argv[6];
	size_t n = 0;
	char dash_c[] = "-c";

	argv[n++] = mem_str(program);
	argv[n++] = dash_c;
	argv[n++] = mem_str(tool.folder);
	if (option != NULL)
		argv[n++] = mem_str(option);
	argv[n] = NULL;
	tool_exec(&tool, program, argv);
}

/* Rebuild the alias tables: each in a process of its own. */
static int
mode_aliases(void)
{
	struct span rest = span_str(tool_value(&tool, "alias_database")), item;
	int code = EX_OK;

	while (span_word(&rest, ", \t", &item)) {
		pid_t pid = fork();
		int status = 0;

		if (pid == -1)
			tool_fatal(
			    &tool, EX_OSERR, "fork: %s", strerror(errno));
		if (pid == 0) {
			char *table = mem_span(item);

			exec_with_config("postalias", table);
		}
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			code = EX_UNAVAILABLE;
	}
	return code;
}

static int
run(const struct options *o, char **addresses)
{
	switch (o->mode) {
	case 'm':
		return mode_send(o, addresses);
	case 'p':
		exec_with_config("postqueue", "-p");
		break;
	case 'q':
		exec_with_config("postqueue", "-f");
		break;
	case 'i':
	case 'I':
		return mode_aliases();
	case 'd':
	case 'D':
	case 'l':
		tool_fatal(&tool, EX_USAGE,
		    "the mail system is started by \"facteur start\"");
	case 's':
		tool_fatal(&tool, EX_UNAVAILABLE,
		    "-bs is not available: connect to port 25 of localhost");
	case 'v':
		tool_fatal(&tool, EX_UNAVAILABLE,
		    "-bv is not available: use \"facteur trace ADDRESS\" or "
		    "\"postmap -q\"");
	default:
		tool_fatal(&tool, EX_USAGE, "unsupported: -b%c", o->mode);
	}
	return EX_USAGE;
}

int
main(int argc, char **argv)
{
	struct options o = { .mode = 'm', .envid = "" };
	const char *name = strrchr(argv[0], '/');
	int option;

	name = name == NULL ? argv[0] : name + 1;
	tool.name = name;
	if (strcmp(name, "mailq") == 0)
		o.mode = 'p';
	else if (strcmp(name, "newaliases") == 0)
		o.mode = 'i';
	while ((option = getopt(
		    argc, argv, "B:C:F:GILN:R:UV:b:f:h:imno:q::r:tvx")) != -1)
		option_take(&o, option);
	tool_open(&tool, argv[0], o.config_dir);
	return run(&o, argv + optind);
}
