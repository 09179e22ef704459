/* rules.h - the lines of regexp:, pcre: and cidr: tables */

#ifndef MAPS_RULES_H
#define MAPS_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf;

enum rule_kind { RULE_MATCH, RULE_IF, RULE_ENDIF };

/* /pattern/flags, with ! before it. */
struct rule_pattern {
	bool negate;
	char delimiter;
	struct span text, flags;
};

struct rule {
	enum rule_kind kind;
	struct rule_pattern first;
	/* regexp: only, "/this/!/but not that/"; text.p NULL when absent */
	struct rule_pattern second;
	struct span result; /* RULE_MATCH; what is left over for the others */
};

/* One logical line of a regexp: or pcre: table. NULL, or what is wrong with
 * it. The spans point into line. */
const char *rule_parse(struct span line, struct rule *out);

/* One logical line of a cidr: table: first.text is the address pattern. */
const char *rule_parse_address(struct span line, struct rule *out);

enum { RULE_GROUPS_MAX = 100 };

/* Look through a result for $1, ${1}, $(1): the largest number, 0 when there
 * is none. False when something else stands behind a '$', or a number is
 * outside 1 .. RULE_GROUPS_MAX - 1: *bad is that text. */
bool rule_result_check(struct span result, unsigned *largest, struct span *bad);
/* Append result with $n replaced by groups[n] and $$ by $. Unset groups have a
 * NULL p. result has passed the check, count is above the largest. */
void rule_result_expand(struct span result, const struct span *groups,
    size_t count, struct buf *out);

#endif
