/* route.h - where an address goes
 *
 * Decisions only: tables and accounts are asked, nothing is sent. The order is
 * Postfix's: rewriting, canonical_maps, virtual_alias_maps, class, transport,
 * aliases, accounts. Any table that fails makes the answer DEFER.
 */

#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include <stdbool.h>

#include "base/span.h"
#include "maps/map.h"

struct arena;
struct buf;
struct lookup_rcpt_request;
struct lookup_route;
struct main_cf;
struct map_list;
struct map_pool;
struct route;
struct route_conf;
struct why;

/* Opens every table of the parameters through the pool. All three must outlive
 * it. Never fails: a table in trouble fails the questions that need it. */
struct route *route_new(const struct main_cf *m, const struct route_conf *conf,
    struct map_pool *pool);
void route_free(struct route **r);

/* Answer as calls/lookup_call.h has it. out->why must be initialised; all else
 * in *out is set and lives in a. False: a table failed, out->why is DEFER and
 * names tables and files: its text is for the log, not for strangers. */
bool route_rcpt(struct route *r, struct arena *a,
    const struct lookup_rcpt_request *ask, struct lookup_route *out);

/* What a question comes upon, for who explains an answer. parameter is
 * main.cf's name; all lives until the call returns. */
struct route_seen {
	enum {
		ROUTE_SEEN_KEY, /* a table has the key: table, key, value */
		ROUTE_SEEN_CLASS, /* parameter has the domain key */
		ROUTE_SEEN_SETTING, /* parameter's value decides for now */
		ROUTE_SEEN_ACCOUNT /* key is an account, value its home */
	} what;
	const char *parameter, *table;
	struct span key, value;
};
typedef void route_seen_fn(void *arg, const struct route_seen *seen);
/* Each question to come tells fn; NULL: none does any more. */
void route_watch(struct route *r, route_seen_fn *fn, void *arg);

/* What the tables have for an address, by any of the keys it has; appended to
 * value. MAP_ERROR: why. */
enum map_result route_find(struct route *r, struct map_list *list,
    struct span address, struct buf *value, struct why *why);

#endif
