/* target.h - the folder that APPEND puts messages into
 *
 * Programs that bring mail over give one APPEND after the other, so the folder
 * stays open between two of them, as long as it is seen to be as it was.
 */

#ifndef IMAPD_TARGET_H
#define IMAPD_TARGET_H

#include <stdbool.h>

#include "base/span.h"

struct rights;
struct session;
struct why;

struct target {
	struct maildir *m;
	struct arrive *arrive;
	unsigned rights; /* there */
};

/* The caller gives it back. NULL: r->got says why not; TREE_DONE there is
 * trouble of our own, with errno. */
struct target *target_open(
    struct session *s, struct span name, struct rights *r, struct why *why);
/* keep: all went well, the next APPEND may have it. */
void target_close(struct session *s, struct target **t, bool keep);
/* No APPEND comes next. */
void target_forget(struct session *s);

#endif
