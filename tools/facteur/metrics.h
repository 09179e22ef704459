/* metrics.h - facteur metrics: counters and the queue, for Prometheus */

#ifndef TOOLS_FACTEUR_METRICS_H
#define TOOLS_FACTEUR_METRICS_H

#include <stdbool.h>

struct tool;

/* To standard output; the exit code. For everybody. */
int metrics_main(const struct tool *t, bool running);

#endif
