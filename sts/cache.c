/*
 * cache.c - the policies that are known, in memory and as a document
 *
 * A policy stays until it expires, whatever the DNS or its server says
 * meanwhile (RFC 8461, 5.1): who can suppress an answer must not get mail in
 * plain for it. As a document: a line of words for each.
 */

#include "sts/cache.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/number.h"
#include "base/table.h"

enum { DAY = 86400 };

struct cache {
	size_t limit;
	struct table *by_domain;
	struct list order;
};

struct cache *
cache_new(size_t limit)
{
	struct cache *c = mem_new(sizeof(*c));

	c->limit = limit;
	c->by_domain = table_new();
	list_init(&c->order);
	return c;
}

static void
policy_free(struct cache *c, struct policy *p)
{
	(void)table_remove(c->by_domain, span_str(p->domain));
	list_remove(&p->in);
	arena_free(&p->arena);
	free(p->domain);
	free(p);
}

void
cache_free(struct cache **c)
{
	if (*c == NULL)
		return;
	while (!list_empty(&(*c)->order))
		policy_free(*c, LIST_OF((*c)->order.next, struct policy, in));
	table_free(&(*c)->by_domain, NULL);
	mem_free(c);
}

size_t
cache_count(const struct cache *c)
{
	return table_count(c->by_domain);
}

/* Names are kept as one writes them in lower case. */
static struct span
lower(struct span name, char *room, size_t size)
{
	size_t n = name.n < size ? name.n : size;

	for (size_t i = 0; i < n; i++)
		room[i] = (char)ascii_lower((unsigned char)name.p[i]);
	return span_of(room, n);
}

struct policy *
cache_find(struct cache *c, struct span domain, int64_t now)
{
	char room[256];
	struct policy *p =
	    table_get(c->by_domain, lower(domain, room, sizeof(room)));

	if (p == NULL || p->expires > now)
		return p;
	policy_free(c, p);
	return NULL;
}

static void
policy_fill(struct policy *to, struct span id, const struct sts_policy *p)
{
	struct arena *a = arena_new(), *old = to->arena;

	to->id = arena_span(a, id);
	to->p = *p;
	for (size_t i = 0; i < p->mx_count; i++)
		to->p.mx[i] = arena_span(a, p->mx[i]);
	to->arena = a;
	arena_free(&old);
}

struct policy *
cache_put(struct cache *c, struct span domain, struct span id,
    const struct sts_policy *p, int64_t now)
{
	char room[256];
	struct span name = lower(domain, room, sizeof(room));
	struct policy *to = table_get(c->by_domain, name);

	if (to == NULL) {
		if (cache_count(c) >= c->limit)
			policy_free(
			    c, LIST_OF(c->order.prev, struct policy, in));
		to = mem_new(sizeof(*to));
		to->domain = mem_span(name);
		list_init(&to->in);
		list_add_head(&c->order, &to->in);
		(void)table_put(c->by_domain, name, to);
	}
	policy_fill(to, id, p);
	to->fetched = now;
	to->expires = now + p->max_age;
	to->retry_ms = 0;
	return to;
}

void
cache_touch(struct cache *c, struct policy *p, int64_t now)
{
	p->used = now;
	list_remove(&p->in);
	list_add_head(&c->order, &p->in);
}

struct policy *
cache_due(struct cache *c, int64_t now, int64_t now_ms)
{
	LIST_EACH(l, &c->order)
	{
		struct policy *p = LIST_OF(l, struct policy, in);
		int64_t half = p->p.max_age / 2;

		if (now >= p->fetched + (half < DAY ? half : DAY) &&
		    p->used >= p->fetched && p->expires > now &&
		    now_ms >= p->retry_ms)
			return p;
	}
	return NULL;
}

void
cache_print(const struct cache *c, struct buf *out)
{
	for (struct list *l = c->order.prev; l != &c->order; l = l->prev) {
		const struct policy *p = LIST_OF(l, struct policy, in);

		buf_printf(out, "%s %.*s %s %lld %lld %lld", p->domain,
		    (int)p->id.n, p->id.p, sts_mode_name(p->p.mode),
		    (long long)p->p.max_age, (long long)p->fetched,
		    (long long)p->used);
		for (size_t i = 0; i < p->p.mx_count; i++)
			buf_printf(
			    out, " %.*s", (int)p->p.mx[i].n, p->p.mx[i].p);
		buf_add_byte(out, '\n');
	}
}

static bool
time_word(struct span *line, uint64_t max, int64_t *out)
{
	struct span word;
	uint64_t n;

	if (!span_word(line, " ", &word) || !number_parse(word, 0, max, &n))
		return false;
	*out = (int64_t)n;
	return true;
}

static void
line_load(struct cache *c, struct span line, int64_t now)
{
	struct span domain, id, mode, mx;
	struct sts_policy p = { .mode = STS_NONE };
	struct policy *to;
	int64_t age, fetched, used;

	if (!span_word(&line, " ", &domain) || !sts_mx_valid(domain) ||
	    !span_word(&line, " ", &id) || !sts_id_valid(id) ||
	    !span_word(&line, " ", &mode) || !sts_mode_parse(mode, &p.mode) ||
	    !time_word(&line, STS_AGE_MAX, &age) ||
	    !time_word(&line, INT64_MAX / 2, &fetched) ||
	    !time_word(&line, INT64_MAX / 2, &used))
		return;
	while (p.mx_count < STS_MX_MAX && span_word(&line, " ", &mx)) {
		if (!sts_mx_valid(mx))
			return;
		p.mx[p.mx_count++] = mx;
	}
	/* a clock that was ahead when it was written must not make it eternal
	 */
	if (fetched > now)
		fetched = now;
	p.max_age = (uint32_t)age;
	if (fetched + age <= now || (p.mode != STS_NONE && p.mx_count == 0))
		return;
	to = cache_put(c, domain, id, &p, fetched);
	to->used = used;
}

void
cache_load(struct cache *c, struct span text, int64_t now)
{
	struct span line;

	while (span_line(&text, &line))
		line_load(c, line, now);
}
