/* maildrop.h - the messages of a POP3 session, as they were at its start */

#ifndef POP3D_MAILDROP_H
#define POP3D_MAILDROP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct maildrop;
struct why;

/* Open INBOX of the Maildir at path, whose index lies below indexes, or in it
 * when that is empty. NULL: why. */
struct maildrop *
maildrop_open(const char *path, const char *indexes, struct why *why);
/* The folder itself. */
int maildrop_dir(const struct maildrop *d);
/* At the end (maildrop_close() with remove) those go too that were fetched in
 * this session (days 0), or that are \Seen and came that many days ago. */
void maildrop_expire(struct maildrop *d, int days);
/* fn is told "./cur/NAME" of each message that is removed at the end. */
void maildrop_tell_removals(
    struct maildrop *d, void (*fn)(void *arg, struct span path), void *arg);
/* Messages that were fetched become \Seen; with remove those that were deleted
 * go, else they stay. -1 and why: some may not have gone. */
int maildrop_close(struct maildrop **d, bool remove, struct why *why);

/* How many there are; their numbers are 0 to n - 1 here. */
size_t maildrop_count(const struct maildrop *d);
bool maildrop_deleted(const struct maildrop *d, size_t i);
void maildrop_delete(struct maildrop *d, size_t i);
void maildrop_undelete_all(struct maildrop *d);
void maildrop_fetched(struct maildrop *d, size_t i);
/* Octets with CRLF; a message that cannot be read has 0. */
uint64_t maildrop_size(struct maildrop *d, size_t i);
/* The unique-id: what Courier or Dovecot showed before us, else UID and
 * UIDVALIDITY as Dovecot does. Good until the next call. */
struct span maildrop_uidl(struct maildrop *d, size_t i);
/* The open file, or -1 and why. */
int maildrop_file(struct maildrop *d, size_t i, struct why *why);

#endif
