/* outbox.h - mail that is sent by being put into a folder: Courier's OUTBOX */

#ifndef IMAPD_OUTBOX_H
#define IMAPD_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct maildir;
struct numbers;
struct session;
struct store_file;

/* For a client that must not send it again. */
#define OUTBOX_NOT_KEPT \
	"The message was sent, but could not be put into the folder"

/* What comes into that folder is to be sent. Never for a guest: he would send
 * in its owner's name. */
bool outbox_is(const struct session *s, const struct maildir *m);
/* Send them, before they are put there. False: it was answered NO, and tells of
 * those that were sent all the same. */
bool outbox_send_numbers(struct session *s, const struct numbers *n);
bool outbox_send_files(struct session *s, struct store_file **files, size_t n);
/* " XCOURIEROUTBOX=INBOX.Outbox", where there is one. */
void outbox_capability(const struct session *s, struct buf *out);

#endif
