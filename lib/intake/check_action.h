/* check_action.h - values of header_checks(5) tables */

#ifndef INTAKE_CHECK_ACTION_H
#define INTAKE_CHECK_ACTION_H

#include <stdbool.h>

#include "base/span.h"

enum check_verb {
	VERB_DUNNO,
	VERB_REJECT,
	VERB_DISCARD,
	VERB_HOLD,
	VERB_IGNORE,
	VERB_STRIP,
	VERB_PREPEND,
	VERB_REPLACE,
	VERB_WARN,
	VERB_INFO,
	VERB_PASS,
	VERB_REDIRECT,
	VERB_BCC,
	VERB_FILTER,
	VERB_UNKNOWN
};

struct check_action {
	enum check_verb verb;
	const char *logged; /* "warning": as the log has it; NULL: not at all */
	struct span text;
};

void check_action_parse(struct span value, struct check_action *out);

#endif
