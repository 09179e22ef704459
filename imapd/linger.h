/* linger.h - one process serves the pages of a webmail user in turn */

#ifndef IMAPD_LINGER_H
#define IMAPD_LINGER_H

struct imap_start;

/* start is that of the first page, and park_fd its socket of park_call.h. Serve
 * until login lets us go. The status of the last session. */
int linger(struct imap_start *start, int park_fd);

#endif
