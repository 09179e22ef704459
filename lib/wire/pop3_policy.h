/* pop3_policy.h - what a POP3 server says of itself (RFC 2449, 6) */

#ifndef WIRE_POP3_POLICY_H
#define WIRE_POP3_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct buf;

enum { POP3_NEVER = -1, POP3_DAYS_MAX = 36500 };

/* "never", or a number of days: *days is POP3_NEVER or that. False: it is
 * neither. */
bool pop3_expire_parse(struct span s, int *days);
/* Append the capabilities that are there before and after the login: lines,
 * without the end of the list. login_delay in seconds, 0: none. */
void pop3_capa(struct buf *out, int expire_days, int64_t login_delay);

#endif
