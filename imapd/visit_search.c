/*
 * visit_search.c - ESEARCH over other users' folders (RFC 7377)
 *
 * Each owner's imapd gets the command once, with the sources that are his, and
 * its answers are passed on. What a visitor may not see is not searched there,
 * and an owner who shares nothing with us is not asked.
 */

#include "imapd/visit_search.h"

#include "base/arena.h"
#include "base/buf.h"
#include "imapd/session.h"
#include "imapd/share.h"
#include "imapd/shared.h"
#include "imapd/sources.h"
#include "imapd/visit.h"
#include "imapd/visit_filter.h"
#include "imapd/visit_inside.h"
#include "wire/imap_notify.h"

static void
put_sources(struct session *s, const struct visit_search *q, struct span base,
    struct buf *out)
{
	const struct visit_filters f = {
		.have = q->have, .base = base, .before = " ", .behind = ""
	};

	for (size_t i = 0; q->have != NULL && i < q->asked->count; i++)
		visit_put_filter(s, &f, &q->asked->list[i], out);
}

static bool
reaches(const struct session *s, const struct visit_search *q)
{
	for (size_t i = 0; q->have != NULL && i < q->asked->count; i++)
		if (visit_filter_reaches(s, q->have, &q->asked->list[i]))
			return true;
	return false;
}

/* False: the visit is over, or its answer no. */
static bool
ask(struct session *s, struct visit *v, struct span sources, struct span keys)
{
	struct buf line = BUF_EMPTY;
	enum said said = SAID_GONE;

	/* the answers name the command, so it has the client's tag */
	buf_add_span(&line, s->tag);
	buf_add_str(&line, " ESEARCH IN (");
	buf_add_span(&line, sources);
	buf_add_str(&line, ") ");
	if (visit_enable(s, v)) {
		stream_put(v->io, buf_span(&line));
		stream_put(v->io, keys);
		said = visit_answer(s, v, s->tag, TO_SEARCH, NULL);
	}
	buf_free(&line);
	if (said == SAID_GONE)
		visit_end(s, v);
	return said == SAID_OK;
}

static bool
search_owner(struct session *s, struct span owner, const struct visit_search *q)
{
	struct visit *here = visit_selected(s) ? s->visits->selected : NULL;
	struct buf base = BUF_EMPTY, sources = BUF_EMPTY;
	bool denied = true, good = true;
	struct visit *v = NULL;

	if (q->selected && here != NULL &&
	    span_eq(buf_span(&here->owner), owner))
		buf_add_str(&sources, " selected");
	if (shared_base(s->conf, owner, &base))
		put_sources(s, q, buf_span(&base), &sources);
	if (sources.n > 0)
		v = visit_owner(s, owner, 0, &denied);
	if (v != NULL)
		good = ask(s, v, span_skip(buf_span(&sources), 1), q->keys);
	else
		good = denied;
	buf_free(&base);
	buf_free(&sources);
	return good;
}

bool
visit_search(struct session *s, const struct visit_search *q)
{
	struct visit *here = visit_selected(s) ? s->visits->selected : NULL;
	struct span first = SPAN(""), *owners;
	bool good = true;
	size_t n = 0;

	if (!share_can(s))
		return true;
	if (q->selected && here != NULL) {
		first = arena_span(s->a, buf_span(&here->owner));
		good = search_owner(s, first, q);
	}
	if (!reaches(s, q))
		return good;
	owners = share_owners(s, &n);
	for (size_t i = 0; i < n && !stream_failed(s->io); i++)
		if (first.n == 0 || !span_eq(owners[i], first))
			good = search_owner(s, owners[i], q) && good;
	return good;
}
