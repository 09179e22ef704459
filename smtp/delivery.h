/* delivery.h - one message to the recipients that share a next hop */

#ifndef SMTP_DELIVERY_H
#define SMTP_DELIVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct delivery;
struct delivery_request;
struct delivery_result;
struct smtp_env;

/* Called once, from the loop; results are in the order of the request, and like
 * host (of struct delivery_answer) live until it returns. The delivery is gone
 * then. */
typedef void delivery_fn(void *arg, const struct delivery_result *results,
    size_t count, struct span host);

/* Copies request, takes its descriptor. Logs each recipient's end. */
struct delivery *delivery_start(const struct smtp_env *env,
    const struct delivery_request *request, bool lmtp, delivery_fn *fn,
    void *arg);
/* What is under way is lost; fn will not be called; *d is cleared. */
void delivery_cancel(struct delivery **d);

#endif
