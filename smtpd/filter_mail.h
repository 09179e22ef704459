/* filter_mail.h - the session's mail, given to the filter before the queue
 *
 * Either the filter has its word at each recipient and gets the content as it
 * comes, or, with speed_adjust of smtpd_proxy_options, it gets the message once
 * all of it is here: in a file of the queue's that is never committed.
 */

#ifndef SMTPD_FILTER_MAIL_H
#define SMTPD_FILTER_MAIL_H

#include <stdbool.h>

#include "smtpd/queue.h"

struct session;
struct smtpd;
struct why;

/* Read smtpd_proxy_filter and smtpd_proxy_options. False: why. */
bool filter_conf(struct smtpd *s, struct why *why);
/* There is a filter, and it hears of each recipient. */
bool filter_streams(const struct session *s);

/* Of one that streams: may the recipient at hand have it; may the content
 * come? */
void filter_rcpt(struct session *s, queue_fn *fn);
void filter_data(struct session *s, queue_fn *fn);
/* What stands before the content: Received, and fields of access tables. */
void filter_head(struct session *s);
/* The content is complete: the client gets the filter's answer. */
void filter_commit(struct session *s);

#endif
