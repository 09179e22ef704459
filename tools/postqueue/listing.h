/* listing.h - every line of the queue: for postqueue and qshape */

#ifndef TOOLS_POSTQUEUE_LISTING_H
#define TOOLS_POSTQUEUE_LISTING_H

#include <stdbool.h>

struct showq_line;
struct tool;

/* A message, then its recipients that still wait, and so on. */
typedef void listing_fn(void *arg, const struct showq_line *line);

/* From qmgr, page by page, so that neither side holds more than a page; while
 * the system is down, root reads the files. Ends the process with 69 when
 * nobody can tell. */
void listing_walk(const struct tool *t, listing_fn *fn, void *arg);

#endif
