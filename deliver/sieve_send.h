/* sieve_send.h - messages whose header a Sieve script has changed */

#ifndef DELIVER_SIEVE_SEND_H
#define DELIVER_SIEVE_SEND_H

#include <stdbool.h>

#include "base/span.h"
#include "base/why.h"

struct buf;
struct mail;
struct sieve_action;

/* For all: message is what the script ran on, the action has a head. */

/* Append the changed message. */
void sieve_send_text(
    struct span message, const struct sieve_action *a, struct buf *out);
/* Into the account's box in the spool. */
enum outcome sieve_send_spool(struct mail *m, struct span message,
    const struct sieve_action *a, struct why *why);
/* To the address of a redirect, by the sendmail command: the queue has only the
 * message as it came. False: why (DEFER). */
bool sieve_send_on(struct mail *m, struct span message,
    const struct sieve_action *a, struct why *why);

#endif
