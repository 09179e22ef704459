/* drop.h - messages that postdrop left in maildrop/ while the system was down
 *
 * The file: "FDROP1", then lines "sender=...", "full_name=...", "rcpt=...", an
 * empty line, the content. It is complete once its owner may execute it.
 */

#ifndef PICKUP_DROP_H
#define PICKUP_DROP_H

struct channel;
struct pickup_conf;

struct drop;

/* Lives as long as the process; its first look is at once. */
struct drop *drop_new(const struct pickup_conf *conf, struct channel *qmgr);
/* Look again, unless a look is under way: the next one is soon enough. */
void drop_look(struct drop *d);

#endif
