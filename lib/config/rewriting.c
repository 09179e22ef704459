/* rewriting.c - are there tables that change senders, headers or copies? */

#include "config/rewriting.h"

#include <stddef.h>

#include "config/param.h"

static bool
is_given(const struct main_cf *m, const char *name)
{
	const char *value = m == NULL ? NULL : main_cf_raw(m, name);

	return value != NULL && span_trim(span_str(value)).n > 0;
}

bool
rewriting_wants_rcpts(const struct main_cf *m)
{
	return is_given(m, "recipient_bcc_maps");
}

bool
rewriting_wanted(const struct main_cf *m)
{
	static const char *const names[] = { "canonical_maps",
		"sender_canonical_maps", "recipient_canonical_maps",
		"masquerade_domains", "always_bcc", "sender_bcc_maps" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (is_given(m, names[i]))
			return true;
	return rewriting_wants_rcpts(m);
}
