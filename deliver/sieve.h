/* sieve.h - a user's Sieve script instead of procmail */

#ifndef DELIVER_SIEVE_H
#define DELIVER_SIEVE_H

#include <stdbool.h>

struct mail;
struct why;

/* Let the user's script decide, if there is one and no procmailrc goes before
 * it; command is the mailbox_command. False: there is none, nothing was done.
 * Else why tells how it ended, and addresses that the message goes on to are
 * left in the mail. */
bool sieve_deliver(struct mail *m, const char *command, struct why *why);

#endif
