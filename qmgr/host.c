/*
 * host.c - receiving hosts, which several sites may share
 *
 * Which host a site's mail goes to is known from the last answer about it. All
 * sites of one host have one window there, which opens and closes like that of
 * a site; they take its places in turn. A host that could not be reached often
 * enough is dead for all of them. A host is remembered as long as one of its
 * sites is.
 */

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/table.h"
#include "os/clock.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "qmgr/sched.h"

static struct host *
host_get(struct transport *t, struct span name)
{
	struct host *h = table_get(t->hosts, name);

	if (h != NULL)
		return h;
	h = mem_new(sizeof(*h));
	h->transport = t;
	h->name = mem_span(name);
	window_init(&h->window, &t->host_limits);
	list_init(&h->sites);
	list_init(&h->waiting);
	table_put(t->hosts, span_str(h->name), h);
	return h;
}

static void
host_check(struct host *h)
{
	if (!list_empty(&h->sites))
		return;
	table_remove(h->transport->hosts, span_str(h->name));
	free(h->dead_reason);
	free(h->name);
	free(h);
}

void
host_leave(struct site *s)
{
	struct host *h = s->host;

	if (h == NULL)
		return;
	s->host = NULL;
	list_remove(&s->of_host);
	list_remove(&s->at_host);
	h->underway -= s->underway;
	h->promised -= s->promised;
	if (!list_empty(&h->sites))
		host_choose(h);
	host_check(h);
}

void
host_join(struct site *s, struct span name)
{
	struct transport *t = s->transport;

	if (name.n == 0 || !t->remote || t->limits.hosts == 0 ||
	    (s->host != NULL && span_eq(span_str(s->host->name), name)))
		return;
	host_leave(s);
	s->host = host_get(t, name);
	list_add_tail(&s->host->sites, &s->of_host);
	s->host->underway += s->underway;
	s->host->promised += s->promised;
}

bool
host_is_dead(const struct host *h)
{
	return h->dead_until > clock_ms();
}

/* Its time is over: it begins anew, as a site does. */
static void
host_revive(struct host *h)
{
	if (h->dead_until > 0)
		window_init(&h->window, &h->transport->host_limits);
	h->dead_until = 0;
}

unsigned
host_room(struct host *h)
{
	unsigned used = h->underway + h->promised;

	if (host_is_dead(h))
		return 0;
	host_revive(h);
	return used < h->window.now ? h->window.now - used : 0;
}

void
host_choose(struct host *h)
{
	while (host_room(h) > 0) {
		struct list *l = list_pop(&h->waiting);
		struct site *s;

		if (l == NULL)
			break;
		s = LIST_OF(l, struct site, at_host);
		if (sched_choose_one(s) && !list_empty(&s->shares))
			list_add_tail(&h->waiting, &s->at_host);
	}
}

bool
host_result(
    struct host *h, bool reached, const char *status, struct span reason)
{
	const struct limits *l = &h->transport->host_limits;

	if (reached) {
		h->dead_until = 0;
		window_success(&h->window, l, h->underway);
		return false;
	}
	if (host_is_dead(h) || !window_failure(&h->window, l))
		return false;
	h->dead_until =
	    clock_ms() + h->transport->q->conf->minimal_backoff_time * 1000;
	free(h->dead_reason);
	h->dead_reason = mem_printf(
	    "delivery temporarily suspended: %.*s", (int)reason.n, reason.p);
	(void)snprintf(h->dead_status, sizeof(h->dead_status), "%s", status);
	return true;
}

void
host_withdraw(struct host *h, struct list *out)
{
	struct list *next;

	for (struct list *l = h->sites.next; l != &h->sites; l = next) {
		struct site *s = LIST_OF(l, struct site, of_host);

		next = l->next;
		sched_withdraw_site(s, out);
		list_remove(&s->at_host);
		site_settle(s); /* it may have nothing left */
	}
}

void
hosts_revive(struct transport *t)
{
	struct span key;
	void *value;
	size_t at = 0;

	while (table_next(t->hosts, &at, &key, &value))
		host_revive(value);
}
