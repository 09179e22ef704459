/*
 * text_map.c - texthash: and inline:, read whole into memory
 *
 * texthash:NAME reads what postmap would compile; inline:{a=b, {c = d e}}
 * stands in main.cf itself. Of two entries with one key the first holds, as
 * with postmap.
 */

#include "maps/map_type.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/table.h"
#include "base/utf8.h"
#include "maps/items.h"
#include "maps/source.h"

/* False when the key was there. */
static bool
keep(struct map *m, struct span key, struct span value)
{
	struct span folded = map_fold(m, key);

	if (table_get(m->state, folded) != NULL)
		return false;
	table_put(m->state, folded, mem_span(value));
	return true;
}

static void
keep_line(struct map *m, size_t at, struct span line)
{
	struct span key, value;
	const char *wrong = utf8_valid(line) ? source_pair(line, &key, &value)
					     : "non-UTF-8 input";

	if (wrong != NULL)
		map_warn_line(m, at, "%s -- ignoring this line", wrong);
	else if (!keep(m, key, value))
		map_warn_line(
		    m, at, "duplicate entry: \"%.*s\"", (int)key.n, key.p);
}

static bool
texthash_open(struct map *m, struct why *why)
{
	struct buf text = BUF_EMPTY;
	struct span line;
	struct source s;

	m->state = table_new();
	if (!map_text(m, &text, why)) {
		buf_free(&text);
		return false;
	}
	source_init(&s, buf_span(&text));
	while (source_next(&s, &line))
		keep_line(m, s.first, line);
	source_done(&s);
	buf_free(&text);
	return true;
}

/* "key=value" or "{ key = value }". */
static bool
keep_item(struct map *m, struct span item, struct why *why)
{
	size_t sign;

	items_unbrace(&item);
	sign = span_find(item, '=');
	if (sign == item.n || span_trim(span_head(item, sign)).n == 0) {
		map_trouble(
		    m, why, "\"%.*s\" is not name=value", (int)item.n, item.p);
		return false;
	}
	keep(m, span_trim(span_head(item, sign)),
	    span_trim(span_skip(item, sign + 1)));
	return true;
}

static bool
inline_open(struct map *m, struct why *why)
{
	struct span rest = span_str(m->name), item;
	bool all = true;

	m->state = table_new();
	if (!items_unbrace(&rest) || span_trim(rest).n == 0) {
		map_trouble(m, why, "bad syntax; need inline:{name=value...}");
		return false;
	}
	while (all && items_next(&rest, &item))
		all = keep_item(m, item, why);
	return all;
}

static enum map_result
text_get(struct map *m, struct span key, struct buf *out, struct why *why)
{
	const char *value = table_get(m->state, key);

	(void)why;
	if (value == NULL)
		return MAP_NONE;
	buf_add_str(out, value);
	return MAP_FOUND;
}

static enum map_result
text_each(struct map *m, map_each_fn *fn, void *arg, struct why *why)
{
	struct span key;
	size_t at = 0;
	void *value;

	(void)why;
	while (table_next(m->state, &at, &key, &value))
		fn(arg, key, span_str(value));
	return MAP_NONE;
}

static void
text_close(struct map *m)
{
	struct table *t = m->state;

	if (t != NULL)
		table_free(&t, free);
	m->state = NULL;
}

const struct map_type map_type_texthash = {
	.name = "texthash",
	.fixed = true,
	.open = texthash_open,
	.get = text_get,
	.each = text_each,
	.close = text_close,
};

const struct map_type map_type_inline = {
	.name = "inline",
	.fixed = true,
	.open = inline_open,
	.get = text_get,
	.each = text_each,
	.close = text_close,
};
