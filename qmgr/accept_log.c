/*
 * accept_log.c - accepted messages made durable together
 *
 * One batch is under way at a time; what comes meanwhile is gathered for the
 * next. Removals are recorded too, before the file goes: a replay must not
 * bring back what has been delivered. They wait some milliseconds for a batch
 * that is written anyway, and need no flush: after a power cut a message is
 * delivered a second time at most, as without a log.
 */

#include "qmgr/accept_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/table.h"
#include "os/file.h"
#include "os/loop.h"
#include "qmgr/accept_inside.h"
#include "qmgr/conf.h"
#include "qmgr/qmgr.h"
#include "queue/accept.h"

/* Removals wait so long for company; and have room at a segment's end. */
enum { LATER_MS = 5, RESERVE = 64 * 1024 };
/* A buffer that grew larger is not kept. */
enum { BUF_KEEP = 512 * 1024 };

/* A message whose batch is not durable yet. */
struct waiting {
	struct list in;
	struct message *m;
	syncpool_fn *fn;
	void *arg;
};

/* A file to be removed once that has been recorded. */
struct removal {
	struct list in;
	int folder; /* or -1: it is gone already */
	uint64_t number; /* of its message's batch */
	char id[QUEUE_ID_MAX + 1];
};

static void write_next(struct accept_log *l);

/* ---- room */

static size_t
room(const struct accept_log *l)
{
	return ACCEPT_SEGMENT - l->end;
}

/* May the batch that is being gathered grow by so much, when so much is to stay
 * free? It goes behind the last one or, where that is too small, into the next
 * segment; neither gets smaller before it is written. */
static bool
fits(const struct accept_log *l, size_t more, size_t spare)
{
	size_t size = accept_batch_size(l->gathered.n + more) + spare;

	return l->open && size <= (l->next_ready ? ACCEPT_SEGMENT : room(l));
}

static void
gather_begin(struct accept_log *l)
{
	if (l->gathered.n == 0)
		accept_batch_begin(&l->gathered);
}

/* ---- removals */

static void
unlinked(void *arg, int error)
{
	char *id = arg;

	if (error != 0)
		log_error("%s: remove queue file: %s", id, strerror(error));
	free(id);
}

static void
unlink_file(struct qmgr *q, int folder, const char *id)
{
	syncpool_unlink(q->pool, folder, id, unlinked, mem_str(id));
}

static void
removals_run(struct accept_log *l, struct list *removals)
{
	for (struct list *at; (at = list_pop(removals)) != NULL;) {
		struct removal *r = LIST_OF(at, struct removal, in);

		if (r->folder != -1)
			unlink_file(l->q, r->folder, r->id);
		free(r);
	}
}

static bool
is_needed(const struct accept_log *l, const struct message *m)
{
	return m->log_number > 0 && m->log_number >= l->oldest_durable;
}

static void
removal_gather(struct accept_log *l, struct removal *r)
{
	gather_begin(l);
	accept_put_removed(&l->gathered, span_str(r->id));
	list_add_tail(&l->removals, &r->in);
	if (!l->writing && !loop_timer_is_set(l->later))
		loop_timer_set(l->later, LATER_MS);
}

/* Where there is no room for it the file goes, and is recorded later. */
static void
record_removal(struct message *m, int folder)
{
	struct accept_log *l = m->q->accept_log;
	struct removal *r = mem_new(sizeof(*r));

	r->folder = folder;
	r->number = m->log_number;
	memcpy(r->id, m->id, sizeof(r->id));
	m->log_number = 0;
	list_remove(&m->in_log);
	if (fits(l, 2 + strlen(r->id), 0)) {
		removal_gather(l, r);
		return;
	}
	if (folder != -1)
		unlink_file(l->q, folder, r->id);
	r->folder = -1;
	list_add_tail(&l->unrecorded, &r->in);
}

void
accept_record_later(struct accept_log *l)
{
	for (struct list *at; (at = list_pop(&l->unrecorded)) != NULL;) {
		struct removal *r = LIST_OF(at, struct removal, in);

		if (r->number < l->oldest_durable) {
			free(r); /* no replay brings it back */
		} else if (fits(l, 2 + strlen(r->id), 0)) {
			removal_gather(l, r);
		} else {
			list_add_head(&l->unrecorded, &r->in);
			return;
		}
	}
}

void
accept_log_unlink(struct message *m)
{
	struct qmgr *q = m->q;
	int folder = q->folders[m->place];

	if (is_needed(q->accept_log, m))
		record_removal(m, folder);
	else
		unlink_file(q, folder, m->id);
}

void
accept_log_forget(struct message *m)
{
	list_remove(&m->in_log);
	if (is_needed(m->q->accept_log, m))
		record_removal(m, -1);
}

/* ---- batches */

bool
accept_log_add(
    struct message *m, int fd, struct span tail, syncpool_fn *fn, void *arg)
{
	uint64_t size = m->first.content_size;
	struct accept_log *l = m->q->accept_log;
	struct span id = span_str(m->id);
	struct waiting *w;
	size_t before, more;
	char *content;

	if (size + tail.n > l->message_limit)
		return false;
	more = accept_message_size(id, (size_t)size, tail.n);
	if (l->closing || !fits(l, more, RESERVE))
		return false;
	gather_begin(l);
	before = l->gathered.n;
	content = accept_put_message(
	    &l->gathered, id, m->place == PLACE_HOLD, (size_t)size, tail);
	if (file_read_at(fd, content, (size_t)size, 0) == -1) {
		buf_cut(&l->gathered, before == ACCEPT_HEAD ? 0 : before);
		return false;
	}
	w = mem_new(sizeof(*w));
	w->m = m;
	w->fn = fn;
	w->arg = arg;
	list_add_tail(&l->gathered_messages, &w->in);
	if (!l->writing)
		write_next(l);
	return true;
}

static void
turn(struct accept_log *l)
{
	must(l->next_ready);
	l->at = l->next;
	l->end = 0;
	l->next_ready = false;
	list_init(&l->segments[l->at].live);
	l->segments[l->at].used = true;
	l->segments[l->at].first = l->number + 1;
}

static void
answer(struct list *messages, int error)
{
	for (struct list *at; (at = list_pop(messages)) != NULL;) {
		struct waiting *w = LIST_OF(at, struct waiting, in);

		w->fn(w->arg, error);
		free(w);
	}
}

static void
written(void *arg, int error)
{
	struct accept_log *l = arg;
	struct list messages, removals;

	list_init(&messages);
	list_init(&removals);
	list_move(&messages, &l->written_messages);
	list_move(&removals, &l->written_removals);
	l->writing = false;
	if (error == 0 && !list_empty(&messages))
		l->oldest_durable = l->oldest_written;
	if (l->batch.cap > BUF_KEEP)
		buf_free(&l->batch);
	if (error != 0) {
		log_error("accept log: %s; queue files are flushed one by one",
		    strerror(error));
		l->closing = true;
	}
	write_next(l);
	answer(&messages, error);
	removals_run(l, &removals);
	if (l->closing)
		accept_close_step(l);
}

static void
own(struct accept_log *l)
{
	LIST_EACH(at, &l->written_messages)
	{
		struct message *m = LIST_OF(at, struct waiting, in)->m;

		m->log_number = l->number;
		list_add_tail(&l->segments[l->at].live, &m->in_log);
	}
}

static void
write_next(struct accept_log *l)
{
	struct syncpool_piece piece = { .fd = l->fd };
	struct buf swap = l->batch;
	int got;

	if (l->writing || l->gathered.n == 0)
		return;
	loop_timer_stop(l->later);
	if (accept_batch_size(l->gathered.n - ACCEPT_HEAD) > room(l)) {
		turn(l);
		accept_make_ready(l);
	}
	l->oldest_written = l->oldest;
	accept_batch_end(&l->gathered, ++l->number, l->oldest);
	l->batch = l->gathered;
	l->gathered = swap;
	buf_clear(&l->gathered);
	list_move(&l->written_messages, &l->gathered_messages);
	list_move(&l->written_removals, &l->removals);
	own(l);
	piece.bytes = buf_span(&l->batch);
	piece.offset = (uint64_t)l->at * ACCEPT_SEGMENT + l->end;
	l->end += l->batch.n;
	l->writing = true;
	if (!list_empty(&l->written_messages)) {
		syncpool_write(l->q->pool, &piece, written, l);
		return;
	}
	got = file_write_at(l->fd, piece.bytes, piece.offset);
	written(l, got == -1 ? errno : 0);
}

void
accept_write_removals(void *log)
{
	write_next(log);
}

void
accept_log_write(struct qmgr *q)
{
	write_next(q->accept_log);
}

/* ---- begin and end */

/* No log: each message is flushed for itself. */
static void
off(struct accept_log *l)
{
	l->closing = l->closed = true;
	l->oldest_durable = UINT64_MAX;
}

/* A log that is there and cannot be read may have what nobody else has. */
static bool
file_of_log(struct accept_log *l)
{
	struct stat st;

	l->folder = file_open_dir(l->q->spool, "accept", false);
	if (l->folder != -1)
		l->fd = file_open(l->folder, "log", O_RDWR, 0);
	if (l->fd == -1 && l->folder != -1 && errno != ENOENT)
		log_fatal("open accept/log: %s", strerror(errno));
	if (l->fd == -1 && l->folder != -1)
		l->fd = file_open(l->folder, "log", O_RDWR | O_CREAT, 0600);
	if (l->fd == -1 || fstat(l->fd, &st) == -1 ||
	    (st.st_size == 0 && file_sync(l->folder) == -1)) {
		log_warning("open accept/log: %s", strerror(errno));
		return false;
	}
	l->made = (unsigned)((uint64_t)st.st_size / ACCEPT_SEGMENT);
	if (l->made > ACCEPT_SEGMENTS_MOST)
		l->made = ACCEPT_SEGMENTS_MOST;
	return true;
}

static void
segments_init(struct accept_log *l)
{
	unsigned n = l->made > l->most ? l->made : l->most;

	l->segments = mem_array(n, sizeof(*l->segments));
	for (unsigned i = 0; i < n; i++) {
		list_init(&l->segments[i].live);
		l->segments[i].used = false;
		l->segments[i].first = 0;
		l->segments[i].owed = 0;
	}
}

void
accept_log_start(struct qmgr *q)
{
	struct accept_log *l = mem_new(sizeof(*l));
	uint64_t size = q->conf->accept_log_size / ACCEPT_SEGMENT;

	q->accept_log = l;
	l->q = q;
	l->folder = l->fd = -1;
	l->message_limit = q->conf->accept_log_message_limit;
	if (l->message_limit > ACCEPT_SEGMENT / 4)
		l->message_limit = ACCEPT_SEGMENT / 4;
	list_init(&l->gathered_messages);
	list_init(&l->written_messages);
	list_init(&l->removals);
	list_init(&l->written_removals);
	list_init(&l->unrecorded);
	l->later = loop_timer_new(q->loop, accept_write_removals, l);
	l->again = loop_timer_new(q->loop, accept_try_again, l);
	l->owed_timer = loop_timer_new(q->loop, accept_pay, l);
	l->most =
	    size > ACCEPT_SEGMENTS_MOST ? ACCEPT_SEGMENTS_MOST : (unsigned)size;
	if (l->most < ACCEPT_SEGMENTS_LEAST)
		l->most = size == 0 && q->conf->accept_log_size == 0
		    ? 0
		    : ACCEPT_SEGMENTS_LEAST;
	if (!file_of_log(l)) {
		off(l);
		return;
	}
	segments_init(l);
	accept_replay(l);
}

void
accept_log_ready(struct qmgr *q)
{
	struct accept_log *l = q->accept_log;

	if (l->closed)
		return;
	accept_found_all(l);
	if (l->most == 0)
		accept_log_close(q);
	else
		accept_make_ready(l);
}

void
accept_log_close(struct qmgr *q)
{
	struct accept_log *l = q->accept_log;

	l->closing = true;
	accept_close_step(l);
}

bool
accept_log_is_closed(const struct qmgr *q)
{
	return q->accept_log->closed;
}
