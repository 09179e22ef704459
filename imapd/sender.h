/* sender.h - the process that sends what comes into the outbox */

#ifndef IMAPD_SENDER_H
#define IMAPD_SENDER_H

#include "base/span.h"

struct imap_conf;

/* As the user, before the sandbox, which lets nobody run programs: a process of
 * the session's own that waits for messages and gives each to a run of
 * SENDMAIL. It ends when the descriptor that comes back is closed. -1: there is
 * none, logged. */
int sender_start(const struct imap_conf *conf, struct span user);
/* Send the message in file fd. The exit code of SENDMAIL (sysexits.h); -1 when
 * the process is gone. Blocks until it has ended, ten minutes at most. */
int sender_send(int sender, int fd);

#endif
