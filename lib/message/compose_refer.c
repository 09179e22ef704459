/*
 * compose_refer.c - In-Reply-To and References (RFC 5322, 3.6.4)
 *
 * Ids are taken from a message of somebody else's: what is none is left out.
 */

#include "message/compose.h"

#include "base/buf.h"
#include "message/header.h"

/* The next <id> of *rest. */
static bool
next_id(struct span *rest, struct span *id)
{
	size_t at, end;

	for (;;) {
		at = span_find(*rest, '<');
		if (at == rest->n)
			return false;
		*rest = span_skip(*rest, at);
		end = span_find_any(span_skip(*rest, 1), "<> \t\r\n") + 1;
		*id = span_head(*rest, end + 1);
		if (span_at(*rest, end) == '>')
			break;
		*rest = span_skip(*rest, end);
	}
	*rest = span_skip(*rest, id->n);
	return true;
}

/* Of others than visible ASCII only an internationalized message may have ids
 * (RFC 6532, 3.3), and ours is none. */
static bool
is_plain(struct span id)
{
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] <= ' ' || id.p[i] > '~')
			return false;
	return true;
}

/* Append all ids of the first field of that name; how many. */
static size_t
add_ids(struct buf *out, struct span message, const char *name)
{
	struct header_field f;
	struct span rest, id;
	size_t count = 0;

	if (!header_find(message, name, &f))
		return 0;
	rest = f.value;
	while (next_id(&rest, &id)) {
		if (!is_plain(id))
			continue;
		buf_add_str(out, out->n == 0 ? "" : " ");
		buf_add_span(out, id);
		count++;
	}
	return count;
}

/* Drop ids from the front until it is short enough. */
static struct span
last_ids(const struct buf *ids)
{
	struct span s = buf_span(ids);

	while (s.n > COMPOSE_REFERENCES_MAX)
		s = span_skip(s, span_find(s, ' ') + 1);
	return s;
}

void
compose_refer(struct compose *c, struct span message)
{
	struct buf ids = BUF_EMPTY, id = BUF_EMPTY;

	(void)add_ids(&id, message, "Message-ID");
	if (add_ids(&ids, message, "References") == 0 &&
	    add_ids(&ids, message, "In-Reply-To") != 1)
		buf_clear(&ids);
	if (id.n > 0 && id.n <= COMPOSE_REFERENCES_MAX) {
		buf_add_str(&ids, ids.n == 0 ? "" : " ");
		buf_add_span(&ids, buf_span(&id));
		(void)compose_field_raw(c, "In-Reply-To", buf_span(&id));
	}
	if (last_ids(&ids).n > 0)
		(void)compose_field_raw(c, "References", last_ids(&ids));
	buf_free(&ids);
	buf_free(&id);
}
