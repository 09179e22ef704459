/* loop.c - the event loop, thin over libevent */

#include "os/loop.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"

struct loop {
	struct event_base *base;
};

struct loop_io {
	struct event event;
	struct loop *loop;
	unsigned want;
	loop_io_fn *fn;
	void *arg;
};

struct loop_timer {
	struct event event;
	loop_fn *fn;
	void *arg;
};

struct loop_signal {
	struct event event;
	loop_fn *fn;
	void *arg;
};

struct loop *
loop_new(void)
{
	struct loop *l = mem_new(sizeof(*l));
	struct event_config *config = event_config_new();

	must(config != NULL);
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	l->base = event_base_new_with_config(config);
	event_config_free(config);
	if (l->base == NULL)
		log_fatal("cannot make an event loop");
	return l;
}

void
loop_free(struct loop **l)
{
	if (*l == NULL)
		return;
	event_base_free((*l)->base);
	free(*l);
	*l = NULL;
}

void
loop_run(struct loop *l)
{
	if (event_base_dispatch(l->base) == -1)
		log_fatal("the event loop failed");
}

void
loop_stop(struct loop *l)
{
	event_base_loopbreak(l->base);
}

void *
loop_base(struct loop *l)
{
	return l->base;
}

void
loop_after_fork(struct loop *l)
{
	must(event_reinit(l->base) == 0);
}

static void
io_ready(evutil_socket_t fd, short what, void *arg)
{
	struct loop_io *io = arg;
	unsigned ready = 0;

	(void)fd;
	if ((what & EV_READ) != 0)
		ready |= LOOP_READ;
	if ((what & EV_WRITE) != 0)
		ready |= LOOP_WRITE;
	io->fn(io->arg, ready);
}

struct loop_io *
loop_io_new(struct loop *l, int fd, unsigned want, loop_io_fn *fn, void *arg)
{
	struct loop_io *io = mem_new(sizeof(*io));

	io->loop = l;
	io->fn = fn;
	io->arg = arg;
	must(event_assign(&io->event, l->base, fd, 0, io_ready, io) == 0);
	loop_io_want(io, want);
	return io;
}

void
loop_io_want(struct loop_io *io, unsigned want)
{
	short what = EV_PERSIST;
	int fd = event_get_fd(&io->event);

	if (want == io->want)
		return;
	if (io->want != 0)
		event_del(&io->event);
	io->want = want;
	if (want == 0)
		return;
	if ((want & LOOP_READ) != 0)
		what |= EV_READ;
	if ((want & LOOP_WRITE) != 0)
		what |= EV_WRITE;
	must(event_assign(&io->event, io->loop->base, fd, what, io_ready, io) ==
	    0);
	if (event_add(&io->event, NULL) == -1)
		log_fatal("cannot watch descriptor %d", fd);
}

void
loop_io_free(struct loop_io **io)
{
	if (*io == NULL)
		return;
	if ((*io)->want != 0)
		event_del(&(*io)->event);
	free(*io);
	*io = NULL;
}

static void
timer_fired(evutil_socket_t fd, short what, void *arg)
{
	struct loop_timer *t = arg;

	(void)fd;
	(void)what;
	t->fn(t->arg);
}

struct loop_timer *
loop_timer_new(struct loop *l, loop_fn *fn, void *arg)
{
	struct loop_timer *t = mem_new(sizeof(*t));

	t->fn = fn;
	t->arg = arg;
	must(evtimer_assign(&t->event, l->base, timer_fired, t) == 0);
	return t;
}

void
loop_timer_set(struct loop_timer *t, int64_t in_ms)
{
	struct timeval in;

	if (in_ms < 0)
		in_ms = 0;
	in.tv_sec = (time_t)(in_ms / 1000);
	in.tv_usec = (suseconds_t)(in_ms % 1000 * 1000);
	must(evtimer_add(&t->event, &in) == 0);
}

void
loop_timer_stop(struct loop_timer *t)
{
	evtimer_del(&t->event);
}

bool
loop_timer_is_set(const struct loop_timer *t)
{
	return evtimer_pending(&t->event, NULL) != 0;
}

void
loop_timer_free(struct loop_timer **t)
{
	if (*t == NULL)
		return;
	evtimer_del(&(*t)->event);
	free(*t);
	*t = NULL;
}

static void
signal_came(evutil_socket_t fd, short what, void *arg)
{
	struct loop_signal *s = arg;

	(void)fd;
	(void)what;
	s->fn(s->arg);
}

struct loop_signal *
loop_signal_new(struct loop *l, int signo, loop_fn *fn, void *arg)
{
	struct loop_signal *s = mem_new(sizeof(*s));

	s->fn = fn;
	s->arg = arg;
	must(evsignal_assign(&s->event, l->base, signo, signal_came, s) == 0);
	if (evsignal_add(&s->event, NULL) == -1)
		log_fatal("cannot watch signal %d", signo);
	return s;
}

void
loop_signal_free(struct loop_signal **s)
{
	if (*s == NULL)
		return;
	evsignal_del(&(*s)->event);
	free(*s);
	*s = NULL;
}
