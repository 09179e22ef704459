/* uidline.h - the lines of facteur.uids
 *
 *   facteur-uids 1 1795489460 GUID 0000000003 #CRC
 *   + 1 1795489460.M360896P3.vm,S=27 #CRC
 *   + 2 1795489461.M1P3.vm,S=27 UID2-1795489460 #CRC
 *   k 0 $Junk #CRC
 *   = 2 00000000000000010000000000000000 #CRC
 *   - 1 #CRC
 */

#ifndef MAILBOX_UIDLINE_H
#define MAILBOX_UIDLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "mailbox/uidlist.h"

/* Octets of the head with its line end: "facteur-uids 1 " 10 " " 32 " " 10 and
 * its checksum. */
enum { UIDLINE_HEAD = 15 + 10 + 1 + UIDLIST_GUID + 1 + 10 + 2 + 8 + 1 };

/* Append a line. */
void uidline_head(struct buf *out, const struct uidlist_head *h);
/* uidl: what POP3 calls it, may be empty. */
void
uidline_add(struct buf *out, uint32_t uid, struct span base, struct span uidl);
void uidline_gone(struct buf *out, uint32_t uid);
void uidline_keywords(struct buf *out, uint32_t uid, const struct kwset *kw);
void uidline_keyword(struct buf *out, size_t number, struct span name);
void uidline_recent(struct buf *out, uint32_t first);

/* A line without its end; false: it is none, or its checksum is wrong. room is
 * for decoded names: spans of e point into it or into the line. */
bool uidline_head_get(struct span line, struct uidlist_head *out);
bool uidline_get(struct span line, struct buf *room, struct uid_event *e);

#endif
