/* recipient.h - what becomes of one message for one local recipient */

#ifndef DELIVER_RECIPIENT_H
#define DELIVER_RECIPIENT_H

struct delivery_result;
struct mail;

/* Deliver. result->why was initialised; fresh addresses live in the mail's
 * arena. */
void recipient_deliver(struct mail *m, struct delivery_result *result);

#endif
