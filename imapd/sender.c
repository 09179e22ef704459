/*
 * sender.c - the process that sends what comes into the outbox
 *
 * The session may start nothing, so another process is made before it gives up
 * its rights. It is the user too, holds nothing of the session but one socket,
 * and parses nothing: a message comes as an open file, and goes to the standard
 * input of "SENDMAIL -oi -t -f SENDER", which is run by no shell, behind the
 * header HEADERFROM. Back goes the exit code.
 */

#include "imapd/sender.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "imapd/session.h"
#include "ipc/packet.h"
#include "os/file.h"
#include "os/sock.h"

#define CALL "outbox_send"

enum { SEND_SECONDS = 600, SOCKET = 3, PIECE = 65536 };

static char *
address_of(const struct imap_conf *conf, struct span user)
{
	bool whole = span_find(user, '@') < user.n;

	return mem_printf("%.*s%s%s", (int)user.n, user.p, whole ? "" : "@",
	    whole ? "" : conf->origin);
}

/* A header's value is a line of ASCII. */
static char *
header_of(const struct imap_conf *conf, const char *sender)
{
	char *value, *line;

	if (*conf->outbox_header == '\0')
		return mem_str("");
	value = mem_str(sender);
	for (char *p = value; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	line = mem_printf("%s: %s\n", conf->outbox_header, value);
	free(value);
	return line;
}

static void __attribute__((noreturn))
run(const struct imap_conf *conf, char *sender, int in)
{
	char *args[] = { mem_str(conf->sendmail), mem_str("-oi"), mem_str("-t"),
		mem_str("-f"), sender, NULL };

	sigset_t none;

	/* a program that hangs holds up nobody for ever */
	(void)alarm(SEND_SECONDS);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	if (dup2(in, STDIN_FILENO) == -1 ||
	    close_range(SOCKET, UINT_MAX, 0) == -1)
		_exit(EX_OSERR);
	execv(args[0], args);
	_exit(errno == ENOENT || errno == EACCES ? EX_UNAVAILABLE : EX_OSERR);
}

/* False when the program does not take it all: its exit code says why. */
static bool
feed(int out, const char *header, int fd)
{
	char *room = mem_resize(NULL, PIECE, 1);
	bool good = file_write(out, span_str(header)) == 0;
	uint64_t at = 0;

	while (good) {
		ssize_t n = pread(fd, room, PIECE, (off_t)at);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			good = n == 0;
			break;
		}
		good = file_write(out, span_of(room, (size_t)n)) == 0;
		at += (uint64_t)n;
	}
	free(room);
	return good;
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return EX_OSERR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EX_TEMPFAIL;
}

static int
send_one(const struct imap_conf *conf, char *sender, const char *header, int fd)
{
	int ends[2], code;
	pid_t pid;
	bool fed;

	if (pipe2(ends, O_CLOEXEC) == -1)
		return EX_OSERR;
	pid = fork();
	if (pid == 0)
		run(conf, sender, ends[0]);
	close(ends[0]);
	fed = pid != -1 && feed(ends[1], header, fd);
	/* the program must not take a part for the whole */
	if (pid != -1 && !fed && errno != EPIPE)
		(void)kill(pid, SIGKILL);
	close(ends[1]);
	if (pid == -1)
		return EX_OSERR;
	code = wait_for(pid);
	return code == EX_OK && !fed ? EX_TEMPFAIL : code;
}

static void
answer(int code)
{
	struct packet_out o = { .fd_count = 0 };

	packet_begin(&o, CALL, 0);
	packet_num(&o, "code", (uint64_t)code);
	if (packet_send(SOCKET, &o) == -1)
		_exit(0);
	packet_done(&o);
}

static void __attribute__((noreturn))
serve(const struct imap_conf *conf, char *sender)
{
	char *header = header_of(conf, sender);
	struct packet_in in = { .bad = false };

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL);
	while (packet_recv(SOCKET, &in) == PACKET_OK) {
		int fd;

		if (!span_is(in.call, CALL))
			break;
		fd = packet_in_fd(&in);
		if (!packet_in_end(&in))
			break;
		answer(send_one(conf, sender, header, fd));
		file_close(&fd);
	}
	_exit(0);
}

int
sender_start(const struct imap_conf *conf, struct span user)
{
	int pair[2];
	pid_t pid;

	if (sock_pair(SOCK_SEQPACKET, false, pair) == -1 ||
	    (pid = fork()) == -1) {
		log_error("OUTBOX: %s", strerror(errno));
		return -1;
	}
	if (pid == 0) {
		/* neither the client nor master may be waited for by it */
		if (dup2(pair[1], SOCKET) == -1 ||
		    close_range(SOCKET + 1, UINT_MAX, 0) == -1)
			_exit(1);
		serve(conf, address_of(conf, user));
	}
	close(pair[1]);
	return pair[0];
}

int
sender_send(int sender, int fd)
{
	struct packet_out o = { .fd_count = 0 };
	struct packet_in in = { .bad = false };
	int code = -1;

	packet_begin(&o, CALL, 0);
	packet_fd(&o, fd);
	if (packet_send(sender, &o) == 0 &&
	    packet_recv(sender, &in) == PACKET_OK && span_is(in.call, CALL)) {
		code = (int)packet_in_num(&in, "code", 255);
		if (!packet_in_end(&in))
			code = -1;
	}
	packet_in_done(&in);
	packet_done(&o);
	return code;
}
