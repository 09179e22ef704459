/* box_help.h - what the parent does for the box in the mail spool */

#ifndef DELIVER_BOX_HELP_H
#define DELIVER_BOX_HELP_H

#include "deliver/box_call.h"

struct account;
struct deliver_conf;
struct why;

/* With the user's uid and the spool's group, by a name built from the account.
 * -1: why. */
int box_help_open(
    const struct deliver_conf *c, const struct account *u, struct why *why);
/* Try once for the lock file; and give it back. */
enum box_lock
box_help_lock(const struct deliver_conf *c, const struct account *u);
void box_help_unlock(const struct deliver_conf *c, const struct account *u);

#endif
