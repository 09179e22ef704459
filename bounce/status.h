/* status.h - the fields of message/delivery-status (RFC 3464) */

#ifndef BOUNCE_STATUS_H
#define BOUNCE_STATUS_H

#include <stdbool.h>

#include "base/span.h"

struct bounce_conf;
struct bounce_request;
struct buf;

/* Append the fields of the message, and of each recipient. Printable, and in
 * ASCII unless the message was SMTPUTF8, whatever the values hold. */
void status_put(struct buf *out, const struct bounce_conf *conf,
    const struct bounce_request *r);

/* What our SMTP client logs of a refusal, "host NAME[IP] said: REPLY (in reply
 * to COMMAND)", taken apart: true with the server's name and its reply. */
bool status_reply(struct span reason, struct span *host, struct span *reply);

#endif
