/* row.h - a line of master.cf at work: its sockets and its children */

#ifndef MASTER_ROW_H
#define MASTER_ROW_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/list.h"
#include "base/metric.h"

struct arena;
struct loop_io;
struct loop_timer;
struct master;
struct master_row;
struct role;
struct why;

enum { ROW_LISTENERS_MAX = 60 };

struct row_listener {
	int fd;
	bool inet, stream;
	char *label;
	char *key; /* what it listens on: kept over a reload */
	struct loop_io *io; /* while no child serves it */
};

struct row {
	struct list in; /* of master->rows */
	struct master *master;
	char *name, *type; /* columns 1 and 2 */
	const struct role *role;
	int max; /* processes */
	int forks_max; /* of ROLE_FORKS: processes of theirs */
	char **overrides; /* "name=value" */
	size_t override_count;
	unsigned verbose;
	struct row_listener listeners[ROW_LISTENERS_MAX];
	size_t listener_count;
	int metrics_fd; /* -1: none */
	uint64_t *metrics; /* its counters, or NULL */
	struct list children;
	int running; /* children that serve, not those that drain */
	/* A child that dies at once is started again after a while. */
	int64_t back_off_ms;
	struct loop_timer *restart;
	/* Column wakeup; NULL: never. */
	struct loop_timer *wake;
	int wake_seconds;
	bool wake_if_used; /* none is started for a wake-up */
};

/* Make the row and open its sockets, taking over those of old (which may be
 * NULL) that listen on the same. NULL with why. */
struct row *row_new(struct master *m, const struct master_row *spec,
    struct row *old, struct why *why);
/* Closes what it still holds. Its children must be gone or given away. */
void row_free(struct row **r);
/* Start what must run ahead; watch the sockets of what need not. */
void row_start(struct row *r);
/* Watch the sockets while nobody serves them; stop while somebody does. */
void row_watch(struct row *r);
/* One more of m in the row's page, which then tells how many run. */
void row_count(struct row *r, enum metric m);
/* Name for the log: "smtp/inet". */
const char *row_label(const struct row *r);

#endif
