/*
 * syncpool.c - flushes in flight together
 *
 * Threads sleep on one semaphore; whoever adds a job takes a sleeper off the
 * count and wakes it after the lock is free, so a job costs one wake-up at
 * most. Finished jobs go to a list; the eventfd is written only when that list
 * was empty, so a burst costs one wake-up of the loop.
 */

#include "os/syncpool.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/metric.h"
#include "base/must.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/loop.h"

/* Nobody waits for a removal: they are handed over together, so many at once,
 * or after so long. */
enum { LATER_MOST = 16, LATER_MS = 5 };

struct job {
	struct list in;
	int fd; /* to flush; or the folder of name */
	int then; /* flushed when fd is, or -1 */
	char *name; /* to unlink, or NULL */
	struct span bytes; /* to write at offset before the flush, or none */
	uint64_t offset;
	int error;
	int64_t begun; /* microseconds */
	syncpool_fn *fn;
	void *arg;
};

struct syncpool {
	pthread_mutex_t lock;
	sem_t work; /* as many as were woken and have not seen it */
	struct list waiting, done; /* under lock */
	unsigned sleeping; /* under lock: less those woken */
	bool stop; /* under lock */
	int wake;
	/* the loop's thread only */
	unsigned pending, later_count;
	struct list later; /* removals */
	struct loop_timer *later_timer;
	struct loop_io *io;
	pthread_t *threads;
	unsigned count;
};

static int
write_and_sync(const struct job *j)
{
	return file_write_at(j->fd, j->bytes, j->offset) == -1
	    ? -1
	    : file_sync_data(j->fd);
}

static void
job_run(struct job *j)
{
	int got;

	if (j->name != NULL)
		got = file_unlink(j->fd, j->name);
	else if (j->bytes.n > 0)
		got = write_and_sync(j);
	else
		got = file_sync(j->fd);

	if (got == 0 && j->then != -1)
		got = file_sync(j->then);
	j->error = got == -1 ? errno : 0;
}

static void *
worker(void *arg)
{
	struct syncpool *p = arg;

	must(pthread_mutex_lock(&p->lock) == 0);
	for (;;) {
		struct list *l = list_pop(&p->waiting);
		struct job *j;
		bool was_empty;

		if (l == NULL) {
			if (p->stop)
				break;
			p->sleeping++;
			pthread_mutex_unlock(&p->lock);
			while (sem_wait(&p->work) == -1)
				must(errno == EINTR);
			pthread_mutex_lock(&p->lock);
			continue;
		}
		pthread_mutex_unlock(&p->lock);
		j = LIST_OF(l, struct job, in);
		job_run(j);
		pthread_mutex_lock(&p->lock);
		was_empty = list_empty(&p->done);
		list_add_tail(&p->done, &j->in);
		if (was_empty)
			must(eventfd_write(p->wake, 1) == 0);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void
report(void *arg, unsigned ready)
{
	struct syncpool *p = arg;
	struct list batch;
	eventfd_t count;

	(void)ready;
	(void)eventfd_read(p->wake, &count);
	list_init(&batch);
	pthread_mutex_lock(&p->lock);
	for (struct list *l; (l = list_pop(&p->done)) != NULL;)
		list_add_tail(&batch, l);
	pthread_mutex_unlock(&p->lock);
	for (struct list *l; (l = list_pop(&batch)) != NULL;) {
		struct job *j = LIST_OF(l, struct job, in);

		p->pending--;
		if (j->name == NULL)
			metric_observe(
			    METRIC_FLUSH, clock_wall_us() - j->begun);
		if (j->fn != NULL)
			j->fn(j->arg, j->error);
		free(j->name);
		free(j);
	}
}

static void
threads_start(struct syncpool *p)
{
	pthread_attr_t attr;
	sigset_t all, before;

	must(pthread_attr_init(&attr) == 0);
	must(pthread_attr_setstacksize(&attr, 256 * 1024) == 0);
	sigfillset(&all); /* signals are the loop's */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	for (unsigned i = 0; i < p->count; i++)
		if (pthread_create(&p->threads[i], &attr, worker, p) != 0)
			log_fatal("cannot start a flush thread");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
}

static void
later_hand_over(void *arg)
{
	struct syncpool *p = arg;
	bool wake;

	if (p->later_count == 0)
		return;
	p->later_count = 0;
	loop_timer_stop(p->later_timer);
	pthread_mutex_lock(&p->lock);
	for (struct list *l; (l = list_pop(&p->later)) != NULL;)
		list_add_tail(&p->waiting, l);
	wake = p->sleeping > 0;
	if (wake)
		p->sleeping--;
	pthread_mutex_unlock(&p->lock);
	if (wake)
		must(sem_post(&p->work) == 0);
}

struct syncpool *
syncpool_new(struct loop *loop, unsigned threads)
{
	struct syncpool *p = mem_new(sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	must(sem_init(&p->work, 0, 0) == 0);
	list_init(&p->waiting);
	list_init(&p->done);
	list_init(&p->later);
	p->later_timer = loop_timer_new(loop, later_hand_over, p);
	p->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->wake == -1)
		log_fatal("cannot make an eventfd");
	p->io = loop_io_new(loop, p->wake, LOOP_READ, report, p);
	p->count = threads;
	p->threads = mem_array(threads, sizeof(pthread_t));
	threads_start(p);
	return p;
}

static void
jobs_free(struct list *jobs)
{
	for (struct list *l; (l = list_pop(jobs)) != NULL;) {
		struct job *j = LIST_OF(l, struct job, in);

		free(j->name);
		free(j);
	}
}

void
syncpool_free(struct syncpool **pp)
{
	struct syncpool *p = *pp;

	if (p == NULL)
		return;
	later_hand_over(p);
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->count; i++)
		must(sem_post(&p->work) == 0);
	for (unsigned i = 0; i < p->count; i++)
		pthread_join(p->threads[i], NULL);
	jobs_free(&p->done);
	loop_timer_free(&p->later_timer);
	loop_io_free(&p->io);
	close(p->wake);
	sem_destroy(&p->work);
	pthread_mutex_destroy(&p->lock);
	free(p->threads);
	free(p);
	*pp = NULL;
}

unsigned
syncpool_pending(const struct syncpool *p)
{
	return p->pending;
}

static struct job *
job_new(struct syncpool *p, int fd, syncpool_fn *fn, void *arg)
{
	struct job *j = mem_new(sizeof(*j));

	j->fd = fd;
	j->then = -1;
	j->begun = clock_wall_us();
	j->fn = fn;
	j->arg = arg;
	p->pending++;
	return j;
}

static void
job_add(struct syncpool *p, struct job *j)
{
	bool wake;

	pthread_mutex_lock(&p->lock);
	list_add_tail(&p->waiting, &j->in);
	wake = p->sleeping > 0;
	if (wake)
		p->sleeping--;
	pthread_mutex_unlock(&p->lock);
	if (wake)
		must(sem_post(&p->work) == 0);
}

void
syncpool_sync(struct syncpool *p, int fd, syncpool_fn *fn, void *arg)
{
	job_add(p, job_new(p, fd, fn, arg));
}

void
syncpool_write(struct syncpool *p, const struct syncpool_piece *piece,
    syncpool_fn *fn, void *arg)
{
	struct job *j = job_new(p, piece->fd, fn, arg);

	j->bytes = piece->bytes;
	j->offset = piece->offset;
	job_add(p, j);
}

void
syncpool_unlink(
    struct syncpool *p, int dir, const char *name, syncpool_fn *fn, void *arg)
{
	struct job *j = job_new(p, dir, fn, arg);

	j->name = mem_str(name);
	list_add_tail(&p->later, &j->in);
	if (++p->later_count >= LATER_MOST)
		later_hand_over(p);
	else if (p->later_count == 1)
		loop_timer_set(p->later_timer, LATER_MS);
}

/* One who waits for a flush of the folder. */
struct waiter {
	struct list in;
	syncpool_fn *fn;
	void *arg;
};

struct syncpool_dir {
	struct syncpool *pool;
	int fd;
	bool running;
	struct list served, next; /* waiters of this flush, of the next */
};

struct syncpool_dir *
syncpool_dir_new(struct syncpool *p, int fd)
{
	struct syncpool_dir *d = mem_new(sizeof(*d));

	d->pool = p;
	d->fd = fd;
	list_init(&d->served);
	list_init(&d->next);
	return d;
}

void
syncpool_dir_free(struct syncpool_dir **d)
{
	if (*d == NULL)
		return;
	must(!(*d)->running);
	free(*d);
	*d = NULL;
}

static void dir_flushed(void *arg, int error);

static void
dir_start(struct syncpool_dir *d)
{
	if (d->running || list_empty(&d->next))
		return;
	d->running = true;
	for (struct list *l; (l = list_pop(&d->next)) != NULL;)
		list_add_tail(&d->served, l);
	syncpool_sync(d->pool, d->fd, dir_flushed, d);
}

static void
dir_flushed(void *arg, int error)
{
	struct syncpool_dir *d = arg;
	struct list batch;

	list_init(&batch);
	for (struct list *l; (l = list_pop(&d->served)) != NULL;)
		list_add_tail(&batch, l);
	d->running = false;
	dir_start(d);
	for (struct list *l; (l = list_pop(&batch)) != NULL;) {
		struct waiter *w = LIST_OF(l, struct waiter, in);

		w->fn(w->arg, error);
		free(w);
	}
}

void
syncpool_dir_sync(struct syncpool_dir *d, syncpool_fn *fn, void *arg)
{
	struct waiter *w = mem_new(sizeof(*w));

	w->fn = fn;
	w->arg = arg;
	list_add_tail(&d->next, &w->in);
	dir_start(d);
}

/* A file and its folder. */
struct both {
	struct syncpool_dir *dir;
	syncpool_fn *fn;
	void *arg;
	unsigned left; /* flushes */
	int error; /* the first */
};

static void
both_flushed(void *arg, int error)
{
	struct both *b = arg;

	if (b->error == 0)
		b->error = error;
	if (--b->left > 0)
		return;
	b->fn(b->arg, b->error);
	free(b);
}

static void
both_in_turn(void *arg, int error)
{
	struct both *b = arg;

	b->dir->running = false;
	dir_start(b->dir);
	both_flushed(b, error);
}

void
syncpool_both_sync(struct syncpool_dir *d, int fd, syncpool_fn *fn, void *arg)
{
	struct syncpool *p = d->pool;
	struct both *b = mem_new(sizeof(*b));
	struct job *j;

	b->dir = d;
	b->fn = fn;
	b->arg = arg;
	if (p->pending > p->later_count || d->running) {
		b->left = 2;
		syncpool_sync(p, fd, both_flushed, b);
		syncpool_dir_sync(d, both_flushed, b);
		return;
	}
	b->left = 1;
	d->running = true;
	j = job_new(p, fd, both_in_turn, b);
	j->then = d->fd;
	job_add(p, j);
}
