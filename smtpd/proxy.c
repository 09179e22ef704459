/*
 * proxy.c - clients behind a load balancer
 *
 * The header is looked at before it is taken, so that what stands behind it (a
 * TLS handshake, on port 465) is left for the session. Until it is there no
 * session exists, and nobody is counted.
 */

#include "smtpd/proxy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "os/loop.h"
#include "os/sock.h"
#include "smtpd/cidr_list.h"
#include "smtpd/conf.h"
#include "smtpd/session.h"
#include "smtpd/smtpd.h"
#include "wire/proxy_header.h"

enum { WAITING_MAX = 1000 };

struct proxies {
	struct smtpd *smtpd;
	struct list waiting; /* the oldest first */
	unsigned count;
};

struct proxy {
	struct list in;
	struct proxies *all;
	int fd;
	struct address from;
	struct loop_io *io;
	struct loop_timer *timer;
	struct buf header;
};

struct proxies *
proxies_new(struct smtpd *smtpd)
{
	struct proxies *p = mem_new(sizeof(*p));

	p->smtpd = smtpd;
	list_init(&p->waiting);
	return p;
}

/* fd is closed unless it was given away. */
static void
proxy_free(struct proxy *p)
{
	loop_io_free(&p->io);
	loop_timer_free(&p->timer);
	list_remove(&p->in);
	p->all->count--;
	if (p->fd != -1)
		close(p->fd);
	buf_free(&p->header);
	free(p);
}

void
proxies_free(struct proxies **p)
{
	if (*p == NULL)
		return;
	while (!list_empty(&(*p)->waiting))
		proxy_free(LIST_OF((*p)->waiting.next, struct proxy, in));
	free(*p);
	*p = NULL;
}

bool
proxy_expected(const struct smtpd *smtpd, const struct address *from)
{
	struct span name =
	    span_trim(span_str(smtpd->conf->smtpd_upstream_proxy_protocol));

	if (name.n == 0 || address_family(from) == AF_UNIX)
		return false;
	return smtpd->conf->smtpd_upstream_proxy_networks[0] == '\0' ||
	    cidr_list_has(smtpd->proxies_from, address_bytes(from));
}

static void
refuse(struct proxy *p, const char *what)
{
	struct buf name = BUF_EMPTY;

	address_print(&name, &p->from);
	log_warning("haproxy read: %s from [%s]", what, buf_str(&name));
	buf_free(&name);
	proxy_free(p);
}

static void
timed(void *arg)
{
	refuse(arg, "timeout");
}

/* Take n octets that were looked at before. */
static bool
take(struct proxy *p, size_t n)
{
	char waste[PROXY_HEADER_MAX];

	return n == 0 || recv(p->fd, waste, n, 0) == (ssize_t)n;
}

static void
begin(struct proxy *p, const struct proxy_header *header)
{
	struct smtpd *smtpd = p->all->smtpd;
	struct address from = header->known ? header->from : p->from;
	struct address to = header->to;
	bool known = header->known;
	int fd = p->fd;

	p->fd = -1;
	proxy_free(p);
	session_start_for(smtpd, fd, &from, known ? &to : NULL);
}

static void
readable(void *arg, unsigned ready)
{
	struct proxy *p = arg;
	size_t before = p->header.n, used;
	struct proxy_header header;
	ssize_t n;

	(void)ready;
	n = recv(p->fd, buf_room(&p->header, PROXY_HEADER_MAX),
	    PROXY_HEADER_MAX, MSG_PEEK);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		refuse(p, "lost connection");
		return;
	}
	p->header.n += (size_t)n;
	switch (proxy_header_parse(buf_span(&p->header), &used, &header)) {
	case PROXY_MORE:
		if (!take(p, (size_t)n))
			refuse(p, "read error");
		break;
	case PROXY_OK:
		if (take(p, used - before))
			begin(p, &header);
		else
			refuse(p, "read error");
		break;
	case PROXY_BAD:
		refuse(p, "bad header");
		break;
	}
}

void
proxy_start(struct proxies *all, int fd, const struct address *from)
{
	int64_t ms = all->smtpd->conf->smtpd_upstream_proxy_timeout * 1000;
	struct proxy *p = mem_new(sizeof(*p));

	p->all = all;
	p->fd = fd;
	p->from = *from;
	list_add_tail(&all->waiting, &p->in);
	p->io = loop_io_new(all->smtpd->loop, fd, LOOP_READ, readable, p);
	p->timer = loop_timer_new(all->smtpd->loop, timed, p);
	loop_timer_set(p->timer, ms);
	if (++all->count > WAITING_MAX)
		refuse(LIST_OF(all->waiting.next, struct proxy, in),
		    "too many wait: no header");
}
