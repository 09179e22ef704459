/*
 * link.c - one end of a packet socket in an event loop
 *
 * Packets are sent at once; only when the kernel's queue is full are they kept
 * here, so in the usual course a packet costs one system call.
 */

#include "ipc/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/loop.h"

/* LOOK: see read_some(). */
enum { WAITING_MAX = 1024, BATCH = 64, LOOK = 8 };

struct waiting {
	struct list in;
	struct packet_out packet;
};

struct link {
	int fd;
	char *label;
	struct loop_io *io;
	struct loop_timer *failed;
	link_fn *fn;
	void *arg;
	struct packet_in in;
	struct list out;
	unsigned waiting;
	unsigned lone; /* events in turn for one packet each */
	bool paused, dead;
	bool *freed; /* set while callbacks run */
};

static void
waiting_free(struct list *l)
{
	struct waiting *w = LIST_OF(l, struct waiting, in);

	for (unsigned i = 0; i < w->packet.fd_count; i++)
		close(w->packet.fds[i]);
	packet_done(&w->packet);
	free(w);
}

static void
want(struct link *l)
{
	loop_io_want(l->io,
	    (l->paused || l->dead ? 0U : LOOP_READ) |
		(list_empty(&l->out) || l->dead ? 0U : LOOP_WRITE));
}

static void
flush(struct link *l)
{
	while (!list_empty(&l->out)) {
		struct waiting *w = LIST_OF(l->out.next, struct waiting, in);

		if (packet_send(l->fd, &w->packet) == -1) {
			if (errno != EAGAIN)
				l->dead = true; /* the reader tells */
			break;
		}
		list_remove(&w->in);
		l->waiting--;
		waiting_free(&w->in);
	}
}

/* False when the link was freed in the callback. */
static bool
tell(struct link *l, struct packet_in *in)
{
	bool freed = false;

	l->freed = &freed;
	l->fn(l->arg, in);
	if (freed)
		return false;
	l->freed = NULL;
	return true;
}

/* Where packets come one at a time, to look for a second is a system call in
 * vain: it is done only now and then. The loop tells of what is left. */
static void
read_some(struct link *l)
{
	int most = l->lone % LOOK != 0 ? 1 : BATCH;

	for (int i = 0; i < most && !l->paused; i++) {
		switch (packet_recv(l->fd, &l->in)) {
		case PACKET_OK:
			l->lone = i == 0 ? l->lone + 1 : 0;
			if (!tell(l, &l->in))
				return;
			break;
		case PACKET_WAIT:
			return;
		case PACKET_BAD:
			log_warning(
			    "%s: not a packet of ours; closing", l->label);
			tell(l, NULL);
			return;
		case PACKET_CLOSED:
			tell(l, NULL);
			return;
		}
	}
}

/* Nothing can be sent any more; what had come before is heard first. */
static void
end(void *arg)
{
	struct link *l = arg;

	for (int i = 0; i < WAITING_MAX && !l->paused; i++) {
		if (packet_recv(l->fd, &l->in) != PACKET_OK)
			break;
		if (!tell(l, &l->in))
			return;
	}
	tell(l, NULL);
}

static void
ready(void *arg, unsigned events)
{
	struct link *l = arg;

	if ((events & LOOP_WRITE) != 0) {
		flush(l);
		want(l);
	}
	if (l->dead) {
		end(l);
		return;
	}
	if ((events & LOOP_READ) != 0)
		read_some(l);
}

struct link *
link_new(struct loop *loop, int fd, const char *label, link_fn *fn, void *arg)
{
	struct link *l = mem_new(sizeof(*l));

	l->fd = fd;
	l->label = mem_str(label);
	l->fn = fn;
	l->arg = arg;
	list_init(&l->out);
	l->io = loop_io_new(loop, fd, LOOP_READ, ready, l);
	l->failed = loop_timer_new(loop, end, l);
	return l;
}

void
link_free(struct link **lp)
{
	struct link *l = *lp;

	if (l == NULL)
		return;
	if (l->freed != NULL)
		*l->freed = true;
	for (struct list *w; (w = list_pop(&l->out)) != NULL;)
		waiting_free(w);
	packet_in_done(&l->in);
	loop_timer_free(&l->failed);
	loop_io_free(&l->io);
	close(l->fd);
	free(l->label);
	free(l);
	*lp = NULL;
}

static int
keep(struct link *l, const struct packet_out *o)
{
	struct waiting *w;

	if (l->waiting >= WAITING_MAX) {
		errno = ENOBUFS;
		return -1;
	}
	w = mem_new(sizeof(*w));
	buf_add_span(&w->packet.bytes, buf_span(&o->bytes));
	w->packet.id = o->id;
	for (unsigned i = 0; i < o->fd_count; i++) {
		int fd = fcntl(o->fds[i], F_DUPFD_CLOEXEC, 0);

		if (fd == -1) {
			waiting_free(&w->in);
			return -1;
		}
		packet_fd(&w->packet, fd);
	}
	list_add_tail(&l->out, &w->in);
	l->waiting++;
	want(l);
	return 0;
}

bool
link_has_ended(const struct link *l)
{
	struct pollfd p = { .fd = l->fd };

	return l->dead || (poll(&p, 1, 0) == 1 && (p.revents & POLLHUP) != 0);
}

int
link_send(struct link *l, const struct packet_out *o)
{
	if (l->dead) {
		errno = EPIPE;
		return -1;
	}
	if (o->bad) {
		errno = EINVAL;
		return -1;
	}
	if (!list_empty(&l->out))
		return keep(l, o);
	if (packet_send(l->fd, o) == 0)
		return 0;
	if (errno == EAGAIN)
		return keep(l, o);
	if (errno != EINVAL) {
		/* told from the loop, never from inside this call */
		l->dead = true;
		want(l);
		loop_timer_set(l->failed, 0);
	}
	return -1;
}

void
link_pause(struct link *l, bool pause)
{
	l->paused = pause;
	want(l);
}
