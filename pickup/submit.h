/* submit.h - messages from the sendmail command, by socket */

#ifndef PICKUP_SUBMIT_H
#define PICKUP_SUBMIT_H

struct channel;
struct pickup_conf;

void submit_start(const struct pickup_conf *conf, struct channel *qmgr);

#endif
