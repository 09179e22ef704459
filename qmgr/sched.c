/*
 * sched.c - which delivery is next
 *
 * See sched.h. A group waits in its sender's share of its site; when the site
 * chooses it, it moves to the list of its job, which stands in its sender's
 * lane. A share, a lane and a job exist only as long as there are groups in
 * them: what is idle costs nothing.
 */

#include "qmgr/sched.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/table.h"
#include "qmgr/qmgr.h"

/* A sender at a transport. */
struct lane {
	struct list in; /* transport.ready, while it has jobs there */
	struct transport *transport;
	char *sender;
	size_t sender_size;
	struct list jobs; /* with chosen groups, in turn */
	size_t job_count;
};

/* A message at a transport. */
struct job {
	struct list in; /* lane.jobs, while it has chosen groups */
	struct list of_message; /* message.jobs */
	struct message *message;
	struct lane *lane;
	struct list chosen; /* struct group, in turn */
	struct list groups; /* all */
};

/* A sender at a site. */
struct share {
	struct list in; /* site.shares */
	struct site *site;
	struct span sender; /* of the first group; see share_key() */
	struct list groups; /* in turn */
};

struct group {
	struct list in; /* share.groups, or job.chosen */
	struct list of_job; /* job.groups */
	struct list of_site; /* site.groups */
	struct job *job;
	struct site *site;
	struct share *share; /* NULL: chosen, or under way */
	bool promised;
	struct list rcpts;
};

/* Key of what belongs to a pointer, and to a sender of it. */
static void
key_make(struct buf *key, const void *p, const void *also, struct span text)
{
	buf_clear(key);
	buf_add(key, (const char *)&p, sizeof(p));
	buf_add(key, (const char *)&also, sizeof(also));
	buf_add_span(key, text);
}

void
sched_init(struct transport *t)
{
	t->shares = table_new();
	t->groups = table_new();
	t->lanes = table_new();
	list_init(&t->ready);
}

/* First come, first served: one line for all senders, in which each stays where
 * it is until it has no more. */
static bool
in_order(const struct transport *t)
{
	return t->limits.slot_cost == 0;
}

static struct lane *
lane_get(struct transport *t, struct span sender)
{
	struct lane *l;

	if (in_order(t))
		sender = SPAN("");
	l = table_get(t->lanes, sender);
	if (l != NULL)
		return l;
	l = mem_new(sizeof(*l));
	l->transport = t;
	l->sender = mem_span(sender);
	l->sender_size = sender.n;
	list_init(&l->in);
	list_init(&l->jobs);
	table_put(t->lanes, sender, l);
	return l;
}

static struct job *
job_get(struct transport *t, struct message *m)
{
	struct job *j;

	LIST_EACH(at, &m->jobs)
	{
		j = LIST_OF(at, struct job, of_message);
		if (j->lane->transport == t)
			return j;
	}
	j = mem_new(sizeof(*j));
	j->message = m;
	j->lane = lane_get(t, m->e->sender);
	j->lane->job_count++;
	list_init(&j->in);
	list_init(&j->chosen);
	list_init(&j->groups);
	list_init(&j->of_message);
	list_add_tail(&m->jobs, &j->of_message);
	return j;
}

static void
job_check(struct job *j)
{
	struct lane *l = j->lane;

	if (!list_empty(&j->groups))
		return;
	list_remove(&j->in);
	list_remove(&j->of_message);
	free(j);
	if (--l->job_count > 0)
		return;
	list_remove(&l->in);
	table_remove(l->transport->lanes, span_of(l->sender, l->sender_size));
	free(l->sender);
	free(l);
}

/* ---- shares: what waits at a site */

static void
share_add(struct group *g, bool first)
{
	struct site *s = g->site;
	struct lane *l = g->job->lane;
	struct buf key = BUF_EMPTY;
	struct share *share;

	/* the lane's copy of the sender outlives the share */
	key_make(&key, s, NULL, span_of(l->sender, l->sender_size));
	share = table_get(s->transport->shares, buf_span(&key));
	if (share == NULL) {
		share = mem_new(sizeof(*share));
		share->site = s;
		share->sender = span_of(l->sender, l->sender_size);
		list_init(&share->groups);
		list_init(&share->in);
		list_add_tail(&s->shares, &share->in);
		table_put(s->transport->shares, buf_span(&key), share);
	}
	buf_free(&key);
	g->share = share;
	if (first)
		list_add_head(&share->groups, &g->in);
	else
		list_add_tail(&share->groups, &g->in);
}

static void
share_check(struct share *share)
{
	struct buf key = BUF_EMPTY;

	if (!list_empty(&share->groups))
		return;
	key_make(&key, share->site, NULL, share->sender);
	table_remove(share->site->transport->shares, buf_span(&key));
	buf_free(&key);
	list_remove(&share->in);
	free(share);
}

/* ---- groups */

static void
group_key(struct buf *key, const struct message *m, const struct site *s,
    const struct rcpt *r)
{
	key_make(key, m, s, rcpt_sender(r));
	if (r->file.via.n > 0) { /* another header, another delivery */
		buf_add_byte(key, '\n');
		buf_add_span(key, r->file.via);
	}
}

static struct group *
group_get(struct site *s, struct rcpt *r)
{
	struct transport *t = s->transport;
	struct buf key = BUF_EMPTY;
	struct group *g;

	group_key(&key, r->m, s, r);
	g = table_get(t->groups, buf_span(&key));
	if (g == NULL) {
		g = mem_new(sizeof(*g));
		g->site = s;
		g->job = job_get(t, r->m);
		list_init(&g->in);
		list_init(&g->rcpts);
		list_init(&g->of_job);
		list_add_tail(&g->job->groups, &g->of_job);
		table_put(t->groups, buf_span(&key), g);
		list_init(&g->of_site);
		list_add_tail(&s->groups, &g->of_site);
		share_add(g, false);
	}
	buf_free(&key);
	return g;
}

/* Out of the list that it waits in. */
static void
group_unlink(struct group *g)
{
	struct share *share = g->share;

	list_remove(&g->in);
	g->share = NULL;
	if (share != NULL)
		share_check(share);
	if (!g->promised)
		return;
	g->promised = false;
	site_count(g->site, 0, -1);
	if (list_empty(&g->job->chosen)) {
		list_remove(&g->job->in);
		if (list_empty(&g->job->lane->jobs))
			list_remove(&g->job->lane->in);
	}
}

/* Its recipients are gone; last is one of them, for the key. */
static void
group_end(struct group *g, const struct rcpt *last)
{
	struct job *j = g->job;
	struct buf key = BUF_EMPTY;

	must(list_empty(&g->rcpts));
	group_unlink(g);
	group_key(&key, j->message, g->site, last);
	must(table_remove(g->site->transport->groups, buf_span(&key)) == g);
	buf_free(&key);
	list_remove(&g->of_site);
	list_remove(&g->of_job);
	free(g);
	job_check(j);
}

static void
group_choose(struct group *g)
{
	struct job *j = g->job;

	group_unlink(g);
	g->promised = true;
	site_count(g->site, 0, 1);
	list_add_tail(&j->chosen, &g->in);
	if (list_empty(&j->in))
		list_add_tail(&j->lane->jobs, &j->in);
	if (list_empty(&j->lane->in))
		list_add_tail(&j->lane->transport->ready, &j->lane->in);
}

bool
sched_choose_one(struct site *s)
{
	struct share *share;

	if (list_empty(&s->shares) || site_room(s) == 0)
		return false;
	share = LIST_OF(s->shares.next, struct share, in);
	list_remove(&share->in);
	list_add_tail(&s->shares, &share->in);
	group_choose(LIST_OF(share->groups.next, struct group, in));
	return true;
}

void
sched_choose(struct site *s)
{
	struct host *h = s->host;

	if (h == NULL) {
		while (sched_choose_one(s))
			continue;
		return;
	}
	if (!list_empty(&s->shares) && list_empty(&s->at_host))
		list_add_tail(&h->waiting, &s->at_host);
	host_choose(h);
}

void
sched_add(struct site *s, struct rcpt *r)
{
	struct group *g = group_get(s, r);

	r->at = AT_SITE;
	list_add_tail(&g->rcpts, &r->in);
}

struct group *
sched_next(struct transport *t)
{
	struct lane *l;
	struct job *j;
	struct group *g;

	if (list_empty(&t->ready))
		return NULL;
	l = LIST_OF(t->ready.next, struct lane, in);
	j = LIST_OF(l->jobs.next, struct job, in);
	g = LIST_OF(j->chosen.next, struct group, in);
	/* each goes to the end of its line, and leaves it when it has no more
	 */
	if (!in_order(t)) {
		list_remove(&l->in);
		list_add_tail(&t->ready, &l->in);
		list_remove(&j->in);
		list_add_tail(&l->jobs, &j->in);
	}
	group_unlink(g);
	return g;
}

struct site *
group_site(const struct group *g)
{
	return g->site;
}

struct rcpt *
group_peek(const struct group *g)
{
	return list_empty(&g->rcpts) ? NULL
				     : LIST_OF(g->rcpts.next, struct rcpt, in);
}

struct rcpt *
group_take(struct group *g)
{
	struct list *l = list_pop(&g->rcpts);

	return l == NULL ? NULL : LIST_OF(l, struct rcpt, in);
}

void
group_begun(struct group *g, const struct rcpt *last)
{
	if (list_empty(&g->rcpts))
		group_end(g, last);
	else
		share_add(g, in_order(g->site->transport));
}

/* ---- giving up */

static void
group_withdraw(struct group *g, struct list *out)
{
	struct rcpt *r = NULL;

	for (struct list *l; (l = list_pop(&g->rcpts)) != NULL;) {
		r = LIST_OF(l, struct rcpt, in);
		r->at = AT_REST;
		list_add_tail(out, &r->in);
	}
	must(r != NULL);
	group_end(g, r);
}

void
sched_withdraw(struct message *m, struct list *out)
{
	while (!list_empty(&m->jobs)) {
		struct job *j = LIST_OF(m->jobs.next, struct job, of_message);
		struct group *g = LIST_OF(j->groups.next, struct group, of_job);
		struct site *s = g->site;

		/* the last group takes the job with it */
		group_withdraw(g, out);
		sched_choose(s);
		site_settle(s);
	}
}

void
sched_withdraw_site(struct site *s, struct list *out)
{
	while (!list_empty(&s->groups))
		group_withdraw(
		    LIST_OF(s->groups.next, struct group, of_site), out);
}
