/*
 * rejoin.c - a parked session goes on
 *
 * The pass says whose it was; meanwhile the account may be gone, locked, or
 * another's who has its number now. It has no process that would hinder or end
 * with that, so the account is looked at each time.
 */

#include "auth/question.h"

#include <stdlib.h>

#include "auth/pass.h"
#include "auth/penalty.h"
#include "auth/worker.h"
#include "base/arena.h"
#include "base/mem.h"
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

static void
account_told(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;
	struct arena *a = arena_new();
	struct session_start s;

	if (r->verdict == AUTH_TROUBLE) {
		no(q, AUTH_TROUBLE, "the account cannot be looked at now");
	} else if (r->verdict != AUTH_OK) {
		no(q, AUTH_DENIED, "the account may not log in any more");
	} else if (!pass_read(q->auth->passes, buf_span(&q->pass), clock_wall(),
		       a, &s) ||
	    !same_account(&s, r)) {
		no(q, AUTH_DENIED, "the account is another one now");
	} else {
		s.quota = r->quota;
		s.state = buf_span(&q->state);
		question_session(q, "imapd", &s);
	}
	arena_free(&a);
}

void
question_rejoin(struct question *q, struct span pass, struct span state)
{
	struct attempt t = { .kind = ATTEMPT_ACCOUNT, .service = SPAN("imap") };
	struct arena *a = arena_new();
	struct session_start s;
	struct penalty_of who;

	q->service = mem_str("imap");
	if (pass_read(q->auth->passes, pass, clock_wall(), a, &s)) {
		buf_add_span(&q->pass, pass);
		buf_add_span(&q->state, state);
		q->user = mem_span(s.user);
		q->client_addr = mem_span(s.client_addr);
		who = question_who(q);
		t.user = s.user;
		t.client_addr = s.client_addr;
		t.rank = penalty_rank(q->auth->penalty, &who);
		if (!workers_ask(q->auth->workers, &t, account_told, q))
			no(q, AUTH_TROUBLE, "too many passwords wait");
	} else {
		q->user = mem_str("");
		no(q, AUTH_DENIED, "the pass is not good");
	}
	arena_free(&a);
}
