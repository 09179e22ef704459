/* box_call.h - a child has its parent open and lock the user's spool mailbox
 *
 *   box_open   -> box_opened with a descriptor, or why not
 *   box_lock   -> box_locked: tried once
 *   box_unlock    no answer
 *
 * Nothing names a box: it is that of the account the child was made for.
 */

#ifndef DELIVER_BOX_CALL_H
#define DELIVER_BOX_CALL_H

#include <stdbool.h>

#include "base/span.h"

struct packet_in;
struct packet_out;
struct why;

enum box_ask { BOX_OPEN, BOX_LOCK, BOX_UNLOCK, BOX_NONE };

enum box_lock { BOX_TAKEN, BOX_HELD, BOX_TROUBLE };

void box_ask_put(struct packet_out *o, enum box_ask what);
/* BOX_NONE: it is another call; *ok false: ill-formed. */
enum box_ask box_ask_get(struct packet_in *in, bool *ok);

/* fd -1: why says why not. */
void box_opened_put(struct packet_out *o, int fd, const struct why *why);
bool box_opened_get(struct packet_in *in, int *fd, struct why *why);

void box_locked_put(struct packet_out *o, enum box_lock got);
bool box_locked_get(struct packet_in *in, enum box_lock *got);

#endif
