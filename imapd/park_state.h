/* park_state.h - what an imapd leaves for the one that goes on
 *
 * login keeps it and hands it back unread. It comes from outside all the same:
 * who took login over could write his own, for a session he has in his hands.
 */

#ifndef IMAPD_PARK_STATE_H
#define IMAPD_PARK_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "mailbox/view.h"

struct arena;
struct buf;

struct park_state {
	unsigned enabled; /* ENABLED_ bits */
	bool idling;
	struct span tag; /* of IDLE */
	uint64_t silent_ms; /* until the client is sent away */
	int64_t began;
	uint64_t headers, body, rcvd, sent; /* for the log */
	bool selected, read_only;
	struct span name; /* of the selected folder, UTF-8 */
	struct view_known known;
	size_t told_keywords;
	struct span recent, saved; /* UIDs as IMAP writes them; may be empty */
};

/* Append. False: more than PARK_STATE_MAX octets. */
bool park_state_put(struct buf *out, const struct park_state *p);
/* Spans live in the arena. False: ill-formed. */
bool park_state_get(struct span s, struct arena *a, struct park_state *out);

#endif
