/* check_action.c - values of header_checks(5) tables */

#include "intake/check_action.h"

static const struct {
	const char *word;
	struct check_action action;
} words[] = {
	{ "DUNNO", { VERB_DUNNO, NULL, { "", 0 } } },
	{ "OK", { VERB_DUNNO, NULL, { "", 0 } } },
	{ "REJECT", { VERB_REJECT, "reject", { "", 0 } } },
	{ "DISCARD", { VERB_DISCARD, "discard", { "", 0 } } },
	{ "HOLD", { VERB_HOLD, "hold", { "", 0 } } },
	{ "IGNORE", { VERB_IGNORE, NULL, { "", 0 } } },
	{ "STRIP", { VERB_STRIP, "strip", { "", 0 } } },
	{ "PREPEND", { VERB_PREPEND, "prepend", { "", 0 } } },
	{ "REPLACE", { VERB_REPLACE, "replace", { "", 0 } } },
	{ "WARN", { VERB_WARN, "warning", { "", 0 } } },
	{ "INFO", { VERB_INFO, "info", { "", 0 } } },
	{ "PASS", { VERB_PASS, "pass", { "", 0 } } },
	{ "REDIRECT", { VERB_REDIRECT, "redirect", { "", 0 } } },
	{ "BCC", { VERB_BCC, "bcc", { "", 0 } } },
	{ "FILTER", { VERB_FILTER, "filter", { "", 0 } } },
};

void
check_action_parse(struct span value, struct check_action *out)
{
	struct span rest = span_trim(value), word = { "", 0 };

	*out = (struct check_action){ VERB_UNKNOWN, NULL, { "", 0 } };
	if (!span_word(&rest, " \t", &word))
		return;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (span_iis(word, words[i].word))
			*out = words[i].action;
	out->text = span_trim(rest);
}
