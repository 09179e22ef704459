/*
 * accept_ready.c - segments of the accept log made ready, and the log emptied
 *
 * While a segment is being filled the one behind it is made ready. A new one
 * is written full of zeros and flushed, so that a batch is later written in
 * place and its flush needs no commit of a journal. An old one may hold
 * messages that are nowhere else on disk: those that are still in the queue get
 * a flush of their own files, then of their folders. Until it is ready, what
 * does not fit into the present one is flushed file by file.
 *
 * Where a flush fails the segment stays as it is, and is tried again: the files
 * are written again then, for what a failed flush left unwritten counts as
 * written to the kernel, and the next flush says that all is well.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/table.h"
#include "os/file.h"
#include "os/loop.h"
#include "os/syncpool.h"
#include "qmgr/accept_inside.h"
#include "qmgr/accept_log.h"
#include "qmgr/qmgr.h"
#include "queue/accept.h"
#include "queue/qread.h"

/* Files flushed at once; the wait after a failure. */
enum { FLUSHES_MOST = 32, AGAIN_MS = 10000 };

/* A queue file's own flush. */
struct flush {
	struct accept_log *l;
	struct accept_segment *segment;
	int fd;
	char id[QUEUE_ID_MAX + 1];
};

static void retire_step(struct accept_log *l, struct accept_segment *s);

static void
ready(struct accept_log *l, int error)
{
	l->readying = false;
	l->next_ready = error == 0 && !l->closing;
	if (l->next_ready && !l->open) {
		/* the first of this life is the one to fill */
		l->open = true;
		l->at = l->next;
		l->end = 0;
		l->next_ready = false;
		l->segments[l->at].used = true;
		l->segments[l->at].first = l->number + 1;
		accept_make_ready(l);
	}
	accept_record_later(l);
	if (error != 0)
		loop_timer_set(l->again, AGAIN_MS);
	else if (l->closing)
		accept_close_step(l);
}

/* ---- a new one */

static void
made(void *arg, int error)
{
	struct accept_log *l = arg;

	mem_free(&l->zeros);
	if (error == 0) {
		list_init(&l->segments[l->made].live);
		l->made++;
	} else {
		log_warning("make %llu octets of the accept log: %s",
		    (unsigned long long)ACCEPT_SEGMENT, strerror(error));
		if (l->made >= ACCEPT_SEGMENTS_LEAST)
			l->most = l->made; /* a smaller one has to do */
	}
	ready(l, error);
}

static void
make(struct accept_log *l)
{
	struct syncpool_piece piece = { .fd = l->fd,
		.offset = (uint64_t)l->made * ACCEPT_SEGMENT };

	l->zeros = mem_array(ACCEPT_SEGMENT, 1);
	piece.bytes = span_of(l->zeros, ACCEPT_SEGMENT);
	syncpool_write(l->q->pool, &piece, made, l);
}

/* ---- an old one */

static void
retired(void *arg, int error)
{
	struct accept_log *l = arg;

	if (error != 0) {
		log_error("accept log: %s", strerror(error));
		ready(l, error);
		return;
	}
	l->segments[l->next].used = false;
	l->oldest = l->number + 1;
	for (unsigned i = 0; i < l->made; i++)
		if (l->segments[i].used && l->segments[i].first < l->oldest)
			l->oldest = l->segments[i].first;
	ready(l, 0);
}

/* What is in the segment counts no more, whichever of its pages are the first
 * to be written over: a message must not come back because the record of its
 * removal has gone before it. */
static void
segment_void(struct accept_log *l)
{
	static const char zeros[ACCEPT_ALIGN];
	struct syncpool_piece piece = { .fd = l->fd,
		.bytes = span_of(zeros, sizeof(zeros)),
		.offset = (uint64_t)l->next * ACCEPT_SEGMENT };

	if (l->closing)
		retired(l, 0); /* all of it goes at once */
	else
		syncpool_write(l->q->pool, &piece, retired, l);
}

static void
folder_flushed(void *arg, int error)
{
	struct accept_log *l = arg;

	if (l->flush_error == 0)
		l->flush_error = error;
	if (--l->flushes > 0)
		return;
	if (l->flush_error == 0) {
		segment_void(l);
		return;
	}
	log_error("flush the queue's folders: %s", strerror(l->flush_error));
	ready(l, l->flush_error);
}

static void
folders_flush(struct accept_log *l)
{
	static const enum place places[] = { PLACE_ACTIVE, PLACE_DEFERRED,
		PLACE_HOLD };

	l->flushes = 3;
	for (size_t i = 0; i < 3; i++)
		syncpool_dir_sync(
		    l->q->folder_sync[places[i]], folder_flushed, l);
}

static void
failed(struct accept_log *l, struct accept_segment *s, const char *id,
    const char *what, int error)
{
	struct message *m = table_get(l->q->messages, span_str(id));

	if (error == 0)
		error = EBADMSG; /* the file ended */
	log_error("%s: %s: %s", id, what, strerror(error));
	l->flush_error = error;
	if (m != NULL && m->log_number > 0 && list_empty(&m->in_log))
		list_add_head(&s->live, &m->in_log);
}

static void
file_flushed(void *arg, int error)
{
	struct flush *f = arg;
	struct accept_log *l = f->l;
	struct accept_segment *s = f->segment;

	l->flushes--;
	if (error != 0)
		failed(l, s, f->id, "flush queue file", error);
	file_close(&f->fd);
	free(f);
	retire_step(l, s);
}

/* All of the file to its own place. What is not as it was is not believed. */
static int
write_again(int fd, const struct message *m)
{
	struct stat st;
	char *bytes;
	size_t n;
	int got = -1;

	errno = EBADMSG;
	if (!qread_is_whole(fd, m->first.content_size) || fstat(fd, &st) == -1)
		return -1;
	n = (size_t)st.st_size;
	bytes = mem_array(n, 1);
	if (file_read_at(fd, bytes, n, 0) == 0)
		got = file_write_at(fd, span_of(bytes, n), 0);
	free(bytes);
	return got;
}

static void
file_flush(struct accept_log *l, struct accept_segment *s, struct message *m)
{
	struct flush *f;
	int fd = file_open(l->q->folders[m->place], m->id, O_RDWR, 0);

	if (fd == -1) {
		if (errno != ENOENT)
			failed(l, s, m->id, "open queue file", errno);
		return;
	}
	if (l->write_again && write_again(fd, m) == -1) {
		failed(l, s, m->id, "write queue file again", errno);
		file_close(&fd);
		return;
	}
	f = mem_new(sizeof(*f));
	f->l = l;
	f->segment = s;
	f->fd = fd;
	memcpy(f->id, m->id, sizeof(f->id));
	l->flushes++;
	syncpool_sync(l->q->pool, fd, file_flushed, f);
}

static void
retire_step(struct accept_log *l, struct accept_segment *s)
{
	struct list *at;

	while (l->flush_error == 0 && l->flushes < FLUSHES_MOST &&
	    (at = list_pop(&s->live)) != NULL)
		file_flush(l, s, LIST_OF(at, struct message, in_log));
	if (l->flushes > 0)
		return;
	if (l->flush_error != 0)
		ready(l, l->flush_error);
	else
		folders_flush(l);
}

static void
retire(struct accept_log *l)
{
	l->write_again = l->flush_error != 0;
	l->flush_error = 0;
	retire_step(l, &l->segments[l->next]);
}

/* ---- which one */

void
accept_make_ready(struct accept_log *l)
{
	if (l->readying || l->next_ready || l->closing)
		return;
	l->next = l->made > 0 ? l->at + 1 : 0;
	if (l->next >= l->made && l->made >= l->most)
		l->next = 0;
	if (l->open && l->next == l->at)
		return; /* it is the only one */
	l->readying = true;
	if (l->next == l->made)
		make(l);
	else if (l->segments[l->next].owed > 0)
		ready(l, ENOSPC);
	else if (l->segments[l->next].used)
		retire(l);
	else
		ready(l, 0);
}

void
accept_try_again(void *log)
{
	struct accept_log *l = log;

	if (l->closing)
		accept_close_step(l);
	else
		accept_make_ready(l);
}

/* ---- the end */

static void
emptied(void *arg, int error)
{
	struct accept_log *l = arg;

	if (error != 0)
		log_error("empty the accept log: %s", strerror(error));
	l->readying = false;
	l->closed = true;
}

/* All of it is on disk by other means. Were it not emptied by a power cut, what
 * is removed from now on would come back: a second delivery at most. */
static void
cut(struct accept_log *l)
{
	l->open = false;
	l->closing = l->readying = true;
	l->made = 0;
	l->oldest_durable = UINT64_MAX;
	accept_record_later(l);
	if (ftruncate(l->fd, 0) == -1)
		emptied(l, errno);
	else
		syncpool_sync(l->q->pool, l->fd, emptied, l);
}

void
accept_close_step(struct accept_log *l)
{
	if (l->closed || l->writing || l->readying)
		return;
	if (l->gathered.n > 0) {
		accept_write_removals(l);
		return; /* its end calls this again */
	}
	l->next_ready = false;
	for (unsigned i = 0; i < l->made; i++) {
		if (!l->segments[i].used || l->segments[i].owed > 0)
			continue;
		l->next = i;
		l->readying = true;
		retire(l);
		return;
	}
	if (table_count(l->owed) > 0) /* it has what nobody else has */
		loop_timer_set(l->again, AGAIN_MS);
	else
		cut(l);
}
