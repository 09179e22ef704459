/* switch.c - master_service_disable and maillog_file_prefixes */

#include "master/switch.h"

#include "base/span.h"
#include "config/param.h"

static bool
fits(struct span item, struct span name, struct span type)
{
	struct span head = span_head(item, name.n);
	struct span rest = span_skip(item, name.n);

	if (span_eq(item, type))
		return true;
	return item.n > name.n && span_eq(head, name) &&
	    (span_at(rest, 0) == '/' || span_at(rest, 0) == '.') &&
	    span_eq(span_skip(rest, 1), type);
}

bool
service_is_disabled(const char *list, const char *name, const char *type)
{
	struct span rest = span_str(list), item;

	while (param_list_next(&rest, &item)) {
		bool off = true;

		for (; span_at(item, 0) == '!'; item = span_skip(item, 1))
			off = !off;
		if (fits(item, span_str(name), span_str(type)))
			return off;
	}
	return false;
}

bool
log_path_allowed(const char *prefixes, const char *path)
{
	struct span rest = span_str(prefixes), item, whole = span_str(path);

	if (whole.n == 0)
		return true;
	if (span_search(whole, SPAN("/../")) < whole.n)
		return false;
	while (param_list_next(&rest, &item)) {
		struct span tail;

		while (item.n > 1 && span_ends(item, "/"))
			item = span_head(item, item.n - 1);
		tail = span_skip(whole, item.n);
		if (span_eq(span_head(whole, item.n), item) &&
		    (tail.n == 0 || span_at(tail, 0) == '/' ||
			span_is(item, "/")))
			return true;
	}
	return false;
}
