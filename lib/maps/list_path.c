/* list_path.c - the names in a path of forward_path: $home/.forward */

#include "maps/list_path.h"

#include "base/buf.h"

static struct span
take_name(struct span *rest)
{
	bool braced = span_at(*rest, 0) == '{' || span_at(*rest, 0) == '(';
	size_t n = 0;
	struct span name;

	if (braced)
		*rest = span_skip(*rest, 1);
	while (ascii_alnum(span_at(*rest, n)) || span_at(*rest, n) == '_')
		n++;
	name = span_head(*rest, n);
	*rest = span_skip(*rest, braced ? n + 1 : n);
	return name;
}

bool
list_path_expand(
    struct span item, list_path_fn *fn, const void *arg, struct buf *out)
{
	while (item.n > 0) {
		size_t plain = span_find(item, '$');

		buf_add_span(out, span_head(item, plain));
		item = span_skip(item, plain);
		if (item.n == 0)
			break;
		item = span_skip(item, 1);
		if (!fn(arg, take_name(&item), out))
			return false;
	}
	return true;
}
