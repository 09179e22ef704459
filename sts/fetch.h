/* fetch.h - one request to an HTTPS server: the policy of a domain (RFC 8461,
 * 3.3), a report (RFC 8460, 5.4)
 */

#ifndef STS_FETCH_H
#define STS_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct channel;
struct fetch;
struct loop;
struct tls_context;

enum fetch_result {
	FETCH_DONE,
	FETCH_UNREACHABLE, /* no address, no connection, no answer in time */
	FETCH_UNTRUSTED, /* its certificate is not good for the name */
	FETCH_ODD /* its answer is none that counts */
};

/* All is copied. */
struct fetch_post {
	struct span host, target; /* target: path and query */
	uint16_t port; /* 0: the usual one */
	struct span type, body;
	bool anywhere; /* addresses that are not the world's too */
};

struct fetch_env {
	struct loop *loop;
	struct channel *resolver;
	struct tls_context *tls;
	uint16_t port;
	int64_t limit_ms; /* for all of it */
	bool inet4, inet6;
};

/* text: the document; or, where it is not FETCH_DONE, what is wrong. Called
 * once, from the loop; text lives until it returns. */
typedef void fetch_fn(void *arg, enum fetch_result result, struct span text);

/* domain: a host name. env must outlive it. */
struct fetch *fetch_start(
    const struct fetch_env *env, struct span domain, fetch_fn *fn, void *arg);
/* POST; FETCH_DONE is an answer 2xx. Any certificate will do (RFC 8460, 3). */
struct fetch *fetch_post(const struct fetch_env *env,
    const struct fetch_post *post, fetch_fn *fn, void *arg);
/* fn will not be called; *f is cleared. */
void fetch_cancel(struct fetch **f);

#endif
