/*
 * rejoin.c - a parked session goes on
 *
 * The pass says whose it was; meanwhile the account may be gone, locked, or
 * another's who has its number now. It has no process that would hinder or end
 * with that, so the account is looked at each time. One look answers all who
 * ask while it is under way: one message that comes wakes all clients of its
 * user.
 */

#include "auth/question.h"

#include <stdlib.h>

#include "auth/pass.h"
#include "auth/penalty.h"
#include "auth/worker.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/table.h"
#include "calls/auth_call.h"
#include "os/clock.h"

static void
no(struct question *q, enum auth_verdict verdict, const char *text)
{
	q->result.verdict = verdict;
	buf_add_str(&q->text, text);
	question_answer(q);
}

static bool
same_account(const struct session_start *s, const struct attempt_result *r)
{
	return s->uid == r->uid && s->gid == r->gid &&
	    span_eq(s->user, r->user) && span_eq(s->home, r->home) &&
	    span_eq(s->mail, r->mail);
}

enum { LOOK_ANSWERS = 256 }; /* a socket's queue is not endless */

/* At an account, for those who came by from one address. */
struct look {
	struct auth *auth;
	struct buf key;
	struct list waiting; /* questions */
	unsigned count;
};

static struct look *
look_new(struct auth *auth, struct span key)
{
	struct look *l = mem_new(sizeof(*l));

	l->auth = auth;
	buf_add_span(&l->key, key);
	list_init(&l->waiting);
	(void)table_put(auth->looks, key, l);
	return l;
}

static void
look_free(struct look **l)
{
	struct table *looks = (*l)->auth->looks;
	struct span key = buf_span(&(*l)->key);

	if (table_get(looks, key) == *l)
		(void)table_remove(looks, key);
	buf_free(&(*l)->key);
	mem_free(l);
}

static void
decide(struct question *q, const struct attempt_result *r)
{
	struct arena *a = arena_new();
	struct session_start s;

	if (r->verdict == AUTH_TROUBLE) {
		no(q, AUTH_TROUBLE, "the account cannot be looked at now");
	} else if (r->verdict != AUTH_OK) {
		no(q, AUTH_DENIED, "the account may not log in any more");
	} else if (!pass_read(q->auth->passes, buf_span(&q->pass), clock_wall(),
		       a, &s) ||
	    s.visitor.n > 0 || !same_account(&s, r)) {
		no(q, AUTH_DENIED, "the account is another one now");
	} else {
		s.quota = r->quota;
		s.state = buf_span(&q->state);
		question_session(q, "imapd", &s);
	}
	arena_free(&a);
}

static void
account_told(void *arg, const struct attempt_result *r)
{
	struct look *l = arg;

	while (!list_empty(&l->waiting)) {
		struct question *q =
		    LIST_OF(l->waiting.next, struct question, in);

		list_remove(&q->in);
		decide(q, r);
	}
	look_free(&l);
}

/* q is answered when the account was looked at. */
static void
look_at(struct question *q, const struct session_start *s)
{
	struct attempt t = { .kind = ATTEMPT_ACCOUNT,
		.service = SPAN("imap"),
		.user = s->user,
		.client_addr = s->client_addr };
	struct penalty_of who = question_who(q);
	struct buf key = BUF_EMPTY;
	struct look *l;
	bool under_way;

	buf_add_span(&key, s->client_addr);
	buf_add_byte(&key, ' ');
	buf_add_span(&key, s->user);
	l = table_get(q->auth->looks, buf_span(&key));
	under_way = l != NULL && l->count < LOOK_ANSWERS;
	if (!under_way)
		l = look_new(q->auth, buf_span(&key));
	buf_free(&key);
	list_add_tail(&l->waiting, &q->in);
	l->count++;
	if (under_way)
		return;
	t.rank = penalty_rank(q->auth->penalty, &who);
	if (workers_ask(q->auth->workers, &t, account_told, l))
		return;
	list_remove(&q->in);
	look_free(&l);
	no(q, AUTH_TROUBLE, "too many passwords wait");
}

void
question_rejoin(struct question *q, struct span pass, struct span state)
{
	struct arena *a = arena_new();
	struct session_start s;

	q->service = mem_str("imap");
	if (pass_read(q->auth->passes, pass, clock_wall(), a, &s) &&
	    s.visitor.n == 0) {
		buf_add_span(&q->pass, pass);
		buf_add_span(&q->state, state);
		q->user = mem_span(s.user);
		q->client_addr = mem_span(s.client_addr);
		look_at(q, &s);
	} else {
		q->user = mem_str("");
		no(q, AUTH_DENIED, "the pass is not good");
	}
	arena_free(&a);
}
