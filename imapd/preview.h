/* preview.h - the first words of a message (RFC 8970) */

#ifndef IMAPD_PREVIEW_H
#define IMAPD_PREVIEW_H

#include "base/span.h"

struct body;
struct buf;
struct why;

enum { PREVIEW_MOST = 200 }; /* characters */

/* Append the words of text (UTF-8) with one blank between, at most PREVIEW_MOST
 * characters. Lines of plain text that are quoted, and what follows the line
 * "-- ", are left out unless nothing else is there. */
void preview_words(struct buf *out, struct span text);
/* Append PREVIEW's value, a string; it is empty where the message has no text.
 * -1 and why: the message cannot be read. */
int preview_of_body(struct body *b, struct buf *out, struct why *why)
    __attribute__((warn_unused_result));

#endif
