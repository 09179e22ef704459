/* binary.h - parts of messages without their encoding (RFC 3516) */

#ifndef IMAPD_BINARY_H
#define IMAPD_BINARY_H

#include <stdbool.h>

struct body;
struct buf;
struct imap_fetch_item;
struct session;
struct why;

/* *known: the part is not there, or its encoding is known. -1 and why: the
 * message cannot be read. */
int binary_known(struct body *b, const struct imap_fetch_item *item,
    bool *known, struct why *why) __attribute__((warn_unused_result));
/* Append BINARY.SIZE's number. */
int binary_size(struct body *b, const struct imap_fetch_item *item,
    struct buf *out, struct why *why) __attribute__((warn_unused_result));
/* Write the part to the client as a literal, with NUL in it as a literal8. A
 * part that is not there is NIL. */
int binary_send(struct session *s, struct body *b,
    const struct imap_fetch_item *item, struct why *why)
    __attribute__((warn_unused_result));

#endif
