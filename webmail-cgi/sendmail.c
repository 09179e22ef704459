/*
 * sendmail.c - $useSendmail: mail goes to a command of the administrator's
 *
 * The process that reads mail may start nothing, so another one is made before
 * it gives up its rights. That one waits for a message and runs the command of
 * config.php: not by a shell, with the recipients behind "--", and without -t,
 * since they are told and the message has no Bcc.
 *
 * To it: the message's length, the sender, the recipients and an empty one,
 * each ended by NUL, then the message. Back: the command's exit code as one
 * byte.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/number.h"
#include "base/why.h"
#include "calls/queue_call.h"
#include "os/file.h"
#include "os/sock.h"
#include "webmail-cgi/webmail.h"

enum { MESSAGE_MAX = 64 << 20, ARGS_MAX = 800 };

struct command {
	struct arena *arena;
	char *args[ARGS_MAX + 1];
	size_t count;
};

static bool
add(struct command *c, const char *text)
{
	if (c->count == ARGS_MAX)
		return false;
	c->args[c->count++] = arena_str(c->arena, text);
	return true;
}

static bool
add_given(struct command *c, const struct webmail *w)
{
	struct span rest = span_str(w->conf.sendmail_args), word;

	while (span_word(&rest, " \t", &word))
		if (!span_is(word, "-t") &&
		    !add(c, arena_span_str(c->arena, word)))
			return false;
	return true;
}

/* The command from what came; rest becomes the message. */
static bool
command_make(struct command *c, const struct webmail *w, struct span *rest)
{
	struct span one;
	uint64_t length;
	bool good = add(c, w->conf.sendmail_path) && add_given(c, w) &&
	    span_cut(rest, '\0', &one) &&
	    number_parse(one, 0, MESSAGE_MAX, &length) &&
	    span_cut(rest, '\0', &one) &&
	    add(c, arena_printf(c->arena, "-f%.*s", (int)one.n, one.p)) &&
	    add(c, "--");

	while (good && span_cut(rest, '\0', &one) && one.n > 0)
		good = add(c, arena_span_str(c->arena, one));
	/* less came when the process that sends it has died */
	return good && rest->p != NULL && rest->n == length;
}

static void __attribute__((noreturn))
command_exec(struct command *c, struct span message)
{
	int fd = memfd_create("message", MFD_CLOEXEC);

	if (fd == -1 || file_write(fd, message) == -1 ||
	    lseek(fd, 0, SEEK_SET) == -1 || dup2(fd, STDIN_FILENO) == -1)
		_exit(EX_OSERR);
	execv(c->args[0], c->args);
	log_error(
	    "webmail: $sendmail_path %s: %s", c->args[0], strerror(errno));
	_exit(EX_UNAVAILABLE);
}

static unsigned char
command_run(const struct webmail *w, struct span input)
{
	struct command c = { .arena = arena_new() };
	int status = 0;
	pid_t pid;

	if (!command_make(&c, w, &input))
		return EX_DATAERR;
	pid = fork();
	if (pid == 0)
		command_exec(&c, input);
	if (pid == -1 || waitpid(pid, &status, 0) == -1)
		return EX_TEMPFAIL;
	return WIFEXITED(status) ? (unsigned char)WEXITSTATUS(status)
				 : EX_TEMPFAIL;
}

static void __attribute__((noreturn)) helper(const struct webmail *w, int fd)
{
	struct buf input = BUF_EMPTY;
	unsigned char code;

	/* the command's output is no answer to the browser */
	if (dup2(STDERR_FILENO, STDOUT_FILENO) == -1)
		_exit(1);
	if (file_read_all(fd, MESSAGE_MAX, &input) == -1 || input.n == 0)
		_exit(0); /* the page found a fault, and nothing is sent */
	code = command_run(w, buf_span(&input));
	_exit(write(fd, &code, 1) == 1 ? 0 : 1);
}

int
sendmail_start(const struct webmail *w)
{
	int pair[2];
	pid_t pid;

	if (sock_pair(SOCK_STREAM, false, pair) == -1)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(pair[0]);
		helper(w, pair[1]);
	}
	close(pair[1]);
	if (pid != -1)
		return pair[0];
	close(pair[0]);
	return -1;
}

void
sendmail_run(int fd, const struct sendmail_mail *m, struct why *why)
{
	struct buf out = BUF_EMPTY;
	unsigned char code = EX_TEMPFAIL;

	buf_printf(&out, "%zu", m->message.n);
	buf_add_byte(&out, '\0');
	buf_add_span(&out, m->sender);
	buf_add_byte(&out, '\0');
	for (size_t i = 0; i < m->count; i++) {
		buf_add_span(&out, m->rcpts[i].address);
		buf_add_byte(&out, '\0');
	}
	buf_add_byte(&out, '\0');
	buf_add_span(&out, m->message);
	if (fd == -1 || file_write(fd, buf_span(&out)) == -1 ||
	    shutdown(fd, SHUT_WR) == -1 || read(fd, &code, 1) != 1)
		log_error("webmail: no answer from $sendmail_path: %s",
		    strerror(errno));
	buf_free(&out);
	if (code == EX_OK) {
		why_set(why, "2.0.0", "sent");
		return;
	}
	why_set(why, code == EX_TEMPFAIL ? "4.3.0" : "5.3.0",
	    "$sendmail_path: exit code %u", code);
	log_error("webmail: %s", why_text(why));
}
