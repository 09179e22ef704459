/* check_act.h - what tables of checks make of a message: all that
 * header_checks(5) can say */

#ifndef INTAKE_CHECK_ACT_H
#define INTAKE_CHECK_ACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct arena;
struct check_item;
struct checks;

enum check_state {
	CHECKED_GOOD,
	CHECKED_REJECT,
	CHECKED_DISCARD,
	CHECKED_TROUBLE /* a table failed, or says what nobody understands */
};

struct check_bcc {
	struct check_bcc *next;
	struct span address;
};

/* What they say of the message as a whole; begins as zeros. */
struct check_result {
	enum check_state state;
	const char *status; /* of CHECKED_REJECT: "5.7.1" */
	struct span text;
	bool hold;
	bool pass; /* nothing more of it is looked at, by milters neither */
	struct span redirect, filter; /* empty: not said */
	struct check_bcc *bcc; /* each once */
	size_t edits; /* octets of changes so far */
};

/* One message under way. logged is told of each action that the log has. */
struct check_actor {
	const char *qid;
	struct arena *arena; /* of the message */
	struct checks *checks;
	struct check_result *result;
	void (*logged)(void *arg, const char *action,
	    const struct check_item *item, struct span text);
	void *arg;
};

/* All are answered: act upon those that say something, as far as to the first
 * that decides. The caller settles the changes, and then stops the checks where
 * check_over(). */
void check_act(const struct check_actor *a);
bool check_over(const struct check_result *r);
/* "5.7.1 " or the like at the front of text is taken off; empty: none. */
struct span check_status_take(struct span *text);
/* transport:nexthop */
bool check_filter_good(struct span text);

#endif
