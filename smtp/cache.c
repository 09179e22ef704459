/*
 * cache.c - connections that wait a moment for the next message
 *
 * The key is all that a session was opened with, so that nothing is sent over
 * a connection whose certificate or password was right for another next hop.
 */

#include "smtp/cache.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/why.h"
#include "maps/match_list.h"
#include "os/loop.h"
#include "smtp/conf.h"
#include "smtp/destination.h"
#include "smtp/session.h"

struct cache {
	struct loop *loop;
	const struct smtp_conf *conf;
	struct list entries; /* the oldest first */
	unsigned count;
};

struct entry {
	struct list in;
	struct cache *cache;
	struct session *session;
	struct loop_timer *timer;
	char *key;
};

static char *
key_make(const struct session_setup *s)
{
	struct buf key = BUF_EMPTY;

	buf_printf(&key, "%d %d %d %d %s ", s->lmtp, (int)s->tls, s->sts,
	    s->no_chunks, s->target->text);
	buf_add_span(&key, s->nexthop);
	buf_add_byte(&key, ' ');
	buf_add_span(&key, s->match);
	buf_add_byte(&key, ' ');
	buf_add_span(&key, s->anchors);
	buf_add_byte(&key, ' ');
	buf_add_span(&key, s->sender);
	return buf_take(&key);
}

/* The session goes back to the caller. */
static struct session *
entry_free(struct entry *e)
{
	struct session *s = e->session;

	list_remove(&e->in);
	e->cache->count--;
	loop_timer_free(&e->timer);
	free(e->key);
	free(e);
	return s;
}

static void
entry_end(void *arg)
{
	struct session *s = entry_free(arg);

	session_close(&s);
}

static void
broke(void *arg, const struct why *why)
{
	(void)why;
	entry_end(arg);
}

struct cache *
cache_new(struct loop *loop, const struct smtp_conf *conf)
{
	struct cache *c = mem_new(sizeof(*c));

	c->loop = loop;
	c->conf = conf;
	list_init(&c->entries);
	return c;
}

void
cache_clear(struct cache *c)
{
	while (!list_empty(&c->entries))
		entry_end(LIST_OF(c->entries.next, struct entry, in));
}

void
cache_free(struct cache **c)
{
	if (*c == NULL)
		return;
	cache_clear(*c);
	mem_free(c);
}

bool
cache_wanted(const struct cache *c, struct span nexthop)
{
	struct why why;
	bool wanted = c->conf->smtp_connection_cache_on_demand;

	if (wanted || c->conf->cached == NULL)
		return wanted;
	why_init(&why);
	wanted = match_list_test(c->conf->cached, nexthop, &why) == MATCH_YES;
	why_free(&why);
	return wanted;
}

void
cache_put(struct cache *c, struct session **s)
{
	/* nothing is asked of the server while it waits */
	static const struct session_calls calls = { .failed = broke };
	int64_t limit = c->conf->smtp_connection_cache_time_limit;
	struct entry *e;

	if (!session_reusable(*s) || limit <= 0)
		return;
	if (c->count == CACHE_MAX)
		entry_end(LIST_OF(c->entries.next, struct entry, in));
	e = mem_new(sizeof(*e));
	e->cache = c;
	e->session = *s;
	e->key = key_make(session_setup_of(*s));
	e->timer = loop_timer_new(c->loop, entry_end, e);
	loop_timer_set(e->timer, limit * 1000);
	list_init(&e->in);
	list_add_tail(&c->entries, &e->in);
	c->count++;
	session_rebind(*s, &calls, e);
	*s = NULL;
}

struct session *
cache_take(struct cache *c, const struct session_setup *setup)
{
	char *key = key_make(setup);
	struct session *found = NULL;

	LIST_EACH(l, &c->entries)
	{
		struct entry *e = LIST_OF(l, struct entry, in);

		if (strcmp(e->key, key) == 0 && session_reusable(e->session)) {
			found = entry_free(e);
			break;
		}
	}
	free(key);
	return found;
}
