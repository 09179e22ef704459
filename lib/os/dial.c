/* dial.c - one connection attempt in an event loop, with a limit */

#include "os/dial.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/loop.h"
#include "os/sock.h"

struct dial {
	int fd, error;
	struct loop_io *io;
	struct loop_timer *timer;
	dial_fn *fn;
	void *arg;
};

static void
dial_free(struct dial *d)
{
	loop_io_free(&d->io);
	loop_timer_free(&d->timer);
	free(d);
}

static void
report(struct dial *d, int fd, int error)
{
	dial_fn *fn = d->fn;
	void *arg = d->arg;

	if (fd == -1 && d->fd != -1)
		close(d->fd);
	dial_free(d);
	fn(arg, fd, error);
}

static void
writable(void *arg, unsigned ready)
{
	struct dial *d = arg;
	int error = 0;
	socklen_t n = sizeof(error);

	(void)ready;
	if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &n) == -1)
		error = errno;
	report(d, error == 0 ? d->fd : -1, error);
}

static void
timed(void *arg)
{
	struct dial *d = arg;

	report(d, -1, d->error);
}

struct dial *
dial_start(struct loop *loop, const struct address *to,
    const struct address *from, dial_fn *fn, void *arg)
{
	struct dial *d = mem_new(sizeof(*d));

	d->fn = fn;
	d->arg = arg;
	d->error = ETIMEDOUT;
	d->timer = loop_timer_new(loop, timed, d);
	d->fd = sock_connect_inet(to, from);
	if (d->fd == -1) {
		d->error = errno;
		loop_timer_set(d->timer, 0);
	} else {
		d->io = loop_io_new(loop, d->fd, LOOP_WRITE, writable, d);
	}
	return d;
}

void
dial_limit(struct dial *d, int64_t ms)
{
	if (d->fd != -1)
		loop_timer_set(d->timer, ms);
}

void
dial_cancel(struct dial **d)
{
	if (*d == NULL)
		return;
	if ((*d)->fd != -1)
		close((*d)->fd);
	dial_free(*d);
	*d = NULL;
}
