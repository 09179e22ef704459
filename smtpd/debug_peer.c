/*
 * debug_peer.c - debug_peer_list: whose conversation is written down
 *
 * In the shape of Postfix: "< HOST: LINE" from the client, "> HOST: LINE" to
 * it.
 */

#include "smtpd/debug_peer.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "config/param.h"
#include "service/notice.h"
#include "smtpd/cidr_list.h"
#include "smtpd/session.h"

enum { LINE_MOST = 500 };

struct debug_peers {
	struct cidr_list *networks;
	struct span *names;
	size_t count;
};

static bool
is_network(struct span item)
{
	while (span_at(item, 0) == '!')
		item = span_skip(item, 1);
	return span_at(item, 0) == '[' || span_find(item, ':') < item.n ||
	    span_find(item, '/') < item.n ||
	    span_find_any(item,
		"abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ") == item.n;
}

struct debug_peers *
debug_peers_new(struct arena *a, struct span list, struct why *why)
{
	struct debug_peers *d = arena_alloc(a, sizeof(*d));
	struct buf networks = BUF_EMPTY;
	struct span rest = list, item;
	size_t n = 0;

	while (param_list_next(&rest, &item))
		n++;
	d->names = arena_array(a, n, sizeof(*d->names));
	rest = list;
	while (param_list_next(&rest, &item)) {
		if (is_network(item)) {
			buf_add_span(&networks, item);
			buf_add_byte(&networks, ' ');
		} else {
			d->names[d->count++] = arena_span(a, item);
		}
	}
	d->networks = cidr_list_new(buf_span(&networks), why);
	buf_free(&networks);
	return d->networks == NULL ? NULL : d;
}

void
debug_peers_free(struct debug_peers **d)
{
	if (*d != NULL)
		cidr_list_free(&(*d)->networks);
	*d = NULL;
}

bool
debug_peers_has(
    const struct debug_peers *d, struct span name, struct span address)
{
	for (size_t i = 0; i < d->count; i++) {
		struct span item = d->names[i], tail;

		if (span_at(item, 0) == '.')
			item = span_skip(item, 1);
		if (item.n == 0 || item.n > name.n)
			continue;
		tail = span_skip(name, name.n - item.n);
		if (span_ieq(tail, item) &&
		    (name.n == item.n ||
			span_at(name, name.n - item.n - 1) == '.'))
			return true;
	}
	return cidr_list_has(d->networks, address);
}

static void
line_log(const struct session *s, char side, struct span line)
{
	struct buf text = BUF_EMPTY;

	log_quote(&text, line, LINE_MOST);
	log_info("%c %s: %s", side, s->client.label, buf_str(&text));
	buf_free(&text);
}

void
debug_said(const struct session *s, struct span line, bool secret)
{
	struct buf text = BUF_EMPTY;

	if (!s->debug)
		return;
	transcript_hide(&text, line);
	line_log(s, '<', secret ? SPAN("(not shown)") : buf_span(&text));
	buf_free(&text);
}

void
debug_told(const struct session *s, struct span lines)
{
	struct span line = { NULL, 0 };

	while (s->debug && lines.n > 0 && span_cut(&lines, '\n', &line))
		line_log(s, '>',
		    span_ends(line, "\r") ? span_head(line, line.n - 1) : line);
}
