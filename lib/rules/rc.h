/* rc.h - an rc file as a list of statements
 *
 * Pure: bytes in, statements out. What is wrong becomes a note at its place, in
 * procmail's words, and is said when the run passes there; nothing is fatal.
 */

#ifndef RULES_RC_H
#define RULES_RC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;

enum { RC_BYTES_MAX = 1 << 20 };

enum rc_flag {
	RC_HEAD = 1 << 0, /* H: search the header */
	RC_BODY = 1 << 1, /* B */
	RC_CASE = 1 << 2, /* D: upper and lower case differ */
	RC_ALSO = 1 << 3, /* A */
	RC_AND = 1 << 4, /* a */
	RC_ELSE = 1 << 5, /* E */
	RC_ERROR = 1 << 6, /* e */
	RC_SEND_HEAD = 1 << 7, /* h */
	RC_SEND_BODY = 1 << 8, /* b */
	RC_FILTER = 1 << 9, /* f */
	RC_COPY = 1 << 10, /* c */
	RC_WAIT = 1 << 11, /* w */
	RC_WAIT_QUIET = 1 << 12, /* W */
	RC_IGNORE = 1 << 13, /* i */
	RC_RAW = 1 << 14, /* r */
	RC_LOCK = 1 << 15 /* : */
};

enum rc_action {
	RC_FILE, /* text: words, of which the first names a folder */
	RC_PIPE, /* text: the raw line behind '|' */
	RC_CAPTURE, /* the same behind NAME=| */
	RC_FORWARD, /* text: words behind '!' */
	RC_BLOCK, /* up to the RC_END that belongs to it */
	RC_MISSING, /* an empty line and the next recipe stand in its place */
	RC_INCOMPLETE /* the file ends */
};

/* What stands behind the colon of a recipe. */
struct rc_head {
	unsigned flags;
	int number; /* of conditions without a star; -1: none given */
	struct span lock; /* name of the lock file, or empty */
};

/* Read a head whose words were expanded; seps are blanks and NULs. What is too
 * much is appended to skipped, a blank between words. The spans of *out point
 * into text. */
void rc_head_parse(struct span text, struct rc_head *out, struct buf *skipped);
/* Take out flags that contradict each other; and, once the kind of action is
 * known, those that mean nothing with it. say is called with procmail's words
 * for each. */
typedef void rc_say_fn(void *ctx, const char *what);
void rc_head_conflicts(struct rc_head *h, rc_say_fn *say, void *ctx);
void rc_head_extraneous(
    struct rc_head *h, enum rc_action action, rc_say_fn *say, void *ctx);
/* The same of a copy of what goes on in any case; it is said when the action is
 * done, and changes nothing. */
void rc_head_no_copy(
    const struct rc_head *h, enum rc_action action, rc_say_fn *say, void *ctx);

struct rc_condition {
	struct span text; /* lines joined, blanks at both ends cut */
	/* the same with the backslashes that join them: programs and sizes see
	 * these */
	struct span raw;
	size_t size; /* as it stands in the file */
	int line;
};

struct rc_recipe {
	/* The head as it stands in the file; it is expanded and read at the
	 * time of the run when dynamic is set, else head is ready. */
	struct span head_text;
	bool dynamic;
	struct rc_head head;
	size_t condition_count;
	const struct rc_condition *conditions;
	enum rc_action action;
	int action_line; /* where it stands, or was looked for */
	struct span text;
	/* RC_CAPTURE: the variable. RC_FILE: what is or could be one, in front
	 * of rest; to that it does not count as the begin of a word. */
	struct span name;
	struct span rest; /* RC_FILE: of text, behind name, '=' and blanks */
	bool assigns, cut; /* RC_FILE: there is a '='; there is a blank */
	bool odd; /* something is to be said of text, though it is passed */
};

enum rc_kind {
	RC_ASSIGN, /* NAME=value, or NAME alone: unset */
	RC_RECIPE,
	RC_END, /* }, whether a block is open or not */
	RC_NOTE /* something to say: text */
};

struct rc_statement {
	enum rc_kind kind;
	int line;
	struct span name; /* RC_ASSIGN */
	struct span text; /* RC_ASSIGN: the raw value; RC_NOTE: the message */
	bool unset; /* RC_ASSIGN without '=' */
	bool odd; /* as of a recipe */
	const struct rc_recipe *recipe;
};

struct rc;

/* bytes are copied. Never NULL. */
struct rc *rc_parse(struct span bytes);
void rc_free(struct rc **r);
size_t rc_count(const struct rc *r);
int rc_lines(const struct rc *r);
const struct rc_statement *rc_at(const struct rc *r, size_t i);

#endif
