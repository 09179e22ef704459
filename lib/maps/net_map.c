/*
 * net_map.c - socketmap: and tcp:, tables on other servers
 *
 *   socketmap:inet:HOST:PORT:NAME  socketmap:unix:PATH:NAME
 *   tcp:HOST:PORT
 *
 * One connection that stays, one question at a time. A server that cannot be
 * reached, is slow, or says what nobody understands is a temporary failure; for
 * some seconds after it nobody is made to wait for it again.
 */

#include "maps/dial.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/why.h"
#include "maps/map_type.h"
#include "maps/net_reply.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/sock.h"

enum {
	REPLY_MS = 5000,
	REST_MS = 3000, /* after a failure */
	READ_STEP = 4096
};

struct net {
	char *target; /* "inet:HOST:PORT" or "unix:PATH" */
	struct span table; /* socketmap's name */
	int fd; /* -1: not connected */
	int64_t rest_until;
};

/* Set once at the start of a process, before there is a table. */
static struct {
	map_net_fn *fn;
	void *arg;
} asker;

void
map_net_set(map_net_fn *fn, void *arg)
{
	asker.fn = fn;
	asker.arg = arg;
}

/* ---- dialling */

static int
dial_first(const struct addrinfo *list)
{
	int fd = -1;

	for (; fd == -1 && list != NULL; list = list->ai_next) {
		fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd != -1 &&
		    connect(fd, list->ai_addr, list->ai_addrlen) == -1)
			file_close(&fd);
	}
	return fd;
}

static int
dial_plain(struct span target, struct why *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	char *copy = mem_span(span_skip(target, 5));
	char *colon = strrchr(copy, ':');
	int fd = -1;

	if (span_starts(target, "unix:")) {
		fd = sock_connect_unix(copy, SOCK_STREAM, false);
	} else if (colon != NULL) {
		*colon = '\0';
		if (getaddrinfo(copy, colon + 1, &hints, &list) == 0)
			fd = dial_first(list);
	}
	if (list != NULL)
		freeaddrinfo(list);
	if (fd == -1)
		why_set(why, "4.3.0", "connect to %.*s: %s", (int)target.n,
		    target.p, errno == 0 ? "no such host" : strerror(errno));
	free(copy);
	return fd;
}

static bool
connected(struct map *m, struct why *why)
{
	struct net *n = m->state;
	struct why reason;

	if (n->fd != -1)
		return true;
	why_init(&reason);
	errno = 0;
	n->fd = dial_plain(span_str(n->target), &reason);
	if (n->fd != -1 && sock_nonblock(n->fd, true) == -1)
		file_close(&n->fd);
	if (n->fd == -1)
		map_trouble(m, why, "%s", why_text(&reason));
	why_free(&reason);
	return n->fd != -1;
}

/* ---- one question */

/* Wait until fd is ready. False: errno. */
static bool
ready(int fd, short events, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int64_t left = until - clock_ms();
		int got = poll(&p, 1, left > 0 ? (int)left : 0);

		if (got > 0)
			return true;
		if (got == 0) {
			errno = ETIMEDOUT;
			return false;
		}
		if (errno != EINTR)
			return false;
	}
}

static bool
send_all(int fd, struct span s, int64_t until)
{
	while (s.n > 0) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n >= 0)
			s = span_skip(s, (size_t)n);
		else if (errno != EINTR &&
		    (errno != EAGAIN || !ready(fd, POLLOUT, until)))
			return false;
	}
	return true;
}

typedef enum net_reply_result reply_fn(
    struct span in, enum map_result *got, struct buf *out, struct why *why);

/* False: errno; 0 for what is no reply. */
static bool
receive(int fd, reply_fn *fn, enum map_result *got, struct buf *out,
    struct why *why)
{
	int64_t until = clock_ms() + REPLY_MS;
	enum net_reply_result result = NET_REPLY_MORE;
	struct buf in = BUF_EMPTY;

	while (result == NET_REPLY_MORE) {
		ssize_t n;

		if (!ready(fd, POLLIN, until))
			break;
		n = recv(fd, buf_room(&in, READ_STEP), READ_STEP, 0);
		if (n > 0) {
			in.n += (size_t)n;
			result = in.n > NET_REPLY_MAX + 16
			    ? NET_REPLY_BAD
			    : fn(buf_span(&in), got, out, why);
		} else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
			errno = n == 0 ? EPIPE : errno;
			break;
		}
	}
	buf_free(&in);
	if (result == NET_REPLY_BAD)
		errno = 0;
	return result == NET_REPLY_DONE;
}

static enum map_result
broke(struct map *m, struct why *why)
{
	struct net *n = m->state;

	file_close(&n->fd);
	n->rest_until = clock_ms() + REST_MS;
	return map_trouble(m, why, "%s",
	    errno == 0 ? "a reply that is none" : strerror(errno));
}

/* By somebody who need not wait for it. */
static enum map_result
ask_elsewhere(
    struct map *m, struct span question, struct buf *out, struct why *why)
{
	const struct net *n = m->state;
	struct map_net_question q = { span_str(n->target), n->table.n > 0,
		question };
	enum map_result got;
	struct why reason;

	why_init(&reason);
	got = asker.fn(asker.arg, &q, out, &reason);
	if (got == MAP_ERROR)
		map_trouble(m, why, "%s", why_text(&reason));
	why_free(&reason);
	return got;
}

/* A connection that had been idle may be gone: another one is tried, once. */
static enum map_result
ask(struct map *m, struct span question, reply_fn *fn, struct buf *out,
    struct why *why)
{
	struct net *n = m->state;
	enum map_result got = MAP_ERROR;
	struct why reason;

	if (asker.fn != NULL)
		return ask_elsewhere(m, question, out, why);
	if (clock_ms() < n->rest_until)
		return map_trouble(m, why, "it failed a moment ago");
	for (bool old = n->fd != -1;; old = false) {
		if (!connected(m, why)) {
			n->rest_until = clock_ms() + REST_MS;
			return MAP_ERROR;
		}
		why_init(&reason);
		if (send_all(n->fd, question, clock_ms() + REPLY_MS) &&
		    receive(n->fd, fn, &got, out, &reason))
			break;
		why_free(&reason);
		buf_clear(out);
		if (!old || errno != EPIPE)
			return broke(m, why);
		file_close(&n->fd);
	}
	if (got == MAP_ERROR)
		map_trouble(m, why, "%s", why_text(&reason));
	why_free(&reason);
	return got;
}

/* ---- the types */

static struct net *
net_new(struct map *m)
{
	struct net *n = mem_new(sizeof(*n));

	n->fd = -1;
	m->state = n;
	return n;
}

static void
net_close(struct map *m)
{
	struct net *n = m->state;

	if (n == NULL)
		return;
	file_close(&n->fd);
	free(n->target);
	mem_free(&m->state);
}

static bool
socketmap_open(struct map *m, struct why *why)
{
	struct net *n = net_new(m);
	struct span all = span_str(m->name);
	size_t colon = span_rfind(all, ':');

	n->table = span_skip(all, colon + 1);
	n->target = mem_span(span_head(all, colon));
	if (n->table.n > 0 && span_find(n->table, ' ') == n->table.n &&
	    ((span_starts(all, "inet:") && colon > 5) ||
		(span_starts(all, "unix:") && colon > 5)))
		return true;
	map_trouble(m, why,
	    "need socketmap:inet:host:port:name or "
	    "socketmap:unix:path:name");
	return false;
}

static enum map_result
socketmap_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	struct net *n = m->state;
	struct buf question = BUF_EMPTY;
	enum map_result got;

	buf_printf(&question, "%zu:", n->table.n + 1 + key.n);
	buf_add_span(&question, n->table);
	buf_add_byte(&question, ' ');
	buf_add_span(&question, key);
	buf_add_byte(&question, ',');
	got = ask(m, buf_span(&question), net_reply_socketmap, out, why);
	buf_free(&question);
	return got;
}

static bool
tcp_open(struct map *m, struct why *why)
{
	struct net *n = net_new(m);
	struct span all = span_str(m->name);

	n->target = mem_printf("inet:%s", m->name);
	if (span_rfind(all, ':') > 0 && span_rfind(all, ':') + 1 < all.n)
		return true;
	map_trouble(m, why, "need tcp:host:port");
	return false;
}

static enum map_result
tcp_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	struct buf question = BUF_EMPTY;
	enum map_result got;

	buf_add_str(&question, "get ");
	net_encode(&question, key);
	buf_add_byte(&question, '\n');
	got = ask(m, buf_span(&question), net_reply_tcp, out, why);
	buf_free(&question);
	return got;
}

const struct map_type map_type_socketmap = {
	.name = "socketmap",
	.fixed = true,
	.open = socketmap_open,
	.get = socketmap_get,
	.close = net_close,
};

const struct map_type map_type_tcp = {
	.name = "tcp",
	.fixed = true,
	.open = tcp_open,
	.get = tcp_get,
	.close = net_close,
};
