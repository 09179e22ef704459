/* store.h - a small table that outlives the process: key, number, text
 *
 * In memory, and some time after a change whole in a Berkeley DB file that this
 * process alone writes, in place of the old one or not at all. Where that takes
 * long, it is done less often: a hundredth of the time at most goes into it. A
 * crash loses what changed since it was written last.
 */

#ifndef MAPS_STORE_H
#define MAPS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/* write_after_ms for what is lost without much ado. */
enum { STORE_AFTER_MS = 1000 };

struct loop;
struct store;

/* spec: "hash:PATH" or "btree:PATH", without ".db"; empty: in memory alone. An
 * unreadable file is begun anew, with a warning. */
struct store *store_open(
    struct loop *loop, const char *spec, size_t limit, int64_t write_after_ms);
/* From now on it is a child that writes, with a copy as of its fork, and the
 * loop goes on meanwhile. In the child descriptors 0 to keep_fd stay open, so
 * that it holds no client of ours. A child that did not come to its end has
 * left the old file, and another one is sent in a while. For processes that
 * may fork. */
void store_write_aside(struct store *s, int keep_fd);
/* Is a child writing now? */
bool store_is_writing(const struct store *s);
/* Without writing what has not been written. */
void store_free(struct store **s);
/* Write what has not been written, here and now; waits for a child. */
void store_flush(struct store *s);

/* Wall-clock second until which the entry is good; entries past it are gone.
 * text may be empty. At the limit the one that ends first goes. */
void
store_put(struct store *s, struct span key, int64_t until, struct span text);
/* False when there is none. text (may be NULL) lives until the next call. */
bool
store_get(struct store *s, struct span key, int64_t *until, struct span *text);
void store_remove(struct store *s, struct span key);
/* Forget, in the file too, what is past its time. */
void store_sweep(struct store *s);
size_t store_count(const struct store *s);

#endif
