/* server.c - answering others of our processes, in an event loop */

#include "ipc/server.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "ipc/link.h"
#include "os/loop.h"
#include "os/sock.h"

enum { ACCEPT_BATCH = 16 };

struct server {
	struct loop *loop;
	struct loop_io *io;
	int fd;
	char *label;
	const struct server_calls *calls;
	void *arg;
	struct list peers;
	unsigned count;
};

struct server_peer {
	struct list in;
	struct server *server; /* NULL once the server is gone */
	struct link *link; /* NULL once the caller is gone */
	char *label;
	uid_t uid;
	void *data;
	unsigned holds;
};

static void
peer_free(struct server_peer *p)
{
	free(p->label);
	free(p);
}

/* Ends the connection; the peer stays while somebody holds it. */
static void
peer_close(struct server_peer *p)
{
	struct server *s = p->server;

	if (p->link == NULL)
		return;
	link_free(&p->link);
	list_remove(&p->in);
	if (s != NULL) {
		s->count--;
		if (s->calls->gone != NULL)
			s->calls->gone(s->arg, p);
	}
	p->server = NULL;
	server_peer_drop(&p);
}

static void
came(void *arg, struct packet_in *in)
{
	struct server_peer *p = arg;

	if (in == NULL)
		peer_close(p);
	else if (p->server != NULL)
		p->server->calls->request(p->server->arg, p, in);
}

static void
accept_one(struct server *s, int fd)
{
	struct server_peer *p = mem_new(sizeof(*p));

	p->server = s;
	p->label = mem_str(s->label);
	p->holds = 1;
	if (!sock_peer(fd, &p->uid, NULL, NULL))
		p->uid = (uid_t)-1;
	p->link = link_new(s->loop, fd, s->label, came, p);
	list_add_tail(&s->peers, &p->in);
	s->count++;
}

static void
accept_some(void *arg, unsigned ready)
{
	struct server *s = arg;

	(void)ready;
	for (int i = 0; i < ACCEPT_BATCH; i++) {
		int fd = sock_accept(s->fd, NULL);

		if (fd == -1) {
			if (errno != EAGAIN && errno != ECONNABORTED)
				log_warning("accept from %s: %s", s->label,
				    strerror(errno));
			return;
		}
		accept_one(s, fd);
	}
}

struct server *
server_new(struct loop *loop, int fd, const char *label,
    const struct server_calls *calls, void *arg)
{
	struct server *s = mem_new(sizeof(*s));

	s->loop = loop;
	s->fd = fd;
	s->label = mem_str(label);
	s->calls = calls;
	s->arg = arg;
	list_init(&s->peers);
	s->io = loop_io_new(loop, fd, LOOP_READ, accept_some, s);
	return s;
}

void
server_stop(struct server *s)
{
	loop_io_free(&s->io);
}

void
server_free(struct server **sp)
{
	struct server *s = *sp;

	if (s == NULL)
		return;
	while (!list_empty(&s->peers))
		peer_close(LIST_OF(s->peers.next, struct server_peer, in));
	loop_io_free(&s->io);
	free(s->label);
	free(s);
	*sp = NULL;
}

unsigned
server_peers(const struct server *s)
{
	return s->count;
}

const char *
server_peer_label(const struct server_peer *p)
{
	return p->label;
}

uid_t
server_peer_uid(const struct server_peer *p)
{
	return p->uid;
}

void *
server_peer_data(const struct server_peer *p)
{
	return p->data;
}

void
server_peer_data_set(struct server_peer *p, void *data)
{
	p->data = data;
}

struct server_peer *
server_peer_hold(struct server_peer *p)
{
	p->holds++;
	return p;
}

bool
server_peer_is_gone(const struct server_peer *p)
{
	return p->link == NULL;
}

bool
server_peer_has_left(const struct server_peer *p)
{
	return p->link == NULL || link_has_ended(p->link);
}

void
server_peer_drop(struct server_peer **pp)
{
	struct server_peer *p = *pp;

	*pp = NULL;
	if (p != NULL && --p->holds == 0)
		peer_free(p);
}

void
server_reply(struct server_peer *p, const struct packet_out *o)
{
	if (p->link != NULL && link_send(p->link, o) == -1)
		log_warning("answer to %s: %s", p->label, strerror(errno));
}

void
server_peer_pause(struct server_peer *p, bool pause)
{
	if (p->link != NULL)
		link_pause(p->link, pause);
}

void
server_refuse(struct server_peer *p, const struct packet_in *in)
{
	struct buf name = BUF_EMPTY;

	log_quote(&name, in->call, PACKET_NAME_MAX);
	log_warning("from %s: malformed or unknown request \"%s\"; closing",
	    p->label, buf_str(&name));
	buf_free(&name);
	peer_close(p);
}
