/* courier.h - what imapd takes from Courier's file of that name */

#ifndef IMAPD_COURIER_H
#define IMAPD_COURIER_H

#include <stdbool.h>

#include "base/span.h"

struct arena;
struct imap_conf;
struct why;

/* IMAP_ACL, IMAP_TRASHFOLDERNAME, IMAP_MOVE_EXPUNGE_TO_TRASH, IMAP_EMPTYTRASH,
 * IMAP_LOG_DELETIONS, IMAP_UMASK, IMAP_KEYWORDS, OUTBOX and what belongs to it,
 * of the file at path, which may be missing. Strings live in a. False: why says
 * file and line. */
bool imapd_courier(
    const char *path, struct arena *a, struct imap_conf *out, struct why *why);
/* "Trash:7,Junk:30", or "7" for the trash: folders, and days. False: it is
 * nothing of the like, or there are too many. out has the names' prefix. */
bool
imapd_emptytrash(struct span value, struct arena *a, struct imap_conf *out);

#endif
