/*
 * balanced.c - clients that come through a load balancer
 *
 * What its header says is the client's address for all that follows, also when
 * the client logs in anew later (leave.c): so it is kept while login has to do
 * with the connection.
 */

#include "login/balanced.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "login/conf.h"
#include "login/login.h"
#include "login/upstream.h"
#include "service/balancer.h"

static void
header_came(
    void *arg, int fd, const struct address *from, const struct address *to)
{
	struct login *l = arg;
	struct balanced *via = NULL;

	if (fd == -1) {
		login_drained(l);
		return;
	}
	if (to != NULL) {
		via = mem_new(sizeof(*via));
		via->from = *from;
		via->to = *to;
		(void)sock_remote(fd, &via->balancer);
	}
	session_start(l, fd, from, via);
}

void
balanced_open(struct login *l)
{
	const struct login_conf *c = l->conf;
	struct span name =
	    span_trim(span_str(c->login_upstream_proxy_protocol));

	if (!balancer_known(name))
		log_fatal("login_upstream_proxy_protocol = %.*s: haproxy is "
			  "wanted",
		    (int)name.n, name.p);
	if (name.n == 0)
		return;
	l->balancers = upstream_new(
	    "login_upstream_proxy_networks", c->login_upstream_proxy_networks);
	l->balancer = balancer_new(
	    l->loop, c->login_upstream_proxy_timeout * 1000, header_came, l);
}

bool
balanced_expected(const struct login *l, const struct address *peer)
{
	struct buf text = BUF_EMPTY;
	bool listed;

	if (l->balancer == NULL || l->balancers == NULL)
		return l->balancer != NULL;
	address_print(&text, peer);
	listed = upstream_listed(l->balancers, buf_span(&text));
	buf_free(&text);
	return listed;
}

void
balanced_start(struct login *l, int fd, const struct address *peer)
{
	balancer_start(l->balancer, fd, peer);
}

bool
balanced_waiting(const struct login *l)
{
	return l->balancer != NULL && balancer_waiting(l->balancer);
}

void
balanced_end(struct login *l)
{
	if (l->balancer != NULL)
		balancer_close(l->balancer);
}

bool
balanced_is(const struct balanced *via, const struct address *peer)
{
	return via == NULL ||
	    (address_port(&via->balancer) == address_port(peer) &&
		span_eq(address_bytes(&via->balancer), address_bytes(peer)));
}
