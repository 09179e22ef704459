/* worker.h - one attempt in a process of its own */

#ifndef AUTH_WORKER_H
#define AUTH_WORKER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"
#include "calls/auth_call.h"

struct auth_conf;
struct workers;

/* What is to be found out. Spans are copied. */
struct attempt {
	struct span service; /* "imap", ... */
	struct span user; /* as the client wrote it */
	struct span
	    password; /* p NULL: only the account (a ticket was shown) */
	struct span client_addr;
};

struct attempt_result {
	enum auth_verdict verdict;
	struct span user, home, mail, text;
	uid_t uid;
	gid_t gid;
};

typedef void attempt_fn(void *arg, const struct attempt_result *result);

struct workers *workers_new(const struct auth_conf *conf);
/* False when too many wait: try later. fn is called from the loop. The
 * attempt waits its turn; one client address has at most half of the workers
 * while others wait. */
bool workers_ask(
    struct workers *w, const struct attempt *a, attempt_fn *fn, void *arg);
/* Attempts waiting or under way. */
unsigned workers_pending(const struct workers *w);

#endif
