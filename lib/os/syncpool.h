/* syncpool.h - flushes in flight together
 *
 * The only threads of the suite: they write, fsync and unlink and do nothing
 * else. Jobs that wait on a journal share its commit. Results come back in the
 * loop's thread.
 */

#ifndef OS_SYNCPOOL_H
#define OS_SYNCPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct loop;
struct syncpool;
/* A folder whose flushes are shared by generations. */
struct syncpool_dir;

/* error is 0 or an errno. */
typedef void syncpool_fn(void *arg, int error);

/* Start threads (16 is the measured best). Before any sandbox that forbids
 * clone. */
struct syncpool *syncpool_new(struct loop *loop, unsigned threads);
/* Waits for jobs under way; callbacks not yet called are not called. */
void syncpool_free(struct syncpool **p);
/* Jobs not reported yet. */
unsigned syncpool_pending(const struct syncpool *p);

/* fd stays the caller's and open until fn. */
void syncpool_sync(struct syncpool *p, int fd, syncpool_fn *fn, void *arg);
/* Bytes and where they go. */
struct syncpool_piece {
	int fd;
	struct span bytes;
	uint64_t offset;
};
/* pwrite(), then fdatasync(). The bytes stay the caller's until fn. */
void syncpool_write(struct syncpool *p, const struct syncpool_piece *piece,
    syncpool_fn *fn, void *arg);
/* unlinkat(dir, name), within some milliseconds; name is copied. fn may be
 * NULL. */
void syncpool_unlink(
    struct syncpool *p, int dir, const char *name, syncpool_fn *fn, void *arg);

struct syncpool_dir *syncpool_dir_new(struct syncpool *p, int fd);
void syncpool_dir_free(struct syncpool_dir **d);
/* A flush of the folder that begins after this call serves it; at most one
 * runs, and all that ask while it runs share the next. */
void syncpool_dir_sync(struct syncpool_dir *d, syncpool_fn *fn, void *arg);
/* A file in that folder and the folder, fn once. While nothing else is in
 * flight one thread does both: a journal's commit for the file has the folder
 * in it, and two threads would be woken to wait for the same. error is the
 * first. */
void
syncpool_both_sync(struct syncpool_dir *d, int fd, syncpool_fn *fn, void *arg);

#endif
