/* deposit.h - a message into a folder of any kind, durable before it is said
 *
 * By the ending of the first name: name/ is a Maildir, name/. an MH folder, an
 * existing directory gets one file for each message, all else is a mailbox
 * file. More names are directories that get a hard link each.
 */

#ifndef RULES_DEPOSIT_H
#define RULES_DEPOSIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/span.h"

struct letter;
struct maildir;
struct words;

struct deposit {
	struct letter *letter;
	bool head, body, raw; /* the parts; raw: nothing is added or quoted */
	const struct words *names;
	const char *prefix; /* of files in a directory: "msg." */
	bool detect; /* a directory with new, cur and tmp is a Maildir */
	mode_t umask; /* the one in force */
	int64_t lock_ms; /* how long a mailbox file may stay locked by others */
	/* A Maildir that the caller keeps open from one message to the next, or
	 * NULL in it; NULL: nothing is kept. */
	struct maildir **kept;
	bool dot_lock; /* take a lock file with the kernel's lock */

	void *ctx;
	/* place is where the message will lie; called before it is there. */
	void (*named)(void *ctx, struct span place);
	/* place is one more, behind the first; may be NULL. */
	void (*linked)(void *ctx, struct span place);
	/* Something to tell: what "name". verbose: only who asked wants it. */
	void (*say)(
	    void *ctx, bool verbose, const char *what, struct span name);

	uint64_t bytes; /* of what was to be written last, if anything was */
	bool opened; /* a mailbox file, to be written to */
};

/* False: nothing of it is left anywhere. */
bool deposit(struct deposit *d);

/* What kind of folder the first name means: "Maildir", "mailbox file" ... */
const char *deposit_kind(const struct deposit *d);
/* True when path is a directory that holds new, cur and tmp. */
bool deposit_is_maildir(const char *path);
bool deposit_is_dir(const char *path);

#endif
