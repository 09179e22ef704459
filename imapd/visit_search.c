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
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/share.h"
#include "imapd/shared.h"
#include "imapd/sources.h"
#include "imapd/visit.h"
#include "imapd/visit_inside.h"
#include "mailbox/tree.h"
#include "wire/imap_notify.h"

/* The name is base or lies below it. */
static bool
is_below(const struct session *s, struct span name, struct span base)
{
	return span_eq(span_head(name, base.n), base) &&
	    (name.n == base.n ||
		name.p[base.n] == tree_conf(s->tree)->separator);
}

/* "mailboxes (a b)", of which all or those of an owner are put. */
struct putting {
	const struct session *s;
	struct span base; /* of the owner */
	struct buf *out;
	bool any;
};

static void
put_name(struct putting *p, const char *kind, struct span name)
{
	if (p->any)
		buf_add_byte(p->out, ' ');
	else
		buf_printf(p->out, "%s%s (", p->out->n > 0 ? " " : "", kind);
	reply_put_mailbox(p->s, p->out, name);
	p->any = true;
}

static void
put_end(struct putting *p)
{
	if (p->any)
		buf_add_byte(p->out, ')');
	p->any = false;
}

/* Names of the client's; of "#shared" itself what is below it. */
static void
put_names(struct putting *p, const struct imap_filter *f)
{
	const char *kind = f->kind == FILTER_SUBTREE ? "subtree"
	    : f->kind == FILTER_SUBTREE_ONE          ? "subtree-one"
						     : "mailboxes";

	for (size_t i = 0; i < f->count; i++)
		if (is_below(p->s, f->names[i], p->base))
			put_name(p, kind, f->names[i]);
		else if (f->kind == FILTER_SUBTREE &&
		    span_is(f->names[i], p->s->conf->shared))
			put_name(p, kind, p->base);
	put_end(p);
	for (size_t i = 0; i < f->count; i++)
		if (f->kind == FILTER_SUBTREE_ONE &&
		    span_is(f->names[i], p->s->conf->shared))
			put_name(p, "mailboxes", p->base);
	put_end(p);
}

static void
put_subscribed(struct putting *p, const struct sources *have)
{
	for (size_t i = 0; i < have->subscribed_count; i++)
		if (is_below(p->s, have->subscribed[i], p->base))
			put_name(p, "mailboxes", have->subscribed[i]);
	put_end(p);
}

static void
put_sources(struct putting *p, const struct visit_search *q)
{
	for (size_t i = 0; q->have != NULL && i < q->asked->count; i++) {
		const struct imap_filter *f = &q->asked->list[i];

		switch (f->kind) {
		case FILTER_SUBSCRIBED:
			put_subscribed(p, q->have);
			break;
		case FILTER_SUBTREE:
		case FILTER_SUBTREE_ONE:
		case FILTER_MAILBOXES:
			put_names(p, f);
			break;
		case FILTER_SELECTED:
		case FILTER_SELECTED_DELAYED:
		case FILTER_INBOXES:
		case FILTER_PERSONAL:
			break;
		}
	}
}

/* Is another's folder meant by any source? */
static bool
reaches(const struct session *s, const struct visit_search *q)
{
	for (size_t i = 0; q->have != NULL && i < q->asked->count; i++) {
		const struct imap_filter *f = &q->asked->list[i];

		for (size_t k = 0; k < f->count; k++)
			if (shared_has(s->conf, f->names[k]))
				return true;
		for (size_t k = 0; f->kind == FILTER_SUBSCRIBED &&
		     k < q->have->subscribed_count;
		     k++)
			if (shared_has(s->conf, q->have->subscribed[k]))
				return true;
	}
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
		buf_add_str(&sources, "selected");
	if (shared_base(s->conf, owner, &base))
		put_sources(
		    &(struct putting){
			.s = s, .base = buf_span(&base), .out = &sources },
		    q);
	if (sources.n > 0)
		v = visit_owner(s, owner, 0, &denied);
	if (v != NULL)
		good = ask(s, v, buf_span(&sources), q->keys);
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
