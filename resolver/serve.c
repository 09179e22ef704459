/*
 * serve.c - questions of the other daemons, answered
 *
 * First /etc/hosts, for addresses and reverse names; then the name servers. A
 * name of the file that the DNS does not know still exists: its other records
 * are none instead of "no such domain", so that mail for it finds its address.
 */

#include "resolver/serve.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "calls/dns_call.h"
#include "ipc/server.h"
#include "os/loop.h"
#include "resolver/hosts.h"
#include "resolver/upstream.h"

enum { SERVERS_MAX = 16 };

struct resolver {
	struct loop *loop;
	const struct hosts *hosts;
	struct upstream *upstream;
	struct server *servers[SERVERS_MAX];
	unsigned server_count, pending_count;
	struct list pending;
	struct packet_out out;
};

/* A question that waits for the name servers. */
struct pending {
	struct list in;
	struct resolver *resolver;
	struct server_peer *peer;
	struct upstream_query *query;
	uint32_t id;
	enum dns_type type;
	enum dns_hosts hosts;
	char *name;
};

struct question {
	struct span name;
	enum dns_type type;
	enum dns_hosts hosts;
};

/* This machine's own name is no matter of the DNS (RFC 6761, 6.3). */
static bool
hosts_first(const struct question *q)
{
	return q->hosts == DNS_HOSTS_FIRST || span_iis(q->name, "localhost");
}

static void
reply(struct resolver *r, struct server_peer *peer, uint32_t id,
    enum dns_type type, const struct dns_answer *answer)
{
	dns_answer_put(&r->out, id, type, answer);
	server_reply(peer, &r->out);
}

static void
pending_free(struct pending *p)
{
	upstream_cancel(&p->query);
	list_remove(&p->in);
	p->resolver->pending_count--;
	server_peer_drop(&p->peer);
	free(p->name);
	free(p);
}

static void
answered(void *arg, const struct upstream_reply *got)
{
	struct pending *p = arg;
	struct resolver *r = p->resolver;
	struct arena *a = arena_new();
	struct dns_answer answer;

	p->query = NULL; /* ends with this call */
	dns_answer_parse(got->packet, p->type, a, &answer);
	answer.secure = got->secure && answer.result != DNS_TROUBLE;
	if (answer.dropped > 0)
		log_info("%s: %u unfit %s records left out", p->name,
		    answer.dropped, dns_type_name(p->type));
	if (p->hosts == DNS_HOSTS_LAST && answer.result != DNS_FOUND)
		(void)hosts_find(
		    r->hosts, span_str(p->name), p->type, a, &answer);
	if (answer.result == DNS_NXDOMAIN && p->hosts != DNS_HOSTS_NEVER &&
	    hosts_knows(r->hosts, span_str(p->name)))
		answer.result = DNS_NODATA;
	log_debug("%s %s: result %d, %zu records", dns_type_name(p->type),
	    p->name, (int)answer.result, answer.count);
	reply(r, p->peer, p->id, p->type, &answer);
	arena_free(&a);
	pending_free(p);
}

static void
ask_upstream(struct resolver *r, struct server_peer *peer, uint32_t id,
    const struct question *q)
{
	struct pending *p = mem_new(sizeof(*p));

	p->resolver = r;
	p->peer = server_peer_hold(peer);
	p->id = id;
	p->type = q->type;
	p->hosts = q->hosts;
	p->name = mem_span(q->name);
	list_init(&p->in);
	list_add_tail(&r->pending, &p->in);
	r->pending_count++;
	p->query = upstream_ask(r->upstream, p->name, q->type, answered, p);
}

static void
request(void *arg, struct server_peer *peer, struct packet_in *in)
{
	struct resolver *r = arg;
	struct question q;
	struct dns_answer answer = { .result = DNS_TROUBLE };
	struct arena *a;

	if (!dns_ask_get(in, &q.name, &q.type, &q.hosts)) {
		server_refuse(peer, in);
		return;
	}
	a = arena_new();
	if (hosts_first(&q) &&
	    hosts_find(r->hosts, q.name, q.type, a, &answer)) {
		reply(r, peer, in->id, q.type, &answer);
	} else if (r->pending_count < RESOLVER_PENDING_MAX) {
		ask_upstream(r, peer, in->id, &q);
	} else {
		log_warning("more than %d questions at once: %s is told to "
			    "ask again",
		    RESOLVER_PENDING_MAX, server_peer_label(peer));
		reply(r, peer, in->id, q.type, &answer);
	}
	arena_free(&a);
}

struct resolver *
resolver_new(
    struct loop *loop, const struct hosts *hosts, struct upstream *upstream)
{
	struct resolver *r = mem_new(sizeof(*r));

	r->loop = loop;
	r->hosts = hosts;
	r->upstream = upstream;
	list_init(&r->pending);
	return r;
}

void
resolver_serve(struct resolver *r, int fd, const char *label)
{
	static const struct server_calls calls = { .request = request };

	if (r->server_count == SERVERS_MAX)
		log_fatal("more than %d sockets", SERVERS_MAX);
	r->servers[r->server_count++] =
	    server_new(r->loop, fd, label, &calls, r);
}

void
resolver_drain(struct resolver *r)
{
	for (unsigned i = 0; i < r->server_count; i++)
		server_stop(r->servers[i]);
}

bool
resolver_idle(const struct resolver *r)
{
	return r->pending_count == 0;
}

void
resolver_free(struct resolver **rp)
{
	struct resolver *r = *rp;

	if (r == NULL)
		return;
	while (!list_empty(&r->pending))
		pending_free(LIST_OF(r->pending.next, struct pending, in));
	for (unsigned i = 0; i < r->server_count; i++)
		server_free(&r->servers[i]);
	packet_done(&r->out);
	free(r);
	*rp = NULL;
}
