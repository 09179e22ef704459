/* inside.h - what the files of postsuper share */

#ifndef TOOLS_POSTSUPER_INSIDE_H
#define TOOLS_POSTSUPER_INSIDE_H

#include <stdbool.h>

struct replay_message;
struct table;
struct tool;

/* In the order in which they are walked: what moves to active/ is not met a
 * second time, nor what moves to hold/, where nothing is done to it. */
enum folder { MAILDROP, INCOMING, ACTIVE, DEFERRED, HOLD, CORRUPT, FOLDERS };

struct stopped {
	const struct tool *tool;
	int folders[FOLDERS]; /* -1: it is not there, and may be */
	int log; /* accept/log, or -1: there is none, or it is empty */
	unsigned log_segments;
	struct table *logged; /* by id: messages that the log has, or NULL */
	bool in_order; /* of what was said before none went wrong */
};

const char *stopped_folder(enum folder f);
/* accept_log.c: open the log and put what it has into the queue, on the disk.
 * Then it is empty, or, where the disk has no room, s->logged has its ids. */
void bring_back(struct stopped *s, int spool);
/* The same again, where the log is not empty yet and for what is still to be
 * there; with that it is closed. False: the log is not empty. */
bool bring_back_rest(struct stopped *s);
/* This message is deleted: it is not to be brought back. */
void bring_back_not(struct stopped *s, const char *id);

#endif
