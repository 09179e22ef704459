/* replay.h - what the accept log has and the queue may have not
 *
 * qmgr reads the log before the queue, and so does whoever else is to change
 * the queue while no qmgr runs (docs/QUEUE.md, "The accept log").
 */

#ifndef QUEUE_REPLAY_H
#define QUEUE_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

struct table;

/* A message of the log that was not removed, as far as the log knows. */
struct replay_message {
	uint64_t number; /* of its batch */
	unsigned segment;
	bool hold; /* it belongs into hold/, else into active/ */
	bool owed; /* for the caller: the disk had no room for it */
	uint64_t content_at, content; /* in the log: offset, octets */
	uint64_t tail; /* octets behind it */
};

struct replay_segment {
	bool used; /* it may hold what is nowhere else on disk */
	uint64_t first; /* number of its first batch, or 0 */
};

struct replay {
	int fd; /* the log */
	unsigned made; /* its segments */
	/* Called for each message that was recorded as removed. */
	void (*removed)(void *arg, const char *id);
	void *arg;
	/* Filled in: */
	struct replay_segment *segments; /* made of them */
	unsigned at; /* the segment of the last batch */
	uint64_t last, oldest; /* number of the last batch of all, or 0 */
	struct table *messages; /* by id: struct replay_message */
};

/* Read all of the log. The caller owns segments, and messages with its values,
 * until replay_done(), unless it took them out. -1 with errno. */
int replay_read(struct replay *r) __attribute__((warn_unused_result));
void replay_done(struct replay *r);

/* The folders where a message of the log may stand, in the order in which they
 * are looked at. */
enum replay_place {
	REPLAY_ACTIVE,
	REPLAY_DEFERRED,
	REPLAY_HOLD,
	REPLAY_PLACES
};

/* Where the message stands whole, or REPLAY_PLACES. A file that is damaged or
 * cannot be opened is removed, since the log has it; m->hold remembers where it
 * was. */
enum replay_place replay_stands(
    const int folders[REPLAY_PLACES], const char *id, struct replay_message *m);
/* Write it anew from the log, in incoming/, and rename it into the folder to.
 * Not flushed. -1 with errno; then nothing of it is there. */
int replay_restore(int log, int incoming, int to, const char *id,
    const struct replay_message *m) __attribute__((warn_unused_result));

#endif
