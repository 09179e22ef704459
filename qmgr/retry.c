/*
 * retry.c - messages that wait
 *
 * The wait grows with the message's age, within minimal_backoff_time and
 * maximal_backoff_time, plus or minus a tenth, so that what failed together is
 * not tried together. Losing the block that says so in a crash costs one early
 * try: it is not flushed.
 *
 * Times in files are of the wall clock, which somebody may set. So the order of
 * tries is kept by the other clock; what a file says of its next try is
 * believed up to the longest wait; and when the clock is seen to jump ahead,
 * mail that was there before does not grow old by it.
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

/* A jump is more than JUMP seconds; it is looked for every LOOK seconds. */
enum { BATCH = 500, MOVE_AGAIN = 60, JUMP = 60, LOOK = 60 };

/* Seconds of the clock that nobody can set. */
static int64_t
steady(void)
{
	return clock_ms() / 1000;
}

/* By how much its time on the wall clock is off. */
static int64_t
skew_of(const struct message *m)
{
	const struct qmgr *q = m->q;

	return retry_since_us(m) / 1000000 <= q->jumped_at ? q->jump : 0;
}

int64_t
retry_age(const struct message *m)
{
	return clock_wall() - skew_of(m) - retry_since_us(m) / 1000000;
}

/* Of the two the shortest wait counts, were it above the longest. */
static int64_t
bounded(const struct qmgr_conf *conf, int64_t wait)
{
	if (wait > conf->maximal_backoff_time)
		wait = conf->maximal_backoff_time;
	return wait < conf->minimal_backoff_time ? conf->minimal_backoff_time
						 : wait;
}

/* As long again as it has been here, give or take a tenth, so that what failed
 * at once is not tried at once. */
int64_t
retry_wait(const struct message *m)
{
	const struct qmgr_conf *conf = m->q->conf;
	int64_t wait = retry_age(m);
	unsigned char random = 128;

	wait = bounded(conf, wait);
	(void)!getrandom(&random, 1, 0);
	return bounded(conf, wait + wait * (random - 128) / 1280);
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

static int64_t
lifetime(const struct message *m)
{
	const struct qmgr_conf *conf = m->q->conf;
	bool report = m->e->sender.n == 0 || (m->e->flags & QUEUE_BOUNCE) != 0;

	return report ? conf->bounce_queue_lifetime
		      : conf->maximal_queue_lifetime;
}

int64_t
retry_end(const struct message *m)
{
	return retry_since_us(m) / 1000000 + skew_of(m) + lifetime(m);
}

/* A lifetime of 0 is one try. Else mail has two at least, were it old when it
 * was tried for the first time. */
bool
retry_expired(const struct message *m)
{
	retry_look(m->q);
	return lifetime(m) == 0 ||
	    (m->attempts > 0 && clock_wall() > retry_end(m));
}

/* When there is no room for another run, the end of one calls this again. */
void
retry_more(struct qmgr *q)
{
	struct heap_node *n = heap_first(q->retries);
	int64_t wait;

	if (n == NULL || active_is_full(q) || q->draining)
		return;
	wait = n->when - steady();
	if (wait > LOOK)
		wait = LOOK;
	loop_timer_set(q->retry_timer, wait > 0 ? wait * 1000 : 0);
}

/* The longest wait that can have been meant. */
static int64_t
wait_most(const struct qmgr_conf *conf)
{
	int64_t most = conf->maximal_backoff_time;

	if (most < conf->minimal_backoff_time)
		most = conf->minimal_backoff_time;
	return most + most / 10 + MOVE_AGAIN;
}

static void
plan(struct message *m, int64_t when)
{
	int64_t wait = when - clock_wall(), most = wait_most(m->q->conf);

	if (when == 0) {
		heap_put(m->q->retries, &m->retry, 0);
	} else {
		if (wait > most && when != m->release) {
			wait = most;
			when = clock_wall() + most;
		}
		heap_put(
		    m->q->retries, &m->retry, steady() + (wait > 0 ? wait : 0));
	}
	m->next_try = when;
}

void
retry_plan(struct message *m, int64_t when)
{
	plan(m, when);
	retry_more(m->q);
}

/* Releases are of the wall clock, wherever it goes. */
static void
releases_plan(struct qmgr *q)
{
	struct span key;
	void *value;
	size_t at = 0;

	while (table_next(q->messages, &at, &key, &value)) {
		struct message *m = value;

		if (m->release > 0 && m->next_try == m->release &&
		    m->retry.at != 0)
			plan(m, m->release);
	}
}

void
retry_look(struct qmgr *q)
{
	int64_t offset = clock_wall() - steady();
	int64_t jump = offset - q->clock_offset;

	q->clock_offset = offset; /* a slow drift is followed */
	if (jump <= JUMP && jump >= -JUMP)
		return;
	log_warning("the clock was set %s by %lld seconds",
	    jump > 0 ? "forward" : "back",
	    (long long)(jump > 0 ? jump : -jump));
	/* back: mail is younger than it says, which harms nobody */
	if (jump > 0 || q->jump > 0) {
		q->jumped_at = clock_wall() - jump;
		q->jump = q->jump + jump > 0 ? q->jump + jump : 0;
	}
	releases_plan(q);
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
	m->next_try = clock_wall() + retry_wait(m);
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
	int most = q->conf->future_release_message_limit;

	return most > 0 && holder_count(q, user) >= (unsigned)most;
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
	int64_t now = steady();

	retry_look(q);
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
	q->clock_offset = clock_wall() - steady();
	q->retry_timer = loop_timer_new(q->loop, due, q);
}
