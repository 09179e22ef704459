/* received.h - what smtpd adds to a message: Received and what is missing */

#ifndef SMTPD_RECEIVED_H
#define SMTPD_RECEIVED_H

#include "base/span.h"

struct buf;
struct session;

/* The content is over: append the edits (queue/edits.h) it gets: fields of
 * access tables, and for our own users Message-ID, Date and From when they are
 * missing (RFC 6409, 8); fields that must not travel are taken out. */
void received_edits(struct session *s, struct buf *edits);
/* Received (RFC 5321, 4.4) alone, with LF line ends. */
void received_line(const struct session *s, struct buf *line);
/* The same as an edit, which goes above them. */
void received_put(const struct session *s, struct buf *edits);
/* The message's id with its <>, also one that was just made; may be empty.
 * After received_edits(). */
struct span received_message_id(const struct session *s);

#endif
