/* worker.h - one attempt in a process of its own */

#ifndef AUTH_WORKER_H
#define AUTH_WORKER_H

#include <stdbool.h>

#include "auth/attempt.h"

struct auth_conf;
struct exchanges;
struct workers;

typedef void attempt_fn(void *arg, const struct attempt_result *result);

struct workers *
workers_new(const struct auth_conf *conf, const struct exchanges *exchanges);
/* False when too many wait: try later. fn is called from the loop. The
 * attempt waits its turn, as auth/order.h says; one client address has at most
 * half of the workers while others wait. One that waits may have to give way
 * and is answered with AUTH_TROUBLE. */
bool workers_ask(
    struct workers *w, const struct attempt *a, attempt_fn *fn, void *arg);
/* Attempts waiting or under way. */
unsigned workers_pending(const struct workers *w);

#endif
