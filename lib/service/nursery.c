/*
 * nursery.c - a parent that forks a process for each client
 *
 * The children share one end of a socket pair of which the parent holds the
 * other: it ends for all of them when the parent stops, or dies.
 */

#include "service/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "calls/start_call.h"
#include "ipc/packet.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sock.h"

enum {
	LISTENERS_MOST = START_LISTENERS_MAX,
	AGAIN_MS = 200, /* after a fork that failed */
	QUIET_MS = 60000,
	FD_CLIENT = FD_LISTEN
};

struct nursery {
	struct nursery_conf conf;
	int tether[2]; /* ours, the children's */
	struct {
		int fd;
		struct loop_io *io;
	} listeners[LISTENERS_MOST];
	size_t count;
	int waiting; /* accepted, and could not fork for it; or -1 */
	struct loop_timer *again;
	struct loop_signal *ended;
	unsigned children;
	int64_t quiet_until;
	bool closed;
};

static void
watch(struct nursery *n)
{
	bool more = n->children < n->conf.most && n->waiting == -1;

	for (size_t i = 0; i < n->count; i++)
		if (n->listeners[i].io != NULL)
			loop_io_want(n->listeners[i].io, more ? LOOP_READ : 0);
}

static int
serve(const struct nursery *n)
{
	struct packet_in in = { .bad = false };
	int status;

	if (sock_nonblock(FD_CLIENT, false) == -1 ||
	    packet_recv(FD_CLIENT, &in) != PACKET_OK)
		return 0; /* the caller gave up */
	close(FD_CLIENT); /* tells the caller that its client was taken */
	status = n->conf.serve(&in);
	packet_in_done(&in);
	return status;
}

/* Nothing of ours is to be done at the end of a child, and what libraries have
 * registered costs a page each to learn that. */
static void
child_exit(int status)
{
#ifdef FACTEUR_SANITIZED
	exit(status); /* looks for leaks */
#else
	_exit(status);
#endif
}

/* What the parent has open is none of the child's business. */
static void
child(const struct nursery *n, int fd)
{
	signal(SIGCHLD, SIG_DFL);
	if (dup3(n->tether[1], FD_CONTROL, O_CLOEXEC) == -1 ||
	    dup3(fd, FD_CLIENT, O_CLOEXEC) == -1 ||
	    close_range(FD_CLIENT + 1, ~0U, 0) == -1)
		log_fatal(
		    "%s: descriptors: %s", n->conf.label, strerror(errno));
	child_exit(serve(n));
}

/* An administrator should know why clients wait; once a minute is enough. */
static void
full_tell(struct nursery *n)
{
	if (n->children < n->conf.most || clock_ms() < n->quiet_until)
		return;
	n->quiet_until = clock_ms() + QUIET_MS;
	log_warning(
	    "%s: %u clients at once, the most that maxproc in master.cf "
	    "(or MAXDAEMONS) allows: others wait",
	    n->conf.label, n->children);
}

/* Takes fd over. */
static void
birth(struct nursery *n, int fd)
{
	pid_t pid;

	/* fd must not lie where the child wants another */
	must(fd > FD_CLIENT && n->tether[1] > FD_CLIENT);
	pid = fork();
	if (pid == 0)
		child(n, fd);
	if (pid == -1) {
		log_warning("%s: fork: %s", n->conf.label, strerror(errno));
		n->waiting = fd;
		loop_timer_set(n->again, AGAIN_MS);
	} else {
		n->children++;
		close(fd);
		full_tell(n);
	}
	watch(n);
}

static void
try_again(void *arg)
{
	struct nursery *n = arg;
	int fd = n->waiting;

	n->waiting = -1;
	birth(n, fd);
}

static void
called(void *arg, unsigned ready)
{
	struct nursery *n = arg;

	(void)ready;
	for (size_t i = 0; i < n->count; i++) {
		int fd = -1;

		if (n->children < n->conf.most && n->waiting == -1)
			fd = sock_accept(n->listeners[i].fd, NULL);
		if (fd != -1)
			birth(n, fd);
	}
}

static void
tell_end(const struct nursery *n, pid_t pid, int status)
{
	if (WIFSIGNALED(status))
		log_warning("process %s pid %d killed by signal %d",
		    n->conf.label, (int)pid, WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		log_warning("process %s pid %d exit status %d", n->conf.label,
		    (int)pid, WEXITSTATUS(status));
}

static void
reap(void *arg)
{
	struct nursery *n = arg;
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		tell_end(n, pid, status);
		n->children--;
	}
	if (n->closed && n->children == 0)
		n->conf.empty();
	else
		watch(n);
}

struct nursery *
nursery_new(const struct nursery_conf *conf)
{
	struct nursery *n = mem_new(sizeof(*n));

	n->conf = *conf;
	n->waiting = -1;
	n->again = loop_timer_new(conf->loop, try_again, n);
	n->ended = loop_signal_new(conf->loop, SIGCHLD, reap, n);
	if (sock_pair(SOCK_SEQPACKET, true, n->tether) == -1)
		log_fatal("%s: socketpair: %s", conf->label, strerror(errno));
	return n;
}

void
nursery_listen(struct nursery *n, int fd)
{
	must(n->count < LISTENERS_MOST);
	n->listeners[n->count].fd = fd;
	n->listeners[n->count].io =
	    loop_io_new(n->conf.loop, fd, LOOP_READ, called, n);
	n->count++;
}

void
nursery_close(struct nursery *n, bool stop)
{
	for (size_t i = 0; i < n->count; i++)
		loop_io_free(&n->listeners[i].io);
	n->closed = true;
	if (stop)
		file_close(&n->tether[0]);
	if (n->children == 0 && n->waiting == -1)
		n->conf.empty();
}
