/* accept_inside.h - what the files of the accept log share */

#ifndef QMGR_ACCEPT_INSIDE_H
#define QMGR_ACCEPT_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"

struct loop_timer;
struct qmgr;
struct table;

/* One to fill, one to make ready meanwhile. */
enum { ACCEPT_SEGMENTS_LEAST = 2, ACCEPT_SEGMENTS_MOST = 1024 };

struct accept_segment {
	bool used; /* it may hold what is nowhere else on disk */
	uint64_t first; /* number of its first batch */
	struct list live; /* struct message: only the log keeps them */
	unsigned owed; /* messages that the disk had no room for */
};

struct accept_log {
	struct qmgr *q;
	int folder, fd;
	bool open; /* there is a segment to write to: at */
	bool closing, closed;
	uint64_t message_limit;
	/* The ring: as many as were made, and as many as may be. */
	unsigned made, most;
	struct accept_segment *segments;
	/* Where the next batch goes, and the number of the last one. */
	unsigned at;
	size_t end;
	uint64_t number;
	/* The oldest batch that a replay needs: from the next batch on; as the
	 * batch under way says; as the disk says. */
	uint64_t oldest, oldest_written, oldest_durable;
	/* Being gathered, and under way. */
	struct buf gathered, batch;
	struct list gathered_messages, written_messages;
	struct list removals, written_removals;
	struct list unrecorded; /* removals that found no room */
	bool writing;
	struct loop_timer *later;
	/* accept_ready.c: the segment behind the one being filled. */
	unsigned next;
	bool next_ready, readying, flush_failed;
	unsigned flushes; /* under way */
	int flush_error; /* the first, of this try or of the last */
	bool write_again; /* the last try failed */
	struct loop_timer *again;
	char *zeros;
	/* accept_replay.c: by id, until the queue has been read. */
	struct table *found;
	/* Of them, those that wait for room on the disk, as long as they do. */
	struct table *owed;
	struct loop_timer *owed_timer;
};

/* accept_log.c: write what has been gathered; the loop's callback. */
void accept_write_removals(void *log);
/* There is room again, or the log is at its end. */
void accept_record_later(struct accept_log *l);
/* accept_ready.c: make the next segment ready. */
void accept_make_ready(struct accept_log *l);
/* On the way to an empty log, as far as what is under way allows. */
void accept_close_step(struct accept_log *l);
void accept_try_again(void *log);
/* accept_replay.c: read the log, and write what the queue lacks. */
void accept_replay(struct accept_log *l);
/* The queue has been read: forget what was found, but for what is owed. */
void accept_found_all(struct accept_log *l);
/* Write what is owed, as far as there is room; the loop's callback. */
void accept_pay(void *log);

#endif
