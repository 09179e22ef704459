/*
 * row.c - a line of master.cf at work: its sockets and its children
 *
 * While no child serves a row, master watches its sockets; the first caller
 * starts one. Callers that come while a child is down wait in the socket's
 * queue and are served by the next.
 */

#include "master/row.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "config/master_cf.h"
#include "master/child.h"
#include "master/conf.h"
#include "master/courier_switch.h"
#include "master/listen.h"
#include "master/master.h"
#include "master/metrics.h"
#include "master/roles.h"
#include "os/file.h"
#include "os/loop.h"

enum { FORKS_MAX = 10000 };

const char *
row_label(const struct row *r)
{
	return r->name;
}

static bool
forks(const struct row *r)
{
	return (r->role->flags & ROLE_FORKS) != 0;
}

/* An old one must have ended before a new one may touch what is theirs. */
static bool
old_one_left(const struct row *r)
{
	return (r->role->flags & ROLE_ONLY) != 0 && !list_empty(&r->children);
}

static bool
may_start(const struct row *r)
{
	return !r->master->stopping && r->running < r->max &&
	    !loop_timer_is_set(r->restart) && !old_one_left(r);
}

static void
restart_due(void *arg)
{
	row_start(arg);
}

/* The wakeup column. A row that nobody uses is started, so that it looks for
 * work, unless the column ends in a question mark. */
static void
wake_due(void *arg)
{
	struct row *r = arg;

	loop_timer_set(r->wake, (int64_t)r->wake_seconds * 1000);
	LIST_EACH(l, &r->children)
	child_wake(LIST_OF(l, struct child, in));
	if (r->running == 0 && !r->wake_if_used && may_start(r)) {
		child_start(r);
		row_watch(r);
	}
}

/* Who forks for clients has nothing to wake for. */
static void
wake_take(struct row *r, const struct master_row *spec)
{
	if (spec->wakeup == 0 || forks(r) ||
	    !role_looks_for_work(r->role, r->master->conf))
		return;
	r->wake_seconds = spec->wakeup;
	r->wake_if_used = spec->wakeup_if_used;
	r->wake = loop_timer_new(r->master->loop, wake_due, r);
	loop_timer_set(r->wake, (int64_t)r->wake_seconds * 1000);
}

static int
row_max(const struct row *r, const struct master_row *spec)
{
	if ((r->role->flags & (ROLE_ONLY | ROLE_FORKS)) != 0)
		return 1;
	if (spec->maxproc > 0)
		return spec->maxproc;
	return spec->maxproc == 0 ? r->master->conf->default_process_limit : 1;
}

static void
overrides_take(struct row *r, const struct master_row *spec)
{
	bool lmtp = strcmp(spec->column[MASTER_COMMAND], "lmtp") == 0;
	size_t n = 0;

	r->overrides = mem_array(spec->n_options + 1, sizeof(char *));
	if (lmtp)
		r->overrides[n++] = mem_str("smtp_protocol=lmtp");
	for (size_t i = 0; i < spec->n_options; i++)
		r->overrides[n++] = mem_printf(
		    "%s=%s", spec->options[i].name, spec->options[i].value);
	r->override_count = n;
}

struct row *
row_new(struct master *m, const struct master_row *spec, struct row *old,
    struct why *why)
{
	const struct role *role = role_find(master_row_program(spec));
	struct row *r;

	if (role == NULL) {
		why_set(why, "4.3.5",
		    "master.cf, line %u: no program \"%s\" here: remove the "
		    "line or correct its last column",
		    spec->line, spec->column[MASTER_COMMAND]);
		return NULL;
	}
	r = mem_new(sizeof(*r));
	r->master = m;
	r->name = mem_str(spec->column[MASTER_SERVICE]);
	r->type = mem_str(master_type_name(spec->type));
	r->role = role;
	r->max = row_max(r, spec);
	r->forks_max = spec->maxproc > 0
	    ? spec->maxproc
	    : courier_sessions(m->config_dir, spec, FORKS_MAX, why);
	r->verbose = (unsigned)spec->verbose;
	overrides_take(r, spec);
	metrics_open(r, old);
	list_init(&r->in);
	list_init(&r->children);
	r->restart = loop_timer_new(m->loop, restart_due, r);
	wake_take(r, spec);
	if (why->outcome == DONE && listen_open(r, spec, old, why) == 0)
		return r;
	row_free(&r);
	return NULL;
}

void
row_free(struct row **rp)
{
	struct row *r = *rp;

	if (r == NULL)
		return;
	for (size_t i = 0; i < r->listener_count; i++) {
		struct row_listener *l = &r->listeners[i];

		loop_io_free(&l->io);
		if (l->fd != -1 && !l->inet)
			(void)unlink(l->key);
		file_close(&l->fd);
		free(l->label);
		free(l->key);
	}
	for (size_t i = 0; i < r->override_count; i++)
		free(r->overrides[i]);
	loop_timer_free(&r->restart);
	loop_timer_free(&r->wake);
	list_remove(&r->in);
	metrics_close(r);
	free(r->overrides);
	free(r->name);
	free(r->type);
	free(r);
	*rp = NULL;
}

static void
called(void *arg, unsigned ready)
{
	struct row *r = arg;

	(void)ready;
	while (may_start(r))
		child_start(r);
	row_watch(r);
}

void
row_watch(struct row *r)
{
	bool wanted = r->running == 0 && may_start(r);

	for (size_t i = 0; i < r->listener_count; i++) {
		struct row_listener *l = &r->listeners[i];

		if (wanted && l->io == NULL)
			l->io = loop_io_new(
			    r->master->loop, l->fd, LOOP_READ, called, r);
		else if (!wanted)
			loop_io_free(&l->io);
	}
}

void
row_count(struct row *r, enum metric m)
{
	if (r->metrics == NULL)
		return;
	/* sessions of who was killed ended, too */
	if (m == METRIC_FAILURES && !forks(r) && list_empty(&r->children))
		__atomic_store_n(&r->metrics[METRIC_DISCONNECTIONS],
		    r->metrics[METRIC_CONNECTIONS], __ATOMIC_RELAXED);
	if (m != METRIC_PROCESSES)
		(void)__atomic_fetch_add(&r->metrics[m], 1, __ATOMIC_RELAXED);
	__atomic_store_n(&r->metrics[METRIC_PROCESSES], (uint64_t)r->running,
	    __ATOMIC_RELAXED);
}

void
row_start(struct row *r)
{
	if ((r->role->flags & ROLE_AHEAD) != 0) {
		while (may_start(r))
			child_start(r);
	}
	row_watch(r);
}
