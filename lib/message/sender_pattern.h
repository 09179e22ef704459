/* sender_pattern.h - which senders a user of this machine may give
 * (local_login_sender_maps)
 */

#ifndef MESSAGE_SENDER_PATTERN_H
#define MESSAGE_SENDER_PATTERN_H

#include <stdbool.h>

#include "base/span.h"

/* How senders are compared. */
struct sender_style {
	const char *delimiters; /* recipient_delimiter */
	const char *null_key; /* stands for the null sender; "<>" */
};

/* Is sender (without <>; empty: the null sender) one of patterns, a list with
 * blanks or commas between: "*" is every sender, "@domain" all of that domain,
 * null_key the null sender, anything else one sender, whose extension (from the
 * first delimiter on) may be any. Letters' case makes no difference. */
bool sender_pattern_has(
    struct span patterns, struct span sender, const struct sender_style *style);

#endif
