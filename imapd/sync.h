/* sync.h - telling the client what changed in the selected folder */

#ifndef IMAPD_SYNC_H
#define IMAPD_SYNC_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct session;

/* Look what others did and tell it: EXPUNGE only when that is allowed here
 * (RFC 3501, 7.4.1), EXISTS, RECENT, and FETCH for flags. Nothing when no
 * folder is selected; BYE when the folder is lost. */
void sync_tell(struct session *s, bool expunges);
/* The same without looking: tell what is known to have changed. */
void sync_tell_known(struct session *s, bool expunges);
/* EXISTS and, for clients of IMAP4rev1, RECENT. */
void sync_put_counts(struct session *s);
/* Name the keywords that no FLAGS answer has named yet: before a message is
 * shown with one. */
void sync_put_keywords(struct session *s);
/* Append "* n FETCH (", or "* uid UIDFETCH (" (RFC 9586). */
void sync_put_fetch(const struct session *s, struct buf *out, size_t i);
/* "* n FETCH (FLAGS (...))", with UID and MODSEQ where they belong. */
void sync_put_flags(struct session *s, size_t i);
/* The client has said that it knows of sequences. The first time, with a folder
 * selected, it is told the highest (RFC 7162, 3.1). */
void sync_condstore(struct session *s);
enum { SYNC_CODE_ROOM = 40 };
/* Behind messages that went: HIGHESTMODSEQ of what is told as a response code,
 * made in room; NULL for a client that knows of no sequences (RFC 7162, 3.2.7
 * and 3.2.9; RFC 6851, 4.4; RFC 8508, 4.5). */
const char *sync_highest_code(const struct session *s, char *room);
/* The client was told these counts and keywords by SELECT. */
void sync_reset(struct session *s);

#endif
