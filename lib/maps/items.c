/*
 * items.c - lists in table names and parameters
 *
 * The rule of Postfix: items are parted by blanks and commas, and braces keep
 * both inside an item, as in "inline:{ {a = b c}, d=e }".
 */

#include "maps/items.h"

static bool
separates(int c)
{
	return c == ',' || ascii_space(c);
}

/* Length of the item at the front of s. */
static size_t
item_length(struct span s)
{
	size_t depth = 0, i;

	for (i = 0; i < s.n; i++) {
		int c = span_at(s, i);

		if (c == '{')
			depth++;
		else if (c == '}' && depth > 0)
			depth--;
		else if (depth == 0 && separates(c))
			break;
	}
	return i;
}

bool
items_next(struct span *rest, struct span *item)
{
	size_t n = 0;

	while (n < rest->n && separates(span_at(*rest, n)))
		n++;
	*rest = span_skip(*rest, n);
	if (rest->n == 0)
		return false;
	*item = span_head(*rest, item_length(*rest));
	*rest = span_skip(*rest, item->n);
	return true;
}

bool
items_unbrace(struct span *s)
{
	size_t depth = 0;

	if (s->n < 2 || s->p[0] != '{' || s->p[s->n - 1] != '}')
		return false;
	for (size_t i = 0; i + 1 < s->n; i++) {
		if (s->p[i] == '{')
			depth++;
		else if (s->p[i] == '}' && --depth == 0)
			return false;
	}
	if (depth != 1)
		return false;
	*s = span_trim(span_head(span_skip(*s, 1), s->n - 2));
	return true;
}
