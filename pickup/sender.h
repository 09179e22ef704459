/* sender.h - may this user give that envelope sender (local_login_sender_maps)
 */

#ifndef PICKUP_SENDER_H
#define PICKUP_SENDER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/span.h"

struct pickup_conf;
struct sender_job;
struct why;

/* Is there anything to ask? Not with static:*. */
bool sender_limited(const struct pickup_conf *conf);

/* why: DONE, he may; BOUNCE, he may not; DEFER, the table failed. From the
 * loop; the job is over. */
typedef void sender_fn(void *arg, const struct why *why);
struct sender_job *sender_start(const struct pickup_conf *conf, uid_t uid,
    struct span sender, sender_fn *fn, void *arg);
void sender_cancel(struct sender_job **j);

#endif
