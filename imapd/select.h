/* select.h - leaving the selected folder, and coming back to it */

#ifndef IMAPD_SELECT_H
#define IMAPD_SELECT_H

#include <stdbool.h>

#include "base/span.h"

struct session;
struct why;

/* Nothing is selected any more; nothing is expunged. */
void select_leave(struct session *s);
/* Select the folder of that name without a word to the client. -1: why. */
int select_again(struct session *s, struct span name, bool read_only,
    struct why *why) __attribute__((warn_unused_result));

#endif
