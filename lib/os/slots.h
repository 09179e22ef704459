/* slots.h - one document kept on disk by a process that may open no file
 *
 * Two files, NAME.0 and NAME.1, opened while there are still rights. Each write
 * goes whole to the older one with a number and a checksum, and is flushed; a
 * crash in the middle leaves the newer one as it was.
 */

#ifndef OS_SLOTS_H
#define OS_SLOTS_H

#include <stddef.h>

#include "base/span.h"

struct buf;
struct slots;

/* Opens both, makes what is not there (0600). NULL: errno. */
struct slots *slots_open(const char *folder, const char *name);
/* The same for reading alone; what is not there is empty. */
struct slots *slots_open_read(const char *folder, const char *name);
void slots_close(struct slots **s);
/* The newest whole document into out; 0 when there is one, -1 with errno,
 * ENOENT for none. A document above max is none. */
int slots_read(struct slots *s, size_t max, struct buf *out)
    __attribute__((warn_unused_result));
/* On disk when it returns 0; -1 with errno: the old one is still there. Call
 * slots_read() once before. */
int slots_write(struct slots *s, struct span document)
    __attribute__((warn_unused_result));

#endif
