/* submit.h - messages from the sendmail command, by socket */

#ifndef PICKUP_SUBMIT_H
#define PICKUP_SUBMIT_H

#include <stdbool.h>

struct channel;
struct pickup_conf;
struct submit;

/* Lives as long as the process. */
struct submit *submit_new(const struct pickup_conf *conf, struct channel *qmgr);
/* Take no more callers; those that are there go on. */
void submit_stop(struct submit *s);
/* Somebody is still connected. */
bool submit_busy(const struct submit *s);

#endif
