/* notice.h - errors of which the postmaster is told (notify_classes)
 *
 * A conversation with a stranger is written down as it goes, and sent to the
 * postmaster by bounce when it had an error of a class that he wants to hear
 * of. Passwords are never written down: the caller says what is one.
 */

#ifndef SERVICE_NOTICE_H
#define SERVICE_NOTICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

struct channel;

enum notice_class {
	NOTICE_BOUNCE = 1,
	NOTICE_2BOUNCE = 2,
	NOTICE_DATA = 4, /* a table could not be read */
	NOTICE_DELAY = 8,
	NOTICE_POLICY = 16, /* refused by a rule */
	NOTICE_PROTOCOL = 32, /* out of order, or nonsense */
	NOTICE_RESOURCE = 64, /* no room */
	NOTICE_SOFTWARE = 128, /* our own fault */
	/* those that smtpd can have */
	NOTICE_SMTPD = NOTICE_DATA | NOTICE_POLICY | NOTICE_PROTOCOL |
	    NOTICE_RESOURCE | NOTICE_SOFTWARE
};

/* The value of notify_classes: bits of the above. A word that is none is
 * warned of and passed over. */
unsigned notice_classes(const char *value);

/* A conversation; zero-initialised is empty. Bounded: when it grows too long
 * its middle goes. */
struct transcript {
	struct buf text;
	size_t head; /* octets of text that stay */
};

/* A line, or several that end in LF, that we said or the other side said. What
 * is secret is not kept. */
void transcript_ours(struct transcript *t, struct span lines);
void transcript_theirs(struct transcript *t, struct span line, bool secret);
void transcript_free(struct transcript *t);
/* What to show of an AUTH command: its mechanism and no more. Any other line is
 * shown as it is. Appended to out. */
void transcript_hide(struct buf *out, struct span line);

/* Tell bounce. client: as in calls/notice_call.h. */
struct notice_about {
	bool client;
	struct span peer, reason;
};
void notice_send(struct channel *bounce, const struct transcript *t,
    const struct notice_about *about);

#endif
