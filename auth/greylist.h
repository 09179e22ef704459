/* greylist.h - who has come back: the greylist of all smtpd processes
 *
 * A triple of client network, sender and recipient is remembered when it is
 * first seen, lets mail in once the delay is over, and then for as long as it
 * is used. A network that has come back with enough triples is known as a
 * whole (RFC 6647). Keys are smtpd's: here they are only bytes.
 */

#ifndef AUTH_GREYLIST_H
#define AUTH_GREYLIST_H

#include <stdint.h>

#include "calls/auth_call.h"

struct greylist;
struct loop;

/* limit: entries at most; when it is full, those go that end first. */
struct greylist *
greylist_open(struct loop *loop, const char *data_directory, size_t limit);
void greylist_free(struct greylist **g);
void greylist_flush(struct greylist *g);
/* now: wall clock, seconds. */
struct auth_greylist_answer
greylist_ask(struct greylist *g, const struct auth_greylist *ask, int64_t now);

#endif
