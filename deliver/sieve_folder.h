/* sieve_folder.h - a message into a folder that a Sieve script names */

#ifndef DELIVER_SIEVE_FOLDER_H
#define DELIVER_SIEVE_FOLDER_H

#include <stdbool.h>

#include "base/span.h"
#include "base/why.h"

struct mail;
struct sieve_action;

/* Into the folder (or INBOX) with the action's flags; message is what the
 * script ran on. A folder that is made is subscribed to. False: there is none
 * of that name, and it was not to be made, or the mailbox is no Maildir;
 * nothing was done. Else *got and why tell how it ended. */
bool sieve_folder_store(struct mail *m, struct span message,
    const struct sieve_action *a, enum outcome *got, struct why *why);
bool sieve_folder_exists(struct mail *m, struct span name);
/* Has the folder that use, "\\Junk"; name empty: is there a folder for it? */
bool sieve_folder_has_use(struct mail *m, struct span name, struct span use);

#endif
