/* drop.h - messages that postdrop left in maildrop/ while the system was down
 *
 * The file: "FDROP1", then lines "sender=...", "full_name=...", "rcpt=...", an
 * empty line, the content. It is complete once its owner may execute it.
 */

#ifndef PICKUP_DROP_H
#define PICKUP_DROP_H

struct channel;
struct pickup_conf;

/* Look now and every wakeup seconds. */
void
drop_start(const struct pickup_conf *conf, struct channel *qmgr, int wakeup);

#endif
