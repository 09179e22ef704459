/* fetch.h - FETCH for more than the command of that name */

#ifndef IMAPD_FETCH_H
#define IMAPD_FETCH_H

#include <stddef.h>

struct imap_fetch;
struct session;

/* Tell these items of the message at i, and its UID, unasked. \Seen stays as it
 * is. Nothing when it cannot be read. */
void fetch_unasked(struct session *s, const struct imap_fetch *items, size_t i);

#endif
