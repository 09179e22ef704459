/* policy_reply.h - what a policy server answers, and how one is written down */

#ifndef SMTPD_POLICY_REPLY_H
#define SMTPD_POLICY_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct smtpd_conf;
struct why;

enum { POLICY_REPLY_MAX = 16384 };

enum policy_reply_result {
	POLICY_REPLY_MORE,
	POLICY_REPLY_OK,
	POLICY_REPLY_BAD
};

/* Lines "name=value" up to an empty one. OK: *action points into in, and *used
 * bytes are the reply. Other attributes than action are passed over. */
enum policy_reply_result
policy_reply_parse(struct span in, size_t *used, struct span *action);

/* "inet:HOST:PORT", "unix:PATH", or "{ SERVER, name = value, ... }" with
 * settings of its own. */
struct policy_spec {
	const char *target; /* "inet:..." or "unix:..." */
	const char *default_action, *context;
	int64_t timeout_ms, retry_ms, idle_ms, life_ms;
	unsigned try_limit, request_limit; /* of requests, 0 is none */
};

/* What is not set comes from conf. False: why. All lives in a. */
bool policy_spec_parse(struct span text, const struct smtpd_conf *conf,
    struct arena *a, struct policy_spec *out, struct why *why);

#endif
