/*
 * sender_pattern.c - which senders a user of this machine may give
 *
 * A sender is compared as it was given, without a domain put behind it: a table
 * names both forms where both may be used.
 */

#include "message/sender_pattern.h"

#include "message/address.h"

/* The pattern is the sender, but for its extension. */
static bool
is_without_extension(
    struct span pattern, struct span sender, const char *delimiters)
{
	struct span local, domain, user, extension, rest;

	(void)address_split(sender, &local, &domain);
	if (!address_extension(local, delimiters, &user, &extension) ||
	    pattern.n < user.n || !span_ieq(span_head(pattern, user.n), user))
		return false;
	rest = span_skip(pattern, user.n);
	/* what stands behind the local part, its '@' too */
	return span_ieq(rest, span_skip(sender, local.n));
}

bool
sender_pattern_has(
    struct span patterns, struct span sender, const struct sender_style *style)
{
	struct span pattern, local, domain;
	bool whole = address_split(sender, &local, &domain);

	while (span_word(&patterns, ", \t\r\n", &pattern)) {
		if (span_is(pattern, "*"))
			return true;
		if (sender.n == 0) {
			if (span_is(pattern, style->null_key))
				return true;
		} else if (span_at(pattern, 0) == '@') {
			if (whole && span_ieq(span_skip(pattern, 1), domain))
				return true;
		} else if (span_ieq(pattern, sender) ||
		    is_without_extension(pattern, sender, style->delimiters)) {
			return true;
		}
	}
	return false;
}
