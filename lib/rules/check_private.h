/* check_private.h - between the parts of the check of rc files */

#ifndef RULES_CHECK_PRIVATE_H
#define RULES_CHECK_PRIVATE_H

#include "rules/check.h"
#include "rules/expand.h"
#include "rules/rc.h"

struct arena;
struct table;
struct vars;

/* What is known of the recipes before, at one depth of blocks. */
struct check_level_state {
	const struct rc_recipe *before; /* NULL: none */
	bool before_always; /* its conditions held, whatever came */
	int taken_by; /* line of a recipe that took all mail; 0: none */
	bool for_good; /* and cannot fail */
	bool told; /* of what comes behind it */
};

struct check {
	struct arena *a;
	struct check_finding *all;
	size_t count, room;
	struct vars *vars; /* those known; CHECK_UNKNOWN stands for the rest */
	struct table *locks; /* folder to the lock file used for it */
	struct check_level_state *levels;
	size_t depth, level_room;
	int line; /* of the statement, for what an expansion finds */
};

/* In expanded text: a value that only a run knows. */
#define CHECK_UNKNOWN '\x01'

/* Bytes of the file in a message are quoted with check_quote(). */
void check_error(struct check *c, int line, const char *remedy,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
void check_warn(struct check *c, int line, const char *remedy,
    const char *format, ...) __attribute__((format(printf, 4, 5)));
const char *check_quote(struct check *c, struct span s);
/* Expand with what is known; complains of quotes and braces. */
void check_expand(struct check *c, int line, struct span text,
    enum expand_mode mode, struct words *out);
bool check_unknown(struct span text);

/* check_condition.c */
void check_conditions(
    struct check *c, const struct rc_recipe *r, unsigned flags, int line);

/* check_action.c */
void check_action(struct check *c, const struct rc_recipe *r,
    const struct rc_head *h, int line);

#endif
