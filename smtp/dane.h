/* dane.h - the TLSA records of a host (RFC 7672) */

#ifndef SMTP_DANE_H
#define SMTP_DANE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct dane_query;
struct smtp_env;
struct target;
struct tls_tlsa;

enum dane_result {
	DANE_NONE, /* none, or not validated: nothing is known of the host */
	DANE_UNUSABLE, /* it has TLS, but no record that we can work with */
	DANE_FOUND,
	DANE_TROUBLE /* nobody may be told from an attacker now */
};

struct dane {
	enum dane_result result;
	struct span base; /* name of the records' owner, for SNI */
	const struct tls_tlsa *list;
	size_t count;
};

enum { DANE_RECORDS_MAX = 50 };

typedef void dane_fn(void *arg, const struct dane *found);

/* Called once, from the loop; what is found lives in a. */
struct dane_query *dane_find(const struct smtp_env *env, const struct target *t,
    struct arena *a, dane_fn *fn, void *arg);
/* fn will not be called; *q is cleared. */
void dane_cancel(struct dane_query **q);

#endif
