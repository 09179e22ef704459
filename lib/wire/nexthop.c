/* nexthop.c - next hops as main.cf and transport(5) write them */

#include "wire/nexthop.h"

bool
nexthop_split(
    struct span text, struct span *host, struct span *port, bool *bracketed)
{
	size_t end;

	if (span_istarts(text, "inet:"))
		text = span_skip(text, 5);
	*bracketed = span_starts(text, "[");
	if (*bracketed) {
		end = span_find(text, ']');
		*host = span_skip(span_head(text, end), 1);
		text = span_skip(text, end + 1);
		if (text.n > 0 && text.p[0] != ':')
			return false;
	} else {
		end = span_rfind(text, ':');
		*host = span_head(text, end);
		text = span_skip(text, end);
	}
	*port = span_skip(text, 1);
	return host->n > 0;
}
