/*
 * program.c - run a user's program: text in, text out, within limits
 *
 * Both pipes are served at once, so a program that writes before it has read
 * all cannot block us. At the time limit its process group gets SIGTERM and a
 * little later SIGKILL; nothing it left behind can hold a pipe for longer.
 */

#include "rules/program.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sock.h"
#include "rules/letter.h"

extern char **environ;

enum { READ_BYTES = 65536, GRACE_MS = 5000, NAP_MS = 20 };

struct running {
	struct program *p;
	pid_t pid;
	int in, out; /* our ends; -1 when done */
	int unread; /* the program's end of in, or -1 */
	size_t piece, offset; /* of the input: what is written next */
	int64_t until;
	bool asked_to_end;
};

/* ---- the child */

static void
limit(int what, uint64_t n)
{
	struct rlimit r;

	if (n == 0 || getrlimit(what, &r) == -1)
		return;
	if (r.rlim_max != RLIM_INFINITY && r.rlim_max < n)
		n = r.rlim_max;
	r.rlim_cur = r.rlim_max = n;
	(void)setrlimit(what, &r);
}

static void
apply_limits(const struct program_limits *l)
{
	if (l == NULL)
		return;
	limit(RLIMIT_CPU, l->cpu_s);
	limit(RLIMIT_DATA, l->memory);
	limit(RLIMIT_FSIZE, l->file_size);
	limit(RLIMIT_NPROC, l->processes);
	limit(RLIMIT_NOFILE, l->files);
}

static void
reset_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		if (s != SIGKILL && s != SIGSTOP)
			(void)signal(s, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* fd (or nothing) as descriptor number; all others close on exec. */
static void
take_descriptor(int fd, int number)
{
	int got = fd;

	if (got == -1)
		got = open("/dev/null", number == 0 ? O_RDONLY : O_WRONLY);
	if (got == number)
		(void)fcntl(got, F_SETFD, 0);
	else if (got == -1 || dup2(got, number) == -1)
		_exit(PROGRAM_NOT_RUN);
}

/* No more than write() may be used between fork and exec. */
static void
tell(const struct program *p, const char *what)
{
	const char *caller = p->caller == NULL ? "procmail" : p->caller;
	const char *parts[] = { caller, ": ", p->argv[0], ": ", what, "\n" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (write(STDERR_FILENO, parts[i], strlen(parts[i])) == -1)
			return;
}

/* A script without "#!": the shell reads it. */
static void
try_shell(char *const *argv)
{
	const char *args[128] = { "sh", argv[0] };
	size_t n = 2, room = sizeof(args) / sizeof(*args) - 1;

	for (size_t i = 1; argv[i] != NULL && n < room; i++)
		args[n++] = argv[i];
	(void)execv("/bin/sh", (char *const *)(const void *)args);
}

static void
child(const struct program *p, int in, int out)
{
	int err = p->error_to_output ? out : p->error_fd;

	reset_signals();
	if (p->wait)
		(void)setpgid(0, 0);
	/* A caller's descriptor may have one of the three numbers. */
	if (err != -1)
		err = fcntl(err, F_DUPFD_CLOEXEC, 10);
	if (out != -1)
		out = fcntl(out, F_DUPFD_CLOEXEC, 10);
	take_descriptor(in, STDIN_FILENO);
	take_descriptor(out, STDOUT_FILENO);
	take_descriptor(err, STDERR_FILENO);
	(void)close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	apply_limits(p->limits);
	environ = (char **)(void *)(uintptr_t)p->env;
	(void)execvp(p->argv[0], p->argv);
	if (errno == ENOEXEC)
		try_shell(p->argv);
	tell(p, errno == ENOENT ? "not found" : strerror(errno));
	_exit(errno == ENOENT ? PROGRAM_NOT_FOUND : PROGRAM_NOT_RUN);
}

/* ---- the parent */

static void
close_both(int pair[2])
{
	file_close(&pair[0]);
	file_close(&pair[1]);
}

static void
feed(struct running *r)
{
	const struct pieces *in = r->p->input;

	while (r->piece < in->count) {
		struct span s = span_skip(in->at[r->piece], r->offset);
		ssize_t n = write(r->in, s.p, s.n);

		if (n == -1 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n == -1) {
			r->p->write_failed = true;
			break;
		}
		r->offset += (size_t)n;
		if ((size_t)n == s.n) {
			r->piece++;
			r->offset = 0;
		}
	}
	file_close(&r->in);
}

/* Where all input is in the pipe its other end tells later how much of it was
 * never read. */
static void
keep_unread(struct running *r, int *end)
{
	if (r->in == -1 && r->p->wait) {
		r->unread = *end;
		*end = -1;
	}
	file_close(end);
}

static int
start(struct running *r)
{
	struct program *p = r->p;
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	sigset_t all, before;

	r->in = r->out = r->unread = -1;
	if (p->input != NULL && pipe2(in, O_CLOEXEC) == -1)
		return -1;
	if (p->output != NULL && pipe2(out, O_CLOEXEC) == -1) {
		close_both(in);
		return -1;
	}
	(void)fflush(NULL);
	/* What a pipe holds is in it before there is a reader: whether a
	 * program that does not read is an error is no matter of chance. */
	r->in = in[1];
	if (r->in != -1) {
		(void)sock_nonblock(r->in, true);
		feed(r);
	}
	/* No signal reaches the child while it has our handlers. */
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	r->pid = fork();
	if (r->pid == 0)
		child(p, in[0], p->output != NULL ? out[1] : p->output_fd);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	keep_unread(r, &in[0]);
	file_close(&out[1]);
	r->out = out[0];
	if (r->pid == -1) {
		file_close(&r->in);
		file_close(&r->out);
		file_close(&r->unread);
		return -1;
	}
	if (p->wait)
		(void)setpgid(r->pid, r->pid);
	return 0;
}

static void
drain(struct running *r)
{
	struct buf *out = r->p->output;
	ssize_t n = read(r->out, buf_room(out, READ_BYTES), READ_BYTES);

	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		file_close(&r->out);
		return;
	}
	out->n += (size_t)n;
	if (out->n > r->p->output_max && r->p->output_spills) {
		out->n = r->p->output_max;
	} else if (out->n > r->p->output_max) {
		r->p->output_cut = true;
		file_close(&r->out);
	}
}

/* First politely, then for good. */
static void
end_it(struct running *r)
{
	pid_t whom = r->p->wait ? -r->pid : r->pid;

	(void)kill(whom, r->asked_to_end ? SIGKILL : SIGTERM);
	if (r->asked_to_end) {
		file_close(&r->in);
		file_close(&r->out);
	}
	r->p->timed_out = r->asked_to_end = true;
	r->until = clock_ms() + GRACE_MS;
}

static int
time_left(struct running *r)
{
	int64_t left = r->until - clock_ms();
	bool stop = r->p->stop != NULL && *r->p->stop != 0;

	if (left <= 0 || (stop && !r->asked_to_end)) {
		end_it(r);
		left = GRACE_MS;
	}
	return left > 60000 ? 60000 : (int)left;
}

/* True when there is more to do. */
static bool
serve_pipes(struct running *r)
{
	struct pollfd fds[2] = { { .fd = r->in, .events = POLLOUT },
		{ .fd = r->out, .events = POLLIN } };

	if (r->in == -1 && r->out == -1)
		return false;
	if (poll(fds, 2, time_left(r)) <= 0)
		return true;
	if (r->in != -1 && fds[0].revents != 0)
		feed(r);
	if (r->out != -1 && fds[1].revents != 0)
		drain(r);
	return true;
}

static void
wait_end(struct running *r)
{
	struct pollfd end = { .fd = pidfd_open(r->pid, 0), .events = POLLIN };
	int status = 0, left;
	pid_t got;

	while ((got = waitpid(r->pid, &status, WNOHANG)) == 0) {
		left = time_left(r);
		if (end.fd == -1 && left > NAP_MS) /* a kernel before 5.3 */
			left = NAP_MS;
		(void)poll(&end, 1, left);
	}
	file_close(&end.fd);
	if (got == -1)
		r->p->status = PROGRAM_NOT_RUN;
	else
		r->p->status = WIFSIGNALED(status) ? -WTERMSIG(status)
						   : WEXITSTATUS(status);
}

static bool
is_unread(struct running *r)
{
	int n = 0;

	if (r->unread == -1)
		return false;
	if (ioctl(r->unread, FIONREAD, &n) == -1)
		n = 0;
	file_close(&r->unread);
	return n > 0;
}

void
program_run(struct program *p)
{
	struct running r = { .p = p, .until = clock_ms() + p->limit_ms };

	p->status = 0;
	p->not_started = p->write_failed = p->timed_out = p->output_cut = false;
	if (start(&r) == -1) {
		p->not_started = true;
		p->status = PROGRAM_NOT_RUN;
		return;
	}
	p->pid = r.pid;
	while (serve_pipes(&r))
		;
	if (p->output_cut)
		end_it(&r);
	if (p->wait)
		wait_end(&r);
	p->left_unread = is_unread(&r) || p->write_failed;
}

bool
program_reap(void)
{
	pid_t got;

	do
		got = waitpid(-1, NULL, WNOHANG);
	while (got > 0);
	return got == 0;
}
