/* introspect.h - asking a service on this machine whose a token is (RFC 7662)
 */

#ifndef AUTH_INTROSPECT_H
#define AUTH_INTROSPECT_H

#include <stdint.h>

#include "auth/claims.h"
#include "base/span.h"
#include "calls/auth_call.h"
#include "os/sock.h"

struct arena;
struct auth_conf;
struct why;

/* Where it listens. */
struct introspect_server {
	const char *path; /* a Unix socket; NULL: address */
	struct address address; /* of this machine */
};

/* "unix:/run/x" or "inet:127.0.0.1:8080", "inet:[::1]:8080"; the address must
 * be this machine's, since tokens go there in clear. false: why. path lives in
 * a. */
bool introspect_server_parse(struct span text, struct arena *a,
    struct introspect_server *out, struct why *why);

struct introspect_answer {
	enum auth_verdict verdict;
	enum claims_verdict claims; /* with AUTH_DENIED: what is wrong */
	struct span user;
	int64_t until;
	const char *text; /* for the log */
};

/* In a process of its own, as root: it connects, gives all its rights away for
 * good, and only then sends the token and reads the answer. Blocks, for
 * auth_oauth_timeout at most. AUTH_TROUBLE: the service did not answer as it
 * should. Strings live in a. */
void introspect_ask(const struct auth_conf *conf, struct span token,
    struct arena *a, struct introspect_answer *out);

#endif
