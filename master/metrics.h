/* metrics.h - the pages in which rows count, as files for facteur metrics */

#ifndef MASTER_METRICS_H
#define MASTER_METRICS_H

struct master;
struct row;

/* At the start, once the lock is ours: what an earlier master left goes. */
void metrics_clean(const struct master *m, const char *folder);
/* The row's page: that of old, which keeps none then, or a new one. Without it
 * (a full disk) the row works, and is not counted. */
void metrics_open(struct row *r, struct row *old);
void metrics_close(struct row *r);

#endif
