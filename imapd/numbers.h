/* numbers.h - the messages that a sequence set means */

#ifndef IMAPD_NUMBERS_H
#define IMAPD_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct session;

/* Places of messages in the view, rising. */
struct numbers {
	uint32_t *list; /* numbers_free() */
	size_t count;
};

/* Take a blank and a set off *args, of UIDs when the command was given with
 * UID. UIDs that are not there mean nothing; a number beyond the mailbox is
 * BAD. False: answered. */
bool numbers_take(struct session *s, struct span *args, struct numbers *out);
void numbers_free(struct numbers *n);

#endif
