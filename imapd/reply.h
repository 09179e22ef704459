/* reply.h - answers of the server: status, names, flags */

#ifndef IMAPD_REPLY_H
#define IMAPD_REPLY_H

#include <stdbool.h>

#include "base/span.h"
#include "mailbox/tree.h"

struct buf;
struct imap_flags;
struct msg;
struct session;
struct why;

/* "tag OK [code] text"; code may be NULL. */
void reply_ok(struct session *s, const char *code, const char *text);
void reply_no(struct session *s, const char *code, const char *text);
void reply_bad(struct session *s, const char *text);
/* A command names numbers that stand for messages no more (RFC 2180, 4). UIDs
 * of such are passed over (RFC 3501, 6.4.8). */
#define REPLY_EXPUNGED "Some messages no longer exist: they have been deleted"
/* A message number was used where only UIDs may be (RFC 9586). */
void reply_uid_required(struct session *s);
/* NO for trouble with the disk: [OVERQUOTA] when it is full, [NOPERM] when it
 * is not ours, [LIMIT] for one of our own, else [UNAVAILABLE]; by errno. */
void reply_trouble(struct session *s, struct why *why);
/* NO for a folder, by RFC 5530's codes. */
void reply_tree(struct session *s, enum tree_result got, struct why *why);
/* "* BYE text", once; the session ends. */
void reply_bye(struct session *s, const char *text);

/* Take a blank and a mailbox name off *args, as UTF-8 in the command's memory.
 * False: NO or BAD was answered. */
bool
reply_take_mailbox(struct session *s, struct span *args, struct span *name);
/* The same for a name that was taken already; false when it is none. */
bool reply_mailbox(struct session *s, struct span raw, struct span *name);
/* Append a name as the client wants it: modified UTF-7, or UTF-8 when that was
 * enabled. */
void
reply_put_mailbox(const struct session *s, struct buf *out, struct span name);
/* The name by which LIST shows a folder that was found by name: with the
 * prefix, INBOX in capitals. */
struct span reply_full_name(const struct session *s, struct span name);
/* Append a LIST line for name; where the client knows it as old, that too (RFC
 * 9051, 6.3.9.7). */
void reply_put_list(const struct session *s, struct buf *out, struct span name,
    struct span old);
/* Append "(\Seen $Junk)". */
void reply_put_flags(
    const struct session *s, struct buf *out, const struct msg *m, bool recent);
/* Append the names of all flags that the selected folder knows, blanks
 * between. */
void reply_put_known_flags(const struct session *s, struct buf *out);
/* Tell which of them the client can change for good (RFC 4314, 5.1.1). */
void reply_permanent_flags(struct session *s);

/* Append "(\Seen $Junk)" of what was read on the wire, without \Recent. */
void reply_put_wire_flags(struct buf *out, const struct imap_flags *f);
/* Flags of the wire as those of files, and back. */
unsigned reply_file_flags(unsigned imap);

#endif
