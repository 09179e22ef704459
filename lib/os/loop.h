/* loop.h - the event loop of a process that serves many; thin over libevent
 *
 * One loop per process, no threads in it (os/syncpool.h reports back through
 * it). Callbacks may free the handle they are called for, and any other.
 */

#ifndef OS_LOOP_H
#define OS_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_io;
struct loop_timer;
struct loop_signal;

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

typedef void loop_io_fn(void *arg, unsigned ready);
typedef void loop_fn(void *arg);

struct loop *loop_new(void);
void loop_free(struct loop **l);
/* Until loop_stop() or until nothing is left to wait for. */
void loop_run(struct loop *l);
void loop_stop(struct loop *l);
/* The event_base, for lib/dns alone. */
void *loop_base(struct loop *l);
/* libevent's epoll descriptor must be made anew in a forked child. */
void loop_after_fork(struct loop *l);

/* Watch fd (not owned, must be non-blocking). want is a set of LOOP_READ and
 * LOOP_WRITE, or 0 to wait for nothing as yet. Level-triggered. */
struct loop_io *
loop_io_new(struct loop *l, int fd, unsigned want, loop_io_fn *fn, void *arg);
void loop_io_want(struct loop_io *io, unsigned want);
void loop_io_free(struct loop_io **io);

/* A timer that is not set until loop_timer_set(); it fires once per set. */
struct loop_timer *loop_timer_new(struct loop *l, loop_fn *fn, void *arg);
void loop_timer_set(struct loop_timer *t, int64_t in_ms);
void loop_timer_stop(struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);
void loop_timer_free(struct loop_timer **t);

struct loop_signal *
loop_signal_new(struct loop *l, int signo, loop_fn *fn, void *arg);
void loop_signal_free(struct loop_signal **s);

#endif
