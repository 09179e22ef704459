/*
 * child.c - one process that master started
 *
 * Between fork and exec the child only moves descriptors to the places that
 * calls/start_call.h fixes; everything else it needs lies in the packet that
 * waits on its control socket. A program that dies at once is started again
 * after 1 s, then 2, 4 and so on up to service_throttle_time; one that served
 * for a while, at once.
 */

#include "master/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/start_call.h"
#include "config/param.h"
#include "ipc/link.h"
#include "master/conf.h"
#include "master/master.h"
#include "master/roles.h"
#include "master/row.h"
#include "os/clock.h"
#include "os/loop.h"
#include "os/sock.h"

enum { BACK_OFF_FIRST = 1000, SERVED_MS = 10000, ENVIRONMENT_MAX = 64 };

/* Put descriptors at 3, 4, 5...; all else closes at exec. */
static void
descriptors_place(const struct row *r, int control)
{
	int fds[START_LISTENERS_MAX + 2];
	size_t n = 0;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	fds[n++] = control;
	fds[n++] = r->master->log_fd;
	for (size_t i = 0; i < r->listener_count; i++)
		fds[n++] = r->listeners[i].fd;
	/* first out of the way, so that no target is still a source */
	for (size_t i = 0; i < n; i++)
		fds[i] = fcntl(fds[i] == -1 ? null : fds[i], F_DUPFD_CLOEXEC,
		    FD_LISTEN + START_LISTENERS_MAX);
	for (size_t i = 0; i < n; i++)
		if (dup2(fds[i], FD_CONTROL + (int)i) == -1)
			_exit(71);
	if (dup2(null, STDIN_FILENO) == -1 || dup2(null, STDOUT_FILENO) == -1)
		_exit(71);
	/* what the tables leave between would reach the program by mistake */
	for (int fd = FD_CONTROL + (int)n; fd < FD_LISTEN + START_LISTENERS_MAX;
	     fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* import_environment: of each name what master has, of NAME=VALUE that. */
static void
environment_make(const char *words, char **environment)
{
	static char path[] = "PATH=/usr/bin:/bin:/usr/sbin:/sbin";
	struct span rest = span_str(words), word;
	const char *asan = getenv("ASAN_OPTIONS");
	size_t n = 0;

	while (n < ENVIRONMENT_MAX && param_list_next(&rest, &word)) {
		char *name = mem_span(param_item_bare(word));
		const char *value = getenv(name);

		if (strchr(name, '=') != NULL)
			environment[n++] = name;
		else if (value != NULL)
			environment[n++] = mem_printf("%s=%s", name, value);
	}
	environment[n++] = path;
	if (asan != NULL)
		environment[n++] = mem_printf("ASAN_OPTIONS=%s", asan);
	environment[n] = NULL;
}

static void
run_program(const struct row *r, int control)
{
	char *environment[ENVIRONMENT_MAX + 3];
	char *path, *arg;
	char *argv[3];
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	setsid();
	descriptors_place(r, control);
	environment_make(r->master->conf->import_environment, environment);
	path = mem_printf(
	    "%s/%s", r->master->conf->daemon_directory, r->role->program);
	argv[0] = path;
	arg = mem_printf("(%s)", r->name);
	argv[1] = arg;
	argv[2] = NULL;
	execve(path, argv, environment);
	_exit(72);
}

static void
start_send(const struct row *r, int control)
{
	const struct master *m = r->master;
	const struct role *role = r->role;
	struct arena *a = arena_new();
	struct packet_out o = { .fd_count = 0 };
	struct start_listener *listeners =
	    arena_array(a, r->listener_count, sizeof(*listeners));
	struct span *overrides =
	    arena_array(a, r->override_count, sizeof(*overrides));
	const char *queue = m->conf->queue_directory;
	struct start_call s = { .name = span_str(r->name),
		.transport = span_str(r->type),
		.config_dir = span_str(m->config_dir),
		.queue_dir = span_str(queue),
		.uid = m->accounts.uid[role->account],
		.gid = m->accounts.gid[role->account],
		.log_is_file = m->log_is_file,
		.metrics = r->metrics_fd,
		.verbose = m->verbose + r->verbose,
		.process_limit = (unsigned)r->forks_max,
		.listener_count = r->listener_count,
		.listeners = listeners,
		.override_count = r->override_count,
		.overrides = overrides };

	for (size_t i = 0; i < r->listener_count; i++)
		listeners[i] =
		    (struct start_listener){ span_str(r->listeners[i].label),
			    r->listeners[i].inet, r->listeners[i].stream };
	for (size_t i = 0; i < r->override_count; i++)
		overrides[i] = span_str(r->overrides[i]);
	if (role->jail == JAIL_OWN) {
		s.jail = span_str(
		    arena_printf(a, "%s/jail/%s", queue, role->program));
	} else {
		s.sockets = span_str(arena_printf(a, "%s/jail/%s",
		    role->jail == JAIL_SPOOL ? "" : queue, role->program));
		if (role->jail == JAIL_SPOOL)
			s.jail = span_str(queue);
	}
	start_put(&o, &s);
	if (packet_send(control, &o) == -1)
		log_warning("%s: cannot send its start packet: %s",
		    row_label(r), strerror(errno));
	packet_done(&o);
	arena_free(&a);
}

static void
control_came(void *arg, struct packet_in *in)
{
	struct child *c = arg;

	if (in == NULL) {
		link_free(&c->control); /* SIGCHLD tells the rest */
		return;
	}
	c->ready = start_ready_get(in);
	if (!c->ready) {
		log_warning("%s: not a state; closing", c->label);
		link_free(&c->control);
	}
}

void
child_start(struct row *r)
{
	struct child *c;
	int pair[2];
	pid_t pid;

	if (sock_pair(SOCK_SEQPACKET, true, pair) == -1) {
		log_warning(
		    "%s: socketpair: %s", row_label(r), strerror(errno));
		return;
	}
	start_send(r, pair[0]);
	pid = fork();
	if (pid == 0)
		run_program(r, pair[1]);
	close(pair[1]);
	if (pid == -1) {
		log_warning("%s: fork: %s", row_label(r), strerror(errno));
		close(pair[0]);
		loop_timer_set(r->restart, BACK_OFF_FIRST);
		return;
	}
	c = mem_new(sizeof(*c));
	c->master = r->master;
	c->row = r;
	c->pid = pid;
	c->label = mem_str(row_label(r));
	c->started_ms = clock_ms();
	c->control =
	    link_new(r->master->loop, pair[0], c->label, control_came, c);
	list_add_tail(&r->children, &c->in);
	r->running++;
	row_count(r, METRIC_STARTS);
}

void
child_drain(struct child *c, bool stop)
{
	struct packet_out o = { .fd_count = 0 };

	if (c->row != NULL && !c->draining) {
		c->row->running--;
		row_count(c->row, METRIC_PROCESSES);
	}
	c->draining = true;
	if (c->control == NULL)
		return;
	start_end_put(&o, stop);
	(void)!link_send(c->control, &o);
	packet_done(&o);
}

void
child_wake(struct child *c)
{
	struct packet_out o = { .fd_count = 0 };

	if (c->control == NULL || c->draining)
		return;
	start_wake_put(&o);
	(void)!link_send(c->control, &o);
	packet_done(&o);
}

void
child_kill(struct child *c, int signo)
{
	(void)kill(c->pid, signo);
}

void
child_orphan(struct child *c)
{
	list_remove(&c->in);
	list_add_tail(&c->master->orphans, &c->in);
	if (!c->draining)
		child_drain(c, false);
	c->row = NULL;
}

static void
tell_end(const struct child *c, int status)
{
	const char *program = c->label;

	if (WIFSIGNALED(status) && !(c->draining && c->master->stopping))
		log_warning("process %s pid %d killed by signal %d", program,
		    (int)c->pid, WTERMSIG(status));
	else if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		log_warning("process %s pid %d exit status %d", program,
		    (int)c->pid, WEXITSTATUS(status));
}

/* When its row may have a new one. */
static void
restart_plan(struct row *r, const struct child *c, int status)
{
	bool failed = WIFSIGNALED(status) || WEXITSTATUS(status) != 0;
	int64_t most = r->master->conf->service_throttle_time * 1000;

	if (loop_timer_is_set(r->restart))
		return; /* another of its children has just ended */
	if (!failed || clock_ms() - c->started_ms >= SERVED_MS) {
		r->back_off_ms = 0;
		if (!failed)
			return;
	}
	if (r->back_off_ms == 0 && c->ready) {
		r->back_off_ms = 1; /* it did serve: once at once */
	} else {
		r->back_off_ms = r->back_off_ms < BACK_OFF_FIRST
		    ? BACK_OFF_FIRST
		    : r->back_off_ms * 2;
		if (r->back_off_ms > most)
			r->back_off_ms = most;
		log_warning("%s: bad command startup -- throttling for %lld s",
		    row_label(r), (long long)r->back_off_ms / 1000);
	}
	loop_timer_set(r->restart, r->back_off_ms);
}

static void
ended(struct child *c, int status)
{
	struct row *r = c->row;
	struct master *m = c->master;

	tell_end(c, status);
	list_remove(&c->in);
	if (r != NULL && !c->draining) {
		r->running--;
		row_count(r, status == 0 ? METRIC_PROCESSES : METRIC_FAILURES);
		restart_plan(r, c, status);
	}
	link_free(&c->control);
	free(c->label);
	free(c);
	if (m->stopping)
		master_check_stopped(m);
	else if (r != NULL)
		row_start(r);
}

static struct child *
child_find(struct master *m, pid_t pid)
{
	LIST_EACH(l, &m->orphans)
	{
		struct child *c = LIST_OF(l, struct child, in);

		if (c->pid == pid)
			return c;
	}
	LIST_EACH(at, &m->rows)
	{
		struct row *r = LIST_OF(at, struct row, in);

		LIST_EACH(l, &r->children)
		{
			struct child *c = LIST_OF(l, struct child, in);

			if (c->pid == pid)
				return c;
		}
	}
	return NULL;
}

void
children_reap(struct master *m)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *c = child_find(m, pid);

		if (c != NULL)
			ended(c, status);
	}
}
