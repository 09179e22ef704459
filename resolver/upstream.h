/* upstream.h - the name servers, asked through libunbound on our loop */

#ifndef RESOLVER_UPSTREAM_H
#define RESOLVER_UPSTREAM_H

#include <stdbool.h>

#include "base/span.h"
#include "dns/answer.h"

struct loop;
struct upstream;
struct upstream_query;
struct why;

/* The packet lives until fn returns; empty when the name servers gave no
 * answer. bogus: validation failed, the packet says nothing. */
struct upstream_reply {
	struct span packet;
	bool secure, bogus;
};

typedef void upstream_fn(void *arg, const struct upstream_reply *reply);

struct upstream_conf {
	struct span nameservers; /* as in main.cf; or empty */
	struct span resolv_conf; /* the file's text */
	const char *anchor; /* validate with this key; NULL: do not */
};

/* Reads all files it needs: before any jail. NULL: why. The process has only
 * one for its whole life, libunbound keeps state. */
struct upstream *upstream_new(
    struct loop *loop, const struct upstream_conf *conf, struct why *why);
void upstream_free(struct upstream **u);
/* Ask; name is NUL-ended. fn is called once, never from inside this call. The
 * query lives until then or until it is cancelled. */
struct upstream_query *upstream_ask(struct upstream *u, const char *name,
    enum dns_type type, upstream_fn *fn, void *arg);
/* fn will not be called; *q is cleared. */
void upstream_cancel(struct upstream_query **q);

#endif
