/* objectid.h - identifiers of mailboxes, messages and threads (RFC 8474) */

#ifndef IMAPD_OBJECTID_H
#define IMAPD_OBJECTID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct body;
struct buf;
struct session;
struct why;

/* Append "MAILBOXID (F...)" for the folder with this guid. */
void objectid_put_mailbox(struct buf *out, const char *guid);
/* Append "(M...)", found by reading the whole message. */
int objectid_of_body(struct body *b, struct buf *out, struct why *why)
    __attribute__((warn_unused_result));
/* Append "(M...)", remembered where it was found before. -1 and why: the
 * message cannot be read. */
int objectid_put_email(struct session *s, size_t i, struct buf *out,
    struct why *why) __attribute__((warn_unused_result));
/* Append "(T...)". */
int objectid_put_thread(struct session *s, size_t i, struct buf *out,
    struct why *why) __attribute__((warn_unused_result));
/* The message's EMAILID, or (thread) THREADID, is id. False also when it cannot
 * be read. */
bool objectid_matches(struct session *s, size_t i, bool thread, struct span id);

#endif
