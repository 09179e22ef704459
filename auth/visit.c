/*
 * visit.c - folders that users share: who may visit whom
 *
 * The pass says who asks. A visit is a session of the owner's account, with the
 * name of the visitor and his groups: its imapd knows by them that it is no
 * session of the owner's.
 */

#include "auth/question.h"

#include <stdlib.h>

#include "auth/pass.h"
#include "auth/penalty.h"
#include "auth/proxy.h"
#include "auth/sessions.h"
#include "auth/shares.h"
#include "auth/worker.h"
#include "base/arena.h"
#include "base/mem.h"
#include "calls/share_call.h"
#include "os/clock.h"

static void
done(struct question *q, enum auth_verdict verdict, const char *text)
{
	q->result.verdict = verdict;
	buf_add_str(&q->text, text);
	question_answer(q);
}

/* Look an account up; false: answered. */
static bool
look(struct question *q, enum attempt_kind kind, struct span user,
    attempt_fn *fn)
{
	struct penalty_of who = question_who(q);
	struct attempt t = { .kind = kind,
		.service = SPAN("imap"),
		.user = user,
		.client_addr = span_str(q->client_addr),
		.rank = penalty_rank(q->auth->penalty, &who) };

	if (workers_ask(q->auth->workers, &t, fn, q))
		return true;
	done(q, AUTH_TROUBLE, "too many passwords wait");
	return false;
}

void
question_visit(struct question *q, const struct attempt_result *r)
{
	struct session_start s = { .user = r->user,
		.uid = r->uid,
		.gid = r->gid,
		.home = r->home,
		.mail = r->mail,
		.quota = r->quota,
		.client_addr = span_str(q->client_addr),
		.local_addr = SPAN(""),
		.via = SPAN("imapd"),
		.tag = SPAN(""),
		.visitor = span_str(q->user),
		.groups = buf_span(&q->groups) };
	struct session_of who = { SPAN("visit"), s.visitor, s.client_addr };
	const char *text;

	if (sessions_full(q->auth->sessions, &who, &text))
		done(q, AUTH_LIMIT, text);
	else
		question_session(q, "imapd", &s);
}

static void
owner_told(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;

	if (r->verdict == AUTH_TROUBLE)
		done(q, AUTH_TROUBLE, "the owner cannot be looked up now");
	else if (r->verdict != AUTH_OK)
		done(q, AUTH_DENIED, "the owner's account is closed");
	else if (!span_eq(r->user, buf_span(&q->named)))
		done(q, AUTH_DENIED, "the owner is called otherwise");
	else if (!proxy_begin(q, r))
		question_visit(q, r);
}

static void
groups_known(struct question *q)
{
	const struct shares_who who = { span_str(q->user),
		buf_span(&q->groups) };

	if (q->kind == ASK_SHARE_LIST) {
		shares_list(q->auth->shares, &who, &q->shared);
		done(q, AUTH_OK, "");
	} else if (!shares_may(q->auth->shares, &who, buf_span(&q->named))) {
		done(q, AUTH_DENIED, "nothing is shared");
	} else {
		(void)look(q, ATTEMPT_ACCOUNT, buf_span(&q->named), owner_told);
	}
}

/* Those of a system's account that is still who the pass says. */
static void
groups_told(void *arg, const struct attempt_result *r)
{
	struct question *q = arg;

	if (r->verdict == AUTH_TROUBLE) {
		done(q, AUTH_TROUBLE, "groups cannot be looked up now");
		return;
	}
	if (r->verdict == AUTH_OK && r->uid == q->uid)
		buf_add_span(&q->groups, r->groups);
	groups_known(q);
}

static void
tell(struct question *q, const struct share_ask *ask, struct span owner)
{
	if (shares_tell(q->auth->shares, owner, ask->list))
		done(q, AUTH_OK, "");
	else
		done(q, AUTH_LIMIT, "too many identifiers, or ill-formed ones");
}

void
question_share(struct question *q, const struct share_ask *ask)
{
	struct arena *a = arena_new();
	struct session_start s;

	q->service = mem_str("imap");
	if (!pass_read(q->auth->passes, ask->pass, clock_wall(), a, &s)) {
		q->client_addr = mem_str("");
		q->user = mem_str("");
		done(q, AUTH_TROUBLE, "the pass is not good any more");
		arena_free(&a);
		return;
	}
	q->user = mem_span(s.user);
	q->client_addr = mem_span(s.client_addr);
	q->uid = s.uid;
	buf_add_span(&q->named, ask->owner);
	if (ask->kind == SHARE_TELL)
		tell(q, ask, s.user);
	else if (s.visitor.n > 0)
		done(q, AUTH_DENIED, "a visitor visits nobody");
	else if (!shares_know_groups(q->auth->shares))
		groups_known(q);
	else
		(void)look(q, ATTEMPT_GROUPS, s.user, groups_told);
	arena_free(&a);
}
