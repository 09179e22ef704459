/*
 * balancer.c - clients behind a load balancer
 *
 * The header is looked at before it is taken, so that what stands behind it (a
 * TLS handshake, on port 465 or 993) is left for the session. Until it is there
 * no session exists, and nobody is counted.
 */

#include "service/balancer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/sock.h"
#include "wire/proxy_header.h"

enum { WAITING_MAX = 1000 };

struct balancer {
	struct loop *loop;
	int64_t timeout_ms;
	balancer_fn *fn;
	void *arg;
	struct list waiting; /* the oldest first */
	unsigned count;
};

struct waiting {
	struct list in;
	struct balancer *all;
	int fd;
	struct address from;
	struct loop_io *io;
	struct loop_timer *timer;
	struct buf header;
};

bool
balancer_known(struct span protocol)
{
	protocol = span_trim(protocol);
	return protocol.n == 0 || span_is(protocol, "haproxy");
}

struct balancer *
balancer_new(struct loop *loop, int64_t timeout_ms, balancer_fn *fn, void *arg)
{
	struct balancer *b = mem_new(sizeof(*b));

	b->loop = loop;
	b->timeout_ms = timeout_ms;
	b->fn = fn;
	b->arg = arg;
	list_init(&b->waiting);
	return b;
}

/* Its descriptor is closed unless it was given away. */
static void
waiting_free(struct waiting *w)
{
	loop_io_free(&w->io);
	loop_timer_free(&w->timer);
	list_remove(&w->in);
	w->all->count--;
	file_close(&w->fd);
	buf_free(&w->header);
	free(w);
}

static struct waiting *
oldest(const struct balancer *b)
{
	return LIST_OF(b->waiting.next, struct waiting, in);
}

void
balancer_close(struct balancer *b)
{
	while (!list_empty(&b->waiting))
		waiting_free(oldest(b));
}

void
balancer_free(struct balancer **b)
{
	if (*b == NULL)
		return;
	balancer_close(*b);
	free(*b);
	*b = NULL;
}

bool
balancer_waiting(const struct balancer *b)
{
	return b->count > 0;
}

static void
refuse(struct waiting *w, const char *what)
{
	struct balancer *b = w->all;
	struct address from = w->from;
	struct buf name = BUF_EMPTY;

	address_print(&name, &from);
	log_warning("haproxy read: %s from [%s]", what, buf_str(&name));
	buf_free(&name);
	waiting_free(w);
	b->fn(b->arg, -1, &from, NULL);
}

static void
timed(void *arg)
{
	refuse(arg, "timeout");
}

/* Take n octets that were looked at before. */
static bool
take(struct waiting *w, size_t n)
{
	char waste[PROXY_HEADER_MAX];

	return n == 0 || recv(w->fd, waste, n, 0) == (ssize_t)n;
}

static void
begin(struct waiting *w, const struct proxy_header *header)
{
	struct balancer *b = w->all;
	struct address from = header->known ? header->from : w->from;
	struct address to = header->to;
	int fd = w->fd;

	w->fd = -1;
	waiting_free(w);
	b->fn(b->arg, fd, &from, header->known ? &to : NULL);
}

static void
readable(void *arg, unsigned ready)
{
	struct waiting *w = arg;
	size_t before = w->header.n, used;
	struct proxy_header header;
	ssize_t n;

	(void)ready;
	n = recv(w->fd, buf_room(&w->header, PROXY_HEADER_MAX),
	    PROXY_HEADER_MAX, MSG_PEEK);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		refuse(w, "lost connection");
		return;
	}
	w->header.n += (size_t)n;
	switch (proxy_header_parse(buf_span(&w->header), &used, &header)) {
	case PROXY_MORE:
		if (!take(w, (size_t)n))
			refuse(w, "read error");
		break;
	case PROXY_OK:
		if (take(w, used - before))
			begin(w, &header);
		else
			refuse(w, "read error");
		break;
	case PROXY_BAD:
		refuse(w, "bad header");
		break;
	}
}

void
balancer_start(struct balancer *b, int fd, const struct address *from)
{
	struct waiting *w = mem_new(sizeof(*w));

	w->all = b;
	w->fd = fd;
	w->from = *from;
	list_add_tail(&b->waiting, &w->in);
	w->io = loop_io_new(b->loop, fd, LOOP_READ, readable, w);
	w->timer = loop_timer_new(b->loop, timed, w);
	loop_timer_set(w->timer, b->timeout_ms);
	if (++b->count > WAITING_MAX)
		refuse(oldest(b), "too many wait: no header");
}
