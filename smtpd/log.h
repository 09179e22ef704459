/* log.h - the lines that log readers know */

#ifndef SMTPD_LOG_H
#define SMTPD_LOG_H

#include "base/span.h"

struct check_item;
struct session;

/* "connect from", "disconnect from ... ehlo=1 ... commands=5/7" */
void event_connect(const struct session *s);
void event_disconnect(const struct session *s);
/* "WHAT after WHERE from CLIENT": lost connection, timeout, too many errors. */
void event_after(const struct session *s, const char *what);
/* "improper command pipelining after WHERE from CLIENT: TEXT" */
void event_pipelining(const struct session *s, struct span behind);
/* "QID: client=..." */
void event_client(const struct session *s);
/* "QID: message-id=<...>", by the ident of cleanup */
void event_message_id(const struct session *s, struct span message_id);
/* "QID: ACTION: WHERE from CLIENT: TEXT; from=<> to=<> proto= helo=<>"; action
 * is "reject", "reject_warning", "hold", ... */
void
event_policy(const struct session *s, const char *action, struct span text);
/* The same for what a milter did, action "milter-reject" and the like: about
 * the message as a whole by the ident of cleanup. text begins with the code or,
 * at the end of the message, with the status. */
void
event_milter(const struct session *s, const char *action, struct span text);
/* "QID: ACTION: header Subject: x from CLIENT; from=<> to=<> proto= helo=<>:
 * TEXT", by the ident of cleanup; of a milter's field "milter-header-ACTION" */
void event_check(const struct session *s, const char *action,
    const struct check_item *item, struct span text);
/* "Anonymous TLS connection established from CLIENT: ..." */
void event_tls(const struct session *s);

#endif
