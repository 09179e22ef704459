/* nul_ends.c - keys and values that end in NUL in a table's file, or do not */

#include "maps/nul_ends.h"

#include <string.h>

#include "base/buf.h"
#include "maps/map_type.h"

static struct span
without_nul(struct span s)
{
	return s.n > 0 && s.p[s.n - 1] == '\0' ? span_head(s, s.n - 1) : s;
}

enum map_result
nul_get(
    nul_get_fn *get, void *file, struct span key, struct buf *out, int *error)
{
	struct buf with_nul = BUF_EMPTY;
	enum map_result got;

	buf_add_span(&with_nul, key);
	buf_add_byte(&with_nul, '\0');
	got = get(file, buf_span(&with_nul), out, error);
	buf_free(&with_nul);
	if (got == MAP_NONE)
		got = get(file, key, out, error);
	buf_cut(out, without_nul(buf_span(out)).n);
	return got;
}

void
nul_each(void *each, struct span key, struct span value)
{
	struct nul_each *e = each;

	e->fn(e->arg, without_nul(key), without_nul(value));
}

enum map_result
nul_check(const struct map *m, const struct buf *out, struct why *why)
{
	if (out->n > 0 && memchr(out->p, '\0', out->n) != NULL)
		return map_trouble(m, why, "a value with NUL inside");
	return MAP_FOUND;
}
