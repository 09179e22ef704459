/*
 * waiting.c - what sleeps, by where it is to go and by who holds it
 *
 * Whoever may say ETRN may have the queue searched, as often as he likes: so
 * messages that sleep are listed under the domains and next hops of their
 * recipients that wait. And whoever may hold mail for its release has a number
 * of it that is known without looking.
 */

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/table.h"
#include "qmgr/qmgr.h"

/* A domain or next hop, and the entries of it. */
struct place_to {
	struct buf name; /* in lower case */
	struct list entries;
};

struct waiting {
	struct list in;
	struct place_to *to;
	struct message *m;
	struct waiting *next; /* of the message */
};

static void
lower(struct buf *out, struct span name)
{
	for (size_t i = 0; i < name.n; i++)
		buf_add_byte(out, (char)ascii_lower((unsigned char)name.p[i]));
}

/* Made when it is not there. */
static struct place_to *
place_to(struct qmgr *q, struct span name)
{
	struct buf key = BUF_EMPTY;
	struct place_to *to;

	if (q->waiting == NULL)
		q->waiting = table_new();
	lower(&key, name);
	to = table_get(q->waiting, buf_span(&key));
	if (to != NULL) {
		buf_free(&key);
		return to;
	}
	to = mem_new(sizeof(*to));
	to->name = key;
	list_init(&to->entries);
	(void)table_put(q->waiting, buf_span(&to->name), to);
	return to;
}

/* The last one listed there is it already, where it goes there twice. */
static void
add(struct message *m, struct span name)
{
	struct place_to *to;
	struct waiting *e;

	if (name.n == 0)
		return;
	to = place_to(m->q, name);
	if (!list_empty(&to->entries) &&
	    LIST_OF(to->entries.prev, struct waiting, in)->m == m)
		return;
	e = mem_new(sizeof(*e));
	e->to = to;
	e->m = m;
	e->next = m->waits_for;
	m->waits_for = e;
	list_add_tail(&to->entries, &e->in);
}

void
waiting_add(struct message *m)
{
	struct message_walk w = message_walk(m, 0);
	struct message_line r;

	must(m->waits_for == NULL);
	while (message_next(&w, &r)) {
		if (!r.waits)
			continue;
		add(m, span_skip(r.address, span_rfind(r.address, '@') + 1));
		add(m, r.nexthop);
	}
}

static void
remove_entry(struct qmgr *q, struct waiting *e)
{
	struct place_to *to = e->to;

	list_remove(&e->in);
	free(e);
	if (!list_empty(&to->entries))
		return;
	(void)table_remove(q->waiting, buf_span(&to->name));
	buf_free(&to->name);
	free(to);
}

void
waiting_remove(struct message *m)
{
	while (m->waits_for != NULL) {
		struct waiting *e = m->waits_for;

		m->waits_for = e->next;
		remove_entry(m->q, e);
	}
}

static void
collect(const struct place_to *to, struct waiting_ids *out)
{
	LIST_EACH(at, &to->entries)
	{
		const struct message *m = LIST_OF(at, struct waiting, in)->m;

		if (out->count == out->room) {
			out->room = out->room * 2 + 16;
			out->ids =
			    mem_resize(out->ids, out->room, sizeof(*out->ids));
		}
		for (size_t i = 0; i < sizeof(m->id); i++)
			out->ids[out->count][i] = m->id[i];
		out->count++;
	}
}

static bool
is_below(struct span name, struct span domain)
{
	struct span tail;

	if (name.n <= domain.n)
		return false;
	tail = span_skip(name, name.n - domain.n);
	return span_eq(tail, domain) &&
	    span_at(name, name.n - domain.n - 1) == '.';
}

void
waiting_for(struct qmgr *q, struct span site, struct waiting_ids *out)
{
	bool below = span_at(site, 0) == '@';
	struct buf name = BUF_EMPTY;
	const struct place_to *to;
	struct span key;
	size_t at = 0;
	void *value;

	*out = (struct waiting_ids){ .count = 0 };
	if (q->waiting == NULL)
		return;
	lower(&name, span_skip(site, below ? 1 : 0));
	to = table_get(q->waiting, buf_span(&name));
	if (to != NULL)
		collect(to, out);
	while (below && table_next(q->waiting, &at, &key, &value))
		if (is_below(key, buf_span(&name)))
			collect(value, out);
	buf_free(&name);
}

/* ---- held for their release */

struct holder {
	unsigned count;
};

void
holder_set(struct message *m, struct span user)
{
	struct holder *h;

	holder_clear(m);
	if (m->q->holders == NULL)
		m->q->holders = table_new();
	h = table_get(m->q->holders, user);
	if (h == NULL) {
		h = mem_new(sizeof(*h));
		(void)table_put(m->q->holders, user, h);
	}
	h->count++;
	m->held_for = mem_span(user);
}

void
holder_clear(struct message *m)
{
	struct holder *h;

	if (m->held_for == NULL)
		return;
	h = table_get(m->q->holders, span_str(m->held_for));
	must(h != NULL && h->count > 0);
	if (--h->count == 0)
		free(table_remove(m->q->holders, span_str(m->held_for)));
	mem_free(&m->held_for);
}

unsigned
holder_count(const struct qmgr *q, struct span user)
{
	const struct holder *h =
	    q->holders == NULL ? NULL : table_get(q->holders, user);

	return h == NULL ? 0 : h->count;
}
