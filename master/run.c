/*
 * run.c - master's loop: signals, reload, stop
 *
 * Stopping: everybody is told and sessions end by themselves; after 5 seconds
 * SIGTERM, after 10 SIGKILL.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/why.h"
#include "master/child.h"
#include "master/conf.h"
#include "master/master.h"
#include "master/row.h"
#include "master/switch.h"
#include "os/file.h"
#include "os/loop.h"

enum { STOP_STEP_MS = 5000 };

/* One datagram to the service manager that started us, if one did. */
static void
notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = path == NULL ? 0 : strlen(path);
	int fd;

	if (n == 0 || n >= sizeof(to.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return;
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}

static void
each_child(struct master *m, void (*run)(struct child *, int), int arg)
{
	LIST_EACH(l, &m->orphans)
	run(LIST_OF(l, struct child, in), arg);
	LIST_EACH(at, &m->rows)
	{
		struct row *r = LIST_OF(at, struct row, in);

		LIST_EACH(l, &r->children)
		run(LIST_OF(l, struct child, in), arg);
	}
}

static void
tell_stop(struct child *c, int arg)
{
	(void)arg;
	child_drain(c, true);
}

static void
stop_step(void *arg)
{
	struct master *m = arg;

	each_child(m, child_kill, m->stop_step++ == 0 ? SIGTERM : SIGKILL);
	loop_timer_set(m->stop_timer, STOP_STEP_MS);
}

void
master_check_stopped(struct master *m)
{
	if (!list_empty(&m->orphans))
		return;
	LIST_EACH(at, &m->rows)
	if (!list_empty(&LIST_OF(at, struct row, in)->children))
		return;
	loop_stop(m->loop);
}

void
master_stop(struct master *m)
{
	if (m->stopping)
		return;
	m->stopping = true;
	notify("STOPPING=1");
	log_info("terminating on signal");
	LIST_EACH(at, &m->rows)
	row_watch(LIST_OF(at, struct row, in));
	each_child(m, tell_stop, 0);
	m->stop_timer = loop_timer_new(m->loop, stop_step, m);
	loop_timer_set(m->stop_timer, STOP_STEP_MS);
	master_check_stopped(m);
}

bool
master_log_allowed(const struct master_conf *conf, struct why *why)
{
	if (!log_facility_set(span_str(conf->syslog_facility)))
		why_set(why, "4.3.5", "syslog_facility = %s: no facility",
		    conf->syslog_facility);
	else if (!log_path_allowed(
		     conf->maillog_file_prefixes, conf->maillog_file))
		why_set(why, "4.3.5",
		    "maillog_file = %s: not below one of "
		    "maillog_file_prefixes (%s)",
		    conf->maillog_file, conf->maillog_file_prefixes);
	else
		return true;
	return false;
}

int
master_log_open(
    struct master *m, const struct master_conf *conf, struct why *why)
{
	int fd;

	if (!master_log_allowed(conf, why))
		return -1;
	if (conf->maillog_file[0] == '\0') {
		fd = log_syslog_open(); /* -1: standard error serves */
	} else if (strcmp(conf->maillog_file, "/dev/stdout") == 0) {
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	} else {
		fd = open(conf->maillog_file,
		    O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
		    0644);
		if (fd == -1) {
			why_set(why, "4.3.0", "maillog_file = %s: %s",
			    conf->maillog_file, strerror(errno));
			return -1;
		}
	}
	file_close(&m->log_fd);
	m->log_fd = fd;
	m->log_is_file = conf->maillog_file[0] != '\0';
	return 0;
}

static void
on_child(void *arg)
{
	children_reap(arg);
}

static void
on_stop(void *arg)
{
	master_stop(arg);
}

static void
on_reload(void *arg)
{
	struct master *m = arg;
	char ident[64];
	struct why why;

	if (m->stopping)
		return;
	snprintf(ident, sizeof(ident), "%s", log_ident());
	notify("RELOADING=1");
	log_info("reload, configuration %s", m->config_dir);
	why_init(&why);
	if (master_log_open(m, m->conf, &why) == 0)
		log_to(m->log_fd, m->log_is_file, ident);
	if (why.outcome != DONE || master_load(m, &why) == -1)
		log_error("reload failed, the old configuration goes on: %s",
		    why_text(&why));
	why_free(&why);
	notify("READY=1");
}

void
master_run(struct master *m)
{
	struct loop_signal *signals[] = {
		loop_signal_new(m->loop, SIGCHLD, on_child, m),
		loop_signal_new(m->loop, SIGTERM, on_stop, m),
		loop_signal_new(m->loop, SIGINT, on_stop, m),
		loop_signal_new(m->loop, SIGHUP, on_reload, m),
	};

	children_reap(m); /* what ended before the signal was watched */
	notify("READY=1");
	log_info("daemon started, configuration %s", m->config_dir);
	loop_run(m->loop);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		loop_signal_free(&signals[i]);
	loop_timer_free(&m->stop_timer);
}
