/*
 * retry.c - messages that wait
 *
 * The wait grows with the message's age, within minimal_backoff_time and
 * maximal_backoff_time, plus or minus a tenth, so that what failed together is
 * not tried together. Losing the block that says so in a crash costs one early
 * try: it is not flushed.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/table.h"
#include "message/date.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"

enum { BATCH = 500, MOVE_AGAIN = 60 };

static int64_t
next_wait(const struct message *m)
{
	const struct qmgr_conf *conf = m->q->conf;
	int64_t wait = clock_wall() - retry_since_us(m) / 1000000;
	unsigned char random = 128;

	if (wait < conf->minimal_backoff_time)
		wait = conf->minimal_backoff_time;
	if (wait > conf->maximal_backoff_time)
		wait = conf->maximal_backoff_time;
	(void)!getrandom(&random, 1, 0);
	return wait + wait * (random - 128) / 1280;
}

int64_t
retry_since_us(const struct message *m)
{
	return m->arrival_us / 1000000 < m->release ? m->release * 1000000
						    : m->arrival_us;
}

bool
retry_is_held(const struct message *m)
{
	return m->release > 0 && clock_wall() < m->release;
}

int64_t
retry_end(const struct message *m)
{
	const struct qmgr_conf *conf = m->q->conf;
	bool report = m->e->sender.n == 0 || (m->e->flags & QUEUE_BOUNCE) != 0;

	return retry_since_us(m) / 1000000 +
	    (report ? conf->bounce_queue_lifetime
		    : conf->maximal_queue_lifetime);
}

bool
retry_expired(const struct message *m)
{
	return m->attempts > 0 && clock_wall() > retry_end(m);
}

/* When there is no room for another run, the end of one calls this again. */
void
retry_more(struct qmgr *q)
{
	struct heap_node *n = heap_first(q->retries);
	int64_t now = clock_wall();

	if (n != NULL && !active_is_full(q) && !q->draining)
		loop_timer_set(
		    q->retry_timer, n->when > now ? (n->when - now) * 1000 : 0);
}

void
retry_plan(struct message *m, int64_t when)
{
	m->next_try = when;
	heap_put(m->q->retries, &m->retry, when);
	retry_more(m->q);
}

static void
record(struct message *m)
{
	struct buf block = BUF_EMPTY;

	qfile_block_begin(&block);
	for (size_t i = 0; i < m->rcpt_count; i++)
		if (m->rcpts[i]->deferred)
			qfile_block_reason(&block, (uint32_t)i,
			    m->rcpts[i]->file.status, m->rcpts[i]->file.reason);
	for (size_t i = 0; i < m->rcpt_count; i++)
		m->e->warned = m->e->warned || m->rcpts[i]->warned;
	if (m->e->warned)
		qfile_block_warned(&block);
	qfile_block_retry(&block, m->next_try, m->attempts);
	qfile_block_end(&block, &m->first);
	if (message_append(m, buf_span(&block)) == -1)
		log_warning(
		    "%s: record the deferral: %s", m->id, strerror(errno));
	m->marks_unsynced = false;
	buf_free(&block);
}

void
retry_defer(struct message *m)
{
	m->attempts++;
	m->next_try = clock_wall() + next_wait(m);
	if (m->want_requeue) {
		m->want_requeue = false;
		m->next_try = 0;
	}
	if (m->next_try < m->release)
		m->next_try = m->release;
	record(m);
	message_sleep(m);
	if (m->place != PLACE_DEFERRED) {
		if (spool_move(m->q, m->id, m->place, PLACE_DEFERRED) == -1)
			log_error("%s: move to deferred/: %s", m->id,
			    strerror(errno));
		else
			m->place = PLACE_DEFERRED;
	}
	retry_plan(m, m->next_try);
}

void
retry_now(struct message *m)
{
	retry_plan(m, retry_is_held(m) ? m->release : 0);
}

bool
retry_too_many(const struct qmgr *q, struct span user)
{
	int most = q->conf->future_release_message_limit, held = 0;
	struct span key;
	size_t at = 0;
	void *value;

	while (most > 0 && held < most &&
	    table_next(q->messages, &at, &key, &value)) {
		const struct message *m = value;

		if (m->held_for != NULL && retry_is_held(m) &&
		    span_is(user, m->held_for))
			held++;
	}
	return most > 0 && held >= most;
}

void
retry_release(struct message *m)
{
	struct buf when = BUF_EMPTY;

	date_print_utc(&when, m->release);
	log_info("%s: held until its release at %s", m->id, buf_str(&when));
	buf_free(&when);
	retry_plan(m, m->release);
}

static void
begin(struct message *m)
{
	heap_remove(m->q->retries, &m->retry);
	m = message_wake(m);
	if (m == NULL)
		return;
	if (m->place != PLACE_ACTIVE) {
		if (spool_move(m->q, m->id, m->place, PLACE_ACTIVE) == -1) {
			log_error(
			    "%s: move to active/: %s", m->id, strerror(errno));
			message_sleep(m);
			retry_plan(m, clock_wall() + MOVE_AGAIN);
			return;
		}
		m->place = PLACE_ACTIVE;
	}
	active_start(m);
}

static void
due(void *arg)
{
	struct qmgr *q = arg;
	struct heap_node *n;
	int64_t now = clock_wall();

	for (int i = 0; i < BATCH && !active_is_full(q) && !q->draining; i++) {
		n = heap_first(q->retries);
		if (n == NULL || n->when > now)
			break;
		begin(HEAP_OF(n, struct message, retry));
	}
	retry_more(q);
}

void
retry_start(struct qmgr *q)
{
	q->retries = heap_new();
	q->retry_timer = loop_timer_new(q->loop, due, q);
}
