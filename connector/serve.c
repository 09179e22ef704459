/*
 * serve.c - connections for those who cannot make them
 *
 * A job looks its host up (IPv4, then IPv6), dials the addresses one after the
 * other and hands the first connection on. Nothing is read from it or written
 * to it here.
 */

#include "connector/serve.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/why.h"
#include "calls/dial_call.h"
#include "calls/dns_call.h"
#include "connector/targets.h"
#include "ipc/channel.h"
#include "ipc/server.h"
#include "os/dial.h"
#include "os/sock.h"

enum { SERVERS_MAX = 16, ADDRESSES_MAX = 8, LIMIT_MS = 5000 };

struct connector {
	struct loop *loop;
	const struct targets *targets;
	struct channel *resolver;
	struct server *servers[SERVERS_MAX];
	unsigned server_count, job_count;
	struct list jobs;
	struct packet_out out;
};

struct job {
	struct list in;
	struct connector *connector;
	struct server_peer *peer;
	uint32_t id;
	struct arena *arena;
	const struct target *target; /* in the arena, or of the targets */
	struct channel_call *call;
	enum dns_type asked;
	struct address addresses[ADDRESSES_MAX];
	unsigned address_count, address_at;
	struct dial *dial;
	struct why why;
};

static void
reply(struct connector *c, struct server_peer *peer, uint32_t id, int fd,
    const struct why *why)
{
	dial_answer_put(&c->out, id, fd, why);
	server_reply(peer, &c->out);
}

static void
job_free(struct job *j)
{
	if (j->call != NULL)
		channel_cancel(&j->call);
	dial_cancel(&j->dial);
	list_remove(&j->in);
	j->connector->job_count--;
	server_peer_drop(&j->peer);
	why_free(&j->why);
	arena_free(&j->arena);
	free(j);
}

/* fd -1: j->why says what is wrong. */
static void
job_end(struct job *j, int fd)
{
	struct connector *c = j->connector;
	struct why fine;

	why_init(&fine);
	if (fd == -1)
		log_warning("%s", why_text(&j->why));
	reply(c, j->peer, j->id, fd, fd == -1 ? &j->why : &fine);
	if (fd != -1)
		close(fd); /* a duplicate has gone out */
	why_free(&fine);
	job_free(j);
}

static void dial_next(struct job *j);

static void
dialled(void *arg, int fd, int error)
{
	struct job *j = arg;

	j->dial = NULL;
	if (fd != -1) {
		job_end(j, fd);
		return;
	}
	why_set(&j->why, "4.4.1", "connect to %s: %s", j->target->text,
	    strerror(error));
	dial_next(j);
}

static void
dial_next(struct job *j)
{
	if (j->address_at == j->address_count) {
		job_end(j, -1);
		return;
	}
	j->dial = dial_start(j->connector->loop, &j->addresses[j->address_at++],
	    NULL, dialled, j);
	dial_limit(j->dial, LIMIT_MS);
}

static void
address_add(struct job *j, struct span bytes)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons(j->target->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(j->target->port) };
	struct address *a = &j->addresses[j->address_count];

	if (j->address_count == ADDRESSES_MAX)
		return;
	if (bytes.n == 4) {
		memcpy(&in.sin_addr, bytes.p, 4);
		address_from(a, (struct sockaddr *)&in, sizeof(in));
	} else {
		memcpy(&in6.sin6_addr, bytes.p, 16);
		address_from(a, (struct sockaddr *)&in6, sizeof(in6));
	}
	j->address_count++;
}

static void ask_name(struct job *j, enum dns_type type);

static void
named(void *arg, struct packet_in *in)
{
	struct job *j = arg;
	struct arena *a = arena_new();
	struct dns_answer answer = { .result = DNS_TROUBLE };

	j->call = NULL;
	if (in != NULL && dns_answer_get(in, a, j->asked, &answer))
		for (size_t i = 0; i < answer.count; i++)
			address_add(j, answer.records[i].data);
	arena_free(&a);
	if (j->asked == DNS_A)
		ask_name(j, DNS_AAAA);
	else
		dial_next(j);
}

static void
ask_name(struct job *j, enum dns_type type)
{
	struct packet_out o = { .id = 0 };

	j->asked = type;
	dns_ask_put(&o, span_str(j->target->host), type);
	j->call = channel_ask(j->connector->resolver, &o, named, j);
	packet_done(&o);
}

static void
job_start(struct job *j)
{
	const struct target *t = j->target;
	int fd;

	if (t->path != NULL) {
		fd = sock_connect_unix(t->path, SOCK_STREAM, true);
		if (fd == -1 && errno == ENOENT && t->path_inside != NULL) {
			fd = sock_connect_unix(
			    t->path_inside, SOCK_STREAM, true);
			errno = fd == -1 ? ENOENT : errno;
		}
		if (fd == -1)
			why_set(&j->why, "4.4.1", "connect to %s: %s", t->text,
			    strerror(errno));
		job_end(j, fd);
		return;
	}
	why_set(&j->why, "4.4.3", "connect to %s: host not found", t->text);
	if (address_parse(span_str(t->host), t->port, &j->addresses[0])) {
		j->address_count = 1;
		dial_next(j);
	} else {
		ask_name(j, DNS_A);
	}
}

/* Takes a. */
static void
job_new(struct connector *c, struct server_peer *peer, uint32_t id,
    const struct target *target, struct arena *a)
{
	struct job *j = mem_new(sizeof(*j));

	j->arena = a;
	j->connector = c;
	j->peer = server_peer_hold(peer);
	j->id = id;
	j->target = target;
	why_init(&j->why);
	list_init(&j->in);
	list_add_tail(&c->jobs, &j->in);
	c->job_count++;
	job_start(j);
}

static void
refuse(struct connector *c, struct server_peer *peer, uint32_t id,
    const char *reason)
{
	struct why why;

	log_warning("dial for %s: %s", server_peer_label(peer), reason);
	why_init(&why);
	why_set(&why, "4.3.5", "%s", reason);
	reply(c, peer, id, -1, &why);
	why_free(&why);
}

static const struct target *
target_of(const struct connector *c, struct span text, const char *label,
    struct arena *a)
{
	const struct target *known = targets_find(c->targets, text, label);
	struct target made, *copy;

	if (known != NULL || !targets_proxy(c->targets, text, label, a, &made))
		return known;
	copy = arena_alloc(a, sizeof(*copy));
	*copy = made;
	return copy;
}

static void
request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct connector *c = arg;
	const struct target *target;
	struct span text;
	struct arena *a;

	if (!dial_get(in, &text)) {
		server_refuse(peer, in);
		return;
	}
	a = arena_new();
	target = target_of(c, text, server_peer_label(peer), a);
	if (target != NULL && c->job_count < CONNECTOR_PENDING_MAX) {
		job_new(c, peer, in->id, target, a);
		return;
	}
	refuse(c, peer, in->id,
	    target == NULL ? "nothing that main.cf names"
			   : "too many dials at once");
	arena_free(&a);
}

struct connector *
connector_new(
    struct loop *loop, const struct targets *targets, struct channel *resolver)
{
	struct connector *c = mem_new(sizeof(*c));

	c->loop = loop;
	c->targets = targets;
	c->resolver = resolver;
	list_init(&c->jobs);
	return c;
}

void
connector_serve(struct connector *c, int fd, const char *label)
{
	static const struct server_calls calls = { .request = request };

	if (c->server_count == SERVERS_MAX)
		log_fatal("more than %d sockets", SERVERS_MAX);
	c->servers[c->server_count++] =
	    server_new(c->loop, fd, label, &calls, c);
}

void
connector_drain(struct connector *c)
{
	for (unsigned i = 0; i < c->server_count; i++)
		server_stop(c->servers[i]);
}

bool
connector_idle(const struct connector *c)
{
	return c->job_count == 0;
}

void
connector_free(struct connector **cp)
{
	struct connector *c = *cp;

	if (c == NULL)
		return;
	while (!list_empty(&c->jobs))
		job_free(LIST_OF(c->jobs.next, struct job, in));
	for (unsigned i = 0; i < c->server_count; i++)
		server_free(&c->servers[i]);
	packet_done(&c->out);
	free(c);
	*cp = NULL;
}
