/*
 * limits.c - what one client may take: connections and rates
 *
 * A client is remembered while it has connections open, and until its unit of
 * time is over. Those that wait only for that stand in a list by age, so that
 * forgetting costs nothing: each visit drops those that are due, and when the
 * list is full the oldest goes.
 */

#include "smtpd/limits.h"

#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/table.h"

enum { REMEMBERED_MAX = 50000 };

struct limits {
	struct limits_conf conf;
	struct table *clients;
	struct list idle; /* no connection open, oldest first */
	unsigned idle_count;
};

struct limits_client {
	struct limits *limits;
	struct list in; /* of idle */
	unsigned char key[16];
	unsigned key_n;
	unsigned open;
	int64_t unit_begun;
	unsigned counts[LIMIT_KINDS];
};

struct limits *
limits_new(const struct limits_conf *conf)
{
	struct limits *l = mem_new(sizeof(*l));

	l->conf = *conf;
	l->clients = table_new();
	list_init(&l->idle);
	return l;
}

void
limits_free(struct limits **l)
{
	if (*l == NULL)
		return;
	table_free(&(*l)->clients, free);
	free(*l);
	*l = NULL;
}

static struct span
key_of(const struct limits_client *c)
{
	return span_of((const char *)c->key, c->key_n);
}

static void
forget(struct limits *l, struct limits_client *c)
{
	list_remove(&c->in);
	l->idle_count--;
	table_remove(l->clients, key_of(c));
	free(c);
}

static void
forget_old(struct limits *l, int64_t now)
{
	while (!list_empty(&l->idle)) {
		struct limits_client *c =
		    LIST_OF(l->idle.next, struct limits_client, in);

		if (l->idle_count <= REMEMBERED_MAX &&
		    now - c->unit_begun < l->conf.unit_ms)
			break;
		forget(l, c);
	}
}

/* Counts begin anew when the unit is over. */
static void
unit_check(struct limits_client *c, int64_t now)
{
	if (now - c->unit_begun < c->limits->conf.unit_ms)
		return;
	c->unit_begun = now;
	memset(c->counts, 0, sizeof(c->counts));
}

static void
key_make(const struct limits *l, struct span address, struct limits_client *c)
{
	c->key_n = (unsigned)(address.n > 16 ? 16 : address.n);
	memcpy(c->key, address.p, c->key_n);
	for (unsigned i = 0; address.n == 16 && i < 16; i++) {
		unsigned prefix = l->conf.ipv6_prefix;
		unsigned keep = prefix > i * 8 ? prefix - i * 8 : 0;

		if (keep < 8)
			c->key[i] &= (unsigned char)(0xff00 >> keep);
	}
}

struct limits_client *
limits_enter(struct limits *l, struct span address, int64_t now)
{
	struct limits_client key = { .open = 0 }, *c;

	forget_old(l, now);
	key_make(l, address, &key);
	c = table_get(l->clients, key_of(&key));
	if (c == NULL) {
		c = mem_new(sizeof(*c));
		*c = key;
		c->limits = l;
		c->unit_begun = now;
		list_init(&c->in);
		table_put(l->clients, key_of(c), c);
	} else if (c->open == 0) {
		list_remove(&c->in);
		l->idle_count--;
	}
	c->open++;
	return c;
}

void
limits_leave(struct limits_client **cp, int64_t now)
{
	struct limits_client *c = *cp;
	struct limits *l;

	*cp = NULL;
	if (c == NULL || --c->open > 0)
		return;
	l = c->limits;
	list_add_tail(&l->idle, &c->in);
	l->idle_count++;
	forget_old(l, now);
}

bool
limits_crowded(const struct limits_client *c)
{
	unsigned most = c->limits->conf.count;

	return most > 0 && c->open > most;
}

unsigned
limits_open(const struct limits_client *c)
{
	return c->open;
}

bool
limits_count(struct limits_client *c, enum limits_kind kind, int64_t now)
{
	unsigned most = c->limits->conf.rate[kind];

	unit_check(c, now);
	if (c->counts[kind] < UINT32_MAX)
		c->counts[kind]++;
	return most == 0 || c->counts[kind] <= most;
}

unsigned
limits_rate(const struct limits_client *c, enum limits_kind kind)
{
	return c->counts[kind];
}

size_t
limits_clients(const struct limits *l)
{
	return table_count(l->clients);
}
