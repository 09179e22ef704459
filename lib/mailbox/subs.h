/* subs.h - subscriptions of a user, in Courier's or Dovecot's file */

#ifndef MAILBOX_SUBS_H
#define MAILBOX_SUBS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct tree;
struct why;

enum { SUBS_BYTES_MAX = 4 << 20 };

/* The names subscribed to, as folder.h has them, sorted, each once, in the
 * arena; names of folders that are gone stay. Read from courierimapsubscribed
 * or subscriptions, the newer of both; none when there is neither. NULL on
 * trouble. */
struct span *
subs_list(struct tree *t, struct arena *a, size_t *count, struct why *why);
/* Is there such a file at all? */
bool subs_known(struct tree *t);
/* When there is none, make it, with these names. */
int subs_begin(struct tree *t, const struct span *names, size_t n,
    struct why *why) __attribute__((warn_unused_result));
/* Add or remove a name, durably, in the form of the file found (Courier's when
 * there is none). 0 when done, also when nothing had to change; -1 and why. */
int subs_set(struct tree *t, struct span name, bool on, struct why *why)
    __attribute__((warn_unused_result));

#endif
