/* drop.h - messages that postdrop left in maildrop/ while the system was down
 *
 * The file: "FDROP1", then lines "sender=...", "full_name=...", "rcpt=...", an
 * empty line, the content. Of what DSN wants there may be "envid=...", "ret=N",
 * and, before the recipients that it is for, "notify=N"; "flags=N" of the body.
 * It is complete once its owner may execute it.
 */

#ifndef PICKUP_DROP_H
#define PICKUP_DROP_H

#include <stdbool.h>

struct channel;
struct pickup_conf;

struct drop;

/* Lives as long as the process; its first look is at once. */
struct drop *drop_new(const struct pickup_conf *conf, struct channel *qmgr);
/* Look again, unless a look is under way: the next one is soon enough. */
void drop_look(struct drop *d);
/* Begin no other file. */
void drop_stop(struct drop *d);
/* A file is under way: were it left now, its message could come twice. */
bool drop_busy(const struct drop *d);

#endif
