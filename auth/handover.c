/* handover.c - giving a client to a process of its user */

#include "auth/handover.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "ipc/link.h"
#include "os/loop.h"
#include "os/sock.h"
#include "service/service.h"

enum { TAKEN_MS = 20000 };

struct pass {
	struct link *link;
	struct loop_timer *timer;
	bool taken;
	handover_fn *fn;
	void *arg;
};

static void
pass_end(void *arg)
{
	struct pass *p = arg;

	link_free(&p->link);
	loop_timer_free(&p->timer);
	p->fn(p->arg, p->taken);
	free(p);
}

static void
closed(void *arg, struct packet_in *in)
{
	struct pass *p = arg;

	p->taken = in == NULL;
	pass_end(p);
}

void
handover(const char *service, const struct session_start *start,
    handover_fn *fn, void *arg)
{
	struct pass *p = mem_new(sizeof(*p));
	struct packet_out o = { .fd_count = 0 };
	int fd = sock_connect_unix(service_path(service), SOCK_SEQPACKET, true);
	int error = fd == -1 ? errno : 0;

	p->fn = fn;
	p->arg = arg;
	p->timer = loop_timer_new(service_loop(), pass_end, p);
	if (fd != -1) {
		p->link = link_new(service_loop(), fd, service, closed, p);
		session_start_put(&o, start);
		if (link_send(p->link, &o) == -1) {
			error = errno;
			link_free(&p->link);
		}
	}
	packet_done(&o);
	close(start->fd);
	if (start->park != -1)
		close(start->park);
	if (start->held != -1)
		close(start->held);
	if (start->watch != -1)
		close(start->watch);
	if (error != 0)
		log_error("no %s can be reached: %s", service, strerror(error));
	loop_timer_set(p->timer, p->link == NULL ? 0 : TAKEN_MS);
}
