/*
 * request_child.c - the request is read by a child that can do nothing
 *
 * What comes from the network is taken apart in a process of its own, which
 * holds one pipe and the log, and may neither open, connect nor signal
 * anything. Who takes it over wins the right to say what he could have sent in
 * the first place: request_unpack() believes no more than that.
 */

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "os/file.h"
#include "os/sandbox.h"
#include "webmail-cgi/request.h"

enum { CPU_S = 20, PACKED_MAX = REQUEST_BODY_MAX + (1 << 20) };

static void __attribute__((noreturn))
child(const struct request_job *job, int fd)
{
	struct rlimit cpu = { CPU_S, CPU_S };
	struct buf packed = BUF_EMPTY;
	struct request r;
	enum request_result got;

	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	(void)setrlimit(RLIMIT_CPU, &cpu);
	if (sandbox_enter(SANDBOX_PARSE, job->strict) == -1) {
		log_error(
		    "webmail: cannot enter the sandbox: %s", strerror(errno));
		_exit(1);
	}
	got = request_parse(job->arena, job->env, job->body, &r);
	request_pack(&packed, got, &r);
	_exit(file_write(fd, buf_span(&packed)) == 0 ? 0 : 1);
}

static bool
ended_well(pid_t pid)
{
	int status = 0;
	pid_t got;

	do
		got = waitpid(pid, &status, 0);
	while (got == -1 && errno == EINTR);
	if (got == pid && status == 0)
		return true;
	if (got == pid && WIFSIGNALED(status))
		log_warning("webmail: a request ended its reader by signal %d",
		    WTERMSIG(status));
	return false;
}

enum request_result
request_by_child(
    const struct request_job *job, struct buf *packed, struct request *out)
{
	enum request_result result = REQUEST_BAD;
	int pipes[2], got;
	pid_t pid;

	if (pipe(pipes) == -1)
		log_fatal("webmail: pipe: %s", strerror(errno));
	pid = fork();
	if (pid == -1)
		log_fatal("webmail: fork: %s", strerror(errno));
	if (pid == 0) {
		close(pipes[0]);
		child(job, pipes[1]);
	}
	close(pipes[1]);
	got = file_read_all(pipes[0], PACKED_MAX, packed);
	close(pipes[0]);
	if (!ended_well(pid) || got == -1 ||
	    !request_unpack(job->arena, buf_span(packed), &result, out)) {
		*out = (struct request){ .method = METHOD_GET };
		return REQUEST_BAD;
	}
	return result;
}
