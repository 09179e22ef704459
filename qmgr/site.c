/*
 * site.c - transports, and the sites that they deliver to
 *
 * A site that could not be reached often enough is dead for a while: what waits
 * for it is deferred with its reason, and what comes meanwhile too. What is
 * known of a site stays when no mail for it is left, so that one letter at a
 * time, each after the other, finds out as much as many at once.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/table.h"
#include "config/param.h"
#include "ipc/channel.h"
#include "os/clock.h"
#include "os/loop.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "qmgr/sched.h"

/* An hour: longer than the sum of an agent's own limits. */
enum { DELIVERY_LIMIT_MS = 3600 * 1000, SITE_KEY_MOST = 1024 };

/* Which service delivers for a transport's name. */
static const char *
service_of(struct span transport)
{
	static const char *const services[][2] = { { "local", "deliver" },
		{ "virtual", "deliver" }, { "smtp", "smtp" },
		{ "relay", "smtp" }, { "lmtp", "lmtp" } };

	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (span_is(transport, services[i][0]))
			return services[i][1];
	return NULL;
}

/* One that is none of those has a row of master.cf: an agent under a name of
 * its own, or a pipe, which deliver runs (and it knows when there is none). */
static const char *
path_for(const struct qmgr *q, struct span transport, bool *remote)
{
	const char *service = service_of(transport), *path;
	char *own;

	*remote = service != NULL && strcmp(service, "deliver") != 0;
	if (service != NULL)
		return q->path_of(service);
	if (transport.n == 0 || span_find(transport, '/') < transport.n)
		return q->path_of("deliver");
	own = mem_span(transport);
	path = q->path_of(own);
	free(own);
	*remote = access(path, F_OK) == 0;
	return *remote ? path : q->path_of("deliver");
}

static void
pause_over(void *arg)
{
	struct transport *t = arg;

	t->pause_until = 0;
	dispatch_run(t);
}

void
transport_rest(struct transport *t, int64_t seconds)
{
	t->pause_until = clock_ms() + seconds * 1000;
	if (t->pause == NULL)
		t->pause = loop_timer_new(t->q->loop, pause_over, t);
	loop_timer_set(t->pause, seconds * 1000);
}

static bool
is_deferred(const struct qmgr *q, struct span name)
{
	struct span rest = span_str(q->conf->defer_transports), item;

	while (param_list_next(&rest, &item))
		if (span_eq(item, name))
			return true;
	return false;
}

struct transport *
transport_new(struct qmgr *q, struct span name, bool remote)
{
	struct transport *t = mem_new(sizeof(*t));

	t->deferred = is_deferred(q, name);
	t->q = q;
	t->name = mem_span(name);
	t->remote = remote;
	t->limit = (unsigned)q->conf->default_process_limit;
	t->sites = table_new();
	t->hosts = table_new();
	limits_read(&t->limits, q->main_cf, t->name);
	t->host_limits = limits_of_host(&t->limits);
	sched_init(t);
	table_put(q->transports, name, t);
	list_add_tail(&q->transport_list, &t->in);
	return t;
}

struct transport *
transport_get(struct qmgr *q, struct span name)
{
	struct transport *t = table_get(q->transports, name);
	const char *path;
	bool remote;

	if (t != NULL)
		return t;
	path = path_for(q, name, &remote);
	t = transport_new(q, name, remote);
	t->channel = channel_new(q->loop, path, DELIVERY_LIMIT_MS);
	return t;
}

static struct span
domain_of(struct span address)
{
	return span_skip(address, span_rfind(address, '@') + 1);
}

/* With one recipient for each delivery the site is the recipient. */
static char *
site_key(const struct transport *t, const struct rcpt *r)
{
	struct span key = r->address;
	char *copy;

	if (t->limits.recipients != 1 &&
	    (r->kind == TO_REMOTE || r->kind == TO_USER))
		key = r->nexthop.n > 0 ? r->nexthop : domain_of(r->address);
	copy = mem_span(span_head(key, SITE_KEY_MOST));
	for (char *c = copy; *c != '\0'; c++)
		*c = (char)ascii_lower((unsigned char)*c);
	return copy;
}

struct site *
site_get(struct transport *t, const struct rcpt *r)
{
	char *key = site_key(t, r);
	struct site *s = table_get(t->sites, span_str(key));

	if (s != NULL) {
		free(key);
		return s;
	}
	s = mem_new(sizeof(*s));
	s->transport = t;
	s->key = key;
	window_init(&s->window, &t->limits);
	list_init(&s->shares);
	list_init(&s->groups);
	list_init(&s->of_host);
	list_init(&s->at_host);
	table_put(t->sites, span_str(key), s);
	return s;
}

static bool
is_dead(const struct site *s)
{
	return s->dead_until > clock_ms();
}

bool
site_is_dead(const struct site *s, const char **status, const char **reason)
{
	if (is_dead(s)) {
		*status = s->dead_status;
		*reason = s->dead_reason;
		return true;
	}
	if (s->host == NULL || !host_is_dead(s->host))
		return false;
	*status = s->host->dead_status;
	*reason = s->host->dead_reason;
	return true;
}

void
site_count(struct site *s, int underway, int promised)
{
	s->underway += (unsigned)underway;
	s->promised += (unsigned)promised;
	if (s->host == NULL)
		return;
	s->host->underway += (unsigned)underway;
	s->host->promised += (unsigned)promised;
}

unsigned
site_room(const struct site *s)
{
	unsigned used = s->underway + s->promised;

	if (is_dead(s) || s->pause_until > clock_ms())
		return 0;
	return used < s->window.now ? s->window.now - used : 0;
}

static void
site_free(struct site *s)
{
	heap_remove(s->transport->q->sites_wake, &s->wake);
	host_leave(s);
	table_remove(s->transport->sites, span_str(s->key));
	free(s->dead_reason);
	free(s->key);
	free(s);
}

static void
first_of(int64_t *first, int64_t when)
{
	if (when > 0 && (*first == 0 || when < *first))
		*first = when;
}

static void
timer_set(struct qmgr *q)
{
	struct heap_node *n = heap_first(q->sites_wake);
	int64_t now = clock_ms();

	if (n == NULL)
		loop_timer_stop(q->sites_timer);
	else
		loop_timer_set(
		    q->sites_timer, n->when > now ? n->when - now : 0);
}

void
site_settle(struct site *s)
{
	struct qmgr *q = s->transport->q;
	int64_t first = 0;

	first_of(&first, s->dead_until);
	first_of(&first, s->pause_until);
	first_of(&first, s->known_until);
	if (first > 0)
		heap_put(q->sites_wake, &s->wake, first);
	else if (s->underway == 0 && list_empty(&s->groups))
		site_free(s);
	else
		heap_remove(q->sites_wake, &s->wake);
	timer_set(q);
}

static void
remember(struct site *s, int64_t seconds)
{
	s->known_until = clock_ms() + seconds * 1000;
}

static void
die(struct site *s, const char *status, struct span reason)
{
	s->dead_until =
	    clock_ms() + s->transport->q->conf->minimal_backoff_time * 1000;
	free(s->dead_reason);
	s->dead_reason = mem_printf(
	    "delivery temporarily suspended: %.*s", (int)reason.n, reason.p);
	(void)snprintf(s->dead_status, sizeof(s->dead_status), "%s", status);
}

bool
site_result(
    struct site *s, bool reached, const char *status, struct span reason)
{
	const struct qmgr_conf *conf = s->transport->q->conf;
	const struct limits *l = &s->transport->limits;

	if (l->rate_delay > 0)
		s->pause_until = clock_ms() + l->rate_delay * 1000;
	if (reached || !s->transport->remote) {
		s->dead_until = 0;
		window_success(&s->window, l, s->underway);
		s->known_until = 0;
		if (s->transport->remote &&
		    (s->window.now > l->initial || s->host != NULL))
			remember(s, conf->minimal_backoff_time);
		return false;
	}
	/* until the same letter may have been tried once more */
	remember(s, 2 * conf->maximal_backoff_time);
	if (is_dead(s) || !window_failure(&s->window, l))
		return false;
	die(s, status, reason);
	return true;
}

void
site_revive(struct site *s)
{
	if (s->dead_until > 0)
		window_init(&s->window, &s->transport->limits);
	s->dead_until = 0;
}

/* The site's time has come: it lives again, goes on, or is forgotten. */
static void
site_wake(struct site *s, int64_t now)
{
	if (s->dead_until > 0 && s->dead_until <= now)
		site_revive(s);
	if (s->pause_until <= now)
		s->pause_until = 0;
	if (s->known_until <= now)
		s->known_until = 0;
	sched_choose(s);
	dispatch_run(s->transport);
	site_settle(s);
}

static void
sites_wake(void *arg)
{
	struct qmgr *q = arg;
	int64_t now = clock_ms();

	for (struct heap_node *n;
	     (n = heap_first(q->sites_wake)) != NULL && n->when <= now;)
		site_wake(HEAP_OF(n, struct site, wake), now);
	timer_set(q);
}

void
sites_start(struct qmgr *q)
{
	q->sites_wake = heap_new();
	q->sites_timer = loop_timer_new(q->loop, sites_wake, q);
}
