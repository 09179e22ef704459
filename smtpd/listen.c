/*
 * listen.c - clients come in
 *
 * A few at a time, so that those who are here have their turn. When the process
 * is full, the one that has been idle for longest goes; when no descriptor is
 * left, accepting pauses.
 */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "os/loop.h"
#include "os/sock.h"
#include "service/balancer.h"
#include "smtpd/proxy.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"

enum { BATCH = 16, PAUSE_MS = 500 };

struct listen {
	struct smtpd *smtpd;
	int fd;
	bool inet;
	struct loop_io *io;
	struct loop_timer *pause;
};

static bool
make_room(struct smtpd *s)
{
	struct session *idlest;

	if (s->session_count < s->session_max)
		return true;
	idlest = session_idlest(s);
	if (idlest == NULL)
		return false;
	session_dismiss(idlest, REPLY_ALL_BUSY);
	return true;
}

static void
pause_accepting(struct listen *l)
{
	loop_io_want(l->io, 0);
	loop_timer_set(l->pause, PAUSE_MS);
}

static void
resume(void *arg)
{
	struct listen *l = arg;

	loop_io_want(l->io, LOOP_READ);
}

/* Replies go out at once, however small. */
static void
no_delay(int fd)
{
	int on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void
come_in(void *arg, unsigned ready)
{
	struct listen *l = arg;
	struct address from;

	(void)ready;
	for (int i = 0; i < BATCH; i++) {
		int fd;

		if (!make_room(l->smtpd)) {
			pause_accepting(l);
			return;
		}
		fd = sock_accept(l->fd, &from);
		if (fd == -1) {
			if (errno == EAGAIN || errno == ECONNABORTED)
				return;
			log_warning("accept: %s", strerror(errno));
			pause_accepting(l);
			return;
		}
		if (l->inet)
			no_delay(fd);
		if (proxy_expected(l->smtpd, &from))
			balancer_start(l->smtpd->proxies, fd, &from);
		else
			session_start(l->smtpd, fd, &from);
	}
}

struct listen *
listen_new(struct smtpd *s, int fd, bool inet)
{
	struct listen *l = mem_new(sizeof(*l));

	l->smtpd = s;
	l->fd = fd;
	l->inet = inet;
	l->pause = loop_timer_new(s->loop, resume, l);
	l->io = loop_io_new(s->loop, fd, LOOP_READ, come_in, l);
	return l;
}

void
listen_free(struct listen **l)
{
	if (*l == NULL)
		return;
	loop_io_free(&(*l)->io);
	loop_timer_free(&(*l)->pause);
	free(*l);
	*l = NULL;
}
