/* visit_filter.c - which of the mailboxes that NOTIFY and ESEARCH speak of are
 * an owner's */

#include "imapd/visit_filter.h"

#include "base/buf.h"
#include "imapd/reply.h"
#include "imapd/session.h"
#include "imapd/shared.h"
#include "imapd/sources.h"
#include "mailbox/tree.h"
#include "wire/imap_notify.h"

bool
visit_is_below(const struct session *s, struct span name, struct span base)
{
	return span_eq(span_head(name, base.n), base) &&
	    (name.n == base.n ||
		name.p[base.n] == tree_conf(s->tree)->separator);
}

/* "mailboxes (a b)", begun with its first name. */
struct putting {
	const struct session *s;
	const struct visit_filters *how;
	struct buf *out;
	bool any;
};

static void
put_name(struct putting *p, const char *kind, struct span name)
{
	if (p->any)
		buf_add_byte(p->out, ' ');
	else
		buf_printf(p->out, "%s%s (", p->how->before, kind);
	reply_put_mailbox(p->s, p->out, name);
	p->any = true;
}

static void
put_end(struct putting *p)
{
	if (p->any)
		buf_printf(p->out, ")%s", p->how->behind);
	p->any = false;
}

/* Of "#shared" itself what is below it. */
static void
put_names(struct putting *p, const struct imap_filter *f)
{
	const char *kind = f->kind == FILTER_SUBTREE ? "subtree"
	    : f->kind == FILTER_SUBTREE_ONE          ? "subtree-one"
						     : "mailboxes";

	for (size_t i = 0; i < f->count; i++)
		if (visit_is_below(p->s, f->names[i], p->how->base))
			put_name(p, kind, f->names[i]);
		else if (f->kind == FILTER_SUBTREE &&
		    span_is(f->names[i], p->s->conf->shared))
			put_name(p, kind, p->how->base);
	put_end(p);
	for (size_t i = 0; i < f->count; i++)
		if (f->kind == FILTER_SUBTREE_ONE &&
		    span_is(f->names[i], p->s->conf->shared))
			put_name(p, "mailboxes", p->how->base);
	put_end(p);
}

static void
put_subscribed(struct putting *p)
{
	const struct sources *have = p->how->have;

	for (size_t i = 0; i < have->subscribed_count; i++)
		if (visit_is_below(p->s, have->subscribed[i], p->how->base))
			put_name(p, "mailboxes", have->subscribed[i]);
	put_end(p);
}

void
visit_put_filter(const struct session *s, const struct visit_filters *how,
    const struct imap_filter *f, struct buf *out)
{
	struct putting p = { .s = s, .how = how, .out = out };

	switch (f->kind) {
	case FILTER_SUBSCRIBED:
		put_subscribed(&p);
		break;
	case FILTER_SUBTREE:
	case FILTER_SUBTREE_ONE:
	case FILTER_MAILBOXES:
		put_names(&p, f);
		break;
	case FILTER_SELECTED:
	case FILTER_SELECTED_DELAYED:
	case FILTER_INBOXES:
	case FILTER_PERSONAL:
		break;
	}
}

bool
visit_filter_reaches(const struct session *s, const struct sources *have,
    const struct imap_filter *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (shared_has(s->conf, f->names[i]))
			return true;
	for (size_t i = 0;
	     f->kind == FILTER_SUBSCRIBED && i < have->subscribed_count; i++)
		if (shared_has(s->conf, have->subscribed[i]))
			return true;
	return false;
}
