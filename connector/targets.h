/* targets.h - what may be dialled, and for whom */

#ifndef CONNECTOR_TARGETS_H
#define CONNECTOR_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct arena;
struct main_cf;
struct targets;
struct why;

/* One service that the configuration names. */
struct target {
	const char *text; /* "inet:localhost:8891", as callers ask for it */
	const char *host; /* inet: a name or an address without brackets */
	uint16_t port;
	const char *path; /* unix; relative to the queue directory */
	/* The same below the queue directory, as who has it for his root sees
	 * it; NULL: there is no such. */
	const char *path_inside;
	unsigned roles;
};

struct targets *targets_new(void);
void targets_free(struct targets **t);
/* Add what the parameters of m name. false: why. */
bool targets_add(struct targets *t, const struct main_cf *m, struct why *why);
/* The same for folder's main.cf, and again with the options of each row of its
 * master.cf in force. */
bool targets_read(struct targets *t, const char *folder, struct why *why);
size_t targets_count(const struct targets *t);
/* NULL when nothing of that text is named for the program label. */
const struct target *
targets_find(const struct targets *t, struct span text, const char *label);
/* auth may have dialled what the tables of imap_proxy_maps, pop3_proxy_maps and
 * sieve_proxy_maps say, "inet:HOST:PORT", where one of the three is set: those
 * may be in a database. Strings live in a. */
bool targets_proxy(const struct targets *t, struct span text, const char *label,
    struct arena *a, struct target *out);

#endif
