/* dial.h - one connection attempt in an event loop, with a limit */

#ifndef OS_DIAL_H
#define OS_DIAL_H

#include <stdint.h>

struct address;
struct dial;
struct loop;

/* fd is the receiver's, connected and non-blocking; or -1 and the errno. Called
 * once, from the loop; the dial is gone then. */
typedef void dial_fn(void *arg, int fd, int error);

/* from: bind to it first; may be NULL. */
struct dial *dial_start(struct loop *loop, const struct address *to,
    const struct address *from, dial_fn *fn, void *arg);
void dial_limit(struct dial *d, int64_t ms);
/* fn will not be called; *d is cleared. */
void dial_cancel(struct dial **d);

#endif
