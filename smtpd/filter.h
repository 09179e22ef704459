/* filter.h - a content filter before the queue (smtpd_proxy_filter), spoken to
 * by SMTP: one connection for each message
 */

#ifndef SMTPD_FILTER_H
#define SMTPD_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;
struct filter;
struct session;
struct smtp_reply;

/* What came of a step. The filter's reply, whatever it says; NULL: there is
 * none, the filter is of no more use, and the log says why. The reply lives
 * until fn returns. From the loop, or at once where it is known to be of no
 * use. */
typedef void filter_fn(struct session *s, const struct smtp_reply *r);

/* For the session's mail; nothing happens yet. */
struct filter *filter_new(struct session *s);
/* It is told that this is all, where it waits for a command; of a message that
 * it has only in part it hears the end of the connection. */
void filter_free(struct filter **f);

/* Connect, EHLO, XFORWARD, and then mail, the line made by make from what the
 * filter offers (enum smtp_capability). */
typedef void
filter_mail_fn(const struct session *s, unsigned caps, struct buf *line);
void filter_open(struct filter *f, filter_mail_fn *make, filter_fn *fn);
bool filter_is_open(const struct filter *f);
unsigned filter_caps(const struct filter *f);
/* One command, with its CRLF. */
void filter_say(struct filter *f, struct span line, filter_fn *fn);
/* Content, with LF line ends; passed over when there is no use in it. */
void filter_content(struct filter *f, struct span bytes);
/* The filter takes no more for now: room is called once it does, or is of no
 * more use. */
bool filter_is_full(struct filter *f, void (*room)(struct session *s));
/* The end of the content. */
void filter_end(struct filter *f, filter_fn *fn);

#endif
