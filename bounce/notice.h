/* notice.h - the postmaster hears of errors in a conversation */

#ifndef BOUNCE_NOTICE_H
#define BOUNCE_NOTICE_H

#include <stdint.h>

#include "base/span.h"

struct bounce_conf;
struct notice;
struct report;

/* Append the message and its Message-ID. now: wall clock, seconds. */
void notice_compose(struct report *out, const struct bounce_conf *conf,
    const struct notice *n, struct span to, int64_t now);

#endif
