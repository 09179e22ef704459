/* overrides.c - receive_override_options */

#include "config/overrides.h"

#include <stddef.h>

#include "base/log.h"
#include "config/param.h"

unsigned
overrides_parse(struct span text)
{
	static const struct {
		const char *word;
		enum override bit;
	} words[] = {
		{ "no_unknown_recipient_checks", NO_UNKNOWN_RCPT_CHECKS },
		{ "no_address_mappings", NO_ADDRESS_MAPPINGS },
		{ "no_header_body_checks", NO_HEADER_BODY_CHECKS },
		{ "no_milters", NO_MILTERS },
	};
	struct span item;
	unsigned bits = 0;

	while (param_list_next(&text, &item)) {
		unsigned bit = 0;

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (span_iis(item, words[i].word))
				bit = words[i].bit;
		if (bit == 0)
			log_warning("receive_override_options: \"%.*s\" is "
				    "not understood",
			    (int)item.n, item.p);
		bits |= bit;
	}
	return bits;
}
