/*
 * service.c - the skeleton of every daemon that master starts
 *
 * The order of the steps is the security of the suite: everything that needs
 * rights first, then the jail, the user, the limits and the filter, and only
 * then the first byte from outside. See docs/SECURITY.md.
 */

#include "service/service.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/must.h"
#include "base/table.h"
#include "base/why.h"
#include "calls/start_call.h"
#include "config/param.h"
#include "ipc/channel.h"
#include "ipc/link.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/users.h"
#include "service/nursery.h"

enum { CHANNEL_LIMIT_MS = 30000, MAX_FILES = 65536 };
/* How long nothing is to be under way before a process that drains ends. */
enum { QUIET_CHECK_MS = 20, QUIET_CHECKS = 10 };

/* One process is one service: this is its state, set once by service_main(). */
static struct {
	const struct service *service;
	struct arena *arena;
	struct packet_in start_packet;
	struct start_call start;
	struct service_listener *listeners;
	struct main_cf *main_cf;
	struct loop *loop;
	struct link *control;
	struct nursery *nursery; /* of serve_one */
	struct table *channels;
	struct table *paths;
	const char *sockets; /* folder of the sockets that we may call */
	struct sandbox *sandbox; /* for the children of serve_one */
	bool draining, stopping;
	bool (*idle)(void); /* service_exit_when() */
	struct loop_timer *quiet;
	unsigned quiet_for; /* checks in turn */
} self;

struct loop *
service_loop(void)
{
	return self.loop;
}

const struct main_cf *
service_main_cf(void)
{
	return self.main_cf;
}

const char *
service_name(void)
{
	return self.start.name.p;
}

const char *
service_transport(void)
{
	return self.start.transport.p;
}

uid_t
service_uid(void)
{
	return self.start.uid;
}

size_t
service_listeners(void)
{
	return self.start.listener_count;
}

const struct service_listener *
service_listener(size_t i)
{
	must(i < self.start.listener_count);
	return &self.listeners[i];
}

const char *
service_path(const char *service)
{
	char *path = table_get(self.paths, span_str(service));

	must(self.sockets != NULL);
	if (path == NULL) {
		path = mem_printf("%s/%s", self.sockets, service);
		table_put(self.paths, span_str(service), path);
	}
	return path;
}

const struct sandbox *
service_sandbox(void)
{
	return self.sandbox;
}

struct channel *
service_channel(const char *service)
{
	struct channel *c = table_get(self.channels, span_str(service));

	if (c == NULL) {
		c = channel_new(
		    self.loop, service_path(service), CHANNEL_LIMIT_MS);
		table_put(self.channels, span_str(service), c);
	}
	return c;
}

void
service_exit(void)
{
	loop_stop(self.loop);
}

static void
quiet_check(void *arg)
{
	(void)arg;
	self.quiet_for = self.idle() ? self.quiet_for + 1 : 0;
	if (self.quiet_for > QUIET_CHECKS)
		service_exit();
	else
		loop_timer_set(self.quiet, QUIET_CHECK_MS);
}

void
service_exit_when(bool (*idle)(void))
{
	if (self.quiet != NULL)
		return;
	self.idle = idle;
	self.quiet = loop_timer_new(self.loop, quiet_check, NULL);
	quiet_check(NULL);
}

bool
service_draining(void)
{
	return self.draining;
}

bool
service_stopping(void)
{
	return self.stopping;
}

static struct span
keep(struct span s)
{
	return arena_span(self.arena, s);
}

/* Spans of the packet become NUL-ended strings of the process. */
static void
start_keep(void)
{
	struct start_call *s = &self.start;

	s->name = keep(s->name);
	s->transport = keep(s->transport);
	s->config_dir = keep(s->config_dir);
	s->queue_dir = keep(s->queue_dir);
	s->jail = keep(s->jail);
	self.sockets = keep(s->sockets).p;
	self.listeners =
	    arena_array(self.arena, s->listener_count, sizeof(*self.listeners));
	for (size_t i = 0; i < s->listener_count; i++) {
		struct service_listener *l = &self.listeners[i];

		l->fd = FD_LISTEN + (int)i;
		l->inet = s->listeners[i].inet;
		l->stream = s->listeners[i].stream;
		l->label = keep(s->listeners[i].label).p;
		if (fcntl(l->fd, F_SETFD, FD_CLOEXEC) == -1)
			log_fatal(
			    "listener %zu is missing: %s", i, strerror(errno));
	}
}

/* The page that this row's processes count in. The file is not kept: who takes
 * us over can spoil our numbers, but not cut the page short under others. */
static void
metrics_take(void)
{
	void *page;

	if (self.start.metrics == -1)
		return;
	page = mmap(NULL, METRICS * sizeof(uint64_t), PROT_READ | PROT_WRITE,
	    MAP_SHARED, self.start.metrics, METRIC_HEADER);
	if (page == MAP_FAILED)
		log_warning("metrics: %s", strerror(errno));
	else
		metric_page_set(page);
	file_close(&self.start.metrics);
}

static void
start_take(const struct service *s)
{
	enum packet_result got;

	log_to(-1, false, s->program);
	got = packet_recv(FD_CONTROL, &self.start_packet);
	if (got != PACKET_OK ||
	    !start_get(&self.start_packet, self.arena, &self.start)) {
		log_fatal("this program is started by master(8), not by hand");
	}
	if (fcntl(FD_CONTROL, F_SETFD, FD_CLOEXEC) == -1 ||
	    fcntl(FD_LOG, F_SETFD, FD_CLOEXEC) == -1)
		log_fatal("descriptors from master are missing");
	log_to(FD_LOG, self.start.log_is_file, s->program);
	log_verbose_set((int)self.start.verbose);
	metrics_take();
	start_keep();
}

static void
ident_set(const struct service *s)
{
	const char *ident = s->ident == NULL ? s->program : s->ident;
	struct buf name = BUF_EMPTY;
	struct why why;

	why_init(&why);
	if (!s->plain_ident) {
		if (!main_cf_value(self.main_cf, "syslog_name", &name, &why))
			log_fatal("%s", why_text(&why));
		buf_add_byte(&name, '/');
	}
	buf_add_str(&name, ident);
	log_ident_set(buf_str(&name));
	buf_clear(&name);
	if (!main_cf_value(self.main_cf, "syslog_facility", &name, &why))
		log_fatal("%s", why_text(&why));
	if (!log_facility_set(span_trim(buf_span(&name))))
		log_fatal("syslog_facility = %s: no facility", buf_str(&name));
	buf_free(&name);
	why_free(&why);
}

/* For values that refer to them. */
static void
said_of_itself(const struct service *s)
{
	main_cf_set(self.main_cf, "process_name", s->program);
	main_cf_set(self.main_cf, "process_id",
	    arena_printf(self.arena, "%d", (int)getpid()));
	main_cf_set(self.main_cf, "service_name", service_name());
}

static void
conf_read(const struct service *s)
{
	struct why why;

	why_init(&why);
	self.main_cf = main_cf_load(self.start.config_dir.p, false, &why);
	if (self.main_cf == NULL)
		log_fatal("%s", why_text(&why));
	said_of_itself(s);
	for (size_t i = 0; i < self.start.override_count; i++) {
		struct span name, rest = self.start.overrides[i];

		if (!span_cut(&rest, '=', &name) || rest.p == NULL)
			log_fatal("override without '='");
		name = span_trim(name);
		main_cf_set(
		    self.main_cf, keep(name).p, keep(span_trim(rest)).p);
	}
	ident_set(s);
	if (s->params != NULL &&
	    !param_fill(s->params, self.main_cf, self.arena, s->conf, &why))
		log_fatal("%s", why_text(&why));
	why_free(&why);
}

static void
limits_set(void)
{
	struct rlimit none = { 0, 0 }, files;

	umask(077);
	signal(SIGPIPE, SIG_IGN);
	if (setrlimit(RLIMIT_CORE, &none) == -1)
		log_fatal("setrlimit: %s", strerror(errno));
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur =
		    files.rlim_max < MAX_FILES ? files.rlim_max : MAX_FILES;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void
jail_enter(void)
{
	const char *jail = self.start.jail.p;

	if (chdir(self.start.queue_dir.p) == -1)
		log_fatal(
		    "chdir %s: %s", self.start.queue_dir.p, strerror(errno));
	if (self.start.jail.n == 0)
		return;
	if (chdir(jail) == -1 || chroot(".") == -1)
		log_fatal("chroot %s: %s", jail, strerror(errno));
}

/* Become the row's account, with its groups where the service wants them. */
static void
account_become(const struct service *s)
{
	struct arena *a = arena_new();
	struct account account = { .name = NULL };

	must(self.start.uid != 0);
	if (s->with_groups &&
	    users_find_uid(a, self.start.uid, &account) != USERS_FOUND)
		account.name = NULL;
	if (users_become(account.name, self.start.uid, self.start.gid) == -1)
		log_fatal("cannot become uid %u: %s", self.start.uid,
		    strerror(errno));
	arena_free(&a);
}

static void
rights_drop(const struct service *s)
{
	bool strict;
	struct buf mode = BUF_EMPTY;
	struct why why;

	why_init(&why);
	strict = main_cf_value(self.main_cf, "sandbox", &mode, &why) &&
	    span_is(buf_span(&mode), "strict");
	buf_free(&mode);
	why_free(&why);
	jail_enter();
	if (s->stay_root) {
		prctl(PR_SET_DUMPABLE, 0);
		if (s->serve_one != NULL) {
			self.sandbox = sandbox_prepare(s->profile);
			users_warm();
		}
		return;
	}
	account_become(s);
	prctl(PR_SET_DUMPABLE, 0);
	if (sandbox_enter(s->profile, strict) == -1)
		log_fatal("cannot enter the sandbox: %s", strerror(errno));
}

static void
tell_ready(void)
{
	struct packet_out o = { .fd_count = 0 };

	start_ready_put(&o);
	if (packet_send(FD_CONTROL, &o) == -1)
		exit(0); /* master is gone, so are we */
	packet_done(&o);
}

static void
drain_begin(bool stop)
{
	if (stop)
		self.stopping = true;
	if (self.draining && !stop)
		return;
	self.draining = true;
	if (self.nursery != NULL)
		nursery_close(self.nursery, stop);
	else if (self.service->drain != NULL)
		self.service->drain();
	else
		service_exit();
}

static void
control_came(void *arg, struct packet_in *in)
{
	bool stop;

	(void)arg;
	if (in == NULL)
		exit(0); /* master died: its children go too */
	if (start_end_get(in, &stop))
		drain_begin(stop);
	else if (start_wake_get(in) && !self.draining &&
	    self.service->wake != NULL)
		self.service->wake();
}

/* A child ends with its client; the parent goes on. */
static void
run_nursery(const struct service *s)
{
	const struct nursery_conf conf = { .loop = self.loop,
		.label = service_name(),
		.most = self.start.process_limit,
		.serve = s->serve_one,
		.empty = service_exit };

	self.nursery = nursery_new(&conf);
	for (size_t i = 0; i < self.start.listener_count; i++)
		nursery_listen(self.nursery, self.listeners[i].fd);
}

static int
run(const struct service *s)
{
	self.control =
	    link_new(self.loop, FD_CONTROL, "master", control_came, NULL);
	if (s->serve_one != NULL)
		run_nursery(s);
	else
		s->serve_many();
	tell_ready();
	loop_run(self.loop);
	return 0;
}

int
service_main(const struct service *s, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	self.service = s;
	self.arena = arena_new();
	self.channels = table_new();
	self.paths = table_new();
	start_take(s);
	limits_set();
	conf_read(s);
	self.loop = loop_new();
	if (s->before_jail != NULL)
		s->before_jail();
	rights_drop(s);
	return run(s);
}
