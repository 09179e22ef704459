/* overrides.h - receive_override_options: what one way in does without */

#ifndef CONFIG_OVERRIDES_H
#define CONFIG_OVERRIDES_H

#include "base/span.h"

enum override {
	NO_UNKNOWN_RCPT_CHECKS = 1,
	NO_ADDRESS_MAPPINGS = 2, /* canonical, virtual, masquerade, bcc */
	NO_HEADER_BODY_CHECKS = 4,
	NO_MILTERS = 8
};

/* Bits of enum override. A word that is none of them is said in the log, and
 * passed over. */
unsigned overrides_parse(struct span text);

#endif
